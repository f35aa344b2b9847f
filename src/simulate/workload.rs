//! What people do in a simulated world: buy, cancel, ship, bring back, receive, move.

use super::layout::promised;
use super::order::{Event, Order, Part, Transfer};
use super::world::World;
use crate::model::movement::Movement;
use crate::model::{LocationId, SystemId};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How often the owner of a file writes a new one.
const EXPORT_MS: i64 = 300_000;

impl World {
    /// Time goes by, and people do what they do.
    pub fn pass(&mut self, ms: i64) {
        let mut left = ms.max(0);
        while left > 0 {
            let step = left.min(self.pace.grain_ms.max(1));
            left -= step;
            self.now_ms.set(self.now() + step);
            self.step(step);
        }
    }

    fn step(&mut self, ms: i64) {
        if self.open {
            for _ in 0..self.dice.times(self.pace.order_ms, ms) {
                self.ask();
            }
        }
        let mut at = 0;
        while at < self.live.len() {
            let order = self.live[at];
            self.live_on(order, ms);
            if self.orders[order].settled() {
                self.live.swap_remove(at);
            } else {
                at += 1;
            }
        }
        if self.open {
            (0..self.dice.times(self.pace.receipt_ms, ms)).for_each(|_| self.receive());
            (0..self.dice.times(self.pace.return_ms, ms)).for_each(|_| self.bring_back());
            if self.idle {
                (0..self.dice.times(self.pace.transfer_ms, ms)).for_each(|_| self.transfer());
            }
        }
        (0..self.dice.times(self.pace.inspect_ms, ms)).for_each(|_| self.inspect());
        for at in 0..self.feeds.len() {
            let now = self.now();
            if self.feeds[at].as_ref().is_some_and(|feed| now - feed.taken_ms >= EXPORT_MS) {
                self.export(SystemId::at(at));
            }
        }
    }

    /// Somebody wants one or two of something.
    fn ask(&mut self) {
        let sold = self.layout.sold.len();
        let (cell, units) = (self.dice.below(sold), self.dice.between(1, 2));
        let named = self.dice.between(1, 100) > self.pace.nameless;
        self.asked += 1;
        let Some(cell) = self.layout.sold.get(cell).copied() else { return };
        if self.skip.contains(&self.asked) {
            return;
        }
        if self.levels[cell].shown() < units {
            return self.turn_away(cell, units);
        }
        let own = &self.layout.cells[cell];
        let (flow, pool) = (own.flow, own.places.len() > 1);
        let items: Vec<_> = own.parts.clone();
        let before: Vec<i64> = items.iter().map(|(item, _)| self.missing(*item, false)).collect();
        let order = self.place(cell, units, named || !pool);
        let lacks = |(at, (item, each)): (usize, &(crate::model::ItemId, i64))| {
            let more = self.missing(*item, false) - before[at];
            more.max(0).div_euclid((*each).max(1)) + i64::from(more.max(0) % (*each).max(1) > 0)
        };
        let over = items.iter().enumerate().map(lacks).max().unwrap_or(0).min(units);
        let tally = &mut self.tallies[flow.index()];
        tally.sold += units;
        tally.oversold += over;
        self.tell(|world| {
            let left = world.levels[cell].shown();
            let number = world.orders[order].number;
            let lack = if over > 0 { format!(", {over} of them not there") } else { String::new() };
            format!(
                "{}: {units} sold in S{number} (asking {}){lack}; shows {left}",
                world.name(cell),
                world.asked
            )
        });
        if over > 0 && self.fails_on_oversold {
            let message = format!("{} sold {over} more than is there", self.name(cell));
            self.break_with("oversold", message);
        }
    }

    fn turn_away(&mut self, cell: usize, units: i64) {
        let own = &self.layout.cells[cell];
        let free = |(item, each): &(crate::model::ItemId, i64)| {
            let (left, _) = self.left(*item, false);
            let here = left.iter().filter(|(spot, _)| own.places.contains(&self.layout.spots[*spot].place));
            here.map(|(_, there)| *there).sum::<i64>() / (*each).max(1)
        };
        // Nobody takes one where they want two: what is short of that is not there for them.
        let there = own.parts.iter().map(free).min().unwrap_or(0) >= units;
        self.tallies[own.flow.index()].turned_away += if there { units } else { 0 };
    }

    /// An order is placed.
    fn place(&mut self, cell: usize, units: i64, named: bool) -> usize {
        let own = &self.layout.cells[cell];
        let (channel, parts) = (own.system, own.parts.len());
        let way = &self.layout.ways[channel.index()];
        let (number, at, now) = (self.orders.len() + 1, self.orders.len(), self.now());
        let scope = own.places.clone();
        let place = if let [only] = scope.as_slice() { Some(*only) } else { None };
        let document = format!("S{number}");
        let reference =
            way.collect.and_then(|flow| crate::ledger::reference(&self.model, flow, &document, "1"));
        let reference = reference
            .unwrap_or_else(|| format!("{}-{document}", self.model.system(channel).name).as_str().into());
        let keeper = place.and_then(|place| {
            self.layout.spot_of.get(&(own.parts.first()?.0, place)).map(|at| self.layout.spots[*at].keeper)
        });
        let late = keeper.and_then(|keeper| promised(&self.model, way, keeper));
        let late = late.map(|late| i64::try_from(late.as_millis()).unwrap_or(i64::MAX));
        let due_ms = late.map(|late| now.saturating_add(self.dice.between(0, (late - 1).max(0))));
        self.references.insert(reference.clone(), at);
        self.orders.push(Order {
            number,
            cell,
            ordered: units,
            open: units,
            shipped: 0,
            cancelled: 0,
            returned: 0,
            placed_ms: now,
            last_ms: now,
            named,
            scope,
            place,
            reference,
            due_ms,
            taken_ms: None,
            book: vec![Part::default(); parts],
            document: Vec::new(),
        });
        self.live.push(at);
        self.happen(at, Movement::Order, units);
        at
    }

    /// Something happens to an order: its channel shows it, and its level follows.
    fn happen(&mut self, order: usize, movement: Movement, units: i64) {
        let now = self.now();
        let cell = self.orders[order].cell;
        self.orders[order].last_ms = now;
        let own = &self.layout.cells[cell];
        self.events.push(Event { at_ms: now, channel: own.system, order, movement, units });
        let (bridge, drops, restocks) = (own.columns.len() > 1, own.drops_on_sale(), own.restocks);
        let ships = own.decrements == crate::model::capability::DecrementsOn::Shipped;
        let level = &mut self.levels[cell];
        match movement {
            Movement::Order if bridge => level.values[1] += units,
            Movement::Order if drops => level.values[0] -= units,
            Movement::Cancellation if bridge => level.values[1] -= units,
            Movement::Cancellation if drops && restocks => level.values[0] += units,
            Movement::Shipment if bridge => {
                level.values[0] -= units;
                level.values[1] -= units;
            }
            Movement::Shipment if ships => level.values[0] -= units,
            _ => return,
        }
        level.log += 1;
    }

    /// What may happen to one order in a step.
    fn live_on(&mut self, order: usize, ms: i64) {
        let whole = self.dice.below(4) > 0;
        let (import, ship) =
            (self.dice.times(self.pace.import_ms, ms), self.dice.times(self.pace.ship_ms, ms));
        let cancel = self.dice.times(self.pace.cancel_ms, ms);
        let open = self.orders[order].open;
        let part = if whole { open } else { self.dice.between(1, open.max(1)) };
        let due = self.orders[order].due_ms.is_some_and(|due| self.now() >= due);
        if import > 0 || due {
            self.import(order);
        }
        // A keeper that reserves nothing ships what it takes in.
        let open = self.orders[order].open;
        let part = part.min(open);
        if cancel > 0 && open > 0 && self.open {
            self.orders[order].open -= part;
            self.orders[order].cancelled += part;
            self.happen(order, Movement::Cancellation, part);
            self.tell(|w| {
                format!("{}: {part} of S{} cancelled", w.name(w.orders[order].cell), w.orders[order].number)
            });
        } else if ship > 0 && open > 0 {
            self.ship(order, part);
        }
    }

    /// The keeper takes in, by itself, what its channel shows of an order.
    fn import(&mut self, order: usize) {
        if self.orders[order].place.is_none() {
            let way = &self.layout.ways[self.layout.cells[self.orders[order].cell].system.index()];
            // Where somebody posts orders, it is the posting that says where they leave from.
            if way.post.is_some() && self.orders[order].document.is_empty() {
                return;
            }
            self.orders[order].place = self.best_place(order, None);
        }
        if self.keeper(order).is_none() {
            return;
        }
        let (posts, cancels) =
            (self.posted(order, Movement::Order), self.posted(order, Movement::Cancellation));
        let spots = self.spots_of(order);
        let reserves = spots.iter().all(|spot| self.layout.spots[*spot].reserves);
        if !posts && self.orders[order].taken_ms.is_none() && self.orders[order].open > 0 {
            self.take_in(order);
            if !reserves {
                let open = self.orders[order].open;
                self.ship(order, open);
            }
        }
        if !cancels && self.orders[order].taken_ms.is_some() {
            let cancelled = self.orders[order].cancelled;
            for (at, spot) in spots.into_iter().enumerate() {
                let each = self.layout.cells[self.orders[order].cell].parts[at].1;
                let part = &mut self.orders[order].book[at];
                let more = (cancelled * each - part.cancelled).min(part.open()).max(0);
                part.cancelled += more;
                if more > 0 {
                    self.shelves[spot].reserved -= more;
                    self.touch(spot);
                }
            }
        }
    }

    /// The keeper's book has the whole order, cancelled parts as well.
    fn take_in(&mut self, order: usize) {
        self.orders[order].taken_ms = Some(self.now());
        let ordered = self.orders[order].ordered;
        for (at, spot) in self.spots_of(order).into_iter().enumerate() {
            let amount = ordered * self.layout.cells[self.orders[order].cell].parts[at].1;
            self.orders[order].book[at].ordered = amount;
            self.shelves[spot].reserved += amount;
            self.touch(spot);
        }
        self.tell(|world| {
            let keeper = world.keeper(order).map(|own| world.model.system(own).name.to_string());
            format!("{} takes S{} in", keeper.unwrap_or_default(), world.orders[order].number)
        });
    }

    /// Goods leave, as many as lie there.
    pub fn ship(&mut self, order: usize, units: i64) {
        if self.orders[order].place.is_none() {
            let post = self.layout.ways[self.layout.cells[self.orders[order].cell].system.index()].post;
            self.orders[order].place = self.best_place(order, post);
        }
        let spots = self.spots_of(order);
        let parts = self.layout.cells[self.orders[order].cell].parts.clone();
        let there =
            spots.iter().zip(&parts).map(|(spot, (_, each))| self.shelves[*spot].good / (*each).max(1));
        let mut units = units.min(there.min().unwrap_or(0)).min(self.orders[order].open);
        let posted = self.posted(order, Movement::Shipment);
        if !posted {
            // What an owner ships by itself it has in its books.
            let book = self.orders[order]
                .book
                .iter()
                .zip(&parts)
                .map(|(own, (_, each))| own.open() / (*each).max(1));
            units = units.min(book.min().unwrap_or(0));
        }
        if units <= 0 {
            return;
        }
        for (at, spot) in spots.into_iter().enumerate() {
            let amount = units * parts[at].1;
            let reserves = self.orders[order].book[at].ordered > 0;
            let shelf = &mut self.shelves[spot];
            shelf.good -= amount;
            if !posted {
                shelf.on_hand -= amount;
                shelf.reserved -= if reserves { amount } else { 0 };
                self.orders[order].book[at].shipped += amount;
                self.touch(spot);
            }
        }
        self.orders[order].open -= units;
        self.orders[order].shipped += units;
        self.happen(order, Movement::Shipment, units);
        self.shipped.push(order);
        if self.shipped.len() > 64 {
            self.shipped.remove(0);
        }
        self.tell(|w| {
            format!("{}: {units} of S{} shipped", w.name(w.orders[order].cell), w.orders[order].number)
        });
    }

    /// The place with most of an order's goods; one that `keeper` keeps before any other.
    pub fn best_place(&self, order: usize, keeper: Option<SystemId>) -> Option<LocationId> {
        let own = &self.orders[order];
        let (item, _) = self.layout.cells[own.cell].parts.first()?;
        let (left, _) = self.left(*item, false);
        let kept = |spot: usize| Some(self.layout.spots[spot].keeper) == keeper;
        let here = left.iter().filter(|(spot, _)| own.scope.contains(&self.layout.spots[*spot].place));
        let best = here.max_by_key(|(spot, there)| (kept(*spot), *there, self.shelves[*spot].good))?;
        Some(self.layout.spots[best.0].place)
    }

    fn bring_back(&mut self) {
        let at = self.dice.below(self.shipped.len());
        let Some(order) = self.shipped.get(at).copied() else { return };
        let own = &self.orders[order];
        let most = own.shipped - own.returned;
        if most <= 0 || self.now() - own.last_ms > DAY_MS / 4 {
            return;
        }
        let units = self.dice.between(1, most);
        let channel = self.layout.cells[self.orders[order].cell].system;
        let sellable = self.layout.ways[channel.index()].sellable;
        let posted = self.posted(order, Movement::Return);
        for (at, spot) in self.spots_of(order).into_iter().enumerate() {
            let amount = units * self.layout.cells[self.orders[order].cell].parts[at].1;
            self.shelves[spot].good += if sellable { amount } else { 0 };
            if !posted {
                self.orders[order].book[at].returned += amount;
                self.put_back(spot, amount, sellable);
            }
        }
        self.orders[order].returned += units;
        self.happen(order, Movement::Return, units);
        self.tell(|w| {
            format!("{}: {units} of S{} come back", w.name(w.orders[order].cell), w.orders[order].number)
        });
    }

    /// The book has goods back.
    pub fn put_back(&mut self, spot: usize, amount: i64, sellable: bool) {
        let shelf = &mut self.shelves[spot];
        if sellable {
            shelf.on_hand += amount;
        } else {
            shelf.damaged += amount;
        }
        self.touch(spot);
    }

    fn receive(&mut self) {
        let spot = self.dice.below(self.layout.spots.len());
        let units = self.dice.between(self.pace.receipt.0, self.pace.receipt.1);
        let Some(own) = self.layout.spots.get(spot) else { return };
        let sizes = own.cells.len();
        let size = self.dice.below(sizes);
        let each = self.layout.spots[spot].cells.get(size).map_or(1, |(_, each)| *each);
        let amount = units * each;
        self.shelves[spot].good += amount;
        self.shelves[spot].on_hand += amount;
        self.touch(spot);
        self.tell(|world| {
            let own = &world.layout.spots[spot];
            let (item, place) = (&world.model.item(own.item).name, &world.model.location(own.place).name);
            format!("{amount} of {item} received at {place}: {} on hand", world.shelves[spot].on_hand)
        });
    }

    /// Somebody takes goods to another place: only what no shop shows, since no sync could be fast enough for
    /// anything else.
    fn transfer(&mut self) {
        let from = self.dice.below(self.layout.spots.len());
        let Some(own) = self.layout.spots.get(from).cloned() else { return };
        let other = |to: &usize| self.layout.spots[*to].item == own.item && *to != from;
        let others: Vec<usize> = (0..self.layout.spots.len()).filter(other).collect();
        let to = self.dice.below(others.len());
        let Some(to) = others.get(to).copied() else { return };
        let (left, missing) = self.left(own.item, true);
        let free = left.iter().find(|(spot, _)| *spot == from).map_or(0, |(_, there)| *there);
        let free =
            free.min(self.shelves[from].on_hand - self.shelves[from].reserved - self.shelves[from].damaged);
        if missing > 0 || free <= 0 || self.feeds[own.keeper.index()].is_some() {
            return;
        }
        let amount = self.dice.between(1, free);
        for (spot, amount) in [(from, -amount), (to, amount)] {
            self.shelves[spot].good += amount;
            self.shelves[spot].on_hand += amount;
            self.touch(spot);
        }
        let at_ms = self.now();
        self.transfers.push(Transfer { at_ms, from, to, amount });
        self.tell(|w| {
            let place = |spot: usize| w.model.location(w.layout.spots[spot].place).name.to_string();
            format!("{amount} of {} go from {} to {}", w.model.item(own.item).name, place(from), place(to))
        });
    }

    /// Somebody looks at what has come back, and throws it away.
    fn inspect(&mut self) {
        let spot = self.dice.below(self.layout.spots.len());
        if self.shelves.get(spot).is_some_and(|shelf| shelf.damaged > 0) {
            self.shelves[spot].damaged = 0;
            self.touch(spot);
        }
    }
}

//! The world of a simulation: it knows every unit. Systems show what they would, and the truth is kept here.

use super::dice::Dice;
use super::faults::Faults;
use super::layout::{Layout, Sellable};
use super::order::{Event, Order, Transfer};
use super::pace::Pace;
use super::scene::Scene;
use crate::model::capability::{DecrementsOn, WriteClass};
use crate::model::movement::Movement;
use crate::model::observation::OpenLine;
use crate::model::{FlowId, ItemId, Lookup, Model, Name, SystemId};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One shelf in base units: what is really there, and what its owners' books say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Units that can be sold or are sold already, and lie there.
    pub good: i64,
    /// On hand, by the book.
    pub on_hand: i64,
    /// Promised, by the book.
    pub reserved: i64,
    /// Back and not to be sold, by the book.
    pub damaged: i64,
}

/// What one cell of a target shows.
#[derive(Debug, Clone, Default)]
pub struct Level {
    /// Its columns.
    pub values: Vec<i64>,
    /// How many movements its log holds.
    pub log: u64,
    /// When onhand wrote it last.
    pub written_ms: Option<i64>,
    /// Keys of writes that were carried out.
    pub keys: BTreeSet<String>,
}

impl Level {
    /// What people can buy.
    pub fn shown(&self) -> i64 {
        let taken: i64 = self.values.iter().skip(1).sum();
        self.values.first().copied().unwrap_or_default() - taken
    }
}

/// What a file's owner has exported last.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    /// When.
    pub taken_ms: i64,
    /// The books of all shelves then.
    pub shelves: Vec<Shelf>,
    /// The open lines then.
    pub lines: Vec<OpenLine>,
}

/// What is counted for one flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Units sold.
    pub sold: i64,
    /// Units sold that were not there.
    pub oversold: i64,
    /// Units asked for and refused although they were there.
    pub turned_away: i64,
    /// The worst lag, in milliseconds; `None` where none was seen.
    pub lag_ms: Option<i64>,
    /// Entries of the error queue.
    pub queued: u64,
}

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The invariant, or `oversold`.
    pub what: &'static str,
    /// What is wrong, with numbers.
    pub message: String,
    /// When, in milliseconds since the world began.
    pub at_ms: i64,
}

/// The world.
#[derive(Debug)]
pub struct World {
    /// The true time, in milliseconds since 1970.
    pub now_ms: Rc<Cell<i64>>,
    /// When the world began.
    pub began_ms: i64,
    /// The topology.
    pub model: Rc<Model>,
    /// What stands where.
    pub layout: Layout,
    /// Chance for customers and hands.
    pub dice: Dice,
    /// What goes wrong.
    pub faults: Faults,
    /// How often things happen.
    pub pace: Pace,
    /// Shelves, by spot.
    pub shelves: Vec<Shelf>,
    /// What targets show, by cell.
    pub levels: Vec<Level>,
    /// Every order.
    pub orders: Vec<Order>,
    /// Orders to which something may still happen.
    pub live: Vec<usize>,
    /// Orders of which something has left lately.
    pub shipped: Vec<usize>,
    /// All before this one are over for a long time.
    pub recent: usize,
    /// Orders by the reference under which they are posted.
    pub references: Lookup<Name, usize>,
    /// What happened to orders, in its order.
    pub events: Vec<Event>,
    /// Transfers, in their order.
    pub transfers: Vec<Transfer>,
    /// What owners of files have exported, by system.
    pub feeds: Vec<Option<Feed>>,
    /// When each system's counts that were read last were true.
    pub read_ms: Vec<i64>,
    /// Since when a change of a shelf waits to be shown, by flow and spot.
    pub marks: BTreeMap<(FlowId, usize), i64>,
    /// Whether no run works now.
    pub idle: bool,
    /// Whether anybody buys.
    pub open: bool,
    /// How often anybody has asked for something.
    pub asked: usize,
    /// Askings that do not happen.
    pub skip: BTreeSet<usize>,
    /// The first breach.
    pub breach: Option<Breach>,
    /// Whether units sold that are not there are a breach.
    pub fails_on_oversold: bool,
    /// By flow.
    pub tallies: Vec<Tally>,
    /// Requests so far.
    pub calls: u64,
    /// What was told of each system last: the cells of its rows.
    pub told: BTreeMap<SystemId, Vec<String>>,
    /// What happened, for people; `None` where nobody listens.
    pub tale: Option<Vec<String>>,
}

/// 2026-11-23 09:00 UTC, a Monday: where every world begins.
const BEGAN_MS: i64 = 1_795_424_400_000;

impl World {
    /// The world of a seed.
    pub fn new(scene: &Scene, seed: u64, (pace, faults): (Pace, Faults)) -> World {
        let model = scene.model().clone();
        let layout = Layout::new(&model, scene.graph());
        let mut dice = Dice::new(seed, 1);
        let shelves: Vec<Shelf> = layout
            .spots
            .iter()
            .map(|spot| {
                let sizes: Vec<i64> = spot.cells.iter().map(|(_, each)| *each).collect();
                let size = sizes.get(dice.below(sizes.len())).copied().unwrap_or(1);
                let there = dice.between(pace.start.0, pace.start.1).saturating_mul(size);
                Shelf { good: there, on_hand: there, ..Shelf::default() }
            })
            .collect();
        let levels = layout.cells.iter().map(|cell| first_level(&layout, &shelves, cell)).collect();
        let systems = model.systems.len();
        let feeds = model.systems.iter().map(|own| (own.kind.kind == "csv").then(Feed::default)).collect();
        let mut world = World {
            now_ms: Rc::new(Cell::new(BEGAN_MS)),
            began_ms: BEGAN_MS,
            tallies: vec![Tally::default(); model.flows.len()],
            model,
            layout,
            dice,
            faults,
            pace,
            shelves,
            levels,
            orders: Vec::new(),
            live: Vec::new(),
            shipped: Vec::new(),
            recent: 0,
            references: Lookup::default(),
            events: Vec::new(),
            transfers: Vec::new(),
            feeds,
            read_ms: vec![i64::MIN; systems],
            marks: BTreeMap::new(),
            idle: true,
            open: true,
            asked: 0,
            skip: BTreeSet::new(),
            breach: None,
            fails_on_oversold: false,
            calls: 0,
            told: BTreeMap::new(),
            tale: None,
        };
        (0..systems).map(SystemId::at).for_each(|system| world.export(system));
        world
    }

    /// The true time.
    pub fn now(&self) -> i64 {
        self.now_ms.get()
    }

    /// Notes something for people, with the time since the world began.
    pub fn tell(&mut self, what: impl FnOnce(&World) -> String) {
        if self.tale.is_some() {
            let line = format!("{}  {}", clock(self.now() - self.began_ms), what(self));
            self.tale.get_or_insert_default().push(line);
        }
    }

    /// Notes a breach; only the first one counts.
    pub fn break_with(&mut self, what: &'static str, message: String) {
        if self.breach.is_none() {
            let at_ms = self.now() - self.began_ms;
            self.breach = Some(Breach { what, message, at_ms });
        }
    }

    /// Base units of an item that are promised and not there. With `shown`, as if all that targets show were
    /// sold as well. A line that may leave from several places takes what the others leave.
    pub fn missing(&self, item: ItemId, shown: bool) -> i64 {
        self.left(item, shown).1
    }

    /// What is free of an item at each of its places, and how much is missing in all.
    pub fn left(&self, item: ItemId, shown: bool) -> (Vec<(usize, i64)>, i64) {
        let low = self.layout.spots.partition_point(|spot| spot.item < item);
        let spots = self.layout.spots[low..].iter().take_while(|spot| spot.item == item).count();
        let mut left: Vec<(usize, i64)> =
            (low..low + spots).map(|spot| (spot, self.shelves[spot].good)).collect();
        let mut sets: Vec<(&[crate::model::LocationId], i64)> = Vec::new();
        let take = |left: &mut Vec<(usize, i64)>, scope: &'_ [crate::model::LocationId], amount: i64| {
            let own = |(spot, _): &&mut (usize, i64)| self.layout.spots[*spot].place == scope[0];
            if let Some((_, there)) = left.iter_mut().find(own) {
                *there -= amount;
            }
        };
        for order in self.live.iter().map(|at| &self.orders[*at]).filter(|order| order.open > 0) {
            let parts = &self.layout.cells[order.cell].parts;
            let Some((_, each)) = parts.iter().find(|(own, _)| *own == item) else { continue };
            let amount = each * order.open;
            match (&order.place, order.scope.as_slice()) {
                (Some(place), _) => take(&mut left, std::slice::from_ref(place), amount),
                (None, [_]) => take(&mut left, &order.scope, amount),
                (None, scope) => sets.push((scope, amount)),
            }
        }
        if shown {
            for (at, cell) in self.layout.cells.iter().enumerate().filter(|(_, cell)| cell.sells) {
                let Some((_, each)) = cell.parts.iter().find(|(own, _)| *own == item) else { continue };
                let amount = each * self.levels[at].shown().max(0);
                match cell.places.as_slice() {
                    [_] => take(&mut left, &cell.places, amount),
                    scope => sets.push((scope, amount)),
                }
            }
        }
        let mut missing: i64 = left.iter().map(|(_, there)| (-there).max(0)).sum();
        left.iter_mut().for_each(|(_, there)| *there = (*there).max(0));
        sets.sort_by_key(|(scope, _)| scope.len());
        for (scope, mut amount) in sets {
            for (spot, there) in &mut left {
                if scope.contains(&self.layout.spots[*spot].place) {
                    let taken = amount.min(*there);
                    (amount, *there) = (amount - taken, *there - taken);
                }
            }
            missing += amount;
        }
        (left, missing)
    }

    /// The spots that one order's parts stand on, once its place is known.
    pub fn spots_of(&self, order: usize) -> Vec<usize> {
        let own = &self.orders[order];
        let Some(place) = own.place else { return Vec::new() };
        let parts = &self.layout.cells[own.cell].parts;
        parts.iter().filter_map(|(item, _)| self.layout.spot_of.get(&(*item, place)).copied()).collect()
    }

    /// Whoever takes an order in, once its place is known.
    pub fn keeper(&self, order: usize) -> Option<SystemId> {
        self.keeper_of(&self.orders[order])
    }

    /// The same of an order itself.
    pub fn keeper_of(&self, own: &Order) -> Option<SystemId> {
        let (item, _) = self.layout.cells[own.cell].parts.first()?;
        let spot = self.layout.spot_of.get(&(*item, own.place?))?;
        Some(self.layout.spots[*spot].keeper)
    }

    /// Whether what happens to an order reaches its keeper by a posting: of orders, or of a further step.
    pub fn posted(&self, order: usize, step: Movement) -> bool {
        let way = &self.layout.ways[self.layout.cells[self.orders[order].cell].system.index()];
        let also = match step {
            Movement::Shipment => way.posts[0],
            Movement::Cancellation => way.posts[1],
            Movement::Return => way.posts[2],
            _ => true,
        };
        also && way.post.is_some() && way.post == self.keeper(order)
    }

    /// A shelf's book has changed: every flow that draws on it has something to show.
    pub fn touch(&mut self, spot: usize) {
        let own = &self.layout.spots[spot];
        if self.feeds[own.keeper.index()].is_none() {
            let now = self.now();
            for flow in &own.flows {
                self.marks.entry((*flow, spot)).or_insert(now);
            }
        }
    }

    /// An owner of files writes a new one.
    pub fn export(&mut self, system: SystemId) {
        if self.feeds[system.index()].is_none() {
            return;
        }
        let lines =
            if self.model.system(system).lists_lines() { self.open_lines(system) } else { Vec::new() };
        let now = self.now();
        let Some(feed) = &mut self.feeds[system.index()] else { return };
        let before = std::mem::replace(feed, Feed { taken_ms: now, shelves: self.shelves.clone(), lines });
        for (at, shelf) in before.shelves.iter().enumerate() {
            let own = &self.layout.spots[at];
            if own.keeper == system && *shelf != self.shelves[at] {
                for flow in &own.flows {
                    self.marks.entry((*flow, at)).or_insert(now);
                }
            }
        }
    }

    /// The name of an item's sellable at its place, for people.
    pub fn name(&self, cell: usize) -> String {
        let own = &self.layout.cells[cell];
        let (system, code) = (&self.model.system(own.system).name, &self.model.code(own.code).code);
        format!("{system} {code} at {}", self.model.location(own.location).name)
    }

    /// Whether every system that an item is sold in makes sure that no write is lost.
    pub fn protects(&self, item: ItemId) -> bool {
        let sells = self.layout.cells.iter().filter(|cell| cell.parts.iter().any(|(own, _)| *own == item));
        let safe = |cell: &Sellable| {
            let class = self.model.system(cell.system).kind.class;
            matches!(class, WriteClass::CompareAndSet | WriteClass::KeyedDelta)
        };
        sells.filter(|cell| cell.sells).all(safe)
    }
}

/// What a cell shows at first: less than its fair part, so that nothing is promised twice before onhand has
/// ever run, and a target that is never written sells what it may.
fn first_level(layout: &Layout, shelves: &[Shelf], cell: &Sellable) -> Level {
    let of_place = |place: &crate::model::LocationId| {
        let of_part = |(item, each): &(ItemId, i64)| {
            let Some(spot) = layout.spot_of.get(&(*item, *place)) else { return 0 };
            let takers = layout.spots[*spot].cells.iter().filter(|(own, _)| layout.cells[*own].sells).count();
            shelves[*spot].good / (takers.max(1) as i64) / (*each).max(1)
        };
        cell.parts.iter().map(of_part).min().unwrap_or(0)
    };
    let shown: i64 = cell.places.iter().map(of_place).sum();
    let mut values = vec![0; cell.columns.len()];
    values[0] = if cell.sells { shown } else { 0 };
    Level { values, ..Level::default() }
}

impl Sellable {
    /// Whether a sale takes its units off the level at once, or off what the target takes off by itself.
    pub fn drops_on_sale(&self) -> bool {
        self.columns.len() > 1 || matches!(self.decrements, DecrementsOn::Placed | DecrementsOn::Paid)
    }
}

/// A time since the beginning, as people read it: `3d 04:05:06`.
pub fn clock(ms: i64) -> String {
    let seconds = ms / 1_000;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let rest = format!("{hours:02}:{:02}:{:02}", seconds / 60 % 60, seconds % 60);
    if days > 0 { format!("{days}d {rest}") } else { rest }
}

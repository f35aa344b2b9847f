//! Taking what systems showed into the books: each movement once, each reversal at most what is there.

use super::entry::{Booked, BookedKey, LineKey, OrderLine, Page, Totals};
use super::explode::{explode, told};
use super::fit;
use crate::model::collect::Collect;
use crate::model::demand::Misfit;
use crate::model::moved::{Moved, Movements};
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::model::{ItemId, LocationId, Model};
use std::collections::{BTreeMap, BTreeSet};

/// The part of the books that some reads are about.
#[derive(Debug, Clone, Default)]
pub struct Book {
    lines: BTreeMap<LineKey, OrderLine>,
    booked: BTreeMap<BookedKey, i64>,
    fresh: Vec<Booked>,
    changed: BTreeSet<LineKey>,
}

/// What came of one read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Movements that do not fit.
    pub misfits: Vec<Misfit>,
    /// The same, as they were read; in the same order.
    pub unfit: Vec<Moved>,
    /// How much was cancelled in movements that were seen for the first time, with when: by line.
    pub cancelled: BTreeMap<LineKey, Vec<(Option<Moment>, i64)>>,
}

impl Book {
    /// Opens the books at lines that wait for something, and at the movements of documents that were read.
    pub fn open(lines: Vec<OrderLine>, booked: Vec<Booked>) -> Book {
        Book {
            lines: lines.into_iter().map(|line| (line.key.clone(), line)).collect(),
            booked: booked.into_iter().map(|own| (own.key, own.amount)).collect(),
            fresh: Vec::new(),
            changed: BTreeSet::new(),
        }
    }

    /// The lines, by system, document, line and item.
    pub fn lines(&self) -> impl Iterator<Item = &OrderLine> {
        self.lines.values()
    }

    /// One line.
    pub fn line(&self, key: &LineKey) -> Option<&OrderLine> {
        self.lines.get(key)
    }

    /// Changes a line in what is known of it beside its movements.
    pub fn mark(&mut self, key: &LineKey, change: impl FnOnce(&mut OrderLine)) {
        if let Some(line) = self.lines.get_mut(key) {
            let before = line.clone();
            change(line);
            if *line != before {
                self.changed.insert(key.clone());
            }
        }
    }

    /// The movements that are new.
    pub fn fresh(&self) -> &[Booked] {
        &self.fresh
    }

    /// What is new, to be kept.
    pub fn page(&self) -> Page {
        let lines = self.changed.iter().filter_map(|key| self.lines.get(key)).cloned().collect();
        Page { booked: self.fresh.clone(), lines, ..Page::default() }
    }

    /// What was new is kept now.
    pub fn kept(&mut self) {
        self.fresh.clear();
        self.changed.clear();
    }

    /// Takes in what a flow has collected: orders first, since the rest refers to them.
    pub fn take(&mut self, model: &Model, flow: &Collect, read: &Movements, now: Moment) -> Taken {
        let mut taken = Taken::default();
        let wanted = |moved: &&Moved| flow.collects(moved.movement).is_some();
        let (first, then): (Vec<&Moved>, Vec<&Moved>) =
            read.moved.iter().filter(wanted).partition(|moved| opens(moved.movement));
        // Shipments before returns of what they shipped, whatever the order of the read.
        let (returns, others): (Vec<&Moved>, Vec<&Moved>) =
            then.into_iter().partition(|moved| moved.movement == Movement::Return);
        let mut one = Take { book: self, model, flow, now, taken: &mut taken, fresh: Vec::new() };
        first.into_iter().chain(others).chain(returns).for_each(|moved| one.one(moved));
        for key in one.fresh {
            // Whoever reads a line that is shut already cannot know what its owner made of it before.
            self.mark(&key, |line| line.late = line.shown.open() == 0);
        }
        taken
    }
}

/// Whether a movement begins a line of its own.
pub(super) fn opens(movement: Movement) -> bool {
    !matches!(movement, Movement::Cancellation | Movement::Shipment | Movement::Return)
}

/// The line that a record belongs to: its order's, or its own.
fn line_of(key: &BookedKey, order: &(String, String)) -> LineKey {
    LineKey {
        system: key.system.clone(),
        movement: if opens(key.movement) { key.movement } else { Movement::Order },
        document: order.0.clone(),
        line: order.1.clone(),
        item: key.item.clone(),
    }
}

/// One read on its way into the books.
struct Take<'t> {
    book: &'t mut Book,
    model: &'t Model,
    flow: &'t Collect,
    now: Moment,
    taken: &'t mut Taken,
    /// Lines that were not in the books before.
    fresh: Vec<LineKey>,
}

impl Take<'_> {
    fn one(&mut self, moved: &Moved) {
        let items = match explode(self.model, moved) {
            Ok(items) => items,
            Err(why) => {
                let item = self.model.thing_name(self.model.code(moved.code).thing).to_string();
                return self.misfit(moved, item, "quantity", told(self.model, moved, why));
            }
        };
        let order = match (&moved.of, opens(moved.movement)) {
            (Some((document, line)), false) => (document.to_string(), line.to_string()),
            (_, true) => (moved.document.to_string(), moved.line.to_string()),
            (None, false) => {
                let reason =
                    "it names no order that it belongs to, so nobody knows what it reverses or ships";
                let item = self.name(items.first().map(|(item, _)| *item));
                return self.misfit(moved, item, "order", reason.to_owned());
            }
        };
        if items.iter().any(|(_, amount)| *amount < 0) && moved.movement != Movement::Adjustment {
            let item = self.name(items.first().map(|(item, _)| *item));
            return self.misfit(moved, item, "quantity", format!("{} is below 0", moved.quantity));
        }
        // All items of a bundle, or none: half a reversal would be a guess.
        let mut booked = Vec::with_capacity(items.len());
        for (item, amount) in items {
            match self.fit(moved, &order, (item, amount)) {
                Ok(found) => booked.extend(found),
                Err((field, reason)) => {
                    let item = self.name(Some(item));
                    return self.misfit(moved, item, field, reason);
                }
            }
        }
        booked.into_iter().for_each(|booked| self.book(booked));
    }

    fn name(&self, item: Option<ItemId>) -> String {
        item.map_or_else(String::new, |item| self.model.item(item).name.to_string())
    }

    fn place(&self, location: Option<LocationId>) -> Option<String> {
        location.map(|location| self.model.location(location).name.to_string())
    }

    fn key(&self, moved: &Moved, item: ItemId) -> BookedKey {
        BookedKey {
            system: self.model.system(self.flow.from).name.to_string(),
            movement: moved.movement,
            document: moved.document.to_string(),
            line: moved.line.to_string(),
            item: self.name(Some(item)),
            part: 0,
        }
    }

    /// What is to be booked of one item: nothing where it is booked already.
    fn fit(
        &self,
        moved: &Moved,
        order: &(String, String),
        (item, amount): (ItemId, i64),
    ) -> Result<Option<Booked>, (&'static str, String)> {
        let mut key = self.key(moved, item);
        let known = self.known(&key);
        let amount = match known {
            Some((_, total)) if total == amount => return Ok(None),
            // A line that grew is more demand at once. One that shrank without a cancellation is in doubt.
            Some((parts, total)) if moved.movement == Movement::Order && amount > total => {
                key.part = parts;
                amount - total
            }
            Some((_, total)) => {
                let reason = format!(
                    "it was read as {total} before and is {amount} now: a record that is in the books is \
                     only put right by another one, a cancellation or an adjustment"
                );
                return Err(("quantity", reason));
            }
            None => amount,
        };
        let line = line_of(&key, order);
        let mut location = self.place(moved.location);
        let mut to = self.place(moved.to);
        if !opens(moved.movement) {
            let Some(line) = self.book.lines.get(&line) else {
                let reason = format!(
                    "it belongs to order {}/{}, and no such order of {} was read",
                    order.0, order.1, key.item
                );
                return Err(("order", reason));
            };
            fit::with(line, moved.movement, amount).map_err(|reason| ("quantity", reason))?;
            if moved.movement == Movement::Shipment && location.is_some() && location != line.location {
                to = location.take();
            }
            if moved.movement != Movement::Return || location.is_none() {
                location.clone_from(&line.location);
            }
        }
        let sellable = self.flow.restock.is_none_or(|restock| restock.sellable);
        let (order, at, seen) = (order.clone(), moved.at, self.now);
        Ok(Some(Booked { key, order, location, to, amount, at, seen, sellable }))
    }

    /// How many parts of a record are booked, and how much they come to.
    fn known(&self, key: &BookedKey) -> Option<(u32, i64)> {
        let mut last = key.clone();
        last.part = u32::MAX;
        let parts = self.book.booked.range(key.clone()..=last);
        let (count, total) = parts.fold((0, 0_i64), |(n, sum), (_, own)| (n + 1, sum.saturating_add(*own)));
        (count > 0).then_some((count, total))
    }

    fn book(&mut self, booked: Booked) {
        let key = line_of(&booked.key, &booked.order);
        let movement = booked.key.movement;
        match movement {
            Movement::Order | Movement::Transfer => self.order(&key, &booked, booked.amount),
            Movement::Adjustment if booked.amount < 0 => self.order(&key, &booked, -booked.amount),
            Movement::Adjustment | Movement::Receipt => {}
            Movement::Cancellation | Movement::Shipment | Movement::Return => {
                if let Some(line) = self.book.lines.get_mut(&key) {
                    if let Ok(totals) = fit::with(line, movement, booked.amount) {
                        line.shown = totals;
                    }
                    line.settled = None;
                    self.book.changed.insert(key.clone());
                }
                if movement == Movement::Cancellation {
                    self.taken.cancelled.entry(key).or_default().push((booked.at, booked.amount));
                }
            }
        }
        self.book.booked.insert(booked.key.clone(), booked.amount);
        self.book.fresh.push(booked);
    }

    /// Opens a line, or lets one grow.
    fn order(&mut self, key: &LineKey, booked: &Booked, amount: i64) {
        let (flow, now) = (self.flow.name.to_string(), self.now);
        let fresh = || OrderLine {
            key: key.clone(),
            flow,
            location: booked.location.clone(),
            shown: Totals::default(),
            posted: Totals::default(),
            taken_in: 0,
            closed: 0,
            placed: booked.at.unwrap_or(now),
            seen: now,
            late: false,
            settled: None,
        };
        if !self.book.lines.contains_key(key) {
            self.fresh.push(key.clone());
        }
        let line = self.book.lines.entry(key.clone()).or_insert_with(fresh);
        line.shown.ordered = line.shown.ordered.saturating_add(amount);
        // What grew later is contained in an owner's count later, too.
        line.placed = line.placed.max(booked.at.unwrap_or(now));
        line.settled = None;
        self.book.changed.insert(key.clone());
    }

    fn misfit(&mut self, moved: &Moved, item: String, field: &'static str, reason: String) {
        self.taken.misfits.push(Misfit {
            record: fit::record(moved.movement, &moved.document, &moved.line),
            system: self.model.system(self.flow.from).name.to_string(),
            item,
            flow: self.flow.name.to_string(),
            field,
            reason,
        });
        self.taken.unfit.push(moved.clone());
    }
}

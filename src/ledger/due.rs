//! What is to be posted to the system that takes movements in: the difference between what a channel shows
//! and what is posted already.

use super::book::Book;
use super::demand::Opened;
use super::entry::{LineKey, OrderLine, Totals};
use super::fit::record;
use crate::model::convert::{from_base, to_base};
use crate::model::demand::{DemandLine, Due, Misfit};
use crate::model::item::Thing;
use crate::model::moved::{Found, PostLine, Posting};
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::model::{CodeId, CollectId, ItemId, LocationId, Model, Name, SystemId};
use std::collections::BTreeMap;

/// Our documents that were looked for where they are posted.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'s> {
    /// Those that are there, by the system that was asked.
    pub found: &'s BTreeMap<SystemId, Vec<Found>>,
    /// When the cycle began. What is in the books from before it was looked for.
    pub began: Moment,
}

/// What is owed to the systems that take movements in.
#[derive(Debug, Default)]
pub struct Owed {
    /// The postings, by when their orders were placed.
    pub due: Vec<Due>,
    /// For each posting of which line how much is posted in all, of its own movement, once it is done. Of
    /// other movements it says nothing: a step before it may not have been in the plan.
    pub after: Vec<Vec<(LineKey, i64)>>,
    /// Lines that cannot be posted at all.
    pub misfits: Vec<Misfit>,
    /// Lines that are off again as a whole, and that a state that was lost may have posted: they wait until
    /// their document has been looked for, and where it is there, until they are taken off it.
    pub doubtful: Vec<LineKey>,
}

/// The steps of one order, in the order in which they are posted, with the part of [`Totals`] that each is.
const STEPS: [Movement; 4] = [Movement::Order, Movement::Cancellation, Movement::Shipment, Movement::Return];

/// Works out what is due of some open lines.
pub fn due(model: &Model, book: &Book, opened: &Opened, sought: Sought<'_>) -> Owed {
    let mut orders: BTreeMap<(Moment, CollectId, &Name), Vec<usize>> = BTreeMap::new();
    let mut placed: BTreeMap<(CollectId, &Name), Moment> = BTreeMap::new();
    for line in &opened.lines {
        if let Some(flow) = line.flow {
            let first = placed.entry((flow, &line.document)).or_insert(line.placed);
            *first = (*first).min(line.placed);
        }
    }
    for (at, (line, key)) in opened.lines.iter().zip(&opened.keys).enumerate() {
        let Some(flow) = line.flow.filter(|_| key.movement == Movement::Order) else { continue };
        if model.collect(flow).post.to.is_some() {
            let when = placed.get(&(flow, &line.document)).copied().unwrap_or(line.placed);
            orders.entry((when, flow, &line.document)).or_default().push(at);
        }
    }
    let mut owed = Owed::default();
    let there = sought.found.iter().flat_map(|(to, all)| all.iter().map(|own| ((*to, &own.reference), own)));
    let there = there.collect();
    for ((_, flow, document), lines) in orders {
        let mut order = Order { model, book, opened, flow, document, sought, there: &there, owed: &mut owed };
        order.steps(&lines);
    }
    owed
}

/// What is posted of a line, and what is to be.
#[derive(Debug, Clone, Copy, Default)]
struct Both {
    posted: Totals,
    shown: Totals,
}

struct Order<'o> {
    model: &'o Model,
    book: &'o Book,
    opened: &'o Opened,
    flow: CollectId,
    document: &'o Name,
    sought: Sought<'o>,
    there: &'o BTreeMap<(SystemId, &'o Name), &'o Found>,
    owed: &'o mut Owed,
}

impl Order<'_> {
    fn steps(&mut self, lines: &[usize]) {
        let collect = self.model.collect(self.flow);
        let (Some(to), Some(kind)) = (collect.post.to, collect.post.kind) else { return };
        let (mut after, mut off): (BTreeMap<usize, Both>, Vec<usize>) = Default::default();
        for at in lines {
            let Some(line) = self.line(*at) else { continue };
            let both = Both { posted: line.posted, shown: line.shown };
            after.insert(
                *at,
                match line.settled {
                    // It only counts towards what the document holds in all.
                    Some(_) => Both { shown: line.posted, ..both },
                    None if line.is_off_unposted() => {
                        off.push(*at);
                        Both::default()
                    }
                    None => both,
                },
            );
        }
        self.seek(to, &off, &mut after);
        for step in STEPS {
            if step != Movement::Order && collect.collects(step).is_none() {
                continue;
            }
            self.step(step, (to, kind), &mut after);
        }
    }

    fn line(&self, at: usize) -> Option<&OrderLine> {
        self.book.line(self.opened.keys.get(at)?)
    }

    /// What is off again before it was ever posted is nobody's business there; unless a state that is lost
    /// had posted it: then its document holds more than all that belongs on it, and what is off is taken off
    /// there, too.
    fn seek(&mut self, to: SystemId, off: &[usize], after: &mut BTreeMap<usize, Both>) {
        let mut spare: BTreeMap<ItemId, i64> = BTreeMap::new();
        for at in off {
            let (demand, opened) = (&self.opened.lines[*at], self.opened);
            let Some(line) = self.line(*at) else { continue };
            // Without a reference there is nothing to be found by.
            let Some(reference) = &demand.reference else { continue };
            let key = line.key.clone();
            if line.seen >= self.sought.began || !self.sought.found.contains_key(&to) {
                self.owed.doubtful.push(key);
                continue;
            }
            let Some(found) = self.there.get(&(to, reference)) else { continue };
            let left = spare.entry(demand.item).or_insert_with(|| {
                let own = after.iter().filter(|(at, _)| opened.lines[**at].item == demand.item);
                own.fold(held(self.model, found, demand.item), |left, (_, own)| {
                    left.saturating_sub(own.shown.ordered)
                })
            });
            if *left >= line.shown.ordered {
                *left -= line.shown.ordered;
                let posted = Totals { ordered: line.shown.ordered, ..line.posted };
                after.insert(*at, Both { posted, shown: line.shown });
                self.owed.doubtful.push(key);
            }
        }
    }

    /// One posting: all lines of the order of which more has happened than is posted.
    fn step(
        &mut self,
        step: Movement,
        (to, kind): (SystemId, &'static str),
        after: &mut BTreeMap<usize, Both>,
    ) {
        let mut lines: BTreeMap<(CodeId, Option<LocationId>), (i64, i64)> = BTreeMap::new();
        let mut done = Vec::new();
        for (at, both) in after.iter_mut() {
            let (key, demand) = (&self.opened.keys[*at], &self.opened.lines[*at]);
            let (was, now) = (both.posted.of(step), both.shown.of(step));
            // A line of the same order that stays as it is counts towards the total.
            let Some(place) = self.code(to, demand, step, now > was) else { continue };
            let sums = lines.entry(place).or_default();
            *sums = (sums.0.saturating_add(now - was), sums.1.saturating_add(now));
            if now > was {
                both.posted.set(step, now);
                done.push((key.clone(), now));
            }
        }
        lines.retain(|_, (more, _)| *more > 0);
        let Some(first) = after.keys().next().map(|at| &self.opened.lines[*at]) else { return };
        let Some(reference) = first.reference.clone().filter(|_| !lines.is_empty()) else { return };
        let total: i64 = lines.values().fold(0, |sum, (_, total)| sum.saturating_add(*total));
        let collect = self.model.collect(self.flow);
        let post = |((code, location), (more, total)): ((CodeId, Option<LocationId>), (i64, i64))| {
            let ratio = self.model.code(code).measure.ratio;
            let (quantity, total) = (from_base(more, ratio)?, from_base(total, ratio)?);
            Some(PostLine { code, location, quantity, total })
        };
        let posted: Option<Vec<PostLine>> = lines.into_iter().map(post).collect();
        let Some(lines) = posted else {
            let reason = "a quantity has no end behind the point in the unit that the system counts in: \
                          map the item there in its base unit";
            return self.misfit(step, to, first, reason.to_owned());
        };
        self.owed.due.push(Due {
            id: format!("{}#{} {} {total}", collect.name, self.document, step.word()),
            flow: self.flow,
            to,
            document: self.document.clone(),
            posting: Posting {
                reference,
                movement: step,
                kind,
                lines,
                at: Some(first.placed),
                sellable: collect.restock.is_none_or(|restock| restock.sellable),
                fields: BTreeMap::new(),
            },
        });
        self.owed.after.push(done);
    }

    /// The code of a line where it is posted to, and the place that it leaves.
    fn code(
        &mut self,
        to: SystemId,
        line: &DemandLine,
        step: Movement,
        moves: bool,
    ) -> Option<(CodeId, Option<LocationId>)> {
        let mut codes = self.model.codes_of_thing(to, Thing::Item(line.item)).map(CodeId);
        let place = line.location.filter(|place| !self.model.location(*place).is_pool());
        let place = place.filter(|place| self.model.location(*place).code_in(to).is_some());
        let here = |code: &CodeId| self.model.code(*code).at.is_none_or(|only| Some(only) == place);
        match codes.find(here) {
            Some(code) => Some((code, place)),
            None => {
                if moves {
                    let item = &self.model.item(line.item).name;
                    let system = &self.model.system(to).name;
                    let reason = format!(
                        "`{system}` has no code for `{item}`, so the order cannot be posted there: map the \
                         item in it (`in {system} CODE`)"
                    );
                    self.misfit(step, to, line, reason);
                }
                None
            }
        }
    }

    fn misfit(&mut self, step: Movement, to: SystemId, line: &DemandLine, reason: String) {
        self.owed.misfits.push(Misfit {
            flow: self.model.collect(self.flow).name.to_string(),
            system: self.model.system(to).name.to_string(),
            item: self.model.item(line.item).name.to_string(),
            record: record(step, &line.document, &line.line),
            field: "code",
            reason,
        });
    }
}

/// How much of an item a document has ever held, in base units.
fn held(model: &Model, found: &Found, item: ItemId) -> i64 {
    let mut sum = 0_i64;
    for line in found.lines.iter().filter(|line| model.code(line.code).thing == Thing::Item(item)) {
        for part in [line.open, line.shipped, line.cancelled] {
            sum = sum.saturating_add(to_base(part, model.code(line.code).measure.ratio, true).unwrap_or(0));
        }
    }
    sum
}

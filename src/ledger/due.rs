//! What is to be posted to the system that takes movements in: the difference between what a channel shows
//! and what is posted already.

use super::book::Book;
use super::demand::Opened;
use super::entry::{LineKey, OrderLine, Totals};
use super::fit::record;
use crate::model::convert::from_base;
use crate::model::demand::{DemandLine, Due, Misfit};
use crate::model::item::Thing;
use crate::model::moved::{PostLine, Posting};
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::model::{CodeId, CollectId, LocationId, Model, Name, SystemId};
use std::collections::BTreeMap;

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
}

/// The steps of one order, in the order in which they are posted, with the part of [`Totals`] that each is.
const STEPS: [Movement; 4] = [Movement::Order, Movement::Cancellation, Movement::Shipment, Movement::Return];

/// Works out what is due of some open lines.
pub fn due(model: &Model, book: &Book, opened: &Opened) -> Owed {
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
    for ((_, flow, document), lines) in orders {
        let mut order = Order { model, book, opened, flow, document, owed: &mut owed };
        order.steps(&lines);
    }
    owed
}

struct Order<'o> {
    model: &'o Model,
    book: &'o Book,
    opened: &'o Opened,
    flow: CollectId,
    document: &'o Name,
    owed: &'o mut Owed,
}

impl Order<'_> {
    fn steps(&mut self, lines: &[usize]) {
        let collect = self.model.collect(self.flow);
        let (Some(to), Some(kind)) = (collect.post.to, collect.post.kind) else { return };
        let mut after: BTreeMap<usize, Totals> = BTreeMap::new();
        for at in lines {
            let Some(line) = self.line(*at) else { continue };
            // What is off again before it was ever posted is nobody's business there.
            let never = line.posted.ordered == 0 && line.shown.cancelled == line.shown.ordered;
            after.insert(*at, if never { line.shown } else { line.posted });
        }
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

    /// One posting: all lines of the order of which more has happened than is posted.
    fn step(
        &mut self,
        step: Movement,
        (to, kind): (SystemId, &'static str),
        after: &mut BTreeMap<usize, Totals>,
    ) {
        let mut lines: BTreeMap<(CodeId, Option<LocationId>), (i64, i64)> = BTreeMap::new();
        let mut done = Vec::new();
        for (at, posted) in after.iter_mut() {
            let (Some(line), demand) = (self.book.line(&self.opened.keys[*at]), &self.opened.lines[*at])
            else {
                continue;
            };
            let (was, now) = (posted.of(step), line.shown.of(step));
            // A line of the same order that stays as it is counts towards the total.
            let Some(place) = self.code(to, demand, step, now > was) else { continue };
            let sums = lines.entry(place).or_default();
            *sums = (sums.0.saturating_add(now - was), sums.1.saturating_add(now));
            if now > was {
                posted.set(step, now);
                done.push((line.key.clone(), now));
            }
        }
        lines.retain(|_, (more, _)| *more > 0);
        let Some(first) = after.keys().next().map(|at| &self.opened.lines[*at]) else { return };
        let Some(reference) = first.reference.clone().filter(|_| !lines.is_empty()) else { return };
        let total: i64 = lines.values().fold(0, |sum, (_, total)| sum.saturating_add(*total));
        let collect = self.model.collect(self.flow);
        let post = |((code, location), (more, total)): ((CodeId, Option<LocationId>), (i64, i64))| {
            let ratio = self.model.code(code).ratio;
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

//! What a flow should keep back of a shelf, by what was sold from it within one lag.
//!
//! Between the moment at which a shelf is read and the moment at which a count arrives at a channel, others
//! go on selling from it. What is kept back has to cover that: the most that was ordered within any stretch
//! as long as the flow's lag. It is suggested, and never applied by itself: a record is no promise.

use super::shelf::{Shelf, draw, sells};
use super::sold::{LEAST_DAYS, LEAST_ORDERS, Rate, Record};
use super::words::{count, list, span};
use crate::graph::Graph;
use crate::graph::lag::Path;
use crate::model::flow::{Flow, Keep};
use crate::model::item::Thing;
use crate::model::quantity::Ratio;
use crate::model::time::Moment;
use crate::model::{FlowId, ItemId, LocationId, Model, SystemId};
use std::time::Duration;

/// What to know of one shelf of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The flow.
    pub flow: String,
    /// The item whose shelf it is.
    pub item: String,
    /// The place; never a pool.
    pub location: String,
    /// The item's base unit: of all amounts here.
    pub unit: String,
    /// The stretch of time that has to be covered, in milliseconds; `None` where the flow does not say how
    /// late it may be, nor how often it runs.
    pub lag_ms: Option<u64>,
    /// What was sold by the systems that count; none where it was not measured.
    pub rate: Option<Rate>,
    /// What the flow keeps back now: whole units, and a share as the topology says it.
    pub kept: (Option<i64>, Option<Ratio>),
    /// The systems whose sales count, by name.
    pub counted: Vec<String>,
    /// Those of which nobody here knows the orders.
    pub unrecorded: Vec<String>,
    /// What follows.
    pub verdict: Verdict,
    /// The target.
    target: String,
}

/// What follows for one shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing can be oversold: the named allocation divides the shelf, and the target compares.
    Divided(String),
    /// Nothing can be oversold: the target alone sells from it, and compares.
    Alone,
    /// An allocation divides it, up to a count above which everybody shows all of it; whether that count is
    /// high enough.
    Pooled {
        /// The count, in base units.
        above: i64,
        /// The least that it should be.
        wanted: i64,
    },
    /// The flow does not say how late it may be.
    NoLag,
    /// The orders of all who could oversell it are collected by nobody here.
    Unrecorded,
    /// The record is too short.
    Early,
    /// What is kept back now covers it.
    Covered(i64),
    /// So much, in base units, would cover it.
    Suggested(i64),
}

impl Verdict {
    /// The word for it, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Divided(_) => "divided",
            Verdict::Alone => "alone",
            Verdict::Pooled { above, wanted } if above < wanted => "pooled-too-low",
            Verdict::Pooled { .. } => "pooled",
            Verdict::NoLag => "no-lag",
            Verdict::Unrecorded => "unrecorded",
            Verdict::Early => "too-early",
            Verdict::Covered(_) => "covered",
            Verdict::Suggested(_) => "suggested",
        }
    }
}

/// The stretch that a flow's keep-back has to cover: its lag's target, or the worst case of what falls where
/// it has none, or one in hours of a calendar. What falls waits for no window but one that holds everything.
pub fn window(flow: &Flow, path: &Path) -> Option<Duration> {
    let lag = flow.lag.as_ref();
    let target = lag.and_then(|lag| lag.target.filter(|_| lag.calendar.is_none()));
    target.or_else(|| {
        let holds = flow.window.as_ref().is_some_and(|window| window.holds_all);
        let waits = if holds { path.sum.waits } else { 0 };
        let us = path.sum.sure.saturating_add(path.sum.expected).saturating_add(waits);
        path.known.then(|| Duration::from_millis(u64::try_from(us.div_ceil(1_000)).unwrap_or(u64::MAX)))
    })
}

/// All that advice rests on.
#[derive(Clone, Copy)]
pub struct Ground<'g> {
    /// The topology.
    pub model: &'g Model,
    /// What follows from it.
    pub graph: &'g Graph,
    /// The orders in the books.
    pub record: &'g Record,
    /// The moment.
    pub now: Moment,
}

impl Ground<'_> {
    /// What to know of every shelf of a flow, by place and item; none for one that publishes to nothing that
    /// sells.
    pub fn flow(&self, id: FlowId) -> Vec<Advice> {
        let cells = self.graph.flow(id).draws.iter().flat_map(|draw| {
            let needed = draw.needed();
            let items: Vec<ItemId> = needed.iter().map(ItemId::at).collect();
            items.into_iter().map(|item| (item, draw.location))
        });
        cells.filter_map(|cell| self.cell(id, cell)).collect()
    }

    /// What to know of the shelves behind one published number: an item's own, or those of a bundle's
    /// components, at each place that it is published from.
    pub fn thing(&self, id: FlowId, thing: Thing, location: LocationId) -> Vec<Advice> {
        let mut items = self.model.items_of(thing);
        items.sort_unstable();
        items.dedup();
        let places = self.graph.locations_of(location).iter();
        let cells = places.flat_map(|place| items.iter().map(|item| (*item, *place)));
        cells.filter_map(|cell| self.cell(id, cell)).collect()
    }

    /// What to know of one shelf; `None` where the flow does not sell from it.
    pub fn cell(&self, id: FlowId, cell: (ItemId, LocationId)) -> Option<Advice> {
        let flow = self.model.flow(id);
        let sellers = self.record.sellers(self.model, cell);
        let shelf = Shelf::of((self.model, self.graph), id, cell, &sellers)?;
        let window = window(flow, self.graph.lags().flow(id));
        let kept = self.kept(id, cell);
        let pooled = shelf.pooled_above.filter(|_| shelf.counted.is_empty() && !shelf.mates.is_empty());
        let shelf = if pooled.is_some() { shelf.undivided(self.model) } else { shelf };
        let known = |system: &&SystemId| !shelf.unrecorded.contains(system);
        let counted: Vec<SystemId> = shelf.counted.iter().filter(known).copied().collect();
        let rate = window.filter(|_| !counted.is_empty());
        let rate = rate.map(|window| self.record.rate(self.model, cell, &counted, (self.now, window)));
        let names = |ids: &[SystemId]| ids.iter().map(|id| self.model.system(*id).name.to_string()).collect();
        let item = self.model.item(cell.0);
        Some(Advice {
            flow: flow.name.to_string(),
            item: item.name.to_string(),
            location: self.model.location(cell.1).name.to_string(),
            unit: self.model.units.get(item.unit).name.to_string(),
            lag_ms: window.map(|own| u64::try_from(own.as_millis()).unwrap_or(u64::MAX)),
            rate,
            kept,
            verdict: self.verdict(flow, (&shelf, pooled), rate, kept),
            counted: names(&counted),
            unrecorded: names(&shelf.unrecorded),
            target: self.model.system(flow.to).name.to_string(),
        })
    }

    fn verdict(
        &self,
        flow: &Flow,
        (shelf, pooled): (&Shelf, Option<i64>),
        rate: Option<Rate>,
        kept: (Option<i64>, Option<Ratio>),
    ) -> Verdict {
        if shelf.counted.is_empty() {
            let allocation = self.model.allocations.iter().find(|own| own.has(flow.to));
            return match allocation {
                Some(own) => Verdict::Divided(own.name.to_string()),
                None => Verdict::Alone,
            };
        }
        match rate {
            None if shelf.unrecorded.len() == shelf.counted.len() => Verdict::Unrecorded,
            None => Verdict::NoLag,
            Some(rate) if rate.is_early() => Verdict::Early,
            // The lowest count that all show undivided is one more, after what is kept back.
            Some(rate) => match pooled {
                Some(above) => {
                    let kept = kept.0.unwrap_or(0).saturating_add(1);
                    Verdict::Pooled { above, wanted: rate.most.saturating_sub(kept).max(0) }
                }
                None => match kept.0.filter(|units| *units >= rate.most) {
                    Some(units) => Verdict::Covered(units),
                    None => Verdict::Suggested(rate.most),
                },
            },
        }
    }

    /// The largest amount that is kept back of a shelf, and the largest share. With an allocation the largest
    /// of all flows that it divides among counts.
    fn kept(&self, id: FlowId, cell: (ItemId, LocationId)) -> (Option<i64>, Option<Ratio>) {
        let to = self.model.flow(id).to;
        let allocation = self.model.allocations.iter().find(|own| own.has(to));
        let with = |at: FlowId, other: &Flow| {
            let mate = allocation.is_some_and(|own| own.has(other.to)) && sells(self.model, other);
            at == id || (mate && draw(self.graph, at, cell).is_some())
        };
        let flows = self.model.flows.iter().enumerate();
        let flows = flows.filter(|(at, other)| with(FlowId::at(*at), other)).map(|(_, flow)| flow);
        let fits = flows.flat_map(|flow| &flow.keep_back).filter(|own| own.items.contains(cell.0.index()));
        let (mut units, mut share) = (None, None::<Ratio>);
        for keep in fits {
            match keep.amount {
                Keep::Units(own) => units = units.max(Some(own)),
                Keep::Share(own) => {
                    let more = |last: Ratio| own.times(last.inverse()).is_none_or(Ratio::above_one);
                    share = if share.is_none_or(more) { Some(own) } else { share };
                }
            }
        }
        (units, share)
    }
}

/// The least count of which a share, rounded up, is as much.
fn least_count(share: Ratio, wanted: i64) -> i64 {
    let below = i128::from(wanted.saturating_sub(1).max(0)) * i128::from(share.denominator);
    i64::try_from(below / i128::from(share.numerator.max(1)) + 1).unwrap_or(i64::MAX)
}

impl Advice {
    /// The advice in a sentence or two, without the name of the shelf.
    pub fn words(&self) -> String {
        let said = match &self.verdict {
            Verdict::Divided(allocation) => {
                return format!(
                    "nothing to keep back: allocation `{allocation}` divides this shelf, and a write to `{}` \
                     never undoes a sale, so nothing can be sold twice",
                    self.target
                );
            }
            Verdict::Alone => {
                return format!(
                    "nothing to keep back: `{0}` alone sells from this shelf, and a write to `{0}` never \
                     undoes a sale",
                    self.target
                );
            }
            Verdict::NoLag => {
                return "not measured: the flow says neither how late it may be nor how often it runs; add \
                        `lag` to it"
                    .to_owned();
            }
            Verdict::Unrecorded => {
                return format!(
                    "not known: no flow here collects the orders of {}, so nobody knows how fast this sells \
                     there",
                    self.names(&self.unrecorded)
                );
            }
            Verdict::Early => self.early(),
            Verdict::Pooled { above, wanted } => self.pooled(*above, *wanted),
            Verdict::Covered(units) => {
                format!("keeping {units} {} back covers it: {}", self.unit, self.figures("at most "))
            }
            Verdict::Suggested(units) => self.suggested(*units),
        };
        match self.unrecorded.is_empty() {
            true => said,
            false => format!(
                "{said}. The orders of {} are not collected here, so it may take more",
                self.names(&self.unrecorded)
            ),
        }
    }

    fn names(&self, names: &[String]) -> String {
        list(names.iter().map(String::as_str))
    }

    fn days(&self) -> String {
        let days = self.rate.unwrap_or_default().days;
        count(usize::try_from(days).unwrap_or(0), "day")
    }

    fn lag(&self) -> String {
        span(self.lag_ms.unwrap_or(0))
    }

    /// `of 210 ea sold in 14 days by `till`, 3 ea fell within one lag of 10m`.
    fn figures(&self, most: &str) -> String {
        let rate = self.rate.unwrap_or_default();
        format!(
            "of {} {unit} sold in {} by {}, {most}{} {unit} fell within one lag of {}",
            rate.sold,
            self.days(),
            self.names(&self.counted),
            rate.most,
            self.lag(),
            unit = self.unit,
        )
    }

    fn early(&self) -> String {
        let rate = self.rate.unwrap_or_default();
        let sold = match rate.orders {
            0 => format!("no order by {}", self.names(&self.counted)),
            orders => {
                let (orders, by) = (count(orders, "order"), self.names(&self.counted));
                format!("{orders} of {} {} by {by}", rate.sold, self.unit)
            }
        };
        format!(
            "too early to say: {sold} in {} of record; it takes {LEAST_DAYS} days and {LEAST_ORDERS} orders",
            self.days()
        )
    }

    fn pooled(&self, above: i64, wanted: i64) -> String {
        let figures = self.figures("at most ");
        let unit = &self.unit;
        match above >= wanted {
            true => {
                format!("nothing to keep back: the shelf is divided from {above} {unit} down, and {figures}")
            }
            false => format!(
                "the shelf is divided only from {above} {unit} down (`pooled-above`), and {figures}: \
                 `pooled-above {wanted}` would cover it"
            ),
        }
    }

    fn suggested(&self, units: i64) -> String {
        let (unit, figures) = (&self.unit, self.figures(""));
        match self.kept {
            (_, Some(share)) => {
                let from = least_count(share, units);
                format!(
                    "the share that is kept back covers it only where {from} {unit} or more are there; \
                     keep-back {units} {unit} would at any count: {figures}"
                )
            }
            (Some(kept), None) => format!(
                "keeping {kept} {unit} back does not cover it, keep-back {units} {unit} would: {figures}"
            ),
            (None, None) => format!("keep-back {units} {unit} would cover it: {figures}"),
        }
    }
}

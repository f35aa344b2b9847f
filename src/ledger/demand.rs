//! From the books to the demand that pending is made of.

use super::book::Book;
use super::entry::{LineKey, OrderLine};
use crate::model::demand::DemandLine;
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::model::{CollectId, ItemId, LocationId, Model, Name, SystemId};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How far the clock of a channel may be off ours before a cancellation of now looks like one of before.
pub const SKEW: Duration = Duration::from_secs(15 * 60);

/// What one cycle of reads adds to the books.
#[derive(Debug, Clone, Default)]
pub struct Cycle {
    /// When the first step of reading began, by our clock.
    pub began: Moment,
    /// What was seen cancelled for the first time in this cycle.
    pub cancelled: BTreeMap<LineKey, Vec<(Option<Moment>, i64)>>,
}

/// The lines of documents that wait for something, side by side: as the books have them, and as counts need
/// them.
#[derive(Debug, Default)]
pub struct Opened {
    /// What names each line in the books.
    pub keys: Vec<LineKey>,
    /// The same lines, in the same order.
    pub lines: Vec<DemandLine>,
}

/// The lines of the books that wait for something, each with the others of its document, since a document is
/// posted, found and listed as a whole. What was cancelled since the first step began counts as
/// open: the owner's counts and the target's level may be from before it.
pub fn demand(model: &Model, book: &Book, cycle: &Cycle) -> Opened {
    let lines: Vec<&OrderLine> = book.lines().collect();
    let documents = lines.chunk_by(|one, other| one.key.shares_document(&other.key));
    let waits = |document: &&[&OrderLine]| document.iter().any(|line| line.settled.is_none());
    let open: Vec<&OrderLine> = documents.filter(waits).flatten().copied().collect();
    if open.is_empty() {
        return Opened::default();
    }
    let names = Names::of(model, &open);
    let line = |line: &&OrderLine| Some((line.key.clone(), names.line(model, line, cycle)?));
    let (keys, lines) = open.iter().filter_map(line).unzip();
    Opened { keys, lines }
}

/// The ids of the names in some lines. What was renamed is found under its old name.
struct Names<'n> {
    items: HashMap<&'n str, ItemId>,
}

impl<'n> Names<'n> {
    fn of(model: &Model, lines: &[&'n OrderLine]) -> Names<'n> {
        let mut items: HashMap<&str, Option<ItemId>> =
            lines.iter().map(|line| (line.key.item.as_str(), None)).collect();
        for (at, item) in model.items.iter().enumerate() {
            if let Some(found) = items.get_mut(&*item.name) {
                *found = Some(ItemId::at(at));
            }
            if let Some(found) = item.was().and_then(|was| items.get_mut(&**was)) {
                found.get_or_insert(ItemId::at(at));
            }
        }
        Names { items: items.into_iter().filter_map(|(name, id)| Some((name, id?))).collect() }
    }

    fn line(&self, model: &Model, line: &OrderLine, cycle: &Cycle) -> Option<DemandLine> {
        let key = &line.key;
        let was = |own: &Name, was: &Option<Name>, name: &str| {
            **own == *name || was.as_deref().is_some_and(|was| was == name)
        };
        let system = model.systems.iter().position(|own| was(&own.name, &own.was, &key.system));
        let system = SystemId::at(system?);
        let place = |name: &String| model.locations.iter().position(|own| was(&own.name, &own.was, name));
        let flow = model.collects.iter().position(|own| was(&own.name, &own.was, &line.flow));
        let flow = flow.map(CollectId::at);
        let reference = flow.and_then(|flow| reference(model, flow, &key.document, &key.line));
        Some(DemandLine {
            system,
            document: Name::from(key.document.as_str()),
            line: Name::from(key.line.as_str()),
            item: *self.items.get(key.item.as_str())?,
            // A place that the topology no longer names is any place.
            location: line.location.as_ref().and_then(place).map(LocationId::at),
            ordered: line.shown.ordered,
            cancelled: line.shown.cancelled - lately(cycle, key),
            shipped: line.shown.shipped,
            returned: line.shown.returned,
            placed: line.placed,
            seen: line.seen,
            flow,
            reference: reference.filter(|_| key.movement == Movement::Order),
            taken_in: line.taken_in,
            closed: line.closed,
            late: line.late,
        })
    }
}

/// How much of a line was cancelled since the first step began, as far as anybody can tell.
fn lately(cycle: &Cycle, key: &LineKey) -> i64 {
    let since = cycle.began.before(SKEW);
    let fresh = cycle.cancelled.get(key).into_iter().flatten();
    fresh.filter(|(at, _)| at.is_none_or(|at| at >= since)).map(|(_, amount)| amount).sum()
}

/// How the system that takes orders in names the document of an order line; `None` where the flow does not
/// say.
pub fn reference(model: &Model, flow: CollectId, document: &str, line: &str) -> Option<Name> {
    let flow = model.collect(flow);
    let (pattern, _) = flow.post.reference.as_ref()?;
    let system = &model.system(flow.from).name;
    let text = pattern.replace("{system}", system).replace("{order}", document).replace("{line}", line);
    Some(Name::from(text.as_str()))
}

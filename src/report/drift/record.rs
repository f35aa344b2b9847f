//! What the state keeps of cells and movements, and finding it by name.

use crate::ledger::{Booked, Cursor, OrderLine};
use crate::model::time::Moment;
use crate::model::{ItemId, LocationId, Lookup, Model, Name, SystemId};
use crate::state::{Known, Written};
use std::collections::BTreeMap;

/// How far before the last known number movements are looked at: what was put back once too often may have
/// happened before it.
const BACK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// What the state keeps.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The last numbers that were written.
    pub written: Vec<Written>,
    /// The owners' numbers that an apply used last.
    pub known: Vec<Known>,
    /// When the runs began that wrote them, by run.
    pub began: BTreeMap<String, Moment>,
    /// The movements that are booked, since [`looks_back`].
    pub booked: Vec<Booked>,
    /// The movements that these reads have shown for the first time, and that nobody has booked yet.
    pub fresh: Vec<Booked>,
    /// The order lines that wait for something.
    pub open: Vec<OrderLine>,
    /// How far the movements of each system have been read.
    pub cursors: Vec<Cursor>,
}

impl Record {
    /// All movements, each once, by what names them.
    pub(super) fn sorted(&self) -> Vec<&Booked> {
        let mut all: Vec<&Booked> = self.booked.iter().chain(&self.fresh).collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all.dedup_by(|a, b| a.key == b.key);
        all
    }
}

/// Since when movements are needed to judge some numbers; `None` where there is no number to judge by.
pub fn looks_back(record: &Record) -> Option<Moment> {
    let written = record.written.iter().map(|own| record.began.get(&own.run).copied().unwrap_or(own.at));
    let known = record.known.iter().filter_map(|own| own.as_of);
    let first = written.chain(known).min()?;
    Some(Moment(first.0.saturating_sub(BACK_MS)))
}

/// Names of a topology, with those that things had before.
#[derive(Debug)]
pub(super) struct Names<'m> {
    pub systems: Lookup<&'m str, SystemId>,
    pub items: Lookup<&'m str, ItemId>,
    pub locations: Lookup<&'m str, LocationId>,
}

impl<'m> Names<'m> {
    pub fn of(model: &'m Model) -> Names<'m> {
        Names {
            systems: by_name(model.systems.iter().map(|own| (&own.name, own.was.as_ref())), SystemId::at),
            items: by_name(model.items.iter().map(|own| (&own.name, own.was())), ItemId::at),
            locations: by_name(
                model.locations.iter().map(|own| (&own.name, own.was.as_ref())),
                LocationId::at,
            ),
        }
    }
}

/// A name that something bears now is never that of something else that bore it before.
fn by_name<'m, Id>(
    all: impl Iterator<Item = (&'m Name, Option<&'m Name>)> + Clone,
    id: impl Fn(usize) -> Id,
) -> Lookup<&'m str, Id> {
    let mut found = Lookup::default();
    for (at, (name, _)) in all.clone().enumerate() {
        found.insert(&**name, id(at));
    }
    for (at, (_, was)) in all.enumerate() {
        if let Some(was) = was {
            found.entry(&**was).or_insert_with(|| id(at));
        }
    }
    found
}

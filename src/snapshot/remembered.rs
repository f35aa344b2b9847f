//! What the state remembers of earlier runs, as far as a plan needs it: kept beside what systems showed.

use super::Snapshot;
use super::words::*;
use crate::model::Model;
use crate::model::id::Name;
use crate::model::time::Moment;
use crate::state::memory::MemoryStore;
use crate::state::{Known, StateError, Store, Written};
use std::collections::HashMap;

/// Keeps what the state remembers of the systems of a topology.
pub async fn remember(
    snapshot: &mut Snapshot,
    store: &mut dyn Store,
    model: &Model,
) -> Result<(), StateError> {
    for system in &model.systems {
        for cell in store.known(&system.name).await? {
            snapshot.known.push(KnownLine {
                system: cell.system,
                location: cell.location,
                item: cell.item,
                quantity: cell.quantity,
                value: cell.value,
                as_of: cell.as_of.map(Moment::rfc3339),
            });
        }
        for cell in store.written(&system.name).await?.into_iter().filter(|cell| !cell.seen) {
            snapshot.written.push(WrittenLine {
                system: cell.system,
                location: cell.location,
                code: cell.code,
                column: cell.column,
                value: cell.value,
                shown: cell.shown,
                at: cell.at.rfc3339(),
                run: cell.run,
            });
        }
    }
    Ok(())
}

/// The names of one sort of things: a name that is gone is that of the thing which says `was=`.
struct Names<'m>(HashMap<&'m str, &'m str>);

impl<'m> Names<'m> {
    fn new(all: impl Iterator<Item = (&'m Name, Option<&'m Name>)> + Clone) -> Names<'m> {
        let mut names: HashMap<&str, &str> = HashMap::new();
        names.extend(all.clone().filter_map(|(name, was)| Some((&**was?, &**name))));
        names.extend(all.map(|(name, _)| (&**name, &**name)));
        Names(names)
    }

    fn now(&self, name: String) -> String {
        self.0.get(name.as_str()).map_or(name.clone(), |now| (*now).to_owned())
    }
}

/// A state in memory that remembers what the snapshot does, by the names of a topology.
pub async fn remembered(snapshot: &Snapshot, model: &Model) -> Result<MemoryStore, StateError> {
    let systems = Names::new(model.systems.iter().map(|one| (&one.name, one.was.as_ref())));
    let items = Names::new(model.items.iter().map(|one| (&one.name, one.was())));
    let places = Names::new(model.locations.iter().map(|one| (&one.name, one.was.as_ref())));
    let known: Vec<Known> = snapshot
        .known
        .iter()
        .cloned()
        .map(|line| Known {
            system: systems.now(line.system),
            location: places.now(line.location),
            item: items.now(line.item),
            quantity: line.quantity,
            value: line.value,
            as_of: moment(&line.as_of),
        })
        .collect();
    let written: Vec<Written> = snapshot
        .written
        .iter()
        .cloned()
        .map(|line| Written {
            system: systems.now(line.system),
            location: places.now(line.location),
            code: line.code,
            column: line.column,
            value: line.value,
            shown: line.shown,
            at: Moment::parse(&line.at, "UTC").unwrap_or_default(),
            run: line.run,
            seen: false,
        })
        .collect();
    let mut store = MemoryStore::default();
    store.remember_known(&known).await?;
    store.remember_written(&written).await?;
    Ok(store)
}

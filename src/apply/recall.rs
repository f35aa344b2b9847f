//! What earlier runs have left behind: numbers written and not seen yet, and owners' last known numbers.

use crate::connectors::Cell;
use crate::model::counts::Counts;
use crate::model::observation::{Column, Levels, Observations};
use crate::model::quantity::{Decimal, Ratio};
use crate::model::time::{Moment, Rate};
use crate::model::{CodeId, FlowId, LocationId, Lookup, Model, Name, SystemId};
use crate::plan::Standing;
use crate::plan::again::Again;
use crate::plan::standing::{Paused, What};
use crate::state::{Known, Pause, Scope, StateError, Store, Written};
use std::collections::BTreeMap;

/// What was laid over the levels as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlaid {
    /// What the source itself shows in the columns that were laid over; `None` where it has no row.
    pub raw: BTreeMap<(SystemId, Cell, String), Option<i64>>,
    /// Numbers that have been seen since, or have been overtaken: to be remembered as seen.
    pub seen: Vec<Written>,
}

/// Completes what was read by what is remembered: owners' last known numbers, the age of the last read
/// used, and numbers that were written into a file and are not shown yet. A plan and an apply both need
/// it, right after reading.
pub async fn recall(
    store: &mut dyn Store,
    model: &Model,
    seen: &mut Observations,
) -> Result<Overlaid, StateError> {
    let systems: Vec<SystemId> = (0..model.systems.len()).map(SystemId::at).collect();
    let mut overlaid = Overlaid::default();
    let mut items: Lookup<&str, u32> = Lookup::default();
    for system in systems {
        let name = &model.system(system).name;
        let known = store.known(name).await?;
        if items.is_empty() && !known.is_empty() {
            items.extend(model.items.iter().map(|item| &*item.name).zip(0..));
        }
        for cell in known {
            recall_known(model, &items, (system, &cell), seen);
        }
        if seen.levels.contains_key(&system) {
            let written = store.written(name).await?;
            overlay(model, system, &written, seen, &mut overlaid);
        }
    }
    Ok(overlaid)
}

fn recall_known(
    model: &Model,
    items: &Lookup<&str, u32>,
    (system, cell): (SystemId, &Known),
    seen: &mut Observations,
) {
    if let Some(at) = cell.as_of {
        let newest = seen.last_used.entry(system).or_insert(at);
        *newest = (*newest).max(at);
    }
    let item = items.get(cell.item.as_str()).copied();
    let location = model.locations.iter().position(|location| *location.name == *cell.location);
    let quantity = model.quantities.iter().position(|quantity| *quantity.name == *cell.quantity);
    // What the topology no longer names is no longer asked for.
    if let (Some(item), Some(location), Some(quantity)) = (item, location, quantity) {
        let key = (system, item, LocationId::at(location), quantity as u32);
        seen.last_known.insert(key, cell.value);
        seen.last_known_at.extend(cell.as_of.map(|at| (key, at)));
    }
}

/// Lays numbers that were written and are not shown yet over what a system shows. While the source shows
/// what it showed when the number was written, the number has not arrived and counts as shown; once it
/// shows anything else, the source is believed.
pub fn overlay(
    model: &Model,
    system: SystemId,
    written: &[Written],
    seen: &mut Observations,
    overlaid: &mut Overlaid,
) {
    let Some(levels) = seen.levels.get_mut(&system) else { return };
    let mut fresh: BTreeMap<(LocationId, CodeId), Vec<(&str, i64)>> = BTreeMap::new();
    for cell in written.iter().filter(|cell| !cell.seen) {
        let Some((code, location)) = place(model, system, (&cell.code, &cell.location)) else { continue };
        let row = levels.find(code, location);
        let raw = row.and_then(|row| levels.column(&cell.column)?.values.get(row));
        let own_unit = row.is_none_or(|row| in_own_unit(model, levels, code, row));
        if raw != cell.shown.map(Decimal::whole) || !own_unit {
            overlaid.seen.push(Written { seen: true, ..cell.clone() });
            continue;
        }
        let key = (system, Cell { code, location }, cell.column.clone());
        overlaid.raw.insert(key, cell.shown);
        match row {
            Some(row) => set(levels, &cell.column, row, cell.value),
            None => fresh.entry((location, code)).or_default().push((&cell.column, cell.value)),
        }
    }
    if !fresh.is_empty() {
        insert(levels, &fresh);
    }
}

fn place(model: &Model, system: SystemId, (code, at): (&str, &str)) -> Option<(CodeId, LocationId)> {
    let code = model.find_code(system, code)?;
    let location = match at {
        "" => model.find_location(system, None)?,
        name => model.location_named(name)?,
    };
    Some((code, location))
}

/// Written numbers are in the code's unit; a row that counts in another cannot take one.
fn in_own_unit(model: &Model, levels: &Levels, code: CodeId, row: usize) -> bool {
    let word = levels.units.get(row).copied().flatten();
    word.is_none_or(|word| levels.words[word as usize] == model.code(code).measure.unit)
}

fn column<'l>(levels: &'l mut Levels, name: &str) -> &'l mut Column {
    let rows = levels.codes.len();
    let at = levels.columns.iter().position(|column| &*column.name == name).unwrap_or_else(|| {
        levels.columns.push(Column { name: Name::from(name), values: Counts::empty(rows) });
        levels.columns.len() - 1
    });
    &mut levels.columns[at]
}

fn set(levels: &mut Levels, name: &str, row: usize, value: i64) {
    column(levels, name).values.set(row, Some(Decimal::whole(value)));
}

/// Adds rows, keeping the order by location, then code.
fn insert(levels: &mut Levels, fresh: &BTreeMap<(LocationId, CodeId), Vec<(&str, i64)>>) {
    for (location, code) in fresh.keys() {
        levels.codes.push(*code);
        levels.locations.push(*location);
        levels.records.push(0);
        levels.columns.iter_mut().for_each(|column| column.values.push(None));
        if !levels.units.is_empty() {
            levels.units.push(None);
        }
        if !levels.row_as_of.is_empty() {
            levels.row_as_of.push(None);
        }
    }
    let locations: Vec<LocationId> = levels.locations.iter().collect();
    let mut order: Vec<usize> = (0..levels.codes.len()).collect();
    order.sort_by_key(|row| (locations[*row], levels.codes[*row]));
    levels.codes = order.iter().map(|row| levels.codes[*row]).collect();
    levels.locations = order.iter().map(|row| locations[*row]).collect();
    levels.records = order.iter().map(|row| levels.records[*row]).collect();
    for column in &mut levels.columns {
        column.values = order.iter().map(|row| column.values.get(*row)).collect();
    }
    if !levels.units.is_empty() {
        levels.units = order.iter().map(|row| levels.units[*row]).collect();
    }
    if !levels.row_as_of.is_empty() {
        levels.row_as_of = order.iter().map(|row| levels.row_as_of[*row]).collect();
    }
    for ((location, code), values) in fresh {
        if let Some(row) = levels.find(*code, *location) {
            values.iter().for_each(|(name, value)| set(levels, name, row, *value));
        }
    }
}

/// The owners' numbers of a run, as they are remembered.
pub fn known(model: &Model, again: &Again) -> Vec<Known> {
    let cells = again.known.iter().map(|cell| {
        let (system, item, location, quantity) = cell.key;
        Known {
            system: model.system(system).name.to_string(),
            location: model.location(location).name.to_string(),
            item: model.items[item as usize].name.to_string(),
            quantity: model.quantities[quantity as usize].name.to_string(),
            value: cell.value,
            as_of: cell.as_of,
        }
    });
    cells.collect()
}

/// The place of what bears a name, or bore it before it was renamed.
fn now<'m>(mut all: impl Iterator<Item = (&'m Name, &'m Option<Name>)> + Clone, name: &str) -> Option<usize> {
    let named = all.clone().position(|(own, _)| **own == *name);
    named.or_else(|| all.position(|(_, was)| was.as_deref() == Some(name)))
}

fn flow_of(model: &Model, name: &str) -> Option<FlowId> {
    now(model.flows.iter().map(|own| (&own.name, &own.was)), name).map(FlowId::at)
}

fn system_of(model: &Model, name: &str) -> Option<SystemId> {
    now(model.systems.iter().map(|own| (&own.name, &own.was)), name).map(SystemId::at)
}

/// Pauses as a topology understands them; what it no longer names is left out.
pub fn paused(model: &Model, pauses: &[Pause]) -> Vec<Paused> {
    let zone = model.timezone.as_deref().unwrap_or("UTC");
    let place_of =
        |name: &str| now(model.locations.iter().map(|own| (&own.name, &own.was)), name).map(LocationId::at);
    let one = |pause: &Pause| {
        let what = match pause.scope {
            Scope::All => What::All,
            Scope::System => What::System(system_of(model, &pause.name)?),
            Scope::Location => What::Location(place_of(&pause.name)?),
            Scope::Flow => What::Flow(flow_of(model, &pause.name)?),
        };
        let since = pause.since.on_the_wall(zone);
        let told = format!("paused by {} since {since}: {}", pause.actor, pause.reason);
        Some(Paused { what, holds_all: pause.holds_all, told })
    };
    pauses.iter().filter_map(one).collect()
}

/// What holds beside the topology: pauses, the limits last applied, and how much the last reads held. What
/// the topology no longer names is left out.
pub async fn standing(store: &mut dyn Store, model: &Model, now: Moment) -> Result<Standing, StateError> {
    let mut standing = Standing::default();
    let flow_of = |name: &str| flow_of(model, name);
    let system_of = |name: &str| system_of(model, name);
    standing.pauses = paused(model, &store.pauses().await?);
    for limit in store.limits().await? {
        let Some(flow) = flow_of(&limit.flow) else { continue };
        let ratio = Ratio { numerator: limit.numerator, denominator: limit.denominator };
        let renamed = *model.flow(flow).name != *limit.flow;
        keep(&mut standing.limits, (flow, limit.guard), (ratio, renamed));
    }
    for size in store.sizes().await? {
        let Some(system) = system_of(&size.system) else { continue };
        let renamed = *model.system(system).name != *size.system;
        keep(&mut standing.sizes, (system, size.what), (size.rows, renamed));
    }
    for (cell, at) in writes(store, model, now).await? {
        let frees = cap(model, model.code(cell.0).system).and_then(|cap| frees(&at, cap));
        standing.spent.extend(frees.map(|frees| (cell, frees)));
    }
    Ok(standing)
}

/// When each cell was written, of the systems that say how often one may be.
pub type Writes = BTreeMap<(CodeId, LocationId), Vec<Moment>>;

/// How often one cell of a system may be written, where that is said.
pub fn cap(model: &Model, system: SystemId) -> Option<Rate> {
    let own = model.system(system);
    own.limit.writes.or(own.kind.writes_per_cell)
}

/// When cells were written within the time of which their system counts the writes. Every request that left
/// counts, whatever came of it.
pub async fn writes(store: &mut dyn Store, model: &Model, now: Moment) -> Result<Writes, StateError> {
    let mut writes = Writes::new();
    for (at, own) in model.systems.iter().enumerate() {
        let system = SystemId::at(at);
        let Some(cap) = cap(model, system) else { continue };
        let after = now.before(cap.per);
        for name in [Some(&own.name), own.was.as_ref()].into_iter().flatten() {
            for leaving in store.leavings(name, after).await? {
                // What the topology no longer names is no longer written.
                if let Some(cell) = place(model, system, (&leaving.code, &leaving.location)) {
                    writes.entry(cell).or_default().push(leaving.at);
                }
            }
        }
    }
    writes.values_mut().for_each(|at| at.sort_unstable());
    Ok(writes)
}

/// When a cell may be written again that was written at these moments, where it may not be now.
fn frees(at: &[Moment], cap: Rate) -> Option<Moment> {
    let over = at.len().checked_sub(cap.count as usize)?;
    at.get(over).map(|oldest| oldest.after(cap.per))
}

/// What is known under a new name is newer than what is known under the old one.
fn keep<K: Ord, V>(kept: &mut BTreeMap<K, V>, key: K, (value, renamed): (V, bool)) {
    if renamed {
        kept.entry(key).or_insert(value);
    } else {
        kept.insert(key, value);
    }
}

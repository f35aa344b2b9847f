//! What bad rows of catalogs leave in doubt: the things that they are about, and every bundle over these.

use crate::model::item::Thing;
use crate::model::{BundleId, Doubt, Model};
use crate::source::SourceId;
use std::collections::{BTreeMap, BTreeSet};

/// Works out which things are in doubt. `nested` says which bundle stands directly inside which, as
/// (inner, outer); `loose` are the bad rows of which nobody knows the bundle, with their files.
pub fn doubts(
    model: &Model,
    nested: &[(BundleId, BundleId)],
    loose: &[(SourceId, u32)],
) -> BTreeMap<Thing, Doubt> {
    let mut doubts = BTreeMap::new();
    let mut rows: BTreeMap<Thing, u32> = BTreeMap::new();
    for (row, bad) in model.bad_rows.iter().enumerate() {
        if let Some(thing) = bad.thing {
            rows.entry(thing).or_insert(row as u32);
        }
    }
    let mut around: BTreeMap<BundleId, Vec<BundleId>> = BTreeMap::new();
    for (inner, outer) in nested {
        around.entry(*inner).or_default().push(*outer);
    }
    for (thing, row) in &rows {
        let reached = match thing {
            Thing::Item(_) => BTreeSet::new(),
            Thing::Bundle(bundle) => outwards(&around, [*bundle]),
        };
        let reached = reached.into_iter().map(Thing::Bundle).filter(|outer| outer != thing);
        for doubtful in std::iter::once(*thing).chain(reached) {
            add(&mut doubts, doubtful, (*thing, *row));
        }
    }
    if rows.keys().any(|thing| matches!(thing, Thing::Item(_))) {
        for (at, bundle) in model.bundles.iter().enumerate() {
            for component in bundle.components.iter().map(|component| Thing::Item(component.item)) {
                if let Some(row) = rows.get(&component) {
                    add(&mut doubts, Thing::Bundle(BundleId::at(at)), (component, *row));
                }
            }
        }
    }
    may_lack(model, &around, loose, &mut doubts);
    doubts.values_mut().for_each(|doubt| doubt.because.sort_unstable());
    doubts
}

fn add(doubts: &mut BTreeMap<Thing, Doubt>, thing: Thing, (because, row): (Thing, u32)) {
    let doubt = doubts.entry(thing).or_insert(Doubt { row, because: Vec::new() });
    doubt.row = doubt.row.min(row);
    doubt.because.push(because);
}

/// Any bundle of a file with a row of nobody knows which bundle may lack a component.
fn may_lack(
    model: &Model,
    around: &BTreeMap<BundleId, Vec<BundleId>>,
    loose: &[(SourceId, u32)],
    doubts: &mut BTreeMap<Thing, Doubt>,
) {
    let mut first: BTreeMap<SourceId, u32> = BTreeMap::new();
    for (source, row) in loose {
        first.entry(*source).or_insert(*row);
    }
    for (source, row) in first {
        let own = model.bundles.iter().enumerate().filter(|(_, bundle)| bundle.origin.source == source);
        for bundle in outwards(around, own.map(|(at, _)| BundleId::at(at))) {
            doubts.entry(Thing::Bundle(bundle)).or_insert(Doubt { row, because: Vec::new() });
        }
    }
}

/// Some bundles, and every bundle around them.
fn outwards(
    around: &BTreeMap<BundleId, Vec<BundleId>>,
    from: impl IntoIterator<Item = BundleId>,
) -> BTreeSet<BundleId> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<BundleId> = from.into_iter().collect();
    while let Some(bundle) = open.pop() {
        if reached.insert(bundle) {
            open.extend(around.get(&bundle).into_iter().flatten());
        }
    }
    reached
}

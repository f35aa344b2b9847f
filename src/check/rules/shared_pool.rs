//! `shared-pool`: two sellables, none of them a bundle, draw on one shelf.

use super::{pool_beside_member, two_flows_one_cell};
use crate::check::Facts;
use crate::check::cells::Cells;
use crate::check::shelves::{Divided, between, divided, within};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::{Draw, Graph};
use crate::model::item::Thing;
use crate::model::set::Bits;
use crate::model::{FlowId, LocationId};
use std::collections::{BTreeMap, BTreeSet};

/// The shelves that two flows, or one, draw on.
#[derive(Default)]
pub(super) struct Shelves {
    /// Where none of the two sellables is a bundle.
    pub plain: Cells,
    /// Where at least one of them is.
    pub bundled: Cells,
}

/// So many earlier flows are named beside one that shares a shelf with them; each of them is named itself.
/// A thousand flows on one shelf would else be half a million findings.
const MOST: usize = 20;

/// Pairs of flows, the earlier one first (a flow may stand beside itself), with what they share. Flows
/// that write one cell, or show one shelf in one shop twice, have been reported for that. What an allocation
/// divides is not shared, and what it divides without one of the two is `allocation-outside`.
pub(super) fn pairs(facts: &Facts) -> BTreeMap<(FlowId, FlowId), Shelves> {
    let mut collide: BTreeSet<(FlowId, FlowId)> = two_flows_one_cell::pairs(facts).into_keys().collect();
    collide.extend(pool_beside_member::pairs(facts).into_keys());
    let mut places: BTreeMap<LocationId, Vec<(FlowId, &Draw)>> = BTreeMap::new();
    for (id, _) in facts.flows().filter(|(_, flow)| facts.sells(flow) && facts.can_write(flow)) {
        for draw in &facts.graph.flow(id).draws {
            places.entry(draw.location).or_default().push((id, draw));
        }
    }
    let mut pairs: BTreeMap<(FlowId, FlowId), Shelves> = BTreeMap::new();
    let divided = divided(facts);
    for (place, draws) in places {
        let mut seen = Bits::default();
        for (at, (second, draw)) in draws.iter().enumerate() {
            let needed = draw.needed();
            // Flows over different items cost one pass each, however many there are.
            let earlier = if seen.meets(&needed) { &draws[..at] } else { &[] };
            let mut found = 0;
            for (first, other) in earlier {
                let key = (*first, *second);
                if !collide.contains(&key) && Graph::same_stock(facts.model, *first, *second) {
                    let items = apart(&divided, key, place, between(other, draw));
                    found += usize::from(!items.0.is_empty() || !items.1.is_empty());
                    add(pairs.entry(key).or_default(), place, items);
                }
                if found == MOST {
                    break;
                }
            }
            if !collide.contains(&(*second, *second)) {
                let key = (*second, *second);
                add(pairs.entry(key).or_default(), place, apart(&divided, key, place, within(draw)));
            }
            seen.union(&needed);
        }
    }
    pairs
}

/// What two flows share at a place without what allocations divide there.
fn apart(
    divided: &[Divided<'_>],
    (first, second): (FlowId, FlowId),
    place: LocationId,
    (mut plain, mut bundled): (Bits, Bits),
) -> (Bits, Bits) {
    let inside = |flow: FlowId| divided.iter().any(|own| own.flows.contains(&flow));
    if inside(first) && inside(second) {
        return (Bits::default(), Bits::default());
    }
    for own in divided.iter().filter(|own| own.flows.contains(&first) || own.flows.contains(&second)) {
        if let Some(items) = own.at(place) {
            plain.subtract(items);
            bundled.subtract(items);
        }
    }
    (plain, bundled)
}

fn add(shelves: &mut Shelves, place: LocationId, (plain, bundled): (Bits, Bits)) {
    shelves.plain.add(place, &plain);
    shelves.bundled.add(place, &bundled);
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let pairs = pairs(facts);
    let shared = pairs.iter().filter(|(_, shelves)| !shelves.plain.is_empty());
    shared.map(|((first, second), shelves)| finding(facts, *first, *second, &shelves.plain)).collect()
}

fn finding(facts: &Facts, first: FlowId, second: FlowId, cells: &Cells) -> Diagnostic {
    let (one, other) = (facts.model.flow(first), facts.model.flow(second));
    let said = cells.say(facts.model);
    let finding = if first == second {
        let target = &facts.model.system(other.to).name;
        let codes = cells.example().map(|(thing, _)| codes(facts, first, thing)).unwrap_or_default();
        Diagnostic::new(
            code::SHARED_POOL,
            other.origin,
            format!("`{target}` sells one shelf under several codes: {said} ({codes})"),
        )
        .here("each code shows the whole shelf")
    } else {
        let (a, b) = (&facts.model.system(one.to).name, &facts.model.system(other.to).name);
        let message = match a == b {
            true => format!("flows `{}` and `{}` sell the same shelf twice: {said}", one.name, other.name),
            false => format!("`{a}` and `{b}` sell the same shelf: {said}"),
        };
        Diagnostic::new(code::SHARED_POOL, other.origin, message)
            .here(format!("`{}` shows the whole shelf", other.name))
            .label(one.origin, format!("`{}` shows it too", one.name))
    };
    finding.help(
        "Each shows all that is there, so together they can sell more than there is between two runs. Divide \
         it with an `allocation`, keep some back with `keep-back`, part the places or items with `at` and \
         `items`, or accept it: `allow shared-pool reason=\"…\"` in the flow.",
    )
}

/// The codes under which a flow's target sells an item.
fn codes(facts: &Facts, flow: FlowId, thing: Thing) -> String {
    let ids = facts.model.codes_of_thing(facts.model.flow(flow).to, thing);
    let codes: Vec<&str> = ids.map(|id| &*facts.model.codes[id as usize].code).collect();
    match codes.len() {
        0..=3 => crate::check::cells::list(codes),
        more => format!("`{}` and {} more", codes[0], more - 1),
    }
}

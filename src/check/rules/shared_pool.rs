//! `shared-pool`: two sellables, none of them a bundle, draw on one shelf.

use super::{pool_beside_member, two_flows_one_cell};
use crate::check::Facts;
use crate::check::cells::Cells;
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

/// Pairs of flows, the earlier one first (a flow may stand beside itself), with what they share. Flows
/// that write one cell, or show one shelf in one shop twice, have been reported for that.
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
    for (place, draws) in places {
        let mut seen = Bits::default();
        for (at, (second, draw)) in draws.iter().enumerate() {
            let needed = draw.needed();
            // Flows over different items cost one pass each, however many there are.
            let earlier = if seen.meets(&needed) { &draws[..at] } else { &[] };
            for (first, other) in earlier {
                let key = (*first, *second);
                if !collide.contains(&key) && same_stock(facts, *first, *second) {
                    add(pairs.entry(key).or_default(), place, between(other, draw));
                }
            }
            if !collide.contains(&(*second, *second)) {
                add(pairs.entry((*second, *second)).or_default(), place, within(draw));
            }
            seen.union(&needed);
        }
    }
    pairs
}

/// Whether two flows add up some of the same counts: a channel that shows what is on its way does not
/// draw on the shelf.
fn same_stock(facts: &Facts, first: FlowId, second: FlowId) -> bool {
    let (one, other) = (Graph::asked(facts.model, first), Graph::asked(facts.model, second));
    one.iter().zip(&other).any(|(one, other)| *one > 0 && *other > 0)
}

fn add(shelves: &mut Shelves, place: LocationId, (plain, bundled): (Bits, Bits)) {
    shelves.plain.add(place, &plain);
    shelves.bundled.add(place, &bundled);
}

/// Items that two flows draw on: both as such, and at least one through a bundle.
fn between(one: &Draw, other: &Draw) -> (Bits, Bits) {
    let mut bundled = one.components.common(&other.needed());
    bundled.union(&other.components.common(&one.items));
    (one.items.common(&other.items), bundled)
}

/// Items that one flow draws on twice: under two codes, and at least once through a bundle.
fn within(draw: &Draw) -> (Bits, Bits) {
    let mut bundled = draw.components.common(&draw.items);
    bundled.union(&draw.components_twice);
    (draw.twice.clone(), bundled)
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
        "Each shows all that is there, so together they can sell more than there is between two runs. Keep \
         some back with `keep-back`, divide the places or items with `at` and `items`, or accept it: `allow \
         shared-pool reason=\"…\"` in the flow.",
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

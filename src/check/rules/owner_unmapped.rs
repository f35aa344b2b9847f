//! `owner-unmapped`: the owner of a needed count does not know the item.

use crate::check::Facts;
use crate::check::cells::Cells;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;
use crate::model::set::Bits;
use crate::model::{FlowId, LocationId, OwnerId, QuantityId};
use std::collections::BTreeMap;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    facts.flows().filter_map(|(id, _)| finding(facts, id)).collect()
}

fn finding(facts: &Facts, id: FlowId) -> Option<Diagnostic> {
    let unknown = unknown(facts, id);
    // An item that two owners do not know is still one cell.
    let mut places: BTreeMap<LocationId, Bits> = BTreeMap::new();
    unknown.iter().for_each(|((place, _), items)| places.entry(*place).or_default().union(items));
    let mut cells = Cells::default();
    places.iter().for_each(|(place, items)| cells.add(*place, items));
    let Some((Thing::Item(item), location)) = cells.example() else { return None };
    let mut here =
        unknown.iter().filter(|((place, _), items)| *place == location && items.contains(item.index()));
    let ((_, owner), _) = here.next()?;
    let system = &facts.owner_system(*owner).name;
    let flow = facts.model.flow(id);
    let name = &facts.model.item(item).name;
    let place = &facts.model.location(location).name;
    Some(
        Diagnostic::new(
            code::OWNER_UNMAPPED,
            flow.origin,
            format!(
                "flow `{}` needs counts that `{system}` owns but has no code for: {}",
                flow.name,
                cells.say(facts.model)
            ),
        )
        .here("needs the count")
        .label(facts.owner(*owner).origin, format!("`{system}` owns it at `{place}`"))
        .label(facts.model.item(item).origin, format!("`{name}` has no `in {system}` that is valid there"))
        .help(format!(
            "A count that its owner cannot be asked for is never published: the item stays at its last \
             number for ever. Say how `{system}` calls it (`in {system} CODE`), or take it out of that \
             `owner` node or of the flow with `items` or `except`.",
        )),
    )
}

/// Items whose owner has no code for them, by place and owner, each item at a place once.
fn unknown(facts: &Facts, id: FlowId) -> BTreeMap<(LocationId, OwnerId), Bits> {
    let owners = facts.graph.owners();
    let mut unknown: BTreeMap<(LocationId, OwnerId), Bits> = BTreeMap::new();
    for sum in &facts.graph.flow(id).sums {
        for at in (0..sum.terms.len()).filter(|at| sum.terms[*at] != 0) {
            let quantity = QuantityId::at(at);
            for (owner, items) in owners.split(sum.location, quantity, &sum.items) {
                // Either of these is a finding of its own.
                if !facts.can_show(owner, quantity) || !facts.has_place(owner, sum.location) {
                    continue;
                }
                let known = facts.graph.items_known(facts.owner(owner).system, sum.location);
                let missing = items.without(&known);
                if !missing.is_empty() {
                    unknown.entry((sum.location, owner)).or_default().union(&missing);
                }
            }
        }
    }
    unknown
}

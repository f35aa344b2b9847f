//! `owner-gap`: a flow needs a count that nobody owns.

use crate::check::Facts;
use crate::check::cells::{Cells, list};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::Draw;
use crate::model::quantity::{BASE, ON_HAND};
use crate::model::set::Bits;
use crate::model::{FlowId, LocationId, QuantityId};
use std::collections::{BTreeMap, BTreeSet};

/// Counts of one quantity at one place that a flow needs and nobody owns.
pub(super) struct Gap {
    /// The place.
    pub location: LocationId,
    /// The base quantity.
    pub quantity: QuantityId,
    /// The items.
    pub items: Bits,
}

/// What nobody owns of what a flow needs.
///
/// On hand must have an owner at every cell. Any other quantity counts as 0 where nobody owns it, and is
/// a gap only where it looks forgotten: it has an owner at other cells of the flow, and the owner of on
/// hand here could show it. A sum without on hand needs an owner of something that it adds.
pub(super) fn gaps(facts: &Facts, flow: FlowId) -> Vec<Gap> {
    let owners = facts.graph.owners();
    let facts_of_flow = facts.graph.flow(flow);
    // A count that the target does not take is the wrong one: who owns it is not asked.
    if facts.model.flow(flow).write.is_none() {
        return Vec::new();
    }
    let asked = crate::graph::Graph::asked(facts.model, flow);
    let added: Vec<QuantityId> = (0..BASE.len()).filter(|at| asked[*at] > 0).map(QuantityId::at).collect();
    let anchors = if asked[ON_HAND.index()] != 0 { vec![ON_HAND] } else { added };
    let mut gaps = Vec::new();
    for draw in &facts_of_flow.draws {
        let mut items = draw.needed();
        anchors.iter().for_each(|anchor| items.subtract(&owners.owned(draw.location, *anchor)));
        if let (Some(quantity), false) = (anchors.first(), items.is_empty()) {
            gaps.push(Gap { location: draw.location, quantity: *quantity, items });
        }
    }
    for (at, _) in asked.iter().enumerate().filter(|(_, times)| **times != 0) {
        let quantity = QuantityId::at(at);
        let owned = |draw: &Draw| draw.needed().meets(&owners.owned(draw.location, quantity));
        if anchors.contains(&quantity) || !facts_of_flow.draws.iter().any(owned) {
            continue;
        }
        for sum in facts_of_flow.sums.iter().filter(|sum| sum.terms[at] != 0) {
            // Where several own what is on hand, that is the mistake.
            let contested = owners.contested(sum.location, ON_HAND);
            let unowned = sum.items.without(&owners.owned(sum.location, quantity)).without(&contested);
            for (owner, items) in owners.split(sum.location, ON_HAND, &unowned) {
                if facts.can_show(owner, quantity) {
                    gaps.push(Gap { location: sum.location, quantity, items });
                }
            }
        }
    }
    gaps
}

/// The items that some flow publishes themselves, by place: what is missing there is no bundle's matter.
pub(super) fn needed_themselves(facts: &Facts) -> BTreeMap<LocationId, Bits> {
    let mut needed: BTreeMap<LocationId, Bits> = BTreeMap::new();
    for (id, _) in facts.flows() {
        for draw in &facts.graph.flow(id).draws {
            needed.entry(draw.location).or_default().union(&draw.items);
        }
    }
    needed
}

/// The cells of some gaps, and the quantities in the order of their ids.
pub(super) fn gather(gaps: impl Iterator<Item = Gap>) -> (Cells, BTreeSet<QuantityId>) {
    let mut cells = Cells::default();
    let mut quantities = BTreeSet::new();
    for gap in gaps.filter(|gap| !gap.items.is_empty()) {
        cells.add(gap.location, &gap.items);
        quantities.insert(gap.quantity);
    }
    (cells, quantities)
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let themselves = needed_themselves(facts);
    let mut found = Vec::new();
    for (id, flow) in facts.flows() {
        let gaps = gaps(facts, id).into_iter().map(|gap| {
            let items = themselves.get(&gap.location).map(|items| gap.items.common(items));
            Gap { items: items.unwrap_or_default(), ..gap }
        });
        let (cells, quantities) = gather(gaps);
        if cells.is_empty() {
            continue;
        }
        let names = list(quantities.iter().map(|id| &*facts.model.quantity(*id).name));
        let cells = cells.say(facts.model);
        found.push(
            Diagnostic::new(
                code::OWNER_GAP,
                flow.origin,
                format!("flow `{}` needs {names} of {cells}, which no one owns", flow.name),
            )
            .here(format!("publishes `{}`", facts.model.quantity(flow.quantity).name))
            .help(
                "Without an owner there is no number to publish: such a cell would be sold out for ever, or \
                 show whatever was typed in last. Add the place, the items or the quantity to an `owner` \
                 node, or take them out of the flow with `at`, `items` or `except`.",
            ),
        );
    }
    found
}

//! `reserved-unowned`: a channel is fed from a sum in which nobody owns reserved.

use super::owner_gap;
use crate::check::Facts;
use crate::check::cells::Cells;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::{ON_HAND, RESERVED};
use crate::model::set::Bits;
use crate::model::{FlowId, LocationId};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, flow) in facts.flows().filter(|(_, flow)| facts.sells(flow) && facts.can_write(flow)) {
        let cells = unowned(facts, id);
        let Some((_, location)) = cells.example() else { continue };
        let target = &facts.model.system(flow.to).name;
        let quantity = &facts.model.quantity(flow.quantity).name;
        let mut finding = Diagnostic::new(
            code::RESERVED_UNOWNED,
            flow.origin,
            format!(
                "flow `{}` publishes to `{target}`, and no one owns `reserved` of {}",
                flow.name,
                cells.say(facts.model)
            ),
        )
        .here(format!("`{quantity}` takes `reserved` off, which counts as 0 there"));
        if let Some(claim) = facts.graph.owners().claims(location, ON_HAND).first() {
            let name = &facts.owner_system(claim.owner).name;
            finding =
                finding.label(facts.owner(claim.owner).origin, format!("`{name}` owns `on-hand` there"));
        }
        found.push(finding.help(
            "Stock that is promised to open orders but still on the shelf would be sold a second time. Add \
             `reserved` to an `owner` that shows it; or, where the count on hand has it off already, say so \
             in `levels` with `net-of reserved`.",
        ));
    }
    found
}

fn unowned(facts: &Facts, id: FlowId) -> Cells {
    let owners = facts.graph.owners();
    let mut gaps = owner_gap::gaps(facts, id);
    gaps.retain(|gap| gap.quantity == ON_HAND || gap.quantity == RESERVED);
    let gap = |location: LocationId| {
        let mut items = Bits::default();
        gaps.iter().filter(|gap| gap.location == location).for_each(|gap| items.union(&gap.items));
        items
    };
    let mut cells = Cells::default();
    let sums = facts.graph.flow(id).sums.iter();
    for sum in sums.filter(|s| s.terms[RESERVED.index()] < 0 && s.asked[ON_HAND.index()] != 0) {
        let mut unowned = sum.items.without(&owners.owned(sum.location, RESERVED));
        unowned.subtract(&gap(sum.location));
        unowned.subtract(&owners.contested(sum.location, ON_HAND));
        // Whether it is off already is unknown where on hand itself cannot be read.
        for (owner, items) in owners.split(sum.location, ON_HAND, &unowned) {
            if !facts.can_show(owner, ON_HAND) {
                unowned.subtract(&items);
            }
        }
        cells.add(sum.location, &unowned);
    }
    cells
}

//! `writes-to-owner`: a flow would write a count into the system that owns it.

use crate::check::Facts;
use crate::check::cells::{Cells, list};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::Graph;
use crate::model::flow::Flow;
use crate::model::{FlowId, OwnerId, QuantityId};
use std::collections::BTreeSet;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let writable = facts.flows().filter(|(_, flow)| facts.can_write(flow));
    writable.filter_map(|(id, flow)| finding(facts, id, flow)).collect()
}

/// What is added up into the number that is written must come from elsewhere, also through a pool or a
/// bundle. What is only taken off, such as the target's own reservations, may be the target's.
fn finding(facts: &Facts, id: FlowId, flow: &Flow) -> Option<Diagnostic> {
    let owners = facts.graph.owners();
    let asked = Graph::asked(facts.model, id);
    let mut cells = Cells::default();
    let mut quantities: BTreeSet<QuantityId> = BTreeSet::new();
    let mut nodes: BTreeSet<OwnerId> = BTreeSet::new();
    for draw in &facts.graph.flow(id).draws {
        for quantity in (0..asked.len()).filter(|at| asked[*at] > 0).map(QuantityId::at) {
            for (owner, items) in owners.split(draw.location, quantity, &draw.needed()) {
                if facts.owner(owner).system == flow.to {
                    cells.add(draw.location, &items);
                    quantities.insert(quantity);
                    nodes.insert(owner);
                }
            }
        }
    }
    let target = &facts.model.system(flow.to).name;
    let names = list(quantities.iter().map(|id| &*facts.model.quantity(*id).name));
    let said = cells.say(facts.model);
    let message = format!("flow `{}` writes to `{target}`, which owns {names} of {said}", flow.name);
    let owner = facts.owner(*nodes.first()?);
    Some(
        Diagnostic::new(code::WRITES_TO_OWNER, flow.origin, message)
            .here(format!("writes to `{target}`"))
            .label(owner.origin, format!("`{target}` is the owner"))
            .help(
                "An owner's count is what everybody else believes. Written back to it, a number that is a \
                 few minutes old undoes what was sold or received since, and nobody is left who knows \
                 better. Name other places with `at`, other items with `items`, or give the count another \
                 owner.",
            ),
    )
}

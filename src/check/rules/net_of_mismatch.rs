//! `net-of-mismatch`: a sum or a bridge needs a count that nobody shows.

use crate::check::Facts;
use crate::check::cells::{Cells, list};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::Sum;
use crate::model::flow::Flow;
use crate::model::quantity::BASE;
use crate::model::{FlowId, OwnerId, QuantityId};
use std::collections::BTreeSet;

/// Whether the target has a column for the count, but shows it net of what it does not show.
pub(super) fn bridge_fails(facts: &Facts, flow: &Flow) -> bool {
    let target = facts.model.system(flow.to);
    let shown = target.shows.iter().find(|shows| shows.quantity == flow.quantity);
    flow.write.is_none() && target.kind.generic && shown.is_some_and(|shows| !shows.net_of.is_empty())
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let bridges = facts.flows().filter(|(_, flow)| bridge_fails(facts, flow));
    let sums = facts.flows().filter_map(|(id, flow)| sum(facts, id, flow));
    bridges.map(|(_, flow)| bridge(facts, flow)).chain(sums).collect()
}

fn bridge(facts: &Facts, flow: &Flow) -> Diagnostic {
    let target = facts.model.system(flow.to);
    let quantity = &facts.model.quantity(flow.quantity).name;
    let shows = target.shows.iter().find(|shows| shows.quantity == flow.quantity);
    let off = list(shows.iter().flat_map(|shows| &shows.net_of).map(|name| &**name));
    let message = format!(
        "flow `{}` writes `{quantity}` to `{}`, which keeps it net of {off} and does not show that",
        flow.name, target.name
    );
    let origin = shows.and_then(|shows| shows.origin).unwrap_or(target.origin);
    Diagnostic::new(code::NET_OF_MISMATCH, flow.origin, message)
        .here(format!("publishes `{quantity}`"))
        .label(origin, format!("{off} is off this figure"))
        .help(
            "To write the figure one must know what the target takes off, else it is off twice or not at \
             all. Name the column that shows it in `levels` of the target, or publish a count that is net of \
             the same.",
        )
}

/// A gross count is asked for where only a net one is shown, and nobody owns what is off.
fn sum(facts: &Facts, id: FlowId, flow: &Flow) -> Option<Diagnostic> {
    let owners = facts.graph.owners();
    let mut cells = Cells::default();
    let mut off: BTreeSet<QuantityId> = BTreeSet::new();
    let mut net: Option<(OwnerId, QuantityId)> = None;
    for sum in &facts.graph.flow(id).sums {
        let changed = |at: &usize| sum.terms[*at] != 0 && sum.terms[*at] != sum.asked[*at];
        for quantity in (0..BASE.len()).filter(changed).map(QuantityId::at) {
            let missing = sum.items.without(&owners.owned(sum.location, quantity));
            if missing.is_empty() {
                continue;
            }
            net = net.or_else(|| shown_net(facts, sum, quantity));
            cells.add(sum.location, &missing);
            off.insert(quantity);
        }
    }
    let (owner, gross) = net?;
    let system = facts.owner_system(owner);
    let gross_name = &facts.model.quantity(gross).name;
    let off = list(off.iter().map(|id| BASE[id.index()]));
    let shows = system.shows.iter().find(|shows| shows.quantity == gross);
    let origin = shows.and_then(|shows| shows.origin).unwrap_or(system.origin);
    let message = format!(
        "flow `{}` needs the whole `{gross_name}`, and `{}` shows it net of {off} only: {}",
        flow.name,
        system.name,
        cells.say(facts.model)
    );
    Some(
        Diagnostic::new(code::NET_OF_MISMATCH, flow.origin, message)
            .here(format!("publishes `{}`", facts.model.quantity(flow.quantity).name))
            .label(origin, format!("{off} is off already"))
            .help(format!(
                "What was taken off cannot be put back without its number, and the target would show too \
                 little for ever. Let an `owner` that shows it own {off}; or publish a count without it, \
                 such as `available`.",
            )),
    )
}

/// The owner and the count that are net of a quantity, in one sum.
fn shown_net(facts: &Facts, sum: &Sum, off: QuantityId) -> Option<(OwnerId, QuantityId)> {
    let name = BASE[off.index()];
    (0..BASE.len()).filter(|at| sum.asked[*at] != 0).map(QuantityId::at).find_map(|quantity| {
        let parts = facts.graph.owners().split(sum.location, quantity, &sum.items);
        let net = |owner: &OwnerId| {
            let shows = facts.owner_system(*owner).shows.iter();
            shows.filter(|shows| shows.quantity == quantity).any(|s| s.net_of.iter().any(|n| &**n == name))
        };
        parts.into_iter().map(|(owner, _)| owner).find(net).map(|owner| (owner, quantity))
    })
}

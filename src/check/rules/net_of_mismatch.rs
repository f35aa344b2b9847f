//! `net-of-mismatch`: a sum or a bridge needs a count that nobody shows.

use super::target_cannot_take::obstacle;
use crate::check::Facts;
use crate::check::cells::{Cells, list};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::Sum;
use crate::model::flow::Flow;
use crate::model::quantity::{BASE, ON_HAND};
use crate::model::{FlowId, Model, OwnerId, QuantityId};
use std::collections::BTreeSet;

/// The base quantities that the target takes off the very column that is to be written, although the
/// flow's quantity has them still in it.
pub fn off_at_target(model: &Model, flow: &Flow) -> Vec<QuantityId> {
    let Some(write) = &flow.write else { return Vec::new() };
    let quantity = model.quantity(flow.quantity);
    let mut shows = model.system(flow.to).shows.iter();
    let column = shows.find(|s| s.quantity == flow.quantity && quantity.name == write.column);
    let taken = |id: &QuantityId| quantity.terms.iter().any(|(term, times)| term == id && *times < 0);
    let base = |name: &str| BASE.iter().position(|base| *base == name).map(QuantityId::at);
    let net = column.iter().flat_map(|shows| &shows.net_of).filter_map(|name| base(name));
    net.filter(|id| !taken(id)).collect()
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    // What cannot be written at all needs no sum.
    let takes = |flow: &Flow| flow.write.is_some() && obstacle(facts.model, flow).is_none();
    let flows = facts.flows().filter(|(_, flow)| takes(flow));
    flows.filter_map(|(id, flow)| bridge(facts, flow).or_else(|| sum(facts, id, flow))).collect()
}

fn bridge(facts: &Facts, flow: &Flow) -> Option<Diagnostic> {
    let off = off_at_target(facts.model, flow);
    if off.is_empty() {
        return None;
    }
    let target = facts.model.system(flow.to);
    let quantity = &facts.model.quantity(flow.quantity).name;
    let shows = target.shows.iter().find(|shows| shows.quantity == flow.quantity);
    let off = list(off.iter().map(|id| BASE[id.index()]));
    let origin = shows.and_then(|shows| shows.origin).unwrap_or(target.origin);
    let message = format!(
        "flow `{}` writes the whole `{quantity}` to `{}`, which keeps it net of {off}",
        flow.name, target.name
    );
    Some(
        Diagnostic::new(code::NET_OF_MISMATCH, flow.origin, message)
            .here(format!("publishes `{quantity}`"))
            .label(origin, format!("{off} is off this figure"))
            .help(format!(
                "The target would show {off} as free and sell it. Publish a quantity that has {off} off \
                 too; or, where the figure is not net of it, correct `net-of` in `levels` of `{}`.",
                target.name
            )),
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
            let mut missing = sum.items.without(&owners.owned(sum.location, quantity));
            missing.subtract(&owners.contested(sum.location, ON_HAND));
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

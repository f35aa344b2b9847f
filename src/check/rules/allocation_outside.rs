//! `allocation-outside`: an allocation leaves out a target that sells from its shelves, or names one that
//! does not; or two allocations divide one shelf.

use crate::check::Facts;
use crate::check::shelves::{Divided, divided};
use crate::diagnostic::{Diagnostic, code};
use crate::model::system::Role;
use crate::model::{FlowId, SystemId};
use crate::source::Span;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let all = divided(facts);
    let mut found = Vec::new();
    for (at, own) in all.iter().enumerate() {
        let idle = own.allocation.among.iter();
        found.extend(idle.filter_map(|(system, place)| named_in_vain(facts, own, (*system, *place))));
        found.extend(all[..at].iter().filter_map(|earlier| claimed(facts, earlier, own)));
        found.extend(left_out(facts, &all, own));
    }
    found
}

/// A target that sells from no shelf that is divided.
fn named_in_vain(facts: &Facts, own: &Divided<'_>, (system, place): (SystemId, Span)) -> Option<Diagnostic> {
    let target = facts.model.system(system);
    let (name, allocation) = (&target.name, &own.allocation.name);
    let mut flows = facts.flows().filter(|(_, flow)| flow.to == system).peekable();
    let (message, here) = if target.role != Role::Channel {
        (format!("allocation `{allocation}` names `{name}`, which is no channel"), "does not sell")
    } else if flows.peek().is_none() {
        (format!("allocation `{allocation}` names `{name}`, to which no flow publishes"), "shows no count")
    } else if own.reaches(facts, system) {
        return None;
    } else {
        // A flow that cannot write or has no cell is reported for that.
        let draws = |id: FlowId| facts.graph.flow(id).draws.iter().any(|draw| !draw.needed().is_empty());
        let judged = flows.all(|(id, flow)| facts.can_write(flow) && draws(id));
        if !judged {
            return None;
        }
        let message = format!("allocation `{allocation}` names `{name}`, which shares no shelf with another");
        (message, "nothing else is sold from its shelves")
    };
    let found = Diagnostic::new(code::ALLOCATION_OUTSIDE, place, message).here(here);
    Some(found.label(target.origin, format!("`{name}`")).help(
        "Its weight would keep back stock for nobody, or divides nothing. Take it out of `among` and \
         `weights`, or publish to it what the others sell.",
    ))
}

fn claimed(facts: &Facts, earlier: &Divided<'_>, own: &Divided<'_>) -> Option<Diagnostic> {
    let cells = earlier.claimed_with(facts, own);
    if cells.is_empty() {
        return None;
    }
    let (one, other) = (earlier.allocation, own.allocation);
    let message = format!(
        "allocations `{}` and `{}` divide one shelf: {}",
        one.name,
        other.name,
        cells.say(facts.model)
    );
    let found = Diagnostic::new(code::ALLOCATION_OUTSIDE, other.origin, message).here("divides it again");
    Some(found.label(one.origin, "divides it").help(
        "Each would give away all of it, so it would be promised twice. Name all targets that sell from the \
         shelf in one allocation.",
    ))
}

/// Channels in no allocation that sell from shelves of this one.
fn left_out(facts: &Facts, all: &[Divided<'_>], own: &Divided<'_>) -> Vec<Diagnostic> {
    let outside = |system: SystemId| !all.iter().any(|other| other.allocation.has(system));
    let mut found = Vec::new();
    for (id, flow) in facts.flows() {
        if !outside(flow.to) || !facts.sells(flow) || !facts.can_write(flow) {
            continue;
        }
        let cells = own.drawn_outside(facts, id);
        if cells.is_empty() {
            continue;
        }
        let (name, allocation) = (&facts.model.system(flow.to).name, &own.allocation.name);
        let message = format!(
            "`{name}` sells from a shelf that allocation `{allocation}` divides without it: {}",
            cells.say(facts.model)
        );
        let here = format!("`{}` shows the whole shelf", flow.name);
        let finding = Diagnostic::new(code::ALLOCATION_OUTSIDE, flow.origin, message).here(here);
        found.push(finding.label(own.allocation.origin, "divides it among others").help(format!(
            "What `{name}` sells is promised to the others as well, so the division keeps nobody from \
             overselling. Add `{name}` to `among` and give it a weight, or keep it off the shelf with `at`, \
             `items` or `except`.",
        )));
    }
    found
}

//! `allocation-weight`: a weight that is missing, not above 0, or of something that is not divided.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::allocation::{Allocation, Inside};
use crate::model::{CodeId, SystemId};
use crate::source::Span;
use std::collections::BTreeMap;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for allocation in &facts.model.allocations {
        weights(facts, allocation, &mut found);
        insides(facts, allocation, &mut found);
    }
    found
}

fn finding(place: Span, message: String) -> Diagnostic {
    Diagnostic::new(code::ALLOCATION_WEIGHT, place, message)
}

fn weights(facts: &Facts, own: &Allocation, found: &mut Vec<Diagnostic>) {
    let name = |system: SystemId| &facts.model.system(system).name;
    for (system, place) in &own.among {
        if !own.weights.iter().any(|(weighed, ..)| weighed == system) {
            let system = name(*system);
            let message = format!("allocation `{}` gives `{system}` no weight", own.name);
            found.push(finding(*place, message).here("has no weight").help(format!(
                "Without a weight it has a right to nothing, and would show 0. Write `{system}=1` in \
                 `weights`, or take it out of `among`.",
            )));
        }
    }
    for (system, weight, place) in &own.weights {
        let system_name = name(*system);
        if !own.has(*system) {
            let message = format!("allocation `{}` gives `{system_name}` a weight, but no part", own.name);
            let one = finding(*place, message).here("not in `among`");
            found.push(one.label(own.origin, "divides among others").help(format!(
                "Its weight has no effect, and what it sells is not counted. Add `{system_name}` to `among`, \
                 or remove the weight.",
            )));
        } else if *weight <= 0 {
            let message = format!("the weight of `{system_name}` in `{}` is not above 0", own.name);
            found.push(finding(*place, message).here("0 or less").help(
                "It would show 0 of everything that is divided. Write a weight above 0; to keep it off the \
                 shelf, narrow its flow with `items` or `at`.",
            ));
        }
    }
}

fn insides(facts: &Facts, own: &Allocation, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<SystemId, &Inside> = BTreeMap::new();
    for inside in &own.inside {
        let system = &facts.model.system(inside.system).name;
        if !own.has(inside.system) {
            let message = format!("allocation `{}` divides inside `{system}`, which has no part", own.name);
            let one = finding(inside.origin, message).here("not in `among`");
            found.push(one.label(own.origin, "divides among others").help(format!(
                "These weights have no effect. Add `{system}` to `among` with a weight, or remove them.",
            )));
            continue;
        }
        if let Some(first) = seen.get(&inside.system) {
            let message = format!("allocation `{}` divides inside `{system}` twice", own.name);
            let one = finding(inside.origin, message).here("the second one");
            found.push(one.label(first.origin, "the first one").help(
                "Weights are in proportion to all others of one target: write them into one `inside`.",
            ));
            continue;
        }
        seen.insert(inside.system, inside);
        inside_one(facts, inside, found);
    }
}

fn inside_one(facts: &Facts, inside: &Inside, found: &mut Vec<Diagnostic>) {
    let system = &facts.model.system(inside.system).name;
    let mut codes: BTreeMap<CodeId, Span> = BTreeMap::new();
    for own in inside.weights.iter().filter(|own| !own.codes.is_empty()) {
        let code = facts.model.code(own.codes[0]);
        if own.weight <= 0 {
            let message = format!("the weight of `{}` inside `{system}` is not above 0", code.code);
            found.push(finding(own.origin, message).here("0 or less").help(
                "It would show 0 wherever its shelf is divided. Write a weight above 0; what is not to be \
                 sold there is left out with `except` in the flow.",
            ));
            continue;
        }
        let twice = own.codes.iter().find_map(|code| codes.get(code));
        if let Some(first) = twice {
            let message = format!("`{}` has two weights inside `{system}`", code.code);
            let one = finding(own.origin, message).here("the second one");
            found
                .push(one.label(*first, "the first one").help("Remove one of them: a thing has one weight."));
        }
        codes.extend(own.codes.iter().map(|code| (*code, own.origin)));
    }
}

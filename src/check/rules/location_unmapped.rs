//! `location-unmapped`: a flow or an owner names a place that the system does not have.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{LocationId, SystemId};
use crate::source::Span;
use std::collections::BTreeSet;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, owner) in facts.owners() {
        // A pool in an owner is a finding of its own.
        let at = owner.at.iter().filter(|(location, _)| !facts.model.location(*location).is_pool());
        found.extend(missing(facts, owner.system, at, "own counts"));
    }
    for (_, flow) in facts.flows() {
        found.extend(missing(facts, flow.to, flow.at.iter(), &format!("take flow `{}`", flow.name)));
    }
    found
}

fn missing<'a>(
    facts: &Facts,
    system: SystemId,
    at: impl Iterator<Item = &'a (LocationId, Span)>,
    task: &str,
) -> Vec<Diagnostic> {
    let name = &facts.model.system(system).name;
    let mut seen = BTreeSet::new();
    let at = at.filter(|(location, _)| facts.model.location(*location).code_in(system).is_none());
    at.filter(|(location, _)| seen.insert(*location))
        .map(|(location, place)| {
            let location = facts.model.location(*location);
            Diagnostic::new(
                code::LOCATION_UNMAPPED,
                *place,
                format!("`{name}` is to {task} at `{}`, which it does not have", location.name),
            )
            .here(format!("no `in {name}` in this location"))
            .label(location.origin, format!("`{}` is not mapped in `{name}`", location.name))
            .help(format!(
                "Nothing can be read or written at a place that the system has no name for, so its counts \
                 would silently stay as they are. Add `in {name} CODE` to the location, or take it out of \
                 `at`.",
            ))
        })
        .collect()
}

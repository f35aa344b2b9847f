//! `time-without-zone`: a feed has stamps, and nobody names their zone.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Name;
use crate::model::system::System;
use crate::source::Span;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    if facts.model.timezone.is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for system in facts.model.systems.iter().filter(|system| system.timezone.is_none()) {
        let Some((node, column, origin)) = stamps(system) else { continue };
        found.push(
            Diagnostic::new(
                code::TIME_WITHOUT_ZONE,
                origin,
                format!("stamps in `{column}` of `{}` are read as UTC, and nobody said so", system.name),
            )
            .here(format!("has `{node}`, and no zone is named"))
            .help(
                "A stamp that is an hour or two off makes old counts look fresh: they raise what has been \
                 sold, or hold what could be sold. Write `timezone \"Europe/Paris\"` into the system or the \
                 `onhand` node; `\"UTC\"` if it is that.",
            ),
        );
    }
    found
}

/// The first node of a system whose rows have stamps: what names their column, the column, and the node.
fn stamps(system: &System) -> Option<(&'static str, &Name, Span)> {
    let levels = system.levels.as_ref().and_then(|own| Some(("as-of", own.as_of.as_ref()?, own.origin)));
    let lines = || system.lines.as_ref().and_then(|own| Some(("as-of", own.as_of.as_ref()?, own.origin)));
    let movements = || system.movements.as_ref().and_then(|own| Some(("at", own.at.as_ref()?, own.origin)));
    levels.or_else(lines).or_else(movements)
}

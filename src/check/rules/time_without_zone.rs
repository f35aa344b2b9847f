//! `time-without-zone`: a feed has stamps, and nobody names their zone.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    if facts.model.timezone.is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for system in facts.model.systems.iter().filter(|system| system.timezone.is_none()) {
        let Some(levels) = &system.levels else { continue };
        let Some(column) = &levels.as_of else { continue };
        found.push(
            Diagnostic::new(
                code::TIME_WITHOUT_ZONE,
                levels.origin,
                format!("stamps in `{column}` of `{}` are read as UTC, and nobody said so", system.name),
            )
            .here("has `as-of`, and no zone is named")
            .help(
                "A stamp that is an hour or two off makes old counts look fresh: they raise what has been \
                 sold, or hold what could be sold. Write `timezone \"Europe/Paris\"` into the system or the \
                 `onhand` node; `\"UTC\"` if it is that.",
            ),
        );
    }
    found
}

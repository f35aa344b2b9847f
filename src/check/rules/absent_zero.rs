//! `absent-zero`: absence counts as 0 although a read may end early.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for system in &facts.model.systems {
        let Some(levels) = &system.levels else { continue };
        let (Some(place), None) = (levels.absent_zero, levels.complete) else { continue };
        found.push(
            Diagnostic::new(
                code::ABSENT_ZERO,
                place,
                format!(
                    "`{}` counts absent rows as 0, and does not say when a read is complete",
                    system.name
                ),
            )
            .here("a read cut short looks the same")
            .label(levels.origin, "no `complete` in here")
            .help(
                "A feed that was cut in half would sell out everything behind the cut. Say what a whole read \
                 holds, as `complete rows-at-least=\"80%\"`; or take `absent zero` out, so that absent cells \
                 are held.",
            ),
        );
    }
    found
}

//! `age-unknown`: `stale-after` on a source that does not say how old its counts are.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::time::show_duration;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for system in facts.model.systems.iter().filter(|system| !system.kind.dated) {
        let (Some((age, place)), Some(levels)) = (&system.stale_after, &system.levels) else { continue };
        if levels.as_of.is_some() {
            continue;
        }
        found.push(
            Diagnostic::new(
                code::AGE_UNKNOWN,
                *place,
                format!(
                    "nobody can tell when counts of `{}` are older than {}",
                    system.name,
                    show_duration(*age)
                ),
            )
            .here("compared with an age that is unknown")
            .label(levels.origin, "no `as-of` here")
            .help(
                "The date of a file says when it was copied, not when its counts were true. Counts of \
                 unknown age only ever lower what is published, so nothing comes back on sale. Name the \
                 column with the moment, `as-of COLUMN`, or take `stale-after` out.",
            ),
        );
    }
    found
}

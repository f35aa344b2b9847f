//! `absolute-write`: a statement writes without comparing.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::system::{PARAMETERS, parameters};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for system in &facts.model.systems {
        let Some((statement, place)) = &system.set else { continue };
        let bound = parameters(statement);
        // What is bound to nothing has been reported, and may have been meant for it.
        if bound.contains(&"before") || bound.iter().any(|name| !PARAMETERS.contains(name)) {
            continue;
        }
        found.push(
            Diagnostic::new(
                code::ABSOLUTE_WRITE,
                *place,
                format!("`set` of `{}` does not compare with `:before`", system.name),
            )
            .here("overwrites whatever stands there")
            .help(
                "What is sold between the read and the write is overwritten, and comes back on sale. Add the \
                 count column to the condition, as `… and qty = :before`. Where the table cannot do that, \
                 accept it: `allow absolute-write reason=\"…\"` in the system.",
            ),
        );
    }
    found
}

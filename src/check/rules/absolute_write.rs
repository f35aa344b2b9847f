//! `absolute-write`: a statement writes without comparing.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for system in &facts.model.systems {
        let Some((statement, place)) = &system.set else { continue };
        if names_parameter(statement, "before") {
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

/// Whether a statement names `:parameter` outside of texts, quoted names and comments.
fn names_parameter(statement: &str, parameter: &str) -> bool {
    let mut rest = statement;
    while let Some(at) = rest.find(['\'', '"', '`', ':', '-', '/']) {
        let (mark, after) = rest[at..].split_at(1);
        rest = match mark {
            ":" => {
                // `::name` is a cast.
                let cast = after.strip_prefix(':');
                let name = cast.unwrap_or(after);
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
                if cast.is_none() && &name[..end] == parameter {
                    return true;
                }
                &name[end..]
            }
            "-" => after.strip_prefix('-').map_or(after, |comment| past(comment, "\n")),
            "/" => after.strip_prefix('*').map_or(after, |comment| past(comment, "*/")),
            quote => past(after, quote),
        };
    }
    false
}

fn past<'t>(text: &'t str, end: &str) -> &'t str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

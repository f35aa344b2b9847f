//! `source-cannot-collect`: a flow collects movements that the system does not show.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::movement::Movement;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in &facts.model.collects {
        let system = facts.model.system(flow.from);
        let shown = system.kind.collects;
        for (movement, span) in flow.movements.iter().filter(|(movement, _)| !shown.contains(movement)) {
            let (kind, what) = (system.kind.kind, movement.word());
            let help = match shown {
                [] => "It shows no movements at all: collect them from the system in which they arise."
                    .to_owned(),
                shown => format!(
                    "The flow would wait for something that never comes. It shows {}: collect those, and \
                     the others from the system in which they arise.",
                    list(shown.iter().map(|movement: &Movement| movement.word()))
                ),
            };
            found.push(
                Diagnostic::new(
                    code::SOURCE_CANNOT_COLLECT,
                    *span,
                    format!("`{}`, a system of kind `{kind}`, shows no {what}", system.name),
                )
                .here("never shown there")
                .label(system.origin, format!("kind `{kind}`"))
                .help(help),
            );
        }
    }
    found
}

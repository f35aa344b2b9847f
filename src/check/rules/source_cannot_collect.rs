//! `source-cannot-collect`: a flow collects movements that the system does not show.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::collect::Collect;
use crate::model::movement::Movement;
use crate::model::system::System;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in &facts.model.collects {
        let system = facts.model.system(flow.from);
        if system.kind.movements_named && system.movements.is_none() {
            found.push(unnamed(flow, system));
            continue;
        }
        let shown = system.collects();
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

/// A generic kind shows movements where a node says which column is which, and there is none.
fn unnamed(flow: &Collect, system: &System) -> Diagnostic {
    let source = match system.kind.kind {
        "sql" => "select … from moves where changed >= :since",
        _ => "moves-*.csv",
    };
    let message = format!("`{}` does not say where its movements are read", system.name);
    Diagnostic::new(code::SOURCE_CANNOT_COLLECT, flow.collect_origin, message)
        .here("collects them")
        .label(system.origin, format!("kind `{}`, without `movements`", system.kind.kind))
        .help(format!(
            "The flow would wait for something that never comes. Add the node to the system, with the \
             columns as they are called there: `movements \"{source}\" {{ kind what; document doc_no; line \
             line_no; of-document order_no; of-line order_line; code sku; location site; quantity qty; at \
             happened }}`."
        ))
}

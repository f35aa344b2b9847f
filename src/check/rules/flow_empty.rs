//! `flow-empty`: a flow publishes no cell.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, flow) in facts.flows() {
        let shown = &facts.graph.flow(id).shown;
        // Places that the target does not have are findings of their own.
        let nowhere = shown.is_empty() && !flow.at.is_empty();
        if nowhere || shown.iter().any(|shown| !shown.things.is_empty()) {
            continue;
        }
        let target = &facts.model.system(flow.to).name;
        let why = match (flow.at.is_empty(), flow.things.is_empty()) {
            (true, _) => format!("no location is mapped in `{target}`"),
            (_, true) => "no item or bundle is selected".to_owned(),
            _ => format!("nothing that is selected has a code in `{target}` there"),
        };
        found.push(
            Diagnostic::new(
                code::FLOW_EMPTY,
                flow.origin,
                format!("flow `{}` publishes nothing: {why}", flow.name),
            )
            .here("not a single cell")
            .help(format!(
                "It runs, ends well and changes nothing, while everybody believes that `{target}` is kept up \
                 to date. Map items and locations in `{target}`, widen `items`, `except` or `at`, or remove \
                 the flow.",
            )),
        );
    }
    found
}

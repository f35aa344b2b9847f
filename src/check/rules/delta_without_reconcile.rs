//! `delta-without-reconcile`: only what has changed is read, and never everything once more.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::time::show_duration;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in &facts.model.collects {
        let Some(lag) = flow.lag.as_ref().filter(|lag| lag.reconcile.is_none()) else { continue };
        let Some(every) = lag.every else { continue };
        let channel = &facts.model.system(flow.from).name;
        found.push(
            Diagnostic::new(
                code::DELTA_WITHOUT_RECONCILE,
                lag.origin,
                format!(
                    "flow `{}` reads only what has changed in `{channel}`, and never everything",
                    flow.name
                ),
            )
            .here(format!("changes only, every {}", show_duration(every)))
            .label(flow.collect_origin, "collects movements")
            .help(
                "One change that is missed (a clock that is off, a page that moved, an edit without a stamp) \
                 stays missed, and the count is wrong for good. Read everything once a day as well: \
                 `reconcile=\"24h\"`.",
            ),
        );
    }
    found
}

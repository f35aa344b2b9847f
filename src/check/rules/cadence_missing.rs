//! `cadence-missing`: a lag target without `every`.

use crate::check::Facts;
use crate::check::lag::timed;
use crate::diagnostic::{Diagnostic, code};
use crate::model::time::show_duration;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in timed(facts.model, facts.graph) {
        let Some(lag) = flow.lag.filter(|lag| lag.every.is_none()) else { continue };
        let Some(target) = lag.target else { continue };
        found.push(
            Diagnostic::new(
                code::CADENCE_MISSING,
                flow.origin,
                format!("flow `{}` has a lag target and does not say how often it runs", flow.name),
            )
            .here("started by nobody")
            .label(lag.origin, "no `every=`")
            .help(format!(
                "A flow that nobody starts is late however fast it is, and whether {} can be kept cannot be \
                 said. Add `every=` with the time between two runs, well below the target.",
                show_duration(target)
            )),
        );
    }
    found
}

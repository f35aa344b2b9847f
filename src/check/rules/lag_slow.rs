//! `lag-slow`: a channel may lag more than 15 minutes.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::time::show_duration;
use std::time::Duration;

/// The longest lag of a channel that goes without saying.
const LONGEST: Duration = Duration::from_mins(15);

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, flow) in facts.flows().filter(|(_, flow)| facts.sells(flow)) {
        let Some(lag) = &flow.lag else { continue };
        let Some(target) = lag.target.filter(|target| *target > LONGEST) else { continue };
        let (late, channel) = (show_duration(target), &facts.model.system(flow.to).name);
        found.push(
            Diagnostic::new(
                code::LAG_SLOW,
                flow.origin,
                format!("flow `{}` lets counts in `{channel}` be {late} late", flow.name),
            )
            .here(format!("publishes to channel `{channel}`"))
            .label(lag.origin, format!("{late} is above 15m"))
            .help(
                "Whatever sells out elsewhere stays on sale here for so long. Run the flow more often and \
                 lower its target; or, for a channel that sells slowly, accept it: `allow lag-slow \
                 reason=\"…\"` in the flow.",
            ),
        );
    }
    found
}

//! `lag-slow`: a channel, or the orders of one, may lag more than 15 minutes.

use crate::check::Facts;
use crate::check::lag::timed;
use crate::diagnostic::{Diagnostic, code};
use crate::model::system::Role;
use crate::model::time::show_duration;
use std::time::Duration;

/// The longest lag of a channel that goes without saying.
const LONGEST: Duration = Duration::from_mins(15);

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in timed(facts.model, facts.graph) {
        let system = facts.model.system(flow.system);
        let Some(lag) = flow.lag.filter(|_| system.role == Role::Channel) else { continue };
        let Some(target) = lag.target.filter(|target| *target > LONGEST) else { continue };
        let (late, channel) = (show_duration(target), &system.name);
        let (message, here, why) = match flow.collects {
            false => (
                format!("flow `{}` lets counts in `{channel}` be {late} late", flow.name),
                format!("publishes to channel `{channel}`"),
                "Whatever sells out elsewhere stays on sale here for so long",
            ),
            true => (
                format!("flow `{}` lets orders of `{channel}` be {late} late", flow.name),
                format!("collects from channel `{channel}`"),
                "Whatever sells out here stays on sale everywhere else for so long",
            ),
        };
        found.push(
            Diagnostic::new(code::LAG_SLOW, flow.origin, message)
                .here(here)
                .label(lag.origin, format!("{late} is above 15m"))
                .help(format!(
                    "{why}. Run the flow more often and lower its target; or, for a channel that sells \
                     slowly, accept it: `allow lag-slow reason=\"…\"` in the flow."
                )),
        );
    }
    found
}

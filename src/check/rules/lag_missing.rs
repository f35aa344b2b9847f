//! `lag-missing`: a channel is published to, or its orders are collected, without a lag target.

use crate::check::Facts;
use crate::check::lag::timed;
use crate::diagnostic::{Diagnostic, code};
use crate::model::system::Role;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let flows = timed(facts.model, facts.graph).into_iter();
    let sells = |id| facts.model.system(id).role == Role::Channel;
    let missing = flows.filter(|flow| sells(flow.system) && flow.target().is_none());
    missing
        .map(|flow| {
            let channel = &facts.model.system(flow.system).name;
            let (what, why) = match flow.collects {
                false => ("a count in", "Every sale elsewhere within the lag can be sold again here"),
                true => ("an order of", "What is sold here within the lag can be sold again everywhere else"),
            };
            let message = format!("flow `{}` does not say how late {what} `{channel}` may be", flow.name);
            Diagnostic::new(code::LAG_MISSING, flow.origin, message).here("no `lag`").help(format!(
                "{why}, and without a target nobody notices when it grows from minutes to a day. Write for \
                 example `lag \"10m\" every=\"5m\"`."
            ))
        })
        .collect()
}

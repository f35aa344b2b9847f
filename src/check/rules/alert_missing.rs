//! `alert-missing`: nobody is told when something is wrong.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let root = facts.model.root.filter(|_| facts.model.alerts.is_empty() && !facts.model.flows.is_empty());
    let found = root.map(|root| {
        let message = "nobody is told when something is wrong: there is no `alert`";
        Diagnostic::new(code::ALERT_MISSING, root, message).here("no `alert` in the topology").help(
            "A sync that has stopped looks like one with nothing to do, until customers buy what is not \
                 there. Name a place that somebody watches: `alert { to webhook=(env)OPS_WEBHOOK }`.",
        )
    });
    found.into_iter().collect()
}

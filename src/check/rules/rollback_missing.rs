//! `rollback-missing`: nothing says how long runs can be undone.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let root = facts.model.root.filter(|_| facts.model.rollback.is_none() && !facts.model.flows.is_empty());
    let found = root.map(|root| {
        Diagnostic::new(
            code::ROLLBACK_MISSING,
            root,
            "nothing says how long a run can be undone: there is no `rollback`",
        )
        .here("no `rollback` in the topology")
        .help(
            "A wrong feed is often noticed days later, and then the counts from before are needed to go \
             back. Say for how long they are kept: `rollback keep=\"30d\"`.",
        )
    });
    found.into_iter().collect()
}

//! `review-missing`: nobody looks at the counts.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let root = facts.model.root.filter(|_| facts.model.review.is_none() && !facts.model.flows.is_empty());
    let found = root.map(|root| {
        let message = "nobody looks at the counts: there is no `review`";
        Diagnostic::new(code::REVIEW_MISSING, root, message).here("no `review` in the topology").help(
            "Much goes wrong without any failure: a shelf miscounted, a code mapped to the wrong item. \
                 Only people notice it. Say who looks, and when: `review { by \"ops@example.com\"; \
                 daily \"09:00\" }`.",
        )
    });
    found.into_iter().collect()
}

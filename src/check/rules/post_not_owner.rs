//! `post-not-owner`: movements are posted to a system that owns no count.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::SystemId;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in &facts.model.collects {
        let Some(to) = flow.post.to.filter(|to| !owns(facts, *to)) else { continue };
        let name = &facts.model.system(to).name;
        let mut finding = Diagnostic::new(
            code::POST_NOT_OWNER,
            flow.post.origin,
            format!("flow `{}` posts to `{name}`, which owns no count", flow.name),
        )
        .here(format!("`{name}` takes them in"));
        if let Some((_, owner)) = facts.owners().next() {
            let owner_name = &facts.model.system(owner.system).name;
            finding = finding.label(owner.origin, format!("`{owner_name}` is an owner"));
        }
        found.push(finding.help(
            "Orders must lower the count that everybody publishes from, and only an owner's count is \
             published. Post them to the owner, or write `post none` where something else carries them over.",
        ));
    }
    found
}

/// Whether a system owns some count.
fn owns(facts: &Facts, system: SystemId) -> bool {
    facts
        .owners()
        .any(|(_, owner)| owner.system == system && !owner.quantities.is_empty() && !owner.at.is_empty())
}

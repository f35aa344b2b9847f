//! `allow RULE`: takes out the warnings that a topology accepts, and reports those that accept nothing.

use crate::diagnostic::{Diagnostic, Severity, code};
use crate::model::Allow;
use crate::source::{SourceId, Span};
use std::collections::BTreeMap;

/// Whether a place lies inside a node.
pub fn lies_in(span: Span, node: Span) -> bool {
    span.source == node.source && node.start <= span.start && span.end <= node.end
}

/// Leaves out warnings that an `allow` accepts: one of their labels lies in the node in which it stands,
/// or in a catalog that such a node reads. `complete` says that nothing kept a warning from being found;
/// only then an `allow` that accepts nothing is reported.
pub fn apply(
    found: Vec<Diagnostic>,
    allows: &[Allow],
    catalogs: &BTreeMap<SourceId, Span>,
    complete: bool,
) -> Vec<Diagnostic> {
    let mut by_rule: BTreeMap<&str, Vec<(usize, &Allow)>> = BTreeMap::new();
    for (index, allow) in allows.iter().enumerate() {
        by_rule.entry(allow.slug).or_default().push((index, allow));
    }
    let mut used = vec![false; allows.len()];
    let sift = |found: Vec<Diagnostic>, used: &mut Vec<bool>| -> Vec<Diagnostic> {
        found.into_iter().filter(|one| !accepted(one, &by_rule, catalogs, used)).collect()
    };
    let mut kept = sift(found, &mut used);
    if complete {
        let idle =
            allows.iter().zip(&used).filter(|(allow, used)| !**used && allow.slug != code::UNUSED_ALLOW.slug);
        let idle: Vec<Diagnostic> = idle.map(|(allow, _)| unused(allow)).collect();
        kept.extend(sift(idle, &mut used));
    }
    kept
}

fn accepted(
    found: &Diagnostic,
    by_rule: &BTreeMap<&str, Vec<(usize, &Allow)>>,
    catalogs: &BTreeMap<SourceId, Span>,
    used: &mut [bool],
) -> bool {
    if found.severity != Severity::Warning {
        return false;
    }
    let Some(allows) = by_rule.get(found.rule.slug) else { return false };
    let labels = || std::iter::once(&found.primary).chain(&found.labels).map(|label| label.span);
    let inside = |span: Span, node: Span| {
        lies_in(span, node) || catalogs.get(&span.source).is_some_and(|reader| lies_in(*reader, node))
    };
    let mut any = false;
    for (index, allow) in allows {
        if labels().any(|span| inside(span, allow.within)) {
            used[*index] = true;
            any = true;
        }
    }
    any
}

fn unused(allow: &Allow) -> Diagnostic {
    let message = format!("`allow {}` accepts a warning that is not there", allow.slug);
    Diagnostic::new(code::UNUSED_ALLOW, allow.origin, message)
        .here("silences nothing")
        .help("left in, it would hide the warning on the day that it matters: remove it")
}

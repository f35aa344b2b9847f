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
    let mut by_rule: BTreeMap<&str, Within> = BTreeMap::new();
    for (index, allow) in allows.iter().enumerate() {
        by_rule.entry(allow.slug).or_default().nodes.push((allow.within, index, None));
    }
    by_rule.values_mut().for_each(Within::nest);
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

/// The nodes that accept one rule, so laid out that those around a place are found without a search
/// through all of them.
#[derive(Default)]
struct Within {
    /// The node, its `allow`, and the place in this list of the next node around it.
    nodes: Vec<(Span, usize, Option<usize>)>,
}

impl Within {
    /// Sorts the nodes from outside in, and notes what is around each.
    fn nest(&mut self) {
        self.nodes
            .sort_by_key(|(span, index, _)| (span.source, span.start, std::cmp::Reverse(span.end), *index));
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.nodes.len() {
            let span = self.nodes[at].0;
            while open.last().is_some_and(|outer| !lies_in(span, self.nodes[*outer].0)) {
                open.pop();
            }
            self.nodes[at].2 = open.last().copied();
            open.push(at);
        }
    }

    /// Marks every `allow` around a place as used; says whether there is one.
    fn mark(&self, span: Span, used: &mut [bool]) -> bool {
        let after =
            self.nodes.partition_point(|(node, ..)| (node.source, node.start) <= (span.source, span.start));
        let mut next = after.checked_sub(1);
        let mut any = false;
        while let Some(at) = next {
            let (node, index, outer) = self.nodes[at];
            if lies_in(span, node) {
                used[index] = true;
                any = true;
            }
            next = outer;
        }
        any
    }
}

fn accepted(
    found: &Diagnostic,
    by_rule: &BTreeMap<&str, Within>,
    catalogs: &BTreeMap<SourceId, Span>,
    used: &mut [bool],
) -> bool {
    if found.severity != Severity::Warning {
        return false;
    }
    let Some(within) = by_rule.get(found.rule.slug) else { return false };
    let mut any = false;
    for label in std::iter::once(&found.primary).chain(&found.labels) {
        any |= within.mark(label.span, used);
        // A row of a catalog lies in the node that reads the file.
        any |= catalogs.get(&label.span.source).is_some_and(|reader| within.mark(*reader, used));
    }
    any
}

fn unused(allow: &Allow) -> Diagnostic {
    let message = format!("`allow {}` accepts a warning that is not there", allow.slug);
    Diagnostic::new(code::UNUSED_ALLOW, allow.origin, message)
        .here("silences nothing")
        .help("left in, it would hide the warning on the day that it matters: remove it")
}

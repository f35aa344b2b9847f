//! `allow RULE`: takes out the warnings that a topology accepts, and reports those that accept nothing.

use crate::diagnostic::{Diagnostic, Severity, code};
use crate::model::Allow;
use crate::source::{SourceId, Span};
use std::collections::BTreeMap;

/// Whether a place lies inside a node.
pub fn lies_in(span: Span, node: Span) -> bool {
    span.source == node.source && node.start <= span.start && span.end <= node.end
}

/// What came of the `allow` nodes.
#[derive(Debug)]
pub struct Applied {
    /// The findings that nobody accepted, with those about idle nodes.
    pub kept: Vec<Diagnostic>,
    /// How many warnings each `allow` took out, in their order. A warning counts once, for the innermost
    /// `allow` around it.
    pub silenced: Vec<usize>,
}

/// Leaves out warnings that an `allow` accepts: one of their labels lies in the node in which it stands,
/// or in a catalog that such a node reads. `complete` says that nothing kept a warning from being found;
/// only then an `allow` that accepts nothing is reported.
pub fn apply(
    found: Vec<Diagnostic>,
    allows: &[Allow],
    catalogs: &BTreeMap<SourceId, Span>,
    complete: bool,
) -> Applied {
    let mut by_rule: BTreeMap<&str, Within> = BTreeMap::new();
    for (index, allow) in allows.iter().enumerate() {
        by_rule.entry(allow.slug).or_default().nodes.push((allow.within, index, None));
    }
    by_rule.values_mut().for_each(Within::nest);
    let mut used = Used { any: vec![false; allows.len()], silenced: vec![0; allows.len()] };
    let sift = |found: Vec<Diagnostic>, used: &mut Used| -> Vec<Diagnostic> {
        found.into_iter().filter(|one| !accepted(one, &by_rule, catalogs, used)).collect()
    };
    let mut kept = sift(found, &mut used);
    if complete {
        let unneeded = |(allow, used): &(&Allow, &bool)| !**used && allow.slug != code::UNUSED_ALLOW.slug;
        let idle = allows.iter().zip(&used.any).filter(unneeded);
        let idle: Vec<Diagnostic> = idle.map(|(allow, _)| unused(allow)).collect();
        kept.extend(sift(idle, &mut used));
    }
    Applied { kept, silenced: used.silenced }
}

/// What each `allow` has done so far.
struct Used {
    /// Whether it stands around some warning.
    any: Vec<bool>,
    /// How many warnings it took out.
    silenced: Vec<usize>,
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

    /// Marks every `allow` around a place as used; answers the innermost.
    fn mark(&self, span: Span, used: &mut [bool]) -> Option<usize> {
        let after =
            self.nodes.partition_point(|(node, ..)| (node.source, node.start) <= (span.source, span.start));
        let mut next = after.checked_sub(1);
        let mut innermost = None;
        while let Some(at) = next {
            let (node, index, outer) = self.nodes[at];
            if lies_in(span, node) {
                used[index] = true;
                innermost = innermost.or(Some(index));
            }
            next = outer;
        }
        innermost
    }
}

fn accepted(
    found: &Diagnostic,
    by_rule: &BTreeMap<&str, Within>,
    catalogs: &BTreeMap<SourceId, Span>,
    used: &mut Used,
) -> bool {
    if found.severity != Severity::Warning {
        return false;
    }
    let Some(within) = by_rule.get(found.rule.slug) else { return false };
    let mut first = None;
    for label in std::iter::once(&found.primary).chain(&found.labels) {
        let here = within.mark(label.span, &mut used.any);
        // A row of a catalog lies in the node that reads the file.
        let reader = catalogs.get(&label.span.source).and_then(|node| within.mark(*node, &mut used.any));
        first = first.or(here).or(reader);
    }
    if let Some(index) = first {
        used.silenced[index] += 1;
    }
    first.is_some()
}

fn unused(allow: &Allow) -> Diagnostic {
    let message = format!("`allow {}` accepts a warning that is not there", allow.slug);
    Diagnostic::new(code::UNUSED_ALLOW, allow.origin, message)
        .here("silences nothing")
        .help("left in, it would hide the warning on the day that it matters: remove it")
}

//! `flow-cycle`: movements are posted in a circle.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::SystemId;
use crate::model::collect::Collect;
use crate::model::movement::Movement;
use std::collections::{BTreeMap, BTreeSet};

/// What is passed on for good: an order that comes back as one would be taken off a second time.
const PASSED_ON: [Movement; 2] = [Movement::Order, Movement::Transfer];

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut said = BTreeSet::new();
    for movement in PASSED_ON {
        let mut roads: BTreeMap<SystemId, Vec<&Collect>> = BTreeMap::new();
        for flow in facts.model.collects.iter().filter(|flow| flow.collects(movement).is_some()) {
            let Some(to) = flow.post.to else { continue };
            if let Some(first) = way_back(&roads, (to, flow.from))
                && said.insert(flow.origin)
            {
                found.push(finding(facts, (first, flow), movement));
            }
            roads.entry(flow.from).or_default().push(flow);
        }
    }
    found
}

/// The first flow on a way from one system to another along earlier flows; `Some(None)` where they are one.
fn way_back<'m>(
    roads: &BTreeMap<SystemId, Vec<&'m Collect>>,
    (from, to): (SystemId, SystemId),
) -> Option<Option<&'m Collect>> {
    if from == to {
        return Some(None);
    }
    let mut seen = BTreeSet::from([from]);
    let mut open: Vec<(SystemId, Option<&Collect>)> = vec![(from, None)];
    while let Some((at, first)) = open.pop() {
        for flow in roads.get(&at).into_iter().flatten() {
            let first = first.or(Some(*flow));
            let Some(next) = flow.post.to else { continue };
            if next == to {
                return Some(first);
            }
            if seen.insert(next) {
                open.push((next, first));
            }
        }
    }
    None
}

fn finding(facts: &Facts, (first, flow): (Option<&Collect>, &Collect), movement: Movement) -> Diagnostic {
    let what = movement.word();
    let from = &facts.model.system(flow.from).name;
    let message = format!("{what} of `{from}` come back to `{from}`");
    let mut finding = Diagnostic::new(code::FLOW_CYCLE, flow.origin, message).here("closes the circle");
    if let Some(first) = first {
        finding = finding.label(first.origin, format!("`{}` brings them back", first.name));
    }
    finding.help(
        "Each round would take the same goods off once more, and post another document. Collect them where \
         they arise, and post them one way only.",
    )
}

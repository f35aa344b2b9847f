//! The rules about cells, compared with slow and plain definitions over random topologies.

mod oracle;
pub mod random;

use crate::compile::scene;
use crate::support::chance;
use onhand::check;
use onhand::diagnostic::Diagnostic;
use onhand::graph;
use std::collections::BTreeMap;

/// Rule, place of the primary label, number of cells.
type Found = BTreeMap<(&'static str, u32), Vec<usize>>;

const COMPARED: [&str; 11] = [
    "owner-overlap",
    "owner-gap",
    "component-unowned",
    "owner-unmapped",
    "writes-to-owner",
    "two-flows-one-cell",
    "pool-beside-member",
    "reserved-unowned",
    "shared-pool",
    "bundle-beside-component",
    "allocation-outside",
];

/// How many cells a message speaks of.
fn cells(found: &Diagnostic) -> usize {
    let Some(at) = found.message.find(" more cell") else { return 1 };
    let before = found.message[..at].rsplit(' ').next().expect("rsplit yields at least one part");
    before.parse::<usize>().expect("a number stands before it") + 1
}

#[test]
fn rules_about_cells_agree_with_their_plain_definitions() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in chance::seeds(3_000) {
        let model = random::model(seed);
        let graph = graph::build(&model);
        let mut found = Found::new();
        for finding in check::run(&check::Facts { model: &model, graph: &graph, scene: scene() }) {
            if COMPARED.contains(&finding.rule.slug) {
                let key = (finding.rule.slug, finding.primary.span.start);
                found.entry(key).or_default().push(cells(&finding));
                *met.entry(finding.rule.slug).or_default() += 1;
            }
        }
        found.values_mut().for_each(|cells| cells.sort_unstable());
        let mut expected = oracle::found(&model);
        expected.values_mut().for_each(|cells| cells.sort_unstable());
        assert_eq!(found, expected, "seed {seed}");
    }
    // A rule that random topologies never break would be compared with nothing.
    for slug in COMPARED.into_iter().filter(|_| chance::asked().is_none()) {
        assert!(met.get(slug).is_some_and(|times| *times >= 20), "{slug}: {met:?}");
    }
}

#[test]
fn owners_flows_and_members_agree_with_their_plain_definitions() {
    for seed in chance::seeds(500) {
        let model = random::model(seed);
        let graph = graph::build(&model);
        oracle::facts(&model, &graph, seed);
    }
}

#[test]
fn flows_run_after_what_they_read() {
    let mut waits = 0;
    for seed in chance::seeds(1_000) {
        let model = random::model(seed);
        let graph = graph::build(&model);
        let order = graph.flow_order();
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        assert!(sorted.iter().enumerate().all(|(at, flow)| flow.index() == at), "seed {seed}: {order:?}");
        assert_eq!(order.len(), model.flows.len(), "seed {seed}");
        let circled = |a, b| graph.cycles().iter().any(|cycle| cycle.contains(a) && cycle.contains(b));
        for (at, first) in order.iter().enumerate() {
            for later in &order[at + 1..] {
                let writes = model.flow(*later).to;
                if graph.flow(*first).sources.contains(&writes) && model.flow(*first).to != writes {
                    assert!(circled(first, later), "seed {seed}: {first:?} runs before {later:?}");
                    waits += 1;
                }
            }
        }
    }
    assert!(waits > 0, "no circle was ever met");
}

//! In which order flows run. The only home of petgraph.

use crate::model::{FlowId, Model, SystemId};
use petgraph::algo::{condensation, kosaraju_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::BTreeSet;

/// A node: flows and systems alternate, so that many flows into one system cost one edge each.
#[derive(Debug, Clone, Copy)]
enum Node {
    Flow(FlowId),
    System,
}

/// The order of flows, and the circles among them. `sources` holds the systems whose counts each flow
/// needs.
pub(super) fn order(model: &Model, sources: &[&[SystemId]]) -> (Vec<FlowId>, Vec<Vec<FlowId>>) {
    let mut graph: DiGraph<Node, ()> = DiGraph::new();
    let systems: Vec<NodeIndex> = model.systems.iter().map(|_| graph.add_node(Node::System)).collect();
    for (index, flow) in model.flows.iter().enumerate() {
        let node = graph.add_node(Node::Flow(FlowId::at(index)));
        graph.add_edge(node, systems[flow.to.index()], ());
        for system in sources[index].iter().filter(|system| **system != flow.to) {
            graph.add_edge(systems[system.index()], node, ());
        }
    }
    let mut cycles: Vec<Vec<FlowId>> =
        kosaraju_scc(&graph).iter().map(|group| flows_of(group.iter().map(|node| graph[*node]))).collect();
    cycles.retain(|flows| flows.len() > 1);
    cycles.sort();
    (sorted(graph), cycles)
}

/// The flows, sources before what reads them, by id where nothing decides.
fn sorted(graph: DiGraph<Node, ()>) -> Vec<FlowId> {
    let groups = condensation(graph, true);
    let mut waits: Vec<usize> = vec![0; groups.node_count()];
    for edge in groups.edge_references() {
        waits[edge.target().index()] += 1;
    }
    let flows = |group: NodeIndex| flows_of(groups[group].iter().copied());
    let first = |group: NodeIndex| flows(group).first().copied();
    // A group without a flow is a lone system: it sorts first and holds nothing up.
    let mut ready: BTreeSet<(Option<FlowId>, NodeIndex)> = BTreeSet::new();
    ready.extend(groups.node_indices().filter(|group| waits[group.index()] == 0).map(|g| (first(g), g)));
    let mut order = Vec::new();
    while let Some((_, group)) = ready.pop_first() {
        order.extend(flows(group));
        for next in groups.neighbors(group) {
            waits[next.index()] -= 1;
            if waits[next.index()] == 0 {
                ready.insert((first(next), next));
            }
        }
    }
    order
}

/// The flows among some nodes, by id.
fn flows_of(nodes: impl Iterator<Item = Node>) -> Vec<FlowId> {
    let flows = nodes.filter_map(|node| match node {
        Node::Flow(flow) => Some(flow),
        Node::System => None,
    });
    let mut flows: Vec<FlowId> = flows.collect();
    flows.sort_unstable();
    flows
}

//! `onhand graph`: systems, owners and flows, with what is wrong about them, as a picture or as data.

use super::exit::Exit;
use super::lag;
use super::topology::{compile_dir, tell_errors};
use super::ui::{Ui, count};
use crate::check::allow::lies_in;
use crate::compile::Compiled;
use crate::diagnostic::{Counts, Severity};
use crate::graph::{self, Alarm, Faults, Part};
use crate::model::{AllocationId, CollectId, FlowId, LocationId, OwnerId, SystemId};
use crate::source::Span;
use crate::world::World;
use std::collections::BTreeMap;

/// What `graph` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How it is printed; by default dot, with --lag human
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// How late each flow can be at worst: the terms of its sum against its target; retries are not counted
    #[arg(long)]
    lag: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For Graphviz: `onhand graph | dot -Tsvg`
    Dot,
    /// For Markdown pages, such as those of GitHub, in a block marked `mermaid`
    Mermaid,
    /// For programs
    Json,
    /// A picture that any browser shows
    Svg,
    /// A table for each flow; only with --lag
    Human,
}

/// Prints the graph. A topology with errors is drawn as far as it could be made out, and ends with 1.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    if args.lag {
        return match args.format {
            None | Some(Format::Human) => lag::run(ui, world, args.dir.as_deref(), lag::human),
            Some(Format::Json) => lag::run(ui, world, args.dir.as_deref(), lag::json),
            Some(_) => refuse(ui, "this picture cannot show lags", "human or json"),
        };
    }
    if args.format == Some(Format::Human) {
        return refuse(ui, "`--format human` is for `--lag`", "dot, mermaid, svg or json, or add `--lag`");
    }
    let (_, compiled) = compile_dir(ui, world, args.dir.as_deref());
    let counts = Counts::of(&compiled.diagnostics);
    if counts.errors > 0 && compiled.model.systems.is_empty() {
        tell_errors(ui, compiled);
        return Exit::Wrong;
    }
    let faults = faults(&compiled);
    let graph = graph::build(&compiled.model);
    let picture = || graph::picture(&graph, &compiled.model, &faults);
    ui.result(&match args.format {
        None | Some(Format::Dot | Format::Human) => graph::dot(&picture()),
        Some(Format::Mermaid) => graph::mermaid(&picture()),
        Some(Format::Json) => graph::json(&graph, &compiled.model, &faults),
        Some(Format::Svg) => graph::svg(&picture()),
    });
    if counts.errors + counts.warnings > 0 {
        let told = [(counts.errors, "error"), (counts.warnings, "warning")];
        let told = told.into_iter().filter(|(n, _)| *n > 0).map(|(n, one)| count(n, one));
        let told = told.collect::<Vec<_>>().join(" and ");
        ui.talk(&format!("{told} in the topology, drawn in colour; `onhand check` says what they mean"));
    }
    if counts.errors > 0 { Exit::Wrong } else { Exit::Done }
}

/// Which findings lie in which parts of the graph: those that point into its node.
fn faults(compiled: &Compiled) -> Faults {
    let mut nodes: Vec<Span> = compiled.tops.iter().map(|top| top.span).collect();
    nodes.sort_by_key(|span| (span.source, span.start));
    let node_around = |place: Span| {
        let after = nodes.partition_point(|node| (node.source, node.start) <= (place.source, place.start));
        after.checked_sub(1).filter(|index| lies_in(place, nodes[*index]))
    };
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    for (origin, part) in origins(compiled) {
        parts.extend(node_around(origin).map(|node| (node, part)));
    }
    let mut faults = Faults::default();
    for found in &compiled.diagnostics {
        let part = node_around(found.primary.span).and_then(|node| parts.get(&node));
        let part = part.copied().unwrap_or(Part::Elsewhere);
        let alarm = match found.severity {
            Severity::Error => Alarm::Red,
            Severity::Warning => Alarm::Amber,
        };
        faults.add(part, found.rule.slug, alarm);
    }
    faults
}

/// Where each part of the graph is written.
fn origins(compiled: &Compiled) -> impl Iterator<Item = (Span, Part)> {
    let model = &compiled.model;
    let systems = model.systems.iter().enumerate();
    let systems = systems.map(|(index, one)| (one.origin, Part::System(SystemId::at(index))));
    let owners = model.owners.iter().enumerate();
    let owners = owners.map(|(index, one)| (one.origin, Part::Owner(OwnerId::at(index))));
    let locations = model.locations.iter().enumerate();
    let locations = locations.map(|(index, one)| (one.origin, Part::Location(LocationId::at(index))));
    let flows = model.flows.iter().enumerate();
    let flows = flows.map(|(index, one)| (one.origin, Part::Flow(FlowId::at(index))));
    let collects = model.collects.iter().enumerate();
    let collects = collects.map(|(index, one)| (one.origin, Part::Collect(CollectId::at(index))));
    let divided = model.allocations.iter().enumerate();
    let divided = divided.map(|(index, one)| (one.origin, Part::Allocation(AllocationId::at(index))));
    systems.chain(owners).chain(locations).chain(flows).chain(collects).chain(divided)
}

fn refuse(ui: &Ui, what: &str, others: &str) -> Exit {
    ui.error(what, &format!("Write {others}."));
    Exit::Wrong
}

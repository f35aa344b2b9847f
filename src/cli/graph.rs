//! `onhand graph`: systems, owners and flows as a picture or as data.

use super::exit::Exit;
use super::topology::load;
use super::ui::Ui;
use crate::graph;
use crate::world::World;

/// What `graph` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How the graph is printed
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For Graphviz: `onhand graph | dot -Tsvg`
    Dot,
    /// For programs
    Json,
}

/// Prints the graph.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let topology = match load(ui, world, args.dir.as_deref()) {
        Ok(topology) => topology,
        Err(exit) => return exit,
    };
    let text = match args.format {
        Format::Dot => graph::dot(&topology.graph, &topology.model),
        Format::Json => graph::json(&topology.graph, &topology.model),
    };
    ui.result(&text);
    Exit::Done
}

//! The command line: one command, one file; the table of commands is below.

mod apply;
mod check;
mod demo;
pub mod exit;
mod explain;
pub mod folder;
mod graph;
mod later;
mod outcome;
mod plan;
mod queue;
mod reading;
mod select;
mod store;
mod topology;
pub mod ui;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::ffi::OsString;
use ui::{Colour, Ui};

/// Inventory sync compiler: says who owns each stock count, plans what is published where, applies it.
#[derive(Debug, Parser)]
#[command(name = "onhand", version, max_term_width = 100, after_help = exit::MEANINGS)]
struct Cli {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    color: Colour,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prove a topology without touching any system
    Check(check::Args),
    /// Read, compute, compare: what would be written, and why
    Plan(plan::Args),
    /// Carry out a plan
    Apply(apply::Args),
    /// What failed and still waits for somebody
    Queue(queue::Args),
    /// Where a published number comes from, or what a rule means
    Explain(explain::Args),
    /// Systems, owners and flows as a picture
    Graph(graph::Args),
    /// A whole sync on an example, in a new folder
    Demo(demo::Args),
    /// A command that this version does not have, or not yet
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

/// Runs the command line; answers the exit status.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; everything else is a wrong command.
            let _ = error.print();
            return if error.use_stderr() { Exit::Wrong } else { Exit::Done };
        }
    };
    let env = |name: &str| std::env::var(name).ok();
    let ui = Ui::new(cli.color, &env);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            ui.error(&format!("the asynchronous runtime did not start: {error}"), "");
            return Exit::Bug;
        }
    };
    tokio::task::LocalSet::new().block_on(&runtime, dispatch(cli.command, &ui))
}

async fn dispatch(command: Command, ui: &Ui) -> Exit {
    let looking = crate::world::real::world(false);
    match command {
        Command::Check(args) => check::run(&args, ui, &looking),
        Command::Plan(args) => plan::run(&args, ui, looking).await,
        Command::Apply(args) => apply::run(&args, ui, crate::world::real::world(true)).await,
        Command::Queue(args) => queue::run(&args, ui, &looking).await,
        Command::Explain(args) => explain::run(&args, ui, looking).await,
        Command::Graph(args) => graph::run(&args, ui, &looking),
        Command::Demo(args) => demo::run(&args, ui).await,
        Command::Other(words) => later::run(&words, ui),
    }
}

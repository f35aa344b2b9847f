//! The command line: one command, one file; the table of commands is below.

mod apply;
mod check;
mod demo;
mod diff;
mod drift;
pub mod exit;
mod explain;
mod fmt;
pub mod folder;
mod graph;
mod history;
mod init;
mod keep;
mod lag;
mod later;
mod levels;
mod lifting;
mod lsp;
mod mend;
mod next;
mod offline;
mod outcome;
mod pause;
mod plan;
mod progress;
mod queue;
mod reading;
pub mod reference;
mod revision;
mod rollback;
mod select;
mod simulate;
mod snapshot;
mod state;
mod status;
mod store;
mod test;
mod topology;
pub mod ui;
mod unified;

use crate::diagnostic::escape;
use clap::{CommandFactory, Parser, Subcommand};
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
    /// Say nothing on the way about how far a command has come
    #[arg(long, global = true)]
    no_progress: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prove a topology without touching any system
    Check(check::Args),
    /// Lay the topology's files out in the one canonical way
    Fmt(fmt::Args),
    /// Run the tests that the topology holds, offline
    Test(test::Args),
    /// Read, compute, compare: what would be written, and why
    Plan(plan::Args),
    /// Keep what the systems show, for offline plans and comparisons
    Snapshot(snapshot::Args),
    /// What a change of the topology does to published counts
    Diff(diff::Args),
    /// Carry out a plan
    Apply(apply::Args),
    /// The topology in a simulated world of sales, faults and crashes
    Simulate(simulate::Args),
    /// The plan that undoes a run
    Rollback(rollback::Args),
    /// Hold raises back, or everything: for stock-takes and incidents; alone, list what is paused
    Pause(pause::Args),
    /// End a pause
    Resume(pause::ResumeArgs),
    /// How each flow stands: last run, age, lag reached, what is held and open, what to keep back
    Status(status::Args),
    /// What failed and still waits for somebody
    Queue(queue::Args),
    /// Every change to a published count: when, from, to, why, and by which run
    History(history::Args),
    /// The lock, backups, and whether what is kept is whole
    State(state::Args),
    /// Where a published number comes from, or what a rule means
    Explain(explain::Args),
    /// Systems, owners and flows as a picture
    Graph(graph::Args),
    /// A first topology, from a few answers or from an example
    Init(init::Args),
    /// A whole sync on an example, in a new folder
    Demo(demo::Args),
    /// What an editor starts: findings, hints and completion as you type
    Lsp(lsp::Args),
    /// A command that this version does not have, or not yet
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

/// Runs the command line; answers the exit status.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let env = |name: &str| std::env::var(name).ok();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // What was typed is quoted, and may hold what a terminal would obey.
        Err(error) if error.use_stderr() => {
            let told = escape::lines(&error.render().to_string());
            Ui::new(Colour::Auto, &env).talk(told.trim_end());
            return Exit::Wrong;
        }
        // Help and version are results.
        Err(error) => {
            let _ = error.print();
            return Exit::Done;
        }
    };
    let ui = Ui::new(cli.color, &env).without_progress(cli.no_progress);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            ui.error(&format!("the asynchronous runtime did not start: {error}"), "");
            return Exit::Bug;
        }
    };
    tokio::task::LocalSet::new().block_on(&runtime, dispatch(cli.command, &ui))
}

/// The commands that are there, by name.
fn built() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

async fn dispatch(command: Command, ui: &Ui) -> Exit {
    let looking = crate::world::real::world(false);
    match command {
        Command::Check(args) => check::run(&args, ui, &looking),
        Command::Fmt(args) => fmt::run(&args, ui, &looking),
        Command::Test(args) => test::run(&args, ui, &looking),
        Command::Plan(args) => plan::run(&args, ui, looking).await,
        Command::Snapshot(args) => snapshot::run(&args, ui, looking).await,
        Command::Diff(args) => diff::run(&args, ui, looking).await,
        Command::Apply(args) => apply::run(&args, ui, crate::world::real::world(true)).await,
        Command::Rollback(args) => rollback::run(&args, ui, looking).await,
        Command::History(args) => history::run(&args, ui, &looking).await,
        Command::Pause(args) => pause::pause(&args, ui, &looking).await,
        Command::Resume(args) => pause::resume(&args, ui, &looking).await,
        Command::Status(args) => status::run(&args, ui, &looking).await,
        Command::Queue(args) => queue::run(&args, ui, &looking).await,
        Command::State(args) => state::run(&args, ui, &looking).await,
        Command::Explain(args) => explain::run(&args, ui, looking).await,
        Command::Simulate(args) => simulate::run(&args, ui, &looking),
        Command::Graph(args) => graph::run(&args, ui, &looking),
        Command::Init(args) => init::run(&args, ui, &looking).await,
        Command::Demo(args) => demo::run(&args, ui).await,
        Command::Lsp(args) => lsp::run(&args, ui),
        Command::Other(words) => later::run(&words, &built(), ui),
    }
}

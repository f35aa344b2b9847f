//! `onhand queue`: what failed and still waits for somebody.

use super::exit::Exit;
use super::store::{open_existing, refuse};
use super::topology::load;
use super::ui::{Ui, wrap};
use crate::model::time::Moment;
use crate::state::{QueueEntry, Store};
use crate::world::World;
use std::fmt::Write;

/// What `queue` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    #[arg(long, global = true)]
    dir: Option<String>,
}

impl Args {
    /// Arguments that list the open entries of a folder.
    pub fn list(dir: &str) -> Args {
        Args { action: Action::List { format: Format::Human, folder: Some(dir.to_owned()) }, dir: None }
    }
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The open entries
    List {
        /// How they are printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
        /// The topology's folder
        #[arg(value_name = "DIR")]
        folder: Option<String>,
    },
    /// One entry, whole
    Show {
        /// Its number
        id: i64,
    },
    /// Try an entry at the next run, whatever its waiting time
    Retry {
        /// Its number
        id: i64,
    },
    /// Close an entry by hand
    Resolve {
        /// Its number
        id: i64,
        /// How it was settled, for whoever reads it later
        #[arg(long)]
        note: String,
    },
    /// Fail when more entries are open than allowed
    Check {
        /// How many may be open
        #[arg(long, default_value_t = 10)]
        max: usize,
        /// The topology's folder
        #[arg(value_name = "DIR")]
        folder: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One entry a line, for programs
    Json,
}

/// Runs one of its actions.
pub async fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let positional = match &args.action {
        Action::List { folder, .. } | Action::Check { folder, .. } => folder.as_deref(),
        _ => None,
    };
    let topology = match load(ui, world, positional.or(args.dir.as_deref())) {
        Ok(topology) => topology,
        Err(exit) => return exit,
    };
    let store = match open_existing(ui, world, &topology).await {
        Ok(store) => store,
        Err(exit) => return exit,
    };
    let Some(mut store) = store else {
        return without_state(&args.action, ui);
    };
    let done = match &args.action {
        Action::List { format, .. } => list(ui, store.as_mut(), *format).await,
        Action::Show { id } => show(ui, store.as_mut(), *id).await,
        Action::Retry { id } => {
            let found = store.retry(*id).await;
            found.map(|found| said(ui, *id, found, "will be tried at the next run"))
        }
        Action::Resolve { id, note } => {
            let found = store.resolve(*id, note, Moment(world.clock.now_ms())).await;
            found.map(|found| said(ui, *id, found, "is closed"))
        }
        Action::Check { max, .. } => check(ui, store.as_mut(), *max).await,
    };
    done.unwrap_or_else(|error| refuse(ui, &error))
}

/// Before the first apply there is no queue: nothing is open, and no entry has any number.
fn without_state(action: &Action, ui: &Ui) -> Exit {
    match action {
        Action::List { format: Format::Json, .. } => Exit::Done,
        Action::List { .. } | Action::Check { .. } => {
            ui.line("Nothing is open: no apply has run here yet.");
            Exit::Done
        }
        Action::Show { id } | Action::Retry { id } | Action::Resolve { id, .. } => said(ui, *id, false, ""),
    }
}

fn said(ui: &Ui, id: i64, found: bool, what: &str) -> Exit {
    if found {
        ui.line(&format!("Entry {id} {what}."));
        return Exit::Done;
    }
    ui.error(&format!("no open entry has the number {id}"), "`onhand queue list` shows the open ones.");
    Exit::Wrong
}

type Kept<T> = Result<T, crate::state::StateError>;

async fn list(ui: &Ui, store: &mut dyn Store, format: Format) -> Kept<Exit> {
    let entries = store.queue(true).await?;
    match format {
        Format::Json => entries.iter().for_each(|entry| ui.result(&json(entry))),
        Format::Human if entries.is_empty() => ui.line("Nothing is open."),
        Format::Human => {
            for entry in &entries {
                ui.result(&human(ui, entry));
            }
            let noun = if entries.len() == 1 { "entry" } else { "entries" };
            ui.paragraph(&format!(
                "{} open {noun}. An entry closes by itself when its row goes through; \
                 `onhand queue resolve N --note …` closes it by hand.",
                entries.len()
            ));
        }
    }
    Ok(Exit::Done)
}

/// One open entry as a JSON object.
fn json(entry: &QueueEntry) -> String {
    let fault = &entry.fault;
    let location = Some(&fault.key.location).filter(|name| !name.is_empty());
    let line = serde_json::json!({
        "id": entry.id, "flow": fault.key.flow, "system": fault.key.system, "location": location,
        "item": fault.key.item, "code": fault.code, "field": fault.key.field, "record": fault.record,
        "reason": fault.reason, "attempts": entry.attempts,
        "first": entry.first.rfc3339(), "last": entry.last.rfc3339(),
    });
    format!("{line}\n")
}

/// One open entry in two or more lines.
fn human(ui: &Ui, entry: &QueueEntry) -> String {
    let fault = &entry.fault;
    let place =
        if fault.key.location.is_empty() { String::new() } else { format!("/{}", fault.key.location) };
    // A row that names nothing of the topology has a code at most.
    let known = [&fault.key.item, &fault.code].into_iter().find(|name| !name.is_empty());
    let what = known.map_or_else(|| "a row".to_owned(), |name| escape(name));
    let title = format!("#{}  {what}@{}{place}", entry.id, fault.key.system);
    let field = match fault.key.field.as_str() {
        "" => String::new(),
        field => format!(", field {}", escape(field)),
    };
    let mut text = format!("{}  (flow {}{field})\n", ui.bold(&title), fault.key.flow);
    let times = if entry.attempts == 1 { "once".to_owned() } else { format!("{} times", entry.attempts) };
    let seen = format!("seen {times}, last {}", entry.last.rfc3339());
    let record = escape(&fault.record);
    let record = if record.is_empty() { seen } else { format!("{record}; {seen}") };
    for part in [escape(&fault.reason), record] {
        for line in wrap(&part, ui.width.saturating_sub(4)) {
            let _ = writeln!(text, "    {line}");
        }
    }
    text.push('\n');
    ui.fold(&text).into_owned()
}

async fn show(ui: &Ui, store: &mut dyn Store, id: i64) -> Kept<Exit> {
    let entries = store.queue(false).await?;
    let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
        return Ok(said(ui, id, false, ""));
    };
    ui.result(human(ui, entry).trim_end());
    ui.line("");
    ui.line(&format!("    first seen {}", entry.first.rfc3339()));
    if !entry.fault.code.is_empty() {
        ui.line(&format!("    code {}", escape(&entry.fault.code)));
    }
    if !entry.fault.change.is_empty() {
        ui.line(&format!("    change {}", entry.fault.change));
    }
    if let Some(next) = entry.fault.next {
        ui.line(&format!("    not tried before {}", next.rfc3339()));
    }
    match &entry.closed {
        Some((at, note)) => ui.line(&format!("    closed {}: {}", at.rfc3339(), escape(note))),
        None => ui.line("    open"),
    }
    Ok(Exit::Done)
}

async fn check(ui: &Ui, store: &mut dyn Store, max: usize) -> Kept<Exit> {
    let open = store.queue(true).await?.len();
    let noun = if open == 1 { "entry is" } else { "entries are" };
    let text = format!("{open} {noun} open, {max} are allowed.");
    if open <= max {
        ui.line(&text);
        return Ok(Exit::Done);
    }
    ui.error(&text, "`onhand queue list` shows them.");
    Ok(Exit::Partial)
}

fn escape(text: &str) -> String {
    crate::diagnostic::escape::line(text).into_owned()
}

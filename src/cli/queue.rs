//! `onhand queue`: what failed and still waits for somebody.

use super::exit::Exit;
use super::store::{open_existing, refuse};
use super::topology::load;
use super::ui::Ui;
use crate::diagnostic::wrap::wrap;
use crate::ledger::{LineKey, ParkedKey, record_of};
use crate::model::demand::line_name;
use crate::model::time::Moment;
use crate::plan::{is_of_movement, never_acknowledged};
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
    /// Say that somebody knows of an entry: it is listed, and fails no command until a date
    Ack {
        /// Its number
        id: i64,
        /// Until when: 2026-12-01 (as that day begins) or 2026-12-01T18:00, in the topology's time zone
        #[arg(long, value_name = "DATE")]
        until: String,
        /// Who sees to it and how, for whoever reads it
        #[arg(long)]
        note: String,
    },
    /// Fail when more entries are open than allowed; acknowledged ones do not count
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
    let now = Moment(world.clock.now_ms());
    let zone = topology.model.timezone.as_deref().unwrap_or("UTC");
    let done = match &args.action {
        Action::List { format, .. } => list(ui, store.as_mut(), (*format, now)).await,
        Action::Show { id } => show(ui, store.as_mut(), (*id, now)).await,
        Action::Retry { id } => {
            let found = store.retry(*id).await;
            found.map(|found| said(ui, *id, found, "will be tried at the next run"))
        }
        Action::Resolve { id, note } => resolve(ui, store.as_mut(), *id, (note, now)).await,
        Action::Ack { id, until, note } => match until_when(ui, until, (zone, now)) {
            Ok(when) => acknowledge(ui, store.as_mut(), *id, (when, until, note)).await,
            Err(exit) => Ok(exit),
        },
        Action::Check { max, .. } => check(ui, store.as_mut(), (*max, now)).await,
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
        Action::Show { id } | Action::Retry { id } | Action::Resolve { id, .. } | Action::Ack { id, .. } => {
            said(ui, *id, false, "")
        }
    }
}

fn said(ui: &Ui, id: i64, found: bool, what: &str) -> Exit {
    if found {
        ui.paragraph(&format!("Entry {id} {what}."));
        return Exit::Done;
    }
    ui.error(&format!("no open entry has the number {id}"), "`onhand queue list` shows the open ones.");
    Exit::Wrong
}

type Kept<T> = Result<T, crate::state::StateError>;

async fn list(ui: &Ui, store: &mut dyn Store, (format, now): (Format, Moment)) -> Kept<Exit> {
    let entries = store.queue(true).await?;
    match format {
        Format::Json => entries.iter().for_each(|entry| ui.result(&json(entry))),
        Format::Human if entries.is_empty() => ui.line("Nothing is open."),
        Format::Human => {
            for entry in &entries {
                ui.result(&human(ui, entry, now));
            }
            ui.paragraph(&format!(
                "{}. An entry closes by itself when its row goes through; \
                 `onhand queue resolve N --note …` closes it by hand.",
                open_entries(&entries, now)
            ));
        }
    }
    Ok(Exit::Done)
}

/// Closes an entry. Where it is about an order line that no owner has taken in, the line is closed with it:
/// whoever resolves it has seen to it, and else it would be taken off every count for good. A record that
/// does not fit is tried no more.
async fn resolve(ui: &Ui, store: &mut dyn Store, id: i64, (note, now): (&str, Moment)) -> Kept<Exit> {
    let entry = store.queue(true).await?.into_iter().find(|entry| entry.id == id);
    if !store.resolve(id, note, now).await? {
        return Ok(said(ui, id, false, ""));
    }
    let mut what = "is closed".to_owned();
    for line in store.waiting().await?.into_iter().filter(|line| line.settled.is_none()) {
        let key = &line.key;
        let name = line_name(&key.system, &key.document, &key.line);
        if entry.as_ref().is_some_and(|own| waits(own, key, &name)) && store.shut(key, now).await? {
            what = format!("is closed; what {name} says of {} is no longer taken off any count", key.item);
        }
    }
    for parked in store.parked().await? {
        let (key, record) = (&parked.key, record_of(&parked.key));
        if entry.as_ref().is_some_and(|own| misfits(own, key)) && store.dismiss(key, now).await? {
            let system = &key.system;
            what = format!("is closed; {record} comes up again only if {system} says something else of it");
        }
    }
    Ok(said(ui, id, true, &what))
}

/// Whether an entry says of a record that it does not fit.
fn misfits(entry: &QueueEntry, parked: &ParkedKey) -> bool {
    let key = &entry.fault.key;
    key.system == parked.system && is_of_movement(&key.field, &record_of(parked))
}

/// Whether an entry says of an order line that no owner has taken it in.
fn waits(entry: &QueueEntry, line: &LineKey, name: &str) -> bool {
    let key = &entry.fault.key;
    key.field == never_acknowledged(name) && (&key.system, &key.item) == (&line.system, &line.item)
}

/// `3 open entries, 1 of them acknowledged`.
fn open_entries(entries: &[QueueEntry], now: Moment) -> String {
    let noun = if entries.len() == 1 { "entry" } else { "entries" };
    match entries.iter().filter(|entry| entry.quiet_at(now)).count() {
        0 => format!("{} open {noun}", entries.len()),
        quiet => format!("{} open {noun}, {quiet} of them acknowledged", entries.len()),
    }
}

/// One open entry as a JSON object.
fn json(entry: &QueueEntry) -> String {
    let fault = &entry.fault;
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (until, note) = entry.quiet.clone().unzip();
    let line = serde_json::json!({
        "id": entry.id, "flow": fault.key.flow, "system": fault.key.system,
        "location": some(&fault.key.location), "item": fault.key.item, "code": fault.code,
        "field": fault.key.field, "record": fault.record, "reason": fault.reason,
        "change": some(&fault.change), "request": some(&fault.request),
        "attempts": entry.attempts, "first": entry.first.rfc3339(), "last": entry.last.rfc3339(),
        "next": fault.next.map(Moment::rfc3339),
        "acknowledged_until": until.map(Moment::rfc3339), "acknowledged_note": note,
    });
    format!("{}\n", crate::diagnostic::escape::json(&line.to_string()))
}

/// One open entry in two or more lines.
fn human(ui: &Ui, entry: &QueueEntry, now: Moment) -> String {
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
    let quiet = entry.quiet.as_ref().map(|(until, note)| {
        let word = if entry.quiet_at(now) { "acknowledged until" } else { "was acknowledged until" };
        format!("{word} {}: {}", until.rfc3339(), escape(note))
    });
    for part in [escape(&fault.reason), record].into_iter().chain(quiet) {
        for line in wrap(&part, ui.width.saturating_sub(4)) {
            let _ = writeln!(text, "    {line}");
        }
    }
    text.push('\n');
    ui.fold(&text).into_owned()
}

async fn show(ui: &Ui, store: &mut dyn Store, (id, now): (i64, Moment)) -> Kept<Exit> {
    let entries = store.queue(false).await?;
    let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
        return Ok(said(ui, id, false, ""));
    };
    ui.result(human(ui, entry, now).trim_end());
    ui.line("");
    let fault = &entry.fault;
    let next = match (&entry.closed, fault.next) {
        (Some(_), _) => String::new(),
        (None, Some(next)) => format!("not before {}", next.rfc3339()),
        (None, None) => "at the next run".to_owned(),
    };
    let ended = match &entry.closed {
        Some((at, note)) => format!("{}: {}", at.rfc3339(), escape(note)),
        None => "open".to_owned(),
    };
    let lines = [
        ("first seen", entry.first.rfc3339()),
        ("last seen", entry.last.rfc3339()),
        ("attempts", entry.attempts.to_string()),
        ("code", escape(&fault.code)),
        ("change", change(store, entry).await?),
        ("last request", escape(&fault.request)),
        ("last answer", if fault.request.is_empty() { String::new() } else { escape(&fault.reason) }),
        ("next try", next),
        (if entry.closed.is_some() { "closed" } else { "state" }, ended),
    ];
    for (name, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        let room = ui.width.saturating_sub(19);
        for (at, line) in wrap(text, room).iter().enumerate() {
            ui.line(&format!("    {:<13}{line}", if at == 0 { *name } else { "" }));
        }
    }
    Ok(Exit::Done)
}

/// The change that an entry belongs to: what was planned and by which run, where that is kept.
async fn change(store: &mut dyn Store, entry: &QueueEntry) -> Kept<String> {
    let fault = &entry.fault;
    if fault.change.is_empty() {
        return Ok(String::new());
    }
    let history = store.history(&fault.key.item).await?;
    let last = history.iter().rev().find(|happened| happened.planned.change == fault.change);
    Ok(last.map_or_else(
        || fault.change.clone(),
        |happened| {
            let planned = &happened.planned;
            let before = planned.before.map_or_else(|| "nothing".to_owned(), |count| count.to_string());
            let (quantity, unit) = (escape(&planned.quantity), escape(&planned.unit));
            format!(
                "{quantity} {before} → {} {unit} in run {} of {} (change {})",
                planned.after,
                happened.run,
                escape(&happened.actor),
                fault.change
            )
        },
    ))
}

/// Until when somebody means to know of an entry: a moment to come.
fn until_when(ui: &Ui, text: &str, (zone, now): (&str, Moment)) -> Result<Moment, Exit> {
    let wrong = |what: String, todo: &str| {
        ui.error(&what, todo);
        Err(Exit::Wrong)
    };
    match Moment::parse(text, zone) {
        None => wrong(
            format!("`{}` is no date", escape(text)),
            "Write it as 2026-12-01, or with a time as 2026-12-01T18:00.",
        ),
        Some(until) if until <= now => wrong(
            format!("{} has passed: nothing can be acknowledged until then", until.rfc3339()),
            "Name a date to come; a date alone means that day as it begins.",
        ),
        Some(until) => Ok(until),
    }
}

async fn acknowledge(
    ui: &Ui,
    store: &mut dyn Store,
    id: i64,
    (when, until, note): (Moment, &str, &str),
) -> Kept<Exit> {
    let found = store.hush(id, when, note).await?;
    let what = format!(
        "is acknowledged until {} ({}): it is listed, and fails no command until then",
        escape(until),
        when.rfc3339()
    );
    Ok(said(ui, id, found, &what))
}

async fn check(ui: &Ui, store: &mut dyn Store, (max, now): (usize, Moment)) -> Kept<Exit> {
    let entries = store.queue(true).await?;
    let quiet = entries.iter().filter(|entry| entry.quiet_at(now)).count();
    let open = entries.len() - quiet;
    let noun = if open == 1 { "entry is" } else { "entries are" };
    let beside = if quiet > 0 { format!(" and {quiet} acknowledged") } else { String::new() };
    let text = format!("{open} {noun} open{beside}, {max} are allowed.");
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

//! `onhand history`: every change to a published count, newest first.

use super::exit::Exit;
use super::select::unknown;
use super::store::{open_existing, refuse};
use super::topology::load;
use super::ui::Ui;
use crate::diagnostic::escape;
use crate::diagnostic::wrap::wrap;
use crate::model::{Model, Name, SystemId};
use crate::state::{Event, Happened, Outcome, StateError, Store};
use crate::world::World;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What `history` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A count: ITEM, ITEM@SYSTEM or ITEM@SYSTEM/LOCATION
    what: String,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How many changes are shown, newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How they are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One change a line, for programs
    Json,
}

/// The counts that are asked for, by name.
struct Wanted {
    item: String,
    /// One code of it only, where it was named by that.
    code: Option<String>,
    system: Option<String>,
    location: Option<String>,
}

/// Shows the history of a count.
pub async fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    show(args, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn show(args: &Args, ui: &Ui, world: &World) -> Result<Exit, Exit> {
    let topology = load(ui, world, args.dir.as_deref())?;
    let model = &*topology.model;
    let mut store = open_existing(ui, world, &topology).await?;
    let wanted = wanted(model, &args.what);
    let mut told = Vec::new();
    if let Some(store) = &mut store {
        told = store.history(&wanted.item).await.map_err(|error| refuse(ui, &error))?;
    }
    // What the topology no longer names has a history all the same.
    if told.is_empty() {
        known(ui, model, &wanted)?;
    }
    told.retain(|one| covers(&wanted, one));
    told.reverse();
    let more = told.len().saturating_sub(args.limit);
    told.truncate(args.limit);
    let changes = match &mut store {
        Some(store) => shown(store.as_mut(), model, told).await.map_err(|error| refuse(ui, &error))?,
        None => Vec::new(),
    };
    match args.format {
        Format::Json => changes.iter().for_each(|one| ui.result(&json(one))),
        Format::Human if changes.is_empty() => {
            let what = escape::line(&args.what).into_owned();
            ui.paragraph(&format!("No run has changed `{what}` yet, or none that the state here knows of."));
        }
        Format::Human => {
            changes.iter().for_each(|one| ui.result(&human(ui, one)));
            if more > 0 {
                ui.paragraph(&format!("{more} older, shown with --limit {}.", more + args.limit));
            }
        }
    }
    Ok(Exit::Done)
}

/// Takes `ITEM@SYSTEM/LOCATION` apart. A name that is no item's may be the system's code for one.
fn wanted(model: &Model, what: &str) -> Wanted {
    let (name, place) = what.split_once('@').map_or((what, None), |(name, place)| (name, Some(place)));
    let (system, location) = match place.and_then(|place| place.split_once('/')) {
        Some((system, location)) => (Some(system), Some(location)),
        None => (place, None),
    };
    let (system, location) = (system.map(str::to_owned), location.map(str::to_owned));
    let is_thing = names(model).any(|known| **known == *name);
    let own = |system: &String| model.systems.iter().position(|known| *known.name == **system);
    let all = || (0..model.systems.len()).find_map(|at| model.find_code(SystemId::at(at), name));
    let code = match &system {
        _ if is_thing => None,
        Some(system) => own(system).and_then(|system| model.find_code(SystemId::at(system), name)),
        None => all(),
    };
    match code {
        Some(code) => {
            let item = model.thing_name(model.code(code).thing).to_string();
            // The code of one system says nothing about the codes of others.
            let code = system.is_some().then(|| name.to_owned());
            Wanted { item, code, system, location }
        }
        None => Wanted { item: name.to_owned(), code: None, system, location },
    }
}

fn names(model: &Model) -> impl Iterator<Item = &Name> + Clone {
    model.items.iter().map(|item| &item.name).chain(model.bundles.iter().map(|bundle| &bundle.name))
}

/// Refuses a name that the topology does not have, with the nearest that it has.
fn known(ui: &Ui, model: &Model, wanted: &Wanted) -> Result<(), Exit> {
    if !names(model).any(|name| **name == *wanted.item) {
        return Err(unknown(ui, "item or bundle", &wanted.item, names(model)));
    }
    let systems = model.systems.iter().map(|system| &system.name);
    if let Some(name) = wanted.system.as_ref().filter(|name| !systems.clone().any(|own| **own == ***name)) {
        return Err(unknown(ui, "system", name, systems));
    }
    let places = model.locations.iter().map(|location| &location.name);
    match wanted.location.as_ref().filter(|name| !places.clone().any(|own| **own == ***name)) {
        Some(name) => Err(unknown(ui, "location", name, places)),
        None => Ok(()),
    }
}

fn covers(wanted: &Wanted, one: &Happened) -> bool {
    let is = |wanted: &Option<String>, own: &str| wanted.as_ref().is_none_or(|wanted| wanted == own);
    let planned = &one.planned;
    is(&wanted.code, &planned.code)
        && is(&wanted.system, &planned.system)
        // A system without locations has one place, whatever the topology calls it.
        && (planned.location.is_empty() || is(&wanted.location, &planned.location))
}

/// One change with what people saw after it.
struct Change {
    happened: Happened,
    /// What people see since; `None` where nothing was written, or nobody knows whether.
    after: Option<i64>,
}

/// Finds out what people saw after each change. The number that was written may be less than the planned one,
/// and is not what people see where the target takes something off by itself: then the journal knows what it
/// took off.
async fn shown(store: &mut dyn Store, model: &Model, told: Vec<Happened>) -> Result<Vec<Change>, StateError> {
    let mut taken_off: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut read: Vec<String> = Vec::new();
    let mut changes = Vec::new();
    for happened in told {
        let through = happened.outcome.as_ref().is_some_and(|(outcome, ..)| {
            matches!(outcome, Outcome::Verified | Outcome::Unverified | Outcome::Sent)
        });
        let written = happened.written.filter(|_| through);
        let flow = model.flows.iter().find(|flow| *flow.name == *happened.planned.flow);
        let bridge = flow.and_then(|flow| flow.write.as_ref()).map_or(&[][..], |write| &write.bridge);
        if written.is_some() && !bridge.is_empty() && !read.contains(&happened.run) {
            for entry in store.entries(&happened.run).await? {
                if let Event::Intent { before, .. } = entry.event {
                    let off = before.iter().filter(|(name, _)| bridge.iter().any(|own| **own == **name));
                    let off = off.fold(0_i64, |sum, (_, value)| sum.saturating_add(*value));
                    taken_off.insert((entry.run, entry.change), off);
                }
            }
            read.push(happened.run.clone());
        }
        let key = (happened.run.clone(), happened.planned.change.clone());
        let off = taken_off.get(&key).copied().unwrap_or(0);
        changes.push(Change { after: written.map(|number| number.saturating_sub(off)), happened });
    }
    Ok(changes)
}

/// One change as a JSON object.
fn json(one: &Change) -> String {
    let (happened, planned) = (&one.happened, &one.happened.planned);
    let location = Some(&planned.location).filter(|name| !name.is_empty());
    let (outcome, reason, at) = match &happened.outcome {
        Some((outcome, reason, at)) => (Some(outcome.word()), Some(reason), Some(at.rfc3339())),
        None => (None, None, None),
    };
    let line = serde_json::json!({
        "at": at, "item": planned.item, "code": planned.code, "flow": planned.flow,
        "system": planned.system, "location": location, "quantity": planned.quantity, "unit": planned.unit,
        "before": planned.before, "planned": planned.after, "after": one.after,
        "why": planned.reason, "outcome": outcome, "reason": reason, "run": happened.run,
        "undoes": happened.undoes, "revision": happened.revision, "actor": happened.actor,
    });
    format!("{}\n", escape::json(&line.to_string()))
}

/// How an outcome is told of one change.
fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Verified => "written and verified",
        Outcome::Unverified => "written and read back",
        Outcome::Sent => "sent, not shown by the other side at the time",
        Outcome::Unchanged => "was already right",
        Outcome::Moved => "not written, it had moved",
        Outcome::Held => "not written, held",
        Outcome::Failed => "not written, failed",
        Outcome::Skipped => "not written, skipped",
    }
}

/// How many letters of a commit are shown.
const COMMIT: usize = 12;

/// A commit's id cut short, with its `+`.
fn commit(revision: &str) -> String {
    let plus = if revision.ends_with('+') { "+" } else { "" };
    format!("{}{plus}", revision.trim_end_matches('+').chars().take(COMMIT).collect::<String>())
}

fn human(ui: &Ui, one: &Change) -> String {
    let (happened, planned) = (&one.happened, &one.happened.planned);
    let place = if planned.location.is_empty() { String::new() } else { format!("/{}", planned.location) };
    let code = if planned.code == planned.item { String::new() } else { format!(" ({})", planned.code) };
    let before = planned.before.map_or_else(|| "none".to_owned(), |before| before.to_string());
    let after = one.after.unwrap_or(planned.after);
    let (when, how) = match &happened.outcome {
        Some((outcome, _, at)) => (at.rfc3339(), ended(*outcome)),
        None => ("not ended yet".to_owned(), "nobody knows whether it was written"),
    };
    let title = format!(
        "{when}  {}{code}@{}{place}  {before} → {after} {}",
        planned.item, planned.system, planned.unit
    );
    let mut text = format!("{}\n", ui.bold(&escape::line(&title)));
    let reason = happened.outcome.as_ref().map(|(_, reason, _)| reason.as_str()).unwrap_or_default();
    let ending = if reason.is_empty() { how.to_owned() } else { format!("{how}: {reason}") };
    let mut by = format!("run {} by {}", happened.run, happened.actor);
    if let Some(revision) = &happened.revision {
        by.push_str(&format!(", commit {}", commit(revision)));
    }
    if let Some(undone) = &happened.undoes {
        by.push_str(&format!(", undoing run {undone}"));
    }
    for part in [format!("{ending} (flow {})", planned.flow), format!("why: {}", planned.reason), by] {
        for line in wrap(&escape::line(&part), ui.width.saturating_sub(4)) {
            let _ = writeln!(text, "    {line}");
        }
    }
    text.push('\n');
    ui.fold(&text).into_owned()
}

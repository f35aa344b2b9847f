//! `onhand pause` and `onhand resume`: hold raises back, or everything, for every runner.

use super::exit::Exit;
use super::lifting::actor;
use super::select::unknown;
use super::store::{open, open_existing, refuse};
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::diagnostic::escape;
use crate::model::time::Moment;
use crate::model::{FlowId, Name, SystemId};
use crate::state::{Pause, Scope, StateError, Store};
use crate::world::World;

/// What `pause` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    what: Named,
    /// Hold decreases back as well, so that nothing at all is written there
    #[arg(long)]
    everything: bool,
    /// Why, for whoever meets it later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// How the list of what is paused is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What `resume` takes.
#[derive(Debug, clap::Args)]
pub struct ResumeArgs {
    #[command(flatten)]
    what: Named,
}

/// What a pause is about.
#[derive(Debug, clap::Args)]
struct Named {
    /// A flow, a system that is written to, or a location
    name: Option<String>,
    /// The whole topology: nothing is written, decreases neither
    #[arg(long, conflicts_with = "name")]
    all: bool,
    /// Which one, where several bear the name
    #[arg(long = "as", value_enum, value_name = "WHAT", requires = "name")]
    kind: Option<Kind>,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    #[arg(long)]
    dir: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A flow
    Flow,
    /// A system that is written to
    System,
    /// A location
    Location,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One pause a line, for programs
    Json,
}

impl Kind {
    fn scope(self) -> Scope {
        match self {
            Kind::Flow => Scope::Flow,
            Kind::System => Scope::System,
            Kind::Location => Scope::Location,
        }
    }
}

/// Pauses something, or lists what is paused.
pub async fn pause(args: &Args, ui: &Ui, world: &World) -> Exit {
    let done = match (&args.what.name, args.what.all) {
        (None, false) if args.everything || args.reason.is_some() => {
            let todo = "Name a flow, a system or a location, or say --all for the whole topology.";
            ui.error("nothing is named that should be paused", todo);
            Err(Exit::Wrong)
        }
        (None, false) => list(args, ui, world).await,
        _ => set(args, ui, world).await,
    };
    done.unwrap_or_else(|exit| exit)
}

/// Ends a pause.
pub async fn resume(args: &ResumeArgs, ui: &Ui, world: &World) -> Exit {
    end(&args.what, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn set(args: &Args, ui: &Ui, world: &World) -> Result<Exit, Exit> {
    // One line, however it was typed: it stands in plans and in the queue.
    let reason: Vec<&str> = args.reason.iter().flat_map(|reason| reason.split_whitespace()).collect();
    if reason.is_empty() {
        ui.error("a pause needs a reason: whoever meets it later must know", "Say it with --reason \"…\".");
        return Err(Exit::Wrong);
    }
    let topology = load(ui, world, args.what.dir.as_deref())?;
    let (scope, name) = match &args.what.name {
        None => (Scope::All, String::new()),
        Some(name) => (scope(ui, &topology, name, args.what.kind)?, name.clone()),
    };
    let mut store = open(ui, world, &topology).await?;
    let pauses = store.pauses().await.map_err(|error| refuse(ui, &error))?;
    let holds_all = args.everything || scope == Scope::All;
    let before = pauses.iter().find(|pause| pause.scope == scope && pause.name == name);
    let zone = topology.model.timezone.as_deref().unwrap_or("UTC");
    if let Some(before) = before.filter(|before| before.holds_all && !holds_all) {
        // Decreases would go out again, which nobody asked for in so many words.
        let what = format!("{} has a stronger pause: {}", title(before), told(before, zone));
        ui.error(&what, &format!("To let decreases out again: `{}`, then pause it anew.", ending(before)));
        return Err(Exit::Wrong);
    }
    let since = Moment(world.clock.now_ms());
    let pause = Pause { scope, name, holds_all, reason: reason.join(" "), actor: actor(world), since };
    store.pause(&pause).await.map_err(|error| refuse(ui, &error))?;
    let what = if holds_all {
        "nothing is written, decreases neither"
    } else {
        "raises and new rows wait, decreases go out"
    };
    ui.paragraph(&format!("{} is paused: {what}. To end it:", capital(&title(&pause))));
    ui.line(&format!("  {}", ending(&pause)));
    if let Some(before) = before {
        ui.paragraph(&format!("This replaces its earlier pause: {}.", told(before, zone)));
    }
    under_way(ui, store.as_mut(), since).await.map_err(|error| refuse(ui, &error))?;
    Ok(Exit::Done)
}

/// A run that writes already looks at what is paused before each batch.
async fn under_way(ui: &Ui, store: &mut dyn Store, now: Moment) -> Result<(), StateError> {
    if let Some(lease) = store.lease().await?.filter(|lease| lease.expires > now) {
        ui.talk(&format!(
            "run {} is under way: it obeys this from its next batch on, and what has left already comes to \
             its end",
            lease.run
        ));
    }
    Ok(())
}

async fn end(what: &Named, ui: &Ui, world: &World) -> Result<Exit, Exit> {
    if what.name.is_none() && !what.all {
        let todo =
            "Name what was paused, or say --all for a pause of the whole topology; `onhand pause` lists all.";
        ui.error("nothing is named that should go on", todo);
        return Err(Exit::Wrong);
    }
    let topology = load(ui, world, what.dir.as_deref())?;
    let wrong = |error: StateError| refuse(ui, &error);
    let mut store = open_existing(ui, world, &topology).await?;
    let pauses = match store.as_mut() {
        Some(store) => store.pauses().await.map_err(wrong)?,
        None => Vec::new(),
    };
    let name = what.name.as_deref().unwrap_or_default();
    let meant = |pause: &&Pause| match what.all {
        true => pause.scope == Scope::All,
        false => {
            pause.scope != Scope::All
                && pause.name == name
                && what.kind.is_none_or(|kind| kind.scope() == pause.scope)
        }
    };
    let meant: Vec<&Pause> = pauses.iter().filter(meant).collect();
    let (Some(pause), Some(store)) = (meant.first(), store.as_mut()) else {
        let what =
            if what.all { "the whole topology".to_owned() } else { format!("`{}`", escape::line(name)) };
        let others: Vec<String> = pauses.iter().map(|pause| format!("`{}`", ending(pause))).collect();
        let todo = match others.is_empty() {
            true => "Nothing is paused.".to_owned(),
            false => format!("To end what is paused: {}.", others.join(", ")),
        };
        ui.error(&format!("{what} is not paused"), &todo);
        return Err(Exit::Wrong);
    };
    if meant.len() > 1 {
        let ways: Vec<String> = meant.iter().map(|pause| format!("`{}`", ending(pause))).collect();
        ui.error(&format!("`{}` is paused more than once", escape::line(name)), &say(&ways));
        return Err(Exit::Wrong);
    }
    store.unpause(pause.scope, &pause.name).await.map_err(wrong)?;
    let goes = if pause.scope == Scope::All { "on" } else { "on again" };
    ui.line(&format!("{} goes {goes}.", capital(&title(pause))));
    let zone = topology.model.timezone.as_deref().unwrap_or("UTC");
    for left in pauses.iter().filter(|left| (left.scope, &left.name) != (pause.scope, &pause.name)) {
        ui.paragraph(&format!("Still paused: {}, {}.", title(left), told(left, zone)));
    }
    Ok(Exit::Done)
}

async fn list(args: &Args, ui: &Ui, world: &World) -> Result<Exit, Exit> {
    let topology = load(ui, world, args.what.dir.as_deref())?;
    let store = open_existing(ui, world, &topology).await?;
    let pauses = match store {
        Some(mut store) => store.pauses().await.map_err(|error| refuse(ui, &error))?,
        None => Vec::new(),
    };
    if args.format == Format::Json {
        for pause in &pauses {
            let name = (pause.scope != Scope::All).then_some(&pause.name);
            let line = serde_json::json!({
                "scope": pause.scope.word(), "name": name,
                "holds": if pause.holds_all { "everything" } else { "raises" },
                "reason": pause.reason, "actor": pause.actor, "since": pause.since.rfc3339(),
            });
            ui.result(&format!("{}\n", escape::json(&line.to_string())));
        }
        return Ok(Exit::Done);
    }
    if pauses.is_empty() {
        ui.line("Nothing is paused.");
    }
    let zone = topology.model.timezone.as_deref().unwrap_or("UTC");
    for pause in &pauses {
        let what = if pause.holds_all { "nothing is written" } else { "raises and new rows wait" };
        ui.line(&ui.bold(&format!("{}: {what}", capital(&title(pause)))));
        ui.paragraph(&format!("  {}", told(pause, zone)));
        if pause.scope != Scope::All && !is_known(&topology, pause) {
            ui.paragraph("  The topology no longer has it, so this holds nothing back.");
        }
        ui.line(&format!("  {}", ending(pause)));
    }
    Ok(Exit::Done)
}

fn is_known(topology: &Topology, pause: &Pause) -> bool {
    let is = |own: &Name, was: &Option<Name>| **own == *pause.name || was.as_deref() == Some(&pause.name);
    let model = &topology.model;
    match pause.scope {
        Scope::All => true,
        Scope::Flow => model.flows.iter().any(|own| is(&own.name, &own.was)),
        Scope::System => model.systems.iter().any(|own| is(&own.name, &own.was)),
        Scope::Location => model.locations.iter().any(|own| is(&own.name, &own.was)),
    }
}

/// What a name means; what holds nothing back, or means several things, ends the command.
fn scope(ui: &Ui, topology: &Topology, name: &str, kind: Option<Kind>) -> Result<Scope, Exit> {
    let model = &*topology.model;
    let flow = model.flows.iter().any(|own| *own.name == *name);
    let collects = model.collects.iter().any(|own| *own.name == *name);
    let system = model.systems.iter().position(|own| *own.name == *name).map(SystemId::at);
    let place = model.location_named(name);
    let asked = |own: Kind, there: bool| there && kind.is_none_or(|kind| kind == own);
    let mut meant = Vec::new();
    if asked(Kind::Flow, flow || collects) {
        meant.push(Scope::Flow);
    }
    if asked(Kind::System, system.is_some()) {
        meant.push(Scope::System);
    }
    if asked(Kind::Location, place.is_some()) {
        meant.push(Scope::Location);
    }
    let scope = match meant[..] {
        [scope] => scope,
        [] => {
            let names = model.flows.iter().map(|own| &own.name);
            let names = names.chain(model.systems.iter().map(|own| &own.name));
            let names = names.chain(model.locations.iter().map(|own| &own.name));
            let what = kind.map_or("flow, system or location", |kind| kind.scope().word());
            return Err(unknown(ui, what, name, names));
        }
        _ => {
            let words: Vec<String> = meant.iter().map(|scope| format!("a {}", scope.word())).collect();
            let ways: Vec<String> = meant.iter().map(|scope| format!("`--as {}`", scope.word())).collect();
            ui.error(&format!("`{name}` is the name of {}", words.join(" and of ")), &say(&ways));
            return Err(Exit::Wrong);
        }
    };
    let flows = || (0..model.flows.len()).map(FlowId::at);
    let writes = match (scope, system, place) {
        (Scope::System, Some(system), _) => flows().any(|flow| model.flow(flow).to == system),
        (Scope::Location, _, Some(place)) => flows().any(|flow| {
            let facts = topology.graph.flow(flow);
            let shown = facts.shown.iter().any(|shown| shown.location == place);
            shown || facts.draws.iter().any(|draw| draw.location == place)
        }),
        _ => flow,
    };
    if writes {
        return Ok(scope);
    }
    let uses = |flow: &FlowId| system.is_none_or(|system| topology.graph.reads(*flow).contains(&system));
    let uses: Vec<&str> = flows().filter(uses).map(|flow| &*model.flow(flow).name).collect();
    let todo = match uses[..] {
        [] => "Pause a flow, or a system that is written to.".to_owned(),
        _ => format!("Pause the flow instead that should wait: {}.", escape::line(&uses.join(", "))),
    };
    let what =
        format!("no count is written for {} `{name}`, so pausing it would hold nothing back", scope.word());
    ui.error(&what, &todo);
    Err(Exit::Wrong)
}

fn say(ways: &[String]) -> String {
    format!("Say which one: {}.", ways.join(" or "))
}

/// `flow web-stock`; `everything`.
fn title(pause: &Pause) -> String {
    match pause.scope {
        Scope::All => "everything".to_owned(),
        scope => format!("{} `{}`", scope.word(), escape::line(&pause.name)),
    }
}

fn told(pause: &Pause, zone: &str) -> String {
    let (actor, since) = (escape::line(&pause.actor), pause.since.on_the_wall(zone));
    format!("paused by {actor} since {since}: {}", escape::line(&pause.reason))
}

/// The command that ends a pause.
fn ending(pause: &Pause) -> String {
    match pause.scope {
        Scope::All => "onhand resume --all".to_owned(),
        scope => format!("onhand resume {} --as {}", escape::line(&pause.name), scope.word()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

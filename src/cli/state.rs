//! `onhand state`: who holds the lock, freeing it by hand, a backup, and whether all is whole.

use super::exit::Exit;
use super::lifting::actor;
use super::store::{open_existing, refuse};
use super::topology::load;
use super::ui::Ui;
use crate::diagnostic::escape;
use crate::model::time::Moment;
use crate::state::trouble::GO_ON;
use crate::state::{Lease, StateError, Store, Unlocked};
use crate::world::World;

/// What `state` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    #[arg(long, global = true)]
    dir: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The lock: one run at a time may write
    Lock {
        #[command(subcommand)]
        action: LockAction,
    },
    /// Free the lock of a run by hand
    Unlock {
        /// The run that holds it, as `onhand state lock list` names it
        run: String,
        /// Why, for whoever looks into it later
        #[arg(long)]
        reason: String,
        /// Also where its process still runs, or runs on another host so that nobody here can tell
        #[arg(long)]
        even_alive: bool,
    },
    /// Copy the state into a new file, while runs go on
    Backup {
        /// The file to make; one that is there is never replaced
        file: String,
    },
    /// Look the state over, page by page and entry by entry
    Check,
}

#[derive(Debug, clap::Subcommand)]
enum LockAction {
    /// Who holds it, and who has freed one by hand
    List {
        /// How it is printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One object a line, for programs
    Json,
}

type Kept<T> = Result<T, StateError>;

/// Runs one of its actions.
pub async fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let topology = match load(ui, world, args.dir.as_deref()) {
        Ok(topology) => topology,
        Err(exit) => return exit,
    };
    let store = match open_existing(ui, world, &topology).await {
        Ok(store) => store,
        Err(exit) => return exit,
    };
    let Some(mut store) = store else { return without_state(&args.action, ui) };
    let (store, now) = (store.as_mut(), Moment(world.clock.now_ms()));
    let done = match &args.action {
        Action::Lock { action: LockAction::List { format } } => list(ui, world, store, *format).await,
        Action::Unlock { run, reason, even_alive } => {
            let by =
                Unlocked { fence: 0, run: run.clone(), actor: actor(world), reason: reason.clone(), at: now };
            unlock(ui, world, store, (by, *even_alive)).await
        }
        Action::Backup { file } => backup(ui, world, store, file).await,
        Action::Check => check(ui, store).await,
    };
    done.unwrap_or_else(|error| refuse(ui, &error))
}

/// Before the first apply there is no file.
fn without_state(action: &Action, ui: &Ui) -> Exit {
    let none = "there is no state yet: no apply has run here";
    match action {
        Action::Lock { action: LockAction::List { format: Format::Json } } => Exit::Done,
        Action::Lock { .. } => {
            ui.line("Nobody holds the lock: no apply has run here yet.");
            Exit::Done
        }
        Action::Check => {
            ui.line("There is no state yet: no apply has run here.");
            Exit::Done
        }
        Action::Unlock { .. } => wrong(ui, none, "There is no lock to free."),
        Action::Backup { .. } => wrong(ui, none, "There is nothing to back up."),
    }
}

fn wrong(ui: &Ui, what: &str, todo: &str) -> Exit {
    ui.error(what, todo);
    Exit::Wrong
}

/// Whether the process that holds a lock still runs: `None` where nobody here can tell.
fn lives(world: &World, lease: &Lease) -> Option<bool> {
    (lease.host == world.env.host()).then(|| world.env.alive(&lease.process))
}

async fn list(ui: &Ui, world: &World, store: &mut dyn Store, format: Format) -> Kept<Exit> {
    let (lease, freed) = (store.lease().await?, store.unlocks().await?);
    let actor = match &lease {
        Some(lease) => store.run(&lease.run).await?.map(|run| run.actor),
        None => None,
    };
    if format == Format::Json {
        if let Some(lease) = &lease {
            ui.result(&json(lease, actor.as_deref(), lives(world, lease)));
        }
        freed.iter().for_each(|unlocked| ui.result(&json_freed(unlocked)));
        return Ok(Exit::Done);
    }
    match &lease {
        None => ui.line("Nobody holds the lock."),
        Some(lease) => tell(ui, lease, actor.as_deref(), lives(world, lease)),
    }
    for unlocked in freed.iter().rev().take(5) {
        ui.paragraph(&format!(
            "Freed by hand: lock {} of run {}, {}, by {}: {}",
            unlocked.fence,
            unlocked.run,
            unlocked.at.rfc3339(),
            escape::line(&unlocked.actor),
            escape::line(&unlocked.reason)
        ));
    }
    Ok(Exit::Done)
}

fn tell(ui: &Ui, lease: &Lease, actor: Option<&str>, alive: Option<bool>) {
    let by = actor.map(|actor| format!(" of {}", escape::line(actor))).unwrap_or_default();
    ui.line(&ui.bold(&format!("Run {}{by} holds the lock, number {}.", lease.run, lease.fence)));
    let life = match alive {
        Some(true) => "which still runs",
        Some(false) => "which has ended: the next run takes the lock over at once",
        None => "and nobody here can tell whether it still runs",
    };
    let (process, host) = (escape::line(&lease.process), escape::line(&lease.host));
    ui.paragraph(&format!("    process {process} on {host}, {life}"));
    ui.line(&format!("    taken         {}", lease.taken.rfc3339()));
    ui.line(&format!("    last heard of {}", lease.heartbeat.rfc3339()));
    ui.line(&format!("    runs out      {} unless it is heard of again", lease.expires.rfc3339()));
}

fn json(lease: &Lease, actor: Option<&str>, alive: Option<bool>) -> String {
    let line = serde_json::json!({
        "type": "lock", "run": lease.run, "actor": actor, "host": lease.host, "process": lease.process,
        "alive": alive, "fence": lease.fence, "taken": lease.taken.rfc3339(),
        "heard": lease.heartbeat.rfc3339(), "expires": lease.expires.rfc3339(),
    });
    format!("{line}\n")
}

fn json_freed(unlocked: &Unlocked) -> String {
    let line = serde_json::json!({
        "type": "unlocked", "run": unlocked.run, "fence": unlocked.fence, "actor": unlocked.actor,
        "reason": unlocked.reason, "at": unlocked.at.rfc3339(),
    });
    format!("{line}\n")
}

async fn unlock(
    ui: &Ui,
    world: &World,
    store: &mut dyn Store,
    (by, even_alive): (Unlocked, bool),
) -> Kept<Exit> {
    let Some(lease) = store.lease().await? else {
        return Ok(wrong(ui, "nobody holds the lock", "The next run takes it by itself."));
    };
    if lease.run != by.run {
        let what = format!("run {} does not hold the lock: run {} does", escape::line(&by.run), lease.run);
        return Ok(wrong(ui, &what, "`onhand state lock list` shows who holds it."));
    }
    let alive = lives(world, &lease);
    let over = lease.expires <= by.at;
    if !even_alive && (alive == Some(true) || alive.is_none() && !over) {
        refuse_living(ui, &lease, alive);
        return Ok(Exit::Locked);
    }
    if !store.unlock(&Unlocked { fence: lease.fence, ..by }).await? {
        ui.error("the lock changed hands meanwhile", "`onhand state lock list` shows who holds it now.");
        return Ok(Exit::Locked);
    }
    ui.paragraph(&format!(
        "The lock of run {} is free. Its number was {}, and the next is higher, so that run {} sends nothing \
         more.",
        lease.run, lease.fence, lease.run
    ));
    if alive != Some(false) {
        ui.paragraph(
            "One request of it may be under way: let a minute pass before the next run, which reads it back.",
        );
    }
    Ok(Exit::Done)
}

fn refuse_living(ui: &Ui, lease: &Lease, alive: Option<bool>) {
    let (run, process, host) = (&lease.run, escape::line(&lease.process), escape::line(&lease.host));
    if alive == Some(true) {
        ui.error(
            &format!("run {run} still runs here (process {process}) and may be writing right now"),
            "Stop it (Ctrl-C, or `kill` with the number before the @): the next run then takes the lock over \
             by itself. With --even-alive the lock is freed nonetheless, and the run stops before its next \
             request.",
        );
        return;
    }
    ui.error(
        &format!(
            "run {run} runs on {host} (process {process}), and nobody here can tell whether it still does; \
             it was last heard of {}",
            lease.heartbeat.rfc3339()
        ),
        &format!(
            "Its lock runs out by itself at {}. To free it before, make sure on {host} that it has ended, \
             and pass --even-alive.",
            lease.expires.rfc3339()
        ),
    );
}

async fn backup(ui: &Ui, world: &World, store: &mut dyn Store, file: &str) -> Kept<Exit> {
    store.backup(file).await?;
    let (folder, name) = file.rsplit_once('/').unwrap_or((".", file));
    let folder = if folder.is_empty() { "/" } else { folder };
    let entries = world.files.list(folder).unwrap_or_default();
    let size = entries.iter().find(|entry| entry.name == name).map_or(0, |entry| entry.size);
    ui.line(&format!("The state is in {}, whole: {size} bytes.", escape::line(file)));
    Ok(Exit::Done)
}

async fn check(ui: &Ui, store: &mut dyn Store) -> Kept<Exit> {
    let faults = store.audit().await?;
    if faults.is_empty() {
        ui.line("The state is whole.");
        return Ok(Exit::Done);
    }
    for fault in &faults {
        ui.error(fault, "");
    }
    ui.talk("");
    ui.error("the state cannot be relied on", &format!("To go on, {GO_ON}."));
    Ok(Exit::Wrong)
}

//! `onhand plan`: read, compute, compare, and show what would be written.

use super::exit::Exit;
use super::lifting::{Lifts, effective, lifted, lifting};
use super::offline::{observe, read_snapshot};
use super::reading::{read, sessions, standing};
use super::select::{Select, selection};
use super::store::{open, open_existing, refuse};
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::apply::key::run_id;
use crate::apply::lift::{self, Lifting};
use crate::apply::quiet::Quiet;
use crate::diagnostic::escape;
use crate::diagnostic::render::Options;
use crate::model::FlowId;
use crate::model::time::Moment;
use crate::plan::lift::Lift;
use crate::plan::{self, Plan, Selection, Stamp, file, render};
use crate::snapshot::Snapshot;
use crate::state::{PlanSeen, Store};
use crate::world::World;
use std::rc::Rc;

/// What `plan` takes.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// Keep the plan in this file, to apply it later
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    select: Select,
    /// End with 2 when changes are pending, with 4 when rows failed or are held
    #[arg(long)]
    detailed_exitcode: bool,
    /// Plan offline, from what `onhand snapshot` kept; `apply` does not take such a plan
    #[arg(long, value_name = "FILE")]
    snapshot: Option<String>,
    #[command(flatten)]
    lifting: Lifts,
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Human,
    /// The lines of the plan file
    Json,
    /// For a comment on a pull request
    Markdown,
}

impl Args {
    /// Arguments that plan a folder, and keep the plan in a file where one is named.
    pub fn of(dir: &str, out: Option<String>) -> Args {
        Args { dir: Some(dir.to_owned()), out, ..Args::default() }
    }
}

/// Plans a topology.
pub async fn run(args: &Args, ui: &Ui, world: World) -> Exit {
    show(args, ui, world).await.map_or_else(|exit| exit, |(_, exit)| exit)
}

/// Plans a topology and shows the plan; answers it, with the exit status.
pub async fn show(args: &Args, ui: &Ui, world: World) -> Result<(Plan, Exit), Exit> {
    let snapshot = args.snapshot.as_deref().map(|path| read_snapshot(ui, &world, path)).transpose()?;
    let topology = load(ui, &world, args.dir.as_deref())?;
    let selection = selection(ui, &topology.model, &args.select)?;
    let world = world.writing_only(args.out.as_deref());
    let world = Rc::new(if snapshot.is_some() { world.offline() } else { world });
    if args.lifting.given() && (args.out.is_none() || snapshot.is_some()) {
        ui.error(
            "a guard is lifted for a plan that can be applied, and this one cannot",
            "Keep the plan with --out FILE, without --snapshot; or lift the guard when you apply it.",
        );
        return Err(Exit::Wrong);
    }
    let lifting = lifting(ui, &world, &topology.model, &args.lifting)?;
    let (plan, lifts) = match &snapshot {
        None => compute(ui, (&topology, &world), &selection, &lifting).await?,
        Some(snapshot) => (compute_offline(ui, &topology, (&world, snapshot), &selection).await?, Vec::new()),
    };
    if let Some(path) = &args.out {
        keep(ui, &world, &plan, path)?;
        // A plan from a snapshot is for reading: the state does not learn of it, so no apply takes it.
        if snapshot.is_none() {
            let mut store = open(ui, &world, &topology).await?;
            remember(ui, store.as_mut(), &plan).await?;
            let kept = lift::keep(store.as_mut(), &plan, &lifts, Moment(world.clock.now_ms())).await;
            kept.map_err(|error| refuse(ui, &error))?;
        }
    }
    print(ui, &plan, args.format);
    lift::unused(&lifting, &effective(&plan)).iter().for_each(|unused| ui.talk(unused));
    if args.format == Format::Human && (args.out.is_some() || snapshot.is_some()) {
        ui.line("");
    }
    match (&args.out, &snapshot) {
        _ if args.format != Format::Human => {}
        (None, None) => {}
        (None, Some(snapshot)) => ui.paragraph(&offline(snapshot)),
        (Some(path), Some(snapshot)) => {
            ui.paragraph(&format!("Kept in {}. {}", escape::line(path), offline(snapshot)));
        }
        (Some(path), None) => kept(ui, &plan, path, args.dir.as_deref()),
    }
    let quiet = if snapshot.is_some() { Quiet::default() } else { quiet(ui, &topology, &world).await? };
    let exit = exit(&plan, &quiet, args.detailed_exitcode);
    // The process is about to end: taking a model of a million items apart first would only take time.
    std::mem::forget(topology);
    Ok((plan, exit))
}

/// How the id of a plan from a snapshot begins: `apply` knows it by that.
pub const OFFLINE: &str = "snapshot-";

/// What is said of a plan from a snapshot.
fn offline(snapshot: &Snapshot) -> String {
    let taken = snapshot.taken.rfc3339();
    format!("Planned offline, from what the systems showed at {taken}; `apply` does not take this plan.")
}

/// Says where the plan is, until when it holds, and how it is carried out.
pub fn kept(ui: &Ui, plan: &Plan, path: &str, dir: Option<&str>) {
    if plan.summary.changes == plan.summary.shadow {
        return ui.paragraph(&format!("Kept in {}; there is nothing in it to apply.", escape::line(path)));
    }
    let expires = &plan.header.expires;
    ui.paragraph(&format!("Kept in {}, good until {expires}. To carry it out:", escape::line(path)));
    let dir = dir.map(|dir| format!(" --dir {}", word(dir))).unwrap_or_default();
    ui.line(&format!("  onhand apply {}{dir}", word(path)));
}

/// A path as a shell takes it.
pub fn word(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    let path = escape::line(path);
    if !path.is_empty() && path.chars().all(plain) {
        return path.into_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

/// Reads the systems and computes a plan; answers it with the guards that are lifted for it.
pub async fn compute(
    ui: &Ui,
    (topology, world): (&Topology, &Rc<World>),
    selection: &Selection,
    lifting: &Lifting,
) -> Result<(Plan, Vec<Lift>), Exit> {
    let covered = |flow: &&FlowId| selection.covers(&topology.model, **flow);
    let flows: Vec<FlowId> = topology.graph.flow_order().iter().filter(covered).copied().collect();
    let mut store = open_existing(ui, world, topology).await?;
    let mut sessions = sessions(ui, topology, world, false);
    let observed = read(ui, topology, &mut sessions, store.as_mut(), &flows).await?;
    let now = Moment(world.clock.now_ms());
    let mut standing = standing(ui, store.as_mut(), (topology, now)).await?;
    let lifts = lifted(ui, &topology.model, lifting, (&flows, &standing))?;
    standing.lifted.clone_from(&lifts);
    let stamp = Stamp { id: run_id(world.random.bits()), now, standing };
    let plan = plan::build(&topology.model, &topology.graph, &observed.observations, selection, &stamp);
    Ok((plan, lifts))
}

/// Computes a plan from a snapshot, as of the moment at which that was taken: the ages of its counts are
/// what they were then.
async fn compute_offline(
    ui: &Ui,
    topology: &Topology,
    (world, snapshot): (&Rc<World>, &Rc<Snapshot>),
    selection: &Selection,
) -> Result<Plan, Exit> {
    let covered = |flow: &&FlowId| selection.covers(&topology.model, **flow);
    let flows: Vec<FlowId> = topology.graph.flow_order().iter().filter(covered).copied().collect();
    let observed = observe(ui, topology, (world, snapshot), &flows).await?;
    let digest = snapshot.digest.get(..16).unwrap_or(&snapshot.digest);
    let stamp = Stamp::new(format!("{OFFLINE}{digest}"), snapshot.taken);
    Ok(plan::build(&topology.model, &topology.graph, &observed.observations, selection, &stamp))
}

/// Writes the plan's file.
pub fn keep(ui: &Ui, world: &World, plan: &Plan, path: &str) -> Result<(), Exit> {
    world.files.write(path, file::write(plan).as_bytes()).map_err(|error| {
        let what = format!("the plan cannot be written to `{path}`: {error}");
        ui.error(&what, "Name another file with --out.");
        Exit::Wrong
    })
}

/// Remembers a plan, so that an apply here takes it.
pub async fn remember(ui: &Ui, store: &mut dyn Store, plan: &Plan) -> Result<(), Exit> {
    let seen = PlanSeen {
        seal: plan.summary.seal.clone(),
        digest: plan.summary.digest.clone(),
        id: plan.header.id.clone(),
        created: Moment::parse(&plan.header.created, "UTC").unwrap_or_default(),
        applied_by: None,
    };
    store.remember_plan(&seen).await.map_err(|error| refuse(ui, &error))
}

/// Prints a plan.
pub fn print(ui: &Ui, plan: &Plan, format: Format) {
    let options = Options { width: ui.width, colour: ui.colour, unicode: ui.unicode };
    ui.result(&match format {
        Format::Human => render::human(plan, options),
        Format::Json => render::json(plan, options),
        Format::Markdown => render::markdown(plan, options),
    });
}

/// The entries of the queue that somebody knows of.
async fn quiet(ui: &Ui, topology: &Topology, world: &World) -> Result<Quiet, Exit> {
    let Some(mut store) = open_existing(ui, world, topology).await? else { return Ok(Quiet::default()) };
    let open = store.queue(true).await.map_err(|error| refuse(ui, &error))?;
    Ok(Quiet::of(&open, Moment(world.clock.now_ms())))
}

/// The exit status of a plan.
pub fn exit(plan: &Plan, quiet: &Quiet, detailed: bool) -> Exit {
    let facts = [
        (plan.incomplete(), Exit::Unreachable),
        (plan.tripped(), Exit::Guarded),
        (detailed && quiet.leaves(plan), Exit::Partial),
        (detailed && plan.summary.changes > plan.summary.shadow, Exit::Pending),
    ];
    let facts: Vec<Exit> = facts.into_iter().filter(|(holds, _)| *holds).map(|(_, exit)| exit).collect();
    Exit::worst(&facts)
}

//! `onhand snapshot`: read what the systems show, and keep it for offline plans and comparisons.

use super::exit::Exit;
use super::progress::Progress;
use super::reading::{interrupted, needs};
use super::select::{Select, selection};
use super::store::{open_existing, refuse};
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::apply::watch::Step;
use crate::apply::{Needs, Opener, Sessions, observe};
use crate::connectors::{self, Context};
use crate::diagnostic::escape;
use crate::model::time::Moment;
use crate::model::{FlowId, SystemId};
use crate::plan::Selection;
use crate::snapshot::{self, Recorder, Shelf, Snapshot, file};
use crate::world::World;
use std::rc::Rc;

/// What `snapshot` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// Keep the snapshot in this file; without it, it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    #[command(flatten)]
    select: Select,
}

/// Takes a snapshot.
pub async fn run(args: &Args, ui: &Ui, world: World) -> Exit {
    take(args, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn take(args: &Args, ui: &Ui, world: World) -> Result<Exit, Exit> {
    let topology = load(ui, &world, args.dir.as_deref())?;
    let selection = selection(ui, &topology.model, &args.select)?;
    let world = Rc::new(world.writing_only(args.out.as_deref()));
    let (mut snapshot, incomplete) = read(ui, &topology, &world, &selection).await?;
    if let Some(mut store) = open_existing(ui, &world, &topology).await? {
        let remembered = snapshot::remember(&mut snapshot, store.as_mut(), &topology.model).await;
        remembered.map_err(|error| refuse(ui, &error))?;
    }
    let text = file::write(&mut snapshot);
    match &args.out {
        None => ui.result(&text),
        Some(path) => {
            if let Err(error) = world.files.write(path, text.as_bytes()) {
                let what = format!("the snapshot cannot be written to `{path}`: {error}");
                ui.error(&what, "Name another file with --out.");
                return Err(Exit::Wrong);
            }
            tell(ui, &snapshot, &incomplete, path);
        }
    }
    Ok(if incomplete.is_empty() { Exit::Done } else { Exit::Unreachable })
}

/// Reads the systems in the safe order through sessions that keep what they are shown. Answers also why
/// some were not read to their end.
async fn read(
    ui: &Ui,
    topology: &Topology,
    world: &Rc<World>,
    selection: &Selection,
) -> Result<(Snapshot, Vec<String>), Exit> {
    let shelf = snapshot::shelf();
    let taken = Moment(world.clock.now_ms());
    let sessions = Sessions::new(topology.model.clone(), world.clone(), opener(topology, world, &shelf));
    let mut sessions = sessions.watched(Rc::new(Progress::new(ui)));
    let wanted = wanted(topology, selection);
    let observed = observe(&topology.model, &wanted, &mut sessions, &mut interrupted()).await;
    sessions.tell(&Step::Done);
    if observed.interrupted {
        ui.talk("interrupted while reading; nothing was written");
        return Err(Exit::Interrupted);
    }
    let told = |system: SystemId, why: &str| {
        format!("`{}` could not be read to its end: {why}", topology.model.system(system).name)
    };
    let failed = observed.unreadable.iter().map(|(system, why)| told(*system, why.message()));
    let levels = observed.observations.levels.iter().map(|(system, levels)| (*system, &levels.about));
    let lines = observed.observations.lines.iter().map(|(system, lines)| (*system, &lines.about));
    let cut =
        levels.chain(lines).filter_map(|(system, about)| Some(told(system, about.incomplete.as_ref()?)));
    let incomplete = failed.chain(cut).collect();
    let systems = std::mem::take(&mut *shelf.borrow_mut()).into_values().collect();
    Ok((Snapshot::new(taken, &topology.model.digest, systems), incomplete))
}

fn opener(topology: &Topology, world: &Rc<World>, shelf: &Shelf) -> Opener {
    let (model, outside, dir) = (topology.model.clone(), world.clone(), topology.dir.clone());
    let shelf = shelf.clone();
    Rc::new(move |system: SystemId, pace| {
        let (model, world, dir) = (model.clone(), outside.clone(), dir.clone());
        let context = Context { model, system, world, writes: false, dir, pace };
        let shelf = shelf.clone();
        Box::pin(async move {
            let opened = connectors::open(context.clone()).await;
            Recorder::over(context, opened, &shelf)
        })
    })
}

/// The systems to read: those that the chosen flows need. Where nothing is chosen, every other system that
/// the topology maps anything in as well: another revision may need it.
fn wanted(topology: &Topology, selection: &Selection) -> Needs {
    let (model, graph) = (&topology.model, &topology.graph);
    let covered = |flow: &FlowId| {
        let here = |shown: &crate::graph::Shown| {
            let at = selection.at.is_empty() || selection.at.contains(&shown.location);
            let items = selection.items.as_ref();
            at && items.is_none_or(|items| {
                items.items.meets(&shown.things.items) || items.bundles.meets(&shown.things.bundles)
            })
        };
        selection.covers(model, *flow) && graph.flow(*flow).shown.iter().any(here)
    };
    let whole = selection.is_whole();
    let flows = graph.flow_order().iter().copied();
    let flows: Vec<FlowId> = flows.filter(|flow| whole || covered(flow)).collect();
    let mut needs = needs(topology, &flows);
    if whole {
        let maps = |system: &SystemId| {
            let here = !model.codes_of(*system).is_empty();
            here && model.locations.iter().any(|location| location.code_in(*system).is_some())
        };
        let all = (0..model.systems.len()).map(SystemId::at).filter(maps);
        needs.owners.extend(all.filter(|system| !needs.targets.contains(system)));
    }
    needs
}

/// Says what was kept.
fn tell(ui: &Ui, snapshot: &Snapshot, incomplete: &[String], path: &str) {
    let some = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    for why in incomplete {
        ui.paragraph(&escape::line(&format!("Incomplete: {why}. A plan of it writes nothing there.")));
    }
    ui.paragraph(&escape::line(&format!("Kept in {path}, as of {}:", snapshot.taken.rfc3339())));
    for shown in &snapshot.systems {
        let (rows, lines, failures) = shown.size();
        let mut words = vec![some(rows, "row", "rows")];
        if lines > 0 {
            words.push(some(lines, "open line", "open lines"));
        }
        if failures > 0 {
            words.push(some(failures, "row that could not be read", "rows that could not be read"));
        }
        let words = if shown.failed().is_some() { "not read".to_owned() } else { words.join(", ") };
        ui.line(&escape::line(&format!("  {}: {words}", shown.name())));
    }
    ui.paragraph("`onhand plan --snapshot FILE` plans from it, `onhand diff REV --snapshot FILE` compares.");
}

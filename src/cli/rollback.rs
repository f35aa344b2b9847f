//! `onhand rollback`: the plan that undoes a run.

use super::exit::Exit;
use super::plan::{self, Format};
use super::reading::{read, sessions};
use super::store::{open, open_existing, refuse};
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::apply::key::run_id;
use crate::apply::quiet::Quiet;
use crate::apply::recall;
use crate::diagnostic::{escape, nearest};
use crate::model::time::{Moment, show_duration};
use crate::model::{FlowId, Model};
use crate::plan::undo::{self, Back, Left};
use crate::plan::{Plan, Stamp};
use crate::state::{Event, Happened, Outcome, Run, StateError, Store, Written};
use crate::world::World;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What `rollback` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run, as `apply` and `history` name it
    run: String,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// Keep the plan in this file, to apply it
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Plans how a run is undone.
pub async fn run(args: &Args, ui: &Ui, world: World) -> Exit {
    show(args, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn show(args: &Args, ui: &Ui, world: World) -> Result<Exit, Exit> {
    let topology = load(ui, &world, args.dir.as_deref())?;
    let world = Rc::new(world.writing_only(args.out.as_deref()));
    let store = open_existing(ui, &world, &topology).await?;
    let Some(mut store) = store else { return Err(unknown(ui, &args.run, &[])) };
    let undone = find(args, ui, (&topology, &world), store.as_mut()).await?;
    let left = left(store.as_mut(), (&topology.model, &undone)).await.map_err(|error| refuse(ui, &error))?;
    if left.is_empty() {
        ui.paragraph(&format!("Run {} wrote nothing: there is nothing to undo.", undone.id));
        return Ok(Exit::Done);
    }
    let plan = compute(ui, (&topology, &world), (&undone, &left), &mut store).await?;
    if let Some(path) = &args.out {
        plan::keep(ui, &world, &plan, path)?;
        let mut store = open(ui, &world, &topology).await?;
        plan::remember(ui, store.as_mut(), &plan).await?;
    }
    if args.format == Format::Human {
        ui.paragraph(&escape::line(&about(&undone)));
        ui.line("");
    }
    plan::print(ui, &plan, args.format);
    if args.format == Format::Human {
        end(ui, args, &plan);
    }
    Ok(plan::exit(&plan, &Quiet::default(), false))
}

/// The run, if it can be undone.
async fn find(
    args: &Args,
    ui: &Ui,
    (topology, world): (&Topology, &World),
    store: &mut dyn Store,
) -> Result<Run, Exit> {
    let found = store.run(&args.run).await.map_err(|error| refuse(ui, &error))?;
    let Some(run) = found else {
        let last = store.runs(LAST).await.map_err(|error| refuse(ui, &error))?;
        return Err(unknown(ui, &args.run, &last));
    };
    let Some((ended, _)) = run.ended else {
        let todo = "Finish it first: `onhand apply --resume`. While it is at work, wait for its end.";
        ui.error(&format!("run {} has no end: it is still at work, or was cut off", run.id), todo);
        return Err(Exit::Wrong);
    };
    let now = Moment(world.clock.now_ms());
    if let Some(rollback) = topology.model.rollback.filter(|rollback| ended.after(rollback.keep) < now) {
        let what = format!(
            "run {} ended at {}, and the topology says that a run can be undone for {} (`rollback keep`): \
             counts have moved on since",
            run.id,
            ended.rfc3339(),
            show_duration(rollback.keep)
        );
        ui.error(&what, "Make an ordinary plan: `onhand plan` computes every count as it is now.");
        return Err(Exit::Wrong);
    }
    Ok(run)
}

/// How many runs are looked at for a name that is near, and how many are named.
const LAST: u32 = 200;
const NAMED: usize = 3;

fn unknown(ui: &Ui, name: &str, last: &[Run]) -> Exit {
    let ids = || last.iter().map(|run| run.id.as_str());
    let todo = match nearest(name, ids()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if last.is_empty() => {
            "No run is kept here: nothing has been applied with this state.".to_owned()
        }
        None => {
            let told = |run: &Run| format!("{} ({})", run.id, run.began.rfc3339());
            format!("The last: {}.", last.iter().take(NAMED).map(told).collect::<Vec<_>>().join(", "))
        }
    };
    let name: String = name.escape_debug().collect();
    ui.error(&format!("the state here knows no run `{name}`"), &todo);
    Exit::Wrong
}

/// What the run left in each cell for which a request of it has left.
async fn left(store: &mut dyn Store, (model, undone): (&Model, &Run)) -> Result<Vec<Left>, StateError> {
    let mut asked: BTreeMap<String, (BTreeMap<String, i64>, i64)> = BTreeMap::new();
    let mut sent: BTreeMap<String, (BTreeMap<String, i64>, i64)> = BTreeMap::new();
    for entry in store.entries(&undone.id).await? {
        match entry.event {
            Event::Intent { before, after } => {
                asked.insert(entry.change, (before.into_iter().collect(), after));
            }
            Event::Sent => {
                let own = asked.get(&entry.change).cloned();
                sent.extend(own.map(|own| (entry.change, own)));
            }
            Event::Again { .. } | Event::Outcome { .. } => {}
        }
    }
    let happened = store.happened(&undone.id).await?;
    let mut written: BTreeMap<String, Vec<Written>> = BTreeMap::new();
    for one in &happened {
        let system = &one.planned.system;
        if !written.contains_key(system) {
            written.insert(system.clone(), store.written(system).await?);
        }
    }
    let mut last: BTreeMap<[&str; 4], &Written> = BTreeMap::new();
    for cell in written.values().flatten() {
        last.insert([&cell.system, &cell.location, &cell.code, &cell.column], cell);
    }
    let one = |one: &Happened| {
        let planned = &one.planned;
        let (before, after) = sent.get(&planned.change)?;
        let flow = model.flows.iter().find(|flow| *flow.name == *planned.flow);
        let column = flow.and_then(|flow| flow.write.as_ref()).map_or("", |write| &write.column);
        let last = last.get(&[&*planned.system, &*planned.location, &*planned.code, column]);
        let later = last.filter(|cell| cell.run != undone.id && cell.at > undone.began);
        row(one, (column, before, *after), later.map(|cell| &*cell.run))
    };
    Ok(happened.iter().filter_map(one).collect())
}

/// One cell as the run left it; `None` where it already was as the run wanted it.
fn row(
    one: &Happened,
    (column, before, after): (&str, &BTreeMap<String, i64>, i64),
    later: Option<&str>,
) -> Option<Left> {
    let planned = &one.planned;
    let outcome = one.outcome.as_ref().map(|(outcome, ..)| *outcome);
    if outcome == Some(Outcome::Unchanged) {
        return None;
    }
    let certain = matches!(outcome, Some(Outcome::Verified | Outcome::Unverified | Outcome::Sent));
    if !certain && later.is_some() {
        return None;
    }
    let own = before.get(column).copied();
    let mut columns = before.clone();
    columns.insert(column.to_owned(), after);
    let back = match (planned.before, own) {
        (None, _) => Back::Created,
        // A file that is sent shows the number before only once it is read.
        (Some(_), Some(own)) if outcome != Some(Outcome::Sent) => Back::By(after.saturating_sub(own)),
        (Some(shown), _) => Back::Shown(shown),
    };
    Some(Left {
        flow: planned.flow.clone(),
        system: planned.system.clone(),
        location: Some(planned.location.clone()).filter(|name| !name.is_empty()),
        item: planned.item.clone(),
        code: planned.code.clone(),
        columns,
        back,
        since: later.map(|run| format!("run {run} has written it since")),
        certain,
    })
}

async fn compute(
    ui: &Ui,
    (topology, world): (&Topology, &Rc<World>),
    (undone, left): (&Run, &[Left]),
    store: &mut Box<dyn Store>,
) -> Result<Plan, Exit> {
    let (model, graph) = (&topology.model, &topology.graph);
    let touched = |flow: &&FlowId| left.iter().any(|row| *row.flow == *model.flow(**flow).name);
    let flows: Vec<FlowId> = graph.flow_order().iter().filter(touched).copied().collect();
    let mut sessions = sessions(ui, topology, world, false);
    let observed = read(ui, topology, &mut sessions, Some(store), &flows).await?;
    let now = Moment(world.clock.now_ms());
    let standing = recall::standing(store.as_mut(), model, now).await.map_err(|error| refuse(ui, &error))?;
    let stamp = Stamp { id: run_id(world.random.bits()), now, standing };
    Ok(undo::build(model, graph, &observed.observations, (&undone.id, left), &stamp))
}

fn about(undone: &Run) -> String {
    let again = undone.undoes.as_ref().map(|run| format!(", which undid run {run}")).unwrap_or_default();
    format!(
        "This plan undoes run {} of {} by {}{again}: what nobody has moved since goes back to what was shown \
         before.",
        undone.id,
        undone.began.rfc3339(),
        undone.actor
    )
}

/// Says what carrying the plan out brings with it, and how that is done.
fn end(ui: &Ui, args: &Args, plan: &Plan) {
    ui.line("");
    if plan.summary.changes > 0 {
        let mut flows: Vec<&str> = plan.changes.iter().map(|change| &*change.flow).collect();
        flows.dedup();
        let commands: Vec<String> = flows.iter().map(|flow| format!("`onhand resume {flow}`")).collect();
        ui.paragraph(&escape::line(&format!(
            "Carrying it out also pauses raises of what it touches, so that the next run does not raise them \
             again at once; {} ends that.",
            commands.join(", ")
        )));
    }
    match &args.out {
        Some(path) => plan::kept(ui, plan, path, args.dir.as_deref()),
        None if plan.summary.changes > 0 => {
            ui.paragraph(
                "Nothing is written yet. `--out FILE` keeps the plan, `onhand apply FILE` carries it out.",
            );
        }
        None => {}
    }
}

//! `onhand apply`: carry out a plan, or plan and apply in one go.

use super::exit::Exit;
pub use super::lifting::actor;
use super::lifting::{self, Lifts, lifting};
use super::next::{Around, next};
use super::outcome;
use super::plan::Format as PlanFormat;
use super::plan::{OFFLINE, compute, print, remember};
use super::reading::{interrupted, needs, sessions};
use super::store::{open, refuse};
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::apply::due::due;
use crate::apply::lift::Lifting;
use crate::apply::resume::{self, Found};
use crate::apply::watch::Step;
use crate::apply::{self, Job, Options, Refused, Report};
use crate::diagnostic::escape;
use crate::model::FlowId;
use crate::model::observation::Observations;
use crate::model::time::{Moment, parse_duration, show_duration};
use crate::plan::again::again;
use crate::plan::{Plan, Selection, Standing, file};
use crate::state::Store;
use crate::world::World;
use std::rc::Rc;
use std::time::Duration;

/// What `apply` takes.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// The plan's file, as `onhand plan --out` wrote it
    plan: Option<String>,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    #[arg(long)]
    dir: Option<String>,
    /// Plan now, and apply the plan without asking
    #[arg(long, conflicts_with = "plan")]
    auto_approve: bool,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// How long to wait for another run, such as 30s
    #[arg(long, value_parser = wait, default_value = "30s")]
    wait: Wait,
    /// Take a plan that the state here does not remember
    #[arg(long)]
    from_elsewhere: bool,
    #[command(flatten)]
    lifting: Lifts,
    /// Go on with the last run, or the run named, where it was cut off or interrupted
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "")]
    #[arg(conflicts_with_all = ["plan", "auto_approve", "from_elsewhere"])]
    resume: Option<String>,
    /// Plan and apply, as --auto-approve does, the flows whose `every` has passed since they last ran
    #[arg(long, conflicts_with_all = ["plan", "auto_approve", "from_elsewhere", "resume"])]
    due: bool,
}

/// How the outcome is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Human,
    /// One row a line, then a summary
    Json,
}

/// How long to wait for another run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wait(Duration);

impl Default for Wait {
    fn default() -> Wait {
        Wait(Duration::from_secs(30))
    }
}

fn wait(text: &str) -> Result<Wait, String> {
    parse_duration(text).map(Wait).ok_or_else(|| "write it as 90s, 15m or 1h".to_owned())
}

impl Args {
    /// Arguments that apply a plan's file to a folder.
    pub fn of(dir: &str, plan: &str) -> Args {
        Args { plan: Some(plan.to_owned()), dir: Some(dir.to_owned()), ..Args::default() }
    }
}

/// Applies a plan.
pub async fn run(args: &Args, ui: &Ui, world: World) -> Exit {
    carry_out(args, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn carry_out(args: &Args, ui: &Ui, world: World) -> Result<Exit, Exit> {
    if args.plan.is_none() && !args.auto_approve && !args.due && args.resume.is_none() {
        let todo =
            "Name a plan (`onhand plan --out FILE`), or pass --auto-approve to plan and apply at once.";
        ui.error("there is nothing to apply", todo);
        return Err(Exit::Wrong);
    }
    let topology = load(ui, &world, args.dir.as_deref())?;
    if !topology.model.alerts.is_empty() {
        // Whoever relies on being told must know that nobody is.
        ui.talk("no `alert` is sent by this version; `onhand queue check` fails while too much is open");
    }
    let world = Rc::new(world);
    let lifting = lifting(ui, &world, &topology.model, &args.lifting)?;
    let mut store = open(ui, &world, &topology).await?;
    let looked = Moment(world.clock.now_ms());
    let (plan, text, resume) = match (&args.resume, &args.plan) {
        (Some(asked), _) => match resumable(args, ui, store.as_mut(), asked).await? {
            Some((run, plan)) => (plan, None, Some(run)),
            None => return Ok(Exit::Done),
        },
        (None, Some(path)) => read_plan(ui, &world, path).map(|(plan, text)| (plan, Some(text), None))?,
        (None, None) => {
            let Some(selection) = whole(args, ui, (&topology, &world), store.as_mut()).await? else {
                return Ok(Exit::Done);
            };
            let approving = approve((args, ui), (&topology, &world), (&selection, &lifting), store.as_mut());
            (approving.await?, None, None)
        }
    };
    let whole = args.due || args.auto_approve;
    let options = Options {
        actor: actor(&world),
        wait: args.wait.0,
        from_elsewhere: args.from_elsewhere,
        revision: crate::world::git::revision(&topology.dir),
        text,
        resume,
        lifting,
        whole,
        looked: whole.then_some(looked),
    };
    apply_plan(args, ui, (&topology, &world), (&plan, options), store.as_mut()).await
}

async fn apply_plan(
    args: &Args,
    ui: &Ui,
    (topology, world): (&Topology, &Rc<World>),
    (plan, options): (&Plan, Options),
    store: &mut dyn Store,
) -> Result<Exit, Exit> {
    let (model, graph) = (&topology.model, &topology.graph);
    let recompute = |seen: &Observations, at: (Moment, &Standing)| again(model, graph, seen, plan, at);
    let named = |name: &String| model.flows.iter().position(|flow| *flow.name == **name).map(FlowId::at);
    let flows: Vec<FlowId> = plan.header.flows.iter().filter_map(named).collect();
    let needs = needs(topology, &flows);
    let job = Job { model, needs: &needs, recompute: &recompute, plan, options };
    let mut sessions = sessions(ui, topology, world, true);
    let ended = apply::run(&job, &mut sessions, store, &mut interrupted()).await;
    sessions.tell(&Step::Done);
    match ended {
        Ok(report) => {
            tell(args, ui, &report, &around(args, store).await);
            Ok(Exit::of(report.facts.status()))
        }
        Err(refused) => {
            let todo = match &refused {
                Refused::Stale(_) => "Plan again: `onhand plan --out FILE`.",
                Refused::First(_) => lifting::ANEW,
                Refused::State(_) => "",
            };
            ui.error(&refused.to_string(), todo);
            Err(Exit::of(refused.status()))
        }
    }
}

/// What the advice at the end rests on beside the report. What the state does not answer now is left out: the
/// run has ended, and its report says how.
async fn around(args: &Args, store: &mut dyn Store) -> Around {
    Around {
        queue: store.queue(true).await.unwrap_or_default(),
        pauses: store.pauses().await.unwrap_or_default(),
        plan: args.plan.clone(),
        dir: args.dir.clone(),
    }
}

fn tell(args: &Args, ui: &Ui, report: &Report, around: &Around) {
    let next = next(report, around);
    ui.result(&match args.format {
        Format::Human => outcome::human(report, &next, ui),
        Format::Json => escape::json_lines(&outcome::json(report, &next)),
    });
}

/// The run to go on with and its plan; `None` where there is none, which is said.
async fn resumable(
    args: &Args,
    ui: &Ui,
    store: &mut dyn Store,
    asked: &str,
) -> Result<Option<(String, Plan)>, Exit> {
    let again = "Plan again: `onhand plan --out FILE`.";
    let asked = Some(asked).filter(|asked| !asked.is_empty());
    let run = match resume::find(store, asked).await.map_err(|error| refuse(ui, &error))? {
        Found::Run(run) => run.id,
        Found::Nothing(why) => {
            let around = around(args, store).await;
            tell(args, ui, &Report { notes: vec![why], ..Report::default() }, &around);
            return Ok(None);
        }
        Found::Unknown(why) => {
            ui.error(&why, "`onhand apply --resume` without a run goes on with the last one.");
            return Err(Exit::Wrong);
        }
        Found::Overtaken(why) => {
            ui.error(&why, again);
            return Err(Exit::Stale);
        }
    };
    let Some(text) = store.plan_text(&run).await.map_err(|error| refuse(ui, &error))? else {
        let what = format!("run {run} was cut off before it had kept its plan, so nothing was sent by it");
        ui.error(&what, "Apply the plan again.");
        return Err(Exit::Stale);
    };
    let plan = file::read(text.as_bytes()).map_err(|refusal| {
        ui.error(&format!("the plan that run {run} kept does not fit: {refusal}"), again);
        Exit::Stale
    })?;
    Ok(Some((run, plan)))
}

/// Reads a plan's file; answers it with its text.
fn read_plan(ui: &Ui, world: &World, path: &str) -> Result<(Plan, String), Exit> {
    let again = "Plan again: `onhand plan --out FILE`.";
    let bytes = world.files.read(path).map_err(|error| {
        let todo = match world.files.list(path) {
            Ok(_) => {
                "A folder is named with --dir; the plan is a file, as `onhand plan --out FILE` wrote it."
            }
            Err(_) => again,
        };
        ui.error(&format!("the plan `{path}` cannot be read: {error}"), todo);
        Exit::Wrong
    })?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let plan = file::read(&bytes).map_err(|refusal| {
        ui.error(&format!("the plan `{path}` does not fit: {refusal}"), again);
        Exit::Stale
    })?;
    if plan.header.id.starts_with(OFFLINE) {
        let what = format!("the plan `{path}` was made offline, from a snapshot: it is for reading");
        ui.error(&what, again);
        return Err(Exit::Stale);
    }
    Ok((plan, text))
}

/// The flows that run now: all, or those that are due. `None` where none is, which is said.
async fn whole(
    args: &Args,
    ui: &Ui,
    (topology, world): (&Topology, &World),
    store: &mut dyn Store,
) -> Result<Option<Selection>, Exit> {
    if !args.due {
        return Ok(Some(Selection::default()));
    }
    let ran = store.ran().await.map_err(|error| refuse(ui, &error))?;
    let now = Moment(world.clock.now_ms());
    let due = due(&topology.model, &ran, now);
    if due.is_empty() {
        let next = due.next.map(|(at, flow)| {
            let seconds = at.since(now).as_secs() + 1;
            let seconds = if seconds > 120 { seconds.next_multiple_of(60) } else { seconds };
            let wait = show_duration(Duration::from_secs(seconds));
            format!("Nothing is due: the next flow is `{flow}`, in {wait}.")
        });
        let note = next.unwrap_or_else(|| "Nothing is due: the topology has no flow.".to_owned());
        match args.format {
            Format::Human => ui.result(&format!("{note}\n")),
            Format::Json => {
                tell(
                    args,
                    ui,
                    &Report { notes: vec![note], ..Report::default() },
                    &around(args, store).await,
                );
            }
        }
        return Ok(None);
    }
    Ok(Some(Selection { flows: due.flows, due: true, ..Selection::default() }))
}

/// Plans now, shows the plan, and remembers it as one that was made here.
async fn approve(
    (args, ui): (&Args, &Ui),
    (topology, world): (&Topology, &Rc<World>),
    (selection, lifting): (&Selection, &Lifting),
    store: &mut dyn Store,
) -> Result<Plan, Exit> {
    let (plan, _) = compute(ui, (topology, world), selection, lifting).await?;
    if args.format == Format::Human {
        print(ui, &plan, PlanFormat::Human);
        ui.line("");
    }
    remember(ui, store, &plan).await?;
    Ok(plan)
}

//! One process that works in a simulated world: its clock, its surroundings, and a whole cycle of production
//! code, as `apply --auto-approve` runs one.

use super::dice::Dice;
use super::gate::Gate;
use super::scene::Scene;
use super::session::Desk;
use super::world::World;
use crate::apply::key::run_id;
use crate::apply::lift::Lifting;
use crate::apply::recall::{self, recall};
use crate::apply::{self, Job, Needs, Opener, Options, Refused, Report, Sessions, Stop};
use crate::apply::{books, observe, resume};
use crate::connectors::{Failure, Session};
use crate::count::with_shelf_mates;
use crate::model::observation::{About, Levels, Observations};
use crate::model::time::Moment;
use crate::model::{FlowId, SystemId};
use crate::plan::again::again;
use crate::plan::lift::Lift;
use crate::plan::{Plan, Selection, Stamp, Standing, build, file};
use crate::state::{PlanSeen, Store};
use crate::world::memory::Memory;
use crate::world::{Clock, Env, Random, Task, World as Outside};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The processes that live.
pub type Living = Rc<RefCell<BTreeSet<u64>>>;

/// One process.
pub struct Process {
    /// The world.
    pub world: Rc<RefCell<World>>,
    /// Its steps.
    pub gate: Rc<Gate>,
    /// Its number.
    pub number: u64,
    /// How far its clock is off, in milliseconds.
    pub skew_ms: i64,
    /// Who lives.
    pub living: Living,
    /// When it began, by the true time.
    pub since: i64,
    /// Chance, for ids and jitter.
    pub dice: Dice,
    /// Guards that somebody has lifted for its plan.
    pub lifts: Vec<Lift>,
}

struct Watch {
    now: Rc<Cell<i64>>,
    world: Rc<RefCell<World>>,
    skew_ms: i64,
    gate: Rc<Gate>,
}

impl Clock for Watch {
    fn now_ms(&self) -> i64 {
        self.now.get() + self.skew_ms
    }

    /// The world goes on meanwhile. Nothing wakes a process that stands still.
    fn sleep(&self, duration: Duration) -> Task<'_, ()> {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let mut left = ms;
        Box::pin(std::future::poll_fn(move |_| {
            if self.gate.stopped() {
                return Poll::Pending;
            }
            self.world.borrow_mut().pass(std::mem::take(&mut left));
            Poll::Ready(())
        }))
    }
}

struct Chance(RefCell<Dice>);

impl Random for Chance {
    fn bits(&self) -> u64 {
        self.0.borrow_mut().bits()
    }
}

struct Host {
    number: u64,
    living: Living,
}

impl Env for Host {
    /// Every variable is set: nothing is reached by it.
    fn get(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    fn host(&self) -> String {
        "simulated".to_owned()
    }

    fn process(&self) -> String {
        self.number.to_string()
    }

    fn alive(&self, process: &str) -> bool {
        process.parse().is_ok_and(|number: u64| self.living.borrow().contains(&number))
    }
}

/// How a cycle went.
#[derive(Debug)]
pub struct Cycled {
    /// The plan.
    pub plan: Plan,
    /// How it was carried out.
    pub report: Report,
}

impl Process {
    fn outside(&self) -> Rc<Outside> {
        let mut outside = Memory::default().world();
        let (now, world) = (self.world.borrow().now_ms.clone(), self.world.clone());
        outside.clock = Box::new(Watch { now, world, skew_ms: self.skew_ms, gate: self.gate.clone() });
        outside.random = Box::new(Chance(RefCell::new(self.dice.clone())));
        outside.env = Box::new(Host { number: self.number, living: self.living.clone() });
        Rc::new(outside)
    }

    /// Opens sessions of this world.
    pub fn opener(&self) -> Opener {
        let (world, gate, since) = (self.world.clone(), self.gate.clone(), self.since);
        Rc::new(move |system: SystemId, _| -> Task<'static, Result<Box<dyn Session>, Failure>> {
            let desk = Desk { world: world.clone(), gate: gate.clone(), system, since, failed: None };
            Box::pin(desk.open())
        })
    }

    /// A whole cycle: read, plan, apply. With `keeps` the plan is kept so that it can be resumed.
    pub async fn work(&self, scene: &Scene, store: &mut dyn Store, keeps: bool) -> Result<Cycled, Refused> {
        let (world, model) = (self.outside(), scene.model());
        let needs = needs(scene);
        let plan = self.plan(scene, &world, store).await?;
        store.remember_plan(&remembered(&plan)).await?;
        let text = (!keeps).then(String::new);
        let lifting = Lifting { lifts: self.lifts.clone(), first: None };
        let options = Options { wait: Duration::from_secs(120), text, lifting, ..Options::default() };
        let recompute =
            |seen: &Observations, at: (Moment, &Standing)| again(model, scene.graph(), seen, &plan, at);
        let job = Job { model, needs: &needs, recompute: &recompute, plan: &plan, options };
        let mut sessions = Sessions::new(model.clone(), world, self.opener());
        let report = apply::run(&job, &mut sessions, store, &mut Stop::never()).await?;
        Ok(Cycled { plan, report })
    }

    /// Reads all and plans, as `plan` does.
    pub async fn plan(
        &self,
        scene: &Scene,
        world: &Rc<Outside>,
        store: &mut dyn Store,
    ) -> Result<Plan, Refused> {
        let (model, mut needs) = (scene.model(), needs(scene));
        let mut sessions = Sessions::new(model.clone(), world.clone(), self.opener());
        let now = || Moment(world.clock.now_ms());
        books::ask(Some(&mut *store), model, &mut needs, now()).await?;
        let mut observed = observe(model, &needs, &mut sessions, &mut Stop::never()).await;
        for (system, why) in &observed.unreadable {
            let about = About { incomplete: Some(why.message().to_owned()), ..About::default() };
            observed.observations.levels.insert(*system, Levels { about, ..Levels::default() });
        }
        books::take(Some(&mut *store), model, &mut observed).await?;
        recall(store, model, &mut observed.observations).await?;
        let mut standing = recall::standing(store, model, now()).await?;
        standing.lifted.clone_from(&self.lifts);
        let stamp = Stamp { id: run_id(world.random.bits()), now: now(), standing };
        Ok(build(model, scene.graph(), &observed.observations, &Selection::default(), &stamp))
    }

    /// A plan of now, for looking only.
    pub async fn look(&self, scene: &Scene, store: &mut dyn Store) -> Result<Plan, Refused> {
        self.plan(scene, &self.outside(), store).await
    }

    /// Goes on with a run that was cut off; `None` where there is none that kept its plan.
    pub async fn resume(&self, scene: &Scene, store: &mut dyn Store) -> Result<Option<Cycled>, Refused> {
        let resume::Found::Run(run) = resume::find(store, None).await? else { return Ok(None) };
        let Some(text) = store.plan_text(&run.id).await? else { return Ok(None) };
        let Ok(plan) = file::read(text.as_bytes()) else { return Ok(None) };
        let (world, model, needs) = (self.outside(), scene.model(), needs(scene));
        let wait = Duration::from_secs(120);
        let options = Options { wait, resume: Some(run.id), ..Options::default() };
        let recompute =
            |seen: &Observations, at: (Moment, &Standing)| again(model, scene.graph(), seen, &plan, at);
        let job = Job { model, needs: &needs, recompute: &recompute, plan: &plan, options };
        let mut sessions = Sessions::new(model.clone(), world, self.opener());
        let report = apply::run(&job, &mut sessions, store, &mut Stop::never()).await?;
        Ok(Some(Cycled { plan, report }))
    }
}

fn needs(scene: &Scene) -> Needs {
    let (model, graph) = (scene.model(), scene.graph());
    let flows = with_shelf_mates(model, graph.flow_order());
    Needs::of(flows.iter().map(|flow: &FlowId| (model.flow(*flow).to, graph.reads(*flow))))
}

fn remembered(plan: &Plan) -> PlanSeen {
    PlanSeen {
        seal: plan.summary.seal.clone(),
        digest: plan.summary.digest.clone(),
        id: plan.header.id.clone(),
        created: Moment::parse(&plan.header.created, "UTC").unwrap_or_default(),
        applied_by: None,
    }
}

/// Work that is under way.
pub type Work<'w, T> = Pin<Box<dyn Future<Output = T> + 'w>>;

/// What became of work that was driven.
pub enum Driven<T> {
    /// It ended.
    Done(T),
    /// Its process died.
    Died,
    /// It waits at its gate; drive it on.
    Parked,
}

/// Works until it ends, dies or waits at its gate. Nothing in a simulated world waits for anything else.
pub fn drive<T>(work: &mut Work<'_, T>, gate: &Gate) -> Driven<T> {
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Driven::Done(done),
        Poll::Pending if gate.dead() => Driven::Died,
        Poll::Pending => Driven::Parked,
    }
}

//! An owner and three targets in memory, each written in another way, a state, and a gate before and after
//! every step of a run: at any of them it can be stopped for good, or for a while.
// State in memory answers at once, so nobody else runs while it is borrowed.
#![allow(clippy::await_holding_refcell_ref)]

use super::world;
use crate::count::town::Town;
use crate::support::state::plan_seen;
use onhand::apply::{self, Job, Needs, Options, Refused, Report, Sessions, Stop, books, observe, resume};
use onhand::connectors::{self, Cell as Spot, Context, Failure, Pace, RowAnswer, Seen, Session, WriteRow};
use onhand::graph::{self, Graph};
use onhand::model::capability::{Descriptor, WriteClass};
use onhand::model::moved::{Found, Movements, Posted, Posting};
use onhand::model::observation::{Levels, Lines};
use onhand::model::quantity::Ratio;
use onhand::model::system::Role;
use onhand::model::time::Moment;
use onhand::model::{FlowId, Model, Name, SystemId};
use onhand::plan::again::again;
use onhand::plan::{Plan, Selection, Stamp, build, file};
use onhand::state::memory::MemoryStore;
use onhand::state::*;
use onhand::world::memory::Memory;
use onhand::world::store::{Place, WrittenRow};
use onhand::world::{Env, Task, World};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::task::{Context as Poller, Poll, Waker};
use std::time::Duration;

/// A target, by the way it is written.
pub type Target = (&'static str, &'static Descriptor);
const TARGETS: [Target; 3] = [("absolute", &ABSOLUTE), ("compared", &COMPARED), ("keyed", &KEYED)];
const ABSOLUTE: Descriptor =
    Descriptor { class: WriteClass::Absolute, batch: 7, batch_raises: 5, ..connectors::memory::DESCRIPTOR };
const COMPARED: Descriptor = Descriptor { class: WriteClass::CompareAndSet, ..ABSOLUTE };
const KEYED: Descriptor = Descriptor { class: WriteClass::KeyedDelta, key_seconds: 86_400, ..ABSOLUTE };
const BARE: Descriptor = Descriptor { class: WriteClass::BareDelta, ..ABSOLUTE };

/// Counts the steps of one process, and stops it.
#[derive(Default)]
pub struct Gate {
    /// How many steps it has come to.
    pub step: Cell<u64>,
    /// The step at which it dies; 0 for none.
    pub dies_at: Cell<u64>,
    /// Whether every step waits to be asked once more, so that two processes can take turns.
    pub turns: Cell<bool>,
    /// How many requests that change something are about to arrive.
    pub leaving: Cell<usize>,
}

impl Gate {
    fn dead(&self) -> bool {
        self.dies_at.get() != 0 && self.step.get() >= self.dies_at.get()
    }

    async fn pass(&self, leaving: bool) {
        if !self.dead() {
            self.step.set(self.step.get() + 1);
        }
        self.leaving.set(self.leaving.get() + usize::from(leaving));
        let mut asked = false;
        std::future::poll_fn(|_| match (self.dead(), self.turns.get() && !asked) {
            (false, false) => Poll::Ready(()),
            _ => {
                asked = true;
                Poll::Pending
            }
        })
        .await;
        self.leaving.set(self.leaving.get() - usize::from(leaving));
    }
}

/// The targets' own side: what has been carried out under which key, and by whom requests came.
#[derive(Default)]
pub struct Far {
    keys: BTreeSet<String>,
    /// The process of each write request that arrived.
    pub requests: Vec<u32>,
}

struct Shaky {
    inner: Box<dyn Session>,
    context: Context,
    far: Rc<RefCell<Far>>,
    gate: Rc<Gate>,
    process: u32,
}

impl Shaky {
    /// Adds amounts; each key once, where keys are known.
    fn add(&self, rows: &[WriteRow], keyed: bool) -> Vec<RowAnswer> {
        let (model, system) = (&self.context.model, self.context.system);
        let mut stores = self.context.world.stores.borrow_mut();
        let store = stores.entry(model.system(system).name.to_string()).or_default();
        for row in rows {
            if keyed && !self.far.borrow_mut().keys.insert(row.key.clone()) {
                continue;
            }
            let location = model.location(row.cell.location).code_in(system);
            let location = location.and_then(|code| code.code.as_ref()).map(|code| code.to_string());
            let place: Place = (model.code(row.cell.code).code.to_string(), location);
            let now: i64 = store.cells[&place][&row.column].parse().expect("a count");
            let before = row.before.iter().find(|(name, _)| *name == row.column).expect("it is known").1;
            let after = now + row.after - before;
            store.change(&place, &row.column, Some(&after.to_string()));
            let (column, key) = (row.column.clone(), row.key.clone());
            store.written.push(WrittenRow { place, column, after, key });
        }
        rows.iter().map(|_| RowAnswer::Written { compared: false }).collect()
    }
}

impl Session for Shaky {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        self.inner.lines()
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            self.gate.pass(false).await;
            self.inner.levels().await
        })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Spot]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            self.gate.pass(false).await;
            self.inner.inspect(cells).await
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move {
            self.gate.pass(true).await;
            self.far.borrow_mut().requests.push(self.process);
            let answer = match self.context.model.system(self.context.system).kind.class {
                WriteClass::KeyedDelta => Ok(self.add(rows, true)),
                WriteClass::BareDelta => Ok(self.add(rows, false)),
                _ => self.inner.write(rows).await,
            };
            self.gate.pass(false).await;
            answer
        })
    }

    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        Box::pin(async move {
            self.gate.pass(false).await;
            self.inner.movements(since).await
        })
    }

    fn post<'s>(&'s mut self, postings: &'s [Posting]) -> Task<'s, Result<Vec<Posted>, Failure>> {
        Box::pin(async move {
            self.gate.pass(true).await;
            self.far.borrow_mut().requests.push(self.process);
            let answer = self.inner.post(postings).await;
            self.gate.pass(false).await;
            answer
        })
    }

    fn find<'s>(&'s mut self, references: &'s [Name]) -> Task<'s, Result<Vec<Found>, Failure>> {
        Box::pin(async move {
            self.gate.pass(false).await;
            self.inner.find(references).await
        })
    }
}

/// The state as one process has it: every step that writes passes the gate before and after.
struct Gated {
    inner: Rc<RefCell<MemoryStore>>,
    gate: Rc<Gate>,
}

macro_rules! gated {
    ($($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a mut self, $($given: $kind),*) -> Kept<'a, $out> {
            Box::pin(async move {
                self.gate.pass(false).await;
                let answer = self.inner.borrow_mut().$name($($given),*).await;
                self.gate.pass(false).await;
                answer
            })
        }
    )*};
}

macro_rules! plain {
    ($($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a mut self, $($given: $kind),*) -> Kept<'a, $out> {
            Box::pin(async move { self.inner.borrow_mut().$name($($given),*).await })
        }
    )*};
}

onhand::state::state_through!(Gated, gated, plain, gated);

/// A process among others of one host, where only the youngest is known to live if `tells`.
struct Host {
    process: u32,
    tells: bool,
}

impl Env for Host {
    fn get(&self, _: &str) -> Option<String> {
        None
    }

    fn host(&self) -> String {
        "desk".to_owned()
    }

    fn process(&self) -> String {
        self.process.to_string()
    }

    fn alive(&self, process: &str) -> bool {
        !self.tells || process == self.process.to_string()
    }
}

/// All of it.
pub struct Station {
    pub memory: Memory,
    pub model: Rc<Model>,
    pub graph: Graph,
    pub store: Rc<RefCell<MemoryStore>>,
    pub far: Rc<RefCell<Far>>,
    pub tells: bool,
    pub plan: Plan,
    pub targets: Vec<Target>,
}

/// A process's view: it has begun nothing yet.
pub struct Process<'s> {
    station: &'s Station,
    pub gate: Rc<Gate>,
    number: u32,
}

impl Station {
    /// 50 changes are planned: of 17 items, less one at the last target, which falls, rises or goes to zero.
    pub fn new() -> Station {
        Station::with(TARGETS)
    }

    /// The same, with a target `bare` in the place of the one that goes by keys: it adds whatever it is sent.
    pub fn bare() -> Station {
        Station::with([TARGETS[0], TARGETS[1], ("bare", &BARE)])
    }

    fn with(all: [Target; 3]) -> Station {
        let mut town = Town::empty();
        let erp = town.system("erp", Role::Erp, &connectors::memory::DESCRIPTOR, &["on-hand"]);
        let targets = all.map(|(name, kind)| town.system(name, Role::Channel, kind, &["available"]));
        let [a, b, c] = targets;
        let hall = town.place("hall", &[(erp, "H"), (a, "H"), (b, "H"), (c, "H")]);
        for at in 0..17 {
            let thing = town.item(&format!("I{at}"), 0, &[]);
            for system in [erp, a, b, c] {
                town.code(system, thing, &format!("I{at}"), "");
            }
        }
        town.owns(erp, &["on-hand"], &[hall]);
        for (target, (name, _)) in targets.into_iter().zip(all) {
            let all = Ratio { numerator: 1, denominator: 1 };
            let guard = &mut town.flow(name, "available", target, &[hall]).guard;
            (guard.max_changed, guard.max_raised, guard.max_zeroed) = (all, all, all);
        }
        let mut model = town.model;
        for at in 0..model.systems.len() {
            let quantity = if at == 0 { "on-hand" } else { "available" };
            let id = model.quantities.iter().position(|own| *own.name == *quantity).expect("a quantity");
            let counts = vec![(onhand::model::QuantityId::at(id), quantity.into())];
            model.systems[at].levels =
                Some(onhand::model::system::Levels { counts, ..crate::support::model::levels("memory") });
        }
        let station = Station::over(model, all.to_vec());
        for at in 0..17 {
            station.set("erp", at, [0, 9, 20][at % 3]);
            for (target, (name, _)) in all.into_iter().enumerate() {
                // One cell is right already.
                let shown = if (at, target) == (16, 2) { 9 } else { 12 };
                station.set(name, at, shown);
            }
            station.memory.stores.borrow_mut().get_mut("absolute").expect("it is there").compares = false;
        }
        let station = station.planned();
        assert_eq!(station.plan.changes.len(), 50);
        station
    }

    /// Systems in memory, as a model has them, still empty.
    pub fn over(model: Model, targets: Vec<Target>) -> Station {
        Station {
            graph: graph::build(&model),
            model: Rc::new(model),
            store: Rc::default(),
            far: Rc::default(),
            tells: true,
            plan: Plan::default(),
            targets,
            memory: world(),
        }
    }

    /// Plans what is to be done now.
    pub fn planned(mut self) -> Station {
        let plan = super::block(async {
            let process = self.process(0);
            let (mut sessions, mut store) = process.hands();
            let stop = &mut Stop::never();
            let mut needs = self.needs();
            books::ask(Some(&mut store), &self.model, &mut needs, self.now()).await.expect("the state works");
            let mut observed = observe(&self.model, &needs, &mut sessions, stop).await;
            books::take(Some(&mut store), &self.model, &mut observed).await.expect("the state works");
            let seen = &mut observed.observations;
            apply::recall(&mut store, &self.model, seen).await.expect("the state works");
            let stamp = Stamp::new("plan-1", self.now());
            let plan = build(&self.model, &self.graph, seen, &Selection::default(), &stamp);
            let known = plan_seen(&plan.summary.digest, "plan-1", self.now());
            store.remember_plan(&known).await.expect("the state works");
            plan
        });
        self.plan = plan;
        self
    }

    pub fn now(&self) -> Moment {
        Moment(self.memory.now_ms.get())
    }

    pub fn set(&self, system: &str, item: usize, value: i64) {
        let mut stores = self.memory.stores.borrow_mut();
        let column = if system == "erp" { "on-hand" } else { "available" };
        let place = (format!("I{item}"), Some("H".to_owned()));
        stores.entry(system.to_owned()).or_default().change(&place, column, Some(&value.to_string()));
    }

    fn needs(&self) -> Needs {
        let flows = (0..self.model.flows.len()).map(FlowId::at);
        Needs::of(flows.map(|flow| (self.model.flow(flow).to, self.graph.reads(flow))))
    }

    pub fn process(&self, number: u32) -> Process<'_> {
        Process { station: self, gate: Rc::default(), number }
    }

    /// What the targets show, and how often each cell was written.
    pub fn end(&self) -> BTreeMap<(String, String), (i64, usize)> {
        let mut end = BTreeMap::new();
        for (name, _) in &self.targets {
            let store = &self.memory.stores.borrow()[*name];
            for (place, columns) in &store.cells {
                let count = store.written.iter().filter(|row| row.place == *place).count();
                let shown = columns["available"].parse().expect("a count");
                end.insert(((*name).to_owned(), place.0.clone()), (shown, count));
            }
        }
        end
    }

    /// How many rows were written in all.
    pub fn writes(&self) -> usize {
        self.end().values().map(|(_, count)| count).sum()
    }
}

impl Process<'_> {
    fn hands(&self) -> (Sessions, Gated) {
        let station = self.station;
        let mut world: World = station.memory.world();
        world.env = Box::new(Host { process: self.number, tells: station.tells });
        let world = Rc::new(world);
        let (model, outside) = (station.model.clone(), world.clone());
        let (far, gate, process) = (station.far.clone(), self.gate.clone(), self.number);
        let opener =
            move |system: SystemId, pace: Rc<Pace>| -> Task<'static, Result<Box<dyn Session>, Failure>> {
                let context = || Context {
                    model: model.clone(),
                    system,
                    world: outside.clone(),
                    writes: true,
                    dir: String::new(),
                    pace: pace.clone(),
                };
                let (own, far, gate) = (context(), far.clone(), gate.clone());
                let opening = connectors::open(context());
                Box::pin(async move {
                    let inner = opening.await?;
                    Ok(Box::new(Shaky { inner, context: own, far, gate, process }) as Box<dyn Session>)
                })
            };
        let sessions = Sessions::new(station.model.clone(), world, Rc::new(opener));
        (sessions, Gated { inner: station.store.clone(), gate: self.gate.clone() })
    }

    /// `apply PLAN`, or `apply --resume` where there is a run to go on with.
    pub async fn work(&self, resumes: bool) -> Result<Report, Refused> {
        self.work_until(resumes, &mut Stop::never()).await
    }

    /// The same, until somebody asks to stop.
    pub async fn work_until(&self, resumes: bool, stop: &mut Stop) -> Result<Report, Refused> {
        let station = self.station;
        let (mut sessions, mut store) = self.hands();
        let mut plan = station.plan.clone();
        let mut options = Options { wait: Duration::from_secs(120), ..Options::default() };
        if resumes && let resume::Found::Run(run) = resume::find(&mut store, None).await? {
            // A run that had not kept its plan has sent nothing.
            if let Some(text) = store.plan_text(&run.id).await? {
                plan = file::read(&text).expect("the plan was kept whole");
                options.resume = Some(run.id);
            }
        }
        let needs = station.needs();
        let recompute = |seen: &_, at: (Moment, &onhand::plan::Standing)| {
            again(&station.model, &station.graph, seen, &plan, at)
        };
        let job = Job { model: &station.model, needs: &needs, recompute: &recompute, plan: &plan, options };
        apply::run(&job, &mut sessions, &mut store, stop).await
    }

    /// Works until it ends or dies at a step: then `None`.
    pub fn live(&self, dies_at: u64, resumes: bool) -> Option<Result<Report, Refused>> {
        self.gate.dies_at.set(dies_at);
        let mut work = Box::pin(self.work(resumes));
        let mut poller = Poller::from_waker(Waker::noop());
        for _ in 0..1_000 {
            match work.as_mut().poll(&mut poller) {
                Poll::Ready(done) => return Some(done),
                Poll::Pending if self.gate.dead() => return None,
                Poll::Pending => {}
            }
        }
        panic!("it neither ends nor dies");
    }
}

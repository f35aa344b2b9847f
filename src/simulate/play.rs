//! One world played from its beginning to its end: cycles when flows are due, faults of processes, and what
//! is looked at in between.

use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::gate::{Gate, Gated};
use super::invariants::{books_balance, converges, no_double_restock, one_outcome};
use super::lag;
use super::pace::Pace;
use super::process::{Cycled, Driven, Living, Process, Work, drive};
use super::scene::Scene;
use super::world::{Breach, Tally, World};
use crate::apply::{Refused, Report, recall};
use crate::model::flow::Lag;
use crate::model::time::Moment;
use crate::plan::change::Verdict;
use crate::plan::guard::NAMES;
use crate::plan::lift::Lift;
use crate::state::memory::MemoryStore;
use crate::state::{Outcome, StateError, Store};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How one world is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The seed: the same one gives the same world.
    pub seed: u64,
    /// How long it lasts, in milliseconds.
    pub lasts_ms: i64,
    /// How often things happen.
    pub pace: Pace,
    /// What goes wrong.
    pub faults: Faults,
    /// Askings that do not happen, by number.
    pub skip: BTreeSet<usize>,
    /// Whether no guard ever stops anything; else somebody lifts what did for the next cycle.
    pub unguarded: bool,
    /// Whether units sold that are not there end the world.
    pub fails_on_oversold: bool,
    /// Whether what happens is told.
    pub tells: bool,
}

/// What became of one world.
#[derive(Debug, Clone)]
pub struct Played {
    /// By flow.
    pub tallies: Vec<Tally>,
    /// How often each fault has struck.
    pub strikes: Vec<(Fault, u64)>,
    /// Cycles.
    pub cycles: u64,
    /// How often somebody had to lift a guard.
    pub lifted: u64,
    /// Requests.
    pub calls: u64,
    /// How often somebody asked for something.
    pub asked: usize,
    /// The promise that was broken first.
    pub breach: Option<Breach>,
    /// What happened, for people.
    pub tale: Vec<String>,
}

/// One world and whoever works in it.
pub struct Play<'s> {
    scene: &'s Scene,
    world: Rc<RefCell<World>>,
    store: Rc<RefCell<MemoryStore>>,
    living: Living,
    dice: Dice,
    processes: u64,
    cycles: u64,
    crashed: bool,
    lifts: Vec<Lift>,
    lifted: u64,
    unguarded: bool,
    every_ms: i64,
    lasts_ms: i64,
}

/// What is looked at every so many cycles only, since it takes long.
const SELDOM: u64 = 24;
const HOUR_MS: i64 = 3_600_000;

impl<'s> Play<'s> {
    /// A world at its beginning.
    pub fn new(scene: &'s Scene, settings: &Settings) -> Play<'s> {
        let (pace, faults) = (settings.pace.clone(), settings.faults.clone());
        let mut world = World::new(scene, settings.seed, (pace, faults));
        world.skip.clone_from(&settings.skip);
        world.fails_on_oversold = settings.fails_on_oversold;
        world.tale = settings.tells.then(Vec::new);
        Play {
            scene,
            world: Rc::new(RefCell::new(world)),
            store: Rc::default(),
            living: Rc::default(),
            dice: Dice::new(settings.seed, 4),
            processes: 0,
            cycles: 0,
            crashed: false,
            lifts: Vec::new(),
            lifted: 0,
            unguarded: settings.unguarded,
            every_ms: every(scene),
            lasts_ms: settings.lasts_ms,
        }
    }

    /// The world.
    pub fn world(&self) -> &Rc<RefCell<World>> {
        &self.world
    }

    /// The state that runs keep.
    pub fn store(&self) -> &Rc<RefCell<MemoryStore>> {
        &self.store
    }

    /// A process that has begun nothing yet.
    pub fn process(&mut self, skew_ms: i64) -> Process {
        self.processes += 1;
        self.living.borrow_mut().insert(self.processes);
        Process {
            world: self.world.clone(),
            gate: Rc::new(Gate::default()),
            number: self.processes,
            skew_ms,
            living: self.living.clone(),
            since: self.world.borrow().now(),
            dice: Dice::new(self.dice.bits(), 5),
            lifts: if self.unguarded { NAMES.map(lift).into() } else { std::mem::take(&mut self.lifts) },
        }
    }

    /// Time goes by without any cycle.
    pub fn wait(&self, ms: i64) {
        self.world.borrow_mut().pass(ms);
    }

    /// Plays the whole world.
    pub fn run(mut self) -> Played {
        let began = self.world.borrow().now();
        let end = began.saturating_add(self.lasts_ms);
        let mut due = began;
        while due < end && !self.broken() {
            let now = self.world.borrow().now();
            self.wait(due - now);
            self.cycle();
            // A cycle that took longer than the time between two is followed by the next at once.
            due = (due + self.every_ms).max(self.world.borrow().now());
        }
        self.finish()
    }

    /// The last things: the world stands still, and what is to be so must become so.
    pub fn finish(mut self) -> Played {
        lag::end(&mut self.world.borrow_mut());
        if !self.broken() {
            self.stand_still();
        }
        self.gather_queue();
        let mut world = self.world.borrow_mut();
        Played {
            tallies: world.tallies.clone(),
            strikes: world.faults.strikes().collect(),
            cycles: self.cycles,
            lifted: self.lifted,
            calls: world.calls,
            asked: world.asked,
            breach: world.breach.take(),
            tale: world.tale.take().unwrap_or_default(),
        }
    }

    fn broken(&self) -> bool {
        self.world.borrow().breach.is_some()
    }

    /// One cycle, with the faults that strike in it.
    pub fn cycle(&mut self) {
        self.cycles += 1;
        let (skew, crash, two, lost) = {
            let world = &mut *self.world.borrow_mut();
            world.idle = false;
            let faults = &mut world.faults;
            let skewed = faults.strikes_now(Fault::Skew);
            let skew = faults.dice().between(-600_000, 600_000);
            let steps = (faults.dice().between(1, 60) as u64, faults.dice().between(1, 40) as u64);
            let crash = if faults.strikes_now(Fault::Crash) { steps.0 } else { 0 };
            let two = if faults.strikes_now(Fault::TwoRunners) { steps.1 } else { 0 };
            (if skewed { skew } else { 0 }, crash, two, faults.strikes_now(Fault::StateLost))
        };
        if lost {
            self.lose_state();
        }
        if self.crashed && self.dice.below(2) == 0 {
            self.resume();
        }
        self.crashed = false;
        let process = self.process(skew);
        process.gate.dies_at.set(crash);
        process.gate.parks_at.set(two);
        self.work(&process, crash > 0 || two > 0);
        if self.cycles.is_multiple_of(SELDOM) {
            self.look_over();
        }
        self.world.borrow_mut().idle = true;
    }

    /// The state is gone, as after a lost disk.
    pub fn lose_state(&mut self) {
        self.gather_queue();
        *self.store.borrow_mut() = MemoryStore::default();
        self.crashed = false;
        self.world.borrow_mut().tell(|_| "the state of onhand is deleted".to_owned());
    }

    fn work(&mut self, process: &Process, watched: bool) {
        if watched {
            let mut store = Gated { inner: self.store.clone(), gate: process.gate.clone() };
            let mut work: Work<'_, _> = Box::pin(process.work(self.scene, &mut store, true));
            loop {
                match drive(&mut work, &process.gate) {
                    Driven::Done(ended) => return self.ended(process, ended),
                    Driven::Died => break,
                    Driven::Parked => {
                        self.other();
                        process.gate.parks_at.set(0);
                    }
                }
            }
            self.living.borrow_mut().remove(&process.number);
            self.crashed = true;
            return self.world.borrow_mut().tell(|_| "onhand is killed".to_owned());
        }
        let store = self.store.clone();
        let ended = {
            let mut store = store.borrow_mut();
            let mut work: Work<'_, _> = Box::pin(process.work(self.scene, &mut *store, false));
            drive(&mut work, &process.gate)
        };
        if let Driven::Done(ended) = ended {
            self.ended(process, ended);
        }
    }

    /// A second runner works while the first one waits.
    fn other(&mut self) {
        let process = self.process(0);
        let mut store = Gated { inner: self.store.clone(), gate: process.gate.clone() };
        self.world.borrow_mut().tell(|_| "a second onhand begins".to_owned());
        let ended = {
            let mut work: Work<'_, _> = Box::pin(process.work(self.scene, &mut store, true));
            drive(&mut work, &process.gate)
        };
        if let Driven::Done(ended) = ended {
            self.ended(&process, ended);
        }
        self.world.borrow_mut().tell(|_| "the first onhand goes on".to_owned());
    }

    fn resume(&mut self) {
        let process = self.process(0);
        let store = self.store.clone();
        self.world.borrow_mut().tell(|_| "onhand resumes".to_owned());
        let ended = {
            let mut store = store.borrow_mut();
            let mut work: Work<'_, _> = Box::pin(process.resume(self.scene, &mut *store));
            drive(&mut work, &process.gate)
        };
        match ended {
            Driven::Done(Ok(Some(cycled))) => self.ended(&process, Ok(cycled)),
            Driven::Done(Err(refused)) => self.ended(&process, Err(refused)),
            _ => drop(self.living.borrow_mut().remove(&process.number)),
        }
    }

    fn ended(&mut self, process: &Process, ended: Result<Cycled, Refused>) {
        self.living.borrow_mut().remove(&process.number);
        let mut world = self.world.borrow_mut();
        match ended {
            Ok(cycled) => {
                if let Some(message) = one_outcome::broken(&cycled.plan, &cycled.report) {
                    world.break_with(one_outcome::NAME, message);
                }
                lag::settle(&mut world, &cycled);
                self.lifts = lifts(&cycled.report);
                self.lifted += self.lifts.len() as u64;
                tell_left(&mut world, &cycled);
            }
            Err(Refused::State(StateError::Broken(message) | StateError::Newer(message))) => {
                world.break_with(one_outcome::NAME, format!("a run broke off: {message}"));
            }
            // Another run has the lock, or took it over; or what was planned no longer fits.
            Err(refused) => world.tell(|_| format!("onhand ends: {refused}")),
        }
    }

    /// Looks the books over, and forgets what no run asks for any more.
    fn look_over(&mut self) {
        let found = ready(books_balance::broken(&mut self.store.borrow_mut()));
        let caps = self.scene.model().systems.iter().enumerate();
        let caps = caps.filter_map(|(at, _)| recall::cap(self.scene.model(), crate::model::SystemId::at(at)));
        let kept = caps.map(|cap| cap.per.as_millis() as i64).max().unwrap_or(0).max(2 * HOUR_MS);
        let now = self.world.borrow().now();
        self.store.borrow_mut().thin(Moment(now - kept));
        if let Some(message) = found.and_then(Result::ok).flatten() {
            self.world.borrow_mut().break_with(books_balance::NAME, message);
        }
    }

    fn gather_queue(&mut self) {
        let Some(Ok(entries)) = ready(self.store.borrow_mut().queue(false)) else { return };
        let mut world = self.world.borrow_mut();
        for entry in entries {
            let named = |flow: &crate::model::flow::Flow| *flow.name == *entry.fault.key.flow;
            // What a collecting flow has queued counts at the flows that its channel shows.
            let channel = world.model.collects.iter().find(|own| *own.name == *entry.fault.key.flow);
            let channel = channel.map(|own| own.from);
            let at = world.model.flows.iter().position(|flow| named(flow) || Some(flow.to) == channel);
            if let Some(at) = at {
                world.tallies[at].queued += 1;
            }
        }
    }

    /// Nobody buys, nothing fails: after some cycles nothing may be left to do.
    fn stand_still(&mut self) {
        {
            let mut world = self.world.borrow_mut();
            world.tell(|_| "from now on nobody buys, and nothing fails".to_owned());
            world.faults.calm();
            (world.open, world.pace.ship_ms) = (false, 0);
            world.pace.import_ms = world.pace.import_ms.clamp(0, 300_000);
        }
        let mut left = None;
        // A few cycles, then, for what waits for a window or a promise, one an hour for four days.
        for round in 0..120 {
            self.wait(if round < 24 { self.every_ms } else { HOUR_MS });
            self.cycle();
            let process = self.process(0);
            let store = self.store.clone();
            let plan = {
                let mut store = store.borrow_mut();
                let mut work: Work<'_, _> = Box::pin(process.look(self.scene, &mut *store));
                drive(&mut work, &process.gate)
            };
            left = match plan {
                Driven::Done(Ok(plan)) => converges::left(&plan),
                Driven::Done(Err(refused)) => Some(refused.to_string()),
                _ => Some("a plan did not end".to_owned()),
            };
            let imported = !self.world.borrow().live.iter().any(|at| self.world.borrow().waits(*at));
            if left.is_none() && imported {
                break;
            }
        }
        self.look_over();
        let mut world = self.world.borrow_mut();
        if let Some(message) = left {
            world.break_with(converges::NAME, message);
        } else if let Some(message) = converges::behind(&world) {
            world.break_with(converges::NAME, message);
        } else if let Some(message) = no_double_restock::off(&world) {
            world.break_with(no_double_restock::NAME, message);
        }
    }
}

/// Somebody looks at a guard that stopped a flow, and lifts it for the next plan.
fn lifts(report: &Report) -> Vec<Lift> {
    let own = |verdict: &Verdict| Lift { flow: Some(verdict.flow.clone()), ..lift(&verdict.guard) };
    report.tripped.iter().map(own).collect()
}

fn lift(guard: &str) -> Lift {
    let (reason, actor) = ("looked at".to_owned(), "somebody".to_owned());
    Lift { flow: None, guard: guard.to_owned(), reason, actor }
}

/// Tells what a run has left alone.
fn tell_left(world: &mut World, cycled: &Cycled) {
    if world.tale.is_none() {
        return;
    }
    for row in &cycled.report.rows {
        if !matches!(row.outcome, Outcome::Verified | Outcome::Unverified | Outcome::Unchanged) {
            let (item, system, outcome) = (&row.item, &row.system, row.outcome.word());
            world.tell(|_| format!("onhand: {item} of {system} ended as {outcome}: {}", row.reason));
        }
    }
}

/// How often a cycle runs: as often as the flow that is due most often.
fn every(scene: &Scene) -> i64 {
    let model = scene.model();
    let every = |lag: &Option<Lag>| lag.as_ref().and_then(|lag| lag.every);
    let flows = model.flows.iter().filter_map(|flow| every(&flow.lag));
    let collects = model.collects.iter().filter_map(|flow| every(&flow.lag));
    let least = flows.chain(collects).min().map(|every| every.as_millis() as i64);
    least.unwrap_or(300_000).max(1_000)
}

/// What a state in memory answers: at once.
fn ready<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work: Work<'_, T> = Box::pin(work);
    match drive(&mut work, &Gate::default()) {
        Driven::Done(done) => Some(done),
        _ => None,
    }
}

impl World {
    /// Whether an order still waits for its keeper to take it in by itself.
    pub fn waits(&self, order: usize) -> bool {
        let own = &self.orders[order];
        own.open > 0 && own.place.is_some() && own.taken_ms.is_none()
    }
}

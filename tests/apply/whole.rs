//! Whole runs over systems in memory: plan, apply, plan again.

mod limits;
mod rounds;
mod shelf;
mod turns;

use super::{block, world};
use crate::count::town::{Fixed, changes};
use crate::support::state::{lease, plan_seen, run};
use onhand::apply::retry::Policy;
use onhand::apply::{self, Job, Needs, Options, Refused, Report, Sessions, Stop, observe};
use onhand::connectors::{self, Context};
use onhand::graph::{self, Graph};
use onhand::model::capability::{Descriptor, WriteClass};
use onhand::model::quantity::Ratio;
use onhand::model::system::Levels;
use onhand::model::time::Moment;
use onhand::model::{FlowId, Model, SystemId};
use onhand::plan::Standing;
use onhand::plan::again::again;
use onhand::plan::lift::Lift;
use onhand::plan::{Plan, Selection, Stamp, build};
use onhand::state::Taken;
use onhand::state::memory::MemoryStore;
use onhand::state::*;
use onhand::world::memory::Memory;
use onhand::world::store::{Call, Event as Happens, Trouble, What};
use onhand::world::{Env, World};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

/// A topology, its systems in memory, and its state.
pub(super) struct Rig {
    memory: Memory,
    world: Rc<World>,
    pub(super) model: Rc<Model>,
    pub(super) graph: Graph,
    pub(super) store: MemoryStore,
    options: Options,
}

/// A `levels` node for these quantities.
fn levels(model: &Model, source: &str, names: &[&str]) -> Levels {
    let quantity = |name: &str| {
        let at = model.quantities.iter().position(|quantity| &*quantity.name == name);
        onhand::model::QuantityId::at(at.expect("a quantity"))
    };
    let counts = names.iter().map(|name| (quantity(name), (*name).into())).collect();
    Levels { counts, ..crate::support::model::levels(source) }
}

impl Rig {
    /// `erp` owns on hand and reserved; `web` and `ledger` are published to. Paris only.
    pub(super) fn new() -> Rig {
        Rig::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Fixed)) -> Rig {
        let mut fixed = Fixed::new().owned();
        let (web, ledger, paris) = (fixed.web, fixed.ledger, fixed.paris);
        fixed.town.flow("web-stock", "available", web, &[paris]);
        fixed.town.flow("ledger-stock", "available", ledger, &[paris]);
        change(&mut fixed);
        let mut model = fixed.town.model;
        for (at, names) in [(0, &["on-hand", "reserved"][..]), (1, &["available"]), (3, &["available"])] {
            if model.systems[at].levels.is_none() {
                model.systems[at].levels = Some(levels(&model, "memory", names));
            }
        }
        let memory = world();
        let rig = Rig {
            world: Rc::new(memory.world()),
            graph: graph::build(&model),
            model: Rc::new(model),
            store: MemoryStore::default(),
            options: Options::default(),
            memory,
        };
        rig.has("MUG", 10, 2);
        rig.has("SHIRT", 7, 0);
        for target in ["web", "ledger"] {
            rig.shows(target, "MUG", Some(12));
            rig.shows(target, "SHIRT", Some(4));
        }
        rig.shows("web", "GIFT", Some(4));
        rig
    }

    fn change(&self, system: &str, place: (&str, &str), column: &str, value: Option<&str>) {
        let mut stores = self.memory.stores.borrow_mut();
        let place = (place.0.to_owned(), Some(place.1.to_owned()));
        stores.entry(system.to_owned()).or_default().change(&place, column, value);
    }

    fn has(&self, item: &str, on_hand: i64, reserved: i64) {
        let code = format!("E-{item}");
        self.change("erp", (&code, "PAR"), "on-hand", Some(&on_hand.to_string()));
        self.change("erp", (&code, "PAR"), "reserved", Some(&reserved.to_string()));
    }

    pub(super) fn shows(&self, system: &str, code: &str, available: Option<i64>) {
        let place = if system == "web" { "Paris" } else { "P" };
        let value = available.map(|value| value.to_string());
        self.change(system, (code, place), "available", value.as_deref());
    }

    /// What a target shows of a code.
    fn shown(&self, system: &str, code: &str) -> Option<String> {
        let place = if system == "web" { "Paris" } else { "P" };
        let stores = self.memory.stores.borrow();
        let cell = stores.get(system)?.cells.get(&(code.to_owned(), Some(place.to_owned())))?;
        cell.get("available").cloned()
    }

    pub(super) fn script(&self, system: &str, at: Call, trouble: Trouble) {
        let what = What::Fail { trouble, carried_out: false };
        let mut stores = self.memory.stores.borrow_mut();
        stores.entry(system.to_owned()).or_default().script.push_back(Happens { at, what });
    }

    fn writes(&self) -> usize {
        self.memory.stores.borrow().values().map(|store| store.written.len()).sum()
    }

    fn calls(&self) -> usize {
        self.memory.stores.borrow().values().map(|store| store.calls.len()).sum()
    }

    pub(super) fn needs(&self) -> Needs {
        let flows = (0..self.model.flows.len()).map(FlowId::at);
        Needs::of(flows.map(|flow| (self.model.flow(flow).to, self.graph.reads(flow))))
    }

    pub(super) fn sessions(&self, writes: bool) -> Sessions {
        let (model, world) = (self.model.clone(), self.world.clone());
        let opener = move |system: SystemId, pace| {
            let (model, world) = (model.clone(), world.clone());
            connectors::open(Context { model, system, world, writes, dir: String::new(), pace })
        };
        Sessions::new(self.model.clone(), self.world.clone(), Rc::new(opener))
    }

    fn now(&self) -> Moment {
        Moment(self.memory.now_ms.get())
    }

    /// Reads and plans, as `plan` does.
    pub(super) async fn plan(&mut self) -> Plan {
        let mut sessions = self.sessions(false);
        let mut observed = observe(&self.model, &self.needs(), &mut sessions, &mut Stop::never()).await;
        let seen = &mut observed.observations;
        apply::recall(&mut self.store, &self.model, seen).await.expect("the state works");
        let stamp = Stamp::new(format!("plan-{}", self.now().0), self.now());
        let plan = build(&self.model, &self.graph, seen, &Selection::default(), &stamp);
        let known = plan_seen(&plan.summary.digest, &stamp.id, self.now());
        self.store.remember_plan(&known).await.expect("the state works");
        plan
    }

    async fn apply(&mut self, plan: &Plan) -> Result<Report, Refused> {
        self.apply_until(plan, &mut Stop::never()).await
    }

    async fn apply_until(&mut self, plan: &Plan, stop: &mut Stop) -> Result<Report, Refused> {
        let mut sessions = self.sessions(true);
        let (model, needs) = (self.model.clone(), self.needs());
        let recompute = |seen: &_, at: (Moment, &Standing)| again(&self.model, &self.graph, seen, plan, at);
        let options = self.options.clone();
        let job = Job { model: &model, needs: &needs, recompute: &recompute, plan, options };
        let report = apply::run(&job, &mut sessions, &mut self.store, stop).await;
        if let Ok(report) = &report {
            assert_eq!(report.facts.bugs, Vec::<String>::new());
            assert_eq!(report.rows.len(), plan.changes.len());
            assert_eq!(report.counts.values().sum::<u64>() as usize, plan.changes.len());
        }
        report
    }

    /// How each change of a report ended, as `system code outcome`.
    fn told(report: &Report) -> Vec<String> {
        let show = |row: &apply::RowReport| format!("{} {} {}", row.system, row.code, row.outcome.word());
        report.rows.iter().map(show).collect()
    }
}

#[test]
fn a_plan_is_carried_out_and_a_second_plan_is_empty() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let wanted = ["SHIRT@paris 4→7", "MUG@paris 12→8", "SHIRT@paris 4→7", "MUG@paris 12→8"];
        assert_eq!(changes(&plan), wanted);
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 0, "{report:#?}");
        assert_eq!(report.counts[&Outcome::Verified], 4);
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
        assert_eq!(rig.shown("ledger", "SHIRT").as_deref(), Some("7"));
        let again = rig.plan().await;
        assert_eq!(changes(&again), Vec::<String>::new());
        assert_eq!(again.summary.unchanged, 5);
        let reads: Vec<(&str, u32)> = report.reads.iter().map(|read| (&*read.system, read.step)).collect();
        assert_eq!(reads, [("erp", 1), ("web", 2), ("ledger", 3)]);
        let entries = rig.store.entries(&report.run).await.expect("the journal reads");
        assert_eq!(entries.len(), 12);
        assert_eq!(rig.store.unfinished().await, Ok(Vec::new()));
        let written = rig.store.written("web").await.expect("it reads");
        assert!(written.iter().all(|cell| cell.seen && cell.run == report.run));
    });
}

#[test]
fn applying_a_plan_a_second_time_touches_nothing() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let first = rig.apply(&plan).await.expect("it applies");
        let (writes, calls) = (rig.writes(), rig.calls());
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 86_400_000);
        let second = rig.apply(&plan).await.expect("it is known");
        assert_eq!(second.facts.status(), 0);
        assert_eq!(second.counts[&Outcome::Skipped], 4);
        assert!(second.rows[0].reason.contains(&first.run), "{:?}", second.rows[0]);
        assert_eq!((rig.writes(), rig.calls()), (writes, calls));
    });
}

#[test]
fn the_same_changes_planned_once_more_are_carried_out_once_more() {
    block(async {
        let mut rig = Rig::new();
        let start = rig.now();
        let first = rig.plan().await;
        rig.apply(&first).await.expect("it applies");
        // Somebody restores the targets: the same observations, so the same plan but for its id.
        rig.memory.now_ms.set(start.0);
        for target in ["web", "ledger"] {
            rig.shows(target, "MUG", Some(12));
            rig.shows(target, "SHIRT", Some(4));
        }
        let mut second = rig.plan().await;
        second.header.id = "another".to_owned();
        assert_eq!(second.summary.digest, first.summary.digest);
        let seen = plan_seen(&second.summary.digest, &second.header.id, rig.now());
        rig.store.remember_plan(&seen).await.expect("the state works");
        let report = rig.apply(&second).await.expect("it applies");
        assert_eq!(report.counts.get(&Outcome::Verified), Some(&4), "{report:#?}");
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
    });
}

#[test]
fn a_second_run_of_a_plan_sends_its_requests_under_keys_of_its_own() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        // The first run writes `web`, and cannot read `ledger`: the plan is still to be applied.
        rig.script("ledger", Call::Levels, Trouble::Denied);
        let first = rig.apply(&plan).await.expect("it ends");
        assert_eq!(first.facts.status(), 7);
        rig.shows("web", "MUG", Some(12));
        let second = rig.apply(&plan).await.expect("it applies");
        let mut keys = BTreeSet::new();
        for run in [&first.run, &second.run] {
            let entries = rig.store.entries(run).await.expect("the journal reads");
            let mug = |e: &&Entry| e.change == plan.changes[1].id && e.event == Event::Sent;
            keys.extend(entries.iter().filter(mug).map(|entry| entry.key.clone()));
        }
        assert_eq!(keys.len(), 2, "a key that was used is not used again: {keys:?}");
    });
}

#[test]
fn a_target_that_fell_below_the_plan_is_left_alone() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.shows("web", "MUG", Some(5));
        rig.shows("web", "SHIRT", Some(3));
        let report = rig.apply(&plan).await.expect("it applies");
        let wanted = ["web SHIRT moved", "web MUG moved", "ledger SHIRT verified", "ledger MUG verified"];
        assert_eq!(Rig::told(&report), wanted);
        assert_eq!(report.facts.status(), 4);
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("5"));
        assert_eq!(rig.store.queue(true).await, Ok(Vec::new()));
    });
}

#[test]
fn a_lowering_that_moves_between_reading_and_writing_is_computed_again() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let place = ("MUG".to_owned(), Some("Paris".to_owned()));
        let what = What::Change { place, column: "available".to_owned(), value: Some("11".to_owned()) };
        rig.memory
            .stores
            .borrow_mut()
            .entry("web".to_owned())
            .or_default()
            .script
            .push_back(Happens { at: Call::Write, what });
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.rows[1].outcome, Outcome::Verified);
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
        let entries = rig.store.entries(&report.run).await.expect("the journal reads");
        let mug: Vec<&Event> =
            entries.iter().filter(|e| e.change == plan.changes[1].id).map(|e| &e.event).collect();
        let Event::Again { reason } = mug[2] else { panic!("{mug:?}") };
        assert_eq!(reason, "available was 12 and is 11; it was not written");
        assert!(matches!(mug[3], Event::Intent { before, after: 8 } if before[0].1 == 11), "{mug:?}");
        assert_eq!(mug.len(), 6, "{mug:?}");
    });
}

#[test]
fn an_owner_that_fell_in_between_lets_only_the_lower_number_out() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.has("MUG", 6, 2);
        rig.has("SHIRT", 3, 0);
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 0, "{report:#?}");
        // A gift box takes two mugs: it has to fall now, and the plan did not say so.
        assert!(report.notes[0].starts_with("1 cell"), "{:?}", report.notes);
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("4"));
        // A raise to 7 that has become a lowering to 3.
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("3"));
        let shown: Vec<i64> = report.rows.iter().map(|row| row.after).collect();
        assert_eq!(shown, [3, 4, 3, 4]);
    });
}

#[test]
fn an_owner_that_rose_in_between_lets_the_planned_number_out() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.has("MUG", 13, 2);
        rig.has("SHIRT", 9, 0);
        rig.apply(&plan).await.expect("it applies");
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("7"));
    });
}

#[test]
fn a_system_that_cannot_be_read_holds_its_rows_and_no_others() {
    block(async {
        for call in [Call::Open, Call::Levels] {
            let mut rig = Rig::new();
            let plan = rig.plan().await;
            rig.script("web", call, Trouble::Denied);
            let report = rig.apply(&plan).await.expect("it applies");
            let wanted = ["web SHIRT held", "web MUG held", "ledger SHIRT verified", "ledger MUG verified"];
            assert_eq!(Rig::told(&report), wanted);
            assert_eq!(report.facts.status(), 7);
            assert_eq!(report.unreadable[0].0, "web");
            // It was not carried out whole, so it may be applied again.
            let report = rig.apply(&plan).await.expect("it applies");
            assert_eq!(report.facts.status(), 0, "{report:#?}");
            assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
        }
    });
}

#[test]
fn without_its_owner_nothing_is_written() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.script("erp", Call::Levels, Trouble::Denied);
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.counts[&Outcome::Held], 4, "{report:#?}");
        assert_eq!((report.facts.status(), rig.writes()), (7, 0));
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.memory.stores.borrow_mut().get_mut("erp").expect("it is there").cut = Some("cut".to_owned());
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!((report.facts.status(), rig.writes()), (7, 0), "{report:#?}");
    });
}

#[test]
fn a_read_that_is_busy_is_tried_again() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.script("erp", Call::Open, Trouble::Retry(None));
        rig.script("erp", Call::Levels, Trouble::Unknown);
        rig.script("web", Call::Levels, Trouble::Retry(Some(Duration::from_secs(45))));
        let before = rig.now();
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 0, "{report:#?}");
        assert!(rig.now().since(before) >= Duration::from_secs(45));
    });
}

#[test]
fn a_plan_that_does_not_fit_is_refused_before_anything_is_read() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let calls = rig.calls();
        let status = |refused: Result<Report, Refused>| refused.map(|_| ()).map_err(|why| why.status());
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 86_400_000);
        assert_eq!(status(rig.apply(&plan).await), Err(5));
        rig.memory.now_ms.set(rig.memory.now_ms.get() - 86_400_000);
        let mut other = plan.clone();
        other.header.topology = "another".to_owned();
        assert_eq!(status(rig.apply(&other).await), Err(5));
        rig.store = MemoryStore::default();
        assert_eq!(status(rig.apply(&plan).await), Err(5));
        assert_eq!(rig.calls(), calls);
        rig.options.from_elsewhere = true;
        assert_eq!(status(rig.apply(&plan).await), Ok(()));
    });
}

fn lease_of(host: &str, expires: Moment) -> Lease {
    Lease { host: host.to_owned(), process: "4711@1".to_owned(), ..lease("other", expires) }
}

#[test]
fn a_second_run_waits_and_then_gives_up() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let held = lease_of("elsewhere", rig.now().after(Duration::from_secs(3_600)));
        rig.store.take(&held, rig.now()).await.expect("it is free");
        let before = rig.now();
        match rig.apply(&plan).await {
            Err(refused @ Refused::State(StateError::Locked(_))) => {
                assert_eq!(refused.status(), 6);
                assert!(refused.to_string().contains("run other on elsewhere"), "{refused}");
            }
            other => panic!("two runs at once: {other:?}"),
        }
        assert!(rig.now().since(before) >= Duration::from_secs(30));
        assert_eq!(rig.writes(), 0);
        // A holder that ends within the wait lets the next one in.
        let held = lease_of("elsewhere", rig.now().after(Duration::from_secs(10)));
        rig.store.take(&held, rig.now()).await.expect("it is its own");
        assert_eq!(rig.apply(&plan).await.map(|report| report.facts.status()), Ok(0));
    });
}

/// An environment in which no other process runs.
struct Alone;

impl Env for Alone {
    fn get(&self, _: &str) -> Option<String> {
        None
    }

    fn host(&self) -> String {
        "desk".to_owned()
    }

    fn alive(&self, _: &str) -> bool {
        false
    }
}

#[test]
fn a_dead_holder_on_this_host_loses_its_lock_at_once_and_its_run_is_told() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let held = lease_of("desk", rig.now().after(Duration::from_secs(3_600)));
        let taken = rig.store.take(&held, rig.now()).await;
        let Ok(Taken::Ours(fence)) = taken else { panic!("it is free: {taken:?}") };
        rig.store.begin(&run("other", rig.now())).await.expect("it begins");
        let at = rig.now();
        let entry = |change: &str, event| Entry {
            run: "other".to_owned(),
            change: change.to_owned(),
            attempt: 1,
            key: "k".to_owned(),
            event,
            at,
        };
        let intent = || Event::Intent { before: Vec::new(), after: 1 };
        let entries = [entry("a", intent()), entry("a", Event::Sent), entry("b", intent())];
        rig.store.append(fence, &entries).await.expect("it appends");
        let mut world = rig.memory.world();
        world.env = Box::new(Alone);
        rig.world = Rc::new(world);
        let before = rig.now();
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 0);
        assert!(rig.now().since(before) < Duration::from_secs(1));
        assert_eq!(report.notes.len(), 1);
        let note = &report.notes[0];
        assert!(note.contains("run other") && note.contains("1 sent without an answer"), "{note}");
        assert!(note.contains("1 not sent"), "{note}");
        assert_eq!(rig.store.unfinished().await, Ok(Vec::new()));
    });
}

#[test]
fn a_refused_row_is_queued_and_a_later_success_closes_it() {
    block(async {
        let mut rig = Rig::new();
        let refuse = |rig: &Rig, on: bool| {
            let mut stores = rig.memory.stores.borrow_mut();
            let web = stores.entry("web".to_owned()).or_default();
            match on {
                true => drop(web.refuses.insert("MUG".to_owned(), "this code is frozen".to_owned())),
                false => drop(web.refuses.remove("MUG")),
            }
        };
        refuse(&rig, true);
        for attempt in 1..=2 {
            rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
            let plan = rig.plan().await;
            let report = rig.apply(&plan).await.expect("it applies");
            assert_eq!(report.facts.status(), 4);
            let open = rig.store.queue(true).await.expect("it reads");
            assert_eq!(open.len(), 1);
            assert_eq!((open[0].attempts, &*open[0].fault.key.item), (attempt, "MUG"));
            assert_eq!((&*open[0].fault.key.field, &*open[0].fault.reason), ("code", "this code is frozen"));
            assert_eq!(report.opened, u64::from(attempt == 1));
        }
        refuse(&rig, false);
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!((report.facts.status(), report.closed), (0, 1));
        assert_eq!(rig.store.queue(true).await, Ok(Vec::new()));
        let all = rig.store.queue(false).await.expect("it reads");
        assert!(all[0].closed.as_ref().is_some_and(|(_, how)| how.contains(&report.run)));
    });
}

#[test]
fn a_row_that_somebody_mended_by_hand_leaves_the_queue_too() {
    block(async {
        let mut rig = Rig::new();
        let frozen = ("MUG".to_owned(), "frozen".to_owned());
        rig.memory.stores.borrow_mut().get_mut("web").expect("it is there").refuses.extend([frozen]);
        let plan = rig.plan().await;
        rig.apply(&plan).await.expect("it applies");
        assert_eq!(rig.store.queue(true).await.expect("it reads").len(), 1);
        rig.shows("web", "MUG", Some(8));
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        assert_eq!(changes(&plan), Vec::<String>::new());
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!((report.facts.status(), report.closed), (0, 1));
    });
}

#[test]
fn a_row_that_cannot_be_read_is_queued_until_it_can() {
    block(async {
        let mut rig = Rig::new();
        rig.change("erp", ("E-MUG", "PAR"), "on-hand", Some("ten"));
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 4);
        let open = rig.store.queue(true).await.expect("it reads");
        // One for each flow that needs the row.
        assert_eq!(open.len(), 2, "{open:#?}");
        assert_eq!((&*open[0].fault.key.system, &*open[0].fault.key.item), ("erp", "MUG"));
        // A run that cannot read the owner at all knows nothing of the row.
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        rig.script("erp", Call::Levels, Trouble::Denied);
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.closed, 0);
        rig.has("MUG", 10, 2);
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!((report.facts.status(), report.closed), (0, 2), "{report:#?}");
    });
}

#[test]
fn only_a_statement_that_asks_for_before_compares() {
    let cases = [
        ("update s set q = :after where c = :code and q = :before", true),
        ("update s set q = :after where c = :code", false),
        ("update s set q = :after where c = :code -- and q = :before", false),
        ("update s set q = :after, was = ':before' where c = :code", false),
    ];
    for (text, compares) in cases {
        let mut fixed = Fixed::new();
        let system = &mut fixed.town.model.systems[fixed.web.index()];
        system.kind = &connectors::sql::DESCRIPTOR;
        system.set = Some((text.into(), crate::count::town::nowhere()));
        let target = apply::decide::target_of(&fixed.town.model, fixed.web, Policy::default());
        assert_eq!(target.class == WriteClass::CompareAndSet, compares, "{text}");
    }
}

#[test]
fn a_guard_stops_its_flow_and_no_other_unless_it_is_lifted() {
    block(async {
        let mut rig = Rig::with(|fixed| fixed.town.model.flows[0].guard.max_rows = 1);
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 3);
        let wanted = ["web SHIRT skipped", "web MUG skipped", "ledger SHIRT verified", "ledger MUG verified"];
        assert_eq!(Rig::told(&report), wanted);
        assert_eq!(report.tripped.len(), 1, "{:#?}", report.tripped);
        rig.options.lifting.lifts = vec![Lift::of("max-rows", "the autumn range", "ann@till")];
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 0, "{report:#?}");
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
    });
}

#[test]
fn the_guard_of_raises_stops_raises_and_lets_every_lowering_out() {
    block(async {
        let mut rig = Rig::with(|fixed| {
            let all = Ratio { numerator: 1, denominator: 1 };
            let (erp, web) = (fixed.erp, fixed.web);
            for number in 0..12 {
                let thing = fixed.town.item(&format!("CAP-{number}"), 0, &[]);
                fixed.town.code(erp, thing, &format!("E-CAP-{number}"), "");
                fixed.town.code(web, thing, &format!("CAP-{number}"), "");
            }
            let every = onhand::model::set::Bits::all(fixed.town.model.items.len());
            fixed.town.model.owners[0].items = every.clone();
            fixed.town.model.flows[0].things.items = every;
            fixed.town.model.flows[0].guard.max_changed = all;
        });
        for number in 0..12 {
            rig.has(&format!("CAP-{number}"), 9, 0);
            rig.shows("web", &format!("CAP-{number}"), Some(5));
        }
        let plan = rig.plan().await;
        assert!(plan.tripped());
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 3);
        assert_eq!(report.tripped[0].guard, "max-raised");
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"), "a lowering always goes out");
        assert_eq!(rig.shown("web", "CAP-3").as_deref(), Some("5"));
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("4"));
    });
}

#[test]
fn a_guard_trips_on_the_rows_as_computed_again() {
    block(async {
        let mut rig = Rig::with(|fixed| {
            let all = Ratio { numerator: 1, denominator: 1 };
            for number in 0..12 {
                let thing = fixed.town.item(&format!("CAP-{number}"), 0, &[]);
                let (erp, web) = (fixed.erp, fixed.web);
                fixed.town.code(erp, thing, &format!("E-CAP-{number}"), "");
                fixed.town.code(web, thing, &format!("CAP-{number}"), "");
            }
            let every = onhand::model::set::Bits::all(fixed.town.model.items.len());
            fixed.town.model.owners[0].items = every.clone();
            fixed.town.model.flows[0].things.items = every;
            let guard = &mut fixed.town.model.flows[0].guard;
            (guard.max_changed, guard.max_raised) = (all, all);
        });
        for number in 0..12 {
            rig.has(&format!("CAP-{number}"), 9, 0);
            rig.shows("web", &format!("CAP-{number}"), Some(5));
        }
        let plan = rig.plan().await;
        assert!(!plan.tripped() && plan.changes.len() == 16);
        // The owner's system is being emptied, or restored.
        for number in 0..12 {
            rig.has(&format!("CAP-{number}"), 0, 0);
        }
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 3);
        assert_eq!(report.tripped[0].guard, "max-zeroed");
        assert_eq!(rig.shown("web", "CAP-3").as_deref(), Some("5"));
    });
}

#[test]
fn an_interrupted_run_leaves_its_rows_and_may_be_applied_again() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let mut stop = Stop::when(Box::pin(std::future::ready(())));
        let report = rig.apply_until(&plan, &mut stop).await.expect("it ends");
        assert_eq!(report.facts.status(), 130);
        assert_eq!((report.counts[&Outcome::Skipped], rig.writes()), (4, 0));
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.facts.status(), 0);
    });
}

#[test]
fn a_cell_that_its_owner_no_longer_reports_is_lowered_to_its_last_known_number_only() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.apply(&plan).await.expect("it applies");
        rig.change("erp", ("E-MUG", "PAR"), "on-hand", None);
        // The target was raised by hand above what the owner last had.
        rig.shows("web", "MUG", Some(20));
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        let of_mug: Vec<String> = changes(&plan).into_iter().filter(|c| c.starts_with("MUG")).collect();
        assert_eq!(of_mug, ["MUG@paris 20→8"], "{plan:#?}");
        rig.shows("web", "MUG", Some(3));
        let plan = rig.plan().await;
        assert!(changes(&plan).iter().all(|change| !change.starts_with("MUG")), "{plan:#?}");
    });
}

/// A kind in memory that lists open lines.
const LISTS: Descriptor =
    Descriptor { lists_lines: true, lines_are: Some("reserved"), ..connectors::memory::DESCRIPTOR };

#[test]
fn open_lines_are_read_before_counts_and_counts_before_targets() {
    block(async {
        let mut rig = Rig::with(|fixed| fixed.town.model.systems[0].kind = &LISTS);
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        let reads: Vec<(&str, &str)> = report.reads.iter().map(|read| (&*read.system, &*read.what)).collect();
        assert_eq!(reads, [("erp", "lines"), ("erp", "levels"), ("web", "levels"), ("ledger", "levels")]);
        let calls = rig.memory.stores.borrow()["erp"].calls.clone();
        // Opened once for the plan and once for the apply.
        assert_eq!(calls, [Call::Open, Call::Lines, Call::Levels, Call::Open, Call::Lines, Call::Levels]);
    });
}

/// `web` as a CSV system: it reads what the shop exports, and writes what the shop will import.
fn by_file() -> Rig {
    let rig = Rig::with(|fixed| {
        let shown = levels(&fixed.town.model, "export.csv", &["available"]);
        let web = &mut fixed.town.model.systems[1];
        web.kind = &connectors::csv::DESCRIPTOR;
        web.levels = Some(shown);
        let import = onhand::model::system::Setting::Literal("import.csv".into());
        web.publish = Some((import, crate::support::model::nowhere()));
        fixed.town.model.flows.truncate(1);
    });
    export(&rig, "SHIRT,Paris,4\nMUG,Paris,12\nGIFT,Paris,4\n");
    rig
}

fn export(rig: &Rig, rows: &str) {
    let text = format!("sku,site,available\n{rows}");
    let modified = rig.memory.now_ms.get();
    rig.memory.files.borrow_mut().insert("export.csv".to_owned(), (text.into_bytes(), modified));
}

#[test]
fn what_was_written_into_a_file_counts_as_shown_until_the_feed_says_otherwise() {
    block(async {
        let mut rig = by_file();
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(Rig::told(&report), ["web SHIRT sent", "web MUG sent"], "{report:#?}");
        assert_eq!(report.facts.status(), 0);
        // Not imported yet: nothing is left to do, and the file is not written again.
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        assert_eq!(changes(&plan), Vec::<String>::new());
        // The owner sells two before the import: the next number goes out over the same export.
        rig.has("MUG", 8, 2);
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        assert!(changes(&plan).contains(&"MUG@paris 8→6".to_owned()), "{:?}", changes(&plan));
        let report = rig.apply(&plan).await.expect("it applies");
        let mug = report.rows.iter().find(|row| row.code == "MUG").expect("it was planned");
        assert_eq!(mug.outcome, Outcome::Sent, "{report:#?}");
        // Imported, and one mug sold since: the feed is believed again.
        export(&rig, "SHIRT,Paris,7\nMUG,Paris,5\nGIFT,Paris,3\n");
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        let plan = rig.plan().await;
        assert_eq!(changes(&plan), ["MUG@paris 5→6"]);
        rig.has("MUG", 7, 2);
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(report.rows[0].outcome, Outcome::Unchanged, "{report:#?}");
        assert!(rig.store.written("web").await.expect("it reads").iter().all(|cell| cell.seen));
    });
}

#[test]
fn a_situation_that_comes_again_is_applied_again() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::support::example::copy("direct", folder.path());
    let (shop, before) = (folder.path().join("shop.db"), folder.path().join("before.db"));
    std::fs::copy(&shop, &before).expect("it can be copied");
    let apply = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_onhand"));
        command.args(["apply", "--auto-approve", "--format", "json"]).current_dir(folder.path());
        let done = command.output().expect("it runs");
        let rows = String::from_utf8(done.stdout).expect("UTF-8");
        rows.lines().filter(|line| line.contains("\"outcome\":\"verified\"")).count()
    };
    let first = apply();
    assert!(first > 5, "{first} rows were applied");
    assert_eq!(apply(), 0);
    std::fs::copy(&before, &shop).expect("it can be copied");
    assert_eq!(apply(), first);
}

//! How fast a whole apply is that journals each of its changes in SQLite, beside SQLite alone committing the
//! same batches of the same rows, and how much heap a change takes at the peak. docs/performance.md says what
//! each figure means.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::float_arithmetic)]

#[path = "journal/alone.rs"]
mod alone;
#[path = "support/cpu.rs"]
mod cpu;
#[path = "journal/recorder.rs"]
mod recorder;

use onhand::apply::{self, Job, Needs, Options, Sessions, Stop, observe};
use onhand::check::Scene;
use onhand::compile::{Inputs, compile};
use onhand::connectors::{self, Context, KINDS};
use onhand::graph::{self, Graph};
use onhand::model::time::Moment;
use onhand::model::{FlowId, Model, SystemId};
use onhand::plan::again::again;
use onhand::plan::{Plan, Selection, Stamp, build, file};
use onhand::state::sqlite::SqliteStore;
use onhand::world::memory::Memory;
use peak_alloc::PeakAlloc;
use recorder::Recorder;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// 2026-11-22.
const NOW: Moment = Moment(1_795_305_600_000);
const ROUNDS: usize = 3;

/// A stretch of time, by the clock and by what the thread had of a processor: of waiting for the disk and for
/// other programs nothing is in the latter. Or its beginning.
#[derive(Clone, Copy)]
pub struct Time {
    began: Instant,
    clock: Duration,
    cpu: Duration,
}

impl Time {
    /// A stretch that begins now.
    pub fn now() -> Time {
        Time { began: Instant::now(), clock: Duration::ZERO, cpu: cpu::cpu_time() }
    }

    /// The stretch until now.
    pub fn since(self) -> Time {
        let cpu = cpu::cpu_time().saturating_sub(self.cpu);
        Time { clock: self.began.elapsed(), cpu, ..self }
    }

    /// The least of each.
    fn least(self, other: Time) -> Time {
        Time { clock: self.clock.min(other.clock), cpu: self.cpu.min(other.cpu), ..self }
    }
}

/// What one apply took.
struct Cost {
    time: Time,
    /// Bytes at the peak, beyond what was held before.
    heap: usize,
    /// Entries of the journal.
    entries: usize,
    /// Commits of the journal.
    commits: usize,
}

fn main() {
    // Many and few take turns, and whatever else the machine does meets both.
    let few = measure(10_000, 1).0;
    let (many, journal, all) = measure(100_000, ROUNDS);
    let own = many.time;
    println!(
        "journal 100000 changes, {} entries in {} commits: best of {ROUNDS}",
        many.entries, many.commits
    );
    let told = |what: &str, of: fn(&Time) -> Duration| {
        let [own, journal, all] = [own, journal, all].map(|time| of(&time).as_secs_f64());
        println!("        {own:.2} s {what} for a whole apply, {:.0} changes a second", 100_000.0 / own);
        println!(
            "        {all:.2} s for SQLite alone with all that it commits: {:.2} of its rate, of 0.50",
            all / own
        );
        println!("        {journal:.2} s with the journal alone: {:.2} of its rate", journal / own);
    };
    told("by the clock", |time| time.clock);
    told("on a processor", |time| time.cpu);
    let each = |cost: &Cost, changes: usize| cost.heap as f64 / changes as f64;
    println!(
        "        {:.0} bytes of heap a change at the peak, and {:.0} where there are 10000: {:.2} times",
        each(&many, 100_000),
        each(&few, 10_000),
        each(&many, 100_000) / each(&few, 10_000)
    );
}

/// Applies so many changes in several rounds; answers the best, and the best of SQLite alone: with the
/// batches of the journal, and with everything.
fn measure(changes: usize, rounds: usize) -> (Cost, Time, Time) {
    let town = Town::new(changes);
    let mut best: Option<(Cost, Time, Time)> = None;
    for _ in 0..rounds {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.db");
        let (cost, batches) = block(town.apply(&path));
        let kept = alone::Kept::of(&path, &batches);
        assert_eq!(kept.changes(), changes, "each change has an outcome in the journal");
        let journal = kept.commit(&folder.path().join("journal.db"), false);
        let all = kept.commit(&folder.path().join("all.db"), true);
        best = Some(match best {
            None => (cost, journal, all),
            Some((least, one, other)) => {
                let time = least.time.least(cost.time);
                (Cost { time, ..cost }, one.least(journal), other.least(all))
            }
        });
    }
    best.expect("there is a round")
}

/// A depot and a shop in memory that differ in every count.
struct Town {
    model: Rc<Model>,
    graph: Graph,
    changes: usize,
}

impl Town {
    fn new(changes: usize) -> Town {
        let mut csv = "sku,unit,depot,web\n".to_owned();
        for at in 0..changes {
            writeln!(csv, "SKU-{at:07},ea,D-{at:07},W-{at:07}").expect("a string takes any text");
        }
        let files = BTreeMap::from([
            ("onhand.kdl".to_owned(), TOPOLOGY.as_bytes().to_vec()),
            ("catalog.csv".to_owned(), csv.into_bytes()),
        ]);
        let scene = Scene { now: NOW, thrown_away: &|_| false };
        let inputs = Inputs { folder: &files, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene };
        let compiled = compile(&inputs);
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
        let graph = graph::build(&compiled.model);
        Town { model: Rc::new(compiled.model), graph, changes }
    }

    /// The world before an apply: the shop falls, rises or goes to zero.
    fn world(&self) -> Memory {
        let memory = Memory::default();
        memory.now_ms.set(NOW.0);
        for at in 0..self.changes {
            let has = [0, 9, 20][at % 3].to_string();
            for (system, code, place, column, count) in
                [("depot", "D", "H", "on-hand", has.as_str()), ("web", "W", "Hall", "available", "12")]
            {
                let mut stores = memory.stores.borrow_mut();
                let place = (format!("{code}-{at:07}"), Some(place.to_owned()));
                stores.entry(system.to_owned()).or_default().change(&place, column, Some(count));
            }
        }
        memory
    }

    fn needs(&self) -> Needs {
        let flow = FlowId::at(0);
        Needs::of([(self.model.flow(flow).to, self.graph.reads(flow))])
    }

    fn sessions(&self, memory: &Memory) -> Sessions {
        let (model, world) = (self.model.clone(), Rc::new(memory.world()));
        let outside = world.clone();
        let opener = move |system: SystemId, pace| {
            let (model, world) = (model.clone(), outside.clone());
            connectors::open(Context { model, system, world, writes: true, dir: String::new(), pace })
        };
        Sessions::new(self.model.clone(), world, Rc::new(opener))
    }

    async fn plan(&self, memory: &Memory) -> Plan {
        let mut sessions = self.sessions(memory);
        let observed = observe(&self.model, &self.needs(), &mut sessions, &mut Stop::never()).await;
        let stamp = Stamp::new("plan-1", NOW);
        build(&self.model, &self.graph, &observed.observations, &Selection::default(), &stamp)
    }

    /// Plans, and applies the plan with its state in a file; answers what the apply took, and how many
    /// entries each commit of its journal had.
    async fn apply(&self, path: &Path) -> (Cost, Vec<usize>) {
        let memory = self.world();
        let plan = self.plan(&memory).await;
        assert_eq!(plan.changes.len(), self.changes);
        let path = path.to_str().expect("a path is text");
        let mut store = Recorder::over(SqliteStore::open(path).await.expect("the state opens"));
        let mut sessions = self.sessions(&memory);
        let needs = self.needs();
        let recompute = |seen: &_, at: (Moment, &onhand::plan::Standing)| {
            again(&self.model, &self.graph, seen, &plan, at)
        };
        // As for a plan that was read from its file.
        let text = Some(file::write(&plan));
        let options = Options { from_elsewhere: true, text, ..Options::default() };
        let job = Job { model: &self.model, needs: &needs, recompute: &recompute, plan: &plan, options };
        HEAP.reset_peak_usage();
        let (held, start) = (HEAP.current_usage(), Time::now());
        let report = apply::run(&job, &mut sessions, &mut store, &mut Stop::never()).await;
        let (time, heap) = (start.since(), HEAP.peak_usage().saturating_sub(held));
        let report = report.expect("it ends");
        assert_eq!((report.facts.status(), report.rows.len()), (0, self.changes), "{:?}", report.facts);
        assert_eq!(memory.stores.borrow()["web"].written.len(), self.changes, "each count was written once");
        let batches = store.batches;
        (Cost { time, heap, entries: batches.iter().sum(), commits: batches.len() }, batches)
    }
}

/// One depot drives one shop.
const TOPOLOGY: &str = r#"onhand language=1
unit ea
system depot kind=memory role=warehouse {
    levels counts { code sku; location site; on-hand on-hand { net-of reserved } }
}
system web kind=memory role=channel {
    levels counts { code sku; location site; available available { net-of own-sales } }
    orders none
}
location hall { in depot H; in web Hall }
items "catalog.csv" { sku sku; unit unit; in depot depot; in web web }
owner depot { of on-hand }
flow web-stock {
    publish available to=web
    lag "10m" every="5m"
    guard max-changed="100%" max-zeroed="100%" max-raised="100%" max-rows=1000000
}
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime of one thread").block_on(future)
}

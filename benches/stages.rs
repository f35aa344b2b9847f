//! What each stage on the way to a plan takes: text, check, catalog, feeds, cells, the plan's file. criterion
//! compares each with its last run and says what is noise.
#![allow(clippy::disallowed_methods)]

#[path = "check/topology.rs"]
#[allow(dead_code)]
mod topology;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use onhand::apply::{Needs, Sessions, Stop, observe};
use onhand::check::Scene;
use onhand::compile::{Compiled, Inputs, compile};
use onhand::connectors::{self, Context, KINDS};
use onhand::graph::{self, Graph};
use onhand::model::observation::Observations;
use onhand::model::time::Moment;
use onhand::model::{FlowId, Model, SystemId};
use onhand::plan::{Selection, Stamp, build, file};
use onhand::source::SourceId;
use onhand::syntax;
use onhand::world::memory::Memory;
use std::fmt::Write as _;
use std::hint::black_box;
use std::rc::Rc;
use topology::Files;

/// 2026-11-22.
const NOW: Moment = Moment(1_795_305_600_000);
/// Items, each at two places of two systems: large enough for blocks and a second hand, small enough to repeat.
const SKUS: usize = 50_000;

const TOPOLOGY: &str = r#"onhand language=1
unit ea
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; location site; on-hand qty }
}
system web kind=csv role=channel {
    levels "web.csv" { code sku; location site; available qty { net-of own-sales } }
    publish "out.csv"
    orders direct to=depot within="5m"
}
location north { in depot N; in web n }
location south { in depot S; in web s }
items "catalog.csv" { sku sku; unit (const)ea; in depot depot; in web web }
owner depot { of on-hand }
flow web-stock { publish available to=web; lag "15m" every="5m"; guard max-rows=100000000 }
"#;

fn compiled(files: &Files) -> Compiled {
    let scene = Scene { now: NOW, thrown_away: &|_| false };
    compile(&Inputs { folder: files, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene })
}

/// A catalog, what an owner has and what a shop shows: one count in a hundred differs.
struct Town {
    files: Files,
    memory: Memory,
    rows: usize,
}

impl Town {
    fn new() -> Town {
        let (mut items, mut depot, mut web) =
            ("sku,depot,web\n".to_owned(), "sku,site,qty\n".to_owned(), "sku,site,qty\n".to_owned());
        let fits = "a string takes any text";
        for at in 0..SKUS {
            writeln!(items, "SKU-{at:07},D-{at:07},W-{at:07}").expect(fits);
            for (here, there, more) in [("N", "n", at % 90), ("S", "s", at % 50)] {
                writeln!(depot, "D-{at:07},{here},{more}").expect(fits);
                writeln!(web, "W-{at:07},{there},{}", more + usize::from(at % 100 == 7)).expect(fits);
            }
        }
        let files = [("onhand.kdl", TOPOLOGY.to_owned()), ("catalog.csv", items)]
            .map(|(n, t)| (n.to_owned(), t.into()));
        let memory = Memory::default();
        memory.now_ms.set(NOW.0);
        for (name, text) in [("/depot.csv", depot), ("/web.csv", web)] {
            memory.files.borrow_mut().insert(name.to_owned(), (text.into(), NOW.0));
        }
        Town { files: files.into(), memory, rows: SKUS * 4 }
    }

    /// What both feeds show.
    fn observe(&self, model: &Rc<Model>, graph: &Graph) -> Observations {
        let world = Rc::new(self.memory.world());
        let (own, outside) = (model.clone(), world.clone());
        let opener = move |system: SystemId, pace| {
            let (model, world) = (own.clone(), outside.clone());
            connectors::open(Context { model, system, world, writes: false, dir: "/".to_owned(), pace })
        };
        let mut sessions = Sessions::new(model.clone(), world, Rc::new(opener));
        let needs = Needs::of([(model.flow(FlowId::at(0)).to, graph.reads(FlowId::at(0)))]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let observed = runtime.block_on(observe(model, &needs, &mut sessions, &mut Stop::never()));
        assert!(observed.unreadable.is_empty(), "{:?}", observed.unreadable);
        observed.observations
    }
}

fn texts(criterion: &mut Criterion) {
    let mixed = topology::mixed(10_000);
    let text = String::from_utf8(mixed["onhand.kdl"].clone()).expect("a topology is text");
    let mut group = criterion.benchmark_group("10,000 lines of mixed nodes");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("text to tree", |own| own.iter(|| syntax::parse(SourceId(0), black_box(&text))));
    group.bench_function("check", |own| own.iter(|| compiled(black_box(&mixed))));
    group.finish();
}

fn plans(criterion: &mut Criterion) {
    let town = Town::new();
    let checked = compiled(&town.files);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    let (graph, model) = (graph::build(&checked.model), Rc::new(checked.model));
    let seen = town.observe(&model, &graph);
    let stamp = Stamp::new("plan-1", NOW);
    let plan = build(&model, &graph, &seen, &Selection::default(), &stamp);
    assert_eq!(plan.changes.len(), SKUS / 100 * 2, "the town differs where it was made to");
    let text = file::write(&plan);
    let mut group = criterion.benchmark_group(format!("{SKUS} items at two places"));
    group.sample_size(20);
    group.throughput(Throughput::Elements(SKUS as u64));
    group.bench_function("catalog to model", |own| own.iter(|| compiled(black_box(&town.files))));
    group.throughput(Throughput::Elements(town.rows as u64));
    group.bench_function("feeds to levels", |own| own.iter(|| town.observe(&model, &graph)));
    group.throughput(Throughput::Elements(SKUS as u64 * 2));
    let planned = || build(&model, &graph, black_box(&seen), &Selection::default(), &stamp);
    group.bench_function("levels to plan", |own| own.iter(planned));
    group.throughput(Throughput::Elements(plan.changes.len() as u64));
    group.bench_function("plan to file", |own| own.iter(|| file::write(black_box(&plan))));
    group.bench_function("file to plan", |own| own.iter(|| file::read(black_box(&text))));
    group.finish();
}

criterion_group!(stages, texts, plans);
criterion_main!(stages);

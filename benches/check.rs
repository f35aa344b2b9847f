//! How fast a topology is checked and how much heap that takes at its peak: mixed nodes, a hundred thousand
//! items in KDL, and ownership cell by cell over a million. What each figure means: docs/performance.md.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::float_arithmetic)]

#[path = "support/cpu.rs"]
mod cpu;
#[path = "check/topology.rs"]
mod topology;

use cpu::cpu_time;
use onhand::check::{self, Facts, Scene};
use onhand::compile::{Compiled, Inputs, compile};
use onhand::connectors::KINDS;
use onhand::diagnostic::code;
use onhand::graph;
use onhand::model::quantity::{DAMAGED, ON_HAND, RESERVED};
use onhand::model::time::Moment;
use onhand::model::{ItemId, LocationId, Model};
use peak_alloc::PeakAlloc;
use std::hint::black_box;
use std::time::Duration;
use topology::Files;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Time and heap of one piece of work.
#[derive(Clone, Copy)]
struct Cost {
    /// Processor time, where the system tells it: what others do on the machine is not in it.
    time: Duration,
    /// Bytes at the peak, beyond what was held before.
    heap: usize,
}

fn main() {
    let mixed = topology::mixed(10_000);
    let lines = mixed["onhand.kdl"].iter().filter(|byte| **byte == b'\n').count();
    show(&format!("{lines} lines of mixed nodes"), &mixed, 25, Duration::from_millis(50));
    let items = topology::items(100_000);
    show("100000 `item` nodes", &items, 7, Duration::from_millis(500));
    ownership();
}

/// Compiles files several times, and prints the best.
fn show(title: &str, files: &Files, rounds: usize, limit: Duration) {
    let bytes: usize = files.values().map(Vec::len).sum();
    let told = told(&compiled(files));
    assert!(!compiled(files).has_errors(), "the generated topology is good: {told:?}");
    let best = best(rounds, || drop(black_box(compiled(black_box(files)))));
    let (time, heap) = (milliseconds(best.time), best.heap as f64 / bytes as f64);
    println!("check   {title}, {bytes} bytes: best of {rounds}");
    println!(
        "        {time:7.1} ms of {:.0} ({:.0} %), {:.1} MB/s, {} findings",
        milliseconds(limit),
        time / milliseconds(limit) * 100.0,
        bytes as f64 / best.time.as_secs_f64() / 1e6,
        told.len()
    );
    println!(
        "        {heap:7.1} bytes of heap an input byte at the peak, of 40 ({:.0} %)",
        heap / 40.0 * 100.0
    );
}

/// A million items in a catalog, ten places, three quantities, with an overlap, a gap and an owner that lacks
/// a code planted into them.
fn ownership() {
    let files = topology::catalog(1_000_000);
    let start = cpu_time();
    let compiled = compiled(&files);
    let whole = cpu_time().saturating_sub(start);
    let model = &compiled.model;
    let cells = model.items.len() * model.locations.len() * 3;
    let proof = best(5, || {
        let graph = graph::build(black_box(model));
        drop(black_box(check::run(&Facts { model, graph: &graph, scene: scene() })));
    });
    println!("proof   {cells} counts of {} items at {} places", model.items.len(), model.locations.len());
    println!(
        "        {:7.1} ms of 1000 ({:.0} %): facts and all rules; {:.0} ms for the whole check, best of 5",
        milliseconds(proof.time),
        milliseconds(proof.time) / 10.0,
        milliseconds(whole)
    );
    let found = told(&compiled);
    for (rule, _) in topology::PLANTED {
        let of_rule: Vec<_> = found.iter().filter(|(slug, _)| slug == rule).collect();
        assert_eq!(of_rule.len(), 1, "one finding of {rule}: {found:?}");
    }
    let errors = compiled.diagnostics.iter().filter(|one| one.rule != code::SHARED_POOL).count();
    assert_eq!(errors, topology::PLANTED.len(), "nothing but what was planted: {found:?}");
    found.iter().for_each(|(slug, message)| println!("        {slug}: {message}"));
    walk(model, proof.time);
}

/// The same question asked count by count, as a measure.
fn walk(model: &Model, proof: Duration) {
    let graph = graph::build(model);
    let start = cpu_time();
    let (mut shared, mut unowned) = (0_usize, 0_usize);
    for item in (0..model.items.len()).map(ItemId::at) {
        for place in (0..model.locations.len()).map(LocationId::at) {
            for quantity in [ON_HAND, RESERVED, DAMAGED] {
                let claims = graph.owners().claims(place, quantity).iter();
                let owns = |owner| graph.owners().items(owner).contains(item.index());
                match claims.filter(|claim| owns(claim.owner)).count() {
                    0 if quantity == ON_HAND => unowned += 1,
                    0 | 1 => {}
                    _ => shared += 1,
                }
            }
        }
    }
    let time = cpu_time().saturating_sub(start);
    let expected = topology::PLANTED.map(|(_, cells)| cells);
    assert_eq!([shared, unowned], [expected[0], expected[1]], "the walk finds what the rules find");
    println!(
        "        a walk from count to count finds the same {shared} shared and {unowned} without an owner, \
         and takes {:.1} times as long",
        time.as_secs_f64() / proof.as_secs_f64()
    );
}

fn compiled(files: &Files) -> Compiled {
    compile(&Inputs { folder: files, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene: scene() })
}

/// Looked at on 2026-11-22.
fn scene() -> Scene<'static> {
    Scene { now: Moment(1_795_305_600_000), thrown_away: &|_| false }
}

fn told(compiled: &Compiled) -> Vec<(String, String)> {
    let findings = compiled.diagnostics.iter();
    findings.map(|found| (found.rule.slug.to_owned(), found.message.clone())).collect()
}

/// The least that some work costs in so many rounds.
fn best(rounds: usize, mut work: impl FnMut()) -> Cost {
    let round = |_| {
        HEAP.reset_peak_usage();
        let (held, start) = (HEAP.current_usage(), cpu_time());
        work();
        let time = cpu_time().saturating_sub(start);
        Cost { time, heap: HEAP.peak_usage().saturating_sub(held) }
    };
    let costs: Vec<Cost> = (0..rounds).map(round).collect();
    Cost {
        time: costs.iter().map(|cost| cost.time).min().unwrap_or_default(),
        heap: costs.iter().map(|cost| cost.heap).min().unwrap_or_default(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

//! `onhand graph --lag`: how late each flow can be, as a table of terms or as data.

use super::exit::Exit;
use super::topology::compile_dir;
use super::ui::Ui;
use crate::check::lag::{Missed, Timed, detail, show_us, timed, word};
use crate::diagnostic::wrap::wrap;
use crate::diagnostic::{Counts, escape};
use crate::graph::lag::{Path, Sum, Term, What};
use crate::graph::{self, Graph};
use crate::model::Model;
use crate::model::time::show_duration;
use crate::world::World;
use serde::Serialize;

/// So deep the terms of flows behind flows are shown; below, a flow is one line and has its own table.
const DEEPEST: usize = 2;

/// Columns of a time at the end of a line, and of what follows it.
const TIME: usize = 9;
const MARK: &str = "  longest";

/// Prints the lags of a topology. One with errors is worked out as far as it could be understood, since a
/// lag that cannot be kept is one; then it ends with 1.
pub fn run(ui: &Ui, world: &World, dir: Option<&str>, print: fn(&Ui, &Model, &Graph)) -> Exit {
    let (_, compiled) = compile_dir(ui, world, dir);
    print(ui, &compiled.model, &graph::build(&compiled.model));
    let errors = Counts::of(&compiled.diagnostics).errors;
    if errors == 0 {
        return Exit::Done;
    }
    let noun = if errors == 1 { "error" } else { "errors" };
    ui.talk(&format!("{errors} {noun} in the topology; `onhand check` shows what is wrong"));
    Exit::Wrong
}

/// A table for each flow.
pub fn human(ui: &Ui, model: &Model, graph: &Graph) {
    let flows = timed(model, graph);
    if flows.is_empty() {
        return ui.line("The topology has no flow, so nothing can be late.");
    }
    for flow in &flows {
        head(ui, model, flow);
        rows(ui, (model, graph), flow.path, 0);
        sums(ui, model, flow);
        ui.line("");
    }
    ui.paragraph(
        "Each sum is a worst case: a change is missed by one run and waits for the next, every step takes \
         its longest way, and as many cells change as `changes=` says, a twentieth without it. What a \
         request takes, and how much it carries, is as the kind says, or as `limit` says instead. Requests \
         that fail and are tried again are not counted.",
    );
}

fn head(ui: &Ui, model: &Model, flow: &Timed<'_>) {
    let way = if flow.collects { "collects from" } else { "publishes to" };
    let name = escape::line(flow.name);
    let system = escape::line(&model.system(flow.system).name);
    ui.line(&format!("{} {way} {system}", ui.bold(&name)));
}

/// One line a term, the longest marked; the terms of a flow behind it below its own.
fn rows(ui: &Ui, (model, graph): (&Model, &Graph), path: &Path, depth: usize) {
    let longest = path.dominant();
    for term in &path.terms {
        let mark = if depth == 0 && Some(term) == longest { MARK } else { "" };
        let said = escape::line(&detail(model, term)).into_owned();
        row(ui, (2 + 2 * depth, word(term.what), &said), &show_us(term.sum.total()), mark);
        if let Some(behind) = term.flow.filter(|_| depth < DEEPEST) {
            rows(ui, (model, graph), graph.lags().flow(behind), depth + 1);
        }
    }
}

/// A line of a table: what, in words, and its time in a column at the right.
fn row(ui: &Ui, (indent, name, said): (usize, &str, &str), time: &str, mark: &str) {
    let before = format!("{:indent$}{name:<11}", "");
    let room = ui.width.saturating_sub(before.len() + 1 + TIME + MARK.len()).max(12);
    let lines = wrap(said, room);
    for (at, line) in lines.iter().copied().chain(lines.is_empty().then_some("")).enumerate() {
        let before = if at == 0 { before.clone() } else { " ".repeat(before.len()) };
        let time = if at + 1 == lines.len().max(1) { time } else { "" };
        let mark = if time.is_empty() { "" } else { mark };
        ui.line(format!("{before}{line:<room$} {time:>TIME$}{mark}").trim_end());
    }
}

fn sums(ui: &Ui, model: &Model, flow: &Timed<'_>) {
    let path = flow.path;
    let least =
        if path.known { "" } else { "at least: how often it, or what is behind it, runs is not said" };
    row(ui, (2, "in all", least), &show_us(path.sum.total()), "");
    if let (Some(own), Some((calendar, _))) = (path.own, flow.lag.and_then(|lag| lag.calendar)) {
        let said = format!("of the open hours of {}", escape::line(&model.calendar(calendar).name));
        row(ui, (2, "counted", &said), &show_us(own.total()), "");
    }
    match flow.target() {
        Some((target, _)) => row(ui, (2, "target", verdict(flow)), &show_us(target), ""),
        None => row(ui, (2, "target", "none: `lag` does not say one"), "", ""),
    }
    if path.cut {
        row(ui, (2, "circle", "flows feed each other here; what comes round again is left out"), "", "");
    }
    if let Some(direct) = &path.direct {
        let name = |id| escape::line(&model.system(id).name).into_owned();
        let said = format!(
            "sales in {} reach {} up to {} later by their own road; no part of the sum",
            name(direct.from),
            name(direct.to),
            show_duration(direct.within)
        );
        row(ui, (2, "beside", &said), "", "");
    }
}

/// Whether the target is kept.
fn verdict(flow: &Timed<'_>) -> &'static str {
    let target = flow.target().map_or(0, |(target, _)| target);
    let over = flow.path.judged().total() > target;
    match flow.missed() {
        Some(Missed::Surely) => "missed, whatever changes",
        Some(Missed::Expected) => "missed, if as much changes as expected",
        None if flow.window_breaks().is_some() => "missed by raises that wait for a window",
        None if over => "missed by what waits",
        None if !flow.path.known => "kept by what is known",
        None => "kept",
    }
}

#[derive(Serialize)]
struct Lags<'m> {
    format: &'static str,
    retries_counted: bool,
    flows: Vec<Flow<'m>>,
}

/// One flow; times in microseconds.
#[derive(Serialize)]
struct Flow<'m> {
    flow: &'m str,
    way: &'static str,
    system: &'m str,
    target_us: Option<u64>,
    calendar: Option<&'m str>,
    terms: Vec<Row<'m>>,
    longest: Option<usize>,
    sum: Parts,
    counted: Parts,
    known: bool,
    cut: bool,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Row<'m> {
    term: &'static str,
    system: Option<&'m str>,
    slowest_of: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<Asked>,
    #[serde(flatten)]
    time: Parts,
}

#[derive(Serialize)]
struct Asked {
    rows: u64,
    size: u64,
    count: u64,
    each_us: u64,
}

#[derive(Serialize)]
struct Parts {
    sure_us: u64,
    expected_us: u64,
    waits_us: u64,
    total_us: u64,
}

/// One JSON object, with a line break at its end. A flow behind a flow is named, and has its own entry.
pub fn json(ui: &Ui, model: &Model, graph: &Graph) {
    let flows = timed(model, graph);
    let flows = flows.iter().map(|flow| Flow {
        flow: flow.name,
        way: if flow.collects { "collects" } else { "publishes" },
        system: &model.system(flow.system).name,
        target_us: flow.target().map(|(target, _)| whole(target)),
        calendar: flow.lag.and_then(|lag| lag.calendar).map(|(id, _)| &*model.calendar(id).name),
        terms: flow.path.terms.iter().map(|term| data(model, term)).collect(),
        longest: flow.path.terms.iter().position(|term| Some(term) == flow.path.dominant()),
        sum: parts(&flow.path.sum),
        counted: parts(&flow.path.judged()),
        known: flow.path.known,
        cut: flow.path.cut,
        verdict: if flow.target().is_some() { verdict(flow) } else { "no target" },
    });
    let lags = Lags { format: "onhand.lag/1", retries_counted: false, flows: flows.collect() };
    let text = serde_json::to_string_pretty(&lags).expect("names, numbers and lists always serialize");
    ui.result(&(text + "\n"));
}

fn data<'m>(model: &'m Model, term: &Term) -> Row<'m> {
    let asked = term.requests.filter(|_| term.what != What::Upstream);
    Row {
        term: word(term.what),
        system: term.system.map(|id| &*model.system(id).name),
        slowest_of: term.among,
        flow: term.flow.map(|id| &*model.flow(id).name),
        requests: asked.map(|own| Asked {
            rows: own.rows,
            size: own.size,
            count: own.count,
            each_us: own.each_us,
        }),
        time: parts(&term.sum),
    }
}

fn parts(sum: &Sum) -> Parts {
    Parts {
        sure_us: whole(sum.sure),
        expected_us: whole(sum.expected),
        waits_us: whole(sum.waits),
        total_us: whole(sum.total()),
    }
}

fn whole(us: u128) -> u64 {
    u64::try_from(us).unwrap_or(u64::MAX)
}

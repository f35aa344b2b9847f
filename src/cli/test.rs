//! `onhand test`: the tests that a topology holds, run offline.

use super::exit::Exit;
use super::topology::load_with_sources;
use super::ui::Ui;
use crate::diagnostic::render::{Options, finding};
use crate::diagnostic::{escape, nearest};
use crate::model::test::Test;
use crate::plan::render::figures;
use crate::plan::test::{Bench, Failure, Got};
use crate::source::{Sources, Span};
use crate::world::World;
use serde_json::{Map, Value, json};

/// What `test` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// Only tests whose name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the results are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// What failed, with its place and its sum
    Human,
    /// One JSON object a test, then a summary
    Json,
}

/// Runs the tests of a topology.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let (topology, sources) = match load_with_sources(ui, world, args.dir.as_deref()) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let all = &topology.model.tests;
    let filter = args.filter.as_deref().unwrap_or("");
    let chosen: Vec<&Test> = all.iter().filter(|test| test.name.contains(filter)).collect();
    if chosen.is_empty() && !all.is_empty() {
        let near = nearest(filter, all.iter().map(|test| &*test.name));
        let hint = near.map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
        let filter = escape::line(filter);
        let todo = format!("{hint}Without `--filter` all {} of them run.", all.len());
        ui.error(&format!("no test has `{filter}` in its name"), &todo);
        return Exit::Wrong;
    }
    let bench = Bench::new(&topology.model, &topology.graph);
    let mut failed = 0;
    for test in &chosen {
        let failures = bench.run(test);
        failed += usize::from(!failures.is_empty());
        match args.format {
            Format::Human => show(ui, &sources, test, &failures),
            Format::Json => ui.result(&json_line(&object(&sources, test, &failures))),
        }
    }
    let passed = chosen.len() - failed;
    match args.format {
        Format::Json => {
            let summary = json!({"tests": chosen.len(), "passed": passed, "failed": failed});
            ui.result(&json_line(&json!({ "summary": summary })));
        }
        Format::Human if all.is_empty() => ui.paragraph(
            "The topology has no tests. A `test` node gives counts, and says which ones must come out: \
             docs/language.md shows one.",
        ),
        Format::Human => {
            let noun = if chosen.len() == 1 { "test" } else { "tests" };
            ui.line(&format!("{} {noun}: {passed} passed, {failed} failed", chosen.len()));
        }
    }
    if failed > 0 { Exit::Wrong } else { Exit::Done }
}

/// Prints what failed in a test.
fn show(ui: &Ui, sources: &Sources, test: &Test, failures: &[Failure]) {
    let options = Options { width: ui.width, colour: ui.colour, unicode: ui.unicode };
    if !failures.is_empty() {
        let (file, line) = place(sources, test.origin);
        ui.line(&ui.bold(&escape::line(&format!("{} ({file}:{line})", test.name))));
    }
    for failure in failures {
        ui.result(&finding(&failure.finding, sources, options).0);
        if let Some(told) = &failure.told {
            let narrow = Options { width: ui.width.saturating_sub(2), ..options };
            figures(told, narrow).lines().for_each(|line| ui.result(&format!("  {line}\n")));
        }
        ui.result("\n");
    }
}

fn object(sources: &Sources, test: &Test, failures: &[Failure]) -> Value {
    let (file, line) = place(sources, test.origin);
    let failed: Vec<Value> = failures.iter().map(|failure| failed(sources, failure)).collect();
    json!({
        "test": &*test.name, "file": file, "line": line, "passed": failures.is_empty(), "failures": failed,
    })
}

fn failed(sources: &Sources, failure: &Failure) -> Value {
    let span = failure.finding.primary.span;
    let (file, line) = place(sources, span);
    let mut object = Map::new();
    object.insert("file".to_owned(), json!(file));
    object.insert("line".to_owned(), json!(line));
    object.insert("column".to_owned(), json!(sources.position(span).column));
    object.insert("message".to_owned(), json!(failure.finding.message));
    if let Some((expected, got)) = failure.counts {
        object.insert("expected".to_owned(), word(expected));
        object.insert("got".to_owned(), word(got));
    }
    if let Some(told) = &failure.told {
        let told = serde_json::to_value(told).expect("an explanation holds texts and whole numbers only");
        let known = ["flow", "system", "location", "item", "code", "quantity", "unit", "notes", "sum"];
        let known = known.iter().filter_map(|name| Some(((*name).to_owned(), told.get(name)?.clone())));
        object.extend(known);
    }
    Value::Object(object)
}

fn word(got: Got) -> Value {
    match got {
        Got::Count(count) => json!(count),
        Got::Held => json!("held"),
        Got::Failed => json!("failed"),
    }
}

fn json_line(value: &Value) -> String {
    format!("{}\n", escape::json(&value.to_string()))
}

fn place(sources: &Sources, span: Span) -> (&str, u32) {
    (sources.file(span.source).name(), sources.position(span).line)
}

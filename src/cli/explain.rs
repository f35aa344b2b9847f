//! `onhand explain`: a rule's page, or the sum behind one published number.

use super::exit::Exit;
use super::reading::{read, sessions};
use super::select::unknown;
use super::store::open_existing;
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::check::pages;
use crate::count::{Counter, Explained};
use crate::diagnostic::{code, escape, nearest};
use crate::model::item::Thing;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::model::{BundleId, CodeId, FlowId, ItemId, LocationId, Model, SystemId};
use crate::plan::change::Step;
use crate::plan::steps;
use crate::world::World;
use serde_json::json;
use std::fmt::Write;
use std::rc::Rc;

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule (owner-gap), or a number: ITEM@SYSTEM or ITEM@SYSTEM/LOCATION
    what: String,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How a number is explained
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One cell a line, for programs
    Json,
}

/// Explains a rule or a number.
pub async fn run(args: &Args, ui: &Ui, world: World) -> Exit {
    match args.what.split_once('@') {
        Some((item, place)) => match number(args, ui, world, (item, place)).await {
            Ok(exit) | Err(exit) => exit,
        },
        None => rule(&args.what, ui),
    }
}

fn rule(slug: &str, ui: &Ui) -> Exit {
    if let Some(page) = pages::page(slug) {
        ui.result(page);
        return Exit::Done;
    }
    let near = nearest(slug, code::ALL.iter().map(|rule| rule.slug));
    let hint = near.map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
    let slug: String = slug.escape_debug().collect();
    let todo = format!("{hint}A number is named as ITEM@SYSTEM/LOCATION.");
    ui.error(&format!("there is no rule `{slug}`"), &todo);
    Exit::Wrong
}

/// One cell of a target that a flow publishes.
type Cell = (FlowId, CodeId, LocationId);

async fn number(args: &Args, ui: &Ui, world: World, named: (&str, &str)) -> Result<Exit, Exit> {
    let topology = load(ui, &world, args.dir.as_deref())?;
    let cells = cells(ui, &topology.model, named)?;
    let world = Rc::new(world);
    let mut flows: Vec<FlowId> = cells.iter().map(|(flow, _, _)| *flow).collect();
    flows.dedup();
    let mut store = open_existing(ui, &world, &topology).await?;
    let mut sessions = sessions(&topology, &world, false);
    let observed = read(ui, &topology, &mut sessions, store.as_mut(), &flows).await?;
    for (system, why) in &observed.unreadable {
        let name = &topology.model.system(*system).name;
        ui.error(&format!("`{name}` could not be read: {}", why.message()), "");
    }
    show(args, ui, &topology, (&cells, &observed.observations), Moment(world.clock.now_ms()));
    Ok(if observed.unreadable.is_empty() { Exit::Done } else { Exit::Unreachable })
}

fn show(args: &Args, ui: &Ui, topology: &Topology, (cells, seen): (&[Cell], &Observations), now: Moment) {
    let (model, graph) = (&*topology.model, &*topology.graph);
    let counter = Counter::new(model, graph, seen, now);
    let explained = cells.iter().filter_map(|(flow, code, place)| counter.explain(*flow, *code, *place));
    for (at, explained) in explained.enumerate() {
        match args.format {
            Format::Json => ui.line(&json_line(model, &explained)),
            Format::Human => {
                if at > 0 {
                    ui.line("");
                }
                ui.result(&human(ui, model, &explained));
            }
        }
    }
}

/// The cells that `ITEM@SYSTEM[/LOCATION]` names; none ends the command with what is known instead.
fn cells(ui: &Ui, model: &Model, (item, place): (&str, &str)) -> Result<Vec<Cell>, Exit> {
    let (system, location) = match place.split_once('/') {
        Some((system, location)) => (system, Some(location)),
        None => (place, None),
    };
    let system = model.systems.iter().position(|known| *known.name == *system).map(SystemId::at);
    let Some(system) = system else {
        let names = model.systems.iter().map(|known| &known.name);
        return Err(unknown(ui, "system", place.split('/').next().unwrap_or(place), names));
    };
    let place = location.map(|name| {
        let found = model.locations.iter().position(|known| *known.name == *name).map(LocationId::at);
        found.ok_or_else(|| unknown(ui, "location", name, model.locations.iter().map(|known| &known.name)))
    });
    let place = place.transpose()?;
    let codes = codes(ui, model, system, item)?;
    let mut cells = Vec::new();
    for (at, flow) in model.flows.iter().enumerate().filter(|(_, flow)| flow.to == system) {
        for code in codes.iter().filter(|code| flow.things.contains(model.code(**code).thing)) {
            let here = flow.at.iter().map(|(location, _)| *location);
            let only = model.code(*code).at;
            let here = here.filter(|location| place.is_none_or(|place| place == *location));
            let here = here.filter(|location| only.is_none_or(|only| only == *location));
            cells.extend(here.map(|location| (FlowId::at(at), *code, location)));
        }
    }
    if cells.is_empty() {
        let what = format!("no flow publishes `{}` there", item.escape_debug());
        ui.error(&what, "`onhand graph` shows what is published where.");
        return Err(Exit::Wrong);
    }
    Ok(cells)
}

/// The codes of an item or bundle in a system, by the topology's name or by the code itself.
fn codes(ui: &Ui, model: &Model, system: SystemId, name: &str) -> Result<Vec<CodeId>, Exit> {
    let item = model.items.iter().position(|item| *item.name == *name).map(|at| Thing::Item(ItemId::at(at)));
    let bundle = || model.bundles.iter().position(|bundle| *bundle.name == *name);
    if let Some(thing) = item.or_else(|| bundle().map(|at| Thing::Bundle(BundleId::at(at)))) {
        return Ok(model.codes_of_thing(system, thing).map(CodeId).collect());
    }
    if let Some(code) = model.find_code(system, name) {
        return Ok(vec![code]);
    }
    let names = model.items.iter().map(|item| &item.name).chain(model.bundles.iter().map(|b| &b.name));
    Err(unknown(ui, "item or bundle", name, names))
}

fn json_line(model: &Model, explained: &Explained) -> String {
    let code = model.code(explained.code);
    json!({
        "flow": &*model.flow(explained.flow).name, "system": &*model.system(code.system).name,
        "location": &*model.location(explained.location).name, "item": &**model.thing_name(code.thing),
        "code": &*code.code, "unit": &*code.unit, "before": explained.verdict.before(),
        "after": explained.after, "written": explained.written, "notes": explained.notes,
        "sum": steps(model, explained),
    })
    .to_string()
}

fn human(ui: &Ui, model: &Model, explained: &Explained) -> String {
    let code = model.code(explained.code);
    let place = &model.location(explained.location).name;
    let title = format!("{}@{}/{place}", model.thing_name(code.thing), model.system(code.system).name);
    let title = escape::line(&title).into_owned();
    let flow = &model.flow(explained.flow).name;
    let mut text = format!("{}  (code {}, flow {flow})\n", ui.bold(&title), escape::line(&code.code));
    for step in steps(model, explained) {
        tell(&mut text, &step, 1);
    }
    let unit = escape::line(&code.unit);
    let number = |n: Option<i64>| n.map_or_else(|| "nothing".to_owned(), |n| format!("{n} {unit}"));
    let _ = writeln!(
        text,
        "  is to show {}; shows {} now",
        number(explained.after),
        number(explained.verdict.before())
    );
    for note in &explained.notes {
        let _ = writeln!(text, "  {}", escape::line(note));
    }
    text
}

/// One step as one line, with its parts above it, indented.
fn tell(text: &mut String, step: &Step, depth: usize) {
    let pad = "  ".repeat(depth);
    let from = |from: &Option<String>, at: &Option<String>| {
        let from = from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
        from + &at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default()
    };
    let line = match step {
        Step::Plus { plus, from: f, at, value } => format!("{value:>8}  {plus}{}", from(f, at)),
        Step::Minus { minus, from: f, at, lines, value } => {
            let lines = if lines.is_empty() { String::new() } else { format!(" ({})", lines.join(", ")) };
            format!("{:>8}  {minus}{}{lines}", format!("-{value}"), from(f, at))
        }
        Step::KeepBack { keep_back, value } => format!("{:>8}  kept back ({keep_back})", format!("-{value}")),
        Step::Divide { divide, value } => {
            format!("{value:>8}  its share: {} of {}", divide.weight, divide.of)
        }
        Step::Per { per, parts, value } => {
            let _ = writeln!(text, "{pad}{} of {}:", per.quantity, escape::line(&per.item));
            parts.iter().for_each(|part| tell(text, part, depth + 1));
            format!("{value:>8}  kits from it")
        }
        Step::Least { least, value } => format!("{value:>8}  limited by {least}"),
        Step::Pool { pool, parts, value } => {
            let _ = writeln!(text, "{pad}at {pool}:");
            parts.iter().for_each(|part| tell(text, part, depth + 1));
            format!("{value:>8}  from {pool}")
        }
        Step::Clamp { value, .. } => format!("{value:>8}  never below 0"),
        Step::Unit { unit, ratio, value } => format!("{value:>8}  in {unit} of {ratio}"),
        Step::Cap { cap, value } => format!("{value:>8}  capped at {cap}"),
        Step::Bridge { bridge, value } => {
            format!(
                "{:>8}  {bridge}, which the target takes off by itself: written on top",
                format!("+{value}")
            )
        }
    };
    let _ = writeln!(text, "{pad}{}", escape::line(&line));
}

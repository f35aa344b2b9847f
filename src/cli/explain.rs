//! `onhand explain`: a rule's page, or the sum behind one published number.

use super::drift;
use super::exit::Exit;
use super::keep;
use super::reading::{read_booked, sessions, standing};
use super::select::unknown;
use super::store::{open_existing, refuse};
use super::topology::{Topology, load};
use super::ui::Ui;
use crate::check::pages;
use crate::diagnostic::render::Options;
use crate::diagnostic::{code, escape, nearest};
use crate::model::item::Thing;
use crate::model::time::Moment;
use crate::model::{BundleId, CodeId, FlowId, ItemId, Model, SystemId};
use crate::plan::explain::{self, Cell, Explanation};
use crate::plan::render;
use crate::report::drift::{Ask, Drifts, human};
use crate::report::keep::Advice;
use crate::world::World;
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
        ui.result(&ui.fold(page));
        return Exit::Done;
    }
    let near = nearest(slug, code::ALL.iter().map(|rule| rule.slug));
    let hint = near.map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
    let slug: String = slug.escape_debug().collect();
    let todo = format!("{hint}A number is named as ITEM@SYSTEM/LOCATION.");
    ui.error(&format!("there is no rule `{slug}`"), &todo);
    Exit::Wrong
}

async fn number(args: &Args, ui: &Ui, world: World, named: (&str, &str)) -> Result<Exit, Exit> {
    let topology = load(ui, &world, args.dir.as_deref())?;
    let cells = cells(ui, &topology, named)?;
    let world = Rc::new(world.writing_only(None));
    let mut flows: Vec<FlowId> = cells.iter().map(|(flow, _, _)| *flow).collect();
    flows.dedup();
    let mut store = open_existing(ui, &world, &topology).await?;
    let mut sessions = sessions(ui, &topology, &world, false);
    let (observed, books) = read_booked(ui, &topology, &mut sessions, store.as_mut(), &flows).await?;
    for (system, why) in &observed.unreadable {
        let name = &topology.model.system(*system).name;
        ui.error(&format!("`{name}` could not be read: {}", why.message()), "");
    }
    let (model, graph) = (&*topology.model, &*topology.graph);
    let now = Moment(world.clock.now_ms());
    let standing = standing(ui, store.as_mut(), (&topology, now)).await?;
    let told = explain::explain(model, graph, &observed.observations, (now, &standing), &cells);
    let asked: Vec<Ask> =
        cells.iter().zip(&told).map(|(cell, one)| Ask { cell: *cell, wanted: one.after }).collect();
    let drifts = drift::look(store.as_mut(), &topology, (&observed, &books), &asked).await;
    let drifts = drifts.map_err(|error| refuse(ui, &error))?;
    let advice = keep::advise(ui, store.as_mut(), (&topology, now), &cells).await?;
    let both = told.iter().zip(&drifts);
    match args.format {
        Format::Json => {
            both.zip(&advice).for_each(|(one, advice)| ui.result(&json_line(one, advice)));
        }
        Format::Human => {
            let options = Options { width: ui.width, colour: ui.colour, unicode: ui.unicode };
            let page = |(told, drifts): (&Explanation, &Drifts)| {
                render::explanations(std::slice::from_ref(told), options) + &human::drifts(drifts, options)
            };
            ui.result(&both.map(page).collect::<Vec<String>>().join("\n"));
            keep::tell(ui, &advice);
        }
    }
    Ok(if observed.unreadable.is_empty() { Exit::Done } else { Exit::Unreachable })
}

/// An explanation as programs read it; `drift` is left out where nothing differs, or nothing is known.
#[derive(serde::Serialize)]
struct Line<'l> {
    #[serde(flatten)]
    told: &'l Explanation,
    keep_back: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Drifts::is_empty")]
    drift: &'l Drifts,
}

fn json_line((told, drift): (&Explanation, &Drifts), advice: &[Advice]) -> String {
    let line = Line { told, keep_back: advice.iter().map(keep::data).collect(), drift };
    let json = serde_json::to_string(&line).expect("an explanation holds texts and whole numbers only");
    format!("{}\n", escape::json(&json))
}

/// The cells that `ITEM@SYSTEM[/LOCATION]` names; none ends the command with what is known instead.
fn cells(ui: &Ui, topology: &Topology, (item, place): (&str, &str)) -> Result<Vec<Cell>, Exit> {
    let model = &*topology.model;
    let (name, location) = match place.split_once('/') {
        Some((system, location)) => (system, Some(location)),
        None => (place, None),
    };
    let system = model.systems.iter().position(|known| *known.name == *name).map(SystemId::at);
    let Some(system) = system else {
        let names = model.systems.iter().map(|known| &known.name);
        return Err(unknown(ui, "system", name, names));
    };
    let place = location.map(|name| {
        let found = model.location_named(name);
        found.ok_or_else(|| unknown(ui, "location", name, model.locations.iter().map(|known| &known.name)))
    });
    let (thing, only) = thing(ui, model, system, item)?;
    let mut cells = explain::cells(model, &topology.graph, (thing, system), place.transpose()?);
    // Where the target cannot take it, `check` says so, and there is nothing to explain.
    let takes = |flow: FlowId| model.flow(flow).write.is_some();
    cells.retain(|(flow, code, _)| takes(*flow) && only.is_none_or(|only| only == *code));
    if cells.is_empty() {
        let at = location.map(|name| format!(" at `{name}`")).unwrap_or_default();
        let what = format!("no flow publishes `{item}` to `{name}`{at}");
        ui.error(&what, "`onhand graph` shows what is published where.");
        return Err(Exit::Wrong);
    }
    Ok(cells)
}

/// An item or bundle by the topology's name, with all of its codes; or by one code, with that one only.
fn thing(ui: &Ui, model: &Model, system: SystemId, name: &str) -> Result<(Thing, Option<CodeId>), Exit> {
    let item = model.items.iter().position(|item| *item.name == *name).map(|at| Thing::Item(ItemId::at(at)));
    let bundle = || model.bundles.iter().position(|bundle| *bundle.name == *name);
    if let Some(thing) = item.or_else(|| bundle().map(|at| Thing::Bundle(BundleId::at(at)))) {
        return Ok((thing, None));
    }
    if let Some(code) = model.find_code(system, name) {
        return Ok((model.code(code).thing, Some(code)));
    }
    let names = model.items.iter().map(|item| &item.name).chain(model.bundles.iter().map(|b| &b.name));
    Err(unknown(ui, "item or bundle", name, names))
}

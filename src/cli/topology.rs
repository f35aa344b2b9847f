//! Loading a topology for a command: find the folder, compile, show what is wrong.

use super::exit::Exit;
use super::folder::{OnDisk, ROOT, find, repository};
use super::ui::Ui;
use crate::check::Scene;
use crate::compile::{Compiled, Inputs, compile};
use crate::connectors::KINDS;
use crate::diagnostic::{Severity, escape, render};
use crate::graph::Graph;
use crate::model::Model;
use crate::model::time::Moment;
use crate::source::Sources;
use crate::source::path::{folder_of, join, tidy};
use crate::world::World;
use std::rc::Rc;

/// A topology that can be worked with.
pub struct Topology {
    /// Its folder.
    pub dir: String,
    /// Its meaning.
    pub model: Rc<Model>,
    /// Its graph.
    pub graph: Rc<Graph>,
}

/// The folder of a topology; where there is none, the one that was meant, and a word on where it was looked
/// for.
pub fn locate(ui: &Ui, world: &World, dir: Option<&str>) -> String {
    find(world, dir).unwrap_or_else(|| {
        let start = dir.unwrap_or(".");
        let place = escape::line(&world.files.canonical(start)).into_owned();
        let above = if dir.is_none() { " and in every folder above it" } else { "" };
        ui.talk(&format!("looked for `{ROOT}` in {place}{above}"));
        start.to_owned()
    })
}

/// Compiles the topology of a folder; a folder without one gives the finding that says so.
pub fn compile_dir(ui: &Ui, world: &World, dir: Option<&str>) -> (String, Compiled) {
    let dir = locate(ui, world, dir);
    let compiled = with_inputs(world, &dir, compile);
    (dir, compiled)
}

/// Does something with what a compilation of a folder starts from.
pub fn with_inputs<T>(world: &World, dir: &str, then: impl FnOnce(&Inputs<'_>) -> T) -> T {
    let folder = OnDisk { world, dir: dir.to_owned() };
    let env = |name: &str| world.env.get(name);
    let thrown_away = |path: &str| thrown_away(world, dir, path);
    let scene = Scene { now: Moment(world.clock.now_ms()), thrown_away: &thrown_away };
    then(&Inputs { folder: &folder, root: ROOT, kinds: KINDS, env: &env, scene })
}

/// Whether a path of a topology lies in a checkout that is gone after the job: in a pipeline (`CI` is set),
/// below a folder with `.git`.
pub fn thrown_away(world: &World, dir: &str, path: &str) -> bool {
    let off = |value: String| value.is_empty() || value == "false" || value == "0";
    if world.env.get("CI").is_none_or(off) {
        return false;
    }
    // The file itself need not exist yet, so its path is made plain as text.
    let whole = tidy(&join(&world.files.canonical(dir), path));
    folder_of(&whole).is_some_and(|folder| repository(world, folder).is_some())
}

/// Loads a topology: errors are shown and end the command with status 1,
/// warnings are counted in one line, since `check` is the place to read them.
pub fn load(ui: &Ui, world: &World, dir: Option<&str>) -> Result<Topology, Exit> {
    load_with_sources(ui, world, dir).map(|(topology, _)| topology)
}

/// The same with the text that it was compiled from.
pub fn load_with_sources(ui: &Ui, world: &World, dir: Option<&str>) -> Result<(Topology, Sources), Exit> {
    let (dir, compiled) = compile_dir(ui, world, dir);
    if compiled.has_errors() {
        tell_errors(ui, compiled);
        return Err(Exit::Wrong);
    }
    let warnings = compiled.diagnostics.len();
    if warnings > 0 {
        let (noun, them) = if warnings == 1 { ("warning", "it") } else { ("warnings", "them") };
        ui.talk(&format!("{warnings} {noun} in the topology; `onhand check` shows {them}"));
    }
    let topology = Topology { dir, model: Rc::new(compiled.model), graph: Rc::new(compiled.graph) };
    Ok((topology, compiled.sources))
}

/// Shows the errors of a topology.
pub fn tell_errors(ui: &Ui, mut compiled: Compiled) {
    compiled.diagnostics.retain(|found| found.severity == Severity::Error);
    let options = render::Options { width: ui.width, colour: ui.colour_err, unicode: ui.unicode };
    ui.talk(render::human(&compiled.diagnostics, &compiled.sources, options).trim_end());
}

//! Loading a topology for a command: find the folder, compile, show what is wrong.

use super::exit::Exit;
use super::folder::{OnDisk, ROOT, find};
use super::ui::Ui;
use crate::compile::{Compiled, Inputs, compile};
use crate::connectors::KINDS;
use crate::diagnostic::{Severity, escape, render};
use crate::graph::{self, Graph};
use crate::model::Model;
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

/// Compiles the topology of a folder; a folder without one gives the finding that says so, and a word on
/// where it was looked for.
pub fn compile_dir(ui: &Ui, world: &World, dir: Option<&str>) -> (String, Compiled) {
    let dir = find(world, dir).unwrap_or_else(|| {
        let start = dir.unwrap_or(".");
        let place = escape::line(&world.files.canonical(start)).into_owned();
        let above = if dir.is_none() { " and in every folder above it" } else { "" };
        ui.talk(&format!("looked for `{ROOT}` in {place}{above}"));
        start.to_owned()
    });
    let folder = OnDisk { world, dir: dir.clone() };
    let env = |name: &str| world.env.get(name);
    let compiled = compile(&Inputs { folder: &folder, root: ROOT, kinds: KINDS, env: &env });
    (dir, compiled)
}

/// Loads a topology to plan or apply it: errors are shown and end the command with status 1, warnings
/// are counted in one line, since `check` is the place to read them.
pub fn load(ui: &Ui, world: &World, dir: Option<&str>) -> Result<Topology, Exit> {
    let (dir, compiled) = compile_dir(ui, world, dir);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        compiled.diagnostics.into_iter().partition(|found| found.severity == Severity::Error);
    if !errors.is_empty() {
        let options = render::Options { width: ui.width, colour: ui.colour_err, unicode: ui.unicode };
        ui.talk(render::human(&errors, &compiled.sources, options).trim_end());
        return Err(Exit::Wrong);
    }
    if !warnings.is_empty() {
        let (noun, them) = if warnings.len() == 1 { ("warning", "it") } else { ("warnings", "them") };
        ui.talk(&format!("{} {noun} in the topology; `onhand check` shows {them}", warnings.len()));
    }
    let graph = graph::build(&compiled.model);
    Ok(Topology { dir, model: Rc::new(compiled.model), graph: Rc::new(graph) })
}

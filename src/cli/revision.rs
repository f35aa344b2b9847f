//! Revisions of a topology: a folder as it stands, or as git keeps it. The working tree is never touched.

use super::exit::Exit;
use super::folder::{ROOT, find};
use super::topology::{Topology, compile_dir, thrown_away};
use super::ui::Ui;
use crate::check::Scene;
use crate::compile::{Compiled, Inputs, compile};
use crate::connectors::KINDS;
use crate::diagnostic::{Diagnostic, Severity, escape, render};
use crate::graph;
use crate::model::time::Moment;
use crate::plan::revisions::Named;
use crate::source::path::inside;
use crate::source::{Entry, Folder, Sources};
use crate::world::World;
use crate::world::git::{GitError, Repository, Tree};
use std::cell::RefCell;
use std::rc::Rc;

/// Where a revision is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In a folder, as it stands; `None` for the nearest topology.
    Folder(Option<String>),
    /// In git.
    Git(String),
}

/// One revision, compiled without an error.
pub struct Revision {
    /// Its names.
    pub named: Named,
    /// Its meaning.
    pub topology: Topology,
    /// What was found in it: warnings only.
    pub diagnostics: Vec<Diagnostic>,
    /// Its files.
    pub sources: Sources,
}

/// A revision on its way: where it was found, and what came of it.
pub struct Loaded {
    named: Named,
    dir: String,
    compiled: Compiled,
}

/// Compiles a revision of the topology in `dir`.
pub fn load(ui: &Ui, world: &World, dir: Option<&str>, source: &Source) -> Result<Loaded, Exit> {
    match source {
        Source::Folder(own) => {
            let (dir, compiled) = compile_dir(ui, world, own.as_deref().or(dir));
            let revision = own.clone().unwrap_or_else(|| "the working tree".to_owned());
            let topology = compiled.model.digest.clone();
            Ok(Loaded { named: Named { revision, commit: None, topology }, dir, compiled })
        }
        Source::Git(revision) => {
            let dir = find(world, dir).unwrap_or_else(|| dir.unwrap_or(".").to_owned());
            let opened = Repository::of(&dir).and_then(|repository| {
                let tree = repository.open(revision)?;
                Ok((repository.prefix, tree))
            });
            let (prefix, tree) = opened.map_err(|error| refuse(ui, (&dir, revision), &error))?;
            let commit = Some(tree.commit().to_owned());
            let folder = InGit { world, prefix, tree: RefCell::new(tree) };
            let env = |name: &str| world.env.get(name);
            let thrown_away = |path: &str| thrown_away(world, &dir, path);
            let scene = Scene { now: Moment(world.clock.now_ms()), thrown_away: &thrown_away };
            let compiled = compile(&Inputs { folder: &folder, root: ROOT, kinds: KINDS, env: &env, scene });
            let topology = compiled.model.digest.clone();
            Ok(Loaded { named: Named { revision: revision.clone(), commit, topology }, dir, compiled })
        }
    }
}

/// Says why a revision cannot be read.
fn refuse(ui: &Ui, (dir, revision): (&str, &str), error: &GitError) -> Exit {
    let (dir, revision) = (escape::line(dir), escape::line(revision));
    let (what, todo) = match error {
        GitError::NoGit(why) => (
            format!("revisions are read by git, which cannot be run: {why}"),
            "Install git, or name two folders with --a DIR --b DIR.",
        ),
        GitError::NoRepository(why) => (
            format!("`{dir}` lies in no git repository that can be read: {why}"),
            "Run this inside the repository, or name two folders with --a DIR --b DIR.",
        ),
        GitError::NoRevision => (
            format!("git knows no revision `{revision}` here"),
            "Name a branch, a tag or a commit that is here; a shallow clone must fetch it first \
             (`git fetch origin REV`).",
        ),
        GitError::Other(why) => (format!("git cannot read `{revision}`: {why}"), ""),
    };
    ui.error(&what, todo);
    Exit::Wrong
}

impl Loaded {
    /// Shows the revision's errors, where it has any; answers whether it has.
    pub fn show_errors(&self, ui: &Ui) -> bool {
        let errors = self.compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let errors: Vec<Diagnostic> = errors.cloned().collect();
        if errors.is_empty() {
            return false;
        }
        let what = match errors.len() {
            1 => format!("{} has an error, so it cannot be compared:", self.named.revision),
            more => format!("{} has {more} errors, so it cannot be compared:", self.named.revision),
        };
        ui.talk(&escape::line(&what));
        let options = render::Options { width: ui.width, colour: ui.colour_err, unicode: ui.unicode };
        ui.talk(render::human(&errors, &self.compiled.sources, options).trim_end());
        true
    }

    /// The revision, once it is known to have no errors.
    pub fn ready(self) -> Revision {
        let Compiled { sources, model, diagnostics, .. } = self.compiled;
        let graph = Rc::new(graph::build(&model));
        let topology = Topology { dir: self.dir, model: Rc::new(model), graph };
        Revision { named: self.named, topology, diagnostics, sources }
    }
}

/// A topology's folder in a git revision. What is named by an absolute path lies outside, and is read as it
/// stands.
struct InGit<'w> {
    world: &'w World,
    /// The folder's path from the root of the repository, with a `/` at its end where it is not that.
    prefix: String,
    tree: RefCell<Tree>,
}

impl InGit<'_> {
    /// A path from the root of the repository; `None` for one that leads out of it.
    fn inside(&self, path: &str) -> Option<String> {
        inside(&self.prefix, path)
    }
}

impl Folder for InGit<'_> {
    fn list(&self, dir: &str) -> Vec<Entry> {
        if dir.starts_with('/') {
            let entries = self.world.files.list(dir).unwrap_or_default();
            return entries
                .into_iter()
                .map(|entry| Entry { name: entry.name, is_dir: entry.is_dir })
                .collect();
        }
        let Some(path) = self.inside(dir) else { return Vec::new() };
        let entries = self.tree.borrow_mut().list(&path);
        entries.into_iter().map(|(name, is_dir)| Entry { name, is_dir }).collect()
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path.starts_with('/') {
            return self.world.files.read(path).map_err(|error| error.to_string());
        }
        let inside = self.inside(path).ok_or_else(|| "it lies outside of the repository".to_owned())?;
        self.tree.borrow_mut().read(&inside).map_err(|error| error.to_string())
    }

    fn canonical(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => self.world.files.canonical(path),
            false => self.inside(path).unwrap_or_else(|| path.to_owned()),
        }
    }
}

//! Compiles topologies on a thread of its own, so that a large catalog never keeps an editor waiting.

use super::text::{Lines, Units};
use crate::check::Scene;
use crate::compile::{Compiled, Inputs, compile_with_index};
use crate::model::capability::Descriptor;
use crate::model::time::Moment;
use crate::source::path::{folder_of, join, tidy};
use crate::source::{Entry, Folder, SourceId, Span};
use crate::world::{FileError, World};
use gen_lsp_types::Range;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::iter::successors;
use std::sync::Arc;

/// The name of a topology's root file.
pub const ROOT: &str = "onhand.kdl";

/// Texts that editors hold open, by their paths with links followed: they stand in for the files.
pub type Open = BTreeMap<String, Arc<str>>;

/// A topology to be compiled.
#[derive(Debug)]
pub struct Job {
    /// Its folder.
    pub dir: String,
    /// Which state of the texts this is: the number grows with every change.
    pub state: u64,
    /// What editors hold open.
    pub open: Open,
}

/// A topology that was compiled.
#[derive(Debug)]
pub struct Checked {
    /// Its folder.
    pub dir: String,
    /// Which state of the texts it was.
    pub state: u64,
    /// What came of it.
    pub compiled: Compiled,
    /// The path of each source, and the same with links followed.
    pub paths: Vec<(String, String)>,
    /// The lines of the sources that were asked for.
    lines: RefCell<BTreeMap<SourceId, Arc<Lines>>>,
}

impl Checked {
    /// The source of a path with links followed.
    pub fn source(&self, canonical: &str) -> Option<SourceId> {
        self.paths.iter().position(|(_, own)| own == canonical).map(|index| SourceId(index as u32))
    }

    /// Where a span stands in its file.
    pub fn range(&self, span: Span, units: Units) -> Range {
        let text = self.compiled.sources.file(span.source).text();
        let mut known = self.lines.borrow_mut();
        let lines = known.entry(span.source).or_insert_with(|| Arc::new(Lines::of(text)));
        lines.range(text, (span.start, span.end), units)
    }
}

/// Compiles one topology.
pub fn check(job: Job, kinds: &[&'static Descriptor], world: &World) -> Checked {
    let folder = Overlay { world, dir: &job.dir, open: &job.open };
    let env = |name: &str| world.env.get(name);
    // What is edited stays where it is, whatever pipelines do with their copies.
    let scene = Scene { now: Moment(world.clock.now_ms()), thrown_away: &|_| false };
    let inputs = Inputs { folder: &folder, root: ROOT, kinds, env: &env, scene };
    let compiled = compile_with_index(&inputs);
    let path = |name: &str| (folder.path(name), folder.canonical(name));
    let paths = compiled.sources.files().map(|(_, file)| path(file.name())).collect();
    let lines = RefCell::default();
    Checked { paths, compiled, lines, dir: job.dir, state: job.state }
}

/// The topology in a folder, or in the nearest above it; as the command line finds it, save that a root
/// which is open in an editor need not be saved.
pub fn find(folder: &str, open: &Open, world: &World) -> Option<String> {
    let has_root = |folder: &&str| {
        let root = join(folder, ROOT);
        let there = || !matches!(world.files.read(&root), Err(FileError::Missing));
        open.contains_key(&world.files.canonical(&root)) || there()
    };
    successors(Some(folder), |folder| folder_of(folder)).find(has_root).map(str::to_owned)
}

/// A topology's folder on disk, under the texts that editors hold open.
struct Overlay<'w> {
    world: &'w World,
    dir: &'w str,
    open: &'w Open,
}

impl Overlay<'_> {
    fn path(&self, inside: &str) -> String {
        tidy(&join(self.dir, inside))
    }
}

impl Folder for Overlay<'_> {
    fn list(&self, dir: &str) -> Vec<Entry> {
        let dir = self.path(dir);
        let own = self.world.files.list(&dir).unwrap_or_default();
        let mut entries: Vec<Entry> =
            own.into_iter().map(|entry| Entry { name: entry.name, is_dir: entry.is_dir }).collect();
        // A text that was never saved is a file as well.
        let inside = format!("{}/", self.world.files.canonical(&dir).trim_end_matches('/'));
        for path in self.open.keys() {
            let Some(rest) = path.strip_prefix(&inside) else { continue };
            let (name, is_dir) = rest.split_once('/').map_or((rest, false), |(name, _)| (name, true));
            if !entries.iter().any(|entry| entry.name == name) {
                entries.push(Entry { name: name.to_owned(), is_dir });
            }
        }
        entries.sort();
        entries
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.open.get(&self.canonical(path)) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.world.files.read(&self.path(path)).map_err(|error| error.to_string()),
        }
    }

    fn canonical(&self, path: &str) -> String {
        self.world.files.canonical(&self.path(path))
    }
}

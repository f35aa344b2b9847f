//! What lies on the editor's desk: open texts, the topologies they belong to, and how fresh each check is.

use super::checker::{Checked, Job, Open, find};
use super::path::{path_of, uri_of};
use super::publish;
use super::text::{Text, Units};
use crate::model::capability::Descriptor;
use crate::source::SourceId;
use crate::source::path::{folder_of, tidy};
use crate::world::World;
use gen_lsp_types::{Diagnostic, Location, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// A text that an editor holds open.
pub struct Doc {
    /// As the editor names it.
    pub uri: String,
    /// Its path; empty for a text that is no file.
    pub path: String,
    /// Its path with links followed.
    pub canonical: String,
    /// The editor's number of this state.
    pub version: i32,
    /// The text.
    pub text: Text,
    /// The folder of the topology above it.
    pub root: Option<String>,
}

/// A topology that is watched.
#[derive(Default)]
struct Root {
    /// The state of the desk at the last change that concerns it.
    changed: u64,
    /// Whether such a change waits to be compiled.
    dirty: bool,
    /// The last compilation.
    checked: Option<Rc<Checked>>,
    /// What was published for it, by file.
    shown: BTreeMap<String, Vec<Diagnostic>>,
}

/// All of it.
pub struct Desk {
    /// In which units the client counts.
    pub units: Units,
    /// Every kind of system.
    pub kinds: &'static [&'static Descriptor],
    /// The way to files.
    world: World,
    docs: BTreeMap<String, Doc>,
    folders: BTreeSet<String>,
    roots: BTreeMap<String, Root>,
    /// What was published for texts that belong to no topology.
    alone: BTreeMap<String, Vec<Diagnostic>>,
    /// Texts whose findings outside any topology are not known yet.
    unread: BTreeSet<String>,
    state: u64,
}

impl Desk {
    /// An empty desk.
    pub fn new(kinds: &'static [&'static Descriptor], world: World) -> Desk {
        Desk {
            units: Units::default(),
            kinds,
            world,
            docs: BTreeMap::new(),
            folders: BTreeSet::new(),
            roots: BTreeMap::new(),
            alone: BTreeMap::new(),
            unread: BTreeSet::new(),
            state: 0,
        }
    }

    /// An open text.
    pub fn doc(&self, uri: &str) -> Option<&Doc> {
        self.docs.get(uri)
    }

    /// Takes a workspace's folder onto the desk, or off it.
    pub fn folder(&mut self, uri: &str, there: bool) {
        let Some(path) = path_of(uri).map(|path| tidy(&path)) else { return };
        match there {
            true => self.folders.insert(path),
            false => self.folders.remove(&path),
        };
    }

    /// Opens a text; one that was open is replaced.
    pub fn open(&mut self, uri: String, version: i32, text: String) {
        let path = path_of(&uri).map(|path| tidy(&path)).unwrap_or_default();
        let canonical = if path.is_empty() { String::new() } else { self.world.files.canonical(&path) };
        let doc = Doc { uri: uri.clone(), path, canonical, version, text: Text::new(text), root: None };
        self.docs.insert(uri.clone(), doc);
        self.find_roots();
        self.touch(&uri);
    }

    /// Changes an open text; says no where it is not open.
    pub fn change(&mut self, uri: &str, version: i32, edit: impl FnOnce(&mut Text)) -> bool {
        let Some(doc) = self.docs.get_mut(uri) else { return false };
        edit(&mut doc.text);
        doc.version = version;
        self.touch(uri);
        true
    }

    /// Closes a text: from now on the file counts again.
    pub fn close(&mut self, uri: &str) {
        self.touch(uri);
        self.docs.remove(uri);
        self.unread.remove(uri);
        self.find_roots();
    }

    /// Files have changed outside the editor: anything may be different.
    pub fn files_changed(&mut self) {
        self.find_roots();
        self.state += 1;
        for root in self.roots.values_mut() {
            (root.changed, root.dirty) = (self.state, true);
        }
    }

    /// Marks every topology that a text may belong to.
    fn touch(&mut self, uri: &str) {
        let Some(doc) = self.docs.get(uri) else { return };
        self.state += 1;
        for (dir, root) in &mut self.roots {
            let known = root.checked.as_ref().is_none_or(|checked| checked.source(&doc.canonical).is_some());
            if known || doc.root.as_ref() == Some(dir) {
                (root.changed, root.dirty) = (self.state, true);
            }
        }
        self.unread.insert(uri.to_owned());
    }

    /// Finds the topology of each text and folder; those that nobody needs any more are taken off the desk.
    pub fn find_roots(&mut self) {
        let open = self.texts();
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        for doc in self.docs.values_mut() {
            let folder = folder_of(&doc.path);
            let root = folder.and_then(|folder| find(folder, &open, &self.world));
            if root != doc.root {
                self.unread.insert(doc.uri.clone());
            }
            doc.root = root;
            wanted.extend(doc.root.clone());
        }
        wanted.extend(self.folders.iter().filter_map(|folder| find(folder, &open, &self.world)));
        for dir in &wanted {
            if !self.roots.contains_key(dir) {
                self.state += 1;
                let root = Root { changed: self.state, dirty: true, ..Root::default() };
                self.roots.insert(dir.clone(), root);
            }
        }
        for (dir, root) in &mut self.roots {
            if !wanted.contains(dir) {
                // It stays until what it shows has been taken back.
                (root.dirty, root.checked) = (false, None);
                root.shown.values_mut().for_each(Vec::clear);
            }
        }
        self.roots.retain(|dir, root| wanted.contains(dir) || !root.shown.is_empty());
    }

    /// What editors hold open, by path with links followed.
    fn texts(&self) -> Open {
        let files = self.docs.values().filter(|doc| !doc.path.is_empty());
        files.map(|doc| (doc.canonical.clone(), Arc::from(doc.text.text.as_str()))).collect()
    }

    /// The next topology to be compiled, if any waits.
    pub fn next_job(&mut self) -> Option<Job> {
        let dir = self.roots.iter().find(|(_, root)| root.dirty).map(|(dir, _)| dir.clone())?;
        let open = self.texts();
        let root = self.roots.get_mut(&dir)?;
        root.dirty = false;
        Some(Job { state: root.changed, open, dir })
    }

    /// Takes a compilation in; says whether it is of the newest texts, so that it may be shown.
    pub fn take(&mut self, checked: Checked) -> bool {
        let Some(root) = self.roots.get_mut(&checked.dir) else { return false };
        let fresh = checked.state == root.changed;
        // What it includes may be other files than before.
        let own = self.docs.values().filter(|doc| doc.root.as_ref() == Some(&checked.dir));
        self.unread.extend(own.map(|doc| doc.uri.clone()));
        root.checked = Some(Rc::new(checked));
        fresh
    }

    /// The last compilation of the topology of a text, and whether it is of the newest texts. A text that
    /// its topology does not read has none.
    pub fn checked(&self, uri: &str) -> Option<(Rc<Checked>, SourceId)> {
        let doc = self.docs.get(uri)?;
        let own = self.roots.get(doc.root.as_ref()?).into_iter().chain(self.roots.values());
        let mut checked = own.filter_map(|root| root.checked.as_ref());
        checked.find_map(|checked| Some((checked.clone(), checked.source(&doc.canonical)?)))
    }

    /// Whether the check of a text's topology is still under way.
    pub fn waits(&self, uri: &str) -> bool {
        let root = self.docs.get(uri).and_then(|doc| self.roots.get(doc.root.as_ref()?));
        root.is_some_and(|root| root.checked.as_ref().is_none_or(|checked| checked.state != root.changed))
    }

    /// The editor's name of a source.
    pub fn uri(&self, checked: &Checked, source: SourceId) -> String {
        let (path, canonical) = &checked.paths[source.0 as usize];
        let open = self.docs.values().find(|doc| doc.canonical == *canonical);
        open.map_or_else(|| uri_of(path), |doc| doc.uri.clone())
    }

    /// A span as a place that the editor can go to.
    pub fn location(&self, checked: &Checked, span: crate::source::Span) -> Location {
        Location { uri: Uri(self.uri(checked, span.source)), range: checked.range(span, self.units) }
    }

    /// What is to be published now: for each file all that is found in it. A file that had findings and
    /// has none any more is there with none.
    pub fn findings(&mut self) -> Vec<(String, Option<i32>, Vec<Diagnostic>)> {
        let mut changed: BTreeSet<String> = BTreeSet::new();
        let dirs: Vec<String> = self.roots.keys().cloned().collect();
        for dir in &dirs {
            let root = &self.roots[dir];
            let fresh = root.checked.as_ref().filter(|checked| checked.state == root.changed);
            let Some(checked) = fresh.cloned() else {
                // Off the desk: what it showed was emptied already.
                changed
                    .extend(root.shown.iter().filter(|(_, all)| all.is_empty()).map(|(uri, _)| uri.clone()));
                continue;
            };
            let mut found = publish::by_file(&checked, &|source| self.uri(&checked, source), self.units);
            for doc in self.docs.values().filter(|doc| checked.source(&doc.canonical).is_some()) {
                found.entry(doc.uri.clone()).or_default();
            }
            let Some(root) = self.roots.get_mut(dir) else { continue };
            let before = std::mem::replace(&mut root.shown, found);
            changed.extend(before.into_keys());
            changed.extend(root.shown.keys().cloned());
        }
        changed.extend(self.read_alone());
        let all = changed.into_iter().map(|uri| {
            let shown = self.roots.values().map(|root| &root.shown).chain([&self.alone]);
            let mut found: Vec<Diagnostic> = Vec::new();
            for one in shown.filter_map(|shown| shown.get(&uri)).flatten() {
                if !found.contains(one) {
                    found.push(one.clone());
                }
            }
            let version = self.docs.get(&uri).map(|doc| doc.version);
            (uri, version, found)
        });
        let all = all.collect();
        for root in self.roots.values_mut() {
            root.shown.retain(|_, found| !found.is_empty());
        }
        self.alone.retain(|_, found| !found.is_empty());
        all
    }

    /// Checks the texts that no topology reads; answers those of which something new is known.
    fn read_alone(&mut self) -> Vec<String> {
        let mut changed: Vec<String> =
            self.alone.keys().filter(|uri| !self.docs.contains_key(*uri)).cloned().collect();
        changed.iter().for_each(|uri| drop(self.alone.insert(uri.clone(), Vec::new())));
        for uri in std::mem::take(&mut self.unread) {
            if self.waits(&uri) {
                self.unread.insert(uri);
                continue;
            }
            let Some(doc) = self.docs.get(&uri) else { continue };
            let lonely = doc.path.ends_with(".kdl") && self.checked(&uri).is_none();
            let found = if lonely {
                publish::alone((&doc.uri, &doc.text, doc.root.as_deref()), self.kinds, self.units)
            } else {
                Vec::new()
            };
            if lonely || self.alone.contains_key(&uri) {
                self.alone.insert(uri.clone(), found);
                changed.push(uri);
            }
        }
        changed
    }
}

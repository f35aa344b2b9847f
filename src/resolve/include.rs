//! The root and everything that it includes: each file read once, its nodes taken where its include stands.

use super::glob::expand;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Allow;
use crate::model::capability::Descriptor;
use crate::model::system::Setting;
use crate::source::path::{folder_of, join, tidy};
use crate::source::{Folder, SourceId, Sources, Span};
use crate::syntax::ast::reader::Reader;
use crate::syntax::ast::{self, Tree, onhand};
use crate::syntax::{Document, Nodes, parse};
use std::collections::HashMap;

/// Where text comes from.
pub struct World<'a> {
    /// The topology's folder.
    pub folder: &'a dyn Folder,
    /// The kinds of systems.
    pub kinds: &'a [&'static Descriptor],
    /// The value of an environment variable, for `(env)` paths.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl World<'_> {
    /// The path that a setting names; or why there is none.
    pub fn path(&self, setting: &Setting) -> Result<String, String> {
        match setting {
            Setting::Literal(path) => Ok(path.to_string()),
            Setting::Env(name) => match (self.env)(name) {
                Some(path) if !path.is_empty() => Ok(path),
                _ => Err(format!("the environment variable `{name}` is not set")),
            },
            Setting::File(_) => Err("a path is not read from a file".to_owned()),
        }
    }
}

/// Everything that was loaded.
#[derive(Default)]
pub struct Loaded {
    /// The files.
    pub sources: Sources,
    /// Their nodes.
    pub tree: Tree,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
    /// Every `allow`.
    pub allows: Vec<Allow>,
    /// Nodes at the top of files: their kinds and places.
    pub tops: Vec<Top>,
    /// The node of each include, and a file that it names.
    pub included: Vec<(Span, SourceId)>,
    /// Whether parts of the text could not be made out.
    pub torn: bool,
    /// Whether whole files are missing.
    pub lost: bool,
    /// Whether the root itself is missing.
    pub missing: bool,
}

/// A node at the top of a file.
#[derive(Debug)]
pub struct Top {
    /// Its kind; empty where the language has no such node.
    pub kind: &'static str,
    /// The whole node.
    pub span: Span,
}

struct File {
    source: SourceId,
    path: String,
    document: Document,
    /// By the place of the include node: the files that it names.
    includes: HashMap<u32, Vec<usize>>,
}

struct Loader<'w> {
    world: &'w World<'w>,
    sources: Sources,
    files: Vec<File>,
    by_canonical: HashMap<String, usize>,
    findings: Vec<Diagnostic>,
    torn: bool,
    lost: bool,
}

/// Loads the root and all that it includes.
pub fn load(world: &World<'_>, root: &str) -> Loaded {
    let mut loader = Loader {
        world,
        sources: Sources::new(),
        files: Vec::new(),
        by_canonical: HashMap::new(),
        findings: Vec::new(),
        torn: false,
        lost: false,
    };
    if let Err(why) = loader.file(root) {
        let source = loader.sources.add(root, "");
        let message = format!("the topology `{root}` cannot be read: {why}");
        loader.findings.push(
            Diagnostic::new(code::INCLUDE_MISSING, Span::new(source, 0, 0), message)
                .here("nothing to read")
                .help(
                    "a topology is a folder with an `onhand.kdl` at its root: run onhand there, or name it",
                ),
        );
        return Loaded {
            sources: loader.sources,
            diagnostics: loader.findings,
            missing: true,
            ..Loaded::default()
        };
    }
    // Files are appended while the list is walked.
    let mut next = 0;
    while next < loader.files.len() {
        loader.includes_of(next);
        next += 1;
    }
    loader.take_all()
}

impl Loader<'_> {
    /// Reads and parses one file, unless that was done before.
    fn file(&mut self, path: &str) -> Result<usize, String> {
        let canonical = self.world.folder.canonical(path);
        if let Some(index) = self.by_canonical.get(&canonical) {
            return Ok(*index);
        }
        let bytes = self.world.folder.read(path)?;
        let source = SourceId(self.files.len() as u32);
        let (text, broken) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(wrong) => {
                let at = wrong.utf8_error().valid_up_to();
                (String::from_utf8_lossy(wrong.as_bytes()).into_owned(), Some(at))
            }
        };
        if let Some(at) = broken {
            let found = Diagnostic::new(code::SYNTAX, Span::new(source, at, at), "the file is not in UTF-8")
                .here("a byte that no UTF-8 text has");
            self.findings.push(found.help("save the file as UTF-8: names and codes would be read wrong"));
        }
        let parsed = parse(source, &text);
        self.torn |= broken.is_some() || !parsed.diagnostics.is_empty();
        self.lost |= broken.is_some();
        self.findings.extend(parsed.diagnostics);
        let kept = self.sources.add(path, text);
        debug_assert_eq!(kept, source);
        let index = self.files.len();
        let file =
            File { source, path: path.to_owned(), document: parsed.document, includes: HashMap::new() };
        self.files.push(file);
        self.by_canonical.insert(canonical, index);
        Ok(index)
    }

    fn includes_of(&mut self, index: usize) {
        let file = &self.files[index];
        let dir = folder_of(&file.path).unwrap_or("").to_owned();
        let mut reader = Reader::new(self.world.kinds, dir.clone());
        let text = self.sources.file(file.source).text();
        let mut wanted = Vec::new();
        for node in file.document.nodes(text).filter(|node| node.name() == "include") {
            if let Some(setting) = onhand::read_include(&mut reader, node) {
                wanted.push((node.span().start, setting));
            }
        }
        self.torn |= !reader.diagnostics.is_empty();
        self.lost |= !reader.diagnostics.is_empty();
        self.findings.append(&mut reader.diagnostics);
        for (start, setting) in wanted {
            let mut targets = Vec::new();
            match self.world.path(&setting.value) {
                Ok(path) => self.targets(index, &tidy(&join(&dir, &path)), setting.span, &mut targets),
                Err(why) => self.lost(setting.span, format!("the include names no file: {why}")),
            }
            self.files[index].includes.insert(start, targets);
        }
    }

    fn targets(&mut self, index: usize, path: &str, span: Span, targets: &mut Vec<usize>) {
        let own = self.world.folder.canonical(&self.files[index].path);
        let found = expand(self.world.folder, path);
        if let Some(dir) = found.looped {
            (self.torn, self.lost) = (true, true);
            let message = format!("links under `{dir}` lead back into a folder that is being searched");
            self.findings.push(
                Diagnostic::new(code::INCLUDE_CYCLE, span, message)
                    .here("never comes to an end")
                    .help("remove the link, or name the folder itself in place of `**`"),
            );
        }
        let matched = found.files.len();
        for file in found.files {
            if self.world.folder.canonical(&file) == own {
                continue;
            }
            match self.file(&file) {
                Ok(target) => targets.push(target),
                Err(why) => {
                    self.lost(span, format!("the included file `{file}` cannot be read: {why}"));
                    return;
                }
            }
        }
        if targets.is_empty() {
            self.lost(
                span,
                match matched {
                    0 => format!("no file matches `{path}`"),
                    _ => format!("`{path}` matches only the file that includes it"),
                },
            );
        }
    }

    fn lost(&mut self, span: Span, message: String) {
        (self.torn, self.lost) = (true, true);
        self.findings.push(
            Diagnostic::new(code::INCLUDE_MISSING, span, message).here("nothing to include").help(
                "what it should hold would be missing without a word: mend the path, which is relative to \
                 this file, or remove the include",
            ),
        );
    }

    fn nodes_of(&self, index: usize) -> Nodes<'_> {
        let file = &self.files[index];
        file.document.nodes(self.sources.file(file.source).text())
    }

    /// Which include names which file; a file names no byte twice, so the order is that of the text.
    fn included(&self) -> Vec<(Span, SourceId)> {
        let mut all = Vec::new();
        for (index, file) in self.files.iter().enumerate().filter(|(_, file)| !file.includes.is_empty()) {
            for node in self.nodes_of(index).filter(|node| node.name() == "include") {
                let targets = file.includes.get(&node.span().start).into_iter().flatten();
                all.extend(targets.map(|target| (node.span(), self.files[*target].source)));
            }
        }
        all
    }

    /// Walks the files in reading order and takes their nodes.
    fn take_all(mut self) -> Loaded {
        let mut reader = Reader::new(self.world.kinds, String::new());
        let mut tree = Tree::default();
        let count = (0..self.files.len()).map(|index| self.nodes_of(index).count()).sum();
        let mut tops = Vec::with_capacity(count);
        let mut state = vec![Visit::New; self.files.len()];
        let mut torn = self.torn;
        let mut stack = vec![Frame { index: 0, nodes: self.nodes_of(0), begun: false }];
        while let Some(frame) = stack.last_mut() {
            let index = frame.index;
            if !frame.begun && state[index] != Visit::New {
                stack.pop();
                continue;
            }
            frame.begun = true;
            state[index] = Visit::Open;
            let Some(node) = frame.nodes.next() else {
                state[index] = Visit::Done;
                stack.pop();
                continue;
            };
            if node.name() != "include" {
                let dir = folder_of(&self.files[index].path).unwrap_or("");
                if reader.dir != dir {
                    reader.dir = dir.to_owned();
                }
                tops.push(Top { kind: ast::kind_of(&node), span: node.span() });
                ast::take(&mut tree, &mut reader, node);
                continue;
            }
            let targets = self.files[index].includes.get(&node.span().start);
            for target in targets.into_iter().flatten().filter(|target| state[**target] == Visit::Open) {
                torn = true;
                let chain = stack.iter().filter(|frame| frame.begun);
                let chain: Vec<&str> = chain.map(|frame| self.files[frame.index].path.as_str()).collect();
                reader.report(cycle(&node.head_span(), &chain, &self.files[*target].path));
            }
            // The first target must be taken first, so it comes to lie on top of the stack.
            let fresh = targets.into_iter().flatten().rev().filter(|target| state[**target] == Visit::New);
            let fresh =
                fresh.map(|target| Frame { index: *target, nodes: self.nodes_of(*target), begun: false });
            stack.extend(fresh);
        }
        drop(stack);
        tree.lost.append(&mut reader.lost);
        let included = self.included();
        let mut diagnostics = self.findings;
        diagnostics.append(&mut reader.diagnostics);
        for secret in &reader.secrets {
            self.sources.mask(*secret);
        }
        Loaded {
            sources: self.sources,
            tree,
            diagnostics,
            allows: reader.allows,
            tops,
            included,
            torn,
            lost: self.lost,
            missing: false,
        }
    }
}

/// A file whose nodes are being taken, or wait for it.
struct Frame<'f> {
    index: usize,
    nodes: Nodes<'f>,
    begun: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

fn cycle(span: &Span, chain: &[&str], target: &str) -> Diagnostic {
    let from = chain.iter().position(|path| *path == target).unwrap_or(0);
    let mut road: Vec<&str> = chain[from..].to_vec();
    road.push(target);
    Diagnostic::new(code::INCLUDE_CYCLE, *span, format!("files include each other: {}", road.join(" -> ")))
        .here("leads back to a file that is being read")
        .help("each file is read once, so one of these includes does nothing: remove this one")
}

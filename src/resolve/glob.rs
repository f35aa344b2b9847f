//! Globs over paths and names: `*` and `?` within a part, `**` over folders. The only home of globset.

use crate::source::Folder;
use crate::source::path::join;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeSet;

/// Whether a text is a pattern and not a plain name.
pub fn is_glob(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A pattern over names.
pub struct Pattern {
    matcher: Option<GlobMatcher>,
    prefix: String,
}

impl Pattern {
    /// Compiles a pattern in which only `*` and `?` mean something.
    pub fn new(pattern: &str) -> Pattern {
        let mut escaped = String::with_capacity(pattern.len());
        for c in pattern.chars() {
            match c {
                '[' | ']' | '{' | '}' | '\\' | '!' => {
                    escaped.push('\\');
                    escaped.push(c);
                }
                c => escaped.push(c),
            }
        }
        let built = GlobBuilder::new(&escaped).backslash_escape(true).literal_separator(false).build();
        let literal = pattern.find(['*', '?']).unwrap_or(pattern.len());
        let matcher = built.ok().map(|glob| glob.compile_matcher());
        Pattern { matcher, prefix: pattern[..literal].to_owned() }
    }

    /// What every match begins with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether a name matches as a whole.
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.as_ref().is_some_and(|matcher| matcher.is_match(name))
    }
}

/// What a path pattern found.
#[derive(Default)]
pub struct Found {
    /// Files, sorted by path.
    pub files: Vec<String>,
    /// A folder that links lead back into, where there is one.
    pub looped: Option<String>,
}

/// The files that a path or glob names, relative to the topology. A plain path is found whether or not
/// it exists: reading it tells.
pub fn expand(folder: &dyn Folder, path: &str) -> Found {
    if !is_glob(path) {
        return Found { files: vec![path.to_owned()], looped: None };
    }
    let parts: Vec<&str> = path.split('/').collect();
    let mut walk = Walk { folder, files: BTreeSet::new(), looped: None, open: Vec::new() };
    let start = if path.starts_with('/') { "/" } else { "" };
    walk.step(start, if path.starts_with('/') { &parts[1..] } else { &parts });
    Found { files: walk.files.into_iter().collect(), looped: walk.looped }
}

/// Folders below this depth are not looked into: no topology is that deep.
const DEEPEST: usize = 64;

struct Walk<'f> {
    folder: &'f dyn Folder,
    files: BTreeSet<String>,
    looped: Option<String>,
    /// Canonical names of the folders that `**` is inside of.
    open: Vec<String>,
}

impl Walk<'_> {
    fn step(&mut self, dir: &str, parts: &[&str]) {
        let Some((part, rest)) = parts.split_first() else { return };
        match *part {
            "**" => self.any_depth(dir, rest),
            part if is_glob(part) => {
                let pattern = Pattern::new(part);
                for entry in self.folder.list(dir) {
                    if pattern.matches(&entry.name) {
                        self.enter(&join(dir, &entry.name), entry.is_dir, rest);
                    }
                }
            }
            part if rest.is_empty() => {
                if self.folder.list(dir).iter().any(|entry| entry.name == part && !entry.is_dir) {
                    self.files.insert(join(dir, part));
                }
            }
            part => self.step(&join(dir, part), rest),
        }
    }

    fn enter(&mut self, path: &str, is_dir: bool, rest: &[&str]) {
        match (is_dir, rest.is_empty()) {
            (false, true) => {
                self.files.insert(path.to_owned());
            }
            (true, false) => self.step(path, rest),
            _ => {}
        }
    }

    fn any_depth(&mut self, dir: &str, rest: &[&str]) {
        let name = self.folder.canonical(if dir.is_empty() { "." } else { dir });
        if self.open.contains(&name) || self.open.len() > DEEPEST {
            self.looped = Some(dir.to_owned());
            return;
        }
        self.open.push(name);
        self.step(dir, if rest.is_empty() { &["*"] } else { rest });
        for entry in self.folder.list(dir).into_iter().filter(|entry| entry.is_dir) {
            self.any_depth(&join(dir, &entry.name), rest);
        }
        self.open.pop();
    }
}

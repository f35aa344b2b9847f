//! The pure front half as one function: files in, model and findings out. It never fails.

use crate::check::{self, allow};
use crate::diagnostic::{Diagnostic, Severity, code, sort};
use crate::graph;
use crate::model::Model;
use crate::model::capability::Descriptor;
use crate::resolve::findings::Findings;
use crate::resolve::include::{Loaded, Top, World, load};
use crate::resolve::{Lost, Things, resolve, rows};
use crate::source::{Entry, Folder, SourceId, Sources, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What a compilation starts from.
pub struct Inputs<'a> {
    /// The topology's folder.
    pub folder: &'a dyn Folder,
    /// The root file in it: `onhand.kdl`.
    pub root: &'a str,
    /// Every kind of system, by its descriptor.
    pub kinds: &'a [&'static Descriptor],
    /// The value of an environment variable; asked only for `(env)` catalogs and includes.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Compiled {
    /// All files that were read, with secrets hidden.
    pub sources: Sources,
    /// What the topology means; where there are errors, as much of it as could be made out.
    pub model: Model,
    /// What was found, sorted by file name, line, column, rule.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// Whether there is an error: then the model must not be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
}

/// Compiles a topology.
pub fn compile(inputs: &Inputs<'_>) -> Compiled {
    let folder = Hashing { folder: inputs.folder, hashes: RefCell::default() };
    let world = World { folder: &folder, kinds: inputs.kinds, env: inputs.env };
    let Loaded { mut sources, mut tree, diagnostics, allows, tops, torn, lost, missing } =
        load(&world, inputs.root);
    let mut findings = Findings::default();
    findings.extend(diagnostics);
    let known_language = tree.onhand.iter().all(|node| node.known);
    let mut model = Model::default();
    let mut diagnostics;
    let mut catalogs = BTreeMap::new();
    if !missing && known_language {
        let names = tree.lost.drain(..).collect();
        let mut absent = Lost { names, text: lost, catalog: false };
        let things = Things::collect(&mut tree, &mut |catalog, items, things| {
            absent.catalog |= !rows::open(catalog, items, things, (&world, &mut sources), &mut findings);
        });
        model = resolve(&tree, things, absent, &mut findings);
        catalogs = findings.catalogs.iter().map(|(source, file)| (*source, file.node)).collect();
        diagnostics = findings.finish(&sources, &mut model);
    } else {
        diagnostics = findings.finish(&sources, &mut model);
        diagnostics.retain(|found| known_language || found.rule.slug == "language-version");
    }
    drop_shadows(&mut diagnostics);
    model.allows = allows;
    model.digest = folder.digest();
    let doubt = Doubt::new(&diagnostics, &tops, &catalogs, torn);
    diagnostics.extend(doubt.sift(check::run(&model, &graph::build(&model))));
    let complete = !diagnostics.iter().any(|found| found.severity == Severity::Error);
    diagnostics = allow::apply(diagnostics, &model.allows, &catalogs, complete);
    sort(&mut diagnostics, &sources);
    Compiled { sources, model, diagnostics }
}

/// Leaves out what is said about text that is no KDL: its mistake has been said.
fn drop_shadows(found: &mut Vec<Diagnostic>) {
    let syntax = found.iter().filter(|one| one.rule == code::SYNTAX).map(|one| one.primary.span);
    let mut torn: Vec<Span> = syntax.collect();
    torn.sort();
    let meets = |span: Span| {
        let before = torn.partition_point(|other| {
            (other.source, other.start) < (span.source, span.end.max(span.start + 1))
        });
        before
            .checked_sub(1)
            .map(|index| torn[index])
            .is_some_and(|other| other.source == span.source && other.end.max(other.start + 1) > span.start)
    };
    found.retain(|one| one.rule == code::SYNTAX || !meets(one.primary.span));
}

/// Which parts of the topology have been found wrong: what rests on them is not reported again.
struct Doubt {
    nodes: Vec<Span>,
    kinds: BTreeSet<&'static str>,
    catalogs: BTreeMap<SourceId, Span>,
}

/// Rules that find something missing, with the kinds of nodes whose faults make it look so.
const ABSENCES: &[(&str, &[&str])] = &[
    ("owner-gap", &["owner", "system", "location", "item", "items", "bundle", "bundles", "quantity"]),
    ("component-unowned", &["owner", "system", "location", "item", "items", "bundle", "bundles"]),
    ("reserved-unowned", &["owner", "system", "location", "item", "items", "quantity"]),
    ("net-of-mismatch", &["owner", "system", "quantity"]),
    ("owner-unused", &["flow", "system", "location", "item", "items", "bundle", "bundles", "quantity"]),
    ("owner-unmapped", &["item", "items", "system", "location"]),
    ("flow-empty", &["item", "items", "bundle", "bundles", "location", "system"]),
    ("orders-unaccounted", &["flow", "system"]),
    ("owner-cannot-read", &["system"]),
    ("target-cannot-take", &["system", "quantity"]),
    ("location-unmapped", &["location", "system"]),
    ("shared-pool", &["allocation"]),
    ("bundle-beside-component", &["allocation"]),
    ("lag-missing", &[]),
    ("time-without-zone", &["onhand", "system"]),
];

impl Doubt {
    fn new(found: &[Diagnostic], tops: &[Top], catalogs: &BTreeMap<SourceId, Span>, torn: bool) -> Doubt {
        let mut sorted: Vec<&Top> = tops.iter().collect();
        sorted.sort_by_key(|top| (top.span.source, top.span.start));
        let mut doubt = Doubt { nodes: Vec::new(), kinds: BTreeSet::new(), catalogs: catalogs.clone() };
        if torn {
            doubt.kinds.insert("");
        }
        for error in found.iter().filter(|found| found.severity == Severity::Error) {
            let span = doubt.outside(error.primary.span);
            let after =
                sorted.partition_point(|top| (top.span.source, top.span.start) <= (span.source, span.start));
            match after.checked_sub(1).map(|index| sorted[index]) {
                Some(top) if allow::lies_in(span, top.span) => {
                    doubt.kinds.insert(top.kind);
                    doubt.nodes.push(top.span);
                }
                _ => {
                    doubt.kinds.insert("");
                }
            }
        }
        doubt.nodes.sort();
        doubt.nodes.dedup();
        doubt
    }

    /// A place in a catalog is a place in the node that reads it.
    fn outside(&self, span: Span) -> Span {
        self.catalogs.get(&span.source).copied().unwrap_or(span)
    }

    /// The findings that rest on sound parts.
    fn sift(&self, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        found.into_iter().filter(|found| self.sound(found)).collect()
    }

    fn sound(&self, found: &Diagnostic) -> bool {
        let kinds = ABSENCES.iter().find(|(slug, _)| *slug == found.rule.slug).map(|(_, kinds)| *kinds);
        if kinds.is_some_and(|kinds| {
            self.kinds.contains("") || kinds.iter().any(|kind| self.kinds.contains(kind))
        }) {
            return false;
        }
        let labels = std::iter::once(&found.primary).chain(&found.labels);
        !labels.map(|label| self.outside(label.span)).any(|span| self.doubtful(span))
    }

    fn doubtful(&self, span: Span) -> bool {
        let after = self.nodes.partition_point(|node| (node.source, node.start) <= (span.source, span.start));
        after.checked_sub(1).is_some_and(|index| allow::lies_in(span, self.nodes[index]))
    }
}

/// A folder that remembers a digest of each file that was read.
struct Hashing<'a> {
    folder: &'a dyn Folder,
    hashes: RefCell<BTreeMap<String, blake3::Hash>>,
}

impl Hashing<'_> {
    /// One digest over names and bytes of all files, in the order of their names.
    fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, hash) in &*self.hashes.borrow() {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            hasher.update(hash.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

impl Folder for Hashing<'_> {
    fn list(&self, dir: &str) -> Vec<Entry> {
        self.folder.list(dir)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.folder.read(path)?;
        self.hashes.borrow_mut().insert(path.to_owned(), blake3::hash(&bytes));
        Ok(bytes)
    }

    fn canonical(&self, path: &str) -> String {
        self.folder.canonical(path)
    }
}

//! The pure front half as one function: files in, model and findings out. It never fails.

pub mod fix;
mod paths;

use crate::check::{self, Scene, allow};
use crate::diagnostic::{Diagnostic, Severity, code, sort};
use crate::graph::{self, Graph};
use crate::model::Model;
use crate::model::capability::Descriptor;
use crate::resolve::findings::Findings;
use crate::resolve::include::{Loaded, Top, World, load};
use crate::resolve::index::Index;
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
    /// Where and when the topology is looked at.
    pub scene: Scene<'a>,
}

/// What came of it.
#[derive(Debug)]
pub struct Compiled {
    /// All files that were read, with secrets hidden.
    pub sources: Sources,
    /// How many of them are the topology's own text; they come first, catalogs after them.
    pub written: usize,
    /// What the topology means; where there are errors, as much of it as could be made out.
    pub model: Model,
    /// What follows from that.
    pub graph: Graph,
    /// What was found, sorted by file name, line, column, rule.
    pub diagnostics: Vec<Diagnostic>,
    /// The nodes at the top of files, each whole, in reading order.
    pub tops: Vec<Top>,
    /// How many warnings each of the model's `allows` took out, in their order.
    pub silenced: Vec<usize>,
    /// By catalog file, the node that reads it.
    pub catalogs: BTreeMap<SourceId, Span>,
    /// Where each name stands; only where it was asked for.
    pub index: Option<Index>,
}

impl Compiled {
    /// For each finding the path of the node that holds it, as `flow[web-stock]/keep-back`: it names the
    /// place whatever lines stand before it. Files are read again for it, so that nobody else pays.
    pub fn paths(&self, found: &[Diagnostic]) -> Vec<String> {
        let places: Vec<Span> = found.iter().map(|one| one.primary.span).collect();
        paths::paths(&self.sources, &self.catalogs, &places)
    }

    /// Whether there is an error: then the model must not be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
}

/// Compiles a topology.
pub fn compile(inputs: &Inputs<'_>) -> Compiled {
    run(inputs, None)
}

/// Compiles a topology and keeps where each name stands, for editors: large catalogs pay for that.
pub fn compile_with_index(inputs: &Inputs<'_>) -> Compiled {
    run(inputs, Some(Index::default()))
}

fn run(inputs: &Inputs<'_>, index: Option<Index>) -> Compiled {
    let folder = Hashing { folder: inputs.folder, hashes: RefCell::default() };
    let world = World { folder: &folder, kinds: inputs.kinds, env: inputs.env };
    let Loaded { mut sources, mut tree, diagnostics, allows, tops, included, torn, lost, missing } =
        load(&world, inputs.root);
    let written = sources.files().count();
    let mut findings = Findings::default();
    findings.index = index;
    findings.extend(diagnostics);
    let known_language = tree.onhand.iter().all(|node| node.known);
    let mut model = Model::default();
    let mut diagnostics;
    let mut index = None;
    let mut catalogs = BTreeMap::new();
    if !missing && known_language {
        let names = tree.lost.drain(..).collect();
        let nameless = tree.nameless.iter().copied().collect();
        let mut absent = Lost { names, nameless, text: lost, catalog: false };
        let things = Things::collect(&mut tree, &mut |catalog, items, things| {
            absent.catalog |= !rows::open(catalog, items, things, (&world, &mut sources), &mut findings);
        });
        absent.names.extend(findings.lost.drain(..));
        absent.catalog |= findings.nameless;
        model = resolve(&tree, (things, &sources), absent, &mut findings);
        index = findings.index.take().map(|index| with_files(index, &included, &findings));
        catalogs = findings.catalogs.iter().map(|(source, file)| (*source, file.node)).collect();
        diagnostics = findings.finish(&sources, &mut model);
    } else {
        diagnostics = findings.finish(&sources, &mut model);
        diagnostics.retain(|found| known_language || found.rule.slug == "language-version");
    }
    drop_shadows(&mut diagnostics);
    model.allows = allows;
    model.digest = folder.digest();
    model.places = sources.places();
    let doubt = Doubt::new(&diagnostics, &tops, &catalogs, torn);
    let graph = graph::build(&model);
    let facts = check::Facts { model: &model, graph: &graph, scene: inputs.scene };
    diagnostics.extend(doubt.sift(check::run(&facts)));
    let complete = !diagnostics.iter().any(|found| found.severity == Severity::Error);
    let allow::Applied { kept: mut diagnostics, silenced } =
        allow::apply(diagnostics, &model.allows, &catalogs, complete);
    sort(&mut diagnostics, &sources);
    Compiled { sources, written, model, graph, diagnostics, tops, silenced, catalogs, index }
}

/// The index, with the files that nodes read.
fn with_files(mut index: Index, included: &[(Span, SourceId)], findings: &Findings) -> Index {
    included.iter().for_each(|(node, file)| index.reads(*node, *file));
    findings.catalogs.iter().for_each(|(file, catalog)| index.reads(catalog.node, *file));
    index.finish()
}

/// Leaves out what is said about text that is no KDL: its mistake has been said.
fn drop_shadows(found: &mut Vec<Diagnostic>) {
    let syntax = found.iter().filter(|one| one.rule == code::SYNTAX).map(|one| one.primary.span);
    let mut torn: Vec<Span> = syntax.collect();
    torn.sort();
    let meets = |span: Span| {
        let before = torn.partition_point(|other| {
            (other.source, other.start) <= (span.source, span.end.max(span.start + 1))
        });
        before
            .checked_sub(1)
            .map(|index| torn[index])
            .is_some_and(|other| other.source == span.source && other.end.max(other.start + 1) >= span.start)
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
    ("acknowledgement-missing", &["flow", "system", "owner"]),
    ("reversal-missing", &["flow"]),
    ("post-not-owner", &["owner", "system", "location"]),
    ("transfer-untracked", &["flow", "system"]),
    ("allocation-outside", &["flow", "system", "item", "items", "bundle", "bundles", "location"]),
    ("alert-missing", &["alert", "onhand"]),
    ("review-missing", &["review", "onhand"]),
    ("rollback-missing", &["rollback", "onhand"]),
    ("test-unpublished", &["flow", "system", "location", "item", "items", "bundle", "bundles", "quantity"]),
    ("test-not-owner", &["owner", "system", "location", "item", "items"]),
    ("lag-missing", &[]),
    // A limit or hours that cannot be read would shorten the sum.
    ("lag-unreachable", &["system", "calendar"]),
    ("stale-sooner-than-lag", &["system", "calendar"]),
    ("window-breaks-lag", &["calendar"]),
    ("time-without-zone", &["onhand", "system"]),
];

impl Doubt {
    fn new(found: &[Diagnostic], tops: &[Top], catalogs: &BTreeMap<SourceId, Span>, torn: bool) -> Doubt {
        let mut doubt = Doubt { nodes: Vec::new(), kinds: BTreeSet::new(), catalogs: catalogs.clone() };
        if torn {
            doubt.kinds.insert("");
        }
        let mut errors = found.iter().filter(|found| found.severity == Severity::Error).peekable();
        let mut sorted: Vec<&Top> = errors.peek().map_or(Vec::new(), |_| tops.iter().collect());
        sorted.sort_by_key(|top| (top.span.source, top.span.start));
        for error in errors {
            // What is said at the start of the root is about the head that is not there.
            if error.rule == code::LANGUAGE_VERSION {
                doubt.kinds.insert("onhand");
                continue;
            }
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

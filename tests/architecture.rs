//! The map as a test: who may use whom, where each outside crate lives, sizes, and nothing forgotten.
//!
//! `ARCHITECTURE.md` tells the same in words. To change the map, change the page, then the tables
//! here, then the code, in one commit.

mod code;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use code::{Code, Use};

/// Who may use whom, from the bottom up: a module may only list modules above its own line, so
/// the table cannot hold a cycle. A module that does not exist yet is simply absent from `src`.
#[rustfmt::skip]
const LAYERS: &[(&str, &[&str])] = &[
    ("scan", &[]),
    ("source", &["scan"]),
    ("hands", &[]),
    ("world", &[]),
    ("diagnostic", &["source"]),
    ("model", &["source"]),
    // Values in the text have the forms of the model: durations, exact numbers, kinds of systems.
    ("syntax", &["source", "diagnostic", "model"]),
    ("catalog", &["scan", "hands", "source", "diagnostic", "model"]),
    ("resolve", &["hands", "source", "diagnostic", "model", "catalog", "syntax"]),
    ("graph", &["model"]),
    ("check", &["source", "diagnostic", "model", "graph"]),
    ("compile", &["source", "diagnostic", "model", "syntax", "catalog", "resolve", "graph", "check"]),
    ("ledger", &["model"]),
    ("count", &["hands", "model", "graph"]),
    ("plan", &["hands", "source", "diagnostic", "model", "graph", "count", "ledger"]),
    ("connectors", &["scan", "hands", "model", "ledger", "world"]),
    // State is kept in a database, and databases are reached through `world`.
    ("state", &["model", "ledger", "plan", "world"]),
    // What a session was shown is kept and answered again; beside it stands what the state remembers.
    ("snapshot", &["diagnostic", "model", "world", "connectors", "state"]),
    ("apply", &["diagnostic", "model", "plan", "ledger", "world", "connectors", "state"]),
    ("report", &["diagnostic", "model", "graph", "plan", "ledger", "state"]),
    ("simulate", &[
        "source", "world", "diagnostic", "model", "catalog", "resolve", "graph", "check", "compile",
        "ledger", "count", "plan", "connectors", "state", "apply", "report",
    ]),
    ("lsp", &[
        "source", "diagnostic", "model", "syntax", "catalog", "resolve", "graph", "check", "compile", "world",
    ]),
    ("cli", &[
        "source", "world", "diagnostic", "model", "syntax", "catalog", "resolve", "graph", "check", "compile",
        "ledger", "count", "plan", "connectors", "state", "snapshot", "apply", "report", "simulate", "lsp",
    ]),
    ("main", &["cli"]),
];

/// Modules that touch the world; all others bear the purity lint in `src/lib.rs`. Of `apply` only
/// `driver` touches it, so its other files bear the lint in `src/apply/mod.rs`.
const IMPURE: &[&str] = &["hands", "world", "connectors", "state", "apply", "lsp", "cli", "main"];
const IMPURE_IN_APPLY: &[&str] = &["driver"];

/// Where text of a published or foreign format is read or written, and nowhere between.
#[rustfmt::skip]
const FORMATS: &[&str] = &[
    "src/diagnostic/render/", "src/syntax/schema/json.rs", "src/graph/json", "src/plan/", "src/connectors/",
    "src/state/", "src/snapshot/", "src/report/", "src/lsp/", "src/cli/",
];

/// Where each outside crate may be named. More than one home needs its reason.
const HOMES: &[(&str, &[&str])] = &[
    // Digests of topologies, plans and snapshots; keys of single writes.
    ("blake3", &["src/compile.rs", "src/plan/", "src/snapshot/", "src/apply/key.rs"]),
    ("clap", &["src/cli/"]),
    // The names of the model.
    ("ecow", &["src/model/id.rs"]),
    // Catalogs and feeds have the same encodings.
    ("encoding_rs", &["src/model/encoding.rs"]),
    // The one hasher of the pure core.
    ("foldhash", &["src/model/id.rs", "src/model/by_text.rs"]),
    // Includes and selectors in the text; the file names of feeds.
    // The types of the language server protocol.
    ("gen_lsp_types", &["src/lsp/"]),
    ("globset", &["src/resolve/", "src/world/"]),
    // Several questions under way, their answers in order.
    ("futures_util", &["src/connectors/"]),
    // Zones and stamps as values; the clock's reading.
    ("jiff", &["src/model/time.rs", "src/world/"]),
    // The index that holds no texts.
    ("hashbrown", &["src/model/by_text.rs"]),
    // Single bytes in large texts.
    ("memchr", &["src/scan.rs"]),
    ("miette", &["src/diagnostic/miette.rs"]),
    ("petgraph", &["src/graph/"]),
    // Answers are unpacked where their packed size is known.
    ("flate2", &["src/world/web.rs"]),
    // The program's allocator; the library has none of its own.
    ("mimalloc", &["src/main.rs"]),
    ("reqwest", &["src/world/web.rs"]),
    ("rusqlite", &["src/world/sqlite.rs"]),
    ("tokio_postgres", &["src/world/postgres"]),
    // Each published format derives its schema beside its own types.
    ("schemars", &["src/diagnostic/render/json.rs", "src/plan/", "src/snapshot/"]),
    ("serde", FORMATS),
    ("serde_json", FORMATS),
    ("strsim", &["src/diagnostic/mod.rs"]),
    // How wide the terminal is: only the part that prints asks.
    ("terminal_size", &["src/cli/ui.rs"]),
    // Changes of files as unified diffs: only the part that shows them to people compares texts.
    ("similar", &["src/cli/unified.rs"]),
    // Sockets and timers of the real world; the one place that waits; the runtime.
    ("tokio", &["src/world/real.rs", "src/world/postgres.rs", "src/apply/driver.rs", "src/cli/"]),
    // Redirects: what an address leads to, read as browsers and servers read it.
    ("url", &["src/world/address.rs"]),
    // Whatever is laid out in columns.
    ("unicode_width", &["src/diagnostic/", "src/graph/label.rs", "src/plan/render/", "src/cli/"]),
];

/// Lines of a file: refused above the first, named in the output above the second.
const REFUSED: usize = 800;
const QUESTIONED: usize = 500;
/// Columns of a line of code.
const WIDEST: usize = 110;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends so, sorted, relative to the crate.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.strip_prefix(root()).expect("below the crate").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file of `src`, read.
fn source() -> Vec<Code> {
    let files = files("src", ".rs");
    assert!(!files.is_empty(), "src holds no code");
    files.iter().map(|path| Code::read(path, &read(path))).collect()
}

fn none(faults: Vec<String>, rule: &str) {
    assert!(faults.is_empty(), "{rule}\n  {}\n", faults.join("\n  "));
}

/// Every use of our own code with the file in which it stands.
fn uses(all: &[Code]) -> impl Iterator<Item = (&Code, &Use)> {
    all.iter().flat_map(|code| code.uses.iter().map(move |used| (code, used)))
}

#[test]
fn the_table_reads_downward() {
    let mut known = BTreeSet::new();
    for (module, may) in LAYERS {
        for other in *may {
            assert!(known.contains(other), "`{module}` lists `{other}`, which does not stand above it");
        }
        assert!(known.insert(module), "`{module}` stands twice");
    }
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let table: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let all = source();
    let mut faults = Vec::new();
    for code in &all {
        let Some(own) = code.module.first() else { continue };
        if !table.contains_key(own.as_str()) {
            faults.push(format!("{}: `{own}` is not in the table", code.path));
        }
    }
    for (code, used) in uses(&all) {
        let (Some(own), Some(other)) = (code.module.first(), used.path.first()) else { continue };
        let allowed = table.get(own.as_str()).is_some_and(|may| may.contains(&other.as_str()));
        if own != other && !allowed {
            faults.push(format!("{}:{}: `{own}` may not use `{other}`", code.path, used.line));
        }
    }
    none(faults, "the layer table of tests/architecture.rs forbids:");
}

#[test]
fn the_crate_root_only_declares() {
    let all = source();
    let mut faults = Vec::new();
    for (code, used) in uses(&all) {
        let known = used.path.first().is_some_and(|name| LAYERS.iter().any(|(module, _)| module == name));
        if !known {
            let path = used.path.join("::");
            faults.push(format!("{}:{}: `crate::{path}` is no module of the table", code.path, used.line));
        }
    }
    none(faults, "what is used lies in a module, not in the crate's root:");
}

#[test]
fn neighbours_do_not_use_each_other_in_circles() {
    let all = source();
    // For each folder, who of its files and folders uses which of the others. The folder's own
    // mod.rs declares its children and may be used by them; that is not an import between neighbours.
    let mut edges: BTreeMap<Vec<String>, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
    for (code, used) in uses(&all) {
        let same = code.module.iter().zip(&used.path).take_while(|(a, b)| a == b).count();
        let (Some(from), Some(to)) = (code.module.get(same), used.path.get(same)) else { continue };
        let folder = code.module[..same].to_vec();
        let is_module = |name: &String| {
            all.iter().any(|c| c.module.get(..same) == Some(&folder[..]) && c.module.get(same) == Some(name))
        };
        if is_module(to) {
            let place = format!("{}:{}", code.path, used.line);
            edges
                .entry(folder.clone())
                .or_default()
                .entry(from.clone())
                .or_default()
                .insert(to.clone(), place);
        }
    }
    let mut faults = Vec::new();
    for (folder, graph) in &edges {
        // Taking away again and again what uses nothing that is left, or what nothing left uses,
        // leaves the circles and what lies between them.
        let mut left: BTreeSet<_> = graph.iter().flat_map(|(from, to)| to.keys().chain([from])).collect();
        loop {
            let uses =
                |from: &String| graph.get(from).is_some_and(|to| to.keys().any(|to| left.contains(to)));
            let used = |to: &String| {
                left.iter().any(|from| graph.get(*from).is_some_and(|all| all.contains_key(to)))
            };
            let Some(free) = left.iter().copied().find(|name| !uses(name) || !used(name)) else { break };
            left.remove(free);
        }
        for from in &left {
            for (to, place) in graph[*from].iter().filter(|(to, _)| left.contains(to)) {
                faults.push(format!("{place}: in `{}`, `{from}` uses `{to}`", folder.join("::")));
            }
        }
    }
    none(faults, "these uses lie on a circle or between circles:");
}

#[test]
fn no_path_climbs_twice() {
    let faults = source()
        .iter()
        .flat_map(|code| code.climbs.iter().map(move |line| format!("{}:{line}", code.path)))
        .collect();
    none(faults, "`super::super` hides where a thing comes from; say `crate::`:");
}

#[test]
fn an_outside_crate_has_its_home() {
    let manifest = read(Path::new("Cargo.toml"));
    let names = dependencies(&manifest);
    let listed: BTreeSet<_> = HOMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let stale: Vec<_> = listed.difference(&names).cloned().collect();
    none(stale, "in the table of homes, but not in Cargo.toml:");
    let homeless: Vec<_> = names.difference(&listed).cloned().collect();
    none(homeless, "in Cargo.toml without a home in the table of tests/architecture.rs:");
    let all = source();
    let mut faults = Vec::new();
    for code in &all {
        let child = |name: &str| {
            all.iter().any(|c| {
                c.module.len() == code.module.len() + 1
                    && c.module.starts_with(&code.module)
                    && c.module.last().is_some_and(|last| last == name)
            })
        };
        // A module of our own may bear a crate's name, once it is imported here or lies below.
        let own = |name: &str| code.uses.iter().any(|used| used.path.last().is_some_and(|last| last == name));
        for (name, line) in &code.outside {
            let Some((_, homes)) = HOMES.iter().find(|(known, _)| known == name) else { continue };
            let at_home = homes.iter().any(|home| code.path.starts_with(home));
            if !at_home && !child(name) && !own(name) {
                faults.push(format!("{}:{line}: `{name}` lives in {}", code.path, homes.join(", ")));
            }
        }
    }
    none(faults, "an outside crate is named outside its home:");
}

/// The names under `[dependencies]`, as code writes them.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("\n[dependencies]\n").nth(1).expect("Cargo.toml has dependencies");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let names =
        lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once([' ', '.', '=']));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

#[test]
fn pure_modules_bear_the_lint() {
    let mut faults = Vec::new();
    for (file, impure) in [("src/lib.rs", IMPURE), ("src/apply/mod.rs", IMPURE_IN_APPLY)] {
        if !root().join(file).exists() {
            assert_ne!(file, "src/lib.rs", "the library has a root");
            continue;
        }
        let text = read(Path::new(file));
        let mut before = "";
        for line in text.lines() {
            let name = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            if let Some(name) = name.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                let linted = before == "#[deny(clippy::disallowed_methods)]";
                if linted == impure.contains(&name) {
                    faults.push(format!("{file}: `{name}` must {}bear it", if linted { "not " } else { "" }));
                }
            }
            before = line;
        }
    }
    none(faults, "a pure module, and only it, bears #[deny(clippy::disallowed_methods)]:");
}

#[test]
fn only_the_ui_prints() {
    let faults = source()
        .iter()
        .filter(|code| code.path != "src/cli/ui.rs")
        .flat_map(|code| code.prints.iter().map(move |(what, line)| format!("{}:{line}: {what}", code.path)))
        .collect();
    none(faults, "only src/cli/ui.rs prints:");
}

#[test]
fn nothing_is_left_to_do() {
    let faults = source()
        .iter()
        .flat_map(|code| code.stubs.iter().map(move |(what, line)| format!("{}:{line}: {what}", code.path)))
        .collect();
    none(faults, "what is not built yet refuses with a message:");
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    let mut faults = Vec::new();
    for path in files("src", ".rs").iter().chain(&files("tests", ".rs")).chain(&files("benches", ".rs")) {
        let text = read(path);
        let (name, lines) = (path.display(), text.lines().count());
        if !text.starts_with("//! ") {
            faults.push(format!("{name}: does not begin with `//!` and what it is for"));
        }
        // A test file may be as long as its cases ask for.
        if path.starts_with("src") && lines > REFUSED {
            faults.push(format!("{name}: {lines} lines, more than {REFUSED}"));
        } else if path.starts_with("src") && lines > QUESTIONED {
            println!("{name}: {lines} lines, more than the {QUESTIONED} that a file should have");
        }
        for (number, line) in text.lines().enumerate() {
            // A line of one string cannot be broken without changing what it shows.
            let columns = line.chars().count();
            if columns > WIDEST && path.starts_with("src") {
                faults.push(format!("{name}:{}: {columns} columns, more than {WIDEST}", number + 1));
            }
        }
    }
    none(faults, "files:");
}

#[test]
fn no_test_is_forgotten() {
    let all = files("tests", ".rs");
    let mut faults = Vec::new();
    for path in &all {
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let folder = path.parent().expect("it lies below tests");
        let (name, folder) = match stem.as_str() {
            "main" if folder == Path::new("tests") => continue,
            "mod" => {
                let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
                (name, folder.parent().expect("it lies below tests"))
            }
            _ => (stem, folder),
        };
        // The file that must declare it: main.rs, the folder's mod.rs, or the file beside the folder.
        let parents = match folder == Path::new("tests") {
            true => vec![folder.join("main.rs")],
            false => vec![folder.join("mod.rs"), folder.with_extension("rs")],
        };
        let declares = |parent: &PathBuf| {
            let text = read(parent);
            text.lines().any(|line| line.trim_start_matches("pub ") == format!("mod {name};"))
        };
        if !parents.iter().filter(|parent| all.contains(parent)).any(declares) {
            faults.push(format!("{}: no `mod {name};` in {}", path.display(), parents[0].display()));
        }
    }
    none(faults, "a test file that nobody declares never runs:");
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let mut faults = Vec::new();
    for path in files("tests", ".snap.new") {
        faults.push(format!("{}: waits for a decision", path.display()));
    }
    for path in files("tests", ".snap") {
        let text = read(&path);
        let file = path.file_name().expect("a file has a name").to_string_lossy();
        let name = file.trim_end_matches(".snap").rsplit("__").next().unwrap_or_default();
        let from = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap_or_default();
        let test = if files("tests", ".rs").contains(&PathBuf::from(from)) {
            read(Path::new(from))
        } else {
            faults.push(format!("{}: its test file `{from}` is gone", path.display()));
            continue;
        };
        // A second snapshot of one test is called `name-2`; a name given by hand stands in quotes.
        let whole = name.rsplit_once('-').filter(|(_, n)| n.parse::<u32>().is_ok()).map_or(name, |(n, _)| n);
        let named = [format!("fn {whole}("), format!("fn test_{whole}("), format!("\"{name}\"")];
        if !named.iter().any(|name| test.contains(name)) {
            faults.push(format!("{}: no test of that name in {from}", path.display()));
        }
    }
    none(faults, "snapshots without a test:");
}

//! Sound topologies by the hundred have no finding; one planted mistake has one, at its place.

mod grow;
mod judge;
mod plant;
mod written;

use crate::compile::told;
use crate::support::chance::{Dice, asked, seeds};
use grow::Folder;
use judge::Scores;
use onhand::check::Scene;
use onhand::compile::{Compiled, Inputs, compile};
use onhand::connectors::KINDS;
use onhand::diagnostic::code;
use onhand::model::time::Moment;
use onhand::syntax::ast::spec::Spec;
use onhand::syntax::schema;
use std::collections::BTreeSet;
use std::path::Path;
use written::{Written, walk};

/// What the environment holds.
fn env(name: &str) -> Option<String> {
    (name == "CATALOG").then(|| "catalog.csv".to_owned())
}

fn compiled(folder: &Folder) -> Compiled {
    let scene = Scene { now: Moment(1_795_305_600_000), thrown_away: &|path| path.starts_with("checkout/") };
    compile(&Inputs { folder, root: "onhand.kdl", kinds: KINDS, env: &env, scene })
}

#[test]
fn correct_topologies_have_no_finding() {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for seed in seeds(200) {
        let folder = grow::grow(&mut Dice(seed));
        if seed < 60 {
            meet(&Written::read(&folder), &mut met);
        }
        let compiled = compiled(&folder);
        if !compiled.diagnostics.is_empty() {
            if wrong.is_empty() {
                show(&folder);
            }
            wrong.push(format!("ONHAND_SEED={seed}:\n{}", told(&compiled)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if asked().is_none() {
        covered(&met);
    }
}

/// Adds the nodes and properties that a topology holds, each by its way from the top.
fn meet(written: &Written, met: &mut BTreeSet<String>) {
    for top in written.tops() {
        walk(top, &mut Vec::new(), &mut |node, above| {
            let kind = above.first().unwrap_or(&node).property("kind").unwrap_or_default();
            let names = above.iter().chain([&node]).map(|node| node.name.as_str());
            let path = names.collect::<Vec<_>>().join("/");
            let keys = node.entries.iter().filter_map(|entry| entry.key.as_ref());
            met.extend(keys.map(|key| format!("{path} {key}=")));
            met.extend([format!("{kind} {path}"), path.clone()]);
        });
    }
}

/// Demands that nearly everything of the language has been met, and prints what has not.
fn covered(met: &BTreeSet<String>) {
    let mut all = BTreeSet::new();
    for spec in schema::nodes().filter(|spec| spec.name != "allow") {
        list(spec, "", &mut all);
    }
    for kind in KINDS {
        for spec in schema::kind_nodes(kind) {
            list(&spec, "system/", &mut all);
        }
    }
    let lacking: Vec<&String> = all.iter().filter(|path| !met.contains(*path)).collect();
    println!("{} of {} nodes and properties of the language are met", all.len() - lacking.len(), all.len());
    println!("not met: {lacking:?}");
    assert!(lacking.len() * 20 <= all.len(), "not met: {lacking:?}");
}

fn list(spec: &Spec, above: &str, all: &mut BTreeSet<String>) {
    let path = format!("{above}{}", spec.name);
    all.extend(spec.props.iter().map(|field| format!("{path} {}=", field.name)));
    all.insert(path.clone());
    for child in schema::children(spec).0 {
        list(child, &format!("{path}/"), all);
    }
}

fn show(folder: &Folder) {
    for (name, bytes) in folder {
        println!("// {name}\n{}", String::from_utf8_lossy(bytes));
    }
}

/// The shipped examples, without what they only run on.
fn examples() -> Vec<(String, Folder)> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut examples = Vec::new();
    for example in std::fs::read_dir(all).unwrap() {
        let path = example.unwrap().path();
        let name = format!("examples/{}", path.file_name().unwrap().to_str().unwrap());
        let mut folder = Folder::new();
        gather(&path, &path, &mut folder);
        examples.push((name, folder));
    }
    examples.sort_by(|(one, _), (other, _)| one.cmp(other));
    examples
}

fn gather(root: &Path, at: &Path, folder: &mut Folder) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, folder);
        } else if path.extension().is_some_and(|extension| extension == "kdl" || extension == "csv") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            folder.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn planted_mistakes_are_found() {
    let mut topologies = examples();
    topologies.extend(seeds(20).map(|seed| (format!("ONHAND_SEED={seed}"), grow::grow(&mut Dice(seed)))));
    let mut scores = Scores::default();
    for (number, (name, folder)) in topologies.iter().enumerate() {
        let sound = Written::read(folder);
        let base = compiled(&sound.print().0);
        assert!(base.diagnostics.is_empty(), "{name}:\n{}", told(&base));
        let mut here = BTreeSet::new();
        for (order, (rule, plant_name, plant)) in plant::all().into_iter().enumerate() {
            let mut dice = Dice((number * 1_000 + order) as u64);
            let mut broken = sound.clone();
            if plant(&mut broken, &base.model, &mut dice).is_none() {
                continue;
            }
            let (folder, place) = broken.print();
            scores.judge((rule, plant_name), &compiled(&folder), (&folder, place), name);
            if here.insert(rule.slug) && name.starts_with("ONHAND") {
                scores.rules.get_mut(rule.slug).unwrap().topologies += 1;
            }
        }
    }
    println!("{}\n{}", scores.short.join("\n"), scores.table());
    let without: Vec<&str> =
        code::ALL.iter().map(|rule| rule.slug).filter(|slug| !scores.rules.contains_key(slug)).collect();
    assert!(without.is_empty(), "no mistake is planted for {without:?}");
    for (slug, score) in &scores.rules {
        let least = score.columns.iter().min().copied().unwrap_or(0);
        assert!(least * 10 >= score.planted * 9, "{slug}: {least} of {} are right", score.planted);
        assert!(score.topologies >= 10 || asked().is_some(), "{slug}: planted in {}", score.topologies);
    }
    let total = scores.total();
    for (least, what) in total.columns.iter().zip(["found", "right rule", "right node", "alone"]) {
        assert!(least * 100 >= total.planted * 98, "{what}: {least} of {}", total.planted);
    }
}

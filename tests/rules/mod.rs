//! The rules by which nothing is sold twice: each is there because a test misses it when it is taken out.
//!
//! Every rule has a patch beside this file. That the patches fit the code is seen each time; that tests fail
//! under each of them is seen by a long run, which builds them all, one after the other.

mod patch;
mod table;
mod tree;

use crate::support::chance::cases;
use patch::Patch;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use table::{Rule, rules};
use tree::Tree;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn patches_of(rule: &Rule) -> Result<Vec<Patch>, String> {
    let path = root().join("tests/rules").join(format!("{}.patch", rule.patch));
    Patch::parse(&fs::read_to_string(path).map_err(|error| error.to_string())?)
}

/// Whether a patch fits the code, and its tests are there.
fn fits(rule: &Rule) -> Result<(), String> {
    for patch in patches_of(rule)? {
        if !patch.file.starts_with("src/") {
            return Err(format!("{} is no file of the program", patch.file));
        }
        let text = fs::read_to_string(root().join(&patch.file)).map_err(|error| error.to_string())?;
        patch.apply(&text)?;
    }
    if rule.missed_by.is_empty() {
        return Err("no test misses it".to_owned());
    }
    match rule.missed_by.iter().find(|test| !is_there(test)) {
        Some(test) => Err(format!("there is no test {test}")),
        None => Ok(()),
    }
}

/// Whether there is a test of this name, by the text of its module.
fn is_there(test: &str) -> bool {
    let Some((module, name)) = test.rsplit_once("::") else { return false };
    let folder = root().join("tests").join(module.replace("::", "/"));
    let files: [PathBuf; 2] = [folder.with_extension("rs"), folder.join("mod.rs")];
    let text = files.iter().find_map(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    let [plain, waiting] = [("test", ""), ("tokio::test", "async ")]
        .map(|(mark, word)| format!("#[{mark}]\n{word}fn {name}() {{"));
    text.contains(&plain) || text.contains(&waiting)
}

#[test]
fn every_patch_fits_the_code_and_names_its_tests() {
    let faults: Vec<String> =
        rules().filter_map(|rule| Some(format!("{}.patch: {}", rule.patch, fits(rule).err()?))).collect();
    assert!(
        faults.is_empty(),
        "take the rule out of the code as it is now, and keep `git diff` of that as the patch:\n{}",
        faults.join("\n")
    );
    let listed: Vec<String> = rules().map(|rule| format!("{}.patch", rule.patch)).collect();
    let names: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(names.len(), listed.len(), "a patch is listed twice");
    let there = fs::read_dir(root().join("tests/rules")).expect("the folder can be listed");
    let there =
        there.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned());
    let there: BTreeSet<String> = there.filter(|name| name.ends_with(".patch")).collect();
    assert_eq!(there.iter().collect::<BTreeSet<_>>(), names, "files of the folder, and lines of the table");
}

#[test]
fn a_rule_that_is_taken_out_is_missed() {
    let count = rules().count();
    if cases(1) == 1 {
        println!(
            "left out: {count} builds, each without one rule; they are made where ONHAND_CASES is above 1"
        );
        return;
    }
    let tree = Tree::copied();
    let all: BTreeSet<&str> = rules().flat_map(|rule| rule.missed_by).copied().collect();
    let all: Vec<&str> = all.into_iter().collect();
    let whole = tree.run(&all).expect("the tree builds as it is");
    assert_eq!(whole.iter().find(|(_, passed)| !**passed), None, "it fails with all rules in place");
    println!("with all rules in place {} tests pass", whole.len());
    let mut faults: Vec<String> = Vec::new();
    for rule in rules() {
        let patches = patches_of(rule).expect("it can be read");
        match tree.without(&patches, || tree.run(rule.missed_by)) {
            Err(why) => faults.push(format!("{}.patch does not build: {why}", rule.patch)),
            Ok(ends) => {
                for (test, passed) in ends {
                    let how = if passed { "PASSED, and must fail" } else { "failed as it must" };
                    println!("without \"{}\": {test} {how}", rule.words);
                    faults.extend(passed.then(|| format!("{test} does not miss {}.patch", rule.patch)));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{count} rules, each taken out alone and missed");
}

//! Topologies broken by hand: each planted mistake gives one finding of its rule, and nothing else.

mod fixed;
mod flows;
mod front;
mod time;

use crate::compile::{files, files_in, scene, told};
use onhand::check::Scene;
use onhand::compile::Compiled;

/// Topologies that give exactly what was planted, in percent, at least.
const LEAST: usize = 95;

/// The files of the sound topology with one edit.
fn edited(from: &str, to: &str) -> Vec<(String, String)> {
    let (file, from) =
        from.split_once('|').filter(|(file, _)| file.contains('.')).unwrap_or(("onhand.kdl", from));
    let mut all: Vec<(String, String)> =
        front::BASE.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    all.push(("empty.csv".to_owned(), String::new()));
    let own = all.iter_mut().find(|(name, _)| name == file).expect("the edited file is in the base");
    match from {
        "" => own.1.push_str(to),
        from => {
            assert!(own.1.contains(from), "`{from}` is not in {file}");
            own.1 = own.1.replacen(from, to, 1);
        }
    }
    all
}

/// Topologies of one file, with what is planted in each.
fn cases() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static [&'static str])> {
    flows::CASES.iter().chain(time::CASES)
}

fn compiled(all: &[(String, String)]) -> Compiled {
    let borrowed: Vec<(&str, &str)> = all.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files(&borrowed)
}

/// Rules about what a whole topology should have and the small ones here leave out.
const LEFT_OUT: [&str; 1] = ["transfer-untracked"];

/// The rules of all findings but those about what is left out on purpose.
fn found<'c>(compiled: &'c Compiled, planted: &[&str]) -> Vec<&'c str> {
    let slugs = compiled.diagnostics.iter().map(|one| one.rule.slug);
    slugs.filter(|slug| planted.contains(slug) || !LEFT_OUT.contains(slug)).collect()
}

fn exact(compiled: &Compiled, planted: &[&str]) -> bool {
    let mut found = found(compiled, planted);
    let mut planted = planted.to_vec();
    found.sort();
    planted.sort();
    found == planted
}

#[test]
fn planted_mistakes_are_found_once_each() {
    let mut count = 0;
    let mut wrong = Vec::new();
    let mut judge = |name: &str, compiled: Compiled, planted: &[&str]| {
        count += 1;
        if !exact(&compiled, planted) {
            wrong.push(format!("{name}: planted {planted:?}, found:\n{}", told(&compiled)));
        }
    };
    for (name, from, to, planted) in front::CASES {
        judge(name, compiled(&edited(from, to)), planted);
    }
    for (name, text, planted) in cases().filter(|(_, _, planted)| !planted.is_empty()) {
        judge(name, files(&[("onhand.kdl", text)]), planted);
    }
    for (name, text, planted) in time::PIPELINE {
        let scene = Scene { thrown_away: &|path| !path.starts_with('/'), ..scene() };
        judge(name, files_in(&[("onhand.kdl", text)], &|_| None, scene), planted);
    }
    let good = count - wrong.len();
    println!("{good} of {count} broken topologies give exactly one finding for each planted mistake");
    println!("{}", wrong.join("\n"));
    assert!(good * 100 >= count * LEAST, "{good} of {count} is below {LEAST} %:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_found_where_nothing_is_planted() {
    let mut sound = 0;
    for (name, text, _) in cases().filter(|(_, _, planted)| planted.is_empty()) {
        let compiled = files(&[("onhand.kdl", text)]);
        assert!(found(&compiled, &[]).is_empty(), "{name}:\n{}", told(&compiled));
        sound += 1;
    }
    assert!(sound > 20, "only {sound} sound topologies are left");
}

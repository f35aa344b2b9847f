//! Safe fixes on broken topologies: never more errors, never a file but the topology's own, twice is once.

use super::{edited, flows, front};
use crate::compile::scene;
use crate::support::chance::{Dice, seeds};
use onhand::compile::fix::{Fixed, fix};
use onhand::compile::{Compiled, Inputs};
use onhand::connectors::KINDS;
use onhand::diagnostic::Severity;
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

fn fixed(files: &Files) -> Fixed {
    fix(&Inputs { folder: files, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene: scene() })
}

/// Errors of each rule.
fn errors(compiled: &Compiled) -> BTreeMap<&'static str, usize> {
    let mut errors = BTreeMap::new();
    for found in compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
        *errors.entry(found.rule.slug).or_default() += 1;
    }
    errors
}

fn compiled(files: &Files) -> Compiled {
    onhand::compile::compile(&Inputs {
        folder: files,
        root: "onhand.kdl",
        kinds: KINDS,
        env: &|_| None,
        scene: scene(),
    })
}

/// Fixes a topology and checks what must hold of any; how many fixes were applied and withdrawn.
fn judged(name: &str, mut files: Files) -> (usize, usize) {
    let before = compiled(&files);
    let done = fixed(&files);
    let old = errors(&before);
    for (rule, count) in errors(&done.compiled) {
        assert!(old.get(rule).is_some_and(|old| *old >= count), "{name}: more `{rule}` than before");
    }
    assert_eq!(done.before, before.diagnostics, "{name}");
    assert!(!done.cut, "{name}: the fixes came to no end");
    assert_eq!(done.applied == 0, done.changed.is_empty(), "{name}: {done:?}");
    for changed in &done.changed {
        assert!(changed.name.ends_with(".kdl"), "{name}: {} changes", changed.name);
        let file = files.get_mut(&changed.name).expect("a changed file was there");
        assert_eq!(*file, changed.before.as_bytes(), "{name}");
        *file = changed.after.clone().into_bytes();
    }
    assert_eq!(compiled(&files).diagnostics, done.compiled.diagnostics, "{name}: not what was checked");
    let again = fixed(&files);
    assert_eq!((again.applied, again.changed.len()), (0, 0), "{name}: the second run changes {again:?}");
    assert_eq!(again.withdrawn, done.withdrawn, "{name}");
    (done.applied, done.withdrawn.len())
}

fn stored(files: Vec<(String, String)>) -> Files {
    files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

#[test]
fn every_planted_mistake_may_be_fixed() {
    let (mut applied, mut withdrawn) = (0, 0);
    let mut judge = |name: &str, files: Files| {
        let (kept, refused) = judged(name, files);
        (applied, withdrawn) = (applied + kept, withdrawn + refused);
    };
    front::CASES.iter().for_each(|(name, from, to, _)| judge(name, stored(edited(from, to))));
    for (name, text, _) in flows::CASES {
        judge(name, stored(vec![("onhand.kdl".to_owned(), (*text).to_owned())]));
    }
    println!("{applied} fixes applied, {withdrawn} withdrawn");
    assert!(applied >= 15, "only {applied} fixes were applied");
}

/// The sound topology with several of the edits that break it, and some scratches.
fn broken(dice: &mut Dice) -> Files {
    let mut files = stored(edited("", ""));
    for _ in 0..1 + dice.below(5) {
        let (_, from, to, _) = front::CASES[dice.below(front::CASES.len())];
        let (file, from) =
            from.split_once('|').filter(|(file, _)| file.contains('.')).unwrap_or(("onhand.kdl", from));
        let Some(bytes) = files.get_mut(file) else { continue };
        let text = String::from_utf8_lossy(bytes).into_owned();
        *bytes = match from {
            "" => text + to,
            from => text.replacen(from, to, 1),
        }
        .into_bytes();
    }
    for _ in 0..dice.below(4) {
        let names = ["onhand.kdl", "systems/erp.kdl", "systems/feeds.kdl"];
        let bytes = files.get_mut(names[dice.below(3)]).expect("the sound topology has these files");
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, b";,={}\"'()\\/# 0"[dice.below(14)]),
            2 => bytes.swap(at, at.saturating_sub(1)),
            _ => bytes.truncate(bytes.len() - dice.below(40)),
        }
    }
    files
}

#[test]
fn random_broken_topologies_get_no_worse() {
    let (mut applied, mut withdrawn, mut runs) = (0, 0, 0);
    for seed in seeds(250) {
        let (kept, refused) = judged(&format!("ONHAND_SEED={seed}"), broken(&mut Dice(seed)));
        (applied, withdrawn, runs) = (applied + kept, withdrawn + refused, runs + 1);
    }
    println!("{runs} broken topologies: {applied} fixes applied, {withdrawn} withdrawn");
    assert!(applied > 0 || runs == 1, "no fix was ever applied");
}

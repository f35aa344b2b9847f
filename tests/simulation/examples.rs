//! Every shipped example in worlds with all faults: what must hold holds, and a seed is one story.

use super::scene;
use crate::compile;
use crate::support::chance;
use onhand::simulate::season::{Asked, season, settings};
use onhand::simulate::{Play, Scene, Settings};
use std::collections::BTreeSet;
use std::path::Path;

/// The files of an example, by their path in it.
fn files(folder: &Path, below: &str, all: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), all);
        } else {
            all.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

fn example(name: &str) -> Scene {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut all = Vec::new();
    files(&folder, "", &mut all);
    let all: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    scene(compile::files_with(&all, &|name| Some(format!("sqlite:{name}"))), None)
}

const HOURS: u64 = 12;

fn asked(seed: u64) -> Asked {
    let (without, skip) = (Vec::new(), BTreeSet::new());
    Asked { seed, hours: HOURS, items: 8, without, skip, fails_on_oversold: false }
}

fn all_holds(name: &str) {
    let mut scene = example(name);
    let (mut strikes, mut sums, mut worlds) = (Vec::new(), [0; 3], 0);
    for seed in chance::seeds(2) {
        let found = season(&mut scene, &asked(seed));
        if let Some(failed) = &found.failed {
            panic!("ONHAND_SEED={seed} {:?}\n{}", failed.played.breach, failed.played.tale.join("\n"));
        }
        worlds += 1;
        for tally in &found.tallies {
            sums = [sums[0] + tally.sold, sums[1] + tally.oversold, sums[2] + tally.turned_away];
        }
        strikes.push(found.strikes);
    }
    let struck: Vec<String> = strikes[0]
        .iter()
        .enumerate()
        .map(|(at, (fault, _))| {
            format!("{} {}", fault.word(), strikes.iter().map(|own| own[at].1).sum::<u64>())
        })
        .collect();
    let [sold, oversold, away] = sums;
    println!(
        "{name}: {} hours in {worlds} worlds, every invariant held; {sold} sold, {oversold} not there, {away} turned \
         away; struck: {}",
        worlds * HOURS,
        struck.join(", ")
    );
}

#[test]
fn all_holds_in_direct() {
    all_holds("direct");
}

#[test]
fn all_holds_in_erp() {
    all_holds("erp");
}

#[test]
fn all_holds_in_hub() {
    all_holds("hub");
}

#[test]
fn all_holds_in_custom() {
    all_holds("custom");
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for name in ["direct", "hub"] {
        let story = || {
            let mut scene = example(name);
            scene.sample(7, 6);
            let settings = Settings { tells: true, ..settings(&scene, &asked(7), (7, 4)) };
            Play::new(&scene, &settings).run().tale
        };
        let (first, second) = (story(), story());
        println!("{name}: {} lines, twice the same", first.len());
        assert!(first.len() > 100);
        assert!(first == second);
    }
}

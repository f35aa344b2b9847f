//! What a power cut leaves of a state file: every entry whose writing was answered, or words that say that
//! it is damaged and how to go on.
//!
//! The file and its log are copied after each step of a run. Between two copies lies what was written and not
//! yet known to be on disk; any part of it may be missing. Under full synchronisation the log of a commit is
//! on disk before the commit is answered, and the log is on disk before its pages go into the file.

use super::block;
use crate::support::chance::{Dice, cases, seeds};
use crate::support::state::{lease, run};
use onhand::model::time::Moment;
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;
use onhand::world::Database;
use onhand::world::sqlite::Sqlite;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
const SORTS: [&str; 6] = [
    "log up to a byte",
    "log sectors in any order",
    "log sectors zeroed",
    "log sectors with rubbish",
    "file torn while the log goes into it",
    "rubbish for an index of the log",
];

/// The bytes on disk after a step, and how many entries had been answered by then.
struct Shot {
    file: Vec<u8>,
    log: Vec<u8>,
    promised: usize,
}

fn shot(path: &str, promised: usize) -> Shot {
    let file = std::fs::read(path).expect("it works");
    Shot { file, log: std::fs::read(format!("{path}-wal")).unwrap_or_default(), promised }
}

fn entries(dice: &mut Dice, from: usize) -> Vec<Entry> {
    let many = 1 + dice.below(4);
    let entry = |at: usize| Entry {
        run: "r1".to_owned(),
        change: format!("c{at}"),
        attempt: 1,
        key: "k".repeat(1 + at % 700),
        event: Event::Intent { before: vec![("qty".to_owned(), at as i64)], after: at as i64 + 1 },
        at: Moment(at as i64),
    };
    (from..from + many).map(entry).collect()
}

/// A run whose journal is written step by step, with the disk after each; and all its entries.
fn recorded(dice: &mut Dice) -> (Vec<Shot>, Vec<Entry>) {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    block(async {
        let mut store = SqliteStore::open(path).await.expect("it works");
        let mut other = Sqlite::open(path, false, Duration::from_secs(1)).expect("it works");
        store.begin(&run("r1", Moment(1))).await.expect("it works");
        store.take(&lease("r1", Moment(9)), Moment(0)).await.expect("it works");
        let (mut shots, mut all) = (vec![shot(path, 0)], Vec::new());
        for _ in 0..80 {
            let own = entries(dice, all.len());
            store.append(1, &own).await.expect("it works");
            all.extend(own);
            shots.push(shot(path, all.len()));
            if dice.in_ten(1) {
                other.query("pragma wal_checkpoint(passive)", &[]).await.expect("it works");
                shots.push(shot(path, all.len()));
            }
        }
        (shots, all)
    })
}

/// The sectors of `new` where it differs from `old`.
fn changed(old: &[u8], new: &[u8]) -> Vec<usize> {
    let sector = |bytes: &[u8], at: usize| bytes.get(at..bytes.len().min(at + SECTOR)).map(<[u8]>::to_vec);
    (0..new.len()).step_by(SECTOR).filter(|at| sector(old, *at) != sector(new, *at)).collect()
}

/// `old` with some of the changed sectors of `new`; those that are missing hold `other`, or what they held.
fn mixed(dice: &mut Dice, (old, new): (&[u8], &[u8]), other: fn(&mut Dice, u8) -> u8) -> Vec<u8> {
    let mut bytes = old.to_vec();
    for at in changed(old, new) {
        let end = new.len().min(at + SECTOR);
        let here = dice.in_ten(5);
        if bytes.len() < end {
            // A longer file holds zeros where nothing was written.
            bytes.resize(end, 0);
        }
        for (place, byte) in (at..end).zip(&new[at..end]) {
            // What is not written over is not harmed, though it shares a sector with what is.
            if here {
                bytes[place] = *byte;
            } else if old.get(place) != Some(byte) {
                bytes[place] = other(dice, bytes[place]);
            }
        }
    }
    bytes
}

/// One image of the disk: the sort, the file, the log, the index of the log where there is one.
type Image = (&'static str, Vec<u8>, Vec<u8>, Option<Vec<u8>>);

fn image(dice: &mut Dice, before: &Shot, after: &Shot) -> Image {
    let torn = before.file != after.file;
    if torn && (before.log == after.log || dice.in_ten(5)) {
        let keep = |_: &mut Dice, old: u8| old;
        return (SORTS[4], mixed(dice, (&before.file, &after.file), keep), after.log.clone(), None);
    }
    let (old, new) = (before.log.as_slice(), after.log.as_slice());
    let file = before.file.clone();
    match dice.below(5) {
        0 => {
            let from = changed(old, new).first().copied().unwrap_or(0);
            let cut = from + dice.below(new.len() - from + 1);
            let log = [&new[..cut], old.get(cut..).unwrap_or_default()].concat();
            (SORTS[0], file, log, None)
        }
        1 => (SORTS[1], file, mixed(dice, (old, new), |_, old| old), None),
        2 => (SORTS[2], file, mixed(dice, (old, new), |_, _| 0), None),
        3 => (SORTS[3], file, mixed(dice, (old, new), |dice, _| dice.roll(256) as u8), None),
        _ => {
            let index = (0..32 * 1024).map(|_| dice.roll(256) as u8).collect();
            (SORTS[5], file, old.to_vec(), Some(index))
        }
    }
}

fn lay(folder: &Path, (_, file, log, index): &Image) -> String {
    let path = folder.join("state.db").to_str().expect("it works").to_owned();
    for name in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{path}{name}"));
    }
    std::fs::write(&path, file).expect("it works");
    std::fs::write(format!("{path}-wal"), log).expect("it works");
    if let Some(index) = index {
        std::fs::write(format!("{path}-shm"), index).expect("it works");
    }
    path
}

async fn look(path: &str) -> Result<(Vec<Entry>, Vec<String>), StateError> {
    let mut store = SqliteStore::open(path).await?;
    Ok((store.entries("r1").await?, store.audit().await?))
}

#[test]
fn a_power_cut_loses_no_entry_that_was_answered() {
    let mut found: BTreeMap<&str, (u32, u32, u32)> = BTreeMap::new();
    let (records, each) = (10, 50);
    let folder = tempfile::tempdir().expect("it works");
    for seed in seeds(records) {
        let mut dice = Dice(seed);
        let (shots, all) = recorded(&mut dice);
        for number in 0..each {
            let at = dice.below(shots.len() - 1);
            let (before, after) = (&shots[at], &shots[at + 1]);
            let image = image(&mut dice, before, after);
            let path = lay(folder.path(), &image);
            let counts = found.entry(image.0).or_default();
            counts.0 += 1;
            let told = format!("ONHAND_SEED={seed}, image {number}: {}", image.0);
            match block(look(&path)) {
                Ok((kept, faults)) => {
                    assert!(faults.is_empty(), "{told}: {faults:?}");
                    assert!(kept.len() >= before.promised, "{told}: {} of {}", kept.len(), before.promised);
                    assert_eq!(kept, all[..kept.len()], "{told}");
                    counts.1 += 1;
                }
                Err(StateError::Broken(text)) => {
                    assert!(text.contains("backup") && text.contains("state.db"), "{told}: {text}");
                    counts.2 += 1;
                }
                Err(other) => panic!("{told}: {other:?}"),
            }
        }
    }
    for (sort, (images, whole, refused)) in &found {
        println!("{sort}: {images} images, {whole} opened whole, {refused} refused");
    }
    let images: u32 = found.values().map(|(images, ..)| images).sum();
    let refused: u32 = found.values().map(|(.., refused)| refused).sum();
    println!("{images} images of {} asked for", cases(records) * each);
    assert_eq!(refused, 0, "what a power cut leaves is mended, not refused");
}

#[test]
fn a_file_that_was_cut_short_is_refused_with_the_way_on() {
    let mut dice = Dice(1);
    let (shots, _) = recorded(&mut dice);
    let last =
        shots.iter().rev().find(|shot| shot.file.len() > 16 * 1024).expect("the log went into the file");
    let folder = tempfile::tempdir().expect("it works");
    let mut refused = 0;
    for _ in 0..40 {
        let cut = 1 + dice.below(last.file.len() - 1);
        let path = lay(folder.path(), &("cut", last.file[..cut].to_vec(), Vec::new(), None));
        match block(look(&path)) {
            Err(StateError::Broken(text)) => {
                let words = ["state.db", "backup", "-wal", "plan anew"];
                assert!(words.iter().all(|word| text.contains(word)), "cut at {cut}: {text}");
                refused += 1;
            }
            other => panic!("cut at {cut} of {}: {other:?}", last.file.len()),
        }
    }
    println!("40 files cut short, {refused} refused");
}

//! The least that a plan of a large catalog has to do, by a bare loop: read the files of `bench/plan-scale`
//! whole, hash the codes, take the counts, compare them. No bundles, no checks, no model, no sums, no file of
//! what it found, and it trusts its input. What its time says of a plan's: docs/performance.md.
//!
//! `cargo bench --bench floor -- FOLDER`, with a folder that `just bench-plan-scale` has made.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use onhand::hands;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const PLACES: usize = 4;

fn main() {
    let folder = std::env::args().skip(1).find(|word| !word.starts_with("--")).map(PathBuf::from);
    let Some(folder) = folder.filter(|folder| folder.join("skus.csv").is_file()) else {
        println!("floor: name a folder that `just bench-plan-scale` has made; nothing was measured");
        return;
    };
    for hands in [2, 1] {
        let mut taken: Vec<Duration> = Vec::new();
        let mut differ = 0;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            differ = plan(&folder, hands);
            taken.push(began.elapsed());
        }
        taken.sort_unstable();
        let (least, middle, most) = (taken[0], taken[ROUNDS / 2], taken[ROUNDS - 1]);
        println!("hands {hands}: {middle:.2?} ({least:.2?}–{most:.2?}), {differ} counts differ");
    }
}

/// How many counts of items differ from what the owner has.
fn plan(folder: &Path, hands: usize) -> usize {
    let names = ["skus.csv", "owner.csv", "shop.csv"];
    let read = |at: usize| std::fs::read(folder.join(names[at])).expect("a file of the workload");
    let texts = hands::each(names.len(), hands, read);
    let [items, owner, shop] = [0, 1, 2].map(|at: usize| rows(&texts[at]));
    let codes = hands::each(2, hands, |column| Codes::of(items, column));
    let [in_erp, in_shop] = [0, 1].map(|column: usize| &codes[column]);
    let counts: Vec<AtomicI64> = (0..in_erp.packs.len() * PLACES).map(|_| AtomicI64::new(0)).collect();
    let parts = halves(owner);
    hands::each(parts.len(), hands, |at| {
        let mut text = parts[at];
        while !text.is_empty() {
            let (code, place) = (field(&mut text), place(field(&mut text)));
            let left = number(field(&mut text)) - number(field(&mut text)) - number(field(&mut text));
            if let Some(item) = in_erp.find(code) {
                counts[item * PLACES + place].store(left.max(0), Relaxed);
            }
        }
    });
    let parts = halves(shop);
    let differ = hands::each(parts.len(), hands, |at| {
        let (mut text, mut differ) = (parts[at], 0);
        while !text.is_empty() {
            let (code, place) = (field(&mut text), place(field(&mut text)));
            let shown = number(field(&mut text));
            if let Some(item) = in_shop.find(code) {
                let left = counts[item * PLACES + place].load(Relaxed);
                differ += usize::from(left / in_shop.packs[item] != shown);
            }
        }
        differ
    });
    differ.iter().sum()
}

/// The codes of a column of the catalog, by their hashes alone: two codes of one hash would be taken for each
/// other.
struct Codes {
    slots: Vec<(u64, usize)>,
    /// How many each item has to a case, where it is sold by one.
    packs: Vec<i64>,
}

impl Codes {
    fn of(mut text: &[u8], column: usize) -> Codes {
        let rows = text.iter().filter(|byte| **byte == b'\n').count();
        let slots = vec![(0, 0); (rows * 2).next_power_of_two()];
        let mut codes = Codes { slots, packs: Vec::with_capacity(rows) };
        while !text.is_empty() {
            let hash = hash([field(&mut text), field(&mut text)][column]);
            let at = codes.slot(hash);
            codes.slots[at] = (hash, codes.packs.len());
            let (unit, pack) = (field(&mut text), field(&mut text));
            codes.packs.push(if unit == b"case" { number(pack) } else { 1 });
        }
        codes
    }

    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 20) as usize & mask;
        while self.slots[at].0 != 0 && self.slots[at].0 != hash {
            at = (at + 1) & mask;
        }
        at
    }

    fn find(&self, code: &[u8]) -> Option<usize> {
        let (hash, item) = self.slots[self.slot(hash(code))];
        (hash != 0).then_some(item)
    }
}

/// Never 0.
fn hash(code: &[u8]) -> u64 {
    let fold = |word: u64| {
        let wide = u128::from(word) * 0xa076_1d64_78bd_642f;
        wide as u64 ^ (wide >> 64) as u64
    };
    let words = code.chunks(8).map(|some| {
        let mut word = [0; 8];
        word[..some.len()].copy_from_slice(some);
        u64::from_le_bytes(word)
    });
    words.fold(code.len() as u64, |hash, word| fold(hash ^ word)) | 1
}

/// The text behind its first line.
fn rows(text: &[u8]) -> &[u8] {
    let head = text.iter().position(|byte| *byte == b'\n').expect("a line with names");
    &text[head + 1..]
}

fn halves(text: &[u8]) -> [&[u8]; 2] {
    let middle = text.len() / 2;
    let line = text[middle..].iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (first, second) = text.split_at(middle + line);
    [first, second]
}

/// The next field, and the text behind it.
fn field<'t>(text: &mut &'t [u8]) -> &'t [u8] {
    let end = text.iter().position(|byte| matches!(byte, b',' | b'\n')).unwrap_or(text.len());
    let (field, rest) = text.split_at(end);
    *text = rest.get(1..).unwrap_or_default();
    field
}

fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

/// Places are numbered from 0 in the last digit of their code.
fn place(code: &[u8]) -> usize {
    code.last().map_or(0, |digit| usize::from(digit - b'0'))
}

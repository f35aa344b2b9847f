//! Inputs that nobody would write: a search that keeps what shows something new, from a small corpus.
//!
//! A run takes a fixed number of inputs, times `ONHAND_CASES`; `ONHAND_FUZZ_SECONDS` goes on until so much
//! time has passed. `ONHAND_FUZZ_KEEP=DIR` writes what the corpus lacks into a folder.

mod mutate;
mod oracle;

use crate::support::chance::{Dice, asked, cases};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Inputs of a plain run.
const INPUTS: u64 = 400;

/// The most inputs that are kept to be changed further, so that memory stays within some 20 MB.
const POOL: usize = 3_000;

/// The largest corpus, in bytes.
const CORPUS: usize = 200_000;

/// Inputs that show something new, and all that has been shown.
#[derive(Default)]
struct Pool {
    inputs: Vec<Vec<u8>>,
    seen: BTreeSet<u64>,
    slowest: (Duration, Vec<u8>),
    /// How many of the inputs were there at the start.
    given: usize,
}

impl Pool {
    /// Tries an input, and keeps it if it shows something new. A pool that is full forgets at random.
    fn try_out(&mut self, dice: &mut Dice, input: Vec<u8>) {
        let start = Instant::now();
        let seen = match catch_unwind(AssertUnwindSafe(|| oracle::check(&input))) {
            Ok(seen) => seen,
            Err(panic) => {
                println!("this input breaks it:\n{}\nas bytes: {input:?}", String::from_utf8_lossy(&input));
                std::panic::resume_unwind(panic);
            }
        };
        let took = start.elapsed();
        if took > self.slowest.0 {
            self.slowest = (took, input.clone());
        }
        let known = self.seen.len();
        self.seen.extend(seen);
        if self.seen.len() == known {
            return;
        }
        match self.inputs.len() {
            full if full >= POOL => {
                let place = self.given.min(POOL - 1);
                let at = place + dice.below(POOL - place);
                self.inputs[at] = input;
            }
            _ => self.inputs.push(input),
        }
    }
}

/// Every topology on a page. Blocks that name their file belong to the root above them.
fn topologies(page: &str) -> Vec<Vec<u8>> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in page.split_inclusive('\n') {
        match line.trim_end().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(fence) => {
                let (language, file) = fence.split_once(' ').unwrap_or((fence, "onhand.kdl"));
                open = language == "kdl" || language == "csv";
                match found.last_mut() {
                    Some(last) if open && file != "onhand.kdl" => {
                        last.push_str(&format!("{}{file}\n", oracle::NEXT_FILE));
                    }
                    _ if open => found.push(String::new()),
                    _ => {}
                }
            }
            None if open => found.last_mut().expect("a fence opened it").push_str(line),
            None => {}
        }
    }
    found.into_iter().map(String::into_bytes).collect()
}

fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            found.extend(below(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Where the search starts: the corpus, the examples, the pages, and the official cases if they are at hand.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &PathBuf| std::fs::read(path).expect("the file is there");
    let mut seeds: Vec<Vec<u8>> = below(&root.join("tests/fuzz/corpus"), "").iter().map(read).collect();
    let held: usize = seeds.iter().map(Vec::len).sum();
    assert!(held < CORPUS, "the corpus stays small: {held} bytes");
    seeds.extend(below(&root.join("examples"), ".kdl").iter().map(read));
    for page in below(&root.join("src/check/rules"), ".md").iter().chain(&below(&root.join("docs"), ".md")) {
        seeds.extend(topologies(&String::from_utf8(read(page)).expect("pages are UTF-8")));
    }
    if let Some(suite) = std::env::var_os("ONHAND_KDL_SUITE") {
        seeds.extend(below(Path::new(&suite), ".kdl").iter().map(read));
    }
    seeds.iter_mut().for_each(|seed| seed.truncate(mutate::LONGEST));
    seeds
}

#[test]
fn whatever_stands_in_the_files() {
    let seed = asked().unwrap_or(0);
    let mut dice = Dice(seed);
    let words = mutate::words();
    let mut pool = Pool::default();
    let seeds = seeds();
    let given = seeds.len();
    seeds.into_iter().for_each(|seed| pool.try_out(&mut dice, seed));
    pool.given = pool.inputs.len();
    let known = pool.seen.len();
    let long = std::env::var("ONHAND_FUZZ_SECONDS").ok();
    let long = long.map(|text| Duration::from_secs(text.parse().expect("whole seconds")));
    let (start, mut tried) = (Instant::now(), 0_u64);
    while long.map_or(tried < cases(INPUTS), |long| start.elapsed() < long) {
        // What came last is where something new was seen: half of the children are its own.
        let newest = pool.inputs.len().saturating_sub(1 + dice.below(50));
        let own = if dice.in_ten(5) { newest } else { dice.below(pool.inputs.len()) };
        let other = dice.below(pool.inputs.len());
        let child = mutate::mutate(&mut dice, &pool.inputs[own], &pool.inputs[other], &words);
        pool.try_out(&mut dice, child);
        tried += 1;
    }
    println!(
        "ONHAND_SEED={seed}: {given} inputs given and {tried} made: {known} sights, then {}; {} kept; the \
         slowest took {} ms for {} bytes",
        pool.seen.len(),
        pool.inputs.len(),
        pool.slowest.0.as_millis(),
        pool.slowest.1.len()
    );
    if let Some(folder) = std::env::var_os("ONHAND_FUZZ_KEEP") {
        keep(&pool, Path::new(&folder));
    }
}

/// Writes the inputs that the search found, the shortest first, as long as each shows something that those
/// before it do not.
fn keep(pool: &Pool, folder: &Path) {
    let mut found: Vec<&Vec<u8>> = pool.inputs.iter().skip(pool.given).collect();
    found.sort_by_key(|input| input.len());
    let mut seen: BTreeSet<u64> =
        pool.inputs[..pool.given].iter().flat_map(|input| oracle::check(input)).collect();
    let mut room = CORPUS / 2;
    for (number, input) in found.iter().enumerate() {
        let known = seen.len();
        seen.extend(oracle::check(input));
        if seen.len() > known && input.len() < room {
            room -= input.len();
            std::fs::write(folder.join(format!("{number:04}")), input).expect("the folder can be written");
        }
    }
}

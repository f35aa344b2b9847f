//! Random tests: how many cases they run, from which seed, and how one is run again.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A whole number that a variable gives.
fn given(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}=`{text}` is no whole number")))
}

/// The seed that `ONHAND_SEED` asks for: that one case, or that one sequence of cases, and no other.
pub fn asked() -> Option<u64> {
    given("ONHAND_SEED")
}

/// As many cases as usual, times `ONHAND_CASES` where it is set.
pub fn cases(usual: u64) -> u64 {
    usual * given("ONHAND_CASES").unwrap_or(1)
}

/// The seeds of a test that makes one case of each: always the same ones.
pub fn seeds(usual: u64) -> std::ops::Range<u64> {
    let seeds = asked().map_or(0..cases(usual), |seed| seed..seed + 1);
    println!("seeds: ONHAND_SEED={} to {}", seeds.start, seeds.end - 1);
    seeds
}

/// Runs a property on random inputs from a seed of its own, which is printed.
pub fn check<S: Strategy>(usual: u32, strategy: S, property: impl Fn(S::Value)) {
    let seed = asked().unwrap_or_else(fresh);
    println!("seed: ONHAND_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let cases = u32::try_from(cases(u64::from(usual))).expect("fewer cases than 2^32");
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let result = runner.run(&strategy, |value| {
        property(value);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("ONHAND_SEED={seed}: {failure}");
    }
}

fn fresh() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// Random numbers that are the same everywhere (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, excluded.
    pub fn roll(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// The same, for places in a list.
    pub fn below(&mut self, end: usize) -> usize {
        self.roll(end as u64) as usize
    }

    /// Whether a thing that happens so many times in ten happens now.
    pub fn in_ten(&mut self, times: usize) -> bool {
        self.below(10) < times
    }
}

//! Chance of a simulated world: one seed, always the same story.

/// Random numbers that are the same everywhere (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The numbers of a seed. `stream` tells sequences of one seed apart: what one of them is used for
    /// does not change the others.
    pub fn new(seed: u64, stream: u64) -> Dice {
        let mut dice = Dice(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        dice.bits();
        dice
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, excluded; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % (end.max(1) as u64)) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add((self.bits() % span.max(1)) as i64)
    }

    /// How often something happens in `within` ms that happens every `mean` ms on the average; a `mean`
    /// of 0 is never. Whole numbers only, so every machine counts alike.
    pub fn times(&mut self, mean: i64, within: i64) -> i64 {
        if mean <= 0 || within <= 0 {
            return 0;
        }
        within / mean + i64::from(self.between(0, mean - 1) < within % mean)
    }
}

//! Sets of items and bundles, one bit each: what a selector chose from the real catalog.

use super::id::{BundleId, ItemId};
use super::item::Thing;

/// A set of small numbers, one bit each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// The numbers from 0 to `count`, excluded.
    pub fn all(count: usize) -> Bits {
        let mut words = vec![u64::MAX; count.div_ceil(64)];
        if let (Some(last), 1..) = (words.last_mut(), count % 64) {
            *last = (1 << (count % 64)) - 1;
        }
        Bits { words }
    }

    /// Adds a number.
    pub fn insert(&mut self, index: usize) {
        if self.words.len() <= index / 64 {
            self.words.resize(index / 64 + 1, 0);
        }
        self.words[index / 64] |= 1 << (index % 64);
    }

    /// Whether a number is in it.
    pub fn contains(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// How many numbers are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether some number is in both.
    pub fn meets(&self, other: &Bits) -> bool {
        self.words.iter().zip(&other.words).any(|(word, theirs)| word & theirs != 0)
    }

    /// The smallest number in it.
    pub fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    /// The numbers that are in both.
    pub fn common(&self, other: &Bits) -> Bits {
        let mut both = self.clone();
        both.intersect(other);
        both
    }

    /// The numbers that are in this one only.
    pub fn without(&self, other: &Bits) -> Bits {
        let mut rest = self.clone();
        rest.subtract(other);
        rest
    }

    /// Takes out what `other` has.
    pub fn subtract(&mut self, other: &Bits) {
        for (word, theirs) in self.words.iter_mut().zip(&other.words) {
            *word &= !theirs;
        }
    }

    /// Adds what `other` has.
    pub fn union(&mut self, other: &Bits) {
        self.words.resize(self.words.len().max(other.words.len()), 0);
        for (word, theirs) in self.words.iter_mut().zip(&other.words) {
            *word |= theirs;
        }
    }

    /// Keeps only what `other` has too.
    pub fn intersect(&mut self, other: &Bits) {
        self.words.truncate(other.words.len());
        for (word, theirs) in self.words.iter_mut().zip(&other.words) {
            *word &= theirs;
        }
    }

    /// The numbers, from small to large.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

/// A set of items and bundles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Things {
    /// The items, by [`ItemId`].
    pub items: Bits,
    /// The bundles, by [`BundleId`].
    pub bundles: Bits,
}

impl Things {
    /// Whether a thing is in it.
    pub fn contains(&self, thing: Thing) -> bool {
        match thing {
            Thing::Item(ItemId(id)) => self.items.contains(id as usize),
            Thing::Bundle(BundleId(id)) => self.bundles.contains(id as usize),
        }
    }

    /// What is in both.
    pub fn common(&self, other: &Things) -> Things {
        let (items, bundles) = (self.items.common(&other.items), self.bundles.common(&other.bundles));
        Things { items, bundles }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.bundles.is_empty()
    }
}

//! An index from texts to places in a list that holds the texts: it holds none of its own, so that one of a
//! large catalog stays in the caches of a processor.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Places by the texts that stand there. Who asks shows the text of a place, the same at all times. The
/// hasher is that of [`super::Lookup`], for the same reasons.
#[derive(Debug, Clone, Default)]
pub struct ByText {
    places: HashTable<u32>,
    hasher: RandomState,
}

impl ByText {
    /// Makes room for so many more places.
    pub fn reserve<'t>(&mut self, more: usize, text_at: impl Fn(u32) -> &'t str) {
        self.places.reserve(more, |place| self.hasher.hash_one(text_at(*place)));
    }

    /// The place of a text.
    pub fn find<'t>(&self, text: &str, text_at: impl Fn(u32) -> &'t str) -> Option<u32> {
        self.places.find(self.hasher.hash_one(text), |place| text_at(*place) == text).copied()
    }

    /// The places of some texts, in their order. In a large index each step of a search waits for memory: all
    /// take the same step before any takes the next, so that a processor waits for several at once.
    pub fn find_each<'t>(&self, texts: &[&str], text_at: impl Fn(u32) -> &'t str) -> Vec<Option<u32>> {
        let hashes: Vec<u64> = texts.iter().map(|text| self.hasher.hash_one(*text)).collect();
        // Nearly always the first place that may be a text's is it. Where there is none the text is nowhere.
        let likely: Vec<Option<u32>> =
            hashes.iter().map(|hash| self.places.find(*hash, |_| true).copied()).collect();
        let sure = |((text, hash), likely): ((&&str, &u64), Option<u32>)| match likely {
            Some(place) if text_at(place) != *text => {
                self.places.find(*hash, |place| text_at(*place) == *text).copied()
            }
            other => other,
        };
        texts.iter().zip(&hashes).zip(likely).map(sure).collect()
    }

    /// Adds the place of a text, which shows it from now on. Fails with the place where the text stands
    /// already.
    pub fn add<'t>(&mut self, text: &str, place: u32, text_at: impl Fn(u32) -> &'t str) -> Result<(), u32> {
        let hash = |text: &str| self.hasher.hash_one(text);
        let of_place = |known: &u32| hash(if *known == place { text } else { text_at(*known) });
        let own = hash(text);
        match self.places.find(own, |known| text_at(*known) == text) {
            Some(known) => Err(*known),
            None => {
                self.places.insert_unique(own, place, of_place);
                Ok(())
            }
        }
    }
}

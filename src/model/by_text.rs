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

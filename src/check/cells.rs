//! Cells of the catalog that one finding is about: an example, and how many there are.

use crate::model::set::{Bits, Things};
use crate::model::{BundleId, ItemId, LocationId, Model, item::Thing};

/// Some cells.
#[derive(Debug, Default, Clone)]
pub struct Cells {
    first: Option<(Thing, LocationId)>,
    count: usize,
}

impl Cells {
    /// Adds the cells of some items at a location.
    pub fn add(&mut self, location: LocationId, items: &Bits) {
        let first = items.first().map(|index| (Thing::Item(ItemId::at(index)), location));
        self.first = self.first.or(first);
        self.count += items.count();
    }

    /// Adds the cells of some items and bundles at a location.
    pub fn add_things(&mut self, location: LocationId, things: &Things) {
        self.add(location, &things.items);
        let first = things.bundles.first().map(|index| (Thing::Bundle(BundleId::at(index)), location));
        self.first = self.first.or(first);
        self.count += things.bundles.count();
    }

    /// The first cell, where there is one.
    pub fn example(&self) -> Option<(Thing, LocationId)> {
        self.first
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// ``the `MUG` at `paris` and 3 more cells``, without the article.
    pub fn say(&self, model: &Model) -> String {
        let Some((thing, location)) = self.first else { return "no cell".to_owned() };
        let example = format!("`{}` at `{}`", model.thing_name(thing), model.location(location).name);
        match self.count {
            1 => example,
            2 => format!("{example} and 1 more cell"),
            count => format!("{example} and {} more cells", count - 1),
        }
    }
}

/// `a`, `b` and `c`, each in backquotes.
pub fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Which of some sets share a member with an earlier one, as places in the list: (earlier, later, what
/// they share). Sets that share nothing cost one pass over each.
pub fn overlaps<'b, T: Copy>(sets: impl IntoIterator<Item = (T, &'b Bits)>) -> Vec<(T, T, Bits)> {
    let mut seen: Vec<(T, &Bits)> = Vec::new();
    let mut union = Bits::default();
    let mut found = Vec::new();
    for (later, set) in sets {
        if union.meets(set) {
            let shared = seen.iter().map(|(earlier, other)| (*earlier, later, other.common(set)));
            found.extend(shared.filter(|(_, _, both)| !both.is_empty()));
        }
        union.union(set);
        seen.push((later, set));
    }
    found
}

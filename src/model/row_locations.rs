//! Which location each row is of, where the rows of one location stand together.

use super::id::LocationId;
use std::ops::{Index, Range};

/// The location of each row. Rows that follow each other at one location take no more room than one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowLocations {
    /// Each location with the row that comes after its own; no two that follow each other are the same, and
    /// none is without rows.
    runs: Vec<(LocationId, usize)>,
}

impl RowLocations {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.runs.last().map_or(0, |(_, end)| *end)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, location: LocationId) {
        self.add(location, 1);
    }

    /// Adds so many rows at one location.
    pub fn add(&mut self, location: LocationId, rows: usize) {
        let end = self.len() + rows;
        match self.runs.last_mut() {
            _ if rows == 0 => {}
            Some((last, known)) if *last == location => *known = end,
            _ => self.runs.push((location, end)),
        }
    }

    /// Leaves only the first rows.
    pub fn truncate(&mut self, rows: usize) {
        let kept = self.runs.partition_point(|(_, end)| *end < rows);
        self.runs.truncate(kept + 1);
        if let Some((_, end)) = self.runs.last_mut() {
            *end = rows.min(*end);
        }
        self.runs.retain(|_| rows > 0);
    }

    /// Each location with its rows, in their order. One whose rows do not stand together comes several times.
    pub fn runs(&self) -> impl Iterator<Item = (LocationId, Range<usize>)> + '_ {
        let starts = std::iter::once(0).chain(self.runs.iter().map(|(_, end)| *end));
        self.runs.iter().zip(starts).map(|((location, end), start)| (*location, start..*end))
    }

    /// The rows of a location, where they stand together and locations come in their order.
    pub fn rows_of(&self, location: LocationId) -> Range<usize> {
        let at = self.runs.partition_point(|(own, _)| *own < location);
        let start = at.checked_sub(1).map_or(0, |before| self.runs[before].1);
        self.runs.get(at).filter(|(own, _)| *own == location).map_or(start..start, |(_, end)| start..*end)
    }

    /// The location of each row.
    pub fn iter(&self) -> impl Iterator<Item = LocationId> + '_ {
        self.runs().flat_map(|(location, rows)| rows.map(move |_| location))
    }
}

impl Index<usize> for RowLocations {
    type Output = LocationId;

    fn index(&self, row: usize) -> &LocationId {
        &self.runs[self.runs.partition_point(|(_, end)| *end <= row)].0
    }
}

impl FromIterator<LocationId> for RowLocations {
    fn from_iter<T: IntoIterator<Item = LocationId>>(locations: T) -> RowLocations {
        let mut own = RowLocations::default();
        locations.into_iter().for_each(|location| own.push(location));
        own
    }
}

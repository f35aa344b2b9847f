//! Turns rows of text, from a file or a query, into levels: the one reading of generic kinds.

mod location;

use super::count::{count, shown};
use super::demand::Cells;
use crate::hands;
use crate::model::id::Name;
use crate::model::observation::{About, Levels, RowFailure};
use crate::model::quantity::{Decimal, Ratio};
use crate::model::stamp::Stamps;
use crate::model::system::{self, Complete};
use crate::model::time::Side;
use crate::model::{CodeId, LocationId, Model, SystemId};
use location::{Kept, Rows};
use std::collections::{BTreeSet, HashMap};

/// One row as its source has it: texts letter for letter, `None` where the source says "no value".
pub struct Row<'a> {
    /// Which record of its source, as people count.
    pub record: u32,
    /// The code that its text names, by [`Gather::code`]; `None` for one that the topology does not know.
    pub code: Option<CodeId>,
    /// The location; `None` where the source has no such column.
    pub location: Option<&'a str>,
    /// The unit's word.
    pub unit: Option<&'a str>,
    /// When it was true.
    pub as_of: Option<&'a str>,
    /// One text for each count of `levels`, in its order.
    pub counts: &'a [Option<&'a str>],
}

/// Rows on their way to become levels.
pub struct Gather<'m> {
    model: &'m Model,
    system: SystemId,
    shape: &'m system::Levels,
    cells: Cells<'m>,
    stamps: Stamps<'m>,
    words: Vec<Name>,
    word_index: HashMap<String, u32>,
    sources: Vec<String>,
    /// The rows that could be read, by location.
    by_location: Vec<Rows>,
    /// The counts of the row that is being read.
    counts: Vec<Decimal>,
    failures: Vec<RowFailure>,
    rows: u64,
    ignored: u64,
}

impl<'m> Gather<'m> {
    /// Nothing gathered yet, for a system with this `levels` node.
    pub fn new(model: &'m Model, system: SystemId, shape: &'m system::Levels) -> Gather<'m> {
        Gather::over(model, system, shape, Cells::new(model, system))
    }

    fn over(model: &'m Model, system: SystemId, shape: &'m system::Levels, cells: Cells<'m>) -> Gather<'m> {
        Gather {
            model,
            system,
            shape,
            cells,
            stamps: Stamps::new(model, system, Side::Earlier),
            words: Vec::new(),
            word_index: HashMap::new(),
            sources: Vec::new(),
            by_location: model.locations.iter().map(|_| Rows::new(shape)).collect(),
            counts: Vec::new(),
            failures: Vec::new(),
            rows: 0,
            ignored: 0,
        }
    }

    /// The rows that follow come from this source.
    pub fn source(&mut self, name: &str) {
        self.sources.push(name.to_owned());
        self.by_location.iter_mut().for_each(Rows::start);
    }

    /// For some of the rows that follow, from the same source, while others are gathered elsewhere.
    pub fn part(&self) -> Gather<'m> {
        let mut part = Gather::over(self.model, self.system, self.shape, self.cells.clone());
        part.sources.extend(self.sources.last().cloned());
        part
    }

    /// Makes room for so many more rows, as many for each location.
    pub fn reserve(&mut self, rows: usize) {
        let places = self.cells.places();
        for place in places.clone() {
            self.by_location[place.index()].reserve(rows / places.clone().count());
        }
    }

    /// Takes what a part has gathered, behind all that is there. The part may go on gathering.
    pub fn join(&mut self, part: &mut Gather<'m>) {
        let words: Vec<u32> = part.words.iter().map(|word| self.word(word)).collect();
        let both = self.by_location.iter_mut().zip(&mut part.by_location);
        both.for_each(|(rows, more)| rows.join(more, &words));
        self.failures.append(&mut part.failures);
        self.rows += std::mem::take(&mut part.rows);
        self.ignored += std::mem::take(&mut part.ignored);
    }

    /// The code that a text names.
    pub fn code(&self, text: &str) -> Option<CodeId> {
        self.cells.code(text)
    }

    /// The codes that some texts name, in their order, behind those that there are.
    pub fn codes<'t>(&self, texts: impl Iterator<Item = &'t str>, found: &mut Vec<Option<CodeId>>) {
        // In most sources the rows of one code stand together.
        let (mut each, mut times): (Vec<&str>, Vec<usize>) = (Vec::new(), Vec::new());
        for text in texts {
            match (each.last(), times.last_mut()) {
                (Some(known), Some(times)) if *known == text => *times += 1,
                _ => {
                    each.push(text);
                    times.push(1);
                }
            }
        }
        let codes = self.cells.codes(&each).into_iter().zip(times);
        found.extend(codes.flat_map(|(code, times)| std::iter::repeat_n(code, times)));
    }

    /// Takes one row. A code or place that the topology does not know is counted, and no failure.
    pub fn row(&mut self, row: &Row<'_>) {
        self.rows += 1;
        let Some((code, location)) = row.code.and_then(|code| self.cells.at(code, row.location)) else {
            self.ignored += 1;
            return;
        };
        self.counts.clear();
        for ((_, column), text) in self.shape.counts.iter().zip(row.counts) {
            match count(*text, self.shape.decimal) {
                Ok(value) => self.counts.push(value),
                Err(reason) => return self.fail(row.record, column, reason, Some((code, location))),
            }
        }
        let as_of = match row.as_of.filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => match self.stamps.read(text, Some(location)) {
                Some(moment) => Some(moment),
                None => {
                    let column = self.shape.as_of.clone().unwrap_or_default();
                    let reason = format!(
                        "`{}` is not a moment, so the age of the count is unknown; write it as \
                         2026-11-22 06:35:48 or 2026-11-22T06:35:48Z",
                        shown(text)
                    );
                    return self.fail(row.record, &column, reason, Some((code, location)));
                }
            },
        };
        let unit = row.unit.filter(|word| !word.is_empty()).map(|word| self.word(word));
        let kept = Kept { code, record: row.record, unit, as_of };
        self.by_location[location.index()].push(kept, &self.counts);
    }

    /// Notes a row that cannot be read as a whole.
    pub fn bad_row(&mut self, record: u32, reason: String, code: Option<&str>, location: Option<&str>) {
        self.rows += 1;
        let cell = code.and_then(|code| self.cell(code, location));
        self.fail(record, "", reason, cell);
    }

    /// The cell that the texts of a row name, where the topology maps it.
    pub fn cell(&self, code: &str, location: Option<&str>) -> Option<(CodeId, LocationId)> {
        self.cells.cell(code, location)
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(known) = self.word_index.get(word) {
            return *known;
        }
        let index = self.words.len() as u32;
        self.words.push(Name::from(word));
        self.word_index.insert(word.to_owned(), index);
        index
    }

    fn fail(&mut self, record: u32, field: &str, reason: String, cell: Option<(CodeId, LocationId)>) {
        self.failures.push(RowFailure {
            record: format!("row {record}"),
            source: self.sources.last().cloned().unwrap_or_default(),
            field: field.to_owned(),
            reason,
            code: cell.map(|(code, _)| code),
            location: cell.map(|(_, location)| location),
        });
    }

    /// The levels: sorted, one row a cell, and judged against `complete`. `about` brings what only the
    /// caller knows; rows and ignored rows are filled in here.
    pub fn finish(mut self, mut about: About) -> Levels {
        let broken: BTreeSet<(LocationId, CodeId)> =
            self.failures.iter().filter_map(|f| Some((f.location?, f.code?))).collect();
        let mut cells = broken.len() as u64;
        let by_location = std::mem::take(&mut self.by_location);
        let most = by_location.iter().map(Rows::len).sum();
        let mut levels = location::nothing(self.model, self.shape, most);
        let own = location::Order {
            shape: self.shape,
            sources: &self.sources,
            codes: self.model.codes_of(self.system),
            broken: &broken,
        };
        let mut by_location = by_location.into_iter().enumerate().filter(|(_, rows)| rows.len() > 0);
        let most_at_once = hands::count(most, ROWS);
        // So many at once, and then into the levels: what is gathered is never there twice as a whole.
        while let Some(first) = by_location.next() {
            let others: Vec<_> = by_location.by_ref().take(most_at_once - 1).collect();
            let sort = |(at, rows): (usize, Rows)| own.sort(LocationId::at(at), rows);
            let (first, others) = hands::share(|| sort(first), others, sort);
            for one in std::iter::once(first).chain(others) {
                cells += one.cells;
                location::append(&mut levels, &one);
                self.failures.extend(one.failures);
            }
        }
        self.failures.sort_by(|a, b| (&a.source, row_number(a)).cmp(&(&b.source, row_number(b))));
        about.rows = self.rows;
        about.ignored = self.ignored;
        if about.incomplete.is_none() {
            about.incomplete = self.too_few(cells, &about.source);
        }
        // One moment for all is said once.
        if let Some(first) = levels.row_as_of.first().copied().flatten()
            && levels.row_as_of.iter().all(|moment| *moment == Some(first))
        {
            about.as_of = Some(first);
            levels.row_as_of = Vec::new();
        }
        Levels { words: self.words, failures: self.failures, about, ..levels }
    }

    fn too_few(&self, cells: u64, source: &str) -> Option<String> {
        match self.shape.complete? {
            Complete::Whole => None,
            Complete::Rows(least) => (self.rows < least).then(|| {
                format!("{source} has {} rows where `complete` asks for at least {least}", self.rows)
            }),
            Complete::Share(share) => {
                let mapped = mapped_cells(self.model, self.system);
                let (shown, asked) = (i128::from(cells), i128::from(mapped) * i128::from(share.numerator));
                (shown * i128::from(share.denominator) < asked).then(|| {
                    format!(
                        "{source} shows {cells} of the {mapped} cells that the topology maps there, and \
                         `complete` asks for at least {} of them",
                        percent(share)
                    )
                })
            }
        }
    }
}

/// So many rows are worth a hand of their own.
const ROWS: usize = 1 << 16;

fn row_number(failure: &RowFailure) -> u32 {
    failure.record.trim_start_matches("row ").parse().unwrap_or(0)
}

/// How many cells the topology maps in a system: codes times locations, but for codes valid at one place.
pub fn mapped_cells(model: &Model, system: SystemId) -> u64 {
    let places = model.locations.iter().filter(|place| place.code_in(system).is_some()).count() as u64;
    let codes = model.codes_of(system).map(|id| model.code(CodeId(id)));
    codes.map(|code| if code.at.is_some() { 1 } else { places }).sum()
}

/// A share as people write it, where it is a whole number of hundredths.
fn percent(share: Ratio) -> String {
    match Ratio::new(100, 1).and_then(|hundred| share.times(hundred)) {
        Some(Ratio { numerator, denominator: 1 }) => format!("{numerator}%"),
        _ => share.to_string(),
    }
}

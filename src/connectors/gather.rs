//! Turns rows of text, from a file or a query, into levels: the one reading of generic kinds.

use super::count::{count, plus, shown};
use super::demand::Cells;
use crate::model::counts::Counts;
use crate::model::id::Name;
use crate::model::observation::{About, Column, Levels, RowFailure};
use crate::model::quantity::{Decimal, Ratio};
use crate::model::stamp::Stamps;
use crate::model::system::{self, Complete};
use crate::model::time::{Moment, Side};
use crate::model::{CodeId, LocationId, Model, SystemId};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// One row as its source has it: texts letter for letter, `None` where the source says "no value".
pub struct Row<'a> {
    /// Which record of its source, as people count.
    pub record: u32,
    /// The code.
    pub code: &'a str,
    /// The location; `None` where the source has no such column.
    pub location: Option<&'a str>,
    /// The unit's word.
    pub unit: Option<&'a str>,
    /// When it was true.
    pub as_of: Option<&'a str>,
    /// One text for each count of `levels`, in its order.
    pub counts: &'a [Option<Cow<'a, str>>],
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
    kept: Vec<Kept>,
    /// The first kept row of each source.
    starts: Vec<u32>,
    /// The word of each kept row, where `levels` names a column for it.
    units: Vec<Option<u32>>,
    /// The moment of each kept row, where `levels` names a column for it.
    moments: Vec<Option<Moment>>,
    /// The counts of the kept rows, in the order of `levels`.
    values: Vec<Counts>,
    /// The counts of the row that is being read.
    counts: Vec<Decimal>,
    /// The code of the row before: in most sources the rows of one code stand together.
    last: (String, Option<CodeId>),
    failures: Vec<RowFailure>,
    rows: u64,
    ignored: u64,
}

/// A row that could be read, but for its counts.
#[derive(Clone, Copy)]
struct Kept {
    location: LocationId,
    code: CodeId,
    record: u32,
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
            kept: Vec::new(),
            starts: Vec::new(),
            units: Vec::new(),
            moments: Vec::new(),
            values: vec![Counts::default(); shape.counts.len()],
            counts: Vec::new(),
            last: (String::new(), None),
            failures: Vec::new(),
            rows: 0,
            ignored: 0,
        }
    }

    /// The rows that follow come from this source.
    pub fn source(&mut self, name: &str) {
        self.sources.push(name.to_owned());
        self.starts.push(self.kept.len() as u32);
    }

    /// For some of the rows that follow, from the same source, while others are gathered elsewhere:
    /// about so many.
    pub fn part(&self, rows: usize) -> Gather<'m> {
        let mut part = Gather::over(self.model, self.system, self.shape, self.cells.clone());
        part.sources.extend(self.sources.last().cloned());
        part.reserve(rows);
        part
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.kept.reserve(rows);
        self.values.iter_mut().for_each(|column| column.reserve(rows));
    }

    /// Takes what a part has gathered, behind all that is there.
    pub fn join(&mut self, part: Gather<'m>) {
        let words: Vec<u32> = part.words.iter().map(|word| self.word(word)).collect();
        self.units.extend(part.units.into_iter().map(|unit| unit.map(|word| words[word as usize])));
        self.moments.extend(part.moments);
        self.kept.extend(part.kept);
        self.values.iter_mut().zip(part.values).for_each(|(column, more)| column.append(more));
        self.failures.extend(part.failures);
        self.rows += part.rows;
        self.ignored += part.ignored;
    }

    /// Takes one row. A code or place that the topology does not know is counted, and no failure.
    pub fn row(&mut self, row: &Row<'_>) {
        self.rows += 1;
        let Some((code, location)) = self.cell_of(row) else {
            self.ignored += 1;
            return;
        };
        self.counts.clear();
        for ((_, column), text) in self.shape.counts.iter().zip(row.counts) {
            match count(text.as_deref(), self.shape.decimal) {
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
        if self.shape.unit.is_some() {
            let unit = row.unit.filter(|word| !word.is_empty()).map(|word| self.word(word));
            self.units.push(unit);
        }
        if self.shape.as_of.is_some() {
            self.moments.push(as_of);
        }
        self.kept.push(Kept { location, code, record: row.record });
        self.values.iter_mut().zip(&self.counts).for_each(|(column, value)| column.push(Some(*value)));
    }

    fn cell_of(&mut self, row: &Row<'_>) -> Option<(CodeId, LocationId)> {
        if self.last.0 != row.code {
            row.code.clone_into(&mut self.last.0);
            self.last.1 = self.cells.code(row.code);
        }
        self.cells.at(self.last.1?, row.location)
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
        let order = self.sorted();
        let broken: BTreeSet<(LocationId, CodeId)> =
            self.failures.iter().filter_map(|f| Some((f.location?, f.code?))).collect();
        let mut cells = broken.len() as u64;
        let mut chosen: Vec<u32> = Vec::with_capacity(order.len());
        let mut start = 0;
        while start < order.len() {
            let same = order[start..].iter().take_while(|row| self.same_cell(order[start], **row)).count();
            let group = &order[start..start + same];
            start += same;
            let first = self.kept[group[0] as usize];
            if broken.contains(&(first.location, first.code)) {
                continue;
            }
            cells += 1;
            match self.merge(group) {
                Ok(()) => chosen.push(group[0]),
                Err(failure) => self.failures.push(failure),
            }
        }
        self.failures.sort_by(|a, b| (&a.source, row_number(a)).cmp(&(&b.source, row_number(b))));
        about.rows = self.rows;
        about.ignored = self.ignored;
        if about.incomplete.is_none() {
            about.incomplete = self.too_few(cells, &about.source);
        }
        self.columns(&chosen, about)
    }

    /// The rows by location, then code, then as they came. Ids are dense, so they are counted, not compared.
    fn sorted(&self) -> Vec<u32> {
        let kept = |row: u32| self.kept[row as usize];
        let all: Vec<u32> = (0..self.kept.len() as u32).collect();
        let key = |row: u32| (kept(row).location, kept(row).code);
        if all.windows(2).all(|pair| key(pair[0]) <= key(pair[1])) {
            return all;
        }
        let codes = self.model.codes_of(self.system);
        let by_code = in_order(&all, codes.len(), |row| (kept(row).code.0 - codes.start) as usize);
        in_order(&by_code, self.model.locations.len(), |row| kept(row).location.index())
    }

    fn same_cell(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.kept[a as usize], self.kept[b as usize]);
        (a.location, a.code) == (b.location, b.code)
    }

    /// Makes one row of all rows of a cell, in the place of the first.
    fn merge(&mut self, group: &[u32]) -> Result<(), RowFailure> {
        let first = group[0] as usize;
        let Some(last) = group.get(1..).and_then(<[u32]>::last) else { return Ok(()) };
        let refuse = |reason: String| {
            let (kept, record) = (self.kept[*last as usize], self.kept[first].record);
            let (source, home) = (self.source_of(*last), self.source_of(group[0]));
            let earlier = match source == home {
                true => format!("row {record}"),
                false => format!("row {record} of {}", self.sources[home]),
            };
            let source = self.sources.get(source).cloned().unwrap_or_default();
            RowFailure {
                record: format!("row {}", kept.record),
                source,
                field: self.shape.code.to_string(),
                reason: reason.replace("{earlier}", &earlier),
                code: Some(kept.code),
                location: Some(kept.location),
            }
        };
        if !self.shape.rows_add_up {
            let reason = "{earlier} is for the same code and location, and nothing says which of the two \
                          counts; remove one, or write `rows add-up` into `levels`";
            return Err(refuse(reason.to_owned()));
        }
        let value = |column: &Counts, row: usize| column.get(row).unwrap_or_default();
        let mut total: Vec<Decimal> = self.values.iter().map(|column| value(column, first)).collect();
        let moment = |row: usize| self.moments.get(row).copied().flatten();
        let mut oldest = moment(first);
        for row in &group[1..] {
            let row = *row as usize;
            if self.units.get(row) != self.units.get(first) {
                let reason = "{earlier} is for the same code and location in another unit, so the two \
                              cannot be added up; give both rows one unit";
                return Err(refuse(reason.to_owned()));
            }
            for (sum, column) in total.iter_mut().zip(&self.values) {
                let Some(added) = plus(*sum, value(column, row)) else {
                    return Err(refuse("{earlier} and this row add up to more than 10^15".to_owned()));
                };
                *sum = added;
            }
            // A cell is as old as its oldest part; a part of unknown age makes the whole unknown.
            oldest = oldest.zip(moment(row)).map(|(a, b)| a.min(b));
        }
        self.values.iter_mut().zip(total).for_each(|(column, sum)| column.set(first, Some(sum)));
        if let Some(moment) = self.moments.get_mut(first) {
            *moment = oldest;
        }
        Ok(())
    }

    /// Which source a kept row comes from.
    fn source_of(&self, row: u32) -> usize {
        self.starts.partition_point(|start| *start <= row).saturating_sub(1)
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

    fn columns(self, chosen: &[u32], mut about: About) -> Levels {
        let rows = || chosen.iter().map(|row| *row as usize);
        let kept = || rows().map(|row| self.kept[row]);
        let columns = self.shape.counts.iter().zip(self.values).map(|((quantity, _), values)| Column {
            name: self.model.quantity(*quantity).name.clone(),
            values: values.at(rows()),
        });
        let columns = columns.collect();
        let mut row_as_of = Vec::new();
        if self.shape.as_of.is_some() {
            let mut moments = rows().map(|row| self.moments[row]);
            let first = moments.next().flatten();
            match first.is_some() && moments.all(|moment| moment == first) {
                true => about.as_of = first,
                false => row_as_of = rows().map(|row| self.moments[row]).collect(),
            }
        }
        Levels {
            codes: kept().map(|kept| kept.code).collect(),
            locations: kept().map(|kept| kept.location).collect(),
            records: kept().map(|kept| kept.record).collect(),
            units: match self.shape.unit {
                Some(_) => rows().map(|row| self.units[row]).collect(),
                None => Vec::new(),
            },
            words: self.words,
            columns,
            row_as_of,
            failures: self.failures,
            about,
        }
    }
}

/// Some rows by a key below `keys`; those of one key stay as they are.
fn in_order(rows: &[u32], keys: usize, key: impl Fn(u32) -> usize) -> Vec<u32> {
    let mut next = vec![0_u32; keys + 1];
    rows.iter().for_each(|row| next[key(*row) + 1] += 1);
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let place = &mut next[key(*row)];
        sorted[*place as usize] = *row;
        *place += 1;
    }
    sorted
}

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

//! The rows of one location: put into the order of their codes, those of one code made one.

use super::ROWS;
use crate::connectors::count::plus;
use crate::hands;
use crate::model::counts::Counts;
use crate::model::observation::{Column, Levels, RowFailure};
use crate::model::quantity::Decimal;
use crate::model::system;
use crate::model::time::Moment;
use crate::model::{CodeId, LocationId, Model};
use std::collections::BTreeSet;
use std::ops::Range;

/// Rows that could be read, in the order in which they came.
pub struct Rows {
    codes: Vec<CodeId>,
    records: Vec<u32>,
    /// The words of the rows; `None` where `levels` names no column for them.
    units: Option<Vec<Option<u32>>>,
    /// The moments of the rows; `None` where `levels` names no column for them.
    moments: Option<Vec<Option<Moment>>>,
    /// The counts, in the order of `levels`.
    values: Vec<Counts>,
    /// The first row of each source.
    starts: Vec<u32>,
}

/// A row, but for its place and its counts.
pub struct Kept {
    /// What it is of.
    pub code: CodeId,
    /// Which record of its source.
    pub record: u32,
    /// Its unit's word.
    pub unit: Option<u32>,
    /// When it was true.
    pub as_of: Option<Moment>,
}

impl Rows {
    /// No rows yet, for this `levels` node.
    pub fn new(shape: &system::Levels) -> Rows {
        Rows {
            codes: Vec::new(),
            records: Vec::new(),
            units: shape.unit.as_ref().map(|_| Vec::new()),
            moments: shape.as_of.as_ref().map(|_| Vec::new()),
            values: vec![Counts::default(); shape.counts.len()],
            starts: Vec::new(),
        }
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.codes.reserve(rows);
        self.records.reserve(rows);
        self.values.iter_mut().for_each(|column| column.reserve(rows));
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// The rows that follow come from another source.
    pub fn start(&mut self) {
        self.starts.push(self.codes.len() as u32);
    }

    /// Takes a row with its counts.
    pub fn push(&mut self, row: Kept, counts: &[Decimal]) {
        self.codes.push(row.code);
        self.records.push(row.record);
        self.units.as_mut().into_iter().for_each(|units| units.push(row.unit));
        self.moments.as_mut().into_iter().for_each(|moments| moments.push(row.as_of));
        self.values.iter_mut().zip(counts).for_each(|(column, value)| column.push(Some(*value)));
    }

    /// Takes the rows of another behind its own; `words` says which word here each of its words is. The other
    /// has none after it, and the room for as many.
    pub fn join(&mut self, more: &mut Rows, words: &[u32]) {
        self.codes.append(&mut more.codes);
        self.records.append(&mut more.records);
        if let Some((units, more)) = self.units.as_mut().zip(more.units.as_mut()) {
            units.extend(more.drain(..).map(|unit| unit.map(|word| words[word as usize])));
        }
        if let Some((moments, more)) = self.moments.as_mut().zip(more.moments.as_mut()) {
            moments.append(more);
        }
        for (column, more) in self.values.iter_mut().zip(&mut more.values) {
            column.append(more);
            more.truncate(0);
        }
    }

    fn moment(&self, row: usize) -> Option<Moment> {
        self.moments.as_ref().and_then(|moments| moments[row])
    }

    fn unit(&self, row: usize) -> Option<u32> {
        self.units.as_ref().and_then(|units| units[row])
    }

    /// Which source a row comes from.
    fn source_of(&self, row: u32) -> usize {
        self.starts.partition_point(|start| *start <= row).saturating_sub(1)
    }
}

/// How rows are put in order.
pub struct Order<'m> {
    /// The node that names the columns.
    pub shape: &'m system::Levels,
    /// What is read, by the order of reading.
    pub sources: &'m [String],
    /// The codes of the system.
    pub codes: Range<u32>,
    /// Cells of which a row could not be read.
    pub broken: &'m BTreeSet<(LocationId, CodeId)>,
}

/// The rows of a location in order, one a cell.
pub struct Sorted {
    /// The location.
    pub location: LocationId,
    /// Its rows as they came.
    pub rows: Rows,
    /// Which of them are kept, in their order.
    pub kept: Vec<u32>,
    /// How many cells there were, those that could not be made one row among them, broken ones not.
    pub cells: u64,
    /// Rows that stand beside others of their cell and must not.
    pub failures: Vec<RowFailure>,
}

impl Order<'_> {
    /// Sorts the rows of a location.
    pub fn sort(&self, location: LocationId, mut rows: Rows) -> Sorted {
        let order = self.by_code(&rows.codes);
        let (mut cells, mut failures, mut chosen) = (0, Vec::new(), Vec::with_capacity(order.len()));
        let mut rest = &order[..];
        while let Some(first) = rest.first() {
            let code = rows.codes[*first as usize];
            let same = rest.iter().take_while(|row| rows.codes[**row as usize] == code).count();
            let (group, others) = rest.split_at(same);
            rest = others;
            if self.broken.contains(&(location, code)) {
                continue;
            }
            cells += 1;
            match self.merge(location, &mut rows, group) {
                Ok(()) => chosen.push(group[0]),
                Err(failure) => failures.push(failure),
            }
        }
        Sorted { location, rows, kept: chosen, cells, failures }
    }

    /// The rows by code; those of one code as they came. Ids are dense, so they are counted, not compared.
    fn by_code(&self, codes: &[CodeId]) -> Vec<u32> {
        if codes.is_sorted() {
            return (0..codes.len() as u32).collect();
        }
        let key = |code: &CodeId| (code.0 - self.codes.start) as usize;
        let mut next = vec![0_u32; self.codes.len() + 1];
        codes.iter().for_each(|code| next[key(code) + 1] += 1);
        for at in 1..next.len() {
            next[at] += next[at - 1];
        }
        let mut sorted = vec![0; codes.len()];
        for (row, code) in codes.iter().enumerate() {
            let place = &mut next[key(code)];
            sorted[*place as usize] = row as u32;
            *place += 1;
        }
        sorted
    }

    /// Makes one row of all rows of a cell, in the place of the first.
    fn merge(&self, location: LocationId, rows: &mut Rows, group: &[u32]) -> Result<(), RowFailure> {
        let first = group[0] as usize;
        let Some(last) = group.get(1..).and_then(<[u32]>::last) else { return Ok(()) };
        let refuse = |rows: &Rows, reason: &str| {
            let (source, home) = (rows.source_of(*last), rows.source_of(group[0]));
            let record = rows.records[first];
            let earlier = match source == home {
                true => format!("row {record}"),
                false => format!("row {record} of {}", self.sources[home]),
            };
            RowFailure {
                record: format!("row {}", rows.records[*last as usize]),
                source: self.sources.get(source).cloned().unwrap_or_default(),
                field: self.shape.code.to_string(),
                reason: reason.replace("{earlier}", &earlier),
                code: Some(rows.codes[first]),
                location: Some(location),
            }
        };
        if !self.shape.rows_add_up {
            let reason = "{earlier} is for the same code and location, and nothing says which of the two \
                          counts; remove one, or write `rows add-up` into `levels`";
            return Err(refuse(rows, reason));
        }
        let value = |column: &Counts, row: usize| column.get(row).unwrap_or_default();
        let mut total: Vec<Decimal> = rows.values.iter().map(|column| value(column, first)).collect();
        let mut oldest = rows.moment(first);
        for row in &group[1..] {
            let row = *row as usize;
            if rows.unit(row) != rows.unit(first) {
                let reason = "{earlier} is for the same code and location in another unit, so the two \
                              cannot be added up; give both rows one unit";
                return Err(refuse(rows, reason));
            }
            for (sum, column) in total.iter_mut().zip(&rows.values) {
                let Some(added) = plus(*sum, value(column, row)) else {
                    return Err(refuse(rows, "{earlier} and this row add up to more than 10^15"));
                };
                *sum = added;
            }
            // A cell is as old as its oldest part; a part of unknown age makes the whole unknown.
            oldest = oldest.zip(rows.moment(row)).map(|(a, b)| a.min(b));
        }
        rows.values.iter_mut().zip(total).for_each(|(column, sum)| column.set(first, Some(sum)));
        if let Some(moments) = &mut rows.moments {
            moments[first] = oldest;
        }
        Ok(())
    }
}

/// Levels without rows, with room for so many.
pub fn nothing(model: &Model, shape: &system::Levels, most: usize) -> Levels {
    let column = |(quantity, _): &(_, _)| {
        let mut values = Counts::default();
        values.reserve(most);
        Column { name: model.quantity(*quantity).name.clone(), values }
    };
    Levels {
        codes: Vec::with_capacity(most),
        records: Vec::with_capacity(most),
        columns: shape.counts.iter().map(column).collect(),
        ..Levels::default()
    }
}

/// Adds the rows of a location, which come in the order of locations. A second hand takes their counts.
pub fn append(levels: &mut Levels, sorted: &Sorted) {
    let Sorted { location, rows, kept, .. } = sorted;
    fn take<T: Copy>(values: &mut Vec<T>, more: &[T], kept: &[u32]) {
        values.extend(kept.iter().map(|row| more[*row as usize]));
    }
    let (columns, values) = (&mut levels.columns, &rows.values);
    let counts = |columns: &mut Vec<Column>| {
        let both = columns.iter_mut().zip(values);
        both.for_each(|(column, values)| column.values.take(values, kept));
    };
    let mut others = || {
        levels.locations.add(*location, kept.len());
        take(&mut levels.codes, &rows.codes, kept);
        take(&mut levels.records, &rows.records, kept);
        rows.units.iter().for_each(|units| take(&mut levels.units, units, kept));
        rows.moments.iter().for_each(|moments| take(&mut levels.row_as_of, moments, kept));
    };
    match hands::count(kept.len(), ROWS) {
        1 => {
            counts(columns);
            others();
        }
        _ => drop(hands::share(others, vec![columns], counts)),
    }
}

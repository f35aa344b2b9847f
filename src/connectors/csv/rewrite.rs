//! Writes counts into the file that they are read from: our fields change, every other byte stays.

use super::read::Sheet;
use super::text::{Row, line, quoted};
use crate::connectors::gather::Gather;
use crate::connectors::header::Header;
use crate::connectors::{Cell, Context, Failure, RowAnswer, WriteRow, shape, units};
use crate::model::encoding::{Layout, encode};
use crate::model::system::Levels;
use crate::model::time::Moment;
use std::collections::BTreeMap;

/// A file with changes to it, not yet written.
pub struct Rewrite<'a> {
    context: &'a Context,
    shape: &'a Levels,
    sheet: &'a Sheet,
    header: Header,
    /// The rows of each cell.
    rows: BTreeMap<Cell, Vec<Row>>,
    /// What replaces which bytes of the text, by the first of them.
    edits: BTreeMap<usize, (usize, String)>,
    /// Rows that are added, by cell.
    added: BTreeMap<Cell, String>,
}

impl<'a> Rewrite<'a> {
    /// No changes yet to a file that was read whole.
    pub fn new(context: &'a Context, sheet: &'a Sheet) -> Result<Rewrite<'a>, Failure> {
        let shape = shape(context)?;
        let header = sheet.header(context)?.ok_or_else(|| {
            super::rejected(context, &format!("file `{}` has no header line", sheet.file.name))
        })?;
        let gather = Gather::new(&context.model, context.system, shape);
        let mut rows: BTreeMap<Cell, Vec<Row>> = BTreeMap::new();
        for record in sheet.body().filter(|record| sheet.misfit(record).is_none()) {
            let value = |at: usize| record.value(at);
            let location = header.location.and_then(value);
            let cell = gather.cell(value(header.code).as_deref().unwrap_or_default(), location.as_deref());
            let Some((code, location)) = cell.filter(|_| header.lets_through(value)) else { continue };
            rows.entry(Cell { code, location }).or_default().push(record.row);
        }
        let (edits, added) = (BTreeMap::new(), BTreeMap::new());
        Ok(Rewrite { context, shape, sheet, header, rows, edits, added })
    }

    /// Takes one row that still fits what the file shows, and the place of its count among those of `levels`.
    pub fn row(&mut self, row: &WriteRow, at: usize) -> RowAnswer {
        let result = match row.create {
            true => self.add(row, at),
            false => self.change(row, at),
        };
        match result {
            Ok(()) => RowAnswer::Written { compared: true },
            Err(message) => RowAnswer::Rejected { field: self.shape.counts[at].1.to_string(), message },
        }
    }

    fn change(&mut self, row: &WriteRow, at: usize) -> Result<(), String> {
        let found = match self.rows.get(&row.cell).map(|rows| &rows[..]) {
            Some([one]) => *one,
            Some(several) => {
                return Err(format!(
                    "{} rows of `{}` add up to this cell, and nothing says how to divide a count among them",
                    several.len(),
                    self.sheet.file.name
                ));
            }
            // A row that this batch adds is not written a second time.
            None => return Err("the row is being added by this very batch".to_owned()),
        };
        let stamp = self.stamp();
        let stamps = [self.header.as_of, self.header.changed].into_iter().flatten();
        let stamps: Vec<(usize, String)> = stamps.map(|column| (column, stamp.clone())).collect();
        for (column, text) in [(self.header.counts[at], row.after.to_string())].into_iter().chain(stamps) {
            if let Some(place) = self.sheet.record(&found).place(column) {
                let text = quoted(&text, self.shape.delimiter).into_owned();
                self.edits.insert(place.start, (place.end, text));
            }
        }
        Ok(())
    }

    fn add(&mut self, row: &WriteRow, at: usize) -> Result<(), String> {
        if self.shape.counts.len() > 1 {
            return Err(format!(
                "a new row of `{}` needs all of its {} counts, and only one is known here; add the row there",
                self.sheet.file.name,
                self.shape.counts.len()
            ));
        }
        let model = &self.context.model;
        let code = model.code(row.cell.code);
        let location = model.location(row.cell.location).code_in(self.context.system);
        let mut fields = vec![String::new(); self.sheet.table.rows[0].fields as usize];
        for (column, value) in self.header.wanted().iter().rev() {
            fields[*column] = value.to_string();
        }
        fields[self.header.code] = code.code.to_string();
        fields[self.header.counts[at]] = row.after.to_string();
        let mut put = |column: Option<usize>, text: String| {
            if let Some(column) = column {
                fields[column] = text;
            }
        };
        let location = location.and_then(|code| code.code.as_deref()).unwrap_or_default();
        put(self.header.location, location.to_owned());
        put(self.header.unit, units::word(model, code).to_string());
        put(self.header.as_of, self.stamp());
        put(self.header.changed, self.stamp());
        let line = line(&fields, self.shape.delimiter);
        if let Err(letter) = encode(&line, self.shape.encoding, Layout::default()) {
            return Err(format!("`{letter}` cannot be written as {}", self.shape.encoding));
        }
        self.added.insert(row.cell, line);
        Ok(())
    }

    fn stamp(&self) -> String {
        Moment(self.context.world.clock.now_ms()).rfc3339()
    }

    /// The whole new text; `None` where nothing changes.
    pub fn finish(self) -> Option<String> {
        if self.edits.is_empty() && self.added.is_empty() {
            return None;
        }
        let old = &self.sheet.file.text;
        let mut text = String::with_capacity(old.len() + 64 * self.added.len());
        let mut from = 0;
        for (start, (end, new)) in &self.edits {
            text.push_str(&old[from..*start]);
            text.push_str(new);
            from = *end;
        }
        text.push_str(&old[from..]);
        let end = self.sheet.table.line_end(old);
        if !self.added.is_empty() && !text.ends_with(['\n', '\r']) {
            text.push_str(end);
        }
        let mut added: Vec<(&Cell, &String)> = self.added.iter().collect();
        added.sort_by_key(|(cell, _)| (cell.location, cell.code));
        for (_, line) in added {
            text.push_str(line);
            text.push_str(end);
        }
        Some(text)
    }
}

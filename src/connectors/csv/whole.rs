//! Writes counts into a file of our own, which somebody else reads: every cell that we ever wrote, those
//! that are not written now as they were.

use super::read::Sheet;
use super::text::line;
use crate::connectors::gather::Gather;
use crate::connectors::{Context, Failure, RowAnswer, WriteRow, shape, units};
use crate::model::system::Levels;
use crate::model::time::Moment;
use crate::model::{CodeId, LocationId, Name};
use std::collections::BTreeMap;

/// A published file, not yet written.
pub struct Whole<'a> {
    context: &'a Context,
    shape: &'a Levels,
    line_end: String,
    /// Each cell's counts, in the order of `levels`, and its moment; sorted by location, then code.
    cells: BTreeMap<(LocationId, CodeId), (Vec<String>, String)>,
}

impl<'a> Whole<'a> {
    /// The file as it was written last. Cells that the topology does not map any more are left out: nobody
    /// would ever correct them.
    pub fn new(context: &'a Context, old: Option<&Sheet>) -> Result<Whole<'a>, Failure> {
        let shape = shape(context)?;
        let mut whole = Whole { context, shape, line_end: "\n".to_owned(), cells: BTreeMap::new() };
        let Some(sheet) = old else { return Ok(whole) };
        let Some(header) = sheet.header(context)? else { return Ok(whole) };
        whole.line_end = sheet.table.line_end(&sheet.file.text).to_owned();
        let gather = Gather::new(&context.model, context.system, shape);
        for record in sheet.body() {
            let value = |at: usize| record.value(at);
            if let Some(why) = sheet.misfit(&record) {
                let why = format!("file `{}`, line {}: {why}", sheet.file.name, record.row.line);
                return Err(super::rejected(context, &why));
            }
            let location = header.location.and_then(value);
            let cell = gather.cell(value(header.code).as_deref().unwrap_or_default(), location.as_deref());
            let Some((code, location)) = cell else { continue };
            let text = |at: usize| value(at).unwrap_or_default().into_owned();
            let counts = header.counts.iter().map(|at| text(*at)).collect();
            let moment = header.as_of.or(header.changed).map(text).unwrap_or_default();
            whole.cells.insert((location, code), (counts, moment));
        }
        Ok(whole)
    }

    /// Takes one row, and the place of its count among those of `levels`.
    pub fn row(&mut self, row: &WriteRow, at: usize) -> RowAnswer {
        let nothing = || (vec![String::new(); self.shape.counts.len()], String::new());
        let cell = self.cells.entry((row.cell.location, row.cell.code)).or_insert_with(nothing);
        cell.0[at] = row.after.to_string();
        cell.1 = Moment(self.context.world.clock.now_ms()).rfc3339();
        RowAnswer::Sent
    }

    /// The whole new text.
    pub fn finish(self) -> String {
        let shape = self.shape;
        let optional = |name: &Option<Name>, value: String| name.clone().map(|name| (name, value));
        let row = |code: &str, location: &str, unit: &str, (counts, moment): &(Vec<String>, String)| {
            let mut fields: Vec<(Name, String)> = vec![(shape.code.clone(), code.to_owned())];
            fields.extend(optional(&shape.location, location.to_owned()));
            fields.extend(optional(&shape.unit, unit.to_owned()));
            fields.extend(shape.counts.iter().map(|(_, name)| name.clone()).zip(counts.iter().cloned()));
            fields.extend(optional(&shape.as_of, moment.clone()));
            fields.extend(optional(&shape.changed, moment.clone()));
            fields
        };
        let blank = (vec![String::new(); shape.counts.len()], String::new());
        let names: Vec<Name> = row("", "", "", &blank).into_iter().map(|(name, _)| name).collect();
        let mut text = line(&names, shape.delimiter) + &self.line_end;
        for ((location, code), cell) in &self.cells {
            let code = self.context.model.code(*code);
            let location = self.context.model.location(*location).code_in(self.context.system);
            let location = location.and_then(|code| code.code.as_deref()).unwrap_or_default();
            let fields = row(&code.code, location, &units::word(&self.context.model, code), cell);
            let values: Vec<String> = fields.into_iter().map(|(_, value)| value).collect();
            text.push_str(&line(&values, shape.delimiter));
            text.push_str(&self.line_end);
        }
        text
    }
}

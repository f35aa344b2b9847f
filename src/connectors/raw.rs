//! What a file or a query showed before a topology looks anything up in it: columns and rows of text.

use super::gather::{self, Gather};
use super::header::Header;
use super::{Context, Failure};
use crate::model::observation::{About, Levels};
use crate::model::time::Moment;

/// One read of a generic kind, as it came. Any revision of the topology can look its cells up in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raw {
    /// The source as people know it: a file's name, several of them, a database.
    pub source: String,
    /// One for each file; a query gives one.
    pub sheets: Vec<Sheet>,
    /// Pages read.
    pub pages: u64,
    /// Requests sent.
    pub requests: u64,
    /// When it was asked, where the source answers with what is true at that moment.
    pub as_of: Option<Moment>,
    /// When the source last changed, where that is known instead.
    pub changed: Option<Moment>,
    /// Why the source is not whole, whatever a topology asks of it; `None` where it is.
    pub incomplete: Option<String>,
}

/// One file, or the answer to one query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its columns; `None` for a file without even a header.
    pub columns: Option<Vec<String>>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Which record of its source, as people count.
    pub record: u32,
    /// One text for each column; `None` where the source says "no value".
    pub fields: Vec<Option<String>>,
    /// Why the row cannot be read as a whole, where it cannot: then a field may be missing.
    pub fault: Option<String>,
}

/// The levels that the topology of the context sees in what was read.
pub fn levels(context: &Context, raw: &Raw) -> Result<Levels, Failure> {
    let shape = super::shape(context)?;
    let mut gather = Gather::new(&context.model, context.system, shape);
    for sheet in &raw.sheets {
        gather.source(&sheet.name);
        rows(context, sheet, &mut gather)?;
    }
    let own_moment = shape.as_of.is_none();
    Ok(gather.finish(About {
        source: raw.source.as_str().into(),
        pages: raw.pages,
        requests: raw.requests,
        as_of: raw.as_of.filter(|_| own_moment),
        changed: raw.changed.filter(|_| own_moment),
        incomplete: raw.incomplete.clone(),
        ..About::default()
    }))
}

/// What is said where a source lacks the columns that a node of the topology names.
pub fn misnamed(context: &Context, node: &str, sheet: &Sheet, why: &str) -> Failure {
    let system = context.model.system(context.system);
    let what = match system.kind.kind {
        "csv" => format!("file `{}`", sheet.name),
        _ => format!("`{node}`"),
    };
    Failure::Rejected { message: format!("system `{}`: {what}: {why}", system.name) }
}

fn rows(context: &Context, sheet: &Sheet, gather: &mut Gather<'_>) -> Result<(), Failure> {
    let Some(columns) = &sheet.columns else { return Ok(()) };
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let header = Header::find(super::shape(context)?, &names);
    let header = header.map_err(|why| misnamed(context, "levels", sheet, &why))?;
    let mut counts = Vec::with_capacity(header.counts.len());
    for row in &sheet.rows {
        let field = |at: usize| row.fields.get(at).and_then(Option::as_deref);
        if let Some(why) = &row.fault {
            let location = header.location.and_then(field);
            gather.bad_row(row.record, why.clone(), field(header.code), location);
            continue;
        }
        if !header.lets_through(field) {
            continue;
        }
        counts.clear();
        counts.extend(header.counts.iter().map(|at| field(*at)));
        gather.row(&gather::Row {
            record: row.record,
            // A null code or location is nothing that a topology could name.
            code: gather.code(field(header.code).unwrap_or_default()),
            location: header.location.map(|at| field(at).unwrap_or_default()),
            unit: header.unit.and_then(field),
            as_of: header.as_of.and_then(field),
            counts: &counts,
        });
    }
    Ok(())
}

//! Turns rows of text, from a file or a query, into open order lines: the `lines` node of generic kinds.

use super::demand::{At, Columns, Demand};
use super::raw::{self, Raw, Sheet};
use super::{Context, Failure};
use crate::model::observation::{About, Lines, OpenLine};
use crate::model::system;
use crate::model::time::{Moment, Side};

/// Where each column stands, from 0.
struct Header {
    document: usize,
    line: usize,
    code: usize,
    location: Option<usize>,
    unit: Option<usize>,
    open: usize,
    as_of: Option<usize>,
}

/// The open lines in what was read. They are as old as the oldest of them; one of unknown age makes the age
/// of all unknown.
pub fn lines(context: &Context, shape: &system::Lines, raw: &Raw) -> Result<Lines, Failure> {
    let mut demand = Demand::new(&context.model, context.system, Side::Earlier);
    let mut lines: Vec<OpenLine> = Vec::new();
    let mut ages: Vec<Option<Moment>> = Vec::new();
    for sheet in &raw.sheets {
        demand.source(&sheet.name);
        let Some(columns) = &sheet.columns else { continue };
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let header = find(shape, &names).map_err(|why| raw::misnamed(context, "lines", sheet, &why))?;
        rows(shape, (sheet, &header), &mut demand, &mut |line, as_of| {
            lines.push(line);
            ages.push(as_of);
        });
    }
    lines.sort_by(|a, b| (&a.document, &a.line).cmp(&(&b.document, &b.line)));
    let (as_of, changed) = match shape.as_of {
        Some(_) => (ages.iter().copied().min().flatten(), None),
        None => (raw.as_of, raw.changed),
    };
    let about = demand.about(About {
        source: raw.source.as_str().into(),
        pages: raw.pages,
        requests: raw.requests,
        as_of,
        changed,
        incomplete: raw.incomplete.clone(),
        ..About::default()
    });
    Ok(Lines { lines, failures: demand.failures, about })
}

fn find(shape: &system::Lines, names: &[&str]) -> Result<Header, String> {
    let columns = Columns { node: "lines", names };
    Ok(Header {
        document: columns.must(&shape.document)?,
        line: columns.must(&shape.line)?,
        code: columns.must(&shape.code)?,
        location: columns.may(&shape.location)?,
        unit: columns.may(&shape.unit)?,
        open: columns.must(&shape.open)?,
        as_of: columns.may(&shape.as_of)?,
    })
}

fn rows(
    shape: &system::Lines,
    (sheet, header): (&Sheet, &Header),
    demand: &mut Demand<'_>,
    take: &mut dyn FnMut(OpenLine, Option<Moment>),
) {
    for row in &sheet.rows {
        let field = |at: usize| row.fields.get(at).and_then(Option::as_deref);
        let location = header.location.and_then(field);
        if let Some(why) = &row.fault {
            demand.bad_row(row.record, why.clone(), (field(header.code), location));
            continue;
        }
        demand.rows += 1;
        let site = shape.location.as_deref().unwrap_or_default();
        let Some((code, location)) = demand.of(row.record, field(header.code), (site, location)) else {
            continue;
        };
        let at = At { record: row.record, code: Some(code), location };
        let as_of = shape.as_of.as_deref().unwrap_or_default();
        let mut read = || {
            let document = demand.name(at, &shape.document, field(header.document))?;
            let line = demand.name(at, &shape.line, field(header.line))?;
            let open = demand.count(at, &shape.open, (field(header.open), shape.decimal), false)?;
            let age = demand.stamp(at, as_of, header.as_of.and_then(field))?;
            let unit = header.unit.and_then(field).filter(|word| !word.is_empty()).map(Into::into);
            Some((OpenLine { document, line, code, location, open, unit, cause: None }, age))
        };
        if let Some((line, age)) = read() {
            take(line, age);
        }
    }
}

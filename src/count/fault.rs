//! Rows that were read but are no counts, and numbers that a target cannot take, in words.

use super::combine::Unfit;
use super::lines::{BadLine, Open, line_name};
use super::source::{Source, field_name, record_name};
use crate::model::convert::Misfit;
use crate::model::item::{Code, Thing};
use crate::model::observation::RowFailure;
use crate::model::quantity::LARGEST;
use crate::model::{CodeId, Doubt, LocationId, Model, QuantityId, SystemId};

/// A row that could not be read or computed, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The system that the row comes from, or was to be written to.
    pub system: SystemId,
    /// The location, where known.
    pub location: Option<LocationId>,
    /// The code, where known.
    pub code: Option<CodeId>,
    /// Which record: `row 17`, an id; empty where there is none.
    pub record: String,
    /// The source: a file, a host.
    pub source: String,
    /// The field at fault, as the source calls it.
    pub field: String,
    /// What was found, why it matters, what to do.
    pub reason: String,
}

/// A row that a connector could not read.
pub(super) fn of_connector(system: SystemId, failure: &RowFailure) -> CellFault {
    CellFault {
        system,
        location: failure.location,
        code: failure.code,
        record: failure.record.clone(),
        source: failure.source.clone(),
        field: failure.field.clone(),
        reason: failure.reason.clone(),
    }
}

/// A row of an owner whose number is no count.
pub(super) fn of_row(
    model: &Model,
    source: &Source<'_>,
    (quantity, code): (QuantityId, CodeId),
    (row, why): (usize, Misfit),
) -> CellFault {
    let number = source.column(quantity).and_then(|column| column.values.get(row));
    let found = number.map_or_else(String::new, |number| number.to_string());
    let levels = source.levels;
    let word = levels.and_then(|l| Some(l.words[(*l.units.get(row)?)? as usize].to_string()));
    let by_word = matches!(why, Misfit::Word | Misfit::Disagrees);
    let node = model.system(source.system).levels.as_ref();
    let unit_column = node.and_then(|node| node.unit.as_ref()).map_or("unit", |column| &**column);
    CellFault {
        system: source.system,
        location: levels.map(|l| l.locations[row]),
        code: Some(code),
        record: levels.map_or_else(String::new, |l| record_name(model, source.system, l, row)),
        source: levels.map_or_else(String::new, |l| l.about.source.to_string()),
        field: if by_word { unit_column.to_owned() } else { field_name(model, source.system, quantity) },
        reason: says(model, model.code(code), (&found, word.as_deref()), why),
    }
}

/// A line whose number is no count.
pub(super) fn of_line(model: &Model, system: SystemId, open: &Open<'_>, bad: BadLine) -> Option<CellFault> {
    let lines = open.lines?;
    let line = &lines.lines[bad.line];
    let by_word = matches!(bad.why, Misfit::Word | Misfit::Disagrees);
    let found = (&*line.open.to_string(), line.unit.as_deref());
    Some(CellFault {
        system,
        location: line.location,
        code: Some(line.code),
        record: line_name(line).to_string(),
        source: lines.about.source.to_string(),
        field: if by_word { "unit" } else { "open" }.to_owned(),
        reason: says(model, model.code(line.code), found, bad.why),
    })
}

fn says(model: &Model, code: &Code, (number, word): (&str, Option<&str>), why: Misfit) -> String {
    let Thing::Item(item) = code.thing else {
        return "a bundle is never counted, only computed: take it out of the source".to_owned();
    };
    let item = model.item(item);
    let base = &model.units.get(item.unit).name;
    let unit = word.unwrap_or(&code.measure.unit);
    match why {
        Misfit::Word => format!(
            "`{unit}` is no unit of `{}`: declare it as a unit's or pack's word for this system, or correct \
             the row",
            item.name
        ),
        Misfit::Disagrees => format!(
            "the row counts in `{}`, the mapping says `{}`: they must agree, or the count would be off by \
             that factor",
            word.unwrap_or(base),
            code.measure.unit
        ),
        Misfit::Fraction => format!(
            "{number} {unit} is no whole number of `{base}`, the base unit of `{}`: correct the count, or \
             choose a finer base unit",
            item.name
        ),
        Misfit::TooLarge => format!("{number} {unit} is more than {LARGEST} `{base}`: correct the count"),
        Misfit::Negative => format!(
            "{number} {unit} is below 0, and this count is taken off what can be sold, which would rise by \
             it: correct the sign, or the count"
        ),
    }
}

/// Which bad row of a catalog leaves a thing in doubt, for people.
pub(super) fn doubt(model: &Model, thing: Thing, doubt: &Doubt) -> String {
    let row = &model.bad_rows[doubt.row as usize];
    let about = match row.thing {
        Some(other) if other != thing => format!(", about `{}`,", model.thing_name(other)),
        _ => String::new(),
    };
    let place = format!("row {} of {}{about}", row.record, row.file);
    if doubt.because.is_empty() {
        return format!("{place} cannot be used and may name a component of this bundle: {}", row.reason);
    }
    format!("{place} cannot be used: {}", row.reason)
}

/// Why a number cannot be shown or written, for people.
pub(super) fn unfit(model: &Model, code: &Code, base: i64, why: Unfit) -> String {
    let system = model.system(code.system);
    match why {
        Unfit::Fraction => {
            let unit = match code.thing {
                Thing::Item(item) => &*model.units.get(model.item(item).unit).name,
                Thing::Bundle(_) => "kit",
            };
            format!(
                "{base} {unit} is no whole number of `{}` ({} {unit} each), and only a channel's counts are \
                 rounded down: publish in a finer unit",
                code.measure.unit, code.measure.ratio
            )
        }
        Unfit::TooLarge if system.kind.integers_only => {
            format!(
                "{base} is more than `{}` takes ({}): set a `cap`, or publish in a larger unit",
                system.name,
                i32::MAX
            )
        }
        Unfit::TooLarge => format!("{base} is more than {LARGEST}, the most that is written: set a `cap`"),
    }
}

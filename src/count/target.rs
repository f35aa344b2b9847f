//! What a target shows at a cell, and what is to be done about it.

use super::source::{Source, record_name};
use crate::model::convert::to_base;
use crate::model::flow::{Flow, WriteAs};
use crate::model::observation::Column;
use crate::model::quantity::Ratio;
use crate::model::system::Role;
use crate::model::{CodeId, LocationId, Model, Name};

/// What a target shows at one cell, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// It has no such cell.
    Absent,
    /// It shows so much; `bridge` is what it takes off by itself.
    Shows { shown: i64, bridge: i64 },
    /// Its row could not be read; a connector's failure says why.
    Broken,
    /// Its row was read but cannot be compared.
    Unusable { row: usize, fault: RowFault },
}

/// Why a target's row cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowFault {
    /// A column that the write depends on is empty; its place: 0 for the column written, then the bridge.
    Empty(usize),
    /// A column is no whole number of the target's unit.
    Fraction(usize),
    /// The row counts in another unit than the mapping says.
    Unit,
}

/// A target's columns, looked up once for a flow.
#[derive(Debug)]
pub(super) struct Target<'c> {
    pub(super) model: &'c Model,
    pub(super) source: &'c Source<'c>,
    /// The column that is written, then the bridge's.
    pub(super) columns: Vec<(Name, Option<&'c Column>)>,
    /// Whether a cell that it does not have can be created.
    pub(super) creates: bool,
}

impl<'c> Target<'c> {
    pub(super) fn new(model: &'c Model, flow: &Flow, write: &WriteAs, source: &'c Source<'c>) -> Target<'c> {
        let names = std::iter::once(&write.column).chain(&write.bridge);
        let find = |name: &Name| (name.clone(), source.levels.and_then(|levels| levels.column(name)));
        let system = model.system(flow.to);
        // An sql target creates by the topology's own statement, or not at all.
        let statement = system.kind.kind != "sql" || system.create.is_some();
        Target {
            model,
            source,
            columns: names.map(find).collect(),
            creates: system.kind.creates && statement,
        }
    }

    /// What the cell of a code shows; `row` is its row, where there is one.
    pub(super) fn read(&self, code: CodeId, location: LocationId, row: Option<usize>) -> Row {
        if self.source.broken.has(code, location) {
            return Row::Broken;
        }
        let (Some(levels), Some(row)) = (self.source.levels, row) else { return Row::Absent };
        match self.source.ratio(levels, code, row) {
            Ok(ratio) if ratio == self.model.code(code).measure.ratio => {}
            _ => return Row::Unusable { row, fault: RowFault::Unit },
        }
        let (mut shown, mut bridge) = (0_i64, 0_i64);
        for at in 0..self.columns.len() {
            match self.value(at, row) {
                Ok(value) if at == 0 => shown = value,
                Ok(value) => bridge = bridge.saturating_add(value),
                Err(fault) => return Row::Unusable { row, fault },
            }
        }
        Row::Shows { shown: shown.saturating_sub(bridge), bridge }
    }

    /// One column of one row, in the target's unit.
    pub(super) fn value(&self, at: usize, row: usize) -> Result<i64, RowFault> {
        let number =
            self.columns[at].1.and_then(|column| column.values.get(row)).ok_or(RowFault::Empty(at))?;
        to_base(number, Ratio::ONE, true).map_err(|_| RowFault::Fraction(at))
    }

    /// What a fault of a row means, with the field at fault.
    pub(super) fn says(&self, code: CodeId, row: usize, fault: RowFault) -> (String, String) {
        let unit = &self.model.code(code).measure.unit;
        let number = |at: usize| self.columns[at].1.and_then(|column| column.values.get(row));
        let name = |at: usize| self.columns[at].0.to_string();
        match fault {
            RowFault::Empty(at) => {
                let why = "the row shows no number here, so nothing can be compared with it: fill it in";
                (name(at), why.to_owned())
            }
            RowFault::Fraction(at) => {
                let found = number(at).map_or_else(String::new, |number| number.to_string());
                let why = format!(
                    "it shows {found}, which is no whole number of `{unit}`, the unit of this code: correct \
                     the number there, or the mapping's unit"
                );
                (name(at), why)
            }
            RowFault::Unit => {
                let node = self.model.system(self.source.system).levels.as_ref();
                let field = node.and_then(|node| node.unit.as_ref()).map_or("unit", |column| &**column);
                let levels = self.source.levels;
                let word = levels.and_then(|l| Some(l.words[(*l.units.get(row)?)? as usize].to_string()));
                let word = word.map_or("no unit (the base unit)".to_owned(), |word| format!("`{word}`"));
                (
                    field.to_owned(),
                    format!("the row counts in {word}, the mapping says `{unit}`: they must agree"),
                )
            }
        }
    }

    /// How people find a row.
    pub(super) fn record(&self, row: usize) -> String {
        self.source.levels.map_or_else(String::new, |l| record_name(self.model, self.source.system, l, row))
    }
}

/// What is to be done about one cell of a target. Numbers are in the target's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It shows the right number, or does not exist and need not.
    Unchanged {
        /// What it shows; `None` where the target does not have it.
        shown: Option<i64>,
    },
    /// It is to fall.
    Lower {
        /// What it shows.
        before: i64,
        /// What it is to show.
        after: i64,
    },
    /// It is to rise.
    Raise {
        /// What it shows.
        before: i64,
        /// What it is to show.
        after: i64,
    },
    /// It is to be created.
    Create {
        /// What it is to show.
        after: i64,
    },
    /// It is not written, since something that it depends on is not known well enough.
    Held {
        /// What it shows, where known.
        shown: Option<i64>,
    },
    /// It cannot be computed or written.
    Failed {
        /// What it shows, where known.
        shown: Option<i64>,
    },
}

impl Verdict {
    /// What the cell shows now; `None` where the target does not have it, or nobody knows.
    pub fn before(self) -> Option<i64> {
        match self {
            Verdict::Unchanged { shown } | Verdict::Held { shown } | Verdict::Failed { shown } => shown,
            Verdict::Lower { before, .. } | Verdict::Raise { before, .. } => Some(before),
            Verdict::Create { .. } => None,
        }
    }

    /// What the cell shows once the plan is carried out.
    pub fn finally(self) -> Option<i64> {
        match self {
            Verdict::Lower { after, .. } | Verdict::Raise { after, .. } | Verdict::Create { after } => {
                Some(after)
            }
            other => other.before(),
        }
    }
}

/// Whether a target sells.
pub(super) fn sells(model: &Model, flow: &Flow) -> bool {
    model.system(flow.to).role == Role::Channel
}

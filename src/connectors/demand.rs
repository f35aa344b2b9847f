//! Rows that tell of demand, whatever node names their columns: which code and place their texts name, and
//! what could not be read of them.

use super::count::{count, shown};
use super::header;
use crate::model::by_text::ByText;
use crate::model::id::Name;
use crate::model::observation::{About, RowFailure};
use crate::model::quantity::Decimal;
use crate::model::stamp::Stamps;
use crate::model::time::{Moment, Side};
use crate::model::{CodeId, LocationId, Lookup, Model, SystemId};

/// Where the texts of one system lead.
#[derive(Clone)]
pub struct Cells<'m> {
    model: &'m Model,
    codes: Option<&'m ByText>,
    places: Lookup<Option<&'m str>, LocationId>,
    /// Whether some code is valid at one place only.
    bound: bool,
}

impl<'m> Cells<'m> {
    /// The cells that a topology maps in a system.
    pub fn new(model: &'m Model, system: SystemId) -> Cells<'m> {
        let mut places = Lookup::default();
        for (index, location) in model.locations.iter().enumerate() {
            if let Some(code) = location.code_in(system) {
                places.entry(code.code.as_deref()).or_insert(LocationId::at(index));
            }
        }
        let bound = model.codes_of(system).any(|id| model.code(CodeId(id)).at.is_some());
        Cells { model, codes: model.code_index.get(&system), places, bound }
    }

    /// The cell that two texts name, where the topology maps it.
    pub fn cell(&self, code: &str, location: Option<&str>) -> Option<(CodeId, LocationId)> {
        self.at(self.code(code)?, location)
    }

    /// The cell of a code at the place that a text names, where the topology maps it.
    pub fn at(&self, code: CodeId, location: Option<&str>) -> Option<(CodeId, LocationId)> {
        let location = *self.places.get(&location)?;
        let only = if self.bound { self.model.code(code).at } else { None };
        only.is_none_or(|only| only == location).then_some((code, location))
    }

    /// The code that a text names.
    pub fn code(&self, code: &str) -> Option<CodeId> {
        self.codes?.find(code, |at| &self.model.codes[at as usize].code).map(CodeId)
    }

    /// The codes that some texts name, in their order.
    pub fn codes(&self, texts: &[&str]) -> Vec<Option<CodeId>> {
        let Some(codes) = self.codes else { return vec![None; texts.len()] };
        let found = codes.find_each(texts, |at| &self.model.codes[at as usize].code);
        found.into_iter().map(|at| at.map(CodeId)).collect()
    }

    /// The places of the system.
    pub fn places(&self) -> impl Iterator<Item = LocationId> + Clone {
        self.places.values().copied()
    }

    /// The place that a text names; `None` as text is the one place of a system without locations.
    pub fn place(&self, text: Option<&str>) -> Option<LocationId> {
        self.places.get(&text).copied()
    }
}

/// What the rows of one read have in common.
pub struct Demand<'m> {
    model: &'m Model,
    /// Where their texts lead.
    pub cells: Cells<'m>,
    stamps: Stamps<'m>,
    source: String,
    /// Rows that could not be read.
    pub failures: Vec<RowFailure>,
    /// Rows that the source sent.
    pub rows: u64,
    /// Rows of codes and places that the topology does not know.
    pub ignored: u64,
}

/// The place of a row: its record as people count, and what it is of where that much is known.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Which record of its source.
    pub record: u32,
    /// The code.
    pub code: Option<CodeId>,
    /// The location.
    pub location: Option<LocationId>,
}

impl<'m> Demand<'m> {
    /// Nothing read yet. `side` is what is safe for the stamps of these rows.
    pub fn new(model: &'m Model, system: SystemId, side: Side) -> Demand<'m> {
        Demand {
            model,
            cells: Cells::new(model, system),
            stamps: Stamps::new(model, system, side),
            source: String::new(),
            failures: Vec::new(),
            rows: 0,
            ignored: 0,
        }
    }

    /// The rows that follow come from this source.
    pub fn source(&mut self, name: &str) {
        name.clone_into(&mut self.source);
    }

    /// Notes that a field of a row cannot be read.
    pub fn fail(&mut self, at: At, field: &str, reason: String) {
        self.failures.push(RowFailure {
            record: format!("row {}", at.record),
            source: self.source.clone(),
            field: field.to_owned(),
            reason,
            code: at.code,
            location: at.location,
        });
    }

    /// Notes that a row cannot be read as a whole, with what can be told of it.
    pub fn bad_row(&mut self, record: u32, reason: String, (code, location): (Option<&str>, Option<&str>)) {
        self.rows += 1;
        let code = code.and_then(|code| self.cells.code(code));
        let location = self.cells.place(location.filter(|text| !text.is_empty()));
        self.fail(At { record, code, location }, "", reason);
    }

    /// What a row is of, and where. A row for an unknown code or place is counted, and none of ours. No text
    /// for the place is a row for which nobody says, unless its code is valid at one place only. A code at a
    /// place where the topology does not have it is no stranger: its demand must not be lost. In a system
    /// without locations all is of its one place, whatever a row says.
    pub fn of(
        &mut self,
        record: u32,
        code: Option<&str>,
        (column, text): (&str, Option<&str>),
    ) -> Option<(CodeId, Option<LocationId>)> {
        let Some(code) = code.and_then(|code| self.cells.code(code)) else {
            self.ignored += 1;
            return None;
        };
        let only = self.model.code(code).at;
        let text = text.filter(|text| !text.is_empty());
        let Some(place) = self.cells.place(text).or_else(|| self.cells.place(None)) else {
            self.ignored += u64::from(text.is_some());
            return text.is_none().then_some((code, only));
        };
        let location = self.model.location(place);
        match only {
            Some(only) if only != place && location.pool.contains(&only) => Some((code, Some(only))),
            Some(only) if only != place => {
                let reason = format!(
                    "`{}` is valid at `{}` only, and the row says `{}`: correct the row, or what the \
                     topology says of the code",
                    self.model.code(code).code,
                    self.model.location(only).name,
                    location.name
                );
                self.fail(At { record, code: Some(code), location: Some(only) }, column, reason);
                None
            }
            _ => Some((code, Some(place))),
        }
    }

    /// A text that must be there.
    pub fn name(&mut self, at: At, column: &str, text: Option<&str>) -> Option<Name> {
        let found = text.filter(|text| !text.trim().is_empty()).map(Name::from);
        if found.is_none() {
            let reason = "it is empty, so nobody could know this row again; write the number".to_owned();
            self.fail(at, column, reason);
        }
        found
    }

    /// A count; `below` says whether it may be below 0.
    pub fn count(
        &mut self,
        at: At,
        column: &str,
        number: (Option<&str>, u8),
        below: bool,
    ) -> Option<Decimal> {
        match count(number.0, number.1) {
            Ok(value) if value.digits < 0 && !below => {
                let reason =
                    format!("{value} is below 0, and would add to what can be sold; correct the sign");
                self.fail(at, column, reason);
                None
            }
            Ok(value) => Some(value),
            Err(reason) => {
                self.fail(at, column, reason);
                None
            }
        }
    }

    /// A stamp, `Some(None)` for none; `None` where it is none that can be read, which has been noted.
    pub fn stamp(&mut self, at: At, column: &str, text: Option<&str>) -> Option<Option<Moment>> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Some(None) };
        let found = self.stamps.read(text, at.location);
        if found.is_none() {
            let reason = format!(
                "`{}` is not a moment; write it as 2026-11-22 06:35:48 or 2026-11-22T06:35:48Z",
                shown(text)
            );
            self.fail(at, column, reason);
        }
        found.map(Some)
    }

    /// About the read: what is known of the whole, with the rows counted here.
    pub fn about(&self, about: About) -> About {
        About { rows: self.rows, ignored: self.ignored, ..about }
    }
}

/// Finds columns by name for a node: those that must be there, and those that it may name.
pub struct Columns<'h> {
    /// The node that names them.
    pub node: &'static str,
    /// The columns of the source.
    pub names: &'h [&'h str],
}

impl Columns<'_> {
    /// Where a column stands.
    pub fn must(&self, wanted: &Name) -> Result<usize, String> {
        header::column(self.node, self.names, wanted)
    }

    /// Where a column stands that the node may leave out.
    pub fn may(&self, wanted: &Option<Name>) -> Result<Option<usize>, String> {
        wanted.as_ref().map(|wanted| self.must(wanted)).transpose()
    }
}

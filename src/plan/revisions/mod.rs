//! What a change of the topology does to published counts: two revisions, one set of observations.

mod cause;
mod compare;
mod findings;

pub use compare::{Revision, compare};
pub use findings::fresh;

use super::change::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

/// The format that this version writes.
pub const FORMAT: &str = "onhand.diff/1";

/// Two revisions, compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The first line.
    pub header: Header,
    /// Cells whose published count differs: by flow, location and code as the second revision has them,
    /// then those that only the first one has.
    pub cells: Vec<Cell>,
    /// What `check` finds in the second revision and not in the first.
    pub findings: Vec<Finding>,
    /// Guards that a plan of the second revision trips.
    pub guards: Vec<Guard>,
    /// What the revisions need and the snapshot lacks.
    pub missing: Vec<Missing>,
    /// The last line.
    pub summary: Summary,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Record {
    /// The first line.
    Diff(Header),
    /// A cell whose published count differs.
    Cell(Cell),
    /// A finding that only the second revision has.
    Finding(Finding),
    /// A guard that a plan of the second revision trips.
    Guard(Guard),
    /// Something that a revision needs and the snapshot lacks.
    Missing(Missing),
    /// The last line.
    Summary(Summary),
}

/// The first line of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Header {
    /// Always [`FORMAT`].
    pub format: String,
    /// The first revision.
    pub a: Named,
    /// The second revision.
    pub b: Named,
    /// The snapshot's digest.
    pub snapshot: String,
    /// When the snapshot was taken, RFC 3339.
    pub taken: String,
}

/// A revision by its names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Named {
    /// As the command named it.
    pub revision: String,
    /// The commit, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The digest of the topology.
    pub topology: String,
}

/// What became of a published count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It is lower.
    Lowered,
    /// It is higher.
    Raised,
    /// It is counted in another unit.
    Unit,
    /// It was not published.
    New,
    /// It is no longer published.
    Gone,
    /// It is held, and was not.
    Held,
    /// It cannot be computed or written, and could.
    Failed,
    /// It was held or failed, and is known now.
    Known,
}

/// A cell under one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum State {
    /// It is to show so much.
    Count {
        /// How much.
        count: i64,
        /// In which unit; `kit` for a bundle.
        unit: String,
    },
    /// It is not written.
    Held {
        /// Why.
        held: String,
    },
    /// It cannot be computed or written.
    Failed {
        /// Why.
        failed: String,
    },
}

/// A cell whose published count differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cell {
    /// What became of it.
    pub what: What,
    /// The flow; by the second revision's name, where it has the cell.
    pub flow: String,
    /// The target system.
    pub system: String,
    /// The location; absent for a system without locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The target's own code for it.
    pub code: String,
    /// Under the first revision; null where it is not published.
    pub from: Option<State>,
    /// Under the second revision; null where it is not published.
    pub to: Option<State>,
    /// Why they differ, in a few words each.
    pub causes: Vec<String>,
}

/// A finding of `check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What was found.
    pub message: String,
    /// The file, relative to the topology.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A guard that trips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Guard {
    /// What it says.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Whether a plan of the first revision trips it too.
    pub before: bool,
}

/// What a revision needs and the snapshot lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Missing {
    /// The revision, as the command named it.
    pub revision: String,
    /// What is missing.
    pub what: String,
}

/// The last line of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Cells whose published count differs: the sum of the next eight.
    pub differ: u64,
    /// Lower.
    pub lowered: u64,
    /// Higher.
    pub raised: u64,
    /// In another unit.
    pub unit: u64,
    /// Newly published.
    pub new: u64,
    /// No longer published.
    pub gone: u64,
    /// Now held.
    pub held: u64,
    /// Now failed.
    pub failed: u64,
    /// No longer held or failed.
    pub known: u64,
    /// Cells that stay as they are.
    pub same: u64,
    /// Findings that only the second revision has.
    pub findings: u64,
    /// Findings that only the first one has.
    pub mended: u64,
    /// Guards that a plan of the second revision trips.
    pub guards: u64,
    /// Things that the snapshot lacks.
    pub missing: u64,
}

impl Comparison {
    /// Every record, in order.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let first = std::iter::once(Record::Diff(self.header.clone()));
        first
            .chain(self.cells.iter().cloned().map(Record::Cell))
            .chain(self.findings.iter().cloned().map(Record::Finding))
            .chain(self.guards.iter().cloned().map(Record::Guard))
            .chain(self.missing.iter().cloned().map(Record::Missing))
            .chain(std::iter::once(Record::Summary(self.summary.clone())))
    }

    /// Fills in what the summary says of the lines before it.
    pub fn seal(&mut self) {
        let count = |what: What| self.cells.iter().filter(|cell| cell.what == what).count() as u64;
        self.summary = Summary {
            differ: self.cells.len() as u64,
            lowered: count(What::Lowered),
            raised: count(What::Raised),
            unit: count(What::Unit),
            new: count(What::New),
            gone: count(What::Gone),
            held: count(What::Held),
            failed: count(What::Failed),
            known: count(What::Known),
            findings: self.findings.len() as u64,
            guards: self.guards.len() as u64,
            missing: self.missing.len() as u64,
            ..self.summary
        };
    }
}

/// The JSON Schema of one line of a comparison, as it stands in `schemas/diff.json`.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Record);
    schema.insert("title".to_owned(), "One line of an onhand diff".into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema has only text keys");
    text.push('\n');
    text
}

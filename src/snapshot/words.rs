//! The lines of a snapshot, one JSON object each. Decimals and moments are texts, so that they stay exact.

use crate::model::quantity::Decimal;
use crate::model::time::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// One line of a snapshot. Lines of a system follow the line that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Record {
    /// The first line.
    Snapshot(Header),
    /// A system; all that it showed follows.
    System(SystemLine),
    /// A code that the system was asked for; only of kinds that are asked for mapped codes.
    Code(CodeLine),
    /// A location that the system was asked for; only of kinds that are asked for mapped codes.
    Place(PlaceLine),
    /// About one read of the system; its rows and failures follow.
    Read(ReadLine),
    /// One file or query of a generic kind; its rows follow.
    Sheet(SheetLine),
    /// One row of it, as it came.
    Row(RowLine),
    /// The counts of one cell, of any other kind.
    Level(LevelLine),
    /// One open order line.
    Line(OpenLine),
    /// One row or line that could not be read.
    Failure(FailureLine),
    /// An owner's number that an earlier apply used.
    Known(KnownLine),
    /// A number that was written and not shown yet.
    Written(WrittenLine),
    /// The last line.
    End(End),
}

/// The first line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Header {
    /// Always `onhand.snapshot/1`.
    pub(super) format: String,
    /// When reading began, RFC 3339.
    pub(super) taken: String,
    /// Digest of the topology that asked, lower-case hex.
    pub(super) topology: String,
}

/// The last line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct End {
    /// How many lines stand before it.
    pub(super) lines: u64,
    /// blake3 over them, line breaks included, as lower-case hex.
    pub(super) digest: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct SystemLine {
    /// Its name.
    pub(super) system: String,
    /// Its kind.
    pub(super) kind: String,
    /// The name it had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) was: Option<String>,
    /// Of a generic kind: a digest of how it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) way: Option<String>,
    /// Why it could not be read at all; absent where it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failed: Option<String>,
}

/// A location as a system calls it; null in a system without locations.
pub(super) type Place = Option<String>;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct CodeLine {
    /// The code.
    pub(super) code: String,
    /// The only location at which it was asked for; absent where it was at all.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Place>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct PlaceLine {
    /// The system's code of it.
    pub(super) location: Place,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct ReadLine {
    /// `levels` or `lines`.
    pub(super) what: String,
    /// The source as people know it.
    pub(super) source: String,
    /// Rows that the source sent.
    pub(super) rows: u64,
    /// Rows that the topology which asked does not know.
    pub(super) ignored: u64,
    /// Pages read.
    pub(super) pages: u64,
    /// Requests sent.
    pub(super) requests: u64,
    /// When the counts were true, where one moment holds for all.
    pub(super) as_of: Option<String>,
    /// When the source last changed.
    pub(super) changed: Option<String>,
    /// Why the read is not complete; null where it is.
    pub(super) incomplete: Option<String>,
    /// The names of the values of each `level` that follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) columns: Vec<String>,
    /// Whether each `level` names its unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) units: bool,
    /// Whether each `level` has a moment of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) dated: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct SheetLine {
    /// Its name.
    pub(super) name: String,
    /// Its columns; null for a file without even a header.
    pub(super) columns: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct RowLine {
    /// Which record of its source.
    pub(super) record: u32,
    /// One text for each column; null where the source says "no value".
    pub(super) fields: Vec<Option<String>>,
    /// Why it cannot be read as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct LevelLine {
    /// The code.
    pub(super) code: String,
    /// The system's code of the location.
    pub(super) location: Place,
    /// How people find it at the source.
    pub(super) record: u32,
    /// The word for the unit; absent where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    /// When it was true, where it has a moment of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<String>,
    /// The counts, exact; null where the row does not show one.
    pub(super) values: Vec<Option<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct OpenLine {
    /// The document.
    pub(super) document: String,
    /// The line in it.
    pub(super) line: String,
    /// What is promised.
    pub(super) code: String,
    /// Where it will leave from; absent where the document does not say.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Place>,
    /// How much is open, exact.
    pub(super) open: String,
    /// The word for the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    /// What caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct FailureLine {
    /// Which record.
    pub(super) record: String,
    /// The source.
    pub(super) source: String,
    /// The field at fault.
    pub(super) field: String,
    /// What was found, and what to do.
    pub(super) reason: String,
    /// The code, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    /// The location, where known.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Place>,
}

/// By the names of the topology that asked, as the state keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct KnownLine {
    pub(super) system: String,
    pub(super) location: String,
    pub(super) item: String,
    pub(super) quantity: String,
    /// In base units.
    pub(super) value: i64,
    /// When it was true, where known.
    pub(super) as_of: Option<String>,
}

/// By the names of the topology that asked, as the state keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct WrittenLine {
    pub(super) system: String,
    /// Empty where there is none.
    pub(super) location: String,
    pub(super) code: String,
    pub(super) column: String,
    /// In the system's unit.
    pub(super) value: i64,
    /// What the source showed when it was written; null where it did not show the cell.
    pub(super) shown: Option<i64>,
    /// When it was written.
    pub(super) at: String,
    /// The run that wrote it.
    pub(super) run: String,
}

/// Keeps null apart from absent.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Place>, D::Error> {
    Place::deserialize(from).map(Some)
}

/// A moment as it was written; `None` where it was none.
pub(super) fn moment(text: &Option<String>) -> Option<Moment> {
    Moment::parse(text.as_deref()?, "UTC")
}

/// A count as it was written.
pub(super) fn decimal(text: &str) -> Result<Decimal, String> {
    Decimal::parse(text).map_err(|_| format!("`{}` is no count", text.escape_debug()))
}

//! Snapshots: what systems showed, kept in a file, to be read against any revision of a topology.
//!
//! A snapshot speaks the systems' own words: their codes, their codes of locations, their columns. What a
//! generic kind read is kept row by row as it came, mapped or not; the other kinds are asked for mapped
//! codes only, so what they were asked for is kept beside their answers, and what they were not asked for
//! is never taken as 0.

pub mod file;
mod record;
mod remembered;
mod replay;
mod words;

pub use record::{Recorder, Shelf, shelf};
pub use remembered::{remember, remembered};
pub use replay::{open, unasked};

use crate::model::system::System;
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use words::*;

/// What systems showed at about one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// When reading began: a plan of the snapshot is made as of this moment.
    pub taken: Moment,
    /// The digest of the topology that asked.
    pub topology: String,
    /// What each system showed, in the order of that topology.
    pub systems: Vec<Shown>,
    /// Owners' numbers that an earlier apply used.
    known: Vec<KnownLine>,
    /// Numbers that were written and not shown yet.
    written: Vec<WrittenLine>,
    /// The digest of its lines; empty until it was written or read.
    pub digest: String,
}

/// What one system showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    head: SystemLine,
    /// What a kind that is asked for mapped codes only was asked for.
    codes: Vec<CodeLine>,
    places: Vec<PlaceLine>,
    levels: Option<LevelsRead>,
    lines: Option<LinesRead>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LevelsRead {
    about: ReadLine,
    /// Of a generic kind: what it read, as it came.
    sheets: Vec<(SheetLine, Vec<RowLine>)>,
    /// Of any other kind: a row for each cell.
    rows: Vec<LevelLine>,
    failures: Vec<FailureLine>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LinesRead {
    about: ReadLine,
    lines: Vec<OpenLine>,
    failures: Vec<FailureLine>,
}

impl Shown {
    /// The system's name in the topology that asked.
    pub fn name(&self) -> &str {
        &self.head.system
    }

    /// Why it could not be read at all; `None` where it could.
    pub fn failed(&self) -> Option<&str> {
        self.head.failed.as_deref()
    }

    /// Why its counts are not complete; `None` where they are.
    pub fn incomplete(&self) -> Option<&str> {
        let lines = self.lines.as_ref().and_then(|lines| lines.about.incomplete.as_deref());
        self.levels.as_ref().and_then(|levels| levels.about.incomplete.as_deref()).or(lines)
    }

    /// How many rows of counts, open lines, and rows that could not be read it holds.
    pub fn size(&self) -> (usize, usize, usize) {
        let levels = self.levels.as_ref();
        let of_sheets = |l: &LevelsRead| l.sheets.iter().map(|(_, rows)| rows.len()).sum::<usize>();
        let rows = levels.map_or(0, |levels| levels.rows.len() + of_sheets(levels));
        let lines = self.lines.as_ref().map_or(0, |lines| lines.lines.len());
        let unread = |l: &LevelsRead| {
            let faults = l.sheets.iter().flat_map(|(_, rows)| rows).filter(|row| row.fault.is_some());
            l.failures.len() + faults.count()
        };
        let failures = levels.map_or(0, unread) + self.lines.as_ref().map_or(0, |l| l.failures.len());
        (rows, lines, failures)
    }
}

impl Snapshot {
    /// A snapshot of what systems showed; what the state remembers comes with [`remember`].
    pub fn new(taken: Moment, topology: &str, systems: Vec<Shown>) -> Snapshot {
        Snapshot { taken, topology: topology.to_owned(), systems, ..Snapshot::default() }
    }

    /// What was kept of a system of this topology: by its name, the name that it had before, or the name
    /// that it has got since.
    pub fn of(&self, model: &Model, system: SystemId) -> Option<&Shown> {
        let system = model.system(system);
        let by = |test: &dyn Fn(&SystemLine) -> bool| self.systems.iter().find(|shown| test(&shown.head));
        let before = |was: &str| by(&|head| head.system == was);
        by(&|head| head.system == *system.name)
            .or_else(|| before(system.was.as_deref()?))
            .or_else(|| by(&|head| head.was.as_deref() == Some(&*system.name)))
    }
}

/// A digest of how a generic kind is read. Another file or query shows other rows, so what was kept says
/// nothing of them; the text itself stays out of the snapshot, since a query may say what is nobody's
/// business.
fn way(system: &System) -> Option<String> {
    let shape = system.levels.as_ref().filter(|_| system.kind.generic)?;
    let mut text = format!("{:?}", shape.source);
    if system.kind.kind == "csv" {
        text.push_str(&format!(" {:?} {} {}", shape.files, shape.delimiter, shape.encoding));
    }
    if let Some(lines) = system.lines.as_ref().filter(|_| system.kind.kind != "memory") {
        let how = (&lines.source, lines.files, lines.delimiter, lines.encoding, lines.decimal);
        text.push_str(&format!(" lines {how:?}"));
    }
    Some(blake3::hash(text.as_bytes()).to_hex()[..16].to_owned())
}

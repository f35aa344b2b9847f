//! Snapshot files: one JSON object a line, written and read back, with every reason to refuse one.

use super::words::*;
use super::{LevelsRead, LinesRead, Shown, Snapshot};
use crate::diagnostic::escape;
use crate::model::time::Moment;

/// The format that this version writes, and the only major one that it reads.
pub const FORMAT: &str = "onhand.snapshot/1";

/// Why a snapshot is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not begin with a snapshot's first line.
    NotASnapshot(String),
    /// Its major format is not ours.
    Format(String),
    /// It has no last line.
    CutShort,
    /// Its lines do not match its digest.
    Edited,
    /// A line says something that no snapshot says.
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::NotASnapshot(why) => write!(f, "this is no snapshot: {why}"),
            Refusal::Format(found) => {
                write!(f, "the snapshot's format is `{found}`, this version reads `{FORMAT}`")
            }
            Refusal::CutShort => {
                f.write_str("the snapshot is cut short: its last line, with the digest, is missing")
            }
            Refusal::Edited => f.write_str(
                "the snapshot was changed after it was written: its lines do not match its digest",
            ),
            Refusal::Line { line, why } => write!(f, "line {line} of the snapshot cannot be read: {why}"),
        }
    }
}

/// Lines in the making.
struct Lines {
    text: String,
    count: u64,
}

impl Lines {
    fn push(&mut self, record: &Record) {
        // Records hold strings and whole numbers only, under keys that are strings.
        let json = serde_json::to_string(record).expect("a record is always JSON");
        self.text.push_str(&escape::json(&json));
        self.text.push('\n');
        self.count += 1;
    }

    fn extend<T>(&mut self, all: &[T], record: impl Fn(T) -> Record)
    where
        T: Clone,
    {
        all.iter().cloned().for_each(|one| self.push(&record(one)));
    }
}

/// The lines of a snapshot, each with its line break, and its digest filled in.
pub fn write(snapshot: &mut Snapshot) -> String {
    let mut lines = Lines { text: String::new(), count: 0 };
    lines.push(&Record::Snapshot(Header {
        format: FORMAT.to_owned(),
        taken: snapshot.taken.rfc3339(),
        topology: snapshot.topology.clone(),
    }));
    for shown in &snapshot.systems {
        lines.push(&Record::System(shown.head.clone()));
        lines.extend(&shown.codes, Record::Code);
        lines.extend(&shown.places, Record::Place);
        if let Some(read) = &shown.lines {
            lines.push(&Record::Read(read.about.clone()));
            lines.extend(&read.lines, Record::Line);
            lines.extend(&read.failures, Record::Failure);
        }
        if let Some(read) = &shown.levels {
            lines.push(&Record::Read(read.about.clone()));
            for (sheet, rows) in &read.sheets {
                lines.push(&Record::Sheet(sheet.clone()));
                lines.extend(rows, Record::Row);
            }
            lines.extend(&read.rows, Record::Level);
            lines.extend(&read.failures, Record::Failure);
        }
    }
    lines.extend(&snapshot.known, Record::Known);
    lines.extend(&snapshot.written, Record::Written);
    snapshot.digest = digest(&lines.text);
    let end = End { lines: lines.count, digest: snapshot.digest.clone() };
    lines.push(&Record::End(end));
    lines.text
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Reads a snapshot back. Fields that this version does not know are passed over, but the digest covers
/// them.
pub fn read(text: &str) -> Result<Snapshot, Refusal> {
    let first = text.lines().next().filter(|line| !line.trim().is_empty());
    let header = header(first.ok_or_else(|| Refusal::NotASnapshot("it is empty".to_owned()))?)?;
    let body = text.strip_suffix('\n').ok_or(Refusal::CutShort)?;
    let (before, last) = body.rsplit_once('\n').ok_or(Refusal::CutShort)?;
    let Ok(Record::End(end)) = serde_json::from_str(last) else { return Err(Refusal::CutShort) };
    let before = &text[..=before.len()];
    if digest(before) != end.digest {
        return Err(Refusal::Edited);
    }
    let taken = Moment::parse(&header.taken, "UTC");
    let mut snapshot = Snapshot {
        taken: taken.ok_or_else(|| Refusal::NotASnapshot("nothing says when it was taken".to_owned()))?,
        topology: header.topology,
        digest: end.digest,
        ..Snapshot::default()
    };
    for (at, line) in before.lines().enumerate().skip(1) {
        let wrong = |why: String| Refusal::Line { line: at + 1, why };
        let record = serde_json::from_str(line).map_err(|error| wrong(plain(&error)))?;
        take(&mut snapshot, record).map_err(|why| wrong(why.to_owned()))?;
    }
    Ok(snapshot)
}

fn plain(error: &serde_json::Error) -> String {
    // The parser's place is within this one line.
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn header(first: &str) -> Result<Header, Refusal> {
    let object: serde_json::Value = serde_json::from_str(first)
        .map_err(|_| Refusal::NotASnapshot("its first line is no JSON object".to_owned()))?;
    if object.get("type").and_then(|value| value.as_str()) != Some("snapshot") {
        return Err(Refusal::NotASnapshot("its first line is not of type `snapshot`".to_owned()));
    }
    let format = object.get("format").and_then(|value| value.as_str()).unwrap_or_default();
    // `onhand.snapshot/1.4` adds to `onhand.snapshot/1` what may be passed over.
    if format != FORMAT && !format.starts_with(&format!("{FORMAT}.")) {
        return Err(Refusal::Format(format.escape_debug().collect()));
    }
    serde_json::from_value(object).map_err(|error| Refusal::NotASnapshot(plain(&error)))
}

fn take(snapshot: &mut Snapshot, record: Record) -> Result<(), &'static str> {
    const STRAY: &str = "it belongs to a system, and none stands before it";
    const MISPLACED: &str = "it belongs to a read, and that does not stand before it";
    match record {
        Record::Known(line) => return push(&mut snapshot.known, line),
        Record::Written(line) => return push(&mut snapshot.written, line),
        Record::System(head) => return push(&mut snapshot.systems, Shown { head, ..Shown::default() }),
        Record::Snapshot(_) => return Err("a second first line"),
        Record::End(_) => return Err("a last line stands before the end"),
        _ => {}
    }
    let shown = snapshot.systems.last_mut().ok_or(STRAY)?;
    let levels = shown.levels.as_mut();
    match record {
        Record::Code(line) => push(&mut shown.codes, line),
        Record::Place(line) => push(&mut shown.places, line),
        Record::Read(about) => match about.what.as_str() {
            "lines" => {
                shown.lines = Some(LinesRead { about, ..LinesRead::default() });
                Ok(())
            }
            "levels" => {
                shown.levels = Some(LevelsRead { about, ..LevelsRead::default() });
                Ok(())
            }
            _ => Err("a read is of `lines` or of `levels`"),
        },
        Record::Sheet(line) => push(&mut levels.ok_or(MISPLACED)?.sheets, (line, Vec::new())),
        Record::Row(line) => {
            let sheet = levels.and_then(|levels| levels.sheets.last_mut()).ok_or(MISPLACED)?;
            push(&mut sheet.1, line)
        }
        Record::Level(line) => push(&mut levels.ok_or(MISPLACED)?.rows, line),
        Record::Line(line) => push(&mut shown.lines.as_mut().ok_or(MISPLACED)?.lines, line),
        // Levels come last, so a failure is of lines until they begin.
        Record::Failure(line) => match (levels, &mut shown.lines) {
            (Some(levels), _) => push(&mut levels.failures, line),
            (None, Some(lines)) => push(&mut lines.failures, line),
            (None, None) => Err(MISPLACED),
        },
        _ => Ok(()),
    }
}

fn push<T>(to: &mut Vec<T>, line: T) -> Result<(), &'static str> {
    to.push(line);
    Ok(())
}

/// The JSON Schema of one line of a snapshot, as it stands in `schemas/snapshot.json`.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Record);
    schema.insert("title".to_owned(), "One line of an onhand snapshot".into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema has only text keys");
    text.push('\n');
    text
}

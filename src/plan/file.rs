//! Plan files: one JSON object a line, written and read back.

use super::Plan;
use super::change::{FORMAT, Line, Record};
use super::refusal::Refusal;
use crate::diagnostic::escape;
use crate::hands;
use crate::model::Model;
use crate::model::time::Moment;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The lines of a plan, each with its line break.
pub fn write(plan: &Plan) -> String {
    let mut text = String::new();
    each_group(plan, |blocks, left| {
        // A text that grows by doubling would be copied as often.
        text.reserve(blocks.iter().map(String::len).sum::<usize>() * left);
        blocks.iter().for_each(|lines| text.push_str(lines));
    });
    text.push_str(&last(plan));
    text
}

/// So many lines are put into text, or read, in one go, and so many such blocks before they are taken.
const LINES: usize = 1 << 8;
const BLOCKS: usize = 1 << 6;

/// The text of all lines but the last, in their order, some blocks of lines at a time, with how many such
/// groups are left, this one among them: each hand puts some blocks into text.
fn each_group(plan: &Plan, mut take: impl FnMut(Vec<String>, usize)) {
    let lines: Vec<Line<'_>> = plan.lines().filter(|line| !matches!(line, Line::Summary(_))).collect();
    let groups = lines.chunks(LINES * BLOCKS);
    for (at, some) in groups.clone().enumerate() {
        take(in_blocks(some, in_text), groups.len() - at);
    }
}

/// What comes of some lines, block by block in their order: each hand takes some blocks.
fn in_blocks<L: Sync, B: Send>(lines: &[L], work: impl Fn(&[L]) -> B + Sync) -> Vec<B> {
    let blocks: Vec<&[L]> = lines.chunks(LINES).collect();
    hands::each(blocks.len(), hands::count(lines.len(), 2 * LINES), |at| work(blocks[at]))
}

fn in_text(lines: &[Line<'_>]) -> String {
    let mut bytes = Vec::new();
    for line in lines {
        let start = bytes.len();
        // Records hold strings and whole numbers only, under keys that are strings.
        serde_json::to_writer(&mut bytes, line).expect("a record is always JSON");
        let json = std::str::from_utf8(&bytes[start..]).expect("JSON is UTF-8");
        if let Cow::Owned(safe) = escape::json(json) {
            bytes.truncate(start);
            bytes.extend_from_slice(safe.as_bytes());
        }
        bytes.push(b'\n');
    }
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// The JSON Schema of one line of a plan, as it stands in `schemas/plan.json`.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Record);
    schema.insert("title".to_owned(), "One line of an onhand plan".into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema has only text keys");
    text.push('\n');
    text
}

/// Fills in what the summary says of the lines before it, the digest, and the seal.
pub(super) fn seal(plan: &mut Plan) {
    plan.summary.held = plan.held.len() as u64;
    plan.summary.failures = plan.failures.len() as u64;
    plan.summary.movements = plan.movements.len() as u64;
    (plan.summary.digest, plan.summary.seal) = (String::new(), String::new());
    let (mut digest, mut whole) = (Digest::default(), blake3::Hasher::new());
    each_group(plan, |blocks, _| {
        for lines in blocks {
            whole.update(lines.as_bytes());
            digest.block(&lines);
        }
    });
    plan.summary.digest = digest.end(last(plan).trim_end()).unwrap_or_default();
    plan.summary.seal = seal_behind(whole, &last(plan)).map(|(due, _)| due).unwrap_or_default();
}

/// The last line of a plan.
fn last(plan: &Plan) -> String {
    in_text(&[Line::Summary(&plan.summary)])
}

/// How the file of a plan ends: the seal, its hex digits, and what closes the line.
const SEAL: &str = r#","seal":""#;
const END: &str = "\"}\n";

/// The seal that a plan's text should bear, and the one that it bears: blake3, as lower-case hex, over
/// every byte of the text but the seal's own digits. So it finds any change whatever, where the digest
/// leaves out what two plans of the same observations may differ in. `None` if the text does not end with
/// a seal, written or still empty.
pub fn seal_of(text: &str) -> Option<(String, &str)> {
    seal_behind(blake3::Hasher::new(), text)
}

/// The same for a text of which the hasher has taken in what comes before.
fn seal_behind(mut before: blake3::Hasher, text: &str) -> Option<(String, &str)> {
    let body = text.strip_suffix(END)?;
    let at = body.rfind(SEAL)? + SEAL.len();
    let digits = &body[at..];
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if !(digits.is_empty() || digits.len() == 64) || !digits.bytes().all(hex) {
        return None;
    }
    before.update(&body.as_bytes()[..at]).update(END.as_bytes());
    Some((before.finalize().to_hex().to_string(), digits))
}

/// The digest of a plan's lines: blake3, as lower-case hex, over each line in its canonical form and a
/// line feed after it.
///
/// The canonical form of the first and the last line is their JSON with the keys of every object sorted
/// by bytes and no space between tokens, without `id`, `created` and `expires` in the first and without
/// `digest` and `seal` in the last; that of a read likewise, without `as_of`: a database is read as of the
/// moment itself. That of every other line is its bytes as they stand. So unknown fields are
/// covered too, and two plans of the same observations have one digest. `None` if the first or the last
/// line, or a read, is no JSON object.
pub fn digest(text: &str) -> Option<String> {
    let text = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    };
    let lines = text.strip_suffix('\n').unwrap_or(&text);
    let (before, last) = lines.split_at(lines.rfind('\n').map_or(0, |at| at + 1));
    let mut digest = Digest::default();
    digest.block(before);
    digest.end(last)
}

/// The digest of lines that come one by one.
#[derive(Default)]
struct Digest {
    hasher: blake3::Hasher,
    /// Whether the first line has been taken in.
    begun: bool,
    /// Whether a line is no JSON object that has to be one.
    broken: bool,
}

impl Digest {
    /// Takes in some lines that are whole and not the last, as they are written: the reads stand before all
    /// lines that are taken in as they are.
    fn block(&mut self, lines: &str) {
        let mut rest = lines;
        while let Some((line, after)) = rest.split_once('\n')
            && (!self.begun || line.starts_with(READ))
        {
            self.line(line);
            rest = after;
        }
        self.hasher.update(rest.as_bytes());
    }

    /// Takes in the first line, or a read.
    fn line(&mut self, line: &str) {
        match self.begun {
            false => self.without(line, &["id", "created", "expires"]),
            true => self.without(line, &["as_of"]),
        }
    }

    /// Takes in the last line.
    fn end(mut self, line: &str) -> Option<String> {
        match self.begun {
            // A plan has a first line and a last one.
            false => self.line(line),
            true => self.without(line, &["digest", "seal"]),
        }
        (!self.broken).then(|| self.hasher.finalize().to_hex().to_string())
    }

    fn without(&mut self, line: &str, left_out: &[&str]) {
        match canonical(line, left_out) {
            Some(line) => self.take(&line),
            None => self.broken = true,
        }
    }

    fn take(&mut self, line: &str) {
        self.hasher.update(line.as_bytes()).update(b"\n");
        self.begun = true;
    }
}

/// How the line of a read begins.
const READ: &str = r#"{"type":"read","#;

fn canonical(line: &str, left_out: &[&str]) -> Option<String> {
    let Ok(Value::Object(mut object)) = serde_json::from_str(line) else { return None };
    left_out.iter().for_each(|key| {
        object.remove(*key);
    });
    let mut text = String::new();
    sorted(&Value::Object(object), &mut text);
    Some(text)
}

/// JSON with sorted keys. Values come from the parser, which bounds their depth.
fn sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                sorted(&object[key], text);
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                sorted(value, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// Reads a plan back. Fields that this version does not know are passed over, but digest and seal cover
/// them; lines of a type that it does not know are refused, since they may ask for something to be done.
/// What is wrong is named as narrowly as it can be: a line before the whole.
pub fn read(bytes: impl AsRef<[u8]>) -> Result<Plan, Refusal> {
    let text = as_text(bytes.as_ref())?;
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.first().filter(|line| !line.trim().is_empty());
    let first = first.ok_or_else(|| Refusal::NotAPlan("it is empty".to_owned()))?;
    check_format(first)?;
    let last = lines.last().copied().unwrap_or_default();
    if lines.len() < 2 || !text.ends_with('\n') || !is_summary(last) {
        return Err(Refusal::CutShort);
    }
    let (due, borne) = seal_of(text).ok_or(Refusal::Unsealed)?;
    let mut plan = Plan::default();
    for (at, record) in lines.chunks(LINES * BLOCKS).flat_map(records).enumerate() {
        let record =
            record.map_err(|error| Refusal::Line { line: at + 1, why: plain_error(lines[at], &error) })?;
        take(&mut plan, record, (at, lines.len()))?;
    }
    if digest(text).as_deref() != Some(&*plan.summary.digest) {
        return Err(Refusal::Edited);
    }
    let mut ids = BTreeSet::new();
    if let Some(twice) = plan.changes.iter().find(|change| !ids.insert(&*change.id)) {
        return Err(Refusal::Twice(twice.id.clone()));
    }
    match due == borne && borne == plan.summary.seal {
        true => Ok(plan),
        false => Err(Refusal::SealBroken),
    }
}

/// The records of some lines, in their order.
fn records(lines: &[&str]) -> Vec<serde_json::Result<Record>> {
    let read = |some: &[&str]| some.iter().map(|line| serde_json::from_str(line)).collect::<Vec<_>>();
    in_blocks(lines, read).into_iter().flatten().collect()
}

/// The text of a plan. Bytes that are no text would be read as something else than was written.
fn as_text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        match bytes.first() {
            Some(b'{') => Refusal::Line { line, why: "it is not UTF-8 text".to_owned() },
            _ => Refusal::NotAPlan("it is not UTF-8 text".to_owned()),
        }
    })
}

fn check_format(first: &str) -> Result<(), Refusal> {
    let object: Value = serde_json::from_str(first)
        .map_err(|_| Refusal::NotAPlan("its first line is no JSON object".to_owned()))?;
    if object.get("type").and_then(Value::as_str) != Some("plan") {
        return Err(Refusal::NotAPlan("its first line is not of type `plan`".to_owned()));
    }
    match object.get("format").and_then(Value::as_str) {
        // `onhand.plan/1.4` adds to `onhand.plan/1` what may be passed over.
        Some(format) if format == FORMAT || format.starts_with(&format!("{FORMAT}.")) => Ok(()),
        Some(format) => Err(Refusal::Format(format.to_owned())),
        None => Err(Refusal::NotAPlan("its first line names no format".to_owned())),
    }
}

fn is_summary(line: &str) -> bool {
    let object: Result<Value, _> = serde_json::from_str(line);
    object.is_ok_and(|object| object.get("type").and_then(Value::as_str) == Some("summary"))
}

fn plain_error(line: &str, error: &serde_json::Error) -> String {
    if line.trim().is_empty() {
        return "it is empty".to_owned();
    }
    // The parser's place is within this one line.
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn take(plan: &mut Plan, record: Record, (at, count): (usize, usize)) -> Result<(), Refusal> {
    let misplaced = |why: &str| Err(Refusal::Line { line: at + 1, why: why.to_owned() });
    match record {
        Record::Plan(header) if at == 0 => plan.header = header,
        Record::Plan(_) => return misplaced("a second first line"),
        Record::Summary(summary) if at + 1 == count => plan.summary = summary,
        Record::Summary(_) => return misplaced("a summary stands before the end"),
        Record::Read(read) => plan.reads.push(read),
        Record::Change(change) => plan.changes.push(change),
        Record::Movement(movement) => plan.movements.push(movement),
        Record::Held(held) => plan.held.push(held),
        Record::Failure(fault) => plan.failures.push(fault),
        Record::Guard(verdict) => plan.guards.push(verdict),
    }
    Ok(())
}

/// Whether a plan that was read fits this topology at this moment.
pub fn fits(plan: &Plan, model: &Model, now: Moment) -> Result<(), Refusal> {
    if plan.header.topology != model.digest {
        let (plan, here) = (plan.header.topology.clone(), model.digest.clone());
        return Err(Refusal::OtherTopology { plan, here });
    }
    match Moment::parse(&plan.header.expires, "UTC") {
        Some(expires) if now <= expires => Ok(()),
        _ => Err(Refusal::Expired(plan.header.expires.clone())),
    }
}

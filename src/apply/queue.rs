//! What a run adds to the queue of failures, and what it closes there.

use super::collect::Postings;
use super::report::RowReport;
use crate::plan::Plan;
use crate::plan::again::Index;
use crate::plan::change::{Change, RowFault};
use crate::state::{Entry, Event, Fault, Outcome, QueueEntry, QueueKey};
use std::collections::{BTreeMap, BTreeSet};

/// What a run knows of the cells that it looked at.
pub struct Looked<'a> {
    /// The plan that was carried out.
    pub planned: &'a Plan,
    /// Its flows, computed again.
    pub now: &'a Plan,
    /// The records of those by cell.
    pub index: &'a Index<'a>,
    /// How each planned change ended, in the order of the plan.
    pub rows: &'a [RowReport],
    /// The last request of each change that was sent, in words, by change.
    pub requests: &'a BTreeMap<String, String>,
    /// The systems that were read from end to end, by name.
    pub complete: &'a BTreeSet<String>,
    /// The flows that collect movements, by name: every run looks at them.
    pub collects: &'a BTreeSet<String>,
    /// What is still to be posted.
    pub postings: Postings<'a>,
}

/// In how many runs in a row a row has to have moved before somebody has to look at it.
const MOVED_RUNS: u32 = 3;

/// The rows that had moved when the run ended, and those that went through. A row that was held or skipped
/// is neither: nobody tried it.
pub fn moved(looked: &Looked<'_>) -> (Vec<QueueKey>, Vec<QueueKey>) {
    let (mut moved, mut ended) = (Vec::new(), Vec::new());
    for (planned, row) in looked.planned.changes.iter().zip(looked.rows) {
        match row.outcome {
            Outcome::Moved => moved.push(key_of_row(planned, row)),
            outcome if outcome.went_through() => ended.push(key_of_row(planned, row)),
            _ => {}
        }
    }
    (moved, ended)
}

/// The failures of a run, each key once: rows that could not be read or computed, rows that were refused,
/// and rows that have `moved` in too many `runs` in a row.
pub fn faults(looked: &Looked<'_>, moved: &[QueueKey], runs: &[u32]) -> Vec<Fault> {
    let mut faults: BTreeMap<QueueKey, Fault> = BTreeMap::new();
    for fault in &looked.now.failures {
        faults.entry(key_of(fault)).or_insert_with(|| row_fault(fault));
    }
    let index = looked.index;
    for (planned, row) in looked.planned.changes.iter().zip(looked.rows) {
        if row.outcome == Outcome::Failed && index.field(planned).is_none() {
            let request = looked.requests.get(&planned.id).map_or("", String::as_str);
            let fault = refused(planned, row, request);
            faults.entry(fault.key.clone()).or_insert(fault);
        }
    }
    let often: BTreeMap<&QueueKey, u32> = moved.iter().zip(runs.iter().copied()).collect();
    let rows = looked.planned.changes.iter().zip(looked.rows);
    for (planned, row) in rows.filter(|(_, row)| row.outcome == Outcome::Moved) {
        let request = looked.requests.get(&planned.id).map_or("", String::as_str);
        let mut fault = refused(planned, row, request);
        let runs = often.get(&fault.key).copied().unwrap_or(0);
        if runs >= MOVED_RUNS {
            fault.reason = format!(
                "it has moved in {runs} runs in a row, so somebody else keeps changing it: {}",
                fault.reason
            );
            faults.entry(fault.key.clone()).or_insert(fault);
        }
    }
    faults.into_values().collect()
}

/// The last request of each change that has left, in words: what was to stand in which column, and under
/// which key. `entries` is the journal of a run in its order.
pub fn requests(entries: &[Entry], planned: &Plan) -> BTreeMap<String, String> {
    let columns = planned.changes.iter().map(|change| (&*change.id, &*change.write.quantity));
    let columns: BTreeMap<&str, &str> = columns.collect();
    let (mut intended, mut sent) = (BTreeMap::new(), BTreeMap::new());
    for entry in entries {
        match &entry.event {
            Event::Intent { before, after } => {
                let column = columns.get(&*entry.change).copied().unwrap_or_default();
                let before = before.iter().find(|(name, _)| name == column);
                let before = before.map_or_else(|| "nothing".to_owned(), |(_, value)| value.to_string());
                let text = format!("{column} {before} → {after} (key {})", entry.key);
                intended.insert(&*entry.change, text);
            }
            Event::Sent => {
                if let Some(text) = intended.get(&*entry.change) {
                    sent.insert(entry.change.clone(), text.clone());
                }
            }
            Event::Again { .. } | Event::Outcome { .. } => {}
        }
    }
    sent
}

/// Which open entries have come right by themselves: a row that was refused and now went through or
/// already shows its number, a row that can be read again. Whatever this run did not look at stays open.
pub fn settled(looked: &Looked<'_>, open: &[QueueEntry], faults: &[Fault]) -> Vec<QueueKey> {
    if open.is_empty() {
        return Vec::new();
    }
    let failing: BTreeSet<&QueueKey> = faults.iter().map(|fault| &fault.key).collect();
    let flows: BTreeSet<&str> = looked.now.header.flows.iter().map(String::as_str).collect();
    let index = looked.index;
    let planned = looked.planned.changes.iter().zip(looked.rows);
    let ended: BTreeMap<CellKey<'_>, Outcome> = planned.map(|(c, row)| (of_change(c), row.outcome)).collect();
    let right = |entry: &&QueueEntry| {
        let (key, fault) = (&entry.fault.key, &entry.fault);
        let collects = looked.collects.contains(&key.flow);
        if failing.contains(key) || !(collects || flows.contains(key.flow.as_str())) {
            return false;
        }
        if looked.postings.has(fault) {
            return looked.postings.came_right(fault);
        }
        let read = looked.complete.contains(&key.system);
        if fault.change.is_empty() {
            return read;
        }
        match ended.get(&(&*key.flow, &*key.system, &*key.location, &*fault.code)) {
            Some(outcome) => outcome.went_through(),
            None => {
                let location = (!key.location.is_empty()).then(|| key.location.clone());
                read && index.is_right(&key.flow, &key.system, &location, &fault.code)
            }
        }
    };
    open.iter().filter(right).map(|entry| entry.fault.key.clone()).collect()
}

/// Flow, system, location (empty where there is none), code.
type CellKey<'a> = (&'a str, &'a str, &'a str, &'a str);

fn of_change(change: &Change) -> CellKey<'_> {
    let location = change.location.as_deref().unwrap_or_default();
    (&change.flow, &change.system, location, &change.code)
}

/// The queue key of a row that could not be read or computed; where no item is known the record stands
/// in its place.
pub fn key_of(fault: &RowFault) -> QueueKey {
    let item = if fault.item.is_empty() { place(fault) } else { fault.item.clone() };
    QueueKey {
        flow: fault.flow.clone(),
        system: fault.system.clone(),
        location: fault.location.clone().unwrap_or_default(),
        item,
        field: fault.field.clone(),
    }
}

fn place(fault: &RowFault) -> String {
    match (fault.record.is_empty(), fault.source.is_empty()) {
        (false, false) => format!("{} of {}", fault.record, fault.source),
        (false, true) => fault.record.clone(),
        (true, _) => fault.source.clone(),
    }
}

fn row_fault(fault: &RowFault) -> Fault {
    Fault {
        key: key_of(fault),
        code: fault.code.clone(),
        record: place(fault),
        reason: fault.reason.clone(),
        change: String::new(),
        next: None,
        request: String::new(),
    }
}

/// The queue key of a row that was sent, or was to be.
pub fn key_of_row(planned: &Change, row: &RowReport) -> QueueKey {
    let field = if row.field.is_empty() { planned.write.quantity.clone() } else { row.field.clone() };
    QueueKey {
        flow: planned.flow.clone(),
        system: planned.system.clone(),
        location: planned.location.clone().unwrap_or_default(),
        item: planned.item.clone(),
        field,
    }
}

/// Its failure.
fn refused(planned: &Change, row: &RowReport, request: &str) -> Fault {
    Fault {
        key: key_of_row(planned, row),
        code: planned.code.clone(),
        record: format!("`{}` in {}", planned.code, planned.system),
        reason: row.reason.clone(),
        change: planned.id.clone(),
        next: None,
        request: request.to_owned(),
    }
}

//! What an apply has done, for people and for programs.

use super::ui::Ui;
use crate::apply::{Report, RowReport};
use crate::diagnostic::escape;
use crate::diagnostic::wrap::wrap;
use crate::state::Outcome;
use serde_json::json;
use std::fmt::Write;

/// How many rows of one outcome are listed; `--format json` lists all.
const ROWS: usize = 20;

/// Every outcome, with what it means and what to do about it.
const MEANINGS: [(Outcome, &str, &str); 8] = [
    (Outcome::Verified, "written and verified", ""),
    (Outcome::Unverified, "written and read back", ""),
    (Outcome::Sent, "sent, not shown by the other side yet", ""),
    (Outcome::Unchanged, "already right", ""),
    (Outcome::Moved, "moved since the plan, not written", "Plan again: the next plan decides anew."),
    (Outcome::Held, "held, not written", "Each is written once what it depends on is known."),
    (Outcome::Failed, "failed", "`onhand queue list` shows them with their source and field."),
    (Outcome::Skipped, "skipped", ""),
];

/// The report as JSON, one object a line: each row's outcome, what is held and what failed, a summary.
pub fn json(report: &Report) -> String {
    let mut text = String::new();
    for row in &report.rows {
        let line = json!({
            "type": "outcome", "change": row.change, "flow": row.flow, "system": row.system,
            "location": row.location, "item": row.item, "code": row.code, "after": row.after,
            "outcome": row.outcome.word(), "reason": row.reason, "field": row.field,
        });
        let _ = writeln!(text, "{line}");
    }
    for held in &report.held {
        let _ = writeln!(text, "{}", tagged("held", serde_json::to_value(held)));
    }
    for fault in &report.failures {
        let _ = writeln!(text, "{}", tagged("failure", serde_json::to_value(fault)));
    }
    let counts =
        MEANINGS.iter().map(|(outcome, _, _)| (outcome.word().to_owned(), json!(count(report, *outcome))));
    let counts: serde_json::Map<String, serde_json::Value> = counts.collect();
    let line = json!({
        "type": "summary", "run": report.run, "rows": report.rows.len(), "outcomes": counts,
        "held": report.held.len(), "failures": report.failures.len(),
        "unreadable": report.unreadable, "guards": report.tripped,
        "opened": report.opened, "closed": report.closed, "notes": report.notes,
        "status": report.facts.status(),
    });
    let _ = writeln!(text, "{line}");
    text
}

fn tagged(kind: &str, value: serde_json::Result<serde_json::Value>) -> serde_json::Value {
    let mut value = value.unwrap_or_default();
    value["type"] = json!(kind);
    value
}

fn count(report: &Report, outcome: Outcome) -> u64 {
    report.counts.get(&outcome).copied().unwrap_or(0)
}

/// The report for people: the verdict first, then what did not go through and why, then the rest.
pub fn human(report: &Report, ui: &Ui) -> String {
    let mut text = String::new();
    for sentence in verdicts(report) {
        for part in wrap(&escape::line(&sentence), ui.width) {
            let _ = writeln!(text, "{part}");
        }
    }
    for (outcome, meaning, todo) in MEANINGS {
        let rows: Vec<&RowReport> = report.rows.iter().filter(|row| row.outcome == outcome).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{:>5}  {meaning}", rows.len());
        if !outcome.went_through() || outcome == Outcome::Skipped {
            rows.iter().take(ROWS).for_each(|row| text.push_str(&listed(row, ui)));
            if rows.len() > ROWS {
                let _ = writeln!(text, "         and {} more (--format json lists all)", rows.len() - ROWS);
            }
        }
        if !todo.is_empty() {
            let _ = writeln!(text, "       {todo}");
        }
    }
    if report.rows.is_empty() {
        text.push_str("Nothing was to be written.\n");
    }
    text.push_str(&beside(report));
    text
}

/// What concerns the run as a whole, one sentence each.
fn verdicts(report: &Report) -> Vec<String> {
    let bugs = report.facts.bugs.iter().map(|bug| format!("This is a bug in onhand: {bug}."));
    let unreadable = report.unreadable.iter().map(|(system, why)| {
        format!("`{system}` could not be read or reached: {why}. Nothing that depends on it was written.")
    });
    let guards = report.tripped.iter().map(|guard| {
        format!(
            "Stopped: {} asks for more than `{}` allows: {} above {}. Nothing of it was written.",
            guard.flow, guard.guard, guard.actual, guard.limit
        )
    });
    bugs.chain(report.notes.iter().cloned()).chain(unreadable).chain(guards).collect()
}

/// One row that did not go through.
fn listed(row: &RowReport, ui: &Ui) -> String {
    let place = row.location.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
    let arrow = if ui.unicode { "→" } else { "->" };
    let line = format!("{}@{}{place} {arrow} {}: {}", row.item, row.system, row.after, row.reason);
    let line = escape::line(&line);
    let parts = wrap(&line, ui.width.saturating_sub(9));
    parts.iter().map(|part| format!("         {part}\n")).collect()
}

/// What stands beside the planned rows: cells that are held, rows that could not be read, the queue.
fn beside(report: &Report) -> String {
    let mut text = String::new();
    let some = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let (held, failed) = (report.held.len() as u64, report.failures.len() as u64);
    if held + failed > 0 {
        let held = some(held, "cell is held", "cells are held");
        let failed = some(failed, "row could not be read", "rows could not be read");
        let _ = writeln!(text, "Beside the plan: {held}, {failed}; `onhand queue list` says why.");
    }
    if report.opened > 0 {
        let _ = writeln!(text, "Queue: {}.", some(report.opened, "new entry", "new entries"));
    }
    if report.closed > 0 {
        let closed = some(report.closed, "entry", "entries");
        let _ = writeln!(text, "Queue: {closed} closed, since the rows went through.");
    }
    text
}

//! What an apply has done, for people and for programs.

use super::next::Next;
use super::ui::Ui;
use crate::apply::{Report, RowReport};
use crate::diagnostic::escape;
use crate::diagnostic::wrap::wrap;
use crate::plan::change::{Read, Verdict};
use crate::plan::guard::{stopped, words};
use crate::state::Outcome;
use serde_json::json;
use std::fmt::Write;

/// How many rows of one outcome are listed; `--format json` lists all.
const ROWS: usize = 20;

/// Every outcome, with what it means.
const MEANINGS: [(Outcome, &str); 8] = [
    (Outcome::Verified, "written and verified"),
    (Outcome::Unverified, "written and read back"),
    (Outcome::Sent, "sent, not shown by the other side yet"),
    (Outcome::Unchanged, "already right"),
    (Outcome::Moved, "moved since the plan, not written"),
    (Outcome::Held, "held, not written"),
    (Outcome::Failed, "failed, in the queue"),
    (Outcome::Skipped, "skipped"),
];

/// The report as JSON, one object a line: each row's outcome, what is held and what failed, a summary.
pub fn json(report: &Report, next: &[Next]) -> String {
    let mut text = String::new();
    for row in &report.rows {
        let line = json!({
            "type": "outcome", "change": row.change, "flow": row.flow, "system": row.system,
            "location": row.location, "item": row.item, "code": row.code, "after": row.after,
            "outcome": row.outcome.word(), "reason": row.reason, "field": row.field,
        });
        let _ = writeln!(text, "{line}");
    }
    for own in &report.moves {
        let planned = &own.planned;
        let line = json!({
            "type": "posting", "movement": planned.id, "flow": planned.flow, "system": planned.system,
            "document": planned.document, "reference": planned.reference,
            "outcome": own.outcome.word(), "reason": own.reason,
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
        MEANINGS.iter().map(|(outcome, _)| (outcome.word().to_owned(), json!(count(report, *outcome))));
    let counts: serde_json::Map<String, serde_json::Value> = counts.collect();
    let line = json!({
        "type": "summary", "run": report.run, "rows": report.rows.len(), "outcomes": counts,
        "postings": report.moves.len(),
        "held": report.held.len(), "failures": report.failures.len(),
        "unreadable": unread(report), "guards": report.tripped,
        "lifted": report.lifted,
        "opened": report.opened, "closed": report.closed, "notes": report.notes, "next": next,
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

/// The report for people: in one sentence what happened in all, then what stopped it, then what did not go
/// through and why, then what to do about it.
pub fn human(report: &Report, next: &[Next], ui: &Ui) -> String {
    let mut text = String::new();
    for sentence in std::iter::once(total(report)).chain(verdicts(report)).chain(beside(report)) {
        for part in wrap(&escape::line(&sentence), ui.width) {
            let _ = writeln!(text, "{part}");
        }
    }
    for (outcome, meaning) in MEANINGS {
        let rows: Vec<&RowReport> = report.rows.iter().filter(|row| row.outcome == outcome).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{:>5}  {meaning}", rows.len());
        if !outcome.went_through() || outcome == Outcome::Skipped {
            listed(&mut text, &rows, ui);
        }
    }
    postings(&mut text, report, ui);
    steps(&mut text, next, ui);
    ui.fold(&text).into_owned()
}

/// How the postings ended: how many went through, and each that did not.
fn postings(text: &mut String, report: &Report, ui: &Ui) {
    for (outcome, _) in MEANINGS {
        let moves: Vec<_> = report.moves.iter().filter(|own| own.outcome == outcome).collect();
        if moves.is_empty() {
            continue;
        }
        let what = match outcome {
            Outcome::Verified => "posted, and found there",
            Outcome::Unverified => "posted",
            Outcome::Unchanged => "posted before",
            Outcome::Moved => "not posted: more has happened since the plan",
            Outcome::Held => "held, not posted",
            Outcome::Failed => "not posted, in the queue",
            Outcome::Sent | Outcome::Skipped => "not posted",
        };
        let _ = writeln!(
            text,
            "{:>5}  {} {what}",
            moves.len(),
            if moves.len() == 1 { "movement" } else { "movements" }
        );
        let told = moves.iter().filter(|own| !own.outcome.went_through()).take(ROWS);
        for own in told {
            let line = format!("{} of {}: {}", own.planned.movement, own.planned.document, own.reason);
            for part in wrap(&escape::line(&line), ui.width.saturating_sub(9)) {
                let _ = writeln!(text, "         {part}");
            }
        }
    }
}

/// What to do next, each with its command on a line of its own, so that it can be copied.
fn steps(text: &mut String, next: &[Next], ui: &Ui) {
    if next.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nNext:");
    for one in next {
        let rows =
            if one.rows == 0 { String::new() } else { format!(" ({})", some(one.rows, "row", "rows")) };
        for part in wrap(&escape::line(&format!("{}{rows}:", one.what)), ui.width.saturating_sub(2)) {
            let _ = writeln!(text, "  {part}");
        }
        let _ = writeln!(text, "    {}", escape::line(&one.command));
    }
}

/// `1 count`, `2 counts`.
fn some(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// What happened in all.
fn total(report: &Report) -> String {
    let planned = report.rows.len() as u64;
    if planned == 0 {
        return "Nothing was to be written.".to_owned();
    }
    let counts = |outcomes: &[Outcome]| outcomes.iter().map(|one| count(report, *one)).sum::<u64>();
    let written = counts(&[Outcome::Verified, Outcome::Unverified, Outcome::Sent]);
    let right = count(report, Outcome::Unchanged);
    let left = planned - written - right;
    let planned = some(planned, "planned count", "planned counts");
    let mut parts = vec![match written {
        0 => format!("Nothing written of {planned}"),
        _ if left + right == 0 && written == 1 => "The one planned count is written".to_owned(),
        _ if left + right == 0 => format!("All {planned} written"),
        _ => format!("{written} of {planned} written"),
    }];
    if right > 0 {
        parts.push(format!("{right} already right"));
    }
    if left > 0 {
        parts.push(format!("{left} left as {}", if left == 1 { "it was" } else { "they were" }));
    }
    parts.join(", ") + "."
}

/// Systems that could not be read or reached, or only in part, and why.
fn unread(report: &Report) -> Vec<(String, String)> {
    let parts = report.reads.iter().filter(|read| !read.complete);
    let part = |read: &Read| {
        let why = read.reason.clone().unwrap_or_else(|| "its end is missing".to_owned());
        (read.system.clone(), why)
    };
    let known = |system: &String| report.unreadable.iter().any(|(name, _)| name == system);
    let parts = parts.map(part).filter(|(system, _)| !known(system));
    report.unreadable.iter().cloned().chain(parts).collect()
}

/// What concerns the run as a whole, one sentence each.
fn verdicts(report: &Report) -> Vec<String> {
    let bugs = report.facts.bugs.iter().map(|bug| format!("This is a bug in onhand: {bug}."));
    let unreadable = unread(report).into_iter().map(|(system, why)| {
        format!("`{system}` could not be read or reached: {why}. Nothing that depends on it was written.")
    });
    let guards = report.tripped.iter().map(|guard| {
        let what = stopped(&guard.guard);
        format!("Stopped: {}. {what} of it was written.", said(guard))
    });
    let lifted = report.lifted.iter().map(|guard| {
        let told = guard.lifted.as_deref().unwrap_or_default();
        format!("Lifted {told}. {}.", said(guard))
    });
    let notes = report.notes.iter().map(|note| sentence(note));
    bugs.chain(notes).chain(unreadable).chain(guards).chain(lifted).collect()
}

/// What a guard says.
fn said(guard: &Verdict) -> String {
    words(guard, |name| if name == guard.flow { name.to_owned() } else { format!("`{name}`") })
}

/// A remark as a sentence: a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// Rows that did not go through; those that share a reason stand under it once.
fn listed(text: &mut String, rows: &[&RowReport], ui: &Ui) {
    let mut push = |indent: usize, line: &str| {
        for part in wrap(&escape::line(line), ui.width.saturating_sub(indent)) {
            let _ = writeln!(text, "{:indent$}{part}", "");
        }
    };
    let named = |row: &RowReport| {
        let place = row.location.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
        format!("{}@{}{place} → {}", row.item, row.system, row.after)
    };
    let shown = &rows[..rows.len().min(ROWS)];
    let mut rest = shown;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|row| row.reason == first.reason).count();
        let (group, after) = rest.split_at(same);
        match group {
            [row] => push(9, &format!("{}: {}", named(row), row.reason)),
            _ => {
                push(9, &format!("{}:", first.reason));
                push(11, &group.iter().map(|row| named(row)).collect::<Vec<_>>().join(", "));
            }
        }
        rest = after;
    }
    if rows.len() > shown.len() {
        push(9, &format!("and {} more (--format json lists all)", rows.len() - shown.len()));
    }
}

/// What stands beside the planned rows: cells that are held, rows that could not be read, the queue.
fn beside(report: &Report) -> Vec<String> {
    let mut sentences = Vec::new();
    let (held, failed) = (report.held.len() as u64, report.failures.len() as u64);
    let mut parts = Vec::new();
    if held > 0 {
        let held = some(held, "cell is held", "cells are held");
        parts.push(format!("{held} (`onhand plan` says why)"));
    }
    if failed > 0 {
        let failed = some(failed, "row could not be used", "rows could not be used");
        parts.push(format!("{failed} (`onhand queue list` shows where)"));
    }
    if !parts.is_empty() {
        sentences.push(format!("Beside the plan, {}.", parts.join(" and ")));
    }
    if report.opened > 0 {
        sentences.push(format!("Queue: {}.", some(report.opened, "new entry", "new entries")));
    }
    if report.closed > 0 {
        let (closed, whose) = match report.closed {
            1 => ("1 entry".to_owned(), "its row"),
            n => (format!("{n} entries"), "their rows"),
        };
        sentences.push(format!("Queue: {closed} closed, since {whose} went through."));
    }
    sentences
}

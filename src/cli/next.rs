//! What to do after an apply: one step for each cause, with the command that does it.

use super::plan::word;
use crate::apply::{Report, RowReport};
use crate::state::{Outcome, Pause, QueueEntry, Scope};
use serde::Serialize;
use std::collections::BTreeSet;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Next {
    /// What it is about, for programs: `bug`, `interrupted`, `unreadable`, `guard`, `failed`, `moved`,
    /// `paused`, `held`, `undo`.
    pub cause: &'static str,
    /// How many rows wait for it; 0 where that is not known.
    pub rows: u64,
    /// What it does, in a sentence without its full stop.
    pub what: String,
    /// The command, as it is typed.
    pub command: String,
}

/// What is known beside the report.
#[derive(Debug, Default)]
pub struct Around {
    /// The open entries of the queue.
    pub queue: Vec<QueueEntry>,
    /// What is paused.
    pub pauses: Vec<Pause>,
    /// The plan's file, where it had one.
    pub plan: Option<String>,
    /// The topology's folder, where it was named.
    pub dir: Option<String>,
}

/// What to do next, what is most urgent first; empty where all went well and nothing can be undone.
pub fn next(report: &Report, around: &Around) -> Vec<Next> {
    let mut steps = Vec::new();
    let mut step = |cause, rows, what: String, command: String| {
        steps.push(Next { cause, rows, what, command });
    };
    let rows = |outcome| report.rows.iter().filter(move |row| row.outcome == outcome);
    let dir = around.dir.as_ref().map(|dir| format!(" --dir {}", word(dir))).unwrap_or_default();
    let folder = around.dir.as_ref().map(|dir| format!(" {}", word(dir))).unwrap_or_default();
    let plan = format!("onhand plan{folder} --out plan.jsonl");
    let apply = match &around.plan {
        Some(path) => format!("onhand apply {}{dir}", word(path)),
        None => format!("onhand apply --auto-approve{dir}"),
    };
    if !report.facts.bugs.is_empty() {
        let what = "Keep the whole journal of this run, to report the fault".to_owned();
        step("bug", 0, what, format!("onhand state backup onhand-{}.db{dir}", report.run));
    }
    if report.facts.interrupted {
        let left = rows(Outcome::Skipped).filter(|row| row.reason.starts_with("interrupted")).count();
        let what = "Go on where this run was interrupted".to_owned();
        step("interrupted", left as u64, what, format!("onhand apply --resume{dir}"));
    }
    if report.facts.unreadable {
        let systems: Vec<&str> = report.unreadable.iter().map(|(system, _)| &**system).collect();
        let what = match systems.as_slice() {
            [] => "Once every system can be read to its end, apply again".to_owned(),
            systems => format!("Once {} can be reached and read, apply again", list(systems)),
        };
        let left = rows(Outcome::Held).filter(|row| row.reason.contains("could not be read"));
        let given_up = rows(Outcome::Skipped).filter(|row| row.reason.starts_with("not sent"));
        step("unreadable", (left.count() + given_up.count()) as u64, what, apply.clone());
    }
    for guard in &report.tripped {
        let what = format!(
            "Look at what stopped the flow `{}`; where so much change is meant, lift `{}` for this once",
            guard.flow, guard.guard
        );
        let lift = format!(" --override {} --reason \"…\"", word(&format!("{}:{}", guard.flow, guard.guard)));
        step("guard", guard.rows, what, apply.clone() + &lift);
    }
    failed(report, around, &dir, &mut step);
    let moved = rows(Outcome::Moved).count() as u64;
    if moved > 0 {
        step(
            "moved",
            moved,
            "Plan again what had moved: the next plan decides anew".to_owned(),
            plan.clone(),
        );
    }
    held(report, around, (&dir, &plan), &mut step);
    let written = [Outcome::Verified, Outcome::Unverified, Outcome::Sent];
    let wrote = report.rows.iter().filter(|row| written.contains(&row.outcome)).count() as u64;
    if wrote > 0 && !report.run.is_empty() {
        let what = "To take back what this run wrote, plan its inverse".to_owned();
        step("undo", wrote, what, format!("onhand rollback {}{folder} --out undo.jsonl", report.run));
    }
    steps
}

/// Rows that failed, and rows that could not be used: where the queue has one entry for all, that one.
fn failed(
    report: &Report,
    around: &Around,
    dir: &str,
    step: &mut dyn FnMut(&'static str, u64, String, String),
) {
    let failed: Vec<&RowReport> = report.rows.iter().filter(|row| row.outcome == Outcome::Failed).collect();
    let count = (failed.len() + report.failures.len()) as u64;
    if count == 0 {
        return;
    }
    let of_rows = failed.iter().map(|row| (&*row.flow, &*row.system, row.location.as_deref(), &*row.item));
    let of_faults = report.failures.iter().map(|fault| {
        // A row that names nothing of the topology is known by its record.
        let name = if fault.item.is_empty() { &fault.record } else { &fault.item };
        (&*fault.flow, &*fault.system, fault.location.as_deref(), &**name)
    });
    let own: BTreeSet<_> = of_rows.chain(of_faults).collect();
    let ours = |entry: &&QueueEntry| {
        let key = &entry.fault.key;
        let place = Some(&*key.location).filter(|place| !place.is_empty());
        own.contains(&(&*key.flow, &*key.system, place, &*key.item))
    };
    let mut open = around.queue.iter().filter(ours);
    let (what, command) = match (open.next(), open.next()) {
        (Some(one), None) => {
            ("See where it failed, and mend it there", format!("queue show {}{dir}", one.id))
        }
        _ => ("See where each failed, and mend it there", format!("queue list{dir}")),
    };
    step("failed", count, what.to_owned(), format!("onhand {command}"));
}

/// What is held: by a pause, which somebody ends, or by something else, which the plan names.
fn held(
    report: &Report,
    around: &Around,
    (dir, plan): (&str, &str),
    step: &mut dyn FnMut(&'static str, u64, String, String),
) {
    let planned = report.rows.iter().filter(|row| row.outcome == Outcome::Held);
    let planned = planned.map(|row| (&row.flow, &row.system, &row.location, &row.reason));
    // What is planned and held stands among the held cells as well.
    let own: BTreeSet<_> = report.rows.iter().map(|row| (&row.flow, &row.code, &row.location)).collect();
    let beside = report.held.iter().filter(|row| !own.contains(&(&row.flow, &row.code, &row.location)));
    let beside = beside.map(|row| (&row.flow, &row.system, &row.location, &row.reason));
    let mut other = 0;
    let mut paused: Vec<(&Pause, u64)> = around.pauses.iter().map(|pause| (pause, 0)).collect();
    for (flow, system, location, reason) in planned.chain(beside) {
        let by = paused.iter_mut().find(|(pause, _)| {
            reason.contains("paused by")
                && match pause.scope {
                    Scope::All => true,
                    Scope::Flow => pause.name == *flow,
                    Scope::System => pause.name == *system,
                    Scope::Location => Some(&pause.name) == location.as_ref(),
                }
        });
        match by {
            Some((_, rows)) => *rows += 1,
            None if reason.contains("could not be read:") => {}
            None => other += 1,
        }
    }
    for (pause, rows) in paused.into_iter().filter(|(_, rows)| *rows > 0) {
        let name = if pause.scope == Scope::All { "--all".to_owned() } else { word(&pause.name) };
        let what = format!("When the pause may end ({})", pause.reason);
        step("paused", rows, what, format!("onhand resume {name}{dir}"));
    }
    if other > 0 {
        let what = "See what holds each of them back; each is planned again once that is gone";
        step("held", other, what.to_owned(), plan.to_owned());
    }
}

/// `web`, `web and shop`, `a, b and c`.
fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}

//! A plan for people at a terminal: the verdict first, then what changes, what does not, and why.

use super::layout::{Ink, Page};
use crate::diagnostic::render::Options;
use crate::plan::Plan;
use crate::plan::change::{Action, Change, Held, Movement, Read, RowFault, Verdict};
use crate::plan::guard::{advice, stopped, words};

/// How many rows of one group are shown; `--format json` shows all.
const ROWS: usize = 40;

/// The plan as text, every line ended.
pub fn render(plan: &Plan, options: Options) -> String {
    let mut page = Page::new(options);
    verdict(&mut page, plan);
    changes(&mut page, &plan.changes);
    movements(&mut page, &plan.movements);
    held(&mut page, &plan.held, plan.header.undoes.is_some());
    failures(&mut page, &plan.failures);
    guards(&mut page, &plan.guards);
    reads(&mut page, &plan.reads);
    totals(&mut page, plan);
    page.end()
}

/// What is posted to the systems that take movements in, by flow, each with what moves.
fn movements(page: &mut Page, movements: &[Movement]) {
    let mut rest = movements;
    while let Some(first) = rest.first() {
        let same = |own: &&Movement| (&own.flow, &own.system) == (&first.flow, &first.system);
        let count = rest.iter().take_while(same).count();
        let (group, after) = rest.split_at(count);
        page.gap();
        page.heading(&format!("{} posts to {}", first.flow, first.system));
        let shown = &group[..count.min(ROWS)];
        let cells: Vec<[String; 2]> =
            shown.iter().map(|own| [own.reference.clone(), own.movement.clone()]).collect();
        let columns = page.columns(cells.iter());
        for (own, cells) in shown.iter().zip(&cells) {
            page.row(cells, columns, Ink::Plain, &moves(own));
        }
        page.more(count - shown.len());
        rest = after;
    }
}

/// What moves: `MUG 3 ea at paris, TEE 1 ea`.
fn moves(own: &Movement) -> String {
    let line = |line: &crate::plan::change::MovementLine| {
        let place = line.location.as_ref().map_or_else(String::new, |place| format!(" at {place}"));
        format!("{} {} {}{place}", line.item, line.quantity, line.unit)
    };
    own.lines.iter().map(line).collect::<Vec<_>>().join(", ")
}

/// `1 count`, `2 counts`.
pub(super) fn some(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn verdict(page: &mut Page, plan: &Plan) {
    let summary = &plan.summary;
    let parts: Vec<&Read> = plan.reads.iter().filter(|read| !read.complete).collect();
    for read in &parts {
        let why = read.reason.as_deref().unwrap_or("its end is missing");
        let text = format!("`{}` could not be read to its end: {why}", read.system);
        page.paragraph(Ink::Bad, &format!("Incomplete: {text}. Nothing that depends on it is written."));
    }
    for guard in plan.guards.iter().filter(|guard| guard.tripped) {
        let what = stopped(&guard.guard);
        let said =
            words(guard, |name| if name == guard.flow { name.to_owned() } else { format!("`{name}`") });
        match &guard.lifted {
            None => page.paragraph(Ink::Bad, &format!("Stopped: {said}. {what} of it is written.")),
            Some(told) => page.paragraph(Ink::Plain, &format!("Lifted {told}. {said}.")),
        }
    }
    let left = summary.held + summary.failures;
    let to_write = summary.changes - summary.shadow;
    if to_write > 0 {
        let flows = plan.header.flows.len() as u64;
        let counts = some(to_write, "count", "counts");
        let flows = some(flows, "flow", "flows");
        match plan.tripped() {
            true => page.paragraph(Ink::Plain, &format!("Planned: {counts} in {flows}.")),
            false => page.paragraph(Ink::Good, &format!("{counts} to write in {flows}.")),
        }
    } else if left + summary.shadow + summary.movements == 0 && parts.is_empty() {
        let all = some(summary.unchanged, "count is", "counts are");
        page.paragraph(Ink::Good, &format!("Nothing to do: {all} right."));
    } else {
        page.paragraph(Ink::Plain, "Nothing to write.");
    }
    if summary.movements > 0 {
        let postings = some(summary.movements, "movement", "movements");
        page.paragraph(Ink::Good, &format!("{postings} to post first."));
    }
    if summary.shadow > 0 {
        let counts = some(summary.shadow, "count", "counts");
        page.paragraph(Ink::Plain, &format!("In shadow, told and never written: {counts}."));
    }
}

fn changes(page: &mut Page, changes: &[Change]) {
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let key = |change: &Change| (change.flow.clone(), change.location.clone());
        let count = rest.iter().take_while(|change| key(change) == key(first)).count();
        let (group, after) = rest.split_at(count);
        page.gap();
        let shadow = if first.shadow { " (in shadow, never written)" } else { "" };
        page.heading(&(place(&first.flow, &first.system, first.location.as_deref()) + shadow));
        let shown = &group[..count.min(ROWS)];
        let digits = Digits::of(shown);
        let cell =
            |change: &Change| [thing(&change.item, &change.code), digits.numbers(page.arrow(), change)];
        let cells: Vec<[String; 2]> = shown.iter().map(cell).collect();
        let columns = page.columns(cells.iter());
        for (change, cells) in shown.iter().zip(&cells) {
            let ink = if change.action == Action::Lower { Ink::Lower } else { Ink::Raise };
            page.row(cells, columns, ink, &because(change));
        }
        page.more(count - shown.len());
        rest = after;
    }
}

/// How many characters the numbers of a group take, so that they stand under each other.
struct Digits {
    before: usize,
    after: usize,
}

impl Digits {
    fn of(group: &[Change]) -> Digits {
        let before = group.iter().map(|change| shown(change.before).len()).max().unwrap_or(0);
        let after = group.iter().map(|change| change.after.to_string().len()).max().unwrap_or(0);
        Digits { before, after }
    }

    /// `12 → 9 ea`.
    fn numbers(&self, arrow: &str, change: &Change) -> String {
        let (before, after) = (shown(change.before), change.after);
        format!("{before:>0$} {arrow} {after:>1$} {2}", self.before, self.after, change.unit)
    }
}

/// What the target shows; `none` where it does not have the cell.
pub(super) fn shown(before: Option<i64>) -> String {
    before.map_or_else(|| "none".to_owned(), |before| before.to_string())
}

pub(super) fn because(change: &Change) -> String {
    let new = if change.action == Action::Create { "new: " } else { "" };
    let exposure = match change.exposure {
        0 => String::new(),
        units => format!(", {units} promised more than once"),
    };
    format!("{new}{}{exposure}", change.reason)
}

fn held(page: &mut Page, held: &[Held], undoes: bool) {
    if held.is_empty() {
        return;
    }
    page.gap();
    page.heading("Held, not written");
    let mut rest = &held[..held.len().min(ROWS)];
    while let Some(first) = rest.first() {
        let here = |row: &Held| place(&row.flow, &row.system, row.location.as_deref());
        let count = rest.iter().take_while(|row| here(row) == here(first)).count();
        let (group, after) = rest.split_at(count);
        page.line(2, Ink::Faint, &here(first));
        let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
        for row in group {
            let name = thing(&row.item, &row.code);
            match by_reason.iter_mut().find(|(reason, _)| *reason == row.reason) {
                Some((_, names)) => names.push(name),
                None => by_reason.push((&row.reason, vec![name])),
            }
        }
        by_reason.iter().for_each(|(reason, names)| page.item(4, &names.join(", "), reason));
        rest = after;
    }
    page.more(held.len().saturating_sub(ROWS));
    page.note(match undoes {
        true => {
            "They stay as they are: a run is undone only where nobody has moved what it wrote, and never \
                 above what is computed now."
        }
        false => "Each waits for the cause named: once that is gone, plan again.",
    });
}

fn failures(page: &mut Page, failures: &[RowFault]) {
    if failures.is_empty() {
        return;
    }
    page.gap();
    page.heading("Rows that could not be used");
    for row in &failures[..failures.len().min(ROWS)] {
        let known = [row.source.as_str(), row.record.as_str(), row.field.as_str()];
        let known: Vec<&str> = known.into_iter().filter(|part| !part.is_empty()).collect();
        let whose = match (row.item.is_empty(), row.location.as_deref()) {
            (true, _) => row.system.clone(),
            (false, None) => format!("{}, {}", row.system, thing(&row.item, &row.code)),
            (false, Some(place)) => format!("{}, {} at {place}", row.system, thing(&row.item, &row.code)),
        };
        page.item(2, &format!("{} ({whose})", known.join(", ")), &row.reason);
    }
    page.more(failures.len().saturating_sub(ROWS));
    page.note("Correct them at their source, then plan again; all other rows go out meanwhile.");
}

/// What the guards of each flow say, where it changes anything.
fn guards(page: &mut Page, guards: &[Verdict]) {
    let guards: Vec<&Verdict> = guards.iter().filter(|guard| guard.rows > 0 || guard.tripped).collect();
    let mut rest = &guards[..];
    if !rest.is_empty() {
        page.gap();
        page.heading("Guards");
    }
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|guard| guard.flow == first.flow).count();
        let (own, after) = rest.split_at(count);
        let say = |guard: &&Verdict| {
            let word = match (guard.tripped, guard.stops()) {
                (true, true) => "above the limit",
                (true, false) => "lifted, above the limit",
                _ => "limit",
            };
            format!("{} {} ({word} {})", guard.guard, guard.actual, guard.limit)
        };
        page.item(2, &first.flow, &own.iter().map(say).collect::<Vec<_>>().join(", "));
        rest = after;
    }
    if let Some(guard) = guards.iter().find(|guard| guard.stops()) {
        page.note(&format!(
            "A flow above a limit is not written; above `max-raised` alone, what falls is. {} Or plan fewer \
             cells with `--items` or `--at`.",
            advice(guard, |name| format!("`{name}`"))
        ));
    }
}

fn reads(page: &mut Page, reads: &[Read]) {
    if reads.is_empty() {
        return;
    }
    page.gap();
    page.heading("Read");
    for read in reads {
        let mut words = vec![
            some(read.rows, "row", "rows"),
            some(read.requests, "request", "requests"),
            match &read.as_of {
                Some(as_of) => format!("true at {as_of}"),
                None if read.dated_by_row => "each row with its own date".to_owned(),
                None => "of unknown age".to_owned(),
            },
        ];
        if read.ignored > 0 {
            words.push(format!("{} not in the topology", read.ignored));
        }
        if !read.complete {
            words.push("not complete".to_owned());
        }
        page.item(2, &format!("{}, {}", read.system, read.what), &words.join(", "));
    }
}

fn totals(page: &mut Page, plan: &Plan) {
    let s = &plan.summary;
    page.gap();
    let text = format!(
        "{} lowered, {} raised, {} created, {} unchanged, {} held, {}.",
        s.lower,
        s.raise,
        s.create,
        s.unchanged,
        s.held,
        some(s.failures, "failure", "failures")
    );
    page.paragraph(Ink::Plain, &text);
    if s.left_out > 0 {
        let cells = some(s.left_out, "cell is", "cells are");
        page.paragraph(Ink::Plain, &format!("{cells} left out by a rollout: not looked at, not written."));
    }
    if s.exposure > 0 {
        let units = some(s.exposure, "unit is", "units are");
        page.paragraph(
            Ink::Plain,
            &format!("{units} promised more than once, on shelves that several sell from."),
        );
    }
}

/// A thing by its name, with its code where that is another word.
pub(super) fn thing(item: &str, code: &str) -> String {
    let same = item.to_lowercase() == code.to_lowercase();
    if same || code.is_empty() { item.to_owned() } else { format!("{item} ({code})") }
}

fn place(flow: &str, system: &str, location: Option<&str>) -> String {
    match location {
        Some(location) => format!("{flow} to {system}, {location}"),
        None => format!("{flow} to {system}"),
    }
}

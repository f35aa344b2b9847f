//! Comparisons of two revisions for people, for programs and for pull requests.

mod human;
mod json;
mod markdown;

use crate::plan::revisions::{Cell, Comparison, Named, State, Summary, What};
pub use human::render as human;
pub use json::render as json;
pub use markdown::{LIMIT, render as markdown};
use std::collections::BTreeMap;

/// The cells of one flow and location.
fn groups(cells: &[Cell]) -> impl Iterator<Item = &[Cell]> {
    cells.chunk_by(|a, b| (&a.flow, &a.system, &a.location) == (&b.flow, &b.system, &b.location))
}

/// So many cells of a group are told each, where they are held or failed for one and the same reason.
const ALIKE: usize = 3;

/// The cells of a group that are told, and how many more are like the last one of their reason.
fn told(group: &[Cell]) -> Vec<(&Cell, usize)> {
    let mut told: Vec<(&Cell, usize)> = Vec::new();
    let mut known: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for cell in group {
        let Some(State::Held { held: why } | State::Failed { failed: why }) = &cell.to else {
            told.push((cell, 0));
            continue;
        };
        let (count, last) = known.entry(why).or_default();
        *count += 1;
        if *count > ALIKE {
            told[*last].1 += 1;
            continue;
        }
        *last = told.len();
        told.push((cell, 0));
    }
    told
}

/// What a group is called.
fn place(cell: &Cell) -> String {
    match &cell.location {
        Some(location) => format!("{} to {}, {location}", cell.flow, cell.system),
        None => format!("{} to {}", cell.flow, cell.system),
    }
}

/// A thing by its name, with its code where that is another word.
fn thing(cell: &Cell) -> String {
    match cell.item.to_lowercase() == cell.code.to_lowercase() {
        true => cell.item.clone(),
        false => format!("{} ({})", cell.item, cell.code),
    }
}

/// What a cell comes to under one revision; a unit only where `unit` asks for it.
fn state(state: Option<&State>, unit: bool) -> String {
    match state {
        None => "none".to_owned(),
        Some(State::Count { count, unit: word }) if unit => format!("{count} {word}"),
        Some(State::Count { count, .. }) => count.to_string(),
        Some(State::Held { .. }) => "held".to_owned(),
        Some(State::Failed { .. }) => "failed".to_owned(),
    }
}

/// `12 → 9 ea`.
fn numbers(cell: &Cell, arrow: &str) -> String {
    let counted = matches!(cell.to, Some(State::Count { .. }));
    let from = state(cell.from.as_ref(), cell.what == What::Unit || !counted);
    format!("{from} {arrow} {}", state(cell.to.as_ref(), true))
}

/// Why a cell differs, in one line; `alike` more differ for the same reason.
fn because(cell: &Cell, alike: usize) -> String {
    let mut words = cell.causes.clone();
    let reason = |state: &Option<State>| match state {
        Some(State::Held { held: why } | State::Failed { failed: why }) => Some(why.clone()),
        _ => None,
    };
    match (reason(&cell.from), reason(&cell.to)) {
        (_, Some(why)) => words.push(why),
        (Some(why), None) => words.push(format!("it was not known: {why}")),
        (None, None) => {}
    }
    words.retain(|word| !word.is_empty());
    let more = if alike > 0 { format!(" (and {alike} more for this reason)") } else { String::new() };
    words.join("; ") + &more
}

/// What differs, in one sentence.
fn verdict(summary: &Summary) -> String {
    let all = summary.differ + summary.same;
    if summary.differ == 0 {
        return match all {
            1 => "No published count differs: 1 stays as it is.".to_owned(),
            _ => format!("No published count differs: {all} stay as they are."),
        };
    }
    let parts = [
        (summary.lowered, "lower"),
        (summary.raised, "higher"),
        (summary.unit, "in another unit"),
        (summary.new, "new"),
        (summary.gone, "no longer published"),
        (summary.held, "now held"),
        (summary.failed, "now failed"),
        (summary.known, "no longer held or failed"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let verb = if summary.differ == 1 { "differs" } else { "differ" };
    format!("{} of {all} published counts {verb}: {}.", summary.differ, parts.join(", "))
}

/// A revision as people know it: its name, and the commit where that is another word.
fn named(one: &Named) -> String {
    let short = one.commit.as_deref().map(|commit| commit.get(..12).unwrap_or(commit));
    match short {
        Some(short) if !one.revision.starts_with(short) => format!("{} ({short})", one.revision),
        _ => one.revision.clone(),
    }
}

/// Which revisions, and what they were read against.
fn against(comparison: &Comparison) -> String {
    let header = &comparison.header;
    format!("From {} to {}, both on counts of {}.", named(&header.a), named(&header.b), header.taken)
}

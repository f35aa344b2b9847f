//! A comparison as Markdown, for a comment on a pull request: the verdict first, then the biggest
//! differences, then how many were left out.

use super::{against, because, groups, place, state, thing, told, verdict};
use crate::plan::render::escaped::prose;
use crate::plan::revisions::{Cell, Comparison, State, What};

/// The most bytes of a comment: GitHub takes 65,536 characters, and others less.
pub const LIMIT: usize = 60_000;
/// What the lines after the tables may take.
const TAIL: usize = 9_000;
/// So many findings, guards and missing things are told each.
const FEW: usize = 10;

/// The comparison as Markdown, at most [`LIMIT`] bytes.
pub fn render(comparison: &Comparison) -> String {
    let summary = &comparison.summary;
    let mut text = format!("**{}**\n\n{}\n", prose(&verdict(summary)), prose(&against(comparison)));
    for guard in comparison.guards.iter().take(FEW) {
        let v = &guard.verdict;
        let new = if guard.before { " So does the first revision." } else { "" };
        let (flow, guard) = (prose(&v.flow), &v.guard);
        text.push_str(&match &v.reason {
            Some(reason) => {
                format!("\n> **Guard:** {guard} would stop a plan of {flow}: {}.{new}\n", prose(reason))
            }
            None => format!(
                "\n> **Guard:** a plan of {flow} would ask for more than {guard} allows: {} above {}.{new}\n",
                v.actual, v.limit
            ),
        });
    }
    more(&mut text, comparison.guards.len(), "guards");
    let tail = tail(comparison);
    tables(&mut text, &comparison.cells, LIMIT - tail.len().min(TAIL) - 200);
    text.push_str(&tail);
    text
}

/// How far a count moves: what is new, gone or not known comes first.
fn weight(cell: &Cell) -> u64 {
    match (cell.what, &cell.from, &cell.to) {
        (
            What::Lowered | What::Raised,
            Some(State::Count { count: from, .. }),
            Some(State::Count { count: to, .. }),
        ) => from.abs_diff(*to),
        _ => u64::MAX,
    }
}

/// The tables of all groups, each with its biggest differences, as far as there is room.
fn tables(text: &mut String, cells: &[Cell], room: usize) {
    let groups: Vec<Vec<(&Cell, usize)>> = groups(cells).map(told).collect();
    let rows: Vec<(usize, &Cell, String)> = groups
        .iter()
        .enumerate()
        .flat_map(|(group, told)| told.iter().map(move |(cell, alike)| (group, *cell, row(cell, *alike))))
        .collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(weight(rows[*at].1)), *at));
    let (mut used, mut begun) = (text.len(), vec![false; groups.len()]);
    let mut kept = vec![false; rows.len()];
    let mut left = rows.len();
    for at in order {
        let (group, cell, row) = &rows[at];
        let head = if begun[*group] { 0 } else { heading(cell).len() };
        if used + row.len() + head > room {
            break;
        }
        used += row.len() + head;
        (begun[*group], kept[at]) = (true, true);
        left -= 1;
    }
    let mut last = None;
    for ((group, cell, row), _) in rows.iter().zip(&kept).filter(|(_, kept)| **kept) {
        if last.replace(group) != Some(group) {
            text.push_str(&heading(cell));
        }
        text.push_str(row);
    }
    if left > 0 {
        text.push_str(&format!("\n{left} smaller differences are left out; `--format json` shows all.\n"));
    }
}

fn heading(cell: &Cell) -> String {
    format!("\n#### {}\n\n| | from | to | why |\n|---|---:|---:|---|\n", prose(&place(cell)))
}

fn row(cell: &Cell, alike: usize) -> String {
    let to = state(cell.to.as_ref(), true);
    let from = state(cell.from.as_ref(), true);
    format!(
        "| {} | {} | {} | {} |\n",
        prose(&thing(cell)),
        prose(&from),
        prose(&to),
        prose(&because(cell, alike))
    )
}

fn tail(comparison: &Comparison) -> String {
    let mut text = String::new();
    if !comparison.findings.is_empty() {
        text.push_str("\n#### New findings of check\n\n");
        for one in comparison.findings.iter().take(FEW) {
            let place = prose(&format!("{}:{}", one.file, one.line));
            let (severity, rule) = (&one.severity, &one.rule);
            text.push_str(&format!("- {place} **{severity}** {rule}: {}\n", prose(&one.message)));
        }
        more(&mut text, comparison.findings.len(), "findings");
    }
    if !comparison.missing.is_empty() {
        text.push_str("\n#### Not in the snapshot\n\n");
        for one in comparison.missing.iter().take(FEW) {
            text.push_str(&format!("- {}: {}\n", prose(&one.revision), prose(&one.what)));
        }
        more(&mut text, comparison.missing.len(), "things");
    }
    text
}

fn more(text: &mut String, all: usize, what: &str) {
    if all > FEW {
        text.push_str(&format!("\nand {} more {what}.\n", all - FEW));
    }
}

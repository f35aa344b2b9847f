//! A comparison for people at a terminal: the verdict first, then every flow and location.

use super::{against, because, groups, numbers, place, thing, told, verdict};
use crate::diagnostic::render::Options;
use crate::plan::render::layout::{Ink, Page};
use crate::plan::revisions::{Cell, Comparison, What};

/// How many rows of one group are shown; `--format json` shows all.
const ROWS: usize = 40;

/// The comparison as text, every line ended.
pub fn render(comparison: &Comparison, options: Options) -> String {
    let mut page = Page::new(options);
    let ink = if comparison.cells.is_empty() { Ink::Good } else { Ink::Plain };
    page.paragraph(ink, &verdict(&comparison.summary));
    page.paragraph(Ink::Faint, &against(comparison));
    for guard in &comparison.guards {
        let v = &guard.verdict;
        let new = if guard.before { " So does the first revision." } else { "" };
        let text = match &v.reason {
            Some(reason) => format!("Guard: `{}` would stop a plan of {}: {reason}.{new}", v.guard, v.flow),
            None => format!(
                "Guard: a plan of {} would ask for more than `{}` allows: {} above {}.{new}",
                v.flow, v.guard, v.actual, v.limit
            ),
        };
        page.paragraph(Ink::Bad, &text);
    }
    for group in groups(&comparison.cells) {
        cells(&mut page, group);
    }
    findings(&mut page, comparison);
    missing(&mut page, comparison);
    page.end()
}

fn cells(page: &mut Page, group: &[Cell]) {
    page.gap();
    page.heading(&place(&group[0]));
    let all = told(group);
    let shown = &all[..all.len().min(ROWS)];
    let arrow = page.arrow();
    let rows: Vec<[String; 2]> = shown.iter().map(|(cell, _)| [thing(cell), numbers(cell, arrow)]).collect();
    let columns = page.columns(rows.iter());
    for ((cell, alike), row) in shown.iter().zip(&rows) {
        let ink = match cell.what {
            What::Lowered | What::Gone => Ink::Lower,
            What::Held | What::Failed => Ink::Bad,
            _ => Ink::Raise,
        };
        let new = match cell.what {
            What::New => "new: ",
            What::Gone => "no longer published: ",
            _ => "",
        };
        page.row(row, columns, ink, &format!("{new}{}", because(cell, *alike)));
    }
    page.more(all.len() - shown.len());
}

fn findings(page: &mut Page, comparison: &Comparison) {
    let (found, mended) = (&comparison.findings, comparison.summary.mended);
    if found.is_empty() && mended == 0 {
        return;
    }
    page.gap();
    page.heading("New findings of check");
    for one in found.iter().take(ROWS) {
        let place = format!("{}:{}:{} {}[{}]", one.file, one.line, one.column, one.severity, one.rule);
        page.item(2, &place, &one.message);
    }
    page.more(found.len().saturating_sub(ROWS));
    match (found.len(), mended) {
        (0, 1) => page.note("None, and 1 finding of the first revision is gone."),
        (0, gone) => page.note(&format!("None, and {gone} findings of the first revision are gone.")),
        (_, 0) => {}
        (_, 1) => page.note("1 finding of the first revision is gone."),
        (_, gone) => page.note(&format!("{gone} findings of the first revision are gone.")),
    }
}

fn missing(page: &mut Page, comparison: &Comparison) {
    if comparison.missing.is_empty() {
        return;
    }
    page.gap();
    page.heading("Not in the snapshot");
    for one in comparison.missing.iter().take(ROWS) {
        page.item(2, &one.revision, &one.what);
    }
    page.more(comparison.missing.len().saturating_sub(ROWS));
    page.note("What is not in the snapshot is held, never taken as 0.");
}

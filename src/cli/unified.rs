//! Changes of a topology's file as a unified diff, without its secrets.

use super::folder::ROOT;
use super::ui::Ui;
use crate::connectors::KINDS;
use crate::diagnostic::escape;
use crate::resolve::include::{World, load};
use crate::source::SourceId;
use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};
use std::collections::BTreeMap;
use std::ops::Range;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// What stands for a line that held a secret which only the new text shows to be one.
const HIDDEN: &str = "(a line with a secret)\n";

/// The change of one file; `name` is what people call it. Empty where nothing changes.
pub fn unified(ui: &Ui, name: &str, before: &str, after: &str) -> String {
    let (old, new) = (Side::of(before), Side::of(after));
    let ops = capture_diff_slices(Algorithm::Myers, &old.lines, &new.lines);
    let groups = group_diff_ops(ops, CONTEXT);
    if groups.is_empty() {
        return String::new();
    }
    let name = escape::line(name);
    let mut out = paint(ui, "1", &format!("--- {name}\n")) + &paint(ui, "1", &format!("+++ {name}\n"));
    for group in &groups {
        out += &paint(ui, "36", &format!("{}\n", UnifiedHunkHeader::new(group)));
        for op in group {
            let (was, is) = (op.old_range(), op.new_range());
            match op.tag() {
                DiffTag::Equal => was.zip(is).for_each(|(was, is)| {
                    let shown = if old.hides(was) { &old.shown[was] } else { &new.shown[is] };
                    out += &row(ui, " ", shown);
                }),
                _ => {
                    let late = is.clone().any(|line| new.hides(line));
                    out += &old.rows(ui, "-", was, late);
                    out += &new.rows(ui, "+", is, false);
                }
            }
        }
    }
    out
}

/// A text in its lines, each with its line break: as they are, and as they may be shown.
struct Side<'t> {
    lines: Vec<&'t str>,
    shown: Vec<String>,
}

impl<'t> Side<'t> {
    fn of(text: &'t str) -> Side<'t> {
        let lines = |text: &'t str| text.split_inclusive('\n').collect();
        let shown = masked(text).split_inclusive('\n').map(str::to_owned).collect();
        Side { lines: lines(text), shown }
    }

    /// Whether a secret stands in that line.
    fn hides(&self, line: usize) -> bool {
        self.lines[line] != self.shown[line]
    }

    /// Changed lines. `late`: a secret stands among what replaces them.
    fn rows(&self, ui: &Ui, sign: &str, range: Range<usize>, late: bool) -> String {
        let shown = |line: usize| if late && !self.hides(line) { HIDDEN } else { &self.shown[line] };
        range.map(|line| row(ui, sign, shown(line))).collect()
    }
}

/// The text with its secrets hidden; bytes and lines keep their places.
fn masked(text: &str) -> String {
    let folder = BTreeMap::from([(ROOT.to_owned(), text.as_bytes().to_vec())]);
    let loaded = load(&World { folder: &folder, kinds: KINDS, env: &|_| None }, ROOT);
    loaded.sources.file(SourceId(0)).text().to_owned()
}

fn row(ui: &Ui, sign: &str, line: &str) -> String {
    let mut text = sign.to_owned();
    for c in line.trim_end_matches('\n').chars() {
        // A tab is layout, and turns nothing around.
        if c == '\t' { text.push(c) } else { escape::push(&mut text, c) }
    }
    let colour = match sign {
        "-" => "31",
        "+" => "32",
        _ => "",
    };
    let end = if line.ends_with('\n') { "\n" } else { "\n\\ No newline at end of file\n" };
    paint(ui, colour, &text) + end
}

fn paint(ui: &Ui, colour: &str, text: &str) -> String {
    if !ui.colour || colour.is_empty() {
        return text.to_owned();
    }
    let (line, end) = text.strip_suffix('\n').map_or((text, ""), |line| (line, "\n"));
    format!("\u{1b}[{colour}m{line}\u{1b}[0m{end}")
}

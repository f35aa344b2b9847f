//! An explained cell as a column of figures, for people.

use super::layout::{Ink, Page};
use crate::diagnostic::render::Options;
use crate::plan::change::Step;
use crate::plan::explain::Explanation;

/// Explained cells, one after the other, every line ended.
pub fn explanations(all: &[Explanation], options: Options) -> String {
    let mut page = Page::new(options);
    for one in all {
        page.gap();
        explanation(&mut page, one);
    }
    page.end()
}

/// One cell as figures, without what its target shows now; every line ended.
pub fn figures(one: &Explanation, options: Options) -> String {
    let mut page = Page::new(options);
    sheet(&mut page, one);
    notes(&mut page, one);
    page.end()
}

fn explanation(page: &mut Page, one: &Explanation) {
    sheet(page, one);
    let shows = match one.before {
        Some(before) => format!("shows {before} {}", one.unit),
        None if one.state == "create" || one.state == "unchanged" => "does not have it".to_owned(),
        None => "shows nothing that can be used".to_owned(),
    };
    let wanted = match one.after {
        Some(after) => format!("it is to show {after} {}", one.unit),
        None => "what it is to show is not known".to_owned(),
    };
    let verdict = format!("`{}` {shows}; {wanted}: {}.", one.system, one.state);
    page.paragraph(Ink::Plain, &verdict);
    notes(page, one);
}

fn notes(page: &mut Page, one: &Explanation) {
    for note in &one.notes {
        page.line(2, Ink::Faint, note);
    }
}

fn sheet(page: &mut Page, one: &Explanation) {
    let place = one.location.as_ref().map_or_else(String::new, |place| format!(", {place}"));
    let code = if one.code == one.item { String::new() } else { format!(" ({})", one.code) };
    page.heading(&format!(
        "{}{code} in {}{place}: {} by flow {}",
        one.item, one.system, one.quantity, one.flow
    ));
    let mut sheet = Sheet { lines: Vec::new() };
    sheet.steps(&one.sum, 0);
    if let Some(after) = one.after {
        let bridge: i64 =
            one.sum.iter().map(|step| if let Step::Bridge { value, .. } = step { *value } else { 0 }).sum();
        let bridged = one.sum.iter().any(|step| matches!(step, Step::Bridge { .. }));
        let shown = if bridged { after.saturating_add(bridge) } else { after };
        sheet.add(0, '=', shown, if bridged { "is to be written" } else { "is to be shown" });
    }
    let width = sheet.lines.iter().map(|line| line.number.len()).max().unwrap_or(0);
    for line in &sheet.lines {
        let text = format!("{} {:>width$}  {}", line.sign, line.number, line.text);
        page.line(2 + line.indent * 4, Ink::Plain, &text);
    }
}

struct Line {
    indent: usize,
    sign: char,
    number: String,
    text: String,
}

/// The lines of one sum. Sums nest two deep at most: a pool's members, and a bundle's components.
struct Sheet {
    lines: Vec<Line>,
}

impl Sheet {
    fn add(&mut self, indent: usize, sign: char, number: i64, text: &str) {
        self.lines.push(Line { indent, sign, number: number.to_string(), text: text.to_owned() });
    }

    fn steps(&mut self, steps: &[Step], indent: usize) {
        for step in steps {
            self.step(step, indent);
        }
    }

    fn step(&mut self, step: &Step, indent: usize) {
        let source = |from: &Option<String>, at: &Option<String>| match (from, at) {
            (Some(from), Some(at)) => format!(" of {from} at {at}"),
            (Some(from), None) => format!(" of {from}"),
            _ => String::new(),
        };
        match step {
            Step::Plus { plus, from, at, value } => {
                self.add(indent, '+', *value, &format!("{plus}{}", source(from, at)));
            }
            Step::Minus { minus, from, at, lines, value } => {
                let lines = if lines.is_empty() { String::new() } else { format!(" ({})", lines.join(", ")) };
                self.add(indent, '−', *value, &format!("{minus}{}{lines}", source(from, at)));
            }
            Step::KeepBack { keep_back, value } => {
                self.add(indent, '−', *value, &format!("kept back ({keep_back}), down to 0 at most"));
            }
            Step::Divide { divide, value } => {
                self.add(indent, '=', *value, &format!("its share, {} of {}", divide.weight, divide.of));
            }
            Step::Per { per, parts, value } => {
                self.steps(parts, indent + 1);
                self.add(indent, ' ', *value, &format!("allowed by {}, {} in each", per.item, per.quantity));
            }
            Step::Least { least, value } => {
                self.add(indent, '=', *value, &format!("the least: {least} limits"));
            }
            Step::Pool { pool, parts, value } => {
                self.steps(parts, indent + 1);
                self.add(indent, '+', *value, &format!("from {pool}"));
            }
            Step::Clamp { value, .. } => self.add(indent, '=', *value, "never below 0"),
            Step::Unit { unit, ratio, value } => {
                self.add(indent, '=', *value, &format!("in {unit} of {ratio}"));
            }
            Step::Cap { cap, value } => self.add(indent, '=', *value, &format!("capped at {cap}")),
            Step::Undo { undo, value } => {
                self.add(indent, '=', *value, &format!("shown before run {undo}, or less"));
            }
            Step::Bridge { bridge, value } => {
                self.add(indent, '+', *value, &format!("{bridge}, which the target takes off by itself"));
            }
        }
    }
}

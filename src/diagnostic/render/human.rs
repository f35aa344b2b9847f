//! Findings for people at a terminal: snippets with labels, help, and the fix as a small difference.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::Options;
use crate::diagnostic::excerpt::Layout;
use crate::diagnostic::miette::{self, Page};
use crate::diagnostic::{Counts, Diagnostic, Fix, code, escape};
use crate::source::{SourceId, Sources, Span};

/// At most so many findings are printed.
const MOST: usize = 50;
/// A message longer than this many characters is cut; `json` has it whole.
const LONGEST: usize = 500;

/// The findings in the order given, then `2 errors, 1 warning`. Above 50 findings every rule still
/// shows its first ones, and the rest are counted by rule.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, options: Options) -> String {
    let printer = Printer::new(diagnostics, sources, options);
    let mut left_out: BTreeMap<_, usize> = BTreeMap::new();
    let mut text = String::new();
    for (d, shown) in diagnostics.iter().zip(chosen(diagnostics)) {
        if shown {
            text.push_str(&printer.finding(d).0);
            text.push('\n');
        } else {
            *left_out.entry((d.severity, d.rule.slug)).or_default() += 1;
        }
    }
    for ((severity, slug), count) in &left_out {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  and {count} more like this: {}[{slug}]", severity.word());
    }
    if !left_out.is_empty() {
        text.push_str("  `--format concise` lists them all\n\n");
    }
    text.push_str(&tally(Counts::of(diagnostics)));
    text
}

/// One finding alone, and how many lines of source were read to show it.
pub fn finding(diagnostic: &Diagnostic, sources: &Sources, options: Options) -> (String, usize) {
    Printer::new(std::slice::from_ref(diagnostic), sources, options).finding(diagnostic)
}

fn tally(counts: Counts) -> String {
    let some = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{count} {word}s")),
    };
    let parts: Vec<_> =
        [some(counts.errors, "error"), some(counts.warnings, "warning")].into_iter().flatten().collect();
    if parts.is_empty() { "no findings\n".to_owned() } else { format!("{}\n", parts.join(", ")) }
}

/// Which findings are printed: all, or the first of each rule up to a number that all rules share.
fn chosen(diagnostics: &[Diagnostic]) -> Vec<bool> {
    let mut of_rule: BTreeMap<_, usize> = BTreeMap::new();
    let ordinals: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            let seen = of_rule.entry((d.severity, d.rule.slug)).or_default();
            *seen += 1;
            *seen
        })
        .collect();
    let within = |share: usize| of_rule.values().map(|count| (*count).min(share)).sum::<usize>();
    // The largest share with which everything fits; what is left goes to one more of the first rules.
    let share = (0..=MOST).rev().find(|share| within(*share) <= MOST).unwrap_or(0);
    let mut spare = MOST - within(share);
    ordinals
        .into_iter()
        .map(|ordinal| {
            let extra = ordinal == share + 1 && spare > 0;
            spare -= usize::from(extra);
            ordinal <= share || extra
        })
        .collect()
}

/// What printing one finding needs beside the finding.
struct Printer<'a> {
    sources: &'a Sources,
    options: Options,
    secrets: Vec<Span>,
}

impl<'a> Printer<'a> {
    fn new(diagnostics: &[Diagnostic], sources: &'a Sources, options: Options) -> Printer<'a> {
        // A secret in the text is a finding itself, and then no snippet shows it, its own included.
        let literal = |d: &&Diagnostic| d.rule.slug == code::LITERAL_SECRET.slug;
        let secrets = diagnostics.iter().filter(literal).map(|d| d.primary.span).collect();
        // Miette cannot print past column 65,535, and nobody reads lines of 300 columns.
        let options = Options { width: options.width.clamp(40, 200), ..options };
        Printer { sources, options, secrets }
    }

    fn layout(&self) -> Layout<'_> {
        let cut = self.cut();
        Layout { sources: self.sources, width: self.options.width, cut, secrets: &self.secrets }
    }

    fn cut(&self) -> &'static str {
        if self.options.unicode { "…" } else { "..." }
    }

    fn finding(&self, d: &Diagnostic) -> (String, usize) {
        let excerpts = self.layout().excerpts(d);
        let lines = excerpts.list.iter().map(|excerpt| excerpt.text.lines().count()).sum();
        let page = Page {
            severity: d.severity,
            slug: d.rule.slug,
            message: escape::clip(escape::line(&d.message), LONGEST, self.cut()),
            help: escape::lines(&d.help),
            excerpts: excerpts.list,
        };
        let mut text = miette::print(&page, self.options);
        if excerpts.left_out > 0 {
            let _ = writeln!(text, "  and {} more places; `--format json` lists them", excerpts.left_out);
        }
        if let Some(fix) = &d.fix {
            self.fix(&mut text, fix, d.primary.span);
        }
        (text, lines)
    }

    /// `fix:` with its title, `try:` where it is a guess; where all of it is on one line, that line before
    /// and after.
    fn fix(&self, text: &mut String, fix: &Fix, primary: Span) {
        let title = escape::line(&fix.title);
        let head = self.paint(if fix.sure { "   fix: " } else { "   try: " }, "36");
        let first = fix.edits.iter().map(|edit| edit.span).min();
        let place = match first {
            Some(span) if !self.same_line(span, primary) => {
                let name = escape::line(self.sources.file(span.source).name());
                format!(" ({name}:{})", self.sources.position(span).line)
            }
            _ => String::new(),
        };
        let _ = writeln!(text, "{head}{title}{place}");
        if let Some((before, after)) = self.difference(fix) {
            let _ = writeln!(text, "        {}", self.paint(&format!("- {before}"), "31"));
            let _ = writeln!(text, "        {}", self.paint(&format!("+ {after}"), "32"));
        }
    }

    fn same_line(&self, a: Span, b: Span) -> bool {
        a.source == b.source && self.sources.position(a).line == self.sources.position(b).line
    }

    /// The one line that a fix changes, before and after. `None` where the fix changes more, where
    /// the line is very long, or where it holds a secret.
    fn difference(&self, fix: &Fix) -> Option<(String, String)> {
        let (source, line) = self.only_line(fix)?;
        let text = self.sources.file(source).text();
        let mut after = text.get(line.clone())?.to_owned();
        let mut edits: Vec<_> = fix.edits.iter().collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
        for edit in &edits {
            let range = edit.span.start as usize - line.start..edit.span.end as usize - line.start;
            after.get(range.clone())?;
            after.replace_range(range, &edit.replacement);
        }
        let before = plain(text.get(line)?);
        let after = plain(&after);
        // Both lose the same start, so that what differs stays in sight.
        let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
        let room = self.options.width - 10;
        let widest = before.width().max(after.width());
        let skip = if widest > room { same.saturating_sub(room / 3) } else { 0 };
        Some((self.window(&before, skip, room), self.window(&after, skip, room)))
    }

    /// The line that holds all edits, if one does and it can be shown.
    fn only_line(&self, fix: &Fix) -> Option<(SourceId, Range<usize>)> {
        let span = fix.edits.first()?.span;
        let file = self.sources.file(span.source);
        let line = file.line_range(file.position(span.start).line)?;
        let inside = fix.edits.iter().all(|edit| {
            let held = edit.span.start as usize >= line.start && edit.span.end as usize <= line.end;
            edit.span.source == span.source && held && !edit.replacement.contains('\n')
        });
        let short = line.len() <= 4 * self.options.width;
        let shown = inside && short && self.layout().secrets_in(span.source, &line).next().is_none();
        shown.then_some((span.source, line))
    }

    fn window(&self, text: &str, skip: usize, room: usize) -> String {
        let cut = self.cut();
        let before = if skip > 0 { cut } else { "" };
        let rest: String = text.chars().skip(skip).collect();
        if rest.width() + before.width() <= room {
            return format!("{before}{rest}");
        }
        let fits = rest.chars().count().min(room - 2 * cut.width());
        format!("{before}{}", escape::clip(rest.into(), fits, cut))
    }

    fn paint(&self, text: &str, colour: &str) -> String {
        if self.options.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A line without the white space around it, tabs as spaces, hidden characters by name.
fn plain(line: &str) -> String {
    escape::line(&line.trim().replace('\t', " ")).into_owned()
}

//! Lines for a terminal: wrapped to its width, coloured where colours may be used.

use crate::diagnostic::escape;
use crate::diagnostic::render::Options;
use unicode_width::UnicodeWidthStr;

/// What a line is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Good,
    Bad,
    Faint,
    Lower,
    Raise,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Ink::Plain => "",
            Ink::Good => "1;32",
            Ink::Bad => "1;31",
            Ink::Faint => "2",
            Ink::Lower => "33",
            Ink::Raise => "36",
        }
    }
}

/// Below so many columns a cause goes under its row instead of beside it.
const NARROW: usize = 26;

/// A page in the making.
pub(super) struct Page {
    text: String,
    width: usize,
    colour: bool,
    unicode: bool,
}

impl Page {
    pub(super) fn new(options: Options) -> Page {
        let width = options.width.clamp(40, 200);
        Page { text: String::new(), width, colour: options.colour, unicode: options.unicode }
    }

    pub(super) fn end(self) -> String {
        self.text
    }

    pub(super) fn arrow(&self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }

    /// Columns that a text takes, as it is shown.
    pub(super) fn width_of(&self, text: &str) -> usize {
        self.safe(text).width()
    }

    /// Text from outside, made safe for a terminal.
    fn safe(&self, text: &str) -> String {
        let safe = escape::line(text);
        if self.unicode {
            safe.into_owned()
        } else {
            safe.replace('−', "-").replace('…', "...").replace('→', "->")
        }
    }

    fn ink(&self, ink: Ink, text: &str) -> String {
        match ink.code() {
            code if self.colour && !code.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }

    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    pub(super) fn heading(&mut self, text: &str) {
        let text = self.safe(text);
        let shown = if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text };
        self.text.push_str(&shown);
        self.text.push('\n');
    }

    pub(super) fn line(&mut self, indent: usize, ink: Ink, text: &str) {
        let text = self.safe(text);
        for line in wrap(&text, self.width.saturating_sub(indent)) {
            let inked = self.ink(ink, line);
            self.text.push_str(&format!("{:indent$}{inked}\n", ""));
        }
    }

    pub(super) fn paragraph(&mut self, ink: Ink, text: &str) {
        self.line(0, ink, text);
    }

    /// What to do about a section.
    pub(super) fn note(&mut self, text: &str) {
        self.line(2, Ink::Faint, text);
    }

    /// How many rows a section leaves out.
    pub(super) fn more(&mut self, left: usize) {
        if left > 0 {
            self.line(2, Ink::Faint, &format!("and {left} more (--format json shows all)"));
        }
    }

    /// A name, and what is said of it: beside it where it fits, else below.
    pub(super) fn item(&mut self, indent: usize, name: &str, text: &str) {
        let whole = format!("{name}: {text}");
        if self.width_of(&whole) + indent <= self.width {
            return self.line(indent, Ink::Plain, &whole);
        }
        self.line(indent, Ink::Plain, &format!("{name}:"));
        self.line(indent + 4, Ink::Plain, text);
    }

    /// The widths of a group's columns: as wide as the longest label that leaves room for the causes, and
    /// as the longest numbers.
    pub(super) fn columns<'r>(&self, rows: impl Iterator<Item = &'r [String; 2]> + Clone) -> (usize, usize) {
        let numbers = rows.clone().map(|[_, numbers]| self.width_of(numbers)).max().unwrap_or(0);
        let most = self.width.saturating_sub(numbers + NARROW + 6).max(self.width / 3);
        let labels = rows.map(|[label, _]| self.width_of(label)).filter(|width| *width <= most);
        (labels.max().unwrap_or(0), numbers)
    }

    /// A row of a change: a name, its numbers, and the cause beside or below them. A name that is wider
    /// than its column has a line of its own.
    pub(super) fn row(
        &mut self,
        [label, numbers]: &[String; 2],
        columns: (usize, usize),
        ink: Ink,
        cause: &str,
    ) {
        let (label, numbers) = (self.safe(label), self.safe(numbers));
        let pad = |text: &str, to: usize| " ".repeat(to.saturating_sub(text.width()));
        let padded = match label.width() > columns.0 {
            true => format!("  {label}\n  {}  ", " ".repeat(columns.0)),
            false => format!("  {label}{}  ", pad(&label, columns.0)),
        };
        let used = 2 + columns.0 + 2 + numbers.width().max(columns.1) + 2;
        self.text.push_str(&padded);
        let inked = self.ink(ink, &numbers);
        self.text.push_str(&inked);
        let cause = self.safe(cause);
        let room = self.width.saturating_sub(used);
        if room < NARROW && cause.width() > room {
            self.text.push('\n');
            return self.line(6, Ink::Plain, &cause);
        }
        self.text.push_str(&pad(&numbers, columns.1));
        self.text.push_str("  ");
        for (at, line) in wrap(&cause, room).into_iter().enumerate() {
            if at > 0 {
                self.text.push_str(&" ".repeat(used));
            }
            self.text.push_str(line);
            self.text.push('\n');
        }
    }
}

/// Lines of at most `width` columns, broken at spaces; a longer word stands alone and stays whole, so
/// that it can be copied.
fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut start, mut end, mut used) = (0, 0, 0);
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ').width();
        if end > start && used + bare > width {
            lines.push(text[start..end].trim_end());
            (start, used) = (end, 0);
        }
        used += word.width();
        end += word.len();
    }
    lines.push(text[start..end].trim_end());
    lines
}

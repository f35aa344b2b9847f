//! The text of a file as an editor sees it: lines, columns in the client's units, edits of ranges.

use gen_lsp_types::{Position, Range};

/// In which units the client counts columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Units {
    /// 16-bit units, as the protocol has it unless both sides agree on something else.
    #[default]
    Utf16,
    /// Bytes.
    Utf8,
}

impl Units {
    fn of(self, c: char) -> u32 {
        match self {
            Units::Utf16 => c.len_utf16() as u32,
            Units::Utf8 => c.len_utf8() as u32,
        }
    }
}

/// Where each line of a text begins. A line ends with `\n`, `\r\n` or `\r`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// The lines of a text.
    pub fn of(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let ends =
            |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(*at + 1) != Some(&b'\n');
        let ends = (0..bytes.len()).filter(ends).map(|at| at as u32 + 1);
        Lines { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Where a byte stands; a byte past the end counts as the end.
    pub fn position(&self, text: &str, byte: u32, units: Units) -> Position {
        let byte = (byte as usize).min(text.len());
        let line = self.starts.partition_point(|start| *start as usize <= byte) - 1;
        let before = &text.as_bytes()[self.starts[line] as usize..byte];
        // A byte inside a character counts as behind it; in UTF-16 only four bytes make two units.
        let columns = match units {
            Units::Utf8 => before.len(),
            Units::Utf16 => {
                before.iter().map(|b| usize::from(b & 0xC0 != 0x80) + usize::from(*b >= 0xF0)).sum()
            }
        };
        Position { line: line as u32, character: columns as u32 }
    }

    /// The range of bytes from `start` to `end`.
    pub fn range(&self, text: &str, (start, end): (u32, u32), units: Units) -> Range {
        Range { start: self.position(text, start, units), end: self.position(text, end, units) }
    }

    /// The byte of a position. A line past the end counts as the end of the text, a column past the end
    /// of its line as the end of the line, and one inside a character as its start.
    pub fn byte(&self, text: &str, position: Position, units: Units) -> u32 {
        let Some(start) = self.starts.get(position.line as usize) else { return text.len() as u32 };
        let end = self.starts.get(position.line as usize + 1).map_or(text.len(), |next| *next as usize);
        let line = text[*start as usize..end].trim_end_matches(['\n', '\r']);
        let mut columns = 0;
        for (at, c) in line.char_indices() {
            columns += units.of(c);
            if columns > position.character {
                return start + at as u32;
            }
        }
        start + line.len() as u32
    }
}

/// A text that is being edited.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Its lines.
    pub lines: Lines,
}

impl Text {
    /// A text with its lines.
    pub fn new(text: impl Into<String>) -> Text {
        let text = text.into();
        let lines = Lines::of(&text);
        Text { text, lines }
    }

    /// Puts a text in place of a range, or of everything. A range whose end lies before its start is taken
    /// the other way round.
    pub fn edit(&mut self, range: Option<Range>, new: &str, units: Units) {
        let Some(range) = range else {
            *self = Text::new(new);
            return;
        };
        let [one, other] = [range.start, range.end].map(|at| self.byte(at, units) as usize);
        self.text.replace_range(one.min(other)..one.max(other), new);
        self.lines = Lines::of(&self.text);
    }

    /// The byte of a position; see [`Lines::byte`].
    pub fn byte(&self, position: Position, units: Units) -> u32 {
        self.lines.byte(&self.text, position, units)
    }

    /// The range of bytes from `start` to `end`.
    pub fn range(&self, bytes: (u32, u32), units: Units) -> Range {
        self.lines.range(&self.text, bytes, units)
    }
}

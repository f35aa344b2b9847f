//! The text of a CSV file in rows and fields, each with its place, so that a file can be written again
//! with everything that is not ours letter for letter as it was.

use crate::scan;
use std::borrow::Cow;

/// One field: where it stands in the text, its quotes included.
#[derive(Debug, Clone, Copy)]
struct Field {
    start: u32,
    end: u32,
    quoted: bool,
}

/// One row: a line, or several where a quoted field holds line ends.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The line on which it starts, from 1.
    pub line: u32,
    /// One past its last byte, the line end left out.
    pub end: u32,
    /// Whether a line end follows. Only the last row can lack it.
    pub ended: bool,
    /// Whether something stands between a closing quote and the next field.
    pub stray: bool,
    /// Whether a quote stands doubled within a field: then [`Record::plain`] does not show it as it is meant.
    pub doubled: bool,
    first: u32,
    /// How many fields it has; at least one.
    pub fields: u32,
}

/// All rows of a text.
#[derive(Debug)]
pub struct Table {
    fields: Vec<Field>,
    /// The rows, the header first; empty lines are none.
    pub rows: Vec<Row>,
}

/// One row with its fields.
#[derive(Debug, Clone, Copy)]
pub struct Record<'f, 't> {
    text: &'t str,
    fields: &'f [Field],
    /// The row.
    pub row: Row,
}

/// Where a text has been read to.
#[derive(Debug)]
struct Scan {
    delimiter: u8,
    at: usize,
    line: u32,
    unfinished: Option<u32>,
}

/// A text row by row, of which only the last ones are kept.
#[derive(Debug)]
pub struct Reader<'t> {
    text: &'t str,
    scan: Scan,
    fields: Vec<Field>,
    /// Whether more text follows: then a row that ends with this one may go on.
    more: bool,
}

/// Where a text has been read to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// So many bytes of it.
    pub at: usize,
    /// The line that is next, from 1.
    pub line: u32,
}

impl Row {
    /// Its own among all fields.
    fn of(self, fields: &[Field]) -> &[Field] {
        &fields[self.first as usize..][..self.fields as usize]
    }
}

impl Scan {
    fn from(mark: Mark, delimiter: u8) -> Scan {
        Scan { delimiter, at: mark.at, line: mark.line, unfinished: None }
    }

    /// Takes the next row, and its fields behind those that there are; `None` at the end of the text, and at
    /// a quote that is never closed.
    fn row(&mut self, bytes: &[u8], fields: &mut Vec<Field>) -> Option<Row> {
        loop {
            match line_end(bytes, self.at) {
                0 => break,
                blank => (self.at, self.line) = (self.at + blank, self.line.saturating_add(1)),
            }
        }
        if self.at >= bytes.len() || self.unfinished.is_some() {
            return None;
        }
        let first = fields.len();
        let (line, first_field) = (self.line, first as u32);
        let mut row =
            Row { line, end: 0, ended: false, stray: false, doubled: false, first: first_field, fields: 0 };
        loop {
            let start = self.at;
            let quoted = bytes.get(start) == Some(&b'"');
            let mut closed = true;
            if quoted {
                (self.at, closed) = closing(bytes, start + 1, &mut row.doubled, &mut self.line);
            }
            let inside = self.at;
            self.at = scan::field_end(bytes, inside, self.delimiter);
            row.stray |= quoted && self.at > inside;
            if !closed {
                fields.truncate(first);
                self.unfinished = Some(row.line);
                return None;
            }
            let quoted = quoted && self.at == inside;
            fields.push(Field { start: start as u32, end: self.at as u32, quoted });
            if bytes.get(self.at) != Some(&self.delimiter) {
                break;
            }
            self.at += 1;
        }
        row.end = self.at as u32;
        row.fields = (fields.len() - first) as u32;
        row.ended = self.at < bytes.len();
        self.at += line_end(bytes, self.at);
        self.line = self.line.saturating_add(u32::from(row.ended));
        Some(row)
    }
}

impl<'t> Reader<'t> {
    /// A text from its beginning. Texts are at most 4 GiB.
    pub fn new(text: &'t str, delimiter: u8) -> Reader<'t> {
        Reader::of(text, (1, false), delimiter)
    }

    /// A part of a text that begins with this line, and after which more may follow.
    pub fn of(text: &'t str, (line, more): (u32, bool), delimiter: u8) -> Reader<'t> {
        // The other half of a line end may follow.
        let text = if more { text.strip_suffix('\r').unwrap_or(text) } else { text };
        Reader { text, scan: Scan::from(Mark { at: 0, line }, delimiter), fields: Vec::new(), more }
    }

    /// The next row, the header first; empty lines are none.
    pub fn row(&mut self) -> Option<Record<'_, 't>> {
        self.fields.clear();
        let row = self.take()?;
        Some(Record { text: self.text, fields: &self.fields, row })
    }

    /// The next rows, at most so many, in the place of those that `rows` holds; none at the end of the text.
    /// [`Reader::record`] shows them until the next call.
    pub fn block(&mut self, most: usize, rows: &mut Vec<Row>) {
        self.fields.clear();
        rows.clear();
        while rows.len() < most
            && let Some(row) = self.take()
        {
            rows.push(row);
        }
    }

    fn take(&mut self) -> Option<Row> {
        let before = self.mark();
        let row = self.scan.row(self.text.as_bytes(), &mut self.fields);
        if self.more && row.is_none_or(|row| !row.ended) {
            self.scan = Scan::from(before, self.scan.delimiter);
            return None;
        }
        row
    }

    /// Where it stands.
    pub fn mark(&self) -> Mark {
        Mark { at: self.scan.at, line: self.scan.line }
    }

    /// A row of the last block, with its fields.
    pub fn record(&self, row: &Row) -> Record<'_, 't> {
        Record { text: self.text, fields: row.of(&self.fields), row: *row }
    }

    /// Gives away the rows that are left, in up to so many parts, each for a reader of its own. The first is
    /// the smallest: whose it is has read the text. None where a quote is still to come, since nobody can
    /// tell from the middle which line ends are within it.
    pub fn parts(&mut self, most: usize) -> Vec<Reader<'t>> {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.scan.at..];
        let whole = match self.more {
            false => bytes.len(),
            true => rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| self.scan.at + last + 1),
        };
        if most < 2 || whole <= self.scan.at || scan::has(rest, b'"') {
            return Vec::new();
        }
        let (start, mut mark) = (self.scan.at, self.mark());
        let mut parts = Vec::with_capacity(most);
        // To read a text and to take in what others found in it takes about an eighth as long as its rows: so
        // all have as much to do.
        let first = (whole - start) / (8 * most) * 9_usize.saturating_sub(most);
        for end in scan::parts(&bytes[start..whole], first, most).into_iter().map(|end| start + end) {
            let scan = Scan::from(mark, self.scan.delimiter);
            parts.push(Reader { text: &self.text[..end], scan, fields: Vec::new(), more: false });
            let line = mark.line.saturating_add(line_ends(&bytes[mark.at..end]));
            mark = Mark { at: end, line };
        }
        self.scan = Scan::from(mark, self.scan.delimiter);
        parts
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.text.len() - self.scan.at
    }

    /// The text that is left, and the line with which it begins.
    pub fn rest(&self) -> (&'t str, u32) {
        (&self.text[self.scan.at..], self.scan.line)
    }

    /// The line of a quote that is never closed: what follows it, to the end of the file, is no row.
    pub fn unfinished(&self) -> Option<u32> {
        self.scan.unfinished
    }
}

impl<'t> Record<'_, 't> {
    /// The value of a field; `None` where the row has no such field.
    pub fn value(&self, column: usize) -> Option<Cow<'t, str>> {
        let field = self.fields.get(column)?;
        let raw = &self.text[field.start as usize..field.end as usize];
        if !field.quoted {
            return Some(Cow::Borrowed(raw));
        }
        let inner = &raw[1..raw.len() - 1];
        Some(if inner.contains('"') { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) })
    }

    /// The value of a field letter for letter: doubled quotes within stay doubled.
    #[inline]
    pub fn plain(&self, column: usize) -> Option<&'t str> {
        let field = self.fields.get(column)?;
        // A quoted field has a quote at either end.
        let own = usize::from(field.quoted);
        self.text.get(field.start as usize + own..field.end as usize - own)
    }

    /// The values of all its fields.
    pub fn values(&self) -> impl Iterator<Item = Cow<'t, str>> {
        (0..self.fields.len()).filter_map(|at| self.value(at))
    }

    /// The bytes of a field in the text, quotes included.
    pub fn place(&self, column: usize) -> Option<std::ops::Range<usize>> {
        self.fields.get(column).map(|field| field.start as usize..field.end as usize)
    }
}

impl Table {
    /// Finds rows and fields in one pass. Texts are at most 4 GiB. What follows a quote that is never closed
    /// is no row.
    pub fn new(text: &str, delimiter: u8) -> Table {
        let (mut scan, mut fields, mut rows) =
            (Scan::from(Mark { at: 0, line: 1 }, delimiter), Vec::new(), Vec::new());
        while let Some(row) = scan.row(text.as_bytes(), &mut fields) {
            rows.push(row);
        }
        Table { fields, rows }
    }

    /// A row of the text that it was made of, with its fields.
    pub fn record<'t>(&self, text: &'t str, row: &Row) -> Record<'_, 't> {
        Record { text, fields: row.of(&self.fields), row: *row }
    }

    /// The line end that the file uses, as its first line shows.
    pub fn line_end<'t>(&self, text: &'t str) -> &'t str {
        let Some(header) = self.rows.first().filter(|row| row.ended) else { return "\n" };
        let end = header.end as usize;
        &text[end..end + line_end(text.as_bytes(), end)]
    }
}

/// How many bytes of line end stand here.
fn line_end(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}

/// How many lines end in some bytes.
fn line_ends(bytes: &[u8]) -> u32 {
    let both = scan::each(bytes, b'\r').filter(|at| bytes.get(at + 1) == Some(&b'\n')).count();
    (scan::count(bytes, b'\n') + scan::count(bytes, b'\r') - both) as u32
}

/// The place behind the closing quote, and whether there is one. Says in passing whether one is doubled.
fn closing(bytes: &[u8], from: usize, doubled: &mut bool, line: &mut u32) -> (usize, bool) {
    let mut at = from;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', Some(b'"')) => (at, *doubled) = (at + 2, true),
            (b'"', _) => return (at + 1, true),
            _ => match line_end(bytes, at) {
                0 => at += 1,
                length => (at, *line) = (at + length, *line + 1),
            },
        }
    }
    (at, false)
}

/// A field as it is written: quoted where it must be.
pub fn quoted(value: &str, delimiter: u8) -> Cow<'_, str> {
    let special = |c: char| c == char::from(delimiter) || matches!(c, '"' | '\r' | '\n');
    if !value.contains(special) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("\"{}\"", value.replace('"', "\"\"")))
}

/// One line, without its end.
pub fn line<T: AsRef<str>>(fields: &[T], delimiter: u8) -> String {
    let fields: Vec<_> = fields.iter().map(|field| quoted(field.as_ref(), delimiter)).collect();
    fields.join(&char::from(delimiter).to_string())
}

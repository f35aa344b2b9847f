//! The text of a CSV file in rows and fields, each with its place, so that a file can be written again
//! with everything that is not ours letter for letter as it was.

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
    first: u32,
    /// How many fields it has; at least one.
    pub fields: u32,
}

/// A whole file.
#[derive(Debug)]
pub struct Table {
    /// The decoded text.
    pub text: String,
    delimiter: u8,
    fields: Vec<Field>,
    /// The rows, the header first; empty lines are none.
    pub rows: Vec<Row>,
    /// The line of a quote that is never closed: what follows it, to the end of the file, is no row.
    pub unfinished: Option<u32>,
}

impl Table {
    /// Finds rows and fields in one pass. Texts are at most 4 GiB.
    pub fn new(text: String, delimiter: u8) -> Table {
        let mut table =
            Table { text: String::new(), delimiter, fields: Vec::new(), rows: Vec::new(), unfinished: None };
        let bytes = text.as_bytes();
        let (mut at, mut line) = (0, 1);
        while at < bytes.len() && table.unfinished.is_none() {
            match line_end(bytes, at) {
                0 => table.row(bytes, &mut at, &mut line),
                blank => (at, line) = (at + blank, line + 1),
            }
        }
        table.text = text;
        table
    }

    fn row(&mut self, bytes: &[u8], at: &mut usize, line: &mut u32) {
        let first = self.fields.len() as u32;
        let mut row = Row { line: *line, end: 0, ended: false, stray: false, first, fields: 0 };
        loop {
            let start = *at;
            let quoted = bytes.get(start) == Some(&b'"');
            let mut closed = true;
            if quoted {
                (*at, closed) = closing(bytes, start + 1, line);
            }
            let inside = *at;
            while *at < bytes.len() && bytes[*at] != self.delimiter && line_end(bytes, *at) == 0 {
                *at += 1;
            }
            row.stray |= quoted && *at > inside;
            if !closed {
                self.fields.truncate(first as usize);
                self.unfinished = Some(row.line);
                return;
            }
            self.fields.push(Field { start: start as u32, end: *at as u32, quoted: quoted && *at == inside });
            if bytes.get(*at) != Some(&self.delimiter) {
                break;
            }
            *at += 1;
        }
        row.end = *at as u32;
        row.fields = self.fields.len() as u32 - first;
        row.ended = *at < bytes.len();
        *at += line_end(bytes, *at);
        *line += u32::from(row.ended);
        self.rows.push(row);
    }

    /// The value of a field of a row; `None` where the row has no such field.
    pub fn value(&self, row: &Row, column: usize) -> Option<Cow<'_, str>> {
        let field = self.field(row, column)?;
        let raw = &self.text[field.start as usize..field.end as usize];
        if !field.quoted {
            return Some(Cow::Borrowed(raw));
        }
        let inner = &raw[1..raw.len() - 1];
        Some(if inner.contains('"') { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) })
    }

    /// The bytes of a field in the text, quotes included.
    pub fn place(&self, row: &Row, column: usize) -> Option<std::ops::Range<usize>> {
        self.field(row, column).map(|field| field.start as usize..field.end as usize)
    }

    fn field(&self, row: &Row, column: usize) -> Option<Field> {
        let inside = column < row.fields as usize;
        inside.then(|| self.fields[row.first as usize + column])
    }

    /// The line end that the file uses, as its first line shows.
    pub fn line_end(&self) -> &str {
        let Some(header) = self.rows.first().filter(|row| row.ended) else { return "\n" };
        let end = header.end as usize;
        &self.text[end..end + line_end(self.text.as_bytes(), end)]
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

/// The place behind the closing quote, and whether there is one.
fn closing(bytes: &[u8], from: usize, line: &mut u32) -> (usize, bool) {
    let mut at = from;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
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

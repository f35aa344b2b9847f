//! CSV text as rows of cells that know where they stand; what is wrong with a row is a fault beside it.

use crate::source::{SourceId, Span};
use std::borrow::Cow;
use std::ops::Range;

/// Where header, rows and cells of a CSV file stand in its text.
#[derive(Debug)]
pub struct Layout {
    source: SourceId,
    /// The header's cells.
    pub header: Vec<Cell>,
    /// The rows, blank lines left out.
    pub rows: Vec<Row>,
    cells: Vec<Cell>,
}

/// A CSV file: its layout over its text.
#[derive(Debug, Clone, Copy)]
pub struct Table<'t> {
    layout: &'t Layout,
    text: &'t str,
}

/// One cell as bytes of the text, quotes included.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    start: u32,
    end: u32,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    cells: Range<u32>,
    /// Why it cannot be used, where it cannot.
    pub fault: Option<Fault>,
}

/// Why a row cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It has so many cells, not as many as the header.
    Width(usize),
    /// A quote is opened and never closed.
    Unclosed,
    /// Text follows a closing quote.
    AfterQuote,
}

/// Reads a CSV text: RFC 4180 with any delimiter and any line break.
pub fn read(source: SourceId, text: &str, delimiter: u8) -> Layout {
    let mut lines = Lines { bytes: text.as_bytes(), at: 0, delimiter };
    let mut table = Layout { source, header: Vec::new(), rows: Vec::new(), cells: Vec::new() };
    while let Some(fault) = lines.row(&mut table.cells, table.rows.last().map_or(0, |row| row.cells.end)) {
        let start = table.rows.last().map_or(0, |row| row.cells.end);
        let cells = start..table.cells.len() as u32;
        let blank = matches!(&table.cells[start as usize..], [only] if only.start == only.end);
        if blank {
            table.cells.truncate(start as usize);
            continue;
        }
        if table.header.is_empty() {
            table.header = std::mem::take(&mut table.cells);
            // Mostly a line is a row; lists that grow by doubling would be copied as often.
            let rows = lines.rest().iter().filter(|byte| **byte == b'\n').count();
            table.rows.reserve(rows);
            table.cells.reserve(rows * table.header.len());
            continue;
        }
        let width = cells.len();
        let fault = fault.or((width != table.header.len()).then_some(Fault::Width(width)));
        table.rows.push(Row { cells, fault });
    }
    table
}

struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
    delimiter: u8,
}

impl Lines<'_> {
    /// What has not been read yet.
    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Takes one row; `None` at the end of the text.
    fn row(&mut self, cells: &mut Vec<Cell>, keep: u32) -> Option<Option<Fault>> {
        debug_assert!(cells.len() >= keep as usize);
        if self.at >= self.bytes.len() {
            return None;
        }
        let mut fault = None;
        loop {
            let start = self.at;
            fault = fault.or(self.cell());
            cells.push(Cell { start: start as u32, end: self.at as u32 });
            match self.bytes.get(self.at) {
                Some(byte) if *byte == self.delimiter => self.at += 1,
                Some(b'\r') if self.bytes.get(self.at + 1) == Some(&b'\n') => {
                    self.at += 2;
                    return Some(fault);
                }
                Some(_) => {
                    self.at += 1;
                    return Some(fault);
                }
                None => return Some(fault),
            }
        }
    }

    /// Takes one cell, up to its delimiter or line break.
    fn cell(&mut self) -> Option<Fault> {
        let mut fault = None;
        if self.bytes.get(self.at) == Some(&b'"') {
            self.at += 1;
            loop {
                match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                    (None, _) => return Some(Fault::Unclosed),
                    (Some(b'"'), Some(b'"')) => self.at += 2,
                    (Some(b'"'), _) => break,
                    _ => self.at += 1,
                }
            }
            self.at += 1;
            if self.bytes.get(self.at).is_some_and(|byte| !self.ends(*byte)) {
                fault = Some(Fault::AfterQuote);
            }
        }
        while self.bytes.get(self.at).is_some_and(|byte| !self.ends(*byte)) {
            self.at += 1;
        }
        fault
    }

    fn ends(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }
}

impl Layout {
    /// The file, with the text that was read.
    pub fn over<'t>(&'t self, text: &'t str) -> Table<'t> {
        Table { layout: self, text }
    }

    /// Where a cell stands.
    pub fn span(&self, cell: Cell) -> Span {
        Span { source: self.source, start: cell.start, end: cell.end }
    }

    /// The cell of a row in a column.
    pub fn cell(&self, row: &Row, column: usize) -> Option<Cell> {
        let cells = self.cells.get(row.cells.start as usize..row.cells.end as usize)?;
        cells.get(column).copied()
    }

    /// Where a row stands, from its first cell to its last.
    pub fn row_span(&self, row: &Row) -> Span {
        let cells = &self.cells[row.cells.start as usize..row.cells.end as usize];
        let start = cells.first().map_or(0, |cell| cell.start);
        Span { source: self.source, start, end: cells.last().map_or(start, |cell| cell.end) }
    }
}

impl<'t> std::ops::Deref for Table<'t> {
    type Target = Layout;

    fn deref(&self) -> &Layout {
        self.layout
    }
}

impl<'t> Table<'t> {
    /// What a cell holds, without its quotes.
    pub fn text(&self, cell: Cell) -> Cow<'t, str> {
        let raw = &self.text[cell.start as usize..cell.end as usize];
        match raw.strip_prefix('"') {
            None => Cow::Borrowed(raw),
            Some(quoted) => {
                let inside = quoted.strip_suffix('"').unwrap_or(quoted);
                if inside.contains('"') { Cow::Owned(inside.replace("\"\"", "\"")) } else { inside.into() }
            }
        }
    }

    /// Whether a row holds a line break, so that it may be several rows run together.
    pub fn spans_lines(&self, row: &Row) -> bool {
        let span = self.row_span(row);
        self.text[span.start as usize..span.end as usize].contains(['\n', '\r'])
    }
}

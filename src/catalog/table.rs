//! CSV text as rows of cells that know where they stand; what is wrong with a row is a fault beside it.

use crate::hands;
use crate::scan;
use crate::source::{SourceId, Span};
use std::borrow::Cow;
use std::sync::Arc;

/// Where header and rows of a CSV file stand in its text. Cells are found anew whenever a row is asked for: a
/// place for each cell of a large catalog would be more than its text.
#[derive(Debug)]
pub struct Layout {
    source: SourceId,
    delimiter: u8,
    /// The header's cells.
    pub header: Vec<Cell>,
    /// Where each row begins, blank lines left out.
    pub starts: Arc<[u32]>,
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
#[derive(Debug, Clone, Copy)]
pub struct Row<'c> {
    cells: &'c [Cell],
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

/// Reads the header of a CSV text: RFC 4180 with any delimiter and any line break. Its rows are still to be
/// found.
pub fn read(source: SourceId, text: &str, delimiter: u8) -> Layout {
    let mut lines = Lines { bytes: text.as_bytes(), at: 0, delimiter };
    let mut header = Vec::new();
    lines.next(&mut header);
    Layout { source, delimiter, header, starts: Arc::default() }
}

/// The smallest part of a text that is worth a hand of its own, in bytes.
const PART: usize = 1 << 18;

struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
    delimiter: u8,
}

impl Lines<'_> {
    /// Takes one row that is not blank, and what is wrong with its quotes; `None` at the end of the text.
    fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Option<Fault>> {
        loop {
            let fault = self.row(cells)?;
            if !matches!(&cells[..], [only] if only.start == only.end) {
                return Some(fault);
            }
        }
    }

    /// Takes one row; `None` at the end of the text.
    fn row(&mut self, cells: &mut Vec<Cell>) -> Option<Option<Fault>> {
        cells.clear();
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
        self.at = scan::field_end(self.bytes, self.at, self.delimiter);
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

    /// Finds all rows, by as many hands as there are where no quote says that a line may be none. Answers the
    /// places of those that are not fit, in order.
    pub fn find_rows(&mut self, text: &str, fit: impl Fn(&Table<'_>, &Row<'_>) -> bool + Sync) -> Vec<u32> {
        let after = self.header.last().map_or(0, |cell| cell.end as usize);
        let rest = &text.as_bytes()[after..];
        let parts = match hands::count(rest.len(), PART) {
            1 => 1,
            _ if scan::has(rest, b'"') => 1,
            several => several,
        };
        let ends: Vec<usize> =
            scan::parts(rest, rest.len() / parts, parts).into_iter().map(|end| after + end).collect();
        let starts: Vec<usize> = std::iter::once(after).chain(ends.iter().copied()).collect();
        let part = |at: usize| self.rows_within(&text[..ends[at]], starts[at], &fit);
        let found = hands::each(ends.len(), parts, part);
        let (mut starts, mut unfit) =
            (Vec::with_capacity(found.iter().map(|own| own.0.len()).sum()), Vec::new());
        for (own, own_unfit) in found {
            unfit.extend(own_unfit.into_iter().map(|at| at + starts.len() as u32));
            starts.extend(own);
        }
        self.starts = starts.into();
        unfit
    }

    /// Where the rows of a text begin from a byte on, which is that of a line or ends the header's; and the
    /// places of those that are not fit.
    fn rows_within(
        &self,
        text: &str,
        from: usize,
        fit: impl Fn(&Table<'_>, &Row<'_>) -> bool,
    ) -> (Vec<u32>, Vec<u32>) {
        let mut lines = Lines { bytes: text.as_bytes(), at: from, delimiter: self.delimiter };
        // Mostly a line is a row; a list that grows by doubling would be copied as often.
        let (mut starts, mut unfit) =
            (Vec::with_capacity(scan::count(&lines.bytes[from..], b'\n')), Vec::new());
        let (mut cells, table) = (Vec::new(), self.over(text));
        // What ends the header's line reads as a blank line.
        while let Some(fault) = lines.next(&mut cells) {
            if !fit(&table, &self.row_of(&cells, fault)) {
                unfit.push(starts.len() as u32);
            }
            starts.push(cells[0].start);
        }
        (starts, unfit)
    }

    fn row_of<'c>(&self, cells: &'c [Cell], fault: Option<Fault>) -> Row<'c> {
        let width = cells.len();
        Row { cells, fault: fault.or((width != self.header.len()).then_some(Fault::Width(width))) }
    }

    /// Where a cell stands.
    pub fn span(&self, cell: Cell) -> Span {
        Span { source: self.source, start: cell.start, end: cell.end }
    }

    /// Where a row stands, from its first cell to its last.
    pub fn row_span(&self, row: &Row<'_>) -> Span {
        let start = row.cells.first().map_or(0, |cell| cell.start);
        Span { source: self.source, start, end: row.cells.last().map_or(start, |cell| cell.end) }
    }
}

impl Row<'_> {
    /// The cell in a column.
    pub fn cell(&self, column: usize) -> Option<Cell> {
        self.cells.get(column).copied()
    }
}

impl<'t> std::ops::Deref for Table<'t> {
    type Target = Layout;

    fn deref(&self) -> &Layout {
        self.layout
    }
}

impl<'t> Table<'t> {
    /// One of the rows that were found; its cells are put into `cells`.
    pub fn row<'c>(&self, at: u32, cells: &'c mut Vec<Cell>) -> Row<'c> {
        let start = self.layout.starts[at as usize] as usize;
        let mut lines = Lines { bytes: self.text.as_bytes(), at: start, delimiter: self.layout.delimiter };
        let fault = lines.row(cells).flatten();
        self.layout.row_of(cells, fault)
    }

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
    pub fn spans_lines(&self, row: &Row<'_>) -> bool {
        let span = self.row_span(row);
        self.text[span.start as usize..span.end as usize].contains(['\n', '\r'])
    }
}

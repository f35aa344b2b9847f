//! Where findings are gathered: what goes wrong in a row of a catalog becomes a finding about the row.

use crate::catalog::table;
use crate::diagnostic::{Diagnostic, Rule, Severity, code, nearest};
use crate::model::item::Thing;
use crate::model::{BadRow, Name};
use crate::source::{SourceId, Sources, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Findings of one rule that a catalog file may have one by one; one more counts the rest.
const MOST_ROWS: usize = 20;

/// How many names are compared, in all, to say which one was meant.
const COMPARISONS: usize = 2_000_000;

/// Rules that keep their name in a catalog; every other fault there is `catalog-row`.
const KEPT: [Rule; 5] = [
    code::DUPLICATE_NAME,
    code::DUPLICATE_CODE,
    code::LOOKALIKE_CODE,
    code::ITEM_UNMAPPED,
    code::CATALOG_ROW,
];

/// A catalog file that was read.
#[derive(Debug)]
pub struct CatalogFile {
    /// The node that reads it.
    pub node: Span,
    /// Its path.
    pub path: Name,
    /// Between fields.
    pub delimiter: u8,
    /// So many rows may be bad.
    pub bad_rows: u64,
    /// Names of its columns.
    pub columns: Vec<Name>,
    /// Where each row starts and ends, in order.
    pub rows: Vec<(u32, u32)>,
}

/// Everything found so far.
#[derive(Default)]
pub struct Findings {
    list: Vec<Diagnostic>,
    /// By row: (file, index of the row).
    in_rows: BTreeMap<(SourceId, usize), Vec<Diagnostic>>,
    /// The catalog files by their ids.
    pub catalogs: BTreeMap<SourceId, CatalogFile>,
    /// The thing that each row of a catalog became.
    pub things: HashMap<(SourceId, u32), Thing>,
    spent: usize,
}

impl Findings {
    /// Gathers a finding.
    pub fn report(&mut self, mut found: Diagnostic) {
        let span = found.primary.span;
        let row = self.catalogs.get(&span.source).map(|file| file.row_at(span.start));
        match row {
            Some(row) => {
                // Fixes are spelled as KDL is, which a CSV file is not.
                found.fix = None;
                self.in_rows.entry((span.source, row)).or_default().push(found);
            }
            None => self.list.push(found),
        }
    }

    /// Gathers findings of an earlier stage.
    pub fn extend(&mut self, found: Vec<Diagnostic>) {
        self.list.extend(found);
    }

    /// The known name that was probably meant, while comparing is not too dear.
    pub fn nearest<'n>(&mut self, wrong: &str, known: &'n [Name]) -> Option<&'n str> {
        self.spent += known.len();
        if self.spent > COMPARISONS {
            return None;
        }
        nearest(wrong, known.iter().map(|name| &**name))
    }

    /// The findings, and the rows of catalogs that cannot be used.
    pub fn finish(self, sources: &Sources) -> (Vec<Diagnostic>, Vec<BadRow>) {
        let mut list = self.list;
        let mut bad_rows = Vec::new();
        let mut shown: BTreeMap<(SourceId, &'static str), Vec<Diagnostic>> = BTreeMap::new();
        let mut bad: BTreeMap<SourceId, BTreeSet<usize>> = BTreeMap::new();
        for ((source, row), found) in self.in_rows {
            for mut one in found {
                if !KEPT.contains(&one.rule) {
                    (one.rule, one.severity) = (code::CATALOG_ROW, code::CATALOG_ROW.severity);
                }
                if one.rule == code::CATALOG_ROW {
                    bad.entry(source).or_default().insert(row);
                    if let Some(file) = self.catalogs.get(&source) {
                        let thing = self.things.get(&(source, file.rows[row].0)).copied();
                        bad_rows.push(file.bad_row(sources, row, &one, thing));
                    }
                }
                shown.entry((source, one.rule.slug)).or_default().push(one);
            }
        }
        for ((source, slug), mut found) in shown {
            let allowed = self.catalogs.get(&source).map_or(0, |file| file.bad_rows);
            let count = bad.get(&source).map_or(0, BTreeSet::len) as u64;
            if slug == code::CATALOG_ROW.slug && count <= allowed {
                found = found.into_iter().map(Diagnostic::as_warning).collect();
            }
            if let Some(first) = found.get(MOST_ROWS) {
                let message = format!("and {} more findings like this in the file", found.len() - MOST_ROWS);
                let mut rest = Diagnostic::new(first.rule, first.primary.span, message).here("the next one");
                rest.severity = first.severity;
                rest.help = "mend the ones above, then run `onhand check` again".to_owned();
                found.truncate(MOST_ROWS);
                found.push(rest);
            }
            list.extend(found);
        }
        (list, bad_rows)
    }

    /// Whether an error was found.
    pub fn any_error(&self) -> bool {
        self.list.iter().any(|found| found.severity == Severity::Error)
    }
}

impl CatalogFile {
    /// The row that holds a byte.
    fn row_at(&self, byte: u32) -> usize {
        self.rows.partition_point(|(start, _)| *start <= byte).saturating_sub(1)
    }

    fn bad_row(&self, sources: &Sources, row: usize, found: &Diagnostic, thing: Option<Thing>) -> BadRow {
        let (start, end) = self.rows[row];
        let span = found.primary.span;
        let text = sources.slice(Span { source: span.source, start, end });
        // The row alone reads as a header, whose cells tell which column the fault is in.
        let cells = table::read(span.source, text, self.delimiter);
        let column = cells.header.iter().position(|cell| cells.span(*cell).end + start >= span.end);
        let field = column.and_then(|column| self.columns.get(column)).cloned();
        BadRow {
            file: self.path.clone(),
            record: sources.position(Span { source: span.source, start, end }).line,
            field: field.unwrap_or_else(|| Name::from("")),
            reason: found.message.clone(),
            thing,
        }
    }
}

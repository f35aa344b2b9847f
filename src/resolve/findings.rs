//! Where findings are gathered: what goes wrong in a row of a catalog becomes a finding about the row.

use super::doubt;
use super::index::{Index, Mention};
use crate::catalog::table;
use crate::diagnostic::{Diagnostic, Rule, Severity, code, nearest};
use crate::model::item::Thing;
use crate::model::{BadRow, BundleId, ItemId, Lookup, Model, Name};
use crate::source::{SourceId, Sources, Span};
use crate::syntax::ast::Word;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

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
    /// Whether its rows are components of bundles.
    pub bundles: bool,
    /// Between fields.
    pub delimiter: u8,
    /// So many rows may be bad.
    pub bad_rows: u64,
    /// Names of its columns.
    pub columns: Vec<Name>,
    /// Where each row begins, in order.
    pub starts: Arc<[u32]>,
}

/// Everything found so far.
#[derive(Default)]
pub struct Findings {
    list: Vec<Diagnostic>,
    /// What was said of which place of the text: the words of an `items` node are read once for each row.
    said: HashSet<(Span, &'static str, String)>,
    /// By row: (file, index of the row).
    in_rows: BTreeMap<(SourceId, usize), Vec<Diagnostic>>,
    /// The catalog files by their ids.
    pub catalogs: BTreeMap<SourceId, CatalogFile>,
    /// The name that a row of a catalog gives, where the row does not itself start a thing.
    pub named: Lookup<(SourceId, u32), Name>,
    /// Names of rows that cannot be read: what refers to them is not reported again.
    pub lost: Vec<Name>,
    /// Whether the name of some row cannot be read.
    pub nameless: bool,
    /// Which bundle stands directly inside which: (inner, outer).
    pub nested: Vec<(BundleId, BundleId)>,
    /// Where each name stands, where somebody asked for it.
    pub index: Option<Index>,
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
            None => {
                if self.said.insert((span, found.rule.slug, found.message.clone())) {
                    self.list.push(found);
                }
            }
        }
    }

    /// Notes that a word declares a thing; `what` is what it is called, with its article. `home` is its
    /// place, by which others refer to it.
    pub fn declared(&mut self, what: &'static str, word: &Word, home: Option<Span>) {
        self.note(what, word, (home, true));
    }

    /// Notes that a word names what is declared elsewhere.
    pub fn used(&mut self, what: &'static str, word: &Word, home: Option<Span>) {
        self.note(what, word, (home, false));
    }

    fn note(&mut self, what: &'static str, word: &Word, (home, declares): (Option<Span>, bool)) {
        let Some(index) = &mut self.index else { return };
        let what = what.split_once(' ').map_or(what, |(_, thing)| thing);
        let cell = self.catalogs.contains_key(&word.span.source);
        index.note(Mention { at: word.span, what, name: word.value.clone(), home, declares }, cell);
    }

    /// Gathers findings of an earlier stage.
    pub fn extend(&mut self, found: Vec<Diagnostic>) {
        self.list.extend(found);
    }

    /// The known name that was probably meant, while comparing is not too dear.
    pub fn nearest<'n>(
        &mut self,
        wrong: &str,
        known: impl ExactSizeIterator<Item = &'n Name>,
    ) -> Option<&'n str> {
        self.spent += known.len();
        if self.spent > COMPARISONS {
            return None;
        }
        nearest(wrong, known.map(|name| &**name))
    }

    /// The findings. The model learns which rows of catalogs cannot be used, and what that leaves in doubt.
    pub fn finish(mut self, sources: &Sources, model: &mut Model) -> Vec<Diagnostic> {
        let mut list = std::mem::take(&mut self.list);
        let in_rows = std::mem::take(&mut self.in_rows);
        let (by_name, by_place): (Lookup<Name, Thing>, Lookup<(SourceId, u32), Thing>) =
            match in_rows.is_empty() {
                true => Default::default(),
                false => (
                    things(model).map(|(thing, name, _)| (name.clone(), thing)).collect(),
                    things(model).map(|(thing, _, at)| ((at.source, at.start), thing)).collect(),
                ),
            };
        let mut loose = Vec::new();
        let mut shown: BTreeMap<(SourceId, &'static str), Vec<Diagnostic>> = BTreeMap::new();
        let mut bad: BTreeMap<SourceId, BTreeSet<usize>> = BTreeMap::new();
        for ((source, row), found) in in_rows {
            // A cell may be read as several things, such as the base unit and the unit of a code.
            let mut said = BTreeSet::new();
            for mut one in found {
                if !KEPT.contains(&one.rule) {
                    (one.rule, one.severity) = (code::CATALOG_ROW, code::CATALOG_ROW.severity);
                }
                if one.rule == code::CATALOG_ROW {
                    if !said.insert(one.primary.span) {
                        continue;
                    }
                    bad.entry(source).or_default().insert(row);
                    if let Some(file) = self.catalogs.get(&source) {
                        let place = (source, file.starts[row]);
                        let named = || by_name.get(self.named.get(&place)?).copied();
                        let thing = by_place.get(&place).copied().or_else(named);
                        if thing.is_none() && file.bundles {
                            loose.push((source, model.bad_rows.len() as u32));
                        }
                        model.bad_rows.push(file.bad_row(sources, row, &one, thing));
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
        model.doubts = doubt::doubts(model, &self.nested, &loose);
        list
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.in_rows.is_empty()
    }

    /// Whether an error was found.
    pub fn any_error(&self) -> bool {
        self.list.iter().any(|found| found.severity == Severity::Error)
    }
}

/// All items and bundles, each with its name and where it is written.
fn things(model: &Model) -> impl Iterator<Item = (Thing, &Name, Span)> {
    let items = model.items.iter().enumerate();
    let items = items.map(|(at, item)| (Thing::Item(ItemId::at(at)), &item.name, item.origin));
    let bundles = model.bundles.iter().enumerate();
    items.chain(bundles.map(|(at, kit)| (Thing::Bundle(BundleId::at(at)), &kit.name, kit.origin)))
}

impl CatalogFile {
    /// The row that holds a byte.
    fn row_at(&self, byte: u32) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    fn bad_row(&self, sources: &Sources, row: usize, found: &Diagnostic, thing: Option<Thing>) -> BadRow {
        let start = self.starts[row];
        let span = found.primary.span;
        let text = &sources.file(span.source).text()[start as usize..];
        // The row alone reads as a header, whose cells tell which column the fault is in.
        let cells = table::read(span.source, text, self.delimiter);
        let column = cells.header.iter().position(|cell| cells.span(*cell).end + start >= span.end);
        // A fault that begins before that cell is one of the row as a whole.
        let within = |column: &usize| cells.span(cells.header[*column]).start + start <= span.start;
        let field = column.filter(within).and_then(|column| self.columns.get(column)).cloned();
        BadRow {
            file: self.path.clone(),
            record: sources.position(Span { source: span.source, start, end: start }).line,
            field: field.unwrap_or_else(|| Name::from("")),
            reason: found.message.clone(),
            thing,
        }
    }
}

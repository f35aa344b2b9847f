//! Rows of a catalog as items and bundles, each word with its place in the CSV file.

use super::Things;
use super::findings::{CatalogFile, Findings};
use super::include::World;
use crate::catalog::{Cell, Fault, Row, Table, decode, read};
use crate::diagnostic::{Diagnostic, code};
use crate::model::id::Lately;
use crate::model::quantity::{Decimal, DecimalError};
use crate::model::{Lookup, Name};
use crate::source::path::{join, tidy};
use crate::source::{Sources, Span};
use crate::syntax::ast::catalog::{Catalog, Column, In, Pack};
use crate::syntax::ast::value::{rename, show};
use crate::syntax::ast::{Spanned, Word, bundle, item};
use std::cell::RefCell;

/// The largest catalog that is read, in bytes: 64 MiB.
const MAX_BYTES: usize = 64 << 20;

/// Reads the file of an `items` or `bundles` node and appends what its rows say. Says whether it could be
/// read.
pub fn open(
    catalog: &Catalog,
    items: bool,
    things: &mut Things,
    (world, sources): (&World<'_>, &mut Sources),
    findings: &mut Findings,
) -> bool {
    let Some(path) = &catalog.path else { return false };
    let text = world.path(&path.value).and_then(|named| {
        let file = tidy(&join(&catalog.dir, &named));
        let bytes = world.folder.read(&file).map_err(|why| format!("`{file}`: {why}"))?;
        if bytes.len() > MAX_BYTES {
            return Err(format!("`{file}` is larger than 64 MiB"));
        }
        decode(&bytes, catalog.encoding)
            .map(|text| (file.clone(), text))
            .map_err(|why| format!("`{file}` {why}"))
    });
    let (file, text) = match text {
        Ok(found) => found,
        Err(why) => {
            findings.report(unreadable(path.span, &why));
            return false;
        }
    };
    let source = sources.add(file.clone(), text);
    let table = read(source, sources.file(source).text(), catalog.delimiter);
    if table.header.is_empty() {
        findings.report(unreadable(path.span, &format!("`{file}` has no header line")));
        return false;
    }
    let row = |row: &Row| {
        let span = table.row_span(row);
        (span.start, span.end)
    };
    findings.catalogs.insert(
        source,
        CatalogFile {
            node: catalog.whole,
            path: Name::from(&*file),
            bundles: !items,
            delimiter: catalog.delimiter,
            bad_rows: catalog.bad_rows,
            columns: table.header.iter().map(|cell| Name::from(&*table.text(*cell))).collect(),
            rows: table.rows.iter().map(row).collect(),
        },
    );
    let Some(columns) = Columns::find(catalog, &table, findings) else { return false };
    if items && table.rows.is_empty() {
        findings.report(unreadable(path.span, &format!("`{file}` has a header line and no rows")));
        return false;
    }
    let mut rows = Rows { catalog, table: &table, columns, findings, lately: RefCell::default() };
    if items {
        rows.items(things);
    } else {
        rows.bundles(things);
    }
    true
}

fn unreadable(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(code::CATALOG_UNREADABLE, span, format!("the catalog cannot be read: {why}"))
        .here("no rows come from here")
        .help(
            "without its rows items would be missing without a word: mend the path, the file or \
             its encoding",
        )
}

/// A column of the file, or a text that stands in every row.
#[derive(Clone)]
enum At {
    Column(usize),
    Const(Word),
}

struct Columns {
    sku: At,
    unit: Option<At>,
    component: Option<At>,
    quantity: Option<At>,
    tags: Vec<At>,
    was: Option<At>,
    packs: Vec<At>,
    /// Code, unit and place of each `in`.
    codes: Vec<(At, Option<At>, Option<At>)>,
}

impl Columns {
    /// Finds all columns in the header; `None` where one is not there, which is reported.
    fn find(catalog: &Catalog, table: &Table<'_>, findings: &mut Findings) -> Option<Columns> {
        let mut header: Lookup<Name, usize> = Lookup::default();
        let mut twice: Vec<Name> = Vec::new();
        let mut names: Vec<Name> = Vec::new();
        for (index, cell) in table.header.iter().enumerate() {
            let name = Name::from(table.text(*cell).trim());
            if header.insert(name.clone(), index).is_some() {
                twice.push(name.clone());
            }
            names.push(name);
        }
        if let Some(found) = undivided(catalog, &names) {
            findings.report(found);
            return None;
        }
        let mut lost = false;
        let mut at = |column: &Column| match column {
            Column::Const(word) => At::Const(word.clone()),
            Column::Named(word) => {
                let index = header.get(&word.value);
                if index.is_none() || twice.contains(&word.value) {
                    lost = true;
                    findings.report(no_column(word, index.is_some(), &names, catalog));
                }
                At::Column(index.copied().unwrap_or(0))
            }
        };
        let sku = catalog.sku.as_ref().map(&mut at);
        let columns = Columns {
            unit: catalog.unit.as_ref().map(&mut at),
            component: catalog.component.as_ref().map(&mut at),
            quantity: catalog.quantity.as_ref().map(&mut at),
            tags: catalog.tags.iter().map(&mut at).collect(),
            was: catalog.was.as_ref().map(&mut at),
            packs: catalog.packs.iter().map(|pack| at(&pack.size)).collect(),
            codes: catalog
                .codes
                .iter()
                .map(|own| (at(&own.code), own.unit.as_ref().map(&mut at), own.at.as_ref().map(&mut at)))
                .collect(),
            sku: sku?,
        };
        (!lost).then_some(columns)
    }
}

/// The finding for a header that is one column, since something else stands between its cells.
fn undivided(catalog: &Catalog, names: &[Name]) -> Option<Diagnostic> {
    let ([line], Some(Column::Named(sku)), Some(path)) = (names, &catalog.sku, &catalog.path) else {
        return None;
    };
    let parts = |by: &char| line.split(*by).any(|cell| cell.trim().trim_matches('"') == &*sku.value);
    let by = [',', ';', '\t', '|'].into_iter().filter(|by| line.contains(*by)).find(parts)?;
    let (own, by) = (char::from(catalog.delimiter).escape_default(), by.escape_default());
    let found = Diagnostic::new(
        code::CATALOG_COLUMN,
        path.span,
        format!("the header line of the catalog is a single column: `{}`", show(line)),
    );
    Some(found.here(format!("no `{own}` between its cells")).help(format!(
        "Its cells are parted by `{by}`: write `delimiter=\"{by}\"` behind the path, or export the file with \
         `{own}`."
    )))
}

fn no_column(word: &Word, twice: bool, names: &[Name], catalog: &Catalog) -> Diagnostic {
    let file = catalog.path.as_ref().map(|path| path.span);
    if twice {
        let message = format!("the catalog has two columns `{}`", word.value);
        let found = Diagnostic::new(code::CATALOG_COLUMN, word.span, message).here("which one?");
        return found.help("either could be meant: rename one of them in the file");
    }
    let message = format!("the catalog has no column `{}`", word.value);
    let found = Diagnostic::new(code::CATALOG_COLUMN, word.span, message);
    let found = match file {
        Some(file) => found.label(file, "this file"),
        None => found,
    };
    let shown: Vec<&str> = names.iter().take(20).map(|name| &**name).collect();
    let help = format!("its header line has: {}", shown.join(", "));
    match crate::diagnostic::nearest(&word.value, names.iter().map(|name| &**name)) {
        Some(near) => rename(found, word.span, near).help(help),
        None => found.here("not in its header line").help(help),
    }
}

struct Rows<'a, 't> {
    catalog: &'a Catalog,
    table: &'a Table<'t>,
    columns: Columns,
    findings: &'a mut Findings,
    lately: RefCell<Lately>,
}

impl Rows<'_, '_> {
    fn bad(&mut self, span: Span, message: String, help: &str) {
        let found = Diagnostic::new(code::CATALOG_ROW, span, message).here("cannot be used");
        self.findings.report(found.help(help));
    }

    /// Whether the row can be read at all.
    fn sound(&mut self, row: &Row) -> bool {
        let span = self.table.row_span(row);
        let (message, help) = match row.fault {
            None => return true,
            Some(Fault::Width(width)) => (
                format!("the row has {width} cells and the header {}", self.table.header.len()),
                "its values may stand in the wrong columns: add or remove delimiters, or quote \
                 the cell that holds one",
            ),
            Some(Fault::Unclosed) => (
                "a quote is opened and never closed".to_owned(),
                "close it; a quote inside a cell is doubled",
            ),
            Some(Fault::AfterQuote) => (
                "text follows a closing quote".to_owned(),
                "put the whole cell in quotes; a quote inside a cell is doubled",
            ),
        };
        // What is swallowed by a quote may be about anything; a row of one line is about the name in it.
        match self.word(row, &self.columns.sku).filter(|_| !self.table.spans_lines(row)) {
            Some(name) => {
                self.findings.lost.push(name.value.clone());
                self.findings.named.insert((span.source, span.start), name.value);
            }
            None => self.findings.nameless = true,
        }
        // A quote left open swallows the rest of the file, of which the first line says enough.
        let first = self.table.cell(row, 0).map_or(span, |cell| self.table.span(cell));
        self.bad(if row.fault == Some(Fault::Unclosed) { first.head() } else { span }, message, help);
        false
    }

    /// The word of a row; `None` where its cell is empty. A literal stands where the row's name stands.
    fn word(&self, row: &Row, at: &At) -> Option<Word> {
        match at {
            At::Const(text) => {
                let place = self.place(row);
                Some(Spanned { value: text.value.clone(), span: place })
            }
            At::Column(index) => {
                let cell = self.table.cell(row, *index)?;
                let text = self.table.text(cell);
                let value = || self.lately.borrow_mut().name(&text);
                (!text.is_empty()).then(|| Spanned { value: value(), span: self.table.span(cell) })
            }
        }
    }

    fn place(&self, row: &Row) -> Span {
        match self.columns.sku {
            At::Column(index) => self.table.cell(row, index),
            At::Const(..) => None,
        }
        .map_or_else(|| self.table.row_span(row), |cell: Cell| self.table.span(cell))
    }

    /// The number of a row, with its place; `Err` where there is one that cannot be used.
    fn number(&mut self, row: &Row, at: &At, what: &str) -> Result<Option<Spanned<Decimal>>, ()> {
        let Some(word) = self.word(row, at) else { return Ok(None) };
        match Decimal::parse(&word.value) {
            Ok(value) => Ok(Some(Spanned { value, span: word.span })),
            Err(why) => {
                let why = match why {
                    DecimalError::NotANumber => "is no number",
                    DecimalError::TooFine => "has more than 18 digits behind the point",
                    DecimalError::TooLarge => "is above 10^15",
                };
                let message = format!("the {what} `{}` {why}", show(&word.value));
                self.bad(word.span, message, "write a plain number such as 12 or 0.5");
                Err(())
            }
        }
    }

    /// The name of a row's thing.
    fn name(&mut self, row: &Row) -> Option<Word> {
        let at = self.columns.sku.clone();
        let found = self.word(row, &at);
        if found.is_none() {
            self.findings.nameless = true;
            let span = self.place(row);
            self.bad(
                span,
                "the row names nothing: its sku is empty".to_owned(),
                "write its name, or remove the row",
            );
        }
        found
    }

    fn items(&mut self, things: &mut Things) {
        let table = self.table;
        for row in &table.rows {
            if !self.sound(row) {
                continue;
            }
            let Some(name) = self.name(row) else { continue };
            let unit = self.columns.unit.clone().and_then(|at| match at {
                // What is wrong with a literal is wrong in one place, not in every row.
                At::Const(word) => Some(word),
                At::Column(..) => self.word(row, &at),
            });
            let mut faulty = self.catalog.faulty;
            if unit.is_none() && self.columns.unit.is_some() {
                let message = format!("the item `{}` has no base unit", name.value);
                self.bad(
                    self.unit_place(row),
                    message,
                    "every count is a whole number of it: write the unit",
                );
                faulty = true;
            }
            let (packs, bad_pack) = self.packs(row);
            let tags = self.tags(row);
            let was = self.columns.was.clone().and_then(|at| self.word(row, &at));
            let origin = table.row_span(row);
            let codes = self.codes(row);
            faulty |= bad_pack;
            let order = self.catalog.order;
            things.items.push(item::Item { name, unit, tags, packs, codes, was, faulty, order, origin });
        }
    }

    fn unit_place(&self, row: &Row) -> Span {
        match self.columns.unit {
            Some(At::Column(index)) => self.table.cell(row, index).map(|cell| self.table.span(cell)),
            _ => None,
        }
        .unwrap_or_else(|| self.place(row))
    }

    fn tags(&self, row: &Row) -> Vec<Word> {
        self.columns.tags.iter().filter_map(|at| self.word(row, at)).collect()
    }

    /// The packs of a row, and whether one of them cannot be used.
    fn packs(&mut self, row: &Row) -> (Vec<item::Pack>, bool) {
        let mut packs = Vec::new();
        let mut bad = false;
        let catalog = self.catalog;
        for (index, own) in catalog.packs.iter().enumerate() {
            let Pack { name, of, words, .. } = own;
            let at = self.columns.packs[index].clone();
            let size = match self.number(row, &at, "size of a pack") {
                Ok(None) => continue,
                Ok(size) => size,
                Err(()) => None,
            };
            bad |= size.is_none();
            let span = size.as_ref().map_or_else(|| self.place(row), |size| size.span);
            // A pack of unknown size still names a unit, of which nothing more is to be said.
            packs.push(item::Pack {
                name: Spanned { value: name.value.clone(), span },
                of: of.as_ref().map(|of| Spanned { value: of.value.clone(), span }),
                faulty: size.is_none(),
                size,
                words: words.clone(),
                origin: span,
            });
        }
        (packs, bad)
    }

    fn codes(&self, row: &Row) -> Vec<item::In> {
        let mut codes = Vec::with_capacity(self.columns.codes.len());
        for (own, (code, unit, at)) in self.catalog.codes.iter().zip(&self.columns.codes) {
            let In { system, .. } = own;
            let Some(code) = self.word(row, code) else { continue };
            let unit = unit.as_ref().and_then(|unit| self.word(row, unit));
            let at = at.as_ref().and_then(|at| self.word(row, at));
            let origin = code.span;
            codes.push(item::In { system: system.clone(), code, unit, at, faulty: false, origin });
        }
        codes
    }

    fn bundles(&mut self, things: &mut Things) {
        let table = self.table;
        // Rows of one kit may stand anywhere in the file.
        let mut known: Lookup<Name, usize> = Lookup::default();
        for row in &table.rows {
            if !self.sound(row) {
                continue;
            }
            let Some(name) = self.name(row) else { continue };
            let span = table.row_span(row);
            self.findings.named.insert((span.source, span.start), name.value.clone());
            let index = *known.entry(name.value.clone()).or_insert_with(|| {
                things.bundles.push(bundle::Bundle {
                    name,
                    components: Vec::new(),
                    tags: Vec::new(),
                    codes: Vec::new(),
                    was: None,
                    faulty: self.catalog.faulty,
                    order: self.catalog.order,
                    origin: span,
                });
                things.bundles.len() - 1
            });
            let component = self.component(row);
            let own = &mut things.bundles[index];
            own.faulty |= component.is_none();
            own.components.extend(component);
            for tag in self.tags(row) {
                if !own.tags.iter().any(|known| known.value == tag.value) {
                    own.tags.push(tag);
                }
            }
            for code in self.codes(row) {
                // The code of a kit may stand in each of its rows.
                let same = |known: &item::In| {
                    known.system.value == code.system.value && known.code.value == code.code.value
                };
                if !own.codes.iter().any(same) {
                    own.codes.push(code);
                }
            }
            if own.was.is_none() {
                own.was = self.columns.was.as_ref().and_then(|at| self.word(row, at));
            }
        }
    }

    fn component(&mut self, row: &Row) -> Option<bundle::Component> {
        let at = self.columns.component.clone()?;
        let Some(name) = self.word(row, &at) else {
            let span = self.place(row);
            self.bad(
                span,
                "the row names no component".to_owned(),
                "write what the kit takes, or remove the row",
            );
            return None;
        };
        let at = self.columns.quantity.clone()?;
        let quantity = match self.number(row, &at, "quantity") {
            Err(()) => return None,
            Ok(Some(quantity)) => quantity,
            Ok(None) => {
                let message = format!("the row does not say how many `{}` the kit takes", name.value);
                self.bad(name.span, message, "write a whole number above 0");
                return None;
            }
        };
        let unit = self.columns.unit.as_ref().and_then(|at| self.word(row, at));
        Some(bundle::Component { name, quantity: Some(quantity), unit, faulty: false })
    }
}

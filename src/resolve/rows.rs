//! Rows of a catalog as items and bundles, each word with its place in the CSV file. Rows of items are read
//! when they are asked for, one after the other: a large catalog as typed nodes would be the most that a
//! check holds.

use super::columns::{At, Columns};
use super::findings::{CatalogFile, Findings};
use super::include::World;
use super::{Things, Written};
use crate::catalog::{Cell, Fault, Layout, Row, Table, read};
use crate::diagnostic::{Diagnostic, code};
use crate::model::encoding::{Strange, decode};
use crate::model::id::Lately;
use crate::model::quantity::{Decimal, DecimalError};
use crate::model::{Lookup, Name};
use crate::source::path::{join, tidy};
use crate::source::{SourceId, Sources, Span};
use crate::syntax::ast::catalog::{Catalog, In, Pack};
use crate::syntax::ast::value::show;
use crate::syntax::ast::{Spanned, Word, bundle, item};
use std::cell::RefCell;
use std::ops::Range;

/// The largest catalog that is read, in bytes: 1 GiB. Its places are kept in 32 bits.
const MAX_BYTES: usize = 1 << 30;

/// For so many parts a kit has just the room that it needs.
const FEW: usize = 4;

/// A catalog of items that was read.
pub struct Sheet {
    source: SourceId,
    catalog: Catalog,
    layout: Layout,
    columns: Columns,
    /// The rows that cannot be read or name nothing, by their places, in order.
    unfit: Vec<u32>,
}

impl Sheet {
    /// The place of its things in reading order.
    pub fn order(&self) -> u32 {
        self.catalog.order
    }

    /// How many rows it has.
    pub fn height(&self) -> u32 {
        self.layout.starts.len() as u32
    }

    /// Whether its rows may say what an item was called before.
    pub fn renames(&self) -> bool {
        self.columns.was.is_some()
    }

    /// Those of its rows that name something, from some of them, in order: each with its name, the name
    /// before, and a way to read it as an item, which reports what is wrong with it.
    pub fn items(
        &self,
        rows: Range<u32>,
        sources: &Sources,
        findings: &mut Findings,
        mut each: impl FnMut(Named<'_, '_>, &mut Findings),
    ) {
        let lately = RefCell::default();
        let table = self.layout.over(sources.file(self.source).text());
        let words = Words { table, columns: &self.columns, lately: &lately };
        let mut unfit = self.unfit[self.unfit.partition_point(|at| *at < rows.start)..].iter().peekable();
        let mut cells = Vec::with_capacity(table.header.len());
        for at in rows {
            if unfit.next_if_eq(&&at).is_some() {
                continue;
            }
            let row = table.row(at, &mut cells);
            if let Some(name) = words.word(&row, &self.columns.sku) {
                each(Named { name, catalog: &self.catalog, words, row }, findings);
            }
        }
    }
}

/// A row that names something.
pub struct Named<'a, 'c> {
    /// The name.
    pub name: Word,
    catalog: &'a Catalog,
    words: Words<'a>,
    row: Row<'c>,
}

impl Named<'_, '_> {
    /// The name before.
    pub fn was(&self) -> Option<Word> {
        self.words.columns.was.as_ref().and_then(|at| self.words.word(&self.row, at))
    }

    /// The row as an item. Reports what is wrong with it.
    pub fn item(self, findings: &mut Findings) -> item::Item {
        let Named { name, catalog, words, row } = self;
        Rows { catalog, words, findings }.item(name, &row)
    }
}

/// Reads the file of an `items` or `bundles` node and appends what its rows say. Says whether it could be
/// read.
pub fn open(
    catalog: Catalog,
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
            return Err(format!("`{file}` is larger than 1 GiB"));
        }
        match decode(bytes, catalog.encoding) {
            Ok((text, _)) => Ok((file, text)),
            Err(Strange { at, byte, line }) => Err(format!(
                "`{file}` is not in {}: line {line} holds 0x{byte:02X}, which stands for nothing there (byte \
                 {at} of the file)",
                catalog.encoding
            )),
        }
    });
    let (file, text) = match text {
        Ok(found) => found,
        Err(why) => {
            findings.report(unreadable(path.span, &why));
            return false;
        }
    };
    let source = sources.add(file.clone(), text);
    let mut layout = read(source, sources.file(source).text(), catalog.delimiter);
    if layout.header.is_empty() {
        findings.report(unreadable(path.span, &format!("`{file}` has no header line")));
        return false;
    }
    let table = layout.over(sources.file(source).text());
    let file = CatalogFile {
        node: catalog.whole,
        path: Name::from(&*file),
        bundles: !items,
        delimiter: catalog.delimiter,
        bad_rows: catalog.bad_rows,
        columns: table.header.iter().map(|cell| Name::from(&*table.text(*cell))).collect(),
        starts: layout.starts.clone(),
    };
    let Some(columns) = Columns::find(&catalog, &table, findings) else {
        findings.catalogs.insert(source, file);
        return false;
    };
    let text = sources.file(source).text();
    let unfit = layout.find_rows(text, |table, row| row.fault.is_none() && columns.sku.is_there(table, row));
    findings.catalogs.insert(source, CatalogFile { starts: layout.starts.clone(), ..file });
    if items && layout.starts.is_empty() {
        findings.report(unreadable(
            path.span,
            &format!("`{}` has a header line and no rows", findings.catalogs[&source].path),
        ));
        return false;
    }
    let sheet = Sheet { source, catalog, layout, columns, unfit };
    let (table, lately) = (sheet.layout.over(text), RefCell::default());
    let words = Words { table, columns: &sheet.columns, lately: &lately };
    let mut rows = Rows { catalog: &sheet.catalog, words, findings };
    if !items {
        rows.bundles(things);
        return true;
    }
    let mut cells = Vec::new();
    for at in &sheet.unfit {
        rows.is_fit(&table.row(*at, &mut cells));
    }
    things.items.push(Written::Sheet(things.sheets.len() as u32));
    things.sheets.push(sheet);
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

/// The words of rows.
#[derive(Clone, Copy)]
struct Words<'a> {
    table: Table<'a>,
    columns: &'a Columns,
    lately: &'a RefCell<Lately>,
}

struct Rows<'a> {
    catalog: &'a Catalog,
    words: Words<'a>,
    findings: &'a mut Findings,
}

impl Words<'_> {
    /// The word of a row; `None` where its cell is empty. A literal stands where the row's name stands.
    fn word(&self, row: &Row<'_>, at: &At) -> Option<Word> {
        match at {
            At::Const(text) => {
                let place = self.place(row);
                Some(Spanned { value: text.value.clone(), span: place })
            }
            At::Column(index) => {
                let cell = row.cell(*index)?;
                let text = self.table.text(cell);
                let value = || self.lately.borrow_mut().name(&text);
                (!text.is_empty()).then(|| Spanned { value: value(), span: self.table.span(cell) })
            }
        }
    }

    fn place(&self, row: &Row<'_>) -> Span {
        match self.columns.sku {
            At::Column(index) => row.cell(index),
            At::Const(..) => None,
        }
        .map_or_else(|| self.table.row_span(row), |cell: Cell| self.table.span(cell))
    }

    fn unit_place(&self, row: &Row<'_>) -> Span {
        match self.columns.unit {
            Some(At::Column(index)) => row.cell(index).map(|cell| self.table.span(cell)),
            _ => None,
        }
        .unwrap_or_else(|| self.place(row))
    }

    fn tags(&self, row: &Row<'_>) -> Vec<Word> {
        self.columns.tags.iter().filter_map(|at| self.word(row, at)).collect()
    }
}

impl Rows<'_> {
    fn bad(&mut self, span: Span, message: String, help: &str) {
        let found = Diagnostic::new(code::CATALOG_ROW, span, message).here("cannot be used");
        self.findings.report(found.help(help));
    }

    /// Whether the row can be read at all.
    fn sound(&mut self, row: &Row<'_>) -> bool {
        let span = self.words.table.row_span(row);
        let (message, help) = match row.fault {
            None => return true,
            Some(Fault::Width(width)) => (
                format!("the row has {width} cells and the header {}", self.words.table.header.len()),
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
        match self.words.word(row, &self.words.columns.sku).filter(|_| !self.words.table.spans_lines(row)) {
            Some(name) => {
                self.findings.lost.push(name.value.clone());
                self.findings.named.insert((span.source, span.start), name.value);
            }
            None => self.findings.nameless = true,
        }
        // A quote left open swallows the rest of the file, of which the first line says enough.
        let first = row.cell(0).map_or(span, |cell| self.words.table.span(cell));
        self.bad(if row.fault == Some(Fault::Unclosed) { first.head() } else { span }, message, help);
        false
    }

    /// The number of a row, with its place; `Err` where there is one that cannot be used.
    fn number(&mut self, row: &Row<'_>, at: &At, what: &str) -> Result<Option<Spanned<Decimal>>, ()> {
        let Some(word) = self.words.word(row, at) else { return Ok(None) };
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
    fn name(&mut self, row: &Row<'_>) -> Option<Word> {
        let found = self.words.word(row, &self.words.columns.sku);
        if found.is_none() {
            self.findings.nameless = true;
            let span = self.words.place(row);
            self.bad(
                span,
                "the row names nothing: its sku is empty".to_owned(),
                "write its name, or remove the row",
            );
        }
        found
    }

    /// Whether the row can be read and names something; reports it where not.
    fn is_fit(&mut self, row: &Row<'_>) -> bool {
        self.sound(row) && self.name(row).is_some()
    }

    fn item(&mut self, name: Word, row: &Row<'_>) -> item::Item {
        let (words, columns) = (self.words, self.words.columns);
        let unit = columns.unit.as_ref().and_then(|at| match at {
            // What is wrong with a literal is wrong in one place, not in every row.
            At::Const(word) => Some(word.clone()),
            At::Column(..) => words.word(row, at),
        });
        let mut faulty = self.catalog.faulty;
        if unit.is_none() && columns.unit.is_some() {
            let message = format!("the item `{}` has no base unit", name.value);
            let help = "every count is a whole number of it: write the unit";
            self.bad(words.unit_place(row), message, help);
            faulty = true;
        }
        let (packs, bad_pack) = self.packs(row);
        faulty |= bad_pack;
        let was = columns.was.as_ref().and_then(|at| words.word(row, at));
        let (tags, codes) = (words.tags(row), self.codes(row));
        let (order, origin) = (self.catalog.order, words.table.row_span(row));
        item::Item { name, unit, tags, packs, codes, was, faulty, order, origin }
    }

    /// The packs of a row, and whether one of them cannot be used.
    fn packs(&mut self, row: &Row<'_>) -> (Vec<item::Pack>, bool) {
        let mut packs = Vec::new();
        let mut bad = false;
        let catalog = self.catalog;
        for (index, own) in catalog.packs.iter().enumerate() {
            let Pack { name, of, words, .. } = own;
            let size = match self.number(row, &self.words.columns.packs[index], "size of a pack") {
                Ok(None) => continue,
                Ok(size) => size,
                Err(()) => None,
            };
            bad |= size.is_none();
            let span = size.as_ref().map_or_else(|| self.words.place(row), |size| size.span);
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

    fn codes(&self, row: &Row<'_>) -> Vec<item::In> {
        let mut codes = Vec::with_capacity(self.words.columns.codes.len());
        for (own, (code, unit, at)) in self.catalog.codes.iter().zip(&self.words.columns.codes) {
            let In { system, .. } = own;
            let Some(code) = self.words.word(row, code) else { continue };
            let unit = unit.as_ref().and_then(|unit| self.words.word(row, unit));
            let at = at.as_ref().and_then(|at| self.words.word(row, at));
            let origin = code.span;
            codes.push(item::In { system: system.clone(), code, unit, at, faulty: false, origin });
        }
        codes
    }

    fn bundles(&mut self, things: &mut Things) {
        let words = self.words;
        let table = words.table;
        // Rows of one kit may stand anywhere in the file.
        let mut known: Lookup<Name, usize> = Lookup::default();
        let mut cells = Vec::new();
        // Room that is not used costs nothing; a list that grows by doubling would be copied as often.
        things.bundles.reserve(table.starts.len());
        for at in 0..table.starts.len() as u32 {
            let row = &table.row(at, &mut cells);
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
            // Most kits have few parts: room for more than there are would be the most that a check holds.
            if own.components.len() < FEW {
                own.components.reserve_exact(1);
            }
            own.components.extend(component);
            for tag in words.tags(row) {
                if !own.tags.iter().any(|known| known.value == tag.value) {
                    own.tags.push(tag);
                }
            }
            let codes = self.codes(row);
            if own.codes.is_empty() {
                own.codes.reserve_exact(codes.len());
            }
            for code in codes {
                // The code of a kit may stand in each of its rows.
                let same = |known: &item::In| {
                    known.system.value == code.system.value && known.code.value == code.code.value
                };
                if !own.codes.iter().any(same) {
                    own.codes.push(code);
                }
            }
            if own.was.is_none() {
                own.was = words.columns.was.as_ref().and_then(|at| self.words.word(row, at));
            }
        }
    }

    fn component(&mut self, row: &Row<'_>) -> Option<bundle::Component> {
        let (words, columns) = (self.words, self.words.columns);
        let Some(name) = words.word(row, columns.component.as_ref()?) else {
            let span = self.words.place(row);
            self.bad(
                span,
                "the row names no component".to_owned(),
                "write what the kit takes, or remove the row",
            );
            return None;
        };
        let quantity = match self.number(row, columns.quantity.as_ref()?, "quantity") {
            Err(()) => return None,
            Ok(Some(quantity)) => quantity,
            Ok(None) => {
                let message = format!("the row does not say how many `{}` the kit takes", name.value);
                self.bad(name.span, message, "write a whole number above 0");
                return None;
            }
        };
        let unit = columns.unit.as_ref().and_then(|at| self.words.word(row, at));
        Some(bundle::Component { name, quantity: Some(quantity), unit, faulty: false })
    }
}

//! The columns that a catalog names, found in the header of its file.

use super::findings::Findings;
use crate::catalog::{Row, Table};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Lookup, Name};
use crate::syntax::ast::Word;
use crate::syntax::ast::catalog::{Catalog, Column};
use crate::syntax::ast::value::{rename, show};

/// A column of the file, or a text that stands in every row.
#[derive(Clone)]
pub enum At {
    /// The column at this place.
    Column(usize),
    /// This text.
    Const(Word),
}

impl At {
    /// Whether a row has a word there.
    pub fn is_there(&self, table: &Table<'_>, row: &Row<'_>) -> bool {
        match self {
            At::Const(_) => true,
            At::Column(index) => row.cell(*index).is_some_and(|cell| !table.text(cell).is_empty()),
        }
    }
}

/// Where the columns of a catalog stand in its file.
pub struct Columns {
    /// The name.
    pub sku: At,
    /// The base unit, or that of the quantity of a component.
    pub unit: Option<At>,
    /// The component of a bundle.
    pub component: Option<At>,
    /// How many of it.
    pub quantity: Option<At>,
    /// Tags.
    pub tags: Vec<At>,
    /// The name before.
    pub was: Option<At>,
    /// The size of each pack.
    pub packs: Vec<At>,
    /// Code, unit and place of each `in`.
    pub codes: Vec<(At, Option<At>, Option<At>)>,
}

impl Columns {
    /// Finds all columns in the header; `None` where one is not there, which is reported.
    pub fn find(catalog: &Catalog, table: &Table<'_>, findings: &mut Findings) -> Option<Columns> {
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

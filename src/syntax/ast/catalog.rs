//! `items "catalog.csv" { … }` and `bundles "kits.csv" { … }`: things in bulk, one row each.

use super::bundle::Bundle;
use super::fields::Fields;
use super::item::Item;
use super::levels::{DELIMITER, ENCODING};
use super::reader::Reader;
use super::spec::{Field, Spec, Type, may, must};
use super::unit::{WORDS, Words, read_words};
use super::value::{Given, Spanned, Word};
use crate::model::Name;
use crate::model::quantity::LARGEST;
use crate::model::system::{ENCODINGS, Setting};
use crate::source::Span;
use crate::syntax::Node;

const COLUMN: Field = must("column", Type::Column, "a column of the file, or `(const)text`");
const PATH: Field = must("path", Type::Path, "a CSV file, relative to this file");
const BAD_ROWS: Field = may("bad-rows", Type::Whole(0, LARGEST), "so many rows may be bad").or("0");

/// Items in bulk.
pub static ITEMS: Spec = Spec {
    name: "items",
    says: "items from a CSV file, one row each",
    example: concat!(
        "items \"catalog.csv\" bad-rows=5 {\n",
        "    sku sku; unit uom; tag brand; was old_sku\n",
        "    pack case case_qty\n",
        "    in erp erp_code\n",
        "    in web shop_sku unit=shop_unit\n",
        "    in depot ean unit=(const)kg\n",
        "}",
    ),
    args: &[PATH],
    props: &[DELIMITER, ENCODING, BAD_ROWS],
    children: &[
        &Spec {
            required: true,
            ..Spec::one("sku", "the column of the item's name", &[COLUMN]).like("sku sku")
        },
        &Spec {
            required: true,
            ..Spec::one("unit", "the column of its base unit", &[COLUMN]).like("unit uom")
        },
        &Spec {
            many: true,
            ..Spec::one("tag", "a column whose value is a tag", &[COLUMN]).like("tag brand")
        },
        &Spec::one("was", "the column of the name it had before", &[COLUMN]).like("was old_sku"),
        &PACK,
        &IN,
    ],
    many: true,
    ..Spec::EMPTY
};

/// Bundles in bulk.
pub static BUNDLES: Spec = Spec {
    name: "bundles",
    says: "bundles from a CSV file, one row for each component",
    example: concat!(
        "bundles \"kits.csv\" {\n",
        "    sku kit; component part; quantity qty; unit uom; tag theme\n",
        "    in web shop_sku\n",
        "}",
    ),
    args: &[PATH],
    props: &[DELIMITER, ENCODING, BAD_ROWS],
    children: &[
        &Spec {
            required: true,
            ..Spec::one("sku", "the column of the bundle's name", &[COLUMN]).like("sku kit")
        },
        &Spec {
            required: true,
            ..Spec::one("component", "the column of the component's name", &[COLUMN]).like("component part")
        },
        &Spec {
            required: true,
            ..Spec::one(
                "quantity",
                "the column of how many of it one kit takes",
                &[must("column", Type::CountColumn, "a column of the file, or `(const)1`")],
            )
            .like("quantity qty")
        },
        &Spec::one("unit", "the column of the unit that the quantity counts in", &[COLUMN]).like("unit uom"),
        &Spec {
            many: true,
            ..Spec::one("tag", "a column whose value is a tag", &[COLUMN]).like("tag brand")
        },
        &Spec::one("was", "the column of the name it had before", &[COLUMN]).like("was old_sku"),
        &KIT_IN,
    ],
    many: true,
    ..Spec::EMPTY
};

static PACK: Spec = Spec {
    name: "pack",
    says: "a packaging, and the column of how many it holds",
    example: "pack case case_qty",
    args: &[
        must("name", Type::Name, "what the topology calls the pack"),
        must("column", Type::CountColumn, "a column of the file, or `(const)12`"),
        may("unit", Type::Name, "of what: a unit or another pack").or("the base unit"),
    ],
    children: &[&WORDS],
    many: true,
    ..Spec::EMPTY
};

static IN: Spec = Spec {
    name: "in",
    says: "the column of the code by which a system knows it",
    example: "in web shop_sku unit=shop_unit",
    args: &[must("system", Type::Name, "the system"), COLUMN],
    props: &[
        may("unit", Type::Column, "the column of the unit, or `(const)kg`").or("the base unit"),
        may("at", Type::Column, "the column of the only location where the code is valid").or("valid at all"),
    ],
    many: true,
    ..Spec::EMPTY
};

static KIT_IN: Spec = Spec {
    name: "in",
    says: "the column of the code by which a system sells it",
    example: "in web shop_sku",
    args: &[must("system", Type::Name, "the system"), COLUMN],
    props: &[
        may("at", Type::Column, "the column of the only location where the code is valid").or("valid at all")
    ],
    many: true,
    ..Spec::EMPTY
};

/// An item, or a catalog of items.
#[derive(Debug)]
pub enum Items {
    /// One `item` node.
    One(Item),
    /// One `items` node.
    Many(Box<Catalog>),
}

/// A bundle, or a catalog of bundles.
#[derive(Debug)]
pub enum Bundles {
    /// One `bundle` node.
    One(Bundle),
    /// One `bundles` node.
    Many(Box<Catalog>),
}

/// A column by its name, or a text that stands in every row.
#[derive(Debug, Clone)]
pub enum Column {
    /// The column of this name.
    Named(Word),
    /// This text.
    Const(Word),
}

/// An `items` or `bundles` node.
#[derive(Debug)]
pub struct Catalog {
    /// The file; `None` where it cannot be used.
    pub path: Option<Spanned<Setting>>,
    /// Folder of the file that names it, relative to the topology.
    pub dir: String,
    /// Between fields.
    pub delimiter: u8,
    /// Text encoding.
    pub encoding: &'static str,
    /// So many rows may be bad.
    pub bad_rows: u64,
    /// Column of the name.
    pub sku: Option<Column>,
    /// Column of the base unit, or of the unit of a component's quantity.
    pub unit: Option<Column>,
    /// Column of the component.
    pub component: Option<Column>,
    /// Column of the component's quantity.
    pub quantity: Option<Column>,
    /// Columns of tags.
    pub tags: Vec<Column>,
    /// Column of the name before.
    pub was: Option<Column>,
    /// Packs.
    pub packs: Vec<Pack>,
    /// Codes.
    pub codes: Vec<In>,
    /// Whether something in the node was found wrong already.
    pub faulty: bool,
    /// Its place in reading order.
    pub order: u32,
    /// The node without its block.
    pub origin: Span,
    /// The whole node.
    pub whole: Span,
}

/// `pack NAME COLUMN UNIT`.
#[derive(Debug)]
pub struct Pack {
    /// Its name.
    pub name: Word,
    /// The column of its size.
    pub size: Column,
    /// Of what.
    pub of: Option<Word>,
    /// Systems' words.
    pub words: Vec<Words>,
}

/// `in SYSTEM COLUMN unit=COLUMN at=COLUMN`.
#[derive(Debug)]
pub struct In {
    /// The system.
    pub system: Word,
    /// The column of the code.
    pub code: Column,
    /// The column of the unit.
    pub unit: Option<Column>,
    /// The column of the only location.
    pub at: Option<Column>,
}

/// Reads an `items` node.
pub fn read_items(reader: &mut Reader<'_>, node: Node<'_>, order: u32) -> Option<Catalog> {
    Some(read(reader, node, &ITEMS, order))
}

/// Reads a `bundles` node.
pub fn read_bundles(reader: &mut Reader<'_>, node: Node<'_>, order: u32) -> Option<Catalog> {
    Some(read(reader, node, &BUNDLES, order))
}

fn read(reader: &mut Reader<'_>, node: Node<'_>, spec: &'static Spec, order: u32) -> Catalog {
    let before = reader.diagnostics.len();
    let fields = reader.open(node, spec);
    let mut columns = |name: &'static str| -> Vec<Column> {
        let own = spec.children.iter().find(|child| child.name == name);
        let nodes = fields.all(name).zip(own.into_iter().cycle());
        nodes.filter_map(|(node, own)| column(reader.open(node, own).given(0)?)).collect()
    };
    let tags = columns("tag");
    let [sku, unit, component, quantity, was] =
        ["sku", "unit", "component", "quantity", "was"].map(|name| columns(name).into_iter().next());
    let packs = fields.all("pack").filter_map(|node| read_pack(reader, node)).collect();
    let inside = spec.children.iter().find(|child| child.name == "in");
    let codes = fields.all("in").zip(inside.into_iter().cycle());
    let codes = codes.filter_map(|(node, own)| read_in(&reader.open(node, own))).collect();
    Catalog {
        path: fields.setting(0),
        dir: reader.dir.clone(),
        delimiter: fields.character_prop("delimiter").unwrap_or(b','),
        encoding: fields.choice_prop("encoding").unwrap_or(ENCODINGS[0]),
        bad_rows: fields.whole_prop("bad-rows").unwrap_or(0).unsigned_abs(),
        sku,
        unit,
        component,
        quantity,
        tags,
        was,
        packs,
        codes,
        faulty: reader.diagnostics.len() > before,
        order,
        origin: fields.origin(),
        whole: node.span(),
    }
}

fn column(given: Spanned<Given>) -> Option<Column> {
    let word = |value: Name| Spanned { value, span: given.span };
    match given.value {
        Given::Text(name) => Some(Column::Named(word(name))),
        Given::Const(text) => Some(Column::Const(word(text))),
        _ => None,
    }
}

fn read_pack(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Pack> {
    let fields = reader.open(node, &PACK);
    let words = read_words(reader, &fields);
    Some(Pack { name: fields.word(0)?, size: column(fields.given(1)?)?, of: fields.word(2), words })
}

fn read_in(fields: &Fields<'_>) -> Option<In> {
    let of = |name| fields.given_prop(name).and_then(column);
    Some(In { system: fields.word(0)?, code: column(fields.given(1)?)?, unit: of("unit"), at: of("at") })
}

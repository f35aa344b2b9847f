//! `levels "feeds/*.csv" { code ean; on-hand qty { net-of reserved } }`.

use super::fields::Fields;
use super::reader::{Known, Reader, bad, missing};
use super::spec::{Field, Spec, Type, may, must};
use super::value::{Given, Spanned, Word};
use crate::model::quantity::LARGEST;
use crate::model::system::{Complete, ENCODINGS, Files, Setting};
use crate::source::Span;
use crate::syntax::Node;

/// Between fields of a CSV file.
pub const DELIMITER: Field = may("delimiter", Type::Character, "the character between fields").or(",");
/// The text encoding of a CSV file.
pub const ENCODING: Field = may("encoding", Type::Choice(&ENCODINGS), "the text encoding").or("utf-8");

const COLUMN: Field = must("column", Type::Name, "its column at the source");

/// A feed of CSV files.
pub static CSV: Spec = Spec {
    name: "levels",
    says: "the files that counts are read from, and which column is which",
    example: concat!(
        "levels \"feeds/depot-*.csv\" delimiter=\";\" {\n",
        "    code ean; location site; unit uom\n",
        "    on-hand free_qty { net-of reserved }\n",
        "    as-of exported_at\n",
        "}",
    ),
    args: &[must("glob", Type::Path, "a path or glob, relative to this file")],
    props: &[
        may("files", Type::Choice(&["newest", "all"]), "which of several files are read").or("newest"),
        DELIMITER,
        ENCODING,
        may("decimal", Type::Choice(&[".", ","]), "what stands before a fraction").or("."),
    ],
    children: CHILDREN,
    required: true,
    open: true,
    ..Spec::EMPTY
};

/// A query.
pub static SQL: Spec = Spec {
    name: "levels",
    says: "the query that counts are read by, and which column is which",
    example: concat!(
        "levels \"select sku, site, qty from stock\" {\n",
        "    code sku; location site\n",
        "    available qty { net-of own-sales }\n",
        "}",
    ),
    args: &[must("query", Type::Setting, "one statement that selects the columns named inside")],
    children: CHILDREN,
    required: true,
    open: true,
    ..Spec::EMPTY
};

/// Counts in memory.
pub static MEMORY: Spec = Spec {
    name: "levels",
    says: "which column is which",
    example: "levels { code sku; location site; on-hand qty }",
    args: &[may("source", Type::Setting, "a name for the counts")],
    children: CHILDREN,
    open: true,
    ..Spec::EMPTY
};

static CHILDREN: &[&Spec] = &[
    &Spec { required: true, ..Spec::one("code", "the column of the code", &[COLUMN]).like("code ean") },
    &Spec::one("location", "the column of the location", &[COLUMN]).like("location site"),
    &Spec::one("unit", "the column of the unit's word", &[COLUMN]).like("unit uom"),
    &Spec::one("as-of", "the column that says when a count was true", &[COLUMN]).like("as-of exported_at"),
    &Spec::one("changed", "the column that says when a row last moved", &[COLUMN]).like("changed changed"),
    &Spec {
        name: "complete",
        says: "what a whole read must hold",
        example: "complete rows-at-least=\"80%\"",
        props: &[may("rows-at-least", Type::Amount, "a number of rows, or a share of the mapped cells")],
        ..Spec::EMPTY
    },
    &Spec::one(
        "absent",
        "what a cell counts as that a complete read does not show",
        &[must("count", Type::Choice(&["zero"]), "`zero`")],
    )
    .like("absent zero"),
    &Spec::one(
        "rows",
        "what two rows of one cell mean",
        &[must("meaning", Type::Choice(&["add-up"]), "`add-up`")],
    )
    .like("rows add-up"),
    &Spec {
        many: true,
        ..Spec::one(
            "only",
            "only rows whose column holds this value",
            &[COLUMN, must("value", Type::Name, "the value that the row must hold")],
        )
        .like("only site \"7\"")
    },
];

/// A count column: its node's name is the quantity's.
pub static COUNT: Spec = Spec {
    name: "",
    called: "QUANTITY",
    says: "the column of a count",
    example: "on-hand free_qty { net-of reserved }",
    args: &[COLUMN],
    children: &[&NET_OF],
    many: true,
    ..Spec::EMPTY
};

static NET_OF: Spec = Spec {
    name: "net-of",
    says: "what is already taken off the count",
    example: "net-of reserved",
    rest: Some(must("quantity", Type::Name, "name what is taken off: `reserved`, `own-sales`, …")),
    ..Spec::EMPTY
};

/// The names of the nodes inside `levels` that are no counts.
pub fn fixed_names<'a>() -> impl Iterator<Item = &'a str> {
    CHILDREN.iter().map(|spec| spec.name)
}

/// A `levels` node.
#[derive(Debug)]
pub struct Levels {
    /// A glob or query; `None` where it is left out or cannot be used.
    pub source: Option<Setting>,
    /// Which of several files.
    pub files: Files,
    /// Between fields.
    pub delimiter: u8,
    /// Text encoding.
    pub encoding: &'static str,
    /// Before a fraction.
    pub decimal: u8,
    /// Columns by the name of their node.
    pub code: Option<Word>,
    /// Whether a `location` node is there.
    pub has_location: bool,
    /// Column of the location.
    pub location: Option<Word>,
    /// Column of the unit's word.
    pub unit: Option<Word>,
    /// Column of the moment.
    pub as_of: Option<Word>,
    /// Column of the last change.
    pub changed: Option<Word>,
    /// Count columns.
    pub counts: Vec<Count>,
    /// What a whole read must hold.
    pub complete: Option<Complete>,
    /// `absent zero`.
    pub absent_zero: Option<Span>,
    /// `rows add-up`.
    pub rows_add_up: bool,
    /// Columns and the values that they must hold.
    pub only: Vec<(Word, Word)>,
    /// The node without its block.
    pub origin: Span,
}

/// A count column.
#[derive(Debug)]
pub struct Count {
    /// The quantity.
    pub quantity: Word,
    /// The column; `None` where it cannot be used.
    pub column: Option<Word>,
    /// What is already taken off.
    pub net_of: Vec<Word>,
    /// Where it is written.
    pub origin: Span,
}

/// Reads a `levels` node by the entry of its kind.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>, spec: &'static Spec) -> Levels {
    let mut fields = reader.head(node, spec);
    reader.children(&mut fields, spec, Known { specs: CHILDREN, other: Some(&COUNT) });
    let counts: Vec<Count> =
        fields.nodes().filter(|(spec, _)| spec.name.is_empty()).map(|(_, n)| read_count(reader, n)).collect();
    if counts.is_empty() {
        let found = missing("levels", "names no count", fields.origin());
        reader.report(found.help("name at least one count and its column, such as `on-hand qty`"));
    }
    let complete = fields.child("complete").and_then(|node| read_complete(reader, node));
    let mut column = |name| one(reader, &fields, name).and_then(|own: Fields<'_>| own.word(0));
    let [code, location, unit] = ["code", "location", "unit"].map(&mut column);
    let [as_of, changed] = ["as-of", "changed"].map(&mut column);
    let absent_zero = one(reader, &fields, "absent").map(|own| own.origin());
    let rows_add_up = one(reader, &fields, "rows").is_some();
    let only: Vec<Node<'_>> = fields.all("only").collect();
    let only = only.into_iter().filter_map(|node| {
        let own = reader.open(node, CHILDREN[8]);
        own.word(0).zip(own.word(1))
    });
    Levels {
        source: fields.setting(0).map(|source| source.value),
        files: match fields.choice_prop("files") {
            Some("all") => Files::All,
            _ => Files::Newest,
        },
        delimiter: fields.character_prop("delimiter").unwrap_or(b','),
        encoding: fields.choice_prop("encoding").unwrap_or(ENCODINGS[0]),
        decimal: fields.choice_prop("decimal").map_or(b'.', |mark| mark.as_bytes()[0]),
        code,
        has_location: fields.has("location"),
        location,
        unit,
        as_of,
        changed,
        counts,
        complete,
        absent_zero,
        rows_add_up,
        only: only.collect(),
        origin: fields.origin(),
    }
}

fn one<'d>(reader: &mut Reader<'_>, fields: &Fields<'d>, name: &'static str) -> Option<Fields<'d>> {
    let spec = CHILDREN.iter().find(|spec| spec.name == name)?;
    let node = fields.child(name)?;
    Some(reader.open(node, spec))
}

fn read_count(reader: &mut Reader<'_>, node: Node<'_>) -> Count {
    let name = node.name();
    let spec = Spec { name: "count", ..COUNT };
    let fields = reader.open(node, &spec);
    let net_of = fields.child("net-of").map(|node| reader.open(node, &NET_OF).words(0)).unwrap_or_default();
    let quantity = Spanned { value: name.as_ref().into(), span: node.name_span() };
    Count { quantity, column: fields.word(0), net_of, origin: fields.origin() }
}

fn read_complete(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Complete> {
    let spec = CHILDREN.iter().find(|spec| spec.name == "complete")?;
    let fields = reader.open(node, spec);
    match fields.given_prop("rows-at-least") {
        None => Some(Complete::Whole),
        Some(Spanned { value: Given::Share(share), .. }) => Some(Complete::Share(share)),
        Some(Spanned { value: Given::Number(number), span }) => {
            let rows = u64::try_from(number.digits)
                .ok()
                .filter(|rows| number.scale == 0 && *rows <= LARGEST.unsigned_abs());
            if rows.is_none() {
                reader.report(
                    bad(span, "a number of rows is whole and not below 0")
                        .help("write `rows-at-least=500`, or a share such as `rows-at-least=\"80%\"`"),
                );
            }
            rows.map(Complete::Rows)
        }
        Some(_) => None,
    }
}

//! `movements "moves.csv" { … }` of a system: where what has happened is read, and which column is which.

use super::levels::{DELIMITER, ENCODING};
use super::reader::{Reader, bad};
use super::spec::{Field, Spec, Type, may, must};
use super::value::{Spanned, Word, show};
use crate::diagnostic::Diagnostic;
use crate::model::movement::Movement;
use crate::model::system::{Files, Setting, parameters};
use crate::source::Span;
use crate::syntax::Node;

const COLUMN: Field = must("column", Type::Name, "its column at the source");

/// The word for what is no movement.
const NONE: &str = "none";

/// The parameter of a query for movements.
const SINCE: &str = "since";

/// What a word of the source may mean.
const MEANINGS: [&str; 15] = [
    "order",
    "cancellation",
    "shipment",
    "return",
    "transfer",
    "adjustment",
    "receipt",
    "orders",
    "cancellations",
    "shipments",
    "returns",
    "transfers",
    "adjustments",
    "receipts",
    NONE,
];

/// Movements in CSV files.
pub static CSV: Spec = Spec {
    name: "movements",
    says: "the files that movements are read from, and which column is which",
    example: concat!(
        "movements \"moves-*.csv\" delimiter=\";\" {\n",
        "    kind what; document doc_no; line line_no\n",
        "    of-document order_no; of-line order_line\n",
        "    code sku; location site; quantity qty; at happened\n",
        "    word SALE order\n",
        "}",
    ),
    args: &[must("glob", Type::Path, "a path or glob, relative to this file")],
    props: &[
        may("files", Type::Choice(&["newest", "all"]), "which of several files are read").or("all"),
        DELIMITER,
        ENCODING,
        may("decimal", Type::Choice(&[".", ","]), "what stands before a fraction").or("."),
    ],
    children: CHILDREN,
    ..Spec::EMPTY
};

/// A query for movements.
pub static SQL: Spec = Spec {
    name: "movements",
    says: "the query that movements are read by, and which column is which",
    example: concat!(
        "movements \"select what, doc, line, sku, site, qty, at from moves where changed >= :since\" {\n",
        "    kind what; document doc; line line\n",
        "    code sku; location site; quantity qty; at at\n",
        "}",
    ),
    args: &[must("query", Type::Setting, "one statement that selects the columns named inside")],
    children: CHILDREN,
    ..Spec::EMPTY
};

static CHILDREN: &[&Spec] = &[
    &Spec {
        required: true,
        ..Spec::one("kind", "the column of the word that says what happened", &[COLUMN]).like("kind what")
    },
    &Spec {
        required: true,
        ..Spec::one("document", "the column of the document's number", &[COLUMN]).like("document doc_no")
    },
    &Spec {
        required: true,
        ..Spec::one("line", "the column of the line's number", &[COLUMN]).like("line line_no")
    },
    &Spec::one("of-document", "the column of the order that is cancelled, shipped or returned", &[COLUMN])
        .like("of-document order_no"),
    &Spec::one("of-line", "the column of the line of that order", &[COLUMN]).like("of-line order_line"),
    &Spec { required: true, ..Spec::one("code", "the column of the code", &[COLUMN]).like("code sku") },
    &Spec::one("location", "the column of the location", &[COLUMN]).like("location site"),
    &Spec::one("to", "the column of the location that a transfer goes to", &[COLUMN]).like("to to_site"),
    &Spec {
        required: true,
        ..Spec::one("quantity", "the column of the quantity that moved", &[COLUMN]).like("quantity qty")
    },
    &Spec::one("unit", "the column of the unit's word", &[COLUMN]).like("unit uom"),
    &Spec::one("at", "the column that says when it happened", &[COLUMN]).like("at happened"),
    &WORD,
];

static WORD: Spec = Spec {
    many: true,
    ..Spec::one(
        "word",
        "what a word in the column of `kind` means, where it is none of the language's own",
        &[
            must("word", Type::Name, "the word, letter for letter"),
            must("movement", Type::Choice(&MEANINGS), "what it means; `none`: no movement of stock"),
        ],
    )
    .like("word SALE order")
};

/// How many children name a column; what follows them in the table does not.
const COLUMNS: usize = 11;

/// A `movements` node.
#[derive(Debug)]
pub struct Movements {
    /// A glob or query; `None` where it cannot be used.
    pub source: Option<Setting>,
    /// Which of several files.
    pub files: Files,
    /// Between fields.
    pub delimiter: u8,
    /// Text encoding.
    pub encoding: &'static str,
    /// Before a fraction.
    pub decimal: u8,
    /// Columns in the order of the table; `None` where one is left out or cannot be used.
    pub columns: [Option<Word>; COLUMNS],
    /// Words of the source and what they mean; `None`: no movement.
    pub words: Vec<(Word, Option<Movement>)>,
    /// The node without its block.
    pub origin: Span,
}

/// Reads a `movements` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>, spec: &'static Spec) -> Movements {
    let fields = reader.open(node, spec);
    let source = fields.setting(0);
    if let Some(Spanned { value: Setting::Literal(text), span }) = &source
        && std::ptr::eq(spec, &SQL)
    {
        parameters(text).into_iter().find(|own| *own != SINCE).into_iter().for_each(|own| {
            let message =
                format!("`movements` has the parameter `:{}`, for which there is no value", show(own));
            let help = "the only parameter is `:since`: the moment from which changes are asked for";
            reader.report(bad(*span, &message).help(help));
        });
    }
    let mut columns = [const { None }; COLUMNS];
    for (column, spec) in columns.iter_mut().zip(CHILDREN) {
        *column = fields.child(spec.name).and_then(|node| reader.open(node, spec).word(0));
    }
    let words: Vec<Node<'_>> = fields.all(WORD.name).collect();
    Movements {
        source: source.map(|source| source.value),
        files: match fields.choice_prop("files") {
            Some("newest") => Files::Newest,
            _ => Files::All,
        },
        delimiter: fields.character_prop("delimiter").unwrap_or(b','),
        encoding: fields.choice_prop("encoding").unwrap_or("utf-8"),
        decimal: fields.choice_prop("decimal").map_or(b'.', |mark| mark.as_bytes()[0]),
        columns,
        words: read_words(reader, words),
        origin: fields.origin(),
    }
}

fn read_words(reader: &mut Reader<'_>, nodes: Vec<Node<'_>>) -> Vec<(Word, Option<Movement>)> {
    let mut words: Vec<(Word, Option<Movement>)> = Vec::new();
    for node in nodes {
        let own = reader.open(node, &WORD);
        let (Some(word), Some(meaning)) = (own.word(0), own.choice(1)) else { continue };
        if let Some((first, _)) = words.iter().find(|(known, _)| known.value == word.value) {
            let message = format!("`{}` is said twice to mean something", word.value.escape_debug());
            let found = Diagnostic::second(word.span, first.span, message);
            reader.report(found.help("a word means one thing: remove the other"));
            continue;
        }
        words.push((word, Movement::find_any(meaning)));
    }
    words
}

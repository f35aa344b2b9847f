//! `lines "open.csv" { … }` and `acknowledges lines` of a system: how it shows which orders it has taken in.

use super::levels::{DELIMITER, ENCODING};
use super::reader::{Reader, missing};
use super::spec::{Field, Spec, Type, may, must};
use super::value::{Given, Word};
use crate::model::system::{Acknowledges, Files, Setting};
use crate::source::Span;
use crate::syntax::Node;

const COLUMN: Field = must("column", Type::Name, "its column at the source");

/// Open order lines in CSV files.
pub static CSV: Spec = Spec {
    name: "lines",
    says: "the files that open order lines are read from, and which column is which",
    example: concat!(
        "lines \"open.csv\" {\n",
        "    document order_no; line line_no\n",
        "    code sku; open qty; as-of at\n",
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
    ..Spec::EMPTY
};

/// A query for open order lines.
pub static SQL: Spec = Spec {
    name: "lines",
    says: "the query that open order lines are read by, and which column is which",
    example: concat!(
        "lines \"select order_no, line_no, sku, qty from open_lines\" {\n",
        "    document order_no; line line_no\n",
        "    code sku; open qty\n",
        "}",
    ),
    args: &[must("query", Type::Setting, "one statement that selects the columns named inside")],
    children: CHILDREN,
    ..Spec::EMPTY
};

/// Open order lines in memory.
pub static MEMORY: Spec =
    Spec { name: "lines", says: "says that it lists open order lines", example: "lines", ..Spec::EMPTY };

static CHILDREN: &[&Spec] = &[
    &Spec {
        required: true,
        ..Spec::one("document", "the column of the order's number", &[COLUMN]).like("document order_no")
    },
    &Spec {
        required: true,
        ..Spec::one("line", "the column of the line's number", &[COLUMN]).like("line line_no")
    },
    &Spec { required: true, ..Spec::one("code", "the column of the code", &[COLUMN]).like("code sku") },
    &Spec::one("location", "the column of the location", &[COLUMN]).like("location site"),
    &Spec::one("unit", "the column of the unit's word", &[COLUMN]).like("unit uom"),
    &Spec {
        required: true,
        ..Spec::one("open", "the column of the quantity that is still open", &[COLUMN]).like("open qty")
    },
    &Spec::one("as-of", "the column that says when that was true", &[COLUMN]).like("as-of at"),
];

/// How a system shows that it has taken an order in.
pub static ACKNOWLEDGES: Spec = Spec {
    name: "acknowledges",
    says: "how it shows that it has taken an order in; left out: as its kind does",
    example: "acknowledges counts after=\"2h\"",
    args: &[must(
        "way",
        Type::Choice(&["lines", "counts", "never"]),
        "`lines`: it lists the line; `counts`: its count contains it after a while; `never`: people close it",
    )],
    props: &[may("after", Type::Delay, "with `counts`: so much later its counts contain an order")],
    ..Spec::EMPTY
};

/// A `lines` node.
#[derive(Debug)]
pub struct Lines {
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
    pub columns: [Option<Word>; 7],
    /// The node without its block.
    pub origin: Span,
}

/// Reads a `lines` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>, spec: &'static Spec) -> Lines {
    let fields = reader.open(node, spec);
    let source = fields.given(0).and_then(|given| match given.value {
        Given::Setting(setting) => Some(setting),
        _ => None,
    });
    let mut columns = [const { None }; 7];
    for (column, spec) in columns.iter_mut().zip(CHILDREN) {
        *column = fields.child(spec.name).and_then(|node| reader.open(node, spec).word(0));
    }
    Lines {
        source,
        files: match fields.choice_prop("files") {
            Some("all") => Files::All,
            _ => Files::Newest,
        },
        delimiter: fields.character_prop("delimiter").unwrap_or(b','),
        encoding: fields.choice_prop("encoding").unwrap_or("utf-8"),
        decimal: fields.choice_prop("decimal").map_or(b'.', |mark| mark.as_bytes()[0]),
        columns,
        origin: fields.origin(),
    }
}

/// Reads an `acknowledges` node.
pub fn read_acknowledges(reader: &mut Reader<'_>, node: Node<'_>) -> Option<(Acknowledges, Span)> {
    let fields = reader.open(node, &ACKNOWLEDGES);
    let way = fields.choice(0)?;
    if way == "counts" && !fields.has_prop("after") {
        let found = missing("acknowledges counts", "needs `after=`", fields.origin());
        reader.report(found.help("say how much later its counts contain an order: `after=\"2h\"`"));
        return None;
    }
    if way != "counts" && fields.has_prop("after") {
        let span = node.property("after").map_or(fields.origin(), |entry| entry.span());
        let message = format!("`acknowledges {way}` takes no property `after`");
        let found =
            crate::diagnostic::Diagnostic::new(crate::diagnostic::code::UNKNOWN_PROPERTY, span, message);
        reader.report(
            found.here("not known here").help("only counts contain an order some time later: remove it"),
        );
    }
    let acknowledges = match way {
        "lines" => Acknowledges::Lines,
        "never" => Acknowledges::Never,
        _ => Acknowledges::Counts(fields.duration_prop("after")?),
    };
    Some((acknowledges, fields.origin()))
}

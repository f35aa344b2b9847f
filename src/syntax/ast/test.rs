//! `test "…" { given erp on-hand at=paris { MUG 3 }; expect web available at=paris { MUG 1 } }`.

use super::reader::{Known, Reader, missing};
use super::spec::{Spec, Type, may, must};
use super::value::{Given, Spanned, Word};
use crate::model::Name;
use crate::model::quantity::Decimal;
use crate::source::Span;
use crate::syntax::Node;

/// Counts that must come out.
pub static SPEC: Spec = Spec {
    name: "test",
    says: "counts that are given, and counts that must come out, run offline by `onhand test`",
    example: concat!(
        "test \"the box is limited by the mugs\" {\n",
        "    given erp on-hand at=paris { TSHIRT-M 10; MUG 3 }\n",
        "    expect web available at=paris { GIFT-BOX 0; MUG 1 }\n",
        "}",
    ),
    args: &[must("name", Type::Text, "what it shows, in a few words")],
    children: &[&GIVEN, &EXPECT],
    many: true,
    ..Spec::EMPTY
};

static GIVEN: Spec = Spec {
    name: "given",
    says: "what an owner shows; a count that no `given` names is 0",
    example: "given erp on-hand at=paris { TSHIRT-M 10; MUG 3 }",
    args: &[
        must("system", Type::Name, "the owner"),
        must("quantity", Type::Name, "the base quantity, such as `on-hand`"),
    ],
    props: &[may("at", Type::Name, "the location; may be left out where the system has one only")],
    many: true,
    required: true,
    open: true,
    ..Spec::EMPTY
};

static EXPECT: Spec = Spec {
    name: "expect",
    says: "what a target must show",
    example: "expect web available at=paris { GIFT-BOX 0; MUG 1 }",
    args: &[
        must("system", Type::Name, "the target"),
        must("quantity", Type::Name, "the quantity that is published, such as `available`"),
    ],
    props: &[may("at", Type::Name, "the location; may be left out where the system has one only")],
    many: true,
    required: true,
    open: true,
    ..Spec::EMPTY
};

/// One count that is given: its node's name is the item's.
pub static GIVEN_COUNT: Spec = Spec {
    called: "ITEM",
    says: "the count of an item",
    example: "BEANS 2.5 kg",
    args: &[
        must(
            "count",
            Type::NumberOr(&["absent"]),
            "a number, or `absent` where the owner does not report it",
        ),
        may("unit", Type::Name, "the unit or pack of the number").or("the item's base unit"),
    ],
    many: true,
    ..Spec::EMPTY
};

/// One count that must come out: its node's name is that of the item, the bundle or the code.
pub static EXPECTED_COUNT: Spec = Spec {
    called: "SELLABLE",
    says: "the count of an item, a bundle or a code",
    example: "GIFT-BOX 0",
    args: &[must(
        "count",
        Type::NumberOr(&["held"]),
        "a number in the unit that the target shows, or `held` where nothing is written",
    )],
    many: true,
    ..Spec::EMPTY
};

/// A `test` node.
#[derive(Debug)]
pub struct Test {
    /// What it is called.
    pub name: Word,
    /// What is given.
    pub given: Vec<Cells>,
    /// What must come out.
    pub expect: Vec<Cells>,
    /// The node without its block.
    pub origin: Span,
}

/// A `given` or `expect` node.
#[derive(Debug)]
pub struct Cells {
    /// The system.
    pub system: Word,
    /// The quantity.
    pub quantity: Word,
    /// The location.
    pub at: Option<Word>,
    /// Names and their counts.
    pub counts: Vec<Count>,
    /// The node without its block.
    pub origin: Span,
}

/// One count.
#[derive(Debug)]
pub struct Count {
    /// Of what.
    pub name: Word,
    /// How many; `None` for `absent` and `held`.
    pub count: Option<Spanned<Decimal>>,
    /// In which unit.
    pub unit: Option<Word>,
    /// Where it is written.
    pub origin: Span,
}

/// Reads a `test` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Test> {
    let fields = reader.open(node, &SPEC);
    let given: Vec<Node<'_>> = fields.all("given").collect();
    let given =
        given.into_iter().filter_map(|node| read_cells(reader, node, (&GIVEN, &GIVEN_COUNT))).collect();
    let expect: Vec<Node<'_>> = fields.all("expect").collect();
    let expect = expect.into_iter().filter_map(|node| read_cells(reader, node, (&EXPECT, &EXPECTED_COUNT)));
    let expect = expect.collect();
    Some(Test { name: fields.word(0)?, given, expect, origin: fields.origin() })
}

fn read_cells(
    reader: &mut Reader<'_>,
    node: Node<'_>,
    (spec, count): (&'static Spec, &'static Spec),
) -> Option<Cells> {
    let mut fields = reader.head(node, spec);
    reader.children(&mut fields, spec, Known { specs: &[], other: Some(count) });
    let nodes: Vec<Node<'_>> = fields.nodes().map(|(_, node)| node).collect();
    if nodes.is_empty() {
        let found = missing(spec.name, "names no counts", fields.origin());
        reader.report(found.help("write them inside its braces: `{ MUG 3 }`"));
    }
    let counts = nodes.into_iter().filter_map(|node| {
        let own = reader.open(node, count);
        let value = match own.given(0)? {
            Spanned { value: Given::Number(value), span } => Some(Spanned { value, span }),
            _ => None,
        };
        // A unit that cannot be used has been reported, and the number means nothing without it.
        let unit = own.word(1);
        if own.count() > 1 && unit.is_none() {
            return None;
        }
        let name = Spanned { value: Name::from(&*node.name()), span: node.name_span() };
        Some(Count { name, count: value, unit, origin: own.origin() })
    });
    let counts = counts.collect();
    let (system, quantity) = (fields.word(0)?, fields.word(1)?);
    let at = fields.word_prop("at");
    // A place that cannot be read has been reported; left out it would be another fault.
    if at.is_none() && fields.has_prop("at") {
        return None;
    }
    Some(Cells { system, quantity, at, counts, origin: fields.origin() })
}

//! `quantity sellable { plus on-hand; minus reserved }`.

use super::reader::{Reader, missing};
use super::spec::{Field, Spec, Type, must};
use super::value::Word;
use crate::source::Span;
use crate::syntax::Node;

const TERM: Field = must("quantity", Type::Name, "name a quantity, such as `on-hand`");

/// A derived count of the topology's own.
pub static SPEC: Spec = Spec {
    name: "quantity",
    says: "a count computed from others",
    example: "quantity sellable { plus on-hand; minus reserved damaged }",
    args: &[must("name", Type::Name, "what the topology calls the count")],
    children: &[&PLUS, &MINUS],
    many: true,
    ..Spec::EMPTY
};

static PLUS: Spec = Spec {
    name: "plus",
    says: "what is added",
    example: "plus on-hand",
    rest: Some(TERM),
    many: true,
    ..Spec::EMPTY
};
static MINUS: Spec = Spec {
    name: "minus",
    says: "what is taken off",
    example: "minus reserved damaged",
    rest: Some(TERM),
    many: true,
    ..Spec::EMPTY
};

/// A `quantity` node.
#[derive(Debug)]
pub struct Quantity {
    /// Its name.
    pub name: Word,
    /// Its terms: 1 for plus, -1 for minus.
    pub terms: Vec<(Word, i64)>,
    /// The node without its block.
    pub origin: Span,
}

/// Reads a `quantity` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Quantity> {
    let fields = reader.open(node, &SPEC);
    if fields.nodes().next().is_none() {
        let found = missing("quantity", "needs at least one term", fields.origin());
        reader.report(found.help("say what it adds up: `{ plus on-hand; minus reserved }`"));
    }
    let mut terms = Vec::new();
    for (spec, node) in fields.nodes() {
        let sign = if spec.name == "plus" { 1 } else { -1 };
        terms.extend(reader.open(node, spec).words(0).into_iter().map(|word| (word, sign)));
    }
    Some(Quantity { name: fields.word(0)?, terms, origin: fields.origin() })
}

//! `owner erp { of on-hand reserved; at paris }`.

use super::reader::Reader;
use super::select::{self, Select};
use super::spec::{Spec, Type, must};
use super::value::Word;
use crate::source::Span;
use crate::syntax::Node;

/// Who wins, where.
pub static SPEC: Spec = Spec {
    name: "owner",
    says: "whose counts are true: of which quantities, where, of which items",
    example: "owner erp { of on-hand reserved; at paris }",
    args: &[must("system", Type::Name, "the system whose counts are true")],
    children: &[&OF, &AT, &select::ITEMS, &select::EXCEPT],
    many: true,
    ..Spec::EMPTY
};

static OF: Spec = Spec {
    name: "of",
    says: "the base quantities that it owns",
    example: "of on-hand reserved",
    rest: Some(must("quantity", Type::Name, "name a base quantity, such as `on-hand`")),
    required: true,
    ..Spec::EMPTY
};

/// The places where it counts.
pub static AT: Spec = Spec {
    name: "at",
    says: "the places where it counts; left out: every place mapped in the system",
    example: "at paris lyon",
    rest: Some(must("location", Type::Name, "name a location")),
    ..Spec::EMPTY
};

/// An `owner` node.
#[derive(Debug)]
pub struct Owner {
    /// The system.
    pub system: Word,
    /// The quantities.
    pub quantities: Vec<Word>,
    /// The places; `None` for all mapped ones.
    pub at: Option<Vec<Word>>,
    /// The items.
    pub select: Select,
    /// The node without its block.
    pub origin: Span,
}

/// Reads an `owner` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Owner> {
    let fields = reader.open(node, &SPEC);
    let quantities = fields.child("of").map(|node| reader.open(node, &OF).words(0)).unwrap_or_default();
    let at = fields.child("at").map(|node| reader.open(node, &AT).words(0));
    let select = select::read(reader, &fields);
    Some(Owner { system: fields.word(0)?, quantities, at, select, origin: fields.origin() })
}

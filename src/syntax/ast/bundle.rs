//! `bundle GIFT-BOX { component TSHIRT-M 1; component MUG 2 }`.

use super::item::{In, TAG, WAS, read_codes, read_tags};
use super::reader::Reader;
use super::spec::{Spec, Type, may, must};
use super::value::{Spanned, Word};
use crate::model::quantity::Decimal;
use crate::source::Span;
use crate::syntax::Node;

/// A virtual kit.
pub static SPEC: Spec = Spec {
    name: "bundle",
    says: "a virtual kit: never counted, always computed from its components",
    example: "bundle GIFT-BOX {\n    component TSHIRT-M 1\n    component MUG 2\n    in web GIFT-BOX\n}",
    args: &[must("name", Type::Name, "what the topology calls the kit")],
    props: &[WAS],
    children: &[&COMPONENT, &TAG, &IN],
    many: true,
    ..Spec::EMPTY
};

static COMPONENT: Spec = Spec {
    name: "component",
    says: "what one kit takes from the shelf",
    example: "component BEANS 1 unit=kg",
    args: &[
        must("name", Type::Name, "an item or another bundle"),
        must("quantity", Type::Number, "how many of it one kit takes"),
    ],
    props: &[may("unit", Type::Name, "the unit or pack that the quantity counts in").or("the base unit")],
    many: true,
    ..Spec::EMPTY
};

static IN: Spec = Spec {
    name: "in",
    says: "the code by which a system sells it",
    example: "in web GIFT-BOX",
    args: &[must("system", Type::Name, "the system"), must("code", Type::Name, "its code there")],
    props: &[may("at", Type::Name, "the only location where the code is valid").or("valid at all")],
    many: true,
    ..Spec::EMPTY
};

/// A `bundle` node, or the rows of a catalog that name one kit.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Its name.
    pub name: Word,
    /// Its components.
    pub components: Vec<Component>,
    /// Its tags.
    pub tags: Vec<Word>,
    /// Its codes.
    pub codes: Vec<In>,
    /// The name it had before.
    pub was: Option<Word>,
    /// Whether something in it was found wrong already.
    pub faulty: bool,
    /// Its place in reading order.
    pub order: u32,
    /// The node without its block, or the first row.
    pub origin: Span,
}

/// A `component` node.
#[derive(Debug, Clone)]
pub struct Component {
    /// An item or bundle.
    pub name: Word,
    /// How many; `None` where that cannot be used.
    pub quantity: Option<Spanned<Decimal>>,
    /// In which unit or pack; the base unit by default.
    pub unit: Option<Word>,
    /// Whether its unit was found wrong already.
    pub faulty: bool,
}

/// Reads a `bundle` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>, order: u32) -> Option<Bundle> {
    let before = reader.diagnostics.len();
    let mut fields = reader.open(node, &SPEC);
    let components = fields.read_all("component", |node| {
        let mut own = reader.open(node, &COMPONENT);
        let unit = own.take_word_prop("unit");
        let faulty = own.has_prop("unit") && unit.is_none();
        Some(Component { name: own.take_word(0)?, quantity: own.number(1), unit, faulty })
    });
    let tags = read_tags(reader, &fields);
    let codes = read_codes(reader, &fields, &IN);
    Some(Bundle {
        name: fields.take_word(0)?,
        components,
        tags,
        codes,
        was: fields.take_word_prop("was"),
        faulty: reader.diagnostics.len() > before,
        order,
        origin: fields.origin(),
    })
}

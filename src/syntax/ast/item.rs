//! `item TSHIRT-M unit=ea { … }`, its packs, and the codes by which systems know things.

use super::fields::Fields;
use super::reader::Reader;
use super::spec::{Field, Spec, Type, may, must};
use super::unit::{WORDS, Words, read_words};
use super::value::{Spanned, Word};
use crate::model::quantity::Decimal;
use crate::source::Span;
use crate::syntax::Node;

/// The name a thing had before.
pub const WAS: Field = may("was", Type::Name, "the name it had before: history and queue move over");

/// Something that is kept on a shelf.
pub static SPEC: Spec = Spec {
    name: "item",
    says: "something that is kept on a shelf and counted in whole base units",
    example: concat!(
        "item TSHIRT-M unit=ea {\n",
        "    tag apparel basics\n",
        "    pack case 12 { in depot CRT }\n",
        "    in erp TSH-M\n",
        "    in web TSHIRT-M-CS12 unit=case\n",
        "    in depot \"04006381333931\"\n",
        "}",
    ),
    args: &[must("name", Type::Name, "what the topology calls the item")],
    props: &[must("unit", Type::Name, "its base unit: every count is a whole number of it"), WAS],
    children: &[&TAG, &PACK, &IN],
    many: true,
    ..Spec::EMPTY
};

/// Words to select things by.
pub static TAG: Spec = Spec {
    name: "tag",
    says: "words to select it by",
    example: "tag apparel basics",
    rest: Some(must("tag", Type::Name, "write at least one tag")),
    many: true,
    ..Spec::EMPTY
};

/// An item's own packaging.
pub static PACK: Spec = Spec {
    name: "pack",
    says: "the item's own packaging",
    example: "pack pallet 40 case",
    args: &[
        must("name", Type::Name, "what the topology calls the pack"),
        must("size", Type::Number, "how many it holds"),
        may("unit", Type::Name, "of what: a unit, or another pack of this item").or("the base unit"),
    ],
    children: &[&WORDS],
    many: true,
    ..Spec::EMPTY
};

/// The code by which a system knows an item.
pub static IN: Spec = Spec {
    name: "in",
    says: "the code by which a system knows it",
    example: "in erp BEANS unit=kg",
    args: &[must("system", Type::Name, "the system"), must("code", Type::Name, "its code there")],
    props: &[
        may("unit", Type::Name, "the unit or pack in which the system counts it").or("the base unit"),
        may("at", Type::Name, "the only location where the code is valid").or("valid at all"),
    ],
    many: true,
    ..Spec::EMPTY
};

/// An `item` node, or a row of a catalog.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name.
    pub name: Word,
    /// Its base unit; `None` where it is missing or cannot be used, which has been said.
    pub unit: Option<Word>,
    /// Its tags.
    pub tags: Vec<Word>,
    /// Its packs.
    pub packs: Vec<Pack>,
    /// Its codes.
    pub codes: Vec<In>,
    /// The name it had before.
    pub was: Option<Word>,
    /// Whether something in it was found wrong already.
    pub faulty: bool,
    /// Its place in reading order.
    pub order: u32,
    /// The node without its block, or the row.
    pub origin: Span,
}

/// A `pack` node.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name.
    pub name: Word,
    /// How many it holds; `None` where that cannot be used.
    pub size: Option<Spanned<Decimal>>,
    /// Of what; the base unit by default.
    pub of: Option<Word>,
    /// Whether what it holds was found wrong already.
    pub faulty: bool,
    /// Systems' words for it.
    pub words: Vec<Words>,
    /// Where it is written.
    pub origin: Span,
}

/// An `in SYSTEM CODE` node of an item or bundle.
#[derive(Debug, Clone)]
pub struct In {
    /// The system.
    pub system: Word,
    /// The code.
    pub code: Word,
    /// The unit or pack; the base unit by default.
    pub unit: Option<Word>,
    /// The only location where it is valid.
    pub at: Option<Word>,
    /// Whether its unit or place was found wrong already.
    pub faulty: bool,
    /// Where it is written.
    pub origin: Span,
}

/// Reads an `item` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>, order: u32) -> Option<Item> {
    let before = reader.diagnostics.len();
    let mut fields = reader.open(node, &SPEC);
    let tags = read_tags(reader, &fields);
    let packs = fields.read_all("pack", |node| read_pack(reader, node));
    let codes = read_codes(reader, &fields, &IN);
    Some(Item {
        name: fields.take_word(0)?,
        unit: fields.take_word_prop("unit"),
        tags,
        packs,
        codes,
        was: fields.take_word_prop("was"),
        faulty: reader.diagnostics.len() > before,
        order,
        origin: fields.origin(),
    })
}

/// Reads the `tag` nodes of a thing.
pub fn read_tags(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Word> {
    fields.all("tag").flat_map(|node| reader.open(node, &TAG).words(0)).collect()
}

/// Reads the `in` nodes of a thing.
pub fn read_codes(reader: &mut Reader<'_>, fields: &Fields<'_>, spec: &'static Spec) -> Vec<In> {
    fields.read_all("in", |node| {
        let mut own = reader.open(node, spec);
        let (unit, at) = (own.take_word_prop("unit"), own.take_word_prop("at"));
        let lost = |name, found: &Option<Word>| own.has_prop(name) && found.is_none();
        let faulty = lost("unit", &unit) || lost("at", &at);
        let (system, code) = (own.take_word(0)?, own.take_word(1)?);
        Some(In { system, code, unit, at, faulty, origin: own.origin() })
    })
}

fn read_pack(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Pack> {
    let mut fields = reader.open(node, &PACK);
    let of = fields.take_word(2);
    Some(Pack {
        name: fields.take_word(0)?,
        size: fields.number(1),
        faulty: fields.count() > 2 && of.is_none(),
        of,
        words: read_words(reader, &fields),
        origin: fields.origin(),
    })
}

//! `unit kg 1000 g { in SYSTEM WORD… }`.

use super::fields::Fields;
use super::reader::{Reader, missing};
use super::spec::{Spec, Type, may, must};
use super::value::{Spanned, Word};
use crate::model::quantity::Decimal;
use crate::source::Span;
use crate::syntax::Node;

/// A unit of measure.
pub static SPEC: Spec = Spec {
    name: "unit",
    says: "a unit of measure, alone or as an exact multiple of another",
    example: "unit kg 1000 g { in depot KGM }",
    args: &[
        must("name", Type::Name, "what the topology calls the unit"),
        may("ratio", Type::Number, "how many of the other unit one of this is"),
        may("unit", Type::Name, "the other unit"),
    ],
    children: &[&WORDS],
    many: true,
    ..Spec::EMPTY
};

/// What a system calls a unit or pack.
pub static WORDS: Spec = Spec {
    name: "in",
    says: "the words by which a system calls it",
    example: "in depot PCE STK",
    args: &[must("system", Type::Name, "the system"), must("word", Type::Name, "its word")],
    rest: Some(may("word", Type::Name, "another word of the same system")),
    many: true,
    ..Spec::EMPTY
};

/// A `unit` node.
#[derive(Debug)]
pub struct Unit {
    /// Its name.
    pub name: Word,
    /// So many of the named unit.
    pub of: Option<(Spanned<Decimal>, Word)>,
    /// Whether its ratio was found wrong already.
    pub faulty: bool,
    /// Systems' words.
    pub words: Vec<Words>,
    /// The node without its block.
    pub origin: Span,
}

/// `in SYSTEM WORD…` of a unit or pack.
#[derive(Debug, Clone)]
pub struct Words {
    /// The system.
    pub system: Word,
    /// Its words.
    pub words: Vec<Word>,
}

/// Reads a `unit` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Unit> {
    let fields = reader.open(node, &SPEC);
    if fields.count() == 2 {
        let found = missing("unit", "has a ratio and no unit to go with it", fields.origin());
        reader.report(found.help("write the unit that the ratio counts in: `unit kg 1000 g`"));
    }
    let words = read_words(reader, &fields);
    let of = fields.number(1).zip(fields.word(2));
    let faulty = fields.count() > 1 && of.is_none();
    Some(Unit { name: fields.word(0)?, of, faulty, words, origin: fields.origin() })
}

/// Reads the `in` nodes of a unit or pack.
pub fn read_words(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Words> {
    fields.read_all("in", |node| {
        let own = reader.open(node, &WORDS);
        Some(Words { system: own.word(0)?, words: own.words(1) })
    })
}

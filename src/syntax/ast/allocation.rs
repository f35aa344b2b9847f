//! `allocation fronts { among web till; weights web=3 till=1; pooled-above 40 }`.

use super::reader::Reader;
use super::spec::{Spec, Type, may, must};
use super::value::{Spanned, Word};
use crate::model::quantity::{Decimal, LARGEST};
use crate::source::Span;
use crate::syntax::Node;

/// Who may sell how much of one shelf.
pub static SPEC: Spec = Spec {
    name: "allocation",
    says: "who may sell how much of one shelf",
    example: concat!(
        "allocation fronts {\n",
        "    among web till\n",
        "    weights web=3 till=1\n",
        "    pooled-above 40\n",
        "}",
    ),
    args: &[must("name", Type::Name, "what the topology calls the allocation")],
    children: &[&AMONG, &WEIGHTS, &INSIDE, &POOLED_ABOVE],
    many: true,
    ..Spec::EMPTY
};

static AMONG: Spec = Spec {
    name: "among",
    says: "the targets among which cells are divided",
    example: "among web till",
    rest: Some(must("system", Type::Name, "name the systems that sell from the shelf")),
    required: true,
    ..Spec::EMPTY
};

static WEIGHTS: Spec = Spec {
    name: "weights",
    says: "how much of a cell each target may sell, in proportion",
    example: "weights web=3 till=1",
    named: Some(may("system", Type::Number, "the weight of the target of this name: a number above 0")),
    required: true,
    ..Spec::EMPTY
};

static INSIDE: Spec = Spec {
    name: "inside",
    says: "how a target's part is divided among what it sells; left out: evenly",
    example: "inside web MUG=3 GIFT-BOX=1",
    args: &[must("system", Type::Name, "the target")],
    named: Some(may("thing", Type::Number, "the weight of the item, bundle or code of this name").or("1")),
    many: true,
    ..Spec::EMPTY
};

static POOLED_ABOVE: Spec = Spec::one(
    "pooled-above",
    "the count of a cell above which everyone shows all of it",
    &[must("count", Type::Whole(0, LARGEST), "a whole number of base units, for each item and location")],
)
.like("pooled-above 40");

/// An `allocation` node.
#[derive(Debug)]
pub struct Allocation {
    /// Its name.
    pub name: Word,
    /// The targets.
    pub among: Vec<Word>,
    /// Weights by the target's name.
    pub weights: Vec<(Word, Spanned<Decimal>)>,
    /// Where `weights` is written.
    pub weights_origin: Option<Span>,
    /// Weights inside one target.
    pub inside: Vec<Inside>,
    /// The count above which nothing is divided.
    pub pooled_above: Option<i64>,
    /// Whether something in it cannot be used, which has been said.
    pub faulty: bool,
    /// The node without its block.
    pub origin: Span,
}

/// An `inside` node.
#[derive(Debug)]
pub struct Inside {
    /// The target.
    pub system: Word,
    /// Weights by the name of the item, bundle or code.
    pub weights: Vec<(Word, Spanned<Decimal>)>,
    /// Where it is written.
    pub origin: Span,
}

/// Reads an `allocation` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Allocation> {
    let before = reader.diagnostics.len();
    let fields = reader.open(node, &SPEC);
    let among = fields.child("among").map(|node| reader.open(node, &AMONG).words(0)).unwrap_or_default();
    let weights = fields.child("weights").map(|node| reader.open(node, &WEIGHTS));
    let inside: Vec<Node<'_>> = fields.all("inside").collect();
    let inside = inside.into_iter().filter_map(|node| {
        let own = reader.open(node, &INSIDE);
        Some(Inside { system: own.word(0)?, weights: own.named_numbers(), origin: own.origin() })
    });
    let inside = inside.collect();
    let pooled = fields.child("pooled-above").and_then(|node| reader.open(node, &POOLED_ABOVE).number(0));
    Some(Allocation {
        name: fields.word(0)?,
        among,
        weights_origin: weights.as_ref().map(|own| own.origin()),
        weights: weights.map(|own| own.named_numbers()).unwrap_or_default(),
        inside,
        pooled_above: pooled.and_then(|count| i64::try_from(count.value.digits).ok()),
        faulty: reader.diagnostics.len() > before,
        origin: fields.origin(),
    })
}

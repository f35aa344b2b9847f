//! `flow web-stock { publish available to=web; … }`.

use super::item::WAS;
use super::owner::AT;
use super::reader::{Reader, missing};
use super::select::{self, Select};
use super::spec::{Spec, Type, may, must};
use super::value::{Given, Spanned, Word};
use crate::model::flow::{Guard, Lag};
use crate::model::quantity::{Decimal, LARGEST, Ratio};
use crate::source::Span;
use crate::syntax::Node;

/// A count that goes out.
pub static SPEC: Spec = Spec {
    name: "flow",
    says: "a count that is published: which, where, how late, within which guards",
    args: &[must("name", Type::Name, "what the topology calls the flow")],
    props: &[WAS],
    children: &[
        &PUBLISH,
        &AT,
        &select::ITEMS,
        &select::EXCEPT,
        &LAG,
        &KEEP_BACK,
        &CAP,
        &GUARD,
        &Spec::not_yet("window", "the hours in which raises go out"),
        &Spec::not_yet("rollout", "a first part of the items"),
        &Spec::not_yet("collect", "movements that are read"),
        &Spec::not_yet("post", "where movements are posted"),
        &Spec::not_yet("restock", "what returns become"),
    ],
    many: true,
    ..Spec::EMPTY
};

static PUBLISH: Spec = Spec {
    name: "publish",
    says: "which quantity the target shows afterwards",
    args: &[must("quantity", Type::Name, "the quantity, such as `available`")],
    props: &[must("to", Type::Name, "the system that is written")],
    ..Spec::EMPTY
};

static LAG: Spec = Spec {
    name: "lag",
    says: "how late a count may be, and how often the flow runs",
    args: &[may("target", Type::Duration, "the longest that a count may be late")],
    props: &[
        may("every", Type::Duration, "how often the flow runs"),
        may("changes", Type::NotYet, "the share of cells expected to change"),
        may("calendar", Type::NotYet, "the hours that count"),
        may("reconcile", Type::NotYet, "how often everything is read once more"),
    ],
    ..Spec::EMPTY
};

static KEEP_BACK: Spec = Spec {
    name: "keep-back",
    says: "what is never published: so much of each cell",
    args: &[
        must("amount", Type::Amount, "a number, or a share such as \"10%\""),
        may("unit", Type::Name, "the unit of the number; each item's base unit by default"),
    ],
    children: &[&select::ITEMS, &select::EXCEPT],
    many: true,
    ..Spec::EMPTY
};

static CAP: Spec = Spec {
    name: "cap",
    says: "the most that is ever shown",
    args: &[must("count", Type::Whole(0, LARGEST), "a whole number, in the unit shown")],
    ..Spec::EMPTY
};

static GUARD: Spec = Spec {
    name: "guard",
    says: "the limits beyond which nothing is written",
    props: &[
        may("max-changed", Type::Share, "the largest share of cells that may change"),
        may("max-zeroed", Type::Share, "the largest share that may drop to 0"),
        may("max-raised", Type::Share, "the largest share that may rise"),
        may("max-rows", Type::Whole(0, LARGEST), "the most rows that may be written"),
    ],
    ..Spec::EMPTY
};

/// A `flow` node.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: Word,
    /// The quantity, the target, and the place of `publish`; `None` where it cannot be used.
    pub publish: Option<(Word, Word, Span)>,
    /// The places; `None` for all mapped ones.
    pub at: Option<Vec<Word>>,
    /// The things.
    pub select: Select,
    /// Its lag.
    pub lag: Option<Lag>,
    /// What is kept back.
    pub keep_back: Vec<KeepBack>,
    /// The most that is shown.
    pub cap: Option<i64>,
    /// Its guards.
    pub guard: Guard,
    /// The name it had before.
    pub was: Option<Word>,
    /// The node without its block.
    pub origin: Span,
}

/// A `keep-back` node.
#[derive(Debug)]
pub struct KeepBack {
    /// How much.
    pub amount: Amount,
    /// Of which items.
    pub select: Select,
    /// Where it is written.
    pub origin: Span,
}

/// What a `keep-back` says.
#[derive(Debug)]
pub enum Amount {
    /// A number, and its unit where it names one.
    Number(Spanned<Decimal>, Option<Word>),
    /// A share.
    Share(Ratio),
}

/// Reads a `flow` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Flow> {
    let fields = reader.open(node, &SPEC);
    let movements = ["collect", "post", "restock"].iter().any(|name| fields.has(name));
    if !fields.has("publish") && !movements {
        let found = missing("flow", "publishes nothing", fields.origin());
        reader.report(found.help("say what it publishes where: `publish available to=SYSTEM`"));
    }
    let publish = fields.child("publish").and_then(|node| {
        let own = reader.open(node, &PUBLISH);
        Some((own.word(0)?, own.word_prop("to")?, own.origin()))
    });
    let at = fields.child("at").map(|node| reader.open(node, &AT).words(0));
    let select = select::read(reader, &fields);
    let lag = fields.child("lag").map(|node| read_lag(reader, node));
    let keep_back = fields.all("keep-back").filter_map(|node| read_keep_back(reader, node)).collect();
    let cap = fields.child("cap").and_then(|node| reader.open(node, &CAP).number(0));
    let guard = fields.child("guard").map(|node| read_guard(reader, node)).unwrap_or_default();
    Some(Flow {
        name: fields.word(0)?,
        publish,
        at,
        select,
        lag,
        keep_back,
        cap: cap.and_then(|cap| i64::try_from(cap.value.digits).ok()),
        guard,
        was: fields.word_prop("was"),
        origin: fields.origin(),
    })
}

fn read_lag(reader: &mut Reader<'_>, node: Node<'_>) -> Lag {
    let fields = reader.open(node, &LAG);
    if fields.count() == 0 && !fields.has_prop("every") {
        let found = missing("lag", "says neither how late nor how often", fields.origin());
        reader.report(found.help("write `lag \"10m\" every=\"5m\"`"));
    }
    Lag { target: fields.duration(0), every: fields.duration_prop("every"), origin: fields.origin() }
}

fn read_keep_back(reader: &mut Reader<'_>, node: Node<'_>) -> Option<KeepBack> {
    let fields = reader.open(node, &KEEP_BACK);
    let select = select::read(reader, &fields);
    let unit = fields.word(1);
    let amount = match fields.given(0)? {
        Spanned { value: Given::Share(share), .. } => {
            if let Some(unit) = unit {
                let found = super::reader::unexpected(unit.span, "a share of a count has no unit");
                reader.report(found.help("remove the unit"));
            }
            Amount::Share(share)
        }
        Spanned { value: Given::Number(number), span } if number.digits >= 0 => {
            if fields.count() > 1 && unit.is_none() {
                return None;
            }
            Amount::Number(Spanned { value: number, span }, unit)
        }
        given => {
            reader.report(
                super::reader::bad(given.span, "a keep-back cannot be below 0")
                    .help("it is taken off each count: write 0 or more"),
            );
            return None;
        }
    };
    Some(KeepBack { amount, select, origin: fields.origin() })
}

fn read_guard(reader: &mut Reader<'_>, node: Node<'_>) -> Guard {
    let fields = reader.open(node, &GUARD);
    if fields.origin().end == node.name_span().end {
        let found = missing("guard", "sets no limit", fields.origin());
        reader.report(found.help("write at least one of max-changed=, max-zeroed=, max-raised=, max-rows="));
    }
    let usual = Guard::default();
    Guard {
        max_changed: fields.share_prop("max-changed").unwrap_or(usual.max_changed),
        max_zeroed: fields.share_prop("max-zeroed").unwrap_or(usual.max_zeroed),
        max_raised: fields.share_prop("max-raised").unwrap_or(usual.max_raised),
        max_rows: fields.whole_prop("max-rows").map_or(usual.max_rows, i64::unsigned_abs),
        origin: Some(fields.origin()),
    }
}

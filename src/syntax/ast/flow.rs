//! `flow web-stock { publish available to=web; … }`.

use super::collect::{COLLECT, Collect, POST, Post, RESTOCK, read_collect, read_post, read_restock};
use super::fields::Fields;
use super::item::WAS;
use super::owner::AT;
use super::reader::{Reader, missing};
use super::select::{self, Select};
use super::spec::{Spec, Type, may, must};
use super::value::{Given, Spanned, Word};
use super::window::{ROLLOUT, WINDOW, Window, read_rollout, read_window};
use crate::diagnostic::{Diagnostic, code};
use crate::model::collect::Restock;
use crate::model::flow::{Guard, Lag, Rollout};
use crate::model::quantity::{Decimal, LARGEST, Ratio};
use crate::source::Span;
use crate::syntax::Node;

/// A count that goes out, or movements that come in.
pub static SPEC: Spec = Spec {
    name: "flow",
    says: "a count that is published, or movements that are collected: which, where, how late",
    example: concat!(
        "flow web-stock {\n",
        "    publish available to=web\n",
        "    lag \"10m\" every=\"5m\"\n",
        "    keep-back 2 ea { items MUG }\n",
        "    guard max-changed=\"30%\" max-rows=5000\n",
        "}",
    ),
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
        &WINDOW,
        &ROLLOUT,
        &COLLECT,
        &POST,
        &RESTOCK,
    ],
    many: true,
    ..Spec::EMPTY
};

static PUBLISH: Spec = Spec {
    name: "publish",
    says: "which quantity the target shows afterwards",
    example: "publish available to=web",
    args: &[must("quantity", Type::Name, "the quantity, such as `available`")],
    props: &[must("to", Type::Name, "the system that is written")],
    ..Spec::EMPTY
};

static LAG: Spec = Spec {
    name: "lag",
    says: "how late a count may be, and how often the flow runs",
    example: "lag \"10m\" every=\"5m\"",
    args: &[may("target", Type::Duration, "the longest that a count may be late")],
    props: &[
        may("every", Type::Duration, "how often the flow runs"),
        may("changes", Type::Share, "the share of cells expected to change between two runs").or("5%"),
        may("calendar", Type::Name, "the calendar whose open hours alone count"),
        may("reconcile", Type::Duration, "how often everything is read once more, not only what has changed"),
    ],
    ..Spec::EMPTY
};

static KEEP_BACK: Spec = Spec {
    name: "keep-back",
    says: "what is never published: so much of each cell",
    example: "keep-back 2 ea { items MUG }",
    args: &[
        must("amount", Type::Amount, "a number, or a share such as \"10%\""),
        may("unit", Type::Name, "the unit of the number").or("each item's base unit"),
    ],
    children: &[&select::ITEMS, &select::EXCEPT],
    many: true,
    ..Spec::EMPTY
};

static CAP: Spec = Spec {
    name: "cap",
    says: "the most that is ever shown",
    example: "cap 99",
    args: &[must("count", Type::Whole(0, LARGEST), "a whole number, in the unit shown")],
    ..Spec::EMPTY
};

static GUARD: Spec = Spec {
    name: "guard",
    says: "the limits beyond which nothing is written",
    example: "guard max-changed=\"30%\" max-zeroed=\"5%\" max-raised=\"10%\" max-rows=5000",
    props: &[
        may("max-changed", Type::Share, "the largest share of cells that may change").or("30%"),
        may("max-zeroed", Type::Share, "the largest share that may drop to 0").or("5%"),
        may("max-raised", Type::Share, "the largest share that may rise").or("10%"),
        may("max-rows", Type::Whole(0, LARGEST), "the most rows that may be written").or("5000"),
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
    /// What it collects, for a flow that collects movements.
    pub collect: Option<Collect>,
    /// Where that goes.
    pub post: Option<Post>,
    /// What returns become.
    pub restock: Option<Restock>,
    /// Its lag.
    pub lag: Option<(Lag, Option<Word>)>,
    /// Its window.
    pub window: Option<Window>,
    /// Its rollout.
    pub rollout: Rollout,
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
    one_direction(reader, &fields);
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
    let window = fields.child("window").and_then(|node| read_window(reader, node));
    let rollout = fields.child("rollout").map(|node| read_rollout(reader, node)).unwrap_or_default();
    let collect = fields.child("collect").map(|node| read_collect(reader, node));
    let post = fields.child("post").map(|node| read_post(reader, node));
    let restock = fields.child("restock").and_then(|node| read_restock(reader, node));
    Some(Flow {
        name: fields.word(0)?,
        publish,
        at,
        select,
        collect,
        post,
        restock,
        lag,
        window,
        rollout,
        keep_back,
        cap: cap.and_then(|cap| i64::try_from(cap.value.digits).ok()),
        guard,
        was: fields.word_prop("was"),
        origin: fields.origin(),
    })
}

/// Nodes that only a flow that publishes takes, and those that only one that collects takes.
const OUT: [&str; 8] = ["at", "items", "except", "keep-back", "cap", "guard", "window", "rollout"];
const IN: [&str; 2] = ["post", "restock"];

/// A flow either publishes or collects, and takes only what goes with that.
fn one_direction(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    let (out, into) = (fields.has("publish"), fields.has("collect"));
    let movements = into || IN.iter().any(|name| fields.has(name));
    if out && into {
        let Some(second) = fields.child("collect") else { return };
        let message = "a flow either publishes a count or collects movements, and this one does both";
        let mut found = Diagnostic::new(code::UNKNOWN_NODE, second.name_span(), message).here("collects too");
        if let Some(first) = fields.child("publish") {
            found = found.label(first.name_span(), "publishes");
        }
        reader.report(found.help("each has its own cadence: move one of them into a flow of its own"));
        return;
    }
    if !out && !movements {
        let found = missing("flow", "publishes nothing", fields.origin());
        reader.report(found.help("say what it publishes where: `publish available to=SYSTEM`"));
        return;
    }
    if !out && !into {
        let found = missing("flow", "says nothing of what it collects", fields.origin());
        reader.report(found.help("write `collect orders cancellations returns from=SYSTEM`"));
    }
    if into && !fields.has("post") {
        let found = missing("flow", "does not say where the movements go", fields.origin());
        reader.report(found.help(
            "write `post to=SYSTEM as=sale`, or `post none { reference \"{order}\" }` where something else \
             carries them over",
        ));
    }
    let (foreign, whose, what): (&[&str], _, _) = match out {
        true => (&IN, "flows that collect movements", "publishes a count"),
        false => (&OUT, "flows that publish a count", "collects movements"),
    };
    let strays: Vec<Node<'_>> =
        fields.nodes().map(|(_, node)| node).filter(|n| foreign.contains(&&*n.name())).collect();
    for node in strays {
        let message = format!("`{}` belongs to {whose}, and this one {what}", node.name());
        let found = Diagnostic::new(code::UNKNOWN_NODE, node.name_span(), message).here("means nothing here");
        reader.report(found.help("remove it, or move it to the flow that it is meant for"));
    }
}

fn read_lag(reader: &mut Reader<'_>, node: Node<'_>) -> (Lag, Option<Word>) {
    let fields = reader.open(node, &LAG);
    if fields.count() == 0 && !["every", "reconcile"].into_iter().any(|name| fields.has_prop(name)) {
        let found = missing("lag", "says neither how late nor how often", fields.origin());
        reader.report(found.help("write `lag \"10m\" every=\"5m\"`"));
    }
    let lag = Lag {
        target: fields.duration(0),
        every: fields.duration_prop("every"),
        changes: fields.share_prop("changes"),
        calendar: None,
        reconcile: fields.duration_prop("reconcile"),
        origin: fields.origin(),
    };
    (lag, fields.word_prop("calendar"))
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

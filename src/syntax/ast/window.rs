//! `window from="06:00" to="22:00"` and `rollout "10%"` of a flow.

use super::calendar::hours;
use super::reader::{Reader, missing, unexpected};
use super::spec::{Spec, Type, may};
use super::value::{Given, Word};
use crate::model::flow::Rollout;
use crate::model::quantity::LARGEST;
use crate::model::time::TimeOfDay;
use crate::source::Span;
use crate::syntax::Node;

/// The hours in which counts may rise.
pub static WINDOW: Spec = Spec {
    name: "window",
    says: "the hours in which counts may rise; decreases go out at all times",
    example: "window from=\"06:00\" to=\"22:00\" calendar=shop-days",
    props: &[
        may("from", Type::Time, "from when on each day").or("midnight"),
        may("to", Type::Time, "until when; before `from`: on the day after").or("midnight"),
        may("calendar", Type::Name, "the calendar that must be open too"),
        may("holds", Type::Choice(&["raises", "all"]), "what waits outside: `raises` or `all`").or("raises"),
    ],
    ..Spec::EMPTY
};

/// Which part of a flow is written.
pub static ROLLOUT: Spec = Spec {
    name: "rollout",
    says: "which part of the flow is written, while people gain trust in it",
    example: "rollout \"10%\"",
    args: &[may(
        "part",
        Type::ShareOr(&["shadow", "live"]),
        "`shadow` (plan, never write), a share of the items, or `live`",
    )
    .or("live")],
    props: &[may("items", Type::Whole(1, LARGEST), "so many items")],
    ..Spec::EMPTY
};

/// A `window` node.
#[derive(Debug)]
pub struct Window {
    /// From when on.
    pub from: TimeOfDay,
    /// Until when.
    pub to: TimeOfDay,
    /// The calendar.
    pub calendar: Option<Word>,
    /// Whether decreases wait as well.
    pub holds_all: bool,
    /// Where it is written.
    pub origin: Span,
}

/// Reads a `window` node.
pub fn read_window(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Window> {
    let fields = reader.open(node, &WINDOW);
    if !["from", "to", "calendar"].into_iter().any(|name| fields.has_prop(name)) {
        let found = missing("window", "names no hours", fields.origin());
        reader.report(found.help("write `window from=\"06:00\" to=\"22:00\"`, or `calendar=`"));
        return None;
    }
    let lost = |name, given: bool| fields.has_prop(name) && !given;
    let (from, to) = (fields.time_prop("from"), fields.time_prop("to"));
    if lost("from", from.is_some()) || lost("to", to.is_some()) {
        return None;
    }
    let (from, to) = hours(reader, (from, to))?;
    Some(Window {
        from,
        to,
        calendar: fields.word_prop("calendar"),
        holds_all: fields.choice_prop("holds") == Some("all"),
        origin: fields.origin(),
    })
}

/// Reads a `rollout` node.
pub fn read_rollout(reader: &mut Reader<'_>, node: Node<'_>) -> Rollout {
    let fields = reader.open(node, &ROLLOUT);
    let items = fields.whole_prop("items").map(i64::unsigned_abs);
    match (fields.given(0), items) {
        (None, None) if fields.count() == 0 && !fields.has_prop("items") => {
            let found = missing("rollout", "does not say which part is written", fields.origin());
            reader.report(
                found.help("write `rollout \"10%\"`, `rollout items=50`, `rollout shadow` or `rollout live`"),
            );
            Rollout::Live
        }
        (Some(given), Some(_)) => {
            let found = unexpected(given.span, "`rollout` names two parts");
            reader.report(found.help("either a share, or a number of items: remove one of them"));
            Rollout::Live
        }
        (_, Some(items)) => Rollout::Items(items),
        (Some(given), None) => match given.value {
            Given::Share(share) => Rollout::Share(share),
            Given::Choice("shadow") => Rollout::Shadow,
            _ => Rollout::Live,
        },
        (None, None) => Rollout::Live,
    }
}

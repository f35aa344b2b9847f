//! `alert { … }`, `review { … }` and `rollback keep="30d"`: who looks after the topology.

use super::reader::{Reader, bad, missing};
use super::spec::{Spec, Type, may, must};
use super::value::Given;
use crate::model::care::{Alert, OCCASIONS, Review, Rollback};
use crate::model::quantity::LARGEST;
use crate::model::time::{DAYS, TimeOfDay};
use crate::syntax::Node;

/// How many open failures are too many where an alert does not say.
const OPEN_FAILURES: u64 = 10;

/// Who is told when something is wrong.
pub static ALERT: Spec = Spec {
    name: "alert",
    says: "who is told when something is wrong, and about what",
    example: "alert { to webhook=(env)OPS_WEBHOOK; on open-failures=10 lag guard stale credential }",
    children: &[&TO, &ON],
    many: true,
    ..Spec::EMPTY
};

static TO: Spec = Spec {
    name: "to",
    says: "where the alert goes",
    example: "to webhook=(env)OPS_WEBHOOK",
    props: &[
        may("webhook", Type::Setting, "the address that it is posted to, best as `(env)NAME`"),
        may("mail", Type::Name, "a mail address"),
    ],
    many: true,
    required: true,
    ..Spec::EMPTY
};

static ON: Spec = Spec {
    name: "on",
    says: "what it is about; left out: everything",
    example: "on open-failures=10 lag guard",
    rest: Some(may("occasion", Type::Choice(&OCCASIONS), "open-failures, lag, guard, stale or credential")),
    props: &[may("open-failures", Type::Whole(0, LARGEST), "more open failures than this").or("10")],
    many: true,
    ..Spec::EMPTY
};

/// Who looks at the counts.
pub static REVIEW: Spec = Spec {
    name: "review",
    says: "who looks at the counts, and when, in the topology's time zone",
    example: "review { by \"ops@example.com\"; daily \"09:00\"; weekly mon; monthly 1 }",
    children: &[
        &Spec {
            required: true,
            ..Spec::one("by", "who looks", &[must("who", Type::Name, "a name or address")])
                .like("by \"ops@example.com\"")
        },
        &Spec::one("daily", "when each day", &[must("time", Type::Time, "a time such as \"09:00\"")])
            .like("daily \"09:00\""),
        &Spec::one("weekly", "when each week", &[must("day", Type::Choice(&DAYS), "a day such as `mon`")])
            .like("weekly mon"),
        &Spec::one("monthly", "when each month", &[must("day", Type::Whole(1, 31), "a day from 1 to 31")])
            .like("monthly 1"),
    ],
    ..Spec::EMPTY
};

/// How long runs can be undone.
pub static ROLLBACK: Spec = Spec {
    name: "rollback",
    says: "how long runs can be undone",
    example: "rollback keep=\"30d\"",
    props: &[must("keep", Type::Duration, "for so long what is needed to undo a run is kept")],
    ..Spec::EMPTY
};

/// Reads an `alert` node.
pub fn read_alert(reader: &mut Reader<'_>, node: Node<'_>) -> Alert {
    let fields = reader.open(node, &ALERT);
    let (mut webhooks, mut mails) = (Vec::new(), Vec::new());
    for node in fields.all("to") {
        let before = reader.diagnostics.len();
        let own = reader.open(node, &TO);
        let named = ["webhook", "mail"].into_iter().any(|name| own.has_prop(name));
        // A property that is not known was hardly anything else.
        if !named && reader.diagnostics.len() == before {
            let found = missing("to", "names nobody", own.origin());
            reader
                .report(found.help("write `to webhook=(env)OPS_WEBHOOK`, or `to mail=\"ops@example.com\"`"));
        }
        webhooks.extend(own.setting_prop("webhook").map(|found| (found.value, found.span)));
        mails.extend(own.word_prop("mail").map(|word| (word.value, word.span)));
    }
    let mut on = Vec::new();
    let mut open_failures = None;
    for node in fields.all("on") {
        let own = reader.open(node, &ON);
        if own.count() == 0 && !own.has_prop("open-failures") {
            let found = missing("on", "names nothing", own.origin());
            reader.report(
                found.help("write what it is about: open-failures=10, lag, guard, stale, credential"),
            );
        }
        on.extend(own.givens(0).filter_map(|(given, _)| match given {
            Given::Choice(word) => Some(*word),
            _ => None,
        }));
        if let Some(limit) = own.whole_prop("open-failures") {
            on.push(OCCASIONS[0]);
            open_failures = Some(limit.unsigned_abs());
        }
    }
    on.sort_unstable();
    on.dedup();
    if on.is_empty() {
        on = OCCASIONS.to_vec();
    }
    let open_failures = open_failures.unwrap_or(OPEN_FAILURES);
    Alert { webhooks, mails, on, open_failures, origin: fields.origin() }
}

/// Reads a `review` node.
pub fn read_review(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Review> {
    let fields = reader.open(node, &REVIEW);
    if !["daily", "weekly", "monthly"].into_iter().any(|name| fields.has(name)) {
        let found = missing("review", "does not say when", fields.origin());
        reader.report(found.help("write at least one of `daily \"09:00\"`, `weekly mon`, `monthly 1`"));
    }
    let child = |name| fields.child(name).zip(REVIEW.children.iter().find(|spec| spec.name == name));
    let by = child("by").and_then(|(node, spec)| reader.open(node, spec).word(0));
    let daily = child("daily").and_then(|(node, spec)| reader.open(node, spec).time(0));
    if let Some(time) = daily.as_ref().filter(|time| time.value == TimeOfDay::END) {
        let found = bad(time.span, "a day has no 24:00 at which somebody could look");
        reader.report(found.help("write \"00:00\" for midnight"));
    }
    let weekly = child("weekly").and_then(|(node, spec)| reader.open(node, spec).choice(0));
    let monthly = child("monthly").and_then(|(node, spec)| reader.open(node, spec).number(0));
    Some(Review {
        by: by?.value,
        daily: daily.map(|time| time.value),
        weekly: weekly.and_then(|day| DAYS.iter().position(|own| *own == day)).map(|at| at as u8),
        monthly: monthly.and_then(|day| u8::try_from(day.value.digits).ok()),
        origin: fields.origin(),
    })
}

/// Reads a `rollback` node.
pub fn read_rollback(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Rollback> {
    let fields = reader.open(node, &ROLLBACK);
    Some(Rollback { keep: fields.duration_prop("keep")?, origin: fields.origin() })
}

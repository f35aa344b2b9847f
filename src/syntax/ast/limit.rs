//! `limit`, `timeout`, `retry` and `credential` of a system: what it bears, and how long it can be reached.

use super::fields::Fields;
use super::reader::{Reader, missing};
use super::spec::{Spec, Type, may, must};
use crate::model::system::{Limit, Retry};
use crate::model::time::Date;
use crate::source::Span;
use std::time::Duration;

/// The largest number of requests, rows or attempts that a limit may name.
const MOST: i64 = 1_000_000;

/// How many requests a system bears.
pub static LIMIT: Spec = Spec {
    name: "limit",
    says: "how many requests it bears; what is left out is as its kind says",
    example: "limit \"10/s\" burst=20 concurrency=2 takes=\"300ms\"",
    args: &[may("rate", Type::Rate, "requests in a time, such as \"10/s\"")],
    props: &[
        may("burst", Type::Whole(1, MOST), "how many may go at once after a pause"),
        may("concurrency", Type::Whole(1, MOST), "how many may be under way at once"),
        may("takes", Type::Duration, "the usual time of one request"),
        may(
            "writes",
            Type::Rate,
            "how often one cell may be written, such as \"250/d\"; above that raises wait",
        ),
        may(
            "page",
            Type::Whole(1, MOST),
            "rows in one page of a read; kinds that read all at once (csv, sql, memory) have no pages",
        ),
        may("batch", Type::Whole(1, MOST), "rows in one write"),
    ],
    ..Spec::EMPTY
};

/// How long a request may take.
pub static TIMEOUT: Spec = Spec::one(
    "timeout",
    "how long a request may take",
    &[must("time", Type::Duration, "a duration such as \"30s\"")],
)
.like("timeout \"30s\"");

/// How often a request is tried again.
pub static RETRY: Spec = Spec {
    name: "retry",
    says: "how often a request that failed for a passing reason is tried again",
    example: "retry attempts=5 within=\"10m\"",
    props: &[
        may("attempts", Type::Whole(1, 100), "how often it is sent in all"),
        may("within", Type::Duration, "within which time"),
    ],
    ..Spec::EMPTY
};

/// When credentials run out.
pub static CREDENTIAL: Spec = Spec {
    name: "credential",
    says: "when its credentials run out",
    example: "credential expires=\"2027-01-31\"",
    props: &[must("expires", Type::Date, "the last day on which they work, such as \"2027-01-31\"")],
    ..Spec::EMPTY
};

/// What a system says about requests.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Its `limit`.
    pub limit: Limit,
    /// Its `timeout`.
    pub timeout: Option<Duration>,
    /// Its `retry`.
    pub retry: Option<Retry>,
    /// Its `credential`.
    pub expires: Option<(Date, Span)>,
}

/// Reads the nodes of a system that are about requests.
pub fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Traffic {
    let empty = |own: &Fields<'_>| own.origin().end == own.node.name_span().end;
    let mut traffic = Traffic::default();
    if let Some(node) = fields.child(LIMIT.name) {
        let own = reader.open(node, &LIMIT);
        if empty(&own) {
            let found = missing("limit", "limits nothing", own.origin());
            reader.report(found.help("write a rate such as \"10/s\", or one of its properties"));
        }
        let whole = |name| own.whole_prop(name).and_then(|value| u32::try_from(value).ok());
        traffic.limit = Limit {
            rate: own.rate(0).map(|rate| rate.value),
            burst: whole("burst"),
            concurrency: whole("concurrency"),
            takes: own.duration_prop("takes"),
            writes: own.rate_prop("writes").map(|rate| rate.value),
            page: whole("page"),
            batch: whole("batch"),
            origin: Some(own.origin()),
        };
    }
    traffic.timeout = fields.child(TIMEOUT.name).and_then(|node| reader.open(node, &TIMEOUT).duration(0));
    if let Some(node) = fields.child(RETRY.name) {
        let own = reader.open(node, &RETRY);
        if empty(&own) {
            let found = missing("retry", "says neither how often nor for how long", own.origin());
            reader.report(found.help("write `retry attempts=5 within=\"10m\"`"));
        }
        let attempts = own.whole_prop("attempts").and_then(|value| u32::try_from(value).ok());
        traffic.retry = Some(Retry { attempts, within: own.duration_prop("within"), origin: own.origin() });
    }
    if let Some(node) = fields.child(CREDENTIAL.name) {
        let own = reader.open(node, &CREDENTIAL);
        traffic.expires = own.date_prop("expires").map(|date| (date.value, date.span));
    }
    traffic
}

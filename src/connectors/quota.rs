//! How long a server asks to wait: `Retry-After`, and the headers in which servers tell of their quotas.

use crate::model::time::Moment;
use crate::world::Response;
use std::time::Duration;

/// Longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Headers that say when a quota is fresh again.
const RESETS: &[&str] = &["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];
/// Headers that say how many requests are left.
const LEFT: &[&str] = &["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"];

/// How long an answer asks to wait, at most a day; `None` where it does not say, or not in a known form.
/// `Retry-After` counts before the quota's headers.
pub(crate) fn wait(answer: &Response, now: Moment) -> Option<Duration> {
    let asked = answer.header("retry-after").and_then(|value| after(value.trim(), now));
    let asked = asked.or_else(|| {
        let reset = RESETS.iter().find_map(|name| answer.header(name)).map(str::trim);
        reset
            .or_else(|| parameter(answer.header("ratelimit")?, &["t", "reset"]))
            .and_then(|value| fresh(value, now))
    });
    asked.map(|wait| wait.min(LONGEST))
}

/// Whether an answer says that nothing is left of the quota.
pub(crate) fn spent(answer: &Response) -> bool {
    let left = LEFT.iter().find_map(|name| answer.header(name)).map(str::trim);
    left.or_else(|| parameter(answer.header("ratelimit")?, &["r", "remaining"])) == Some("0")
}

/// `Retry-After`: seconds, or a date.
fn after(value: &str, now: Moment) -> Option<Duration> {
    whole(value).or_else(|| Some(Moment::parse_http(value)?.since(now)))
}

/// When a quota is fresh again: in seconds from now, or as seconds since 1970, which a wait never is.
fn fresh(value: &str, now: Moment) -> Option<Duration> {
    let value = whole(value)?;
    if value.as_secs() < 1_000_000_000 {
        return Some(value);
    }
    let at = i64::try_from(value.as_millis()).map_or(Moment(i64::MAX), Moment);
    Some(at.since(now))
}

/// Whole seconds. What is more than any number holds is very long.
fn whole(value: &str) -> Option<Duration> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
}

/// A parameter of the header `RateLimit`, in any of the forms that its drafts had: `limit=10, remaining=0,
/// reset=7` and `"default";r=0;t=7`.
fn parameter<'v>(value: &'v str, names: &[&str]) -> Option<&'v str> {
    value
        .split([';', ','])
        .filter_map(|part| part.trim().split_once('='))
        .find_map(|(name, value)| names.contains(&name.trim()).then(|| value.trim()))
}

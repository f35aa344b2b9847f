//! `lag-unreachable`: the terms of a flow's lag add up to more than its target.

use crate::check::Facts;
use crate::check::lag::{Missed, Timed, detail, faulty, round_us, show_us, terms, timed, word};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::lag::{Requests, Sum, Term, What};
use crate::model::Model;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let blamed = faulty(facts);
    let all = timed(facts.model, facts.graph);
    let missed = all.iter().filter_map(|flow| Some((flow, flow.missed()?)));
    missed
        .filter(|(flow, how)| {
            let behind = flow.path.upstream().is_some_and(|upstream| blamed[upstream.index()]);
            !(behind && kept_without_upstream(facts.model, flow, *how))
        })
        .filter_map(|(flow, how)| finding(facts.model, flow, how))
        .collect()
}

/// What counts towards a finding of this sort.
fn part(how: Missed) -> fn(&Sum) -> u128 {
    match how {
        Missed::Surely => |sum| sum.sure,
        Missed::Expected => |sum| sum.sure.saturating_add(sum.expected),
    }
}

/// Whether only what lies behind it makes a flow late: mending that mends this.
fn kept_without_upstream(model: &Model, flow: &Timed<'_>, how: Missed) -> bool {
    let part = part(how);
    let own = flow.path.terms.iter().filter(|term| term.what != What::Upstream);
    let us = own.map(|term| part(&term.sum)).sum();
    flow.target().is_none_or(|(target, _)| flow.own_us(model, us) <= target)
}

fn finding(model: &Model, flow: &Timed<'_>, how: Missed) -> Option<Diagnostic> {
    let (target, lag) = flow.target()?;
    let part = part(how);
    let own = part(&flow.path.judged());
    let dominant = flow.path.dominant_of(part)?;
    let (late, allowed) = (show_us(own), show_us(target));
    let clock = match lag.calendar {
        Some((calendar, _)) => format!(" of the open hours of `{}`", model.calendar(calendar).name),
        None => String::new(),
    };
    let least = if flow.path.known { "" } else { "at least " };
    let when = match how {
        Missed::Surely => "before it has written anything",
        Missed::Expected => "if as much changes as expected",
    };
    let message =
        format!("flow `{}` is up to {least}{late}{clock} late {when}; {allowed} is its target", flow.name);
    let mut found = Diagnostic::new(code::LAG_UNREACHABLE, flow.origin, message)
        .here(format!("{late} at worst"))
        .label(lag.origin, format!("{allowed} is the target"));
    if let Some(system) = dominant.system.map(|system| model.system(system)) {
        let place = system.limit.origin.unwrap_or(system.origin);
        let place = match dominant.flow {
            Some(upstream) => model.flow(upstream).origin,
            None => place,
        };
        let said = match dominant.what {
            What::Upstream => format!("up to {} late itself", show_us(part(&dominant.sum))),
            _ => {
                let what = detail(model, dominant);
                let what = what.split_once(": ").map_or(&*what, |(_, what)| what).to_owned();
                format!("{what}: {}", show_us(part(&dominant.sum)))
            }
        };
        found = found.label(place, said);
    }
    let found = found.help(format!(
        "It adds up to {}: {}. {} Retries are not counted. `onhand graph --lag` shows every term.",
        show_us(part(&flow.path.sum)),
        terms(model, flow.path, &part),
        mend(model, flow, dominant)
    ));
    Some(if how == Missed::Expected { found.as_warning() } else { found })
}

/// The change that would mend it: of the longest term, or of the target.
fn mend(model: &Model, flow: &Timed<'_>, dominant: &Term) -> String {
    // What is expected to change has to fit as well, or the next finding would be about that.
    let part = part(Missed::Expected);
    let total = part(&flow.path.sum);
    let target = flow.target().map_or(0, |(target, _)| target);
    let rest = total.saturating_sub(part(&dominant.sum));
    let room = target.saturating_sub(rest);
    let raised = round_us(part(&flow.path.judged()), true);
    let raise = raised.map(|late| format!("`lag \"{late}\"`")).unwrap_or_default();
    // With a calendar nobody can say which times of day a shorter term saves.
    let has_calendar = flow.lag.is_some_and(|lag| lag.calendar.is_some());
    let change = match change(model, dominant, room).filter(|_| !has_calendar) {
        Some(change) => change,
        None if room == 0 && !has_calendar => {
            let rest = show_us(rest);
            return format!(
                "The longest, {}, is not all: without it {rest} would be left. Mend several, or raise the \
                 target: {raise}.",
                word(dominant.what)
            );
        }
        None => format!("shorten the longest, {}", word(dominant.what)),
    };
    let mut change = change;
    if let Some(first) = change.get(..1).map(str::to_ascii_uppercase) {
        change.replace_range(..1, &first);
    }
    format!("{change}; or, where so much is bearable, raise the target: {raise}.")
}

/// The change of one term that would leave it no more than `room` microseconds.
fn change(model: &Model, term: &Term, room: u128) -> Option<String> {
    let fits = round_us(room, false);
    let system = term.system.map(|system| &*model.system(system).name).unwrap_or_default();
    match (term.what, &term.requests) {
        (What::Every, _) => Some(format!("run it more often: `every=\"{}\"`", fits?)),
        (What::Upstream, _) => {
            let flow = &model.flow(term.flow?).name;
            Some(format!("make flow `{flow}` faster: {} or less would do", show_us(room)))
        }
        (_, Some(requests)) => asked(term.what, requests, system, room),
        (_, None) => None,
    }
}

/// Fewer requests, or faster ones.
fn asked(what: What, requests: &Requests, system: &str, room: u128) -> Option<String> {
    let count = u64::try_from(room / u128::from(requests.each_us.max(1))).ok()?;
    let (name, size) = match what {
        What::Counts | What::Shown | What::Pages => ("page", requests.rows.div_ceil(count.max(1))),
        What::Write | What::Reread | What::ReadBack | What::Post => {
            ("batch", requests.rows.div_ceil(count.max(1)))
        }
        _ => ("", 0),
    };
    // A batch is as large as its kind takes already; only a rate or a time can be mended there.
    if count > 0 && name == "page" && requests.count > 1 && size <= 1_000_000 {
        return Some(format!("if `{system}` bears larger pages, say so: `limit page={size}`"));
    }
    if requests.paced {
        let needed = (u128::from(requests.count) * 1_000_000).div_ceil(room.max(1));
        return Some(format!("if `{system}` bears a faster rate, say so: `limit \"{needed}/s\"`"));
    }
    let takes = round_us(room / u128::from(requests.count.max(1)), false)?;
    Some(format!("if a request to `{system}` takes less, say so: `limit takes=\"{takes}\"`"))
}

//! The terms of a flow's lag in words, and whether it can be kept: what the rules and `graph --lag` share.

use super::Facts;
use crate::graph::Graph;
use crate::graph::lag::{Path, Requests, Sum, Term, Wait, What};
use crate::model::calendar::Timetable;
use crate::model::flow::Lag;
use crate::model::time::show_duration;
use crate::model::{FlowId, Model, SystemId};
use crate::source::Span;
use std::time::Duration;

/// A flow of either way, with what it says about its lag and what that comes to.
#[derive(Clone, Copy)]
pub struct Timed<'m> {
    /// Its name.
    pub name: &'m str,
    /// The channel or other system whose counts or movements may be late.
    pub system: SystemId,
    /// Whether it collects movements.
    pub collects: bool,
    /// What it says.
    pub lag: Option<&'m Lag>,
    /// What it comes to.
    pub path: &'m Path,
    /// Where it is written.
    pub origin: Span,
}

/// All flows, those that publish first, each in reading order.
pub fn timed<'m>(model: &'m Model, graph: &'m Graph) -> Vec<Timed<'m>> {
    let publish = model.flows.iter().enumerate().map(|(index, flow)| Timed {
        name: &flow.name,
        system: flow.to,
        collects: false,
        lag: flow.lag.as_ref(),
        path: graph.lags().flow(FlowId::at(index)),
        origin: flow.origin,
    });
    let collect = model.collects.iter().enumerate().map(|(index, flow)| Timed {
        name: &flow.name,
        system: flow.from,
        collects: true,
        lag: flow.lag.as_ref(),
        path: graph.lags().collect(crate::model::CollectId::at(index)),
        origin: flow.origin,
    });
    publish.chain(collect).collect()
}

/// How a flow misses its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// By its cadence and its reads alone.
    Surely,
    /// If as much changes as is expected.
    Expected,
}

impl<'m> Timed<'m> {
    /// Its target in microseconds, with what says so.
    pub fn target(&self) -> Option<(u128, &'m Lag)> {
        let lag = self.lag?;
        Some((lag.target?.as_micros(), lag))
    }

    /// Whether it misses its target by what takes time, and how.
    pub fn missed(&self) -> Option<Missed> {
        let (target, _) = self.target()?;
        let sum = self.path.judged();
        match () {
            () if sum.sure > target => Some(Missed::Surely),
            () if sum.sure.saturating_add(sum.expected) > target => Some(Missed::Expected),
            () => None,
        }
    }

    /// The window for which raises wait so long, its own or that of a flow behind it, that it misses the
    /// target which it would keep without.
    pub fn window_breaks(&self) -> Option<Wait> {
        let (target, _) = self.target()?;
        let (wait, sure) = (self.path.window?, self.path.judged().sure);
        let breaks = wait.own_us > target
            || (wait.own_us > 0 && sure <= target && sure.saturating_add(wait.own_us) > target);
        breaks.then_some(wait)
    }

    /// The same times in the lag's own time: with a calendar only what that has open counts, at most.
    pub fn own_us(&self, model: &Model, us: u128) -> u128 {
        match self.lag.and_then(|lag| lag.calendar) {
            Some((calendar, _)) => Timetable::of(model.calendar(calendar)).most_open_us(us),
            None => us,
        }
    }
}

/// For each flow that publishes: whether it, or a flow behind it, has a fault of its own in time. What is
/// late because of it is not reported as well.
pub fn faulty(facts: &Facts) -> Vec<bool> {
    let all = timed(facts.model, facts.graph);
    let mut faulty = vec![false; facts.model.flows.len()];
    for flow in facts.graph.flow_order() {
        let own = &all[flow.index()];
        let behind = own.path.upstream().is_some_and(|upstream| faulty[upstream.index()]);
        let late = own.missed().is_some() || own.window_breaks().is_some();
        // What cannot be written, or goes back to where it came from, is wrong in another way.
        let node = facts.model.flow(*flow);
        let astray = !facts.can_write(node) || facts.graph.flow(*flow).sources.contains(&node.to);
        faulty[flow.index()] = behind || late || astray;
    }
    faulty
}

/// A term's name, at most ten letters.
pub fn word(what: What) -> &'static str {
    match what {
        What::Every => "cadence",
        What::LogIn => "log-in",
        What::Lines => "open lines",
        What::Counts => "counts",
        What::Shown => "target",
        What::Movements => "movements",
        What::Pages => "more pages",
        What::Reread => "read again",
        What::Write => "write",
        What::ReadBack => "read back",
        What::Post => "post",
        What::Upstream => "upstream",
        What::Cap => "write cap",
        What::Window => "window",
    }
}

/// What a term consists of, without its sum: ``erp: 4,000 cells in 8 pages of 500, 300ms each``.
pub fn detail(model: &Model, term: &Term) -> String {
    let system = term.system.map(|system| &*model.system(system).name).unwrap_or_default();
    let among = match term.among {
        0 | 1 => String::new(),
        many => format!(", slowest of {many}"),
    };
    let said = match (term.what, &term.requests) {
        (What::Every, _) => return "until the next run".to_owned(),
        (What::Window, _) => return "until raises may be written again".to_owned(),
        (What::Cap, _) => "until a cell may be written again".to_owned(),
        (What::Upstream, _) => {
            format!("flow `{}`", term.flow.map(|flow| &*model.flow(flow).name).unwrap_or_default())
        }
        (what, Some(requests)) => asked(what, requests),
        (_, None) => String::new(),
    };
    format!("{system}: {said}{among}")
}

fn asked(what: What, requests: &Requests) -> String {
    let each = show_us(requests.each_us.into());
    let pace = if requests.paced { " by the rate" } else { "" };
    let rows = match what {
        What::Counts | What::Shown => "cell",
        What::Pages => "movement",
        What::Post => "document",
        _ => "change",
    };
    let piece = match what {
        What::Counts | What::Shown | What::Pages => "page",
        What::Movements | What::LogIn | What::Lines => "request",
        _ => "batch",
    };
    let pieces = match requests.size {
        0 => number(requests.count, piece),
        size => format!("{} of {}", number(requests.count, piece), digits(size)),
    };
    let rows = match requests.rows {
        0 => number(requests.count, piece),
        many => format!("{} in {pieces}", number(many, rows)),
    };
    match requests.count {
        1 => format!("{rows}, {each}{pace}"),
        _ => format!("{rows}, {each} each{pace}"),
    }
}

/// `1 page`, `4,000 pages`.
fn number(count: u64, noun: &str) -> String {
    let end = match (count, noun) {
        (1, _) => "",
        (_, "batch") => "es",
        _ => "s",
    };
    format!("{} {noun}{end}", digits(count))
}

/// A number with a comma between thousands.
fn digits(number: u64) -> String {
    let plain = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A time for people, rounded up to what is still of interest: `300ms`, `12.5s`, `4m 10s`, `2h 5m`, `3d 4h`.
pub fn show_us(us: u128) -> String {
    let two = |whole: u128, unit: &str, part: u128, small: &str| match part {
        0 => format!("{whole}{unit}"),
        part => format!("{whole}{unit} {part}{small}"),
    };
    let up = |unit_us: u128| us.div_ceil(unit_us);
    let (ms, tenths, seconds, minutes, hours) =
        (up(1_000), up(100_000), up(1_000_000), up(60_000_000), up(3_600_000_000));
    match () {
        () if ms < 1_000 => format!("{ms}ms"),
        () if tenths < 600 && tenths % 10 != 0 => format!("{}.{}s", tenths / 10, tenths % 10),
        () if seconds < 60 => format!("{seconds}s"),
        () if seconds < 3_600 => two(seconds / 60, "m", seconds % 60, "s"),
        () if minutes < 24 * 60 => two(minutes / 60, "h", minutes % 60, "m"),
        () => two(hours / 24, "d", hours % 24, "h"),
    }
}

/// A duration as the language writes it, rounded to a size that people would choose: down, or up.
pub fn round_us(us: u128, up: bool) -> Option<String> {
    let steps = [(86_400_000_000, 3), (3_600_000_000, 3), (60_000_000, 2), (1_000_000, 1), (1_000, 1)];
    let (step, _) = steps.into_iter().find(|(step, least)| us >= step * least)?;
    let whole = if up { us.div_ceil(step) } else { us / step };
    let ms = u64::try_from(whole * step / 1_000).ok()?;
    Some(show_duration(Duration::from_millis(ms)))
}

/// ``5m of cadence, 1.2s of counts (erp: …)``: the terms that have a part of some kind, the longest first.
pub fn terms(model: &Model, path: &Path, part: &dyn Fn(&Sum) -> u128) -> String {
    let mut all: Vec<&Term> = path.terms.iter().filter(|term| part(&term.sum) > 0).collect();
    all.sort_by_key(|term| std::cmp::Reverse(part(&term.sum)));
    let said = all.iter().take(4).map(|term| {
        let time = show_us(part(&term.sum));
        match term.what {
            What::Every => format!("{time} until the next run"),
            _ => format!("{time} {} ({})", word(term.what), detail(model, term)),
        }
    });
    let mut said: Vec<String> = said.collect();
    if let Some(rest) = all.get(4..).filter(|rest| !rest.is_empty()) {
        let us = rest.iter().map(|term| part(&term.sum)).sum();
        said.push(format!("{} more in {}", show_us(us), number(rest.len() as u64, "step")));
    }
    said.join(", ")
}

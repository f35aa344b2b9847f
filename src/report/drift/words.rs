//! The sentences of drift: what speaks for each cause.

use super::{Cause, Reason};
use crate::ledger::Booked;
use crate::model::Name;
use crate::model::demand::line_name;
use crate::model::movement::Movement;
use crate::model::quantity::Ratio;
use crate::model::time::{Moment, show_duration};
use std::time::Duration;

/// A unit or pack of an item, and how many base units it holds.
pub(super) type Pack = (Name, Ratio);

/// A factor between two units.
pub(super) struct Factor<'p> {
    /// How many of the smaller the larger holds.
    pub ratio: Ratio,
    pub larger: &'p Name,
    pub smaller: &'p Name,
    /// Whether the number is too large by it; else too small.
    pub up: bool,
}

/// What sentences name.
#[derive(Debug)]
pub(super) struct Told<'t> {
    /// The system that shows the number.
    pub system: &'t str,
    /// The zone of its stamps.
    pub zone: &'t str,
    /// The zone in which people read moments.
    pub wall: &'t str,
    /// The unit of the number.
    pub unit: &'t Pack,
    /// All units in which the thing is counted anywhere.
    pub packs: &'t [Pack],
    /// When the last number was right.
    pub last: Moment,
}

/// A movement as people name it: `web#1001/1`.
pub(super) fn name(booked: &Booked) -> String {
    line_name(&booked.key.system, &booked.key.document, &booked.key.line)
}

/// The same with what it is, how much and when: `order web#1001/1 of 3 (2026-11-22 06:35 (UTC))`.
fn whole(booked: &Booked, amount: i64, told: &Told<'_>) -> String {
    let (kind, name, amount) = (booked.key.movement.one(), name(booked), amount.unsigned_abs());
    let when = match booked.at {
        Some(at) => format!(", {}", at.on_the_wall(told.wall)),
        None => format!(", first seen {}", booked.seen.on_the_wall(told.wall)),
    };
    match booked.key.movement {
        Movement::Cancellation | Movement::Return | Movement::Shipment => {
            let order = line_name(&booked.key.system, &booked.order.0, &booked.order.1);
            format!("{kind} {name} of {amount} (order {order}{when})")
        }
        _ => format!("{kind} {name} of {amount}{when},"),
    }
}

fn counts(amount: i64) -> &'static str {
    if amount < 0 { "taken it off" } else { "added it" }
}

pub(super) fn missing(booked: &Booked, amount: i64, told: &Told<'_>) -> String {
    let (whole, system) = (whole(booked, amount, told), told.system);
    let counts = counts(amount);
    match booked.key.system == *system {
        true => {
            format!("{whole} is among the movements of `{system}`, and its count seems not to have {counts}")
        }
        false => {
            format!("{whole} was posted to `{system}`, and the count there seems not to have {counts}")
        }
    }
}

pub(super) fn restocked(booked: &Booked, amount: i64, told: &Told<'_>) -> String {
    let whole = whole(booked, amount, told);
    format!("{whole} seems to have been put back once too often in `{}`", told.system)
}

pub(super) fn counted(booked: &Booked, (amount, since): (i64, bool), told: &Told<'_>) -> String {
    let (whole, system) = (whole(booked, amount, told), told.system);
    let how = if amount < 0 { "taken off" } else { "added" };
    match since {
        true => format!("{whole} seems to have been {how} twice in `{system}`"),
        false => format!("{whole} is in the last number already, and seems to have been {how} once more"),
    }
}

/// Says how many other movements would fit as well.
pub(super) fn others(evidence: String, others: usize) -> String {
    match others {
        0 => evidence,
        1 => format!("{evidence}; one other of the same amount would fit as well"),
        more => format!("{evidence}; {more} others of the same amount would fit as well"),
    }
}

/// How far a number is off by a factor: `420 is exactly 12 times the expected 35`.
fn times(factor: &Factor<'_>, (from, to): (i64, i64), what: &str) -> String {
    let ratio = factor.ratio;
    match factor.up {
        true => format!("{to} is exactly {ratio} times {what}{from}"),
        false => format!("{to} is exactly {what}{from} divided by {ratio}"),
    }
}

fn holds(factor: &Factor<'_>) -> String {
    let Factor { ratio, larger, smaller, .. } = factor;
    format!("a `{larger}` holds {ratio} `{smaller}`: one was counted and taken for the other")
}

pub(super) fn pack_of_number(numbers: (i64, i64), factor: &Factor<'_>) -> String {
    format!("{}, and {}", times(factor, numbers, "the expected "), holds(factor))
}

pub(super) fn pack_of_change(numbers: (i64, i64), factor: &Factor<'_>) -> String {
    let (times, holds) = (times(factor, numbers, ""), holds(factor));
    let (was, is) = numbers;
    format!("since the last number it changed by {is:+} instead of {was:+}, {times}, and {holds}")
}

pub(super) fn pack_of_movement(booked: &Booked, numbers: (i64, i64), factor: &Factor<'_>) -> String {
    let (times, holds) = (times(factor, numbers, ""), holds(factor));
    let (was, is) = numbers;
    let (kind, name) = (booked.key.movement.one(), name(booked));
    format!("{kind} {name} seems to count as {is:+} instead of {was:+}, {times}, and {holds}")
}

pub(super) fn zone(
    (from, to): (Moment, Moment),
    (count, sum): (usize, i64),
    counted: bool,
    told: &Told<'_>,
) -> String {
    let long = show_duration(Duration::from_millis(from.0.abs_diff(to.0)));
    let (from, to) = (from.on_the_wall(told.wall), to.on_the_wall(told.wall));
    let what = match count {
        1 => format!("the one movement from {from} to {to} comes to {sum:+}"),
        count => format!("the {count} movements from {from} to {to} come to {sum:+}"),
    };
    let how = if counted { "which the number lacks" } else { "which the number has once too often" };
    format!("{what}, {how}; that window is {long} long, as far as `{}` is off UTC", told.zone)
}

pub(super) fn row(names: &[String], (from, to): (Moment, Moment), amount: i64, told: &Told<'_>) -> String {
    let (count, names) = (names.len(), names.join(", "));
    let (from, to) = (from.on_the_wall(told.wall), to.on_the_wall(told.wall));
    let system = told.system;
    format!(
        "{count} movements in a row ({names}; {from} to {to}) come to {amount:+}; they are known here, and \
         the count of `{system}` seems to lack them all"
    )
}

pub(super) fn edited(told: &Told<'_>) -> String {
    let (system, last) = (told.system, told.last.on_the_wall(told.wall));
    format!(
        "no movement, pack or window explains it: somebody or something else wrote it in `{system}`; the \
         number was last known to be right {last}"
    )
}

/// A cause that fits only where movements are counted in another way.
pub(super) fn resting(mut reason: Reason, rests: &str) -> Reason {
    reason.evidence.push_str(&format!(" ({rests})"));
    reason
}

/// A cause with what speaks for it, and what to do.
pub(super) fn reason(cause: Cause, movements: Vec<String>, evidence: String) -> Reason {
    let todo = match cause {
        Cause::MovementMissing => "Look it up in that system: was it taken in, and of how much?",
        Cause::RestockedTwice => "See who puts it back there: the system by itself, a person, or both.",
        Cause::CountedTwice => "Look it up in that system: does it stand there twice?",
        Cause::PackFactor => "Compare the unit of the code in the topology with the one used there.",
        Cause::TimeZone => "See which zone its stamps mean, and say it: `timezone` in its `system`.",
        Cause::Edited => "Ask who works there by hand, and which other program writes this count.",
    };
    Reason { cause, movements, evidence, todo }
}

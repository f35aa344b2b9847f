//! What a movement does to a number, and on which side of a moment it stands.

use crate::ledger::{Booked, SKEW};
use crate::model::time::Moment;

/// How surely a movement acts on a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It may, and it is likelier that it acts on another number instead.
    Elsewhere,
    /// It may, and as far as anybody knows does not.
    Unlikely,
    /// It does as far as anybody knows.
    Likely,
    /// It does.
    Sure,
}

/// What one movement does to one number, in the unit of that number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effect<'r> {
    pub booked: &'r Booked,
    pub amount: i64,
    pub weight: Weight,
}

/// A number with all that is known of it.
#[derive(Debug)]
pub(super) struct Track<'r> {
    /// The last number that was known to be right.
    pub last: i64,
    /// What is shown.
    pub shown: i64,
    pub stretch: Stretch,
    pub effects: &'r [Effect<'r>],
}

/// Where a movement stands in the time between the last known number and the one shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// The last known number has it.
    Before,
    /// It came after, and the number shown must have it.
    After,
    /// Nobody can tell; by its own stamp it came after and is in the number shown, or not.
    Unsure { inside: bool },
}

/// The time between the last known number and the one shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// When the last known number began to hold.
    pub from: Moment,
    /// From when on it surely held.
    pub to: Moment,
    /// Whether all that was seen here until `to` is in the last known number.
    pub seen_is_in: bool,
    /// When the number shown was true.
    pub end: Moment,
    /// When the reads that show it began, by our clock.
    pub began: Moment,
}

impl Stretch {
    /// On which side of its ends a movement stands. Clocks differ, and what a read shows for the first time
    /// may have happened after the count was read: near the ends nobody can tell.
    pub fn when(&self, booked: &Booked) -> When {
        let skew = i64::try_from(SKEW.as_millis()).unwrap_or(i64::MAX);
        let earlier = |moment: Moment| Moment(moment.0.saturating_sub(skew));
        let seen_until = if self.seen_is_in { self.to } else { earlier(self.to) };
        if booked.seen <= seen_until {
            return When::Before;
        }
        let Some(at) = booked.at else { return When::Unsure { inside: true } };
        let fresh = booked.seen >= self.began || self.end < self.began;
        let late = fresh && at > earlier(self.end);
        match at {
            _ if at < earlier(self.from) => When::Before,
            _ if at > self.to.after(SKEW) && !late => When::After,
            _ => When::Unsure { inside: at > self.to && at <= self.end },
        }
    }
}

/// When a movement happened; when it was first seen, where nobody says.
pub(super) fn time_of(booked: &Booked) -> Moment {
    booked.at.unwrap_or(booked.seen)
}

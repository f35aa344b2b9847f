//! Who looks after a topology: alerts, reviews, and how long runs can be undone.

use super::id::Name;
use super::system::Setting;
use super::time::TimeOfDay;
use crate::source::Span;
use std::time::Duration;

/// What an alert may be about, as a topology names it.
pub const OCCASIONS: [&str; 5] = ["open-failures", "lag", "guard", "stale", "credential"];

/// Who is told when something is wrong.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Where it is posted.
    pub webhooks: Vec<(Setting, Span)>,
    /// Who gets mail.
    pub mails: Vec<(Name, Span)>,
    /// About what, by name; all of [`OCCASIONS`] where the topology does not say.
    pub on: Vec<&'static str>,
    /// The number of open failures that is too many; 10 by default.
    pub open_failures: u64,
    /// Where it is written.
    pub origin: Span,
}

/// Who looks at the counts, and when. At least one of the three is there.
#[derive(Debug, Clone)]
pub struct Review {
    /// Who.
    pub by: Name,
    /// At which time each day.
    pub daily: Option<TimeOfDay>,
    /// On which day each week; 0 is Monday.
    pub weekly: Option<u8>,
    /// On which day each month, from 1; a month that is shorter has it on its last.
    pub monthly: Option<u8>,
    /// Where it is written.
    pub origin: Span,
}

/// How long runs can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollback {
    /// For so long what is needed to undo a run is kept.
    pub keep: Duration,
    /// Where it is written.
    pub origin: Span,
}

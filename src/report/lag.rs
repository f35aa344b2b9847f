//! How late a flow was: what its runs say of how long a change waits until it is shown.
//!
//! A change that comes right after a run has begun to read is shown, at the latest, when the next run of the
//! flow has ended. So each pair of runs that follow each other gives one sample, from the begin of the first
//! to the end of the second. Percentiles are order statistics by nearest rank: each is one of the samples.

use crate::model::calendar::Timetable;
use crate::model::time::Moment;
use crate::state::Turned;

/// The time in which lags are counted.
#[derive(Debug, Clone)]
pub enum Measure<'m> {
    /// By the clock.
    Clock,
    /// Only what a calendar has open, in a zone (an IANA name).
    Open(Box<Timetable>, &'m str),
}

impl Measure<'_> {
    /// Milliseconds from one moment to a later one.
    pub fn between_ms(&self, (from, to): (Moment, Moment)) -> u64 {
        let passed = match self {
            Measure::Clock => to.since(from),
            Measure::Open(table, zone) => table.open_between((from, to), zone),
        };
        u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The lags that were reached, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// How many samples there are; 1 at least.
    pub samples: usize,
    /// Half of the samples are at most this.
    pub p50_ms: u64,
    /// 95 of 100 are at most this.
    pub p95_ms: u64,
    /// The longest.
    pub worst_ms: u64,
    /// How many are longer than the target; 0 without one.
    pub missed: usize,
}

/// What the samples come to; `None` where there is none.
pub fn reached(mut samples_ms: Vec<u64>, target_ms: Option<u64>) -> Option<Reached> {
    samples_ms.sort_unstable();
    let missed = target_ms.map_or(0, |target| samples_ms.iter().filter(|own| **own > target).count());
    Some(Reached {
        samples: samples_ms.len(),
        p50_ms: rank(&samples_ms, 50)?,
        p95_ms: rank(&samples_ms, 95)?,
        worst_ms: *samples_ms.last()?,
        missed,
    })
}

/// The smallest of the sorted numbers that so many of 100 are at most, by nearest rank.
pub fn rank(sorted: &[u64], percent: usize) -> Option<u64> {
    let place = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(place.checked_sub(1)?).copied()
}

/// The runs of a flow that count: of every cell of it, and come to their end. As (begin, end), oldest first.
pub fn through(turns: &[Turned]) -> Vec<(Moment, Moment)> {
    let own = turns.iter().filter(|(turn, _)| turn.whole && turn.through);
    own.filter_map(|(turn, ended)| Some((turn.began, ended.as_ref()?.0))).collect()
}

/// From when to when a change waits that comes right after a run's begin, for each pair of runs that follow
/// each other.
pub fn waits(runs: &[(Moment, Moment)]) -> impl Iterator<Item = (Moment, Moment)> {
    runs.iter().zip(runs.iter().skip(1)).map(|(first, second)| (first.0, second.1))
}

//! What a run tells whoever watches it while it is at work.

use crate::model::time::Moment;
use std::time::Duration;

/// One thing that has happened on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'s> {
    /// A read begins.
    Reading {
        /// The system.
        system: &'s str,
        /// What is read: `lines` or `levels`.
        what: &'s str,
    },
    /// A read has come to its end, well or not.
    Read {
        /// The system.
        system: &'s str,
        /// What was read: `lines` or `levels`.
        what: &'s str,
        /// How many rows the source sent; `None` where it could not be read.
        rows: Option<u64>,
    },
    /// A request failed and is tried again after a wait.
    Again {
        /// The system.
        system: &'s str,
        /// What went wrong, without secrets.
        why: &'s str,
        /// How long is waited.
        wait: Duration,
        /// Which attempt comes next, from 1.
        attempt: u32,
        /// How many there are at most.
        of: u32,
    },
    /// Writing begins.
    Writing {
        /// The systems that are written.
        systems: &'s [String],
        /// How many rows are to be settled.
        rows: u64,
    },
    /// While writing, a system is left alone for so long.
    Waiting {
        /// The system.
        system: &'s str,
        /// For how long.
        wait: Duration,
    },
    /// So many more rows are settled.
    Settled(u64),
    /// Nothing is under way any more.
    Done,
}

/// Somebody who watches. A step must be taken at once: work waits for it.
pub trait Watch {
    /// Something has happened at `now`.
    fn step(&self, now: Moment, step: &Step<'_>);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Watch for Nobody {
    fn step(&self, _: Moment, _: &Step<'_>) {}
}

//! Rows that go together, and how they end when their system does not answer as hoped.

use super::batch::{Row, Settled, Verdict};
use super::retry::Backoff;
use crate::connectors::{Failure, Seen};
use crate::state::Outcome;

/// What is to be done with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Write it, after a look where the system does not compare.
    Send,
    /// Read back what an answer that never came has done.
    ReadBack,
    /// Read back what was written without comparing.
    Confirm,
}

/// Rows that go together.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub rows: Vec<usize>,
    pub step: Step,
    /// Failures of the write.
    pub writing: Backoff,
    /// Failures of the look under way; a look that went well begins anew.
    pub looking: Backoff,
    /// The rows of the last request sent; a request with others is another request.
    pub last: Option<Vec<usize>>,
    /// What happened last, once no further attempt is left.
    pub spent: Option<String>,
}

impl Batch {
    pub fn new(rows: Vec<usize>, step: Step) -> Batch {
        let (writing, looking) = (Backoff::default(), Backoff::default());
        Batch { rows, step, writing, looking, last: None, spent: None }
    }
}

/// What a system that compares found instead of `before`.
pub(super) fn moved(row: &Row, found: Option<&Seen>, lost: bool) -> Settled {
    match (found, lost) {
        (Some(seen), true) => match row.read_back(seen) {
            Verdict::Settled(settled) => settled,
            Verdict::Go => row.moved(seen),
        },
        (Some(seen), false) => row.moved(seen),
        (None, _) => {
            Settled::new(Outcome::Moved, "the system shows something else than what was read; not written")
        }
    }
}

/// How a row ends whose cell could not be read.
pub(super) fn refused_read(step: Step, failure: &Failure) -> Settled {
    let message = failure.message();
    let reason = match step {
        Step::Send => format!("its cell could not be read before writing: {message}"),
        Step::ReadBack => format!("the answer was lost and the cell cannot be read back: {message}"),
        Step::Confirm => format!("the system took the write, but the cell cannot be read back: {message}"),
    };
    Settled::new(Outcome::Failed, reason)
}

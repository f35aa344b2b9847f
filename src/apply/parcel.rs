//! Rows that go together, and how they end when their system does not answer as hoped.

use super::batch::{Phase, Row, Settled, Verdict};
use super::desk::Progress;
use super::retry::Backoff;
use crate::connectors::{Failure, Seen};
use crate::model::capability::WriteClass;
use crate::state::Outcome;

/// What is to be done with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Write it, after a look where the system does not compare.
    Send,
    /// Send the identical request once more, under the same keys.
    Repeat,
    /// Read back what an answer that never came has done.
    ReadBack,
    /// Read back what was written without comparing.
    Confirm,
}

/// Why a batch whose answer was lost is not sent again.
#[derive(Debug, Clone)]
pub(super) struct Spent {
    /// What happened last.
    pub why: String,
    /// Whether its system is given up with it.
    pub closes: bool,
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
    /// Why it is only read back by now.
    pub spent: Option<Spent>,
}

impl Batch {
    pub fn new(rows: Vec<usize>, step: Step) -> Batch {
        let (writing, looking) = (Backoff::default(), Backoff::default());
        Batch { rows, step, writing, looking, last: None, spent: None }
    }

    /// From now on it is only read back.
    pub fn spend(&mut self, why: &str, closes: bool) {
        self.step = Step::ReadBack;
        self.spent = Some(Spent { why: why.to_owned(), closes });
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

/// How a row ends that can no longer be sent. If the answer to an earlier request for it was lost, that
/// one may have been carried out.
pub(super) fn refused_write(progress: &Progress, failure: &Failure) -> Settled {
    let message = failure.message();
    Settled::new(
        Outcome::Failed,
        match progress.lost {
            true => {
                format!("an earlier answer was lost, so it may have been carried out; look there: {message}")
            }
            false => message.to_owned(),
        },
    )
}

/// How a row ends whose cell could not be read.
pub(super) fn refused_read(step: Step, progress: &Progress, failure: &Failure) -> Settled {
    let message = failure.message();
    let reason = match step {
        Step::Send if progress.lost => return refused_write(progress, failure),
        Step::Send => format!("its cell could not be read before writing: {message}"),
        Step::Repeat | Step::ReadBack => format!(
            "the answer was lost and the cell cannot be read back, so it may have been carried out; look \
             there: {message}"
        ),
        Step::Confirm => format!("the system took the write, but the cell cannot be read back: {message}"),
    };
    Settled::new(Outcome::Failed, reason)
}

/// What a request whose answer never came has done.
///
/// Of a number that was set, the old one alone does not say that it was not carried out: what a raise put
/// on sale may be sold already, and a second one would sell it again. A log that has moved tells. An amount
/// is never sent again on the word of a look: it is settled here, whatever is seen.
pub(super) fn read_back(class: WriteClass, progress: &Progress, seen: &Seen) -> Verdict {
    if matches!(class, WriteClass::BareDelta | WriteClass::KeyedDelta) {
        return Verdict::Settled(amount_read_back(progress, seen));
    }
    let verdict = progress.row.read_back(seen);
    let moved = progress.log.is_some() && seen.log != progress.log;
    match verdict {
        Verdict::Go if moved && progress.row.phase == Phase::Raise => {
            let reason = "the answer was lost; read back, the old number stands, but its log has moved, so \
                          the raise may have been carried out and sold since";
            Verdict::Settled(Settled::new(Outcome::Moved, reason))
        }
        verdict => verdict,
    }
}

fn amount_read_back(progress: &Progress, seen: &Seen) -> Settled {
    let row = &progress.row;
    let logged = seen.log.zip(progress.log).map(|(now, then)| now.saturating_sub(then));
    if let Verdict::Settled(settled) = row.read_back(seen)
        && settled.outcome == Outcome::Unverified
    {
        return settled;
    }
    if logged == Some(progress.log_rows) {
        let reason = "the answer was lost; read back, its log holds our movement and no other";
        return Settled::new(Outcome::Unverified, reason);
    }
    let found = match seen.value(&row.column) {
        Some(value) => format!("it shows {value}"),
        None => "it is not shown".to_owned(),
    };
    let (column, after) = (&row.column, row.after);
    let reason = format!(
        "the answer was lost, and it may have been carried out; look there: {column} was to become {after}, \
         and read back {found}. A change by an amount is not sent a second time"
    );
    Settled { outcome: Outcome::Failed, reason, field: row.column.clone() }
}

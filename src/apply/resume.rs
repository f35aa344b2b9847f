//! Going on with a run that was cut off: what its journal tells of each change, and what becomes of requests
//! that left and whose answer nobody noted.

use super::batch::{Phase, Row, Settled, Verdict};
use super::decide::Decision;
use super::key::write_key;
use super::machine::Earlier;
use crate::connectors::Seen;
use crate::model::capability::WriteClass;
use crate::model::time::Moment;
use crate::state::{Entry, Event, Outcome, Run, StateError, Store};
use std::collections::BTreeMap;

/// Which run can be gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// None, and why, in words.
    Nothing(String),
    /// There is no run of this id.
    Unknown(String),
    /// This one cannot, and why; a new plan is needed.
    Overtaken(String),
    /// This one.
    Run(Run),
}

/// Finds the run to go on with: the newest, if it was cut off or interrupted. `asked` names one; another
/// than the newest is refused, since what came after it wrote on fresher counts.
pub async fn find(store: &mut dyn Store, asked: Option<&str>) -> Result<Found, StateError> {
    let newest = store.runs(1).await?.into_iter().next();
    let Some(id) = asked else {
        return Ok(match newest {
            None => Found::Nothing("there is nothing to resume: no run is known here".to_owned()),
            Some(run) if is_open(&run) => Found::Run(run),
            Some(run) => Found::Nothing(format!(
                "there is nothing to resume: the last run, {} of {}, came to its end",
                run.id, run.actor
            )),
        });
    };
    let Some(run) = store.run(id).await? else {
        return Ok(Found::Unknown(format!("no run {id} is known here")));
    };
    Ok(match newest {
        _ if !is_open(&run) && run.ended.is_some() => {
            Found::Nothing(format!("there is nothing to resume: run {id} came to its end"))
        }
        Some(newest) if newest.id != run.id => Found::Overtaken(format!(
            "run {id} was cut off, but run {} began after it and wrote on fresher counts, so it is over",
            newest.id
        )),
        _ => Found::Run(run),
    })
}

/// Whether a run has no end, or was interrupted.
fn is_open(run: &Run) -> bool {
    run.ended.is_none_or(|(_, status)| status == INTERRUPTED)
}

/// The status of a run that somebody or something stopped.
pub const INTERRUPTED: u8 = 130;

/// A request as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// The columns that it depends on; none for a create.
    pub before: Vec<(String, i64)>,
    /// The number.
    pub after: i64,
    /// Its key.
    pub key: String,
    /// When it left.
    pub at: Moment,
}

/// What a journal tells of one change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// How it ended, if it did.
    pub ended: Option<(Outcome, String)>,
    /// The last request that left for it.
    pub sent: Option<Request>,
    /// The last attempt.
    pub attempt: u32,
    intended: Request,
}

impl Told {
    /// The request that left without an answer that was noted. One that was answered in a way that led to
    /// another attempt cannot be told from one that was not, and counts as well.
    pub fn unanswered(&self) -> Option<&Request> {
        self.sent.as_ref().filter(|_| self.ended.is_none())
    }

    /// How far the machine came with the change. A key is used again only for the identical request, and only
    /// where a system goes by it: others take rows in batches, and the next batch is another one.
    pub fn earlier(&self, names: (&str, &str), row: &Row, class: WriteClass) -> Earlier {
        let Some(sent) = self.unanswered() else {
            return Earlier { attempt: self.attempt, epoch: 0, lost: false };
        };
        let last = (0..EPOCHS).find(|epoch| write_key(names, &row.change, *epoch) == sent.key);
        let last = last.unwrap_or(EPOCHS);
        let same = class == WriteClass::KeyedDelta && row.before == sent.before && row.after == sent.after;
        Earlier { attempt: self.attempt, epoch: if same { last } else { last + 1 }, lost: true }
    }
}

/// More epochs than one change comes to in a run.
const EPOCHS: u32 = 256;

/// What a journal tells, by change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journal {
    changes: BTreeMap<String, Told>,
}

impl Journal {
    /// Reads a run's entries, in the order of writing.
    pub fn replay(entries: &[Entry]) -> Journal {
        let mut journal = Journal::default();
        for entry in entries {
            let told = journal.changes.entry(entry.change.clone()).or_default();
            match &entry.event {
                Event::Intent { before, after } => {
                    told.attempt = told.attempt.max(entry.attempt);
                    let (before, key) = (before.clone(), entry.key.clone());
                    told.intended = Request { before, after: *after, key, at: entry.at };
                }
                Event::Sent => told.sent = Some(Request { at: entry.at, ..told.intended.clone() }),
                Event::Again { .. } => {}
                Event::Outcome { outcome, reason } => told.ended = Some((*outcome, reason.clone())),
            }
        }
        journal
    }

    /// What it tells of a change; `None` where it does not have it.
    pub fn of(&self, change: &str) -> Option<&Told> {
        self.changes.get(change)
    }

    /// The requests without an answer, with their changes.
    pub fn unanswered(&self) -> impl Iterator<Item = (&str, &Request)> {
        self.changes.iter().filter_map(|(change, told)| Some((&**change, told.unanswered()?)))
    }

    /// How many changes stand how.
    pub fn in_words(&self) -> String {
        let (mut settled, mut failed, mut unsent, mut unknown) = (0, 0, 0, 0);
        for told in self.changes.values() {
            match (&told.ended, &told.sent) {
                (Some((Outcome::Failed, _)), _) => failed += 1,
                (Some(_), _) => settled += 1,
                (None, Some(_)) => unknown += 1,
                (None, None) => unsent += 1,
            }
        }
        format!(
            "{settled} rows settled, {failed} failed, {unsent} not sent, {unknown} sent without an answer"
        )
    }
}

/// What becomes of a change whose request left and has no answer. `row` is that request; `seen` what its cell
/// shows now, where it could be read; `decision` what a plan made now would do.
///
/// | the cell shows | absolute, compare-and-set | keyed | bare |
/// |---|---|---|---|
/// | the number | done; written again only to fall further | the same | the same |
/// | what stood before | as decided now | the identical request if still right; else to fall | failed |
/// | anything else | only to fall | moved | moved |
pub fn judge(row: &Row, seen: Option<&Seen>, decision: Decision, class: WriteClass) -> Decision {
    let settled = |outcome, reason: String| Decision::Settled(Settled::new(outcome, reason));
    let Some(seen) = seen else {
        return match decision {
            Decision::Write { .. } => settled(Outcome::Failed, format!("{CUT}, and its cell cannot be read")),
            Decision::Settled(own) => {
                let reason = format!("{CUT}, so it may have been carried out; {}", own.reason);
                Decision::Settled(Settled { reason, ..own })
            }
        };
    };
    let falls = matches!(&decision, Decision::Write { row, .. } if row.phase != Phase::Raise);
    let by_amount = matches!(class, WriteClass::KeyedDelta | WriteClass::BareDelta);
    match row.read_back(seen) {
        Verdict::Settled(own) if own.outcome == Outcome::Unverified => match falls {
            true => decision,
            false => settled(Outcome::Unverified, format!("{CUT}; read back, it shows the number")),
        },
        Verdict::Settled(own) => match decision {
            Decision::Write { .. } if !falls || by_amount => {
                let found = own.reason.trim_start_matches("the answer was lost; ");
                settled(Outcome::Moved, format!("{CUT}; {found}"))
            }
            decision => decision,
        },
        Verdict::Go => match (decision, class) {
            (Decision::Write { .. }, WriteClass::BareDelta | WriteClass::ReadOnly) => {
                let why = "read back, the old number stands, and a change by an amount is never sent twice";
                settled(Outcome::Failed, format!("{CUT}; {why}: plan again"))
            }
            (Decision::Write { row: now, shown }, WriteClass::KeyedDelta) => {
                match (row.phase == Phase::Raise, now.phase == Phase::Raise) {
                    // What was to rise and has to fall by now: the old request is dead, and is not revived.
                    (true, false) => Decision::Write { row: now, shown },
                    (true, true) if row.after <= now.after => identical(row, shown + (row.after - now.after)),
                    (false, false) => identical(row, shown + (row.after - now.after)),
                    _ => {
                        let why = "read back, the old number stands, and another one is right by now";
                        settled(Outcome::Moved, format!("{CUT}; {why}"))
                    }
                }
            }
            (decision, _) => decision,
        },
    }
}

fn identical(row: &Row, shown: i64) -> Decision {
    Decision::Write { row: row.clone(), shown }
}

const CUT: &str = "the run was cut off after this request had left";

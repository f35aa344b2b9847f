//! The entries of state: what we did, what failed, what was last written and known.

use crate::model::time::Moment;

/// One apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The plan's id.
    pub plan: String,
    /// The plan's digest.
    pub digest: String,
    /// The topology's digest.
    pub topology: String,
    /// Who runs it: user and host.
    pub actor: String,
    /// When it began.
    pub began: Moment,
    /// When it ended, and with which exit status.
    pub ended: Option<(Moment, u8)>,
    /// The topology's revision in git, where known.
    pub revision: Option<String>,
    /// The run that it undoes, if it does.
    pub undoes: Option<String>,
}

/// The right to write, for one runner at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The runner that holds it: another name each time that a run is begun or gone on with.
    pub holder: String,
    /// The run that it carries out.
    pub run: String,
    /// The host that it runs on.
    pub host: String,
    /// The process there, as [`crate::world::Env::process`] names it.
    pub process: String,
    /// Its number: higher than that of every lease before it. Whoever writes with a lower one is too late.
    pub fence: i64,
    /// When it was taken.
    pub taken: Moment,
    /// When its holder was last heard of.
    pub heartbeat: Moment,
    /// When it runs out unless it is extended.
    pub expires: Moment,
}

/// A lease that somebody freed by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlocked {
    /// Its fencing number.
    pub fence: i64,
    /// The run that held it.
    pub run: String,
    /// Who freed it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// What came of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is ours, with this fencing number.
    Ours(i64),
    /// Somebody else has it, and it has not run out, or the lease that was to be extended is over.
    Theirs(Lease),
    /// The lease that was to be extended is over, and nobody has one.
    Over,
}

/// One line of the journal: what we did. Written before the request leaves, and again when the answer
/// is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The run.
    pub run: String,
    /// The change of the plan.
    pub change: String,
    /// Which attempt of this row, from 1.
    pub attempt: u32,
    /// The idempotency key of the attempt.
    pub key: String,
    /// What happened.
    pub event: Event,
    /// When.
    pub at: Moment,
}

/// What happened to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It will be sent: what stands there, and what is to stand there, in the system's unit.
    Intent {
        /// The columns that the write depends on, by name.
        before: Vec<(String, i64)>,
        /// The number.
        after: i64,
    },
    /// The request has left.
    Sent,
    /// It had moved, and is computed again in this run: what follows is a new attempt.
    Again {
        /// What had moved, in words.
        reason: String,
    },
    /// It is settled.
    Outcome {
        /// How.
        outcome: Outcome,
        /// Why, in words; empty where the outcome says it all.
        reason: String,
    },
}

/// How a planned row ends: in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Written, and the system compared, or its log shows only our movement.
    Verified,
    /// Written, and read back; a lost update would look the same.
    Unverified,
    /// It already showed the number.
    Unchanged,
    /// Written into a file that has not been read back yet.
    Sent,
    /// No longer what the plan permits.
    Moved,
    /// Not written, since something that it depends on is not known.
    Held,
    /// Refused or not answered; in the queue.
    Failed,
    /// Left alone for a stated reason.
    Skipped,
}

impl Outcome {
    /// Every outcome, in the order in which they are reported.
    pub const ALL: [Outcome; 8] = [
        Outcome::Verified,
        Outcome::Unverified,
        Outcome::Unchanged,
        Outcome::Sent,
        Outcome::Moved,
        Outcome::Held,
        Outcome::Failed,
        Outcome::Skipped,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Verified => "verified",
            Outcome::Unverified => "unverified",
            Outcome::Unchanged => "unchanged",
            Outcome::Sent => "sent",
            Outcome::Moved => "moved",
            Outcome::Held => "held",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
        }
    }

    /// The outcome of a word.
    pub fn of(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Whether the number stands at the target, or is on its way there.
    pub fn went_through(self) -> bool {
        matches!(self, Outcome::Verified | Outcome::Unverified | Outcome::Unchanged | Outcome::Sent)
    }
}

/// A plan that was written here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSeen {
    /// Its digest.
    pub digest: String,
    /// Its id.
    pub id: String,
    /// The seal of its file, which covers every byte; empty for a plan of which only the digest is known.
    pub seal: String,
    /// When it was made.
    pub created: Moment,
    /// The run that applied it, if one has.
    pub applied_by: Option<String>,
}

/// What one queue entry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueKey {
    /// The flow.
    pub flow: String,
    /// The system.
    pub system: String,
    /// The location; empty where there is none.
    pub location: String,
    /// The item or bundle, or the record where no item is known.
    pub item: String,
    /// The field.
    pub field: String,
}

/// A failure to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is about.
    pub key: QueueKey,
    /// The system's code for the item; empty where not known.
    pub code: String,
    /// Which record, and of which source.
    pub record: String,
    /// What was found, and what to do.
    pub reason: String,
    /// The change of the plan that it belongs to; empty for a row that was only read.
    pub change: String,
    /// When it may be tried again by itself; `None`: at the next run.
    pub next: Option<Moment>,
    /// The last request in words, without secrets; empty where none has left.
    pub request: String,
}

/// One entry of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    /// Its number.
    pub id: i64,
    /// What failed.
    pub fault: Fault,
    /// How often.
    pub attempts: u32,
    /// When first.
    pub first: Moment,
    /// When last.
    pub last: Moment,
    /// When and how it was closed: by itself, or with a note.
    pub closed: Option<(Moment, String)>,
    /// Until when somebody knows of it, and their note: until then it is listed and asks for nobody.
    pub quiet: Option<(Moment, String)>,
}

impl QueueEntry {
    /// Whether somebody knows of it at a moment, so that it asks for nobody.
    pub fn quiet_at(&self, now: Moment) -> bool {
        self.closed.is_none() && self.quiet.as_ref().is_some_and(|(until, _)| now < *until)
    }
}

/// The last number written to a cell of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The system.
    pub system: String,
    /// The location's name; empty where there is none.
    pub location: String,
    /// The system's code.
    pub code: String,
    /// The column.
    pub column: String,
    /// The number, in the system's unit.
    pub value: i64,
    /// What the source showed when it was written; `None` where it did not show the cell. While a source
    /// that is not the file written still shows this, the number has not arrived there.
    pub shown: Option<i64>,
    /// When it was written.
    pub at: Moment,
    /// The run.
    pub run: String,
    /// Whether a read has shown it since.
    pub seen: bool,
}

/// The last value of an owner's cell that an apply used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The owner.
    pub system: String,
    /// The location's name.
    pub location: String,
    /// The item's name.
    pub item: String,
    /// The quantity's name.
    pub quantity: String,
    /// The value, in base units.
    pub value: i64,
    /// When it was true, where known.
    pub as_of: Option<Moment>,
}

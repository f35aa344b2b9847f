//! One system's part in an apply: its batches in their order, one request at a time.

use super::batch::{Phase, Settled};
use super::desk::{Command, Desk};
use super::parcel::{Batch, Step, refused_write};
use super::retry::Policy;
use crate::connectors::Failure;
use crate::model::SystemId;
use crate::model::capability::WriteClass;
use crate::model::time::Moment;
use crate::state::Outcome;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// After how many requests in a row that came to nothing a system is given up, at least.
pub const GIVES_UP_AFTER: u32 = 5;

/// How a system is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// How a write is protected. Where it does not compare `before` by itself, cells are read right before
    /// each write.
    pub class: WriteClass,
    /// How long it remembers the key of a change by an amount.
    pub key_lasts: Duration,
    /// Largest number of rows in one write.
    pub batch: usize,
    /// Largest number of rows in one write that raises.
    pub batch_raises: usize,
    /// How often and how long a request is tried.
    pub policy: Policy,
    /// After how many writes or looks in a row that came to nothing it is given up for this run.
    pub gives_up_after: u32,
}

impl Default for Target {
    /// The most careful way: one row at a time, read before.
    fn default() -> Target {
        Target {
            class: WriteClass::Absolute,
            key_lasts: Duration::ZERO,
            batch: 1,
            batch_raises: 1,
            policy: Policy::default(),
            gives_up_after: GIVES_UP_AFTER,
        }
    }
}

/// Why a key is not used again.
const FORGOTTEN: &str = "the system no longer knows the key of the request";

/// What the lane waits for.
#[derive(Debug)]
pub(super) enum State {
    Idle,
    Waiting { batch: Batch, ticket: u64 },
    Inspecting(Batch),
    Writing(Batch),
}

/// One system's part.
#[derive(Debug)]
pub(super) struct Lane {
    pub system: SystemId,
    pub target: Target,
    groups: BTreeMap<Phase, Vec<usize>>,
    /// Raises that were not taken from the shelves yet.
    raises: usize,
    pub pending: VecDeque<Batch>,
    pub state: State,
    pub closed: Option<Failure>,
    /// Writes in a row that came to nothing.
    pub failed_writes: u32,
    /// Looks in a row that came to nothing.
    pub failed_looks: u32,
}

impl Lane {
    pub fn new(system: SystemId, target: Target) -> Lane {
        let (groups, pending) = (BTreeMap::new(), VecDeque::new());
        let (raises, failed_writes, failed_looks) = (0, 0, 0);
        let state = State::Idle;
        Lane { system, target, groups, raises, pending, state, closed: None, failed_writes, failed_looks }
    }

    /// Takes a row in; only before the first step.
    pub fn add(&mut self, at: usize, phase: Phase) {
        match phase {
            Phase::Raise => self.raises += 1,
            phase => self.groups.entry(phase).or_default().push(at),
        }
    }

    /// Whether an answer or the end of a wait is still to come.
    pub fn busy(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    pub fn idle(&self) -> bool {
        !self.busy() && self.pending.is_empty() && self.groups.is_empty() && self.raises == 0
    }

    /// Whether nothing but raises is left, and none of them under way.
    pub fn waits_for_shelf(&self) -> bool {
        !self.busy() && self.pending.is_empty() && self.groups.is_empty() && self.raises > 0
    }

    /// Forgets what is left.
    pub fn stop(&mut self) {
        self.groups.clear();
        self.pending.clear();
        self.raises = 0;
    }

    /// Why the system was given up, if it was.
    pub fn closed(&self) -> Option<&Failure> {
        self.closed.as_ref()
    }

    /// Begins the next batch. Called when nothing is under way.
    pub fn proceed(&mut self, desk: &mut Desk, commands: &mut Vec<Command>) {
        self.state = State::Idle;
        loop {
            // A phase begins when the one before it is settled to the last row.
            if self.pending.is_empty() {
                self.open_phase(desk);
            }
            let Some(mut batch) = self.pending.pop_front() else { break };
            let stopped = self.stopped(desk, &batch);
            let halted = batch.rows.iter().find_map(|at| Lane::halted(desk, *at));
            match (batch.step, stopped.or(halted.filter(|_| batch.step == Step::Repeat))) {
                (Step::Send, Some(settled)) => {
                    for at in &batch.rows {
                        let doubt = self.closed.as_ref().filter(|_| desk.rows[*at].lost);
                        let doubt = doubt.map(|failure| refused_write(&desk.rows[*at], failure));
                        desk.settle(*at, doubt.unwrap_or_else(|| settled.clone()));
                    }
                    continue;
                }
                // It may have been carried out already, so it is looked at before it is let go.
                (Step::Repeat, Some(settled)) => batch.spend(&settled.reason, false),
                (Step::Send, None) => batch.rows = Lane::unhalted(batch.rows, desk),
                _ => {}
            }
            if batch.rows.is_empty() {
                continue;
            }
            self.begin(batch, desk, commands);
            return;
        }
        desk.journal(commands);
    }

    /// How a row ends that waits from now on, though it was to be sent; `None` for one that does not.
    pub fn halted(desk: &Desk, at: usize) -> Option<Settled> {
        let progress = &desk.rows[at];
        let change = &progress.row.change;
        let rises = progress.row.phase == Phase::Raise;
        let halt = desk.halts.get(change).filter(|halt| halt.all || rises);
        let halt = halt.map(|halt| format!("{}; that was said while this run was writing", halt.why));
        let cap = desk.caps.get(change).filter(|cap| rises && progress.sends >= cap.left);
        let reason = halt.or_else(|| cap.map(|cap| cap.why.clone()))?;
        Some(match progress.lost {
            true => refused_write(progress, &Failure::Rejected { message: reason }),
            false => Settled::new(Outcome::Held, reason),
        })
    }

    /// Those of some rows that may be sent; the others, which wait from now on, are settled.
    pub fn unhalted(mut rows: Vec<usize>, desk: &mut Desk) -> Vec<usize> {
        rows.retain(|at| match Lane::halted(desk, *at) {
            Some(settled) => {
                desk.settle(*at, settled);
                false
            }
            None => true,
        });
        rows
    }

    fn open_phase(&mut self, desk: &mut Desk) {
        let (rows, size) = match self.groups.pop_first() {
            Some((_, rows)) => (rows, self.target.batch),
            None => (self.free_raises(desk), self.target.batch_raises),
        };
        for rows in rows.chunks(size.max(1)) {
            self.pending.push_back(Batch::new(rows.to_vec(), Step::Send));
        }
    }

    /// The raises that wait for no shelf any more; those that may not go out at all are settled.
    fn free_raises(&mut self, desk: &mut Desk) -> Vec<usize> {
        let mut free = desk.shelves.take(self.system);
        self.raises = self.raises.saturating_sub(free.len());
        free.retain(|at| {
            let Some(kept) = desk.shelves.kept(&desk.rows[*at].row).cloned() else { return true };
            let held = Settled::new(Outcome::Held, kept.reason);
            let settled = self.stopped(desk, &Batch::new(vec![*at], Step::Send));
            desk.keep_back(*at, settled.unwrap_or(held), kept.again);
            false
        });
        free
    }

    /// How rows end that may no longer be sent.
    pub fn stopped(&self, desk: &Desk, batch: &Batch) -> Option<Settled> {
        if let Some(failure) = &self.closed {
            let reason = format!("not sent: the system was given up in this run ({})", failure.message());
            return Some(Settled::new(Outcome::Skipped, reason));
        }
        if desk.interrupted {
            return Some(Settled::new(Outcome::Skipped, "interrupted before it was sent"));
        }
        let raises = batch.rows.iter().any(|at| desk.rows[*at].row.phase == Phase::Raise);
        let late = desk.setup.raises_until.is_some_and(|until| desk.now > until);
        let reason = "this run took so long that what it read is too old to raise anything; plan again";
        (raises && late).then(|| Settled::new(Outcome::Held, reason))
    }

    fn begin(&mut self, mut batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>) {
        match batch.step {
            Step::Send => {
                batch.rows.iter().for_each(|at| desk.intend(*at));
                if self.target.class == WriteClass::CompareAndSet {
                    return self.write(batch, desk, commands, 1);
                }
            }
            Step::Repeat if self.remembered(desk, &batch, Duration::ZERO) => {
                batch.rows.iter().for_each(|at| desk.intend(*at));
                return self.write(batch, desk, commands, 1);
            }
            Step::Repeat => batch.spend(FORGOTTEN, false),
            Step::ReadBack | Step::Confirm => {}
        }
        self.inspect(batch, desk, commands);
    }

    /// Whether the system still knows the keys of a batch after `delay`.
    pub fn remembered(&self, desk: &Desk, batch: &Batch, delay: Duration) -> bool {
        batch.rows.iter().all(|at| self.known(desk, *at, desk.now.after(delay)))
    }

    /// Whether the system still knows the key of a row now.
    pub fn knows(&self, desk: &Desk, at: usize) -> bool {
        self.known(desk, at, desk.now)
    }

    fn known(&self, desk: &Desk, at: usize, then: Moment) -> bool {
        let sent = desk.rows[at].sent;
        let lives = sent.is_some_and(|sent| then >= sent && then.since(sent) < self.target.key_lasts);
        self.target.class == WriteClass::KeyedDelta && lives
    }

    pub fn inspect(&mut self, batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>) {
        desk.journal(commands);
        let cells = batch.rows.iter().map(|at| desk.rows[*at].row.cell).collect();
        let tokens = if batch.step == Step::Send { 2 } else { 1 };
        commands.push(Command::Inspect { system: self.system, cells, tokens });
        self.state = State::Inspecting(batch);
    }

    pub fn write(&mut self, mut batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>, tokens: u32) {
        if batch.last.as_ref().is_some_and(|last| *last != batch.rows) {
            for at in &batch.rows {
                desk.rows[*at].epoch += 1;
                desk.rows[*at].attempt -= 1;
                desk.intend(*at);
            }
        }
        batch.rows.iter().for_each(|at| desk.send(*at));
        desk.journal(commands);
        let rows = batch.rows.iter().map(|at| &desk.rows[*at]);
        let rows = rows.map(|progress| progress.row.to_write(progress.key.clone())).collect();
        commands.push(Command::Write { system: self.system, rows, tokens });
        batch.last = Some(batch.rows.clone());
        self.state = State::Writing(batch);
    }

    pub fn wait(&mut self, batch: Batch, delay: Duration, desk: &mut Desk, commands: &mut Vec<Command>) {
        desk.journal(commands);
        let ticket = desk.ticket();
        commands.push(Command::Wait { system: self.system, ticket, delay });
        self.state = State::Waiting { batch, ticket };
    }

    /// A wait is over; one that an interrupt has overtaken means nothing.
    pub fn waited(&mut self, desk: &mut Desk, ticket: u64, commands: &mut Vec<Command>) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Waiting { batch, ticket: waited } if waited == ticket => {
                self.pending.push_front(batch);
                self.proceed(desk, commands);
            }
            other => self.state = other,
        }
    }

    /// No new write leaves; what is under way comes to its end.
    pub fn interrupt(&mut self, desk: &mut Desk, commands: &mut Vec<Command>) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Waiting { batch, .. } => {
                self.pending.push_front(batch);
                self.proceed(desk, commands);
            }
            other => self.state = other,
        }
    }
}

//! One system's part in an apply: its batches in their order, one request at a time.

use super::batch::{Phase, Settled, Verdict};
use super::desk::{Command, Desk, Progress};
use super::parcel::{Batch, Step, moved, refused_read};
use super::retry::Backoff;
use crate::connectors::{Failure, RowAnswer, Seen};
use crate::model::SystemId;
use crate::state::Outcome;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How a system is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Whether it compares `before` by itself. If not, cells are read right before each write.
    pub compares: bool,
    /// Largest number of rows in one write.
    pub batch: usize,
    /// Largest number of rows in one write that raises.
    pub batch_raises: usize,
}

impl Default for Target {
    /// The most careful way: one row at a time, read before.
    fn default() -> Target {
        Target { compares: false, batch: 1, batch_raises: 1 }
    }
}

/// What the lane waits for.
#[derive(Debug)]
enum State {
    Idle,
    Waiting { batch: Batch, ticket: u64 },
    Inspecting(Batch),
    Writing(Batch),
}

/// One system's part.
#[derive(Debug)]
pub(super) struct Lane {
    system: SystemId,
    target: Target,
    groups: BTreeMap<Phase, Vec<usize>>,
    pending: VecDeque<Batch>,
    state: State,
    closed: Option<Failure>,
}

impl Lane {
    pub fn new(system: SystemId, target: Target) -> Lane {
        let (groups, pending) = (BTreeMap::new(), VecDeque::new());
        Lane { system, target, groups, pending, state: State::Idle, closed: None }
    }

    /// Takes a row in; only before the first step.
    pub fn add(&mut self, at: usize, phase: Phase) {
        self.groups.entry(phase).or_default().push(at);
    }

    pub fn idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.pending.is_empty() && self.groups.is_empty()
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
                self.open_phase();
            }
            let Some(batch) = self.pending.pop_front() else { break };
            if batch.step == Step::Send
                && let Some(settled) = self.stopped(desk, &batch)
            {
                batch.rows.iter().for_each(|at| desk.settle(*at, settled.clone()));
                continue;
            }
            self.begin(batch, desk, commands);
            return;
        }
        desk.journal(commands);
    }

    fn open_phase(&mut self) {
        let Some((phase, rows)) = self.groups.pop_first() else { return };
        let size = if phase == Phase::Raise { self.target.batch_raises } else { self.target.batch };
        for rows in rows.chunks(size.max(1)) {
            self.pending.push_back(Batch::new(rows.to_vec(), Step::Send));
        }
    }

    /// How rows end that may no longer be sent.
    fn stopped(&self, desk: &Desk, batch: &Batch) -> Option<Settled> {
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

    fn begin(&mut self, batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>) {
        if batch.step == Step::Send {
            batch.rows.iter().for_each(|at| desk.intend(*at));
            if self.target.compares {
                return self.write(batch, desk, commands, 1);
            }
        }
        self.inspect(batch, desk, commands);
    }

    fn inspect(&mut self, batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>) {
        desk.journal(commands);
        let cells = batch.rows.iter().map(|at| desk.rows[*at].row.cell).collect();
        let tokens = if batch.step == Step::Send { 2 } else { 1 };
        commands.push(Command::Inspect { system: self.system, cells, tokens });
        self.state = State::Inspecting(batch);
    }

    fn write(&mut self, mut batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>, tokens: u32) {
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

    /// The cells of the batch as they are now, or why they could not be read.
    pub fn inspected(
        &mut self,
        desk: &mut Desk,
        answer: Result<Vec<Seen>, Failure>,
        commands: &mut Vec<Command>,
    ) {
        let mut batch = match std::mem::replace(&mut self.state, State::Idle) {
            State::Inspecting(batch) => batch,
            other => {
                self.state = other;
                desk.bugs.push(format!("system {} answered without being asked", self.system.0));
                return;
            }
        };
        match answer {
            Ok(seen) if seen.len() != batch.rows.len() => {
                let message = format!("{} cells were asked for, {} came", batch.rows.len(), seen.len());
                self.unreadable(batch, Failure::Unknown { message }, desk, commands);
            }
            Ok(seen) => {
                batch.looking = Backoff::default();
                self.looked(batch, &seen, desk, commands);
            }
            Err(failure) => self.unreadable(batch, failure, desk, commands),
        }
    }

    /// What the cells show decides what follows.
    fn looked(&mut self, batch: Batch, seen: &[Seen], desk: &mut Desk, commands: &mut Vec<Command>) {
        match batch.step {
            Step::Send => self.judge_before(batch, seen, desk, commands),
            Step::ReadBack => self.judge_lost(batch, seen, desk, commands),
            Step::Confirm => {
                for (at, seen) in batch.rows.iter().zip(seen) {
                    let progress = &desk.rows[*at];
                    let logged = seen.log.zip(progress.log).map(|(now, then)| now.saturating_sub(then));
                    let settled = progress.row.after_writing(seen, logged, progress.log_rows);
                    desk.settle(*at, settled);
                }
                self.proceed(desk, commands);
            }
        }
    }

    /// Right before a write: rows that moved are settled, the others go out at once.
    fn judge_before(
        &mut self,
        mut batch: Batch,
        seen: &[Seen],
        desk: &mut Desk,
        commands: &mut Vec<Command>,
    ) {
        if let Some(settled) = self.stopped(desk, &batch) {
            batch.rows.iter().for_each(|at| desk.settle(*at, settled.clone()));
            return self.proceed(desk, commands);
        }
        let mut go = Vec::with_capacity(batch.rows.len());
        for (at, seen) in batch.rows.iter().zip(seen) {
            let progress = &desk.rows[*at];
            // What stands there now may be our own earlier request, carried out late.
            let lost = progress.lost;
            let verdict = if lost { read_back(progress, seen) } else { progress.row.before_writing(seen) };
            match verdict {
                Verdict::Settled(settled) => desk.settle(*at, settled),
                Verdict::Go => {
                    desk.rows[*at].log = seen.log;
                    go.push(*at);
                }
            }
        }
        if go.is_empty() {
            return self.proceed(desk, commands);
        }
        let mut per_code = BTreeMap::new();
        for at in &go {
            *per_code.entry(desk.rows[*at].row.cell.code).or_insert(0) += 1;
        }
        for at in &go {
            desk.rows[*at].log_rows = per_code[&desk.rows[*at].row.cell.code];
        }
        batch.rows = go;
        self.write(batch, desk, commands, 0);
    }

    /// After an answer that never came: what was not carried out is sent again, while attempts are left.
    fn judge_lost(&mut self, mut batch: Batch, seen: &[Seen], desk: &mut Desk, commands: &mut Vec<Command>) {
        let mut again = Vec::new();
        for (at, seen) in batch.rows.iter().zip(seen) {
            match read_back(&desk.rows[*at], seen) {
                Verdict::Settled(settled) => desk.settle(*at, settled),
                Verdict::Go => again.push(*at),
            }
        }
        if let Some(why) = &batch.spent {
            let reason = format!("no answer after every attempt, and the old number stands: {why}");
            for at in &again {
                desk.settle(*at, Settled::new(Outcome::Failed, reason.clone()));
            }
            self.closed = Some(Failure::Unknown { message: why.clone() });
            again.clear();
        } else if desk.interrupted {
            let reason = "interrupted; the answer was lost, and read back the old number stands";
            again.iter().for_each(|at| desk.settle(*at, Settled::new(Outcome::Skipped, reason)));
            again.clear();
        }
        if again.is_empty() {
            return self.proceed(desk, commands);
        }
        batch.rows = again;
        batch.step = Step::Send;
        self.pending.push_front(batch);
        self.proceed(desk, commands);
    }

    /// A read that failed: tried again while it may be, else its rows end here.
    fn unreadable(
        &mut self,
        mut batch: Batch,
        failure: Failure,
        desk: &mut Desk,
        commands: &mut Vec<Command>,
    ) {
        let after = match &failure {
            Failure::Retry { after, .. } => *after,
            Failure::Unknown { .. } => None,
            Failure::Rejected { .. } if batch.rows.len() > 1 => return self.split(batch, desk, commands),
            Failure::Rejected { .. } => {
                desk.settle(batch.rows[0], refused_read(batch.step, &failure));
                return self.proceed(desk, commands);
            }
            Failure::Denied { .. } => return self.give_up(batch, failure, desk, commands),
        };
        if let (Some(settled), Step::Send) = (self.stopped(desk, &batch), batch.step) {
            batch.rows.iter().for_each(|at| desk.settle(*at, settled.clone()));
            return self.proceed(desk, commands);
        }
        let wait = batch.looking.next(&desk.setup.policy, desk.now, after, desk.bits);
        match wait.filter(|_| !desk.interrupted) {
            Some(delay) => self.wait(batch, delay, desk, commands),
            None => self.give_up(batch, failure, desk, commands),
        }
    }

    fn wait(&mut self, batch: Batch, delay: Duration, desk: &mut Desk, commands: &mut Vec<Command>) {
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

    /// What came of a write.
    pub fn written(
        &mut self,
        desk: &mut Desk,
        answer: Result<Vec<RowAnswer>, Failure>,
        commands: &mut Vec<Command>,
    ) {
        let mut batch = match std::mem::replace(&mut self.state, State::Idle) {
            State::Writing(batch) => batch,
            other => {
                self.state = other;
                desk.bugs.push(format!("system {} answered without being asked", self.system.0));
                return;
            }
        };
        let failure = match answer {
            Ok(answers) if answers.len() == batch.rows.len() => {
                return self.answered(batch, answers, desk, commands);
            }
            Ok(answers) => {
                let message = format!("{} rows were sent, {} answers came", batch.rows.len(), answers.len());
                Failure::Unknown { message }
            }
            Err(failure) => failure,
        };
        match &failure {
            Failure::Rejected { .. } if batch.rows.len() > 1 => self.split(batch, desk, commands),
            Failure::Rejected { message } => {
                desk.settle(batch.rows[0], Settled::new(Outcome::Failed, message.clone()));
                self.proceed(desk, commands);
            }
            Failure::Denied { .. } => self.give_up(batch, failure, desk, commands),
            Failure::Retry { after, .. } => {
                let wait = batch.writing.next(&desk.setup.policy, desk.now, *after, desk.bits);
                match wait {
                    Some(delay) if !desk.interrupted => self.wait(batch, delay, desk, commands),
                    Some(_) => {
                        self.pending.push_front(batch);
                        self.proceed(desk, commands);
                    }
                    None => self.give_up(batch, failure, desk, commands),
                }
            }
            Failure::Unknown { message } => {
                batch.rows.iter().for_each(|at| desk.rows[*at].lost = true);
                batch.step = Step::ReadBack;
                match batch.writing.next(&desk.setup.policy, desk.now, None, desk.bits) {
                    Some(delay) if !desk.interrupted => self.wait(batch, delay, desk, commands),
                    Some(_) => self.inspect(batch, desk, commands),
                    None => {
                        batch.spent = Some(message.clone());
                        self.inspect(batch, desk, commands);
                    }
                }
            }
        }
    }

    fn answered(
        &mut self,
        mut batch: Batch,
        answers: Vec<RowAnswer>,
        desk: &mut Desk,
        commands: &mut Vec<Command>,
    ) {
        let mut confirm = Vec::new();
        for (at, answer) in batch.rows.iter().zip(answers) {
            let settled = match answer {
                RowAnswer::Written { compared: true } => Settled::new(Outcome::Verified, ""),
                RowAnswer::Written { compared: false } => {
                    confirm.push(*at);
                    continue;
                }
                RowAnswer::Sent => Settled::new(Outcome::Sent, ""),
                RowAnswer::Moved { found } => {
                    let progress = &desk.rows[*at];
                    moved(&progress.row, found.as_ref(), progress.lost)
                }
                RowAnswer::Rejected { field, message } => {
                    Settled { outcome: Outcome::Failed, reason: message, field }
                }
            };
            desk.settle(*at, settled);
        }
        if confirm.is_empty() {
            return self.proceed(desk, commands);
        }
        batch.rows = confirm;
        batch.step = Step::Confirm;
        self.inspect(batch, desk, commands);
    }

    /// A batch refused as a whole: each half on its own, until the bad row stands alone.
    fn split(&mut self, mut batch: Batch, desk: &mut Desk, commands: &mut Vec<Command>) {
        let second = batch.rows.split_off(batch.rows.len() / 2);
        for at in batch.rows.iter().chain(&second) {
            desk.rows[*at].epoch += 1;
        }
        let spent = batch.spent.clone();
        self.pending.push_front(Batch { spent: spent.clone(), ..Batch::new(second, batch.step) });
        self.pending.push_front(Batch { spent, ..Batch::new(batch.rows, batch.step) });
        self.proceed(desk, commands);
    }

    /// Nothing more is asked of this system: the batch under way has failed, the rest is skipped.
    fn give_up(&mut self, batch: Batch, failure: Failure, desk: &mut Desk, commands: &mut Vec<Command>) {
        for at in &batch.rows {
            let settled = match batch.step {
                Step::Send => Settled::new(Outcome::Failed, failure.message()),
                step => refused_read(step, &failure),
            };
            desk.settle(*at, settled);
        }
        self.closed = Some(failure);
        // Rows that were written and wait for a look cannot be looked at any more.
        for batch in std::mem::take(&mut self.pending) {
            match (batch.step, &self.closed) {
                (Step::ReadBack | Step::Confirm, Some(failure)) => {
                    let settled = refused_read(batch.step, failure);
                    batch.rows.iter().for_each(|at| desk.settle(*at, settled.clone()));
                }
                _ => self.pending.push_back(batch),
            }
        }
        self.proceed(desk, commands);
    }
}

/// What a request whose answer never came has done. The old number alone does not say that it was not carried
/// out: what a raise put on sale may be sold already, and a second one would sell it again. A log that has
/// moved tells.
fn read_back(progress: &Progress, seen: &Seen) -> Verdict {
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

//! What came of a lane's request: looks that were taken, writes that were answered, or lost.

use super::batch::{Settled, Verdict};
use super::desk::{Command, Desk};
use super::lane::{Lane, State};
use super::parcel::{Batch, Step, moved, read_back, refused_read, refused_write};
use super::retry::Backoff;
use crate::connectors::{Failure, RowAnswer, Seen};
use crate::model::capability::WriteClass;
use crate::state::Outcome;
use std::collections::BTreeMap;

impl Lane {
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
                self.failed_looks = 0;
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
            Step::Repeat | Step::ReadBack => self.judge_lost(batch, seen, desk, commands),
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
            if let Some(settled) = Lane::halted(desk, *at) {
                desk.settle(*at, settled);
                continue;
            }
            let progress = &desk.rows[*at];
            // What stands there now may be our own earlier request, carried out late.
            let lost = progress.lost;
            let class = self.target.class;
            let verdict = match lost {
                // A run that is gone on with sends the identical request once more, while its key is known.
                true if self.knows(desk, *at) && progress.row.read_back(seen) == Verdict::Go => Verdict::Go,
                true => read_back(class, progress, seen),
                false => progress.row.before_writing(seen),
            };
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
            match read_back(self.target.class, &desk.rows[*at], seen) {
                Verdict::Settled(settled) => desk.settle(*at, settled),
                Verdict::Go => again.push(*at),
            }
        }
        if let Some(spent) = &batch.spent {
            let reason = format!("no answer after every attempt, and the old number stands: {}", spent.why);
            for at in &again {
                desk.settle(*at, Settled::new(Outcome::Failed, reason.clone()));
            }
            if spent.closes {
                self.closed = Some(Failure::Unknown { message: spent.why.clone() });
            }
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
                let settled = refused_read(batch.step, &desk.rows[batch.rows[0]], &failure);
                desk.settle(batch.rows[0], settled);
                return self.proceed(desk, commands);
            }
            Failure::Denied { .. } => return self.give_up(batch, failure, desk, commands),
        };
        if let (Some(settled), Step::Send) = (self.stopped(desk, &batch), batch.step) {
            batch.rows.iter().for_each(|at| desk.settle(*at, settled.clone()));
            return self.proceed(desk, commands);
        }
        self.failed_looks += 1;
        let wait = batch.looking.next(&self.target.policy, desk.now, after, desk.bits);
        let goes_on = self.failed_looks < self.target.gives_up_after && !desk.interrupted;
        match wait.filter(|_| goes_on) {
            Some(delay) => self.wait(batch, delay, desk, commands),
            None => self.give_up(batch, failure, desk, commands),
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
                self.failed_writes = 0;
                return self.answered(batch, answers, desk, commands);
            }
            Ok(answers) => {
                let message = format!("{} rows were sent, {} answers came", batch.rows.len(), answers.len());
                Failure::Unknown { message }
            }
            Err(failure) => failure,
        };
        match &failure {
            Failure::Rejected { .. } | Failure::Denied { .. } => self.failed_writes = 0,
            Failure::Retry { .. } | Failure::Unknown { .. } => self.failed_writes += 1,
        }
        match &failure {
            // What was lost may still arrive there, and be taken.
            Failure::Rejected { message } if batch.step == Step::Repeat => {
                batch.spend(message, false);
                self.inspect(batch, desk, commands);
            }
            Failure::Rejected { .. } if batch.rows.len() > 1 => self.split(batch, desk, commands),
            Failure::Rejected { .. } => {
                let at = batch.rows[0];
                let settled = refused_write(&desk.rows[at], &failure);
                desk.settle(at, settled);
                self.proceed(desk, commands);
            }
            Failure::Denied { .. } => self.give_up(batch, failure, desk, commands),
            Failure::Retry { after, message } => {
                let wait = batch.writing.next(&self.target.policy, desk.now, *after, desk.bits);
                match wait.filter(|_| self.failed_writes < self.target.gives_up_after) {
                    Some(delay) if !desk.interrupted => self.wait(batch, delay, desk, commands),
                    Some(_) => {
                        self.pending.push_front(batch);
                        self.proceed(desk, commands);
                    }
                    None if batch.step == Step::Repeat => {
                        batch.spend(message, true);
                        self.inspect(batch, desk, commands);
                    }
                    None => self.give_up(batch, failure, desk, commands),
                }
            }
            Failure::Unknown { message } => {
                batch.rows.iter().for_each(|at| desk.rows[*at].lost = true);
                self.lost(batch, message, desk, commands);
            }
        }
    }

    /// A write whose answer never came. A number that was set is read back before it is sent again; an
    /// amount goes out again only under the key that it had, and else never.
    fn lost(&mut self, mut batch: Batch, message: &str, desk: &mut Desk, commands: &mut Vec<Command>) {
        let wait = batch.writing.next(&self.target.policy, desk.now, None, desk.bits);
        let wait = wait.filter(|_| self.failed_writes < self.target.gives_up_after);
        let amount = matches!(self.target.class, WriteClass::BareDelta | WriteClass::KeyedDelta);
        match wait {
            Some(delay) if self.remembered(desk, &batch, delay) => batch.step = Step::Repeat,
            Some(_) if amount => batch.spend(message, false),
            Some(_) => batch.step = Step::ReadBack,
            None => batch.spend(message, self.failed_writes >= self.target.gives_up_after || !amount),
        }
        match wait {
            Some(delay) if !desk.interrupted => self.wait(batch, delay, desk, commands),
            _ if batch.step == Step::Repeat => {
                batch.spend(message, false);
                self.inspect(batch, desk, commands);
            }
            _ => self.inspect(batch, desk, commands),
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
                    desk.rows[*at].taken = true;
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
        let step = batch.step;
        let spent = batch.spent.clone();
        self.pending.push_front(Batch { spent: spent.clone(), ..Batch::new(second, step) });
        self.pending.push_front(Batch { spent, ..Batch::new(batch.rows, step) });
        self.proceed(desk, commands);
    }

    /// Nothing more is asked of this system: the batch under way has failed, the rest is skipped.
    fn give_up(&mut self, batch: Batch, failure: Failure, desk: &mut Desk, commands: &mut Vec<Command>) {
        for at in &batch.rows {
            let settled = match batch.step {
                Step::Send | Step::Repeat => refused_write(&desk.rows[*at], &failure),
                step => refused_read(step, &desk.rows[*at], &failure),
            };
            desk.settle(*at, settled);
        }
        self.closed = Some(failure);
        // Rows that were written and wait for a look cannot be looked at any more.
        for batch in std::mem::take(&mut self.pending) {
            match (batch.step, &self.closed) {
                (Step::Repeat | Step::ReadBack | Step::Confirm, Some(failure)) => {
                    for at in &batch.rows {
                        let settled = refused_read(batch.step, &desk.rows[*at], failure);
                        desk.settle(*at, settled);
                    }
                }
                _ => self.pending.push_back(batch),
            }
        }
        self.proceed(desk, commands);
    }
}

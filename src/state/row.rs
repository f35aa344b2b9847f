//! Rows of the state's tables to entries, and back.

use super::trouble::damaged;
use super::{
    Balance, Entry, Event, Fault, Happened, Known, Lease, Leaving, Left, Lifted, Limit, Outcome, Pause,
    PlanSeen, Planned, QueueEntry, QueueKey, Ran, Run, Sale, Scope, Size, StateError, Turn, Turned, Unlocked,
    Written,
};
use crate::ledger::{Booked, BookedKey, Cursor, LineKey, OrderLine, Parked, ParkedKey, Totals};
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::world::Bind;

/// One row of an answer, read column by column from the left.
pub struct Reader {
    cells: std::vec::IntoIter<Option<String>>,
}

impl Reader {
    /// Reads a row.
    pub fn new(row: Vec<Option<String>>) -> Reader {
        Reader { cells: row.into_iter() }
    }

    fn cell(&mut self) -> Option<String> {
        self.cells.next().flatten()
    }

    fn text(&mut self) -> String {
        self.cell().unwrap_or_default()
    }

    fn maybe(&mut self) -> Result<Option<i64>, StateError> {
        self.cell().map(|text| text.parse().map_err(|_| damaged(&text))).transpose()
    }

    fn number(&mut self) -> Result<i64, StateError> {
        self.maybe()?.ok_or_else(|| damaged(""))
    }

    fn small<T: TryFrom<i64>>(&mut self) -> Result<T, StateError> {
        let number = self.number()?;
        T::try_from(number).map_err(|_| damaged(&number.to_string()))
    }

    fn moment(&mut self) -> Result<Moment, StateError> {
        self.number().map(Moment)
    }

    /// `ended, status` of a run.
    fn ended(&mut self) -> Result<Option<(Moment, u8)>, StateError> {
        let (ended, status) = (self.maybe()?, self.maybe()?);
        let Some(at) = ended else { return Ok(None) };
        let status = status.and_then(|status| u8::try_from(status).ok());
        Ok(Some((Moment(at), status.ok_or_else(|| damaged("a run's status"))?)))
    }

    /// One number.
    pub fn count(mut self) -> Result<i64, StateError> {
        self.number()
    }

    /// `holder, run, host, process, fence, taken, heartbeat, expires`; `None` for a lease that was freed.
    pub fn lease(mut self) -> Result<(i64, Option<Lease>), StateError> {
        let holder = self.cell();
        let (run, host, process, fence) = (self.text(), self.text(), self.text(), self.number()?);
        let (taken, heartbeat, expires) = (self.moment()?, self.moment()?, self.moment()?);
        let lease =
            holder.map(|holder| Lease { holder, run, host, process, fence, taken, heartbeat, expires });
        Ok((fence, lease))
    }

    /// `fence, run, actor, reason, at`.
    pub fn unlocked(mut self) -> Result<Unlocked, StateError> {
        let (fence, run, actor, reason) = (self.number()?, self.text(), self.text(), self.text());
        Ok(Unlocked { fence, run, actor, reason, at: self.moment()? })
    }

    /// `id, plan, digest, topology, actor, began, ended, status, revision, undoes`.
    pub fn run(mut self) -> Result<Run, StateError> {
        let (id, plan, digest) = (self.text(), self.text(), self.text());
        let (topology, actor, began) = (self.text(), self.text(), self.moment()?);
        let ended = self.ended()?;
        Ok(Run {
            id,
            plan,
            digest,
            topology,
            actor,
            began,
            ended,
            revision: self.cell(),
            undoes: self.cell(),
        })
    }

    /// `run, change_id, attempt, write_key, event, columns_before, value_after, outcome, reason, at`.
    pub fn entry(mut self) -> Result<Entry, StateError> {
        let (run, change, attempt, key) = (self.text(), self.text(), self.small()?, self.text());
        let (kind, columns, after) = (self.text(), self.cell(), self.maybe()?);
        let (outcome, reason) = (self.text(), self.text());
        let event = match kind.as_str() {
            "intent" => {
                let columns = columns.unwrap_or_default();
                let before = serde_json::from_str(&columns).map_err(|_| damaged(&columns))?;
                Event::Intent { before, after: after.ok_or_else(|| damaged(""))? }
            }
            "sent" => Event::Sent,
            "again" => Event::Again { reason },
            "outcome" => {
                let outcome = Outcome::of(&outcome).ok_or_else(|| damaged(&outcome))?;
                Event::Outcome { outcome, reason }
            }
            other => return Err(damaged(other)),
        };
        Ok(Entry { run, change, attempt, key, event, at: self.moment()? })
    }

    /// `change_id`, and `place` or `seq`.
    pub fn placed(mut self) -> Result<(String, i64), StateError> {
        Ok((self.text(), self.number()?))
    }

    /// `digest, id, seal, created, applied_by`.
    pub fn plan(mut self) -> Result<PlanSeen, StateError> {
        let (digest, id, seal) = (self.text(), self.text(), self.text());
        Ok(PlanSeen { digest, id, seal, created: self.moment()?, applied_by: self.cell() })
    }

    /// `flow, system, location, item, field`.
    pub fn queue_key(mut self) -> Result<QueueKey, StateError> {
        Ok(self.key())
    }

    fn key(&mut self) -> QueueKey {
        let (flow, system, location) = (self.text(), self.text(), self.text());
        QueueKey { flow, system, location, item: self.text(), field: self.text() }
    }

    /// `id, flow, system, location, item, field, code, record, reason, change_id, request, next_try,
    /// attempts, first_seen, last_seen, closed_at, closed_how, quiet_until, quiet_note`.
    pub fn queued(mut self) -> Result<QueueEntry, StateError> {
        let id = self.number()?;
        let key = self.key();
        let (code, record, reason, change) = (self.text(), self.text(), self.text(), self.text());
        let request = self.text();
        let fault = Fault { key, code, record, reason, change, request, next: self.maybe()?.map(Moment) };
        let (attempts, first, last) = (self.small()?, self.moment()?, self.moment()?);
        let (closed, how) = (self.maybe()?, self.text());
        let closed = closed.map(|at| (Moment(at), how));
        let (quiet, note) = (self.maybe()?, self.text());
        let quiet = quiet.map(|until| (Moment(until), note));
        Ok(QueueEntry { id, fault, attempts, first, last, closed, quiet })
    }

    /// `system, location, code, column_name, value, shown, at, run, seen`.
    pub fn written(mut self) -> Result<Written, StateError> {
        let (system, location, code, column) = (self.text(), self.text(), self.text(), self.text());
        let (value, shown, at) = (self.number()?, self.maybe()?, self.moment()?);
        let run = self.text();
        Ok(Written { system, location, code, column, value, shown, at, run, seen: self.number()? != 0 })
    }

    /// `system, location, item, quantity, value, as_of`.
    pub fn known(mut self) -> Result<Known, StateError> {
        let (system, location, item, quantity) = (self.text(), self.text(), self.text(), self.text());
        Ok(Known {
            system,
            location,
            item,
            quantity,
            value: self.number()?,
            as_of: self.maybe()?.map(Moment),
        })
    }

    /// `kind, name, holds, reason, actor, since`.
    pub fn pause(mut self) -> Result<Pause, StateError> {
        let word = self.text();
        let scope = Scope::of(&word).ok_or_else(|| damaged(&word))?;
        let (name, holds_all) = (self.text(), self.text() == "all");
        let (reason, actor) = (self.text(), self.text());
        Ok(Pause { scope, name, holds_all, reason, actor, since: self.moment()? })
    }

    /// `plan, guard, reason, actor, at, expires`.
    pub fn lifted(mut self) -> Result<Lifted, StateError> {
        let (plan, guard, reason, actor) = (self.text(), self.text(), self.text(), self.text());
        Ok(Lifted { plan, guard, reason, actor, at: self.moment()?, expires: self.moment()? })
    }

    /// `flow, guard, numerator, denominator`.
    pub fn limit(mut self) -> Result<Limit, StateError> {
        let (flow, guard) = (self.text(), self.text());
        Ok(Limit { flow, guard, numerator: self.number()?, denominator: self.number()? })
    }

    /// `system, what, rows, at`.
    pub fn size(mut self) -> Result<Size, StateError> {
        let (system, what) = (self.text(), self.text());
        Ok(Size { system, what, rows: self.small()?, at: self.moment()? })
    }

    /// `flow, at, run`.
    pub fn ran(mut self) -> Result<Ran, StateError> {
        Ok(Ran { flow: self.text(), at: self.moment()?, run: self.text() })
    }

    /// `location, code, at`.
    pub fn leaving(mut self) -> Result<Leaving, StateError> {
        Ok(Leaving { location: self.text(), code: self.text(), at: self.moment()? })
    }

    /// `run, actor, revision, undoes, change_id, flow, system, location, item, code, quantity, unit,
    /// shown_before, shown_after, reason, outcome, reason, at, written`.
    pub fn happened(mut self) -> Result<Happened, StateError> {
        let (run, actor, revision, undoes) = (self.text(), self.text(), self.cell(), self.cell());
        let (change, flow, system, location) = (self.text(), self.text(), self.text(), self.text());
        let (item, code, quantity, unit) = (self.text(), self.text(), self.text(), self.text());
        let (before, after, reason) = (self.maybe()?, self.number()?, self.text());
        let planned =
            Planned { change, flow, system, location, item, code, quantity, unit, before, after, reason };
        let (word, why, at) = (self.cell(), self.text(), self.maybe()?);
        let outcome = match (word, at) {
            (Some(word), Some(at)) => {
                Some((Outcome::of(&word).ok_or_else(|| damaged(&word))?, why, Moment(at)))
            }
            _ => None,
        };
        Ok(Happened { run, actor, revision, undoes, planned, outcome, written: self.maybe()? })
    }

    fn movement(&mut self) -> Result<Movement, StateError> {
        let word = self.text();
        Movement::find(&word).ok_or_else(|| damaged(&word))
    }

    /// `system, movement, document, line, item, part, order_document, order_line, location, to_location,
    /// amount, at, seen, sellable`.
    pub fn booked(mut self) -> Result<Booked, StateError> {
        let (system, movement, document) = (self.text(), self.movement()?, self.text());
        let (line, item, part) = (self.text(), self.text(), self.small()?);
        let key = BookedKey { system, movement, document, line, item, part };
        let order = (self.text(), self.text());
        let (location, to, amount) = (self.cell(), self.cell(), self.number()?);
        let (at, seen) = (self.maybe()?.map(Moment), self.moment()?);
        Ok(Booked { key, order, location, to, amount, at, seen, sellable: self.number()? != 0 })
    }

    fn totals(&mut self) -> Result<Totals, StateError> {
        let (ordered, cancelled) = (self.number()?, self.number()?);
        Ok(Totals { ordered, cancelled, shipped: self.number()?, returned: self.number()? })
    }

    /// `system, movement, document, line, item, flow, location, ordered, cancelled, shipped, returned,
    /// posted_ordered, posted_cancelled, posted_shipped, posted_returned, taken_in, closed, placed, seen,
    /// late, settled`.
    pub fn order_line(mut self) -> Result<OrderLine, StateError> {
        let (system, movement, document) = (self.text(), self.movement()?, self.text());
        let key = LineKey { system, movement, document, line: self.text(), item: self.text() };
        let (flow, location) = (self.text(), self.cell());
        let (shown, posted) = (self.totals()?, self.totals()?);
        let (taken_in, closed) = (self.number()?, self.number()?);
        let (placed, seen, late) = (self.moment()?, self.moment()?, self.number()? != 0);
        let settled = self.maybe()?.map(Moment);
        Ok(OrderLine { key, flow, location, shown, posted, taken_in, closed, placed, seen, late, settled })
    }

    /// `system, next, whole`.
    pub fn cursor(mut self) -> Result<Cursor, StateError> {
        Ok(Cursor { system: self.text(), next: self.moment()?, whole: self.moment()? })
    }

    /// `system, movement, document, line, of_document, of_line, code, location, quantity, unit, at, closed`.
    pub fn parked(mut self) -> Result<Parked, StateError> {
        let (system, movement, document) = (self.text(), self.movement()?, self.text());
        let key = ParkedKey { system, movement, document, line: self.text() };
        let (document, line) = (self.cell(), self.cell());
        let (code, location, quantity, unit) = (self.text(), self.cell(), self.text(), self.cell());
        let (at, closed) = (self.maybe()?.map(Moment), self.maybe()?.map(Moment));
        Ok(Parked { key, of: document.zip(line), code, location, quantity, unit, at, closed })
    }

    /// One moment, or none.
    pub fn maybe_moment(mut self) -> Result<Option<Moment>, StateError> {
        Ok(self.maybe()?.map(Moment))
    }

    /// `item, place, at, amount`.
    pub fn sale(mut self) -> Result<Sale, StateError> {
        let (item, place) = (self.text(), self.text());
        Ok(Sale { item, place, at: self.moment()?, amount: self.number()? })
    }

    /// `run, flow, began, whole, through, held, owed, moved, ended, status`.
    pub fn turn(mut self) -> Result<Turned, StateError> {
        let (run, flow, began) = (self.text(), self.text(), self.moment()?);
        let (whole, through) = (self.number()? != 0, self.number()? != 0);
        let mut maybe = || self.maybe().map(|found| found.and_then(|count| u64::try_from(count).ok()));
        let left = match (maybe()?, maybe()?, maybe()?) {
            (Some(held), Some(owed), Some(moved)) => Some(Left { held, owed, moved }),
            _ => None,
        };
        let ended = self.ended()?;
        Ok((Turn { run, flow, began, whole, through, left }, ended))
    }

    /// `item, place, bucket, amount`.
    pub fn balance(mut self) -> Result<Balance, StateError> {
        let (item, place, bucket) = (self.text(), self.text(), self.text());
        Ok(Balance { item, place, bucket, amount: self.number()? })
    }
}

/// The binds of a turn, in the order of [`Reader::turn`].
pub fn turn_binds(own: &Turn) -> Vec<Bind> {
    let mut binds = vec![own.run.as_str().into(), own.flow.as_str().into(), own.began.0.into()];
    binds.extend([own.whole, own.through].map(|holds| Bind::from(i64::from(holds))));
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let left = [|own: &Left| own.held, |own: &Left| own.owed, |own: &Left| own.moved];
    binds.extend(left.map(|of| Bind::from(own.left.as_ref().map(|left| number(of(left))))));
    binds
}

/// The binds of a movement, in the order of [`Reader::booked`].
pub fn booked_binds(own: &Booked) -> Vec<Bind> {
    let key = &own.key;
    let mut binds: Vec<Bind> =
        [&*key.system, key.movement.word(), &key.document, &key.line, &key.item].map(Bind::from).to_vec();
    binds.push(i64::from(key.part).into());
    binds.extend([&own.order.0, &own.order.1].map(|text| Bind::from(text.as_str())));
    binds.extend([&own.location, &own.to].map(|text| Bind::from(text.as_deref())));
    binds.push(own.amount.into());
    binds.push(own.at.map(|at| at.0).into());
    binds.extend([own.seen.0, i64::from(own.sellable)].map(Bind::from));
    binds
}

/// The binds of an order line, in the order of [`Reader::order_line`].
pub fn line_binds(own: &OrderLine) -> Vec<Bind> {
    let key = &own.key;
    let mut binds: Vec<Bind> =
        [&*key.system, key.movement.word(), &key.document, &key.line, &key.item, &own.flow]
            .map(Bind::from)
            .to_vec();
    binds.push(own.location.as_deref().into());
    for totals in [own.shown, own.posted] {
        let numbers = [totals.ordered, totals.cancelled, totals.shipped, totals.returned];
        binds.extend(numbers.map(Bind::from));
    }
    binds.extend([own.taken_in, own.closed, own.placed.0, own.seen.0, i64::from(own.late)].map(Bind::from));
    binds.push(own.settled.map(|at| at.0).into());
    binds
}

/// The binds of what names a record that waits.
pub fn parked_key(key: &ParkedKey) -> Vec<Bind> {
    [&*key.system, key.movement.word(), &key.document, &key.line].map(Bind::from).to_vec()
}

/// The binds of a record that waits, in the order of [`Reader::parked`].
pub fn parked_binds(own: &Parked) -> Vec<Bind> {
    let mut binds = parked_key(&own.key);
    let (document, line) = own.of.as_ref().map(|(document, line)| (&**document, &**line)).unzip();
    binds.extend([document, line, Some(&*own.code), own.location.as_deref()].map(Bind::from));
    binds.extend([Some(&*own.quantity), own.unit.as_deref()].map(Bind::from));
    binds.extend([own.at, own.closed].map(|at| Bind::from(at.map(|at| at.0))));
    binds
}

/// The binds of a journal entry, in the order of [`Reader::entry`], and after them its place.
pub fn entry_binds(entry: &Entry, place: Option<i64>) -> Result<[Bind; 11], StateError> {
    let (event, columns, after, outcome, reason) = match &entry.event {
        Event::Intent { before, after } => {
            let json = serde_json::to_string(before).map_err(|why| damaged(&why.to_string()))?;
            ("intent", Some(json), Some(*after), None, None)
        }
        Event::Sent => ("sent", None, None, None, None),
        Event::Again { reason } => ("again", None, None, None, Some(reason.as_str())),
        Event::Outcome { outcome, reason } => {
            ("outcome", None, None, Some(outcome.word()), Some(reason.as_str()))
        }
    };
    Ok([
        entry.run.as_str().into(),
        entry.change.as_str().into(),
        i64::from(entry.attempt).into(),
        entry.key.as_str().into(),
        event.into(),
        columns.into(),
        after.into(),
        outcome.into(),
        reason.into(),
        entry.at.0.into(),
        place.into(),
    ])
}

/// The binds of a queue key: flow, system, location, item, field.
pub fn key_binds(key: &QueueKey) -> Vec<Bind> {
    [&key.flow, &key.system, &key.location, &key.item, &key.field].map(|text| text.as_str().into()).to_vec()
}

//! Rows of the state's tables to entries, and back.

use super::{
    Entry, Event, Fault, Known, Lease, Outcome, PlanSeen, QueueEntry, QueueKey, Run, StateError, Written,
};
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

    /// `holder, host, process, expires`.
    pub fn lease(mut self) -> Result<Lease, StateError> {
        let (holder, host, process) = (self.text(), self.text(), self.text());
        Ok(Lease { holder, host, process, expires: self.moment()? })
    }

    /// `id, plan, digest, topology, actor, began, ended, status`.
    pub fn run(mut self) -> Result<Run, StateError> {
        let (id, plan, digest) = (self.text(), self.text(), self.text());
        let (topology, actor, began) = (self.text(), self.text(), self.moment()?);
        let ended = match self.maybe()? {
            Some(at) => Some((Moment(at), self.small()?)),
            None => None,
        };
        Ok(Run { id, plan, digest, topology, actor, began, ended })
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
            "outcome" => {
                let outcome = Outcome::of(&outcome).ok_or_else(|| damaged(&outcome))?;
                Event::Outcome { outcome, reason }
            }
            other => return Err(damaged(other)),
        };
        Ok(Entry { run, change, attempt, key, event, at: self.moment()? })
    }

    /// `digest, id, created, applied_by`.
    pub fn plan(mut self) -> Result<PlanSeen, StateError> {
        let (digest, id) = (self.text(), self.text());
        Ok(PlanSeen { digest, id, created: self.moment()?, applied_by: self.cell() })
    }

    /// `id, flow, system, location, item, field, code, record, reason, change_id, next_try, attempts,
    /// first_seen, last_seen, closed_at, closed_how`.
    pub fn queued(mut self) -> Result<QueueEntry, StateError> {
        let id = self.number()?;
        let (flow, system, location) = (self.text(), self.text(), self.text());
        let key = QueueKey { flow, system, location, item: self.text(), field: self.text() };
        let (code, record, reason, change) = (self.text(), self.text(), self.text(), self.text());
        let fault = Fault { key, code, record, reason, change, next: self.maybe()?.map(Moment) };
        let (attempts, first, last) = (self.small()?, self.moment()?, self.moment()?);
        let closed = self.maybe()?.map(|at| (Moment(at), self.text()));
        Ok(QueueEntry { id, fault, attempts, first, last, closed })
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
}

fn damaged(value: &str) -> StateError {
    StateError::Broken(format!(
        "the state file holds `{value}` where that cannot stand: it is damaged or was edited; \
         restore a backup"
    ))
}

/// The binds of a journal entry, in the order of [`Reader::entry`].
pub fn entry_binds(entry: &Entry) -> Result<[Bind; 10], StateError> {
    let (event, columns, after, outcome, reason) = match &entry.event {
        Event::Intent { before, after } => {
            let json = serde_json::to_string(before).map_err(|why| damaged(&why.to_string()))?;
            ("intent", Some(json), Some(*after), None, None)
        }
        Event::Sent => ("sent", None, None, None, None),
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
    ])
}

/// The binds of a queue key: flow, system, location, item, field.
pub fn key_binds(key: &QueueKey) -> Vec<Bind> {
    [&key.flow, &key.system, &key.location, &key.item, &key.field].map(|text| text.as_str().into()).to_vec()
}

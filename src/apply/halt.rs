//! What waits from now on although this run has decided to send it: what somebody pauses while it writes, and
//! cells whose writes are used up.

use super::batch::{Phase, Row};
use super::recall;
use crate::model::time::Moment;
use crate::model::{LocationId, Model};
use crate::plan::change::Change;
use crate::plan::permit::cell_of;
use crate::plan::{Plan, Standing, gate, undo};
use crate::state::{Pause, StateError, Store};
use std::collections::BTreeMap;

/// Why a row waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// Whether it waits though it falls.
    pub all: bool,
    /// Why, in words.
    pub why: String,
}

/// Rows that wait, by their changes.
pub type Halts = BTreeMap<String, Halt>;

/// How often a row that rises may still be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// So many requests.
    pub left: u32,
    /// Why not more, in words.
    pub why: String,
}

/// How often rows that rise may still be sent, by their changes; as often as need be where they are not here.
pub type Caps = BTreeMap<String, Cap>;

/// What `limit writes=` leaves to some rows.
pub async fn caps(
    store: &mut dyn Store,
    model: &Model,
    (rows, now): (&[Row], Moment),
) -> Result<Caps, StateError> {
    let counted = |row: &&Row| row.phase == Phase::Raise && recall::cap(model, row.system).is_some();
    if !rows.iter().any(|row| counted(&row)) {
        return Ok(Caps::new());
    }
    let writes = recall::writes(store, model, now).await?;
    let one = |row: &Row| {
        let cap = recall::cap(model, row.system)?;
        let at = writes.get(&(row.cell.code, row.cell.location)).map_or(&[][..], |at| at);
        let left = cap.count.saturating_sub(u32::try_from(at.len()).unwrap_or(u32::MAX));
        let frees = at.first().copied().unwrap_or(now).after(cap.per);
        Some((row.change.clone(), Cap { left, why: gate::spent(model, row.cell.code, frees) }))
    };
    Ok(rows.iter().filter(counted).filter_map(one).collect())
}

/// The pauses that a run goes by while it writes.
#[derive(Debug)]
pub struct Pauses<'a> {
    model: &'a Model,
    plan: &'a Plan,
    /// The pauses as they were seen last; `None` before the first look.
    known: Option<Vec<Pause>>,
}

impl<'a> Pauses<'a> {
    /// Those for the changes of a plan.
    pub fn new(model: &'a Model, plan: &'a Plan) -> Pauses<'a> {
        Pauses { model, plan, known: None }
    }

    /// The rows that wait, where that is not as it was at the last look.
    pub async fn look(&mut self, store: &mut dyn Store) -> Result<Option<Halts>, StateError> {
        let pauses = store.pauses().await?;
        if self.known.as_ref() == Some(&pauses) {
            return Ok(None);
        }
        let standing = Standing { pauses: recall::paused(self.model, &pauses), ..Standing::default() };
        // A rollback is not kept back by the pause that it makes itself.
        let standing = if self.plan.header.undoes.is_some() { undo::standing(&standing) } else { standing };
        self.known = Some(pauses);
        let halt = |change: &Change| Some((change.id.clone(), self.halt(&standing, change)?));
        let nothing = standing.pauses.is_empty();
        let changes = self.plan.changes.iter().filter(|_| !nothing);
        Ok(Some(changes.filter_map(halt).collect()))
    }

    fn halt(&self, standing: &Standing, change: &Change) -> Option<Halt> {
        let (flow, _, location) = cell_of(self.model, change)?;
        let own = [location];
        let places: &[LocationId] = match &*self.model.location(location).pool {
            [] => &own,
            members => members,
        };
        let pause = standing.paused(self.model, flow, (location, places))?;
        let effect = if pause.holds_all { "nothing is written" } else { "raises wait" };
        let what = pause.what.named(self.model);
        Some(Halt { all: pause.holds_all, why: format!("{effect}: {what} is {}", pause.told) })
    }
}

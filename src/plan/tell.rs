//! The lines of a plan for single cells: what is written there, why nothing is, what is wrong.

use super::change::{Action, Change, Held, RowFault, Write};
use super::gate::Gates;
use super::sum;
use crate::count::{Cell, CellFault, Explained, Exposure, FlowCounts, May, Verdict};
use crate::graph::Graph;
use crate::hands;
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};

/// Puts into words what is to be told of cells of one flow.
pub struct Teller<'d> {
    pub model: &'d Model,
    pub graph: &'d Graph,
    pub gates: &'d Gates<'d>,
    pub exposure: &'d Exposure<'d>,
    pub flow: FlowId,
    pub counts: &'d FlowCounts<'d>,
}

/// What a plan tells of a cell.
pub enum Told {
    Change(CodeId, Box<Change>),
    Held(Held),
    Failure(RowFault),
}

/// So many cells are put into words in one go.
const TOLD: usize = 1 << 9;

impl Teller<'_> {
    /// Of some cells, in their order: each hand takes some.
    pub fn all(&self, cells: &[Cell]) -> impl Iterator<Item = Told> + use<> {
        let some: Vec<&[Cell]> = cells.chunks(TOLD).collect();
        let tell = |at: usize| some[at].iter().filter_map(|cell| self.tell(*cell)).collect::<Vec<Told>>();
        hands::each(some.len(), hands::count(cells.len(), 2 * TOLD), tell).into_iter().flatten()
    }

    /// `None` where there is nothing to tell.
    fn tell(&self, cell: Cell) -> Option<Told> {
        if matches!(cell.verdict, Verdict::Unchanged { .. }) {
            return None;
        }
        let explained = self.counts.explain(cell.code, cell.location);
        match cell.verdict {
            Verdict::Unchanged { .. } => None,
            Verdict::Held { .. } => {
                let why = self.gates.why(self.flow, cell.code, cell.location);
                let reason = if explained.waits { why.to_owned() } else { held_reason(&explained) };
                Some(Told::Held(held(self.model, &explained, reason)))
            }
            Verdict::Failed { .. } => {
                let fault = explained.fault.as_ref()?;
                Some(Told::Failure(row_fault(self.model, self.flow, fault)))
            }
            Verdict::Lower { .. } | Verdict::Raise { .. } | Verdict::Create { .. } => {
                let mut change = change(self.model, &explained)?;
                let places = self.graph.locations_of(cell.location);
                change.exposure = self.exposure.behind(cell.code, places);
                change.shadow = cell.may == May::Shadow;
                Some(Told::Change(cell.code, Box::new(change)))
            }
        }
    }
}

/// The plan line of a cell that is to be written; `None` for any other.
pub fn change(model: &Model, explained: &Explained) -> Option<Change> {
    let action = match explained.verdict {
        Verdict::Lower { .. } => Action::Lower,
        Verdict::Raise { .. } => Action::Raise,
        Verdict::Create { .. } => Action::Create,
        _ => return None,
    };
    let flow = model.flow(explained.flow);
    let code = model.code(explained.code);
    let column = flow.write.as_ref().map_or_else(String::new, |write| write.column.to_string());
    let columns = explained.columns.as_ref();
    let location = location_name(model, flow.to, explained.location);
    Some(Change {
        id: id(model, explained),
        flow: flow.name.to_string(),
        action,
        system: model.system(flow.to).name.to_string(),
        location,
        item: model.thing_name(code.thing).to_string(),
        code: code.code.to_string(),
        quantity: model.quantity(flow.quantity).name.to_string(),
        unit: code.measure.unit.to_string(),
        before: explained.verdict.before(),
        after: explained.after?,
        write: Write {
            quantity: column,
            unit: code.measure.unit.to_string(),
            before: columns.map(|all| all.iter().map(|(name, value)| (name.to_string(), *value)).collect()),
            after: explained.written?,
        },
        reason: sum::cause(model, explained),
        exposure: 0,
        shadow: false,
        sum: sum::steps(model, explained),
    })
}

/// The topology's name of a target's location; none for a system without locations.
pub(super) fn location_name(model: &Model, system: SystemId, location: LocationId) -> Option<String> {
    let location = model.location(location);
    let named = location.code_in(system).is_none_or(|code| code.code.is_some());
    named.then(|| location.name.to_string())
}

/// The id of a change: the first 16 hex digits of blake3 over flow, system, location and code, each
/// followed by a zero byte. It is the same in every plan in which the cell changes.
pub(super) fn id(model: &Model, explained: &Explained) -> String {
    let flow = model.flow(explained.flow);
    let system = &model.system(flow.to).name;
    let location = &model.location(explained.location).name;
    let code = &model.code(explained.code).code;
    let mut hasher = blake3::Hasher::new();
    for part in [&flow.name, system, location, code] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

fn held(model: &Model, explained: &Explained, reason: String) -> Held {
    let flow = model.flow(explained.flow);
    let code = model.code(explained.code);
    Held {
        flow: flow.name.to_string(),
        system: model.system(flow.to).name.to_string(),
        location: location_name(model, flow.to, explained.location),
        item: model.thing_name(code.thing).to_string(),
        code: code.code.to_string(),
        reason,
    }
}

/// Why a cell is held: the first two reasons, and how many more there are.
pub(super) fn held_reason(explained: &Explained) -> String {
    let notes = &explained.notes;
    match notes.len() {
        0 => "something that it depends on is not known".to_owned(),
        1..=3 => notes.join("; "),
        count => format!("{}; {}; and {} more", notes[0], notes[1], count - 2),
    }
}

/// A row that could not be read or computed.
pub(super) fn row_fault(model: &Model, flow: FlowId, fault: &CellFault) -> RowFault {
    let code = fault.code.map(|code| model.code(code));
    RowFault {
        flow: model.flow(flow).name.to_string(),
        system: model.system(fault.system).name.to_string(),
        location: fault.location.and_then(|location| location_name(model, fault.system, location)),
        item: code.map_or_else(String::new, |code| model.thing_name(code.thing).to_string()),
        code: code.map_or_else(String::new, |code| code.code.to_string()),
        record: fault.record.clone(),
        source: fault.source.clone(),
        field: fault.field.clone(),
        reason: fault.reason.clone(),
    }
}

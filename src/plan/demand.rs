//! What a plan says of movements: what is to be posted, and what does not fit or is waited for too long.

use super::change::{Movement, MovementLine, RowFault};
use crate::count::Counter;
use crate::model::Model;
use crate::model::demand::{Demand, Due};

/// The postings that are due.
pub(super) fn movements(model: &Model, demand: &Demand) -> Vec<Movement> {
    demand.due.iter().map(|due| movement(model, due)).collect()
}

fn movement(model: &Model, due: &Due) -> Movement {
    let line = |line: &crate::model::moved::PostLine| {
        let code = model.code(line.code);
        MovementLine {
            item: model.thing_name(code.thing).to_string(),
            code: code.code.to_string(),
            location: line.location.map(|place| model.location(place).name.to_string()),
            quantity: line.quantity.to_string(),
            unit: code.measure.unit.to_string(),
        }
    };
    Movement {
        id: due.id.clone(),
        flow: model.collect(due.flow).name.to_string(),
        system: model.system(due.to).name.to_string(),
        movement: due.posting.movement.word().to_owned(),
        document: due.document.to_string(),
        reference: due.posting.reference.to_string(),
        lines: due.posting.lines.iter().map(line).collect(),
    }
}

/// Movements that do not fit what is in the books.
pub(super) fn misfits(demand: &Demand) -> Vec<RowFault> {
    let fault = |own: &crate::model::demand::Misfit| RowFault {
        flow: own.flow.clone(),
        system: own.system.clone(),
        location: None,
        item: own.item.clone(),
        code: String::new(),
        record: own.record.clone(),
        source: own.system.clone(),
        field: misfit_field(own.field, &own.record),
        reason: own.reason.clone(),
    };
    demand.misfits.iter().map(fault).collect()
}

/// Order lines that no owner has taken in for too long: a person has to look at them.
pub(super) fn waiting(model: &Model, demand: &Demand, counter: &Counter<'_>) -> Vec<RowFault> {
    let mut faults = Vec::new();
    for waiting in counter.waiting() {
        let line = &demand.lines[waiting.line];
        let channel = &model.system(line.system).name;
        let owner = &model.system(waiting.owner).name;
        let record = line.name(channel);
        let since = line.placed.rfc3339();
        let reason = format!(
            "never-acknowledged: {} of it were sold at {since}, and `{owner}` still does not show that it \
             has taken them in, so they are taken off every count; see whether {record} arrived there, and \
             post it or close this entry with a note",
            waiting.amount
        );
        faults.push(RowFault {
            flow: line.flow.map_or_else(String::new, |flow| model.collect(flow).name.to_string()),
            system: channel.to_string(),
            location: line.location.map(|place| model.location(place).name.to_string()),
            item: model.item(line.item).name.to_string(),
            code: String::new(),
            record: record.clone(),
            source: channel.to_string(),
            field: never_acknowledged(&record),
            reason,
        });
    }
    faults
}

/// How the queue names a field of a movement that does not fit.
fn misfit_field(field: &str, record: &str) -> String {
    format!("{field} of {record}")
}

/// Whether the queue names a field of a movement so.
pub fn is_of_movement(field: &str, record: &str) -> bool {
    field.split_once(" of ").is_some_and(|(_, own)| own == record)
}

/// How the queue names a line that no owner has taken in.
pub fn never_acknowledged(line: &str) -> String {
    format!("never-acknowledged {line}")
}

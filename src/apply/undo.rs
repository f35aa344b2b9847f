//! What undoing a run leaves behind: raises that wait.

use super::decide::{Decided, Decision};
use crate::model::time::Moment;
use crate::plan::{Plan, undo};
use crate::state::{Pause, Scope, StateError, Store};
use std::collections::BTreeSet;

/// Before a rollback writes anything: pauses raises of every flow that it writes to, so that the next
/// ordinary run does not raise again what was just taken back. A pause that somebody made stays as it is.
/// Answers what people should know, one sentence a flow; nothing for any other plan.
pub async fn pause(
    store: &mut dyn Store,
    plan: &Plan,
    decided: &Decided,
    (actor, now): (&str, Moment),
) -> Result<Vec<String>, StateError> {
    let Some(run) = &plan.header.undoes else { return Ok(Vec::new()) };
    let rows = plan.changes.iter().zip(&decided.changes);
    let written = rows.filter(|(_, decision)| matches!(decision, Decision::Write { .. }));
    let flows: BTreeSet<&str> = written.map(|(change, _)| &*change.flow).collect();
    let paused = store.pauses().await?;
    let mut notes = Vec::new();
    for flow in flows {
        let known = paused.iter().any(|pause| pause.scope == Scope::Flow && pause.name == *flow);
        if !known {
            let (reason, actor) = (format!("{}{run}", undo::PAUSED), actor.to_owned());
            let name = flow.to_owned();
            let pause = Pause { scope: Scope::Flow, name, holds_all: false, reason, actor, since: now };
            store.pause(&pause).await?;
        }
        notes.push(format!("raises of the flow `{flow}` are paused until `onhand resume {flow}`"));
    }
    Ok(notes)
}

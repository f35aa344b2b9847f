//! How late a change of an owner's count is shown: measured from the moment at which its owner shows it.

use super::process::Cycled;
use super::world::World;
use crate::model::FlowId;
use crate::model::flow::Rollout;
use crate::state::Outcome;

/// Whether a flow's lag is measured: one that writes, at all hours.
fn measured(world: &World, flow: FlowId) -> bool {
    let own = world.model.flow(flow);
    let hours = own.window.is_some() || own.lag.as_ref().is_some_and(|lag| lag.calendar.is_some());
    own.rollout == Rollout::Live && !hours
}

/// After a cycle: changes whose shelf was read since, and of which no row was left, are over. Where a cell of
/// the flow was written for it, that is when the change was shown; where none was, nothing followed from it.
pub fn settle(world: &mut World, cycled: &Cycled) {
    let marks: Vec<((FlowId, usize), i64)> = world.marks.iter().map(|(key, at)| (*key, *at)).collect();
    for ((flow, spot), at) in marks {
        let own = &world.layout.spots[spot];
        if !measured(world, flow) {
            world.marks.remove(&(flow, spot));
            continue;
        }
        if world.read_ms[own.keeper.index()] < at || is_left(world, cycled, (flow, spot)) {
            continue;
        }
        let cells =
            own.cells.iter().map(|(cell, _)| *cell).filter(|cell| world.layout.cells[*cell].flow == flow);
        let written = cells.filter_map(|cell| world.levels[cell].written_ms).filter(|written| *written >= at);
        if let Some(shown) = written.max() {
            let lag = &mut world.tallies[flow.index()].lag_ms;
            *lag = (*lag).max(Some(shown - at));
        }
        world.marks.remove(&(flow, spot));
    }
}

/// Whether something of a flow on a shelf was not done.
fn is_left(world: &World, cycled: &Cycled, (flow, spot): (FlowId, usize)) -> bool {
    let own = &world.layout.spots[spot];
    let name = &world.model.flow(flow).name;
    let cells =
        || own.cells.iter().map(|(cell, _)| &world.layout.cells[*cell]).filter(|cell| cell.flow == flow);
    let mine = |of: &str, code: &str| {
        *of == **name && cells().any(|cell| *world.model.code(cell.code).code == *code)
    };
    let report = &cycled.report;
    let open =
        |outcome: Outcome| !matches!(outcome, Outcome::Verified | Outcome::Unverified | Outcome::Unchanged);
    report.rows.iter().any(|row| open(row.outcome) && mine(&row.flow, &row.code))
        || report.held.iter().any(|held| mine(&held.flow, &held.code))
        || report.failures.iter().any(|fault| mine(&fault.flow, &fault.code))
        || report.facts.unreadable
}

/// At the end: what is still not shown is late by all the time since.
pub fn end(world: &mut World) {
    let now = world.now();
    let marks: Vec<(FlowId, i64)> = world.marks.iter().map(|((flow, _), at)| (*flow, *at)).collect();
    for (flow, at) in marks {
        if !measured(world, flow) {
            continue;
        }
        let every = world.model.flow(flow).lag.as_ref().and_then(|lag| lag.every);
        let every = every.map_or(0, |every| every.as_millis() as i64);
        // What changed since the last cycle had no chance yet.
        if now - at > every * 2 {
            let lag = &mut world.tallies[flow.index()].lag_ms;
            *lag = (*lag).max(Some(now - at));
        }
    }
}

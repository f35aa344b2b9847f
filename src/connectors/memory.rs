//! Kind `memory`: a system inside the process, for demos, tests and simulation.

use super::{Context, Failure, Session};
use crate::model::capability::*;
use crate::world::Task;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "memory",
    summary: "a system inside the process, for demos and tests",
    fields: &[],
    generic: true,
    shows: &[],
    takes: &[],
    lists_lines: false,
    lines_are: None,
    locations: true,
    class: WriteClass::CompareAndSet,
    creates: true,
    batch: 500,
    batch_raises: 500,
    atomic: false,
    page: 0,
    rate_per_second: 1_000,
    request_ms: 1,
    integers_only: false,
    decrements_on: DecrementsOn::Placed,
    restocks_on_cancel: false,
    dated: true,
};

/// Opens a session.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    let name = context.model.system(context.system).name.clone();
    let message = format!("system `{name}`: kind `memory` cannot be reached yet");
    Box::pin(async move { Err(Failure::Rejected { message }) })
}

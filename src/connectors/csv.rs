//! Kind `csv`: counts in files, read from a feed and written as a whole new file.

use super::{Context, Failure, Session};
use crate::model::capability::*;
use crate::world::Task;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "csv",
    summary: "counts in CSV files: read from a feed, written as a whole new file",
    fields: &[],
    generic: true,
    shows: &[],
    takes: &[],
    lists_lines: false,
    lines_are: None,
    locations: true,
    class: WriteClass::CompareAndSet,
    creates: true,
    batch: usize::MAX,
    batch_raises: usize::MAX,
    atomic: true,
    page: 0,
    rate_per_second: 1_000,
    request_ms: 10,
    integers_only: false,
    decrements_on: DecrementsOn::Never,
    restocks_on_cancel: false,
    dated: false,
};

/// Opens a session.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    let name = context.model.system(context.system).name.clone();
    let message = format!("system `{name}`: kind `csv` cannot be reached yet");
    Box::pin(async move { Err(Failure::Rejected { message }) })
}

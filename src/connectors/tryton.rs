//! Kind `tryton`: Tryton 8.0 and 7.0, an ERP, by JSON-RPC.

use super::{Context, Failure, Session};
use crate::model::capability::*;
use crate::world::Task;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "tryton",
    summary: "Tryton 8.0 and 7.0, an ERP",
    fields: &[
        Field { name: "url", says: "where the server answers", secret: false, required: Required::Always },
        Field { name: "database", says: "the database", secret: false, required: Required::Always },
        Field { name: "user", says: "the login", secret: false, required: Required::Unless("key") },
        Field { name: "password", says: "its password", secret: true, required: Required::Unless("key") },
        Field { name: "key", says: "an application key", secret: true, required: Required::Unless("user") },
    ],
    generic: false,
    shows: &[Shown { quantity: "on-hand", net_of: &[] }, Shown { quantity: "reserved", net_of: &[] }],
    takes: &[Taken { quantity: "on-hand", column: "on-hand", bridge: &[] }],
    lists_lines: true,
    lines_are: Some("reserved"),
    locations: true,
    class: WriteClass::CompareAndSet,
    creates: true,
    batch: 50,
    batch_raises: 50,
    atomic: true,
    page: 500,
    rate_per_second: 10,
    request_ms: 300,
    integers_only: false,
    decrements_on: DecrementsOn::Shipped,
    restocks_on_cancel: false,
    dated: true,
};

/// Opens a session.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    let name = context.model.system(context.system).name.clone();
    let message = format!("system `{name}`: kind `tryton` cannot be reached yet");
    Box::pin(async move { Err(Failure::Rejected { message }) })
}

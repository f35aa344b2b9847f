//! Kind `vendure`: Vendure 3, a web shop, by its admin GraphQL API.

use super::{Context, Failure, Session};
use crate::model::capability::*;
use crate::world::Task;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "vendure",
    summary: "Vendure 3, a web shop",
    fields: &[
        Field { name: "url", says: "where the server answers", secret: false, required: Required::Always },
        Field { name: "key", says: "an API key", secret: true, required: Required::Unless("user") },
        Field { name: "user", says: "the login", secret: false, required: Required::Unless("key") },
        Field { name: "password", says: "its password", secret: true, required: Required::Unless("key") },
        Field { name: "channel", says: "the channel token", secret: false, required: Required::Optional },
    ],
    generic: false,
    shows: &[Shown { quantity: "on-hand", net_of: &[] }],
    takes: &[
        Taken { quantity: "available", column: "on-hand", bridge: &["allocated", "threshold"] },
        Taken { quantity: "on-hand", column: "on-hand", bridge: &[] },
    ],
    lists_lines: false,
    lines_are: None,
    locations: true,
    class: WriteClass::Absolute,
    creates: true,
    batch: 500,
    batch_raises: 50,
    atomic: true,
    page: 500,
    rate_per_second: 20,
    request_ms: 100,
    integers_only: true,
    decrements_on: DecrementsOn::Paid,
    restocks_on_cancel: true,
    dated: true,
};

/// Opens a session.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    let name = context.model.system(context.system).name.clone();
    let message = format!("system `{name}`: kind `vendure` cannot be reached yet");
    Box::pin(async move { Err(Failure::Rejected { message }) })
}

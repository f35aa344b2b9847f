//! Descriptors of kinds: what a kind of system can show and take, known without asking it.

use super::movement::Movement;
use super::time::Rate;

/// A kind of system, as plain data.
#[derive(Debug)]
pub struct Descriptor {
    /// The word after `kind=`.
    pub kind: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Connection fields that a `system` node of this kind takes.
    pub fields: &'static [Field],
    /// Whether its counts are named by a `levels` node (csv, sql, memory) instead of by `shows`.
    pub generic: bool,
    /// The counts that it shows by itself; empty for a generic kind.
    pub shows: &'static [Shown],
    /// The counts that it takes by itself; empty for a generic kind, which takes what `levels` names.
    pub takes: &'static [Taken],
    /// Whether it lists open order lines by itself.
    pub lists_lines: bool,
    /// The base quantity that its open lines add up to, where they are one (`reserved`).
    pub lines_are: Option<&'static str>,
    /// Whether it has several locations.
    pub locations: bool,
    /// How a write is protected.
    pub class: WriteClass,
    /// How long it remembers the key of a write that changes by an amount, in seconds; 0 where it takes none.
    pub key_seconds: u32,
    /// Whether a row that it does not show can be created.
    pub creates: bool,
    /// Largest number of rows in one write.
    pub batch: usize,
    /// Largest number of rows in one write that raises.
    pub batch_raises: usize,
    /// Whether one bad row refuses the whole batch.
    pub atomic: bool,
    /// Rows in one page of a read; 0 where a read is one piece.
    pub page: usize,
    /// Requests a second that it bears without `limit`.
    pub rate_per_second: u32,
    /// Usual time of one request, in milliseconds.
    pub request_ms: u32,
    /// Whether it writes whole numbers only.
    pub integers_only: bool,
    /// From which event on a level already contains a sale.
    pub decrements_on: DecrementsOn,
    /// Whether it puts stock back by itself when an order is cancelled.
    pub restocks_on_cancel: bool,
    /// Whether a read states by itself when its counts were true (live kinds do).
    pub dated: bool,
    /// The movements that it can show.
    pub collects: &'static [Movement],
    /// Whether it shows them only where a `movements` node says where they are read.
    pub movements_named: bool,
    /// As what it takes orders in, the usual one first; empty where it takes none in.
    pub posts: &'static [&'static str],
    /// Fields of a `post` node to it, beside `reference`.
    pub post_fields: &'static [PostField],
    /// Requests that a log-in costs; 0 where every request carries its credentials.
    pub login_requests: u32,
    /// Writes of one cell that it bears in a time.
    pub writes_per_cell: Option<Rate>,
}

/// One connection field.
#[derive(Debug)]
pub struct Field {
    /// Its node name.
    pub name: &'static str,
    /// What it is, for `explain` and completion.
    pub says: &'static str,
    /// Whether it is a secret, which may only be given as a reference.
    pub secret: bool,
    /// Whether it must be there: always, or unless another field stands instead.
    pub required: Required,
}

/// One field of a `post` node.
#[derive(Debug)]
pub struct PostField {
    /// Its node name.
    pub name: &'static str,
    /// What it is.
    pub says: &'static str,
    /// The words that it takes; empty for any name.
    pub words: &'static [&'static str],
    /// Whether it must be there.
    pub required: bool,
}

/// When a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Always.
    Always,
    /// Never.
    Optional,
    /// Unless that other field is there.
    Unless(&'static str),
}

/// A count that a kind shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The quantity's name.
    pub quantity: &'static str,
    /// What is already taken off.
    pub net_of: &'static [&'static str],
}

/// A count that a kind takes.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// The quantity that a flow may publish.
    pub quantity: &'static str,
    /// The column that is written.
    pub column: &'static str,
    /// The columns that the system takes off by itself: shown = column − Σ bridge.
    pub bridge: &'static [&'static str],
}

/// How a write is protected against being lost or done twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteClass {
    /// Set to a number, whatever stands there: may be sent again.
    Absolute,
    /// Set to a number if a known one stands there.
    CompareAndSet,
    /// Change by an amount, once for each key.
    KeyedDelta,
    /// Change by an amount: never sent again.
    BareDelta,
    /// It cannot be written.
    ReadOnly,
}

/// From which event on a channel's level contains a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecrementsOn {
    /// When the order is placed.
    Placed,
    /// When it is paid.
    Paid,
    /// When it is shipped.
    Shipped,
    /// Never, or not by itself.
    Never,
}

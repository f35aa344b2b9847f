//! The requests that reading and writing a system takes, by its kind and by what `limit` says instead.

use crate::model::flow::Lag;
use crate::model::quantity::Ratio;
use crate::model::system::System;
use crate::model::time::Rate;

/// The share of cells that is expected to change between two runs, where the topology does not say.
pub const CHANGES: Ratio = Ratio { numerator: 5, denominator: 100 };

/// The requests of one step to one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    /// Rows that they carry; 0 where they carry none that are counted.
    pub rows: u64,
    /// Rows in one of them; 0 where all go at once.
    pub size: u64,
    /// How many there are.
    pub count: u64,
    /// What one takes, in microseconds: its usual time, or the pause that the rate asks for.
    pub each_us: u64,
    /// Whether the rate decides that, and not the time of a request.
    pub paced: bool,
}

impl Requests {
    /// What they take together, in microseconds.
    pub fn us(&self) -> u128 {
        u128::from(self.count) * u128::from(self.each_us)
    }
}

/// How often one cell of a system may be written, by its text or else by its kind.
pub fn writes_per_cell(system: &System) -> Option<Rate> {
    system.limit.writes.or(system.kind.writes_per_cell)
}

/// Whether sessions of a system begin with a log-in: where a key may stand instead of a user, it has a user.
pub(super) fn logs_in(system: &System) -> bool {
    let by_user = system.kind.fields.iter().any(|field| field.name == "user");
    system.kind.login_requests > 0 && (!by_user || system.settings.contains_key("user"))
}

/// Rows in one page of a read; 0 where a read is one piece.
pub(super) fn page(system: &System) -> u64 {
    system.limit.page.map_or(system.kind.page as u64, u64::from)
}

/// Rows in one write; 0 where all go at once.
pub(super) fn batch(system: &System, raises: bool) -> u64 {
    let own = if raises { system.kind.batch.min(system.kind.batch_raises) } else { system.kind.batch };
    let own = if own == usize::MAX { 0 } else { own as u64 };
    match system.limit.batch.map(u64::from) {
        Some(told) if own == 0 => told,
        Some(told) => told.min(own),
        None => own,
    }
}

/// How many pieces of a size so many rows make; at least one.
pub(super) fn pieces(rows: u64, size: u64) -> u64 {
    if size == 0 { 1 } else { rows.div_ceil(size).max(1) }
}

/// The cells of so many that are expected to change, rounded up.
pub(super) fn share(cells: u64, lag: Option<&Lag>) -> u64 {
    let share = lag.and_then(|lag| lag.changes).unwrap_or(CHANGES);
    let part = u128::from(cells) * u128::from(share.numerator.unsigned_abs());
    let whole = part.div_ceil(u128::from(share.denominator.unsigned_abs().max(1)));
    u64::try_from(whole).unwrap_or(u64::MAX)
}

/// The requests of a step: the rows that they carry, rows in each, and how many they are.
pub(super) fn requests(system: &System, (rows, size, count): (u64, u64, u64)) -> Requests {
    let takes_us = match system.limit.takes {
        Some(takes) => u64::try_from(takes.as_micros()).unwrap_or(u64::MAX),
        None => u64::from(system.kind.request_ms) * 1_000,
    };
    let (per_us, rate) = match system.limit.rate {
        Some(rate) => (u64::try_from(rate.per.as_micros()).unwrap_or(u64::MAX), rate.count),
        None => (1_000_000, system.kind.rate_per_second),
    };
    let pause_us = per_us.div_ceil(u64::from(rate.max(1)));
    Requests { rows, size, count, each_us: takes_us.max(pause_us), paced: pause_us > takes_us }
}

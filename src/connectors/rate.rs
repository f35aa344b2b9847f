//! How fast a system may be asked: a token bucket that never exceeds the rate of the kind.

use crate::model::system::System;
use crate::model::time::{Moment, Rate};
use std::time::Duration;

/// The furthest ahead that tokens are ever owed.
const LONGEST_DEBT_US: i64 = 60_000_000;

/// A bucket of tokens, one for each request, refilled at a steady rate. It is kept as the moment at which
/// the next token falls due, which is exact and needs no refilling.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Microseconds between two tokens.
    every_us: i64,
    /// Tokens that may have gathered.
    burst: i64,
    /// When the next token falls due if none has gathered, in microseconds since 1970.
    due_us: i64,
}

impl Bucket {
    /// A full bucket of `burst` tokens, refilled `per_second` times a second; both at least 1.
    pub fn new(per_second: u32, burst: u32) -> Bucket {
        Bucket::at(Rate { count: per_second, per: Duration::from_secs(1) }, burst)
    }

    /// A full bucket of `burst` tokens, refilled so that no span of `rate.per` ever holds more than
    /// `rate.count`, but for what has gathered.
    pub fn at(rate: Rate, burst: u32) -> Bucket {
        let per_us = i64::try_from(rate.per.as_micros()).unwrap_or(i64::MAX);
        let count = i64::from(rate.count.max(1));
        let every_us = (per_us / count).saturating_add(i64::from(per_us % count != 0)).max(1);
        Bucket { every_us, burst: i64::from(burst.max(1)), due_us: i64::MIN }
    }

    /// The bucket of a system: as its `limit` has it, or else as its kind bears.
    pub fn of(system: &System) -> Bucket {
        let burst = system.limit.burst.unwrap_or(1);
        match system.limit.rate {
            Some(rate) => Bucket::at(rate, burst),
            None => Bucket::new(system.kind.rate_per_second, burst),
        }
    }

    /// Takes `tokens` at once and says how long to wait before they may be used.
    pub fn take(&mut self, tokens: u32, now: Moment) -> Duration {
        let now_us = now.0.saturating_mul(1_000);
        let gathered = now_us.saturating_sub((self.burst - 1).saturating_mul(self.every_us));
        // A clock that was set back must not make anybody wait for it to catch up.
        let debt = now_us.saturating_add(LONGEST_DEBT_US.max(self.every_us));
        let start = self.due_us.clamp(gathered, debt);
        self.due_us = start.saturating_add(self.every_us.saturating_mul(i64::from(tokens)));
        let usable = self.due_us.saturating_sub(self.every_us);
        Duration::from_micros(u64::try_from(usable.saturating_sub(now_us)).unwrap_or(0))
    }
}

//! When a request that may be tried again is tried again: exponential backoff with full jitter.

use crate::model::system::Retry;
use crate::model::time::Moment;
use std::time::Duration;

/// How long and how often one request is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The most attempts, the first one included.
    pub attempts: u32,
    /// The most that is waited before the second attempt; doubled for each one after it.
    pub base: Duration,
    /// The most that is waited at once, unless the system itself asks for more.
    pub most: Duration,
    /// From the first failure to the last attempt.
    pub within: Duration,
}

impl Default for Policy {
    /// Five attempts within ten minutes.
    fn default() -> Policy {
        Policy {
            attempts: 5,
            base: Duration::from_secs(1),
            most: Duration::from_secs(60),
            within: Duration::from_secs(600),
        }
    }
}

impl Policy {
    /// As a system's `retry` has it; what it leaves out is as usual.
    pub fn of(retry: Option<Retry>) -> Policy {
        let usual = Policy::default();
        let attempts = retry.and_then(|retry| retry.attempts).unwrap_or(usual.attempts);
        Policy { attempts, within: retry.and_then(|retry| retry.within).unwrap_or(usual.within), ..usual }
    }
}

/// The failures of one request so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    first: Option<Moment>,
}

impl Backoff {
    /// Counts a failure and says how long to wait before the next attempt; `None` when there is to be
    /// none. `after` is what the system asked for: never less is waited. `bits` are 64 random bits: the
    /// wait is any length up to the limit of this attempt, so that many who fail at once do not all come
    /// back at once.
    pub fn next(
        &mut self,
        policy: &Policy,
        now: Moment,
        after: Option<Duration>,
        bits: u64,
    ) -> Option<Duration> {
        let first = *self.first.get_or_insert(now);
        self.failures += 1;
        if self.failures >= policy.attempts {
            return None;
        }
        let doubled = policy.base.saturating_mul(1_u32.checked_shl(self.failures - 1).unwrap_or(u32::MAX));
        let limit_ms = u64::try_from(doubled.min(policy.most).as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(bits % limit_ms.saturating_add(1));
        let wait = jitter.max(after.unwrap_or_default());
        (now.since(first).saturating_add(wait) <= policy.within).then_some(wait)
    }

    /// How many attempts have failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

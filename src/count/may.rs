//! What may be done with a cell, whatever is computed for it.

use super::Verdict;
use crate::model::{CodeId, FlowId, LocationId};

/// What may be done with one cell of a target. On a shelf that is divided, what is not written counts with
/// what it shows, so nothing that it keeps is given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum May {
    /// It is written.
    #[default]
    Change,
    /// It may fall; a raise or a create waits.
    Fall,
    /// Nothing is written; what would change waits.
    Wait,
    /// Nothing is ever written; what would change is told.
    Shadow,
    /// It is not looked at, and stays as it is.
    Stay,
}

/// Says of each cell of each flow what may be done with it.
pub type Allowed<'m> = &'m (dyn Fn(FlowId, CodeId, LocationId) -> May + Sync);

impl May {
    /// Whether the cell stays as it is, whatever comes out.
    pub(super) fn stays(self) -> bool {
        matches!(self, May::Wait | May::Shadow | May::Stay)
    }

    /// A verdict as far as it may be carried out; and whether it waits for nothing but this.
    pub(super) fn limit(self, verdict: Verdict) -> (Verdict, bool) {
        let waits = match verdict {
            Verdict::Raise { .. } | Verdict::Create { .. } => matches!(self, May::Fall | May::Wait),
            Verdict::Lower { .. } => self == May::Wait,
            _ => false,
        };
        let verdict = if waits { Verdict::Held { shown: verdict.before() } } else { verdict };
        (verdict, waits)
    }

    /// What a cell shows once the plan is carried out.
    pub(super) fn finally(self, verdict: Verdict) -> Option<i64> {
        if self.stays() { verdict.before() } else { verdict.finally() }
    }
}

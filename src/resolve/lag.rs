//! The lag of a flow, whichever way it goes.

use super::Scope;
use super::findings::Findings;
use crate::model::flow::Lag;
use crate::syntax::ast::flow;

/// The lag of a flow, with its calendar.
pub fn lag(own: &flow::Flow, scope: &Scope, findings: &mut Findings) -> Option<Lag> {
    let (lag, calendar) = own.lag.as_ref()?;
    let calendar = scope.calendar(calendar.as_ref(), findings);
    Some(Lag { calendar, ..lag.clone() })
}

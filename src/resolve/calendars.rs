//! Calendars: their days and hours, each once.

use super::Scope;
use super::findings::Findings;
use crate::model::calendar::Calendar;
use crate::model::{CalendarId, Model};
use crate::syntax::ast::calendar;

/// Declares and works out all calendars.
pub fn resolve(
    calendars: &[calendar::Calendar],
    model: &mut Model,
    scope: &mut Scope,
    findings: &mut Findings,
) {
    for own in calendars {
        // What refers to a calendar that cannot be used is not reported a second time.
        let id = (!own.faulty).then(|| CalendarId::at(model.calendars.len()));
        if !scope.calendars.declare(&own.name, id, findings) || id.is_none() {
            continue;
        }
        let mut closed = own.closed.clone();
        closed.sort_unstable();
        closed.dedup();
        model.calendars.push(Calendar {
            name: own.name.value.clone(),
            open: own.open.clone(),
            closed_days: own.closed_days,
            closed,
            origin: own.origin,
        });
    }
}

//! `calendar-closed`: a calendar, or a window within its calendar, that is never open.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::graph::lag::window_hours;
use crate::model::calendar::Timetable;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for calendar in facts.model.calendars.iter().filter(|own| !Timetable::of(own).ever_opens()) {
        let message = format!("calendar `{}` is never open: each of its open days is closed", calendar.name);
        found.push(
            Diagnostic::new(code::CALENDAR_CLOSED, calendar.origin, message)
                .here("no open minute in a week")
                .help(
                    "Raises that wait for it wait for ever, and a lag that counts its open hours is kept \
                     whatever happens. Take days out of `closed`, or add hours to `open`.",
                ),
        );
    }
    for (_, flow) in facts.flows() {
        let Some(window) = &flow.window else { continue };
        let Some((calendar, place)) = window.calendar else { continue };
        let own = facts.model.calendar(calendar);
        if !Timetable::of(own).ever_opens() || window_hours(facts.model, window).ever_opens() {
            continue;
        }
        let message = format!(
            "the window of flow `{}`, {} to {}, lies outside of the hours of its calendar `{}`",
            flow.name, window.from, window.to, own.name
        );
        found.push(
            Diagnostic::new(code::CALENDAR_CLOSED, window.origin, message)
                .here("never open")
                .label(place, "this calendar must be open too")
                .label(own.origin, "its hours")
                .help(
                    "Raises would never be written: what is restocked never comes back on sale. Let `from` \
                     and `to` meet the open hours, or leave one of the two out.",
                ),
        );
    }
    found
}

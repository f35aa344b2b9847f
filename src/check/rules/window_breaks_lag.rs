//! `window-breaks-lag`: raises wait longer for a window than the flow may be late.

use crate::check::Facts;
use crate::check::lag::{faulty, show_us, timed};
use crate::diagnostic::{Diagnostic, code};
use crate::graph::lag::{Wait, window_hours};
use crate::model::flow::Flow;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let (all, blamed) = (timed(facts.model, facts.graph), faulty(facts));
    for ((id, flow), timed) in facts.flows().zip(&all) {
        let Some((wait, (target, _))) = timed.window_breaks().zip(timed.target()) else { continue };
        let behind = timed.path.upstream().is_some_and(|upstream| blamed[upstream.index()]);
        // A window behind it that breaks the lag of its own flow is mended there.
        if wait.flow == id || !behind {
            found.extend(finding(facts, flow, wait, show_us(target)));
        }
    }
    found
}

fn finding(facts: &Facts, flow: &Flow, wait: Wait, target: String) -> Option<Diagnostic> {
    let model = facts.model;
    let other = Some(model.flow(wait.flow)).filter(|other| other.origin != flow.origin);
    let (window, lag) = (model.flow(wait.flow).window.as_ref()?, flow.lag.as_ref()?);
    let time = show_us(wait.own_us);
    let clock = match lag.calendar {
        Some((calendar, _)) => format!(" of the open hours of `{}`", model.calendar(calendar).name),
        None => String::new(),
    };
    let regular = window_hours(model, window).regular().longest_closed_us();
    let dates = match regular.filter(|regular| *regular < wait.us && lag.calendar.is_none()) {
        Some(regular) => format!("; in a week without closed dates {}", show_us(regular)),
        None => String::new(),
    };
    let whose = match other {
        Some(other) => format!("the window of flow `{}`", other.name),
        None => "its window".to_owned(),
    };
    let message =
        format!("raises of flow `{}` wait up to {time}{clock} for {whose}; {target} is its lag", flow.name);
    let mut found = Diagnostic::new(code::WINDOW_BREAKS_LAG, flow.origin, message)
        .here(format!("counts may be {target} late"))
        .label(window.origin, format!("closed for up to {time}{clock}{dates}"));
    if let Some((calendar, _)) = window.calendar {
        found = found.label(model.calendar(calendar).origin, "the window follows this calendar");
    }
    let advice = match (lag.calendar, window.calendar) {
        (None, Some((calendar, _))) => format!(
            "Write `lag … calendar={}` if only its open hours count, widen the window, or raise the \
             target.",
            model.calendar(calendar).name
        ),
        (None, None) => "Widen the window, raise the target, or give the window's hours a calendar and let \
                         the lag count its open hours only: `lag … calendar=NAME`."
            .to_owned(),
        (Some(_), _) => "Let the window be open whenever the lag counts, or raise the target.".to_owned(),
    };
    Some(found.help(format!(
        "Outside of the window nothing is raised: what is restocked meanwhile stays off sale longer than \
         this flow promises. {advice}"
    )))
}

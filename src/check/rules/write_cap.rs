//! `write-cap`: a flow may write a cell more often than its target lets it.

use crate::check::Facts;
use crate::check::lag::round_us;
use crate::diagnostic::{Diagnostic, code};
use crate::graph::lag::writes_per_cell;
use crate::model::time::show_duration;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, flow) in facts.flows() {
        let system = facts.model.system(flow.to);
        let Some((lag, every)) = flow.lag.as_ref().and_then(|lag| Some((lag, lag.every?))) else { continue };
        let Some(cap) = writes_per_cell(system) else { continue };
        let asked = cap.per.as_micros().div_ceil(every.as_micros().max(1));
        if every.as_micros().saturating_mul(cap.count.into()) >= cap.per.as_micros() {
            continue;
        }
        let span = match cap.per.as_secs() {
            1 => "a second",
            60 => "a minute",
            3_600 => "an hour",
            _ => "a day",
        };
        let slower = round_us(cap.per.as_micros().div_ceil(cap.count.into()), true);
        let slower = slower.map(|every| format!("`every=\"{every}\"`")).unwrap_or_default();
        let one = Diagnostic::new(
            code::WRITE_CAP,
            flow.origin,
            format!(
                "flow `{}` may write a count of `{}` {asked} times {span}; {} are allowed",
                flow.name, system.name, cap.count
            ),
        )
        .here(format!("publishes to `{}`", system.name))
        .label(lag.origin, format!("every {}: {asked} times {span}", show_duration(every)));
        let one = match system.limit.origin.filter(|_| system.limit.writes.is_some()) {
            Some(place) => one.label(place, format!("{cap} for each cell")),
            None => {
                one.label(system.origin, format!("kind `{}` bears {cap} for each cell", system.kind.kind))
            }
        };
        found.push(one.help(format!(
            "A cell that sells well changes in every run. Once its writes are used up the system refuses \
             them, and the cell shows a wrong count until the time is over. Run the flow less often, \
             {slower}; or, where the system bears more, say so with `limit writes=`."
        )));
    }
    found
}

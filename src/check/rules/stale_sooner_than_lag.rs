//! `stale-sooner-than-lag`: counts of an owner are too old before the flow that feeds it can renew them.

use crate::check::Facts;
use crate::check::lag::{faulty, round_us, show_us, terms};
use crate::diagnostic::{Diagnostic, code};
use crate::model::SystemId;
use crate::model::time::show_duration;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let blamed = faulty(facts);
    let mut found = Vec::new();
    for (index, system) in facts.model.systems.iter().enumerate() {
        let id = SystemId::at(index);
        let Some((age, place)) = system.stale_after else { continue };
        let Some(flow) = facts.graph.lags().into_system(id).filter(|flow| !blamed[flow.index()]) else {
            continue;
        };
        let owns = facts.model.owners.iter().any(|owner| owner.system == id);
        let path = facts.graph.lags().flow(flow);
        // Windows in a row need not be closed one after the other, so only the longest is sure to count.
        let late = path.sum.sure + path.sum.expected + path.window.map_or(0, |wait| wait.us);
        if !owns || late <= age.as_micros() {
            continue;
        }
        let (own, flow) = (&system.name, facts.model.flow(flow));
        let enough = round_us(late, true).map(|late| format!("`stale-after \"{late}\"`")).unwrap_or_default();
        found.push(
            Diagnostic::new(
                code::STALE_SOONER_THAN_LAG,
                place,
                format!(
                    "counts of `{own}` are stale after {}, and flow `{}` may bring them {} late",
                    show_duration(age),
                    flow.name,
                    show_us(late)
                ),
            )
            .here("shorter than the flow takes")
            .label(flow.origin, format!("publishes to `{own}`, {} late at worst", show_us(late)))
            .help(format!(
                "Stale counts only lower what is published, so on an ordinary day raises would stop, and \
                 nothing comes back on sale. Write {enough} or more, or make the flow faster: {}.",
                terms(facts.model, path, &|sum| sum.total())
            )),
        );
    }
    found
}

//! `guard-toothless`: a guard of 100 %.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::Ratio;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, flow) in facts.flows() {
        let Some(place) = flow.guard.origin else { continue };
        let guard = &flow.guard;
        let limits = [
            ("max-changed", guard.max_changed),
            ("max-zeroed", guard.max_zeroed),
            ("max-raised", guard.max_raised),
        ];
        let whole = |limit: Ratio| limit.numerator >= limit.denominator;
        let toothless: Vec<&str> =
            limits.iter().filter(|(_, limit)| whole(*limit)).map(|(name, _)| *name).collect();
        if toothless.is_empty() {
            continue;
        }
        let names = list(toothless);
        found.push(
            Diagnostic::new(
                code::GUARD_TOOTHLESS,
                place,
                format!("{names} of flow `{}` can never stop anything", flow.name),
            )
            .here("100% is everything")
            .help(
                "On the day when a feed comes empty or a column shifts, this guard is what keeps a whole \
                 shop from being sold out or oversold. Choose a share a little above the \
                 busiest normal day; a first run has its own flag, `apply --first`.",
            ),
        );
    }
    found
}

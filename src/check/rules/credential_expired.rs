//! `credential-expired`: credentials of a system that have run out.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::time::Date;

/// Today, in the topology's time zone.
pub(super) fn today(facts: &Facts) -> Date {
    Date::of(facts.scene.now, facts.model.timezone.as_deref().unwrap_or("UTC"))
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let today = today(facts);
    let mut found = Vec::new();
    for system in &facts.model.systems {
        let Some((last, place)) = system.expires.filter(|(last, _)| *last < today) else { continue };
        let ago = i64::from(today.0) - i64::from(last.0);
        let days = if ago == 1 { "yesterday".to_owned() } else { format!("{ago} days ago") };
        found.push(
            Diagnostic::new(
                code::CREDENTIAL_EXPIRED,
                place,
                format!("the credentials of `{}` ran out {days}, on {last}", system.name),
            )
            .here("their last day is over")
            .help(
                "The system refuses every request, so nothing is read from it and nothing written to it. \
                 Renew them, then write their new last day here.",
            ),
        );
    }
    found
}

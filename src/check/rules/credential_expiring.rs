//! `credential-expiring`: credentials of a system that soon run out.

use super::credential_expired::today;
use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

/// From so many days before the last one on.
const SOON: i64 = 30;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let today = today(facts);
    let mut found = Vec::new();
    for system in &facts.model.systems {
        let Some((last, place)) = system.expires else { continue };
        let left = i64::from(last.0) - i64::from(today.0);
        if !(0..=SOON).contains(&left) {
            continue;
        }
        let when = match left {
            0 => "at the end of today".to_owned(),
            1 => "tomorrow".to_owned(),
            left => format!("in {left} days"),
        };
        found.push(
            Diagnostic::new(
                code::CREDENTIAL_EXPIRING,
                place,
                format!("the credentials of `{}` run out {when}", system.name),
            )
            .here(format!("{last} is their last day"))
            .help(
                "After it the system refuses every request, and counts stand still until somebody notices. \
                 Renew them now, while there is time, then write their new last day here.",
            ),
        );
    }
    found
}

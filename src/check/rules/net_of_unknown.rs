//! `net-of-unknown`: a generic channel's `available` does not say what is already taken off.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::AVAILABLE;
use crate::model::system::Role;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let channels = facts.model.systems.iter().filter(|s| s.kind.generic && s.role == Role::Channel);
    let mut found = Vec::new();
    for system in channels {
        let shows = system.shows.iter().find(|s| s.quantity == AVAILABLE && s.net_of.is_empty());
        let Some(place) = shows.and_then(|shows| shows.origin) else { continue };
        found.push(
            Diagnostic::new(
                code::NET_OF_UNKNOWN,
                place,
                format!("`available` of channel `{}` does not say what is taken off already", system.name),
            )
            .here("add `{ net-of … }`".replace('…', "own-sales"))
            .help(
                "If the channel lowers this figure by itself as it sells, its own sales must not be taken \
                 off a second time; if it does not, they must be. The one guess turns customers away, the \
                 other sells what is gone. Write `{ net-of own-sales }` where the channel lowers it by \
                 itself, or name the base quantities that are off.",
            ),
        );
    }
    found
}

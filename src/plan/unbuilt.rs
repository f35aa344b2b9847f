//! Which parts of a topology `plan` and `apply` do not carry out yet: a topology that holds them is refused,
//! since leaving them out in silence would publish other counts than people mean.
//!
//! A plan divides shelves; `apply` does not write such a plan yet. Its targets differ, and each number is
//! right only once all that fall have fallen: until `apply` waits for that, a raise could promise what
//! another target has not given up.

use crate::model::Model;
use crate::source::Span;

/// A part that is not carried out: its node, what is not done, and its place.
pub type Part = (&'static str, &'static str, Span);

/// Each part that neither carries out; in reading order of each kind.
pub fn unbuilt(model: &Model) -> Vec<Part> {
    let mut found = Vec::new();
    for own in &model.collects {
        found.push(("collect", "orders in flight are not collected and subtracted", own.collect_origin));
    }
    for system in &model.systems {
        if let Some(lines) = &system.lines {
            found.push(("lines", "open order lines are not read and subtracted", lines.origin));
        }
        if let Some(origin) = system.limit.origin {
            found.push(("limit", "requests would go at the rate of the kind", origin));
        }
        if let Some(retry) = &system.retry {
            found.push(("retry", "requests would be tried again as often as usual", retry.origin));
        }
        if system.timeout.is_some() {
            found.push(("timeout", "requests would wait for the usual 30 s", system.origin));
        }
    }
    for location in &model.locations {
        if let Some((_, origin)) = location.cutoff {
            found.push(("cutoff", "a bare date would count as the midnight that begins it", origin));
        }
    }
    found
}

/// The same for `apply`, which carries out less than `plan` computes.
pub fn unapplied(model: &Model) -> Vec<Part> {
    let mut found = unbuilt(model);
    let without = "raises do not wait until what the other targets of a shelf give up is confirmed";
    found.extend(model.allocations.iter().map(|own| ("allocation", without, own.origin)));
    found
}

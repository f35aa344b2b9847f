//! Which parts of a topology `plan` and `apply` do not carry out yet: a topology that holds them is refused,
//! since leaving them out in silence would publish other counts than people mean.

use crate::model::Model;
use crate::model::system::Limit;
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
        if let (Some(origin), Some(what)) = (system.limit.origin, unlimited(&system.limit)) {
            found.push(("limit", what, origin));
        }
    }
    found
}

/// What of a `limit` is not kept to.
fn unlimited(limit: &Limit) -> Option<&'static str> {
    if limit.writes.is_some() {
        return Some("nobody counts how often a cell is written, so `writes=` would not be kept to");
    }
    limit.page.is_some().then_some("reads go in pages of the kind's size, so `page=` would not be kept to")
}

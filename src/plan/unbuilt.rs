//! Which parts of a topology `plan` and `apply` do not carry out yet: a topology that holds them is refused,
//! since leaving them out in silence would publish other counts than people mean.

use crate::model::Model;
use crate::source::Span;

/// A part that is not carried out: its node, what is not done, and its place.
pub type Part = (&'static str, &'static str, Span);

/// Each part that neither carries out; in reading order of each kind.
pub fn unbuilt(model: &Model) -> Vec<Part> {
    let mut found = Vec::new();
    for system in &model.systems {
        if let Some(lines) = &system.lines {
            found.push(("lines", "open order lines are not read and subtracted", lines.origin));
        }
    }
    for location in &model.locations {
        if let Some((_, origin)) = location.cutoff {
            found.push(("cutoff", "a bare date would count as the midnight that begins it", origin));
        }
    }
    found
}

//! Allocations: who may sell how much of one shelf.

use super::id::{CodeId, Name, SystemId};
use crate::source::Span;

/// One `allocation` node.
#[derive(Debug, Clone)]
pub struct Allocation {
    /// Its name.
    pub name: Name,
    /// The targets among which cells are divided, each once, with the place of its word.
    pub among: Vec<(SystemId, Span)>,
    /// The weight of each target that has one, with the place of its name. Weights are exact: all of an
    /// allocation's are written over one denominator, and the numerators stand here.
    pub weights: Vec<(SystemId, i64, Span)>,
    /// Weights of things inside one target, by code. A thing's codes share its weight.
    pub inside: Vec<Inside>,
    /// The count of a cell, in base units, above which nothing is divided.
    pub pooled_above: Option<i64>,
    /// Where it is written.
    pub origin: Span,
}

/// `inside web MUG=3 GIFT-BOX=1`.
#[derive(Debug, Clone)]
pub struct Inside {
    /// The target.
    pub system: SystemId,
    /// What is named, with weights over one denominator; other codes weigh 1 each.
    pub weights: Vec<Weighed>,
    /// What 1 is over that denominator.
    pub one: i64,
    /// Where it is written.
    pub origin: Span,
}

/// The weight of a thing or of one code inside a target.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The codes that share the weight: those of a thing that have no weight of their own, or one code.
    pub codes: Vec<CodeId>,
    /// The weight.
    pub weight: i64,
    /// The place of its name.
    pub origin: Span,
}

impl Allocation {
    /// The weight of a target; 0 where it has none.
    pub fn weight(&self, system: SystemId) -> i64 {
        self.weights.iter().find(|(own, ..)| *own == system).map_or(0, |(_, weight, _)| *weight)
    }

    /// Whether cells are divided for a target.
    pub fn has(&self, system: SystemId) -> bool {
        self.among.iter().any(|(own, _)| *own == system)
    }
}

//! What is wrong with the parts of a topology, as data from whoever found it.

use crate::model::{AllocationId, CollectId, FlowId, LocationId, OwnerId, SystemId};
use std::collections::BTreeMap;

/// A part of a topology that a fault can lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A `system` node.
    System(SystemId),
    /// An `owner` node.
    Owner(OwnerId),
    /// A `location` node.
    Location(LocationId),
    /// A `flow` node that publishes.
    Flow(FlowId),
    /// A `flow` node that collects.
    Collect(CollectId),
    /// An `allocation` node.
    Allocation(AllocationId),
    /// Anything that the graph has no place for.
    Elsewhere,
}

/// What is wrong with one part: the slugs of the rules that are broken, and how bad each is.
pub type Fault = BTreeMap<&'static str, Alarm>;

/// How bad a fault is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// The topology can be used, and a careful person would look.
    Amber,
    /// It cannot be used.
    Red,
}

impl Alarm {
    /// Its colour as `#rrggbb`, readable on white and on black.
    pub fn colour(self) -> &'static str {
        match self {
            Alarm::Amber => "#a37100",
            Alarm::Red => "#ed2430",
        }
    }
}

/// The faults of a topology.
#[derive(Debug, Clone, Default)]
pub struct Faults(BTreeMap<Part, Fault>);

impl Faults {
    /// Notes that a part breaks a rule.
    pub fn add(&mut self, part: Part, rule: &'static str, alarm: Alarm) {
        let noted = self.0.entry(part).or_default().entry(rule).or_insert(alarm);
        *noted = alarm.max(*noted);
    }

    /// What is wrong with a part.
    pub fn of(&self, part: Part) -> Option<&Fault> {
        self.0.get(&part)
    }

    /// How bad a part stands.
    pub fn alarm(&self, part: Part) -> Option<Alarm> {
        self.of(part)?.values().max().copied()
    }
}

//! What is said of one cell, as values: the steps of its number, and why it is held or failed.

use super::fault::CellFault;
use super::target::Verdict;
use crate::model::bundle::Component;
use crate::model::flow::Keep;
use crate::model::{CodeId, FlowId, ItemId, LocationId, Name, QuantityId, SystemId};

/// One step of a number. Steps act from top to bottom on a running number that starts at 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// An owned count that is added or taken off.
    Term {
        /// The quantity.
        quantity: QuantityId,
        /// The owner.
        owner: SystemId,
        /// The place.
        place: LocationId,
        /// Whether it is added.
        plus: bool,
        /// The amount, in base units.
        value: i64,
        /// The order lines behind it, where it is listed that way.
        lines: Vec<Name>,
    },
    /// What channels have sold and no owner shows yet.
    Pending {
        /// The amount, in base units.
        value: i64,
        /// The order lines behind it, as people name them.
        lines: Vec<Name>,
    },
    /// What is kept back: taken off a positive number, which stops at 0.
    KeepBack {
        /// As the topology says it.
        keep: Keep,
        /// The amount, in base units.
        value: i64,
    },
    /// The part of a divided shelf.
    Divide {
        /// The weight of what is sold.
        weight: i64,
        /// All weights on that shelf.
        of: i64,
        /// The running number after it: its right, or what it was given beyond.
        value: i64,
    },
    /// What one component of a bundle allows.
    Per {
        /// Which one.
        component: Component,
        /// How its count comes about.
        parts: Vec<Part>,
        /// How many bundles it allows.
        value: i64,
    },
    /// The least over the components before it.
    Least {
        /// The component that limits.
        item: ItemId,
        /// The running number after it.
        value: i64,
    },
    /// What one member of a pool has.
    Member {
        /// Which one.
        place: LocationId,
        /// How it comes about.
        parts: Vec<Part>,
        /// How much it is.
        value: i64,
    },
    /// A number below 0 became 0.
    Clamp,
    /// From base units into the code's unit.
    Unit {
        /// The running number after it.
        value: i64,
    },
    /// The cap took hold.
    Cap {
        /// The cap, which is the running number after it.
        cap: i64,
    },
    /// What the target takes off by itself.
    Bridge {
        /// The target's column.
        column: Name,
        /// The amount, in the target's unit.
        value: i64,
    },
}

/// One cell of a target, explained. Numbers are in the target's unit unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The flow.
    pub flow: FlowId,
    /// The target's code.
    pub code: CodeId,
    /// The target's location.
    pub location: LocationId,
    /// The steps, as far as they could be computed.
    pub parts: Vec<Part>,
    /// What is to be done.
    pub verdict: Verdict,
    /// Whether it is held for nothing but what may be done now (see [`super::May`]).
    pub waits: bool,
    /// What the target is to show, where that can be computed: also where it may not be written.
    pub after: Option<i64>,
    /// The target's columns that a write depends on, by name, sorted by name; `None` where it does not
    /// have the cell or they cannot be read.
    pub columns: Option<Vec<(Name, i64)>>,
    /// What is to be written so that `after` is shown.
    pub written: Option<i64>,
    /// Why it is held or failed, or what a person should know of the number; one short text each.
    pub notes: Vec<String>,
    /// For a failed cell: the row at fault; none where a connector has already named it.
    pub fault: Option<CellFault>,
}

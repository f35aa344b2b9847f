//! What a plan says, line by line: inert records that serialize to one JSON object each.

use crate::model::observation::About;
use crate::model::time::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line of a plan file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Record {
    /// The first line.
    Plan(Header),
    /// One read of one system.
    Read(Read),
    /// One cell that is to be written.
    Change(Change),
    /// One posting of a movement to an owner.
    Movement(Movement),
    /// One cell that is not written, and why.
    Held(Held),
    /// One row that could not be read or computed.
    Failure(RowFault),
    /// One guard, tripped or not.
    Guard(Verdict),
    /// The last line.
    Summary(Summary),
}

/// One line of a plan file, where it is written: as a [`Record`] is read.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line<'p> {
    /// The first line.
    Plan(&'p Header),
    /// One read.
    Read(&'p Read),
    /// One cell that is to be written.
    Change(&'p Change),
    /// One posting.
    Movement(&'p Movement),
    /// One cell that is not written.
    Held(&'p Held),
    /// One row that could not be read or computed.
    Failure(&'p RowFault),
    /// One guard.
    Guard(&'p Verdict),
    /// The last line.
    Summary(&'p Summary),
}

/// The first line of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// Always [`FORMAT`].
    pub format: String,
    /// The plan's id.
    pub id: String,
    /// Digest of the topology that it was made from, lower-case hex.
    pub topology: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// Until when it may be applied, RFC 3339.
    pub expires: String,
    /// The flows that it covers, by name, in the order in which they run.
    pub flows: Vec<String>,
    /// The run that it undoes; absent for any other plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
}

/// The format that this version writes, and the only major one that it reads.
pub const FORMAT: &str = "onhand.plan/1";

/// One read of one system. A system that is read twice (its open lines, then its counts) has two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    /// The system's name.
    pub system: String,
    /// What was read: `lines`, `levels` or `movements`.
    pub what: String,
    /// Place in the order of reading: 1 open lines, 2 owners' counts, 3 targets' levels, 4 channels'
    /// movements.
    pub step: u32,
    /// Rows that the source sent.
    pub rows: u64,
    /// Rows that the topology does not know.
    pub ignored: u64,
    /// Pages read.
    pub pages: u64,
    /// Requests sent.
    pub requests: u64,
    /// When the counts were true, RFC 3339; null where each row has its own moment, or nobody knows.
    pub as_of: Option<String>,
    /// Whether each row has its own moment; absent where not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dated_by_row: bool,
    /// Whether the read came to its end and held enough rows.
    pub complete: bool,
    /// Why it did not; absent when complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Read {
    /// The record of a read: `what` is `lines` or `levels`, `step` its place in the order of reading.
    pub fn of(system: &str, what: &str, (step, about): (u32, &About)) -> Read {
        Read {
            system: system.to_owned(),
            what: what.to_owned(),
            step,
            rows: about.rows,
            ignored: about.ignored,
            pages: about.pages,
            requests: about.requests,
            as_of: about.as_of.map(Moment::rfc3339),
            dated_by_row: false,
            complete: about.incomplete.is_none(),
            reason: about.incomplete.clone(),
        }
    }
}

/// Which way a count goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It falls.
    Lower,
    /// It rises.
    Raise,
    /// The target does not have the cell yet.
    Create,
}

/// One cell that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Its id, unique in the plan and the same in every plan of the same observations.
    pub id: String,
    /// The flow.
    pub flow: String,
    /// Which way the count goes.
    pub action: Action,
    /// The target system.
    pub system: String,
    /// The topology's name of the location; absent for a system without locations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The target's own code for it.
    pub code: String,
    /// The quantity that is published.
    pub quantity: String,
    /// The unit of `before` and `after`; `kit` for a bundle.
    pub unit: String,
    /// What the target shows now, as people see it; null for a create.
    pub before: Option<i64>,
    /// What it will show.
    pub after: i64,
    /// What is sent, and everything that it depends on.
    pub write: Write,
    /// Why, in a few words.
    pub reason: String,
    /// How much of the cells behind this one is promised more than once, in base units; 0 where nothing is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub exposure: i64,
    /// Whether the flow is in shadow: the change is told and never written. Absent where it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// How `after` comes about; replaying the steps gives it.
    pub sum: Vec<Step>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Write {
    /// The column that is written, as the kind calls it.
    pub quantity: String,
    /// The target's unit.
    pub unit: String,
    /// The columns that the write depends on, as read; null for a create.
    pub before: Option<BTreeMap<String, i64>>,
    /// The number that is written.
    pub after: i64,
}

/// One step of a sum. The steps are replayed from top to bottom over a running number that starts at 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Step {
    /// Adds `value` base units of an owned quantity.
    Plus {
        /// The quantity.
        plus: String,
        /// The owner; absent for a quantity that nobody owns (it counts as 0).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The owner's own code of the location, or the topology's name where it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
        /// The amount.
        value: i64,
    },
    /// Takes `value` base units of an owned quantity off.
    Minus {
        /// The quantity, or `pending`.
        minus: String,
        /// The owner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The owner's own code of the location.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
        /// The order lines behind it, where they are known.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<String>,
        /// The amount.
        value: i64,
    },
    /// Takes `value` off and keeps a positive number at 0 or above.
    KeepBack {
        /// As the topology says it: `2`, `10%`.
        #[serde(rename = "keep-back")]
        keep_back: String,
        /// The amount.
        value: i64,
    },
    /// The share of a divided shelf; `value` is the running number after it.
    Divide {
        /// The weights.
        divide: Divide,
        /// The running number after this step.
        value: i64,
    },
    /// One component of a bundle: `parts` give its cell's count, and floor(count / quantity) is `value`.
    Per {
        /// Which component.
        per: Per,
        /// How its cell's count comes about.
        parts: Vec<Step>,
        /// How many bundles it allows.
        value: i64,
    },
    /// The least over the components before it; `value` is the running number after it.
    Least {
        /// The component that limits.
        least: String,
        /// The running number after this step.
        value: i64,
    },
    /// Adds what one member of a pool has: `parts` give it, `value` is it.
    Pool {
        /// The member.
        pool: String,
        /// How it comes about.
        parts: Vec<Step>,
        /// The amount.
        value: i64,
    },
    /// A number below 0 becomes 0; `value` is the running number after it.
    Clamp {
        /// Always `0`.
        clamp: i64,
        /// The running number after this step.
        value: i64,
    },
    /// From base units into the target's unit; `value` is the running number after it.
    Unit {
        /// The unit.
        unit: String,
        /// Base units in one of it, as `1000` or `1/3`.
        ratio: String,
        /// The running number after this step.
        value: i64,
    },
    /// The most that is shown; `value` is the running number after it.
    Cap {
        /// The cap.
        cap: i64,
        /// The running number after this step.
        value: i64,
    },
    /// What was shown before a run that is undone, or less; `value` is the running number after it.
    Undo {
        /// The run.
        undo: String,
        /// The running number after this step.
        value: i64,
    },
    /// What the target takes off by itself: adds `value` to what is written, not to what is shown.
    Bridge {
        /// The target's column.
        bridge: String,
        /// The amount.
        value: i64,
    },
}

/// The weights of a division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Divide {
    /// This sellable's weight.
    pub weight: i64,
    /// The sum of all weights.
    pub of: i64,
}

/// One component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Per {
    /// The item.
    pub item: String,
    /// Base units in one bundle.
    pub quantity: i64,
}

/// A posting of a movement to the system that takes movements in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Movement {
    /// Its id, the same in every plan until more has happened to the order.
    pub id: String,
    /// The flow that collects it.
    pub flow: String,
    /// The system that takes it in.
    pub system: String,
    /// What is posted: `orders`, `cancellations`, `shipments` or `returns`.
    pub movement: String,
    /// The order, as the system that it comes from names it.
    pub document: String,
    /// How the document is named where it is posted.
    pub reference: String,
    /// What moves. Bundles are taken apart.
    pub lines: Vec<MovementLine>,
}

/// One line of a posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MovementLine {
    /// The item.
    pub item: String,
    /// The code of the system that takes it in.
    pub code: String,
    /// The topology's name of the place; absent where nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How much, as a decimal in text.
    pub quantity: String,
    /// The unit of `quantity`.
    pub unit: String,
}

/// One cell that is not written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// The flow.
    pub flow: String,
    /// The target system.
    pub system: String,
    /// The location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The target's code.
    pub code: String,
    /// Why, in a few words.
    pub reason: String,
}

/// One row that could not be read or computed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RowFault {
    /// The flow that needs the row.
    pub flow: String,
    /// The system that the row comes from, or was to be written to.
    pub system: String,
    /// The location, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The item or bundle, where known; empty where not.
    pub item: String,
    /// The system's code, where known; empty where not.
    pub code: String,
    /// Which record: `row 17`, an id.
    pub record: String,
    /// The source: a file, a host.
    pub source: String,
    /// The field at fault.
    pub field: String,
    /// What was found, and what to do.
    pub reason: String,
}

/// What a guard said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The flow.
    pub flow: String,
    /// Which one: `max-changed`, `max-zeroed`, `max-raised`, `max-rows`; and, only where they trip,
    /// `feed-shrunk`, `lines-shrunk` and `pack-jump`.
    pub guard: String,
    /// The limit that counts, as a topology says it: `30%`, `5000`.
    pub limit: String,
    /// What the plan asks for, in the same form; for `feed-shrunk` and `lines-shrunk` how much is missing.
    pub actual: String,
    /// Rows counted.
    pub rows: u64,
    /// What the share is of: cells that exist at the target; for `feed-shrunk` and `lines-shrunk` the rows of
    /// the last read, for `pack-jump` the changed rows.
    pub of: u64,
    /// Whether it is above its limit. The flow is stopped by it, unless it is lifted.
    pub tripped: bool,
    /// What the numbers do not say, in words; absent where they say it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// By whom and why it is lifted for this plan; absent where nobody had lifted it when the plan was
    /// made. For reading only: an apply believes its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<String>,
}

impl Verdict {
    /// Whether it watches what was read, beside how much a plan asks for.
    pub fn watches(&self) -> bool {
        !self.guard.starts_with("max-")
    }

    /// Whether the flow, or its raises, are stopped by it.
    pub fn stops(&self) -> bool {
        self.tripped && self.lifted.is_none()
    }
}

/// The last line of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Cells that change: `lower` + `raise` + `create`.
    pub changes: u64,
    /// Cells that fall.
    pub lower: u64,
    /// Cells that rise.
    pub raise: u64,
    /// Cells that are created.
    pub create: u64,
    /// Of the cells that change, those of flows in shadow: told and never written. Absent where none are.
    #[serde(default, skip_serializing_if = "is_none")]
    pub shadow: u64,
    /// Cells that a rollout leaves out: not looked at. Absent where none are.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
    /// Cells that already show the right number.
    pub unchanged: u64,
    /// Cells that are not written.
    pub held: u64,
    /// Rows that could not be read or computed.
    pub failures: u64,
    /// Units promised more than once over all shelves, in base units of each item, added up.
    pub exposure: u64,
    /// Requests that the plan cost.
    pub requests: u64,
    /// Movements to post.
    pub movements: u64,
    /// blake3 over every line before this one and this one without its digest, leaving out the plan's
    /// id and times; lower-case hex.
    pub digest: String,
    /// blake3 over every byte of the file but these digits themselves; lower-case hex. Always the last
    /// field of the file.
    pub seal: String,
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

//! The table of rules. A rule is one file with its logic, its page beside it, and two lines here.

mod absent_zero;
mod absolute_write;
mod age_unknown;
mod bundle_beside_component;
mod bundle_counted;
mod cadence_missing;
mod component_unowned;
mod flow_empty;
mod guard_toothless;
mod lag_missing;
mod lag_slow;
mod location_unmapped;
pub(super) mod net_of_mismatch;
mod net_of_unknown;
mod orders_unaccounted;
mod owner_cannot_read;
mod owner_gap;
mod owner_overlap;
mod owner_unmapped;
mod owner_unused;
mod plain_http;
mod pool_beside_member;
mod pool_owned;
mod promise_incoming;
mod reserved_unowned;
mod shared_pool;
pub(super) mod target_cannot_take;
mod time_without_zone;
mod two_flows_one_cell;
mod writes_to_owner;

use super::Facts;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{self, Rule};

/// One rule's logic: all its findings in a model.
pub type Check = fn(&Facts) -> Vec<Diagnostic>;

/// Every rule that judges a resolved model; the others are found while text is read and names are
/// resolved.
pub const RULES: &[(Rule, Check)] = &[
    (code::BUNDLE_COUNTED, bundle_counted::check),
    (code::COMPONENT_UNOWNED, component_unowned::check),
    (code::LOCATION_UNMAPPED, location_unmapped::check),
    (code::POOL_OWNED, pool_owned::check),
    (code::POOL_BESIDE_MEMBER, pool_beside_member::check),
    (code::OWNER_OVERLAP, owner_overlap::check),
    (code::OWNER_GAP, owner_gap::check),
    (code::OWNER_UNMAPPED, owner_unmapped::check),
    (code::OWNER_CANNOT_READ, owner_cannot_read::check),
    (code::WRITES_TO_OWNER, writes_to_owner::check),
    (code::OWNER_UNUSED, owner_unused::check),
    (code::FLOW_EMPTY, flow_empty::check),
    (code::TARGET_CANNOT_TAKE, target_cannot_take::check),
    (code::NET_OF_MISMATCH, net_of_mismatch::check),
    (code::NET_OF_UNKNOWN, net_of_unknown::check),
    (code::PROMISE_INCOMING, promise_incoming::check),
    (code::TWO_FLOWS_ONE_CELL, two_flows_one_cell::check),
    (code::RESERVED_UNOWNED, reserved_unowned::check),
    (code::ORDERS_UNACCOUNTED, orders_unaccounted::check),
    (code::ABSOLUTE_WRITE, absolute_write::check),
    (code::ABSENT_ZERO, absent_zero::check),
    (code::SHARED_POOL, shared_pool::check),
    (code::BUNDLE_BESIDE_COMPONENT, bundle_beside_component::check),
    (code::LAG_MISSING, lag_missing::check),
    (code::LAG_SLOW, lag_slow::check),
    (code::CADENCE_MISSING, cadence_missing::check),
    (code::TIME_WITHOUT_ZONE, time_without_zone::check),
    (code::AGE_UNKNOWN, age_unknown::check),
    (code::GUARD_TOOTHLESS, guard_toothless::check),
    (code::PLAIN_HTTP, plain_http::check),
];

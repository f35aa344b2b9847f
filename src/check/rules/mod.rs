//! The table of rules. A rule is one file with its logic, its page beside it, and two lines here.

mod absent_zero;
mod absolute_write;
mod acknowledgement_missing;
mod age_unknown;
mod alert_missing;
mod allocation_outside;
mod allocation_weight;
mod bundle_beside_component;
mod bundle_counted;
mod cadence_missing;
mod calendar_closed;
mod component_unowned;
mod credential_expired;
mod credential_expiring;
mod delta_without_reconcile;
mod double_restock;
mod flow_cycle;
mod flow_empty;
mod guard_toothless;
mod lag_missing;
mod lag_slow;
mod lag_unreachable;
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
mod post_not_owner;
mod promise_incoming;
mod reserved_unowned;
mod restock_window;
mod reversal_missing;
mod review_missing;
mod rollback_missing;
mod shared_pool;
mod source_cannot_collect;
mod stale_sooner_than_lag;
mod state_ephemeral;
pub(super) mod target_cannot_take;
mod test_not_owner;
mod test_unpublished;
mod time_without_zone;
mod transfer_untracked;
mod two_flows_one_cell;
mod window_breaks_lag;
mod write_cap;
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
    (code::FLOW_CYCLE, flow_cycle::check),
    (code::FLOW_EMPTY, flow_empty::check),
    (code::TARGET_CANNOT_TAKE, target_cannot_take::check),
    (code::NET_OF_MISMATCH, net_of_mismatch::check),
    (code::NET_OF_UNKNOWN, net_of_unknown::check),
    (code::PROMISE_INCOMING, promise_incoming::check),
    (code::TWO_FLOWS_ONE_CELL, two_flows_one_cell::check),
    (code::RESERVED_UNOWNED, reserved_unowned::check),
    (code::ORDERS_UNACCOUNTED, orders_unaccounted::check),
    (code::ACKNOWLEDGEMENT_MISSING, acknowledgement_missing::check),
    (code::REVERSAL_MISSING, reversal_missing::check),
    (code::POST_NOT_OWNER, post_not_owner::check),
    (code::SOURCE_CANNOT_COLLECT, source_cannot_collect::check),
    (code::DOUBLE_RESTOCK, double_restock::check),
    (code::RESTOCK_WINDOW, restock_window::check),
    (code::TRANSFER_UNTRACKED, transfer_untracked::check),
    (code::DELTA_WITHOUT_RECONCILE, delta_without_reconcile::check),
    (code::ABSOLUTE_WRITE, absolute_write::check),
    (code::ABSENT_ZERO, absent_zero::check),
    (code::SHARED_POOL, shared_pool::check),
    (code::BUNDLE_BESIDE_COMPONENT, bundle_beside_component::check),
    (code::ALLOCATION_OUTSIDE, allocation_outside::check),
    (code::ALLOCATION_WEIGHT, allocation_weight::check),
    (code::LAG_MISSING, lag_missing::check),
    (code::LAG_SLOW, lag_slow::check),
    (code::CADENCE_MISSING, cadence_missing::check),
    (code::LAG_UNREACHABLE, lag_unreachable::check),
    (code::STALE_SOONER_THAN_LAG, stale_sooner_than_lag::check),
    (code::WINDOW_BREAKS_LAG, window_breaks_lag::check),
    (code::WRITE_CAP, write_cap::check),
    (code::CALENDAR_CLOSED, calendar_closed::check),
    (code::TIME_WITHOUT_ZONE, time_without_zone::check),
    (code::AGE_UNKNOWN, age_unknown::check),
    (code::GUARD_TOOTHLESS, guard_toothless::check),
    (code::PLAIN_HTTP, plain_http::check),
    (code::CREDENTIAL_EXPIRED, credential_expired::check),
    (code::CREDENTIAL_EXPIRING, credential_expiring::check),
    (code::ALERT_MISSING, alert_missing::check),
    (code::REVIEW_MISSING, review_missing::check),
    (code::ROLLBACK_MISSING, rollback_missing::check),
    (code::STATE_EPHEMERAL, state_ephemeral::check),
    (code::TEST_UNPUBLISHED, test_unpublished::check),
    (code::TEST_NOT_OWNER, test_not_owner::check),
];

//! The books are double entry: what one account gains others lose, and nothing else is wrong with what is
//! kept.

use crate::state::{Books, StateError, Store, memory::MemoryStore};
use std::collections::BTreeMap;

/// The name of the invariant.
pub const NAME: &str = "books-balance";

/// What is wrong with what is kept; `None` where all is well.
pub async fn broken(store: &mut MemoryStore) -> Result<Option<String>, StateError> {
    if let Some(fault) = store.audit().await?.into_iter().next() {
        return Ok(Some(fault));
    }
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for balance in store.balances().await? {
        *sums.entry(balance.item).or_default() += balance.amount;
    }
    let off = sums.into_iter().find(|(_, sum)| *sum != 0);
    if let Some((item, sum)) = off {
        return Ok(Some(format!("the accounts of {item} add up to {sum}")));
    }
    let lines = store.waiting().await?;
    let bad = lines.iter().find(|line| line.shown.open() < 0 || line.shown.returned > line.shown.shipped);
    Ok(bad
        .map(|line| format!("order {}/{} has more taken off than it had", line.key.document, line.key.line)))
}

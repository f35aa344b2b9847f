//! How fast goods sell, by the record of orders: exact, in whole base units.

use crate::model::time::Moment;
use crate::model::{ItemId, LocationId, Model, SystemId};
use crate::state::Sold;
use std::collections::BTreeMap;
use std::time::Duration;

/// For how long back orders are looked at.
pub const KEPT: Duration = Duration::from_secs(28 * 24 * 60 * 60);

/// With fewer days of record nothing is said of how fast goods sell.
pub const LEAST_DAYS: i64 = 7;

/// With fewer orders nothing is said either.
pub const LEAST_ORDERS: usize = 10;

/// An order of an item: where it was sold from, when, and how much.
pub type Order = (Option<LocationId>, Moment, i64);

/// The orders in the books, by what the topology calls things now.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Since when the orders of each system are known.
    since: BTreeMap<SystemId, Moment>,
    orders: BTreeMap<(ItemId, SystemId), Vec<Order>>,
}

/// What was sold from one cell, by some systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    /// Whole days of record, of all these systems.
    pub days: i64,
    /// How many orders.
    pub orders: usize,
    /// How much, in base units.
    pub sold: i64,
    /// The most that was ordered within one window.
    pub most: i64,
}

impl Rate {
    /// Whether the record is too short to say anything.
    pub fn is_early(&self) -> bool {
        self.days < LEAST_DAYS || self.orders < LEAST_ORDERS
    }
}

/// The most that fell within any stretch of this length, both of its ends included. Orders come sorted by
/// time; the work is one pass.
pub fn most_within(orders: &[(Moment, i64)], window: Duration) -> i64 {
    let (mut first, mut inside, mut most) = (0, 0_i128, 0_i128);
    for (at, amount) in orders {
        inside += i128::from(*amount);
        while at.since(orders[first].0) > window {
            inside -= i128::from(orders[first].1);
            first += 1;
        }
        most = most.max(inside);
    }
    i64::try_from(most).unwrap_or(i64::MAX)
}

impl Record {
    /// Sorts the orders of some systems by what the topology calls things now. What it no longer names is
    /// left out; an order from a place that it no longer names may be from any place.
    pub fn of(model: &Model, sold: &[(SystemId, Sold)]) -> Record {
        let mut items: BTreeMap<&str, ItemId> = BTreeMap::new();
        for (at, item) in model.items.iter().enumerate() {
            if let Some(was) = item.was() {
                items.entry(was).or_insert(ItemId::at(at));
            }
        }
        items.extend(model.items.iter().enumerate().map(|(at, item)| (&*item.name, ItemId::at(at))));
        let place = |name: &str| {
            let is = |own: &crate::model::location::Location| *own.name == *name;
            let was = |own: &crate::model::location::Location| own.was.as_deref() == Some(name);
            let found = model.locations.iter().position(is);
            found.or_else(|| model.locations.iter().position(was)).map(LocationId::at)
        };
        let mut record = Record::default();
        for (system, sold) in sold {
            if let Some(seen) = sold.seen_since {
                let since = record.since.entry(*system).or_insert(seen);
                *since = (*since).min(seen);
            }
            for sale in &sold.sales {
                let Some(item) = items.get(&*sale.item) else { continue };
                let order = (place(&sale.place), sale.at, sale.amount);
                record.orders.entry((*item, *system)).or_default().push(order);
            }
        }
        record
    }

    /// The systems that have sold an item from a place. An order that names no place, or a pool, may have
    /// been from each place of it.
    pub fn sellers(&self, model: &Model, cell: (ItemId, LocationId)) -> Vec<SystemId> {
        let own = self.orders.range((cell.0, SystemId(0))..).take_while(|((item, _), _)| *item == cell.0);
        let here = own.filter(|(_, orders)| orders.iter().any(|order| is_from(model, order.0, cell.1)));
        here.map(|((_, system), _)| *system).collect()
    }

    /// How fast some systems sell from a cell. What was placed before the orders of all of them are known
    /// does not count: there may have been more. A system without any order in that time sold nothing.
    pub fn rate(
        &self,
        model: &Model,
        (item, place): (ItemId, LocationId),
        systems: &[SystemId],
        (now, window): (Moment, Duration),
    ) -> Rate {
        let earliest = now.before(KEPT);
        let since = systems.iter().filter_map(|system| self.since.get(system)).copied().max();
        let Some(since) = since.map(|since| since.max(earliest)) else { return Rate::default() };
        let all = systems.iter().filter_map(|system| self.orders.get(&(item, *system))).flatten();
        let here = all.filter(|(from, at, _)| is_from(model, *from, place) && *at >= since);
        let mut orders: Vec<(Moment, i64)> = here.map(|(_, at, amount)| (*at, *amount)).collect();
        orders.sort_unstable();
        Rate {
            days: i64::try_from(now.since(since).as_secs() / (24 * 60 * 60)).unwrap_or(i64::MAX),
            orders: orders.len(),
            sold: orders.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount)),
            most: most_within(&orders, window),
        }
    }
}

/// Whether an order may have been from a place.
fn is_from(model: &Model, order: Option<LocationId>, place: LocationId) -> bool {
    order.is_none_or(|own| own == place || model.location(own).pool.contains(&place))
}

//! Reading orders as movements: which orders are asked for, page by page, and from when the next read begins.

use super::admin::{Admin, Ask};
use super::order::{Order, moment};
use super::places::Places;
use super::walk;
use crate::connectors::{Context, Failure, HORIZON};
use crate::model::LocationId;
use crate::model::moved::Movements;
use crate::model::movement::Movement;
use crate::model::observation::RowFailure;
use crate::model::time::Moment;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const LIST: &str = "query($o: OrderListOptions) { orders(options: $o) { totalItems items { \
    id code state type createdAt updatedAt orderPlacedAt \
    lines { id quantity orderPlacedQuantity productVariant { sku } } \
    fulfillments { id state createdAt updatedAt lines { orderLineId quantity } } \
    modifications { id lines { orderLineId quantity } } \
    history(options: { take: 1000, sort: { createdAt: ASC }, filter: { type: { in: [ \
    \"ORDER_CANCELLATION\", \"ORDER_FULFILLMENT\", \"ORDER_FULFILLMENT_TRANSITION\", \"ORDER_MODIFIED\" \
    ] } } }) { totalItems items { id type createdAt data } } } } }";

/// Enough to see that a closed order has changed: no field of the order itself moves with its fulfilments.
const STAMPS: &str = "query($o: OrderListOptions) { orders(options: $o) { items { \
    id createdAt fulfillments { updatedAt } } } }";

/// Orders in one page: each costs Vendure several questions of its own.
const PAGE: usize = 100;
/// Orders in one page of stamps.
const STAMPS_PAGE: usize = 500;

/// How far stamps of one order may lie behind the moment at which others can see them.
const SKEW: Duration = Duration::from_secs(300);
/// How long after it was placed a closed order is still looked at by a read of changes.
const WATCHED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The same, by a whole read.
const WATCHED_WHOLE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// States in which nothing is open, but for a fulfilment that was cancelled afterwards.
const CLOSED: [&str; 3] = ["Shipped", "Delivered", "Cancelled"];

#[derive(Deserialize)]
struct Data<T> {
    orders: List<T>,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Stamps {
    id: String,
    #[serde(rename = "createdAt")]
    created: String,
    fulfillments: Option<Vec<Stamp>>,
}

#[derive(Deserialize)]
struct Stamp {
    #[serde(rename = "updatedAt")]
    updated: String,
}

/// What is listed by the moment of its making, and named by its id.
trait Listed {
    fn id(&self) -> &str;
    fn created(&self) -> &str;
}

impl Listed for Order {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> &str {
        &self.created
    }
}

impl Listed for Stamps {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> &str {
        &self.created
    }
}

/// All movements since a moment of the shop's clock; with `None` of everything that is open or has closed
/// within the horizon.
pub(super) async fn read(
    admin: &mut Admin,
    context: &Context,
    places: &Places,
    since: Option<Moment>,
) -> Result<Movements, Failure> {
    let mut read = Read { admin, movements: Movements::default(), seen: BTreeSet::new() };
    let began = read.admin.date.get();
    let now = began.unwrap_or_else(|| read.admin.wire.now());
    let mut orders = Vec::new();
    match since {
        None => {
            let watched = now.before(WATCHED_WHOLE).rfc3339();
            let open = json!({"state": {"notIn": CLOSED}});
            let closed = json!({"orderPlacedAt": {"after": watched}});
            read.page(LIST, PAGE, json!({"_or": [open, closed]}), &mut orders).await?;
            let horizon = now.before(HORIZON);
            orders.retain(|order: &Order| {
                walk::is_open(order) || order.changed().is_none_or(|at| at >= horizon)
            });
        }
        Some(since) => {
            let from = since.before(SKEW);
            let late = read.late(from, now).await?;
            let after = json!({"after": from.rfc3339()});
            let any = json!([
                {"state": {"notIn": CLOSED}},
                {"updatedAt": after},
                {"orderPlacedAt": after},
            ]);
            read.page(LIST, PAGE, json!({"_or": any}), &mut orders).await?;
            for ids in late.chunks(PAGE) {
                read.page(LIST, PAGE, json!({"id": {"in": ids}}), &mut orders).await?;
            }
        }
    }
    let mut movements = read.movements;
    orders.sort_by(|a, b| (&a.placed, &a.id).cmp(&(&b.placed, &b.id)));
    orders.dedup_by(|a, b| a.id == b.id);
    let location = only_place(places);
    for order in &orders {
        take(&mut movements, context, admin, order, location);
    }
    // An order line before what is of it.
    movements.moved.sort_by_key(|moved| moved.movement != Movement::Order);
    movements.whole = since.is_none() && movements.about.incomplete.is_none();
    movements.next = began.filter(|_| movements.about.incomplete.is_none()).map(|at| at.before(SKEW));
    Ok(movements)
}

/// The shop's only stock location. Of several nobody says from which a line is sold: neither orders nor
/// fulfilments name one, and the stock movements that do cannot be matched with lines.
fn only_place(places: &Places) -> Option<LocationId> {
    let mut all = places.locations.values();
    match (all.next(), all.next(), places.total) {
        (Some(one), None, 1) => Some(*one),
        _ => None,
    }
}

/// The movements of one order, line by line.
fn take(
    movements: &mut Movements,
    context: &Context,
    admin: &Admin,
    order: &Order,
    location: Option<LocationId>,
) {
    for line in &order.lines {
        movements.about.rows += 1;
        let Some(code) = context.model.find_code(context.system, &line.variant.sku) else {
            movements.about.ignored += 1;
            continue;
        };
        let location = context.model.code(code).at.or(location);
        match walk::line(order, line, code, location) {
            Ok(moved) => movements.moved.extend(moved),
            Err((field, reason)) => movements.failures.push(RowFailure {
                record: admin.wire.clean(&format!("order {} line {}", order.code, line.id)),
                source: admin.wire.host().to_owned(),
                field: field.to_owned(),
                reason: admin.wire.clean(&reason),
                code: Some(code),
                location,
            }),
        }
    }
}

/// A read under way.
struct Read<'a> {
    admin: &'a mut Admin,
    movements: Movements,
    seen: BTreeSet<String>,
}

impl Read<'_> {
    /// Closed orders whose fulfilments have changed since: nothing of the order itself moves then.
    async fn late(&mut self, from: Moment, now: Moment) -> Result<Vec<String>, Failure> {
        let filter = json!({
            "state": {"in": CLOSED},
            "orderPlacedAt": {"after": now.before(WATCHED).rfc3339()},
        });
        let mut stamps: Vec<Stamps> = Vec::new();
        self.page(STAMPS, STAMPS_PAGE, filter, &mut stamps).await?;
        self.seen.clear();
        let changed = |order: &Stamps| {
            order.fulfillments.iter().flatten().any(|one| moment(&one.updated).is_none_or(|at| at >= from))
        };
        Ok(stamps.into_iter().filter(changed).map(|order| order.id).collect())
    }

    /// All placed orders that pass a filter. Pages follow the moment at which an order was made, which never
    /// changes, so that an order which leaves the list meanwhile shifts no other out of sight.
    async fn page<T: Listed + serde::de::DeserializeOwned>(
        &mut self,
        query: &'static str,
        size: usize,
        filter: Value,
        into: &mut Vec<T>,
    ) -> Result<(), Failure> {
        let mut from: Option<Moment> = None;
        loop {
            let made = from.map(|from| json!({"createdAt": {"after": from.rfc3339()}}));
            let placed = json!({"orderPlacedAt": {"isNull": false}});
            let all: Vec<&Value> = [&placed, &filter].into_iter().chain(&made).collect();
            let options = json!({"take": size, "sort": {"createdAt": "ASC", "id": "ASC"},
                                 "filter": {"_and": all}});
            let ask = Ask { query, variables: json!({"o": options}), safe: true };
            let data: Data<T> = self.admin.ask(ask).await?;
            self.movements.about.pages += 1;
            let count = data.orders.items.len();
            let last = data.orders.items.last().and_then(|order| moment(order.created()));
            let known = self.seen.len();
            for order in data.orders.items {
                if self.seen.insert(order.id().to_owned()) {
                    into.push(order);
                }
            }
            if count < size {
                return Ok(());
            }
            // Stamps may be cut to seconds, so the last second is asked for again.
            let next = last.map(|last| last.before(Duration::from_secs(1)));
            if self.seen.len() == known || next <= from {
                let what = format!("more than {size} orders were made within one second: not all are read");
                self.movements.about.incomplete = Some(what);
                return Ok(());
            }
            from = next;
        }
    }
}

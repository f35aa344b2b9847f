//! An order as Vendure answers it.

use crate::model::time::Moment;
use serde::Deserialize;
use serde_json::Value;

/// One placed order.
#[derive(Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) code: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(rename = "createdAt")]
    pub(super) created: String,
    #[serde(rename = "updatedAt")]
    updated: String,
    #[serde(rename = "orderPlacedAt")]
    pub(super) placed: Option<String>,
    pub(super) lines: Vec<Line>,
    #[serde(default)]
    pub(super) fulfillments: Option<Vec<Fulfillment>>,
    #[serde(default)]
    pub(super) modifications: Vec<Modification>,
    pub(super) history: History,
}

/// One line of an order.
#[derive(Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    /// What is left of it: cancelled and returned pieces are taken off.
    pub(super) quantity: i64,
    #[serde(rename = "orderPlacedQuantity")]
    pub(super) placed: i64,
    #[serde(rename = "productVariant")]
    pub(super) variant: Variant,
}

/// What a line sells.
#[derive(Deserialize)]
pub(super) struct Variant {
    pub(super) sku: String,
}

/// One fulfilment, of this order and perhaps of others.
#[derive(Deserialize)]
pub(super) struct Fulfillment {
    pub(super) id: String,
    pub(super) state: String,
    #[serde(rename = "createdAt")]
    pub(super) created: String,
    #[serde(rename = "updatedAt")]
    updated: String,
    pub(super) lines: Vec<LineQuantity>,
}

/// So many of a line.
#[derive(Deserialize)]
pub(super) struct LineQuantity {
    #[serde(rename = "orderLineId")]
    pub(super) line: String,
    pub(super) quantity: i64,
}

/// One change of an order after it was placed.
#[derive(Deserialize)]
pub(super) struct Modification {
    pub(super) id: String,
    pub(super) lines: Vec<LineQuantity>,
}

/// What happened to an order.
#[derive(Deserialize)]
pub(super) struct History {
    #[serde(rename = "totalItems")]
    pub(super) total: usize,
    pub(super) items: Vec<Entry>,
}

/// One thing that happened to an order.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(rename = "createdAt")]
    pub(super) created: String,
    /// As Vendure keeps it; ids are numbers or texts, as the shop makes them.
    pub(super) data: Value,
}

impl Order {
    /// When anything about it changed last, as far as any stamp says.
    pub(super) fn changed(&self) -> Option<Moment> {
        let own = [Some(&self.updated), self.placed.as_ref()].into_iter().flatten();
        let sent = self.fulfillments.iter().flatten().map(|one| &one.updated);
        let told = self.history.items.iter().map(|entry| &entry.created);
        own.chain(sent).chain(told).filter_map(|text| moment(text)).max()
    }
}

/// A stamp of the shop.
pub(super) fn moment(text: &str) -> Option<Moment> {
    Moment::parse(text, "UTC")
}

//! Tryton's products and locations, by the codes that the topology gives them.

use super::rpc::{Rpc, Search};
use crate::connectors::wire::Wire;
use crate::connectors::{Context, Failure};
use crate::model::id::Name;
use crate::model::item::Thing;
use crate::model::observation::RowFailure;
use crate::model::owner::Owner;
use crate::model::{CodeId, LocationId};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// One product that the topology knows.
#[derive(Debug, Clone)]
pub(super) struct Product {
    /// Its id.
    pub(super) id: i64,
    /// The symbol of the unit in which it is counted.
    pub(super) unit: Name,
    /// `goods`, `assets`, `service` or `kit`.
    pub(super) kind: String,
    /// Whether stock of it must name a lot.
    pub(super) lot_required: bool,
}

/// Products by code. More than one for a code: none of them can be used.
#[derive(Debug, Default)]
pub(super) struct Products {
    /// By the topology's code.
    pub(super) by_code: BTreeMap<CodeId, Vec<Product>>,
    /// Code by Tryton's id.
    pub(super) codes: BTreeMap<i64, CodeId>,
    /// Questions that it took.
    pub(super) pages: u64,
}

/// One mapped location.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// In the topology.
    pub(super) location: LocationId,
    /// Tryton's code.
    pub(super) code: Name,
    /// Tryton's id.
    pub(super) id: i64,
    /// `warehouse`, `storage` or `view`.
    pub(super) kind: String,
    /// Whether locations stand inside it.
    pub(super) has_inner: bool,
}

impl Products {
    /// The one product of a code; `None` where Tryton knows none or several.
    pub(super) fn only(&self, code: CodeId) -> Option<&Product> {
        match self.by_code.get(&code)?.as_slice() {
            [product] => Some(product),
            _ => None,
        }
    }

    /// Products that stand for a code which they share, and things that hold no stock.
    pub(super) fn failures(&self, context: &Context, wire: &Wire) -> Vec<RowFailure> {
        let mut failures = Vec::new();
        for (code, products) in &self.by_code {
            let named = context.model.code(*code);
            let failure = |id: i64, field: &str, reason: String| RowFailure {
                record: format!("product {id}"),
                source: wire.host().to_owned(),
                field: field.to_owned(),
                reason: wire.clean(&reason),
                code: Some(*code),
                location: None,
            };
            if products.len() > 1 {
                let ids: Vec<String> = products.iter().map(|p| p.id.to_string()).collect();
                let reason = format!(
                    "products {} share the code `{}`, so none of them can be told from the other: give each \
                     its own",
                    ids.join(" and "),
                    named.code
                );
                failures.extend(products.iter().map(|p| failure(p.id, "code", reason.clone())));
            } else if let Some(product) = products.first().filter(|p| !p.is_stocked())
                && matches!(named.thing, Thing::Item(_))
            {
                let reason = format!(
                    "`{}` is a {} in Tryton, which holds no stock of its own: {}",
                    named.code,
                    product.kind,
                    match product.kind.as_str() {
                        "kit" => "map it as a bundle of its components",
                        _ => "map the goods instead",
                    }
                );
                failures.push(failure(product.id, "type", reason));
            }
        }
        failures
    }
}

impl Product {
    /// Whether Tryton keeps stock of it.
    pub(super) fn is_stocked(&self) -> bool {
        matches!(self.kind.as_str(), "goods" | "assets")
    }
}

/// Every code that the topology maps in this system.
pub(super) fn all_codes(context: &Context) -> Vec<CodeId> {
    context.model.codes_of(context.system).map(CodeId).collect()
}

/// Looks up the products of some codes. With `lots`, also whether each needs lots.
pub(super) async fn products(
    rpc: &mut Rpc,
    context: &Context,
    wanted: &[CodeId],
    lots: bool,
) -> Result<Products, Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
        code: Option<String>,
        #[serde(rename = "type")]
        kind: String,
        #[serde(rename = "default_uom.")]
        unit: Unit,
        #[serde(default)]
        lot_required: Option<Vec<String>>,
    }
    #[derive(Deserialize)]
    struct Unit {
        symbol: String,
    }
    let mut products = Products::default();
    let mut fields = vec!["code", "type", "default_uom.symbol"];
    if lots && rpc.has_field("product.product", "lot_required").await? {
        fields.push("lot_required");
    }
    let searches = wanted.chunks(rpc.page).map(|chunk| {
        let codes: Vec<&str> = chunk.iter().map(|id| &*context.model.code(*id).code).collect();
        Search {
            model: "product.product",
            domain: json!([["code", "in", codes]]),
            limit: None,
            fields: &fields,
            context: json!({}),
        }
    });
    let take = |rows: Vec<Row>| {
        products.pages += 1;
        for row in rows {
            // The database may match codes more loosely than letter for letter.
            let code = row.code.as_deref().and_then(|code| context.model.find_code(context.system, code));
            let Some(code) = code.filter(|_| !products.codes.contains_key(&row.id)) else { continue };
            let product = Product {
                id: row.id,
                unit: Name::from(row.unit.symbol),
                kind: row.kind,
                lot_required: row.lot_required.is_some_and(|kinds| !kinds.is_empty()),
            };
            products.codes.insert(row.id, code);
            products.by_code.entry(code).or_default().push(product);
        }
    };
    rpc.search_each(searches, take).await?;
    Ok(products)
}

/// Looks up every location that the topology maps in this system, sorted by the topology's order. A code
/// that names none, several, or a place that is not ours is [`Failure::Rejected`]: nothing could be told
/// apart there.
pub(super) async fn places(rpc: &mut Rpc, context: &Context) -> Result<Vec<Place>, Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
        code: Option<String>,
        #[serde(rename = "type")]
        kind: String,
        #[serde(default)]
        childs: Vec<i64>,
    }
    let wanted = mapped(context);
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for chunk in wanted.chunks(rpc.page) {
        let codes: Vec<&str> = chunk.iter().map(|(_, code)| &**code).collect();
        let search = Search {
            model: "stock.location",
            domain: json!([["code", "in", codes]]),
            limit: None,
            fields: &["code", "type", "childs"],
            context: json!({}),
        };
        for row in rpc.search::<Row>(search).await? {
            rows.entry(row.code.clone().unwrap_or_default()).or_default().push(row);
        }
    }
    let mut places = Vec::new();
    for (location, code) in wanted {
        let found = rows.get(&*code).map(Vec::as_slice).unwrap_or_default();
        let row = match found {
            [row] => row,
            [] => {
                let what = format!(
                    "Tryton has no active location with the code `{code}`: correct the code or add it"
                );
                return Err(rpc.wire.rejected(&what));
            }
            _ => {
                let ids: Vec<String> = found.iter().map(|row| row.id.to_string()).collect();
                let what = format!(
                    "locations {} share the code `{code}`, so neither can be told from the other: give each \
                     its own",
                    ids.join(" and ")
                );
                return Err(rpc.wire.rejected(&what));
            }
        };
        if !matches!(row.kind.as_str(), "warehouse" | "storage" | "view") {
            let what = format!(
                "location `{code}` is of type {} in Tryton, where no stock of ours stands: map a warehouse \
                 or a \
                 storage location",
                row.kind
            );
            return Err(rpc.wire.rejected(&what));
        }
        let (id, kind, has_inner) = (row.id, row.kind.clone(), !row.childs.is_empty());
        places.push(Place { location, code, id, kind, has_inner });
    }
    Ok(places)
}

/// Refuses two locations of which one stands inside the other where both are counted: each shows the stock
/// of everything inside it, so the inner stock would be sold twice.
pub(super) async fn apart(rpc: &mut Rpc, context: &Context, places: &[Place]) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
    }
    for outer in places.iter().filter(|place| place.has_inner) {
        let both = |place: &&Place| place.id != outer.id && counted_at_both(context, outer, place);
        let others: Vec<&Place> = places.iter().filter(both).collect();
        if others.is_empty() {
            continue;
        }
        let ids: Vec<i64> = others.iter().map(|place| place.id).collect();
        let search = Search {
            model: "stock.location",
            domain: json!([["id", "in", ids], ["parent", "child_of", [outer.id], "parent"]]),
            limit: None,
            fields: &["code"],
            context: json!({}),
        };
        let inside: Vec<Row> = rpc.search(search).await?;
        if let Some(inner) = others.iter().find(|place| inside.iter().any(|row| row.id == place.id)) {
            let what = format!(
                "location `{}` stands inside `{}`, whose count contains it, and the topology counts both, so \
                 the inner stock would be sold twice: take one of them out of the owner's `at`, or map only \
                 one of them",
                inner.code, outer.code
            );
            return Err(rpc.wire.rejected(&what));
        }
    }
    Ok(())
}

/// Whether this system owns one count of one item at both places.
fn counted_at_both(context: &Context, one: &Place, other: &Place) -> bool {
    let own = || context.model.owners.iter().filter(|owner| owner.system == context.system);
    let at = |place: &Place| {
        let location = place.location;
        own().filter(move |owner| owner.at.iter().any(|(at, _)| *at == location))
    };
    let shares = |a: &Owner, b: &Owner| {
        let same = |quantity| b.quantities.iter().any(|(other, _)| *other == quantity);
        a.items.meets(&b.items) && a.quantities.iter().any(|(quantity, _)| same(*quantity))
    };
    at(one).any(|a| at(other).any(|b| shares(a, b)))
}

/// The mapped locations and Tryton's codes for them.
fn mapped(context: &Context) -> Vec<(LocationId, Name)> {
    let named = context.model.locations.iter().enumerate().filter_map(|(index, location)| {
        let code = location.code_in(context.system)?.code.clone()?;
        Some((LocationId::at(index), code))
    });
    named.collect()
}

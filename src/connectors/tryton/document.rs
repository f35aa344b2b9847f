//! What stands in Tryton under references of ours: sales with their lines, moves and shipments.

use super::catalog::Products;
use super::rpc::{Rpc, Search};
use crate::connectors::Failure;
use crate::connectors::count::plus;
use crate::model::CodeId;
use crate::model::id::Name;
use crate::model::quantity::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The description of a return that nobody can sell, so that no later posting takes it into storage.
pub(super) const UNSELLABLE: &str = "not sellable";

/// One sale; a return is a sale whose quantities are below 0.
#[derive(Debug)]
pub(super) struct Sale {
    pub(super) id: i64,
    pub(super) number: Option<String>,
    pub(super) state: String,
    pub(super) reference: Name,
    pub(super) warehouse: Option<i64>,
    pub(super) description: Option<String>,
    pub(super) lines: Vec<SaleLine>,
}

/// One line of a sale.
#[derive(Debug)]
pub(super) struct SaleLine {
    pub(super) id: i64,
    pub(super) product: i64,
    /// Below 0 for a return.
    pub(super) quantity: Decimal,
    pub(super) moves: Vec<Move>,
}

/// One move of a line.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) id: i64,
    pub(super) product: i64,
    /// In the product's default unit, as the line.
    pub(super) quantity: Decimal,
    pub(super) state: String,
    /// The shipment: its model and id.
    pub(super) shipment: Option<(String, i64)>,
    /// For a cancelled one, whether somebody decided that it stays so.
    pub(super) ignored: bool,
    /// For a cancelled one, whether it was made anew.
    pub(super) recreated: bool,
    /// What a part of it is made with: unit, places, price, origin, day.
    pub(super) values: Value,
}

/// Sums of one product in one warehouse.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    pub(super) ordered: Decimal,
    pub(super) open: Decimal,
    pub(super) shipped: Decimal,
    pub(super) cancelled: Decimal,
    /// On return sales that stand.
    pub(super) returns: Decimal,
    /// On their moves.
    pub(super) returned: Decimal,
}

/// The sums by warehouse and product.
pub(super) type Holdings = BTreeMap<(Option<i64>, CodeId), Held>;

#[derive(Deserialize)]
struct SaleRow {
    id: i64,
    number: Option<String>,
    state: String,
    reference: Option<String>,
    warehouse: Option<i64>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct LineRow {
    id: i64,
    sale: i64,
    product: Option<i64>,
    quantity: Option<Box<RawValue>>,
    #[serde(rename = "unit.")]
    unit: Option<Unit>,
    moves_ignored: Vec<i64>,
    moves_recreated: Vec<i64>,
}

#[derive(Deserialize)]
struct Unit {
    symbol: String,
}

#[derive(Deserialize)]
struct MoveRow {
    id: i64,
    product: i64,
    quantity: Box<RawValue>,
    state: String,
    origin: String,
    shipment: Option<String>,
    unit: i64,
    #[serde(rename = "unit.")]
    named: Unit,
    from_location: i64,
    to_location: i64,
    unit_price: Value,
    currency: Value,
    planned_date: Value,
}

impl Sale {
    /// Whether it is a return.
    pub(super) fn is_return(&self) -> bool {
        self.lines.iter().any(|line| line.quantity < Decimal::default())
    }

    /// Whether nothing of it is wanted any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.state == "cancelled"
    }

    /// How people find it.
    pub(super) fn name(&self) -> String {
        self.number.clone().unwrap_or_else(|| format!("with the id {}", self.id))
    }

    /// All its moves.
    pub(super) fn moves(&self) -> impl Iterator<Item = &Move> {
        self.lines.iter().flat_map(|line| &line.moves)
    }
}

impl Move {
    /// Whether it is still to happen.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "draft" | "assigned")
    }
}

/// The number without its sign.
pub(super) fn size(value: Decimal) -> Decimal {
    Decimal { digits: value.digits.abs(), ..value }
}

/// One number less another; `None` beyond all counts.
pub(super) fn less(one: Decimal, other: Decimal) -> Option<Decimal> {
    plus(one, Decimal { digits: -other.digits, ..other })
}

/// All sales with these references, whatever their state, by id.
pub(super) async fn load(
    rpc: &mut Rpc,
    products: &Products,
    references: &[Name],
) -> Result<Vec<Sale>, Failure> {
    let mut sales: BTreeMap<i64, Sale> = BTreeMap::new();
    for chunk in references.chunks(rpc.page) {
        let wanted: Vec<&str> = chunk.iter().map(|name| &**name).collect();
        let search = Search {
            model: "sale.sale",
            domain: json!([["reference", "in", wanted], ["company", "=", rpc.company()]]),
            limit: None,
            fields: &["number", "state", "reference", "warehouse", "description"],
            context: json!({}),
        };
        for row in rpc.search::<SaleRow>(search).await? {
            // The database may match more loosely than letter for letter.
            let Some(reference) = chunk.iter().find(|name| Some(&***name) == row.reference.as_deref()) else {
                continue;
            };
            let SaleRow { id, number, state, warehouse, description, .. } = row;
            let reference = reference.clone();
            let lines = Vec::new();
            sales.insert(id, Sale { id, number, state, reference, warehouse, description, lines });
        }
    }
    let ids: Vec<i64> = sales.keys().copied().collect();
    for chunk in ids.chunks(rpc.page) {
        fill(rpc, products, chunk, &mut sales).await?;
    }
    Ok(sales.into_values().collect())
}

/// Lines and moves of some sales.
async fn fill(
    rpc: &mut Rpc,
    products: &Products,
    ids: &[i64],
    sales: &mut BTreeMap<i64, Sale>,
) -> Result<(), Failure> {
    let search = Search {
        model: "sale.line",
        domain: json!([["sale", "in", ids], ["type", "=", "line"]]),
        limit: None,
        fields: &["sale", "product", "quantity", "unit.symbol", "moves_ignored", "moves_recreated"],
        context: json!({}),
    };
    let lines: Vec<LineRow> = rpc.search(search).await?;
    let mut moves = moves(rpc, products, ids, &lines).await?;
    for row in lines {
        let (Some(product), Some(sale)) = (row.product, sales.get_mut(&row.sale)) else { continue };
        if !products.codes.contains_key(&product) {
            continue;
        }
        let unit = row.unit.as_ref().map(|unit| unit.symbol.as_str());
        let quantity = row.quantity.as_ref().and_then(|text| Decimal::parse(text.get()).ok());
        let Some(quantity) = quantity.filter(|_| own_unit(products, product, unit)) else {
            return Err(foreign(rpc, &sale.name(), "a line"));
        };
        let moves = moves.remove(&row.id).unwrap_or_default();
        sale.lines.push(SaleLine { id: row.id, product, quantity, moves });
    }
    Ok(())
}

/// The moves of some sales, by line.
async fn moves(
    rpc: &mut Rpc,
    products: &Products,
    ids: &[i64],
    lines: &[LineRow],
) -> Result<BTreeMap<i64, Vec<Move>>, Failure> {
    let search = Search {
        model: "stock.move",
        domain: json!([["origin.sale", "in", ids, "sale.line"]]),
        limit: None,
        fields: &[
            "product",
            "quantity",
            "state",
            "origin",
            "shipment",
            "unit",
            "unit.symbol",
            "from_location",
            "to_location",
            "unit_price",
            "currency",
            "planned_date",
        ],
        context: json!({}),
    };
    let mut found: BTreeMap<i64, Vec<Move>> = BTreeMap::new();
    for row in rpc.search::<MoveRow>(search).await? {
        let line = row.origin.strip_prefix("sale.line,").and_then(|id| id.parse::<i64>().ok());
        let Some(line) = line.and_then(|id| lines.iter().find(|line| line.id == id)) else { continue };
        if !products.codes.contains_key(&row.product) {
            continue;
        }
        let quantity = Decimal::parse(row.quantity.get()).ok();
        let own = own_unit(products, row.product, Some(&row.named.symbol));
        let Some(quantity) = quantity.filter(|_| own) else {
            return Err(foreign(rpc, &format!("of line {}", line.id), "a move"));
        };
        let shipment = row.shipment.as_deref().and_then(|text| text.split_once(','));
        let shipment = shipment.and_then(|(model, id)| Some((model.to_owned(), id.parse::<i64>().ok()?)));
        found.entry(line.id).or_default().push(Move {
            id: row.id,
            product: row.product,
            quantity,
            state: row.state,
            shipment,
            ignored: line.moves_ignored.contains(&row.id),
            recreated: line.moves_recreated.contains(&row.id),
            values: json!({
                "product": row.product,
                "unit": row.unit,
                "company": rpc.company(),
                "from_location": row.from_location,
                "to_location": row.to_location,
                "origin": row.origin,
                "unit_price": row.unit_price,
                "currency": row.currency,
                "planned_date": row.planned_date,
            }),
        });
    }
    Ok(found)
}

fn own_unit(products: &Products, product: i64, unit: Option<&str>) -> bool {
    let code = products.codes.get(&product).and_then(|code| products.only(*code));
    code.is_some_and(|own| unit == Some(&*own.unit))
}

fn foreign(rpc: &Rpc, sale: &str, what: &str) -> Failure {
    let message = format!(
        "sale {sale}: {what} is in another unit than the product's own, or its product shares its code with \
         another, so what it holds cannot be told: correct it in Tryton"
    );
    rpc.wire.rejected(&message)
}

/// What some sales hold. `None`: a sum is beyond all counts.
pub(super) fn holdings(products: &Products, sales: &[&Sale]) -> Option<Holdings> {
    let mut holdings = Holdings::new();
    for sale in sales {
        for line in &sale.lines {
            let Some(code) = products.codes.get(&line.product).copied() else { continue };
            let held = holdings.entry((sale.warehouse, code)).or_default();
            let (back, off) = (line.quantity < Decimal::default(), sale.is_cancelled());
            let add = |sum: &mut Decimal, more: Decimal| plus(*sum, size(more)).map(|new| *sum = new);
            match (back, off) {
                (true, true) => continue,
                (true, false) => add(&mut held.returns, line.quantity)?,
                (false, true) => {
                    add(&mut held.ordered, line.quantity)?;
                    add(&mut held.cancelled, line.quantity)?;
                    continue;
                }
                (false, false) => add(&mut held.ordered, line.quantity)?,
            }
            for one in &line.moves {
                let sum = match (one.state.as_str(), back) {
                    ("cancelled", false) if one.ignored => &mut held.cancelled,
                    ("cancelled", _) => continue,
                    (_, true) => &mut held.returned,
                    ("done", false) => &mut held.shipped,
                    ("draft" | "assigned", false) => &mut held.open,
                    _ => continue,
                };
                add(sum, one.quantity)?;
            }
        }
    }
    Some(holdings)
}

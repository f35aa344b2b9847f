//! Reading open demand: moves, draft or assigned, that leave a mapped location.

use super::catalog::Place;
use super::levels::Found;
use super::rpc::{Rpc, Search};
use crate::connectors::{Context, Failure};
use crate::model::id::Name;
use crate::model::observation::{Lines, OpenLine, RowFailure};
use crate::model::quantity::Decimal;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Move {
    id: i64,
    product: i64,
    internal_quantity: Box<RawValue>,
    origin: Option<String>,
    #[serde(rename = "shipment.")]
    shipment: Option<Numbered>,
    #[serde(default, rename = "sale.")]
    sale: Option<Numbered>,
}

#[derive(Deserialize, Clone)]
struct Numbered {
    number: Option<String>,
    reference: Option<String>,
}

/// All open lines of the mapped locations, sorted by document, then line.
pub(super) async fn read(rpc: &mut Rpc, context: &Context, found: &Found<'_>) -> Result<Lines, Failure> {
    let mut fields = vec!["product", "internal_quantity", "origin", "shipment.number"];
    if rpc.has_field("stock.move", "sale").await? {
        fields.extend(["sale.number", "sale.reference"]);
    }
    let source = rpc.wire.host().to_owned();
    let mut lines = Lines::default();
    for place in found.places {
        let mut last = 0;
        loop {
            let mut moves = page(rpc, place, last, &fields).await?;
            if fields.contains(&"sale.number") {
                inside(rpc, &mut moves).await?;
            }
            lines.about.pages += 1;
            lines.about.rows += moves.len() as u64;
            for row in &moves {
                match open_line(context, found, place, row) {
                    Some(Ok(line)) => lines.lines.push(line),
                    Some(Err((field, reason))) => lines.failures.push(RowFailure {
                        record: format!("move {}", row.id),
                        source: source.clone(),
                        field: field.to_owned(),
                        reason,
                        code: found.products.codes.get(&row.product).copied(),
                        location: Some(place.location),
                    }),
                    None => lines.about.ignored += 1,
                }
            }
            match moves.last() {
                Some(row) if moves.len() >= rpc.page && row.id > last => last = row.id,
                _ => break,
            }
        }
    }
    let key = |line: &OpenLine| (line.document.clone(), line.line.clone(), line.location);
    lines.lines.sort_by_cached_key(key);
    Ok(lines)
}

/// Pages follow the ids, so that a move which is done meanwhile shifts none of the others.
async fn page(rpc: &mut Rpc, place: &Place, last: i64, fields: &[&str]) -> Result<Vec<Move>, Failure> {
    let company = rpc.company();
    let search = Search {
        model: "stock.move",
        domain: json!([
            ["id", ">", last],
            ["company", "=", company],
            ["state", "in", ["draft", "assigned"]],
            ["from_location", "child_of", [place.id], "parent"],
            ["to_location", "not child_of", [place.id], "parent"],
        ]),
        limit: Some(rpc.page),
        fields,
        context: json!({}),
    };
    rpc.search(search).await
}

/// A move inside a warehouse has no sale: it is made for the move that leaves the warehouse, which has one.
async fn inside(rpc: &mut Rpc, moves: &mut [Move]) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
        #[serde(rename = "sale.")]
        sale: Option<Numbered>,
    }
    let of = |row: &Move| row.origin.as_deref()?.strip_prefix("stock.move,")?.parse::<i64>().ok();
    let mut ids: Vec<i64> = moves.iter().filter(|row| row.sale.is_none()).filter_map(of).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let search = Search {
        model: "stock.move",
        domain: json!([["id", "in", ids]]),
        limit: None,
        fields: &["sale.number", "sale.reference"],
        context: json!({}),
    };
    let found: Vec<Row> = rpc.search(search).await?;
    for row in moves.iter_mut().filter(|row| row.sale.is_none()) {
        let outer = of(&*row).and_then(|id| found.iter().find(|outer| outer.id == id));
        row.sale = outer.and_then(|outer| outer.sale.clone());
    }
    Ok(())
}

/// One line; `None` for a product that the topology does not know, or for nothing left to move.
fn open_line(
    context: &Context,
    found: &Found<'_>,
    place: &Place,
    row: &Move,
) -> Option<Result<OpenLine, (&'static str, String)>> {
    let code = *found.products.codes.get(&row.product)?;
    let Some(product) = found.products.only(code) else {
        let name = &context.model.code(code).code;
        let reason =
            format!("several products share the code `{name}`, so nobody knows which one this line takes");
        return Some(Err(("code", reason)));
    };
    let Ok(open) = Decimal::parse(row.internal_quantity.get()) else {
        return Some(Err(("internal_quantity", "it is no number of at most 10^15 and 18 places".to_owned())));
    };
    if open == Decimal::default() {
        return None;
    }
    let number = |record: &Option<Numbered>| record.as_ref().and_then(|r| filled(&r.number));
    let document = number(&row.shipment).or_else(|| number(&row.sale)).or_else(|| filled(&row.origin));
    let reference = row.sale.as_ref().and_then(|sale| filled(&sale.reference));
    Some(Ok(OpenLine {
        document: document.unwrap_or_else(|| Name::from(format!("move {}", row.id))),
        line: Name::from(row.id.to_string()),
        code,
        location: Some(place.location),
        open,
        unit: Some(product.unit.clone()),
        cause: reference.or_else(|| number(&row.sale)),
    }))
}

fn filled(text: &Option<String>) -> Option<Name> {
    text.as_deref().filter(|text| !text.is_empty()).map(Name::from)
}

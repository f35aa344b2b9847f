//! Reading on hand: a view that Tryton computes for the locations named in the context.

use super::catalog::{Place, Products};
use super::rpc::{Rpc, Search};
use crate::connectors::{Context, Failure};
use crate::model::counts::Counts as Values;
use crate::model::id::Name;
use crate::model::observation::{Column, Levels, RowFailure};
use crate::model::quantity::Decimal;
use crate::model::{CodeId, LocationId};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What one location shows.
#[derive(Default)]
pub(super) struct Counts {
    /// The count of each product, as Tryton wrote it; `None` where it is no number.
    pub(super) by_product: BTreeMap<i64, Option<Decimal>>,
    /// Questions that it took.
    pub(super) pages: u64,
}

/// The counts of some products at one location, everything inside it included.
pub(super) async fn counts(rpc: &mut Rpc, place: i64, products: &[i64]) -> Result<Counts, Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
        quantity: Box<RawValue>,
    }
    let mut counts = Counts::default();
    let searches = products.chunks(rpc.page).map(|chunk| Search {
        model: "product.product",
        domain: json!([["id", "in", chunk]]),
        limit: None,
        fields: &["quantity"],
        // Without locations every quantity is 0 and no error is raised; with several they add up.
        context: json!({"locations": [place]}),
    });
    let take = |rows: Vec<Row>| {
        counts.pages += 1;
        counts.by_product.extend(rows.iter().map(|row| (row.id, Decimal::parse(row.quantity.get()).ok())));
    };
    rpc.search_each(searches, take).await?;
    Ok(counts)
}

/// All levels: one question a location and page of products.
pub(super) async fn read(rpc: &mut Rpc, context: &Context, found: &Found<'_>) -> Result<Levels, Failure> {
    let mut table = Table::default();
    let source = rpc.wire.host().to_owned();
    table.levels.failures = found.products.failures(context, &rpc.wire);
    for place in found.places {
        let valid = |code: CodeId| context.model.code(code).at.is_none_or(|at| at == place.location);
        let codes = found.products.by_code.keys().copied().filter(|code| valid(*code));
        let wanted: Vec<(CodeId, i64, &Name)> = codes
            .filter_map(|code| {
                found.products.only(code).filter(|p| p.is_stocked()).map(|p| (code, p.id, &p.unit))
            })
            .collect();
        let ids: Vec<i64> = wanted.iter().map(|(_, id, _)| *id).collect();
        let counts = counts(rpc, place.id, &ids).await?;
        table.levels.about.pages += counts.pages;
        for (code, id, unit) in wanted {
            let cell = Cell { code, location: place.location, id, unit };
            match counts.by_product.get(&id) {
                Some(Some(value)) => table.push(&cell, *value),
                Some(None) => table.levels.failures.push(unreadable(context, &source, place, &cell)),
                None => {
                    let what =
                        format!("product {id} was listed, but its count at `{}` did not come", place.code);
                    table.levels.about.incomplete.get_or_insert(what);
                }
            }
        }
    }
    Ok(table.finish())
}

/// What the names of the topology stand for.
pub(super) struct Found<'a> {
    /// Its codes.
    pub(super) products: &'a Products,
    /// Its locations.
    pub(super) places: &'a [Place],
}

struct Cell<'a> {
    code: CodeId,
    location: LocationId,
    id: i64,
    unit: &'a Name,
}

fn unreadable(context: &Context, source: &str, place: &Place, cell: &Cell<'_>) -> RowFailure {
    RowFailure {
        record: format!("product {}", cell.id),
        source: source.to_owned(),
        field: "quantity".to_owned(),
        reason: format!(
            "the quantity of `{}` at `{}` is no number of at most 10^15 and 18 places: correct it in Tryton",
            context.model.code(cell.code).code,
            place.code
        ),
        code: Some(cell.code),
        location: Some(cell.location),
    }
}

/// Levels, row by row.
#[derive(Default)]
struct Table {
    levels: Levels,
    words: BTreeMap<Name, u32>,
    values: Values,
}

impl Table {
    fn push(&mut self, cell: &Cell<'_>, value: Decimal) {
        let levels = &mut self.levels;
        let word = *self.words.entry(cell.unit.clone()).or_insert_with(|| {
            levels.words.push(cell.unit.clone());
            levels.words.len() as u32 - 1
        });
        levels.codes.push(cell.code);
        levels.locations.push(cell.location);
        levels.records.push(u32::try_from(cell.id).unwrap_or(u32::MAX));
        levels.units.push(Some(word));
        self.values.push(Some(value));
    }

    fn finish(mut self) -> Levels {
        self.levels.about.rows = self.values.len() as u64;
        self.levels.columns = vec![Column { name: Name::from("on-hand"), values: self.values }];
        self.levels
    }
}

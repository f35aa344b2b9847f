//! What a posting is about: the warehouse and the product of each line, what there is to be, what is missing.

use super::catalog::{Place, Product};
use super::document::{Held, Holdings, Sale, holdings, less};
use super::fault::Fault;
use super::levels::Found;
use super::rpc::{Rpc, Search};
use super::shipping::Wanted;
use crate::connectors::count::plus;
use crate::connectors::{Context, Failure, units};
use crate::model::moved::PostLine;
use crate::model::quantity::Decimal;
use crate::model::{CodeId, LocationId};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// What the mapped places mean in Tryton, and what is mapped there.
pub(super) struct Desk<'a> {
    pub(super) context: &'a Context,
    pub(super) found: &'a Found<'a>,
    /// The warehouse of each place.
    warehouses: BTreeMap<LocationId, i64>,
}

/// Which warehouse, and what.
pub(super) type Key = (Option<i64>, CodeId);

impl<'a> Desk<'a> {
    /// Looks the warehouse of every mapped place up.
    pub(super) async fn open(
        rpc: &mut Rpc,
        context: &'a Context,
        found: &'a Found<'a>,
    ) -> Result<Desk<'a>, Failure> {
        #[derive(Deserialize)]
        struct Row {
            id: i64,
            warehouse: Option<i64>,
        }
        let ids: Vec<i64> = found.places.iter().map(|place| place.id).collect();
        let search = Search {
            model: "stock.location",
            domain: json!([["id", "in", ids]]),
            limit: None,
            fields: &["warehouse"],
            context: json!({}),
        };
        let rows: Vec<Row> = rpc.search(search).await?;
        let of = |place: &Place| rows.iter().find(|row| row.id == place.id)?.warehouse;
        let known = found.places.iter().filter_map(|place| Some((place.location, of(place)?)));
        Ok(Desk { context, found, warehouses: known.collect() })
    }

    /// The place of a warehouse: itself, or the only one inside it.
    pub(super) fn place(&self, warehouse: Option<i64>) -> Option<LocationId> {
        let own = self.found.places.iter().find(|place| Some(place.id) == warehouse);
        if let Some(own) = own {
            return Some(own.location);
        }
        let mut inside = self.warehouses.iter().filter(|(_, own)| Some(**own) == warehouse);
        match (inside.next(), inside.next()) {
            (Some((place, _)), None) => Some(*place),
            _ => None,
        }
    }

    /// Where a line leaves from, or comes back to.
    fn key(&self, line: &PostLine) -> Result<Key, Fault> {
        let Some(location) = line.location else { return Ok((None, line.code)) };
        let name = &self.context.model.location(location).name;
        match self.warehouses.get(&location) {
            Some(warehouse) => Ok((Some(*warehouse), line.code)),
            None => {
                let what = format!(
                    "location `{name}` is not mapped in Tryton, or lies in no warehouse there: map it, or a \
                     warehouse"
                );
                Err(Fault::row("location", what))
            }
        }
    }

    /// What there is to be in all, by warehouse and code.
    pub(super) fn totals(&self, lines: &[PostLine]) -> Result<BTreeMap<Key, Decimal>, Fault> {
        let mut totals: BTreeMap<Key, Decimal> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            let code = &self.context.model.code(line.code).code;
            self.product(line.code)?;
            let own = |other: &PostLine| other.code == line.code;
            let same = |other: &PostLine| own(other) && other.location == line.location;
            if lines.iter().take(at).any(same)
                || lines.iter().any(|o| own(o) && o.location.is_none() != line.location.is_none())
            {
                let what = format!("two lines are about `{code}` at one place, or one of them at none");
                return Err(Fault::row("lines", what));
            }
            let sum = totals.entry(self.key(line)?).or_default();
            *sum = plus(*sum, line.total).ok_or_else(|| Fault::too_fine(line.total))?;
        }
        Ok(totals)
    }

    pub(super) fn product(&self, code: CodeId) -> Result<&'a Product, Fault> {
        let named = self.context.model.code(code);
        let name = &named.code;
        let Some(product) = self.found.products.only(code) else {
            let what = format!("Tryton has no active product with the code `{name}`, or several");
            return Err(Fault::row("code", what));
        };
        if !product.is_stocked() {
            let what = format!("`{name}` is a {} in Tryton, which holds no stock of its own", product.kind);
            return Err(Fault::row("type", what));
        }
        if !units::agrees(&self.context.model, named, Some(&product.unit)) {
            let what = format!(
                "Tryton counts `{name}` in `{}`, the topology maps it in `{}`: make the two agree",
                product.unit, named.measure.unit
            );
            return Err(Fault::row("unit", what));
        }
        Ok(product)
    }

    pub(super) fn sums(&self, sales: &[&Sale]) -> Result<Holdings, Fault> {
        holdings(self.found.products, sales).ok_or_else(|| {
            Fault::row("quantity", "the sales of this reference add up to more than 10^15".to_owned())
        })
    }
}

/// What the sales of a reference hold of a key; of all warehouses where the key names none.
pub(super) fn held(sums: &Holdings, key: Key, of: fn(&Held) -> Decimal) -> Result<Decimal, Fault> {
    let own = sums.iter().filter(|((place, code), _)| *code == key.1 && (key.0.is_none() || *place == key.0));
    let sum = own.map(|(_, held)| of(held)).try_fold(Decimal::default(), plus);
    sum.ok_or_else(|| {
        Fault::row("quantity", "the sales of this reference add up to more than 10^15".to_owned())
    })
}

/// What is still missing of each key.
pub(super) fn missing(
    sums: &Holdings,
    totals: &BTreeMap<Key, Decimal>,
    of: fn(&Held) -> Decimal,
) -> Result<BTreeMap<Key, Decimal>, Fault> {
    let mut rest = BTreeMap::new();
    for (key, total) in totals {
        let there = held(sums, *key, of)?;
        if let Some(more) = less(*total, there).filter(|more| *more > Decimal::default()) {
            rest.insert(*key, more);
        }
    }
    Ok(rest)
}

/// The same by warehouse, with Tryton's products.
pub(super) fn by_warehouse(
    desk: &Desk<'_>,
    rest: &BTreeMap<Key, Decimal>,
) -> Result<BTreeMap<Option<i64>, Wanted>, Fault> {
    let mut all: BTreeMap<Option<i64>, Wanted> = BTreeMap::new();
    for ((warehouse, code), more) in rest {
        all.entry(*warehouse).or_default().insert(desk.product(*code)?.id, *more);
    }
    Ok(all)
}

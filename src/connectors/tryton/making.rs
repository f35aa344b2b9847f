//! Making sales: of what an order is missing, and of what comes back.

use super::desk::{Desk, Key, by_warehouse};
use super::document::UNSELLABLE;
use super::fault::{Fault, number};
use super::rpc::{Rpc, Search};
use crate::model::moved::Posting;
use crate::model::movement::Movement;
use crate::model::quantity::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Makes the sales of what is missing, one a warehouse; with `of` they are returns of that sale.
pub(super) async fn make(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    posting: &Posting,
    rest: &BTreeMap<Key, Decimal>,
    of: Option<i64>,
) -> Result<(), Fault> {
    if rest.is_empty() {
        return Ok(());
    }
    let terms = terms(rpc, desk, posting, rest).await?;
    let back = posting.movement == Movement::Return;
    for (warehouse, wanted) in by_warehouse(desk, rest)? {
        let mut lines = Vec::new();
        for (product, more) in wanted {
            let signed = if back { Decimal { digits: -more.digits, ..more } } else { more };
            let quantity = number(signed).ok_or_else(|| Fault::too_fine(more))?;
            let (unit, price) = terms.products.get(&product).cloned().unwrap_or_default();
            lines.push(json!({"type": "line", "product": product, "quantity": quantity, "unit": unit,
                              "unit_price": price}));
        }
        let mut values = json!({
            "company": rpc.company(),
            "currency": terms.currency,
            "party": terms.party,
            "invoice_address": terms.address,
            "shipment_address": terms.address,
            "reference": &*posting.reference,
            "invoice_method": "manual",
            "shipment_method": "order",
            "lines": [["create", lines]],
        });
        if let Some(warehouse) = warehouse {
            values["warehouse"] = json!(warehouse);
        }
        if let Some(sale) = of {
            values["origin"] = json!(format!("sale.sale,{sale}"));
        }
        if back && !posting.sellable {
            values["description"] = json!(UNSELLABLE);
        }
        let _: Vec<i64> = rpc.change("model.sale.sale.create", json!([values])).await?;
    }
    Ok(())
}

/// What a sale is made with.
struct Terms {
    party: i64,
    address: i64,
    currency: i64,
    /// The unit and the price of each product.
    products: BTreeMap<i64, (Value, Value)>,
}

async fn terms(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    posting: &Posting,
    rest: &BTreeMap<Key, Decimal>,
) -> Result<Terms, Fault> {
    #[derive(Deserialize)]
    struct Party {
        id: i64,
        code: Option<String>,
        addresses: Vec<i64>,
    }
    #[derive(Deserialize)]
    struct Company {
        currency: i64,
    }
    #[derive(Deserialize)]
    struct Row {
        id: i64,
        default_uom: i64,
        list_price: Value,
    }
    let code = posting.fields.get("party").cloned().unwrap_or_default();
    let find = |model, domain, fields| Search { model, domain, limit: None, fields, context: json!({}) };
    let parties: Vec<Party> =
        rpc.search(find("party.party", json!([["code", "=", code]]), &["code", "addresses"])).await?;
    let mut parties = parties.into_iter().filter(|party| party.code.as_deref() == Some(&*code));
    let Some(party) = parties.next() else {
        let what = format!("Tryton has no party with the code `{code}`: correct `party`, or add it");
        return Err(Fault::row("party", what));
    };
    let Some(address) = party.addresses.first().copied() else {
        let what = format!("the party `{code}` has no address, and a sale needs one: add it in Tryton");
        return Err(Fault::row("party", what));
    };
    let own = json!([["id", "=", rpc.company()]]);
    let companies: Vec<Company> = rpc.search(find("company.company", own, &["currency"])).await?;
    let Some(company) = companies.first() else {
        return Err(Fault::row(
            "company",
            "the user's company does not come, so no sale can be made".to_owned(),
        ));
    };
    let mut ids = Vec::new();
    for (_, code) in rest.keys() {
        ids.push(desk.product(*code)?.id);
    }
    let found = find("product.product", json!([["id", "in", ids]]), &["default_uom", "list_price"]);
    let rows: Vec<Row> = rpc.search(found).await?;
    let list = posting.fields.get("price").is_some_and(|price| price == "list");
    let mut products = BTreeMap::new();
    for row in rows {
        if list && row.list_price.is_null() {
            let what =
                format!("product {} has no list price in Tryton: set one, or say `price zero`", row.id);
            return Err(Fault::row("price", what));
        }
        let zero = json!({"__class__": "Decimal", "decimal": "0"});
        let price = if list { row.list_price } else { zero };
        products.insert(row.id, (json!(row.default_uom), price));
    }
    Ok(Terms { party: party.id, address, currency: company.currency, products })
}

//! Posting: an order becomes a sale, what leaves a shipment, what is off a cancelled move, what comes back a
//! return sale. Each posting states what there is to be, and only what is missing is made.

use super::desk::{Desk, Key, by_warehouse, held, missing};
use super::document::{Holdings, Move, Sale, UNSELLABLE, holdings, less, load};
use super::fault::Fault;
use super::making::make;
use super::rpc::{Rpc, Search};
use super::shipping::{Aim, take};
use crate::connectors::Failure;
use crate::connectors::count::plus;
use crate::model::id::Name;
use crate::model::moved::{self, FoundLine, Posted, Posting};
use crate::model::movement::Movement;
use crate::model::quantity::Decimal;
use crate::model::{CodeId, LocationId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Posts one after the other. A failure of the server ends it: it is told where nothing was answered before
/// it, else the answers are fewer than the postings, and the next call meets it.
pub(super) async fn post(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    postings: &[Posting],
) -> Result<Vec<Posted>, Failure> {
    let mut answers = Vec::new();
    for posting in postings {
        match one(rpc, desk, posting).await {
            Ok(number) => answers.push(Posted::Done { number }),
            Err(Fault::Row(field, what)) => {
                let message = rpc.wire.clean(&what);
                answers.push(Posted::Rejected { field: field.to_owned(), message });
            }
            Err(Fault::Failure(Failure::Rejected { message })) => {
                answers.push(Posted::Rejected { field: String::new(), message });
            }
            Err(Fault::Failure(failure)) if answers.is_empty() => return Err(failure),
            Err(Fault::Failure(_)) => break,
        }
    }
    Ok(answers)
}

async fn one(rpc: &mut Rpc, desk: &Desk<'_>, posting: &Posting) -> Result<String, Fault> {
    if posting.kind != "sale" {
        let what = format!("nothing is posted to Tryton as `{}`: only as `sale`", posting.kind);
        return Err(Fault::row("kind", what));
    }
    if posting.reference.is_empty() {
        return Err(Fault::row("reference", "a document without a reference is not found again".to_owned()));
    }
    let totals = desk.totals(&posting.lines)?;
    match posting.movement {
        Movement::Order => order(rpc, desk, posting, &totals).await,
        Movement::Shipment => send(rpc, desk, posting, &totals).await,
        Movement::Cancellation => cancel(rpc, desk, posting, &totals).await,
        Movement::Return => back(rpc, desk, posting, &totals).await,
        other => Err(Fault::row("movement", format!("Tryton takes no {} in here", other.word()))),
    }
}

async fn sales(rpc: &mut Rpc, desk: &Desk<'_>, posting: &Posting) -> Result<Vec<Sale>, Failure> {
    load(rpc, desk.found.products, std::slice::from_ref(&posting.reference)).await
}

/// The sales of a reference, all of them processed, so that their moves are there.
async fn processed(rpc: &mut Rpc, desk: &Desk<'_>, posting: &Posting) -> Result<Vec<Sale>, Fault> {
    let found = sales(rpc, desk, posting).await?;
    if advance(rpc, &found).await? {
        return Ok(sales(rpc, desk, posting).await?);
    }
    Ok(found)
}

/// Brings sales that an earlier try left half-way to their processing; answers whether there were any.
async fn advance(rpc: &mut Rpc, sales: &[Sale]) -> Result<bool, Failure> {
    let mut any = false;
    for sale in sales {
        let steps: &[&str] = match sale.state.as_str() {
            "draft" => &["quote", "confirm", "process"],
            "quotation" => &["confirm", "process"],
            "confirmed" => &["process"],
            _ => continue,
        };
        any = true;
        for step in steps {
            let _: Value = rpc.change(&format!("model.sale.sale.{step}"), json!([sale.id])).await?;
        }
    }
    Ok(any)
}

fn names<'s>(sales: impl IntoIterator<Item = &'s Sale>) -> String {
    let names: Vec<String> = sales.into_iter().map(Sale::name).collect();
    names.join(", ")
}

/// An order: one sale a warehouse, of what no sale of the reference holds yet. A processed sale is never
/// changed; what comes later is a sale beside it.
async fn order(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    posting: &Posting,
    totals: &BTreeMap<Key, Decimal>,
) -> Result<String, Fault> {
    let found = sales(rpc, desk, posting).await?;
    let all: Vec<&Sale> = found.iter().collect();
    let rest = missing(&desk.sums(&all)?, totals, |held| held.ordered)?;
    make(rpc, desk, posting, &rest, None).await?;
    let found = processed(rpc, desk, posting).await?;
    Ok(names(found.iter().filter(|sale| !sale.is_return())))
}

/// A shipment: exactly what is missing leaves.
async fn send(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    posting: &Posting,
    totals: &BTreeMap<Key, Decimal>,
) -> Result<String, Fault> {
    let found = processed(rpc, desk, posting).await?;
    let out: Vec<&Sale> = found.iter().filter(|sale| !sale.is_return() && !sale.is_cancelled()).collect();
    let sums = desk.sums(&out)?;
    let rest = missing(&sums, totals, |held| held.shipped)?;
    enough(desk, posting, &sums, &rest)?;
    let mut numbers = Vec::new();
    for (warehouse, wanted) in by_warehouse(desk, &rest)? {
        numbers.extend(take(rpc, &out, warehouse, wanted, Aim::Send).await?);
    }
    Ok(if numbers.is_empty() { names(out) } else { numbers.join(", ") })
}

/// A cancellation: exactly what is missing is cancelled, and stays so.
async fn cancel(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    posting: &Posting,
    totals: &BTreeMap<Key, Decimal>,
) -> Result<String, Fault> {
    let mut found = processed(rpc, desk, posting).await?;
    for again in [false, true] {
        let out: Vec<&Sale> = found.iter().filter(|sale| !sale.is_return()).collect();
        let sums = desk.sums(&out)?;
        let mut rest = missing(&sums, totals, |held| held.cancelled)?;
        // Cancelled moves of which nobody has decided anything: this try, or an earlier one, got that far.
        settle(rpc, desk, &out, &mut rest).await?;
        if rest.is_empty() {
            return Ok(names(out));
        }
        if again {
            break;
        }
        enough(desk, posting, &sums, &rest)?;
        let live: Vec<&Sale> = out.iter().filter(|sale| !sale.is_cancelled()).copied().collect();
        for (warehouse, wanted) in by_warehouse(desk, &rest)? {
            take(rpc, &live, warehouse, wanted, Aim::Cancel).await?;
        }
        found = sales(rpc, desk, posting).await?;
    }
    let what = "the moves were cancelled, and the sale does not show it: look at it in Tryton";
    Err(Fault::row("lines", what.to_owned()))
}

/// Marks cancelled moves as ignored, as far as so many are to be cancelled, so that the sale no longer waits
/// for a decision.
async fn settle(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    sales: &[&Sale],
    rest: &mut BTreeMap<Key, Decimal>,
) -> Result<(), Fault> {
    for sale in sales {
        let mut any = false;
        for line in &sale.lines {
            let Some(code) = desk.found.products.codes.get(&line.product).copied() else { continue };
            let key = [sale.warehouse, None].into_iter().map(|place| (place, code));
            let Some(key) = key.into_iter().find(|key| rest.contains_key(key)) else { continue };
            let waits = |one: &&Move| one.state == "cancelled" && !one.ignored && !one.recreated;
            let mut ids = Vec::new();
            for one in line.moves.iter().filter(waits) {
                let left = rest.get(&key).copied().unwrap_or_default();
                if let Some(less) = less(left, one.quantity).filter(|left| *left >= Decimal::default()) {
                    rest.insert(key, less);
                    ids.push(one.id);
                }
            }
            if !ids.is_empty() {
                any = true;
                let params = json!([[line.id], {"moves_ignored": [["add", ids]]}]);
                let _: Value = rpc.change_with("model.sale.line.write", params).await?;
            }
        }
        if any {
            let _: Value = rpc.change("model.sale.sale.process", json!([sale.id])).await?;
        }
    }
    rest.retain(|_, left| *left > Decimal::default());
    Ok(())
}

/// A return: a sale of quantities below 0. What can be sold is received into storage; what cannot waits as a
/// draft customer return, which no count contains, for a person to decide.
async fn back(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    posting: &Posting,
    totals: &BTreeMap<Key, Decimal>,
) -> Result<String, Fault> {
    let found = processed(rpc, desk, posting).await?;
    let all: Vec<&Sale> = found.iter().collect();
    let sums = desk.sums(&all)?;
    let rest = missing(&sums, totals, |held| held.returns)?;
    for ((_, code), more) in &rest {
        let (sent, there) =
            (held(&sums, (None, *code), |h| h.shipped)?, held(&sums, (None, *code), |h| h.returns)?);
        if plus(there, *more).is_none_or(|all| all > sent) {
            let name = &desk.context.model.code(*code).code;
            let what = format!(
                "{more} of `{name}` come back, and {there} came back before, where Tryton shipped {sent} \
                 under `{}`: post the shipment first",
                posting.reference
            );
            return Err(Fault::row("quantity", what));
        }
    }
    let first = all.iter().find(|sale| !sale.is_return()).map(|sale| sale.id);
    make(rpc, desk, posting, &rest, first).await?;
    let found = processed(rpc, desk, posting).await?;
    let back = || found.iter().filter(|sale| sale.is_return() && !sale.is_cancelled());
    let waits = |sale: &&Sale| sale.description.as_deref() == Some(UNSELLABLE);
    for sale in back().filter(|sale| !waits(sale)) {
        receive(rpc, sale).await?;
    }
    Ok(names(back()))
}

/// Receives what comes back of a sale, and puts it into storage.
async fn receive(rpc: &mut Rpc, sale: &Sale) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
        state: String,
    }
    let model = "stock.shipment.out.return";
    let mut ids: Vec<i64> = Vec::new();
    for one in sale.moves() {
        ids.extend(one.shipment.iter().filter(|(own, _)| own == model).map(|(_, id)| *id));
    }
    ids.sort_unstable();
    ids.dedup();
    let domain = json!([["id", "in", ids], ["state", "in", ["draft", "received"]]]);
    let search = Search { model, domain, limit: None, fields: &["state"], context: json!({}) };
    for row in rpc.search::<Row>(search).await? {
        if row.state == "draft" {
            let _: Value = rpc.change(&format!("model.{model}.receive"), json!([row.id])).await?;
        }
        let search = Search {
            model,
            domain: json!([["id", "=", row.id], ["state", "=", "received"]]),
            limit: None,
            fields: &["state"],
            context: json!({}),
        };
        // Where input and storage are one place, the first step does both.
        if !rpc.search::<Row>(search).await?.is_empty() {
            let step = rpc.done();
            let _: Value = rpc.change(&format!("model.{model}.{step}"), json!([row.id])).await?;
        }
    }
    Ok(())
}

/// Refuses where more is to be taken than is open: nothing is done then.
fn enough(
    desk: &Desk<'_>,
    posting: &Posting,
    sums: &Holdings,
    rest: &BTreeMap<Key, Decimal>,
) -> Result<(), Fault> {
    for (key, more) in rest {
        let open = held(sums, *key, |held| held.open)?;
        if *more > open {
            let name = &desk.context.model.code(key.1).code;
            let what = format!(
                "{more} of `{name}` are to be taken, and Tryton has {open} open there under `{}`: post the \
                 order first, or look at its sale in Tryton",
                posting.reference
            );
            return Err(Fault::row("quantity", what));
        }
    }
    Ok(())
}

/// What stands under references of ours.
pub(super) async fn find(
    rpc: &mut Rpc,
    desk: &Desk<'_>,
    references: &[Name],
) -> Result<Vec<moved::Found>, Failure> {
    let sales = load(rpc, desk.found.products, references).await?;
    let mut by_reference: BTreeMap<&Name, Vec<&Sale>> = BTreeMap::new();
    for sale in &sales {
        by_reference.entry(&sale.reference).or_default().push(sale);
    }
    let mut found = Vec::new();
    for (reference, sales) in by_reference {
        let Some(sums) = holdings(desk.found.products, &sales) else {
            return Err(rpc.wire.rejected(&format!("the sales of `{reference}` add up to more than 10^15")));
        };
        let mut lines: BTreeMap<(CodeId, Option<LocationId>), FoundLine> = BTreeMap::new();
        for ((warehouse, code), held) in sums {
            let location = desk.place(warehouse);
            let line = lines.entry((code, location)).or_insert_with(|| FoundLine {
                code,
                location,
                open: Decimal::default(),
                shipped: Decimal::default(),
                cancelled: Decimal::default(),
                returned: Decimal::default(),
            });
            let sums = [
                (&mut line.open, held.open),
                (&mut line.shipped, held.shipped),
                (&mut line.cancelled, held.cancelled),
                (&mut line.returned, held.returned),
            ];
            for (sum, more) in sums {
                *sum = plus(*sum, more)
                    .ok_or_else(|| rpc.wire.rejected("the sales of a reference add up to more than 10^15"))?;
            }
        }
        let number = names(sales.iter().copied());
        found.push(moved::Found {
            reference: reference.clone(),
            number,
            lines: lines.into_values().collect(),
        });
    }
    Ok(found)
}

//! Bringing Tryton's shipments further: splitting a part off, sending it, or cancelling it.

use super::document::{Move, Sale, less};
use super::fault::{Fault, number};
use super::rpc::{Rpc, Search};
use crate::connectors::Failure;
use crate::model::quantity::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const OUT: &str = "stock.shipment.out";

/// What is to be taken, by product.
pub(super) type Wanted = BTreeMap<i64, Decimal>;

/// One shipment that is not done.
#[derive(Debug, Deserialize)]
struct Shipment {
    id: i64,
    number: Option<String>,
    state: String,
    customer: Value,
    delivery_address: Value,
    warehouse: i64,
    warehouse_storage: i64,
    warehouse_output: i64,
    planned_date: Value,
    #[serde(skip)]
    moves: Vec<Move>,
}

/// What is done with the pieces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// They leave.
    Send,
    /// They stay, and nobody wants them any more.
    Cancel,
}

impl Shipment {
    fn name(&self) -> String {
        self.number.clone().unwrap_or_else(|| format!("with the id {}", self.id))
    }

    /// How far it is; what is picked cannot be divided any more.
    fn progress(&self) -> usize {
        let states = ["draft", "waiting", "assigned", "picked", "packed", "shipped"];
        states.iter().position(|state| *state == self.state).unwrap_or(states.len())
    }

    fn divides(&self) -> bool {
        self.progress() <= 2
    }

    /// What it would take of each of its moves; `None` where it takes nothing.
    fn takes(&self, wanted: &Wanted) -> Option<Vec<(&Move, Decimal)>> {
        let mut left = wanted.clone();
        let mut takes = Vec::new();
        for one in &self.moves {
            let rest = left.get(&one.product).copied().unwrap_or_default();
            let taken = rest.min(one.quantity);
            left.insert(one.product, less(rest, taken)?);
            takes.push((one, taken));
        }
        takes.iter().any(|(_, taken)| *taken > Decimal::default()).then_some(takes)
    }
}

/// Takes exactly so many out of the open shipments of some sales: whole shipments that fit first, then a part
/// split off one. Answers the shipments' numbers. What was done before a failure stays, and is seen by the
/// next try.
pub(super) async fn take(
    rpc: &mut Rpc,
    sales: &[&Sale],
    warehouse: Option<i64>,
    mut wanted: Wanted,
    aim: Aim,
) -> Result<Vec<String>, Fault> {
    let mut open = load(rpc, sales).await?;
    open.retain(|one| warehouse.is_none_or(|own| own == one.warehouse));
    open.sort_by_key(|one| (one.progress(), one.id));
    if aim == Aim::Send {
        open.reverse();
    }
    // An earlier try may have split one of them, and not come to fit its moves inside the warehouse.
    wait(rpc, &open.iter().filter(|one| one.state == "waiting").map(|one| one.id).collect::<Vec<_>>())
        .await?;
    let mut numbers = Vec::new();
    while wanted.values().any(|rest| *rest > Decimal::default()) {
        let fits = |one: &Shipment| {
            one.takes(&wanted).is_some_and(|takes| takes.iter().all(|(own, taken)| own.quantity == *taken))
        };
        let whole = open.iter().position(fits);
        let part = open.iter().position(|one| one.divides() && one.takes(&wanted).is_some());
        let Some(at) = whole.or(part) else { return Err(stuck(&open)) };
        let shipment = open.remove(at);
        let takes = shipment.takes(&wanted).unwrap_or_default();
        let taken: Vec<(i64, Decimal)> = takes.iter().map(|(one, taken)| (one.product, *taken)).collect();
        let id = match whole {
            Some(_) => shipment.id,
            None => split(rpc, &shipment, &takes).await?,
        };
        numbers.push(carry_out(rpc, id, aim).await?);
        for (product, taken) in taken {
            let rest = wanted.get(&product).and_then(|rest| less(*rest, taken)).unwrap_or_default();
            wanted.insert(product, rest);
        }
    }
    Ok(numbers)
}

fn stuck(open: &[Shipment]) -> Fault {
    let names: Vec<String> = open.iter().map(|one| format!("{} ({})", one.name(), one.state)).collect();
    let what = format!(
        "no open shipment holds exactly these pieces, and one that is picked or packed is not divided: \
         finish or cancel in Tryton what is under way ({})",
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    );
    Fault::row("shipment", what)
}

/// The shipments of open moves, with these moves.
async fn load(rpc: &mut Rpc, sales: &[&Sale]) -> Result<Vec<Shipment>, Failure> {
    let mut moves: BTreeMap<i64, Vec<Move>> = BTreeMap::new();
    for one in sales.iter().flat_map(|sale| sale.moves()).filter(|one| one.is_open()) {
        if let Some((model, id)) = &one.shipment
            && model == OUT
        {
            moves.entry(*id).or_default().push(one.clone());
        }
    }
    let ids: Vec<i64> = moves.keys().copied().collect();
    let mut found = read(rpc, &ids).await?;
    for shipment in &mut found {
        shipment.moves = moves.remove(&shipment.id).unwrap_or_default();
    }
    Ok(found)
}

async fn read(rpc: &mut Rpc, ids: &[i64]) -> Result<Vec<Shipment>, Failure> {
    let search = Search {
        model: OUT,
        domain: json!([["id", "in", ids]]),
        limit: None,
        fields: &[
            "number",
            "state",
            "customer",
            "delivery_address",
            "warehouse",
            "warehouse_storage",
            "warehouse_output",
            "planned_date",
        ],
        context: json!({}),
    };
    rpc.search(search).await
}

/// A new shipment with exactly these pieces, taken out of another. One call, so that at no moment fewer are
/// open than are owed.
async fn split(rpc: &mut Rpc, from: &Shipment, takes: &[(&Move, Decimal)]) -> Result<i64, Fault> {
    if from.state == "assigned" {
        wait(rpc, &[from.id]).await?;
    }
    let mut moves = Vec::new();
    for (one, taken) in takes.iter().filter(|(_, taken)| *taken > Decimal::default()) {
        if *taken == one.quantity {
            moves.push(json!(["add", [one.id]]));
            continue;
        }
        let rest = less(one.quantity, *taken).and_then(number);
        let (Some(rest), Some(part)) = (rest, number(*taken)) else { return Err(Fault::too_fine(*taken)) };
        let mut values = one.values.clone();
        values["quantity"] = part;
        moves.push(json!(["create", [values]]));
        moves.push(json!(["write", [one.id], {"quantity": rest}]));
    }
    let values = json!([{
        "company": rpc.company(),
        "customer": from.customer,
        "delivery_address": from.delivery_address,
        "warehouse": from.warehouse,
        "warehouse_storage": from.warehouse_storage,
        "warehouse_output": from.warehouse_output,
        "planned_date": from.planned_date,
        "outgoing_moves": moves,
    }]);
    let ids: Vec<i64> = rpc.change(&format!("model.{OUT}.create"), values).await?;
    let Some(new) = ids.first().copied() else {
        let message = rpc.wire.says("a shipment was made, but no id came back");
        return Err(Fault::Failure(Failure::Unknown { message }));
    };
    // Until here the old one's moves inside the warehouse are those of the whole: too many, never too few.
    if from.state != "draft" {
        wait(rpc, &[new, from.id]).await?;
    }
    Ok(new)
}

/// Makes the moves inside the warehouse fit those that leave it, and gives back what is assigned.
async fn wait(rpc: &mut Rpc, ids: &[i64]) -> Result<(), Failure> {
    if !ids.is_empty() {
        let _: Value = rpc.change(&format!("model.{OUT}.wait"), json!(ids)).await?;
    }
    Ok(())
}

async fn step(rpc: &mut Rpc, id: i64, step: &str) -> Result<(), Failure> {
    let _: Value = rpc.change(&format!("model.{OUT}.{step}"), json!([id])).await?;
    Ok(())
}

/// Brings a shipment to its end, from wherever it stands; answers its number.
async fn carry_out(rpc: &mut Rpc, id: i64, aim: Aim) -> Result<String, Fault> {
    if aim == Aim::Cancel {
        step(rpc, id, "cancel").await?;
    }
    // Six steps from draft to done; each is looked at, as the server may take several at once.
    for _ in 0..8 {
        let found = read(rpc, &[id]).await?;
        let Some(now) = found.first() else {
            return Err(Fault::row("shipment", format!("shipment {id} is gone")));
        };
        let direct = now.warehouse_storage == now.warehouse_output;
        let next = match now.state.as_str() {
            "draft" => "wait",
            "waiting" => "assign_try",
            "assigned" if direct => "pack",
            "assigned" => "pick",
            "picked" => "pack",
            "packed" | "shipped" => rpc.done(),
            _ => return Ok(now.name()),
        };
        step(rpc, id, next).await?;
        if next == "assign_try" {
            let after = read(rpc, &[id]).await?;
            if after.iter().any(|one| one.state == "waiting") {
                // Gives back what it could assign.
                wait(rpc, &[id]).await?;
                let what = format!(
                    "Tryton has too little on its shelf for shipment {}, which waits there: receive or count \
                     what is missing in Tryton, then try again",
                    now.name()
                );
                return Err(Fault::row("shipment", what));
            }
        }
    }
    Err(Fault::row("shipment", format!("shipment {id} does not come to its end: look at it in Tryton")))
}

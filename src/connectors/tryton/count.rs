//! Writing a count: a draft inventory, its expected quantities compared, confirmed, and read back.
//!
//! Tryton keeps the expected quantity when a draft is made and, on confirmation, applies the difference.
//! So a move in between is kept, while two drafts of one product would add up: there is at most one.

use super::catalog::{Place, Product};
use super::levels::{Found, counts};
use super::rpc::{Rpc, Search};
use crate::connectors::{Cell, Context, Failure, RowAnswer, Seen, WriteRow, units};
use crate::model::LocationId;
use crate::model::quantity::{Decimal, Ratio};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What our inventories' numbers begin with.
const MARK: &str = "onhand-";

/// The column that is written.
const COLUMN: &str = "on-hand";

/// A field, and what is wrong with it.
type Fault = (&'static str, String);

/// What some cells show now, and whether each could be written.
pub(super) async fn inspect(
    rpc: &mut Rpc,
    context: &Context,
    found: &Found<'_>,
    cells: &[Cell],
) -> Result<Vec<Seen>, Failure> {
    let mut wanted: BTreeMap<LocationId, Vec<i64>> = BTreeMap::new();
    for cell in cells {
        if let Some(product) = found.products.only(cell.code) {
            wanted.entry(cell.location).or_default().push(product.id);
        }
    }
    let mut shown: BTreeMap<(LocationId, i64), Decimal> = BTreeMap::new();
    for place in found.places {
        let Some(ids) = wanted.get(&place.location) else { continue };
        let counts = counts(rpc, place.id, ids).await?;
        let values = counts.by_product.into_iter();
        shown.extend(values.filter_map(|(id, value)| Some(((place.location, id), value?))));
    }
    let seen = cells.iter().map(|cell| match target(context, found, *cell) {
        Ok((_, product)) => seen(shown.get(&(cell.location, product.id)).copied(), None),
        Err((_, reason)) => {
            let product = found.products.only(cell.code);
            let value = product.and_then(|product| shown.get(&(cell.location, product.id)).copied());
            seen(value, Some(rpc.wire.clean(&reason)))
        }
    });
    Ok(seen.collect())
}

fn seen(value: Option<Decimal>, refused: Option<String>) -> Seen {
    let Some(value) = value else {
        let refused = refused.or_else(|| Some("Tryton shows no count for it any more".to_owned()));
        return Seen { refused, ..Seen::default() };
    };
    match value.times(Ratio::ONE, true) {
        Ok(whole) => Seen { exists: true, values: vec![(COLUMN.to_owned(), whole)], log: None, refused },
        Err(_) => {
            let why = format!("Tryton shows {value}, and only whole numbers of the mapped unit are written");
            Seen { exists: true, values: vec![], log: None, refused: refused.or(Some(why)) }
        }
    }
}

/// The place and the product of a cell, or why no count can be written there.
fn target<'f>(
    context: &Context,
    found: &'f Found<'_>,
    cell: Cell,
) -> Result<(&'f Place, &'f Product), Fault> {
    let code = &context.model.code(cell.code).code;
    let name = &context.model.location(cell.location).name;
    let place = found.places.iter().find(|place| place.location == cell.location);
    let place =
        place.ok_or_else(|| ("location", format!("location `{name}` is not mapped in this system")))?;
    let product = match found.products.by_code.get(&cell.code).map(Vec::as_slice) {
        Some([product]) => product,
        Some([_, ..]) => {
            return Err(("code", format!("several products share the code `{code}`: give each its own")));
        }
        _ => return Err(("code", format!("Tryton has no active product with the code `{code}`"))),
    };
    if place.kind != "storage" {
        let what = format!(
            "`{}` is a {}, and Tryton counts at storage locations only: map its storage location instead",
            place.code, place.kind
        );
        return Err(("location", what));
    }
    if place.has_inner {
        let what = format!(
            "`{}` has locations inside it, and Tryton counts each by itself: map the innermost location \
             instead",
            place.code
        );
        return Err(("location", what));
    }
    if product.kind != "goods" {
        return Err((
            "type",
            format!("`{code}` is a {} in Tryton, and only goods are counted", product.kind),
        ));
    }
    if product.lot_required {
        return Err((
            "lot",
            format!("lot-tracked: `{code}` is counted by lot, so write its counts in Tryton"),
        ));
    }
    if !units::agrees(&context.model, context.model.code(cell.code), Some(&product.unit)) {
        let what = format!(
            "Tryton counts `{code}` in `{}`, the topology maps it in `{}`: make the two agree",
            product.unit,
            context.model.code(cell.code).measure.unit
        );
        return Err(("unit", what));
    }
    Ok((place, product))
}

/// One row that may be tried.
struct Job<'a> {
    /// Its place among the answers.
    at: usize,
    row: &'a WriteRow,
    product: i64,
}

/// Writes rows: one inventory a location, one after the other.
pub(super) async fn write(
    rpc: &mut Rpc,
    context: &Context,
    found: &Found<'_>,
    rows: &[WriteRow],
) -> Result<Vec<RowAnswer>, Failure> {
    let mut answers: BTreeMap<usize, RowAnswer> = BTreeMap::new();
    let mut groups: BTreeMap<LocationId, (&Place, Vec<Job<'_>>)> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        match checked(context, found, row) {
            Ok((place, product)) => {
                let job = Job { at, row, product: product.id };
                groups.entry(row.cell.location).or_insert((place, Vec::new())).1.push(job);
            }
            Err((field, message)) => {
                let message = rpc.wire.clean(&message);
                answers.insert(at, RowAnswer::Rejected { field: field.to_owned(), message });
            }
        }
    }
    let mut wrote = false;
    for (place, jobs) in groups.into_values() {
        // Halves that wait; a refused inventory is split until the bad row stands alone.
        let mut waiting = vec![jobs];
        while let Some(mut jobs) = waiting.pop() {
            match inventory(rpc, place, &jobs).await {
                Ok(done) => {
                    wrote |= done.values().any(|answer| matches!(answer, RowAnswer::Written { .. }));
                    answers.extend(done);
                }
                Err(Failure::Rejected { message }) => match &jobs[..] {
                    [job] => {
                        answers.insert(job.at, RowAnswer::Rejected { field: String::new(), message });
                    }
                    _ => {
                        waiting.push(jobs.split_off(jobs.len() / 2));
                        waiting.push(jobs);
                    }
                },
                Err(failure) if !wrote => return Err(failure),
                // Part of the batch is written, so the batch as a whole has to be looked at again.
                Err(failure) => return Err(Failure::Unknown { message: failure.message().to_owned() }),
            }
        }
    }
    Ok(answers.into_values().collect())
}

/// The place and product of a row, or why it cannot be written.
fn checked<'f>(
    context: &Context,
    found: &'f Found<'_>,
    row: &WriteRow,
) -> Result<(&'f Place, &'f Product), Fault> {
    if row.after < 0 {
        return Err(("quantity", format!("Tryton takes no count below 0, and this one is {}", row.after)));
    }
    if row.column != COLUMN {
        return Err(("column", format!("`{}` cannot be written to Tryton: only on-hand can", row.column)));
    }
    target(context, found, row.cell)
}

#[derive(Deserialize)]
struct Inventory {
    id: i64,
    state: String,
}

#[derive(Deserialize)]
struct Line {
    id: i64,
    product: i64,
    inventory: i64,
    #[serde(rename = "inventory.")]
    parent: Parent,
    expected_quantity: Box<RawValue>,
}

#[derive(Deserialize)]
struct Parent {
    number: Option<String>,
}

/// One inventory from draft to done. An answer a job, by its place; `Err` means that nothing was written,
/// or that nobody knows.
async fn inventory(
    rpc: &mut Rpc,
    place: &Place,
    jobs: &[Job<'_>],
) -> Result<BTreeMap<usize, RowAnswer>, Failure> {
    let number = number(jobs);
    if let Some(id) = settle(rpc, &number).await? {
        let lines = lines_of(rpc, json!([["inventory", "=", id]])).await?;
        let answer = |job: &Job<'_>| match lines.iter().any(|line| line.product == job.product) {
            true => RowAnswer::Written { compared: true },
            false => RowAnswer::Moved { found: None },
        };
        return Ok(jobs.iter().map(|job| (job.at, answer(job))).collect());
    }
    let id = create(rpc, place, &number, jobs).await?;
    let checked = match compare(rpc, place, id, jobs).await {
        Ok(checked) => checked,
        Err(failure) => {
            give_up(rpc, id).await;
            return Err(failure);
        }
    };
    if !checked.good.is_empty() {
        if !checked.bad_lines.is_empty() {
            let removed: Result<Value, Failure> =
                rpc.change("model.stock.inventory.line.delete", json!(checked.bad_lines)).await;
            if let Err(failure) = removed {
                give_up(rpc, id).await;
                return Err(failure);
            }
        }
        confirm(rpc, id).await?;
    } else {
        give_up(rpc, id).await;
    }
    let mut answers = checked.refused;
    answers.extend(checked.good.iter().map(|at| (*at, RowAnswer::Written { compared: true })));
    let differing: Vec<&Job<'_>> = jobs.iter().filter(|job| checked.differing.contains(&job.at)).collect();
    let ids: Vec<i64> = differing.iter().map(|job| job.product).collect();
    // The count is done; where it cannot be read again the rows have moved all the same.
    let now = counts(rpc, place.id, &ids).await.unwrap_or_default();
    for job in differing {
        let value = now.by_product.get(&job.product).copied().flatten();
        answers.insert(job.at, moved(job, place, value));
    }
    Ok(answers)
}

/// What came of a row whose draft expected another number than the plan.
fn moved(job: &Job<'_>, place: &Place, value: Option<Decimal>) -> RowAnswer {
    let found = value.map(|value| seen(Some(value), None));
    if found.as_ref().is_some_and(|seen| seen.value(COLUMN) == Some(before(job.row))) {
        let message = format!(
            "Tryton shows {} at `{}`, yet a count there starts from another number: part of it stands under \
             lots \
             or in locations inside; count it in Tryton",
            before(job.row),
            place.code
        );
        return RowAnswer::Rejected { field: "expected_quantity".to_owned(), message };
    }
    RowAnswer::Moved { found }
}

fn before(row: &WriteRow) -> i64 {
    row.before.iter().find(|(name, _)| name == COLUMN).map_or(0, |(_, value)| *value)
}

/// Looks for an inventory of this number from an earlier try: the id of a done one; a draft is deleted,
/// since its expected quantities may be old.
async fn settle(rpc: &mut Rpc, number: &str) -> Result<Option<i64>, Failure> {
    // Twice: where a draft cannot be deleted, an earlier confirmation has just come through.
    for _ in 0..2 {
        let found: Vec<Inventory> = rpc.search(inventories(json!([["number", "=", number]]))).await?;
        if let Some(done) = found.iter().find(|inventory| inventory.state == "done") {
            return Ok(Some(done.id));
        }
        let drafts: Vec<i64> = found.iter().filter(|i| i.state == "draft").map(|i| i.id).collect();
        if drafts.is_empty() {
            return Ok(None);
        }
        let deleted: Result<Value, Failure> = rpc.change("model.stock.inventory.delete", json!(drafts)).await;
        match deleted {
            Ok(_) => return Ok(None),
            Err(Failure::Rejected { .. }) => {}
            Err(failure) => return Err(failure),
        }
    }
    let what =
        format!("inventory {number} of an earlier try can neither be confirmed nor deleted: do so in Tryton");
    Err(rpc.wire.rejected(&what))
}

fn inventories(domain: Value) -> Search<'static> {
    Search { model: "stock.inventory", domain, limit: None, fields: &["state"], context: json!({}) }
}

async fn create(rpc: &mut Rpc, place: &Place, number: &str, jobs: &[Job<'_>]) -> Result<i64, Failure> {
    let lines: Vec<Value> =
        jobs.iter().map(|job| json!({"product": job.product, "quantity": job.row.after})).collect();
    let values = json!([{
        "location": place.id,
        "company": rpc.company(),
        "number": number,
        "lines": [["create", lines]],
    }]);
    let ids: Vec<i64> = rpc.change("model.stock.inventory.create", values).await?;
    let unclear =
        || Failure::Unknown { message: rpc.wire.says("a draft inventory was made, but no id came back") };
    ids.first().copied().ok_or_else(unclear)
}

async fn lines_of(rpc: &mut Rpc, domain: Value) -> Result<Vec<Line>, Failure> {
    let fields = &["product", "inventory", "inventory.number", "expected_quantity"];
    rpc.search(Search { model: "stock.inventory.line", domain, limit: None, fields, context: json!({}) })
        .await
}

/// How the lines of a fresh draft stand to what the plan knew.
#[derive(Default)]
struct Compared {
    /// Rows to confirm, by place.
    good: Vec<usize>,
    /// Rows for which the draft expects another number.
    differing: Vec<usize>,
    /// Rows that are refused.
    refused: BTreeMap<usize, RowAnswer>,
    /// Lines to take out of the draft.
    bad_lines: Vec<i64>,
}

async fn compare(rpc: &mut Rpc, place: &Place, id: i64, jobs: &[Job<'_>]) -> Result<Compared, Failure> {
    let products: Vec<i64> = jobs.iter().map(|job| job.product).collect();
    let domain = json!([
        ["inventory.state", "=", "draft"],
        ["inventory.location", "=", place.id],
        ["product", "in", products],
    ]);
    let mut ours: BTreeMap<i64, Line> = BTreeMap::new();
    let mut others: BTreeMap<i64, String> = BTreeMap::new();
    let mut left_over: Vec<i64> = Vec::new();
    for line in lines_of(rpc, domain).await? {
        let number = line.parent.number.clone().unwrap_or_else(|| format!("with the id {}", line.inventory));
        if line.inventory == id {
            ours.insert(line.product, line);
        } else if number.starts_with(MARK) {
            left_over.push(line.inventory);
        } else {
            others.insert(line.product, number);
        }
    }
    if !left_over.is_empty() {
        left_over.sort_unstable();
        left_over.dedup();
        let _: Value = rpc.change("model.stock.inventory.delete", json!(left_over)).await?;
    }
    let mut compared = Compared::default();
    for job in jobs {
        let refused = |field: &str, message: String| RowAnswer::Rejected { field: field.to_owned(), message };
        let Some(line) = ours.get(&job.product) else {
            compared
                .refused
                .insert(job.at, refused("product", "Tryton took no line for this product".to_owned()));
            continue;
        };
        let expected = Decimal::parse(line.expected_quantity.get()).ok();
        let expected = expected.and_then(|value| value.times(Ratio::ONE, true).ok());
        if let Some(number) = others.get(&job.product) {
            let message = rpc.wire.clean(&format!(
                "inventory {number} is open at `{}` and counts this product too, and two counts would add \
                 up: \
                 confirm or delete it in Tryton, then try again",
                place.code
            ));
            compared.refused.insert(job.at, refused("inventory", message));
        } else if expected == Some(before(job.row)) {
            compared.good.push(job.at);
            continue;
        } else {
            compared.differing.push(job.at);
        }
        compared.bad_lines.push(line.id);
    }
    Ok(compared)
}

/// Confirms, and reads the state back. A refusal may mean that an earlier request came through.
async fn confirm(rpc: &mut Rpc, id: i64) -> Result<(), Failure> {
    let confirmed: Result<Value, Failure> = rpc.change("model.stock.inventory.confirm", json!([id])).await;
    let refusal = match confirmed {
        Ok(_) => None,
        Err(failure @ (Failure::Rejected { .. } | Failure::Denied { .. })) => Some(failure),
        Err(failure) => return Err(failure),
    };
    let found: Result<Vec<Inventory>, Failure> = rpc.search(inventories(json!([["id", "=", id]]))).await;
    let done = match &found {
        Ok(found) => found.iter().any(|inventory| inventory.state == "done"),
        Err(_) => false,
    };
    match (done, refusal, found) {
        (true, _, _) => Ok(()),
        (false, Some(refusal), _) => {
            give_up(rpc, id).await;
            Err(refusal)
        }
        (false, None, Err(failure)) => Err(Failure::Unknown { message: failure.message().to_owned() }),
        (false, None, Ok(_)) => {
            let message = rpc.wire.says("an inventory was confirmed, yet it is not done");
            Err(Failure::Unknown { message })
        }
    }
}

/// Takes a draft away that will not be confirmed. One that cannot be deleted now is deleted before the
/// next count of these products.
async fn give_up(rpc: &mut Rpc, id: i64) {
    let _: Result<Value, Failure> = rpc.change("model.stock.inventory.delete", json!([id])).await;
}

/// The number of an inventory: the same for the same rows with the same keys, and only for them.
fn number(jobs: &[Job<'_>]) -> String {
    let first = jobs.first().map_or("", |job| &job.row.key);
    match jobs.len() {
        0 | 1 => format!("{MARK}{first}"),
        count => format!("{MARK}{first}-and-{}-{:016x}", count - 1, fingerprint(jobs)),
    }
}

/// FNV-1a over all keys: it need not withstand intent, only accidents.
fn fingerprint(jobs: &[Job<'_>]) -> u64 {
    let bytes = jobs.iter().flat_map(|job| job.row.key.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

//! Writing stock on hand: one mutation a batch, all of it or nothing.

use super::admin::{Admin, Ask, GraphError};
use super::places::Places;
use super::variants::Known;
use super::variants::seen;
use crate::connectors::{Context, Failure, RowAnswer, Seen, WriteRow, differs};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One field: several in one mutation under aliases would not be all or nothing.
const UPDATE: &str = "mutation($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) \
                      { id stockLevels { stockLocationId stockOnHand } } }";

/// Vendure's limit of a request's body is 100 KiB; the query and the rest need some of it.
const LARGEST_INPUT: usize = 100_000;

/// How many bad variants are left out, one after the other, before the batch is given back whole.
const TRIES: usize = 5;

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "updateProductVariants")]
    variants: Vec<Option<Written>>,
}

#[derive(Deserialize)]
struct Written {
    id: String,
    #[serde(rename = "stockLevels")]
    levels: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    #[serde(rename = "stockLocationId")]
    location: String,
    #[serde(rename = "stockOnHand")]
    on_hand: i64,
}

/// Rows to send, by variant and location: their place among the answers, and the number.
type Input = BTreeMap<(String, String), (usize, i64)>;

/// Writes a batch. Vendure compares nothing, so `found` is a look right before it: rows that show something
/// else than the plan knew are left alone. An error that names a variant refuses its rows, and the others
/// are sent again; any
/// other refusal is about the batch.
pub(super) async fn write(
    admin: &mut Admin,
    context: &Context,
    found: (&Known, &Places),
    rows: &[WriteRow],
) -> Result<Vec<RowAnswer>, Failure> {
    let mut answers: BTreeMap<usize, RowAnswer> = BTreeMap::new();
    let mut input = Input::new();
    for (at, row) in rows.iter().enumerate() {
        let now = seen(&admin.wire, context, found, row.cell);
        if let Some(answer) = stopped(row, now) {
            answers.insert(at, answer);
            continue;
        }
        let taken = key(context, found, row).and_then(|key| match input.contains_key(&key) {
            true => Err((
                "stockLocationId",
                "two rows of one batch write this level: the last would win".to_owned(),
            )),
            false => Ok(input.insert(key, (at, row.after))),
        });
        if let Err((field, message)) = taken {
            answers.insert(at, RowAnswer::Rejected { field: field.to_owned(), message });
        }
    }
    for _ in 0..TRIES {
        if input.is_empty() {
            break;
        }
        let ask = Ask { query: UPDATE, variables: variables(admin, &input)?, safe: false };
        match admin.try_ask::<Data>(ask).await? {
            Ok(data) => {
                answers.extend(judge(&input, &data));
                return Ok(answers.into_values().collect());
            }
            Err(error) => refuse(admin, &mut input, &mut answers, &error)?,
        }
    }
    match input.is_empty() {
        true => Ok(answers.into_values().collect()),
        false => {
            Err(admin.wire.rejected("too many rows of this batch are refused: nothing of it was written"))
        }
    }
}

/// Why a row is not sent: it is refused, or it is no longer what the plan knew.
fn stopped(row: &WriteRow, now: Seen) -> Option<RowAnswer> {
    if let Some(message) = now.refused {
        return Some(RowAnswer::Rejected { field: String::new(), message });
    }
    let moved = row.create == now.exists || (!row.create && differs(&row.before, &now));
    moved.then_some(RowAnswer::Moved { found: Some(now) })
}

/// The variant's and the location's id of a row, or why it cannot be written.
fn key(
    context: &Context,
    (known, places): (&Known, &Places),
    row: &WriteRow,
) -> Result<(String, String), (&'static str, String)> {
    let sku = &context.model.code(row.cell.code).code;
    if row.column != "on-hand" {
        return Err(("column", format!("`{}` cannot be written to Vendure: only on-hand can", row.column)));
    }
    if i32::try_from(row.after).is_err() {
        return Err((
            "stockOnHand",
            format!("Vendure takes whole numbers of 32 bits, and {} is larger", row.after),
        ));
    }
    let variant = known.id(row.cell.code);
    let variant =
        variant.ok_or_else(|| ("sku", format!("no variant, or more than one, has the SKU `{sku}`")))?;
    let place = places.ids.get(&row.cell.location);
    let place =
        place.ok_or_else(|| ("stockLocationId", "the location is not mapped in this system".to_owned()))?;
    Ok((variant.to_owned(), place.clone()))
}

fn variables(admin: &Admin, input: &Input) -> Result<Value, Failure> {
    let mut variants: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for ((variant, place), (_, after)) in input {
        variants.entry(variant).or_default().push(json!({"stockLocationId": place, "stockOnHand": after}));
    }
    let list: Vec<Value> =
        variants.into_iter().map(|(id, levels)| json!({"id": id, "stockLevels": levels})).collect();
    let variables = json!({"i": list});
    if variables.to_string().len() > LARGEST_INPUT {
        return Err(admin.wire.rejected("the batch is above Vendure's 100 KiB: write fewer rows at once"));
    }
    Ok(variables)
}

/// Vendure answers with the levels as they stand after the write, inside its transaction.
fn judge(input: &Input, data: &Data) -> BTreeMap<usize, RowAnswer> {
    let mut shown: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for variant in data.variants.iter().flatten() {
        for level in &variant.levels {
            shown.insert((&variant.id, &level.location), level.on_hand);
        }
    }
    let answers = input.iter().map(|((variant, place), (at, after))| {
        let answer = match shown.get(&(variant.as_str(), place.as_str())) {
            Some(value) if value == after => RowAnswer::Written { compared: false },
            _ => RowAnswer::Moved { found: None },
        };
        (*at, answer)
    });
    answers.collect()
}

/// Takes the rows out that an error names, by the variant's id in quotes; an error that names none is
/// about the whole batch, or about its only variant.
fn refuse(
    admin: &Admin,
    input: &mut Input,
    answers: &mut BTreeMap<usize, RowAnswer>,
    error: &GraphError,
) -> Result<(), Failure> {
    let failure = admin.refusal(error);
    let Failure::Rejected { message } = &failure else { return Err(failure) };
    let named = error.message.split('"').skip(1).step_by(2);
    let named: Vec<&str> = named.filter(|id| input.keys().any(|(variant, _)| variant == id)).collect();
    let one = input.len() == 1;
    let bad: Vec<_> =
        input.keys().filter(|(variant, _)| one || named.contains(&variant.as_str())).cloned().collect();
    if bad.is_empty() {
        return Err(failure);
    }
    for key in bad {
        if let Some((at, _)) = input.remove(&key) {
            answers.insert(at, RowAnswer::Rejected { field: "id".to_owned(), message: message.clone() });
        }
    }
    Ok(())
}

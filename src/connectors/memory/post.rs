//! What is posted to a system in memory: its documents, what they do to its counts, and finding them again.

use crate::connectors::Context;
use crate::connectors::count::plus;
use crate::model::moved::{Found, FoundLine, PostLine, Posted, Posting};
use crate::model::movement::Movement;
use crate::model::observation::OpenLine;
use crate::model::quantity::Decimal;
use crate::model::{LocationId, Name};
use crate::world::store::{Place, Store, StoredDocument, StoredPart};

/// Why a posting is refused: the field, and what to say.
type Refused = (&'static str, String);

/// What is new of one line: where the document has it, where it leaves from or comes back to, how much.
struct Step {
    held: Place,
    place: Place,
    amount: Decimal,
}

/// Makes a document, or brings it further, all of its lines or none.
pub fn post(context: &Context, store: &mut Store, posting: &Posting) -> Posted {
    match take(context, store, posting) {
        Ok(number) => Posted::Done { number },
        Err((field, message)) => Posted::Rejected { field: field.to_owned(), message },
    }
}

fn take(context: &Context, store: &mut Store, posting: &Posting) -> Result<String, Refused> {
    let known = store.documents.get(&*posting.reference);
    let mut document = match (posting.movement, known) {
        (Movement::Order | Movement::Cancellation | Movement::Shipment | Movement::Return, Some(known)) => {
            known.clone()
        }
        (Movement::Order, None) => {
            let number = format!("D{}", store.documents.len() + 1);
            StoredDocument { number, ..StoredDocument::default() }
        }
        (Movement::Cancellation | Movement::Shipment | Movement::Return, None) => {
            let message = format!("there is no document `{}`; post its order first", posting.reference);
            return Err(("reference", message));
        }
        (other, _) => {
            return Err(("movement", format!("{} are not posted to a system in memory", other.word())));
        }
    };
    let mut steps = Vec::new();
    for line in &posting.lines {
        steps.extend(advance(context, store, (&mut document, posting.movement), line)?);
    }
    let number = document.number.clone();
    store.documents.insert(posting.reference.to_string(), document);
    if store.books {
        steps.iter().for_each(|step| book(store, posting, step));
    }
    Ok(number)
}

/// Brings one line to its total. `None` where it is there already.
fn advance(
    context: &Context,
    store: &Store,
    (document, movement): (&mut StoredDocument, Movement),
    line: &PostLine,
) -> Result<Option<Step>, Refused> {
    let code = context.model.code(line.code).code.to_string();
    if let Some(reason) = store.refuses.get(&code) {
        return Err(("code", reason.clone()));
    }
    let place: Place = (code, line.location.and_then(|at| own_code(context, at)));
    let held = held(store, document, movement, &place);
    let part = document.lines.entry(held.clone()).or_default();
    let (still, back) = (open(part), minus(number(&part.shipped), number(&part.returned)));
    let (done, most) = match movement {
        Movement::Order => (&mut part.ordered, None),
        Movement::Cancellation => (&mut part.cancelled, Some(still)),
        Movement::Shipment => (&mut part.shipped, Some(still)),
        _ => (&mut part.returned, Some(back)),
    };
    let amount = minus(line.total, number(done));
    if amount.digits <= 0 {
        return Ok(None);
    }
    if let Some(most) = most.filter(|most| minus(*most, amount).digits < 0) {
        let message = format!(
            "`{}` line `{}`: {amount} more would be {} where {most} can be",
            document.number,
            place.0,
            movement.word()
        );
        return Err(("quantity", message));
    }
    *done = line.total.to_string();
    let place = if place.1.is_some() { place } else { held.clone() };
    Ok(Some(Step { held, place, amount }))
}

/// Where a document has what a line names: there; else where nobody said from where; else, for a line that
/// names no place, at the first place of the code. A new one of which nobody knows the place is given one.
fn held(store: &Store, document: &StoredDocument, movement: Movement, place: &Place) -> Place {
    let (code, location) = place;
    let anywhere = (code.clone(), None);
    let own = |place: &&Place| place.0 == *code;
    if document.lines.contains_key(place) {
        return place.clone();
    }
    match (movement, location) {
        (Movement::Order, Some(_)) => place.clone(),
        (_, Some(_)) if document.lines.contains_key(&anywhere) => anywhere,
        (_, Some(_)) => place.clone(),
        (_, None) => {
            let given = store.cells.keys().filter(|_| store.books);
            document
                .lines
                .keys()
                .find(own)
                .or_else(|| given.into_iter().find(own))
                .cloned()
                .unwrap_or(anywhere)
        }
    }
}

/// Moves the counts, each where the cell shows it.
fn book(store: &mut Store, posting: &Posting, step: &Step) {
    let back = Decimal { digits: -step.amount.digits, ..step.amount };
    match posting.movement {
        Movement::Order => count(store, (&step.held, "reserved"), step.amount),
        Movement::Cancellation => count(store, (&step.held, "reserved"), back),
        Movement::Shipment => {
            count(store, (&step.held, "reserved"), back);
            count(store, (&step.place, "on-hand"), back);
        }
        _ if posting.sellable => count(store, (&step.place, "on-hand"), step.amount),
        _ => count(store, (&step.place, "damaged"), step.amount),
    }
}

fn count(store: &mut Store, (place, column): (&Place, &str), amount: Decimal) {
    let now = store.cells.get(place).and_then(|columns| columns.get(column));
    let Some(now) = now.and_then(|text| Decimal::parse(text).ok()) else { return };
    if let Some(sum) = plus(now, amount) {
        store.change(place, column, Some(&sum.to_string()));
    }
}

/// The documents of some references.
pub fn find(context: &Context, store: &Store, references: &[Name]) -> Vec<Found> {
    let one = |reference: &Name| {
        let document = store.documents.get(&**reference)?;
        let lines = document.lines.iter().filter_map(|(place, part)| {
            Some(FoundLine {
                code: context.model.find_code(context.system, &place.0)?,
                location: own_place(context, place),
                open: open(part),
                shipped: number(&part.shipped),
                cancelled: number(&part.cancelled),
                returned: number(&part.returned),
            })
        });
        let number = document.number.clone();
        Some(Found { reference: reference.clone(), number, lines: lines.collect() })
    };
    references.iter().filter_map(one).collect()
}

/// What is still open of all documents, with how many lines of it the topology does not know.
pub fn lines(context: &Context, store: &Store) -> (Vec<OpenLine>, u64) {
    let (mut lines, mut ignored) = (Vec::new(), 0);
    for (reference, document) in &store.documents {
        for (at, (place, part)) in document.lines.iter().enumerate() {
            let open = open(part);
            if open.digits <= 0 {
                continue;
            }
            let Some(code) = context.model.find_code(context.system, &place.0) else {
                ignored += 1;
                continue;
            };
            lines.push(OpenLine {
                document: document.number.as_str().into(),
                line: (at + 1).to_string().into(),
                code,
                location: own_place(context, place),
                open,
                unit: None,
                cause: Some(reference.as_str().into()),
            });
        }
    }
    (lines, ignored)
}

/// The system's own code of a location.
fn own_code(context: &Context, location: LocationId) -> Option<String> {
    context.model.location(location).code_in(context.system)?.code.as_deref().map(str::to_owned)
}

/// The location of a place. The one place of a system without locations has no code.
fn own_place(context: &Context, place: &Place) -> Option<LocationId> {
    context.model.find_location(context.system, place.1.as_deref())
}

fn open(part: &StoredPart) -> Decimal {
    minus(minus(number(&part.ordered), number(&part.shipped)), number(&part.cancelled))
}

/// A number of a document; one that was never set is 0.
fn number(text: &str) -> Decimal {
    Decimal::parse(text).unwrap_or_default()
}

/// The difference. Both are counts of one document, so it stays within what a count can be.
fn minus(a: Decimal, b: Decimal) -> Decimal {
    plus(a, Decimal { digits: -b.digits, ..b }).unwrap_or_default()
}

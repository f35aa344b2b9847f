//! Postings to Tryton, against a recording of 8.0 and against answers that go wrong.

use crate::support::erp;
use crate::support::exchange::{self, Recording};
use onhand::connectors::{self, Context, Failure, Session};
use onhand::model::moved::{Found, FoundLine, PostLine, Posted, Posting};
use onhand::model::movement::Movement;
use onhand::model::quantity::Decimal;
use onhand::model::{CodeId, LocationId, Name};
use onhand::world::memory::Memory;
use onhand::world::{HttpError, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Its location, a warehouse, and its codes; the starred one is in kg.
pub const PLACES: [&str; 1] = ["LIL"];
pub const CODES: [&str; 2] = ["MUG-WHT", "BEAN-ETH*"];
/// The party of the seed, by its code.
pub const PARTY: &str = "2";

/// A posting of a movement: so much of each code, and so much in all.
pub fn posting(reference: &str, movement: Movement, lines: &[(u32, &str, &str)]) -> Posting {
    let line = |(code, quantity, total): &(u32, &str, &str)| PostLine {
        code: CodeId(*code),
        location: Some(LocationId(0)),
        quantity: Decimal::parse(quantity).unwrap(),
        total: Decimal::parse(total).unwrap(),
    };
    Posting {
        reference: Name::from(reference),
        movement,
        kind: "sale",
        lines: lines.iter().map(line).collect(),
        at: None,
        sellable: true,
        fields: BTreeMap::from([("party", PARTY.to_owned()), ("price", "zero".to_owned())]),
    }
}

/// An order, a part of it sent, a part cancelled, the rest sent, a part of that back.
pub fn course(reference: &str) -> [Posting; 5] {
    [
        posting(reference, Movement::Order, &[(0, "5", "5"), (1, "2.5", "2.5")]),
        posting(reference, Movement::Shipment, &[(0, "2", "2"), (1, "1.2", "1.2")]),
        posting(reference, Movement::Cancellation, &[(0, "1", "1")]),
        posting(reference, Movement::Shipment, &[(0, "2", "4"), (1, "1.3", "2.5")]),
        posting(reference, Movement::Return, &[(0, "1", "1"), (1, "0.4", "0.4")]),
    ]
}

/// What is found after each of them: open, shipped, cancelled, returned, of each code.
pub const AFTER: [[[&str; 4]; 2]; 5] = [
    [["5", "0", "0", "0"], ["2.5", "0", "0", "0"]],
    [["3", "2", "0", "0"], ["1.3", "1.2", "0", "0"]],
    [["2", "2", "1", "0"], ["1.3", "1.2", "0", "0"]],
    [["0", "4", "1", "0"], ["0", "2.5", "0", "0"]],
    [["0", "4", "1", "1"], ["0", "2.5", "0", "0.4"]],
];

/// What one document says, without its number.
pub fn lines(found: &[Found]) -> Vec<FoundLine> {
    let [found] = found else { panic!("one reference was asked for: {found:?}") };
    found.lines.clone()
}

pub fn expected(step: usize) -> Vec<FoundLine> {
    let line = |(code, sums): (usize, &[&str; 4])| {
        let [open, shipped, cancelled, returned] = sums.map(|text| Decimal::parse(text).unwrap());
        let (code, location) = (CodeId(code as u32), Some(LocationId(0)));
        FoundLine { code, location, open, shipped, cancelled, returned }
    };
    AFTER[step].iter().enumerate().map(line).collect()
}

/// Posts the whole course, each step twice, and looks what is there after each. Played on the real server and on
/// its recording.
pub async fn scenario(context: Context, reference: &str) {
    let mut session = connectors::open(context).await.unwrap();
    let references = [Name::from(reference)];
    assert_eq!(session.find(&references).await.unwrap(), []);
    for (step, posting) in course(reference).iter().enumerate() {
        for _ in 0..2 {
            let answers = session.post(std::slice::from_ref(posting)).await.unwrap();
            let [Posted::Done { number }] = &answers[..] else { panic!("{step}: {answers:?}") };
            assert!(!number.is_empty(), "step {step}");
            assert_eq!(lines(&session.find(&references).await.unwrap()), expected(step), "step {step}");
        }
    }
}

fn context(memory: &Memory, writes: bool) -> Context {
    let fields: erp::Fields<'_> = &[
        ("url", "http://erp.test"),
        ("database", "inv"),
        ("user", "syncbot"),
        ("password", "recorded-password"),
    ];
    let model = erp::model(&connectors::tryton::DESCRIPTOR, fields, &PLACES, &CODES);
    erp::context(model, memory.world(), writes)
}

#[tokio::test]
async fn plays_what_was_recorded() {
    let recording = Recording::read(&exchange::kept("tryton-post-8.0"));
    let memory = recording.play();
    scenario(context(&memory, true), "web#1002").await;
    recording.check(&memory);
}

fn result(value: &Value) -> Result<Response, HttpError> {
    let body = json!({"id": 1, "result": value}).to_string().into_bytes();
    Ok(Response { status: 200, headers: vec![], body })
}

async fn session(writes: bool) -> (Memory, Box<dyn Session>) {
    let memory = Memory::default();
    let answers =
        [result(&json!("8.0")), result(&json!([2, "canary-token", null])), result(&json!({"company": 1}))];
    memory.answers.borrow_mut().extend(answers);
    let session = connectors::open(context(&memory, writes)).await.unwrap();
    memory.requests.borrow_mut().clear();
    (memory, session)
}

/// Products, locations and their warehouses, as every posting looks them up first.
fn looked_up() -> [Result<Response, HttpError>; 3] {
    let product = |id: i64, code: &str, unit: &str| json!({"id": id, "code": code, "type": "goods", "default_uom.": {"symbol": unit, "id": 1}});
    [
        result(&json!([product(1, "MUG-WHT", "u"), product(5, "BEAN-ETH", "kg")])),
        result(&json!([{"id": 12, "code": "LIL", "type": "warehouse", "childs": [9, 10, 11]}])),
        result(&json!([{"id": 12, "warehouse": 12}])),
    ]
}

/// What is answered to one posting, and how many requests it took that change something.
async fn answered(
    posting: Posting,
    answers: impl IntoIterator<Item = Result<Response, HttpError>>,
) -> (Result<Vec<Posted>, Failure>, usize) {
    let (memory, mut session) = session(true).await;
    memory.answers.borrow_mut().extend(looked_up().into_iter().chain(answers));
    let answer = session.post(&[posting]).await;
    let changes = memory.requests.borrow().iter().filter(|request| !request.safe).count();
    (answer, changes)
}

fn rejected(answer: Result<Vec<Posted>, Failure>) -> (String, String) {
    match answer.unwrap().remove(0) {
        Posted::Rejected { field, message } => (field, message),
        done => panic!("{done:?}"),
    }
}

#[tokio::test]
async fn a_reading_session_posts_nothing() {
    let (memory, mut session) = session(false).await;
    let order = posting("web#1", Movement::Order, &[(0, "1", "1")]);
    assert!(matches!(session.post(&[order]).await, Err(Failure::Rejected { .. })));
    assert_eq!(memory.requests.borrow().len(), 0);
}

#[tokio::test]
async fn what_tryton_does_not_take_is_refused_by_name() {
    let mut other = posting("web#1", Movement::Order, &[(0, "1", "1")]);
    other.kind = "transfer";
    let twice = posting("web#1", Movement::Order, &[(0, "1", "1"), (0, "1", "2")]);
    let nameless = posting("", Movement::Order, &[(0, "1", "1")]);
    let moved = posting("web#1", Movement::Transfer, &[(0, "1", "1")]);
    for (posting, field) in [(other, "kind"), (twice, "lines"), (nameless, "reference"), (moved, "movement")]
    {
        let (answer, changes) = answered(posting, []).await;
        assert_eq!((rejected(answer).0.as_str(), changes), (field, 0));
    }
}

#[tokio::test]
async fn a_shipment_of_no_order_is_refused() {
    let shipment = posting("web#1", Movement::Shipment, &[(0, "1", "1")]);
    let (answer, changes) = answered(shipment, [result(&json!([]))]).await;
    let (field, message) = rejected(answer);
    assert_eq!((field.as_str(), changes), ("quantity", 0));
    assert!(message.contains("web#1") && message.contains("MUG-WHT"), "{message}");
}

#[tokio::test]
async fn an_unknown_party_is_refused_before_anything_is_made() {
    let order = posting("web#1", Movement::Order, &[(0, "1", "1")]);
    let (answer, changes) = answered(order, [result(&json!([])), result(&json!([]))]).await;
    assert_eq!((rejected(answer).0.as_str(), changes), ("party", 0));
}

/// A sale of the reference, of so many mugs, and nothing else about it.
fn sale(state: &str, quantity: i64, reference: &str) -> [Result<Response, HttpError>; 3] {
    let sale = json!({"id": 3, "number": "S3", "state": state, "reference": reference, "warehouse": 12,
                      "description": null});
    let line = json!({"id": 4, "sale": 3, "product": 1, "quantity": quantity, "unit.": {"symbol": "u", "id": 1},
                      "moves_ignored": [], "moves_recreated": []});
    [result(&json!([sale])), result(&json!([line])), result(&json!([]))]
}

#[tokio::test]
async fn a_sale_that_a_person_cancelled_is_not_made_again() {
    let order = posting("web#1", Movement::Order, &[(0, "2", "2")]);
    let there = sale("cancelled", 2, "web#1").into_iter().chain(sale("cancelled", 2, "web#1"));
    let (answer, changes) = answered(order, there).await;
    assert_eq!((answer.unwrap(), changes), (vec![Posted::Done { number: "S3".to_owned() }], 0));
}

#[tokio::test]
async fn a_reference_is_taken_letter_for_letter() {
    let (memory, mut session) = session(false).await;
    memory.answers.borrow_mut().extend(looked_up());
    memory.answers.borrow_mut().push_back(sale("processing", 2, "WEB#1")[0].clone());
    assert_eq!(session.find(&[Name::from("web#1")]).await.unwrap(), []);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_ends_the_call() {
    let order = posting("web#1", Movement::Order, &[(0, "2", "2")]);
    let lost = [result(&Value::Null), Err(HttpError::NoAnswer("cut".to_owned()))];
    let answers = sale("draft", 2, "web#1").into_iter().chain(sale("draft", 2, "web#1")).chain(lost);
    let (answer, changes) = answered(order, answers).await;
    assert!(matches!(answer, Err(Failure::Unknown { .. })), "{answer:?}");
    assert_eq!(changes, 2, "it was quoted, and whether it was confirmed nobody knows");
}

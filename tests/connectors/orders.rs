//! Vendure's orders as movements, against a recording of 3.7.3 and against the traps of its API.

use crate::support::erp;
use crate::support::exchange::{self, Recording};
use onhand::connectors::{self, Context, HORIZON, Session};
use onhand::model::CodeId;
use onhand::model::moved::{Moved, Movements};
use onhand::model::movement::Movement;
use onhand::model::time::Moment;
use onhand::world::memory::Memory;
use onhand::world::{HttpError, Response};
use serde_json::{Value, json};

/// Its locations, and codes.
pub const PLACES: [&str; 2] = ["Rotterdam", "Lille"];
pub const CODES: [&str; 2] = ["WEB-MUG-WHT", "WEB-TEA-EG"];

/// The order of the scenario, of 5 mugs and 2 teas, of which 2 mugs were cancelled, 3 sent, and 2 of those sent
/// back: its code, its lines, its fulfilment.
pub struct Made([String; 4]);

impl Made {
    pub fn new(code: String, [mug, tea, sent]: [&Value; 3]) -> Made {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Made([code, text(mug), text(tea), text(sent)])
    }

    /// As one word.
    pub fn text(&self) -> String {
        self.0.join(" ")
    }

    fn read(text: &str) -> Made {
        let title: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let made = title["recorded"].as_str().unwrap().split_once("; ").unwrap().1;
        let made: Vec<String> = made.split(' ').map(str::to_owned).collect();
        Made(made.try_into().unwrap())
    }
}

/// What was moved, as a sentence.
fn said(moved: &Moved) -> String {
    let of = moved.of.as_ref().map(|(document, line)| format!(" of {document}/{line}")).unwrap_or_default();
    format!("{} {} {}{of}", moved.movement.word(), moved.quantity, moved.line)
}

/// Reads all and what has changed. Played on the real server and on its recording.
pub async fn scenario(context: Context, made: &Made) {
    let mut session = connectors::open(context).await.unwrap();
    let whole = session.movements(None).await.unwrap();
    let changed = session.movements(whole.next).await.unwrap();
    let [code, mug, tea, sent] = &made.0;
    for (read, is_whole) in [(&whole, true), (&changed, false)] {
        assert_eq!((&read.about.incomplete, &read.failures, read.whole), (&None, &vec![], is_whole));
        let own = read.moved.iter().filter(|moved| {
            &*moved.document == code.as_str()
                || moved.of.as_ref().is_some_and(|(own, _)| &**own == code.as_str())
        });
        let own: Vec<&Moved> = own.collect();
        let told: Vec<String> = own.iter().map(|moved| said(moved)).collect();
        let expected = [
            format!("orders 5 {mug}"),
            format!("orders 2 {tea}"),
            format!("cancellations 2 {mug} of {code}/{mug}"),
            format!("shipments 3 {mug} of {code}/{mug}"),
            format!("returns 2 {mug} of {code}/{mug}"),
        ];
        assert_eq!(told, expected);
        assert_eq!(&*own[3].document, sent.as_str(), "a shipment is named by its fulfilment");
        assert!(own.iter().all(|moved| moved.at.is_some() && moved.location.is_none()), "{own:?}");
    }
    let next = whole.next.unwrap();
    assert!(changed.next.unwrap() >= next, "the shop's clock goes on");
}

fn context(memory: &Memory) -> Context {
    let fields: erp::Fields<'_> = &[("url", "http://shop.test"), ("key", "canary-key")];
    erp::context(erp::model(&connectors::vendure::DESCRIPTOR, fields, &PLACES, &CODES), memory.world(), false)
}

#[tokio::test]
async fn plays_what_was_recorded() {
    let text = exchange::kept("vendure-orders-3.7");
    let recording = Recording::read(&text);
    let memory = recording.play();
    scenario(context(&memory), &Made::read(&text)).await;
    recording.check(&memory);
}

const NOW: &str = "Sun, 22 Nov 2026 12:00:00 GMT";

fn data(value: &Value) -> Result<Response, HttpError> {
    let body = json!({"data": value}).to_string().into_bytes();
    Ok(Response { status: 200, headers: vec![("date".to_owned(), NOW.to_owned())], body })
}

fn places(count: usize) -> Result<Response, HttpError> {
    let all = [json!({"id": "1", "name": "Rotterdam"}), json!({"id": "2", "name": "Lille"})];
    let items: Vec<&Value> = all.iter().take(count).collect();
    let list = json!({"totalItems": count, "items": items});
    data(&json!({"activeChannel": {"token": "web"}, "stockLocations": list}))
}

fn page(orders: &[Value]) -> Result<Response, HttpError> {
    data(&json!({"orders": {"totalItems": orders.len(), "items": orders}}))
}

/// An order of one line `7`: how many are left and how many were placed, and what happened.
fn order(left: i64, placed: i64, more: Value) -> Value {
    let line = json!({"id": "7", "quantity": left, "orderPlacedQuantity": placed,
                      "productVariant": {"sku": "WEB-MUG-WHT"}});
    let mut order = json!({"id": "1", "code": "ORD", "state": "PaymentSettled", "type": "Regular",
        "createdAt": "2026-11-22T09:00:00.000Z", "updatedAt": "2026-11-22T09:00:00.000Z",
        "orderPlacedAt": "2026-11-22T09:00:00.000Z", "lines": [line], "fulfillments": [],
        "modifications": [], "history": {"totalItems": 0, "items": []}});
    for (key, value) in more.as_object().unwrap() {
        order[key] = value.clone();
    }
    order
}

fn entry(id: u64, kind: &str, data: Value) -> Value {
    json!({"id": id.to_string(), "type": kind, "createdAt": "2026-11-22T10:00:00.000Z", "data": data})
}

fn history(entries: &[Value]) -> Value {
    json!({"totalItems": entries.len(), "items": entries})
}

fn cancel(id: u64, quantity: i64) -> Value {
    entry(id, "ORDER_CANCELLATION", json!({"lines": [{"orderLineId": 7, "quantity": quantity}]}))
}

fn sent(id: u64, fulfilment: u64) -> Value {
    entry(id, "ORDER_FULFILLMENT", json!({"fulfillmentId": fulfilment}))
}

fn undone(id: u64, fulfilment: u64) -> Value {
    let data = json!({"fulfillmentId": fulfilment, "from": "Shipped", "to": "Cancelled"});
    entry(id, "ORDER_FULFILLMENT_TRANSITION", data)
}

fn fulfilment(id: u64, state: &str, quantity: i64) -> Value {
    json!({"id": id.to_string(), "state": state, "createdAt": "2026-11-22T10:00:00.000Z",
           "updatedAt": "2026-11-22T10:00:00.000Z", "lines": [{"orderLineId": "7", "quantity": quantity}]})
}

async fn session(memory: &Memory) -> Box<dyn Session> {
    memory.answers.borrow_mut().push_back(places(2));
    connectors::open(context(memory)).await.unwrap()
}

/// A whole read of these orders.
async fn read(orders: &[Value]) -> Movements {
    let memory = Memory::default();
    let mut session = session(&memory).await;
    memory.answers.borrow_mut().extend([places(2), page(orders)]);
    session.movements(None).await.unwrap()
}

async fn told(order: Value) -> Vec<String> {
    let read = read(&[order]).await;
    assert_eq!(read.failures, []);
    read.moved.iter().map(said).collect()
}

/// Why an order's line could not be read; nothing of it may have been.
async fn fault(order: Value) -> String {
    let read = read(&[order]).await;
    assert_eq!(read.moved, []);
    let [failure] = &read.failures[..] else { panic!("{:?}", read.failures) };
    assert_eq!((failure.code, &*failure.record), (Some(CodeId(0)), "order ORD line 7"));
    format!("{}: {}", failure.field, failure.reason)
}

#[tokio::test]
async fn a_cancellation_takes_what_is_open_before_what_was_sent() {
    let more = json!({"fulfillments": [fulfilment(3, "Shipped", 4)],
                      "history": history(&[sent(1, 3), cancel(2, 5)])});
    let expected =
        ["orders 6 7", "shipments 4 7 of ORD/7", "cancellations 2 7 of ORD/7", "returns 3 7 of ORD/7"];
    assert_eq!(told(order(1, 6, more)).await, expected);
}

#[tokio::test]
async fn pieces_of_a_cancelled_fulfilment_are_open_again() {
    let more = json!({"fulfillments": [fulfilment(3, "Cancelled", 4)],
                      "history": history(&[sent(1, 3), undone(2, 3)])});
    let expected = ["orders 6 7", "orders 4 7/f3", "shipments 4 7 of ORD/7", "returns 4 7 of ORD/7"];
    assert_eq!(told(order(6, 6, more)).await, expected);
    // Two of the four had come back before: only the others are sent again.
    let more = json!({"fulfillments": [fulfilment(3, "Cancelled", 4)],
                      "history": history(&[sent(1, 3), cancel(2, 2), undone(4, 3)])});
    let expected = [
        "orders 4 7",
        "orders 2 7/f3",
        "shipments 4 7 of ORD/7",
        "returns 2 7 of ORD/7",
        "returns 2 7 of ORD/7",
    ];
    assert_eq!(told(order(2, 4, more)).await, expected);
}

#[tokio::test]
async fn a_modification_that_adds_is_an_order_of_its_own() {
    let told_too_little = json!([{"id": "9", "lines": [{"orderLineId": "7", "quantity": -1}]}]);
    let more = json!({"modifications": told_too_little,
                      "history": history(&[entry(1, "ORDER_MODIFIED", json!({"modificationId": 9}))])});
    assert_eq!(told(order(5, 2, more)).await, ["orders 2 7", "orders 3 7/m9"]);
    let two = json!([{"id": "9", "lines": [{"orderLineId": "7", "quantity": 1}]},
                     {"id": "10", "lines": [{"orderLineId": "7", "quantity": 0}]}]);
    let why = fault(order(5, 2, json!({"modifications": two}))).await;
    assert!(why.contains("orderPlacedQuantity") && why.contains("5 were ordered"), "{why}");
}

#[tokio::test]
async fn what_does_not_add_up_is_a_failure_and_no_guess() {
    let why = fault(order(4, 6, json!({}))).await;
    assert!(why.starts_with("orderPlacedQuantity"), "two pieces went away without a word: {why}");
    let why = fault(order(6, 6, json!({"fulfillments": [fulfilment(3, "Shipped", 4)]}))).await;
    assert!(why.starts_with("history"), "{why}");
    let why = fault(order(6, 6, json!({"type": "Aggregate"}))).await;
    assert!(why.starts_with("type"), "{why}");
    let cut = json!({"history": {"totalItems": 1001, "items": []}});
    let why = fault(order(6, 6, cut)).await;
    assert!(why.starts_with("history"), "{why}");
    let more = json!({"fulfillments": [fulfilment(3, "Shipped", 7)], "history": history(&[sent(1, 3)])});
    let why = fault(order(6, 6, more)).await;
    assert!(why.starts_with("fulfillments"), "{why}");
}

#[tokio::test]
async fn a_line_of_a_stranger_is_counted() {
    let line =
        json!({"id": "8", "quantity": 1, "orderPlacedQuantity": 1, "productVariant": {"sku": "OTHER"}});
    let read = read(&[order(1, 1, json!({"lines": [line]}))]).await;
    assert_eq!((read.moved.len(), read.failures.len(), read.about.ignored), (0, 0, 1));
    assert!(read.whole);
}

#[tokio::test]
async fn closed_orders_are_shown_for_a_day() {
    let closed = |stamp: &str| {
        let mut sent_at = sent(1, 3);
        sent_at["createdAt"] = stamp.into();
        let mut done = fulfilment(3, "Shipped", 2);
        done["updatedAt"] = stamp.into();
        order(
            2,
            2,
            json!({"state": "Shipped", "createdAt": "2026-11-01T09:00:00.000Z",
            "updatedAt": "2026-11-01T09:00:00.000Z", "orderPlacedAt": "2026-11-01T09:00:00.000Z",
            "fulfillments": [done], "history": history(&[sent_at])}),
        )
    };
    assert_eq!(HORIZON.as_secs(), 86_400);
    assert_eq!(read(&[closed("2026-11-21T13:00:00.000Z")]).await.moved.len(), 2);
    assert_eq!(read(&[closed("2026-11-21T11:00:00.000Z")]).await.moved.len(), 0);
}

#[tokio::test]
async fn pages_follow_the_moment_of_making() {
    let memory = Memory::default();
    let mut session = session(&memory).await;
    let made = |number: usize, second: usize| {
        let made = format!("2026-11-22T09:00:{second:02}.000Z");
        order(1, 1, json!({"id": number.to_string(), "code": format!("O{number}"), "createdAt": made}))
    };
    let first: Vec<Value> = (0..100).map(|number| made(number, number / 10)).collect();
    // The last second comes again, with one more that was made in it.
    let second: Vec<Value> = (90..101).map(|number| made(number, 9)).collect();
    memory.answers.borrow_mut().extend([places(2), page(&first), page(&second)]);
    memory.requests.borrow_mut().clear();
    let read = session.movements(None).await.unwrap();
    assert_eq!((read.moved.len(), read.about.pages, read.whole), (101, 2, true));
    let body = String::from_utf8(memory.requests.borrow()[2].body.clone()).unwrap();
    assert!(body.contains(r#"{"createdAt":{"after":"2026-11-22T09:00:08Z"}}"#), "{body}");
    // A whole page within one second cannot be gone through.
    let stuck: Vec<Value> = (0..100).map(|number| made(number, 5)).collect();
    memory.answers.borrow_mut().extend([places(2), page(&stuck), page(&stuck)]);
    let read = session.movements(None).await.unwrap();
    assert!(read.about.incomplete.is_some() && !read.whole && read.next.is_none(), "{:?}", read.about);
}

#[tokio::test]
async fn the_shops_clock_says_when_to_go_on() {
    let memory = Memory::default();
    let mut session = session(&memory).await;
    let now = Moment::parse_http(NOW).unwrap();
    let mut silent = page(&[]);
    let mut nowhere = places(2);
    for answer in [&mut silent, &mut nowhere] {
        answer.as_mut().unwrap().headers.clear();
    }
    memory.answers.borrow_mut().extend([places(2), page(&[]), nowhere, silent]);
    let read = session.movements(None).await.unwrap();
    let next = read.next.unwrap();
    assert!(next < now && now.since(next).as_secs() == 300, "an overlap of five minutes");
    assert_eq!(session.movements(None).await.unwrap().next, None, "no clock: the next read is a whole one");
}

#[tokio::test]
async fn changes_are_looked_for_where_they_show() {
    let memory = Memory::default();
    let mut session = session(&memory).await;
    let stamp = |id: &str, updated: &str| json!({"id": id, "createdAt": "2026-11-10T09:00:00.000Z", "fulfillments": [{"updatedAt": updated}]});
    let stamps = [stamp("4", "2026-11-22T11:58:00.000Z"), stamp("5", "2026-11-20T11:58:00.000Z")];
    let late = order(
        1,
        1,
        json!({"id": "4", "state": "Shipped", "fulfillments": [fulfilment(3, "Shipped", 1)],
                                  "history": history(&[sent(1, 3)])}),
    );
    memory.answers.borrow_mut().extend([places(2), page(&stamps), page(&[]), page(&[late])]);
    memory.requests.borrow_mut().clear();
    let since = Moment::parse("2026-11-22T11:55:00Z", "UTC").unwrap();
    let read = session.movements(Some(since)).await.unwrap();
    let movements: Vec<Movement> = read.moved.iter().map(|moved| moved.movement).collect();
    assert_eq!((movements, read.whole), (vec![Movement::Order, Movement::Shipment], false));
    let bodies: Vec<String> =
        memory.requests.borrow().iter().map(|r| String::from_utf8(r.body.clone()).unwrap()).collect();
    assert!(bodies[2].contains(r#""updatedAt":{"after":"2026-11-22T11:50:00Z"}"#), "{}", bodies[2]);
    assert!(bodies[2].contains(r#""orderPlacedAt":{"after":"2026-11-22T11:50:00Z"}"#), "{}", bodies[2]);
    assert!(bodies[3].contains(r#"{"id":{"in":["4"]}}"#), "{}", bodies[3]);
}

/// Where the shop has one location, every line leaves from there.
#[tokio::test]
async fn the_only_location_is_named() {
    let memory = Memory::default();
    let fields: erp::Fields<'_> = &[("url", "http://shop.test"), ("key", "canary-key")];
    for (count, named) in [(1, true), (2, false)] {
        memory.answers.borrow_mut().extend([places(count), places(count), page(&[order(1, 1, json!({}))])]);
        let model = erp::model(&connectors::vendure::DESCRIPTOR, fields, &PLACES[..1], &CODES);
        let context = erp::context(model, memory.world(), false);
        let read = connectors::open(context).await.unwrap().movements(None).await.unwrap();
        assert_eq!(read.moved[0].location.is_some(), named, "{count} in the shop, one of them mapped");
    }
}

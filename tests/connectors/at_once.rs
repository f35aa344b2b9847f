//! Reads in pages: several questions under way where the topology allows it, and never faster than it allows.

use crate::support::erp;
use onhand::connectors::{self, Pace, Session};
use onhand::model::quantity::Decimal;
use onhand::model::time::Rate;
use onhand::model::{CodeId, LocationId, Model};
use onhand::world::memory::Memory;
use onhand::world::{Http, HttpError, Request, Response, Task};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

/// How many codes there are, each with a page of its own.
const CODES: usize = 12;

/// What a crowded server has seen.
#[derive(Default)]
struct Seen {
    under_way: usize,
    most: usize,
    /// What was asked, with the time at which it came.
    asked: Vec<(Value, i64)>,
}

/// A server whose answers take longer for some questions than for others, so that they land out of order.
struct Crowd {
    memory: Memory,
    seen: Rc<RefCell<Seen>>,
    answer: fn(&Value, usize) -> Response,
}

impl Http for Crowd {
    fn send(&self, request: Request) -> Task<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let question: Value = serde_json::from_slice(&request.body).expect("a question is JSON");
            let number = {
                let mut seen = self.seen.borrow_mut();
                seen.asked.push((question.clone(), self.memory.now_ms.get()));
                seen.under_way += 1;
                seen.most = seen.most.max(seen.under_way);
                seen.asked.len()
            };
            for _ in 0..=number * 7 % 5 {
                tokio::task::yield_now().await;
            }
            self.seen.borrow_mut().under_way -= 1;
            Ok((self.answer)(&question, number))
        })
    }
}

async fn opened(
    model: Model,
    answer: fn(&Value, usize) -> Response,
) -> (Rc<RefCell<Seen>>, Box<dyn Session>) {
    let (memory, seen) = (Memory::default(), Rc::default());
    let mut world = memory.world();
    world.http = Box::new(Crowd { memory, seen: Rc::clone(&seen), answer });
    let pace = Rc::new(Pace::of(&model.systems[0]));
    let context = connectors::Context { pace, ..erp::context(model, world, false) };
    (seen, connectors::open(context).await.expect("it opens"))
}

fn ok(value: Value) -> Response {
    Response { status: 200, headers: vec![], body: value.to_string().into_bytes() }
}

fn codes() -> Vec<String> {
    (0..CODES).map(|at| format!("SKU-{at:02}")).collect()
}

/// As Vendure 3.7 answers, as far as a read of levels asks: see `recorded/vendure-3.7.jsonl`.
fn shop(question: &Value, _: usize) -> Response {
    if question["query"].as_str().expect("a query").contains("stockLocations(") {
        let places = json!({"totalItems": 1, "items": [{"id": "1", "name": "Main"}]});
        return ok(json!({"data": {"activeChannel": {"token": "t"}, "stockLocations": places}}));
    }
    let skip = question["variables"]["o"]["skip"].as_u64().expect("a place");
    let level = json!({"stockLocationId": "1", "stockOnHand": 100 + skip, "stockAllocated": 0});
    let variant = json!({"id": (skip + 1).to_string(), "sku": format!("SKU-{skip:02}"), "trackInventory": "TRUE",
        "outOfStockThreshold": 0, "useGlobalOutOfStockThreshold": true, "stockLevels": [level]});
    let settings = json!({"trackInventory": true, "outOfStockThreshold": 0});
    let list = json!({"totalItems": CODES, "items": [variant]});
    ok(json!({"data": {"globalSettings": settings, "productVariants": list}}))
}

/// The same, but the fifth page finds that the login has run out.
fn shop_that_forgets(question: &Value, number: usize) -> Response {
    let query = question["query"].as_str().expect("a query");
    if query.contains("login(") {
        let headers = vec![("vendure-auth-token".to_owned(), format!("token-{number}"))];
        return Response { headers, ..ok(json!({"data": {"login": {"__typename": "CurrentUser"}}})) };
    }
    if number == 8 {
        let forbidden = json!({"message": "no", "extensions": {"code": "FORBIDDEN"}});
        return ok(json!({"errors": [forbidden], "data": null}));
    }
    shop(question, number)
}

const KEY: erp::Fields<'static> = &[("url", "http://shop.test"), ("key", "canary-key")];
const LOGIN: erp::Fields<'static> =
    &[("url", "http://shop.test"), ("user", "sync@example.com"), ("password", "canary-password")];

/// A shop read one variant a page.
fn vendure(fields: erp::Fields<'_>, at_once: Option<u32>, rate: Option<&str>) -> Model {
    let codes = codes();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let mut model = erp::model(&connectors::vendure::DESCRIPTOR, fields, &["Main"], &codes);
    let limit = &mut model.systems[0].limit;
    limit.page = Some(1);
    limit.concurrency = at_once;
    limit.rate = rate.and_then(Rate::parse);
    model
}

async fn read(session: &mut Box<dyn Session>) -> (Vec<(CodeId, Decimal)>, u64) {
    let levels = session.levels().await.expect("it is read");
    assert_eq!((levels.about.incomplete.as_deref(), levels.failures.len()), (None, 0));
    let column = levels.column("on-hand").or(levels.column("quantity")).expect("a count");
    let value = |code: CodeId| {
        let row = levels.find(code, LocationId(0)).expect("its row");
        (code, column.values.get(row).expect("its count"))
    };
    ((0..CODES as u32).map(|code| value(CodeId(code))).collect(), levels.about.pages)
}

fn counts() -> Vec<(CodeId, Decimal)> {
    (0..CODES as u32).map(|code| (CodeId(code), Decimal::whole(100 + i64::from(code)))).collect()
}

#[tokio::test]
async fn as_many_pages_are_under_way_as_the_topology_allows() {
    for (allowed, most) in [(None, 1), (Some(1), 1), (Some(4), 4), (Some(100), CODES - 1)] {
        let (seen, mut session) = opened(vendure(KEY, allowed, Some("1000000/s")), shop).await;
        assert_eq!(read(&mut session).await, (counts(), CODES as u64));
        assert_eq!(seen.borrow().most, most, "allowed: {allowed:?}");
    }
}

#[tokio::test]
async fn a_login_that_runs_out_among_pages_is_renewed_and_nothing_is_read_twice_or_left_out() {
    for allowed in [None, Some(4)] {
        let (seen, mut session) = opened(vendure(LOGIN, allowed, Some("1000000/s")), shop_that_forgets).await;
        assert_eq!(read(&mut session).await, (counts(), CODES as u64));
        let seen = seen.borrow();
        let logins = seen.asked.iter().filter(|(asked, _)| asked["query"].to_string().contains("login("));
        assert_eq!(logins.count(), 2);
    }
}

#[tokio::test]
async fn every_request_waits_for_its_turn_at_the_rate_of_the_topology() {
    for allowed in [None, Some(4)] {
        let (seen, mut session) = opened(vendure(KEY, allowed, Some("4/s")), shop).await;
        assert_eq!(read(&mut session).await.0, counts());
        let times: Vec<i64> = seen.borrow().asked.iter().map(|(_, at)| *at).collect();
        assert!(times.len() > CODES);
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 250), "{times:?}");
    }
}

/// As Tryton 8.0 answers, as far as a read of levels asks: see `recorded/tryton-8.0.jsonl`.
fn tryton(question: &Value, _: usize) -> Response {
    let of = |place: usize| question["params"][0][0][2][place].clone();
    let result = match question["method"].as_str().expect("a method") {
        "common.server.version" => json!("8.0"),
        "common.db.login" => json!([2, "canary-token", null]),
        "model.res.user.get_preferences" => json!({"company": 1}),
        "model.stock.location.search_read" => {
            json!([{"id": 5, "code": "MAIN", "type": "storage", "childs": []}])
        }
        _ if question["params"][4] == json!(["quantity"]) => {
            let id = of(0).as_u64().expect("an id");
            json!([{"id": id, "quantity": 99 + id}])
        }
        _ => {
            let code = of(0);
            let id: u64 = code.as_str().expect("a code")[4..].parse().expect("its number");
            let unit = json!({"symbol": "u", "id": 1});
            json!([{"id": id + 1, "code": code, "type": "goods", "default_uom.": unit}])
        }
    };
    ok(json!({"id": 1, "result": result}))
}

#[tokio::test]
async fn tryton_is_asked_as_many_questions_at_once_as_well() {
    let fields = [
        ("url", "http://erp.test"),
        ("database", "inv"),
        ("user", "syncbot"),
        ("password", "canary-password"),
    ];
    for (allowed, most) in [(None, 1), (Some(3), 3)] {
        let codes = codes();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let mut model = erp::model(&connectors::tryton::DESCRIPTOR, &fields, &["MAIN"], &codes);
        let limit = &mut model.systems[0].limit;
        (limit.page, limit.concurrency, limit.rate) = (Some(1), allowed, Rate::parse("1000000/s"));
        let (seen, mut session) = opened(model, tryton).await;
        assert_eq!(read(&mut session).await.0, counts());
        assert_eq!(seen.borrow().most, most);
    }
}

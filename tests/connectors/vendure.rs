//! Kind `vendure`, against answers recorded from Vendure 3.7.3, and against its traps.

use crate::support::erp;
use crate::support::exchange::Recording;
use onhand::connectors::{self, Cell, Context, Failure, Pace, RowAnswer, WriteRow};
use onhand::model::quantity::Decimal;
use onhand::model::time::Rate;
use onhand::model::{CodeId, LocationId};
use onhand::world::memory::Memory;
use onhand::world::{HttpError, Response};
use serde_json::{Value, json};
use std::rc::Rc;

/// What the scenario is played with.
pub const PASSWORD: &str = "recorded-password";
/// Its locations: one by name, one by id.
pub const PLACES: [&str; 2] = ["Rotterdam", "2"];
/// Its codes.
pub const CODES: [&str; 4] = ["WEB-MUG-WHT", "WEB-TEA-EG", "WEB-TEA-GRN", "WEB-NONE"];
/// What stands where before it.
pub const START: [(&str, &str, i64); 4] =
    [("WEB-MUG-WHT", "1", 120), ("WEB-MUG-WHT", "2", 40), ("WEB-TEA-EG", "1", 144), ("WEB-TEA-EG", "2", 36)];

fn cell(code: u32, location: u32) -> Cell {
    Cell { code: CodeId(code), location: LocationId(location) }
}

fn row(code: u32, location: u32, before: [i64; 3], after: i64) -> WriteRow {
    let names = ["allocated", "on-hand", "threshold"];
    WriteRow {
        cell: cell(code, location),
        column: "on-hand".to_owned(),
        before: names.iter().zip(before).map(|(name, value)| ((*name).to_owned(), value)).collect(),
        after,
        create: false,
        key: "plan7".to_owned(),
    }
}

/// Reads and writes everything once, and checks each answer. Played on the real server and on its recording.
pub async fn scenario(context: Context) {
    let mut session = connectors::open(context).await.unwrap();
    let lines = session.lines().await.unwrap();
    assert!(lines.lines.is_empty() && lines.about.incomplete.is_none());
    let levels = session.levels().await.unwrap();
    assert_eq!(levels.about.incomplete, None);
    let told: Vec<_> = levels.failures.iter().map(|f| (f.code, &*f.field)).collect();
    assert_eq!(told, [(Some(CodeId(2)), "trackInventory"), (Some(CodeId(3)), "sku")]);
    let shown = |code: u32, location: u32, column: &str| {
        let row = levels.find(CodeId(code), LocationId(location)).unwrap();
        levels.column(column).unwrap().values.get(row)
    };
    assert_eq!(shown(0, 0, "on-hand"), Some(Decimal::whole(120)));
    assert_eq!(shown(0, 1, "on-hand"), Some(Decimal::whole(40)));
    let thresholds = [shown(1, 0, "threshold"), shown(1, 1, "threshold"), shown(0, 0, "threshold")];
    assert_eq!(thresholds, [3, 0, 0].map(|n| Some(Decimal::whole(n))), "once, at the lowest location id");
    let seen = session.inspect(&[cell(1, 1), cell(0, 0), cell(2, 0), cell(3, 0)]).await.unwrap();
    assert_eq!((seen[0].value("on-hand"), seen[1].value("on-hand")), (Some(36), Some(120)));
    assert!(seen[0].log.is_some() && seen[0].values.is_sorted(), "{seen:?}");
    let refused: Vec<_> = seen.iter().skip(2).map(|seen| seen.refused.clone().unwrap_or_default()).collect();
    assert!(refused[0].contains("does not track") && refused[1].contains("WEB-NONE"), "{refused:?}");
    let log = session.inspect(&[cell(0, 0)]).await.unwrap()[0].log.unwrap();
    let rows = [
        row(0, 0, [0, 120, 0], 118),
        row(0, 1, [0, 39, 0], 30),
        row(1, 1, [0, 36, 0], 3_000_000_000),
        row(3, 0, [0, 0, 0], 1),
    ];
    let answers = session.write(&rows).await.unwrap();
    assert_eq!(answers[0], RowAnswer::Written { compared: false });
    let RowAnswer::Moved { found: Some(found) } = &answers[1] else { panic!("{answers:?}") };
    assert_eq!(found.value("on-hand"), Some(40));
    let RowAnswer::Rejected { field, .. } = &answers[2] else { panic!("{answers:?}") };
    assert_eq!(field, "stockOnHand");
    assert!(matches!(answers[3], RowAnswer::Rejected { .. }), "{answers:?}");
    let seen = session.inspect(&[cell(0, 0), cell(0, 1)]).await.unwrap();
    assert_eq!((seen[0].value("on-hand"), seen[1].value("on-hand")), (Some(118), Some(40)));
    assert_eq!(seen[0].log, Some(log + 1), "the log holds our adjustment and nothing else");
}

fn context(memory: &Memory, fields: erp::Fields<'_>, writes: bool) -> Context {
    let model = erp::model(&connectors::vendure::DESCRIPTOR, fields, &PLACES, &CODES);
    erp::context(model, memory.world(), writes)
}

const LOGIN: erp::Fields<'static> =
    &[("url", "http://shop.test/"), ("user", "sync@example.com"), ("password", PASSWORD)];
const KEY: erp::Fields<'static> = &[("url", "http://shop.test"), ("key", "canary-key")];

#[tokio::test]
async fn plays_what_was_recorded() {
    let recording = Recording::read(include_str!("recorded/vendure-3.7.jsonl"));
    let memory = recording.play();
    scenario(context(&memory, LOGIN, true)).await;
    recording.check(&memory);
}

fn answer(status: u16, body: &Value) -> Result<Response, HttpError> {
    Ok(Response { status, headers: vec![], body: body.to_string().into_bytes() })
}

fn data(value: Value) -> Result<Response, HttpError> {
    answer(200, &json!({"data": value}))
}

fn error(message: &str, code: Option<&str>) -> Result<Response, HttpError> {
    let extensions = code.map_or(json!({}), |code| json!({"code": code}));
    answer(200, &json!({"errors": [{"message": message, "extensions": extensions}], "data": null}))
}

fn places() -> Result<Response, HttpError> {
    let items = json!([{"id": "1", "name": "Rotterdam"}, {"id": "2", "name": "Lille"}]);
    data(json!({"activeChannel": {"token": "web"}, "stockLocations": {"totalItems": 2, "items": items}}))
}

/// A variant with levels of location, on hand and allocated.
fn variant(id: &str, sku: &str, levels: &[(&str, i64, i64)]) -> Value {
    let level = |(place, on_hand, allocated): &(&str, i64, i64)| json!({"stockLocationId": place, "stockOnHand": on_hand, "stockAllocated": allocated});
    let levels: Vec<Value> = levels.iter().map(level).collect();
    json!({"id": id, "sku": sku, "trackInventory": "INHERIT", "outOfStockThreshold": 9,
           "useGlobalOutOfStockThreshold": true, "stockLevels": levels, "stockMovements": {"totalItems": 4}})
}

/// A page of variants in a shop that tracks inventory and keeps 2 back.
fn page(total: usize, variants: &[Value]) -> Result<Response, HttpError> {
    let settings = json!({"trackInventory": true, "outOfStockThreshold": 2});
    data(json!({"globalSettings": settings, "productVariants": {"totalItems": total, "items": variants}}))
}

async fn session(writes: bool) -> (Memory, Box<dyn connectors::Session>) {
    let memory = Memory::default();
    memory.answers.borrow_mut().push_back(places());
    let session = connectors::open(context(&memory, KEY, writes)).await.unwrap();
    memory.requests.borrow_mut().clear();
    (memory, session)
}

fn script(memory: &Memory, answers: impl IntoIterator<Item = Result<Response, HttpError>>) {
    memory.answers.borrow_mut().extend(answers);
}

const MUG: &str = "WEB-MUG-WHT";
const TEA: &str = "WEB-TEA-EG";

#[tokio::test]
async fn logins_and_keys_that_fail_are_denied() {
    let bad = data(
        json!({"login": {"__typename": "InvalidCredentialsError", "errorCode": "INVALID_CREDENTIALS_ERROR",
                                    "message": "The provided credentials are invalid"}}),
    );
    let memory = Memory::default();
    script(&memory, [bad]);
    let failure = connectors::open(context(&memory, LOGIN, false)).await.err().unwrap();
    assert!(matches!(&failure, Failure::Denied { message } if message.contains("invalid")), "{failure:?}");
    assert_eq!(memory.requests.borrow().len(), 1, "one attempt");
    let memory = Memory::default();
    script(&memory, [error("You are not currently authorized to perform this action", Some("FORBIDDEN"))]);
    let failure = connectors::open(context(&memory, KEY, false)).await.err().unwrap();
    assert!(matches!(failure, Failure::Denied { .. }), "{failure:?}");
    assert_eq!(memory.requests.borrow()[0].url, "http://shop.test/admin-api");
}

#[tokio::test]
async fn a_login_that_ran_out_is_renewed_once() {
    let login = || {
        let headers = vec![("vendure-auth-token".to_owned(), "canary-token".to_owned())];
        let body = json!({"data": {"login": {"__typename": "CurrentUser"}}}).to_string().into_bytes();
        Ok(Response { status: 200, headers, body })
    };
    let forbidden = || error("no", Some("FORBIDDEN"));
    let memory = Memory::default();
    script(&memory, [login(), forbidden(), login(), places(), forbidden()]);
    let mut session = connectors::open(context(&memory, LOGIN, false)).await.unwrap();
    let failure = session.levels().await.unwrap_err();
    assert!(matches!(failure, Failure::Denied { .. }), "{failure:?}");
    assert_eq!(memory.requests.borrow().len(), 5);
}

/// The lock runs out at once, or while the change waits for its turn.
#[tokio::test]
async fn a_write_whose_lock_runs_out_after_its_look_changes_nothing() {
    let recording = Recording::read(include_str!("recorded/vendure-3.7.jsonl"));
    for (rate, left_ms) in [(None, 0), (Rate::parse("1/s"), 1_500)] {
        let memory = recording.play();
        let mut context = context(&memory, LOGIN, true);
        let model = Rc::get_mut(&mut context.model).unwrap();
        model.systems[0].limit.rate = rate;
        context.pace = rate.map_or_else(Rc::default, |_| Rc::new(Pace::of(&model.systems[0])));
        let world = context.world.clone();
        let mut session = connectors::open(context).await.unwrap();
        session.levels().await.unwrap();
        session.inspect(&[cell(1, 1), cell(0, 0), cell(2, 0), cell(3, 0)]).await.unwrap();
        session.inspect(&[cell(0, 0)]).await.unwrap();
        let rows = [
            row(0, 0, [0, 120, 0], 118),
            row(0, 1, [0, 39, 0], 30),
            row(1, 1, [0, 36, 0], 3_000_000_000),
            row(3, 0, [0, 0, 0], 1),
        ];
        world.leaves_until_ms.set(world.clock.now_ms() + left_ms);
        let failure = session.write(&rows).await.unwrap_err();
        assert!(
            matches!(&failure, Failure::Retry { message, .. } if message.contains("was not sent")),
            "{failure:?}"
        );
        let requests = memory.requests.borrow();
        let mutations = requests.iter().filter(|request| !request.safe).count();
        assert_eq!(mutations, 0, "its look is sent, its change is not");
    }
}

#[tokio::test]
async fn pages_are_as_large_as_the_topology_says() {
    let recording = Recording::read(include_str!("recorded/vendure-3.7.jsonl"));
    for (page, asked) in [(None, 500), (Some(7), 7)] {
        let memory = recording.play();
        let mut model = erp::model(&connectors::vendure::DESCRIPTOR, LOGIN, &PLACES, &CODES);
        model.systems[0].limit.page = page;
        let mut session = connectors::open(erp::context(model, memory.world(), false)).await.unwrap();
        // Whatever the recording answers, the question names the size.
        let _ = session.levels().await;
        let requests = memory.requests.borrow();
        let last: Value = serde_json::from_slice(&requests.last().unwrap().body).unwrap();
        assert_eq!(last["variables"]["o"]["take"], asked, "{last}");
    }
}

#[tokio::test]
async fn a_channel_that_the_shop_does_not_have_is_told() {
    let memory = Memory::default();
    script(&memory, [places()]);
    let fields = &[KEY[0], KEY[1], ("channel", "b2b")];
    let failure = connectors::open(context(&memory, fields, false)).await.err().unwrap();
    assert!(failure.message().contains("no channel `b2b`"), "{failure:?}");
    let requests = memory.requests.borrow();
    assert!(requests[0].headers.contains(&("vendure-token".to_owned(), "b2b".to_owned())));
}

#[tokio::test]
async fn locations_are_ids_or_unique_names() {
    let cases = [
        (
            json!([{"id": "1", "name": "Rotterdam"}, {"id": "2", "name": "Lille"}, {"id": "3", "name": "Rotterdam"}]),
            "use the id",
        ),
        (json!([{"id": "2", "name": "Rotterdam"}]), "both mean Vendure's location 2"),
        (json!([{"id": "7", "name": "Gent"}]), "7 (Gent)"),
    ];
    for (items, part) in cases {
        let memory = Memory::default();
        let list = json!({"totalItems": items.as_array().unwrap().len(), "items": items});
        script(&memory, [data(json!({"activeChannel": {"token": "web"}, "stockLocations": list}))]);
        let failure = connectors::open(context(&memory, KEY, false)).await.err().unwrap();
        assert!(matches!(&failure, Failure::Rejected { message } if message.contains(part)), "{failure:?}");
    }
}

#[tokio::test]
async fn thresholds_allocations_and_missing_levels_are_read_as_they_are() {
    let (memory, mut session) = session(false).await;
    let tea = variant("4", TEA, &[("2", 24, 24)]);
    script(&memory, [places(), page(2, &[variant("1", MUG, &[("1", 4, -9), ("2", 5, 0)]), tea])]);
    let levels = session.levels().await.unwrap();
    let column = |name: &str| -> Vec<String> {
        levels.column(name).unwrap().values.iter().map(|value| value.unwrap().to_string()).collect()
    };
    assert_eq!(column("on-hand"), ["4", "5", "24"]);
    assert_eq!(column("allocated"), ["-9", "0", "24"], "Vendure's own mistake is kept, not bounded");
    assert_eq!(column("threshold"), ["2", "0", "0"], "the global one, once");
    assert_eq!(levels.find(CodeId(1), LocationId(0)), None, "a level that is not there stays absent");
    script(&memory, [page(2, &[variant("4", TEA, &[("2", 24, 24)])])]);
    // The page announced two and brought one: nobody knows what the other one is.
    let failure = session.inspect(&[cell(1, 0)]).await;
    assert!(failure.is_err(), "{failure:?}");
    script(&memory, [page(1, &[variant("4", TEA, &[("2", 24, 24)])])]);
    let seen = session.inspect(&[cell(1, 0)]).await.unwrap();
    assert!(!seen[0].exists && seen[0].value("threshold") == Some(2) && seen[0].log == Some(4), "{seen:?}");
}

#[tokio::test]
async fn a_threshold_below_0_that_no_level_bears_is_a_failed_row() {
    let below = |id: &str, sku: &str, levels: &[(&str, i64, i64)]| {
        let mut variant = variant(id, sku, levels);
        (variant["useGlobalOutOfStockThreshold"], variant["outOfStockThreshold"]) = (json!(false), json!(-5));
        variant
    };
    let (memory, mut session) = session(false).await;
    let variants = [below("1", MUG, &[("1", 4, 0), ("2", 5, 0)]), below("4", TEA, &[("2", 24, 0)])];
    script(&memory, [places(), page(2, &variants)]);
    let levels = session.levels().await.unwrap();
    assert_eq!(levels.codes, [CodeId(0); 2], "where the level is there, what is written makes up for it");
    let failed: Vec<_> = levels.failures.iter().filter(|f| f.field == "outOfStockThreshold").collect();
    assert_eq!((failed.len(), failed[0].code), (1, Some(CodeId(1))));
    assert!(failed[0].reason.contains("threshold -5"), "{failed:?}");
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_read_is_incomplete() {
    let (one, two) = (variant("1", MUG, &[("1", 1, 0)]), variant("4", TEA, &[("1", 1, 0)]));
    let pages = [
        vec![page(2, std::slice::from_ref(&one)), page(3, std::slice::from_ref(&two))],
        vec![page(2, std::slice::from_ref(&one)), page(2, std::slice::from_ref(&one))],
        vec![page(2, std::slice::from_ref(&one)), page(2, &[])],
        vec![page(1, &[one.clone(), two.clone()])],
    ];
    for pages in pages {
        let (memory, mut session) = session(false).await;
        script(&memory, [places()].into_iter().chain(pages));
        let levels = session.levels().await.unwrap();
        assert!(levels.about.incomplete.is_some(), "{:?}", levels.about);
    }
}

#[tokio::test]
async fn a_refused_variant_is_left_out_and_the_others_go_through() {
    let (memory, mut session) = session(true).await;
    let both = [variant("1", MUG, &[("1", 4, 0)]), variant("4", TEA, &[("1", 8, 0)])];
    let gone = error("No ProductVariant with the id \"4\" could be found", Some("ENTITY_NOT_FOUND"));
    let written = json!([{"id": "1", "stockLevels": [{"stockLocationId": "1", "stockOnHand": 3}]}]);
    script(&memory, [page(2, &both), gone, data(json!({"updateProductVariants": written}))]);
    let rows = [row(0, 0, [0, 4, 2], 3), row(1, 0, [0, 8, 2], 7)];
    let answers = session.write(&rows).await.unwrap();
    assert_eq!(answers[0], RowAnswer::Written { compared: false });
    assert!(
        matches!(&answers[1], RowAnswer::Rejected { message, .. } if message.contains("ENTITY_NOT_FOUND")),
        "{answers:?}"
    );
    script(&memory, [page(2, &both), error("SqliteError: FOREIGN KEY constraint failed", None)]);
    let failure = session.write(&rows).await.unwrap_err();
    assert!(
        matches!(failure, Failure::Rejected { .. }),
        "an error that names no row is about the batch: {failure:?}"
    );
}

#[tokio::test]
async fn everything_that_a_write_depends_on_is_compared() {
    for before in [[1, 4, 2], [0, 5, 2], [0, 4, 3]] {
        let (memory, mut session) = session(true).await;
        script(&memory, [page(1, &[variant("1", MUG, &[("1", 4, 0)])])]);
        let answers = session.write(&[row(0, 0, before, 3)]).await.unwrap();
        assert!(matches!(answers[..], [RowAnswer::Moved { found: Some(_) }]), "{answers:?}");
        assert!(memory.requests.borrow().iter().all(|request| request.safe), "nothing was sent");
    }
}

#[tokio::test]
async fn a_mutation_without_an_answer_is_unknown() {
    let failed = json!({"statusCode": 500, "message": ""});
    for lost in
        [Err(HttpError::NoAnswer("reset".to_owned())), answer(500, &failed), answer(200, &json!({"da": 1}))]
    {
        let (memory, mut session) = session(true).await;
        script(&memory, [page(1, &[variant("1", MUG, &[("1", 4, 0)])]), lost]);
        let failure = session.write(&[row(0, 0, [0, 4, 2], 3)]).await.unwrap_err();
        assert!(matches!(failure, Failure::Unknown { .. }), "{failure:?}");
    }
    let busy =
        Ok(Response { status: 429, headers: vec![("retry-after".to_owned(), "7".to_owned())], body: vec![] });
    let (memory, mut session) = session(true).await;
    script(&memory, [page(1, &[variant("1", MUG, &[("1", 4, 0)])]), busy]);
    let failure = session.write(&[row(0, 0, [0, 4, 2], 3)]).await.unwrap_err();
    let seven = Some(std::time::Duration::from_secs(7));
    assert!(matches!(failure, Failure::Retry { after, .. } if after == seven), "{failure:?}");
}

#[tokio::test]
async fn what_the_shop_says_of_a_bad_question_is_passed_on_without_the_key() {
    let said = "Cannot query field \"nope\" canary-key Y2FuYXJ5LWtleQ==";
    let (memory, mut session) = session(false).await;
    script(&memory, [answer(400, &json!({"errors": [{"message": said}]}))]);
    let failure = session.levels().await.unwrap_err();
    let shown = format!("{failure:?}");
    assert!(matches!(failure, Failure::Rejected { .. }) && shown.contains("Cannot query field"), "{shown}");
    assert!(!shown.contains("canary-key") && !shown.contains("Y2FuYXJ5LWtle"), "{shown}");
}

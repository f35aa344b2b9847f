//! Kind `tryton`, against answers recorded from Tryton 8.0.12 and 7.0.59, and against its traps.

use crate::support::erp;
use crate::support::exchange::Recording;
use crate::support::model::{SHOP, nowhere};
use onhand::connectors::{self, Cell, Context, Failure, RowAnswer, Session, WriteRow};
use onhand::model::owner::Owner;
use onhand::model::quantity::Decimal;
use onhand::model::set::Bits;
use onhand::model::{CodeId, LocationId, QuantityId};
use onhand::world::memory::Memory;
use onhand::world::{HttpError, Response};
use serde_json::{Value, json};

/// What the scenario is played with.
pub const PASSWORD: &str = "recorded-password";
/// Its locations: an aisle, and a storage zone without locations inside.
pub const PLACES: [&str; 3] = ["RTM-A", "LIL-STO", "RTM"];
/// Its codes; the starred one is in kg; the last one Tryton does not know.
pub const CODES: [&str; 5] = ["MUG-WHT", "MUG-BLK", "BEAN-ETH*", "TEA-GRN", "NO-SUCH"];
/// What stands where before it.
pub const START: [(&str, &str, &str); 5] = [
    ("MUG-WHT", "RTM-B", "0"),
    ("MUG-WHT", "RTM-A", "120"),
    ("MUG-BLK", "RTM-A", "80"),
    ("MUG-WHT", "LIL-STO", "40"),
    ("BEAN-ETH", "RTM-A", "52.5"),
];

const RECORDED: [(&str, &str); 2] =
    [("8.0", include_str!("recorded/tryton-8.0.jsonl")), ("7.0", include_str!("recorded/tryton-7.0.jsonl"))];

/// Base64 with padding, for a client of the tests' own.
pub fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let mut bits = 0;
        for at in 0..3 {
            bits = bits << 8 | u32::from(group.get(at).copied().unwrap_or(0));
        }
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// A row to write, by index of code and location.
pub fn row(run: &str, code: u32, location: u32, [before, after]: [i64; 2]) -> WriteRow {
    WriteRow {
        cell: Cell { code: CodeId(code), location: LocationId(location) },
        column: "on-hand".to_owned(),
        before: vec![("on-hand".to_owned(), before)],
        after,
        create: false,
        key: format!("{run}-{code}-{location}-{after}"),
    }
}

/// Reads and writes everything once, and checks each answer. Played on real servers and on recordings;
/// `run` makes the keys of one run differ from those of another.
pub async fn scenario(context: Context, run: &str) {
    let mut session = connectors::open(context).await.unwrap();
    let lines = session.lines().await.unwrap();
    assert_eq!((&lines.about.incomplete, &lines.failures), (&None, &vec![]));
    let web: Vec<_> = lines.lines.iter().filter(|line| line.cause.as_deref() == Some("web#1001")).collect();
    assert!(
        !web.is_empty() && web.iter().all(|line| line.location == Some(LocationId(2))),
        "{:?}",
        lines.lines
    );
    assert!(web.iter().all(|line| line.code == CodeId(1) && line.open == Decimal::whole(6)), "{web:?}");
    let levels = session.levels().await.unwrap();
    assert_eq!((&levels.about.incomplete, &levels.failures), (&None, &vec![]));
    let shown = |code: u32, location: u32| {
        let row = levels.find(CodeId(code), LocationId(location))?;
        let word = levels.units[row].map(|word| levels.words[word as usize].to_string());
        Some((levels.column("on-hand")?.values.get(row)?.to_string(), word?))
    };
    let pair = |count: &str, word: &str| Some((count.to_owned(), word.to_owned()));
    assert_eq!(shown(0, 0), pair("120", "u"));
    assert_eq!(shown(0, 1), pair("40", "u"));
    assert_eq!(shown(0, 2), pair("120", "u"), "the warehouse covers its aisles");
    assert_eq!(shown(2, 0), pair("52.5", "kg"), "exactly as written");
    assert_eq!(shown(4, 0), None, "an unknown code stays absent");
    let cell = |code: u32, location: u32| Cell { code: CodeId(code), location: LocationId(location) };
    let seen = session.inspect(&[cell(0, 0), cell(2, 0), cell(3, 0), cell(0, 2), cell(4, 0)]).await.unwrap();
    assert_eq!((seen[0].value("on-hand"), &seen[0].refused), (Some(120), &None));
    let refused: Vec<_> = seen.iter().skip(1).map(|seen| seen.refused.clone().unwrap_or_default()).collect();
    for (why, part) in refused.iter().zip(["52.5", "lot-tracked", "warehouse", "NO-SUCH"]) {
        assert!(why.contains(part), "{why}");
    }
    let row = |code: u32, location: u32, change: [i64; 2]| row(run, code, location, change);
    let rows = [
        row(0, 0, [120, 115]),
        row(1, 0, [79, 70]),
        row(0, 1, [40, 41]),
        row(3, 0, [60, 1]),
        row(0, 0, [0, -1]),
    ];
    let answers = session.write(&rows).await.unwrap();
    let written = RowAnswer::Written { compared: true };
    assert_eq!((&answers[0], &answers[2]), (&written, &written));
    let RowAnswer::Moved { found: Some(found) } = &answers[1] else { panic!("{answers:?}") };
    assert_eq!(found.value("on-hand"), Some(80));
    let RowAnswer::Rejected { field, .. } = &answers[3] else { panic!("{answers:?}") };
    assert_eq!(field, "lot");
    let RowAnswer::Rejected { field, .. } = &answers[4] else { panic!("{answers:?}") };
    assert_eq!(field, "quantity");
    let again = session.write(&rows[2..3]).await.unwrap();
    assert_eq!(again, [written], "the same key again is not counted twice");
    let seen = session.inspect(&[cell(0, 0), cell(1, 0), cell(0, 1)]).await.unwrap();
    let values: Vec<_> = seen.iter().map(|seen| seen.value("on-hand")).collect();
    assert_eq!(values, [Some(115), Some(80), Some(41)]);
}

fn fields() -> [(&'static str, &'static str); 4] {
    [("url", "http://erp.test"), ("database", "inv"), ("user", "syncbot"), ("password", PASSWORD)]
}

fn context(memory: &Memory, writes: bool) -> Context {
    let model = erp::model(&connectors::tryton::DESCRIPTOR, &fields(), &PLACES, &CODES);
    erp::context(model, memory.world(), writes)
}

#[tokio::test]
async fn plays_what_was_recorded() {
    for (version, text) in RECORDED {
        println!("Tryton {version}");
        let recording = Recording::read(text);
        let memory = recording.play();
        scenario(context(&memory, true), "plan7").await;
        recording.check(&memory);
    }
}

/// An answer with this status and body.
fn answer(status: u16, body: &str) -> Result<Response, HttpError> {
    Ok(Response { status, headers: vec![], body: body.as_bytes().to_vec() })
}

fn result(value: Value) -> Result<Response, HttpError> {
    answer(200, &json!({"id": 1, "result": value}).to_string())
}

fn error(value: Value) -> Result<Response, HttpError> {
    answer(200, &json!({"id": 1, "error": value}).to_string())
}

/// A session of 8.0 behind its version, its login and its preferences.
async fn session(writes: bool) -> (Memory, Box<dyn Session>) {
    let memory = Memory::default();
    let answers =
        [result(json!("8.0")), result(json!([2, "canary-token", null])), result(json!({"company": 1}))];
    memory.answers.borrow_mut().extend(answers);
    let session = connectors::open(context(&memory, writes)).await.unwrap();
    memory.requests.borrow_mut().clear();
    (memory, session)
}

fn script(memory: &Memory, answers: impl IntoIterator<Item = Result<Response, HttpError>>) {
    memory.answers.borrow_mut().extend(answers);
}

/// What opening meets after these answers.
async fn refused(answers: impl IntoIterator<Item = Result<Response, HttpError>>) -> (Failure, usize) {
    let memory = Memory::default();
    script(&memory, answers);
    let failure = connectors::open(context(&memory, false)).await.err().expect("it cannot be opened");
    let count = memory.requests.borrow().len();
    (failure, count)
}

fn products(rows: Value) -> Result<Response, HttpError> {
    result(rows)
}

fn mug(id: i64, kind: &str) -> Value {
    json!({"id": id, "code": "MUG-WHT", "type": kind, "default_uom.": {"symbol": "u", "id": 1}})
}

/// The three mapped locations.
fn locations() -> Result<Response, HttpError> {
    result(json!([
        {"id": 13, "code": "RTM-A", "type": "storage", "childs": []},
        {"id": 11, "code": "LIL-STO", "type": "storage", "childs": []},
        {"id": 5, "code": "RTM", "type": "warehouse", "childs": [1, 2, 3]},
    ]))
}

/// Products and locations as a write looks them up first.
fn looked_up() -> [Result<Response, HttpError>; 3] {
    [result(json!({"lot_required": {}})), products(json!([mug(1, "goods")])), locations()]
}

/// The lines of a draft inventory with this id.
fn draft(inventory: i64, number: &str, expected: &str) -> Value {
    let expected: Value = serde_json::from_str(expected).unwrap();
    json!({"id": inventory * 10, "product": 1, "inventory": inventory, "expected_quantity": expected,
           "inventory.": {"id": inventory, "number": number}})
}

fn methods(memory: &Memory) -> Vec<String> {
    let requests = memory.requests.borrow();
    let method =
        |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["method"].as_str().unwrap().to_owned();
    requests.iter().map(|request| method(&request.body).replace("model.stock.inventory", "")).collect()
}

const ROW: [i64; 2] = [120, 115];

/// A warehouse's count contains its aisles'.
#[tokio::test]
async fn a_place_and_one_inside_it_are_not_both_counted() {
    let owner = |quantity: u32, at: &[u32]| Owner {
        system: SHOP,
        quantities: vec![(QuantityId(quantity), nowhere())],
        at: at.iter().map(|at| (LocationId(*at), nowhere())).collect(),
        items: Bits::all(CODES.len()),
        bundles: Vec::new(),
        origin: nowhere(),
    };
    let inside = || result(json!([{"id": 13, "code": "RTM-A"}]));
    let cases = [
        (vec![owner(0, &[0, 1, 2])], Some(inside()), true),
        (vec![owner(0, &[0]), owner(0, &[2])], Some(inside()), true),
        (vec![owner(0, &[1, 2])], Some(result(json!([]))), false),
        // Of two counts, or at the inner places alone, nothing is counted twice.
        (vec![owner(0, &[0]), owner(1, &[2])], None, false),
        (vec![owner(0, &[0, 1])], None, false),
    ];
    for (at, (owners, asked, twice)) in cases.into_iter().enumerate() {
        let memory = Memory::default();
        let opened =
            [result(json!("8.0")), result(json!([2, "canary-token", null])), result(json!({"company": 1}))];
        script(&memory, opened);
        let mut model = erp::model(&connectors::tryton::DESCRIPTOR, &fields(), &PLACES, &CODES);
        model.owners = owners;
        let context = erp::context(model, memory.world(), false);
        let mut session = connectors::open(context).await.unwrap();
        script(&memory, [products(json!([])), locations()]);
        script(&memory, asked);
        match session.levels().await {
            Err(Failure::Rejected { message }) if twice => {
                assert!(message.contains("`RTM-A` stands inside `RTM`"), "case {at}: {message}");
            }
            other => assert!(!twice && other.is_ok(), "case {at}: {other:?}"),
        }
        assert_eq!(memory.answers.borrow().len(), 0, "case {at}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let (failure, count) = refused([result(json!("8.0")), answer(401, "")]).await;
    assert!(
        matches!(&failure, Failure::Denied { message } if message.contains("password is wrong")),
        "{failure:?}"
    );
    assert_eq!(count, 2);
    let (failure, count) = refused([result(json!("8.0")), answer(429, "<h1>Too Many Requests</h1>")]).await;
    assert!(matches!(&failure, Failure::Denied { message } if message.contains("wait")), "{failure:?}");
    assert_eq!(count, 2);
}

#[tokio::test]
async fn opening_says_what_is_wrong() {
    let html = "<!doctype html><title>404 Not Found</title>";
    let (failure, _) = refused([result(json!("8.0")), answer(404, html)]).await;
    assert!(failure.message().contains("no database `inv`"), "{failure:?}");
    let (failure, _) = refused([answer(401, ""), answer(404, html)]).await;
    assert!(failure.message().contains("not answer like a Tryton"), "{failure:?}");
    let (failure, _) = refused([result(json!("6.8"))]).await;
    assert!(failure.message().contains("Tryton 6.8; supported are 8.0 and 7.0"), "{failure:?}");
    let (failure, _) = refused([result(json!("8.0")), error(json!(["'res.user'", ""]))]).await;
    assert!(failure.message().contains("trytond -d"), "{failure:?}");
    let login = || result(json!([2, "t", null]));
    let (failure, _) = refused([result(json!("8.0")), login(), result(json!({"company": null}))]).await;
    assert!(failure.message().contains("no company"), "{failure:?}");
    let stopped = Err(HttpError::NotSent("connection refused".to_owned()));
    let (failure, _) = refused([stopped]).await;
    assert!(matches!(failure, Failure::Retry { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_session_that_ran_out_is_renewed_once() {
    let (memory, mut session) = session(false).await;
    let login = || result(json!([2, "canary-token", null]));
    script(
        &memory,
        [answer(401, ""), login(), products(json!([])), locations(), result(json!([])), answer(401, "")],
    );
    assert!(matches!(session.levels().await, Ok(levels) if levels.codes.is_empty()));
    let failure = session.lines().await.unwrap_err();
    assert!(matches!(failure, Failure::Denied { .. } | Failure::Retry { .. }), "{failure:?}");
    let logins = methods(&memory).iter().filter(|method| *method == "common.db.login").count();
    assert_eq!(logins, 1);
}

#[tokio::test]
async fn two_products_of_one_code_and_a_kit_are_failed_rows() {
    let (memory, mut session) = session(false).await;
    let black = json!({"id": 9, "code": "MUG-BLK", "type": "kit", "default_uom.": {"symbol": "u", "id": 1}});
    script(&memory, [products(json!([mug(1, "goods"), mug(8, "goods"), black])), locations()]);
    let levels = session.levels().await.unwrap();
    let told: Vec<_> = levels.failures.iter().map(|f| (&*f.record, &*f.field, f.code)).collect();
    let mugs = Some(CodeId(0));
    assert_eq!(
        told,
        [("product 1", "code", mugs), ("product 8", "code", mugs), ("product 9", "type", Some(CodeId(1)))]
    );
    assert!(
        levels.failures[0].reason.contains("products 1 and 8")
            && levels.failures[2].reason.contains("bundle")
    );
    assert!(levels.codes.is_empty() && levels.about.incomplete.is_none());
}

#[tokio::test]
async fn counts_are_read_digit_by_digit_one_location_a_question() {
    let (memory, mut session) = session(false).await;
    script(&memory, [products(json!([mug(1, "goods")])), locations()]);
    for text in ["0.1", "52.4999999", "1e3"] {
        script(&memory, [answer(200, &format!(r#"{{"id":1,"result":[{{"id":1,"quantity":{text}}}]}}"#))]);
    }
    let levels = session.levels().await.unwrap();
    let values: Vec<_> = levels.columns[0].values.iter().map(|value| value.unwrap().to_string()).collect();
    assert_eq!(values, ["0.1", "52.4999999", "1000"]);
    let asked: Vec<Value> =
        memory.requests.borrow().iter().skip(2).map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    let places: Vec<_> = asked.iter().map(|body| body["params"][5]["locations"].clone()).collect();
    assert_eq!(
        places,
        [json!([13]), json!([11]), json!([5])],
        "several would add up, and none is 0 without an error"
    );
}

#[tokio::test]
async fn a_count_that_did_not_come_makes_the_read_incomplete() {
    let (memory, mut session) = session(false).await;
    let count = |quantity: Value| result(json!([{"id": 1, "quantity": quantity}]));
    script(
        &memory,
        [
            products(json!([mug(1, "goods")])),
            locations(),
            result(json!([])),
            count(json!(null)),
            count(json!(3)),
        ],
    );
    let levels = session.levels().await.unwrap();
    assert!(levels.about.incomplete.as_ref().is_some_and(|why| why.contains("RTM-A")), "{:?}", levels.about);
    assert_eq!(levels.failures.len(), 1, "a count that is null is a failed row");
    assert_eq!(levels.locations.iter().collect::<Vec<_>>(), [LocationId(2)]);
}

#[tokio::test]
async fn locations_must_be_known_once_and_ours() {
    let place = |id: i64, code: &str, kind: &str| json!({"id": id, "code": code, "type": kind, "childs": []});
    let cases = [
        (json!([place(1, "RTM-A", "storage")]), "no active location with the code `LIL-STO`"),
        (json!([place(1, "RTM-A", "storage"), place(2, "RTM-A", "storage")]), "locations 1 and 2 share"),
        (json!([place(1, "RTM-A", "customer")]), "of type customer"),
    ];
    for (rows, part) in cases {
        let (memory, mut session) = session(false).await;
        script(&memory, [products(json!([])), result(rows)]);
        let failure = session.levels().await.unwrap_err();
        assert!(matches!(&failure, Failure::Rejected { message } if message.contains(part)), "{failure:?}");
    }
}

#[tokio::test]
async fn a_cut_answer_to_a_question_may_be_asked_again() {
    for cut in [
        answer(200, r#"{"id":1,"result":[{"id"#),
        answer(502, "<h1>Bad Gateway</h1>"),
        Err(HttpError::NoAnswer("cut".into())),
    ] {
        let (memory, mut session) = session(false).await;
        script(&memory, [cut]);
        let failure = session.levels().await.unwrap_err();
        assert!(matches!(failure, Failure::Retry { .. }), "{failure:?}");
    }
}

#[tokio::test]
async fn a_confirmation_that_never_answered_is_looked_up_before_anything_else() {
    let (memory, mut session) = session(true).await;
    script(&memory, looked_up());
    script(
        &memory,
        [result(json!([])), result(json!([7])), result(json!([draft(7, "onhand-k-0-0-115", "120.0")]))],
    );
    script(&memory, [Err(HttpError::NoAnswer("timed out".to_owned()))]);
    let row = row("k", 0, 0, ROW);
    let failure = session.write(std::slice::from_ref(&row)).await.unwrap_err();
    assert!(matches!(failure, Failure::Unknown { .. }), "{failure:?}");
    let steps = [".search_read", ".create", ".line.search_read", ".confirm"];
    assert_eq!(methods(&memory)[3..], steps.map(str::to_owned));
    memory.requests.borrow_mut().clear();
    script(&memory, [products(json!([mug(1, "goods")])), locations()]);
    script(
        &memory,
        [result(json!([{"id": 7, "state": "done"}])), result(json!([draft(7, "onhand-k-0-0-115", "120.0")]))],
    );
    assert_eq!(session.write(&[row]).await.unwrap(), [RowAnswer::Written { compared: true }]);
    assert_eq!(
        methods(&memory)[2..],
        [".search_read", ".line.search_read"].map(str::to_owned),
        "nothing is sent twice"
    );
}

#[tokio::test]
async fn a_draft_that_expects_another_number_is_taken_away() {
    let (memory, mut session) = session(true).await;
    script(&memory, looked_up());
    script(&memory, [result(json!([])), result(json!([7])), result(json!([draft(7, "onhand-k", "118.0")]))]);
    script(&memory, [result(json!(null)), result(json!([{"id": 1, "quantity": 118.0}]))]);
    let answers = session.write(&[row("k", 0, 0, ROW)]).await.unwrap();
    let [RowAnswer::Moved { found: Some(found) }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(found.value("on-hand"), Some(118));
    assert!(
        methods(&memory).contains(&".delete".to_owned())
            && !methods(&memory).contains(&".confirm".to_owned())
    );
}

#[tokio::test]
async fn stock_under_lots_or_inside_is_told_from_a_move() {
    let (memory, mut session) = session(true).await;
    script(&memory, looked_up());
    script(&memory, [result(json!([])), result(json!([7])), result(json!([draft(7, "onhand-k", "0.0")]))]);
    script(&memory, [result(json!(null)), result(json!([{"id": 1, "quantity": 120.0}]))]);
    let answers = session.write(&[row("k", 0, 0, ROW)]).await.unwrap();
    let [RowAnswer::Rejected { field, .. }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(field, "expected_quantity");
}

#[tokio::test]
async fn what_tryton_refuses_is_told_and_leaves_no_draft() {
    let refusals = [
        json!(["UserError", ["To move product you must provide a stock lot.", "", null]]),
        json!(["UserWarning", ["55cc.done", "The count differs a lot.", ""]]),
    ];
    for refusal in refusals {
        let (memory, mut session) = session(true).await;
        script(&memory, looked_up());
        script(
            &memory,
            [result(json!([])), result(json!([7])), result(json!([draft(7, "onhand-k", "120.0")]))],
        );
        script(
            &memory,
            [error(refusal.clone()), result(json!([{"id": 7, "state": "draft"}])), result(json!(null))],
        );
        let answers = session.write(&[row("k", 0, 0, ROW)]).await.unwrap();
        let [RowAnswer::Rejected { message, .. }] = &answers[..] else { panic!("{answers:?}") };
        let said = refusal[1][if refusal[0] == "UserError" { 0 } else { 1 }].as_str().unwrap();
        assert!(message.contains(said), "{message}");
        assert_eq!(methods(&memory).last().unwrap(), ".delete");
    }
}

#[tokio::test]
async fn a_refused_confirmation_of_a_done_count_is_a_success() {
    let (memory, mut session) = session(true).await;
    script(&memory, looked_up());
    script(&memory, [result(json!([])), result(json!([7])), result(json!([draft(7, "onhand-k", "120.0")]))]);
    let twice = error(json!(["UserError", ["You can not call \"confirm\" on it.", "", null]]));
    script(&memory, [twice, result(json!([{"id": 7, "state": "done"}]))]);
    assert_eq!(session.write(&[row("k", 0, 0, ROW)]).await.unwrap(), [RowAnswer::Written { compared: true }]);
}

#[tokio::test]
async fn records_changed_meanwhile_may_be_tried_again() {
    let (memory, mut session) = session(true).await;
    script(&memory, looked_up());
    script(
        &memory,
        [result(json!([])), error(json!(["ConcurrencyException", "Records were modified in the meanwhile"]))],
    );
    let failure = session.write(&[row("k", 0, 0, ROW)]).await.unwrap_err();
    assert!(matches!(failure, Failure::Retry { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_unit_that_disagrees_is_not_written() {
    let (memory, mut session) = session(true).await;
    let kilo =
        json!({"id": 1, "code": "MUG-WHT", "type": "goods", "default_uom.": {"symbol": "kg", "id": 2}});
    script(&memory, [result(json!({})), products(json!([kilo])), locations()]);
    let answers = session.write(&[row("k", 0, 0, ROW)]).await.unwrap();
    let [RowAnswer::Rejected { field, message }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(field, "unit");
    assert!(message.contains("`kg`") && message.contains("`ea`"), "{message}");
}

#[tokio::test]
async fn a_reading_session_sends_questions_only() {
    let (memory, mut session) = session(false).await;
    script(&memory, [products(json!([mug(1, "goods")])), locations()]);
    let failure = session.write(&[row("k", 0, 0, ROW)]).await.unwrap_err();
    assert!(matches!(failure, Failure::Rejected { .. }), "{failure:?}");
    assert!(memory.requests.borrow().iter().all(|request| request.safe));
}

#[tokio::test]
async fn no_secret_reaches_a_message() {
    let canaries = [PASSWORD, "canary-token"].map(|secret| (secret, base64(secret)));
    let session_text = base64("syncbot:2:canary-token");
    for (secret, encoded) in &canaries {
        let said = format!("bad {secret} {encoded} \u{202e}\u{1b}[31m\r\n {session_text}");
        let html = format!("<p>{said}</p>");
        let both = json!({"message": said}).to_string();
        let bad = [
            error(json!(["UserError", [said, said, null]])),
            error(json!(["UserWarning", ["n", said, said]])),
            error(json!([said, said])),
            answer(400, &both),
            answer(403, &both),
            answer(503, &both),
            answer(500, &html),
            Err(HttpError::NoAnswer(said.clone())),
            Err(HttpError::NotSent(said.clone())),
        ];
        for answer in bad {
            let (memory, mut session) = session(false).await;
            script(&memory, [answer]);
            let failure = session.levels().await.unwrap_err();
            let shown = format!("{failure:?} {}", failure.message());
            for hidden in [secret.to_string(), encoded.trim_end_matches('=').to_owned(), session_text.clone()]
            {
                assert!(!shown.contains(&hidden), "{shown}");
            }
            let message = failure.message();
            assert!(!message.contains(|c: char| c.is_control() || c == '\u{202e}'), "{message:?}");
        }
    }
}

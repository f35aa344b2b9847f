//! `onhand status`, and what `explain` says of keep-back.

use super::{Done, Place, batch, query, small};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// A depot, a shop and a till that sell its mugs and caps, and their orders.
const TWO: &str = r#"onhand language=1 { timezone "UTC" }
unit ea
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; on-hand qty; reserved open; complete }
    acknowledges counts after="2h"
}
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    movements "select * from moves" { kind kind; document doc; line line; code sku; quantity qty; at happened }
}
system till kind=sql role=channel {
    url "sqlite:till.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    movements "select * from moves" { kind kind; document doc; line line; code sku; quantity qty; at happened }
}
location hall { in depot; in shop; in till }
item MUG unit=ea { in depot MUG; in shop MUG; in till MUG }
item CAP unit=ea { in depot CAP; in shop CAP }
owner depot { of on-hand reserved }
flow shop-stock {
    publish available to=shop
    lag "10m" every="5m"
    keep-back 2 ea { items MUG }
    allow shared-pool reason="what is kept back covers it"
}
flow till-stock {
    publish available to=till
    lag "10m" every="5m"
    allow shared-pool reason="what is kept back covers it"
}
flow shop-orders {
    collect orders cancellations shipments returns from=shop
    post none { reference "{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}
flow till-orders {
    collect orders cancellations shipments returns from=till
    post none { reference "{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Two channels whose orders of fourteen days are in the books, after two runs. The till sells a mug a day, and
/// four within ten minutes once.
fn two() -> Place {
    let place = Place::with(TWO).env("HOOK", "http://127.0.0.1:9/canary-hook");
    place.write("depot.csv", "sku,qty,open\nMUG,90,0\nCAP,40,0\n");
    let mut orders: Vec<i64> = (0..14).map(|day| day * 24 * HOUR + 2 * HOUR).collect();
    orders.extend([1, 4, 9].map(|minutes| 2 * HOUR + minutes * MINUTE));
    let now = now_ms();
    for name in ["shop", "till"] {
        let mut sql = "create table stock (sku text, qty integer); insert into stock values ('MUG', 80);
            create table moves (kind text, doc text, line text, sku text, qty integer, happened text);"
            .to_owned();
        if name == "shop" {
            sql.push_str("insert into stock values ('CAP', 40);");
        } else {
            for (number, ago) in orders.iter().enumerate() {
                let at = onhand::model::time::Moment(now - ago).rfc3339();
                sql.push_str(&format!(
                    "insert into moves values ('order', '{number}', '1', 'MUG', 1, '{at}');"
                ));
            }
        }
        batch(&place.path(&format!("{name}.db")), &sql);
    }
    place.run("apply --auto-approve").ends(0);
    // As if the books had been kept all the while.
    batch(&place.path(".onhand/state.db"), "update movement set seen = at");
    place.run("apply --auto-approve").ends(0);
    place
}

/// Makes all runs older.
fn pass(place: &Place, minutes: i64) {
    let ms = minutes * MINUTE;
    let sql = format!(
        "update turn set began = began - {ms}; update run set began = began - {ms}, ended = ended - {ms}"
    );
    batch(&place.path(".onhand/state.db"), &sql);
}

/// Makes the two runs begin ten and five minutes ago, and take 20 seconds each.
fn pin(place: &Place) {
    let now = now_ms();
    let sql = format!(
        "create table pinned as select id, {now} - 5 * 60000 * (row_number() over (order by began desc)) as at from run;
         update run set began = at, ended = at + 20000 from pinned where pinned.id = run.id;
         update turn set began = at from pinned where pinned.id = turn.run;
         update known set as_of = {now} - 7 * 60000;
         drop table pinned"
    );
    batch(&place.path(".onhand/state.db"), &sql);
}

/// What is printed, without the names of runs, and without the seconds that passed since the test began.
fn still(done: &Done) -> String {
    let run = regex::Regex::new(r"run [0-9a-f]{16}").unwrap();
    let age = regex::Regex::new(r"(\d+[hm]) \d+[ms] (ago|old)").unwrap();
    let text = run.replace_all(&done.out, "run RUN");
    age.replace_all(&text, "$1 AND $2").into_owned()
}

#[test]
fn before_the_first_run_it_says_so() {
    let place = Place::direct();
    let told = place.run("status").ends(0).says_nothing();
    told.tells(&["No run yet", "`onhand plan` shows", "`onhand apply --auto-approve` makes it."]);
    let json = place.run("status --format json").ends(0).json();
    assert_eq!(json.len(), 1);
    assert_eq!((&json[0]["flow"], &json[0]["last_run"]), (&"shop-stock".into(), &Value::Null));
    assert_eq!((&json[0]["fact"], &json[0]["fact_age_ms"]), (&Value::Null, &Value::Null));
    assert!(!place.path(".onhand").exists(), "looking makes no state");
    // A plan that is kept makes a state, and is no run.
    place.run("plan --out p.jsonl").ends(0);
    place.run("status").ends(0).tells(&["No run yet"]);
}

#[test]
fn each_flow_is_told_with_its_lag_and_what_to_keep_back() {
    let place = two();
    pin(&place);
    let done = place.run("status").ends(0).says_nothing();
    let widest = done.out.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{}", done.out);
    insta::assert_snapshot!(format!("{TWO}---\n{}", still(&done)));
}

#[test]
fn a_flow_for_programs_is_one_object_of_whole_numbers() {
    let place = two();
    pass(&place, 30);
    let done = place.run("status --format json").ends(0);
    let json = done.json();
    let names: Vec<&str> = json.iter().map(|own| own["flow"].as_str().unwrap()).collect();
    assert_eq!(names, ["shop-stock", "till-stock", "shop-orders", "till-orders"]);
    fn whole(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_i64() || number.is_u64(),
            Value::Array(all) => all.iter().all(whole),
            Value::Object(all) => all.values().all(whole),
            _ => true,
        }
    }
    assert!(json.iter().all(whole), "{}", done.out);
    let shop = &json[0];
    let keys: Vec<&str> = shop.as_object().unwrap().keys().map(String::as_str).collect();
    let timed = keys.iter().filter(|key| key.ends_with("_ms")).count();
    assert_eq!(timed, 8, "{keys:?}");
    assert_eq!(
        (&shop["way"], &shop["system"], &shop["last_status"]),
        (&"publishes".into(), &"shop".into(), &0.into())
    );
    assert_eq!(
        (&shop["late"], &shop["lag_pairs"], &shop["lag_target_ms"]),
        (&true.into(), &1.into(), &600_000.into())
    );
    let waits = shop["waiting_ms"].as_u64().unwrap();
    assert!(waits >= 30 * 60_000, "{waits}");
    let own = &shop["keep_back"]["suggested"][0];
    assert_eq!((&own["item"], &own["keep_back"], &own["kept"]), (&"MUG".into(), &4.into(), &2.into()));
    assert_eq!((&own["sold"], &own["days"], &own["most_in_one_lag"]), (&17.into(), &13.into(), &4.into()));
    assert_eq!(shop["keep_back"]["no_need"], 1);
    assert_eq!(json[2]["keep_back"], Value::Null);
    let human = place.run("status").ends(0);
    human.tells(&["LATE what changed after its last run began waits for 30m"]);
}

#[test]
fn what_failed_or_is_held_ends_with_4_until_it_is_acknowledged() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4);
    place.run("status").ends(4).tells(&[
        "with 4: rows failed, were held or had moved",
        "held 1 row, because of what is in the queue",
        "queue 1 open entry",
        "`onhand queue list` shows what is open",
    ]);
    place.run("queue ack 1 --until 2999-12-01 --note bea").ends(0);
    place.run("status").ends(0).tells(&["queue 0 open entries and 1 acknowledged"]);
    let json = place.run("status --format json").ends(0).json();
    let found = ["held", "held_for_queue", "moved", "open", "acknowledged"].map(|key| json[0][key].as_u64());
    assert_eq!(found, [1, 1, 0, 0, 1].map(Some));
}

#[test]
fn what_is_held_for_another_reason_asks_for_somebody() {
    let place = small(2);
    place.run("apply --auto-approve").ends(0);
    place.run("status").ends(0).tells(&["held nothing"]);
    place.run("pause shop --reason stock-take").ends(0);
    place.write("feed.csv", "sku,qty\nI0,8\nI1,4\n");
    place.run("apply --auto-approve").ends(4);
    place.run("status").ends(4).tells(&["held 1 row", "`onhand plan` shows what is held, and why."]);
    assert_eq!(query(&place.path("shop.db"), "select qty from stock where sku = 'I1'")[0][0], "4");
    place.run("resume shop").ends(0);
    place.run("apply --auto-approve").ends(0);
    place.run("status").ends(0).tells(&["held nothing"]);
}

#[test]
fn a_run_that_could_not_reach_its_systems_is_no_sample() {
    let place = small(1);
    place.run("apply --auto-approve").ends(0);
    std::fs::rename(place.path("shop.db"), place.path("away.db")).unwrap();
    place.run("apply --auto-approve").ends(7);
    let json = place.run("status --format json").ends(4).json();
    assert_eq!((&json[0]["last_status"], &json[0]["lag_pairs"]), (&7.into(), &0.into()));
    place
        .run("status")
        .ends(4)
        .tells(&["a system could not be read or reached; this flow did not come to its end"]);
    std::fs::rename(place.path("away.db"), place.path("shop.db")).unwrap();
    place.run("apply --auto-approve").ends(0);
    assert_eq!(place.run("status --format json").ends(0).json()[0]["lag_pairs"], 1);
    // Nor is a saved plan, which may be of a part.
    place.run("plan --out p.jsonl").ends(0);
    place.run("apply p.jsonl").ends(0);
    let json = place.run("status --format json").ends(0).json();
    assert_eq!((&json[0]["last_whole"], &json[0]["lag_pairs"]), (&false.into(), &1.into()));
    place.run("status").ends(0).tells(&["of a saved plan, which may be of a part of the flow"]);
}

#[test]
fn a_guard_that_stops_a_flow_keeps_it_from_coming_through() {
    let place = small(30);
    place.run("apply --auto-approve --first").ends(0);
    let rows: String = (0..30).map(|at| format!("I{at},{}\n", if at < 12 { 0 } else { 5 })).collect();
    place.write("feed.csv", &format!("sku,qty\n{rows}"));
    place.run("apply --auto-approve").ends(3);
    let json = place.run("status --format json").ends(4).json();
    assert_eq!((&json[0]["last_status"], &json[0]["lag_pairs"]), (&3.into(), &0.into()));
    assert_eq!(json[0]["fell_short"], true);
    place
        .run("status")
        .ends(4)
        .tells(&["with 3: a guard stopped a part of it; this flow did not come to its"]);
}

#[test]
fn explain_says_what_the_record_suggests() {
    let place = two();
    let done = place.run("explain MUG@shop/hall").ends(0);
    let wanted = "
Keep-back by what was sold (a suggestion: nothing is changed by it)
  MUG at hall, flow shop-stock: keeping 2 ea back does not cover it, keep-back
    4 ea would: of 17 ea sold in 13 days by `till`, 4 ea fell within one lag of
    10m
";
    assert!(done.out.ends_with(wanted), "{}", done.out);
    let json = place.run("explain MUG@shop/hall --format json").ends(0).json();
    let own = &json[0]["keep_back"][0];
    assert_eq!(
        (&own["verdict"], &own["keep_back"], &own["lag_ms"]),
        (&"suggested".into(), &4.into(), &600_000.into())
    );
    assert!(json[0]["sum"].is_array(), "the explanation stands beside it");
    place.change("onhand.kdl", "keep-back 2 ea", "keep-back 4 ea");
    place.run("explain MUG@shop").ends(0).tells(&["keeping 4 ea back covers it", "at most 4 ea fell"]);
    place.run("explain CAP@shop").ends(0).tells(&["`shop` alone sells from this shelf"]);
    // Nothing is applied by itself.
    place.run("plan --detailed-exitcode").ends(2);
}

#[test]
fn no_system_is_asked_and_no_secret_is_shown() {
    let place = two();
    for name in ["depot.csv", "shop.db", "till.db"] {
        std::fs::remove_file(place.path(name)).unwrap();
    }
    for words in ["status", "status --format json"] {
        let done = place.run(words).ends(0);
        assert!(!done.out.contains("canary") && !done.err.contains("canary"), "{done:?}");
        assert!(!place.path("shop.db").exists(), "looking makes no database");
    }
}

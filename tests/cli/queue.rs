//! `onhand queue`.

use super::{Place, small};

#[test]
fn before_the_first_apply_nothing_is_open() {
    let place = Place::direct();
    place.run("queue list").ends(0).says_nothing().tells(&["Nothing is open: no apply has run here yet."]);
    place.run("queue list --format json").ends(0).tells_nothing();
    place.run("queue check").ends(0);
    for words in ["queue show 1", "queue retry 1", "queue resolve 1 --note x"] {
        place.run(words).ends(1).tells_nothing().says(&["no open entry has the number 1"]);
    }
    assert!(!place.path(".onhand").exists(), "looking makes no state");
}

#[test]
fn an_entry_from_its_row_to_its_end() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4).tells(&["Queue: 1 new entry."]);
    place.run("queue list").ends(0).says_nothing().tells(&[
        "#1 KETTLE-CAST@depot/south (flow shop-stock, field on_hand)",
        "`1O` is not a count",
        "row 37 of feeds/depot-2026-11-22.csv; seen once",
        "1 open entry.",
    ]);
    let json = place.run("queue list --format json").ends(0).json();
    let known = ["flow", "system", "location", "item", "code", "field"].map(|name| json[0][name].as_str());
    let told = ["shop-stock", "depot", "south", "KETTLE-CAST", "4006381330176", "on_hand"].map(Some);
    assert_eq!(known, told);
    assert_eq!(json[0]["attempts"], 1);
    assert!(json[0]["reason"].as_str().unwrap().contains("1O"), "{json:?}");
    assert_eq!((json[0]["first"].as_str(), json.len()), (json[0]["last"].as_str(), 1));
    place.run("apply --auto-approve").ends(4);
    assert_eq!(place.run("queue list --format json").ends(0).json()[0]["attempts"], 2);
    place.run("queue show 1").ends(0).tells(&[
        "seen 2 times",
        "first seen",
        "last seen",
        "attempts 2",
        "code 4006381330176",
        "next try at the next run",
        "state open",
    ]);
    place.run("queue retry 1").ends(0).tells(&["Entry 1 will be tried at the next run."]);
    place.run("queue check").ends(0).tells(&["1 entry is open, 10 are allowed."]);
    place.run("queue check --max 0").ends(4).says(&["1 entry is open, 0 are allowed."]);
    place.run("queue resolve 1").ends(1).says(&["--note"]);
    let empty = place.command("queue resolve 1").args(["--note", " "]).output().unwrap();
    assert_eq!(empty.status.code(), Some(1), "{empty:?}");
    let closed = place.command("queue resolve 1").args(["--note", "asked the depot"]).output().unwrap();
    assert!(closed.status.success(), "{closed:?}");
    place.run("queue list").ends(0).tells(&["Nothing is open."]);
    place.run("queue show 1").ends(0).tells(&["closed", "asked the depot"]);
    place.run("queue resolve 1 --note again").ends(1).says(&["no open entry has the number 1"]);
    place.run("queue show 99").ends(1).says(&["no open entry has the number 99"]);
    place.run("queue show one").ends(1).says(&["invalid value 'one'"]);
}

#[test]
fn a_mended_row_closes_its_entry() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4);
    place.change("feeds/depot-2026-11-22.csv", ";1O;", ";10;");
    place.run("apply --auto-approve").ends(0).tells(&["Queue: 1 entry closed"]);
    place.run("queue list").ends(0).tells(&["Nothing is open."]);
}

#[test]
fn a_write_that_is_refused_is_queued_with_its_cell() {
    let place = small(2);
    super::batch(
        &place.path("shop.db"),
        "create trigger no before update on stock when new.sku = 'I1' begin select raise(abort, 'not I1'); end;",
    );
    let done = place.run("apply --auto-approve").ends(4);
    done.tells(&["1 of 2 planned counts written, 1 left as it was.", "1 failed", "I1@shop → 5", "not I1"]);
    let json = place.run("queue list --format json").ends(0).json();
    assert_eq!((&json[0]["item"], &json[0]["system"]), (&"I1".into(), &"shop".into()));
}

#[test]
fn an_acknowledged_entry_is_listed_and_fails_nothing() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4);
    place.run("plan --detailed-exitcode").ends(4);
    place.run("queue ack 1 --until 2999-12-01").ends(1).says(&["--note"]);
    for (until, words) in
        [("2020-01-01", "has passed"), ("Friday", "is no date"), ("2999-02-30", "is no date")]
    {
        place.run(&format!("queue ack 1 --until {until} --note bea")).ends(1).tells_nothing().says(&[words]);
    }
    place.run("queue ack 9 --until 2999-12-01 --note bea").ends(1).says(&["no open entry has the number 9"]);
    place
        .run("queue ack 1 --until 2999-12-01 --note bea-counts")
        .ends(0)
        .says_nothing()
        .tells(&["Entry 1 is acknowledged until 2999-12-", "it is listed, and fails no command until then."]);
    place.run("queue list").ends(0).tells(&["acknowledged until", "bea-counts", "1 of them acknowledged"]);
    let json = place.run("queue list --format json").ends(0).json();
    assert_eq!(json[0]["acknowledged_note"], "bea-counts");
    place
        .run("queue check --max 0")
        .ends(0)
        .tells(&["0 entries are open and 1 acknowledged, 0 are allowed."]);
    // The row still fails, and the cell that rests on it is still held: both are said, and both are known.
    place.run("plan --detailed-exitcode").ends(0).tells(&["KETTLE-CAST"]);
    place.run("apply --auto-approve").ends(0).tells(&["acknowledged in the queue"]);
    assert_eq!(place.run("queue list --format json").ends(0).json()[0]["attempts"], 2);
    // Another failure is another matter.
    let feed = "feeds/depot-2026-11-22.csv";
    let line = place.read(feed).lines().nth(2).unwrap().to_owned();
    let broken = line.rsplitn(2, ';').last().unwrap().to_owned() + ";oops";
    place.change(feed, &line, &broken);
    place.run("plan --detailed-exitcode").ends(4);
    // Its date passes.
    place.change(feed, &broken, &line);
    super::batch(&place.path(".onhand/state.db"), "update queue set quiet_until = 1");
    place.run("plan --detailed-exitcode").ends(4);
    place.run("queue check --max 0").ends(4);
    place.run("queue list").ends(0).tells(&["was acknowledged until 1970"]);
}

#[test]
fn a_refused_write_is_acknowledged_too_and_shows_its_request() {
    let place = small(2);
    let refuse = "create trigger no before update on stock when new.sku = 'I1' \
                  begin select raise(abort, 'not I1'); end;";
    super::batch(&place.path("shop.db"), refuse);
    place.run("apply --auto-approve").ends(4);
    let json = place.run("queue list --format json").ends(0).json();
    let request = json[0]["request"].as_str().unwrap();
    assert!(request.starts_with("qty 9 → 5 (key ") || request.contains(" 9 → 5 (key "), "{request}");
    place.run("queue show 1").ends(0).tells(&[
        "last request",
        "9 → 5 (key",
        "last answer",
        "not I1",
        "change",
    ]);
    place.run("queue ack 1 --until 2999-12-01 --note shop-knows").ends(0);
    place.run("apply --auto-approve").ends(0).tells(&["1 failed", "acknowledged in the queue"]);
    place.run("plan --detailed-exitcode").ends(2);
}

/// A depot whose feed never says what it has taken in, and a shop that lists what it sold.
const SHOP: &str = r#"onhand language=1
unit ea
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; on-hand qty; reserved open; complete }
    acknowledges never
}
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    movements "select * from moves" { kind kind; document doc; line line; code sku; quantity qty; at happened }
}
location hall { in depot; in shop }
item MUG unit=ea { in depot MUG; in shop MUG }
owner depot { of on-hand reserved }
flow shop-stock { publish available to=shop; lag "10m" every="5m" }
flow shop-orders {
    collect orders cancellations shipments returns from=shop
    post none { reference "{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

#[test]
fn a_line_that_no_owner_takes_in_is_closed_with_its_entry() {
    let place = Place::with(SHOP);
    place.write("depot.csv", "sku,qty,open\nMUG,20,0\n");
    super::batch(
        &place.path("shop.db"),
        "create table stock (sku text, qty integer); insert into stock values ('MUG', 20);
         create table moves (kind text, doc text, line text, sku text, qty integer, happened text);
         insert into moves values ('order', '1001', '1', 'MUG', 3, '2026-01-05T09:00:00Z')",
    );
    place.run("apply --auto-approve").ends(0).tells(&["MUG 20 → 17 ea on-hand 20 − reserved 0 − pending 3"]);
    // Two days go by.
    let long = "update order_line set seen = seen - 2 * 86400000";
    super::batch(&place.path(".onhand/state.db"), long);
    place.run("apply --auto-approve").ends(4);
    place.run("queue list").ends(0).tells(&["never-acknowledged: 3 of it were sold", "shop#1001/1"]);
    let closed = place.command("queue resolve 1").args(["--note", "it went out by hand"]).output().unwrap();
    assert!(closed.status.success(), "{closed:?}");
    let said = String::from_utf8(closed.stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(said, "Entry 1 is closed; what shop#1001/1 says of MUG is no longer taken off any count.");
    place.run("apply --auto-approve").ends(0).tells(&["MUG 17 → 20 ea"]);
    place.run("state check").ends(0);
    // The order is read anew each time, and stays closed.
    place.run("plan --detailed-exitcode").ends(0);
    place.run("queue list").ends(0).tells(&["Nothing is open."]);
}

#[test]
fn a_cancellation_that_does_not_fit_waits_beside_its_entry() {
    let place = Place::with(&SHOP.replace("from moves\"", "from moves where changed >= :since\""));
    place.write("depot.csv", "sku,qty,open\nMUG,20,0\n");
    let shop = place.path("shop.db");
    super::batch(
        &shop,
        "create table stock (sku text, qty integer); insert into stock values ('MUG', 20);
         create table moves (kind text, doc text, line text, of_doc text, of_line text, sku text, qty integer,
                             happened text, changed text);
         insert into moves values
           ('order', '1001', '1', null, null, 'MUG', 3, '2026-01-05T09:00:00Z', '2026-01-05T09:00:00Z'),
           ('cancellation', 'C7', '1', '1001', '1', 'MUG', 5, '2026-01-05T09:30:00Z', '2026-01-05T09:30:00Z')",
    );
    let text = place.read("onhand.kdl");
    let text = text.replace("line line;", "line line; of-document of_doc; of-line of_line;");
    place.write("onhand.kdl", &text);
    place.run("apply --auto-approve").ends(4).tells(&["MUG 20 → 17 ea"]);
    let told = ["cancellation C7/1", "it is of 5, and of order 1001/1 only 3 is open"];
    place.run("queue list").ends(0).tells(&told);
    // What has changed since then is read, and the old record is told all the same.
    place.run("apply --auto-approve").ends(4);
    let json = place.run("queue list --format json").ends(0).json();
    assert_eq!((json.len(), json[0]["attempts"].as_i64()), (1, Some(2)));
    // A plan without a change says it too.
    place.run("plan").ends(0).tells(&["cancellation C7/1"]);
    let closed =
        place.command("queue resolve 1").args(["--note", "the shop sent it twice"]).output().unwrap();
    assert!(closed.status.success(), "{closed:?}");
    let said = String::from_utf8(closed.stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "Entry 1 is closed; cancellation C7/1 comes up again only if shop says something else of it.";
    assert_eq!(said, told);
    place.run("apply --auto-approve").ends(0);
    // Nor when all is read once more.
    super::batch(&place.path(".onhand/state.db"), "update cursor set whole = 0");
    place.run("apply --auto-approve").ends(0);
    place.run("queue list").ends(0).tells(&["Nothing is open."]);
    // The shop puts it right.
    let right = "update moves set qty = 2, changed = '2999-01-01T00:00:00Z' where doc = 'C7'";
    super::batch(&shop, right);
    place.run("apply --auto-approve").ends(0).tells(&["MUG 17 → 19 ea"]);
    place.run("state check").ends(0);
}

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
    place.run("queue show 1").ends(0).tells(&["seen 2 times", "first seen", "code 4006381330176", "open"]);
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

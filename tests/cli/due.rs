//! `onhand apply --due`: what a pipeline calls every few minutes.

use super::{Place, batch};

/// A depot of one item, a shop that is written every five minutes and an outlet every hour.
const TWO: &str = r#"onhand language=1
unit ea
system depot kind=csv role=warehouse { levels "depot.csv" { code sku; on-hand qty; reserved open; complete } }
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    orders none
}
system outlet kind=sql role=channel {
    url "sqlite:outlet.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    orders none
}
location hall { in depot; in shop; in outlet }
item MUG unit=ea { in depot MUG; in shop MUG; in outlet MUG }
owner depot { of on-hand reserved }
flow shop-stock { publish available to=shop; lag "10m" every="5m" }
flow outlet-stock { publish available to=outlet; lag "2h" every="1h" }
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

fn two() -> Place {
    let place = Place::with(TWO).env("HOOK", "http://127.0.0.1:9/");
    for name in ["shop.db", "outlet.db"] {
        batch(
            &place.path(name),
            "create table stock (sku text, qty integer); insert into stock values ('MUG', 9)",
        );
    }
    count(&place, 7);
    place
}

fn count(place: &Place, count: i64) {
    place.write("depot.csv", &format!("sku,qty,open\nMUG,{count},0\n"));
}

/// Lets so many minutes pass for all flows.
fn pass(place: &Place, minutes: i64) {
    batch(&place.path(".onhand/state.db"), &format!("update ran set at = at - {}", minutes * 60_000));
}

#[test]
fn each_flow_runs_when_its_time_has_come() {
    let place = two();
    let first = place.run("apply --due").ends(0);
    first.tells(&["2 counts to write in 2 flows.", "All 2 planned counts written."]);
    count(&place, 5);
    let none = place.run("apply --due").ends(0);
    none.tells(&["Nothing is due: the next flow is `shop-stock`, in 5m"]);
    pass(&place, 5);
    let shop = place.run("apply --due").ends(0);
    shop.tells(&["1 count to write in 1 flow.", "shop-stock", "The one planned count is written."]);
    pass(&place, 54);
    let both = place.run("apply --due").ends(0).tells(&["outlet-stock"]);
    assert!(both.out.contains("MUG"), "{}", both.out);
    place.run("plan --detailed-exitcode").ends(0);
}

#[test]
fn a_flow_whose_system_cannot_be_reached_stays_due() {
    let place = two();
    std::fs::rename(place.path("outlet.db"), place.path("away.db")).unwrap();
    place.run("apply --due").ends(7);
    count(&place, 5);
    std::fs::rename(place.path("away.db"), place.path("outlet.db")).unwrap();
    let done = place.run("apply --due").ends(0);
    done.tells(&["1 count to write in 1 flow.", "outlet-stock"]);
}

#[test]
fn an_owner_that_cannot_be_reached_leaves_all_flows_due() {
    let place = two();
    std::fs::remove_file(place.path("depot.csv")).unwrap();
    place.run("apply --due").ends(7);
    count(&place, 7);
    place.run("apply --due").ends(0).tells(&["2 counts to write in 2 flows."]);
}

#[test]
fn a_plan_of_some_items_is_no_run_of_their_flows() {
    let place = two();
    place.run("plan --items MUG --out p.jsonl").ends(0);
    place.run("apply p.jsonl").ends(0);
    place.run("apply --due").ends(0).tells(&["Nothing to do: 2 counts are right."]);
    place.run("apply --due").ends(0).tells(&["Nothing is due"]);
    let summary = place.run("apply --due --format json").ends(0).json();
    assert_eq!((summary.len(), &summary[0]["rows"]), (1, &0.into()), "{summary:?}");
}

#[test]
fn what_is_due_is_not_a_plan_of_somebody_else() {
    let place = two();
    place.run("plan --out p.jsonl").ends(0);
    place.run("apply p.jsonl --due").ends(1).says(&["cannot be used with"]);
    place.run("apply --auto-approve --due").ends(1).says(&["cannot be used with"]);
}

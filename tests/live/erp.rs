//! `examples/erp`, end to end: every number is compared with one computed by hand, read through the
//! servers' own APIs.

use super::api::Level;
use super::both::{Live, change, live, of_type};

/// Counts in the ERP at the start of every test: item, storage place, on hand.
const STOCK: &[(&str, &str, f64)] = &[
    ("MUG-WHT", "RTM-A", 120.0),
    ("MUG-BLK", "RTM-A", 80.0),
    ("BTL-750", "RTM-A", 36.0),
    ("TEA-EG", "RTM-B", 240.0),
    ("BEAN-ETH", "RTM-B", 52.5),
    ("TEA-GRN", "RTM-B", 60.0),
    ("MUG-WHT", "LIL-STO", 40.0),
    ("BTL-750", "LIL-STO", 12.0),
    ("TEA-EG", "LIL-STO", 24.0),
    ("TEA-GRN", "LIL-STO", 6.0),
];

/// What the shop must show then, computed by hand: variant, Rotterdam, Lille.
const SHOWN: &[(&str, i64, i64)] = &[
    ("WEB-MUG-WHT", 120, 40),
    ("WEB-MUG-BLK", 80, 0),
    ("WEB-BTL-750", 36, 12),
    ("WEB-TEA-EG", 240, 24),
    ("WEB-TEA-EG-CS12", 20, 2), // 240 / 12 and 24 / 12
    ("WEB-TEA-GRN", 60, 6),
    ("WEB-BEAN-ETH-1KG", 52, 0),  // 52.5 kg, rounded down
    ("WEB-BEAN-ETH-250", 210, 0), // 52,500 g / 250 g
    ("WEB-GIFT-1", 60, 20),       // two mugs each: 120 / 2 and 40 / 2
];

/// What the shop shows before the first sync of a test: its own, drifted numbers.
const DRIFTED: &[(&str, i64, i64)] = &[
    ("WEB-MUG-WHT", 120, 40),
    ("WEB-MUG-BLK", 80, 0),
    ("WEB-BTL-750", 60, 24),
    ("WEB-TEA-EG", 144, 36),
    ("WEB-TEA-EG-CS12", 12, 3),
    ("WEB-TEA-GRN", 50, 50),
    ("WEB-BEAN-ETH-1KG", 25, 10),
    ("WEB-BEAN-ETH-250", 100, 40),
    ("WEB-GIFT-1", 60, 20),
];

/// Puts both sides back to the start: counts by stock take, no open order, no threshold.
fn reset(live: &Live) {
    for (item, place, quantity) in STOCK {
        live.erp.count(item, place, *quantity);
    }
    for (sku, rotterdam, lille) in DRIFTED {
        live.shop.threshold(sku, None);
        for (place, shown) in [("Rotterdam", rotterdam), ("Lille", lille)] {
            // An order that an earlier test left open stays allocated: the count stands above it.
            let allocated = live.shop.level(sku, place).allocated;
            live.shop.set(sku, place, shown + allocated);
        }
    }
}

/// A first sync, so that both sides agree.
fn synced(live: &Live) {
    reset(live);
    assert_eq!(live.plan().0, 0);
    assert_eq!(live.onhand(&["apply", "plan.jsonl"]).0, 0);
}

/// What the shop would sell of a variant at one place.
fn shown(live: &Live, sku: &str, place: &str) -> i64 {
    let Level { on_hand, allocated } = live.shop.level(sku, place);
    on_hand - allocated
}

fn outcome(out: &str, code: &str, location: &str) -> String {
    let rows = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut rows = rows.filter(|row| row["type"] == "outcome");
    let row = rows.find(|row| row["code"] == code && row["location"] == location);
    let row = row.unwrap_or_else(|| panic!("no outcome for {code} at {location} in {out}"));
    row["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn every_count_arrives_and_a_second_plan_is_empty() {
    let Some(live) = live() else { return };
    reset(&live);
    let (status, plan) = live.plan();
    assert_eq!(status, 0);
    let lowered = change(&plan, "WEB-BTL-750", "rotterdam").expect("60 bottles are too many");
    assert_eq!((&lowered["before"], &lowered["after"]), (&60.into(), &36.into()));
    let (status, _, _) = live.onhand(&["apply", "plan.jsonl"]);
    assert_eq!(status, 0);
    for (sku, rotterdam, lille) in SHOWN {
        assert_eq!(shown(&live, sku, "Rotterdam"), *rotterdam, "{sku} at Rotterdam");
        assert_eq!(shown(&live, sku, "Lille"), *lille, "{sku} at Lille");
    }
    let (status, _, _) = live.onhand(&["plan", "--detailed-exitcode"]);
    assert_eq!(status, 0, "a second plan has nothing to do");
    let (status, _, _) = live.onhand(&["apply", "plan.jsonl"]);
    assert_eq!(status, 0, "a plan applied twice writes nothing");
}

#[test]
fn a_shop_that_fell_below_the_plan_is_left_alone() {
    let Some(live) = live() else { return };
    synced(&live);
    live.erp.count("MUG-BLK", "RTM-A", 70.0);
    live.erp.count("BTL-750", "RTM-A", 30.0);
    live.erp.count("TEA-GRN", "RTM-B", 55.0);
    let (_, plan) = live.plan();
    for (code, before, after) in [("WEB-MUG-BLK", 80, 70), ("WEB-BTL-750", 36, 30), ("WEB-TEA-GRN", 60, 55)] {
        let planned = change(&plan, code, "rotterdam").unwrap_or_else(|| panic!("no change for {code}"));
        assert_eq!((&planned["before"], &planned["after"]), (&before.into(), &after.into()));
    }
    live.shop.set("WEB-MUG-BLK", "Rotterdam", 65); // a stock change by hand
    let (bottles, _) = live.shop.buy("WEB-BTL-750", 10); // a paid order: 26 left
    let (_, line) = live.shop.buy("WEB-TEA-GRN", 10); // and one that has been sent out: 50 left
    live.shop.fulfil(&line, 10);
    let before: Vec<Level> =
        ["WEB-MUG-BLK", "WEB-BTL-750", "WEB-TEA-GRN"].map(|sku| live.shop.level(sku, "Rotterdam")).to_vec();
    let (status, out, _) = live.onhand(&["apply", "plan.jsonl", "--format", "json"]);
    assert_eq!(status, 4, "rows that moved end with 4");
    for (at, code) in ["WEB-MUG-BLK", "WEB-BTL-750", "WEB-TEA-GRN"].into_iter().enumerate() {
        assert_eq!(outcome(&out, code, "rotterdam"), "moved", "{code}");
        assert_eq!(live.shop.level(code, "Rotterdam"), before[at], "{code} was written");
    }
    live.shop.cancel(&bottles);
}

#[test]
fn an_owner_that_fell_since_the_plan_lets_no_raise_out() {
    let Some(live) = live() else { return };
    synced(&live);
    live.erp.count("MUG-BLK", "RTM-A", 90.0);
    live.erp.count("BTL-750", "LIL-STO", 20.0);
    let (_, plan) = live.plan();
    assert_eq!(change(&plan, "WEB-MUG-BLK", "rotterdam").unwrap()["after"], 90);
    assert_eq!(change(&plan, "WEB-BTL-750", "lille").unwrap()["after"], 20);
    live.erp.count("MUG-BLK", "RTM-A", 70.0);
    live.erp.count("BTL-750", "LIL-STO", 15.0);
    live.onhand(&["apply", "plan.jsonl"]);
    assert_eq!(shown(&live, "WEB-MUG-BLK", "Rotterdam"), 70, "the lower number goes out");
    assert_eq!(shown(&live, "WEB-BTL-750", "Lille"), 15, "the lower number goes out");
}

#[test]
fn a_processed_sale_is_subtracted_before_it_is_assigned() {
    let Some(live) = live() else { return };
    synced(&live);
    let shipment = live.erp.sell("BTL-750", 4, "RTM");
    assert_eq!(live.erp.on_hand("BTL-750", "RTM"), 36.0, "nothing has left the shelf");
    let (_, plan) = live.plan();
    let lowered = change(&plan, "WEB-BTL-750", "rotterdam").expect("four bottles are sold");
    assert_eq!((&lowered["before"], &lowered["after"]), (&36.into(), &32.into()));
    assert!(change(&plan, "WEB-BTL-750", "lille").is_none(), "nothing was sold at Lille");
    assert_eq!(live.onhand(&["apply", "plan.jsonl"]).0, 0);
    assert_eq!(shown(&live, "WEB-BTL-750", "Rotterdam"), 32);
    live.erp.cancel_shipment(&shipment);
}

#[test]
fn with_a_threshold_two_places_sell_exactly_what_was_published() {
    let Some(live) = live() else { return };
    reset(&live);
    live.shop.threshold("WEB-BTL-750", Some(3));
    live.plan();
    assert_eq!(live.onhand(&["apply", "plan.jsonl"]).0, 0);
    let (rotterdam, lille) =
        (live.shop.level("WEB-BTL-750", "Rotterdam"), live.shop.level("WEB-BTL-750", "Lille"));
    assert_eq!(rotterdam.on_hand - rotterdam.allocated, 39, "36 and the threshold of 3, at one place only");
    assert_eq!(lille.on_hand - lille.allocated, 12);
    let (in_cart, _) = live.shop.cart("WEB-BTL-750", 500);
    assert_eq!(in_cart, 48, "36 and 12 were published");
    let (status, _, _) = live.onhand(&["plan", "--detailed-exitcode"]);
    assert_eq!(status, 0, "a second plan has nothing to do");
}

#[test]
fn wrong_credentials_and_stopped_servers_end_with_7_and_write_nothing() {
    let Some(live) = live() else { return };
    reset(&live);
    let nobody = "http://127.0.0.1:9"; // the discard port: nobody listens
    let cases: [(&str, &str, &str); 4] = [
        ("ERP_PASSWORD", "canary-wrong-password", "erp"),
        ("SHOP_KEY", "canary-wrong-key", "web"),
        ("ERP_URL", nobody, "erp"),
        ("SHOP_URL", nobody, "web"),
    ];
    for (name, value, system) in cases {
        for arguments in [&["plan"][..], &["apply", "--auto-approve"][..]] {
            let (status, out, err) = live.onhand_with(arguments, &[(name, value)]);
            assert_eq!(status, 7, "{name}: {out}{err}");
            let said = format!("{out}{err}");
            assert!(said.contains(system), "{name}: the message names the system: {said}");
            assert!(!said.contains("canary"), "{name}: a secret was printed: {said}");
        }
    }
    for (sku, rotterdam, lille) in DRIFTED {
        assert_eq!(shown(&live, sku, "Rotterdam"), *rotterdam, "{sku} was written");
        assert_eq!(shown(&live, sku, "Lille"), *lille, "{sku} was written");
    }
}

#[test]
fn unknown_codes_are_failures_that_name_them_and_hold_nothing_else_up() {
    let Some(live) = live() else { return };
    reset(&live);
    let path = live.folder.path().join("onhand.kdl");
    let text = std::fs::read_to_string(&path).unwrap();
    let text =
        text.replace("in web WEB-MUG-BLK", "in web WEB-NO-SUCH").replace("in erp MUG-WHT", "in erp NO-SUCH");
    std::fs::write(&path, text).unwrap();
    let (_, plan) = live.plan();
    let failures = of_type(&plan, "failure");
    let named = |code: &str| failures.iter().any(|line| line.to_string().contains(code));
    assert!(named("WEB-NO-SUCH"), "{failures:?}");
    let held = of_type(&plan, "held");
    assert!(held.iter().any(|line| line["code"] == "WEB-MUG-WHT"), "an absent owner cell is held: {held:?}");
    assert!(held.iter().any(|line| line["code"] == "WEB-GIFT-1"), "and so is its bundle: {held:?}");
    let (status, _, _) = live.onhand(&["apply", "plan.jsonl"]);
    assert_eq!(status, 4);
    assert_eq!(shown(&live, "WEB-MUG-WHT", "Rotterdam"), 120, "absent is not zero");
    assert_eq!(shown(&live, "WEB-BTL-750", "Rotterdam"), 36, "the others went through");
    let (status, out, _) = live.onhand(&["queue", "list"]);
    assert_eq!(status, 0);
    assert!(out.contains("WEB-NO-SUCH"), "{out}");
}

//! `onhand apply`.

use super::{Place, batch, small};

/// What whoever wrote an `alert` must know.
const UNSENT: &str = "no `alert` is sent by this version; `onhand queue check` fails while too much is open";

#[test]
fn a_kept_plan_is_carried_out_once() {
    let place = Place::direct();
    let before = place.shop();
    place.run("plan --out plan.jsonl").ends(0);
    assert_eq!(place.shop(), before);
    let done = place.run("apply plan.jsonl").ends(4).says(&[UNSENT]);
    assert!(done.out.starts_with("All 11 planned counts written.\n"), "{}", done.out);
    done.tells(&["11 written and verified", "1 cell is held", "1 row could not be used"]);
    let after = place.shop();
    assert_ne!(after, before);
    assert!(after.contains(&("descaler/SOUTH".to_owned(), 0)), "{after:?}");
    let again = place.run("apply plan.jsonl").ends(0);
    assert!(again.out.starts_with("Nothing written of 11 planned counts"), "{}", again.out);
    again.tells(&["nothing was read or written"]);
    assert_eq!(place.shop(), after);
    place.run("plan --detailed-exitcode").ends(4).tells(&["Nothing to write."]);
}

#[test]
fn an_outcome_for_programs() {
    let place = Place::direct();
    place.run("plan --out plan.jsonl").ends(0);
    let json = place.run("apply plan.jsonl --format json").ends(4).json();
    let (summary, rows) = json.split_last().unwrap();
    let of = |kind: &str| rows.iter().filter(|row| row["type"] == kind).count();
    assert_eq!((of("outcome"), of("held"), of("failure")), (11, 1, 1));
    assert_eq!((&summary["rows"], &summary["status"]), (&11.into(), &4.into()));
    assert_eq!(summary["outcomes"]["verified"], 11);
    let total: u64 = summary["outcomes"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(total, 11);
}

#[test]
fn planning_and_applying_at_once() {
    let place = small(3);
    let done = place.run("apply --auto-approve").ends(0).says(&[UNSENT]);
    done.tells(&["3 counts to write in 1 flow.", "All 3 planned counts written.", "3 written and verified"]);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "5"], ["I2", "5"]]);
    let done = place.run("apply --auto-approve").ends(0);
    done.tells(&["Nothing to do: 3 counts are right.", "Nothing was to be written."]);
    let json = place.run("apply --auto-approve --format json").ends(0).json();
    assert_eq!(json.len(), 1, "json is json from the first line");
}

#[test]
fn a_row_that_moved_is_left_and_said() {
    let place = small(2);
    place.run("plan --out p.jsonl").ends(0);
    batch(&place.path("shop.db"), "update stock set qty = 3 where sku = 'I0'");
    let done = place.run("apply p.jsonl").ends(4);
    assert!(done.out.starts_with("1 of 2 planned counts written, 1 left as it was.\n"), "{}", done.out);
    let done = done.tells(&["moved since the plan", "I0@shop → 5: planned to fall from 9 to 5"]);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    assert_eq!(place.shop_of_small(), [["I0", "3"], ["I1", "5"]]);
}

#[test]
fn a_number_that_is_right_by_now_is_told_as_such() {
    let place = small(2);
    place.run("plan --out p.jsonl").ends(0);
    batch(&place.path("shop.db"), "update stock set qty = 5 where sku = 'I0'");
    let done = place.run("apply p.jsonl").ends(0);
    assert!(done.out.starts_with("1 of 2 planned counts written, 1 already right.\n"), "{}", done.out);
}

#[test]
fn nothing_named_is_nothing_applied() {
    let place = small(1);
    let done = place.run("apply").ends(1).tells_nothing();
    done.says(&["there is nothing to apply", "--auto-approve"]);
    assert_eq!(place.shop_of_small(), [["I0", "9"]]);
}

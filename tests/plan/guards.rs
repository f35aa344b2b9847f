//! Guards: shares of the cells that exist, compared exactly.

use crate::count::town::*;
use onhand::model::flow::Guard;
use onhand::model::quantity::Ratio;
use onhand::plan::guard::{Tally, verdicts};

fn said(guard: &Guard, tally: Tally) -> Vec<String> {
    let say = |v: &onhand::plan::change::Verdict| {
        let word = if v.tripped { "TRIPS" } else { "holds" };
        format!("{} {} of {}: {word}", v.guard, v.actual, v.limit)
    };
    verdicts("f", guard, tally).iter().map(say).collect()
}

#[test]
fn the_defaults() {
    let tally = Tally { cells: 1000, lower: 200, raise: 80, create: 20, zeroed: 50 };
    let want = [
        "max-changed 30% of 30%: holds",
        "max-zeroed 5% of 5%: holds",
        "max-raised 10% of 10%: holds",
        "max-rows 300 of 5000: holds",
    ];
    assert_eq!(said(&Guard::default(), tally), want);
    let tally = Tally { cells: 1000, lower: 200, raise: 80, create: 21, zeroed: 51 };
    let want = [
        "max-changed 30.1% of 30%: TRIPS",
        "max-zeroed 5.1% of 5%: TRIPS",
        "max-raised 10.1% of 10%: TRIPS",
        "max-rows 301 of 5000: holds",
    ];
    assert_eq!(said(&Guard::default(), tally), want);
}

#[test]
fn a_share_above_its_limit_never_reads_equal_to_it() {
    let tally = |lower| Tally { cells: 100_000, lower, ..Tally::default() };
    let guard = Guard { max_rows: 1_000_000, ..Guard::default() };
    assert_eq!(said(&guard, tally(30_001))[0], "max-changed 30.1% of 30%: TRIPS");
    assert_eq!(said(&guard, tally(29_999))[0], "max-changed 29.9% of 30%: holds");
    let guard = Guard { max_changed: Ratio::new(125, 1000).expect("above 0"), ..guard };
    assert_eq!(said(&guard, tally(12_501))[0], "max-changed 12.6% of 12.5%: TRIPS");
    assert_eq!(said(&guard, tally(12_500))[0], "max-changed 12.5% of 12.5%: holds");
}

#[test]
fn a_share_never_trips_at_ten_rows_or_fewer() {
    let tally = |lower| Tally { cells: 12, lower, zeroed: lower, ..Tally::default() };
    assert!(said(&Guard::default(), tally(10)).iter().all(|said| said.ends_with("holds")));
    assert_eq!(said(&Guard::default(), tally(11))[1], "max-zeroed 91.7% of 5%: TRIPS");
    let guard = Guard { max_rows: 3, ..Guard::default() };
    assert_eq!(said(&guard, tally(4))[3], "max-rows 4 of 3: TRIPS", "a number of rows has no such mercy");
}

#[test]
fn where_nothing_exists_yet_creates_count_as_all() {
    let tally = Tally { create: 11, ..Tally::default() };
    let guards = said(&Guard::default(), tally);
    assert_eq!(guards[0], "max-changed 100% of 30%: TRIPS");
    assert_eq!(guards[2], "max-raised 100% of 10%: TRIPS");
    assert_eq!(said(&Guard::default(), Tally::default())[0], "max-changed 0% of 30%: holds");
}

#[test]
fn a_plan_counts_the_cells_that_exist_at_the_target() {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.mug]);
    t.town.flow("web-stock", "available", t.web, &[t.paris, t.lyon]).things = sold;
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "0", "0");
        t.shows("SHIRT", place, "3");
    }
    t.has("E-MUG", t.paris, "7", "0");
    let plan = t.town.plan();
    let rows: Vec<_> = plan.guards.iter().map(|v| (v.guard.as_str(), v.rows, v.of)).collect();
    let want = [("max-changed", 3, 2), ("max-zeroed", 2, 2), ("max-raised", 1, 2), ("max-rows", 3, 2)];
    assert_eq!(rows, want);
    assert_eq!(plan.guards[0].flow, "web-stock");
    assert!(!plan.tripped());
}

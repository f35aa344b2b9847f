//! How much of a shelf is promised more than once.

use crate::count::town::*;

/// Shirts, mugs and boxes on `web`; the targets show what is right where `shown` says nothing else.
fn town(at_pool: bool) -> Fixed {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.mug, t.gift]);
    let place = if at_pool { t.online } else { t.paris };
    t.town.flow("web-stock", "available", t.web, &[place]).things = sold;
    t
}

#[test]
fn one_sellable_promises_its_shelf_once() {
    let mut t = town(false);
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "0");
    t.shows("SHIRT", t.paris, "5");
    let plan = t.town.plan();
    assert_eq!((plan.summary.exposure, plan.changes[0].exposure), (0, 0));
}

#[test]
fn a_box_beside_its_parts_promises_them_twice() {
    let mut t = town(false);
    t.has("E-SHIRT", t.paris, "9", "0");
    t.has("E-MUG", t.paris, "7", "0");
    for code in ["SHIRT", "MUG", "GIFT"] {
        t.shows(code, t.paris, "1");
    }
    let plan = t.town.plan();
    // Shown: 9 shirts, 7 mugs, 3 boxes. Shirts 9 + 3 − 9 = 3; mugs 7 + 2·3 − 7 = 6.
    assert_eq!(plan.summary.exposure, 9);
    let by_code: Vec<_> = plan.changes.iter().map(|c| (c.code.as_str(), c.exposure)).collect();
    assert_eq!(by_code, [("SHIRT", 3), ("MUG", 6), ("GIFT", 6)]);
}

#[test]
fn a_case_and_a_piece_promise_one_shelf_twice() {
    let mut t = town(false);
    t.town.code(t.web, t.shirt, "SHIRT-CS", "case");
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "30", "0");
    t.shows("SHIRT", t.paris, "1");
    t.shows("SHIRT-CS", t.paris, "1");
    // 30 pieces and 2 cases of 12: 54 promised of 30.
    assert_eq!(t.town.plan().summary.exposure, 24);
}

#[test]
fn two_channels_promise_one_shelf_twice_and_what_is_not_written_counts_as_shown() {
    let mut t = town(false);
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "0");
    t.shows("SHIRT", t.paris, "9");
    t.town.row(t.shop, "SHIRT", t.paris, &[("on-hand", "4"), ("allocated", "0"), ("threshold", "0")]);
    assert_eq!(t.town.plan().summary.exposure, 9);
    // A stale owner raises nothing: the shop goes on showing 4.
    t.town.model.systems[t.erp.index()].stale_after = Some((std::time::Duration::from_secs(60), nowhere()));
    t.town.about(t.erp).as_of = None;
    let plan = t.town.plan();
    assert_eq!((plan.held.len(), plan.summary.exposure), (1, 4));
}

#[test]
fn a_target_that_does_not_sell_promises_nothing() {
    let mut t = town(false);
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.town.flow("ledger-stock", "available", t.ledger, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "0");
    t.shows("SHIRT", t.paris, "1");
    t.town.row(t.ledger, "SHIRT", t.paris, &[("available", "1")]);
    assert_eq!(t.town.plan().summary.exposure, 0);
}

#[test]
fn a_pool_promises_of_each_member_at_most_what_it_has() {
    let mut t = town(true);
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "5", "0");
        t.has("E-MUG", place, "5", "0");
    }
    for code in ["SHIRT", "MUG", "GIFT"] {
        t.shows(code, t.online, "1");
    }
    // Shown: 10 shirts, 10 mugs, 4 boxes. At each place 5 + 2 shirts of 5 and 5 + 4 mugs of 5.
    assert_eq!(t.town.plan().summary.exposure, 2 * (2 + 4));
}

#[test]
fn a_shelf_with_backlog_and_nothing_shown_exposes_nothing() {
    let mut t = town(false);
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "2", "9");
    t.shows("SHIRT", t.paris, "3");
    assert_eq!(t.town.plan().summary.exposure, 0);
}

#[test]
fn a_shelf_whose_count_nobody_knows_has_no_exposure() {
    let mut t = town(false);
    t.shows("SHIRT", t.paris, "3");
    t.shows("GIFT", t.paris, "3");
    assert_eq!(t.town.plan().summary.exposure, 0);
}

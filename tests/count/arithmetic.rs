//! The steps of a count, in their order.

use super::town::*;
use onhand::model::flow::Keep;
use onhand::model::quantity::{Quantity, Ratio};
use onhand::plan::change::{Action, Step};

fn percent(n: i64) -> Keep {
    Keep::Share(Ratio::new(n, 100).expect("above 0"))
}

/// A flow of `available` to `web` at paris.
fn direct() -> Fixed {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]);
    t
}

/// The same at the pool of paris and lyon.
fn pooled() -> Fixed {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.online]);
    t
}

/// The only change, as `before→after: reason`.
fn only(t: &mut Fixed) -> String {
    let plan = t.town.plan();
    assert_eq!((plan.changes.len(), &plan.held[..], &plan.failures[..]), (1, &[][..], &[][..]));
    format!("{}: {}", changes(&plan)[0], plan.changes[0].reason)
}

#[test]
fn available_is_on_hand_less_reserved_damaged_and_safety_stock() {
    let mut t = Fixed::new();
    t.town.owns(t.erp, &["on-hand", "reserved", "damaged", "safety-stock"], &[t.paris]);
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    let columns = [("on-hand", "14"), ("reserved", "5"), ("damaged", "1"), ("safety-stock", "2")];
    t.town.row(t.erp, "E-SHIRT", t.paris, &columns);
    t.shows("SHIRT", t.paris, "12");
    let why = "on-hand 14 − reserved 5 − damaged 1 − safety-stock 2";
    assert_eq!(only(&mut t), format!("SHIRT@paris 12→6: {why}"));
}

#[test]
fn a_quantity_that_nobody_owns_counts_as_0() {
    let mut t = Fixed::new();
    t.town.owns(t.erp, &["on-hand"], &[t.paris]);
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "14", "5");
    t.shows("SHIRT", t.paris, "12");
    assert_eq!(only(&mut t), "SHIRT@paris 12→14: on-hand 14");
}

#[test]
fn what_is_already_off_is_not_subtracted_again() {
    let mut t = direct();
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.town.model.systems[t.erp.index()].shows[0].net_of = vec![name("reserved")];
    t.has("E-SHIRT", t.paris, "9", "5");
    t.shows("SHIRT", t.paris, "12");
    assert_eq!(only(&mut t), "SHIRT@paris 12→9: on-hand 9");
}

#[test]
fn a_gross_count_is_made_whole_again_from_a_net_one() {
    let mut t = Fixed::new().owned();
    t.town.flow("ledger-stock", "on-hand", t.ledger, &[t.paris]).things = things(&[t.shirt]);
    t.town.model.systems[t.erp.index()].shows[0].net_of = vec![name("reserved")];
    t.has("E-SHIRT", t.paris, "9", "5");
    t.town.row(t.ledger, "SHIRT", t.paris, &[("on-hand", "12")]);
    assert_eq!(only(&mut t), "SHIRT@paris 12→14: on-hand 9 + reserved 5");
}

#[test]
fn a_quantity_of_ones_own_adds_and_takes_off_what_it_names() {
    let mut t = direct();
    let terms = vec![(t.town.quantity("on-hand"), 1), (t.town.quantity("damaged"), -1)];
    t.town.model.quantities.push(Quantity { name: name("sellable"), terms, origin: None });
    t.town.model.flows.clear();
    t.town.owns(t.erp, &["damaged"], &[t.paris]);
    t.town.flow("own", "sellable", t.web, &[t.paris]).things = things(&[t.shirt]);
    let columns = [("on-hand", "14"), ("reserved", "5"), ("damaged", "3")];
    t.town.row(t.erp, "E-SHIRT", t.paris, &columns);
    t.town.row(t.web, "SHIRT", t.paris, &[("sellable", "10")]);
    assert_eq!(only(&mut t), "SHIRT@paris 10→11: on-hand 14 − damaged 3");
}

#[test]
fn what_is_kept_back() {
    // (count, amounts, what is left)
    let cases: &[(&str, &[Keep], i64)] = &[
        ("10", &[], 10),
        ("10", &[Keep::Units(2)], 8),
        ("10", &[Keep::Units(12)], 0),
        ("10", &[percent(10)], 9),
        ("11", &[percent(10)], 9),
        ("1", &[percent(1)], 0),
        ("10", &[Keep::Units(2), percent(50)], 5),
        ("3", &[Keep::Units(2), percent(50)], 1),
        ("0", &[Keep::Units(2)], 0),
        ("-4", &[Keep::Units(2), percent(50)], 0),
    ];
    for (count, amounts, left) in cases {
        let mut t = direct();
        let shirt = t.shirt;
        let flow = &mut t.town.model.flows[0];
        flow.things = things(&[shirt]);
        flow.keep_back = amounts.iter().map(|amount| keep(*amount, &[shirt])).collect();
        t.has("E-SHIRT", t.paris, count, "0");
        t.shows("SHIRT", t.paris, "99");
        let plan = t.town.plan();
        assert_eq!(plan.changes[0].after, *left, "{count} with {amounts:?}");
    }
}

#[test]
fn keep_back_counts_only_for_the_items_it_names() {
    let mut t = direct();
    let (shirt, mug) = (t.shirt, t.mug);
    let flow = &mut t.town.model.flows[0];
    flow.things = things(&[shirt, mug]);
    flow.keep_back = vec![keep(Keep::Units(2), &[mug])];
    for (code, shown) in [("E-SHIRT", "SHIRT"), ("E-MUG", "MUG")] {
        t.has(code, t.paris, "10", "0");
        t.shows(shown, t.paris, "12");
    }
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 12→10", "MUG@paris 12→8"]);
    assert_eq!(plan.changes[1].reason, "on-hand 10 − reserved 0, kept back 2");
}

#[test]
fn keep_back_is_per_component_cell_before_the_bundle() {
    let mut t = direct();
    let (mug, gift) = (t.mug, t.gift);
    let flow = &mut t.town.model.flows[0];
    flow.things = things(&[mug, gift]);
    flow.keep_back = vec![keep(Keep::Units(2), &[mug])];
    t.has("E-SHIRT", t.paris, "10", "0");
    t.has("E-MUG", t.paris, "3", "0");
    t.shows("MUG", t.paris, "9");
    t.shows("GIFT", t.paris, "9");
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["MUG@paris 9→1", "GIFT@paris 9→0"]);
    let why = "on-hand 3 − reserved 0, kept back 2, limited by MUG";
    assert_eq!(plan.changes[1].reason, why);
}

#[test]
fn a_bundle_is_the_least_over_its_components() {
    let mut t = direct();
    t.town.model.flows[0].things = things(&[t.gift]);
    t.has("E-SHIRT", t.paris, "10", "0");
    t.has("E-MUG", t.paris, "7", "0");
    t.shows("GIFT", t.paris, "1");
    assert_eq!(only(&mut t), "GIFT@paris 1→3: on-hand 7 − reserved 0, limited by MUG");
}

#[test]
fn a_bundle_in_a_pool_is_computed_at_each_place_and_floors_towards_minus_infinity() {
    let mut t = pooled();
    t.town.model.flows[0].things = things(&[t.gift]);
    // paris: min(5, floor(9/2)) = 4; lyon: min(8, floor(-1/2)) = -1; together 3, not floor(8/2) = 4.
    for (place, shirts, mugs) in [(t.paris, "5", "9"), (t.lyon, "8", "-1")] {
        t.has("E-SHIRT", place, shirts, "0");
        t.has("E-MUG", place, mugs, "0");
    }
    t.shows("GIFT", t.online, "9");
    assert_eq!(only(&mut t), "GIFT@online 9→3: paris 4 + lyon −1");
}

/// Some systems write what is reserved as -3. Taken off, it would put three more on sale.
#[test]
fn what_is_taken_off_is_never_below_0() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "-3");
    t.shows("SHIRT", t.paris, "5");
    let plan = t.town.plan();
    assert_eq!(changes(&plan).len(), 0);
    assert_eq!(held(&plan), ["SHIRT@paris: the row of `E-SHIRT` at `PAR` in `erp` could not be read"]);
    let why = "E-SHIRT row 2 reserved: -3 ea is below 0, and this count is taken off what can be sold, which \
               would rise by it: correct the sign, or the count";
    assert_eq!(failures(&plan), [why]);
    let key = (t.erp, 0, t.paris, t.town.quantity("reserved").0);
    t.town.last_known.insert(key, -3);
    assert_eq!(changes(&t.town.plan()).len(), 0, "nor is what was remembered");
    t.town.rows[1].columns[0].1 = onhand::model::quantity::Decimal::parse("11").ok();
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 11→9"], "a lowering still goes out");
}

#[test]
fn an_open_line_below_0_is_no_line() {
    let mut t = Fixed::with_lines().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "");
    t.shows("SHIRT", t.paris, "5");
    t.town.line(t.erp, "E-SHIRT", Some(t.paris), "-4");
    let plan = t.town.plan();
    assert_eq!((changes(&plan).len(), plan.held.len(), plan.failures.len()), (0, 1, 1));
}

#[test]
fn a_negative_member_lowers_its_pool_and_one_clamp_ends_it() {
    let mut t = pooled();
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "0");
    t.has("E-SHIRT", t.lyon, "2", "6");
    t.shows("SHIRT", t.online, "9");
    assert_eq!(only(&mut t), "SHIRT@online 9→5: paris 9 + lyon −4");
    t.town.rows.clear();
    t.has("E-SHIRT", t.paris, "1", "0");
    t.has("E-SHIRT", t.lyon, "2", "6");
    t.shows("SHIRT", t.online, "9");
    assert_eq!(only(&mut t), "SHIRT@online 9→0: paris 1 + lyon −4, clamped at 0");
}

#[test]
fn keep_back_of_a_pool_is_taken_from_each_cell() {
    let mut t = pooled();
    let shirt = t.shirt;
    let flow = &mut t.town.model.flows[0];
    flow.things = things(&[shirt]);
    flow.keep_back = vec![keep(Keep::Units(2), &[shirt])];
    t.has("E-SHIRT", t.paris, "9", "0");
    t.has("E-SHIRT", t.lyon, "1", "0");
    t.shows("SHIRT", t.online, "9");
    assert_eq!(only(&mut t), "SHIRT@online 9→7: paris 7 + lyon 0");
}

#[test]
fn a_channel_rounds_down_into_its_unit_after_the_pool() {
    let mut t = pooled();
    t.town.code(t.web, t.shirt, "SHIRT-CS", "case");
    t.town.model.flows[0].things = things(&[t.shirt]);
    // 7 + 7 = 14: one case, though no place has one.
    t.has("E-SHIRT", t.paris, "7", "0");
    t.has("E-SHIRT", t.lyon, "7", "0");
    t.shows("SHIRT", t.online, "14");
    t.shows("SHIRT-CS", t.online, "0");
    assert_eq!(only(&mut t), "SHIRT-CS@online 0→1: paris 7 + lyon 7, in case of 12");
}

#[test]
fn any_other_target_takes_whole_units_or_fails() {
    let mut t = Fixed::new().owned();
    t.town.code(t.ledger, t.shirt, "SHIRT-CS", "case");
    t.town.flow("ledger-stock", "available", t.ledger, &[t.paris]).things = things(&[t.shirt]);
    for (count, want) in [("24", Some(2)), ("25", None)] {
        t.town.rows.clear();
        t.has("E-SHIRT", t.paris, count, "0");
        t.town.row(t.ledger, "SHIRT", t.paris, &[("available", count)]);
        t.town.row(t.ledger, "SHIRT-CS", t.paris, &[("available", "9")]);
        let plan = t.town.plan();
        assert_eq!(plan.changes.first().map(|change| change.after), want);
        if want.is_none() {
            let why = "SHIRT-CS row 4 available: 25 ea is no whole number of `case` (12 ea each), and only a \
                       channel's counts are rounded down: publish in a finer unit";
            assert_eq!(failures(&plan), [why]);
        }
    }
}

#[test]
fn the_cap_is_in_the_unit_shown() {
    let mut t = direct();
    t.town.code(t.web, t.shirt, "SHIRT-CS", "case");
    let shirt = t.shirt;
    let flow = &mut t.town.model.flows[0];
    flow.things = things(&[shirt]);
    flow.cap = Some(3);
    t.has("E-SHIRT", t.paris, "40", "0");
    t.shows("SHIRT", t.paris, "9");
    t.shows("SHIRT-CS", t.paris, "9");
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 9→3", "SHIRT-CS@paris 9→3"]);
    assert_eq!(plan.changes[0].reason, "on-hand 40 − reserved 0, capped at 3");
    // 40 pieces are 3 cases: the cap did nothing there.
    assert_eq!(plan.changes[1].reason, "on-hand 40 − reserved 0, in case of 12");
}

#[test]
fn the_bridge_adds_what_the_target_takes_off_without_a_second_clamp() {
    let mut t = Fixed::new().owned();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "2", "6");
    let columns = [("on-hand", "17"), ("allocated", "5"), ("threshold", "3")];
    t.town.row(t.shop, "SHIRT", t.paris, &columns);
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 9→0"]);
    let change = &plan.changes[0];
    assert_eq!((change.write.quantity.as_str(), change.write.after), ("on-hand", 8));
    let before = change.write.before.as_ref().expect("a row");
    let before: Vec<_> = before.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(before, [("allocated", 5), ("on-hand", 17), ("threshold", 3)]);
    let bridge = |name: &str, value| Step::Bridge { bridge: name.to_owned(), value };
    assert!(change.sum.ends_with(&[bridge("allocated", 5), bridge("threshold", 3)]));
}

#[test]
fn a_negative_bridge_is_taken_as_it_is() {
    let mut t = Fixed::new().owned();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "2", "0");
    let columns = [("on-hand", "4"), ("allocated", "-9"), ("threshold", "0")];
    t.town.row(t.shop, "SHIRT", t.paris, &columns);
    let plan = t.town.plan();
    assert_eq!((changes(&plan), plan.changes[0].write.after), (vec!["SHIRT@paris 13→2".to_owned()], -7));
}

#[test]
fn a_create_has_no_bridge_and_no_before() {
    let mut t = Fixed::new().owned();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "2", "0");
    let plan = t.town.plan();
    let change = &plan.changes[0];
    assert_eq!((change.action, change.before, change.after), (Action::Create, None, 2));
    assert_eq!((&change.write.before, change.write.after), (&None, 2));
}

#[test]
fn open_lines_add_up_and_one_without_a_place_counts_at_each() {
    let mut t = Fixed::with_lines().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris, t.lyon]).things = things(&[t.shirt]);
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "20", "");
        t.shows("SHIRT", place, "20");
    }
    t.town.line(t.erp, "E-SHIRT", Some(t.paris), "3");
    t.town.line(t.erp, "E-SHIRT", Some(t.paris), "1");
    t.town.line(t.erp, "E-SHIRT", None, "2");
    t.town.line(t.erp, "E-MUG", Some(t.lyon), "9");
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 20→14", "SHIRT@lyon 20→18"]);
    let Step::Minus { lines, value, .. } = &plan.changes[0].sum[1] else {
        panic!("{:?}", plan.changes[0].sum)
    };
    assert_eq!((lines.join(" "), *value), ("SO1/1 SO1/2 SO1/3".to_owned(), 6));
}

#[test]
fn lines_count_in_the_units_they_name() {
    let mut t = Fixed::with_lines().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "20", "");
    t.shows("SHIRT", t.paris, "20");
    t.town.line(t.erp, "E-SHIRT", Some(t.paris), "0.5").unit = Some(name("case"));
    assert_eq!(only(&mut t), "SHIRT@paris 20→14: on-hand 20 − reserved 6");
}

#[test]
fn two_codes_of_an_owner_add_up() {
    let mut t = direct();
    t.town.code(t.erp, t.shirt, "E-SHIRT-OLD", "");
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "10", "1");
    t.has("E-SHIRT-OLD", t.paris, "4", "2");
    t.shows("SHIRT", t.paris, "1");
    assert_eq!(only(&mut t), "SHIRT@paris 1→11: on-hand 14 − reserved 3");
    t.town.rows.remove(1);
    assert_eq!(held(&t.town.plan()), ["SHIRT@paris: `erp` did not report `E-SHIRT-OLD` at `PAR`"]);
}

#[test]
fn a_code_that_is_valid_at_one_place_counts_there_only() {
    let mut t = Fixed::new().owned();
    t.town.code(t.web, t.shirt, "SHIRT-P", "");
    let lyon = t.lyon;
    let code = t.town.model.find_code(t.web, "SHIRT-P").expect("a code");
    t.town.model.codes[code.index()].at = Some(lyon);
    t.town.flow("web-stock", "available", t.web, &[t.paris, t.lyon]).things = things(&[t.shirt]);
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "10", "0");
        t.shows("SHIRT", place, "10");
    }
    assert_eq!(changes(&t.town.plan()), ["SHIRT-P@lyon none→10"]);
}

#[test]
fn numbers_too_large_to_write_are_failures() {
    let mut t = Fixed::new().owned();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "2147483640", "0");
    let columns = [("on-hand", "9"), ("allocated", "8"), ("threshold", "0")];
    t.town.row(t.shop, "SHIRT", t.paris, &columns);
    let plan = t.town.plan();
    let why = "SHIRT id 3 on-hand: 2147483648 is more than `shop` takes (2147483647): set a `cap`, or publish \
               in a larger unit";
    assert_eq!((changes(&plan).len(), failures(&plan)), (0, vec![why.to_owned()]));
    let mut t = pooled();
    t.town.model.flows[0].things = things(&[t.shirt]);
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "1000000000000000", "0");
    }
    t.shows("SHIRT", t.online, "9");
    let plan = t.town.plan();
    assert_eq!((changes(&plan).len(), plan.failures.len()), (0, 1));
}

#[test]
fn a_system_without_locations_shows_none_in_the_plan() {
    let mut t = Fixed::new().owned();
    t.town.model.locations[t.paris.index()].codes.retain(|code| code.system != t.web);
    t.town.model.locations[t.online.index()].codes[0].code = None;
    t.town.flow("web-stock", "available", t.web, &[t.online]).things = things(&[t.shirt]);
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "10", "0");
    }
    t.shows("SHIRT", t.online, "9");
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@- 9→20"]);
    let cell = onhand::plan::permit::cell_of(&t.town.model, &plan.changes[0]);
    assert_eq!(cell.map(|(_, _, location)| location), Some(t.online));
}

//! What is suggested to be kept back, and why nothing is where nothing is.

use super::{COLLECTED, DAY, MINUTE, Town, sold, source, steady};
use crate::support::chance::{Dice, seeds};
use onhand::model::capability::{Descriptor, WriteClass};
use onhand::report::keep::Verdict;
use onhand::report::sold::Rate;
use onhand::state::Sold;

const HOUR: i64 = 60 * MINUTE;

/// The mart sells three times within ten minutes once, else every two hours.
fn busy(days: i64) -> Sold {
    let mut orders = steady(12, 2 * HOUR, 2);
    orders.extend([
        (3 * DAY, 1),
        (3 * DAY - 4 * MINUTE, 1),
        (3 * DAY - 10 * MINUTE, 3),
        (3 * DAY - 11 * MINUTE, 9),
    ]);
    sold(days, "MUG", "paris", &orders)
}

#[test]
fn what_others_sell_within_one_lag_is_suggested() {
    let town = Town::of(&source(&COLLECTED));
    let own = town.advice("web-stock", ("MUG", "paris"), &[("mart", busy(14))]).expect("it sells mugs");
    assert_eq!(own.verdict, Verdict::Suggested(13));
    assert_eq!(own.rate, Some(Rate { days: 14, orders: 16, sold: 38, most: 13 }));
    assert_eq!(
        own.words(),
        "keep-back 13 ea would cover it: of 38 ea sold in 14 days by `mart`, 13 ea fell within one lag of 10m"
    );
    // The mart shows its counts twenty minutes late: what the web sells in that time has to be covered there.
    let web = sold(9, "MUG", "paris", &steady(40, 15 * MINUTE, 1));
    let own = town.advice("mart-stock", ("MUG", "paris"), &[("web", web), ("mart", busy(14))]);
    assert_eq!(own.expect("it sells mugs").verdict, Verdict::Suggested(2));
}

#[test]
fn own_sales_count_where_a_write_can_undo_them() {
    let own = [("web", sold(20, "MUG", "lyon", &steady(20, HOUR, 5)))];
    let told = |source: &str, item: &str| {
        let town = Town::of(source);
        let sales = [("web", sold(20, item, "lyon", &steady(20, HOUR, 5)))];
        town.advice("web-stock", (item, "lyon"), &sales).expect("it is sold").verdict
    };
    let compared = source(&[]);
    let absolute = source(&[("{BEFORE}", "")]);
    assert_eq!(told(&compared, "MUG"), Verdict::Alone);
    assert_eq!(told(&absolute, "MUG"), Verdict::Suggested(5));
    // A box takes two tees off the shelf, and the web goes on showing the tees.
    assert_eq!(told(&compared, "TEE"), Verdict::Suggested(5));
    // Another kind of write adds to what stands there, once for each key; one that cannot is as good as none.
    let class = |class: WriteClass| {
        let mut town = Town::of(&compared);
        let kind: &'static Descriptor =
            Box::leak(Box::new(Descriptor { class, ..onhand::connectors::memory::DESCRIPTOR }));
        let web = town.system("web");
        town.model.systems[web.index()].kind = kind;
        town.advice("web-stock", ("MUG", "lyon"), &own).expect("it is sold").verdict
    };
    assert_eq!(class(WriteClass::KeyedDelta), Verdict::Alone);
    assert_eq!(class(WriteClass::Absolute), Verdict::Suggested(5));
    assert_eq!(class(WriteClass::BareDelta), Verdict::Suggested(5));
}

#[test]
fn a_divided_shelf_behind_a_write_that_compares_needs_nothing() {
    let divided = |more: &str, before: &str| {
        let allocation = format!(
            "allocation fronts {{ among web mart; weights web=1 mart=1; {more} }}\n{}",
            COLLECTED[1].1
        );
        let parts = [COLLECTED[0], ("{MORE}", allocation.as_str()), ("{BEFORE}", before)];
        let town = Town::of(&source(&parts));
        let sales = [("mart", busy(14)), ("web", sold(14, "MUG", "paris", &steady(30, HOUR, 1)))];
        town.advice("web-stock", ("MUG", "paris"), &sales).expect("it is sold")
    };
    let compared = " and qty = :before";
    let own = divided("", compared);
    assert_eq!(own.verdict, Verdict::Divided("fronts".to_owned()));
    assert!(own.words().starts_with("nothing to keep back: allocation `fronts` divides"), "{}", own.words());
    // A write that compares nothing undoes sales of the web itself.
    assert_eq!(divided("", "").verdict, Verdict::Suggested(1));
    // Above its limit everybody shows everything: 13 may go within one lag while 7 are shown.
    assert_eq!(divided("pooled-above 6", compared).verdict, Verdict::Pooled { above: 6, wanted: 12 });
    let told = divided("pooled-above 6", compared).words();
    assert!(told.contains("`pooled-above 12` would cover it"), "{told}");
    let told = divided("pooled-above 12", compared);
    assert_eq!(told.verdict, Verdict::Pooled { above: 12, wanted: 12 });
    assert!(
        told.words().starts_with("nothing to keep back: the shelf is divided from 12 ea down"),
        "{}",
        told.words()
    );
}

#[test]
fn what_is_kept_back_now_is_judged() {
    let told = |keep: &str| {
        let parts = [COLLECTED[0], COLLECTED[1], ("{KEEP}", keep)];
        let town = Town::of(&source(&parts));
        town.advice("web-stock", ("MUG", "paris"), &[("mart", busy(14))]).expect("it is sold")
    };
    assert_eq!(told("keep-back 13 ea").verdict, Verdict::Covered(13));
    assert_eq!(told("keep-back 13 ea { items MUG }; keep-back 2 ea").verdict, Verdict::Covered(13));
    let less = told("keep-back 12 ea");
    assert_eq!(less.verdict, Verdict::Suggested(13));
    assert!(less.words().starts_with("keeping 12 ea back does not cover it, keep-back 13 ea would: "));
    // A tenth of 121 is 12.1, so 13 are kept back of it, and 12 of 120.
    let share = told("keep-back \"10%\"");
    assert_eq!(share.verdict, Verdict::Suggested(13));
    let wanted = "the share that is kept back covers it only where 121 ea or more are there; keep-back 13 ea \
                  would at any count: ";
    assert!(share.words().starts_with(wanted), "{}", share.words());
}

#[test]
fn a_short_record_is_too_early() {
    let town = Town::of(&source(&COLLECTED));
    let told =
        |sold: Sold| town.advice("web-stock", ("MUG", "paris"), &[("mart", sold)]).expect("it is sold");
    let own = told(busy(6));
    assert_eq!(own.verdict, Verdict::Early);
    assert_eq!(
        own.words(),
        "too early to say: 16 orders of 38 ea by `mart` in 6 days of record; it takes 7 days and 10 orders"
    );
    assert_eq!(told(busy(7)).verdict, Verdict::Suggested(13));
    assert_eq!(told(sold(20, "MUG", "paris", &steady(9, HOUR, 1))).verdict, Verdict::Early);
    assert_eq!(told(sold(20, "MUG", "paris", &steady(10, HOUR, 1))).verdict, Verdict::Suggested(1));
    let none = told(Sold::default());
    assert!(none.words().starts_with("too early to say: no order by `mart` in 0 days"), "{}", none.words());
    // What was placed before the books were kept is a part of what was sold then, and no more.
    let own = told(sold(8, "MUG", "paris", &[steady(10, HOUR, 1), vec![(9 * DAY, 40)]].concat()));
    assert_eq!(own.rate, Some(Rate { days: 8, orders: 10, sold: 10, most: 1 }));
}

#[test]
fn a_channel_of_which_nobody_knows_the_orders_is_named() {
    let direct = Town::of(&source(&[]));
    let own = direct.advice("web-stock", ("MUG", "paris"), &[]).expect("it is sold");
    assert_eq!((own.verdict.clone(), own.unrecorded.clone()), (Verdict::Unrecorded, vec!["mart".to_owned()]));
    assert!(own.words().contains("no flow here collects the orders of `mart`"), "{}", own.words());
    // Beside others it is a floor.
    let parts = [("{BEFORE}", "")];
    let town = Town::of(&source(&parts));
    let web = sold(10, "MUG", "paris", &steady(10, HOUR, 4));
    let own = town.advice("web-stock", ("MUG", "paris"), &[("web", web)]).expect("it is sold");
    assert_eq!(own.verdict, Verdict::Suggested(4));
    assert!(own.words().ends_with("The orders of `mart` are not collected here, so it may take more"));
    // Where nothing is sold, nothing is missing.
    let nothing = Town::of(&source(&[("{MART}", "orders none")]));
    let own = nothing.advice("web-stock", ("MUG", "paris"), &[]).expect("it is sold");
    assert_eq!(own.verdict, Verdict::Alone);
}

#[test]
fn the_window_is_the_target_or_the_worst_case_of_what_falls() {
    let lag = |said: &str| {
        let parts = [COLLECTED[0], COLLECTED[1], ("{LAG}", said)];
        let own = Town::of(&source(&parts)).advice("web-stock", ("MUG", "paris"), &[("mart", busy(14))]);
        let own = own.expect("it is sold");
        (own.lag_ms, own.verdict)
    };
    assert_eq!(lag("lag \"11m\" every=\"5m\""), (Some(660_000), Verdict::Suggested(14)));
    // Without a target: five minutes and what the requests take.
    let (worst, _) = lag("lag every=\"5m\"");
    assert!((300_000..310_000).contains(&worst.expect("it is known")), "{worst:?}");
    let (none, verdict) = lag("guard max-rows=4000");
    assert_eq!((none, verdict), (None, Verdict::NoLag));
    // Raises wait for a window, and what falls does not.
    let (waits, _) = lag("lag every=\"5m\"; window from=\"08:00\" to=\"18:00\"");
    assert_eq!(waits, worst);
    let (held, _) = lag("lag every=\"5m\"; window from=\"08:00\" to=\"18:00\" holds=all");
    assert!(held.expect("it is known") > 14 * 3_600_000, "{held:?}");
}

#[test]
fn an_order_without_a_place_may_be_from_any_and_others_are_from_theirs() {
    let town = Town::of(&source(&[("{BEFORE}", "")]));
    let told = |place: &str, shelf: &str| {
        let web = sold(10, "MUG", place, &steady(10, HOUR, 4));
        town.advice("web-stock", ("MUG", shelf), &[("web", web)])
            .expect("it is sold")
            .rate
            .map(|own| own.orders)
    };
    assert_eq!(told("paris", "paris"), Some(10));
    assert_eq!(told("paris", "lyon"), Some(0));
    assert_eq!(told("", "lyon"), Some(10));
    assert_eq!(told("a place that is gone", "lyon"), Some(10));
    // What a flow does not sell there it has no shelf of.
    assert_eq!(town.advice("web-stock", ("CAP", "paris"), &[]), None);
    assert_eq!(town.advice("mart-stock", ("MUG", "lyon"), &[]), None);
}

#[test]
fn whatever_was_sold_within_a_lag_fits_into_what_is_suggested() {
    let town = Town::of(&source(&COLLECTED));
    let mut suggested = 0;
    for seed in seeds(200) {
        let mut dice = Dice(seed);
        let orders: Vec<(i64, i64)> = (0..dice.below(60))
            .map(|_| (dice.roll(20 * DAY as u64) as i64, 1 + dice.roll(5) as i64))
            .collect();
        let own = town.advice("web-stock", ("MUG", "paris"), &[("mart", sold(20, "MUG", "paris", &orders))]);
        let Verdict::Suggested(units) = own.expect("it is sold").verdict else { continue };
        suggested += 1;
        for (from, _) in &orders {
            let inside = orders.iter().filter(|(at, _)| *at <= *from && *at >= from - 10 * MINUTE);
            assert!(inside.map(|(_, amount)| amount).sum::<i64>() <= units, "ONHAND_SEED={seed}");
        }
    }
    assert!(suggested > 0, "some records are long enough");
}

#[test]
fn orders_of_things_that_were_renamed_count() {
    let text = source(&COLLECTED).replace("item MUG unit=ea", "item MUG was=CUP unit=ea");
    let town = Town::of(&text);
    let old = sold(14, "CUP", "paris", &steady(10, HOUR, 6));
    let own = town.advice("web-stock", ("MUG", "paris"), &[("mart", old)]).expect("it is sold");
    assert_eq!(own.verdict, Verdict::Suggested(6));
}

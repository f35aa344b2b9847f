//! What may be sent again after an answer that never came: each class of write, one trouble at a time.

use super::block;
use super::random::one_request_a_key;
use super::scripted::*;
use onhand::apply::machine::Finished;
use onhand::model::capability::WriteClass;
use onhand::state::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A shop that shows 5 of codes 0 to `count`, and changes by amounts.
fn amounts(class: WriteClass, count: u32) -> Shop {
    let cells: Vec<(u32, i64)> = (0..count).map(|code| (code, 5)).collect();
    Shop { amounts: Some(class), key_lasts: DAY, ..Shop::with(&cells) }
}

fn run(shop: Shop) -> (Bench, Finished) {
    let rows = shop.cells.keys().map(|code| row(WEB, *code, 5, 8)).collect();
    let mut bench = Bench::new(shop);
    let finished = block(bench.apply(rows));
    assert_eq!(finished.bugs, Vec::<String>::new());
    one_request_a_key(&bench.web.borrow());
    (bench, finished)
}

#[test]
fn a_bare_amount_is_never_sent_twice() {
    for (carried_out, outcome, stands) in [(true, Outcome::Unverified, 8), (false, Outcome::Failed, 5)] {
        let mut shop = amounts(WriteClass::BareDelta, 1);
        shop.at_write.push_back(Some(Trouble::Lost(carried_out)));
        let (bench, finished) = run(shop);
        assert_eq!(finished.rows[0].1.outcome, outcome, "{finished:?}");
        assert_eq!((bench.web.borrow().requests.len(), bench.web.borrow().qty(0)), (1, stands));
    }
}

#[test]
fn a_bare_amount_that_may_have_been_carried_out_says_so() {
    let mut shop = amounts(WriteClass::BareDelta, 1);
    // It was carried out, and two were sold before the look.
    shop.at_write.push_back(Some(Trouble::Lost(true)));
    shop.at_inspect.extend([None, Some(Trouble::Moves(0, "qty", 6))]);
    let (bench, finished) = run(shop);
    let settled = &finished.rows[0].1;
    assert_eq!((settled.outcome, &*settled.field), (Outcome::Failed, "qty"));
    let wanted = "the answer was lost, and it may have been carried out; look there: qty was to become 8, \
                  and read back it shows 6. A change by an amount is not sent a second time";
    assert_eq!(settled.reason, wanted);
    assert_eq!(bench.web.borrow().requests.len(), 1);
    assert_eq!(finished.unreachable.len(), 0, "one lost answer gives no system up");
}

#[test]
fn a_log_that_holds_our_movement_alone_tells_that_an_amount_was_carried_out() {
    let mut shop = amounts(WriteClass::BareDelta, 1);
    shop.log = Some(BTreeMap::new());
    shop.at_write.push_back(Some(Trouble::Lost(true)));
    // The count lags behind, the log does not.
    shop.at_inspect.extend([None, Some(Trouble::Stale)]);
    let (_, finished) = run(shop);
    let settled = &finished.rows[0].1;
    assert_eq!(settled.outcome, Outcome::Unverified, "{settled:?}");
    assert!(settled.reason.contains("its log holds our movement"), "{settled:?}");
}

#[test]
fn an_amount_under_a_key_is_sent_again_letter_for_letter_and_counts_once() {
    for carried_out in [true, false] {
        let mut shop = amounts(WriteClass::KeyedDelta, 3);
        shop.at_write.extend([Some(Trouble::Lost(carried_out)), Some(Trouble::Retry(None))]);
        let (bench, finished) = run(shop);
        assert!(finished.rows.iter().all(|(_, s)| s.outcome == Outcome::Unverified), "{finished:?}");
        let shop = bench.web.borrow();
        assert_eq!(shop.requests.len(), 3);
        assert!(shop.requests.iter().all(|request| *request == shop.requests[0]));
        assert_eq!((0..3).map(|code| shop.qty(code)).collect::<Vec<_>>(), [8, 8, 8]);
        // One look before the first request, one after the last.
        assert_eq!(shop.met.len(), 5);
    }
}

#[test]
fn a_key_that_is_forgotten_by_now_is_not_used_again() {
    for (carried_out, outcome) in [(true, Outcome::Unverified), (false, Outcome::Failed)] {
        let mut shop = amounts(WriteClass::KeyedDelta, 1);
        shop.key_lasts = Duration::from_secs(30);
        // The wait that the system asks for outlasts what it remembers.
        shop.at_write.extend([Some(Trouble::Lost(carried_out)), Some(Trouble::Retry(Some(DAY / 1_440)))]);
        let (bench, finished) = run(shop);
        assert_eq!(finished.rows[0].1.outcome, outcome, "{finished:?}");
        assert_eq!(bench.web.borrow().requests.len(), 2);
    }
}

#[test]
fn an_amount_that_is_refused_when_it_comes_again_may_have_been_carried_out() {
    let mut shop = amounts(WriteClass::KeyedDelta, 2);
    shop.at_write.extend([Some(Trouble::Late(9)), Some(Trouble::Rejected)]);
    let (bench, finished) = run(shop);
    let told = |at: usize| finished.rows[at].1.reason.contains("may have been carried out; look there");
    assert!(told(0) && told(1), "{finished:?}");
    assert_eq!(bench.web.borrow().requests.len(), 2);
}

#[test]
fn a_system_that_loses_answer_after_answer_is_given_up_for_this_run() {
    let mut shop = amounts(WriteClass::BareDelta, 8);
    shop.at_write.extend((0..8).map(|_| Some(Trouble::Lost(false))));
    let mut bench = Bench::new(shop);
    bench.till = std::rc::Rc::new(std::cell::RefCell::new(Shop::with(&[(0, 5)])));
    bench.batch = 1;
    let rows = (0..8).map(|code| row(WEB, code, 5, 8)).chain([row(TILL, 0, 5, 9)]).collect();
    let finished = block(bench.apply(rows));
    let outcomes: Vec<Outcome> = finished.rows.iter().map(|(_, settled)| settled.outcome).collect();
    let mut wanted = vec![Outcome::Failed; 5];
    wanted.extend([Outcome::Skipped; 3]);
    wanted.push(Outcome::Unverified);
    assert_eq!(outcomes, wanted);
    assert_eq!(finished.unreachable.len(), 1);
    assert_eq!(bench.web.borrow().requests.len(), 5);
}

#[test]
fn a_system_is_waited_for_to_the_millisecond() {
    let asked = Duration::from_millis(61_003);
    let mut shop = Shop { compares: true, ..Shop::with(&[(0, 5)]) };
    shop.at_write.extend([Some(Trouble::Retry(Some(asked))), Some(Trouble::Retry(None))]);
    let mut bench = Bench::new(shop);
    let finished = block(bench.apply(vec![row(WEB, 0, 5, 3)]));
    assert_eq!(finished.rows[0].1.outcome, Outcome::Verified);
    let times = bench.web.borrow().times.clone();
    assert_eq!(times[1] - times[0], 61_003);
    // Without a word of the system, any time up to the limit of the attempt.
    assert!((0..=2_000).contains(&(times[2] - times[1])), "{times:?}");
}

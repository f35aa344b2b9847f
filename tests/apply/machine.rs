//! The machine, one trouble at a time.

use super::block;
use super::scripted::*;
use crate::support::state::lease;
use onhand::apply::machine::Finished;
use onhand::apply::{Stop, batch::Row};
use onhand::model::time::Moment;
use onhand::state::sqlite::SqliteStore;
use onhand::state::{Event, Outcome, StateError, Store, Taken};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

fn outcomes(finished: &Finished) -> Vec<Outcome> {
    assert_eq!(finished.bugs, Vec::<String>::new());
    finished.rows.iter().map(|(_, settled)| settled.outcome).collect()
}

fn run(shop: Shop, rows: Vec<Row>) -> (Bench, Finished) {
    let mut bench = Bench::new(shop);
    let finished = block(bench.apply(rows));
    (bench, finished)
}

/// A shop without compare that shows 5 of codes 0 to n.
fn absolute(count: u32) -> Shop {
    Shop::with(&(0..count).map(|code| (code, 5)).collect::<Vec<_>>())
}

/// The same, comparing.
fn comparing(count: u32) -> Shop {
    Shop { compares: true, ..absolute(count) }
}

#[test]
fn a_compared_write_is_verified_in_one_request() {
    let (bench, finished) = run(comparing(1), vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Verified]);
    assert_eq!(bench.web.borrow().met, [Met::Write(vec![(0, 3)])]);
}

#[test]
fn a_system_that_cannot_compare_is_read_right_before_and_after() {
    let (bench, finished) = run(absolute(1), vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Unverified]);
    let met = [Met::Inspect(vec![0]), Met::Write(vec![(0, 3)]), Met::Inspect(vec![0])];
    assert_eq!(bench.web.borrow().met, met);
}

#[test]
fn a_log_that_holds_only_our_movement_verifies() {
    let shop = Shop { log: Some(BTreeMap::new()), ..absolute(2) };
    let (_, finished) = run(shop, vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 4)]);
    assert_eq!(outcomes(&finished), [Outcome::Verified, Outcome::Verified]);
}

#[test]
fn a_log_with_another_movement_does_not_verify() {
    let mut shop = Shop { log: Some(BTreeMap::new()), ..absolute(1) };
    // Somebody sells one right before our write lands on it: the number is ours, the sale is lost.
    shop.at_write.push_back(Some(Trouble::Moves(0, "qty", 4)));
    let (_, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Unverified]);
    assert!(finished.rows[0].1.reason.contains("log"), "{:?}", finished.rows[0].1);
}

#[test]
fn zeros_go_first_then_lowerings_then_raises() {
    let rows = vec![row(WEB, 0, 5, 9), row(WEB, 1, 5, 3), row(WEB, 2, 5, 0), row(WEB, 3, 5, 4)];
    let (bench, finished) = run(comparing(4), rows);
    assert_eq!(outcomes(&finished), [Outcome::Verified; 4]);
    let met = [Met::Write(vec![(2, 0)]), Met::Write(vec![(1, 3), (3, 4)]), Met::Write(vec![(0, 9)])];
    assert_eq!(bench.web.borrow().met, met);
}

#[test]
fn a_row_that_moved_is_not_overwritten_and_the_others_go_out() {
    for mut shop in [comparing(2), absolute(2)] {
        shop.set(0, "qty", 2);
        let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3)]);
        let (_, moved) = &finished.rows[0];
        assert_eq!(moved.outcome, Outcome::Moved);
        assert_eq!(moved.reason, "qty was 5 and is 2; it was not written");
        assert!(finished.rows[1].1.outcome.went_through());
        assert_eq!(bench.web.borrow().qty(0), 2);
        assert_eq!(bench.web.borrow().qty(1), 3);
    }
}

#[test]
fn everything_that_a_write_depends_on_is_compared() {
    let mut shop = absolute(1);
    shop.set(0, "allocated", 2);
    let before = vec![("allocated".to_owned(), 1), ("qty".to_owned(), 5)];
    let planned = Row { before, ..row(WEB, 0, 5, 3) };
    let (bench, finished) = run(shop, vec![planned]);
    assert_eq!(outcomes(&finished), [Outcome::Moved]);
    assert_eq!(bench.web.borrow().stood, []);
}

#[test]
fn a_number_that_already_stands_is_unchanged() {
    for mut shop in [comparing(1), absolute(1)] {
        shop.set(0, "qty", 3);
        let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
        assert_eq!(outcomes(&finished), [Outcome::Unchanged]);
        assert_eq!(bench.web.borrow().stood, []);
    }
}

#[test]
fn a_create_that_has_appeared_meanwhile_has_moved() {
    for shop in [comparing(1), absolute(1)] {
        let planned = |code| Row { create: true, before: Vec::new(), ..row(WEB, code, 0, 3) };
        let (bench, finished) = run(shop, vec![planned(0), planned(7)]);
        assert_eq!(finished.rows[0].1.outcome, Outcome::Moved);
        assert!(finished.rows[1].1.outcome.went_through());
        assert_eq!((bench.web.borrow().qty(0), bench.web.borrow().qty(7)), (5, 3));
    }
}

#[test]
fn a_busy_system_is_asked_again_with_the_same_key_and_no_sooner_than_it_says() {
    let mut shop = comparing(1);
    shop.at_write.push_back(Some(Trouble::Retry(Some(Duration::from_secs(30)))));
    let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Verified]);
    let shop = bench.web.borrow();
    assert_eq!(shop.keys[0], shop.keys[1]);
    assert!(shop.times[1] - shop.times[0] >= 30_000, "{:?}", shop.times);
}

/// A run that waits for a busy system outlives what it has read.
#[test]
fn no_raise_leaves_on_counts_that_have_become_too_old() {
    for mut shop in [comparing(3), absolute(3)] {
        let busy = || Some(Trouble::Retry(Some(Duration::from_secs(60))));
        shop.at_write.extend([busy(), busy(), None, busy()]);
        let mut bench = Bench::new(shop);
        bench.batch = 1;
        // The lowering goes out after two minutes; the first raise may still leave, and is told to wait.
        bench.raises_within = Some(Duration::from_secs(150));
        let rows = vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 9), row(WEB, 2, 5, 9)];
        let finished = block(bench.apply(rows));
        assert!(finished.rows[0].1.outcome.went_through());
        assert_eq!(outcomes(&finished)[1..], [Outcome::Held; 2]);
        assert_eq!((finished.bugs.len(), bench.web.borrow().stood.len()), (0, 1));
        bench = Bench::new(comparing(1));
        bench.raises_within = Some(Duration::from_secs(150));
        let finished = block(bench.apply(vec![row(WEB, 0, 5, 9)]));
        assert_eq!(outcomes(&finished), [Outcome::Verified]);
    }
}

#[test]
fn attempts_are_bounded_and_the_rest_of_the_system_is_left_alone() {
    let mut shop = comparing(3);
    shop.at_write.extend((0..10).map(|_| Some(Trouble::Retry(None))));
    let mut bench = Bench::new(shop);
    bench.batch = 1;
    bench.till.borrow_mut().compares = true;
    bench.till.borrow_mut().set(0, "qty", 5);
    let rows = vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3), row(WEB, 2, 5, 9), row(TILL, 0, 5, 4)];
    let finished = block(bench.apply(rows));
    let wanted = [Outcome::Failed, Outcome::Skipped, Outcome::Skipped, Outcome::Verified];
    assert_eq!(outcomes(&finished), wanted);
    assert_eq!(bench.web.borrow().met.len(), 5);
    assert_eq!(finished.unreachable[0].0, WEB);
}

#[test]
fn refused_credentials_stop_one_system_and_no_other() {
    let mut shop = absolute(2);
    shop.at_inspect.push_back(Some(Trouble::Denied));
    let mut bench = Bench::new(shop);
    bench.batch = 1;
    bench.till.borrow_mut().set(0, "qty", 5);
    let finished = block(bench.apply(vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3), row(TILL, 0, 5, 4)]));
    assert_eq!(outcomes(&finished), [Outcome::Failed, Outcome::Skipped, Outcome::Unverified]);
    assert_eq!(bench.web.borrow().met.len(), 1);
}

#[test]
fn a_lost_answer_is_read_back_before_anything_else() {
    for mut shop in [comparing(2), absolute(2)] {
        shop.at_write.push_back(Some(Trouble::Lost(true)));
        let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 4)]);
        assert_eq!(outcomes(&finished), [Outcome::Unverified; 2]);
        assert!(finished.rows[0].1.reason.contains("answer was lost"));
        let shop = bench.web.borrow();
        assert_eq!(shop.stood, [(0, 3), (1, 4)]);
        assert_eq!(shop.met.last(), Some(&Met::Inspect(vec![0, 1])));
    }
}

#[test]
fn a_lost_request_that_was_not_carried_out_is_sent_again_with_its_key() {
    for mut shop in [comparing(1), absolute(1)] {
        shop.at_write.push_back(Some(Trouble::Lost(false)));
        let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
        assert!(finished.rows[0].1.outcome.went_through());
        let shop = bench.web.borrow();
        assert_eq!(shop.stood, [(0, 3)]);
        assert_eq!(shop.keys[0], shop.keys[1]);
        let at = shop.met.iter().position(|met| matches!(met, Met::Write(_))).expect("a write");
        assert_eq!(shop.met[at + 1], Met::Inspect(vec![0]));
    }
}

#[test]
fn a_raise_that_was_carried_out_and_sold_while_its_answer_was_lost_is_not_sent_again() {
    let mut shop = absolute(1);
    shop.log = Some(BTreeMap::new());
    shop.at_write.push_back(Some(Trouble::Lost(true)));
    // Four are put on sale, and four are sold before anybody looks.
    shop.at_inspect.extend([None, Some(Trouble::Moves(0, "qty", 5))]);
    let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 9)]);
    assert_eq!(outcomes(&finished), [Outcome::Moved]);
    assert!(finished.rows[0].1.reason.contains("log has moved"), "{:?}", finished.rows[0].1);
    assert_eq!(bench.web.borrow().stood, [(0, 9)]);
}

#[test]
fn what_moved_after_a_lost_answer_is_left_alone() {
    let mut shop = comparing(1);
    shop.at_write.push_back(Some(Trouble::Lost(false)));
    shop.at_inspect.push_back(Some(Trouble::Moves(0, "qty", 1)));
    let (bench, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Moved]);
    assert_eq!(bench.web.borrow().stood, []);
}

#[test]
fn a_system_that_never_answers_is_given_up_after_a_last_look() {
    let mut shop = comparing(2);
    shop.at_write.extend((0..10).map(|_| Some(Trouble::Lost(false))));
    let mut bench = Bench::new(shop);
    bench.batch = 1;
    let finished = block(bench.apply(vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3)]));
    assert_eq!(outcomes(&finished), [Outcome::Failed, Outcome::Skipped]);
    assert_eq!(bench.web.borrow().met.last(), Some(&Met::Inspect(vec![0])));
    assert_eq!(finished.unreachable.len(), 1);
}

#[test]
fn a_refused_batch_is_split_until_the_bad_row_stands_alone() {
    for mut shop in [comparing(8), absolute(8)] {
        shop.poison = BTreeSet::from([5]);
        let (bench, finished) = run(shop, (0..8).map(|code| row(WEB, code, 5, 3)).collect());
        for (row, settled) in &finished.rows {
            let bad = row.cell.code.0 == 5;
            assert_eq!(settled.outcome == Outcome::Failed, bad, "{settled:?}");
            assert_eq!(settled.outcome.went_through(), !bad);
        }
        assert_eq!(finished.rows[5].1.reason, "code 5 is wrong");
        let shop = bench.web.borrow();
        assert_eq!(shop.stood.len(), 7);
        // A smaller request is another request.
        let mut keys: Vec<&String> = shop.keys.iter().flatten().collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}

#[test]
fn a_refused_row_names_its_field_and_the_others_go_through() {
    let shop = Shop { refuses: BTreeSet::from([0]), ..comparing(2) };
    let (_, finished) = run(shop, vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Failed, Outcome::Verified]);
    assert_eq!(finished.rows[0].1.field, "qty");
}

#[test]
fn a_write_that_the_system_undoes_has_failed_and_a_later_move_has_moved() {
    let mut shop = absolute(2);
    shop.at_write.push_back(Some(Trouble::MovesAfter(0, "qty", 5)));
    let (_, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Failed]);
    let mut shop = absolute(2);
    shop.at_write.push_back(Some(Trouble::MovesAfter(0, "qty", 2)));
    let (_, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Moved]);
}

#[test]
fn what_was_written_and_cannot_be_read_back_has_failed() {
    let mut shop = absolute(1);
    shop.at_inspect.push_back(None);
    shop.at_inspect.extend((0..10).map(|_| Some(Trouble::Retry(None))));
    let (_, finished) = run(shop, vec![row(WEB, 0, 5, 3)]);
    assert_eq!(outcomes(&finished), [Outcome::Failed]);
    assert!(finished.rows[0].1.reason.contains("took the write"), "{:?}", finished.rows[0].1);
}

#[test]
fn an_interrupt_finishes_what_is_under_way_and_sends_nothing_new() {
    let mut bench = Bench::new(absolute(3));
    bench.batch = 1;
    let asked = Rc::new(Cell::new(false));
    let at_write = asked.clone();
    bench.web.borrow_mut().watch = Some(Box::new(move |_| at_write.set(true)));
    bench.stop = Stop::when(Box::pin(std::future::poll_fn(move |context| match asked.get() {
        true => std::task::Poll::Ready(()),
        false => {
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        }
    })));
    let finished = block(bench.apply((0..3).map(|code| row(WEB, code, 5, 3)).collect()));
    assert_eq!(outcomes(&finished), [Outcome::Unverified, Outcome::Skipped, Outcome::Skipped]);
    let shop = bench.web.borrow();
    assert_eq!(shop.stood, [(0, 3)]);
    assert_eq!(shop.met.last(), Some(&Met::Inspect(vec![0])));
}

#[test]
fn a_request_that_the_journal_calls_sent_is_awaited_when_interrupted() {
    let mut bench = Bench::new(comparing(2));
    bench.batch = 1;
    bench.stop = Stop::when(Box::pin(std::future::ready(())));
    let finished = block(bench.apply(vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3)]));
    assert_eq!(outcomes(&finished), [Outcome::Verified, Outcome::Skipped]);
    assert_eq!(bench.web.borrow().stood, [(0, 3)]);
}

#[test]
fn the_intent_is_durable_before_the_request_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.db").to_str().expect("text").to_owned();
    let mut bench = Bench::new(absolute(3));
    bench.batch = 2;
    bench.store = Box::new(block(SqliteStore::open(&path)).expect("it opens"));
    let looked = Rc::new(Cell::new(0));
    let count = looked.clone();
    bench.web.borrow_mut().watch = Some(Box::new(move |rows| {
        // Another connection sees only what is committed. The session runs inside the runtime, so the
        // look is taken on a thread of its own.
        let (path, keys) = (path.clone(), rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
        let entries = std::thread::spawn(move || {
            let mut store = block(SqliteStore::open(&path)).expect("it opens");
            block(store.entries("r1")).expect("it reads")
        });
        let entries = entries.join().expect("the look worked");
        for key in keys {
            let of_key: Vec<&Event> = entries.iter().filter(|e| e.key == key).map(|e| &e.event).collect();
            assert!(matches!(of_key[..], [Event::Intent { .. }, Event::Sent]), "{of_key:?}");
        }
        count.set(count.get() + 1);
    }));
    let finished = block(bench.apply((0..3).map(|code| row(WEB, code, 5, 3)).collect()));
    assert_eq!(outcomes(&finished), [Outcome::Unverified; 3]);
    assert_eq!(looked.get(), 2);
}

#[test]
fn a_run_whose_lock_was_taken_over_sends_nothing_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.db").to_str().expect("text").to_owned();
    let mut bench = Bench::new(comparing(2));
    bench.batch = 1;
    bench.store = Box::new(block(SqliteStore::open(&path)).expect("it opens"));
    bench.web.borrow_mut().watch = Some(Box::new(move |_| {
        let path = path.clone();
        let taken = std::thread::spawn(move || {
            let mut store = block(SqliteStore::open(&path)).expect("it opens");
            block(store.take(&lease("r2", Moment(i64::MAX)), Moment(i64::MAX - 1))).expect("it takes")
        });
        assert_eq!(taken.join().expect("it worked"), Taken::Ours(2));
    }));
    let ended = block(bench.try_apply(vec![row(WEB, 0, 5, 3), row(WEB, 1, 5, 3)]));
    assert!(matches!(ended, Err(StateError::Locked(_))), "{ended:?}");
    assert_eq!(bench.web.borrow().met, [Met::Write(vec![(0, 3)])]);
    // What was sent stays in the journal without an outcome: whoever comes next reads it back.
    let entries = block(bench.store.entries("r1")).expect("it reads");
    assert!(matches!(entries.last().map(|entry| &entry.event), Some(Event::Sent)), "{entries:?}");
}

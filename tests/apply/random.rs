//! Random rows under random trouble: what holds for every row, whatever happens.

use super::block;
use super::scripted::*;
use crate::support::chance::{self, Dice};
use onhand::apply::batch::Row;
use onhand::connectors::WriteRow;
use onhand::model::capability::WriteClass;
use onhand::state::{Event, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

fn trouble(dice: &mut Dice, cells: u64, worst: u64) -> Option<Trouble> {
    let code = dice.roll(cells) as u32;
    let value = dice.roll(8) as i64;
    match dice.roll(100) {
        n if n >= worst => None,
        n if n % 7 == 0 => Some(Trouble::Lost(true)),
        n if n % 7 == 1 => Some(Trouble::Lost(false)),
        n if n % 7 == 2 => Some(Trouble::Retry(None)),
        n if n % 7 == 3 => Some(Trouble::Retry(Some(Duration::from_secs(n)))),
        n if n % 7 == 4 => Some(Trouble::Moves(code, "qty", value)),
        n if n % 7 == 5 => Some(Trouble::MovesAfter(code, "qty", value)),
        97 => Some(Trouble::Denied),
        _ => Some(Trouble::Rejected),
    }
}

fn shop(dice: &mut Dice, cells: u32) -> Shop {
    let mut shop = Shop::with(&(0..cells).map(|code| (code, dice.roll(8) as i64)).collect::<Vec<_>>());
    shop.compares = dice.roll(2) == 0;
    shop.amounts = [None, None, Some(WriteClass::KeyedDelta), Some(WriteClass::BareDelta)][dice.below(4)];
    shop.key_lasts = Duration::from_secs([0, 5, 86_400][dice.below(3)]);
    if dice.roll(2) == 0 {
        shop.log = Some(BTreeMap::new());
    }
    let worst = [0, 20, 60, 98][dice.roll(4) as usize];
    shop.at_write = (0..40).map(|_| trouble(dice, u64::from(cells), worst)).collect();
    shop.at_inspect = (0..40).map(|_| trouble(dice, u64::from(cells), worst)).collect();
    let chosen = |dice: &mut Dice| (0..cells).filter(|_| dice.roll(20) == 0).collect::<BTreeSet<u32>>();
    (shop.poison, shop.refuses) = (chosen(dice), chosen(dice));
    shop
}

fn rows(dice: &mut Dice, shop: &Shop) -> Vec<Row> {
    let mut rows = Vec::new();
    for (code, columns) in &shop.cells {
        let after = dice.roll(8) as i64;
        if after != columns["qty"] {
            rows.push(row(WEB, *code, columns["qty"], after));
        }
    }
    rows
}

#[test]
fn every_row_ends_once_and_nothing_is_lost_doubled_or_made_up() {
    for seed in chance::seeds(1_500) {
        let told = std::panic::catch_unwind(|| one(seed));
        assert!(told.is_ok(), "seed {seed}: run again with ONHAND_SEED={seed}");
    }
}

fn one(seed: u64) {
    let mut dice = Dice(seed);
    let cells = 1 + dice.roll(12) as u32;
    let shop = shop(&mut dice, cells);
    let rows = rows(&mut dice, &shop);
    let mut bench = Bench::new(shop);
    bench.memory.seed.set(seed);
    bench.batch = 1 + dice.roll(8) as usize;
    let finished = block(bench.apply(rows.clone()));
    assert_eq!(finished.bugs, Vec::<String>::new());
    assert_eq!(finished.rows.len(), rows.len());
    let entries = block(bench.store.entries("r1")).expect("the journal reads");
    let shop = bench.web.borrow();
    one_request_a_key(&shop);
    for (planned, settled) in &finished.rows {
        let code = planned.cell.code.0;
        let events: Vec<&Event> =
            entries.iter().filter(|entry| entry.change == planned.change).map(|entry| &entry.event).collect();
        journal_is_in_order(&events, settled.outcome);
        // What is changed by an amount is changed once; what is set, is only ever set to the computed number.
        let stood: Vec<i64> = shop.stood.iter().filter(|(c, _)| *c == code).map(|(_, qty)| *qty).collect();
        match shop.amounts {
            Some(_) => assert!(stood.len() <= 1, "changed {} times", stood.len()),
            None => assert!(stood.iter().all(|qty| *qty == planned.after), "{stood:?}"),
        }
        let sent = events.iter().filter(|event| matches!(event, Event::Sent)).count();
        assert!(stood.len() <= sent, "written {} times, and sent {sent} times by the journal", stood.len());
        match settled.outcome {
            Outcome::Verified => assert!(!stood.is_empty(), "verified, but never written: {settled:?}"),
            Outcome::Held | Outcome::Sent => panic!("nothing here can be {:?}", settled.outcome),
            // Whatever was carried out before the last look left traces: had it been lost, it was told so.
            Outcome::Skipped => assert!(stood.is_empty(), "skipped, but written: {settled:?}"),
            _ => {}
        }
    }
}

/// A key that comes again comes with the identical request, letter for letter.
pub fn one_request_a_key(shop: &Shop) {
    let mut requests: BTreeMap<&str, &Vec<WriteRow>> = BTreeMap::new();
    for request in &shop.requests {
        for row in request {
            let first = requests.entry(&row.key).or_insert(request);
            assert_eq!(*first, request, "key {} came with two requests", row.key);
        }
    }
}

/// Intent, then sent, then outcome; exactly one outcome, and it is the last word.
fn journal_is_in_order(events: &[&Event], outcome: Outcome) {
    let (mut intended, mut sent, mut ended) = (false, false, 0);
    for event in events {
        assert_eq!(ended, 0, "something follows the outcome: {events:?}");
        match event {
            Event::Intent { .. } => intended = true,
            Event::Again { .. } => assert!(intended, "moved without intent: {events:?}"),
            Event::Sent => {
                assert!(intended, "sent without intent: {events:?}");
                sent = true;
            }
            Event::Outcome { outcome: told, .. } => {
                assert_eq!(*told, outcome);
                ended += 1;
            }
        }
    }
    assert_eq!(ended, 1, "{events:?}");
    let written = matches!(outcome, Outcome::Verified | Outcome::Unverified);
    assert!(sent || !written, "written without having been sent: {events:?}");
}

/// Trouble that only delays: lost answers and busy systems, nobody else writing.
#[test]
fn trouble_that_passes_loses_and_doubles_nothing() {
    for seed in chance::seeds(1_000) {
        let mut dice = Dice(seed);
        let cells = 1 + dice.roll(12) as u32;
        let mut shop = shop(&mut dice, cells);
        (shop.poison, shop.refuses) = (BTreeSet::new(), BTreeSet::new());
        // A bare amount is not sent again, and a key that is forgotten soon is as good as none.
        shop.amounts = shop.amounts.filter(|class| *class == WriteClass::KeyedDelta);
        shop.key_lasts = Duration::from_secs(86_400);
        let delay = |dice: &mut Dice| match dice.roll(4) {
            0 => Some(Trouble::Lost(true)),
            1 => Some(Trouble::Lost(false)),
            2 => Some(Trouble::Retry(None)),
            _ => None,
        };
        // At most three in a row, so that five attempts are enough.
        let mut script = || (0..200).map(|at| if at % 4 == 3 { None } else { delay(&mut dice) }).collect();
        (shop.at_write, shop.at_inspect) = (script(), script());
        let rows = rows(&mut dice, &shop);
        let mut bench = Bench::new(shop);
        bench.memory.seed.set(seed);
        bench.batch = 1 + dice.roll(8) as usize;
        let finished = block(bench.apply(rows.clone()));
        assert_eq!(finished.bugs, Vec::<String>::new(), "seed {seed}");
        let shop = bench.web.borrow();
        for (planned, settled) in &finished.rows {
            let code = planned.cell.code.0;
            assert!(settled.outcome.went_through(), "seed {seed}: {settled:?}");
            assert_eq!(shop.qty(code), planned.after, "seed {seed}");
            let count = shop.stood.iter().filter(|(c, _)| *c == code).count();
            assert_eq!(count, 1, "seed {seed}: code {code} was written {count} times");
        }
    }
}

//! Every kind of trouble that one run can meet at a session, at random, over three systems of three classes.

use super::block;
use super::random::one_request_a_key;
use super::scripted::*;
use crate::support::chance::{self, Dice};
use onhand::apply::batch::Row;
use onhand::model::capability::WriteClass;
use onhand::state::{Event, Outcome};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

fn trouble(dice: &mut Dice, codes: u64) -> Option<Trouble> {
    let (code, value) = (dice.roll(codes) as u32, dice.roll(8) as i64);
    if !dice.in_ten(4) {
        return None;
    }
    Some(match dice.roll(15) {
        0 => Trouble::Retry(None),
        1 => Trouble::Retry(Some(Duration::from_millis(dice.roll(90_000)))),
        2 => Trouble::Rejected,
        3 if dice.in_ten(2) => Trouble::Denied,
        3 | 4 => Trouble::Lost(true),
        5 => Trouble::Lost(false),
        6 => Trouble::Moves(code, "qty", value),
        7 => Trouble::MovesAfter(code, "qty", value),
        8 => Trouble::Sells(code),
        9 => Trouble::Torn,
        10 => Trouble::Twice,
        11 => Trouble::Late(1 + dice.roll(3) as u32),
        12 => Trouble::Stale,
        _ => Trouble::Jump(dice.roll(600_000) as i64 - 300_000),
    })
}

#[test]
fn every_kind_strikes_and_nothing_is_lost_or_doubled() {
    let mut struck: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in chance::seeds(1_500) {
        let told = std::panic::catch_unwind(|| one(seed));
        let told = told.unwrap_or_else(|_| panic!("seed {seed}: run again with ONHAND_SEED={seed}"));
        told.into_iter().for_each(|(kind, count)| *struck.entry(kind).or_default() += count);
    }
    struck.iter().for_each(|(kind, count)| println!("{count:>8}  {kind}"));
    assert!(struck.len() == 16 || chance::asked().is_some(), "{} of 16 kinds struck", struck.len());
}

fn one(seed: u64) -> BTreeMap<&'static str, u64> {
    let mut dice = Dice(seed);
    let mut bench = Bench::new(Shop::default());
    bench.memory.seed.set(seed);
    bench.batch = 1 + dice.below(5);
    let codes = 1 + dice.roll(6);
    let mut rows: Vec<Row> = Vec::new();
    for (system, class) in [(WEB, None), (TILL, Some(WriteClass::KeyedDelta)), (DEPOT, None)] {
        let cells: Vec<(u32, i64)> = (0..codes as u32).map(|code| (code, dice.roll(8) as i64)).collect();
        let mut shop = Shop { compares: system == DEPOT, amounts: class, ..Shop::with(&cells) };
        shop.key_lasts = Duration::from_secs(86_400);
        shop.clock = Some(bench.memory.clone());
        shop.at_write = (0..60).map(|_| trouble(&mut dice, codes)).collect();
        shop.at_inspect = (0..60).map(|_| trouble(&mut dice, codes)).collect();
        shop.poison = (0..codes as u32).filter(|_| dice.roll(25) == 0).collect();
        shop.refuses = (0..codes as u32).filter(|_| dice.roll(25) == 0).collect();
        for (code, before) in cells {
            let after = dice.roll(8) as i64;
            if before != after {
                rows.push(row(system, code, before, after));
            }
        }
        let shop = Rc::new(RefCell::new(shop));
        match system {
            WEB => bench.web = shop,
            TILL => bench.till = shop,
            _ => bench.depot = shop,
        }
    }
    let finished = block(bench.apply(rows.clone()));
    assert_eq!(finished.bugs, Vec::<String>::new());
    let entries = block(bench.store.entries("r1")).expect("the journal reads");
    let mut struck: BTreeMap<&'static str, u64> = BTreeMap::new();
    for shop in [&bench.web, &bench.till, &bench.depot] {
        let shop = shop.borrow();
        one_request_a_key(&shop);
        shop.struck.iter().for_each(|(kind, count)| *struck.entry(kind).or_default() += count);
    }
    for ((planned, settled), given) in finished.rows.iter().zip(&rows) {
        assert_eq!(planned.change, given.change);
        let outcomes = entries.iter().filter(|entry| entry.change == planned.change);
        let outcomes = outcomes.filter(|entry| matches!(entry.event, Event::Outcome { .. })).count();
        assert_eq!(outcomes, 1, "{settled:?}");
        let shop = match planned.system {
            WEB => bench.web.borrow(),
            TILL => bench.till.borrow(),
            _ => bench.depot.borrow(),
        };
        let code = planned.cell.code.0;
        let stood: Vec<i64> = shop.stood.iter().filter(|(c, _)| *c == code).map(|(_, qty)| *qty).collect();
        match shop.class() {
            WriteClass::KeyedDelta => assert!(stood.len() <= 1, "changed {} times", stood.len()),
            _ => assert!(stood.iter().all(|qty| *qty == planned.after), "{stood:?}"),
        }
        let alone = !shop.others.contains(&code) && shop.late.is_empty();
        match settled.outcome {
            Outcome::Verified | Outcome::Unverified => {
                assert!(!stood.is_empty() || !alone, "told as written, and never was: {settled:?}");
                assert!(!alone || shop.qty(code) == planned.after, "{settled:?}");
                *struck.entry("(a row went through)").or_default() += 1;
            }
            // Nothing that was carried out is told as if nobody had tried.
            Outcome::Skipped => assert!(stood.is_empty(), "skipped, but written: {settled:?}"),
            Outcome::Failed if !stood.is_empty() && alone => {
                let told = ["may have been", "answer", "still shows", "cannot be read"];
                assert!(told.iter().any(|words| settled.reason.contains(words)), "{settled:?}");
                *struck.entry("(a row failed that was written, and says that it may)").or_default() += 1;
            }
            _ => {}
        }
    }
    struck
}

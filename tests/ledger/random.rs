//! Random movements: the books balance at every step, in memory and in a file.

use super::*;
use crate::state::block;
use crate::support::chance::{Dice, seeds};
use crate::support::state;
use onhand::state::memory::MemoryStore;
use onhand::state::sqlite::SqliteStore;
use onhand::state::{Balance, Books, Store};
use std::collections::BTreeMap;

/// One movement of a few orders, sensible or not.
fn any(model: &Model, dice: &mut Dice) -> Moved {
    let code = ["MUG", "MUG-12", "TEE", "BOX"][dice.below(4)];
    let document = dice.below(4).to_string();
    let amount = dice.below(6) as i64;
    let place = [None, Some("P"), Some("L")][dice.below(3)];
    let kinds = [Movement::Order, Movement::Cancellation, Movement::Shipment, Movement::Return];
    match kinds[dice.below(4)] {
        Movement::Order => order(model, &document, (code, amount), place),
        kind => {
            let own = format!("{}-{}", kind.word(), dice.below(12));
            moved(model, (kind, &own), (code, amount), (Some(&document), place))
        }
    }
}

/// What every book says of itself, and every account with it.
fn hold(book: &Book, balances: &[Balance], seed: u64) {
    let mut items: BTreeMap<&str, i64> = BTreeMap::new();
    let mut buckets: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for own in balances {
        *items.entry(&own.item).or_default() += own.amount;
        *buckets.entry((&own.item, &own.bucket)).or_default() += own.amount;
    }
    assert!(items.values().all(|sum| *sum == 0), "ONHAND_SEED={seed}: {items:?}");
    let mut open: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for line in book.lines() {
        let shown = line.shown;
        assert!(shown.open() >= 0 && shown.cancelled >= 0, "ONHAND_SEED={seed}: {line:?}");
        assert!(shown.returned >= 0 && shown.returned <= shown.shipped, "ONHAND_SEED={seed}: {line:?}");
        let sums = open.entry(&line.key.item).or_default();
        *sums = (sums.0 + shown.open(), sums.1 + shown.shipped - shown.returned);
    }
    for (item, (promised, out)) in open {
        let held = |bucket| buckets.get(&(item, bucket)).copied().unwrap_or(0);
        assert_eq!(held("promised"), promised, "ONHAND_SEED={seed}: {item}");
        assert_eq!(held("customer"), out, "ONHAND_SEED={seed}: {item}");
    }
}

#[test]
fn the_books_balance_at_every_step() {
    let model = town("never", "paris");
    let (mut booked, mut misfits) = (0, 0);
    for seed in seeds(60) {
        let mut dice = Dice(seed);
        block(async {
            let mut memory = MemoryStore::default();
            let mut file = SqliteStore::in_memory().await.expect("it works");
            let lease = state::lease("r", minute(1_000));
            let mut fences = Vec::new();
            for store in [&mut memory as &mut dyn Store, &mut file] {
                match store.take(&lease, START).await.expect("it works") {
                    onhand::state::Taken::Ours(fence) => fences.push(fence),
                    other => panic!("{other:?}"),
                }
            }
            for step in 0..12 {
                let moved: Vec<Moved> = (0..dice.below(5)).map(|_| any(&model, &mut dice)).collect();
                let mut documents: Vec<String> = (0..4).map(|n| n.to_string()).collect();
                documents.extend(moved.iter().map(|own| own.document.to_string()));
                let lines = memory.lines_of("web", &documents).await.expect("it works");
                let known = memory.booked_of("web", &documents).await.expect("it works");
                assert_eq!(file.lines_of("web", &documents).await, Ok(lines.clone()), "ONHAND_SEED={seed}");
                assert_eq!(file.booked_of("web", &documents).await, Ok(known.clone()), "ONHAND_SEED={seed}");
                let mut book = Book::open(lines, known);
                let taken = take(&model, &mut book, moved, minute(step));
                misfits += taken.misfits.len();
                let page = book.page();
                booked += page.booked.len();
                memory.book(fences[0], &page).await.expect("it fits");
                file.book(fences[1], &page).await.expect("it fits");
                if !page.booked.is_empty() {
                    assert!(memory.book(fences[0], &page).await.is_err(), "ONHAND_SEED={seed}: booked twice");
                    assert!(file.book(fences[1], &page).await.is_err(), "ONHAND_SEED={seed}: booked twice");
                }
                let balances = memory.balances().await.expect("it works");
                assert_eq!(file.balances().await.as_ref(), Ok(&balances), "ONHAND_SEED={seed}");
                hold(&book, &balances, seed);
            }
            assert_eq!(file.audit().await.expect("it works"), Vec::<String>::new());
        });
    }
    println!("movements booked: {booked}; told as not fitting: {misfits}");
    assert!(booked > 0 && misfits > 0, "both happen");
}

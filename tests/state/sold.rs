//! What was ordered since a moment: what every store finds in the books.

use super::{block, each};
use crate::support::chance::{Dice, seeds};
use crate::support::state::lease;
use onhand::ledger::{Booked, BookedKey, Page};
use onhand::model::movement::Movement;
use onhand::model::time::Moment;
use onhand::state::memory::MemoryStore;
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;

/// One movement of `web`: what, of which item, where, how much, when and when it was seen.
fn booked(
    movement: Movement,
    (document, item, place): (&str, &str, Option<&str>),
    amount: i64,
    (at, seen): (Option<i64>, i64),
) -> Booked {
    let key = BookedKey {
        system: "web".to_owned(),
        movement,
        document: document.to_owned(),
        line: "1".to_owned(),
        item: item.to_owned(),
        part: 0,
    };
    Booked {
        key,
        order: (document.to_owned(), "1".to_owned()),
        location: place.map(str::to_owned),
        to: None,
        amount,
        at: at.map(Moment),
        seen: Moment(seen),
        sellable: true,
    }
}

async fn book(store: &mut dyn Store, booked: Vec<Booked>) {
    store.take(&lease("r1", Moment(99)), Moment(0)).await.expect("it works");
    store.book(1, &Page { booked, ..Page::default() }).await.expect("it fits");
}

fn sale(item: &str, place: &str, at: i64, amount: i64) -> Sale {
    Sale { item: item.to_owned(), place: place.to_owned(), at: Moment(at), amount }
}

#[test]
fn orders_are_found_by_when_they_were_placed() {
    each(async |store| {
        let order = |document, item, place, amount, when| {
            booked(Movement::Order, (document, item, place), amount, when)
        };
        let page = vec![
            order("1", "TEE", Some("paris"), 4, (Some(50), 60)),
            order("2", "MUG", Some("paris"), 2, (Some(55), 60)),
            order("3", "MUG", None, 7, (None, 61)),
            order("4", "MUG", Some("paris"), 9, (Some(49), 62)),
            order("5", "MUG", Some("paris"), 1, (Some(51), 65)),
            booked(Movement::Cancellation, ("5", "MUG", Some("paris")), 1, (Some(70), 71)),
        ];
        book(store, page).await;
        let all = vec![
            sale("MUG", "", 61, 7),
            sale("MUG", "paris", 51, 1),
            sale("MUG", "paris", 55, 2),
            sale("TEE", "paris", 50, 4),
        ];
        let sold = |sales: &[Sale]| Sold { seen_since: Some(Moment(60)), sales: sales.to_vec() };
        assert_eq!(store.sold("web", &[], Moment(50)).await, Ok(sold(&all)));
        // Whichever items are asked for, the record is as long.
        let only = ["TEE".to_owned(), "'; --".to_owned()];
        assert_eq!(store.sold("web", &only, Moment(50)).await, Ok(sold(&all[3..])));
        assert_eq!(store.sold("mart", &[], Moment(0)).await, Ok(Sold::default()));
        assert_eq!(store.sold("web", &[], Moment(62)).await, Ok(Sold::default()));
    });
}

#[test]
fn the_newest_movement_is_one_that_says_when() {
    each(async |store| {
        assert_eq!(store.last_moved("web").await, Ok(None));
        let undated = booked(Movement::Order, ("1", "MUG", None), 1, (None, 80));
        book(store, vec![undated]).await;
        assert_eq!(store.last_moved("web").await, Ok(None), "when it was seen says nothing of when it was");
        let page = vec![
            booked(Movement::Order, ("2", "MUG", None), 1, (Some(30), 81)),
            booked(Movement::Shipment, ("2", "MUG", None), 1, (Some(40), 81)),
        ];
        store.book(1, &Page { booked: page, ..Page::default() }).await.expect("it fits");
        assert_eq!(store.last_moved("web").await, Ok(Some(Moment(40))));
        assert_eq!(store.last_moved("we").await, Ok(None));
    });
}

#[test]
fn memory_and_sqlite_find_the_same_orders() {
    for seed in seeds(60) {
        let mut dice = Dice(seed);
        let page: Vec<Booked> = (0..dice.below(30))
            .map(|number| {
                let movement = Movement::ALL[dice.below(7)];
                let item = ["MUG", "TEE", "Ünit"][dice.below(3)];
                let place = [None, Some("paris"), Some("lyon")][dice.below(3)];
                let at = dice.in_ten(8).then(|| dice.roll(60) as i64);
                let when = (at, dice.roll(60) as i64);
                booked(movement, (&number.to_string(), item, place), 1 + dice.roll(9) as i64, when)
            })
            .collect();
        block(async {
            let mut memory = MemoryStore::default();
            let mut sqlite = SqliteStore::in_memory().await.expect("it works");
            book(&mut memory, page.clone()).await;
            book(&mut sqlite, page).await;
            for _ in 0..10 {
                let items: Vec<String> =
                    ["MUG", "Ünit"][..dice.below(3)].iter().map(|item| (*item).to_owned()).collect();
                let since = Moment(dice.roll(60) as i64);
                let one = memory.sold("web", &items, since).await;
                assert_eq!(one, sqlite.sold("web", &items, since).await, "ONHAND_SEED={seed}");
                assert_eq!(
                    memory.last_moved("web").await,
                    sqlite.last_moved("web").await,
                    "ONHAND_SEED={seed}"
                );
            }
        });
    }
}

#[test]
fn an_index_serves_both_questions() {
    use onhand::world::Database;
    use onhand::world::sqlite::Sqlite;
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    block(async {
        SqliteStore::open(&path).await.expect("it works");
        let mut raw = Sqlite::open(&path, true, std::time::Duration::from_secs(1)).expect("it works");
        for sql in [
            "select item from movement where system = 'web' and coalesce(at, seen) >= 5 \
             and movement = 'orders'",
            "select at from movement where system = 'web' and at is not null \
             order by coalesce(at, seen) desc limit 1",
        ] {
            let plan = raw.query(&format!("explain query plan {sql}"), &[]).await.expect("it works").rows;
            let plan: Vec<String> = plan.into_iter().flatten().flatten().collect();
            let plan = plan.join(" ");
            assert!(plan.contains("movement_by_time") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        }
    });
}

//! Rows that are kept many at once: as many as there are, in their order, all or none.

use super::{block, each};
use crate::support::state::{lease, run};
use onhand::model::time::Moment;
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;

/// Below, at and above what one statement takes, and several times as many.
const COUNTS: [usize; 7] = [0, 1, 63, 64, 65, 128, 200];

fn entries(of: &str, count: usize) -> Vec<Entry> {
    let entry = |at: usize| {
        let event = match at % 3 {
            0 => Event::Intent { before: vec![("on_hand".to_owned(), at as i64)], after: -1 },
            1 => Event::Sent,
            _ => Event::Outcome { outcome: Outcome::Moved, reason: format!("it became {at}") },
        };
        let (run, change, key) = (of.to_owned(), format!("c{}", at / 3), format!("k{at}"));
        Entry { run, change, attempt: 1 + at as u32, key, event, at: Moment(2_000 + at as i64) }
    };
    (0..count).map(entry).collect()
}

fn written(at: usize) -> Written {
    let (code, value) = (format!("M-{at:03}"), at as i64);
    let shown = at.is_multiple_of(2).then_some(value + 1);
    let [system, location, column, run] = ["web", "paris", "available", "r1"].map(str::to_owned);
    Written { system, location, code, column, value, shown, at: Moment(5), run, seen: at.is_multiple_of(3) }
}

fn known(at: usize) -> Known {
    let as_of = at.is_multiple_of(2).then_some(Moment(at as i64));
    let [system, location, quantity] = ["depot", "paris", "on-hand"].map(str::to_owned);
    Known { system, location, item: format!("MUG-{at:03}"), quantity, value: at as i64, as_of }
}

fn planned(at: usize) -> Planned {
    let [flow, system, location, unit] = ["web-stock", "web", "paris", "ea"].map(str::to_owned);
    let (item, code) = (format!("MUG-{at:03}"), format!("M-{at:03}"));
    let (quantity, reason) = ("available".to_owned(), format!("on-hand {at}"));
    let (before, after) = (at.is_multiple_of(2).then_some(at as i64 - 1), at as i64);
    // Ids are in another order than places.
    let change = format!("c{:03}", at * 7 % 211);
    Planned { change, flow, system, location, item, code, quantity, unit, before, after, reason }
}

#[test]
fn rows_of_any_number_are_kept_in_their_order() {
    each(async |store| {
        assert_eq!(store.take(&lease("r0", Moment(9_000)), Moment(0)).await, Ok(Taken::Ours(1)));
        for count in COUNTS {
            let id = format!("r{count}");
            store.begin(&run(&id, Moment(1_000 + count as i64))).await.expect("it works");
            let changes: Vec<_> = (0..count).map(planned).collect();
            store.keep_plan(&id, "{}", &changes).await.expect("it works");
            let mut found = store.happened(&id).await.expect("it works");
            found.sort_by(|a, b| a.planned.item.cmp(&b.planned.item));
            assert_eq!(found.into_iter().map(|own| own.planned).collect::<Vec<_>>(), changes);

            let entries = entries(&id, count);
            store.append(1, &entries).await.expect("it works");
            assert_eq!(store.entries(&id).await, Ok(entries));

            let cells: Vec<_> = (0..count).map(written).collect();
            store.remember_written(&cells).await.expect("it works");
            assert_eq!(store.written("web").await, Ok(cells));
            let cells: Vec<_> = (0..count).map(known).collect();
            store.remember_known(&cells).await.expect("it works");
            assert_eq!(store.known("depot").await, Ok(cells));
        }
    });
}

#[test]
fn of_many_rows_the_last_of_which_fails_none_is_kept() {
    block(async {
        let mut store = SqliteStore::in_memory().await.expect("it works");
        assert_eq!(store.take(&lease("r1", Moment(9_000)), Moment(0)).await, Ok(Taken::Ours(1)));
        store.begin(&run("r1", Moment(1_000))).await.expect("it works");
        for count in COUNTS {
            let mut entries = entries("r1", count);
            // No such run has begun.
            entries.push(Entry { run: "r2".to_owned(), ..entries.last().cloned().unwrap_or(first("r2")) });
            assert!(matches!(store.append(1, &entries).await, Err(StateError::Broken(_))), "{count}");
            assert_eq!(store.entries("r1").await, Ok(Vec::new()), "{count}");
        }
    });
}

#[test]
fn entries_go_with_the_changes_that_they_name_though_the_plan_is_kept_later() {
    each(async |store| {
        assert_eq!(store.take(&lease("r1", Moment(9_000)), Moment(0)).await, Ok(Taken::Ours(1)));
        store.begin(&run("r1", Moment(1_000))).await.expect("it works");
        let of = |at: usize, reason: &str| {
            let event = Event::Outcome { outcome: Outcome::Moved, reason: reason.to_owned() };
            Entry { change: planned(at).change, event, ..first("r1") }
        };
        store.append(1, &[of(1, "one"), of(2, "two")]).await.expect("it works");
        let changes = [3, 2, 1].map(planned);
        store.keep_plan("r1", "{}", &changes).await.expect("it works");
        let found = store.happened("r1").await.expect("it works");
        let told = |at: usize| {
            let own = found.iter().find(|own| own.planned == planned(at)).expect("it is kept");
            own.outcome.as_ref().map(|(_, reason, _)| reason.as_str())
        };
        assert_eq!((told(1), told(2), told(3)), (Some("one"), Some("two"), None));
    });
}

fn first(of: &str) -> Entry {
    entries(of, 1).remove(0)
}

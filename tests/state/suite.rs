//! What every store promises, whatever stands behind it.

use super::each;
use crate::support::state;
use onhand::model::time::Moment;
use onhand::state::*;

fn run(id: &str) -> Run {
    state::run(id, Moment(1_000))
}

fn lease(run: &str, expires: i64) -> Lease {
    state::lease(run, Moment(expires))
}

/// The lease as it stands, which somebody else is told.
fn theirs(run: &str, (fence, taken, heartbeat): (i64, i64, i64), expires: i64) -> Taken {
    let (taken, heartbeat) = (Moment(taken), Moment(heartbeat));
    Taken::Theirs(Lease { fence, taken, heartbeat, ..lease(run, expires) })
}

fn entry(run: &str, change: &str, event: Event) -> Entry {
    let (run, change, key) = (run.to_owned(), change.to_owned(), "k".to_owned());
    Entry { run, change, attempt: 1, key, event, at: Moment(2_000) }
}

fn key(item: &str, field: &str) -> QueueKey {
    QueueKey {
        flow: "web-stock".to_owned(),
        system: "web".to_owned(),
        location: String::new(),
        item: item.to_owned(),
        field: field.to_owned(),
    }
}

fn fault(item: &str, field: &str, reason: &str) -> Fault {
    Fault {
        key: key(item, field),
        code: format!("{item}-code"),
        record: "row 3 of depot.csv".to_owned(),
        reason: reason.to_owned(),
        change: "c1".to_owned(),
        next: Some(Moment(9_000)),
        request: "available 3 → 2".to_owned(),
    }
}

fn written(code: &str, value: i64, seen: bool) -> Written {
    Written {
        system: "web".to_owned(),
        location: "paris".to_owned(),
        code: code.to_owned(),
        column: "available".to_owned(),
        value,
        shown: Some(value + 1),
        at: Moment(5),
        run: "r1".to_owned(),
        seen,
    }
}

#[test]
fn a_lease_is_held_by_one_run_until_it_is_freed_or_runs_out() {
    each(async |store| {
        assert_eq!(store.lease().await, Ok(None));
        assert_eq!(store.take(&lease("r1", 100), Moment(0)).await, Ok(Taken::Ours(1)));
        let first = Ok(theirs("r1", (1, 0, 0), 100));
        assert_eq!(store.take(&lease("r2", 200), Moment(50)).await, first);
        // Its holder extends it, and is heard of.
        assert_eq!(store.take(&lease("r1", 150), Moment(60)).await, Ok(Taken::Ours(1)));
        let first = Ok(theirs("r1", (1, 0, 60), 150));
        assert_eq!(store.take(&lease("r2", 200), Moment(149)).await, first);
        // Taken over once it has run out, under a higher number.
        assert_eq!(store.take(&lease("r2", 300), Moment(150)).await, Ok(Taken::Ours(2)));
        assert_eq!((store.holds(1).await, store.holds(2).await), (Ok(false), Ok(true)));
        // Who does not hold it cannot free it.
        store.free("r1").await.expect("it works");
        let second = Ok(theirs("r2", (2, 150, 150), 300));
        assert_eq!(store.take(&lease("r1", 400), Moment(151)).await, second);
        store.free("r2").await.expect("it works");
        assert_eq!((store.lease().await, store.holds(2).await), (Ok(None), Ok(false)));
        assert_eq!(store.take(&lease("r1", 400), Moment(151)).await, Ok(Taken::Ours(3)));
    });
}

#[test]
fn who_extends_a_lease_takes_no_other() {
    each(async |store| {
        let again = |run: &str, fence, expires| Lease { fence, ..lease(run, expires) };
        assert_eq!(store.take(&lease("r1", 100), Moment(0)).await, Ok(Taken::Ours(1)));
        // It has run out, and nobody took it: it is still its holder's.
        assert_eq!(store.take(&again("r1", 1, 300), Moment(200)).await, Ok(Taken::Ours(1)));
        assert_eq!(store.take(&lease("r2", 400), Moment(300)).await, Ok(Taken::Ours(2)));
        // The second has run out too, and the first does not get it back.
        let second = theirs("r2", (2, 300, 300), 400);
        assert_eq!(store.take(&again("r1", 1, 900), Moment(500)).await, Ok(second));
        assert_eq!(store.holds(2).await, Ok(true));
        store.free("r2").await.expect("it works");
        assert_eq!(store.take(&again("r1", 1, 900), Moment(500)).await, Ok(Taken::Over));
        assert_eq!(store.lease().await, Ok(None));
    });
}

#[test]
fn the_journal_takes_entries_only_under_the_last_fencing_number() {
    each(async |store| {
        let sent = [entry("r1", "c1", Event::Sent)];
        store.begin(&run("r1")).await.expect("it works");
        assert!(matches!(store.append(0, &sent).await, Err(StateError::Locked(_))));
        assert!(matches!(store.append(1, &sent).await, Err(StateError::Locked(_))));
        store.take(&lease("r1", 100), Moment(0)).await.expect("it works");
        store.append(1, &sent).await.expect("it works");
        // Taken over after it ran out: the first holder may write no more.
        store.take(&lease("r2", 500), Moment(200)).await.expect("it works");
        assert!(matches!(store.append(1, &sent).await, Err(StateError::Locked(_))));
        assert_eq!(store.entries("r1").await.expect("it works").len(), 1);
    });
}

#[test]
fn the_journal_keeps_every_kind_of_entry_in_its_order() {
    each(async |store| {
        store.begin(&run("r1")).await.expect("it works");
        store.take(&lease("r1", 100), Moment(0)).await.expect("it works");
        let before = vec![("allocated".to_owned(), 5), ("on-hand".to_owned(), -17)];
        let mut entries = vec![
            entry("r1", "c1", Event::Intent { before, after: 14 }),
            entry("r1", "c2", Event::Intent { before: Vec::new(), after: 1 }),
            entry("r1", "c1", Event::Sent),
            entry("r1", "c1", Event::Again { reason: "it shows 3 by now".to_owned() }),
        ];
        for outcome in Outcome::ALL {
            let reason = format!("`{}`; \"quoted\"", outcome.word());
            entries.push(entry("r1", "c1", Event::Outcome { outcome, reason }));
        }
        store.append(1, &entries[..3]).await.expect("it works");
        store.append(1, &entries[3..]).await.expect("it works");
        assert_eq!(store.entries("r1").await.expect("it works"), entries);
        assert_eq!(store.entries("r2").await.expect("it works"), []);
    });
}

#[test]
fn a_run_without_an_end_is_found_and_keeps_its_first_end() {
    each(async |store| {
        store.begin(&run("r1")).await.expect("it works");
        store.take(&lease("r1", 100), Moment(0)).await.expect("it works");
        assert_eq!(store.unfinished().await.expect("it works"), [run("r1")]);
        // Who does not hold the lease ends nobody's run.
        let late = store.end(0, "r1", Moment(2_000), 130).await;
        assert!(matches!(late, Err(StateError::Locked(_))), "{late:?}");
        store.end(1, "r1", Moment(3_000), 4).await.expect("it works");
        assert_eq!(store.unfinished().await.expect("it works"), []);
        // The lease is free again.
        assert_eq!(store.take(&lease("r2", 100), Moment(0)).await, Ok(Taken::Ours(2)));
        assert!(store.begin(&run("r1")).await.is_err());
    });
}

#[test]
fn a_plan_is_known_by_digest_and_id_and_remembers_who_applied_it() {
    each(async |store| {
        let seen = PlanSeen { seal: "s1".to_owned(), ..state::plan_seen("d1", "p1", Moment(7)) };
        assert_eq!(store.plan("d1", "p1").await, Ok(None));
        store.remember_plan(&seen).await.expect("it works");
        assert_eq!(store.plan("d1", "p1").await, Ok(Some(seen.clone())));
        let applied = PlanSeen { applied_by: Some("r1".to_owned()), ..seen.clone() };
        store.remember_plan(&applied).await.expect("it works");
        // Writing the same plan once more does not make it a new one.
        store.remember_plan(&seen).await.expect("it works");
        assert_eq!(store.plan("d1", "p1").await, Ok(Some(applied)));
        // The same lines, planned at another time, are another permission.
        let later = PlanSeen { id: "p2".to_owned(), ..seen };
        assert_eq!(store.plan("d1", "p2").await, Ok(None));
        store.remember_plan(&later).await.expect("it works");
        assert_eq!(store.plan("d1", "p2").await, Ok(Some(later)));
    });
}

#[test]
fn the_queue_holds_one_open_entry_a_key_and_counts_attempts() {
    each(async |store| {
        let first = [fault("MUG", "qty", "refused"), fault("TEE", "qty", "refused")];
        assert_eq!(store.report(&first, Moment(10)).await, Ok(2));
        let again = Fault { next: None, ..fault("MUG", "qty", "refused again") };
        assert_eq!(store.report(std::slice::from_ref(&again), Moment(20)).await, Ok(0));
        let open = store.queue(true).await.expect("it works");
        assert_eq!(open.len(), 2);
        let wanted = QueueEntry {
            id: open[0].id,
            fault: again,
            attempts: 2,
            first: Moment(10),
            last: Moment(20),
            closed: None,
            quiet: None,
        };
        assert_eq!(open[0], wanted);
        // Another field of the same cell is another entry.
        assert_eq!(store.report(&[fault("MUG", "unit", "unknown word")], Moment(30)).await, Ok(1));
    });
}

#[test]
fn a_success_closes_an_entry_and_a_new_failure_opens_another() {
    each(async |store| {
        store.report(&[fault("MUG", "qty", "refused")], Moment(10)).await.expect("it works");
        let keys = [key("MUG", "qty"), key("MUG", "unit")];
        assert_eq!(store.settle(&keys, "went through in run r2", Moment(20)).await, Ok(1));
        assert_eq!(store.settle(&keys, "went through in run r3", Moment(30)).await, Ok(0));
        assert_eq!(store.queue(true).await, Ok(Vec::new()));
        let closed = store.queue(false).await.expect("it works");
        assert_eq!(closed[0].closed, Some((Moment(20), "went through in run r2".to_owned())));
        assert_eq!(store.report(&[fault("MUG", "qty", "refused")], Moment(40)).await, Ok(1));
        let all = store.queue(false).await.expect("it works");
        assert_eq!(all.len(), 2);
        assert_ne!(all[0].id, all[1].id);
        assert_eq!(all[1].attempts, 1);
    });
}

#[test]
fn closing_by_hand_needs_a_note_and_an_open_entry() {
    each(async |store| {
        store.report(&[fault("MUG", "qty", "refused")], Moment(10)).await.expect("it works");
        let id = store.queue(true).await.expect("it works")[0].id;
        assert!(store.resolve(id, "  ", Moment(20)).await.is_err());
        assert_eq!(store.queue(true).await.expect("it works").len(), 1);
        assert_eq!(store.retry(id).await, Ok(true));
        assert_eq!(store.queue(true).await.expect("it works")[0].fault.next, None);
        assert_eq!(store.resolve(id, "the shop deleted it", Moment(20)).await, Ok(true));
        assert_eq!(store.resolve(id, "once more", Moment(21)).await, Ok(false));
        assert_eq!(store.retry(id).await, Ok(false));
        let closed = store.queue(false).await.expect("it works");
        assert_eq!(closed[0].closed, Some((Moment(20), "the shop deleted it".to_owned())));
        assert_eq!(store.resolve(id + 1, "no such entry", Moment(22)).await, Ok(false));
    });
}

#[test]
fn written_and_known_values_are_the_last_ones() {
    each(async |store| {
        store.remember_written(&[written("B", 2, false), written("A", 1, false)]).await.expect("it works");
        store.remember_written(&[written("A", 3, true)]).await.expect("it works");
        assert_eq!(
            store.written("web").await.expect("it works"),
            [written("A", 3, true), written("B", 2, false)]
        );
        assert_eq!(store.written("erp").await.expect("it works"), []);
        let known = |value, as_of| Known {
            system: "erp".to_owned(),
            location: "paris".to_owned(),
            item: "MUG".to_owned(),
            quantity: "on-hand".to_owned(),
            value,
            as_of,
        };
        store.remember_known(&[known(5, None)]).await.expect("it works");
        store.remember_known(&[known(4, Some(Moment(9)))]).await.expect("it works");
        assert_eq!(store.known("erp").await.expect("it works"), [known(4, Some(Moment(9)))]);
    });
}

#[test]
fn movements_are_found_by_when_they_were_first_seen() {
    use onhand::ledger::{Booked, BookedKey, Page};
    use onhand::model::movement::Movement;
    let booked = |document: &str, item: &str, seen| Booked {
        key: BookedKey {
            system: "web".to_owned(),
            movement: Movement::Order,
            document: document.to_owned(),
            line: "1".to_owned(),
            item: item.to_owned(),
            part: 0,
        },
        order: (document.to_owned(), "1".to_owned()),
        location: None,
        to: None,
        amount: 3,
        // What the system says of when it happened decides nothing here.
        at: Some(Moment(1)),
        seen: Moment(seen),
        sellable: true,
    };
    each(async |store| {
        store.take(&lease("r1", 100), Moment(0)).await.expect("it works");
        let all =
            [booked("1", "MUG", 10), booked("2", "TEE", 20), booked("3", "MUG", 20), booked("4", "HAT", 30)];
        let page = Page { booked: all.to_vec(), ..Page::default() };
        store.book(1, &page).await.expect("it works");
        let since = async |store: &mut dyn Store, items: Option<&[&str]>, moment| {
            let items = items.map(|all| all.iter().map(|own| (*own).to_owned()).collect::<Vec<String>>());
            let found = store.movements_since(items.as_deref(), Moment(moment)).await.expect("it works");
            found.into_iter().map(|own| own.key.document).collect::<Vec<String>>()
        };
        assert_eq!(since(store, None, 0).await, ["1", "2", "3", "4"]);
        assert_eq!(since(store, None, 20).await, ["2", "3", "4"]);
        assert_eq!(since(store, None, 31).await, [""; 0]);
        assert_eq!(since(store, Some(&["MUG", "HAT"]), 11).await, ["3", "4"]);
        assert_eq!(since(store, Some(&[]), 0).await, [""; 0]);
        assert_eq!(store.movements_since(None, Moment(30)).await, Ok(vec![all[3].clone()]));
    });
}

#[test]
fn a_record_that_does_not_fit_waits_until_it_is_taken_out() {
    use onhand::ledger::{Page, Parked, ParkedKey};
    use onhand::model::movement::Movement;
    let parked = |document: &str, quantity: &str| Parked {
        key: ParkedKey {
            system: "web".to_owned(),
            movement: Movement::Return,
            document: document.to_owned(),
            line: "1".to_owned(),
        },
        of: Some(("77".to_owned(), "2".to_owned())),
        code: "MUG-12".to_owned(),
        location: Some("paris".to_owned()),
        quantity: quantity.to_owned(),
        unit: Some("case".to_owned()),
        at: Some(Moment(5)),
        closed: None,
    };
    let bare = Parked { of: None, location: None, unit: None, at: None, ..parked("B", "0.5") };
    each(async |store| {
        store.take(&lease("r1", 100), Moment(0)).await.expect("it works");
        let page = Page { parked: vec![parked("A", "3"), bare.clone()], ..Page::default() };
        store.book(1, &page).await.expect("it works");
        assert_eq!(store.parked().await, Ok(vec![parked("A", "3"), bare.clone()]));
        assert_eq!(store.dismiss(&bare.key, Moment(9)).await, Ok(true));
        assert_eq!(store.dismiss(&bare.key, Moment(10)).await, Ok(false));
        assert_eq!(store.dismiss(&parked("C", "").key, Moment(10)).await, Ok(false));
        let closed = Parked { closed: Some(Moment(9)), ..bare.clone() };
        assert_eq!(store.parked().await, Ok(vec![parked("A", "3"), closed]));
        let page =
            Page { parked: vec![parked("B", "4")], unparked: vec![parked("A", "").key], ..Page::default() };
        store.book(1, &page).await.expect("it works");
        assert_eq!(store.parked().await, Ok(vec![parked("B", "4")]));
        let late = store.book(2, &Page { unparked: vec![parked("B", "").key], ..Page::default() }).await;
        assert!(matches!(late, Err(StateError::Locked(_))), "{late:?}");
        assert_eq!(store.parked().await, Ok(vec![parked("B", "4")]));
    });
}

//! From the first version of the state to this one: everything arrives, or nothing has happened.

use super::block;
use crate::support::state::{lease, plan_seen, run};
use onhand::model::time::Moment;
use onhand::state::schema::{SQLITE, migrate};
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;
use onhand::world::Database;
use onhand::world::sqlite::Sqlite;
use std::time::Duration;

/// A row or more in every table of the first version.
const ROWS: &str = r#"
insert into run values ('r0', 'p0', 'd1', 't1', 'ann@desk', 10, 20, 4),
  ('r1', 'p1', 'd1', 't1', 'ann@desk', 30, null, null);
insert into lease values (1, 'r1', 'desk', '7@99', 900);
insert into journal
  (run, change_id, attempt, write_key, event, columns_before, value_after, outcome, reason, at)
  values ('r1', 'c1', 1, 'k', 'intent', '[["qty",3]]', 2, null, null, 31),
         ('r1', 'c1', 1, 'k', 'sent', null, null, null, null, 32),
         ('r1', 'c1', 1, 'k', 'outcome', null, null, 'verified', '', 33);
insert into queue (flow, system, location, item, field, code, record, reason, change_id, next_try, attempts,
                   first_seen, last_seen, closed_at, closed_how)
  values ('f', 'shop', '', 'MUG', 'qty', 'M', 'row 3', 'refused', 'c1', 70, 2, 5, 6, null, null),
         ('f', 'shop', '', 'TEE', 'qty', 'T', 'row 4', 'refused', '', null, 1, 5, 5, 8, 'asked');
insert into plan values ('d1', 'p0', 9, 'r0'), ('d1', 'p1', 29, null);
insert into written values ('shop', '', 'M', 'qty', 2, 3, 33, 'r1', 0);
insert into known values ('depot', 'hall', 'MUG', 'on-hand', 5, null);
"#;

fn raw(path: &str) -> Sqlite {
    Sqlite::open(path, true, Duration::from_secs(1)).expect("it works")
}

fn version_one(path: &str) {
    let mut database = raw(path);
    let scripts = ["pragma journal_mode = wal", SQLITE[0], ROWS, "pragma user_version = 1"];
    scripts.iter().for_each(|script| block(database.batch(script)).expect("it works"));
}

fn version(path: &str) -> String {
    let rows = block(raw(path).query("pragma user_version", &[])).expect("it works").rows;
    rows[0][0].clone().expect("a number")
}

/// Everything of the first version is there, in the words of this one.
async fn arrived(path: &str) {
    let mut store = SqliteStore::open(path).await.expect("it works");
    assert_eq!(store.audit().await, Ok(Vec::new()));
    let open = run("r1", Moment(30));
    let ended = Run { plan: "p0".to_owned(), ended: Some((Moment(20), 4)), ..run("r0", Moment(10)) };
    assert_eq!(store.runs(9).await, Ok(vec![open, ended]));
    let held = Lease { fence: 1, taken: Moment(30), heartbeat: Moment(30), ..lease("r1", Moment(900)) };
    assert_eq!(store.lease().await, Ok(Some(held)));
    let journal = store.entries("r1").await.expect("it works");
    let events: Vec<&Event> = journal.iter().map(|entry| &entry.event).collect();
    let before = vec![("qty".to_owned(), 3)];
    let outcome = Event::Outcome { outcome: Outcome::Verified, reason: String::new() };
    assert_eq!(events, [&Event::Intent { before, after: 2 }, &Event::Sent, &outcome]);
    let queue = store.queue(false).await.expect("it works");
    assert_eq!((queue.len(), queue[0].attempts, queue[0].fault.next), (2, 2, Some(Moment(70))));
    assert_eq!((queue[0].fault.request.as_str(), &queue[0].quiet), ("", &None));
    assert_eq!(queue[1].closed, Some((Moment(8), "asked".to_owned())));
    let applied = PlanSeen { applied_by: Some("r0".to_owned()), ..plan_seen("d1", "p0", Moment(9)) };
    assert_eq!(store.plan("d1", "p0").await, Ok(Some(applied)));
    assert_eq!(store.plan("d1", "p1").await, Ok(Some(plan_seen("d1", "p1", Moment(29)))));
    let written = store.written("shop").await.expect("it works");
    assert_eq!((written.len(), written[0].value, written[0].shown), (1, 2, Some(3)));
    assert_eq!(store.known("depot").await.expect("it works")[0].value, 5);
}

#[test]
fn a_file_of_the_first_version_arrives_whole_after_a_copy() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    version_one(&path);
    block(arrived(&path));
    block(arrived(&path));
    assert_eq!((version(&path), version(&format!("{path}.v1"))), (SQLITE.len().to_string(), "1".to_owned()));
    // The copy is a state of its own, and a later copy does not replace it.
    block(arrived(&format!("{path}.v1")));
    let second = folder.path().join("other.db").to_str().expect("it works").to_owned();
    version_one(&second);
    std::fs::write(format!("{second}.v1"), "left by a migration that was cut off").expect("it works");
    block(arrived(&second));
    assert_eq!(version(&format!("{second}.v1-2")), "1");
}

#[test]
fn of_each_flow_the_last_runs_before_turns_were_kept_are_known() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    version_one(&path);
    let mut database = raw(&path);
    let rows = "insert into ran values ('f', 11, 'r0');
        insert into cell values ('r0', 'c1', 'f', 'shop', '', 'MUG', 'M', 'available', 'ea', 3, 2, ''),
          ('r1', 'c1', 'g', 'shop', '', 'MUG', 'M', 'available', 'ea', 3, 2, ''),
          ('r1', 'c2', 'g', 'shop', '', 'TEE', 'T', 'available', 'ea', 3, 2, '');
        pragma user_version = 4";
    for script in SQLITE[1..4].iter().chain([&rows]) {
        block(database.batch(script)).expect("it works");
    }
    drop(database);
    block(async {
        let mut store = SqliteStore::open(&path).await.expect("it works");
        let turn = |run: &str, flow: &str, began| {
            let (run, flow, began) = (run.to_owned(), flow.to_owned(), Moment(began));
            Turn { run, flow, began, whole: false, through: false, left: None }
        };
        let ended = Some((Moment(20), 4));
        assert_eq!(store.turns("f", Moment(0)).await, Ok(vec![(turn("r0", "f", 10), ended)]));
        assert_eq!(store.turns("g", Moment(99)).await, Ok(vec![(turn("r1", "g", 30), None)]));
    });
}

#[test]
fn rows_and_their_journal_find_each_other_by_their_place() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    version_one(&path);
    let rows = "insert into cell values ('r1', 'cx', 'g', 'shop', '', 'TEE', 'T', 'available', 'ea', 9, 8, ''),
          ('r1', 'c1', 'g', 'shop', '', 'MUG', 'M', 'available', 'ea', 3, 2, ''),
          ('r0', 'c1', 'g', 'shop', '', 'MUG', 'M', 'available', 'ea', 4, 3, '');
        insert into journal (run, change_id, attempt, write_key, event, columns_before, value_after, at)
          values ('r1', 'posting', 1, 'k', 'intent', '[]', 0, 34), ('r1', 'cx', 1, 'k', 'intent', '[]', 8, 35);
        insert into journal (run, change_id, attempt, write_key, event, outcome, reason, at)
          values ('r0', 'c1', 1, 'k', 'outcome', 'failed', 'no', 15);
        pragma user_version = 7";
    let mut database = raw(&path);
    for script in SQLITE[1..7].iter().chain([&rows]) {
        block(database.batch(script)).expect("it works");
    }
    drop(database);
    block(async {
        let mut store = SqliteStore::open(&path).await.expect("it works");
        assert_eq!(store.audit().await, Ok(Vec::new()));
        let told = |own: Happened| (own.planned.change, own.outcome.map(|own| own.0), own.written);
        let of = |run: Result<Vec<Happened>, StateError>| run.expect("it works").into_iter().map(told);
        let mug = ("c1".to_owned(), Some(Outcome::Verified), Some(2));
        let tee = |outcome, written| ("cx".to_owned(), outcome, written);
        assert!(of(store.happened("r1").await).eq([mug.clone(), tee(None, None)]));
        assert!(of(store.happened("r0").await).eq([("c1".to_owned(), Some(Outcome::Failed), None)]));
        // The run is gone on with, by this version.
        let held = store.lease().await.expect("it works").expect("r1 holds it");
        let entry = |change: &str, event| {
            let (run, change, key) = ("r1".to_owned(), change.to_owned(), "k".to_owned());
            Entry { run, change, attempt: 1, key, event, at: Moment(902) }
        };
        let moved = Event::Outcome { outcome: Outcome::Moved, reason: String::new() };
        let more = [entry("cx", Event::Sent), entry("cx", moved), entry("posting", Event::Sent)];
        store.append(held.fence, &more).await.expect("it works");
        assert!(of(store.happened("r1").await).eq([mug, tee(Some(Outcome::Moved), Some(8))]));
        assert_eq!(store.entries("r1").await.expect("it works").len(), 8);
        assert_eq!(store.audit().await, Ok(Vec::new()));
    });
    let wrong = "update journal set place = 1 - place where run = 'r1' and change_id = 'cx'";
    block(raw(&path).batch(wrong)).expect("it works");
    let faults = block(async { SqliteStore::open(&path).await.expect("it works").audit().await });
    assert!(faults.expect("it works").iter().any(|fault| fault.contains("another change")));
}

#[test]
fn who_held_the_lock_before_holds_it_after() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    version_one(&path);
    block(async {
        let mut store = SqliteStore::open(&path).await.expect("it works");
        let told = store.take(&lease("r2", Moment(950)), Moment(899)).await;
        assert!(matches!(&told, Ok(Taken::Theirs(other)) if other.run == "r1"), "{told:?}");
        assert_eq!(store.take(&lease("r2", Moment(950)), Moment(900)).await, Ok(Taken::Ours(2)));
    });
}

#[test]
fn a_migration_that_is_cut_off_anywhere_has_not_happened() {
    let statements: Vec<&str> = SQLITE[1].split_inclusive(";\n").collect();
    assert!(statements.len() > 15, "the script is taken apart");
    for cut in 0..=statements.len() {
        let folder = tempfile::tempdir().expect("it works");
        let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
        version_one(&path);
        let mut database = raw(&path);
        // With so little room pages go into the log before they are committed.
        block(database.batch("pragma cache_size = 2; begin immediate")).expect("it works");
        for statement in &statements[..cut] {
            block(database.batch(statement)).expect("it works");
        }
        if cut == statements.len() {
            block(database.batch("pragma user_version = 2")).expect("it works");
        }
        let killed = tempfile::tempdir().expect("it works");
        let other = killed.path().join("state.db").to_str().expect("it works").to_owned();
        for name in ["", "-wal"] {
            std::fs::copy(format!("{path}{name}"), format!("{other}{name}")).expect("it works");
        }
        assert_eq!(version(&other), "1", "cut after {cut} statements");
        block(arrived(&other));
    }
    println!("cut off after each of {} statements", statements.len());
}

#[test]
fn a_statement_that_fails_leaves_the_first_version() {
    let statements: Vec<&str> = SQLITE[1].split_inclusive(";\n").collect();
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    version_one(&path);
    for cut in 0..=statements.len() {
        let broken = format!("{}\ninsert into nowhere values (1);", statements[..cut].concat());
        let scripts = [SQLITE[0], &broken];
        let mut database = raw(&path);
        assert!(block(migrate(&mut database, &scripts, None)).is_err());
        drop(database);
        assert_eq!(version(&path), "1");
    }
    block(arrived(&path));
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("shop.db").to_str().expect("it works").to_owned();
    block(raw(&path).batch("create table stock (sku text)")).expect("it works");
    let before = std::fs::read(&path).expect("it works");
    match block(SqliteStore::open(&path)).map(|_| ()) {
        Err(StateError::Broken(text)) => {
            assert!(text.contains("shop.db") && text.contains("`stock`"), "{text}");
        }
        other => panic!("a shop was taken for a state: {other:?}"),
    }
    assert_eq!(std::fs::read(&path).expect("it works"), before);
}

//! What a state file survives, and what it refuses.

use super::block;
use crate::support::state::{lease, run};
use onhand::model::time::Moment;
use onhand::state::schema::{SQLITE, migrate};
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;
use onhand::world::Database;
use onhand::world::sqlite::Sqlite;
use std::time::Duration;

fn fault() -> Fault {
    let key = QueueKey {
        flow: "f".to_owned(),
        system: "s".to_owned(),
        location: String::new(),
        item: "MUG".to_owned(),
        field: "qty".to_owned(),
    };
    let (code, record, change) = ("M".to_owned(), String::new(), String::new());
    Fault { key, code, record, reason: "refused".to_owned(), change, next: None, request: String::new() }
}

/// Runs one statement on a state file from outside.
fn edit(path: &str, sql: &str) {
    let mut database = Sqlite::open(path, false, Duration::from_secs(1)).expect("it works");
    block(database.batch(sql)).expect("it works");
}

#[test]
fn a_state_file_is_made_with_its_folder_and_found_again() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("deep/er/state.db");
    let path = path.to_str().expect("it works");
    block(async {
        let mut store = SqliteStore::open(path).await.expect("it works");
        store.report(&[fault()], Moment(1)).await.expect("it works");
        drop(store);
        let mut store = SqliteStore::open(path).await.expect("it works");
        assert_eq!(store.queue(true).await.expect("it works").len(), 1);
    });
}

#[test]
fn a_newer_state_is_refused_in_words_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    block(SqliteStore::open(path)).expect("it works");
    edit(path, "pragma user_version = 99");
    match block(SqliteStore::open(path)).map(|_| ()) {
        Err(StateError::Newer(text)) => {
            assert!(text.contains("version 99") && text.contains("state.db"), "{text}")
        }
        other => panic!("a newer state was taken: {other:?}"),
    }
    edit(path, &format!("pragma user_version = {}", SQLITE.len()));
    block(SqliteStore::open(path)).expect("it works");
}

#[test]
fn a_later_version_runs_only_its_own_scripts_after_a_copy() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    block(async {
        let mut store = SqliteStore::open(path).await.expect("it works");
        store.report(&[fault()], Moment(1)).await.expect("it works");
        drop(store);
        let mut database = Sqlite::open(path, false, Duration::from_secs(1)).expect("it works");
        let scripts = [SQLITE, &["alter table queue add column note text"]].concat();
        migrate(&mut database, &scripts, Some(path)).await.expect("it works");
        migrate(&mut database, &scripts, Some(path)).await.expect("it works");
        let kept = database.query("select item, note from queue", &[]).await.expect("it works");
        assert_eq!(kept.rows, [[Some("MUG".to_owned()), None]]);
        let mut copy = SqliteStore::open(&format!("{path}.v{}", SQLITE.len())).await.expect("it works");
        assert_eq!(copy.queue(true).await.expect("it works").len(), 1);
    });
}

#[test]
fn a_script_that_fails_leaves_the_file_at_its_version() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    block(async {
        drop(SqliteStore::open(path).await.expect("it works"));
        let mut database = Sqlite::open(path, false, Duration::from_secs(1)).expect("it works");
        let scripts = [SQLITE, &["create table half (a text); create table queue (b text)"]].concat();
        assert!(migrate(&mut database, &scripts, None).await.is_err());
        assert!(database.query("select * from half", &[]).await.is_err());
        drop(database);
        SqliteStore::open(path).await.expect("it works");
    });
}

#[test]
fn what_is_no_database_is_refused_in_words() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    std::fs::write(&path, "this is a shopping list, long enough to be read as a header of a file")
        .expect("it works");
    let path = path.to_str().expect("it works");
    match block(SqliteStore::open(path)).map(|_| ()) {
        Err(StateError::Broken(text)) => assert!(text.contains("state.db"), "{text}"),
        other => panic!("a text file was taken for a state: {other:?}"),
    }
}

#[test]
fn a_damaged_file_is_found_after_a_run_that_did_not_end() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    block(async {
        let mut store = SqliteStore::open(path).await.expect("it works");
        store.begin(&run("r1", Moment(1))).await.expect("it works");
        let faults: Vec<Fault> = (0..400)
            .map(|n| Fault {
                reason: "x".repeat(300),
                key: QueueKey { item: n.to_string(), ..fault().key },
                ..fault()
            })
            .collect();
        store.report(&faults, Moment(1)).await.expect("it works");
    });
    edit(path, "pragma wal_checkpoint(truncate)");
    let mut bytes = std::fs::read(path).expect("it works");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xAB);
    std::fs::write(path, bytes).expect("it works");
    match block(SqliteStore::open(path)).map(|_| ()) {
        Err(StateError::Broken(text)) => assert!(text.contains("state.db"), "{text}"),
        other => panic!("a damaged file was taken: {other:?}"),
    }
}

#[test]
fn two_processes_share_one_lease() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    let lease = |run: &str| lease(run, Moment(100));
    block(async {
        let mut one = SqliteStore::open(path).await.expect("it works");
        let mut two = SqliteStore::open(path).await.expect("it works");
        assert_eq!(one.take(&lease("r1"), Moment(0)).await, Ok(Taken::Ours(1)));
        let told = two.take(&lease("r2"), Moment(0)).await;
        assert!(matches!(&told, Ok(Taken::Theirs(lease)) if lease.run == "r1"), "{told:?}");
        one.free("r1").await.expect("it works");
        assert_eq!(two.take(&lease("r2"), Moment(0)).await, Ok(Taken::Ours(2)));
    });
}

#[test]
fn a_process_is_known_to_live_until_it_has_ended() {
    let world = onhand::world::real::world(false);
    let own = world.env.process();
    assert!(world.env.alive(&own), "{own}");
    assert!(!world.env.host().is_empty());
    let mut child = std::process::Command::new("true").spawn().expect("it starts");
    let gone = child.id().to_string();
    child.wait().expect("it ends");
    assert!(!world.env.alive(&gone), "process {gone} has ended");
    // Another process that was given the number of an ended one is not that one.
    if let Some((number, _)) = own.split_once('@') {
        assert!(!world.env.alive(&format!("{number}@1")));
    }
}

#[test]
fn books_that_somebody_edited_are_found() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db");
    let path = path.to_str().expect("it works");
    let audit = || block(block(SqliteStore::open(path)).expect("it works").audit()).expect("it works");
    assert_eq!(audit(), Vec::<String>::new());
    let line = "insert into order_line values ('web', 'orders', '1', '1', 'MUG', 'f', null, 5, 0, 0, 0, 0, 0, 0, \
                0, 0, 0, 0, 0, 0, null)";
    edit(path, line);
    assert_eq!(audit(), ["1 order lines of the books say something else than their movements"]);
    edit(path, "update order_line set ordered = 0, shipped = 1");
    assert_eq!(audit(), ["1 order lines of the books come to more than was ordered or shipped"]);
    edit(path, "delete from order_line");
    edit(path, "insert into account values ('MUG', '', 'free', 3)");
    assert_eq!(audit(), ["1 items have accounts in the books that do not balance"]);
}

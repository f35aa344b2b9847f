//! `onhand state`.

use super::{Place, batch, query, small};

/// The state of a place after one apply, with a lock that a process of a host holds.
fn locked(host: &str, process: &str, expires: i64) -> Place {
    let place = small(1);
    place.run("apply --auto-approve").ends(0);
    let lease = format!(
        "update lease set holder = 'h', run = 'r7', host = '{host}', process = '{process}', fence = 12, \
         taken = 0, heartbeat = 60000, expires = {expires}"
    );
    batch(&place.path(".onhand/state.db"), &lease);
    place
}

const FAR: i64 = 9_000_000_000_000;

fn host() -> String {
    use onhand::world::Env;
    let world = onhand::world::real::world(false);
    let env: &dyn Env = world.env.as_ref();
    env.host()
}

fn own() -> String {
    onhand::world::real::world(false).env.process()
}

#[test]
fn before_the_first_apply_there_is_no_state() {
    let place = Place::direct();
    place.run("state lock list").ends(0).tells(&["Nobody holds the lock: no apply has run here yet."]);
    place.run("state lock list --format json").ends(0).tells_nothing();
    place.run("state check").ends(0).tells(&["There is no state yet"]);
    place.run("state unlock r1 --reason x").ends(1).says(&["there is no state yet", "no lock to free"]);
    place.run("state backup copy.db").ends(1).says(&["nothing to back up"]);
    assert!(!place.path(".onhand").exists() && !place.path("copy.db").exists(), "looking makes no state");
}

#[test]
fn the_holder_of_the_lock_is_told() {
    let place = locked("elsewhere", "77@5", FAR);
    place.run("state lock list").ends(0).says_nothing().tells(&[
        "Run r7 holds the lock, number 12.",
        "process 77@5 on elsewhere, and nobody here can tell whether it still runs",
        "taken 1970-01-01T00:00:00Z",
        "last heard of 1970-01-01T00:01:00Z",
        "runs out 2255-03-14T16:00:00Z",
    ]);
    let json = place.run("state lock list --format json").ends(0).json();
    assert_eq!((&json[0]["run"], &json[0]["fence"]), (&"r7".into(), &12.into()));
    assert_eq!((&json[0]["alive"], &json[0]["actor"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    let place = locked(&host(), &own(), FAR);
    place.run("state lock list").ends(0).tells(&["which still runs"]);
    let place = locked(&host(), "1@1", FAR);
    place.run("state lock list").ends(0).tells(&["which has ended"]);
    assert_eq!(place.run("state lock list --format json").ends(0).json()[0]["alive"], false);
}

#[test]
fn a_lock_under_a_living_process_is_freed_only_when_asked_for() {
    let place = locked(&host(), &own(), FAR);
    place.run("state unlock r7").ends(1).says(&["--reason"]);
    place.run("state unlock r8 --reason stuck").ends(1).says(&["run r8 does not hold the lock: run r7 does"]);
    let refused = place.run("state unlock r7 --reason stuck").ends(6).tells_nothing();
    refused.says(&["still runs here", "may be writing right now", "--even-alive"]);
    assert_eq!(place.run("state lock list --format json").ends(0).json().len(), 1, "nothing is freed");
    place
        .run("state unlock r7 --reason stuck --even-alive")
        .ends(0)
        .says_nothing()
        .tells(&["The lock of run r7 is free. Its number was 12", "let a minute pass"]);
    place.run("state lock list").ends(0).tells(&["Nobody holds the lock.", "lock 12 of run r7", "stuck"]);
    let json = place.run("state lock list --format json").ends(0).json();
    assert_eq!((&json[0]["type"], &json[0]["reason"]), (&"unlocked".into(), &"stuck".into()));
    place.run("state unlock r7 --reason stuck").ends(1).says(&["nobody holds the lock"]);
    // The number never goes back.
    place.run("apply --auto-approve").ends(0);
    let fence = query(&place.path(".onhand/state.db"), "select fence from lease");
    assert_eq!(fence, [["13"]]);
}

#[test]
fn a_lock_of_another_host_is_freed_when_it_has_run_out() {
    let place = locked("elsewhere", "77@5", FAR);
    let refused = place.run("state unlock r7 --reason gone").ends(6);
    refused.says(&[
        "runs on elsewhere",
        "nobody here can tell",
        "runs out by itself at 2255-03-14T16:00:00Z",
    ]);
    let place = locked("elsewhere", "77@5", 1);
    place.run("state unlock r7 --reason gone").ends(0);
    // A process of this host that has ended needs no more words.
    let place = locked(&host(), "1@1", FAR);
    let done = place.run("state unlock r7 --reason gone").ends(0);
    assert!(!done.out.contains("a minute"), "{done:?}");
}

#[test]
fn a_backup_is_a_file_to_go_on_from() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4);
    let done = place.run("state backup copy.db").ends(0).says_nothing();
    let size = std::fs::metadata(place.path("copy.db")).unwrap().len();
    done.tells(&[&format!("The state is in copy.db, whole: {size} bytes.")]);
    place.run("state backup copy.db").ends(1).tells_nothing().says(&["`copy.db` is there already"]);
    // Everything is gone; the copy takes its place.
    let queue = place.run("queue list --format json").ends(0).out;
    std::fs::remove_dir_all(place.path(".onhand")).unwrap();
    std::fs::create_dir(place.path(".onhand")).unwrap();
    std::fs::copy(place.path("copy.db"), place.path(".onhand/state.db")).unwrap();
    assert_eq!(place.run("queue list --format json").ends(0).out, queue);
    place.run("state check").ends(0).says_nothing().tells(&["The state is whole."]);
    place.run("apply --auto-approve").ends(4);
}

#[test]
fn a_check_finds_what_cannot_be_so_and_says_how_to_go_on() {
    let place = small(1);
    place.run("apply --auto-approve").ends(0);
    place.run("state check").ends(0).tells(&["The state is whole."]);
    let state = place.path(".onhand/state.db");
    let stray = "insert into journal (run, change_id, attempt, write_key, event, at) \
                 select id, 'cx', 1, 'k', 'sent', 1 from run";
    batch(&state, stray);
    let done = place.run("state check").ends(1).tells_nothing();
    done.says(&["1 request was sent without having been announced", "To go on, stop every runner", "-wal"]);
    // Pages that do not fit together.
    let mut bytes = std::fs::read(&state).unwrap();
    let end = bytes.len();
    bytes[end - 8192..].fill(0xAB);
    std::fs::write(&state, bytes).unwrap();
    place.run("state check").ends(1).tells_nothing().says(&["damaged", "backup", "plan anew"]);
    std::fs::write(&state, "a shopping list, long enough to be taken for the header of a database file")
        .unwrap();
    place.run("state check").ends(1).tells_nothing().says(&["state.db", "backup"]);
}

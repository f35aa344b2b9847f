//! What stops a command from outside: a lock, a feed, a database, a signal.

use super::{Place, batch, query, small};

/// Writes a lease into the state, as a run of this process on `host` would hold it.
fn locked(place: &Place, host: &str, process: u32) {
    place.run("plan --out p.jsonl").ends(0);
    let sql = format!(
        "insert into lease (only_one, holder, run, host, process, fence, taken, heartbeat, expires) \
         values (1, 'other', 'other', '{host}', '{process}', 1, 0, 0, 99999999999999)"
    );
    batch(&place.path(".onhand/state.db"), &sql);
}

#[test]
fn a_second_apply_is_locked_out() {
    let place = small(1);
    locked(&place, "elsewhere", 1);
    let done = place.run("apply p.jsonl --wait 1s").ends(6).tells_nothing();
    done.says(&["run other on elsewhere (process 1) is writing", "waited 1s", "`--wait`"]);
    place.run("apply --auto-approve --wait 1s").ends(6);
    assert_eq!(place.shop_of_small(), [["I0", "9"]]);
    place.run("plan").ends(0);
    place.run("queue list").ends(0);
    batch(&place.path(".onhand/state.db"), "delete from lease");
    place.run("apply p.jsonl").ends(0);
}

#[test]
fn a_holder_that_is_dead_on_this_host_loses_its_lock() {
    let place = small(1);
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    locked(&place, &onhand::world::real::world(false).env.host(), gone.id());
    place.run("apply p.jsonl --wait 1s").ends(0);
    assert_eq!(place.shop_of_small(), [["I0", "5"]]);
}

#[test]
fn a_missing_feed() {
    let place = small(1);
    place.run("plan --out p.jsonl").ends(0);
    std::fs::remove_file(place.path("feed.csv")).unwrap();
    place.run("plan").ends(7).tells(&["Incomplete: `depot` could not be read", "feed.csv"]);
    for words in ["apply p.jsonl", "apply --auto-approve"] {
        place
            .run(words)
            .ends(7)
            .tells(&["`depot` could not be read", "Nothing that depends on it was written."]);
    }
    assert_eq!(place.shop_of_small(), [["I0", "9"]]);
}

#[test]
fn a_feed_cut_in_half() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4);
    let shop = place.shop();
    let feed = place.read("feeds/depot-2026-11-22.csv");
    let half: String = feed.lines().take(60).map(|line| format!("{line}\n")).collect();
    place.write("feeds/depot-2026-11-22.csv", &half);
    place
        .run("plan --out p.jsonl")
        .ends(7)
        .tells(&["Incomplete: `depot` could not be read to its end", "80%"]);
    place.run("apply p.jsonl").ends(7).tells(&["`depot` could not be read"]);
    place.run("apply --auto-approve").ends(7);
    assert_eq!(place.shop(), shop);
}

#[test]
fn a_database_that_cannot_be_read() {
    let place = small(1);
    std::fs::write(place.path("shop.db"), "this is no database, though it has some length".repeat(20))
        .unwrap();
    place.run("plan").ends(7).tells(&["`shop` could not be read"]);
    place.run("apply --auto-approve").ends(7);
    std::fs::remove_file(place.path("shop.db")).unwrap();
    place.run("plan").ends(7).tells(&["`shop` could not be read"]);
    assert!(!place.path("shop.db").exists(), "reading makes no database");
}

#[test]
fn a_statement_that_the_database_refuses() {
    let place = small(1);
    place.change("onhand.kdl", "select sku, qty from stock", "select sku, qty from stok");
    place.run("plan").ends(7).tells(&["`shop` could not be read", "stok"]);
}

#[test]
fn a_state_that_is_no_state() {
    let place = small(1);
    place.write(".onhand/state.db", &"this is no database, though it has some length".repeat(20));
    for words in ["plan", "apply --auto-approve", "queue list"] {
        place.run(words).ends(1).says(&[".onhand/state.db"]);
    }
    assert_eq!(place.shop_of_small(), [["I0", "9"]]);
}

#[test]
fn a_state_that_is_somewhere_else() {
    let topology =
        |place: &Place| place.change("onhand.kdl", "language=1", "language=1 { state (env)ONHAND_STATE }");
    let place = small(1);
    topology(&place);
    place.run("plan --out p.jsonl").ends(1).says(&["`ONHAND_STATE`, which is not set", "Set ONHAND_STATE"]);
    let place = small(1).env("ONHAND_STATE", "postgres://user:canary@localhost/state");
    topology(&place);
    let done = place.run("apply --auto-approve").ends(1).says(&["PostgreSQL is not built yet"]);
    assert!(!done.err.contains("canary"));
    let place = small(1).env("ONHAND_STATE", "sqlite:kept/here.db");
    topology(&place);
    place.run("apply --auto-approve").ends(0);
    assert_eq!(query(&place.path("kept/here.db"), "select count(*) from run"), [["1"]]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_leaves_the_rest() {
    let place = small(3);
    place.run("plan --out p.jsonl").ends(0);
    // Somebody writes to the shop all the while, so that the first write waits.
    let path = place.path("shop.db");
    let mut blocker = sqlite(&path);
    crate::support::run(async {
        use onhand::world::Database;
        blocker.batch("begin immediate").await.unwrap();
    });
    let mut command = place.command("apply p.jsonl");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let state = place.path(".onhand/state.db");
    let intended = || query(&state, "select count(*) from journal where event = 'intent'") != [["0"]];
    while !intended() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let done = super::Done::of(child.wait_with_output().unwrap()).ends(130);
    done.tells(&["Nothing written of 3 planned counts", "interrupted"]);
    crate::support::run(async {
        use onhand::world::Database;
        blocker.batch("rollback").await.unwrap();
    });
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "9"], ["I2", "9"]]);
    place.run("apply --auto-approve").ends(0);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "5"], ["I2", "5"]]);
}

fn sqlite(path: &std::path::Path) -> onhand::world::sqlite::Sqlite {
    let path = path.to_str().unwrap().to_owned();
    onhand::world::sqlite::Sqlite::open(&path, true, std::time::Duration::from_secs(10)).unwrap()
}

//! What every store keeps beside runs: pauses, lifted guards, limits, sizes, freed locks, plans of runs.

use super::{block, each};
use crate::support::state::{lease, run};
use onhand::model::time::Moment;
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;

fn pause(scope: Scope, name: &str, holds_all: bool) -> Pause {
    let (name, reason, actor) = (name.to_owned(), "stock-take".to_owned(), "ann@desk".to_owned());
    Pause { scope, name, holds_all, reason, actor, since: Moment(5) }
}

fn limit(flow: &str, guard: &str, numerator: i64) -> Limit {
    Limit { flow: flow.to_owned(), guard: guard.to_owned(), numerator, denominator: 100 }
}

fn key(item: &str) -> QueueKey {
    let [flow, system, item, field] = ["f", "shop", item, "qty"].map(str::to_owned);
    QueueKey { flow, system, location: String::new(), item, field }
}

fn planned(change: &str, item: &str, after: i64) -> Planned {
    let texts = [change, "f", "shop", "", item, "M", "available", "ea", "depot 5"].map(str::to_owned);
    let [change, flow, system, location, item, code, quantity, unit, reason] = texts;
    Planned { change, flow, system, location, item, code, quantity, unit, before: Some(9), after, reason }
}

fn entry(change: &str, event: Event) -> Entry {
    let (run, change, key) = ("r1".to_owned(), change.to_owned(), "k".to_owned());
    Entry { run, change, attempt: 1, key, event, at: Moment(40) }
}

fn outcome(outcome: Outcome) -> Event {
    Event::Outcome { outcome, reason: String::new() }
}

fn intent(after: i64) -> Event {
    Event::Intent { before: vec![("qty".to_owned(), 9)], after }
}

#[test]
fn a_pause_holds_until_it_is_ended() {
    each(async |store| {
        let (web, all) = (pause(Scope::System, "web", false), pause(Scope::All, "", false));
        store.pause(&web).await.expect("it works");
        store.pause(&all).await.expect("it works");
        assert_eq!(store.pauses().await, Ok(vec![all.clone(), web]));
        let harder = pause(Scope::System, "web", true);
        store.pause(&harder).await.expect("it works");
        assert_eq!(store.pauses().await, Ok(vec![all, harder.clone()]));
        assert_eq!(store.unpause(Scope::Flow, "web").await, Ok(false));
        assert_eq!(store.unpause(Scope::All, "").await, Ok(true));
        assert_eq!(store.unpause(Scope::All, "").await, Ok(false));
        assert_eq!(store.pauses().await, Ok(vec![harder]));
    });
}

#[test]
fn a_guard_is_lifted_for_one_plan() {
    each(async |store| {
        let lifted = |plan: &str, guard: &str, reason: &str| Lifted {
            plan: plan.to_owned(),
            guard: guard.to_owned(),
            reason: reason.to_owned(),
            actor: "ann@desk".to_owned(),
            at: Moment(1),
            expires: Moment(9),
        };
        let (rows, raised) = (lifted("p1", "max-rows", "sale"), lifted("p1", "max-raised", "sale"));
        store.lift(&rows).await.expect("it works");
        store.lift(&raised).await.expect("it works");
        assert_eq!(store.lifted("p2").await, Ok(Vec::new()));
        assert_eq!(store.lifted("p1").await, Ok(vec![raised.clone(), rows]));
        let again = lifted("p1", "max-rows", "sale, asked twice");
        store.lift(&again).await.expect("it works");
        assert_eq!(store.lifted("p1").await, Ok(vec![raised, again]));
    });
}

#[test]
fn the_last_limits_of_a_flow_replace_those_before() {
    each(async |store| {
        let first = [limit("f", "max-rows", 10), limit("f", "max-raised", 5), limit("g", "max-rows", 7)];
        store.remember_limits(&first).await.expect("it works");
        store.remember_limits(&[limit("f", "max-rows", 20)]).await.expect("it works");
        assert_eq!(store.limits().await, Ok(vec![limit("f", "max-rows", 20), limit("g", "max-rows", 7)]));
        // Said twice, the last counts.
        store.remember_limits(&[limit("g", "x", 1), limit("g", "x", 2)]).await.expect("it works");
        assert_eq!(store.limits().await, Ok(vec![limit("f", "max-rows", 20), limit("g", "x", 2)]));
    });
}

#[test]
fn sizes_are_those_of_the_last_complete_read() {
    each(async |store| {
        let size = |what: &str, rows| Size {
            system: "depot".to_owned(),
            what: what.to_owned(),
            rows,
            at: Moment(1),
        };
        store.remember_sizes(&[size("lines", 4), size("levels", 900)]).await.expect("it works");
        store.remember_sizes(&[size("levels", 870)]).await.expect("it works");
        assert_eq!(store.sizes().await, Ok(vec![size("levels", 870), size("lines", 4)]));
    });
}

#[test]
fn of_each_flow_the_last_run_is_known() {
    each(async |store| {
        let ran =
            |flow: &str, at, run: &str| Ran { flow: flow.to_owned(), at: Moment(at), run: run.to_owned() };
        assert_eq!(store.ran().await, Ok(Vec::new()));
        store.remember_ran(&[ran("g", 1, "r1"), ran("f", 1, "r1")]).await.expect("it works");
        store.remember_ran(&[ran("f", 7, "r2")]).await.expect("it works");
        assert_eq!(store.ran().await, Ok(vec![ran("f", 7, "r2"), ran("g", 1, "r1")]));
    });
}

#[test]
fn a_cell_that_keeps_moving_is_counted_run_by_run() {
    each(async |store| {
        assert_eq!(store.count_moved(&[key("A"), key("B")], &[]).await, Ok(vec![1, 1]));
        assert_eq!(store.count_moved(&[key("A")], &[key("B")]).await, Ok(vec![2]));
        assert_eq!(store.count_moved(&[key("B"), key("A")], &[]).await, Ok(vec![1, 3]));
        assert_eq!(store.count_moved(&[key("A")], &[key("A")]).await, Ok(vec![1]));
    });
}

#[test]
fn a_lock_is_freed_by_hand_once_and_with_a_reason() {
    each(async |store| {
        store.take(&lease("r1", Moment(100)), Moment(0)).await.expect("it works");
        let freed = |fence, reason: &str| Unlocked {
            fence,
            run: "r1".to_owned(),
            actor: "ann@desk".to_owned(),
            reason: reason.to_owned(),
            at: Moment(7),
        };
        assert!(store.unlock(&freed(1, " ")).await.is_err());
        assert_eq!(store.unlock(&freed(2, "its host burnt down")).await, Ok(false));
        assert_eq!((store.holds(1).await, store.unlocks().await), (Ok(true), Ok(Vec::new())));
        assert_eq!(store.unlock(&freed(1, "its host burnt down")).await, Ok(true));
        assert_eq!(store.unlock(&freed(1, "once more")).await, Ok(false));
        assert_eq!((store.holds(1).await, store.lease().await), (Ok(false), Ok(None)));
        assert_eq!(store.unlocks().await, Ok(vec![freed(1, "its host burnt down")]));
        // The number never goes back.
        assert_eq!(store.take(&lease("r2", Moment(100)), Moment(0)).await, Ok(Taken::Ours(2)));
        assert_eq!(store.audit().await, Ok(Vec::new()));
    });
}

#[test]
fn what_a_run_was_to_change_and_what_came_of_it() {
    each(async |store| {
        assert!(store.keep_plan("r1", "text", &[]).await.is_err(), "no run, no plan");
        store.begin(&run("r1", Moment(30))).await.expect("it works");
        store.begin(&run("r0", Moment(20))).await.expect("it works");
        let changes = [planned("c2", "TEE", 3), planned("c1", "MUG", 5), planned("c3", "MUG", 8)];
        store.keep_plan("r1", "text", &changes).await.expect("it works");
        store.keep_plan("r0", "other", &[planned("c1", "MUG", 7)]).await.expect("it works");
        assert!(store.keep_plan("r1", "text", &[]).await.is_err(), "once for each run");
        store.take(&lease("r1", Moment(99)), Moment(0)).await.expect("it works");
        let entries = [
            entry("c1", intent(5)),
            entry("c1", Event::Sent),
            entry("c1", Event::Again { reason: "it moved".to_owned() }),
            entry("c1", intent(4)),
            entry("c1", Event::Sent),
            entry("c1", outcome(Outcome::Verified)),
            entry("c2", intent(3)),
        ];
        store.append(1, &entries).await.expect("it works");
        let happened = store.happened("r1").await.expect("it works");
        let seen: Vec<_> = happened
            .iter()
            .map(|h| (h.planned.change.as_str(), h.outcome.as_ref().map(|(outcome, ..)| *outcome), h.written))
            .collect();
        assert_eq!(seen, [("c1", Some(Outcome::Verified), Some(4)), ("c2", None, None), ("c3", None, None)]);
        let history = store.history("MUG").await.expect("it works");
        let seen: Vec<_> = history.iter().map(|h| (h.run.as_str(), h.planned.change.as_str())).collect();
        assert_eq!(seen, [("r0", "c1"), ("r1", "c1"), ("r1", "c3")], "oldest run first");
        assert_eq!(store.plan_text("r1").await, Ok(Some("text".to_owned())));
        store.end(1, "r0", Moment(50), 130).await.expect("it works");
        assert_eq!(
            (store.forget_plans(Moment(50)).await, store.forget_plans(Moment(51)).await),
            (Ok(0), Ok(1))
        );
        assert_eq!(
            (store.plan_text("r0").await, store.history("MUG").await.map(|h| h.len())),
            (Ok(None), Ok(3))
        );
    });
}

#[test]
fn runs_are_listed_newest_first() {
    each(async |store| {
        for (id, began) in [("r1", 30), ("r2", 10), ("r3", 30)] {
            store.begin(&run(id, Moment(began))).await.expect("it works");
        }
        let ids = |runs: Vec<Run>| runs.into_iter().map(|run| run.id).collect::<Vec<_>>();
        assert_eq!(store.runs(2).await.map(ids), Ok(vec!["r3".to_owned(), "r1".to_owned()]));
        assert_eq!(store.unfinished().await.map(ids), Ok(["r2", "r1", "r3"].map(str::to_owned).to_vec()));
        assert_eq!(store.run("r9").await, Ok(None));
        assert_eq!(store.run("r2").await, Ok(Some(run("r2", Moment(10)))));
    });
}

#[test]
fn an_acknowledged_entry_is_quiet_until_its_date() {
    each(async |store| {
        let (code, record, reason) = ("M".to_owned(), String::new(), "refused".to_owned());
        let (change, request) = (String::new(), String::new());
        let fault = Fault { key: key("MUG"), code, record, reason, change, next: None, request };
        store.report(std::slice::from_ref(&fault), Moment(1)).await.expect("it works");
        assert!(store.hush(1, Moment(50), "").await.is_err());
        assert_eq!(store.hush(2, Moment(50), "bea counts it").await, Ok(false));
        assert_eq!(store.hush(1, Moment(50), "bea counts it").await, Ok(true));
        // It fails again, and stays acknowledged.
        store.report(&[fault], Moment(2)).await.expect("it works");
        let entry = &store.queue(true).await.expect("it works")[0];
        assert_eq!(
            (entry.attempts, entry.quiet.clone()),
            (2, Some((Moment(50), "bea counts it".to_owned())))
        );
        assert_eq!((entry.quiet_at(Moment(49)), entry.quiet_at(Moment(50))), (true, false));
        store.settle(&[key("MUG")], "came right", Moment(3)).await.expect("it works");
        assert!(!store.queue(false).await.expect("it works")[0].quiet_at(Moment(4)), "closed is not quiet");
        assert_eq!(store.hush(1, Moment(50), "too late").await, Ok(false));
    });
}

#[test]
fn what_cannot_be_so_is_found() {
    each(async |store| {
        store.begin(&run("r1", Moment(30))).await.expect("it works");
        store
            .keep_plan("r1", "text", &[planned("c1", "MUG", 5), planned("c2", "TEE", 5)])
            .await
            .expect("it works");
        store.take(&lease("r1", Moment(99)), Moment(0)).await.expect("it works");
        let left = [entry("c1", outcome(Outcome::Skipped)), entry("c1", outcome(Outcome::Failed))];
        store.append(1, &left).await.expect("it works");
        assert_eq!(store.audit().await, Ok(Vec::new()), "what was left alone may be carried out later");
        store
            .append(1, &[entry("c1", outcome(Outcome::Verified)), entry("c2", Event::Sent)])
            .await
            .expect("it works");
        store.end(1, "r1", Moment(50), 0).await.expect("it works");
        store.take(&lease("r1", Moment(99)), Moment(0)).await.expect("it works");
        let faults = store.audit().await.expect("it works");
        let wanted =
            ["more than one outcome", "no outcome", "without having been announced", "holds the lock"];
        assert_eq!(faults.len(), wanted.len(), "{faults:?}");
        wanted.iter().zip(&faults).for_each(|(word, fault)| assert!(fault.contains(word), "{fault}"));
    });
}

#[test]
fn a_backup_is_whole_while_others_write_and_replaces_nothing() {
    let folder = tempfile::tempdir().expect("it works");
    let path = folder.path().join("state.db").to_str().expect("it works").to_owned();
    let copy = folder.path().join("it's a copy.db").to_str().expect("it works").to_owned();
    block(async {
        let mut writer = SqliteStore::open(&path).await.expect("it works");
        let mut other = SqliteStore::open(&path).await.expect("it works");
        writer.begin(&run("r1", Moment(1))).await.expect("it works");
        writer.take(&lease("r1", Moment(99)), Moment(0)).await.expect("it works");
        writer.append(1, &[entry("c1", intent(5))]).await.expect("it works");
        other.backup(&copy).await.expect("it works");
        writer.append(1, &[entry("c1", Event::Sent)]).await.expect("it works");
        let bytes = std::fs::read(&copy).expect("it works");
        assert!(
            matches!(other.backup(&copy).await, Err(StateError::Broken(text)) if text.contains("already"))
        );
        assert_eq!(std::fs::read(&copy).expect("it works"), bytes);
        let mut copied = SqliteStore::open(&copy).await.expect("it works");
        assert_eq!(copied.entries("r1").await, Ok(vec![entry("c1", intent(5))]));
        assert_eq!(copied.audit().await, Ok(Vec::new()));
        let nowhere = folder.path().join("none/x.db").to_str().expect("it works").to_owned();
        assert!(
            matches!(other.backup(&nowhere).await, Err(StateError::Broken(text)) if text.contains("folder"))
        );
        // An empty file is a file, too.
        let empty = folder.path().join("empty").to_str().expect("it works").to_owned();
        std::fs::write(&empty, "").expect("it works");
        assert!(other.backup(&empty).await.is_err());
        assert_eq!(std::fs::read(&empty).expect("it works"), b"");
    });
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("it works").flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().ends_with(".part")), "{left:?}");
}

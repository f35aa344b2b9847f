//! The end of an apply: what to do next, by cause, with the command that does it.

use super::{Place, batch, small};

/// The steps of a run's summary: cause, rows and command.
fn steps(place: &Place, words: &str, status: i32) -> Vec<(String, u64, String)> {
    let json = place.run(&format!("{words} --format json")).ends(status).json();
    let steps = json.last().unwrap()["next"].as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    steps.iter().map(|s| (text(&s["cause"]), s["rows"].as_u64().unwrap(), text(&s["command"]))).collect()
}

#[test]
fn what_was_written_can_be_taken_back() {
    let place = small(2);
    let done = place.run("apply --auto-approve").ends(0);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    let done = done.tells(&["Next: To take back what this run wrote, plan its inverse (2 rows):"]);
    let command = done.out.lines().find(|line| line.contains("onhand rollback ")).unwrap();
    let words = command.trim().strip_prefix("onhand ").unwrap();
    place.run(words).ends(0).tells(&["This plan undoes run"]);
}

#[test]
fn nothing_done_asks_for_nothing() {
    let place = small(1);
    place.run("apply --auto-approve").ends(0);
    assert_eq!(steps(&place, "apply --auto-approve", 0), []);
}

#[test]
fn a_row_that_moved_is_planned_again() {
    let place = small(1);
    place.run("plan --out p.jsonl").ends(0);
    batch(&place.path("shop.db"), "update stock set qty = 3 where sku = 'I0'");
    let steps = steps(&place, "apply p.jsonl", 4);
    assert_eq!(steps, [("moved".to_owned(), 1, "onhand plan --out plan.jsonl".to_owned())]);
}

#[test]
fn one_row_that_cannot_be_used_is_shown_by_its_number() {
    let place = Place::direct();
    let steps = steps(&place, "apply --auto-approve", 4);
    let (cause, rows, command) = &steps[0];
    assert_eq!((cause.as_str(), *rows, command.as_str()), ("failed", 1, "onhand queue show 1"));
    place.run("queue show 1").ends(0);
    assert_eq!(steps[1].0, "held");
    assert_eq!(steps[2].0, "undo");
    assert_eq!(steps.len(), 3, "{steps:?}");
}

#[test]
fn a_system_that_cannot_be_read_is_applied_to_again() {
    let place = small(1);
    place.run("plan --out p.jsonl").ends(0);
    std::fs::remove_file(place.path("shop.db")).unwrap();
    let steps = steps(&place, "apply p.jsonl", 7);
    let (cause, rows, command) = &steps[0];
    assert_eq!((cause.as_str(), *rows, command.as_str()), ("unreadable", 1, "onhand apply p.jsonl"));
}

//! `onhand rollback` and `onhand history`: what a person on call sees of a run, and can take back.

use super::{Done, Place, batch, small};

/// The run of an apply that ended with `status`.
#[track_caller]
fn applied(place: &Place, words: &str, status: i32) -> String {
    let done = place.run(&format!("{words} --format json")).ends(status);
    let json = done.json();
    json.last().unwrap()["run"].as_str().unwrap().to_owned()
}

/// Two counts, brought from 9 to 5 by a run.
fn lowered() -> (Place, String) {
    let place = small(2);
    place.run("plan --out p.jsonl").ends(0);
    let run = applied(&place, "apply p.jsonl", 0);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "5"]]);
    (place, run)
}

/// The depot has so many of each of two items.
fn depot(place: &Place, counts: [i64; 2]) {
    place.write("feed.csv", &format!("sku,qty\nI0,{}\nI1,{}\n", counts[0], counts[1]));
}

fn lines_fit(done: &Done) {
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
}

#[test]
fn what_a_run_lowered_is_raised_again_once_it_is_there() {
    let (place, run) = lowered();
    depot(&place, [20, 20]);
    let done = place.run(&format!("rollback {run} --out r.jsonl")).ends(0);
    lines_fit(&done);
    done.tells(&["This plan undoes run", "2 counts to write in 1 flow.", "5 → 9 ea", "onhand apply r.jsonl"])
        .tells(&["pauses raises of what it touches", "`onhand resume counts`"]);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "5"]], "a plan writes nothing");
    crate::support::check_plan(&place.read("r.jsonl"));
    place.run("apply r.jsonl").ends(0).tells(&["All 2 planned counts written", "counts` are paused until"]);
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "9"]]);
}

#[test]
fn what_a_run_raised_is_lowered_though_more_is_there() {
    let place = small(2);
    depot(&place, [20, 20]);
    place.run("plan --out p.jsonl").ends(0);
    let run = applied(&place, "apply p.jsonl", 0);
    assert_eq!(place.shop_of_small(), [["I0", "20"], ["I1", "20"]]);
    place.run(&format!("rollback {run} --out r.jsonl")).ends(0).tells(&["20 → 9 ea"]);
    place.run("apply r.jsonl").ends(0).tells(&["All 2 planned counts written"]);
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "9"]]);
    // The run that undid it can be undone, whatever pause it made.
    let undo = last_run(&place);
    place.run(&format!("rollback {undo} --out again.jsonl")).ends(0).tells(&["9 → 20 ea", "which undid run"]);
    place.run("apply again.jsonl").ends(0).tells(&["All 2 planned counts written"]);
    assert_eq!(place.shop_of_small(), [["I0", "20"], ["I1", "20"]]);
}

fn last_run(place: &Place) -> String {
    let json = place.run("history I0 --limit 1 --format json").ends(0).json();
    json[0]["run"].as_str().unwrap().to_owned()
}

#[test]
fn nothing_rises_above_what_is_computed_now() {
    let (place, run) = lowered();
    depot(&place, [7, 5]);
    let done = place.run(&format!("rollback {run} --out r.jsonl")).ends(0);
    lines_fit(&done);
    done.tells(&["5 → 7 ea", "it showed 9 before, no more than 7 is computed now"])
        .tells(&["I1: it showed 9 before the run, and no more than 5 may be published now"]);
    // It was a permission: by the time it is carried out there is less.
    depot(&place, [6, 5]);
    place.run("apply r.jsonl").ends(0).tells(&["The one planned count is written."]);
    assert_eq!(place.shop_of_small(), [["I0", "6"], ["I1", "5"]]);
}

#[test]
fn what_was_moved_since_is_held_with_what_is_shown() {
    let (place, run) = lowered();
    depot(&place, [20, 20]);
    batch(&place.path("shop.db"), "update stock set qty = 4 where sku = 'I0'");
    let done = place.run(&format!("rollback {run} --out r.jsonl")).ends(0);
    done.tells(&["I0: it was moved since: it shows 4 by now", "1 count to write"]);
    batch(&place.path("shop.db"), "update stock set qty = 3 where sku = 'I1'");
    place.run("apply r.jsonl").ends(4).tells(&["held, not written", "it was moved since: it shows 3 by now"]);
    assert_eq!(place.shop_of_small(), [["I0", "4"], ["I1", "3"]]);
}

#[test]
fn a_cell_that_a_later_run_wrote_is_left_to_it() {
    let (place, run) = lowered();
    depot(&place, [4, 5]);
    let later = applied(&place, "apply --auto-approve", 0);
    depot(&place, [20, 20]);
    let done = place.run(&format!("rollback {run}")).ends(0);
    done.tells(&[&format!("I0: run {later} has written it since"), "1 count to write"]);
}

#[test]
fn a_run_that_cannot_be_undone_is_refused_with_a_sentence() {
    let (place, run) = lowered();
    let near = format!("{}{}", &run[..run.len() - 1], if run.ends_with('0') { '1' } else { '0' });
    place.run(&format!("rollback {near}")).ends(1).tells_nothing().says(&["Did you mean", &run]);
    small(1)
        .run("rollback x")
        .ends(1)
        .tells_nothing()
        .says(&["knows no run `x`", "nothing has been applied"]);
    batch(&place.path(".onhand/state.db"), "update run set ended = ended - 86400000 * 31");
    let done = place.run(&format!("rollback {run}")).ends(1).tells_nothing();
    done.says(&["a run can be undone for 30d", "`onhand plan`"]);
    batch(&place.path(".onhand/state.db"), "update run set ended = null, status = null");
    place.run(&format!("rollback {run}")).ends(1).tells_nothing().says(&["has no end", "apply --resume"]);
}

#[test]
fn a_run_that_wrote_nothing_needs_no_undoing() {
    let place = small(1);
    place.run("apply --auto-approve").ends(0);
    let run = applied(&place, "apply --auto-approve", 0);
    place.run(&format!("rollback {run}")).ends(0).tells(&["wrote nothing: there is nothing to undo"]);
}

#[test]
fn a_rollback_for_programs_is_a_plan() {
    let (place, run) = lowered();
    let text = place.run(&format!("rollback {run} --format json")).ends(0).out;
    crate::support::check_plan(&text);
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["undoes"], run.as_str());
}

#[test]
fn a_history_tells_each_change_with_its_run() {
    let (place, run) = lowered();
    depot(&place, [3, 5]);
    let later = applied(&place, "apply --auto-approve", 0);
    let json = place.run("history I0@shop/hall --format json").ends(0).json();
    let told: Vec<_> = json.iter().map(|one| (&one["before"], &one["after"], &one["outcome"])).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((json[0]["before"].as_i64(), json[0]["after"].as_i64()), (Some(5), Some(3)), "newest first");
    assert_eq!((json[1]["before"].as_i64(), json[1]["after"].as_i64()), (Some(9), Some(5)));
    assert_eq!((&json[0]["run"], &json[1]["run"]), (&later.into(), &run.clone().into()));
    assert_eq!(json[0]["revision"], serde_json::Value::Null, "there is no git here");
    let done = place.run("history I0").ends(0).says_nothing();
    lines_fit(&done);
    done.tells(&["I0@shop 5 → 3 ea written and verified (flow counts)", "why: on-hand 3", &run]);
    let done = place.run("history I0 --limit 1").ends(0).tells(&["1 older, shown with --limit 2."]);
    assert!(!done.out.contains(&run), "{}", done.out);
}

#[test]
fn a_history_of_nothing_and_of_nobody() {
    let place = small(2);
    place.run("history I1@shop").ends(0).tells(&["No run has changed `I1@shop` yet"]);
    place.run("history I1@shop --format json").ends(0).tells_nothing();
    place.run("history I7").ends(1).tells_nothing().says(&["no item or bundle `I7`", "Did you mean"]);
    place.run("history I1@shep").ends(1).tells_nothing().says(&["no system `shep`", "`shop`"]);
    place.run("history I1@shop/hell").ends(1).tells_nothing().says(&["no location `hell`", "`hall`"]);
}

#[test]
fn a_count_that_was_not_written_is_told_as_such() {
    let place = small(1);
    place.run("plan --out p.jsonl").ends(0);
    batch(&place.path("shop.db"), "update stock set qty = 3 where sku = 'I0'");
    place.run("apply p.jsonl").ends(4);
    let json = place.run("history I0 --format json").ends(0).json();
    assert_eq!((&json[0]["after"], &json[0]["planned"]), (&serde_json::Value::Null, &5.into()));
    place.run("history I0").ends(0).tells(&["9 → 5 ea not written, it had moved: planned to fall"]);
}

#[test]
fn a_run_knows_the_commit_of_its_topology() {
    let place = small(1);
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(place.path("")).args(["-c", "user.name=n", "-c", "user.email=n@example.com"]);
        let done = command.args(words).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "-q"]);
    git(&["add", "onhand.kdl"]);
    git(&["commit", "-q", "-m", "one"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let revision = || {
        place.run("apply --auto-approve").ends(0);
        let json = place.run("history I0 --limit 1 --format json").ends(0).json();
        json[0]["revision"].as_str().unwrap().to_owned()
    };
    assert_eq!(revision(), commit, "feeds, plans and state beside it are no part of it");
    place.change("onhand.kdl", "lag \"10m\"", "lag \"12m\"");
    depot_of_one(&place, 4);
    assert_eq!(revision(), format!("{commit}+"));
    git(&["commit", "-q", "-a", "-m", "two"]);
    place.write("more.kdl", "// not known to git yet\n");
    depot_of_one(&place, 3);
    assert!(revision().ends_with('+'));
}

fn depot_of_one(place: &Place, count: i64) {
    place.write("feed.csv", &format!("sku,qty\nI0,{count}\n"));
}

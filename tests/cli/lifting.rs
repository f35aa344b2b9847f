//! `--override`, `--reason`, `--first`, and what the next plan is judged by.

use super::{Place, query, small};

/// Gives every item of [`small`] this count in the depot.
fn feed(place: &Place, items: std::ops::Range<usize>, count: i64) {
    let rows: String = items.map(|at| format!("I{at},{count}\n")).collect();
    place.write("feed.csv", &format!("sku,qty\n{rows}"));
}

#[test]
fn one_guard_is_lifted_for_one_plan_and_a_reason() {
    let place = small(12);
    place.run("plan --out p.jsonl").ends(3);
    let wrong = |words: &str, says: &[&str]| {
        place.run(&format!("apply p.jsonl {words}")).ends(1).tells_nothing().says(says);
    };
    wrong("--override max-changed", &["lifts a guard only for a reason", "--reason \"the autumn range\""]);
    wrong("--reason autumn", &["none is", "`--override GUARD`"]);
    wrong("--override max-chnged --reason a", &["no guard `max-chnged`", "Did you mean `max-changed`?"]);
    wrong("--override count:max-rows --reason a", &["no flow `count`", "Did you mean `counts`?"]);
    wrong("--override max-rows --reason a --reason b", &["1 guards are lifted, and 2 reasons"]);
    place.run("apply p.jsonl --override max-rows --reason autumn").ends(3).tells(&[
        "Stopped: counts asks for more than `max-changed` allows: 100% above 30%",
        "`--override max-rows` lifts nothing",
    ]);
    let done = place.run("apply p.jsonl --override counts:max-changed --reason autumn").ends(0);
    let done =
        done.tells(&["All 12 planned counts written.", "Lifted by ", "autumn. counts asks for more than"]);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    let state = place.path(".onhand/state.db");
    let kept =
        query(&state, "select guard, reason, actor like '%@%', expires > at from lifted order by guard");
    assert_eq!(kept, [["counts:max-changed", "autumn", "1", "1"], ["max-rows", "autumn", "1", "1"]]);
}

#[test]
fn a_plan_can_be_made_with_a_guard_lifted() {
    let place = small(12);
    place.run("plan --override max-changed --reason autumn").ends(1).says(&["--out FILE"]);
    let words = "plan --out p.jsonl --override max-changed --reason autumn";
    place.run(words).ends(0).tells(&["Lifted by ", "max-changed 100% (lifted, above the limit 30%)"]);
    let lifted = place.run(&format!("{words} --format json")).ends(0).json();
    let verdict = lifted.iter().find(|line| line["guard"] == "max-changed").unwrap();
    assert!(verdict["tripped"] == true && verdict["lifted"].as_str().unwrap().ends_with(": autumn"));
    let comment = place.run(&format!("{words} --format markdown")).ends(0);
    comment.tells(&["safe to apply", "Lifted by ", "**lifted, above its limit** 30%"]);
    place.run("apply p.jsonl").ends(0).tells(&["All 12 planned counts written.", "Lifted by "]);
}

#[test]
fn the_first_apply_of_a_flow_is_one() {
    let place = small(12);
    let done = place.run("apply --auto-approve --first").ends(0);
    done.tells(&["the first apply of the flow", "All 12 planned counts written."]);
    feed(&place, 0..12, 4);
    let done = place.run("apply --auto-approve --first").ends(1);
    done.says(&["`--first` is for flows that were never applied, and `counts` was applied before"]);
    place.run("plan --out p.jsonl").ends(3);
    place.run("apply p.jsonl --first").ends(1).says(&["`counts` was applied before", "--override GUARD"]);
    place.run("apply p.jsonl --override max-changed --reason sale").ends(0);
}

#[test]
fn a_feed_that_really_shrank_passes_once_lifted() {
    let place = small(12);
    place.run("apply --auto-approve --first").ends(0);
    feed(&place, 0..9, 4);
    let told = "counts, by `feed-shrunk`: `depot` holds 9 rows, and 12 when it was used last.";
    let done =
        place.run("plan").ends(3).tells(&[told, "Look first whether the feed is whole.", "I8 5 → 4 ea"]);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    place.run("apply --auto-approve").ends(3).tells(&["Nothing written", told]);
    place
        .run("apply --auto-approve --override feed-shrunk --reason less")
        .ends(4)
        .tells(&["9 planned counts"]);
    feed(&place, 0..8, 3);
    let done = place.run("plan").ends(0);
    assert!(!done.out.contains("feed-shrunk"), "8 of 9 is not much less: {}", done.out);
}

#[test]
fn a_loosened_limit_counts_from_the_next_apply() {
    let place = small(12);
    place.run("apply --auto-approve --first").ends(0);
    let loose = "every=\"5m\"; guard max-changed=\"99.9%\" max-rows=11";
    place.change("onhand.kdl", "every=\"5m\"", loose);
    feed(&place, 0..11, 4);
    place.write("feed.csv", &format!("{}I11,5\n", place.read("feed.csv")));
    let told = "loosened from 30% to 99.9% in this topology; a loosened limit counts from the next apply";
    place.run("apply --auto-approve").ends(3).tells(&[told, "Nothing written"]);
    let calm = format!("sku,qty\nI11,4\n{}", (0..11).map(|at| format!("I{at},5\n")).collect::<String>());
    place.write("feed.csv", &calm);
    place.run("apply --auto-approve").ends(0).tells(&["The one planned count is written"]);
    place.write("feed.csv", &calm.replace(",5", ",4"));
    place.run("apply --auto-approve").ends(0).tells(&["All 11 planned counts written."]);
}

#[test]
fn a_stale_source_lowers_and_raises_nothing() {
    let place = small(2);
    place.change("onhand.kdl", "role=warehouse {", "role=warehouse {\n    stale-after \"1h\"");
    place.change("onhand.kdl", "; complete", "; as-of at; complete");
    place.write("feed.csv", "sku,qty,at\nI0,5,2020-01-01T10:00:00Z\nI1,20,2020-01-01T10:00:00Z\n");
    place.run("apply --auto-approve").ends(4).tells(&["The one planned count is written"]);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "9"]]);
}

//! Windows, rollouts, `onhand pause` and `onhand resume`.

use super::{Place, batch, small};
use onhand::model::time::{Date, Moment};

/// A small sync: `I0` is to fall from 9 to 5, `I1` to rise from 2 to 5.
fn place() -> Place {
    let place = small(2);
    batch(&place.path("shop.db"), "update stock set qty = 2 where sku = 'I1'");
    place
}

fn more(place: &Place, what: &str) {
    place.change("onhand.kdl", "every=\"5m\" }", &format!("every=\"5m\"\n    {what}\n}}"));
}

/// A calendar that is closed for days on either side of now.
fn closed(place: &Place) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let today = Date::of(Moment(now.as_millis() as i64), "UTC");
    let dates: Vec<String> = (-2..=2).map(|day| format!("\"{}\"", Date(today.0 + day))).collect();
    let text = place.read("onhand.kdl");
    place.write("onhand.kdl", &format!("{text}calendar stocktake {{ closed {} }}\n", dates.join(" ")));
}

#[test]
fn outside_of_a_window_only_what_falls_is_written() {
    let place = place();
    closed(&place);
    // Only its open hours count, so the lag is kept.
    place.change("onhand.kdl", "every=\"5m\" }", "every=\"5m\" calendar=stocktake }");
    place.change("onhand.kdl", "calendar=stocktake }", "calendar=stocktake; window calendar=stocktake }");
    let done = place.run("plan").ends(0);
    assert!(done.out.starts_with("1 count to write in 1 flow.\n"), "{}", done.out);
    let done = done.tells(&["I1: raises wait until 20", "00:00 (UTC): outside of the flow's window"]);
    done.tells(&["Each waits for the cause named", "1 lowered, 0 raised, 0 created, 0 unchanged, 1 held"]);
    place.run("explain I1@shop").ends(0).tells(&["it is to show 5 ea: held", "raises wait until"]);
    place.run("apply --auto-approve").ends(4).tells(&["The one planned count is written."]);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "2"]]);
    place.change("onhand.kdl", "window calendar=stocktake", "window calendar=stocktake holds=all");
    batch(&place.path("shop.db"), "update stock set qty = 9 where sku = 'I0'");
    place.run("apply --auto-approve").ends(4).tells(&["Nothing was to be written.", "2 cells are held"]);
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "2"]]);
}

#[test]
fn what_is_in_shadow_is_planned_and_skipped() {
    let place = place();
    more(&place, "rollout shadow");
    let done = place.run("plan --detailed-exitcode --out p.jsonl").ends(0);
    done.tells(&[
        "In shadow, told and never written: 2 counts.",
        "9 → 5",
        "2 → 5",
        "(in shadow, never written)",
    ])
    .tells(&["there is nothing in it to apply"]);
    let lines = place.run("plan --format json").ends(0).json();
    let shadow = lines.iter().filter(|line| line["type"] == "change" && line["shadow"] == true).count();
    assert_eq!((shadow, lines.last().unwrap()["shadow"].as_u64()), (2, Some(2)));
    place
        .run("plan --format markdown")
        .ends(0)
        .tells(&["2 changes are in shadow", "### `counts` (in shadow)"]);
    let done = place.run("apply p.jsonl --format json").ends(0).json();
    for row in &done[..2] {
        assert_eq!(
            (row["outcome"].as_str(), row["reason"].as_str()),
            (Some("skipped"), Some("the flow is in shadow"))
        );
    }
    assert_eq!(done[2]["outcomes"]["skipped"], 2);
    place.run("explain I1@shop").ends(0).tells(&["the flow is in shadow, so it is not written"]);
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "2"]]);
}

#[test]
fn what_a_rollout_leaves_out_is_left_alone() {
    let place = place();
    more(&place, "rollout items=1");
    let done = place.run("plan --format json").ends(0).json();
    let summary = done.last().unwrap();
    assert_eq!((summary["left_out"].as_u64(), summary["changes"].as_u64()), (Some(1), Some(1)), "{summary}");
    let chosen = done.iter().find(|line| line["type"] == "change").unwrap()["item"].as_str().unwrap();
    let left = if chosen == "I0" { "I1" } else { "I0" };
    let before = place.shop_of_small();
    // A row of what was left out failed while all of it was live; that it was left alone since mends nothing.
    place.change("onhand.kdl", "rollout items=1", "rollout live");
    place.change("feed.csv", &format!("{left},5"), &format!("{left},x"));
    place.run("apply --auto-approve").ends(4).tells(&["Queue: 1 new entry."]);
    place.change("feed.csv", &format!("{left},x"), &format!("{left},5"));
    place.change("onhand.kdl", "rollout live", "rollout items=1");
    place.run("apply --auto-approve").ends(0);
    place.run("queue check --max 0").ends(4);
    place
        .run(&format!("explain {left}@shop"))
        .ends(0)
        .tells(&["left-out", "the flow's rollout leaves it out"]);
    let after = place.shop_of_small();
    let row = |rows: &[Vec<String>], sku: &str| rows.iter().find(|row| row[0] == sku).unwrap().clone();
    assert_eq!(row(&after, left), row(&before, left));
    assert_eq!(row(&after, chosen)[1], "5");
    place.change("onhand.kdl", "rollout items=1", "rollout items=2");
    place.run("apply --auto-approve").ends(0).tells(&["Queue: 1 entry closed"]);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "5"]]);
}

#[test]
fn a_pause_holds_raises_and_everything_holds_all() {
    let place = place();
    place.run("plan --out p.jsonl").ends(0);
    let mut pause = place.command("pause shop --reason");
    let done = pause.arg("a count\n of  the shelves").output().unwrap();
    let said = super::flat(&String::from_utf8(done.stdout).unwrap());
    assert!(said.contains("System `shop` is paused: raises and new rows wait, decreases go out."), "{said}");
    assert!(said.contains("onhand resume shop --as system"), "{said}");
    place
        .run("plan")
        .ends(0)
        .tells(&["I1: raises wait: system `shop` is paused by", "a count of the shelves"]);
    // A plan from before obeys it.
    let done = place.run("apply p.jsonl").ends(4);
    done.tells(&[
        "1 of 2 planned counts written, 1 left as it was",
        "held, not written",
        "system `shop` is paused",
    ]);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "2"]]);
    batch(&place.path("shop.db"), "update stock set qty = 9 where sku = 'I0'");
    let done = place.run("pause --all --reason fire").ends(0);
    done.tells(&["Everything is paused: nothing is written, decreases neither.", "onhand resume --all"]);
    place.run("apply --auto-approve").ends(4).tells(&["Nothing was to be written."]);
    place
        .run("pause")
        .ends(0)
        .tells(&["Everything: nothing is written", "System `shop`: raises and new rows wait"]);
    let told = place.run("pause --format json").ends(0).json();
    let of = |at: usize| ["scope", "holds", "reason"].map(|key| told[at][key].as_str().unwrap().to_owned());
    assert_eq!(of(0), ["all", "everything", "fire"]);
    assert_eq!(of(1), ["system", "raises", "a count of the shelves"]);
    assert_eq!((told[0]["name"].as_str(), told[1]["name"].as_str()), (None, Some("shop")));
    place.run("resume --all").ends(0).tells(&["Everything goes on.", "Still paused: system `shop`"]);
    place.run("resume shop").ends(0).tells(&["System `shop` goes on again."]);
    place.run("pause").ends(0).tells(&["Nothing is paused."]);
    place.run("apply --auto-approve").ends(0);
    assert_eq!(place.shop_of_small(), [["I0", "5"], ["I1", "5"]]);
}

#[test]
fn a_stronger_pause_is_not_weakened_in_passing() {
    let place = place();
    place.run("pause counts --everything --reason flood").ends(0).tells(&["decreases neither"]);
    place.run("pause counts --reason count").ends(1).says(&[
        "has a stronger pause",
        "flood",
        "resume counts",
    ]);
    place.run("apply --auto-approve").ends(4);
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "2"]]);
    place.run("pause hall --reason count").ends(0);
    place.run("pause hall --everything --reason worse").ends(0).tells(&["This replaces its earlier pause"]);
}

#[test]
fn what_cannot_be_paused_or_resumed_says_how_to_say_it() {
    let place = place();
    let wrong = |words: &str, says: &[&str]| {
        place.run(words).ends(1).tells_nothing().says(says);
    };
    wrong("pause shop", &["a pause needs a reason", "--reason"]);
    wrong("pause --everything", &["nothing is named that should be paused", "--all"]);
    wrong("pause shp --reason x", &["the topology has no flow, system or location `shp`", "`shop`"]);
    wrong("pause shop --as flow --reason x", &["the topology has no flow `shop`"]);
    wrong(
        "pause depot --reason x",
        &["no count is written for system `depot`", "the flow instead", "counts"],
    );
    wrong("pause shop --all --reason x", &["cannot be used with"]);
    wrong("resume", &["nothing is named that should go on"]);
    wrong("resume shop", &["`shop` is not paused", "Nothing is paused."]);
    assert!(!place.path(".onhand").exists(), "what is refused makes no state");
    place.run("pause --all --reason x").ends(0);
    wrong("resume shop", &["`shop` is not paused", "`onhand resume --all`"]);
    // A flow that bears the name of a system.
    place.change("onhand.kdl", "flow counts", "flow shop");
    wrong(
        "pause shop --reason x",
        &["`shop` is the name of a flow and of a system", "`--as flow` or `--as system`"],
    );
    place.run("pause shop --as flow --reason x").ends(0);
    place.run("pause shop --as system --reason x").ends(0);
    wrong("resume shop", &["paused more than once", "`onhand resume shop --as flow`"]);
    place.run("resume shop --as flow").ends(0);
    // A renamed flow stays paused; one that is gone is shown as such.
    place.run("resume --all").ends(0);
    place.run("resume shop").ends(0);
    place.run("pause shop --as flow --reason x").ends(0);
    place.change("onhand.kdl", "flow shop {", "flow counts was=shop {");
    place.run("plan").ends(0).tells(&["I1: raises wait: flow `counts` is paused by"]);
    place.change("onhand.kdl", "counts was=shop", "counts");
    place.run("pause").ends(0).tells(&["The topology no longer has it"]);
    place.run("resume shop").ends(0);
}

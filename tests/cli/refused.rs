//! Plans that `apply` does not take: status 5, and nothing is written.

use super::{Done, Place, small};

/// A small sync, planned into `p.jsonl`.
fn planned() -> Place {
    let place = small(2);
    place.run("plan --out p.jsonl").ends(0);
    place
}

/// Applying `p.jsonl` is refused with 5 and these words; the shop stays as it was.
#[track_caller]
fn refused(place: &Place, says: &[&str]) -> Done {
    let done = place.run("apply p.jsonl").ends(5).tells_nothing().says(says).says(&["Plan again"]);
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "9"]]);
    done
}

/// The plan with its digest and its seal made right again after a change.
fn sealed(text: &str) -> String {
    crate::plan::resealed(text)
}

#[test]
fn an_edited_plan() {
    let place = planned();
    place.change("p.jsonl", "\"after\":5", "\"after\":6");
    refused(&place, &["the plan `p.jsonl` does not fit", "was changed after it was written"]);
}

#[test]
fn a_plan_edited_with_its_digest_made_right() {
    let place = planned();
    place.change("p.jsonl", "\"after\":5", "\"after\":6");
    place.write("p.jsonl", &sealed(&place.read("p.jsonl")));
    refused(&place, &["was not written with this state"]);
}

#[test]
fn a_plan_cut_short() {
    let place = planned();
    let text = place.read("p.jsonl");
    for keep in [text.len() - 1, text.len() / 2, text.find('\n').unwrap() + 1] {
        place.write("p.jsonl", &text[..keep]);
        refused(&place, &["the plan is cut short"]);
    }
    place.write("p.jsonl", "");
    refused(&place, &["it is empty"]);
}

#[test]
fn what_is_no_plan() {
    let place = planned();
    place.write("p.jsonl", "sku,qty\nMUG,5\n");
    refused(&place, &["this is no plan file", "`plan --out FILE` writes one"]);
    place.write("p.jsonl", "{\"type\":\"summary\"}\n");
    refused(&place, &["this is no plan file"]);
    std::fs::write(place.path("p.jsonl"), [0xff, 0xfe, 0, 1]).unwrap();
    refused(&place, &["this is no plan file"]);
}

#[test]
fn a_plan_of_another_topology() {
    let place = planned();
    place.change("onhand.kdl", "every=\"5m\"", "every=\"5m\"; cap 3");
    refused(&place, &["was made from another topology"]);
}

#[test]
fn a_plan_that_has_expired() {
    let place = planned();
    let mut first: serde_json::Value =
        serde_json::from_str(place.read("p.jsonl").lines().next().unwrap()).unwrap();
    let expires = first["expires"].take().as_str().unwrap().to_owned();
    // The digest leaves the times out, the seal does not.
    place.change("p.jsonl", &expires, "2026-01-01T00:00:00Z");
    refused(&place, &["its id, its times or its layout differ"]);
    place.write("p.jsonl", &sealed(&place.read("p.jsonl")));
    refused(&place, &["is not the one that was written with this state", "--from-elsewhere"]);
    let done = place.run("apply p.jsonl --from-elsewhere").ends(5).tells_nothing();
    done.says(&["the plan expired at 2026-01-01T00:00:00Z"]);
}

#[test]
fn a_plan_of_another_format() {
    let place = planned();
    place.change("p.jsonl", "onhand.plan/1", "onhand.plan/2");
    refused(&place, &["the plan's format is `onhand.plan/2`", "this version reads `onhand.plan/1`"]);
    place.change("p.jsonl", "onhand.plan/2", "onhand.plan/1.7");
    place.write("p.jsonl", &sealed(&place.read("p.jsonl")));
    // A minor format is read; its digest is another one, which nobody here has seen.
    refused(&place, &["was not written with this state"]);
}

#[test]
fn a_plan_of_another_state_needs_a_word() {
    let place = planned();
    std::fs::remove_dir_all(place.path(".onhand")).unwrap();
    refused(&place, &["was not written with this state", "--from-elsewhere"]);
    place.run("apply p.jsonl --from-elsewhere").ends(0).tells(&["All 2 planned counts written."]);
    place.run("apply p.jsonl").ends(0).tells(&["Nothing written of 2 planned counts"]);
}

#[test]
fn a_plan_that_is_not_there() {
    let place = planned();
    let done = place.run("apply q.jsonl").ends(1).tells_nothing();
    done.says(&["the plan `q.jsonl` cannot be read: there is no such file"]);
    place.run("apply .").ends(1).says(&["A folder is named with --dir"]);
}

//! `onhand check` and `onhand graph`.

use super::{Place, SMALL, small};

#[test]
fn a_sound_topology_is_one_line() {
    let done = Place::direct().run("check").ends(0).says_nothing();
    assert_eq!(done.out, "2 systems, 2 locations, 60 items, 1 bundle, 1 flow. No findings.\n");
}

#[test]
fn a_sound_topology_for_programs() {
    let place = Place::direct();
    assert_eq!(place.run("check --format json").ends(0).out, "{\"summary\":{\"errors\":0,\"warnings\":0}}\n");
    place.run("check --format concise").ends(0).tells_nothing();
}

/// A warning and nothing else: a lag without a cadence.
fn warned() -> Place {
    let place = small(1);
    place.change("onhand.kdl", " every=\"5m\"", "");
    place
}

#[test]
fn warnings_alone_say_that_work_may_go_on() {
    let place = warned();
    let words = ["warning[", "1 warning", "No errors: plan and apply will work."];
    place.run("check").ends(0).says_nothing().tells(&words);
    place.run("plan").ends(0).says(&["1 warning in the topology; `onhand check` shows it"]);
}

#[test]
fn warnings_can_be_denied() {
    let place = warned();
    place.run("check --deny warnings").ends(1).tells(&["`--deny warnings` tolerates no warning"]);
    let json = place.run("check --format json --deny warnings").ends(1).json();
    assert_eq!(json[1]["summary"]["warnings"], 1);
    assert_eq!(json[0]["severity"], "warning");
    place.run("check --deny errors").ends(1).says(&["warnings"]);
}

#[test]
fn an_error_is_shown_where_it_stands_in_every_format() {
    let place = Place::with(&SMALL.replace("owner depot", "owner depo"));
    place.run("check").ends(1).says_nothing().tells(&["error[unknown-name]", "depo", "onhand.kdl:14:7"]);
    let concise = place.run("check --format concise").ends(1);
    assert!(concise.out.starts_with("onhand.kdl:14:7: error[unknown-name]"), "{}", concise.out);
    let json = place.run("check --format json").ends(1).json();
    assert_eq!((&json[0]["line"], &json[0]["column"]), (&14.into(), &7.into()));
    assert_eq!(json.last().unwrap()["summary"]["errors"], 1);
    for command in ["plan", "apply --auto-approve", "queue list", "graph", "explain I0@shop"] {
        place.run(command).ends(1).tells_nothing().says(&["error[unknown-name]"]);
    }
}

#[test]
fn a_folder_without_a_topology_says_where_it_looked() {
    let place = Place::empty();
    let found = ["error[include-missing]", "a topology is a folder with an `onhand.kdl`"];
    place.run("check").ends(1).tells(&found).says(&["looked for `onhand.kdl` in", "every folder above it"]);
    place.run("plan").ends(1).tells_nothing().says(&found);
    let json = place.run("check --format json").ends(1).json();
    assert_eq!(json[0]["rule"], "include-missing");
}

#[test]
fn a_sub_folder_finds_the_topology_above_it() {
    let place = Place::direct();
    let below = place.command("check").current_dir(place.path("feeds")).output().unwrap();
    assert!(below.status.success(), "{below:?}");
    let below = place.command("plan").current_dir(place.path("feeds")).output().unwrap();
    assert!(String::from_utf8_lossy(&below.stdout).starts_with("11 counts to write"), "{below:?}");
}

#[test]
fn a_folder_that_is_named_is_the_one_that_is_meant() {
    let place = Place::direct();
    place.run("check feeds").ends(1).tells(&["error[include-missing]"]);
    place.run("plan fedes").ends(1).says(&["looked for `onhand.kdl` in"]);
    place.run(&format!("check {}", place.path("").display())).ends(0);
}

#[test]
fn the_graph_is_a_picture_or_data() {
    let place = Place::direct();
    let dot = place.run("graph").ends(0).says_nothing();
    assert!(dot.out.starts_with("digraph onhand {") && dot.out.ends_with("}\n"), "{}", dot.out);
    let json: serde_json::Value =
        serde_json::from_str(&place.run("graph --format json").ends(0).out).unwrap();
    assert_eq!(json["format"], "onhand.graph/1");
    assert_eq!(json["systems"][0]["name"], "depot");
}

//! `onhand check` and `onhand graph`.

use super::{Place, SMALL, small};

#[test]
fn a_sound_topology_is_one_line() {
    let done = Place::direct().run("check").ends(0).says_nothing();
    let want = "2 systems, 2 locations, 60 items, 1 bundle, 1 flow. No findings.\n\
                2 warnings accepted in the text.\n";
    assert_eq!(done.out, want);
}

#[test]
fn a_sound_topology_for_programs() {
    let place = small(1);
    assert_eq!(place.run("check --format json").ends(0).out, "{\"summary\":{\"errors\":0,\"warnings\":0}}\n");
    let accepted = Place::direct().run("check --format json").ends(0).json();
    assert_eq!(accepted[0]["summary"]["allowed"].as_array().unwrap().len(), 2);
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
    let words = ["warning[", "1 warning", "No errors, and warnings stop neither plan nor apply."];
    place.run("check").ends(0).says_nothing().tells(&words);
    place.run("plan").ends(0).says(&["1 warning in the topology; `onhand check` shows it"]);
}

#[test]
fn warnings_can_be_denied() {
    let place = warned();
    place.run("check --deny warnings").ends(1).tells(&["`--deny warnings` tolerates no warning"]);
    let json = place.run("check --format json --deny warnings").ends(1);
    let json = json.says(&["no errors, but `--deny warnings` tolerates no warning"]).json();
    assert_eq!(json[1]["summary"]["warnings"], 1);
    assert_eq!(json[0]["severity"], "warning");
    place.run("check --deny errors").ends(1).says(&["warnings"]);
}

#[test]
fn one_rule_can_be_denied() {
    let place = warned();
    let why = "(an error by `--deny cadence-missing`)";
    let done = place.run("check --deny cadence-missing").ends(1).says_nothing();
    done.tells(&["error[cadence-missing]", why, "1 error"]);
    let json = place.run("check --format json --deny cadence-missing --deny lag-slow").ends(1).json();
    assert_eq!((&json[0]["severity"], &json[1]["summary"]["errors"]), (&"error".into(), &1.into()));
    place
        .run("check --format concise --deny cadence-missing")
        .ends(1)
        .tells(&["error[cadence-missing]", why]);
    let sarif: serde_json::Value =
        serde_json::from_str(&place.run("check --format sarif --deny cadence-missing").ends(1).out).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
    place.run("check --deny owner-gap").ends(0).says_nothing();
}

#[test]
fn one_rule_can_be_allowed_for_once() {
    let place = warned();
    let done = place.run("check --allow cadence-missing --deny warnings").ends(0).says_nothing();
    assert!(done.out.ends_with("No findings.\n1 warning accepted by `--allow`.\n"), "{}", done.out);
    let json = place.run("check --format json --allow cadence-missing").ends(0).json();
    let want = serde_json::json!({ "summary": { "errors": 0, "warnings": 0, "allowed": [{
        "rule": "cadence-missing", "file": null, "line": null,
        "reason": "`--allow` on the command line", "silenced": 1,
    }]}});
    assert_eq!(json, [want]);
    let idle = place.run("check --allow lag-slow").ends(0);
    idle.tells(&["1 warning"])
        .says(&["`--allow lag-slow` accepts a warning that is not there: leave it out"]);
    place.change("onhand.kdl", "owner depot", "owner depo");
    place.run("check --allow lag-slow").ends(1).says_nothing();
}

#[test]
fn levels_that_cannot_be_meant_are_refused() {
    let place = warned();
    let wrong = |words: &str, says: &[&str]| {
        place.run(&format!("check {words}")).ends(1).tells_nothing().says(says);
    };
    wrong("--allow lag-slo", &["`--allow lag-slo`: there is no rule `lag-slo`", "Did you mean `lag-slow`?"]);
    wrong("--deny warning", &["there is no rule `warning`", "Did you mean `warnings`?"]);
    wrong("--deny owner-gab", &["Did you mean `owner-gap`?"]);
    wrong("--allow owner-gap", &["`owner-gap` is an error, and no error can be accepted"]);
    wrong("--allow lag-slow --deny lag-slow", &["`lag-slow` is both denied and allowed"]);
}

#[test]
fn what_the_text_accepts_is_counted_and_no_denial_brings_it_back() {
    let place = small(1);
    place.change("onhand.kdl", " every=\"5m\"", "; allow cadence-missing reason=\"by hand, on Mondays\"");
    let done = place.run("check --deny warnings --deny cadence-missing").ends(0).says_nothing();
    assert!(done.out.ends_with("No findings.\n1 warning accepted in the text.\n"), "{}", done.out);
    let json = place.run("check --format json").ends(0).json();
    let allowed = &json[0]["summary"]["allowed"];
    let line = 1 + place.read("onhand.kdl").lines().position(|line| line.contains("allow")).unwrap();
    let want = serde_json::json!([{
        "rule": "cadence-missing", "file": "onhand.kdl", "line": line,
        "reason": "by hand, on Mondays", "silenced": 1,
    }]);
    assert_eq!(allowed, &want);
    let both = place.run("check --allow cadence-missing").ends(0);
    both.says(&["accepts a warning that is not there"]).tells(&["1 warning accepted in the text."]);
    place.change("onhand.kdl", "; lag \"10m\"", "");
    place.run("check").ends(0).tells(&["[lag-missing]", "[unused-allow]", "2 warnings"]);
}

/// The topology of `place` in a sub-folder of a repository.
fn in_repository(text: &str) -> Place {
    let place = Place::empty();
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    place.write("shops/eu x/onhand.kdl", text);
    place
}

#[test]
fn files_are_named_from_the_root_of_the_repository_where_github_reads() {
    let wrong = SMALL.replace("owner depot", "owner depo");
    let place = in_repository(&wrong);
    let inside = |words: &str| {
        let out = place.command(words).current_dir(place.path("shops/eu x")).output().unwrap();
        assert_eq!(out.status.code(), Some(1), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    let github = inside("check --format github");
    let start =
        "::error file=shops/eu x/onhand.kdl,line=14,endLine=14,col=7,endColumn=11,title=unknown-name::";
    assert!(github.starts_with(start), "{github}");
    let sarif: serde_json::Value = serde_json::from_str(&inside("check --format sarif")).unwrap();
    let run = &sarif["runs"][0];
    let place_of = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place_of["artifactLocation"]["uri"], "shops/eu%20x/onhand.kdl");
    assert_eq!(run["results"][0]["partialFingerprints"]["nodePath/v1"], "unknown-name owner[depo] 1");
    assert_eq!(run["automationDetails"]["id"], "onhand/shops/eu x/");
    assert!(run["tool"]["driver"]["rules"][0]["help"]["markdown"].as_str().unwrap().starts_with("# syntax"));
    assert!(
        inside("check --format concise").starts_with("onhand.kdl:14:7: "),
        "other formats: from the topology"
    );
    // A second worktree has a file there, and a folder that is named is found as well.
    place.write("shops/.git", "gitdir: elsewhere\n");
    assert!(inside("check --format github").starts_with("::error file=eu x/onhand.kdl,"));
    let alone = Place::with(&wrong).run("check --format github").ends(1);
    assert!(alone.out.starts_with("::error file=onhand.kdl,"), "{}", alone.out);
}

#[test]
fn a_state_in_a_checkout_is_lost_in_a_pipeline_and_nowhere_else() {
    let found = |state: &str, ci: &str| {
        let head = format!("language=1 {{ state \"sqlite:{state}\" }}");
        let place = in_repository(&SMALL.replace("language=1", &head));
        let mut command = place.command("check --format concise");
        let done = command.env("CI", ci).current_dir(place.path("shops/eu x")).output().unwrap();
        String::from_utf8(done.stdout).unwrap().contains("[state-ephemeral]")
    };
    for inside in ["s.db", ".onhand/new/s.db", "../../s.db", "onhand.kdl/s.db"] {
        assert!(found(inside, "true"), "{inside}");
        assert!(!["", "0", "false"].into_iter().any(|off| found(inside, off)), "{inside}");
    }
    for outside in ["../../../s.db", "../../../../../../../../../s.db", "/s.db"] {
        assert!(!found(outside, "true"), "{outside}");
    }
}

#[test]
fn a_sound_topology_has_an_empty_run_and_no_annotations() {
    let place = small(1);
    assert_eq!(place.run("check --format github").ends(0).says_nothing().out, "");
    let sarif: serde_json::Value =
        serde_json::from_str(&place.run("check --format sarif").ends(0).says_nothing().out).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
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
    for command in ["plan", "apply --auto-approve", "queue list", "explain I0@shop"] {
        place.run(command).ends(1).tells_nothing().says(&["error[unknown-name]"]);
    }
    place.run("graph").ends(1).tells(&["unknown-name"]).says(&["1 error and 1 warning"]);
}

#[test]
fn a_folder_without_a_topology_says_where_it_looked() {
    let place = Place::empty();
    let found = ["error[include-missing]", "topology is a folder with an `onhand.kdl`"];
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

#[test]
fn a_file_in_place_of_a_folder_is_told_in_plain_words() {
    let place = small(1);
    let done = place.run("check onhand.kdl").ends(1);
    let done = done.tells(&["should be its folder is a file", "A topology is a folder"]);
    assert!(!done.out.contains("os error"), "{}", done.out);
    place.write("more.kdl", "items \"folder\" { sku sku; unit (const)ea }\n");
    place.write("folder/x", "");
    place.change("onhand.kdl", "onhand language=1", "include \"more.kdl\"\nonhand language=1");
    let done = place.run("check --format concise").ends(1).tells(&["`folder`: it is a folder"]);
    assert!(!done.out.contains("os error"), "{}", done.out);
}

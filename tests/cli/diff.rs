//! `onhand diff`, on git repositories made here.

use super::{Done, Place};
use crate::support::accept;
use serde_json::Value;

/// Runs git in a place, by a fixed identity, at a fixed moment, without anybody's settings.
#[track_caller]
fn git(place: &Place, words: &[&str]) {
    let mut command = std::process::Command::new("git");
    command.args(words).current_dir(place.path(""));
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Anna"),
        ("GIT_AUTHOR_EMAIL", "anna@example.org"),
        ("GIT_AUTHOR_DATE", "2026-11-22T10:00:00Z"),
        ("GIT_COMMITTER_NAME", "Anna"),
        ("GIT_COMMITTER_EMAIL", "anna@example.org"),
        ("GIT_COMMITTER_DATE", "2026-11-22T10:00:00Z"),
    ] {
        command.env(name, value);
    }
    let done = command.output().expect("git runs");
    assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn commit(place: &Place, tag: &str) {
    git(place, &["add", "-A"]);
    git(place, &["commit", "-q", "-m", tag]);
    git(place, &["tag", tag]);
}

/// The shipped example in a repository, committed as `one`, with a snapshot beside it.
fn repository() -> Place {
    let place = Place::direct();
    place.write(".gitignore", "/feeds\n/shop.db\n/.onhand\n/*.jsonl\n");
    git(&place, &["init", "-q", "-b", "main"]);
    commit(&place, "one");
    place.run("snapshot --out s.jsonl").ends(0);
    place
}

/// What is printed, without what depends on the moment and on the example's bytes.
fn still(done: &Done) -> String {
    let stamp = regex::Regex::new(r"20\d\d-\d\d-\d\dT[0-9:.]+Z").unwrap();
    let commit = regex::Regex::new(r"\([0-9a-f]{12}\)").unwrap();
    let digest = regex::Regex::new(r"[0-9a-f]{40,64}").unwrap();
    let text = stamp.replace_all(&done.out, "MOMENT");
    let text = commit.replace_all(&text, "(COMMIT)");
    digest.replace_all(&text, "DIGEST").into_owned()
}

/// The lines of one type, each held against the published schema.
fn lines(done: &Done, kind: &str) -> Vec<Value> {
    let schema = serde_json::from_str(&onhand::plan::revisions::schema()).expect("valid JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let all = done.json();
    for line in &all {
        let faults: Vec<String> = validator.iter_errors(line).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{line}\n{}", faults.join("\n"));
    }
    all.into_iter().filter(|line| line["type"] == kind).collect()
}

/// The cell of a code at a location.
#[track_caller]
fn cell(done: &Done, code: &str, location: &str) -> Value {
    let cells = lines(done, "cell");
    let found = cells.iter().find(|cell| cell["code"] == code && cell["location"] == location);
    found.unwrap_or_else(|| panic!("{code} at {location} in {}", done.out)).clone()
}

#[test]
fn the_published_schema_is_current() {
    accept::same("schemas/diff.json", &onhand::plan::revisions::schema());
}

#[test]
fn a_revision_differs_from_itself_in_nothing() {
    let place = repository();
    for words in
        ["diff one --snapshot s.jsonl", "diff one . --snapshot s.jsonl", "diff HEAD main --snapshot s.jsonl"]
    {
        let done = place.run(&format!("{words} --detailed-exitcode")).ends(0).says_nothing();
        assert!(done.out.starts_with("No published count differs: 124 stay as they are.\n"), "{}", done.out);
    }
    place.run("diff --a . --b . --snapshot s.jsonl --detailed-exitcode").ends(0);
}

/// A change of each sort: kept back, capped, a component, a code, an owner's code, a quantity's owner.
fn changed() -> Place {
    let place = repository();
    place.change(
        "onhand.kdl",
        "keep-back 1 ea { items MUG-WHITE }",
        "keep-back 2 ea { items MUG-WHITE HONEY-JAR }",
    );
    place.change("onhand.kdl", "cap 99", "cap 90");
    place.change("onhand.kdl", "component STRAINER 1", "component STRAINER 2");
    place.change("catalog.csv", "mug-blue", "mug-azul");
    place.change("catalog.csv", "4006381330015", "no-such-ean");
    place.change("onhand.kdl", "in depot S1; in shop SOUTH", "in depot N1; in shop SOUTH");
    place.change("onhand.kdl", "in depot N1; in shop NORTH", "in depot S1; in shop NORTH");
    place
}

#[test]
fn for_people() {
    let place = changed();
    let done = place.run("diff one --snapshot s.jsonl").ends(0).says_nothing();
    let wide: Vec<&str> = done.out.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new());
    insta::assert_snapshot!(still(&done));
}

/// A change that touches little, so that the whole page is short.
fn little() -> Place {
    let place = repository();
    place.change(
        "onhand.kdl",
        "keep-back 1 ea { items MUG-WHITE }",
        "keep-back 3 ea { items MUG-BLACK HONEY-JAR }",
    );
    place.change("onhand.kdl", "component STRAINER 1", "component STRAINER 2");
    place.change("catalog.csv", "tray-slate", "tray|<b>@slate</b>");
    place
}

#[test]
fn for_pull_requests() {
    let done = little().run("diff one --snapshot s.jsonl --format markdown").ends(0).says_nothing();
    insta::assert_snapshot!(still(&done));
}

#[test]
fn for_programs() {
    let done = little().run("diff one --snapshot s.jsonl --format json").ends(0).says_nothing();
    lines(&done, "cell");
    insta::assert_snapshot!(still(&done));
}

#[test]
fn the_status_says_whether_counts_differ() {
    let place = little();
    place.run("diff one --snapshot s.jsonl").ends(0);
    place.run("diff one --snapshot s.jsonl --detailed-exitcode").ends(2);
}

#[test]
fn nothing_is_checked_out_and_nothing_is_asked() {
    let place = little();
    commit(&place, "two");
    let before = place.read("onhand.kdl");
    git(&place, &["rm", "-q", "-r", "--cached", "."]);
    std::fs::remove_file(place.path("catalog.csv")).unwrap();
    std::fs::remove_file(place.path("shop.db")).unwrap();
    std::fs::remove_dir_all(place.path("feeds")).unwrap();
    let done = place.run("diff one two --snapshot s.jsonl --format json").ends(0).says_nothing();
    assert!(lines(&done, "summary")[0]["differ"].as_u64().unwrap() > 0);
    assert_eq!(lines(&done, "diff")[0]["b"]["revision"], "two");
    assert_eq!(place.read("onhand.kdl"), before);
    assert!(!place.path("catalog.csv").exists() && !place.path(".onhand").exists());
}

#[test]
fn both_ways_round() {
    let place = little();
    commit(&place, "two");
    let there = place.run("diff one two --snapshot s.jsonl --format json").ends(0);
    let back = place.run("diff two one --snapshot s.jsonl --format json").ends(0);
    let states = |done: &Done, from: &str, to: &str| {
        let cells = lines(done, "cell");
        let mut all: Vec<String> =
            cells.iter().map(|c| format!("{} {} {} {}", c["code"], c["location"], c[from], c[to])).collect();
        all.sort();
        all
    };
    assert_eq!(states(&there, "from", "to"), states(&back, "to", "from"));
}

#[test]
fn two_folders() {
    let (one, other) = (repository(), Place::direct());
    other.change("onhand.kdl", "cap 99", "cap 10");
    let words = format!("diff --a . --b {} --snapshot s.jsonl --format json", other.path("").display());
    let done = one.run(&words).ends(0);
    let cell = cell(&done, "mug-white", "north");
    assert_eq!(cell["to"], serde_json::json!({"count": 10, "unit": "ea"}));
    assert_eq!(cell["causes"], serde_json::json!(["cap 99 → 10"]));
    one.run(&format!("diff one --b {} --snapshot s.jsonl", other.path("").display())).ends(0);
}

#[test]
fn a_topology_deep_in_its_repository_with_an_include_beside_it() {
    let place = Place::empty();
    crate::support::example::copy("direct", &place.path("shops/nl"));
    let root = place.read("shops/nl/onhand.kdl");
    let (before, flow) = root.split_once("flow shop-stock").unwrap();
    place.write("shops/nl/onhand.kdl", &format!("{before}include \"../shared/*.kdl\"\n"));
    place.write("shops/shared/flow.kdl", &format!("flow shop-stock{flow}"));
    git(&place, &["init", "-q", "-b", "main"]);
    commit(&place, "one");
    place.run("snapshot shops/nl --out s.jsonl").ends(0);
    place.change("shops/shared/flow.kdl", "cap 99", "cap 10");
    let done = place.run("diff one . shops/nl --snapshot s.jsonl --format json").ends(0);
    assert_eq!(cell(&done, "mug-white", "north")["from"]["count"], 99);
    assert_eq!(cell(&done, "mug-white", "north")["to"]["count"], 10);
}

#[test]
fn what_is_renamed_is_the_same() {
    let place = repository();
    let text = place.read("onhand.kdl");
    let text = text.replace("system depot ", "system store was=depot ").replace("in depot ", "in store ");
    let text = text.replace("to=depot", "to=store").replace("owner depot", "owner store");
    let text = text.replace("location north ", "location upper was=north ");
    let text = text.replace("in depot ean", "in store ean").replace("given depot", "given store");
    let text = text.replace("at=north", "at=upper");
    place.write("onhand.kdl", &text.replace("flow shop-stock ", "flow web-stock was=shop-stock "));
    let done = place.run("diff one --snapshot s.jsonl --detailed-exitcode").ends(0);
    assert!(done.out.starts_with("No published count differs: 124"), "{}", done.out);
    // And the other way round: the snapshot was taken after the renaming.
    place.run("snapshot --out s.jsonl").ends(0);
    place.run("diff one --snapshot s.jsonl --detailed-exitcode").ends(0);
}

#[test]
fn what_a_revision_needs_and_the_snapshot_lacks() {
    let place = repository();
    place.change(
        "onhand.kdl",
        "select sku, site, qty from stock",
        "select sku, site, qty from stock where 1",
    );
    let done = place.run("diff one --snapshot s.jsonl").ends(0);
    done.tells(&[
        "123 of 124 published counts differ: 123 now held.",
        "(and 58 more for this reason)",
        "Not in the snapshot",
        "what system `shop` reads is not in the snapshot",
        "is held, never taken as 0",
    ]);
    place.change("onhand.kdl", " where 1", "");
    // A column that the snapshot has, though the topology it was taken from does not name it.
    let feed = "feeds/depot-2026-11-22.csv";
    let lines = place.read(feed);
    let wider = lines.lines().enumerate().map(|(at, line)| match at {
        0 => format!("{line};held\n"),
        _ => format!("{line};1\n"),
    });
    place.write(feed, &wider.collect::<String>());
    place.run("snapshot --out s.jsonl").ends(0);
    place.change("onhand.kdl", "reserved picked", "reserved picked; damaged held");
    place.change("onhand.kdl", "of on-hand reserved", "of on-hand reserved damaged");
    let done = place.run("diff one --snapshot s.jsonl --format json").ends(0);
    let cell = cell(&done, "mug-black", "north");
    assert_eq!(cell["causes"], serde_json::json!(["damaged 1 of depot is taken off now"]));
    // A column that nobody has.
    place.change("onhand.kdl", "damaged held", "damaged broken");
    place.run("diff one --snapshot s.jsonl").ends(0).tells(&["there is no column `broken`"]);
}

#[test]
fn guards_and_findings_of_the_second_revision() {
    let place = repository();
    place.change("onhand.kdl", "cap 99", "cap 1");
    place.change(
        "onhand.kdl",
        "allow bundle-beside-component reason=\"the bundle sells slowly; the plan states the exposure\"",
        "",
    );
    let done = place.run("diff one --snapshot s.jsonl").ends(0);
    done.tells(&[
        "Guard: a plan of shop-stock would ask for more than `max-changed` allows",
        "New findings of check",
        "warning[bundle-beside-component]",
    ]);
    let done = place.run("diff one --snapshot s.jsonl --format json").ends(0);
    assert_eq!(lines(&done, "guard")[0]["before"], false);
    commit(&place, "two");
    let done = place.run("diff two one --snapshot s.jsonl --format json").ends(0);
    assert_eq!((lines(&done, "guard").len(), lines(&done, "finding").len()), (0, 0));
    assert_eq!(lines(&done, "summary")[0]["mended"], 1);
}

#[test]
fn a_revision_with_errors_is_shown_and_not_compared() {
    let place = repository();
    place.change("onhand.kdl", "owner depot { of on-hand reserved }", "");
    let done = place.run("diff one --snapshot s.jsonl").ends(1).tells_nothing();
    done.says(&["the working tree has", "so it cannot be compared", "error[owner-gap]"]);
    commit(&place, "two");
    place.run("diff two one --snapshot s.jsonl").ends(1).says(&["two has"]);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let place = repository();
    let wrong = |words: &str, says: &[&str]| {
        place.run(words).ends(1).tells_nothing().says(says);
    };
    wrong("diff nope --snapshot s.jsonl", &["git knows no revision `nope` here", "git fetch origin REV"]);
    wrong("diff one one:onhand.kdl --snapshot s.jsonl", &["git knows no revision"]);
    wrong("diff --snapshot s.jsonl", &["REV_A"]);
    wrong("diff one", &["--snapshot <FILE>"]);
    wrong("diff one --snapshot t.jsonl", &["the snapshot `t.jsonl` cannot be read"]);
    wrong("diff one --a . --snapshot s.jsonl", &["cannot be used with"]);
    let mut evil = place.command("diff");
    let done = evil.args(["one\n\u{1b}[31mtwo", "--snapshot", "s.jsonl"]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&done.stderr).contains("\u{1b}[31m"));
    let outside = Place::direct();
    std::fs::copy(place.path("s.jsonl"), outside.path("s.jsonl")).unwrap();
    let done = outside.run("diff one --snapshot s.jsonl").ends(1).tells_nothing();
    done.says(&["lies in no git repository that can be read", "--a DIR --b DIR"]);
    let done = place.command("diff one --snapshot s.jsonl").env("PATH", "/nowhere").output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(super::flat(&told).contains("revisions are read by git, which cannot be run"), "{told}");
}

#[cfg(unix)]
#[test]
fn links_and_odd_names_in_a_revision() {
    let place = repository();
    std::fs::rename(place.path("catalog.csv"), place.path("ü\t\"c\".csv")).unwrap();
    std::os::unix::fs::symlink("ü\t\"c\".csv", place.path("catalog.csv")).unwrap();
    commit(&place, "two");
    place.run("diff one two --snapshot s.jsonl --detailed-exitcode").ends(0);
    std::fs::remove_file(place.path("catalog.csv")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", place.path("catalog.csv")).unwrap();
    commit(&place, "three");
    place.run("diff one three --snapshot s.jsonl").ends(1).says(&["three has", "catalog-unreadable"]);
}

#[test]
fn a_comment_never_grows_too_long() {
    let items = 3_000;
    let place = super::small(items);
    git(&place, &["init", "-q", "-b", "main"]);
    place.write(".gitignore", "*.db\n*.jsonl\n*.csv\n");
    commit(&place, "one");
    place.run("snapshot --out s.jsonl").ends(0);
    place.change("onhand.kdl", "every=\"5m\"", "every=\"5m\"; cap 3");
    let done = place.run("diff one --snapshot s.jsonl --format markdown").ends(0);
    assert!(done.out.len() <= 60_000 && done.out.len() > 50_000, "{}", done.out.len());
    assert!(done.out.starts_with("**3000 of 3000 published counts differ: 3000 lower.**\n"));
    done.tells(&["smaller differences are left out"]);
    let human = place.run("diff one --snapshot s.jsonl").ends(0);
    human.tells(&["and 2960 more (--format json shows all)"]);
}

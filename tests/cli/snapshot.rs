//! `onhand snapshot`, and `plan --snapshot`.

use super::{Done, Place, batch, small};
use crate::support::accept;
use serde_json::Value;

/// The lines of a plan without what two plans of the same observations may differ in.
fn steady(done: &Done) -> Vec<Value> {
    let mut lines = done.json();
    for line in &mut lines {
        let line = line.as_object_mut().expect("an object");
        let left_out: &[&str] = match line["type"].as_str() {
            Some("plan") => &["id", "created", "expires"],
            // It covers all that is left out here.
            Some("summary") => &["seal"],
            // A database is read as of the moment itself.
            Some("read") => &["as_of"],
            _ => &[],
        };
        left_out.iter().for_each(|key| drop(line.remove(*key)));
    }
    lines
}

/// Checks that an offline plan says what the live one does, its digest included.
#[track_caller]
fn same_plan(place: &Place, status: i32) {
    let live = place.run("plan --format json").ends(status);
    let offline = place.run("plan --format json --snapshot s.jsonl").ends(status);
    assert_eq!(steady(&offline), steady(&live));
    crate::support::check_plan(&offline.out);
}

/// The snapshot, each line held against the published schema.
fn checked(place: &Place) -> Vec<Value> {
    let schema = serde_json::from_str(&onhand::snapshot::file::schema()).expect("valid JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let text = place.read("s.jsonl");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for line in &lines {
        let faults: Vec<String> = validator.iter_errors(line).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{line}\n{}", faults.join("\n"));
    }
    lines
}

#[test]
fn the_published_schema_is_current() {
    accept::same("schemas/snapshot.json", &onhand::snapshot::file::schema());
}

#[test]
fn what_the_systems_show_is_kept_as_they_show_it() {
    let place = Place::direct();
    let done = place.run("snapshot --out s.jsonl").ends(0).says_nothing();
    done.tells(&["Kept in s.jsonl, as of 20", "depot: 120 rows", "shop: 123 rows"]);
    assert!(!place.path(".onhand").exists(), "reading makes no state");
    let lines = checked(&place);
    assert_eq!(lines[0]["format"], "onhand.snapshot/1");
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    let systems: Vec<_> = of("system").iter().map(|line| line["system"].clone()).collect();
    assert_eq!(systems, ["depot", "shop"]);
    assert_eq!(of("sheet")[0]["columns"], serde_json::json!(["ean", "site", "uom", "on_hand", "picked"]));
    let first = serde_json::json!(["4006381330008", "N1", "PCE", "101", "1"]);
    assert_eq!(of("row")[0]["fields"], first);
    assert_eq!(lines.last().unwrap()["lines"], lines.len() as u64 - 1);
}

#[test]
fn two_snapshots_differ_in_their_moments_only() {
    let place = Place::direct();
    let taken = || {
        let mut lines = place.run("snapshot").ends(0).says_nothing().json();
        for line in &mut lines {
            let line = line.as_object_mut().unwrap();
            ["taken", "as_of", "digest"].iter().for_each(|key| drop(line.remove(*key)));
        }
        lines
    };
    assert_eq!(taken(), taken());
}

#[test]
fn an_offline_plan_is_the_live_plan() {
    let place = Place::direct();
    place.run("snapshot --out s.jsonl").ends(0);
    same_plan(&place, 0);
    let live = steady(&place.run("plan --format json --items tag=tea --at south").ends(0));
    // Neither the feed nor the database is there any more.
    std::fs::remove_dir_all(place.path("feeds")).unwrap();
    std::fs::remove_file(place.path("shop.db")).unwrap();
    let words = "plan --format json --items tag=tea --at south --snapshot s.jsonl";
    assert_eq!(steady(&place.run(words).ends(0)), live);
    let done = place.run("plan --snapshot s.jsonl").ends(0).says_nothing();
    done.tells(&["11 counts to write in 1 flow.", "Planned offline, from what the systems showed at 20"]);
    place.run("plan --snapshot s.jsonl --detailed-exitcode").ends(4);
}

#[test]
fn what_the_state_remembers_is_kept_too() {
    let place = Place::direct();
    place.run("apply --auto-approve").ends(4);
    // A row goes missing that the owner showed before: its last known number counts, and may only lower.
    let feed = "feeds/depot-2026-11-22.csv";
    let gone = place.read(feed).lines().nth(1).unwrap().to_owned();
    place.change(feed, &format!("{gone}\n"), "");
    place.run("snapshot --out s.jsonl").ends(0);
    assert!(checked(&place).iter().any(|line| line["type"] == "known"));
    same_plan(&place, 0);
    std::fs::remove_dir_all(place.path(".onhand")).unwrap();
    let offline = steady(&place.run("plan --format json --snapshot s.jsonl").ends(0));
    assert!(offline.iter().any(|line| line["type"] == "held" && line["item"] == "MUG-WHITE"));
}

#[test]
fn a_read_that_failed_is_kept_with_its_reason() {
    let place = Place::direct();
    std::fs::remove_file(place.path("shop.db")).unwrap();
    let done = place.run("snapshot --out s.jsonl").ends(7);
    done.tells(&["Incomplete: `shop` could not be read to its end", "shop: not read", "depot: 120 rows"]);
    assert!(checked(&place).iter().any(|line| line["system"] == "shop" && line["failed"].is_string()));
    same_plan(&place, 7);
}

#[test]
fn a_read_that_was_cut_is_kept_with_its_reason() {
    let place = Place::direct();
    let feed = "feeds/depot-2026-11-22.csv";
    let text = place.read(feed);
    // In the middle of a row, of the feed, before a quote that is never closed, and without anything.
    let cuts =
        [text[..text.len() - 6].to_owned(), text[..900].to_owned(), format!("{text}\"x;N1"), String::new()];
    for cut in cuts {
        place.write(feed, &cut);
        place.run("snapshot --out s.jsonl").ends(7).tells(&["Incomplete: `depot`"]);
        checked(&place);
        same_plan(&place, 7);
    }
    // Rows that cannot be told apart, in the middle of a feed that is whole.
    let bad = text.replacen(";101;1", ";101", 1).replacen(";PCE;6;", ";PCE;x;", 1);
    place.write(feed, &format!("{bad}\"a\"b;N1;PCE;1;1\n4006381330022;N1;PCE;9;9;9\n"));
    place.run("snapshot --out s.jsonl").ends(0).tells(&["depot: 122 rows, 3 rows that could not be read"]);
    same_plan(&place, 0);
}

#[test]
fn only_what_the_chosen_flows_need_is_read() {
    let place = small(2);
    place.change("onhand.kdl", "owner depot", "system spare kind=csv role=reporting {\n    levels \"spare.csv\" { code sku; on-hand qty { net-of reserved } }\n}\nowner depot");
    place.change("onhand.kdl", "in shop }", "in shop; in spare }");
    place.change("onhand.kdl", "in shop I0 }", "in shop I0; in spare I0 }");
    place.write("spare.csv", "sku,qty\nI0,4\n");
    let systems = |words: &str| {
        let lines = place.run(words).ends(0).json();
        let systems = lines.iter().filter_map(|line| line["system"].as_str().map(str::to_owned));
        systems.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(systems("snapshot"), "depot shop spare", "another revision may need the third");
    assert_eq!(systems("snapshot --flow counts"), "depot shop");
    place.run("snapshot --flow nope").ends(1).tells_nothing().says(&["no flow `nope`"]);
}

#[test]
fn a_system_behind_http_is_not_asked_by_an_offline_plan() {
    let topology = r#"
onhand language=1
unit ea
system erp kind=tryton role=erp { url "http://127.0.0.1:9"; database d; user u; password (env)ERP_PASSWORD }
system shop kind=csv role=channel {
    levels "shop.csv" { code sku; available qty { net-of own-sales } }
    publish "shop.csv"
    orders none
}
location hall { in erp WH; in shop }
item MUG unit=ea { in erp MUG; in shop MUG }
owner erp { of on-hand reserved }
flow counts { publish available to=shop; lag "10m" every="5m"; allow plain-http reason="a test" }
"#;
    let place = Place::with(topology).env("ERP_PASSWORD", "geheim-4711");
    place.write("shop.csv", "sku,qty\nMUG,4\n");
    place.run("snapshot --out s.jsonl").ends(7);
    assert!(!place.read("s.jsonl").contains("geheim-4711"));
    assert!(checked(&place).iter().any(|line| line["system"] == "erp" && line["failed"].is_string()));
    // Whoever answered there now would not be asked.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    place.change("onhand.kdl", "127.0.0.1:9", &format!("127.0.0.1:{port}"));
    place.run("plan --snapshot s.jsonl").ends(7).tells(&["Incomplete: `erp` could not be read"]);
    assert!(listener.accept().is_err(), "nobody connected");
}

#[test]
fn hostile_names_come_back_as_they_are() {
    let place = small(1);
    let evil = "\u{1b}[31m\u{202e}a\"b\\c|`d`\u{0}";
    let feed =
        format!("sku,qty,\"{}\"\nI0,5,x\n\"{}\",7,y\n", evil.replace('"', "\"\""), evil.replace('"', "\"\""));
    place.write("feed.csv", &feed);
    place.run("snapshot --out s.jsonl").ends(0);
    let text = place.read("s.jsonl");
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{text:?}");
    let lines = checked(&place);
    assert!(lines.iter().any(|line| line["columns"][2] == evil));
    assert!(lines.iter().any(|line| line["fields"][0] == evil));
    same_plan(&place, 0);
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let place = small(2);
    place.run("snapshot --out s.jsonl").ends(0);
    let text = place.read("s.jsonl");
    let refused = |bytes: &[u8], says: &str| {
        std::fs::write(place.path("s.jsonl"), bytes).unwrap();
        let done = place.run("plan --snapshot s.jsonl").ends(1).tells_nothing();
        done.says(&["the snapshot `s.jsonl` cannot be used", says, "Take a new one: `onhand snapshot"]);
    };
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    for keep in [text.len() - 1, text.len() / 2, lines[0], lines[lines.len() - 2]] {
        refused(&text.as_bytes()[..keep], "cut short");
    }
    refused(text.replacen("\"I0\",\"9\"", "\"I0\",\"8\"", 1).as_bytes(), "changed after it was written");
    let without = [&text[..lines[3]], &text[lines[4]..]].concat();
    refused(without.as_bytes(), "changed after it was written");
    refused(
        text.replacen("snapshot/1", "snapshot/2", 1).as_bytes(),
        "this version reads `onhand.snapshot/1`",
    );
    refused(b"", "it is empty");
    refused(b"sku,qty\nI0,5\n", "this is no snapshot");
    refused(b"{\"type\":\"plan\"}\n", "not of type `snapshot`");
    refused(&[0xff, 0xfe, 0], "not UTF-8");
    place.run("plan --snapshot t.jsonl").ends(1).says(&["cannot be read: there is no such file"]);
}

#[test]
fn lines_that_make_no_sense_are_refused_even_with_a_right_digest() {
    let place = small(1);
    place.run("snapshot --out s.jsonl").ends(0);
    let text = place.read("s.jsonl");
    let head = text.lines().next().unwrap();
    let sealed = |line: &str| {
        let before = format!("{head}\n{line}\n");
        let digest = blake3::hash(before.as_bytes()).to_hex().to_string();
        format!("{before}{{\"type\":\"end\",\"lines\":2,\"digest\":\"{digest}\"}}\n")
    };
    let cases = [
        (r#"{"type":"row","record":1,"fields":[]}"#, "none stands before it"),
        (r#"{"type":"surprise"}"#, "unknown variant"),
        ("", "EOF"),
        (r#"{"type":"end","lines":1,"digest":""}"#, "before the end"),
    ];
    for (line, says) in cases {
        place.write("s.jsonl", &sealed(line));
        place.run("plan --snapshot s.jsonl").ends(1).says(&["line 2 of the snapshot cannot be read", says]);
    }
}

#[test]
fn apply_takes_no_plan_that_was_made_offline() {
    let place = small(2);
    place.run("snapshot --out s.jsonl").ends(0);
    let done = place.run("plan --snapshot s.jsonl --out p.jsonl").ends(0);
    done.tells(&["Kept in p.jsonl. Planned offline", "`apply` does not take this plan"]);
    assert!(!place.path(".onhand").exists(), "no state learns of it");
    for words in ["apply p.jsonl", "apply p.jsonl --from-elsewhere"] {
        let done = place.run(words).ends(5).tells_nothing();
        done.says(&["was made offline, from a snapshot: it is for reading", "Plan again"]);
    }
    assert_eq!(place.shop_of_small(), [["I0", "9"], ["I1", "9"]]);
    // Nor with another id: nobody here remembers it.
    let first: Value = serde_json::from_str(place.read("p.jsonl").lines().next().unwrap()).unwrap();
    place.change("p.jsonl", first["id"].as_str().unwrap(), "0123456789abcdef");
    place.write("p.jsonl", &crate::plan::resealed(&place.read("p.jsonl")));
    place.run("apply p.jsonl").ends(5).says(&["was not written with this state"]);
}

#[test]
fn ages_are_what_they_were_when_it_was_taken() {
    let place = small(1);
    place.change("onhand.kdl", "role=warehouse {", "role=warehouse {\n    stale-after \"1h\"");
    place.change("onhand.kdl", "; complete", "; as-of at; complete");
    // Older than an hour whenever this runs, unless the snapshot says when it was taken.
    place.write("feed.csv", "sku,qty,at\nI0,5,2026-01-01T10:00:00Z\n");
    batch(&place.path("shop.db"), "update stock set qty = 3");
    place.run("snapshot --out s.jsonl").ends(0);
    let changes = |words: &str| place.run(words).json().last().unwrap()["changes"].as_u64().unwrap();
    assert_eq!(changes("plan --format json --snapshot s.jsonl"), 0, "stale: it may not rise");
    let text = place.read("s.jsonl");
    let taken: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let text = text.replacen(taken["taken"].as_str().unwrap(), "2026-01-01T10:30:00Z", 1);
    let (before, _) = text.trim_end().rsplit_once('\n').unwrap();
    let digest = blake3::hash(format!("{before}\n").as_bytes()).to_hex().to_string();
    let count = before.lines().count();
    place.write(
        "s.jsonl",
        &format!("{before}\n{{\"type\":\"end\",\"lines\":{count},\"digest\":\"{digest}\"}}\n"),
    );
    assert_eq!(changes("plan --format json --snapshot s.jsonl"), 1);
}

//! Data that a terminal would obey: in every output it is written out, and JSON stays JSON.

use super::faults::web;
use super::{Done, Place, small};
use crate::support::fault::{End, Server, answer};
use onhand::diagnostic::escape::is_hidden;
use serde_json::{Value, json};

/// Clears a screen, sets a title, turns what follows around, hides, rings, and goes back over the line.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}txt\u{200b}\u{2066}\u{9b}31m\u{feff}\rgone";

/// Checks that nothing in the output is obeyed by a terminal.
#[track_caller]
fn plain(words: &str, done: &Done) {
    assert!(!done.err.contains("panicked") && done.status != 70, "{words}: {done:#?}");
    for (what, text) in [("results", &done.out), ("talk", &done.err)] {
        let found = text.chars().find(|c| *c != '\n' && is_hidden(*c));
        assert_eq!(found, None, "{words}: {what}:\n{}", text.escape_debug().to_string().replace("\\n", "\n"));
    }
}

fn run(place: &Place, words: &[&str]) -> Done {
    let mut command = place.command("");
    let done = Done::of(command.args(words).output().unwrap());
    plain(&words.join(" "), &done);
    done
}

/// A shop of which everything that can be text is hostile.
fn shop(stage: &'static str) -> Server {
    Server::start(move |heard| {
        let asked: Value = serde_json::from_str(&heard.body).unwrap_or_default();
        let query = asked["query"].as_str().unwrap_or_default();
        let refused = json!({"errors": [{"message": EVIL, "extensions": {"code": EVIL}}], "data": null});
        let here = if stage == "locations" { EVIL } else { "Main" };
        let places = json!({"totalItems": 1, "items": [{"id": "1", "name": here}]});
        let places = json!({"data": {"activeChannel": {"token": EVIL}, "stockLocations": places}});
        let variant = |sku: &str| {
            json!({"id": sku, "sku": sku, "trackInventory": "TRUE", "outOfStockThreshold": 0,
            "useGlobalOutOfStockThreshold": false, "stockMovements": {"totalItems": 1},
            "stockLevels": [{"stockLocationId": "1", "stockOnHand": 9, "stockAllocated": 0}]})
        };
        let items = [variant("I0"), variant("I2"), variant(EVIL)];
        let items: Vec<_> = match asked["variables"]["o"]["filter"].is_null() {
            true => items.to_vec(),
            false => items[..2].to_vec(),
        };
        let settings = json!({"trackInventory": true, "outOfStockThreshold": 0});
        let list = json!({"globalSettings": settings,
            "productVariants": {"totalItems": items.len(), "items": items}});
        let body = match stage {
            "open" => refused,
            _ if query.contains("stockLocations") => places,
            _ if query.contains("mutation") => refused,
            _ => json!({"data": list}),
        };
        let status = if stage == "open" { 400 } else { 200 };
        (answer(status, &[], body.to_string().as_bytes()), End::Close)
    })
}

#[test]
fn what_a_server_says() {
    for stage in ["open", "locations", "write"] {
        let server = shop(stage);
        let place = web(&server.url, "key (env)SHOP_KEY").env("SHOP_KEY", "k");
        for words in [
            "plan",
            "plan --out plan.jsonl",
            "plan --format json",
            "plan --format markdown",
            "explain I0@shop",
            "snapshot --out s.jsonl",
            "plan --snapshot s.jsonl",
            "apply plan.jsonl",
            "apply --auto-approve --format json",
            "queue list",
            "queue show 1",
            "queue check",
        ] {
            let done = run(&place, &words.split(' ').collect::<Vec<_>>());
            if stage == "write" && words == "apply plan.jsonl" {
                assert!(done.out.contains("owned"), "what the shop says is passed on: {done:#?}");
            }
        }
    }
}

#[test]
fn what_a_feed_and_its_name_say() {
    let place = small(2);
    let name = format!("feed-{}.csv", EVIL.replace('/', ""));
    place.change("onhand.kdl", "levels \"feed.csv\"", "levels \"feed*.csv\"");
    std::fs::remove_file(place.path("feed.csv")).unwrap();
    let quoted = EVIL.replace('\r', " ");
    place.write(&name, &format!("sku,qty\nI0,{quoted}\n{quoted},3\nI1,5\n"));
    for words in [
        "check",
        "plan",
        "plan --format json",
        "plan --format markdown",
        "plan --out p.jsonl",
        "explain I0@shop",
        "explain I1@shop",
        "snapshot --out s.jsonl",
        "snapshot",
        "plan --snapshot s.jsonl",
        "apply p.jsonl",
        "apply --auto-approve --format json",
        "queue list",
        "queue show 1",
    ] {
        run(&place, &words.split(' ').collect::<Vec<_>>());
    }
    // A feed without what is needed, which quotes the header.
    place.write(&name, &format!("{quoted},qty\nI0,5\n"));
    for words in ["plan", "explain I0@shop", "apply --auto-approve"] {
        run(&place, &words.split(' ').collect::<Vec<_>>());
    }
}

#[test]
fn what_stands_in_a_topology() {
    let place = small(1);
    place.write("more.kdl", &format!("item {EVIL} unit=ea\nowner \"{EVIL}\" {{ of \"{EVIL}\" }}\n"));
    place.write("items.csv", &format!("item,unit,{EVIL}\n{EVIL},{EVIL},x\n"));
    let text = place.read("onhand.kdl");
    for more in [
        "include \"more.kdl\"",
        "items \"items.csv\" { unit unit }",
        "item \"A\\u{202e}B\\u{1b}C\" unit=ea { in depot \"\\u{1b}[2J\"; in shop \"\\u{202e}\" }",
        "location \"hall\\u{7}\" { in depot; in shop }",
    ] {
        place.write("onhand.kdl", &format!("{text}\n{more}\n"));
        for words in [
            "check",
            "check --format concise",
            "check --format json",
            "check --format sarif",
            "check --format github",
            "fmt --check",
            "fmt --diff",
            "graph",
            "graph --format dot",
            "graph --format mermaid",
            "graph --format json",
            "graph --format svg",
            "test",
            "plan",
            "plan --format markdown",
            "explain I0@shop",
        ] {
            run(&place, &words.split(' ').collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_is_typed_and_what_a_file_holds() {
    let place = small(1);
    run(&place, &["plan", "--out", "p.jsonl"]);
    let plan = place.read("p.jsonl");
    for (from, to) in [
        ("onhand.plan/1", format!("onhand.plan/{EVIL}")),
        ("\"type\":\"change\"", format!("\"type\":\"{EVIL}\"")),
        ("\"action\":\"lower\"", format!("\"action\":\"{EVIL}\"")),
    ] {
        place.write("bad.jsonl", &plan.replacen(from, &to.replace(|c: char| c.is_control(), "\\u001b"), 1));
        run(&place, &["apply", "bad.jsonl"]);
        run(&place, &["plan", "--snapshot", "bad.jsonl"]);
    }
    let evil = EVIL.replace('/', "");
    for words in [
        &["apply", &evil][..],
        &["plan", &evil],
        &["plan", "--out", &format!("{evil}/x/")],
        &["plan", "--snapshot", &evil],
        &["plan", "--items", &evil],
        &["plan", "--at", &evil],
        &["check", &evil],
        &["explain", &evil],
        &["explain", &format!("{evil}@shop")],
        &["explain", &format!("I0@{evil}")],
        &["diff", &evil, "--snapshot", &evil],
        &["queue", "show", &evil],
        &["queue", "resolve", "1", "--note", &evil],
        &["graph", "--format", &evil],
        &["fmt", &evil],
        &["init", &evil, "--from", &evil],
        &["test", &evil],
        &[&evil],
    ] {
        run(&place, words);
    }
}

//! Every command, in success and in every trouble, with a secret in every slot: none is ever shown or kept.

use super::faults::web;
use super::secrets::{CANARY, hidden, look};
use super::{Place, SMALL};
use crate::support::fault::{End, Heard, Server, Shop, answer};

/// Where a secret may stand; `%` is the path of a file that holds it.
const SHAPES: [&str; 3] = ["key (env)SHOP_KEY", "key (file)\"%\"", "user \"bot\"; password (env)SHOP_KEY"];

/// A message that holds all that was heard, in every spelling of the canary.
fn echo(heard: &Heard) -> String {
    format!("you said {} {} and {}", heard.head, heard.body, super::secrets::spelled().join(" "))
}

fn json_echo(heard: &Heard) -> String {
    serde_json::json!({"message": echo(heard), "errors": [{"message": echo(heard)}]}).to_string()
}

/// A server for each trouble; the second value says whether it is asked again and again.
fn troubles() -> Vec<(&'static str, String, bool)> {
    let serve = |status: u16, body: fn(&Heard) -> String| {
        Server::start(move |heard| (answer(status, &[], body(heard).as_bytes()), End::Close)).url
    };
    let to =
        |heard: &Heard| format!("http://{CANARY}@127.0.0.1:1/{}", echo(heard).replace(['\r', '\n'], " "));
    let redirect =
        Server::start(move |heard| (answer(302, &[("location", &to(heard))], b""), End::Close)).url;
    let plain = serve(200, |_| String::new());
    vec![
        ("denied", serve(403, json_echo), false),
        ("wrong", serve(400, json_echo), false),
        ("an error in a good answer", serve(200, json_echo), false),
        ("a redirect", redirect, false),
        ("no such address", serve(404, json_echo), false),
        ("userinfo", format!("https://{CANARY}:{CANARY}@127.0.0.1/"), false),
        ("no URL", format!("ftp:{CANARY}"), false),
        ("busy", serve(503, json_echo), true),
        ("broken", serve(500, json_echo), true),
        ("broken JSON", serve(200, |heard| format!("{{\"data\": {}", echo(heard))), true),
        ("no TLS", plain.replace("http", "https"), true),
    ]
}

/// Commands that ask the systems.
const ASKING: [&str; 5] = [
    "plan --out plan.jsonl",
    "plan --format markdown",
    "apply --auto-approve --format json",
    "explain I0@shop",
    "snapshot --out snapshot.jsonl",
];

/// Commands that do not, some of which fail.
const OTHERS: [&str; 20] = [
    "check",
    "check --format json",
    "check --format sarif",
    "check --diff",
    "fmt --check",
    "test",
    "graph",
    "graph --format json",
    "graph --format svg",
    "explain owner-overlap",
    "queue list",
    "queue check",
    "queue show 1",
    "apply plan.jsonl",
    "apply missing.jsonl",
    "plan --snapshot snapshot.jsonl",
    "diff HEAD~1 --snapshot snapshot.jsonl",
    "init elsewhere --from example",
    "lsp",
    "nonsense",
];

fn run(place: &Place, words: &str) {
    let done = place.run(words);
    assert!(!done.err.contains("panicked") && done.status != 70, "{words}: {done:#?}");
    hidden(words, done.out.as_bytes());
    hidden(words, done.err.as_bytes());
}

#[test]
fn no_command_shows_or_keeps_a_secret() {
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("key");
    std::fs::write(&file, CANARY).unwrap();
    let mut ran = 0;
    for shape in SHAPES {
        let shape = shape.replace('%', file.to_str().unwrap());
        let shop = Shop::new(&[("I0", 9), ("I1", 0), ("I2", 7), ("I3", 5)], &[]);
        let good = ("all well", shop.server.url.clone(), false);
        for (trouble, url, slow) in std::iter::once(good).chain(troubles()) {
            let place = web(&url, &shape).env("SHOP_KEY", CANARY).env("ONHAND_TOKEN", CANARY);
            // What is asked again and again takes its time, and tells the same each time.
            let asking = if slow { &ASKING[..1] } else { &ASKING[..] };
            for words in asking.iter().chain(&OTHERS) {
                run(&place, words);
                ran += 1;
            }
            let looked = look(&place);
            assert!(looked >= 2, "{trouble}: topology and feed at least");
        }
    }
    println!("{ran} commands: 0 secrets in output, plans, snapshots, state");
}

#[test]
fn a_database_of_which_the_url_says_too_much() {
    for url in [
        format!("postgres://shop:{}@127.0.0.1:1/shop", "can%2Fary%2Bpass%25word%267Zq%3Fx"),
        format!("postgresql://{CANARY}"),
        CANARY.to_owned(),
    ] {
        let place = super::small(1);
        place.change("onhand.kdl", "url \"sqlite:shop.db\"", "url (env)SHOP_DATABASE");
        let place = place.env("SHOP_DATABASE", &url);
        run(&place, "plan --out plan.jsonl");
        look(&place);
    }
}

#[test]
fn a_state_that_is_named_by_a_secret() {
    let text = SMALL.replace("onhand language=1", "onhand language=1 { state (env)STATE }");
    let place = Place::with(&text).env("STATE", CANARY);
    for words in ["plan --out plan.jsonl", "apply --auto-approve", "queue list"] {
        run(&place, words);
    }
    look(&place);
}

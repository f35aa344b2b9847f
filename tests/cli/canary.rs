//! Secrets in the addresses of databases and of the state: none is ever shown or kept.

use super::secrets::{CANARY, hidden, look};
use super::{Place, SMALL};

fn run(place: &Place, words: &str) {
    let done = place.run(words);
    assert!(!done.err.contains("panicked") && done.status != 70, "{words}: {done:#?}");
    hidden(words, done.out.as_bytes());
    hidden(words, done.err.as_bytes());
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

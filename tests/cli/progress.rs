//! Progress: on standard error only, nothing where there is nothing to wait for.

use super::{Place, small};

#[test]
fn a_quick_command_says_nothing_on_the_way() {
    let place = small(2);
    let done = place.run("plan --out p.jsonl").ends(0).says_nothing();
    assert!(!done.out.contains("reading"), "{}", done.out);
}

/// One feed for which a database that does not answer is the shop.
fn unanswered() -> Place {
    let place = small(1);
    place.change("onhand.kdl", "url \"sqlite:shop.db\"", "url (env)SHOP_DATABASE");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    place.env("SHOP_DATABASE", &format!("postgres://shop@127.0.0.1:{port}/shop"))
}

#[test]
fn a_system_that_does_not_answer_is_told_while_it_is_tried_again() {
    let place = unanswered();
    let done = place.run("plan --format json").ends(7);
    for line in done.out.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("results are JSON alone");
    }
    let told: Vec<&str> = done.err.lines().filter(|line| line.contains("trying again in")).collect();
    assert!(!told.is_empty() && told.iter().all(|line| line.starts_with("shop: ")), "{}", done.err);
    assert!(told[0].ends_with("(2 of 5)"), "{}", done.err);
    assert!(!done.err.contains(['\r', '\u{1b}']), "{}", done.err);
    let quiet = place.run("plan --no-progress").ends(7);
    assert!(!quiet.err.contains("trying again"), "{}", quiet.err);
}

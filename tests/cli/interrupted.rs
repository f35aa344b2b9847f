//! The real binary, asked to stop (SIGINT) while each of its requests in turn is under way, and gone on with.

use super::faults::web;
use super::{Done, Place};
use crate::support::fault::{End, Server, Shop, forward};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The depot has 5 of each; so many are changed.
const SKUS: [(&str, i64); 4] = [("I0", 9), ("I1", 0), ("I2", 7), ("I3", 1)];

/// What goes between a shop and its clients: of the write requests it stops one on its way, says so, and lets
/// it go when it is told to.
struct Gate {
    url: String,
    reached: Receiver<()>,
    go: Sender<()>,
}

impl Gate {
    /// Stops the write request of this number, from 1.
    fn before(shop: &Shop, number: usize) -> Gate {
        let (tell, reached) = channel();
        let (go, wait) = channel();
        let address = shop.server.url.trim_start_matches("http://").to_owned();
        let inside = Arc::new(Mutex::new((0, tell, wait)));
        let server = Server::start(move |heard| {
            if heard.body.contains("updateProductVariants") {
                let mut inside = inside.lock().expect("nobody panicked");
                inside.0 += 1;
                if inside.0 == number {
                    inside.1.send(()).expect("the test waits");
                    inside.2.recv().expect("the test lets it go");
                }
            }
            (forward(&address, heard), End::Close)
        });
        Gate { url: server.url, reached, go }
    }
}

/// An apply of one request a row that is asked to stop while this one is under way.
fn interrupted(number: usize) -> (Shop, Place, Done) {
    let shop = Shop::new(&SKUS, &[]);
    let gate = Gate::before(&shop, number);
    let place = web(&gate.url, "key (env)SHOP_KEY; limit batch=1").env("SHOP_KEY", "canary-key");
    place.run("plan --out p.jsonl").ends(0);
    let mut apply = place.command("apply p.jsonl --format json");
    let apply = apply.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.reached.recv_timeout(std::time::Duration::from_secs(60)).expect("the request comes");
    let told = Command::new("kill").args(["-INT", &apply.id().to_string()]).status().unwrap();
    assert!(told.success());
    // It hears of it before the answer is there.
    std::thread::sleep(std::time::Duration::from_millis(200));
    gate.go.send(()).expect("the request waits");
    (shop, place, Done::of(apply.wait_with_output().unwrap()))
}

/// How many rows of an apply came to an outcome.
fn count(done: &Done, outcome: &str) -> u64 {
    done.json().last().unwrap()["outcomes"][outcome].as_u64().unwrap_or(0)
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_at_any_request_is_finished_by_resume() {
    let (mut interrupted_runs, mut left) = (0, 0);
    for number in 1..=SKUS.len() {
        let (shop, place, done) = interrupted(number);
        let last = number == SKUS.len();
        // After the last request nothing is left to stop.
        let done = done.ends(if last { 0 } else { 130 });
        interrupted_runs += usize::from(!last);
        assert_eq!(shop.written().len(), number, "what was under way is waited for, and nothing new is sent");
        let skipped = count(&done, "skipped");
        assert_eq!(skipped, (SKUS.len() - number) as u64, "{done:#?}");
        left += skipped;
        let done = place.run("apply --resume --format json").ends(0);
        if !last {
            assert_eq!(count(&done, "verified"), SKUS.len() as u64, "each row once: {done:#?}");
        }
        assert!(shop.shows().iter().all(|(_, count)| *count == 5), "{:?}", shop.shows());
        let mut written: Vec<String> = shop.written().into_iter().map(|(sku, _)| sku).collect();
        written.sort_unstable();
        assert_eq!(written, SKUS.map(|(sku, _)| sku), "each was written once");
        place.run("plan --detailed-exitcode").ends(0);
        place.run("apply --resume").ends(0).tells(&["There is nothing to resume"]);
    }
    println!("{interrupted_runs} runs interrupted, {left} rows left to resume: 0 writes lost, 0 doubled");
}

//! Postings to Tryton: sent twice, after lost answers and half-way, its own counts move once.

use super::Server;
use super::api::Tryton;
use super::connectors::{keep, recorded, tryton_context, tryton_fields};
use crate::connectors::conformance;
use crate::connectors::posts::{self, CODES, PLACES, course, expected, lines, posting};
use crate::support::erp;
use onhand::connectors::{self, Context, Failure};
use onhand::model::Name;
use onhand::model::moved::{Found, Posted, Posting};
use onhand::model::movement::Movement;
use onhand::world::{Http, HttpError, Request, Response, Task, World, real};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;

/// A network that loses the answer to one of the requests that change something.
struct Losing {
    inner: Box<dyn Http>,
    left: Rc<Cell<usize>>,
}

impl Http for Losing {
    fn send(&self, request: Request) -> Task<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let unsafe_one = !request.safe;
            let answer = self.inner.send(request).await;
            if unsafe_one && self.left.get() > 0 {
                self.left.set(self.left.get() - 1);
                if self.left.get() == 0 {
                    return Err(HttpError::NoAnswer("the line was cut".to_owned()));
                }
            }
            answer
        })
    }
}

fn wait<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(task)
}

fn context(server: &Server) -> Context {
    tryton_context(server, &PLACES, &CODES, true)
}

fn post(server: &Server, posting: &Posting) -> Vec<Posted> {
    wait(async {
        let mut session = connectors::open(context(server)).await.unwrap();
        session.post(std::slice::from_ref(posting)).await.unwrap()
    })
}

/// Posts, and loses the answer to the change of this number, from 1. Answers whether it came to that.
fn post_losing(server: &Server, posting: &Posting, number: usize) -> bool {
    let left = Rc::new(Cell::new(number));
    let world = real::world(true);
    let http = Box::new(Losing { inner: world.http, left: left.clone() });
    let world = World { http, ..world };
    let model = erp::model(&connectors::tryton::DESCRIPTOR, &tryton_fields(server), &PLACES, &CODES);
    let answer = wait(async {
        let mut session = connectors::open(erp::context(model, world, true)).await.unwrap();
        session.post(std::slice::from_ref(posting)).await
    });
    match (left.get(), answer) {
        (0, Err(Failure::Unknown { .. })) => true,
        (1.., Ok(answers)) => {
            done(&answers);
            false
        }
        (left, answer) => panic!("{left} left, and {answer:?}"),
    }
}

fn done(answers: &[Posted]) -> &str {
    let [Posted::Done { number }] = answers else { panic!("{answers:?}") };
    number
}

fn refused(answers: &[Posted]) -> (&str, &str) {
    let [Posted::Rejected { field, message }] = answers else { panic!("{answers:?}") };
    (field, message)
}

fn find(server: &Server, reference: &str) -> Vec<Found> {
    wait(async {
        let mut session = connectors::open(context(server)).await.unwrap();
        session.find(&[Name::from(reference)]).await.unwrap()
    })
}

/// What Tryton itself shows at Lille: on hand and forecast, of mugs, then of beans.
fn counts(erp: &Tryton) -> [(f64, f64); 2] {
    [erp.counts("MUG-WHT", "LIL"), erp.counts("BEAN-ETH", "LIL")]
}

/// How they stand after each step of the course, from 40 mugs and 10 kg.
const COUNTS: [[(f64, f64); 2]; 5] = [
    [(40.0, 35.0), (10.0, 7.5)],
    [(38.0, 35.0), (8.8, 7.5)],
    [(38.0, 36.0), (8.8, 7.5)],
    [(36.0, 36.0), (7.5, 7.5)],
    [(37.0, 37.0), (7.9, 7.9)],
];

fn start(erp: &Tryton) {
    erp.count("MUG-WHT", "LIL-STO", 40.0);
    erp.count("BEAN-ETH", "LIL-STO", 10.0);
    assert_eq!(counts(erp), [(40.0, 40.0), (10.0, 10.0)], "an earlier test left an open sale at Lille");
}

fn restore(erp: &Tryton) {
    erp.count("MUG-WHT", "LIL-STO", 40.0);
    erp.count("BEAN-ETH", "LIL-STO", 0.0);
}

fn close(one: [(f64, f64); 2], other: [(f64, f64); 2]) -> bool {
    // Tryton answers in floats; what counts here is what a person would read.
    let near = |a: f64, b: f64| format!("{a:.6}") == format!("{b:.6}");
    one.iter().zip(&other).all(|(a, b)| near(a.0, b.0) && near(a.1, b.1))
}

#[test]
fn each_step_posted_twice_moves_the_counts_once() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    start(&erp);
    let reference = conformance::key();
    for (step, posting) in course(&reference).iter().enumerate() {
        for again in [false, true] {
            let answers = post(&server, posting);
            let now = counts(&erp);
            println!(
                "{:?} {}: {} {now:?}",
                posting.movement,
                if again { "again" } else { "" },
                done(&answers)
            );
            assert!(close(now, COUNTS[step]), "step {step}, again {again}: {now:?}");
            assert_eq!(lines(&find(&server, &reference)), expected(step), "step {step}, again {again}");
        }
    }
    restore(&erp);
}

#[test]
fn a_lost_answer_at_any_step_is_made_good_by_posting_again() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    let mut lost = 0;
    for number in 1.. {
        start(&erp);
        let reference = conformance::key();
        let before = lost;
        for (step, posting) in course(&reference).iter().enumerate() {
            if post_losing(&server, posting, number) {
                lost += 1;
                done(&post(&server, posting));
            }
            let now = counts(&erp);
            assert!(close(now, COUNTS[step]), "step {step}, answer {number} lost: {now:?}");
            assert_eq!(
                lines(&find(&server, &reference)),
                expected(step),
                "step {step}, answer {number} lost"
            );
        }
        if lost == before {
            break;
        }
    }
    println!("{lost} answers lost, one after the other; counts and documents right after each");
    restore(&erp);
}

#[test]
fn a_sale_left_as_a_draft_is_brought_further_and_not_made_again() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    start(&erp);
    let reference = conformance::key();
    let order = posting(&reference, Movement::Order, &[(0, "3", "3")]);
    assert!(post_losing(&server, &order, 1), "the draft was made, and its answer lost");
    let now = counts(&erp);
    assert_eq!(now[0], (40.0, 40.0), "a draft sale promises nothing");
    let open = lines(&find(&server, &reference))[0].open;
    assert_eq!(open.to_string(), "0", "and so nothing of it counts as taken in");
    done(&post(&server, &order));
    assert_eq!(counts(&erp)[0], (40.0, 37.0));
    // Two more come later: a second sale, as a processed one is not changed.
    let more = posting(&reference, Movement::Order, &[(0, "2", "5")]);
    let answers = post(&server, &more);
    assert_eq!(done(&answers).split(", ").count(), 2, "{answers:?}");
    assert_eq!(counts(&erp)[0], (40.0, 35.0));
    // All of it is off: whole shipments are cancelled, and no exception is left.
    done(&post(&server, &posting(&reference, Movement::Cancellation, &[(0, "5", "5")])));
    assert_eq!(counts(&erp)[0], (40.0, 40.0));
    let domain = json!([["reference", "=", reference]]);
    let fields = json!(["shipment_state"]);
    let found = erp.call(
        "model.sale.sale.search_read",
        vec![domain, json!(0), json!(null), json!(null), fields],
        json!({}),
    );
    let states: Vec<_> = found.as_array().unwrap().iter().map(|sale| &sale["shipment_state"]).collect();
    assert!(states.len() == 2 && states.iter().all(|state| *state != "exception"), "{states:?}");
    restore(&erp);
}

#[test]
fn what_tryton_has_not_is_not_sent() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    start(&erp);
    let reference = conformance::key();
    done(&post(&server, &posting(&reference, Movement::Order, &[(0, "42", "42")])));
    assert_eq!(counts(&erp)[0], (40.0, -2.0));
    let shipment = posting(&reference, Movement::Shipment, &[(0, "41", "41")]);
    for _ in 0..2 {
        let answers = post(&server, &shipment);
        let (field, message) = refused(&answers);
        assert!(field == "shipment" && message.contains("too little"), "{answers:?}");
        assert_eq!(counts(&erp)[0], (40.0, -2.0), "nothing has left");
        assert_eq!(lines(&find(&server, &reference))[0].open.to_string(), "42", "and nothing is forgotten");
    }
    let answers = post(&server, &posting(&reference, Movement::Shipment, &[(0, "43", "43")]));
    assert_eq!(refused(&answers).0, "quantity");
    let answers = post(&server, &posting(&reference, Movement::Return, &[(0, "1", "1")]));
    assert_eq!(refused(&answers).0, "quantity");
    erp.count("MUG-WHT", "LIL-STO", 50.0);
    done(&post(&server, &shipment));
    assert_eq!(counts(&erp)[0], (9.0, 8.0));
    done(&post(&server, &posting(&reference, Movement::Cancellation, &[(0, "1", "1")])));
    assert_eq!(counts(&erp)[0], (9.0, 9.0));
    restore(&erp);
}

#[test]
fn what_nobody_can_sell_waits_outside_of_every_count() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    start(&erp);
    let reference = conformance::key();
    done(&post(&server, &posting(&reference, Movement::Order, &[(0, "4", "4")])));
    done(&post(&server, &posting(&reference, Movement::Shipment, &[(0, "4", "4")])));
    let broken = Posting { sellable: false, ..posting(&reference, Movement::Return, &[(0, "1", "1")]) };
    for _ in 0..2 {
        done(&post(&server, &broken));
        assert_eq!(counts(&erp)[0].0, 36.0, "not on hand");
    }
    done(&post(&server, &posting(&reference, Movement::Return, &[(0, "2", "3")])));
    assert_eq!(counts(&erp)[0].0, 38.0, "two can be sold, and the broken one still waits");
    assert_eq!(lines(&find(&server, &reference))[0].returned.to_string(), "3");
    let domain = json!([["state", "=", "draft"]]);
    let waiting = erp.call(
        "model.stock.shipment.out.return.search",
        vec![domain, json!(0), json!(null), json!(null)],
        json!({}),
    );
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    erp.call("model.stock.shipment.out.return.cancel", vec![waiting], json!({}));
    restore(&erp);
}

/// A posted order is acknowledged by its reference, wherever the warehouse is looked at.
#[test]
fn posted_lines_bear_our_reference() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    start(&erp);
    let reference = conformance::key();
    done(&post(&server, &posting(&reference, Movement::Order, &[(0, "2", "2")])));
    for place in ["LIL", "LIL-STO"] {
        let read = wait(async {
            let context = tryton_context(&server, &[place], &["MUG-WHT"], false);
            connectors::open(context).await.unwrap().lines().await.unwrap()
        });
        let own = read.lines.iter().filter(|line| line.cause.as_deref() == Some(&*reference));
        let open: Vec<String> = own.map(|line| line.open.to_string()).collect();
        assert_eq!(open, ["2"], "at {place}: {:?}", read.lines);
    }
    done(&post(&server, &posting(&reference, Movement::Cancellation, &[(0, "2", "2")])));
    restore(&erp);
}

/// The same steps that the recording is played back with.
#[test]
fn tryton_postings_as_they_were_recorded() {
    let Some(server) = super::tryton() else { return };
    let erp = Tryton::login(&server.url, server.seed.clone());
    start(&erp);
    let reference =
        if std::env::var_os("ONHAND_RECORD").is_some() { "web#1002".to_owned() } else { conformance::key() };
    let (world, log) = recorded();
    let model = erp::model(&connectors::tryton::DESCRIPTOR, &tryton_fields(&server), &PLACES, &CODES);
    wait(posts::scenario(erp::context(model, world, true), &reference));
    let log = log.take();
    let login = log.iter().find(|exchange| exchange["body"]["method"] == "common.db.login").unwrap();
    let answer: serde_json::Value = serde_json::from_str(login["answer"].as_str().unwrap()).unwrap();
    let token = answer["result"][1].as_str().unwrap().to_owned();
    let hidden = [(&*token, "recorded-token"), (server.text("password"), "recorded-password")];
    keep("tryton-post-8.0", "Tryton 8.0, seeded", &log, &hidden);
    restore(&erp);
}

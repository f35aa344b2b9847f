//! What a web service's statuses and headers mean, and the real transport against a socket.

use super::tryton;
use crate::support::erp;
use crate::support::fault::{End, Server, gzip};
use onhand::connectors::{self, Failure};
use onhand::world::memory::Memory;
use onhand::world::{Http, HttpError, Request, Response, Secret, World, real};
use std::io::{Read, Write};
use std::time::Duration;

/// Headers of an answer.
type Heads = &'static [(&'static str, &'static str)];

/// What opening a Tryton at this address meets, when the first answer is this one.
async fn opened(url: &str, answer: Response) -> (Failure, usize) {
    let memory = Memory::default();
    memory.now_ms.set(1_795_329_348_000); // 2026-11-22 06:35:48 UTC
    memory.answers.borrow_mut().push_back(Ok(answer));
    memory.env.borrow_mut().insert("ERP_PASSWORD".to_owned(), "canary".to_owned());
    let fields = [("url", url), ("database", "inv"), ("user", "bot"), ("password", "canary")];
    let model = erp::model(&connectors::tryton::DESCRIPTOR, &fields, &tryton::PLACES, &tryton::CODES);
    let failure = connectors::open(erp::context(model, memory.world(), false)).await.err().expect("it fails");
    let requests = memory.requests.borrow().len();
    (failure, requests)
}

fn answer(status: u16, header: Option<(&str, &str)>) -> Response {
    let headers = header.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Response { status, headers, body: b"<html>busy</html>".to_vec() }
}

#[tokio::test]
async fn retry_after_is_read_in_both_forms() {
    let cases = [
        ("120", Some(120)),
        ("Sun, 22 Nov 2026 06:36:18 GMT", Some(30)),
        ("Sun, 22 Nov 2020 06:36:18 GMT", Some(0)),
        ("99999999999999999999999", Some(86_400)),
        ("soon", None),
    ];
    for (value, seconds) in cases {
        for status in [429, 503] {
            let (failure, _) = opened("http://erp.test", answer(status, Some(("retry-after", value)))).await;
            let Failure::Retry { after, message } = failure else { panic!("{failure:?}") };
            assert_eq!(after, seconds.map(Duration::from_secs), "{value}");
            assert!(message.contains(&status.to_string()), "{message}");
        }
    }
}

#[tokio::test]
async fn quotas_say_when_to_come_back() {
    // The clock of `opened` stands at 1,795,329,348 seconds.
    let cases: &[(u16, Heads, Option<u64>)] = &[
        (429, &[("ratelimit-reset", "7")], Some(7)),
        (429, &[("x-ratelimit-reset", "1795329360")], Some(12)),
        (503, &[("x-rate-limit-reset", "1795329000")], Some(0)),
        (429, &[("ratelimit", "limit=10, remaining=0, reset=9")], Some(9)),
        (429, &[("ratelimit", "\"default\";r=0;t=11")], Some(11)),
        (429, &[("ratelimit-reset", "7"), ("retry-after", "3")], Some(3)),
        (429, &[("retry-after", "soon"), ("ratelimit-reset", "7")], Some(7)),
        (429, &[("x-ratelimit-reset", "99999999999999999999")], Some(86_400)),
        (429, &[], None),
        (429, &[("ratelimit-reset", "-1")], None),
    ];
    for (status, headers, seconds) in cases {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (failure, _) =
            opened("http://erp.test", Response { status: *status, headers, body: Vec::new() }).await;
        let Failure::Retry { after, .. } = &failure else { panic!("{failure:?}") };
        assert_eq!(*after, seconds.map(Duration::from_secs), "{failure:?}");
    }
}

#[tokio::test]
async fn a_quota_that_is_spent_is_no_lack_of_rights() {
    let cases: &[(Heads, Option<u64>)] = &[
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")], Some(5)),
        (&[("ratelimit", "\"default\";r=0;t=4")], Some(4)),
        (&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "5")], None),
        (&[], None),
    ];
    for (headers, seconds) in cases {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let memory = Memory::default();
        memory.answers.borrow_mut().push_back(Ok(Response { status: 403, headers, body: Vec::new() }));
        let fields = [("url", "http://shop.test"), ("key", "canary")];
        let model = erp::model(&connectors::vendure::DESCRIPTOR, &fields, &["Main"], &["MUG"]);
        let failure =
            connectors::open(erp::context(model, memory.world(), false)).await.err().expect("it fails");
        match seconds {
            Some(seconds) => {
                let wait = Some(Duration::from_secs(*seconds));
                assert!(matches!(&failure, Failure::Retry { after, .. } if *after == wait), "{failure:?}");
            }
            None => assert!(matches!(failure, Failure::Denied { .. }), "{failure:?}"),
        }
    }
}

#[tokio::test]
async fn redirects_of_other_origins_are_named_without_what_they_carry() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = ("location", "https://user:pw@other.test/login?next=canary");
        let (failure, requests) = opened("http://erp.test", answer(status, Some(elsewhere))).await;
        let Failure::Rejected { message } = failure else { panic!("{failure:?}") };
        assert!(message.contains("redirects") && message.contains("https://other.test,"), "{message}");
        assert!(!message.contains("canary") && !message.contains("pw"), "{message}");
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_told_before_anything_is_sent() {
    let cases =
        ["erp.test", "ftp://erp.test", "http://", "http://u:canary@erp.test", "http://erp.test/?a=canary"];
    for url in cases {
        let (failure, requests) = opened(url, answer(200, None)).await;
        assert!(matches!(failure, Failure::Rejected { .. }), "{url}: {failure:?}");
        assert!(!failure.message().contains("canary"), "{failure:?}");
        assert_eq!(requests, 0);
    }
}

/// Serves one connection: hands the request's head back, and answers with these bytes.
fn serve(reply: Vec<u8>) -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while !seen.windows(4).any(|four| four == b"\r\n\r\n") {
            let count = stream.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(&reply).unwrap();
        String::from_utf8_lossy(&seen).to_lowercase()
    });
    (url, thread)
}

fn request(url: String, limit: usize) -> Request {
    Request {
        method: "POST",
        url,
        headers: vec![],
        secrets: vec![("authorization".to_owned(), Secret::new("Bearer canary"))],
        body: vec![],
        timeout: Duration::from_secs(10),
        limit,
        safe: true,
    }
}

fn reply(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{head}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn http() -> Box<dyn Http> {
    let World { http, .. } = real::world(false);
    http
}

#[tokio::test]
async fn gzip_is_asked_for_and_unpacked_within_the_limit() {
    let text = [b'7'; 2_000];
    for limit in [2_000, 1_999] {
        let packed = gzip(&text);
        let (url, thread) =
            serve(reply(&format!("content-encoding: gzip\r\ncontent-length: {}", packed.len()), &packed));
        let answer = http().send(request(url, limit)).await;
        let head = thread.join().unwrap();
        assert!(head.contains("accept-encoding: gzip"), "Tryton calls plain answers gzip otherwise: {head}");
        match limit {
            2_000 => assert_eq!(answer.unwrap().body, text),
            _ => assert_eq!(answer.unwrap_err(), HttpError::TooLarge(1_999)),
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_may_have_arrived_and_a_refused_connection_has_not() {
    let (url, thread) = serve(reply("content-length: 100", b"{\"id\":1,"));
    let cut = http().send(request(url.clone(), 1_000)).await.unwrap_err();
    thread.join().unwrap();
    assert!(matches!(cut, HttpError::NoAnswer(_)), "{cut:?}");
    let refused = http().send(request(url, 1_000)).await.unwrap_err();
    assert!(matches!(refused, HttpError::NotSent(_)), "{refused:?}");
}

/// What the transport makes of one reply.
async fn met(reply: Vec<u8>, limit: usize) -> Result<Response, HttpError> {
    let (url, thread) = serve(reply);
    let answer = http().send(request(url, limit)).await;
    thread.join().unwrap();
    answer
}

#[tokio::test]
async fn a_packed_answer_is_whole_or_none() {
    let text: Vec<u8> = (0..20_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
    let packed = gzip(&text);
    let head = "content-encoding: gzip";
    let whole = met(reply(head, &packed), 1 << 20).await;
    assert_eq!(whole.unwrap().body, text);
    for cut in [1, 4, 8, 9, packed.len() / 2, packed.len() - 1] {
        let answer = met(reply(head, &packed[..packed.len() - cut]), 1 << 20).await;
        assert!(matches!(answer, Err(HttpError::NoAnswer(_))), "cut by {cut}: {answer:?}");
    }
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 0x10;
    let answer = met(reply(head, &damaged), 1 << 20).await;
    assert!(matches!(answer, Err(HttpError::NoAnswer(_))), "{answer:?}");
    let answer = met(reply("content-encoding: br", &packed), 1 << 20).await;
    assert!(matches!(answer, Err(HttpError::NoAnswer(_))), "{answer:?}");
    assert_eq!(met(reply(head, b""), 10).await.unwrap().body, b"", "an answer of no bytes is not packed");
}

#[tokio::test]
async fn a_bomb_is_told_by_how_much_it_swells() {
    let bomb = gzip(&vec![b' '; 8 << 20]);
    let answer = met(reply("content-encoding: gzip", &bomb), 64 << 20).await;
    assert_eq!(answer.unwrap_err(), HttpError::Swells(200));
    let small = gzip(&vec![b' '; 1 << 20]);
    let answer = met(reply("content-encoding: gzip", &small), 64 << 20).await;
    assert_eq!(answer.unwrap().body.len(), 1 << 20, "what is small hurts nobody");
}

#[tokio::test]
async fn heads_are_bounded() {
    let long = format!("x-long: {}", "a".repeat(4 << 20));
    let many = "x-more: a\r\n".repeat(20_000) + "x-last: a";
    for head in [long, many] {
        let server = Server::start(move |_| (reply(&head, b"{}"), End::Close));
        let answer = http().send(request(server.url, 1_000)).await;
        assert!(matches!(answer, Err(HttpError::NoAnswer(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn silence_ends_at_the_time_out() {
    let whole = reply("content-length: 100", b"{\"id\":1,");
    for bytes in [Vec::new(), b"HTTP/1.1 200 OK\r\ncontent".to_vec(), whole] {
        let server = Server::start(move |_| (bytes.clone(), End::Stall));
        let short = Request { timeout: Duration::from_millis(300), ..request(server.url, 1_000) };
        let answer = http().send(short).await;
        assert!(matches!(answer, Err(HttpError::NoAnswer(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn json_deeper_than_any_answer_is_torn_and_no_stack_is_spent_on_it() {
    let deep = format!("{{\"id\":0,\"result\":{}", "[".repeat(1_000_000));
    let closed = format!("{deep}{}}}", "]".repeat(1_000_000));
    for body in [deep, closed] {
        let answer = Response { status: 200, headers: vec![], body: body.into_bytes() };
        let (failure, _) = opened("http://erp.test", answer).await;
        assert!(matches!(failure, Failure::Rejected { .. } | Failure::Retry { .. }), "{failure:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_an_unsafe_request_stays_here() {
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (url, thread) = serve(moved.to_vec());
    assert_eq!(http().send(request(url.clone(), 10)).await.unwrap().status, 302);
    thread.join().unwrap();
    let unsafe_one = Request { safe: false, ..request(url, 10) };
    assert_eq!(http().send(unsafe_one).await.unwrap_err(), HttpError::Unsafe);
}

//! What a web service's statuses and headers mean, and the real transport against a socket.

use super::tryton;
use crate::support::erp;
use onhand::connectors::{self, Failure};
use onhand::world::memory::Memory;
use onhand::world::{Http, HttpError, Request, Response, Secret, World, real};
use std::io::{Read, Write};
use std::time::Duration;

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
async fn redirects_are_never_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = ("location", "https://user:pw@other.test/login?next=canary");
        let (failure, requests) = opened("http://erp.test", answer(status, Some(elsewhere))).await;
        let Failure::Rejected { message } = failure else { panic!("{failure:?}") };
        assert!(message.contains("redirects") && message.contains("other.test"), "{message}");
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

/// A gzip file of one stored block.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in text {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let length = u16::try_from(text.len()).unwrap();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend_from_slice(text);
    out.extend((!crc).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
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

#[tokio::test]
async fn a_redirect_is_an_answer_and_an_unsafe_request_stays_here() {
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (url, thread) = serve(moved.to_vec());
    assert_eq!(http().send(request(url.clone(), 10)).await.unwrap().status, 302);
    thread.join().unwrap();
    let unsafe_one = Request { safe: false, ..request(url, 10) };
    assert_eq!(http().send(unsafe_one).await.unwrap_err(), HttpError::Unsafe);
}

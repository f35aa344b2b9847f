//! Redirects: followed within one origin and by safe requests only; credentials never go anywhere else.

use super::{tryton, vendure};
use crate::support::erp;
use crate::support::fault::{End, Heard, Server, answer};
use onhand::connectors::{self, Failure};
use onhand::model::capability::Descriptor;
use onhand::world::address::{Onward, onward};
use onhand::world::{Request, Secret, real};
use std::time::Duration;

/// A way to prove who asks: the kind, its fields, and what marks the request whose answer is a redirect.
struct Style {
    name: &'static str,
    kind: &'static Descriptor,
    fields: &'static [(&'static str, &'static str)],
    marks: &'static str,
}

const STYLES: &[Style] = &[
    Style {
        name: "Vendure's key",
        kind: &connectors::vendure::DESCRIPTOR,
        fields: &[("key", "canary-key")],
        marks: "canary-key",
    },
    Style {
        name: "Vendure's key with a channel",
        kind: &connectors::vendure::DESCRIPTOR,
        fields: &[("key", "canary-key"), ("channel", "canary-channel")],
        marks: "canary-channel",
    },
    Style {
        name: "Vendure's password",
        kind: &connectors::vendure::DESCRIPTOR,
        fields: &[("user", "bot"), ("password", "canary-password")],
        marks: "canary-password",
    },
    Style {
        name: "Vendure's token",
        kind: &connectors::vendure::DESCRIPTOR,
        fields: &[("user", "bot"), ("password", "canary-password")],
        marks: "Bearer canary-token",
    },
    Style {
        name: "Tryton's password",
        kind: &connectors::tryton::DESCRIPTOR,
        fields: &[("database", "inv"), ("user", "bot"), ("password", "canary-password")],
        marks: "canary-password",
    },
    Style {
        name: "Tryton's session",
        kind: &connectors::tryton::DESCRIPTOR,
        fields: &[("database", "inv"), ("user", "bot"), ("password", "canary-password")],
        marks: "Session ",
    },
];

/// Status and address of each redirect; `{here}` and `{there}` stand for the hosts and ports.
const SHAPES: &[(u16, &str)] = &[
    (301, "http://{there}/admin-api"),
    (302, "//{there}/login"),
    (303, "http://{there}/?next=canary-echo"),
    (307, "http://{there}/admin-api"),
    (308, "http://{here}@{there}/"),
    (307, "/\\{there}/"),
    (307, "https://{there}/"),
    (302, "/elsewhere/here"),
];

/// What a server says until the request comes that is redirected.
fn before(heard: &Heard) -> Vec<u8> {
    let body = if heard.body.contains("common.server.version") {
        r#"{"id": 0, "result": "8.0.1"}"#
    } else if heard.body.contains("common.db.login") {
        r#"{"id": 0, "result": [1, "canary-session", null]}"#
    } else if heard.body.contains("login(") {
        r#"{"data": {"login": {"__typename": "CurrentUser"}}}"#
    } else {
        r#"{"data": null}"#
    };
    answer(200, &[("vendure-auth-token", "canary-token")], body.as_bytes())
}

#[tokio::test]
async fn credentials_never_leave_their_origin() {
    let mut played = 0;
    for style in STYLES {
        for (status, shape) in SHAPES {
            let there = Server::start(|_| (answer(200, &[], b"{}"), End::Close));
            let host = |server: &Server| server.url.trim_start_matches("http://").to_owned();
            let (to, status, marks) = (shape.replace("{there}", &host(&there)), *status, style.marks);
            let here = Server::start(move |heard| {
                let marked =
                    heard.body.contains(marks) || heard.head.to_lowercase().contains(&marks.to_lowercase());
                let own = heard.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
                let to = to.replace("{here}", own);
                match marked {
                    true => (answer(status, &[("location", &to)], b""), End::Close),
                    false => (before(heard), End::Close),
                }
            });
            let mut fields = vec![("url", here.url.as_str())];
            fields.extend(style.fields);
            let (places, codes) = (&tryton::PLACES, &vendure::CODES);
            let model = erp::model(style.kind, &fields, places, codes);
            let context = erp::context(model, real::world(false), false);
            let failure = connectors::open(context).await.err();
            let case = format!("{}, {status} {shape}", style.name);
            let Some(Failure::Rejected { message }) = failure else { panic!("{case}: {failure:?}") };
            assert!(message.contains("redirects"), "{case}: {message}");
            assert!(!message.contains("canary"), "{case}: {message}");
            let elsewhere = shape.contains("{there}");
            let named = there.url.trim_start_matches("http");
            assert_eq!(message.contains(named), elsewhere, "{case}: {message}");
            assert_eq!(there.heard().len(), 0, "{case}: {:?}", there.heard());
            let sent = here.heard();
            let again = sent.iter().filter(|heard| format!("{heard:?}").contains(marks)).count();
            assert!(again <= 1, "{case}: sent again: {sent:?}");
            played += 1;
        }
    }
    println!("{played} redirects played, 0 requests at the other origin, 0 sent again");
}

#[tokio::test]
async fn a_safe_request_follows_within_its_origin_five_times_at_most() {
    for hops in [1, 5, 6] {
        let server = Server::start(move |heard| {
            let at: usize = heard
                .head
                .split(' ')
                .nth(1)
                .and_then(|path| path.strip_prefix("/hop/")?.parse().ok())
                .unwrap_or(0);
            match at < hops {
                true => {
                    let status = if at.is_multiple_of(2) { 307 } else { 308 };
                    (answer(status, &[("location", &format!("/hop/{}", at + 1))], b""), End::Close)
                }
                false => {
                    let list = r#"{"data": {"activeChannel": {"token": "web"}, "stockLocations":
                        {"totalItems": 1, "items": [{"id": "1", "name": "Main"}]}}}"#;
                    (answer(200, &[], list.as_bytes()), End::Close)
                }
            }
        });
        let fields = [("url", server.url.as_str()), ("key", "canary-key")];
        let model = erp::model(&connectors::vendure::DESCRIPTOR, &fields, &["Main"], &["MUG"]);
        let opened = connectors::open(erp::context(model, real::world(false), false)).await;
        let heard = server.heard();
        match opened {
            Ok(_) => assert!(hops <= 5),
            Err(failure) => {
                assert_eq!(hops, 6, "{failure:?}");
                assert!(failure.message().contains("more than 5 times"), "{failure:?}");
            }
        }
        assert_eq!(heard.len(), 1 + hops.min(5));
        assert!(heard.iter().all(|one| one.method() == "POST" && one.body == heard[0].body), "{heard:?}");
    }
}

#[tokio::test]
async fn the_transport_itself_follows_nothing() {
    let there = Server::start(|_| (answer(200, &[], b"{}"), End::Close));
    let to = there.url.clone();
    let here = Server::start(move |_| (answer(307, &[("location", &to)], b""), End::Close));
    for method in ["GET", "POST"] {
        let request = Request {
            method,
            url: here.url.clone(),
            headers: vec![],
            secrets: vec![("authorization".to_owned(), Secret::new("Bearer canary"))],
            body: vec![],
            timeout: Duration::from_secs(20),
            limit: 1_000,
            safe: true,
        };
        assert_eq!(real::world(false).http.send(request).await.unwrap().status, 307);
    }
    assert_eq!((here.heard().len(), there.heard().len()), (2, 0));
}

#[test]
fn where_a_redirect_leads_is_read_as_servers_read_it() {
    let from = "https://shop.example/admin-api";
    let to = |status: u16, method: &str, location: &str| onward(method, from, status, Some(location));
    let follow = |url: &str| Onward::Follow(url.to_owned());
    let elsewhere = |origin: &str| Onward::Elsewhere(origin.to_owned());
    assert_eq!(to(307, "POST", "/x?y=1"), follow("https://shop.example/x?y=1"));
    assert_eq!(to(308, "POST", "HTTPS://SHOP.example:443/x"), follow("https://shop.example/x"));
    assert_eq!(to(302, "GET", "x"), follow("https://shop.example/x"));
    for status in [301, 302, 303] {
        assert_eq!(to(status, "POST", "/x"), Onward::OtherRequest);
    }
    for special in
        ["http://169.254.169.254/latest", "//169.254.169.254", "http://[fe80::1]/", "http://127.0.0.1/"]
    {
        assert!(matches!(to(307, "POST", special), Onward::Elsewhere(_)), "{special}");
    }
    assert_eq!(to(307, "POST", "http://shop.example/"), elsewhere("http://shop.example"), "another scheme");
    assert_eq!(to(307, "POST", "https://shop.example:8443/"), elsewhere("https://shop.example:8443"));
    assert_eq!(to(307, "POST", "https://u:pw@shop.example/"), elsewhere("https://shop.example"), "userinfo");
    assert_eq!(
        to(307, "POST", "https://shop.example.evil.example/"),
        elsewhere("https://shop.example.evil.example")
    );
    for nowhere in ["javascript:alert(1)", "file:///etc/passwd", "https://", "data:,x"] {
        assert_eq!(to(307, "POST", nowhere), Onward::Nowhere, "{nowhere}");
    }
    assert_eq!(onward("POST", from, 307, None), Onward::Nowhere);
}

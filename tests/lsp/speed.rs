//! How long an editor waits in a large topology: printed, never judged.

use super::{Client, SHOP, position};
use serde_json::json;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// A topology of so many lines.
fn large(lines: usize) -> String {
    let mut text = SHOP.to_owned();
    let mut n = 0;
    while text.lines().count() + 6 * n < lines {
        n += 1;
    }
    for at in 0..n {
        let (a, b) = (format!("E-{at}"), format!("W-{at}"));
        writeln!(text, "item SKU-{at} unit=ea {{\n    tag t{}\n    pack case 12", at % 50).unwrap();
        writeln!(text, "    in erp {a}\n    in web {b}\n}}").unwrap();
    }
    text
}

/// From each of so many keystrokes to what waits for it; the worst and the middle.
fn measure(times: usize, mut keystroke: impl FnMut(usize) -> Duration) -> (Duration, Duration) {
    let mut took: Vec<Duration> = (0..times).map(&mut keystroke).collect();
    took.sort();
    (took[times - 1], took[times / 2])
}

#[test]
fn a_keystroke_in_ten_thousand_lines() {
    let text = large(10_000);
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    client.findings("onhand.kdl");
    let place = position(&text, "flow web|-stock");
    let end = json!({ "line": place["line"], "character": 14 });
    let typed = |client: &mut Client, n: usize| {
        let at = if n.is_multiple_of(2) {
            json!({ "start": end, "end": end })
        } else {
            json!({ "start": end, "end": { "line": place["line"], "character": 15 } })
        };
        client.change(
            "onhand.kdl",
            &[json!({ "range": at, "text": if n.is_multiple_of(2) { "x" } else { "" } })],
        );
    };
    let show = |what: &str, (worst, middle): (Duration, Duration)| {
        println!(
            "lsp: {} lines, {what}: {middle:.1?} in the middle, {worst:.1?} at worst",
            text.lines().count()
        );
    };
    show(
        "from a keystroke to its findings",
        measure(20, |n| {
            let began = Instant::now();
            typed(&mut client, n);
            assert_eq!(client.findings("onhand.kdl").len(), 0);
            began.elapsed()
        }),
    );
    let inside = position(&text, "publish av|ailable");
    let params = json!({ "textDocument": { "uri": client.uri("onhand.kdl") }, "position": inside });
    for method in ["textDocument/completion", "textDocument/hover"] {
        show(
            &format!("from a keystroke to {method}"),
            measure(20, |n| {
                let began = Instant::now();
                typed(&mut client, n);
                assert!(!client.ask(method, params.clone()).is_null());
                began.elapsed()
            }),
        );
        client.findings("onhand.kdl");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn typing_beside_a_large_catalog() {
    let rows = 100_000;
    let mut csv = "sku,unit,erp,web\n".to_owned();
    (0..rows).for_each(|n| writeln!(csv, "SKU-{n},ea,E{n},W{n}").unwrap());
    let text = format!("{SHOP}items \"catalog.csv\" {{ sku sku; unit unit; in erp erp; in web web }}\n");
    let mut client = Client::open(&[("onhand.kdl", &text), ("catalog.csv", &csv)]);
    client.open_file("onhand.kdl", None);
    client.findings("onhand.kdl");
    let inside = position(&text, "publish av|ailable");
    let params = json!({ "textDocument": { "uri": client.uri("onhand.kdl") }, "position": inside });
    let (worst, middle) = measure(10, |n| {
        let began = Instant::now();
        client.replace("onhand.kdl", &format!("{text}// {n}\n"));
        assert!(!client.ask("textDocument/completion", params.clone()).is_null());
        began.elapsed()
    });
    println!("lsp: catalog of {rows} rows, to completion: {middle:.1?} in the middle, {worst:.1?} at worst");
    let began = Instant::now();
    assert_eq!(client.findings("onhand.kdl").len(), 0);
    println!("lsp: catalog of {rows} rows, the last findings came {:.1?} later", began.elapsed());
    assert_eq!(client.end(), 0);
}

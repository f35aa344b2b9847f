//! Random edits of real topologies: the server lives, and knows the text that the client knows.

use super::text::some_text;
use super::{Client, SHOP};
use crate::support::chance::{Dice, seeds};
use serde_json::{Value, json};

/// What a server says about a text that it holds.
fn view(client: &mut Client, last: &Value) -> (Value, Vec<Value>, Value) {
    let found = client.findings("onhand.kdl");
    let uri = json!({ "uri": client.uri("onhand.kdl") });
    let outline = client.ask("textDocument/documentSymbol", json!({ "textDocument": uri }));
    let hover = client.ask("textDocument/hover", json!({ "textDocument": uri, "position": last }));
    (outline, found, hover)
}

/// Line and byte of a place.
fn place(text: &str, byte: usize) -> Value {
    let starts = text[..byte].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let before = &text[..starts];
    let line = before.matches('\n').count() + before.matches('\r').count() - before.matches("\r\n").count();
    json!({ "line": line, "character": byte - starts })
}

fn boundary(text: &str, dice: &mut Dice) -> usize {
    let mut byte = dice.below(text.len() + 1);
    // Not into a character, nor between the two halves of a line break.
    while !text.is_char_boundary(byte) || text[..byte].ends_with('\r') && text[byte..].starts_with('\n') {
        byte -= 1;
    }
    byte
}

#[test]
fn random_edits_leave_both_sides_with_one_text() {
    for seed in seeds(6) {
        let mut dice = Dice(seed);
        let mut client = Client::open(&[("onhand.kdl", SHOP)]);
        client.open_file("onhand.kdl", None);
        let mut model = SHOP.to_owned();
        for step in 0..40 {
            let mut changes = Vec::new();
            for _ in 0..1 + dice.below(3) {
                let [one, other] = [boundary(&model, &mut dice), boundary(&model, &mut dice)];
                let start = one.min(other);
                // Mostly small edits, as people type; the text must not melt away.
                let end = if dice.in_ten(1) { one.max(other) } else { start };
                let new = some_text(&mut dice, 4);
                let range = json!({ "start": place(&model, start), "end": place(&model, end) });
                changes.push(json!({ "range": range, "text": new }));
                model.replace_range(start..end, &new);
            }
            if dice.in_ten(1) {
                model = SHOP.to_owned();
                changes.push(json!({ "text": model }));
            }
            client.change("onhand.kdl", &changes);
            // Anything may be asked at any time.
            let at = place(&model, boundary(&model, &mut dice));
            let uri = json!({ "uri": client.uri("onhand.kdl") });
            let method = ["hover", "definition", "completion", "references"][step % 4];
            let mut params = json!({ "textDocument": uri, "position": at });
            params["context"] = match method {
                "references" => json!({ "includeDeclaration": true }),
                _ => json!({ "triggerKind": 1 }),
            };
            let id = client.send_request(&format!("textDocument/{method}"), params);
            if dice.in_ten(3) {
                client.tell("$/cancelRequest", json!({ "id": id }));
            }
        }
        let last = place(&model, boundary(&model, &mut dice));
        let after = view(&mut client, &last);
        let own = client.uri("onhand.kdl");
        assert_eq!(client.end(), 0, "seed {seed}");
        // Another server that is told the whole text at once says the same about it.
        let mut other = Client::open(&[("onhand.kdl", SHOP)]);
        other.open_file("onhand.kdl", Some(&model));
        let mut fresh = view(&mut other, &last);
        let there = other.uri("onhand.kdl");
        let same: Vec<Value> =
            fresh.1.iter().map(|one| one.to_string().replace(&there, &own)).map(json).collect();
        fresh.1 = same;
        assert_eq!(after, fresh, "seed {seed}: {model}");
        assert_eq!(other.end(), 0, "seed {seed}");
    }
}

fn json(text: String) -> Value {
    serde_json::from_str(&text).unwrap()
}

#[test]
fn edits_beyond_the_text_are_taken_at_its_end() {
    let mut client = Client::open(&[("onhand.kdl", SHOP)]);
    client.open_file("onhand.kdl", None);
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let wide = json!({ "line": 0, "character": 99 });
    client.change("onhand.kdl", &[
        json!({ "range": { "start": far, "end": far }, "text": "unit far\n" }),
        json!({ "range": { "start": wide, "end": wide }, "text": " // head" }),
        // The wrong way round.
        json!({ "range": { "start": { "line": 1, "character": 7 }, "end": { "line": 1, "character": 5 } }, "text": "ea" }),
    ]);
    assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
    let uri = json!({ "uri": client.uri("onhand.kdl") });
    let outline = client.ask("textDocument/documentSymbol", json!({ "textDocument": uri }));
    assert_eq!(outline.as_array().unwrap().last().unwrap()["name"], "far");
    let hover = client.ask("textDocument/hover", json!({ "textDocument": uri, "position": far }));
    assert!(hover.is_null(), "{hover}");
    // Changes that are none are refused as a whole, and the text stays.
    client.tell("textDocument/didChange", json!({ "textDocument": { "uri": client.uri("onhand.kdl"), "version": 9 },
        "contentChanges": [{ "range": { "start": { "line": -1, "character": 0 }, "end": far }, "text": 5 }] }));
    client.until(|client| client.told.iter().any(|told| told["method"] == "window/logMessage"));
    assert_eq!(client.end(), 0);
}

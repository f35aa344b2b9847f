//! The conversation itself: how it begins, how it ends, and what is answered to nonsense.

use super::{Client, SHOP};
use serde_json::{Value, json};
use std::io::Write;

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const NOT_INITIALIZED: i64 = -32002;
const CANCELLED: i64 = -32800;
const CONTENT_MODIFIED: i64 = -32801;

#[test]
fn a_conversation_that_ends_as_it_should_ends_with_0() {
    let mut client = Client::open(&[("onhand.kdl", SHOP)]);
    client.open_file("onhand.kdl", None);
    assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
    assert_eq!(client.end(), 0);
}

#[test]
fn exit_without_shutdown_and_a_broken_pipe_end_with_1() {
    let mut client = Client::open(&[]);
    client.tell("exit", Value::Null);
    assert_eq!(client.exit_status(), 1);
    let mut client = Client::open(&[]);
    client.hang_up();
    assert_eq!(client.exit_status(), 1);
    let mut client = Client::start(&[]);
    client.tell("exit", Value::Null);
    assert_eq!(client.exit_status(), 1, "before anything was said");
}

#[test]
fn requests_come_in_their_phase() {
    let mut client = Client::start(&[("onhand.kdl", SHOP)]);
    let place = client.place("onhand.kdl", (SHOP, "publish avail|able"));
    assert_eq!(client.refused("textDocument/hover", place.clone()), NOT_INITIALIZED);
    client.greet("utf-16");
    assert_eq!(client.refused("initialize", json!({ "capabilities": {} })), INVALID_REQUEST);
    client.ask("shutdown", Value::Null);
    assert_eq!(client.refused("textDocument/hover", place), INVALID_REQUEST);
    client.tell("exit", Value::Null);
    assert_eq!(client.exit_status(), 0);
}

#[test]
fn columns_are_counted_as_both_sides_agree() {
    let text = "onhand language=1\nunit ea\nsystem \"🎽é\" kind=nope role=erp\n";
    for (encoding, agreed, start, length) in
        [("utf-8", "utf-8", 21, 4), ("utf-16", "utf-16", 18, 4), ("utf-32", "utf-16", 18, 4)]
    {
        let mut client = Client::start(&[("onhand.kdl", text)]);
        let can = client.greet(encoding);
        assert_eq!(can["positionEncoding"], agreed);
        client.open_file("onhand.kdl", None);
        let found = client.findings("onhand.kdl");
        let range = &found[0]["range"];
        assert_eq!(range["start"], json!({ "line": 2, "character": start }), "{encoding}: {found:#?}");
        assert_eq!(range["end"]["character"], start + length, "{encoding}");
        // An edit of the client's counts the same way.
        let changed = json!({ "line": 2, "character": start });
        let ends = json!({ "line": 2, "character": start + length });
        client.change("onhand.kdl", &[json!({ "range": { "start": changed, "end": ends }, "text": "csvv" })]);
        let found = client.findings("onhand.kdl");
        let says = found[0]["message"].as_str().unwrap();
        assert!(
            says.contains("there is no kind of system `csvv`: did you mean `csv`?"),
            "{encoding}: {says}"
        );
    }
}

#[test]
fn nonsense_is_answered_and_survived() {
    let mut client = Client::open(&[("onhand.kdl", SHOP)]);
    let error = |client: &mut Client, bytes: &[u8]| {
        client.send_raw(bytes);
        loop {
            let message = client.next();
            if message.get("method").is_none() {
                return (message["id"].clone(), message["error"]["code"].as_i64().unwrap());
            }
        }
    };
    let frame = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes();
    assert_eq!(error(&mut client, &frame("{ nonsense")), (Value::Null, PARSE_ERROR));
    assert_eq!(error(&mut client, b"Content-Length: 3\r\n\r\n\xff\xfe\xfd"), (Value::Null, PARSE_ERROR));
    assert_eq!(error(&mut client, &frame("[]")), (Value::Null, INVALID_REQUEST));
    assert_eq!(error(&mut client, &frame("{\"jsonrpc\":\"2.0\",\"id\":7}")), (json!(7), INVALID_REQUEST));
    assert_eq!(error(&mut client, &frame("{\"id\":{},\"method\":\"x\"}")), (Value::Null, INVALID_REQUEST));
    // Headers that say nothing are skipped.
    let mut odd = b"Garbage\r\nContent-Length: many\r\n\r\ncontent-length:  ".to_vec();
    odd.extend(b"23\r\nContent-Type: x\r\n\r\n{\"id\":\"a\",\"method\":\"b\"}");
    assert_eq!(error(&mut client, &odd), (json!("a"), METHOD_NOT_FOUND));
    assert_eq!(client.refused("textDocument/nothing", json!({})), METHOD_NOT_FOUND);
    for method in ["hover", "definition", "references", "completion", "documentSymbol", "codeAction"] {
        let method = format!("textDocument/{method}");
        assert_eq!(client.refused(&method, json!({ "textDocument": 1 })), INVALID_PARAMS, "{method}");
        assert_eq!(client.refused(&method, Value::Null), INVALID_PARAMS, "{method}");
    }
    // Notices that cannot be used go to the log; those that nobody knows go nowhere.
    client.tell("textDocument/didOpen", json!([]));
    client.tell("textDocument/didChange", json!({ "textDocument": {} }));
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": "file:///not/open.kdl" } }));
    client.tell("$/whatever", json!(1));
    client.tell("workspace/didChangeWatchedFiles", Value::Null);
    client.open_file("onhand.kdl", None);
    assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
    let logged = client.told.iter().filter(|told| told["method"] == "window/logMessage").count();
    assert_eq!(logged, 2, "{:#?}", client.told);
    assert_eq!(client.end(), 0);
}

#[test]
fn texts_that_are_no_files_and_texts_that_are_not_open_have_no_answers() {
    let mut client = Client::open(&[("onhand.kdl", SHOP)]);
    for uri in
        ["untitled:Untitled-1", "file:///nowhere/x.kdl", "http://example.com/a.kdl", "", "file://%ff/%"]
    {
        let item = json!({ "uri": uri, "languageId": "kdl", "version": 1, "text": "unit ea" });
        client.tell("textDocument/didOpen", json!({ "textDocument": item }));
        let place = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 1 } });
        let hover = client.ask("textDocument/hover", place.clone());
        assert!(hover.is_null() || hover["contents"]["value"].as_str().unwrap().contains("unit"), "{uri}");
        client.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        assert_eq!(client.ask("textDocument/hover", place.clone()), Value::Null, "{uri} is closed");
        assert_eq!(client.ask("textDocument/definition", place), json!([]), "{uri} is closed");
    }
    assert_eq!(client.end(), 0);
}

/// A compilation that lasts: the catalog is a pipe into which nobody writes, so that nothing can be answered
/// in between, however fast the machine.
#[cfg(unix)]
#[test]
fn what_is_stale_or_taken_back_is_said_to_be_so() {
    let shop = format!("{SHOP}items \"more.csv\" {{ sku sku; unit unit; in erp code; in web code }}\n");
    let rows = "sku,unit,code\nMUG,ea,MUG\n";
    let mut client = Client::open(&[("onhand.kdl", &shop), ("more.csv", rows)]);
    client.open_file("onhand.kdl", None);
    assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
    let [catalog, pipe, file] = ["more.csv", "pipe", "file"].map(|name| client.folder.path().join(name));
    std::fs::remove_file(&catalog).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&catalog).status().unwrap().success());
    let place = client.place("onhand.kdl", (&shop, "publish avail|able"));
    let line = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    let edits = [json!({ "range": line, "text": "// x\n" })];
    client.change("onhand.kdl", &edits);
    let early = client.send_request("textDocument/hover", place.clone());
    client.change("onhand.kdl", &edits);
    let stale = client.answer(early);
    assert_eq!(stale["error"]["code"], CONTENT_MODIFIED, "{stale}");
    let late = client.send_request("textDocument/hover", place);
    client.tell("$/cancelRequest", json!({ "id": late }));
    let taken_back = client.answer(late);
    assert_eq!(taken_back["error"]["code"], CANCELLED, "{taken_back}");
    // Taking back what was answered long ago changes nothing.
    client.tell("$/cancelRequest", json!({ "id": early }));
    // Whoever waits for the pipe gets its rows; whoever comes later finds a file again. A pipe that is
    // opened both ways waits for nobody.
    std::fs::hard_link(&catalog, &pipe).unwrap();
    std::fs::write(&file, rows).unwrap();
    std::fs::rename(&file, &catalog).unwrap();
    let mut both = std::fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    both.write_all(rows.as_bytes()).unwrap();
    drop(both);
    assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
    assert_eq!(client.end(), 0);
}

//! What is offered about findings, carried out and checked again; and how findings look in an editor.

use super::{Client, SHOP, applied};
use serde_json::{Value, json};

/// Actions for every finding of a rule in the root file.
fn actions(client: &mut Client, rule: &str) -> Vec<Value> {
    let found = client.findings("onhand.kdl");
    let one = found.iter().find(|one| one["code"] == rule).unwrap_or_else(|| panic!("{rule}: {found:#?}"));
    let uri = client.uri("onhand.kdl");
    let context = json!({ "diagnostics": [one] });
    let params = json!({ "textDocument": { "uri": uri }, "range": one["range"], "context": context });
    let actions = client.ask("textDocument/codeAction", params);
    actions.as_array().unwrap().clone()
}

/// The text after an action.
fn carried_out(client: &Client, text: &str, action: &Value) -> String {
    applied(text, &action["edit"]["changes"][client.uri("onhand.kdl")])
}

#[test]
fn a_fix_mends_what_was_found() {
    let text = SHOP.replace("in erp PAR", "in erp 0042").replace("publish available", "publish availble");
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    let number = actions(&mut client, "wrong-type");
    assert_eq!(number[0]["title"], "Quote the number");
    assert_eq!(number[0]["isPreferred"], true);
    assert_eq!(number[0]["diagnostics"][0]["code"], "wrong-type");
    assert_eq!(number.len(), 1, "an error cannot be allowed");
    let text = carried_out(&client, &text, &number[0]);
    assert!(text.contains("in erp \"0042\""), "{text}");
    client.replace("onhand.kdl", &text);
    let name = actions(&mut client, "unknown-name");
    assert_eq!(name[0]["title"], "Write `available`");
    let text = carried_out(&client, &text, &name[0]);
    client.replace("onhand.kdl", &text);
    assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
    assert_eq!(client.end(), 0);
}

#[test]
fn a_warning_is_allowed_with_a_reason_and_not_without() {
    // In a block of several lines, in a block of one line, and where there is no block yet.
    let block = SHOP.replace("    lag \"10m\" every=\"5m\"\n", "");
    let one_line = format!("{SHOP}item IDLE unit=ea {{ tag x }}\n");
    let none = format!("{SHOP}item IDLE unit=ea\n");
    for (text, rule, stands) in [
        (block, "lag-missing", "flow web-stock {\n    allow lag-missing reason=\"\"\n    publish"),
        (one_line, "item-unmapped", "item IDLE unit=ea { allow item-unmapped reason=\"\"; tag x }"),
        (none, "item-unmapped", "item IDLE unit=ea {\n    allow item-unmapped reason=\"\"\n}\n"),
    ] {
        let mut client = Client::open(&[("onhand.kdl", &text)]);
        client.open_file("onhand.kdl", None);
        let offered = actions(&mut client, rule);
        let allow = offered.last().unwrap();
        assert_eq!(allow["title"], format!("Allow `{rule}` here, and say why"));
        assert!(allow.get("isPreferred").is_none());
        let text = carried_out(&client, &text, allow);
        assert!(text.contains(stands), "{text}");
        client.replace("onhand.kdl", &text);
        assert_eq!(client.rules("onhand.kdl"), ["missing-argument"], "the reason is missing");
        client.replace("onhand.kdl", &text.replace("reason=\"\"", "reason=\"on purpose\""));
        assert_eq!(client.rules("onhand.kdl"), Vec::<String>::new());
        assert_eq!(client.end(), 0);
    }
}

#[test]
fn edits_bear_the_version_where_the_client_knows_versions() {
    let text = SHOP.replace("in erp PAR", "in erp 0042");
    let mut client = Client::start(&[("onhand.kdl", &text)]);
    let folder = client.uri("");
    client.ask(
        "initialize",
        json!({ "rootUri": folder, "capabilities": {
            "general": { "positionEncodings": ["utf-8"] },
            "workspace": { "workspaceEdit": { "documentChanges": true } },
        }}),
    );
    client.open_file("onhand.kdl", None);
    let number = actions(&mut client, "wrong-type");
    let change = &number[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": client.uri("onhand.kdl"), "version": 1 }));
    assert!(applied(&text, &change["edits"]).contains("in erp \"0042\""));
    // Who asks for another sort of action gets none.
    let params = json!({
        "textDocument": { "uri": client.uri("onhand.kdl") },
        "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } },
        "context": { "diagnostics": [], "only": ["refactor"] },
    });
    assert_eq!(client.ask("textDocument/codeAction", params), json!([]));
    assert_eq!(client.end(), 0);
}

#[test]
fn a_finding_shows_its_rule_its_labels_and_what_to_do() {
    let text = format!("{SHOP}system erp kind=memory role=erp {{ levels {{ code sku; on-hand q }} }}\n");
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    let found = client.findings("onhand.kdl");
    let one = found.iter().find(|one| one["code"] == "duplicate-name").unwrap();
    assert_eq!(one["severity"], 1);
    assert_eq!(one["source"], "onhand");
    assert!(one.get("codeDescription").is_none());
    let says = one["message"].as_str().unwrap();
    assert_eq!(
        says,
        "there are two systems `erp`: the second one\n\
         Nobody could tell which one is meant: rename one of them, or remove it."
    );
    let label = &one["relatedInformation"][0];
    assert_eq!(label["message"], "the first one");
    assert_eq!(label["location"]["uri"], client.uri("onhand.kdl"));
    assert_eq!(label["location"]["range"]["start"], json!({ "line": 2, "character": 7 }));
    // What is not needed is shown faint.
    let idle = SHOP.replace("    at paris\n", "    allow lag-slow reason=\"x\"\n");
    client.replace("onhand.kdl", &idle);
    let found = client.findings("onhand.kdl");
    assert_eq!(found[0]["code"], "unused-allow", "{found:#?}");
    assert_eq!((&found[0]["severity"], &found[0]["tags"]), (&json!(2), &json!([1])));
    assert_eq!(client.end(), 0);
}

#[test]
fn a_secret_in_the_text_is_in_no_message() {
    let text = format!(
        "{SHOP}system shop kind=vendure role=channel {{ url \"https://u:hunter2@x.example\"; key \"hunter2\" }}\n"
    );
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    let found = client.findings("onhand.kdl");
    assert!(found.iter().any(|one| one["code"] == "literal-secret"), "{found:#?}");
    assert!(!json!(found).to_string().contains("hunter2"), "{found:#?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_text_is_laid_out_and_one_with_mistakes_is_left_alone() {
    let wild =
        SHOP.replace("flow web-stock {", "flow   web-stock   {\n\n\n").replace("unit ea\n", "unit   ea;\n");
    let mut client = Client::open(&[("onhand.kdl", &wild)]);
    client.open_file("onhand.kdl", None);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let params = json!({ "textDocument": { "uri": client.uri("onhand.kdl") }, "options": options });
    let edits = client.ask("textDocument/formatting", params.clone());
    let text = applied(&wild, &edits);
    assert_eq!(text, onhand::syntax::format::format(&wild).unwrap());
    client.replace("onhand.kdl", &text);
    assert_eq!(client.ask("textDocument/formatting", params.clone()), json!([]));
    // The edit leaves alone what stays: the head of the file is not in it.
    assert!(edits[0]["range"]["start"]["line"].as_u64().unwrap() > 0, "{edits:#?}");
    client.replace("onhand.kdl", &text.replace("flow web-stock {", "flow web-stock {{"));
    assert_eq!(client.ask("textDocument/formatting", params), json!([]));
    assert_eq!(client.end(), 0);
}

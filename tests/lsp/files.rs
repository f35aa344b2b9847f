//! Which files belong to which topology, open or not, as they come and go.

use super::{Client, SHOP};
use serde_json::{Value, json};

const HEAD: &str = "onhand language=1\ninclude \"parts/*.kdl\"\n";
const CATALOG: &str = "sku,unit,code\nMUG,ea,MG\nCUP,oz,CP\n";

/// The shop without its head.
fn parts() -> String {
    SHOP.replace("onhand language=1\n", "")
}

fn rules(found: &Value) -> Vec<String> {
    let all = found["diagnostics"].as_array().unwrap();
    all.iter().map(|one| one["code"].as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn findings_are_shown_in_files_that_nobody_has_open_and_taken_back() {
    let root = format!("{SHOP}items \"catalog.csv\" {{ sku sku; unit unit; in erp code; in web code }}\n");
    let mut client = Client::open(&[("onhand.kdl", &root), ("catalog.csv", CATALOG)]);
    // Not even the root is open: the workspace's folder holds a topology.
    let catalog = client.uri("catalog.csv");
    client.until(|client| client.published.contains_key(&catalog));
    let found = &client.published[&catalog];
    assert_eq!(rules(found), ["catalog-row"]);
    assert_eq!(found["diagnostics"][0]["range"]["start"], json!({ "line": 2, "character": 4 }));
    // Mended on disk.
    std::fs::write(client.folder.path().join("catalog.csv"), CATALOG.replace("oz", "ea")).unwrap();
    let event = json!({ "uri": catalog, "type": 2 });
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [event] }));
    client.until(|client| rules(&client.published[&catalog]).is_empty());
    // Broken in an editor: what is open counts, not what is on disk.
    client.open_file("catalog.csv", Some("sku,unit,code\nMUG,,MG\n"));
    assert_eq!(client.rules("catalog.csv"), ["catalog-row"]);
    // Closed without saving: the file counts again.
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": catalog } }));
    client.until(|client| rules(&client.published[&catalog]).is_empty());
    // Deleted: the node that reads it says so.
    std::fs::remove_file(client.folder.path().join("catalog.csv")).unwrap();
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": catalog, "type": 3 }] }));
    let root = client.uri("onhand.kdl");
    client.until(|client| client.published.contains_key(&root));
    assert_eq!(rules(&client.published[&root]), ["catalog-unreadable"]);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_mistake_in_one_file_shows_in_another_and_goes_again() {
    let parts = parts();
    let mut client = Client::open(&[("onhand.kdl", HEAD), ("parts/shop.kdl", &parts)]);
    client.open_file("parts/shop.kdl", None);
    assert_eq!(client.rules("parts/shop.kdl"), Vec::<String>::new());
    // A file that was never saved is read where the include looks for it.
    client.open_file("parts/more.kdl", Some("location lyon { in erp LYO }\nlocation paris { in erp P2 }\n"));
    assert_eq!(client.rules("parts/more.kdl"), Vec::<String>::new());
    let shop = client.uri("parts/shop.kdl");
    client.until(|client| rules(&client.published[&shop]) == ["duplicate-name"]);
    let first = &client.published[&shop]["diagnostics"][0]["relatedInformation"][0]["location"];
    assert_eq!(first["uri"], client.uri("parts/more.kdl"));
    client.replace("parts/more.kdl", "location lyon { in erp LYO }\n");
    client.until(|client| rules(&client.published[&shop]).is_empty());
    assert_eq!(client.end(), 0);
}

#[test]
fn a_file_outside_any_topology_is_checked_alone() {
    let mut client = Client::open(&[]);
    client.open_file("loose.kdl", Some("unit ea 5\nsistem x\nlocation here { in nowhere A }\n"));
    let found = client.findings("loose.kdl");
    let says = found[0]["message"].as_str().unwrap();
    assert_eq!(found[0]["severity"], 3);
    assert!(says.starts_with("no folder above this file holds an `onhand.kdl`"), "{says}");
    // What it names may be declared elsewhere: only the form is judged.
    assert_eq!(client.rules("loose.kdl"), ["", "missing-argument", "unknown-node"]);
    let hover = client.at("hover", "loose.kdl", ("unit ea 5", "un|it"));
    assert!(hover["contents"]["value"].as_str().unwrap().starts_with("**`unit`**"), "{hover}");
    // Once a topology is there, the file is outside of it; once it includes the file, inside.
    client.open_file("onhand.kdl", Some("onhand language=1\n"));
    client.until(|client| {
        let known = client.published.get(&client.uri("loose.kdl"));
        known.is_some_and(|known| {
            known["diagnostics"][0]["message"].as_str().unwrap().contains("does not include")
        })
    });
    client.replace("onhand.kdl", "onhand language=1\ninclude \"loose.kdl\"\n");
    let loose = client.uri("loose.kdl");
    client.until(|client| rules(&client.published[&loose]).contains(&"unknown-node".to_owned()));
    client.until(|client| !rules(&client.published[&loose]).contains(&String::new()));
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": loose } }));
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": client.uri("onhand.kdl") } }));
    client.until(|client| client.published.values().all(|known| rules(known).is_empty()));
    assert_eq!(client.end(), 0);
}

#[test]
fn several_topologies_do_not_meet() {
    let broken = SHOP.replace("to=web", "to=wbe");
    let mut client =
        Client::open(&[("a/onhand.kdl", SHOP), ("b/c/onhand.kdl", &broken), ("b/c/d/x.kdl", "unit q\n")]);
    client.open_file("a/onhand.kdl", None);
    client.open_file("b/c/d/x.kdl", None);
    assert_eq!(client.rules("a/onhand.kdl"), Vec::<String>::new());
    assert_eq!(client.rules("b/c/d/x.kdl"), [""], "not included by the topology above it");
    let other = client.uri("b/c/onhand.kdl");
    client.until(|client| client.published.contains_key(&other));
    assert!(rules(&client.published[&other]).contains(&"unknown-name".to_owned()));
    // A folder that leaves the workspace takes nothing along that an open text needs.
    let event = json!({ "added": [{ "uri": client.uri("a"), "name": "a" }], "removed": [] });
    client.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    let event = json!({ "added": [], "removed": [{ "uri": client.uri("a"), "name": "a" }] });
    client.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    client.replace("a/onhand.kdl", &broken);
    assert!(client.rules("a/onhand.kdl").contains(&"unknown-name".to_owned()));
    assert_eq!(client.end(), 0);
}

#[test]
fn the_client_is_asked_to_watch_files_where_it_can() {
    let mut client = Client::start(&[]);
    let watches = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    client.ask("initialize", json!({ "capabilities": watches }));
    client.tell("initialized", json!({}));
    client.until(|client| !client.told.is_empty());
    let asked = client.told[0].clone();
    assert_eq!(asked["method"], "client/registerCapability");
    assert_eq!(asked["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": null }));
    assert_eq!(client.end(), 0);
}

//! Hover, definition, references and outline: what the index of names is for.

use super::{Client, SHOP, pointed};
use serde_json::json;

/// The same shop, spread over files and a catalog.
const ROOT: &str = r#"onhand language=1
include "systems/*.kdl"
include "flows.kdl"
unit ea
unit dozen 12 ea
quantity sellable { plus on-hand; minus reserved }
location paris { in erp PAR; in web Paris }
items "catalog.csv" { sku sku; unit unit; tag brand; pack case case_qty; in erp code; in web code unit=sold_in }
bundle DUO {
    component TSHIRT-M 2
    component MUG 1 unit=case
    in web DUO
}
owner erp { of on-hand reserved; items tag=acme }
"#;
const SYSTEMS: &str = r#"system erp kind=memory role=erp {
    levels { code sku; location site; on-hand qty; reserved res }
}
system web kind=memory role=channel {
    levels { code sku; location site; sellable shown { net-of own-sales } }
    orders none
}
"#;
const FLOWS: &str = r#"flow web-stock {
    publish sellable to=web
    at paris
    lag "10m" every="5m"
    keep-back 1 case { items MUG }
    allow bundle-beside-component reason="the kit is rare"
}
"#;
const CATALOG: &str =
    "sku,unit,brand,case_qty,code,sold_in\nTSHIRT-M,ea,acme,12,TS,case\nMUG,ea,acme,6,MG,ea\n";

fn shop() -> Client {
    let mut client = Client::open(&[
        ("onhand.kdl", ROOT),
        ("systems/all.kdl", SYSTEMS),
        ("flows.kdl", FLOWS),
        ("catalog.csv", CATALOG),
    ]);
    client.open_file("onhand.kdl", None);
    client.open_file("systems/all.kdl", None);
    client.open_file("flows.kdl", None);
    client
}

#[track_caller]
fn hover(client: &mut Client, name: &str, text: (&str, &str)) -> String {
    let answer = client.at("hover", name, text);
    answer["contents"]["value"].as_str().unwrap_or_else(|| panic!("nothing at {}", text.1)).to_owned()
}

#[test]
fn hovering_says_what_a_name_is_and_where_it_is_used() {
    let mut client = shop();
    let says = |client: &mut Client, name: &str, place, words: &[&str]| {
        let text = hover(client, name, place);
        words.iter().for_each(|word| assert!(text.contains(word), "`{word}` is missing in\n{text}"));
    };
    let flows = |needle| (FLOWS, needle);
    let root = |needle| (ROOT, needle);
    says(
        &mut client,
        "flows.kdl",
        flows("to=w|eb"),
        &[
            "**system `web`**",
            "Kind `memory`, role channel",
            "Declared in systems/all.kdl:4; used 4 times in 2 files.",
        ],
    );
    says(
        &mut client,
        "flows.kdl",
        flows("at par|is"),
        &["location `paris`", "`PAR` in `erp`", "onhand.kdl:7"],
    );
    says(
        &mut client,
        "flows.kdl",
        flows("publish sell|able"),
        &["quantity `sellable`", "= on-hand − reserved"],
    );
    says(
        &mut client,
        "flows.kdl",
        flows("items M|UG"),
        &["item `MUG`", "`ea`", "`case` of 6", "catalog.csv:3"],
    );
    says(&mut client, "flows.kdl", flows("1 ca|se"), &["pack `case` of `MUG`", "6 `ea`"]);
    says(
        &mut client,
        "flows.kdl",
        flows("flow web-st|ock"),
        &[
            "flow `web-stock`",
            "Publishes `sellable` to `web`",
            "within its lag of 10m: 5m until the next run",
            "used nowhere",
        ],
    );
    says(
        &mut client,
        "flows.kdl",
        flows("allow bundle-beside|"),
        &["**`bundle-beside-component`**", "explain"],
    );
    says(&mut client, "onhand.kdl", root("tag=ac|me"), &["tag `acme`", "used once"]);
    says(&mut client, "onhand.kdl", root("unit doz|en"), &["unit `dozen`", "12 `ea`"]);
    says(&mut client, "onhand.kdl", root("MUG 1 unit=ca|se"), &["pack `case` of `MUG`", "6 `ea`"]);
    says(&mut client, "onhand.kdl", root("bundle D|UO"), &["bundle `DUO`", "2 `TSHIRT-M`", "6 `MUG`"]);
    says(
        &mut client,
        "onhand.kdl",
        root("minus reser|ved"),
        &["A base quantity", "Part of the language; used 3 times"],
    );
    says(&mut client, "systems/all.kdl", (SYSTEMS, "erp kind=mem|ory"), &["kind `memory`"]);
    says(&mut client, "systems/all.kdl", (SYSTEMS, "location site; sell|able"), &["quantity `sellable`"]);
    assert_eq!(client.end(), 0);
}

#[test]
fn hovering_says_what_a_node_and_a_field_are() {
    let mut client = shop();
    let node = hover(&mut client, "flows.kdl", (FLOWS, "l|ag"));
    assert!(node.contains("**`lag`**: how late a count may be"), "{node}");
    assert!(node.contains("- **target**: the longest that a count may be late (a duration"), "{node}");
    assert!(node.contains("- **`every=`**: how often the flow runs"), "{node}");
    let property = hover(&mut client, "flows.kdl", (FLOWS, "eve|ry="));
    assert!(property.starts_with("**`every=`**"), "{property}");
    let value = hover(&mut client, "flows.kdl", (FLOWS, "lag \"1|0m\""));
    assert!(value.starts_with("**target**"), "{value}");
    let choice = hover(&mut client, "systems/all.kdl", (SYSTEMS, "role=e|rp"));
    assert!(choice.contains("`erp`, `warehouse`, `channel` or `reporting`"), "{choice}");
    assert!(client.at("hover", "flows.kdl", (FLOWS, "{|")).is_null());
    assert_eq!(client.end(), 0);
}

#[test]
fn definitions_lie_in_other_files_and_in_cells() {
    let mut client = shop();
    let mut leads = |name: &str, text: (&str, &str), to: &[&str]| {
        let found = client.at("definition", name, text);
        assert_eq!(pointed(&found), to, "{}", text.1);
    };
    leads("flows.kdl", (FLOWS, "to=w|eb"), &["all.kdl: system web kind=memory role=channel {"]);
    leads("flows.kdl", (FLOWS, "to=web|"), &["all.kdl: system web kind=memory role=channel {"]);
    leads(
        "flows.kdl",
        (FLOWS, "publish sell|able"),
        &["onhand.kdl: quantity sellable { plus on-hand; minus reserved }"],
    );
    leads("flows.kdl", (FLOWS, "items M|UG"), &["catalog.csv: MUG,ea,acme,6,MG,ea"]);
    leads("onhand.kdl", (ROOT, "component TS|HIRT-M"), &["catalog.csv: TSHIRT-M,ea,acme,12,TS,case"]);
    leads("onhand.kdl", (ROOT, "MUG 1 unit=ca|se"), &["catalog.csv: MUG,ea,acme,6,MG,ea"]);
    leads("onhand.kdl", (ROOT, "dozen 12 e|a"), &["onhand.kdl: unit ea"]);
    leads("onhand.kdl", (ROOT, "include \"syst|ems"), &["all.kdl: system erp kind=memory role=erp {"]);
    leads("onhand.kdl", (ROOT, "items \"cat|alog"), &["catalog.csv: sku,unit,brand,case_qty,code,sold_in"]);
    leads(
        "onhand.kdl",
        (ROOT, "tag=ac|me"),
        &["catalog.csv: TSHIRT-M,ea,acme,12,TS,case", "catalog.csv: MUG,ea,acme,6,MG,ea"],
    );
    leads("onhand.kdl", (ROOT, "of on-|hand"), &[]);
    leads("onhand.kdl", (ROOT, "la|nguage"), &[]);
    assert_eq!(client.end(), 0);
}

#[test]
fn references_stand_in_every_file() {
    let mut client = shop();
    let mut params = client.place("onhand.kdl", (ROOT, "location par|is"));
    params["context"] = json!({ "includeDeclaration": true });
    let found = client.ask("textDocument/references", params.clone());
    assert_eq!(
        pointed(&found),
        ["onhand.kdl: location paris { in erp PAR; in web Paris }", "flows.kdl: at paris",]
    );
    params["context"] = json!({ "includeDeclaration": false });
    let found = client.ask("textDocument/references", params);
    assert_eq!(pointed(&found), ["flows.kdl: at paris"]);
    // In a catalog the cells count, and a word that every row repeats counts once.
    let mut params = client.place("onhand.kdl", (ROOT, "unit e|a"));
    params["context"] = json!({ "includeDeclaration": false });
    let found = client.ask("textDocument/references", params);
    assert_eq!(
        pointed(&found),
        [
            "onhand.kdl: unit dozen 12 ea",
            "catalog.csv: TSHIRT-M,ea,acme,12,TS,case",
            "catalog.csv: MUG,ea,acme,6,MG,ea",
            "catalog.csv: MUG,ea,acme,6,MG,ea",
        ]
    );
    assert_eq!(client.end(), 0);
}

#[test]
fn the_outline_names_what_a_file_declares() {
    let mut client = shop();
    let uri = client.uri("onhand.kdl");
    let found = client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    let names: Vec<String> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["detail"].as_str().unwrap_or("-"), one["name"].as_str().unwrap()))
        .collect();
    assert_eq!(
        names,
        [
            "- onhand",
            "include systems/*.kdl",
            "include flows.kdl",
            "unit ea",
            "unit dozen 12 ea",
            "quantity sellable",
            "location paris",
            "items catalog.csv",
            "bundle DUO",
            "owner erp",
        ]
    );
    assert_eq!(found[8]["children"][1]["name"], "MUG 1");
    assert_eq!(found[8]["range"]["end"]["line"], 12);
    assert_eq!(client.end(), 0);
}

#[test]
fn the_shop_of_one_file_is_known_whole() {
    // Every word that names something is a name to the index, wherever it stands.
    let mut client = Client::open(&[("onhand.kdl", SHOP)]);
    client.open_file("onhand.kdl", None);
    for needle in [
        "system |erp",
        "system |web",
        "location |paris",
        "in |erp PAR",
        "in |web Paris",
        "item |TSHIRT-M",
        "unit=|ea",
        "tag |apparel",
        "pack |case",
        "in |erp TSH-M",
        "in |web TSHIRT-M",
        "unit=|case",
        "owner |erp",
        "of |on-hand",
        "of on-hand |reserved",
        "at |paris }",
        "flow |web-stock",
        "publish |available",
        "to=|web",
        "at |paris\n",
        "unit |ea",
        "; |on-hand qty",
        "; |available shown",
        "; |reserved res",
    ] {
        let text = hover(&mut client, "onhand.kdl", (SHOP, needle));
        assert!(text.contains("used"), "{needle}: {text}");
    }
    assert_eq!(client.end(), 0);
}

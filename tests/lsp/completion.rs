//! Completion: nodes, properties, words and names, each where it may stand.

use super::{Client, SHOP, applied, position};
use serde_json::{Value, json};

/// The offers at `|` in a text, with the text of each as it would then stand.
fn offers(client: &mut Client, text: &str) -> Vec<(String, String)> {
    let plain = text.replacen('|', "", 1);
    client.replace("onhand.kdl", &plain);
    let (before, after) = text.split_once('|').unwrap();
    let line = format!("{}|{}", before.rsplit('\n').next().unwrap(), after.split('\n').next().unwrap());
    let column = before.rsplit('\n').next().unwrap().len();
    let at = json!({ "line": before.matches('\n').count(), "character": column });
    let uri = client.uri("onhand.kdl");
    let list =
        client.ask("textDocument/completion", json!({ "textDocument": { "uri": uri }, "position": at }));
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            let edit = json!([item["textEdit"]]);
            let new = applied(&plain, &edit);
            let changed =
                new.lines().nth(at["line"].as_u64().unwrap() as usize).unwrap_or("").trim().to_owned();
            assert!(!line.is_empty());
            (item["label"].as_str().unwrap().to_owned(), changed)
        })
        .collect()
}

fn labels(offers: &[(String, String)]) -> Vec<&str> {
    offers.iter().map(|(label, _)| label.as_str()).collect()
}

/// A server that knows the shop; every text tried afterwards is judged with its names.
fn shop() -> Client {
    let mut client = Client::open(&[("onhand.kdl", SHOP)]);
    client.open_file("onhand.kdl", None);
    client.findings("onhand.kdl");
    client
}

#[track_caller]
fn offered(client: &mut Client, text: &str, all: &[&str]) {
    let offers = offers(client, text);
    assert_eq!(labels(&offers), all, "at {text}");
}

/// Text in the place of a part of the shop.
fn with(part: &str, new: &str) -> String {
    assert!(SHOP.contains(part));
    SHOP.replacen(part, new, 1)
}

#[test]
fn nodes_stand_where_the_table_has_them() {
    let mut client = shop();
    let top = offers(&mut client, &format!("{SHOP}\n|"));
    for node in ["include", "unit", "system", "location", "item", "items", "bundle", "owner", "flow"] {
        assert!(labels(&top).contains(&node), "{node} in {top:?}");
    }
    // Half a word is replaced whole; what stands there already and may stand once is not offered again.
    let inside = offers(&mut client, &with("    lag \"10m\"", "    ca|\n    lag \"10m\""));
    assert!(inside.contains(&("cap".to_owned(), "cap".to_owned())), "{inside:?}");
    for node in ["keep-back", "items", "except", "allow"] {
        assert!(labels(&inside).contains(&node), "{node} in {inside:?}");
    }
    for node in ["publish", "at", "lag", "guard"] {
        assert!(!labels(&inside).contains(&node), "{node} in {inside:?}");
    }
    // In one line, and behind a node that ended.
    let inline = offers(&mut client, &with("in erp PAR;", "in erp PAR; |;"));
    assert_eq!(&labels(&inline)[..2], ["in", "pool"]);
    // Inside a system by its kind.
    let sql = "onhand language=1\nsystem till kind=sql role=channel {\n    |\n}\n";
    let inside = offers(&mut client, sql);
    for node in ["url", "levels", "set", "create", "orders", "stale-after", "timezone"] {
        assert!(labels(&inside).contains(&node), "{node} in {inside:?}");
    }
    let csv = offers(&mut client, &sql.replace("kind=sql", "kind=csv"));
    assert!(labels(&csv).contains(&"publish") && !labels(&csv).contains(&"set"), "{csv:?}");
    // Inside `levels` its columns and every quantity.
    let levels = offers(&mut client, &with("on-hand qty;", "|; on-hand qty;"));
    for node in ["unit", "as-of", "complete", "damaged", "available"] {
        assert!(labels(&levels).contains(&node), "{node} in {levels:?}");
    }
    for node in ["code", "location", "reserved", "on-hand"] {
        assert!(!labels(&levels).contains(&node), "{node} in {levels:?}");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn properties_are_offered_until_they_are_there() {
    let mut client = shop();
    let fresh = offers(&mut client, &with("lag \"10m\" every=\"5m\"", "lag \"10m\" |"));
    assert!(fresh.contains(&("every".to_owned(), "lag \"10m\" every=".to_owned())), "{fresh:?}");
    let typed = offers(&mut client, &with("guard max-changed=\"30%\"", "guard max-changed=\"30%\" max|"));
    let names = ["max-zeroed", "max-raised", "max-rows"];
    assert_eq!(labels(&typed), names);
    assert_eq!(typed[0].1, "guard max-changed=\"30%\" max-zeroed=");
    let renamed = offers(&mut client, &with("guard max-changed=\"30%\"", "guard max-ch|anged=\"30%\""));
    assert_eq!(renamed[0], ("max-changed".to_owned(), "guard max-changed=\"30%\"".to_owned()));
    assert_eq!(client.end(), 0);
}

#[test]
fn words_of_closed_lists_kinds_and_rules_are_offered() {
    let mut client = shop();
    offered(&mut client, &with("role=erp", "role=|"), &["erp", "warehouse", "channel", "reporting"]);
    offered(&mut client, &with("role=erp", "role=ware|"), &["erp", "warehouse", "channel", "reporting"]);
    let kinds = offers(&mut client, &with("erp kind=memory", "erp kind=|"));
    assert_eq!(labels(&kinds), ["csv", "sql", "tryton", "vendure", "memory"].map(|kind| kind), "{kinds:?}");
    assert_eq!(kinds[0].1, "system erp kind=csv role=erp {");
    offered(&mut client, &with("orders none", "orders |"), &["none", "direct", "to", "within"]);
    let rules = offers(&mut client, &with("guard max-changed=\"30%\"", "allow sh|"));
    assert!(rules.contains(&("shared-pool".to_owned(), "allow shared-pool".to_owned())), "{rules:?}");
    assert!(!labels(&rules).contains(&"owner-gap"), "errors cannot be allowed");
    let off = offers(&mut client, &with("net-of own-sales", "net-of |"));
    assert!(labels(&off).contains(&"own-sales") && labels(&off).contains(&"reserved"), "{off:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn names_are_offered_where_they_are_due() {
    let mut client = shop();
    offered(&mut client, &with("publish available to=web", "publish available to=|"), &["erp", "web"]);
    offered(&mut client, &with("owner erp {", "owner | {"), &["erp", "web"]);
    offered(&mut client, &with("    at paris\n", "    at |\n"), &["paris"]);
    offered(&mut client, &with("    at paris\n", "    at paris p|\n"), &["paris"]);
    let quantity = offers(&mut client, &with("publish available", "publish |"));
    assert!(
        labels(&quantity).contains(&"available") && labels(&quantity).contains(&"on-hand"),
        "{quantity:?}"
    );
    assert!(!labels(&quantity).contains(&"to"), "the property is there already: {quantity:?}");
    offered(&mut client, &with("unit=case", "unit=|"), &["case", "ea"]);
    offered(&mut client, &with("pack case 12", "pack case 12 |"), &["case", "ea"]);
    let things = offers(&mut client, &format!("{SHOP}\nbundle B {{\n    component |\n}}\n"));
    assert_eq!(things[0], ("TSHIRT-M".to_owned(), "component TSHIRT-M".to_owned()));
    let packs = offers(&mut client, &format!("{SHOP}\nbundle B {{\n    component TSHIRT-M 1 unit=c|\n}}\n"));
    assert_eq!(packs[0], ("case".to_owned(), "component TSHIRT-M 1 unit=case".to_owned()));
    let tags = offers(&mut client, &with("    at paris\n", "    items tag=|\n"));
    assert_eq!(tags, [("apparel".to_owned(), "items tag=apparel".to_owned())]);
    // A name that is given is nobody's to complete.
    offered(&mut client, &format!("{SHOP}\nsystem e|"), &["kind", "role", "was"]);
    assert_eq!(client.end(), 0);
}

#[test]
fn names_are_spelled_as_kdl_needs_them() {
    let text = with("TSHIRT-M unit", "\"T shirt\" unit");
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    client.findings("onhand.kdl");
    let bare = offers(&mut client, &format!("{text}\nbundle B {{\n    component |\n}}\n"));
    assert_eq!(bare[0].1, "component \"T shirt\"");
    // Inside quotes the quotes are part of what is replaced.
    let quoted = offers(&mut client, &format!("{text}\nbundle B {{\n    component \"T|\"\n}}\n"));
    assert_eq!(quoted[0].1, "component \"T shirt\"");
    assert_eq!(quoted.len(), 1, "no properties inside quotes: {quoted:?}");
    let open = offers(&mut client, &format!("{text}\nbundle B {{\n    component \"T|\n}}\n"));
    assert!(open.iter().all(|(_, line)| !line.contains('}')), "{open:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn comments_and_free_text_offer_nothing() {
    let mut client = shop();
    offered(&mut client, &format!("{SHOP}// sys|"), &[]);
    offered(&mut client, &format!("{SHOP}/* sys| */"), &[]);
    offered(&mut client, &with("lag \"10m\"", "lag \"10|m\""), &[]);
    assert_eq!(position(SHOP, "|onhand")["character"], Value::from(0));
    assert_eq!(client.end(), 0);
}

#[test]
fn many_names_are_narrowed_by_typing() {
    let mut text = SHOP.to_owned();
    for n in 0..500 {
        text += &format!("item SKU-{n} unit=ea {{ in erp {n:04}x; in web {n:04}x }}\n");
    }
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    client.findings("onhand.kdl");
    let all = offers(&mut client, &format!("{text}bundle B {{ component | }}\n"));
    assert_eq!(all.len(), 200);
    let few = offers(&mut client, &format!("{text}bundle B {{ component sku-49| }}\n"));
    assert_eq!(few.len(), 11, "{:?}", labels(&few));
    assert_eq!(few[0].1, "bundle B { component SKU-49 }");
    assert_eq!(client.end(), 0);
}

#[test]
fn the_rest_of_the_language_is_completed_too() {
    let rest = r#"
calendar shop-days { open mon tue }
allocation fronts { among web; weights web=3 }
flow orders { collect orders cancellations from=web; post to=erp; lag "10m" every="5m" }
test "a shirt" { given erp on-hand at=paris { TSHIRT-M 5 }; expect web available at=paris { TSHIRT-M 5 } }
"#;
    let text = format!("{SHOP}{rest}");
    let mut client = Client::open(&[("onhand.kdl", &text)]);
    client.open_file("onhand.kdl", None);
    client.findings("onhand.kdl");
    let with = |part: &str, new: &str| {
        assert!(text.contains(part));
        text.replacen(part, new, 1)
    };
    offered(&mut client, &with("weights web=3", "weights |"), &["erp", "web"]);
    let weight = offers(&mut client, &with("weights web=3", "weights er|"));
    assert_eq!(weight[0].1, "allocation fronts { among web; weights erp= }");
    offered(&mut client, &with("weights web=3", "weights web=3; inside |"), &["erp", "web"]);
    offered(
        &mut client,
        &with("mon tue", "mon | tue")[..],
        &["mon", "tue", "wed", "thu", "fri", "sat", "sun", "from", "to"],
    );
    let lag = offers(&mut client, &with("lag \"10m\" every=\"5m\" }", "lag \"10m\" calendar=|"));
    assert_eq!(labels(&lag), ["shop-days"]);
    let counts = offers(&mut client, &with("{ TSHIRT-M 5 };", "{ | };"));
    assert_eq!(labels(&counts)[..2], ["allow", "TSHIRT-M"]);
    offered(
        &mut client,
        &with("collect orders", "collect or|"),
        &["orders", "cancellations", "shipments", "returns", "transfers", "adjustments", "receipts"],
    );
    offered(&mut client, &with("post to=erp", "post to=|"), &["erp", "web"]);
    offered(
        &mut client,
        &with("post to=erp", "post to=erp as=|"),
        &["sale", "transfer", "adjustment", "receipt"],
    );
    let hover = client.at(
        "hover",
        "onhand.kdl",
        (&with("post to=erp", "post to=erp as=|").replace('|', ""), "weights w|eb"),
    );
    assert!(hover["contents"]["value"].as_str().unwrap().starts_with("**system `web`**"), "{hover}");
    assert_eq!(client.end(), 0);
}

/// Names that are given where they stand, or that nobody declares: there is nothing to complete.
const GIVEN: &[&str] = &[
    "*: code",
    "*: column",
    "*: name",
    "*: value",
    "*: was",
    "*: word",
    "*: zone",
    "by: who",
    "tag: tag",
    "to: mail",
];

#[test]
fn every_field_that_is_a_name_is_known_to_name_something_or_nothing() {
    use onhand::lsp::names::{Refers, refers};
    use onhand::syntax::ast::spec::{Field, Spec, Type};
    fn walk(spec: &Spec, found: &mut std::collections::BTreeSet<String>) {
        let fields = spec.args.iter().chain(&spec.rest).chain(spec.props);
        let names = fields.filter(|field: &&Field| matches!(field.form, Type::Name));
        for field in names.filter(|field| refers(spec.name, field) == Refers::Nothing) {
            let any = format!("*: {}", field.name);
            let own = format!("{}: {}", spec.name, field.name);
            found.insert(if GIVEN.contains(&any.as_str()) { any } else { own });
        }
        spec.children.iter().for_each(|child| walk(child, found));
    }
    let mut found = std::collections::BTreeSet::new();
    onhand::syntax::ast::TOP.iter().for_each(|spec| walk(spec, &mut found));
    for kind in onhand::connectors::KINDS {
        onhand::syntax::ast::system::inside(kind).iter().for_each(|spec| walk(spec, &mut found));
    }
    let found: Vec<String> = found.into_iter().collect();
    assert_eq!(
        found, GIVEN,
        "a new name: say in src/lsp/names.rs what it names, or here that it names nothing"
    );
}

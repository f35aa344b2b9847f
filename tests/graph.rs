//! The topology as a picture, in three languages, and as JSON.

use crate::check::random;
use crate::compile::{files, told};
use crate::support::chance;
use onhand::compile::Compiled;
use onhand::graph::{Alarm, Faults, Part, Picture, build, dot, json, mermaid, picture, svg};
use onhand::model::{AllocationId, CollectId, FlowId, LocationId, OwnerId, SystemId};
use regex::Regex;

const HUB: &str = r#"onhand language=1
unit ea
system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; location site; on-hand free { net-of reserved }; damaged qc }
}
system web kind=vendure role=channel { url (env)W; key (env)K; orders direct to=erp within="5m" }
system till kind=sql role=channel {
    url "sqlite:till.db"
    levels "select * from stock" { code sku; location site; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and site = :location and qty = :before"
    orders direct to=erp within="10m"
}
system books kind=csv role=reporting {
    levels "books.csv" { code sku; location site; on-hand qty }
    publish "books.csv"
}
location paris { in erp PAR; in till "1"; in books PAR }
location lyon { in depot LYO }
location online { pool paris lyon; in web "9" }
item "MUG \"XL\" <b>" unit=ea { in erp M; in depot M; in web M; in till M; in books M }
item LAMP unit=ea { in erp L; in depot L; in web L; in till L; in books L }
owner erp { of on-hand reserved; at paris }
owner depot { of on-hand damaged; at lyon; allow transfer-untracked reason="nothing moves" }
flow web-stock {
    publish available to=web
    lag "10m" every="5m"
    allow shared-pool reason="test"
}
flow till-stock { publish available to=till; items LAMP; lag "10m" every="5m"; allow shared-pool reason="test" }
flow books-stock { publish on-hand to=books; lag "1d" every="1h" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

fn hub() -> Compiled {
    let compiled = files(&[("onhand.kdl", HUB)]);
    assert!(compiled.diagnostics.is_empty(), "{}", told(&compiled));
    compiled
}

/// Something wrong with each sort of part of the hub.
fn faults() -> Faults {
    let mut faults = Faults::default();
    faults.add(Part::System(SystemId(2)), "plain-http", Alarm::Amber);
    faults.add(Part::Owner(OwnerId(1)), "owner-overlap", Alarm::Red);
    faults.add(Part::Location(LocationId(0)), "location-code-shared", Alarm::Red);
    faults.add(Part::Location(LocationId(2)), "pool-owned", Alarm::Red);
    faults.add(Part::Flow(FlowId(1)), "lag-slow", Alarm::Amber);
    faults.add(Part::Flow(FlowId(1)), "two-flows-one-cell", Alarm::Red);
    faults.add(Part::Elsewhere, "catalog-row", Alarm::Amber);
    faults
}

fn drawn(compiled: &Compiled, faults: &Faults) -> Picture {
    picture(&build(&compiled.model), &compiled.model, faults)
}

#[test]
fn a_hub_is_drawn() {
    insta::assert_snapshot!(dot(&drawn(&hub(), &Faults::default())));
}

#[test]
fn a_hub_is_drawn_for_a_page() {
    insta::assert_snapshot!(mermaid(&drawn(&hub(), &Faults::default())));
}

#[test]
fn a_hub_is_drawn_for_a_browser() {
    insta::assert_snapshot!(svg(&drawn(&hub(), &Faults::default())));
}

#[test]
fn a_hub_is_written_as_json() {
    let compiled = hub();
    insta::assert_snapshot!(json(&build(&compiled.model), &compiled.model, &Faults::default()));
}

#[test]
fn faults_are_drawn_where_they_are() {
    let picture = drawn(&hub(), &faults());
    let all = [dot(&picture), mermaid(&picture), svg(&picture)].join("\n");
    insta::assert_snapshot!(all);
}

/// Movements, an allocation, hours: two channels whose orders one ERP takes in.
const BUSY: &str = r#"onhand language=1 { timezone "Europe/Paris" }
unit ea
calendar shop-days { open mon tue wed thu fri from="08:00" to="18:00" }
system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }
system web kind=vendure role=channel { url (env)W; key (env)K }
system app kind=vendure role=channel { url (env)A; key (env)B }
location paris { in erp PAR; in web Paris; in app Paris }
item MUG unit=ea { in erp M; in web M; in app M }
owner erp { of on-hand reserved }
flow web-stock {
    publish available to=web
    lag "10m" every="5m" calendar=shop-days
    window from="06:00" to="22:00" calendar=shop-days
    rollout shadow
}
flow app-stock { publish available to=app; lag "12h" every="5m"; window from="06:00" to="22:00" holds=all; rollout items=5 }
flow web-orders {
    collect orders cancellations returns from=web
    post to=erp as=sale { party WEB; price zero; reference "{system}#{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}
flow app-orders {
    collect orders cancellations returns from=app
    post to=erp as=sale { party WEB; price zero; reference "{system}#{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}
allocation fronts { among web app; weights web=3 app=1; pooled-above 40 }
"#;

#[test]
fn movements_allocations_and_hours_are_drawn() {
    let compiled = files(&[("onhand.kdl", BUSY)]);
    assert!(!compiled.has_errors(), "{}", told(&compiled));
    let mut faults = Faults::default();
    faults.add(Part::Collect(CollectId(1)), "reversal-missing", Alarm::Red);
    faults.add(Part::Allocation(AllocationId(0)), "allocation-weight", Alarm::Red);
    let picture = drawn(&compiled, &faults);
    check_writers(&picture, "busy");
    let json = json(&build(&compiled.model), &compiled.model, &faults);
    insta::assert_snapshot!([dot(&picture), mermaid(&picture), svg(&picture), json].join("\n"));
}

#[test]
fn faults_are_told_to_programs() {
    let compiled = hub();
    let told = json(&build(&compiled.model), &compiled.model, &faults());
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let fault = |rule: &str, severity: &str| serde_json::json!({ "rule": rule, "severity": severity });
    assert_eq!(told["systems"][2]["faults"][0], fault("plain-http", "warning"));
    assert_eq!(told["systems"][1]["owns"][0]["faults"][0], fault("owner-overlap", "error"));
    assert_eq!(told["locations"][0]["faults"][0], fault("location-code-shared", "error"));
    assert_eq!(told["pools"][0]["faults"][0], fault("pool-owned", "error"));
    let flow = [fault("lag-slow", "warning"), fault("two-flows-one-cell", "error")];
    assert_eq!(told["flows"][1]["faults"], serde_json::json!(flow));
    assert_eq!(told["faults"][0], fault("catalog-row", "warning"));
}

/// Checks that each text is what its language takes, whatever stands in the topology.
fn check_writers(picture: &Picture, about: &str) {
    let dot = dot(picture);
    let string = r#""(?:[^"\\\n]|\\.)*""#;
    let label = "<(?:[^<>\n]|<[^<>\n]*>)*>";
    let attributes = format!(r"\[\w+=(?:{string}|{label}|[\w.]+)(?:, \w+=(?:{string}|{label}|[\w.]+))*\]");
    let statement = format!(r"[nt]\d+(?::w)?(?:(?::e)? -> [nt]\d+(?::w)?)? {attributes};");
    let rest =
        r"digraph onhand \{|\}|  rankdir=LR; nodesep=[\d.]+; ranksep=[\d.]+;|  \{ rank=max;(?: n\d+;)+ \}";
    let line =
        Regex::new(&format!(r"^(?:{rest}|  (?:node|edge) {attributes};|  {statement}(?: {statement})?)$"));
    let line = line.unwrap();
    dot.lines().for_each(|text| assert!(line.is_match(text), "{about}: no line of Graphviz: {text}"));

    let mermaid = mermaid(picture);
    let text = r##""(?:[\w .,\-+/()…✗�]|[^\x00-\x7f]|<br/>|</?b>|#\d+;|!)*""##;
    let node = format!(r"n\d+(?:\({text}\)|\[{text}\]|\(\({text}\)\)):::\w+");
    let edge = format!(r"n\d+ (?:--->?|-->|-\.-o?)(?:\|{text}\|)? n\d+");
    let rest = r"flowchart LR|  (?:linkStyle|classDef|class) [\w,.:# -]+|  %% [^\n]*";
    let line = Regex::new(&format!("^(?:{rest}|  {node}|  {edge})$")).unwrap();
    mermaid.lines().for_each(|text| assert!(line.is_match(text), "{about}: no line of Mermaid: {text}"));

    let svg = svg(picture);
    let attributes = r##"(?: [\w:-]+="[^"<>&]*")*"##;
    let text = "(?:[^<>&]|&(?:amp|lt|gt|quot);)*";
    let element =
        format!("<(?:path|rect|circle){attributes}/>|<(?:text|title){attributes}>{text}</(?:text|title)>");
    let line = Regex::new(&format!("^(?:<svg{attributes}>|</svg>|{element})$")).unwrap();
    svg.lines().for_each(|text| assert!(line.is_match(text), "{about}: no line of SVG: {text}"));
}

#[test]
fn names_cannot_leave_their_place_in_a_picture() {
    let names = [
        r#"a\"];<b>&\\"#,
        "end",
        "`**x**` %%{init: {}}%%",
        "style x:#34; classDef y:#z;",
        "--> n0 |x| :::erp",
        "\\u{300}\\u{300}\\u{300}",
        "]]></text><script>alert(1)</script>",
        "日本の店舗日本の店舗日本の店舗日本の店舗日本の店舗",
        "click n0 href \\\"javascript:alert(1)\\\"",
        "{{}} [[]] (()) <br/> &lt; &#60; #quot; %7B",
    ];
    for name in names {
        let mut evil = HUB.to_owned();
        for word in ["system", "in", "owner"] {
            evil = evil.replace(&format!("{word} depot"), &format!(r#"{word} "{name}""#));
        }
        evil = evil.replace("flow till-stock", &format!(r#"flow "{name}""#));
        evil = evil.replace("location online", &format!(r#"location "{name}""#));
        let compiled = files(&[("onhand.kdl", &evil)]);
        assert!(compiled.diagnostics.is_empty(), "{}", told(&compiled));
        check_writers(&drawn(&compiled, &faults()), name);
    }
}

/// The areas of an SVG's boxes, and of its texts outside boxes: left, top, right, bottom.
fn areas(svg: &str) -> (Vec<[i64; 4]>, Vec<[i64; 4]>) {
    let rect = Regex::new(r#"<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)""#).unwrap();
    let text = Regex::new(r#"<text x="(\d+)" y="(\d+)"[^>]*>([^<]*)<"#).unwrap();
    let number = |found: &regex::Captures<'_>, at: usize| found[at].parse::<i64>().unwrap();
    let boxes: Vec<[i64; 4]> = rect
        .captures_iter(svg)
        .map(|found| {
            let (x, y) = (number(&found, 1), number(&found, 2));
            [x, y, x + number(&found, 3), y + number(&found, 4)]
        })
        .collect();
    let texts = text.captures_iter(svg).map(|found| {
        let (x, y) = (number(&found, 1), number(&found, 2));
        [x, y - 10, x + 6 * found[3].chars().count() as i64, y + 3]
    });
    let inside =
        |text: &[i64; 4]| boxes.iter().any(|one| one[0] < text[0] && text[2] <= one[2] && one[1] < text[1]);
    let texts = texts.filter(|text| !inside(text)).collect();
    (boxes, texts)
}

#[test]
fn random_topologies_are_drawn_without_overlap_and_each_time_the_same() {
    for seed in chance::seeds(60) {
        let model = random::model(seed);
        let graph = build(&model);
        let mut dice = chance::Dice(seed);
        let mut faults = Faults::default();
        for index in (0..model.flows.len()).filter(|_| dice.in_ten(3)) {
            faults.add(Part::Flow(FlowId::at(index)), "flow-empty", Alarm::Amber);
        }
        let shown = picture(&graph, &model, &faults);
        check_writers(&shown, &format!("ONHAND_SEED={seed}"));
        let again = picture(&build(&model), &model, &faults);
        assert_eq!(dot(&shown), dot(&again), "ONHAND_SEED={seed}");
        assert_eq!(mermaid(&shown), mermaid(&again), "ONHAND_SEED={seed}");
        assert_eq!(svg(&shown), svg(&again), "ONHAND_SEED={seed}");
        let (boxes, texts) = areas(&svg(&shown));
        let all: Vec<&[i64; 4]> = boxes.iter().chain(&texts).collect();
        for (at, a) in all.iter().enumerate() {
            for b in &all[at + 1..] {
                let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                assert!(apart, "ONHAND_SEED={seed}: {a:?} lies over {b:?}\n{}", svg(&shown));
            }
        }
    }
}

/// An ERP and so many shops, each with so many flows.
fn shops(shops: usize, flows: usize) -> Compiled {
    let mut text = String::from("onhand language=1\nunit ea\n");
    text += "system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }\n";
    let mut place = String::from("in erp P");
    for shop in 0..shops {
        text += &format!(
            "system shop-{shop} kind=vendure role=channel {{ url (env)W; key (env)K; orders none }}\n"
        );
        place += &format!("; in shop-{shop} P");
        text += &format!("item I{shop} unit=ea {{ in erp I{shop}; in shop-{shop} I }}\n");
        for flow in 0..flows {
            text += &format!(
                "flow f-{shop}-{flow} {{ publish available to=shop-{shop}; lag \"9m\" every=\"5m\" }}\n"
            );
        }
    }
    text += &format!("location hall {{ {place} }}\nowner erp {{ of on-hand reserved }}\n");
    files(&[("onhand.kdl", &text)])
}

#[test]
fn a_page_draws_no_more_than_it_can() {
    for (many, flows, says) in [
        (100, 6, "lines between the same two boxes are drawn as one;"),
        (450, 1, "details are left out;"),
        (600, 1, "only a part is drawn;"),
        (3_000, 1, "only a part is drawn;"),
    ] {
        let text = mermaid(&drawn(&shops(many, flows), &Faults::default()));
        assert!(text.encode_utf16().count() <= 50_000, "{many} shops: {} characters", text.len());
        let lines = text.lines().filter(|line| line.contains("-->") && !line.contains("%%")).count();
        assert!((100..=500).contains(&lines), "{many} shops: {lines} lines");
        assert!(
            text.lines().nth(1).unwrap().contains(says),
            "{many} shops: {}",
            text.lines().nth(1).unwrap()
        );
    }
    let small = mermaid(&drawn(&shops(50, 1), &Faults::default()));
    assert!(!small.contains("%%"), "50 shops are drawn whole");
}

//! Rows of catalogs that `bad-rows` tolerates: told as failures, their cells held, closed once mended.

use crate::compile::{files, told};
use crate::count::town::{NOW, changes, held};
use onhand::compile::Compiled;
use onhand::graph;
use onhand::model::observation::{About, Column, Levels, Observations};
use onhand::model::quantity::Decimal;
use onhand::model::{CodeId, LocationId, SystemId};
use onhand::plan::change::RowFault;
use onhand::plan::{self, Plan, Selection, Stamp};
use std::path::Path;
use std::process::Command;

const TOPOLOGY: &str = r#"onhand language=1
unit ea
system erp kind=csv role=erp { levels "stock.csv" { code sku; location site; on-hand qty } }
system shop kind=csv role=channel {
    levels "shop.csv" { code sku; location site; available qty { net-of own-sales } }
    publish "out.csv"
    orders direct to=erp within="5m"
}
location paris { in erp P; in shop P1 }
items "c.csv" bad-rows=9 {
    sku sku; unit unit; pack case case
    in erp code
    in shop shop
    in shop shop_case unit=(const)case
}
bundles "k.csv" bad-rows=9 { sku kit; component part; quantity qty; in shop kit }
owner erp { of on-hand; at paris }
flow f { publish available to=shop; lag "10m" every="5m"; guard max-changed="90%" max-raised="90%" max-zeroed="90%" max-rows=99 }
"#;

const ITEMS: &str = "sku,unit,code,case,shop,shop_case\nA,ea,a,12,A,A-CS\nB,ea,b,,B,\nC,ea,c,,C,\n";
const KITS: &str = "kit,part,qty\nKA,A,1\nKA,B,1\nKB,B,1\nKN,KB,1\nKN,C,1\nKC,C,1\n";

fn compiled(items: &str, kits: &str) -> Compiled {
    let compiled = files(&[("onhand.kdl", TOPOLOGY), ("c.csv", items), ("k.csv", kits)]);
    assert!(!compiled.has_errors(), "{}", told(&compiled));
    compiled
}

/// The owner has 20 of everything, and the shop shows 1 of everything but what `more` says.
fn observed(compiled: &Compiled, more: &[(&str, i64)]) -> Observations {
    let model = &compiled.model;
    let levels = |system: u32, column: &str| {
        let codes: Vec<CodeId> = model.codes_of(SystemId(system)).map(CodeId).collect();
        let value = |code: &CodeId| {
            let text = &*model.code(*code).code;
            let known = more.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
            Some(Decimal::whole(known.unwrap_or(if system == 0 { 20 } else { 1 })))
        };
        Levels {
            locations: codes.iter().map(|_| LocationId(0)).collect(),
            records: (2..).take(codes.len()).collect(),
            columns: vec![Column { name: column.into(), values: codes.iter().map(value).collect() }],
            about: About { as_of: Some(NOW), rows: codes.len() as u64, ..About::default() },
            codes,
            ..Levels::default()
        }
    };
    let mut seen = Observations::default();
    seen.levels.insert(SystemId(0), levels(0, "on-hand"));
    seen.levels.insert(SystemId(1), levels(1, "available"));
    seen
}

fn planned_with(items: &str, kits: &str, more: &[(&str, i64)], chosen: &[&str]) -> Plan {
    let compiled = compiled(items, kits);
    let model = &compiled.model;
    let mut selection = Selection::default();
    if !chosen.is_empty() {
        let mut things = onhand::model::set::Things::default();
        for (at, item) in model.items.iter().enumerate() {
            if chosen.contains(&&*item.name) {
                things.items.insert(at);
            }
        }
        selection.items = Some(things);
    }
    let stamp = Stamp::new("plan-1", NOW);
    let plan = plan::build(model, &graph::build(model), &observed(&compiled, more), &selection, &stamp);
    crate::plan::check(&plan);
    plan
}

fn planned(items: &str, kits: &str) -> Plan {
    planned_with(items, kits, &[], &[])
}

/// The codes that change, and those that are held.
fn fates(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let changed = plan.changes.iter().map(|change| change.code.clone()).collect();
    (changed, plan.held.iter().map(|held| held.code.clone()).collect())
}

/// Each failure as `item record source field`.
fn told_rows(plan: &Plan) -> Vec<String> {
    let show = |f: &RowFault| {
        assert_eq!((&*f.flow, &*f.system, &f.location), ("f", "shop", &None));
        format!("{} {} {} {}", f.item, f.record, f.source, f.field)
    };
    plan.failures.iter().map(show).collect()
}

#[test]
fn without_bad_rows_all_is_planned() {
    let plan = planned(ITEMS, KITS);
    assert_eq!(fates(&plan).0, ["A", "B", "C", "KA", "KB", "KN", "KC"]);
    // The case of A shows 1 already.
    assert_eq!(plan.summary.unchanged, 1);
    assert_eq!((plan.held.len(), plan.failures.len()), (0, 0));
}

#[test]
fn every_code_of_the_item_and_every_bundle_over_it_is_held() {
    let plan = planned(&ITEMS.replace("A,ea,a,12", "A,ea,a,dozen"), KITS);
    assert_eq!(told_rows(&plan), ["A row 2 c.csv case"]);
    assert!(plan.failures[0].reason.contains("`dozen` is no number"), "{}", plan.failures[0].reason);
    let (changed, kept) = fates(&plan);
    assert_eq!(kept, ["A", "A-CS", "KA"]);
    assert_eq!(changed, ["B", "C", "KB", "KN", "KC"]);
    let held = held(&plan);
    assert!(held[0].starts_with("A@paris: row 2 of c.csv cannot be used"), "{}", held[0]);
    assert!(held[2].starts_with("KA@paris: row 2 of c.csv, about `A`, cannot be used"), "{}", held[2]);
}

#[test]
fn an_unknown_base_unit_holds_bundles_around_bundles() {
    let plan = planned(&ITEMS.replace("B,ea", "B,box"), KITS);
    assert_eq!(told_rows(&plan), ["B row 3 c.csv unit"]);
    let (changed, kept) = fates(&plan);
    assert_eq!(kept, ["B", "KA", "KB", "KN"]);
    assert_eq!(changed, ["A", "C", "KC"]);
}

#[test]
fn a_cell_that_would_fall_or_already_agrees_is_held_too() {
    let items = ITEMS.replace("B,ea", "B,box");
    let plan = planned_with(&items, KITS, &[("B", 500), ("KA", 20)], &[]);
    assert_eq!(fates(&plan).1, ["B", "KA", "KB", "KN"]);
}

#[test]
fn a_later_row_of_a_bundle_holds_it_and_what_it_stands_in() {
    // Computed without B, KA would be raised; KN stands around KB, whose only other row is bad.
    let plan = planned(ITEMS, &KITS.replace("KA,B,1", "KA,B,x").replace("KB,B,1", "KB,B,1\nKB,C,0"));
    assert_eq!(told_rows(&plan), ["KA row 3 k.csv qty", "KB row 5 k.csv qty"]);
    let (changed, kept) = fates(&plan);
    assert_eq!(kept, ["KA", "KB", "KN"]);
    assert_eq!(changed, ["A", "B", "C", "KC"]);
}

#[test]
fn a_row_of_wrong_width_holds_the_bundle_that_it_names() {
    let plan = planned(ITEMS, &KITS.replace("KA,B,1", "KA,B"));
    assert_eq!(told_rows(&plan), ["KA row 3 k.csv "]);
    assert_eq!(fates(&plan).1, ["KA"]);
}

#[test]
fn an_item_whose_row_cannot_be_read_at_all_is_told_and_nothing_is_written_of_it() {
    let plan = planned(&ITEMS.replace("A,ea,a,12,A,A-CS", "A,ea,a"), "kit,part,qty\nKC,C,1\n");
    assert_eq!(told_rows(&plan), [" row 2 c.csv "]);
    let (changed, kept) = fates(&plan);
    assert_eq!((changed, kept), (vec!["B".to_owned(), "C".to_owned(), "KC".to_owned()], vec![]));
}

#[test]
fn a_component_of_nobody_knows_which_bundle_lets_bundles_fall_only() {
    let kits = KITS.replace("KA,B,1", ",B,1");
    let plan = planned_with(ITEMS, &kits, &[("KB", 30), ("KC", 20)], &[]);
    assert_eq!(told_rows(&plan), [" row 3 k.csv kit"]);
    let (changed, kept) = fates(&plan);
    assert_eq!(kept, ["KA", "KN"]);
    assert!(held(&plan)[0].ends_with("so it may only fall"), "{:?}", held(&plan));
    assert!(changes(&plan).contains(&"KB@paris 30→20".to_owned()), "{:?}", changes(&plan));
    assert_eq!(changed, ["A", "B", "C", "KB"]);
}

#[test]
fn a_quote_left_open_may_have_swallowed_any_bundle() {
    let plan = planned(ITEMS, &KITS.replace("KA,B,1", "KA,\"B,1"));
    assert_eq!(plan.failures.len(), 1);
    assert_eq!(plan.failures[0].item, "");
    assert_eq!(fates(&plan).1, ["KA"], "the others are not in the catalog any more");
}

#[test]
fn a_selection_tells_only_what_concerns_it() {
    let items = ITEMS.replace("B,ea", "B,box");
    assert_eq!(planned_with(&items, KITS, &[], &["C"]).failures, []);
    assert_eq!(told_rows(&planned_with(&items, KITS, &[], &["B"])), ["B row 3 c.csv unit"]);
}

#[test]
fn an_item_that_is_not_published_is_no_failure_of_the_flow() {
    let items = ITEMS.replace("C,ea,c,,C,", "C,box,c,,,");
    let plan = planned(&items, "kit,part,qty\nKB,B,1\n");
    assert_eq!((plan.failures.len(), plan.held.len()), (0, 0));
}

#[test]
fn numbers_in_a_doubtful_unit_are_not_remembered() {
    let compiled = compiled(&ITEMS.replace("B,ea", "B,box"), KITS);
    let graph = graph::build(&compiled.model);
    let seen = observed(&compiled, &[]);
    let known = onhand::count::Counter::new(&compiled.model, &graph, &seen, NOW).known();
    let items: Vec<u32> = known.iter().map(|cell| cell.key.1).collect();
    assert_eq!(items, [0, 2]);
}

/// Runs the binary in a folder; answers status and stdout.
fn onhand(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onhand"));
    let done = command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    (done.status.code().unwrap(), out + &String::from_utf8(done.stderr).unwrap())
}

/// The open entries that name the catalog.
fn queued(folder: &Path) -> Vec<serde_json::Value> {
    let (status, out) = onhand(folder, &["queue", "list", "--format", "json"]);
    assert_eq!(status, 0, "{out}");
    let lines = out.lines().filter(|line| line.starts_with('{'));
    let entries = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    entries.filter(|entry| entry["record"].as_str().unwrap().contains("catalog.csv")).collect()
}

#[test]
fn apply_queues_a_bad_row_and_closes_it_once_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    crate::support::example::copy("direct", folder);
    let topology = std::fs::read_to_string(folder.join("onhand.kdl")).unwrap();
    let tolerant = topology.replace("items \"catalog.csv\" {", "items \"catalog.csv\" bad-rows=1 {");
    assert_ne!(topology, tolerant);
    std::fs::write(folder.join("onhand.kdl"), tolerant).unwrap();
    let catalog = std::fs::read_to_string(folder.join("catalog.csv")).unwrap();
    let broken =
        catalog.replace("MUG-WHITE,4006381330008,mug-white,6,", "MUG-WHITE,4006381330008,mug-white,six,");
    assert_ne!(catalog, broken);
    std::fs::write(folder.join("catalog.csv"), broken).unwrap();

    assert_eq!(onhand(folder, &["check"]).0, 0);
    let (status, out) = onhand(folder, &["plan", "--detailed-exitcode", "--format", "json"]);
    assert_eq!(status, 4, "{out}");
    let touched = |line: &&str| line.contains("\"mug-white\"") || line.contains("\"tea-for-two\"");
    let touched: Vec<&str> = out.lines().filter(touched).collect();
    assert_eq!(touched.len(), 4, "two things at two places: {touched:#?}");
    assert!(touched.iter().all(|line| line.starts_with("{\"type\":\"held\"")), "{touched:#?}");

    let (status, out) = onhand(folder, &["apply", "--auto-approve"]);
    assert_eq!(status, 4, "{out}");
    let open = queued(folder);
    let [entry] = open.as_slice() else { panic!("one entry: {open:#?}") };
    assert_eq!(entry["flow"], "shop-stock");
    assert_eq!(entry["system"], "shop");
    assert_eq!((&entry["item"], &entry["field"]), (&"MUG-WHITE".into(), &"case_qty".into()));
    assert_eq!(entry["record"], "row 2 of catalog.csv");

    std::fs::write(folder.join("catalog.csv"), catalog).unwrap();
    let (_, out) = onhand(folder, &["apply", "--auto-approve", "--format", "json"]);
    assert!(out.lines().any(|line| line.contains("\"mug-white\"") && !line.contains("\"held\"")), "{out}");
    assert_eq!(queued(folder), Vec::<serde_json::Value>::new());
    let (status, shown) = onhand(folder, &["queue", "show", &entry["id"].to_string()]);
    assert_eq!(status, 0);
    assert!(shown.contains("came right by itself"), "{shown}");
}

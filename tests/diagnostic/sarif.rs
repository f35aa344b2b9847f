//! SARIF 2.1.0, against its public schema and GitHub's limits.

use super::{PLAIN, beside, find, three};
use crate::{compile, pages};
use onhand::check::pages::page;
use onhand::compile::Compiled;
use onhand::diagnostic::render::{self, About};
use onhand::diagnostic::{Diagnostic, code};
use onhand::source::{Sources, Span};
use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schema: Value =
        serde_json::from_str(include_str!("sarif-schema-2.1.0.json")).expect("valid JSON");
    // Two patterns of the published schema are no valid ECMA regular expressions (a bracket too many); no
    // `language` is ever written.
    for place in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][place]["properties"]["language"];
        let pattern = language.as_object_mut().expect("a property").remove("pattern").expect("a pattern");
        assert!(pattern.as_str().expect("text").ends_with("]?$"));
    }
    jsonschema::validator_for(&schema).expect("a valid schema")
});

/// The output as JSON, after the schema agreed.
pub fn checked(found: &[Diagnostic], sources: &Sources, about: &About<'_>) -> Value {
    let text = render::sarif(found, sources, about);
    assert!(text.len() <= 10_000_000, "{} bytes", text.len());
    let value: Value = serde_json::from_str(&text).expect("valid JSON");
    let wrong: Vec<String> = SCHEMA.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for result in value["runs"][0]["results"].as_array().expect("results") {
        let rule = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(value["runs"][0]["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
    value
}

/// The output without what changes with every new rule and version.
pub fn without_rules(text: &str) -> String {
    let rules = regex::Regex::new(r#""rules":\[.*\],"semanticVersion":"[^"]*","version":"[^"]*""#);
    let index = regex::Regex::new(r#""ruleIndex":\d+"#);
    let text = rules.expect("a pattern").replace_all(text, r#""rules":[]"#);
    index.expect("a pattern").replace_all(&text, r#""ruleIndex":0"#).into_owned()
}

fn of(compiled: &Compiled) -> Value {
    let paths = compiled.paths(&compiled.diagnostics);
    checked(&compiled.diagnostics, &compiled.sources, &About { paths: &paths, page, ..PLAIN.into() })
}

/// The results by one of their fields.
fn each<'v>(value: &'v Value, pointer: &str) -> Vec<&'v Value> {
    let results = value["runs"][0]["results"].as_array().expect("results");
    results.iter().map(|result| result.pointer(pointer).unwrap_or(&Value::Null)).collect()
}

#[test]
fn a_whole_run() {
    let (sources, all) = three();
    let paths = ["item[MUG]/in[erp]", "owner[depot]", "owner[till]/of"].map(str::to_owned);
    let mut value =
        checked(&all, &sources, &About { folder: "shops/eu", paths: &paths, page, ..PLAIN.into() });
    let driver = &mut value["runs"][0]["tool"]["driver"];
    assert_eq!(driver["rules"].as_array().expect("rules").len(), code::ALL.len());
    assert_eq!(driver["version"], env!("CARGO_PKG_VERSION"));
    driver["version"] = "V".into();
    driver["semanticVersion"] = "V".into();
    driver["rules"] = driver["rules"][0].clone();
    driver["rules"]["help"]["markdown"] = "the page".into();
    for result in value["runs"][0]["results"].as_array_mut().expect("results") {
        result["ruleIndex"] = 0.into();
    }
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    insta::assert_snapshot!(beside(&sources, &text));
    assert_eq!(each(&checked(&[], &sources, &PLAIN.into()), "/level").len(), 0);
}

#[test]
fn the_schema_refuses_what_is_not_sarif() {
    let (sources, all) = three();
    let text = render::sarif(&all, &sources, &PLAIN.into());
    let valid = |text: &str| SCHEMA.is_valid(&serde_json::from_str(text).expect("JSON"));
    assert!(valid(&text));
    for (from, to) in [
        (r#""version":"2.1.0""#, r#""version":"2.2.0""#),
        (r#""level":"error""#, r#""level":"fatal""#),
        (r#""startLine":1"#, r#""startLine":0"#),
        (r#""columnKind":"utf16CodeUnits""#, r#""columnKind":"bytes""#),
        (r#""ruleId":"#, r#""rule_id":"#),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(!valid(&text.replace(from, to)), "{to}");
    }
}

#[test]
fn every_rule_gives_sarif_with_a_node_path() {
    let mut pathless = Vec::new();
    for (slug, compiled) in pages::broken() {
        let value = of(&compiled);
        assert_eq!(each(&value, "/ruleId"), [&Value::from(slug.as_str())]);
        let path = compiled.paths(&compiled.diagnostics).remove(0);
        let print = each(&value, "/partialFingerprints/nodePath~1v1")[0].clone();
        assert_eq!(print, format!("{slug} {path} 1"));
        if path.is_empty() {
            pathless.push(slug);
        }
    }
    // What these find stands in no node: there is none, or the text is none.
    println!("findings outside of every node: {pathless:?}");
    assert!(
        pathless.iter().all(|slug| ["language-version", "syntax"].contains(&slug.as_str())),
        "{pathless:?}"
    );
}

const TOWN: &str = "onhand language=1
unit ea
system a kind=memory role=warehouse
item X unit=ea
item Y unit=ea { in b Y; in c Y; in \"d 4\" Y }
item Z unit=ea { in a Z; colour red; colour blue }
items \"items.csv\" { sku sku; unit unit; in a a }
";

fn town(head: &str, rows: &str) -> Compiled {
    let text = TOWN.replacen("unit ea\n", &format!("unit ea\n{head}"), 1);
    compile::files(&[("onhand.kdl", &text), ("items.csv", &format!("sku,unit,a\n{rows}P,ea,\nQ,zz,q\n"))])
}

#[test]
fn fingerprints_name_the_node_and_stay_when_lines_move() {
    let before = town("", "");
    let print = "/partialFingerprints/nodePath~1v1";
    let hash = "/partialFingerprints/primaryLocationLineHash";
    let first = of(&before);
    let mut names: Vec<&str> = each(&first, print).iter().map(|name| name.as_str().expect("text")).collect();
    names.sort_unstable();
    let want = [
        "catalog-row items[items.csv]/row[Q] 1",
        "item-unmapped item[X] 1",
        "item-unmapped items[items.csv]/row[P] 1",
        "unknown-name item[Y]/in 1",
        "unknown-name item[Y]/in[b] 1",
        "unknown-name item[Y]/in[c] 1",
        "unknown-node item[Z]/colour[blue] 1",
        "unknown-node item[Z]/colour[red] 1",
    ];
    assert_eq!(names, want, "{}", compile::told(&before));
    let moved = town("// a comment\n\n\nunit kg\nitem W unit=ea { in a W }\n", "O,ea,o\n");
    let second = of(&moved);
    for pointer in [print, hash] {
        assert_eq!(each(&first, pointer), each(&second, pointer), "{}", compile::told(&moved));
    }
    let line = "/locations/0/physicalLocation/region/startLine";
    assert_ne!(each(&first, line), each(&second, line));
    let mut hashes = each(&first, hash);
    hashes.sort_by_key(|hash| hash.to_string());
    hashes.dedup();
    assert_eq!(hashes.len(), want.len());
}

#[test]
fn two_findings_of_one_path_have_a_running_number() {
    let mut sources = Sources::new();
    let file = sources.add("a.kdl", "item A; item A\n");
    let at = |start| Diagnostic::new(code::SYNTAX, Span::new(file, start, start + 1), "m");
    let paths = ["item[A]".to_owned(), "item[A]".to_owned()];
    let value = checked(&[at(0), at(8)], &sources, &About { paths: &paths, ..PLAIN.into() });
    let prints = each(&value, "/partialFingerprints/nodePath~1v1");
    assert_eq!(prints, ["syntax item[A] 1", "syntax item[A] 2"]);
    let hashes = each(&value, "/partialFingerprints/primaryLocationLineHash");
    let (one, two) = (hashes[0].as_str().expect("text"), hashes[1].as_str().expect("text"));
    assert_eq!(
        (one.split_once(':').expect("a number").1, two.split_once(':').expect("a number").1),
        ("1", "2")
    );
    assert_eq!(one.split(':').next(), two.split(':').next());
}

#[test]
fn columns_count_code_units_of_utf_16() {
    let mut sources = Sources::new();
    let far = format!("{}\"é👍漢\" x y\n", "👍".repeat(1000));
    let file = sources.add("a.kdl", format!("one\n{far}"));
    let value =
        checked(&[Diagnostic::new(code::SYNTAX, find(&sources, file, "x", 0), "m")], &sources, &PLAIN.into());
    let region = each(&value, "/locations/0/physicalLocation/region")[0];
    assert_eq!(value["runs"][0]["columnKind"], "utf16CodeUnits");
    let units = far[..far.find('x').expect("there")].encode_utf16().count() as u64;
    assert_eq!((&region["startLine"], &region["startColumn"]), (&2.into(), &(units + 1).into()));
    assert_eq!((&region["endLine"], &region["endColumn"]), (&2.into(), &(units + 2).into()));
}

#[test]
fn addresses_are_relative_to_the_repository_and_encoded() {
    let mut sources = Sources::new();
    let names =
        ["a b.kdl", "lager/größe#1.kdl", "../shared/[x]?.kdl", "./y.kdl", "../../../out.kdl", "/abs/z.kdl"];
    let files: Vec<_> = names.iter().map(|name| sources.add(*name, "x")).collect();
    let found: Vec<_> =
        files.iter().map(|file| Diagnostic::new(code::SYNTAX, Span::new(*file, 0, 1), "m")).collect();
    let value = checked(&found, &sources, &About { folder: "shops/eu", ..PLAIN.into() });
    let uris = each(&value, "/locations/0/physicalLocation/artifactLocation/uri");
    let want = [
        "shops/eu/a%20b.kdl",
        "shops/eu/lager/gr%C3%B6%C3%9Fe%231.kdl",
        "shops/shared/%5Bx%5D%3F.kdl",
        "shops/eu/y.kdl",
        "../out.kdl",
        "file:///abs/z.kdl",
    ];
    assert_eq!(uris, want);
    let bases = each(&value, "/locations/0/physicalLocation/artifactLocation/uriBaseId");
    assert_eq!(bases[..5], ["%SRCROOT%"; 5]);
    assert!(bases[5].is_null() && value["runs"][0]["originalUriBaseIds"]["%SRCROOT%"].is_object());
    assert_eq!(value["runs"][0]["automationDetails"]["id"], "onhand/shops/eu/");
}

/// Many warnings, and after them some errors.
fn many(warnings: usize, errors: usize, help: &str) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("items.csv", "bad\n".repeat(warnings + errors));
    let at = |rule, n: usize| Diagnostic::new(rule, Span::new(file, n * 4, n * 4 + 3), "bad").help(help);
    let mut all: Vec<_> = (0..warnings).map(|n| at(code::ITEM_UNMAPPED, n)).collect();
    all.extend((warnings..warnings + errors).map(|n| at(code::CATALOG_ROW, n)));
    (sources, all)
}

fn note(value: &Value) -> &str {
    let note = &value["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    note.as_str().unwrap_or("")
}

#[test]
fn at_most_so_many_results_and_bytes_as_github_takes() {
    let (sources, all) = many(5_001, 3, "");
    let value = checked(&all, &sources, &About { page, ..PLAIN.into() });
    assert_eq!(each(&value, "/level").len(), 5_004);
    assert!(note(&value).starts_with("5004 findings are listed, errors first; GitHub shows at most 5000"));
    let (sources, all) = many(30_000, 3, "");
    let value = checked(&all, &sources, &About { page, ..PLAIN.into() });
    let levels = each(&value, "/level");
    assert!(levels.len() <= 25_000 && levels[..3] == ["error"; 3] && levels[3] == "warning");
    let left = 30_003 - levels.len();
    assert!(note(&value).starts_with(&format!("{left} of 30003 findings are left out")), "{}", note(&value));
    let (sources, all) = many(3_000, 2, &"ü\u{202e} long ".repeat(600));
    let value = checked(&all, &sources, &About { page, ..PLAIN.into() });
    let kept = each(&value, "/level").len();
    assert!(kept > 500 && kept < 3_002, "{kept}");
    assert!(note(&value).starts_with(&format!("{} of 3002 findings are left out", 3_002 - kept)));
}

#[test]
fn at_most_a_hundred_places_and_no_link_from_the_text() {
    let mut sources = Sources::new();
    let file = sources.add("a.kdl", "x\n".repeat(300));
    let mut one = Diagnostic::new(code::SYNTAX, Span::new(file, 0, 1), "see [here](1)").here("of [x](2)");
    for n in 1..300 {
        one = one.label(Span::new(file, n * 2, n * 2 + 1), "t](3)");
    }
    let value = checked(&[one], &sources, &PLAIN.into());
    let result = &value["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().expect("places").len(), 99);
    let text = result["message"]["text"].as_str().expect("text");
    assert!(text.starts_with("see \\[here\\](1).\nHere: of \\[x\\](2).\n[a.kdl:2](1): t\\](3).\n"), "{text}");
    assert!(text.ends_with("\nAnd 200 more places."), "{text}");
}

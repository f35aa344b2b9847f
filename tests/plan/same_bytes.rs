//! Two plans of one snapshot are the same bytes, but for the id and the times.

use crate::count::town::*;
use onhand::graph;
use onhand::model::observation::Observations;
use onhand::model::time::Moment;
use onhand::plan::{self, Plan, Selection, Stamp, file};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A plan's text without its id, the times of its first line and those of its reads, and the seal that covers
/// them; every other byte as it stands.
fn steady(text: &str) -> String {
    let as_of = regex::Regex::new(r#""as_of":"[^"]+""#).expect("a pattern");
    let text = as_of.replace_all(text, "\"as_of\":\"\"");
    let seal = regex::Regex::new(r#","seal":"[0-9a-f]{64}"\}\n$"#).expect("a pattern");
    let text = &seal.replace(&text, "}\n");
    let (first, rest) = text.split_once('\n').expect("a plan has lines");
    let mut head: Value = serde_json::from_str(first).expect("a plan's first line is JSON");
    for key in ["id", "created", "expires"] {
        let gone = head.as_object_mut().expect("an object").remove(key);
        assert!(gone.is_some(), "the first line has `{key}`: {first}");
    }
    format!("{head}\n{rest}")
}

/// A town of which every kind of line comes: changes, held cells, failures, reads of levels and lines.
fn town() -> Town {
    let mut fixed = Fixed::with_lines().owned();
    let (erp, web, shop) = (fixed.erp, fixed.web, fixed.shop);
    let (paris, lyon, online) = (fixed.paris, fixed.lyon, fixed.online);
    fixed.has("E-SHIRT", paris, "40", "0");
    fixed.has("E-MUG", paris, "31", "0");
    fixed.has("E-SHIRT", lyon, "12", "0");
    let town = &mut fixed.town;
    for (document, code) in [("b", "E-MUG"), ("a", "E-SHIRT")] {
        town.line(erp, code, Some(paris), "3").document = name(document);
    }
    for (code, number) in [("SHIRT", "9"), ("MUG", "2"), ("GIFT", "50")] {
        town.row(web, code, paris, &[("available", number)]);
        town.row(web, code, online, &[("available", number)]);
    }
    for place in [paris, lyon] {
        let columns = [("on-hand", "7"), ("allocated", "2"), ("threshold", "1")];
        town.row(shop, "SHIRT", place, &columns);
    }
    town.fail(web, Some("MUG"), Some(paris));
    town.fail(web, None, None);
    town.flow("f-web", "available", web, &[paris, online]);
    town.flow("f-shop", "available", shop, &[lyon, paris]);
    fixed.town
}

fn planned(town: &Town, seen: &Observations, id: &str, now: Moment) -> Plan {
    let graph = graph::build(&town.model);
    let plan = plan::build(&town.model, &graph, seen, &Selection::default(), &Stamp::new(id, now));
    super::check(&plan);
    plan
}

#[test]
fn id_and_times_are_all_that_differs() {
    let mut town = town();
    let seen = town.observations();
    let one = planned(&town, &seen, "plan-1", NOW);
    let other = planned(&town, &seen, "plan-2", Moment(NOW.0 + 61_000));
    assert!(!one.changes.is_empty() && !one.held.is_empty() && !one.failures.is_empty(), "{one:#?}");
    assert!(one.reads.iter().any(|read| read.what == "lines"));
    assert_ne!(file::write(&one), file::write(&other));
    assert_eq!(steady(&file::write(&one)), steady(&file::write(&other)));
    assert_eq!(one.summary.digest, other.summary.digest);
}

#[test]
fn the_order_in_which_rows_come_does_not_matter() {
    let mut town = town();
    let seen = town.observations();
    let text = file::write(&planned(&town, &seen, "plan-1", NOW));
    // What a source sends first decides the order of its columns, its failures, and its place in the maps.
    let mut other = self::town();
    other.rows.reverse();
    other.rows.iter_mut().for_each(|row| row.columns.reverse());
    other.failures.reverse();
    let mut seen = other.observations();
    for levels in seen.levels.values_mut() {
        levels.columns.reverse();
    }
    assert_eq!(file::write(&planned(&other, &seen, "plan-1", NOW)), text);
}

/// What `plan --format json` prints in a folder.
fn printed(folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onhand"));
    let done = command.args(["plan", "--format", "json"]).current_dir(folder).output().expect("it runs");
    let told = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{told}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

#[test]
fn the_command_prints_the_same_plan_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::support::example::copy("direct", folder.path());
    let (one, other) = (printed(folder.path()), printed(folder.path()));
    crate::support::check_plan(&one);
    assert!(one.lines().count() > 20, "{one}");
    let id = |text: &str| {
        let first: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
        first["id"].clone()
    };
    assert_ne!(id(&one), id(&other));
    assert_eq!(steady(&one), steady(&other));
}

#[test]
fn a_feed_in_another_order_plans_the_same_cells() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::support::example::copy("direct", folder.path());
    let one = printed(folder.path());
    let feed = folder.path().join("feeds/depot-2026-11-22.csv");
    let text = std::fs::read_to_string(&feed).expect("a feed");
    let (header, rows) = text.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().rev().collect();
    std::fs::write(&feed, format!("{header}\n{}\n", rows.join("\n"))).expect("a feed");
    let other = printed(folder.path());
    // A failure names the row's place in the file, and the read the file's own time.
    let cells = |text: &str| -> Vec<String> {
        let kept = |line: &&str| {
            ["{\"type\":\"change\"", "{\"type\":\"held\"", "{\"type\":\"guard\""]
                .iter()
                .any(|k| line.starts_with(k))
        };
        text.lines().filter(kept).map(str::to_owned).collect()
    };
    assert!(cells(&one).len() > 10);
    assert_eq!(cells(&one), cells(&other));
}

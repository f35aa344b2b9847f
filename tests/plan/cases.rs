//! Whole topologies with what their systems show, and the plan that comes of it.
//!
//! A case is a folder: `onhand.kdl`, one `SYSTEM.csv` for each system that was read (`code,location`, then
//! `unit` if the source names units, then columns; an empty value is not shown; codes are the system's own),
//! and `SYSTEM.lines.csv` for open lines (`document,line,code,location,open`).

use crate::count::town::NOW;
use onhand::compile::Compiled;
use onhand::diagnostic::render::Options;
use onhand::graph;
use onhand::model::observation::{About, Column, Levels, Lines, Observations, OpenLine};
use onhand::model::quantity::Decimal;
use onhand::model::{CodeId, LocationId, Model, Name, SystemId};
use onhand::plan::{self, Plan, Selection, Stamp, render};
use std::path::{Path, PathBuf};

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan").join(case)
}

fn compiled(case: &str) -> Compiled {
    let text = std::fs::read_to_string(folder(case).join("onhand.kdl")).expect("a topology");
    let compiled = crate::compile::text(&text);
    assert!(!compiled.has_errors(), "{}", crate::compile::told(&compiled));
    compiled
}

/// The header and the rows of a file; nothing where it is not there.
fn table(path: &Path) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    Some((rows.next().expect("a header"), rows.collect()))
}

fn place(model: &Model, system: SystemId, code: &str) -> LocationId {
    let code = (!code.is_empty()).then_some(code);
    model.find_location(system, code).unwrap_or_else(|| panic!("no location {code:?}"))
}

fn about(name: &str, rows: usize) -> About {
    About {
        source: Name::from(name),
        rows: rows as u64,
        pages: 1,
        requests: 1,
        as_of: Some(NOW),
        ..About::default()
    }
}

fn levels(model: &Model, system: SystemId, name: &str, table: (Vec<String>, Vec<Vec<String>>)) -> Levels {
    let (header, rows) = table;
    let code =
        |row: &[String]| model.find_code(system, &row[0]).unwrap_or_else(|| panic!("no code {}", row[0]));
    let mut rows: Vec<(LocationId, CodeId, u32, Vec<String>)> =
        (2..).zip(rows).map(|(line, row)| (place(model, system, &row[1]), code(&row), line, row)).collect();
    rows.sort();
    let named = header.get(2).is_some_and(|column| column == "unit");
    let mut levels = Levels { about: about(name, rows.len()), ..Levels::default() };
    levels.codes = rows.iter().map(|row| row.1).collect();
    levels.locations = rows.iter().map(|row| row.0).collect();
    levels.records = rows.iter().map(|row| row.2).collect();
    for (.., row) in rows.iter().filter(|_| named) {
        let word = Name::from(&*row[2]);
        if !word.is_empty() && !levels.words.contains(&word) {
            levels.words.push(word.clone());
        }
        let at = levels.words.iter().position(|known| *known == word);
        levels.units.push(at.map(|at| at as u32));
    }
    for (at, column) in header.iter().enumerate().skip(if named { 3 } else { 2 }) {
        let value = |text: &String| (!text.is_empty()).then(|| Decimal::parse(text).expect("a decimal"));
        let values = rows.iter().map(|(.., row)| value(&row[at])).collect();
        levels.columns.push(Column { name: Name::from(&**column), values });
    }
    levels
}

fn observed(model: &Model, case: &str) -> Observations {
    let mut seen = Observations::default();
    for (at, system) in model.systems.iter().enumerate() {
        let id = SystemId::at(at);
        let name = format!("{}.csv", system.name);
        if let Some(table) = table(&folder(case).join(&name)) {
            seen.levels.insert(id, levels(model, id, &name, table));
        }
        let name = format!("{}.lines.csv", system.name);
        let rows = table(&folder(case).join(&name)).map(|(_, rows)| rows).unwrap_or_default();
        let line = |row: &Vec<String>| OpenLine {
            document: Name::from(&*row[0]),
            line: Name::from(&*row[1]),
            code: model.find_code(id, &row[2]).expect("a code"),
            location: (!row[3].is_empty()).then(|| place(model, id, &row[3])),
            open: Decimal::parse(&row[4]).expect("a decimal"),
            unit: None,
            cause: None,
        };
        if system.kind.lists_lines {
            let lines = rows.iter().map(line).collect();
            seen.lines.insert(id, Lines { lines, failures: Vec::new(), about: about(&name, rows.len()) });
        }
    }
    seen
}

fn planned(case: &str) -> Plan {
    let compiled = compiled(case);
    let model = &compiled.model;
    let seen = observed(model, case);
    let graph = graph::build(model);
    let stamp = Stamp::new("plan-1", NOW);
    let plan = plan::build(model, &graph, &seen, &Selection::default(), &stamp);
    super::check(&plan);
    plan
}

#[test]
fn a_box_is_limited_by_its_mugs_and_what_is_kept_back() {
    insta::assert_snapshot!(render::human(&planned("box"), Options::default()));
}

#[test]
fn beans_are_counted_in_kg_and_sold_in_bags_from_a_pool() {
    insta::assert_snapshot!(render::human(&planned("beans"), Options::default()));
}

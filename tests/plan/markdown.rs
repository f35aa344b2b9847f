//! Plans as comments on pull requests.

use super::rendering::town;
use crate::count::town::*;
use onhand::diagnostic::render::Options;
use onhand::plan::change::{Action, Change, Header, Held, RowFault, Step, Summary, Verdict, Write};
use onhand::plan::{Plan, render};

fn markdown(plan: &Plan) -> String {
    let text = render::markdown(plan, Options::default());
    assert!(text.len() <= 60_000, "{} bytes", text.len());
    assert!(text.chars().all(|c| c == '\n' || !onhand::diagnostic::escape::is_hidden(c)));
    text
}

#[test]
fn a_small_plan() {
    insta::assert_snapshot!(markdown(&town().town.plan()));
}

#[test]
fn nothing_to_do() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "5", "0");
    t.shows("SHIRT", t.paris, "5");
    let text = markdown(&t.town.plan());
    let want = "## onhand plan: nothing to do\n\nNo count changes. 1 count is right already, 0 held, 0 rows failed.\n\n\
                Plan `plan-1`, good until 2027-01-15T08:30:00Z.\n";
    assert_eq!(text, want);
}

#[test]
fn what_stops_a_plan_stands_first() {
    let mut t = town();
    t.town.about(t.erp).incomplete = Some("the file ends in the middle of row 9".to_owned());
    let first = "## onhand plan: not complete\n\n- `erp` could not be read to its end: the file ends in the middle \
                 of row 9. Nothing that depends on it is written.\n\n";
    let text = markdown(&t.town.plan());
    assert!(text.starts_with(first), "{text}");
    let mut t = town();
    t.town.model.flows[0].guard.max_rows = 1;
    let text = markdown(&t.town.plan());
    let first = "## onhand plan: stopped by a guard\n\n- `web-stock` asks for more than `max-rows` allows: 5 above \
                 1. Nothing of it is written.\n\n";
    assert!(text.starts_with(first) && text.contains("**above its limit**"), "{text}");
}

/// A change made by hand.
fn change(flow: &str, at: usize, (before, after): (Option<i64>, i64)) -> Change {
    let action = match before {
        None => Action::Create,
        Some(before) if after < before => Action::Lower,
        Some(_) => Action::Raise,
    };
    Change {
        id: format!("{at:016x}"),
        flow: flow.to_owned(),
        action,
        system: "web".to_owned(),
        location: Some(format!("place-{}", at % 7)),
        item: format!("ITEM-{at:06}"),
        code: format!("code {at}"),
        quantity: "available".to_owned(),
        unit: "ea".to_owned(),
        before,
        after,
        write: Write { quantity: "available".to_owned(), unit: "ea".to_owned(), before: None, after },
        reason: format!("on-hand {after} − reserved 0, limited by ITEM-{at:06}"),
        exposure: 0,
        shadow: false,
        sum: Vec::<Step>::new(),
    }
}

fn held(flow: &str, at: usize, reason: String) -> Held {
    let (item, code) = (format!("ITEM-{at}"), format!("c{at}"));
    Held { flow: flow.to_owned(), system: "web".to_owned(), location: None, item, code, reason }
}

fn failure(flow: &str, at: usize, reason: String) -> RowFault {
    RowFault {
        flow: flow.to_owned(),
        system: "erp".to_owned(),
        location: None,
        item: String::new(),
        code: String::new(),
        record: format!("row {at}"),
        source: "feed.csv".to_owned(),
        field: "qty".to_owned(),
        reason,
    }
}

fn whole(flows: Vec<String>, changes: Vec<Change>, held: Vec<Held>, failures: Vec<RowFault>) -> Plan {
    let count = |action| changes.iter().filter(|change| change.action == action).count() as u64;
    let summary = Summary {
        changes: changes.len() as u64,
        lower: count(Action::Lower),
        raise: count(Action::Raise),
        create: count(Action::Create),
        unchanged: 77,
        held: held.len() as u64,
        failures: failures.len() as u64,
        ..Summary::default()
    };
    let header = Header { id: "p".to_owned(), flows, ..Header::default() };
    Plan { header, changes, held, failures, summary, ..Plan::default() }
}

/// The cells of the row of the table of counts whose name is `name`.
fn cells(text: &str, name: &str) -> Vec<usize> {
    let row = text
        .lines()
        .find(|line| line.starts_with(&format!("| {name} | ")))
        .unwrap_or_else(|| panic!("{text}"));
    row.split(" | ").skip(1).map(|cell| cell.trim_end_matches(" |").parse().expect("a number")).collect()
}

/// The first number after some words.
fn number(text: &str, words: &str) -> usize {
    let rest = text.split_once(words).unwrap_or_else(|| panic!("{words}\n{text}")).1;
    rest.split(|c: char| !c.is_ascii_digit()).next().expect("a number").parse().expect("a number")
}

#[test]
fn a_hundred_thousand_changes_fit_and_every_total_is_right() {
    let flow =
        |at: usize| ["web-stock", "till-stock", "far"][usize::from(at % 2 == 1) + usize::from(at % 10 == 9)];
    let make = |at: usize| {
        let pair = match at % 5 {
            0 => (None, 1 + at as i64 % 40),
            1 => (Some(at as i64), 0),
            2 | 3 => (Some(at as i64 + 9), at as i64),
            _ => (Some(3), 4 + at as i64),
        };
        change(flow(at), at, pair)
    };
    let changes: Vec<Change> = (0..100_000).map(make).collect();
    let holds = (0..3_000).map(|at| held("far", at, format!("reason {}", at % 100))).collect();
    let fails = (0..2_000).map(|at| failure("web-stock", at, format!("bad {}", at % 4))).collect();
    let names: Vec<String> = ["web-stock", "till-stock", "far"].map(str::to_owned).to_vec();
    let plan = whole(names.clone(), changes, holds, fails);
    let text = markdown(&plan);
    println!("100,000 changes as markdown: {} bytes", text.len());
    assert!(text.starts_with(
        "## onhand plan: safe to apply\n\n**100000 counts** change in 3 flows: 60000 lowered (20000 to 0), 20000 \
         raised, 20000 new. 77 counts are right already, 3000 held, 2000 rows failed.\n\n"
    ));
    let mut listed = 0;
    for name in &names {
        let own: Vec<&Change> = plan.changes.iter().filter(|change| change.flow == *name).collect();
        let count = |want: &dyn Fn(&Change) -> bool| own.iter().filter(|change| want(change)).count();
        let zero = count(&|change| change.after == 0);
        let (lower, raise) = (count(&|c| c.action == Action::Lower), count(&|c| c.action == Action::Raise));
        let (held, failed) =
            (if name == "far" { 3_000 } else { 0 }, if name == "web-stock" { 2_000 } else { 0 });
        let want = [own.len(), lower, zero, raise, own.len() - lower - raise, held, failed];
        assert_eq!(cells(&text, &format!("`{name}`")), want);
        let section = text.split_once(&format!("### `{name}`\n")).expect("a section").1;
        let section = section.split("\n### ").next().expect("text");
        let rows = section.lines().filter(|line| line.starts_with("| `ITEM-")).count();
        assert_eq!(number(section, "\nAnd "), own.len() - rows);
        listed += rows;
    }
    assert_eq!(number(&text, "\nAnd 2"), 550, "of the reasons for which counts are held, 15 are shown");
    assert_eq!(number(&text, &format!("{listed} of 100000 changes are listed here, ")), 100_000 - listed);
    assert_eq!(text, markdown(&plan), "the same plan, the same text");
}

#[test]
fn the_biggest_changes_come_first_and_drops_to_zero_before_them() {
    let pairs = [(Some(5), 6), (Some(9), 0), (Some(2_000), 1_000), (None, 30), (Some(40), 0), (Some(50), 90)];
    let changes = pairs.into_iter().enumerate().map(|(at, pair)| change("f", at, pair)).collect();
    let text = markdown(&whole(vec!["f".to_owned()], changes, Vec::new(), Vec::new()));
    let rows = text.lines().filter(|line| line.starts_with("| `ITEM-"));
    let rows: Vec<&str> = rows.map(|line| line.split(" | ").nth(2).expect("a cell")).collect();
    let want = ["40 → **0** ea", "9 → **0** ea", "2000 → 1000 ea", "50 → 90 ea", "none → 30 ea", "5 → 6 ea"];
    assert_eq!(rows, want);
}

const HOSTILE: &str =
    "a|b`c*_[x](http://e)<img src=x>@octo #12\n| x |\n# h\\ &lt; GH-7 :tada: www.e.org \u{202e}";

#[test]
fn nothing_in_a_name_is_a_mark() {
    let mut one = change("f", 1, (Some(5), 0));
    for text in [&mut one.flow, &mut one.item, &mut one.code, &mut one.unit, &mut one.reason] {
        HOSTILE.clone_into(text);
    }
    one.location = Some(HOSTILE.to_owned());
    let flow = HOSTILE.to_owned();
    let mut plan = whole(
        vec![flow.clone()],
        vec![one],
        vec![held(HOSTILE, 1, HOSTILE.to_owned())],
        vec![failure(HOSTILE, 2, HOSTILE.to_owned())],
    );
    let (guard, limit, actual) = (HOSTILE.to_owned(), HOSTILE.to_owned(), HOSTILE.to_owned());
    let verdict = |reason: Option<&str>, lifted: Option<&str>| Verdict {
        flow: flow.clone(),
        guard: guard.clone(),
        limit: limit.clone(),
        actual: actual.clone(),
        rows: 9,
        of: 9,
        tripped: true,
        reason: reason.map(str::to_owned),
        lifted: lifted.map(str::to_owned),
    };
    plan.guards = vec![verdict(None, None), verdict(Some(HOSTILE), None), verdict(None, Some(HOSTILE))];
    let text = markdown(&plan);
    for mark in ["@octo", " #12", "<img", "](", "GH-7", "www.", "http:/", ":tada", "**_", "&lt; "] {
        assert!(!text.contains(mark), "{mark}\n{text}");
    }
    for line in text.lines() {
        let cells = line.matches('|').count();
        assert!([0, 4, 5, 9].contains(&cells), "{cells}: {line}");
        assert_eq!(line.matches('`').count() % 2, 0, "{line}");
    }
    let plain = change("f", 1, (Some(5), 0));
    let text = markdown(&whole(
        vec!["f".to_owned()],
        vec![Change { item: "@octo <b> #1".to_owned(), ..plain }],
        vec![],
        vec![],
    ));
    assert!(text.contains("| `@octo <b> #1 (code 1)` |"), "in code these are no marks: {text}");
}

#[test]
fn the_longest_names_and_the_most_flows_fit_too() {
    let flow = |at: usize| format!("{at:04}{}", HOSTILE.repeat(40));
    let reason = |at: usize| format!("{at} {}", HOSTILE.repeat(40));
    let make = |at: usize| {
        let mut one = change(&flow(at % 700), at, (Some(5), (at % 3) as i64));
        one.item = format!("{at}{}", HOSTILE.repeat(40));
        one.reason = reason(at);
        one
    };
    let holds = (0..900).map(|at| held(&flow(at % 700), at, reason(at))).collect();
    let fails = (0..900).map(|at| failure(&flow(at % 700), at, reason(at))).collect();
    let mut plan = whole((0..700).map(flow).collect(), (0..5_000).map(make).collect(), holds, fails);
    let verdict = |at: usize| Verdict {
        flow: flow(at),
        guard: "max-rows".to_owned(),
        limit: "5".to_owned(),
        actual: "8".to_owned(),
        rows: 8,
        of: 9,
        tripped: true,
        reason: None,
        lifted: None,
    };
    plan.guards = (0..700).map(verdict).collect();
    let text = markdown(&plan);
    println!("700 flows of hostile names as markdown: {} bytes", text.len());
    let rest = text.lines().find_map(|line| line.strip_prefix("| ")?.split_once(" more |"));
    let more = cells(&text, &format!("{} more", rest.expect("a row of the rest").0));
    let rows = text.lines().filter(|line| line.starts_with("| <code>") && line.matches('|').count() == 9);
    let own: usize =
        rows.map(|line| line.split(" | ").nth(1).expect("a cell").parse::<usize>().expect("a number")).sum();
    assert_eq!(own + more[0], 5_000);
    assert!(text.contains("Held, not written") && text.contains("Rows that failed"));
    assert!(text.contains(" of 5000 changes are listed here, "));
}

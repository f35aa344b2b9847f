//! What a plan permits once everything was read again: every combination of signs.

use crate::count::town::{Fixed, changes, things};
use onhand::plan::again::Index;
use onhand::plan::change::{Action, Change, Write};
use onhand::plan::permit::{Now, Permission, permit};
use std::collections::BTreeMap;

/// A line from `before` to `after`, on a target that takes 5 off by itself.
fn line(before: Option<i64>, after: i64) -> Change {
    let action = match before {
        None => Action::Create,
        Some(before) if after < before => Action::Lower,
        Some(_) => Action::Raise,
    };
    let columns =
        |before: i64| BTreeMap::from([("on-hand".to_owned(), before + 5), ("allocated".to_owned(), 5)]);
    Change {
        id: "x".to_owned(),
        flow: "f".to_owned(),
        action,
        system: "web".to_owned(),
        location: None,
        item: "A".to_owned(),
        code: "A".to_owned(),
        quantity: "available".to_owned(),
        unit: "ea".to_owned(),
        before,
        after,
        write: Write {
            quantity: "on-hand".to_owned(),
            unit: "ea".to_owned(),
            before: before.map(columns),
            after: if before.is_some() { after + 5 } else { after },
        },
        reason: String::new(),
        exposure: 0,
        shadow: false,
        sum: Vec::new(),
    }
}

/// The permission in one word, with what is shown and what is sent.
fn word(planned: (Option<i64>, i64), now: (Option<i64>, i64)) -> String {
    let (planned, now) = (line(planned.0, planned.1), line(now.0, now.1));
    match permit(&planned, Now::Change(&now)) {
        Permission::Write(permitted) => {
            assert_eq!(permitted.write_before, now.write.before, "compared with what was read last");
            format!("{:?} {} sends {}", permitted.action, permitted.after, permitted.write_after)
        }
        Permission::Unchanged => "unchanged".to_owned(),
        Permission::Moved { .. } => "moved".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_combination_of_planned_and_now() {
    let at = Some;
    // (planned, now, what may be done)
    let cases = [
        // A planned lowering, lowered.
        ((at(12), 9), (at(12), 9), "Lower 9 sends 14"),
        ((at(12), 9), (at(12), 7), "Lower 7 sends 12"),
        ((at(12), 9), (at(12), 10), "Lower 9 sends 14"),
        ((at(12), 9), (at(15), 9), "Lower 9 sends 14"),
        ((at(12), 9), (at(10), 9), "Lower 9 sends 14"),
        ((at(12), 9), (at(9), 5), "Lower 5 sends 10"),
        ((at(12), 9), (at(7), 5), "Lower 5 sends 10"),
        // A planned lowering that would be a raise now.
        ((at(12), 9), (at(7), 9), "moved"),
        ((at(12), 9), (at(7), 20), "moved"),
        ((at(12), 9), (at(10), 11), "moved"),
        ((at(12), 9), (at(12), 14), "moved"),
        ((at(12), 9), (at(9), 10), "unchanged"),
        // A planned raise, raised.
        ((at(12), 20), (at(12), 20), "Raise 20 sends 25"),
        ((at(12), 20), (at(12), 15), "Raise 15 sends 20"),
        ((at(12), 20), (at(12), 30), "Raise 20 sends 25"),
        ((at(12), 20), (at(14), 20), "Raise 20 sends 25"),
        ((at(12), 20), (at(20), 30), "unchanged"),
        ((at(12), 20), (at(22), 25), "moved"),
        // The target fell since: a sale that the owner may not know of.
        ((at(12), 20), (at(10), 20), "moved"),
        ((at(12), 20), (at(10), 18), "moved"),
        ((at(12), 20), (at(10), 11), "moved"),
        // A planned raise that is a lowering now.
        ((at(12), 20), (at(12), 8), "Lower 8 sends 13"),
        ((at(12), 20), (at(10), 8), "Lower 8 sends 13"),
        ((at(12), 20), (at(30), 25), "Lower 20 sends 25"),
        // Creates.
        ((None, 4), (None, 4), "Create 4 sends 4"),
        ((None, 4), (None, 3), "Create 3 sends 3"),
        ((None, 4), (None, 9), "Create 4 sends 4"),
        ((None, 4), (at(1), 4), "moved"),
        ((None, 4), (at(9), 4), "moved"),
        ((None, 4), (at(4), 6), "unchanged"),
        // The cell is gone.
        ((at(12), 9), (None, 9), "moved"),
        ((at(12), 20), (None, 20), "moved"),
    ];
    for (planned, now, want) in cases {
        assert_eq!(word(planned, now), want, "planned {planned:?}, now {now:?}");
    }
}

#[test]
fn nothing_above_the_plan_or_above_the_count_is_ever_permitted() {
    let numbers = || (0..7_i64).map(|n| n * 3);
    let cells = || std::iter::once(None).chain(numbers().map(Some));
    let differ = |(before, after): &(Option<i64>, i64)| *before != Some(*after);
    let lines = || cells().flat_map(|before| numbers().map(move |after| (before, after))).filter(differ);
    let mut written = 0;
    for planned in lines() {
        for now in lines() {
            let (p, n) = (line(planned.0, planned.1), line(now.0, now.1));
            let Permission::Write(permitted) = permit(&p, Now::Change(&n)) else { continue };
            written += 1;
            assert!(permitted.after <= p.after && permitted.after <= n.after);
            assert_eq!(permitted.write_after - permitted.after, n.write.after - n.after);
            if let Some(shown) = n.before.filter(|shown| permitted.after > *shown) {
                assert!(p.action == Action::Raise && p.before.is_some_and(|seen| seen <= shown));
            }
        }
    }
    assert!(written > 100);
}

#[test]
fn what_is_not_known_now_is_not_written() {
    let planned = line(Some(12), 9);
    assert_eq!(permit(&planned, Now::Unchanged), Permission::Unchanged);
    let held = Permission::Held { reason: "no".to_owned() };
    assert_eq!(permit(&planned, Now::Held("no")), held);
    let failed = Permission::Failed { reason: "no".to_owned() };
    assert_eq!(permit(&planned, Now::Failed("no")), failed);
}

/// A product that stopped tracking its stock, or got a twin, fails at every place at once.
#[test]
fn a_planned_row_whose_code_fails_everywhere_has_failed() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "0");
    t.shows("SHIRT", t.paris, "12");
    let planned = t.town.plan();
    assert_eq!(changes(&planned), ["SHIRT@paris 12→9"]);
    let why = t.town.fail(t.web, Some("SHIRT"), None).reason;
    let now = t.town.plan();
    let index = Index::new(&now);
    assert_eq!(index.now(&planned.changes[0]), Some(Now::Failed(&why)));
    assert_eq!(index.field(&planned.changes[0]), Some("qty"));
    assert!(!index.is_right("web-stock", "web", &Some("paris".to_owned()), "SHIRT"));
}

#[test]
fn a_moved_row_says_what_moved() {
    let moved = |planned: Change, now: Change| match permit(&planned, Now::Change(&now)) {
        Permission::Moved { reason } => reason,
        other => panic!("{other:?}"),
    };
    let why = "planned to fall from 12 to 9, but it shows 7 by now and would have to rise";
    assert_eq!(moved(line(Some(12), 9), line(Some(7), 9)), why);
    let why = "it fell from 12 to 10 since the plan, and its owner may not know yet";
    assert_eq!(moved(line(Some(12), 20), line(Some(10), 20)), why);
    let why = "it was to be created, but has appeared and shows 1";
    assert_eq!(moved(line(None, 4), line(Some(1), 4)), why);
    assert_eq!(moved(line(Some(12), 9), line(None, 9)), "the target no longer has it");
}

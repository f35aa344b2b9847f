//! Which cells a plan covers, and in which order.

use crate::count::town::*;
use onhand::model::FlowId;
use onhand::plan::Selection;

fn town() -> Fixed {
    let mut t = Fixed::new().owned();
    let both = things(&[t.shirt, t.mug]);
    t.town.flow("b-flow", "available", t.web, &[t.lyon, t.paris]).things = both.clone();
    t.town.flow("a-flow", "available", t.shop, &[t.paris]).things = both;
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "9", "0");
        t.has("E-MUG", place, "9", "0");
        t.shows("SHIRT", place, "1");
        t.shows("MUG", place, "1");
    }
    t
}

const ALL: [&str; 6] = [
    "SHIRT@paris 1→9",
    "MUG@paris 1→9",
    "SHIRT@lyon 1→9",
    "MUG@lyon 1→9",
    "SHIRT@paris none→9",
    "MUG@paris none→9",
];

#[test]
fn all_by_flow_then_location_then_code() {
    let plan = town().town.plan();
    assert_eq!(changes(&plan), ALL);
    assert_eq!(plan.header.flows, ["b-flow", "a-flow"]);
    let reads: Vec<_> = plan.reads.iter().map(|r| (r.step, r.system.as_str(), r.what.as_str())).collect();
    let want = [(2, "erp", "levels"), (3, "web", "levels"), (3, "shop", "levels"), (3, "ledger", "levels")];
    assert_eq!(reads, want);
}

#[test]
fn parts_of_it() {
    let mut t = town();
    let flow = Selection { flows: vec![FlowId(1)], ..Selection::default() };
    let plan = t.town.plan_of(&flow);
    assert_eq!(
        (changes(&plan), plan.header.flows),
        (ALL[4..].to_vec().iter().map(|s| s.to_string()).collect(), vec!["a-flow".to_owned()])
    );
    let system = Selection { systems: vec![t.web], ..Selection::default() };
    assert_eq!(changes(&t.town.plan_of(&system)), ALL[..4]);
    let place = Selection { at: vec![t.lyon], ..Selection::default() };
    assert_eq!(changes(&t.town.plan_of(&place)), ALL[2..4]);
    let item = Selection { items: Some(things(&[t.mug])), ..Selection::default() };
    let plan = t.town.plan_of(&item);
    assert_eq!(changes(&plan), [ALL[1], ALL[3], ALL[5]]);
    assert_eq!(plan.guards[0].of, 4, "shares are of all cells of the flow");
}

#[test]
fn a_system_that_was_not_read_matters_only_where_it_is_needed() {
    let mut t = town();
    let web = t.web;
    t.town.unread.push(web);
    let needed = t.town.plan();
    assert!(needed.incomplete());
    assert_eq!((needed.held.len(), needed.changes.len()), (4, 2));
    let other = Selection { flows: vec![FlowId(1)], ..Selection::default() };
    assert!(!t.town.plan_of(&other).incomplete());
}

#[test]
fn a_flow_that_feeds_an_owner_runs_before_what_reads_it() {
    let mut t = Fixed::new();
    let everything = things(&[t.shirt]);
    t.town.owns(t.ledger, &["on-hand"], &[t.paris]);
    t.town.owns(t.erp, &["reserved"], &[t.paris]);
    t.town.flow("late", "on-hand", t.web, &[t.paris]).things = everything.clone();
    t.town.flow("early", "reserved", t.ledger, &[t.paris]).things = everything;
    let plan = t.town.plan();
    assert_eq!(plan.header.flows, ["early", "late"]);
}

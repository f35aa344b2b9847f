//! Guards that watch what was read, limits that counted last, and guards that somebody has lifted.

use crate::count::town::*;
use crate::support::chance::{Dice, seeds};
use onhand::graph;
use onhand::model::FlowId;
use onhand::model::flow::Guard;
use onhand::model::item::Thing;
use onhand::model::observation::{Lines, Observations};
use onhand::model::quantity::{Decimal, Ratio};
use onhand::model::set::{Bits, Things};
use onhand::plan::change::Verdict;
use onhand::plan::guard::{Tally, limits, stops_raises_only, verdicts};
use onhand::plan::lift::Lift;
use onhand::plan::{Plan, Selection, Stamp, Standing, build};
use onhand::source::{Sources, Span};

/// A town whose shop shows `rows` caps, each as the depot has it times or divided by what is asked for.
fn caps(rows: i64, shows: impl Fn(i64) -> i64) -> Fixed {
    let mut t = Fixed::new().owned();
    let (erp, web, paris) = (t.erp, t.web, t.paris);
    let mut sold = Bits::default();
    for number in 0..rows {
        let thing = t.town.item(&format!("CAP-{number}"), 0, &[("case", 12), ("pallet", 480)]);
        let Thing::Item(item) = thing else { unreachable!("an item was asked for") };
        sold.insert(item.index());
        t.town.code(erp, thing, &format!("E-CAP-{number}"), "");
        t.town.code(web, thing, &format!("CAP-{number}"), "");
    }
    t.town.model.owners[0].items = Bits::all(t.town.model.items.len());
    t.town.flow("web-stock", "available", web, &[paris]).things =
        Things { items: sold, bundles: Bits::default() };
    for number in 0..rows {
        t.has(&format!("E-CAP-{number}"), paris, &(number + 1).to_string(), "0");
        t.shows(&format!("CAP-{number}"), paris, &shows(number).to_string());
    }
    t
}

fn plan_with(t: &mut Fixed, standing: Standing) -> Plan {
    let seen = t.town.observations();
    plan_of(t, &seen, standing)
}

fn plan_of(t: &Fixed, seen: &Observations, standing: Standing) -> Plan {
    let graph = graph::build(&t.town.model);
    let stamp = Stamp { standing, ..Stamp::new("p", NOW) };
    let plan = build(&t.town.model, &graph, seen, &Selection::default(), &stamp);
    super::check(&plan);
    plan
}

fn of<'p>(plan: &'p Plan, guard: &str) -> Option<&'p Verdict> {
    plan.guards.iter().find(|verdict| verdict.guard == guard)
}

fn reason(verdict: Option<&Verdict>) -> &str {
    verdict.and_then(|verdict| verdict.reason.as_deref()).unwrap_or_default()
}

#[test]
fn counts_that_jump_by_a_pack_stop_the_flow_and_name_its_line() {
    // 10 of 19 counts are a case too low; the others are off by one.
    let mut t = caps(19, |number| if number < 10 { (number + 1) * 12 } else { number });
    let mut sources = Sources::new();
    let file = sources.add("items.kdl", "\n\nitem CAP { pack case 12 }\n");
    t.town.model.places = sources.places();
    for item in &mut t.town.model.items {
        let packs = item.more.iter_mut().flat_map(|more| &mut more.packs);
        packs.for_each(|pack| pack.origin = Span::new(file, 13, 24));
    }
    let plan = plan_with(&mut t, Standing::default());
    let jump = of(&plan, "pack-jump");
    let want = "10 of 19 counts change by exactly the factor 12 (pack `case`, items.kdl:3): one side counts \
                `case`, the other `ea`";
    assert_eq!(reason(jump), want);
    assert!(plan.tripped() && jump.is_some_and(|jump| (jump.rows, jump.of) == (10, 19)));
}

#[test]
fn a_jump_upwards_is_one_as_well() {
    let mut t = caps(12, |_| 3);
    for row in t.town.rows.iter_mut().filter(|row| row.code.starts_with("E-CAP")) {
        row.columns[0].1 = Some(Decimal::whole(36));
    }
    let plan = plan_with(&mut t, Standing::default());
    assert!(reason(of(&plan, "pack-jump")).starts_with("12 of 12 counts change by exactly the factor 12"));
}

#[test]
fn half_of_the_rows_or_nine_of_them_are_no_jump() {
    let mut t = caps(20, |number| if number < 10 { (number + 1) * 12 } else { number });
    assert_eq!(
        of(&plan_with(&mut t, Standing::default()), "pack-jump"),
        None,
        "10 of 20 are not more than half"
    );
    let mut t = caps(9, |number| (number + 1) * 12);
    assert_eq!(of(&plan_with(&mut t, Standing::default()), "pack-jump"), None, "9 are too few");
    let mut t = caps(10, |number| (number + 1) * 12);
    assert!(of(&plan_with(&mut t, Standing::default()), "pack-jump").is_some());
    let mut t = caps(10, |number| (number + 1) * 40);
    assert_eq!(of(&plan_with(&mut t, Standing::default()), "pack-jump"), None, "nobody counts in forties");
    let mut t = caps(10, |number| (number + 1) * 480);
    assert!(reason(of(&plan_with(&mut t, Standing::default()), "pack-jump")).contains("480 (pack `pallet`)"));
}

#[test]
fn a_feed_that_shrank_by_more_than_a_fifth_stops_the_flow() {
    let judged = |before: u64, now: u64| {
        let mut t = caps(12, |number| number + 1);
        let mut seen = t.town.observations();
        seen.levels.get_mut(&t.erp).expect("it was read").about.rows = now;
        let mut standing = Standing::default();
        standing.sizes.insert((t.erp, "levels".to_owned()), before);
        let plan = plan_of(&t, &seen, standing);
        of(&plan, "feed-shrunk").map(|verdict| (verdict.actual.clone(), reason(Some(verdict)).to_owned()))
    };
    let told = "`erp` holds 79 rows, and 100 when it was used last".to_owned();
    assert_eq!(judged(100, 79), Some(("21%".to_owned(), told)));
    assert_eq!(judged(100, 80), None, "a fifth is not more than a fifth");
    assert_eq!(judged(9, 0), None, "so few rows say nothing");
    assert_eq!(judged(10, 0).map(|(actual, _)| actual), Some("100%".to_owned()));
    assert_eq!(judged(100, 1000), None);
}

#[test]
fn open_lines_that_shrank_stop_raises_only_and_counts_that_shrank_stop_the_flow() {
    let judged = |lines: (u64, u64), levels: (u64, u64)| {
        let mut t = caps(12, |number| number + 1);
        let mut seen = t.town.observations();
        seen.levels.get_mut(&t.erp).expect("it was read").about.rows = levels.1;
        let mut own = Lines::default();
        own.about.rows = lines.1;
        seen.lines.insert(t.erp, own);
        let mut standing = Standing::default();
        standing.sizes.insert((t.erp, "lines".to_owned()), lines.0);
        standing.sizes.insert((t.erp, "levels".to_owned()), levels.0);
        let plan = plan_of(&t, &seen, standing);
        let watching = plan.guards.iter().filter(|verdict| verdict.watches());
        watching.map(|verdict| (verdict.guard.clone(), reason(Some(verdict)).to_owned())).collect::<Vec<_>>()
    };
    let lines =
        ("lines-shrunk".to_owned(), "`erp` holds 9 open lines, and 20 when it was used last".to_owned());
    let levels = ("feed-shrunk".to_owned(), "`erp` holds 70 rows, and 100 when it was used last".to_owned());
    assert_eq!(judged((20, 9), (100, 100)), std::slice::from_ref(&lines));
    assert_eq!(judged((20, 10), (100, 70)), std::slice::from_ref(&levels));
    assert_eq!(judged((20, 9), (100, 70)), [levels, lines]);
    assert_eq!(judged((12, 3), (100, 100)), [], "so few lines go with one parcel van");
    assert!(stops_raises_only("lines-shrunk") && stops_raises_only("max-raised"));
    assert!(!stops_raises_only("feed-shrunk") && !stops_raises_only("max-zeroed"));
}

#[test]
fn a_loosened_limit_counts_from_the_next_apply() {
    let mut t = caps(40, |number| if number < 20 { number + 2 } else { number + 1 });
    let percent = |n| Ratio { numerator: n, denominator: 100 };
    t.town.model.flows[0].guard.max_changed = percent(50);
    let plan = plan_with(&mut t, Standing::default());
    assert!(!plan.tripped(), "{:#?}", plan.guards);
    let mut standing = Standing::default();
    standing.limits.insert((FlowId::at(0), "max-changed".to_owned()), percent(10));
    let plan = plan_with(&mut t, standing.clone());
    let verdict = of(&plan, "max-changed");
    let want = "loosened from 10% to 50% in this topology; a loosened limit counts from the next apply";
    assert_eq!(reason(verdict), want);
    assert!(verdict.is_some_and(|v| v.stops() && v.limit == "10%"));
    // A tightened limit counts at once, and needs no words.
    t.town.model.flows[0].guard.max_changed = percent(5);
    let plan = plan_with(&mut t, standing);
    assert!(of(&plan, "max-changed").is_some_and(|v| v.stops() && v.limit == "5%" && v.reason.is_none()));
}

#[test]
fn a_lifted_guard_stays_tripped_and_stops_nothing() {
    let mut t = caps(40, |number| number + 2);
    let lifted = |scope: &str| Standing {
        lifted: vec![Lift::of(scope, "the autumn range", "ann@till")],
        ..Standing::default()
    };
    let plan = plan_with(&mut t, lifted("web-stock:max-changed"));
    let verdict = of(&plan, "max-changed").expect("it is judged");
    assert!(verdict.tripped && !verdict.stops() && !plan.tripped());
    assert_eq!(verdict.lifted.as_deref(), Some("by ann@till: the autumn range"));
    assert!(plan_with(&mut t, lifted("max-rows")).tripped(), "one guard is lifted, and no other");
    assert!(plan_with(&mut t, lifted("ledger-stock:max-changed")).tripped(), "of one flow, and no other");
}

/// What a limit means, as plainly as it can be said: more rows than ten, and a larger share than allowed.
fn plain(rows: u64, cells: u64, limit: (i64, i64)) -> bool {
    let of = if cells == 0 { rows } else { cells };
    rows > 10 && i128::from(rows) * i128::from(limit.1) > i128::from(of) * i128::from(limit.0)
}

#[test]
fn limits_are_what_their_definition_says() {
    for seed in seeds(400) {
        let mut dice = Dice(seed);
        let mut size = || dice.roll(if seed % 3 == 0 { 14 } else { 400 });
        let tally = Tally { cells: size(), lower: size(), raise: size(), create: size(), zeroed: size() };
        let tally = Tally { zeroed: tally.zeroed.min(tally.lower), ..tally };
        let mut share = || Ratio { numerator: size() as i64 % 101, denominator: 100 };
        let guard = Guard {
            max_changed: share(),
            max_zeroed: share(),
            max_raised: share(),
            max_rows: 50,
            origin: None,
        };
        let changed = tally.lower + tally.raise + tally.create;
        let rows = [changed, tally.zeroed, tally.raise + tally.create];
        let said = verdicts("f", &guard, tally);
        for ((verdict, rows), (name, limit)) in said.iter().zip(rows).zip(limits(&guard)) {
            let trips = plain(rows, tally.cells, (limit.numerator, limit.denominator));
            let seen = (verdict.guard.as_str(), verdict.tripped, verdict.rows);
            assert_eq!(seen, (name, trips, rows), "seed {seed}: {tally:?} {guard:?}");
        }
        assert_eq!(said[3].tripped, changed > 50, "seed {seed}");
    }
}

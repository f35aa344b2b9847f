//! The inverse of a run: never above what is computed now, never more of a shelf than there is.

use super::divided::{Random, allocate, promised, random, shown};
use crate::count::town::{Fixed, held, nowhere, things};
use crate::support::chance::{self, Dice};
use onhand::count::Counter;
use onhand::graph;
use onhand::model::item::Thing;
use onhand::model::quantity::Decimal;
use onhand::model::{ItemId, LocationId};
use onhand::plan::change::{Action, Change};
use onhand::plan::permit::{Permission, cell_of, permit};
use onhand::plan::standing::{Paused, What};
use onhand::plan::undo::{self, Back, Left};
use onhand::plan::{Plan, Stamp, Standing, again, replay};
use std::collections::BTreeMap;

/// What a run left in every cell that a target shows, going back to anything at all.
fn left(t: &Fixed, dice: &mut Dice) -> Vec<Left> {
    let mut left = Vec::new();
    for row in t.town.rows.iter().filter(|row| row.system != t.erp) {
        let back = match dice.below(10) {
            0 => Back::Created,
            1..=4 => Back::By(dice.roll(40) as i64 - 20),
            _ => Back::Shown(dice.roll(60) as i64 - 3),
        };
        let known = |(name, value): &(String, Option<Decimal>)| Some((name.clone(), (*value)?.digits as i64));
        let mut columns: BTreeMap<String, i64> = row.columns.iter().filter_map(known).collect();
        if dice.in_ten(1) {
            columns.values_mut().for_each(|value| *value += 1);
        }
        let code = t.town.model.find_code(row.system, &row.code).expect("a code");
        left.push(Left {
            flow: if row.system == t.web { "f-web" } else { "f-shop" }.to_owned(),
            system: t.town.model.system(row.system).name.to_string(),
            location: Some(t.town.model.location(row.location).name.to_string()),
            item: t.town.model.thing_name(t.town.model.code(code).thing).to_string(),
            code: row.code.clone(),
            columns,
            back,
            since: None,
            certain: true,
        });
    }
    left
}

/// Targets show so many times less, so that there is something left to divide.
fn roomy(t: &mut Fixed, times: i64) {
    let erp = t.erp;
    for row in t.town.rows.iter_mut().filter(|row| row.system != erp) {
        let whole = |value: &Option<Decimal>| value.map_or(0, |value| value.digits as i64);
        let bridge: i64 = row.columns[1..].iter().map(|(_, value)| whole(value)).sum();
        let shown = (whole(&row.columns[0].1) - bridge).max(0);
        row.columns[0].1 = Some(Decimal::whole(bridge + shown / times));
    }
}

/// Sometimes somebody has paused a target or a place.
fn paused(t: &Fixed, dice: &mut Dice) -> Standing {
    let what = match dice.below(10) {
        0 => What::System(t.shop),
        1 => What::System(t.web),
        2 => What::Location(t.paris),
        _ => return Standing::default(),
    };
    let pause = Paused { what, holds_all: dice.in_ten(5), told: "paused by ann: counting".to_owned() };
    Standing { pauses: vec![pause], ..Standing::default() }
}

/// Every change of a rollback is at most what is computed now, and its sum gives its numbers.
fn stays_below(t: &mut Fixed, (plan, standing): (&Plan, &Standing), seed: u64) {
    let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
    let counter = Counter::new(&t.town.model, &graph, &seen, t.town.now);
    for change in &plan.changes {
        assert_eq!(replay::holds(change), Ok(()), "ONHAND_SEED={seed}: {change:#?}");
        let (flow, code, location) = cell_of(&t.town.model, change).expect("a cell");
        let explained = counter.explain(flow, code, location).expect("a target that takes it");
        match (explained.after, change.action) {
            (Some(most), _) if t.town.model.allocations.is_empty() => {
                assert!(change.after <= most, "ONHAND_SEED={seed}: {most}: {change:#?}");
            }
            (None, Action::Raise) => panic!("ONHAND_SEED={seed}: nothing is known of {change:#?}"),
            _ => {}
        }
    }
    comes_out_again(t, (plan, standing), seed);
}

/// Computed again from the same observations, each change is permitted as it stands.
fn comes_out_again(t: &mut Fixed, (plan, standing): (&Plan, &Standing), seed: u64) {
    let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
    let now = (t.town.now, standing);
    let again = again::again(&t.town.model, &graph, &seen, plan, now);
    let index = again::Index::new(&again.plan);
    for change in &plan.changes {
        let permission = permit(change, index.now(change).expect("its flow is computed"));
        let number = match &permission {
            Permission::Write(permitted) => Some(permitted.after),
            _ => None,
        };
        // Two that rise on one shelf may be divided otherwise once neither wants as much: never above it.
        let fits = number.is_some_and(|number| number <= change.after);
        let divided = !t.town.model.allocations.is_empty() && change.action == Action::Raise;
        assert!(fits || divided, "ONHAND_SEED={seed}: {permission:?}: {change:#?}");
    }
}

#[test]
fn no_rollback_publishes_more_than_is_computed_now() {
    let (mut raised, mut lowered, mut held, mut divided, mut shelves) = (0, 0, 0, 0, 0);
    for seed in chance::seeds(1_000) {
        let mut dice = Dice(seed);
        let Random { mut t, at_pool, keep } = random(&mut dice);
        if dice.in_ten(5) {
            t.town.model.allocations.clear();
        }
        if dice.in_ten(7) {
            roomy(&mut t, 2 + dice.roll(12) as i64);
        }
        let left = left(&t, &mut dice);
        let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
        let standing = paused(&t, &mut dice);
        let stamp = Stamp { standing, ..Stamp::new("undo", t.town.now) };
        let plan = undo::build(&t.town.model, &graph, &seen, ("run-1", &left), &stamp);
        assert_eq!(plan.header.undoes.as_deref(), Some("run-1"));
        let rows = plan.changes.len() as u64 + plan.summary.unchanged + plan.summary.held;
        assert_eq!(rows, left.len() as u64, "ONHAND_SEED={seed}: every row ends in one way");
        raised += plan.summary.raise;
        lowered += plan.summary.lower;
        held += plan.summary.held;
        stays_below(&mut t, (&plan, &stamp.standing), seed);
        if !t.town.model.allocations.is_empty() {
            shelves += promises_no_more(&t, &plan, (at_pool, keep), seed);
            divided += plan.summary.raise;
            promises_no_more_in_part(&t, &plan, (at_pool, keep), (&mut dice, seed));
        }
    }
    println!(
        "{raised} raised, {divided} of them on {shelves} divided shelves, {lowered} lowered, {held} held; \
         nothing promised twice"
    );
    assert!(chance::asked().is_some() || (raised > 200 && lowered > 200 && held > 200 && divided > 50));
}

/// Of a shelf that is divided no more is promised after a rollback than is there.
///
/// A place on which somebody showed too much before may go on doing so, as long as nothing rises there: what
/// stands above its count is all that may be promised beside it. Of a pool's number nobody knows at which
/// member it stands; it may fill what its members have left, wherever that is.
fn promises_no_more(t: &Fixed, plan: &Plan, (at_pool, keep): (bool, i64), seed: u64) -> u64 {
    let (before, after) = (shown(t, &Plan::default()), shown(t, plan));
    let mut checked = 0;
    for item in (0..t.town.model.items.len()).map(ItemId::at) {
        let count = |place: LocationId| {
            let code = format!("E{}", item.index());
            let row = t.town.rows.iter().find(|row| row.code == code && row.location == place);
            let number = |at: usize| row.and_then(|row| row.columns[at].1).map_or(0, |v| v.digits as i64);
            (number(0) - number(1) - keep).max(0)
        };
        let rose = |at: &[LocationId]| {
            let own = |change: &&Change| {
                let (_, code, location) = cell_of(&t.town.model, change).expect("a cell");
                let draws = match t.town.model.code(code).thing {
                    Thing::Item(own) => own == item,
                    Thing::Bundle(own) => t.town.model.bundle(own).components.iter().any(|c| c.item == item),
                };
                change.action == Action::Raise && draws && at.contains(&location)
            };
            plan.changes.iter().filter(own).count() > 0
        };
        let (mut there, mut above) = (0, 0);
        for place in [t.paris, t.lyon] {
            let (was, _) = promised(t, &before, item, &[place]);
            let (is, _) = promised(t, &after, item, &[place]);
            let own = count(place);
            let most = if rose(&[place]) { own } else { own.max(was) };
            assert!(is <= most, "ONHAND_SEED={seed}: {item:?} at {place:?}: {was}, then {is} of {own}");
            there += own;
            above += (is - own).max(0);
            checked += 1;
        }
        let whole = [t.paris, t.lyon, t.online];
        let (was, _) = promised(t, &before, item, &whole);
        let (is, _) = promised(t, &after, item, &whole);
        let most = if rose(&whole) || !at_pool { there + above } else { (there + above).max(was) };
        assert!(
            is <= most,
            "ONHAND_SEED={seed}: {item:?}: {was}, then {is} of {there}, {above} above before"
        );
    }
    checked
}

/// The same, where anything of the rollback is not carried out: no raise counts on what falls.
fn promises_no_more_in_part(t: &Fixed, plan: &Plan, about: (bool, i64), (dice, seed): (&mut Dice, u64)) {
    for _ in 0..4 {
        let mut part = plan.clone();
        part.changes.retain(|_| dice.in_ten(5));
        promises_no_more(t, &part, about, seed);
    }
    let mut raises = plan.clone();
    raises.changes.retain(|change| change.action == Action::Raise);
    promises_no_more(t, &raises, about, seed);
}

/// A change by its cell.
fn at<'p>(plan: &'p Plan, code: &str) -> &'p Change {
    plan.changes.iter().find(|change| change.code == code).expect("a change")
}

#[test]
fn a_count_may_fall_though_its_owner_is_not_known() {
    let mut t = Fixed::new().owned();
    let (web, paris) = (t.web, t.paris);
    t.town.flow("f-web", "available", web, &[paris]);
    t.shows("MUG", paris, "12");
    t.shows("SHIRT", paris, "2");
    let row = |code: &str, shown: i64, back: i64| Left {
        flow: "f-web".to_owned(),
        system: "web".to_owned(),
        location: Some("paris".to_owned()),
        item: code.to_owned(),
        code: code.to_owned(),
        columns: [("available".to_owned(), shown)].into(),
        back: Back::Shown(back),
        since: None,
        certain: true,
    };
    let left = [row("MUG", 12, 4), row("SHIRT", 2, 5)];
    let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
    let stamp = Stamp::new("undo", t.town.now);
    let plan = undo::build(&t.town.model, &graph, &seen, ("run-1", &left), &stamp);
    assert_eq!((plan.changes.len(), plan.held.len()), (1, 1), "{plan:#?}");
    assert_eq!((at(&plan, "MUG").before, at(&plan, "MUG").after), (Some(12), 4));
    assert_eq!(replay::holds(at(&plan, "MUG")), Ok(()));
}

/// One cell of `web` at paris that goes back from what it shows to `back`.
fn web(code: &str, shown: i64, back: i64) -> Left {
    Left {
        flow: "web-stock".to_owned(),
        system: "web".to_owned(),
        location: Some("paris".to_owned()),
        item: code.to_owned(),
        code: code.to_owned(),
        columns: [("available".to_owned(), shown)].into(),
        back: Back::Shown(back),
        since: None,
        certain: true,
    }
}

/// `web` and `shop` divide 40 shirts at paris, three parts to one.
fn divided(web_shows: i64, shop_shows: i64) -> Fixed {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt]);
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = sold.clone();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = sold;
    allocate(&mut t, &[3, 1], None);
    t.has("E-SHIRT", t.paris, "40", "0");
    t.shows("SHIRT", t.paris, &web_shows.to_string());
    let (shop, paris) = (t.shop, t.paris);
    let on_hand = shop_shows.to_string();
    t.town.row(shop, "SHIRT", paris, &[("on-hand", &on_hand), ("allocated", "0"), ("threshold", "0")]);
    t
}

fn undone(t: &mut Fixed, left: &[Left]) -> Plan {
    let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
    undo::build(&t.town.model, &graph, &seen, ("run-1", left), &Stamp::new("undo", t.town.now))
}

#[test]
fn on_a_divided_shelf_a_count_goes_back_up_to_what_the_others_leave() {
    // The run had lowered the web from 38; the shop has been given 12 of its shelf since.
    let mut t = divided(20, 12);
    let plan = undone(&mut t, &[web("SHIRT", 20, 38)]);
    assert_eq!((at(&plan, "SHIRT").before, at(&plan, "SHIRT").after), (Some(20), 28), "{plan:#?}");
    assert_eq!(
        at(&plan, "SHIRT").reason,
        "undoes run run-1: it showed 38 before, no more than 28 is computed now"
    );
    // What others show leaves nothing.
    let mut t = divided(20, 25);
    let plan = undone(&mut t, &[web("SHIRT", 20, 38)]);
    let why = "SHIRT@paris: it showed 38 before the run, and no more than 20 may be published now";
    assert_eq!((plan.changes.len(), held(&plan)), (0, vec![why.to_owned()]));
}

#[test]
fn on_a_divided_shelf_a_stale_owner_raises_nothing_that_its_others_would_leave() {
    // Its own part is 30, so an ordinary plan lowers it; the shop, which is not written, leaves 35.
    let mut t = divided(31, 5);
    t.town.model.systems[t.erp.index()].stale_after = Some((std::time::Duration::from_secs(60), nowhere()));
    let erp = t.erp;
    t.town.about(erp).as_of = None;
    let plan = undone(&mut t, &[web("SHIRT", 31, 38)]);
    assert_eq!(plan.changes, [], "{plan:#?}");
    assert_eq!(plan.held.len(), 1);
}

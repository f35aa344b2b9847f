//! The inverse of a run: never above what is computed now, never more of a shelf than there is.

use super::divided::{Random, promised, random, shown};
use crate::count::town::Fixed;
use crate::support::chance::{self, Dice};
use onhand::count::Counter;
use onhand::graph;
use onhand::model::{ItemId, LocationId};
use onhand::plan::change::{Action, Change};
use onhand::plan::permit::{Permission, permit};
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
        let known = |(name, value): &(String, Option<onhand::model::quantity::Decimal>)| {
            Some((name.clone(), (*value)?.digits as i64))
        };
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

/// Every change of a rollback is at most what is computed now, and its sum gives its numbers.
fn stays_below(t: &mut Fixed, plan: &Plan, seed: u64) {
    let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
    let counter = Counter::new(&t.town.model, &graph, &seen, t.town.now);
    for change in &plan.changes {
        assert_eq!(replay::holds(change), Ok(()), "ONHAND_SEED={seed}: {change:#?}");
        let (flow, code, location) = onhand::plan::permit::cell_of(&t.town.model, change).expect("a cell");
        let explained = counter.explain(flow, code, location).expect("a target that takes it");
        match (explained.after, change.action) {
            (Some(most), _) if t.town.model.allocations.is_empty() => {
                assert!(change.after <= most, "ONHAND_SEED={seed}: {most}: {change:#?}");
            }
            (None, Action::Raise) => panic!("ONHAND_SEED={seed}: nothing is known of {change:#?}"),
            _ => {}
        }
    }
    comes_out_again(t, plan, seed);
}

/// Computed again from the same observations, each change is permitted as it stands.
fn comes_out_again(t: &mut Fixed, plan: &Plan, seed: u64) {
    let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
    let now = (t.town.now, &Standing::default());
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
    let (mut raised, mut lowered, mut held) = (0, 0, 0);
    for seed in chance::seeds(1_000) {
        let mut dice = Dice(seed);
        let Random { mut t, at_pool, keep } = random(&mut dice);
        if dice.in_ten(5) {
            t.town.model.allocations.clear();
        }
        let left = left(&t, &mut dice);
        let (seen, graph) = (t.town.observations(), graph::build(&t.town.model));
        let stamp = Stamp::new("undo", t.town.now);
        let plan = undo::build(&t.town.model, &graph, &seen, ("run-1", &left), &stamp);
        assert_eq!(plan.header.undoes.as_deref(), Some("run-1"));
        let rows = plan.changes.len() as u64 + plan.summary.unchanged + plan.summary.held;
        assert_eq!(rows, left.len() as u64, "ONHAND_SEED={seed}: every row ends in one way");
        raised += plan.summary.raise;
        lowered += plan.summary.lower;
        held += plan.summary.held;
        stays_below(&mut t, &plan, seed);
        if !t.town.model.allocations.is_empty() {
            promises_no_more(&t, &plan, (at_pool, keep), seed);
        }
    }
    println!("{raised} raised, {lowered} lowered, {held} held");
    assert!(chance::asked().is_some() || (raised > 200 && lowered > 200 && held > 200));
}

/// Of a shelf that is divided no more is promised after a rollback than is there, or was before.
fn promises_no_more(t: &Fixed, plan: &Plan, (at_pool, keep): (bool, i64), seed: u64) {
    let (before, after) = (shown(t, &Plan::default()), shown(t, plan));
    for item in (0..t.town.model.items.len()).map(ItemId::at) {
        let count = |place: LocationId| {
            let code = format!("E{}", item.index());
            let row = t.town.rows.iter().find(|row| row.code == code && row.location == place);
            let number = |at: usize| row.and_then(|row| row.columns[at].1).map_or(0, |v| v.digits as i64);
            (number(0) - number(1) - keep).max(0)
        };
        let whole = [t.paris, t.lyon, t.online];
        let shelves = if at_pool { vec![&whole[..]] } else { vec![&whole[..1], &whole[1..2]] };
        for places in shelves {
            let there: i64 =
                places.iter().filter(|place| **place != t.online).map(|place| count(*place)).sum();
            let (was, _) = promised(t, &before, item, places);
            let (is, held) = promised(t, &after, item, places);
            // Of a pool's number that stays nobody knows at which member it stands, as for any other plan.
            let slack = if at_pool { held } else { 0 };
            assert!(
                is <= there.max(was) + slack,
                "ONHAND_SEED={seed}: {item:?} at {places:?}: {was} then {is} of {there}"
            );
        }
    }
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

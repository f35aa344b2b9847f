//! Shelves that an allocation divides, from observations to plans.

use crate::count::town::*;
use crate::support::chance::{self, Dice};
use onhand::count::Counter;
use onhand::graph;
use onhand::model::allocation::{Allocation, Inside, Weighed};
use onhand::model::flow::Keep;
use onhand::model::item::Thing;
use onhand::model::quantity::Decimal;
use onhand::model::{ItemId, LocationId, SystemId};
use onhand::plan::{Plan, Selection};
use std::collections::BTreeMap;

/// `web` and `shop` sell from paris, three parts to one.
fn town() -> Fixed {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.mug]);
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = sold.clone();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = sold;
    allocate(&mut t, &[3, 1], None);
    t
}

pub fn allocate(t: &mut Fixed, weights: &[i64; 2], pooled_above: Option<i64>) {
    let systems = [t.web, t.shop];
    t.town.model.allocations = vec![Allocation {
        name: name("fronts"),
        among: systems.iter().map(|system| (*system, nowhere())).collect(),
        weights: systems.iter().zip(weights).map(|(s, weight)| (*s, *weight, nowhere())).collect(),
        inside: Vec::new(),
        pooled_above,
        origin: nowhere(),
    }];
}

/// What the shop shows at paris.
fn shop(t: &mut Fixed, code: &str, shown: i64) {
    let paris = t.paris;
    shop_at(t, code, paris, shown);
}

fn shop_at(t: &mut Fixed, code: &str, location: LocationId, shown: i64) {
    let (shop, shown) = (t.shop, (shown + 2).to_string());
    t.town.row(shop, code, location, &[("on-hand", &shown), ("allocated", "2"), ("threshold", "0")]);
}

/// The steps of a change: the part that it has of a shelf, as `weight/of=value`.
fn part(plan: &Plan, code: &str) -> Vec<String> {
    let change = plan.changes.iter().find(|change| change.code == code).expect("a change");
    let text = |step: &onhand::plan::change::Step| match step {
        onhand::plan::change::Step::Divide { divide, value } => {
            Some(format!("{}/{}={value}", divide.weight, divide.of))
        }
        _ => None,
    };
    change.sum.iter().filter_map(text).collect()
}

#[test]
fn two_channels_have_their_parts_and_nothing_is_exposed() {
    let mut t = town();
    t.has("E-SHIRT", t.paris, "41", "0");
    t.shows("SHIRT", t.paris, "1");
    shop(&mut t, "SHIRT", 30);
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 1→31", "SHIRT@paris 30→10"]);
    assert_eq!(part(&plan, "SHIRT"), ["3/4=31"]);
    assert_eq!(plan.changes[0].reason, "on-hand 41 − reserved 0, of which its part is 3 of 4");
    assert_eq!(plan.summary.exposure, 0);
}

#[test]
fn the_largest_keep_back_is_taken_off_before_the_shelf_is_divided() {
    let mut t = town();
    let shirt = t.shirt;
    t.town.model.flows[0].keep_back = vec![keep(Keep::Units(1), &[shirt])];
    t.town.model.flows[1].keep_back = vec![keep(Keep::Units(9), &[shirt])];
    t.has("E-SHIRT", t.paris, "49", "0");
    t.shows("SHIRT", t.paris, "1");
    shop(&mut t, "SHIRT", 1);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 1→30", "SHIRT@paris 1→10"]);
}

#[test]
fn a_box_its_parts_and_a_case_share_what_their_channel_has() {
    let mut t = town();
    t.town.code(t.web, t.shirt, "SHIRT-CS", "case");
    t.town.model.flows[0].things = things(&[t.shirt, t.mug, t.gift]);
    t.has("E-SHIRT", t.paris, "96", "0");
    t.has("E-MUG", t.paris, "16", "0");
    for code in ["SHIRT", "SHIRT-CS", "MUG", "GIFT"] {
        t.shows(code, t.paris, "1");
    }
    shop(&mut t, "SHIRT", 1);
    shop(&mut t, "MUG", 1);
    let plan = t.town.plan();
    // Shirts: a quarter each. Mugs: 3/8, 3/8, 1/4 are 6, 6, 4, so three boxes, and 21 shirts are left over:
    // one to each that takes single ones, by name, then a case; and so on.
    let all: BTreeMap<(String, String), i64> =
        plan.changes.iter().map(|c| ((c.system.clone(), c.code.clone()), c.after)).collect();
    let of = |system: &str, code: &str| all[&(system.to_owned(), code.to_owned())];
    assert_eq!((of("web", "MUG"), of("shop", "MUG"), of("web", "GIFT")), (6, 4, 3));
    let shirts = of("web", "SHIRT") + 12 * of("web", "SHIRT-CS") + of("shop", "SHIRT") + 3;
    assert_eq!((of("web", "SHIRT-CS"), shirts), (3, 96));
    assert_eq!(plan.summary.exposure, 0);
}

#[test]
fn weights_inside_a_channel_are_shared_by_the_codes_of_a_thing() {
    let mut t = town();
    t.town.code(t.web, t.mug, "MUG-2", "");
    t.town.model.flows[0].things = things(&[t.mug, t.gift]);
    t.town.model.flows[1].things = things(&[t.mug]);
    let code = |t: &Fixed, text: &str| t.town.model.find_code(t.web, text).expect("a code");
    let codes = vec![code(&t, "MUG"), code(&t, "MUG-2")];
    let weights = vec![Weighed { codes, weight: 4, origin: nowhere() }];
    let inside = Inside { system: t.web, weights, one: 1, origin: nowhere() };
    t.town.model.allocations[0].inside = vec![inside];
    t.has("E-SHIRT", t.paris, "1000", "0");
    t.has("E-MUG", t.paris, "80", "0");
    for code in ["MUG", "MUG-2", "GIFT"] {
        t.shows(code, t.paris, "1");
    }
    shop(&mut t, "MUG", 1);
    // 60 of 80 for the web: 4 of 5 for the mug under its two codes, 1 of 5 for the box.
    let plan = t.town.plan();
    assert!(changes(&plan).contains(&"MUG@paris 1→24".to_owned()), "{:?}", changes(&plan));
    assert!(changes(&plan).contains(&"MUG-2@paris 1→24".to_owned()));
    assert!(changes(&plan).contains(&"GIFT@paris 1→6".to_owned()));
    assert!(changes(&plan).contains(&"MUG@paris 1→20".to_owned()));
}

#[test]
fn what_is_not_written_counts_with_what_it_shows() {
    let mut t = town();
    t.has("E-SHIRT", t.paris, "40", "0");
    t.shows("SHIRT", t.paris, "1");
    shop(&mut t, "SHIRT", 25);
    let only_web = Selection { systems: vec![t.web], ..Selection::default() };
    assert_eq!(changes(&t.town.plan_of(&only_web)), ["SHIRT@paris 1→15"]);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 1→30", "SHIRT@paris 25→10"]);
    // What the shop shows less than its part is left over.
    t.town.rows.pop();
    shop(&mut t, "SHIRT", 4);
    assert_eq!(changes(&t.town.plan_of(&only_web)), ["SHIRT@paris 1→36"]);
}

#[test]
fn beside_a_target_that_cannot_be_read_nothing_rises() {
    let mut t = town();
    t.has("E-SHIRT", t.paris, "40", "0");
    t.has("E-MUG", t.paris, "40", "0");
    t.shows("SHIRT", t.paris, "1");
    t.shows("MUG", t.paris, "39");
    t.town.unread.push(t.shop);
    let only_web = Selection { systems: vec![t.web], ..Selection::default() };
    for plan in [t.town.plan(), t.town.plan_of(&only_web)] {
        assert_eq!(changes(&plan), ["MUG@paris 39→30"]);
        let why = "SHIRT@paris: nobody knows how much `shop` shows of the shelf that it shares with this; so \
                   it may only fall";
        assert!(held(&plan).contains(&why.to_owned()), "{:?}", held(&plan));
        assert!(plan.incomplete());
    }
    // One row that cannot be read is enough, for its own shelf.
    t.town.unread.clear();
    shop(&mut t, "MUG", 1);
    t.town.fail(t.shop, Some("SHIRT"), Some(t.paris));
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["MUG@paris 39→30", "MUG@paris 1→10"]);
}

#[test]
fn above_the_limit_everyone_shows_all_and_the_plan_states_the_exposure() {
    let mut t = town();
    allocate(&mut t, &[3, 1], Some(40));
    let plan = |t: &mut Fixed, count: &str| {
        t.town.rows.clear();
        t.has("E-SHIRT", t.paris, count, "0");
        t.shows("SHIRT", t.paris, "1");
        shop(t, "SHIRT", 1);
        let plan = t.town.plan();
        let after: Vec<i64> = plan.changes.iter().map(|change| change.after).collect();
        (after, plan.summary.exposure)
    };
    assert_eq!(plan(&mut t, "40"), (vec![30, 10], 0));
    assert_eq!(plan(&mut t, "44"), (vec![33, 11], 0), "up to 1.1 times as many, while nobody remembers");
    assert_eq!(plan(&mut t, "45"), (vec![45, 45], 45));
    let graph = graph::build(&t.town.model);
    let seen = t.town.observations();
    let pooled = Counter::new(&t.town.model, &graph, &seen, NOW).pooled();
    let Thing::Item(shirt) = t.shirt else { panic!("an item") };
    assert_eq!(pooled, [(shirt, t.paris)]);
    t.town.pooled = pooled.into_iter().collect();
    assert_eq!(plan(&mut t, "44"), (vec![44, 44], 44));
    assert_eq!(plan(&mut t, "40"), (vec![30, 10], 0));
}

#[test]
fn a_pool_has_its_part_of_each_member() {
    let mut t = town();
    t.town.model.flows[0].at = vec![(t.online, nowhere())];
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "41", "0");
    t.has("E-SHIRT", t.lyon, "7", "0");
    t.shows("SHIRT", t.online, "1");
    shop(&mut t, "SHIRT", 1);
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@online 1→38", "SHIRT@paris 1→10"]);
    assert_eq!(plan.summary.exposure, 0);
}

/// A random town: items with packs, boxes over them, a pool or its members, and what everyone shows.
pub struct Random {
    pub t: Fixed,
    pub at_pool: bool,
    pub keep: i64,
}

pub fn random(dice: &mut Dice) -> Random {
    let mut t = Fixed::new();
    t.town.model.items.clear();
    t.town.model.bundles.clear();
    t.town.model.codes.clear();
    let mut sold: Vec<(String, Thing)> = Vec::new();
    for at in 0..1 + dice.below(3) {
        let size = 2 + dice.roll(11) as i64;
        let item = t.town.item(&format!("I{at}"), 0, &[("pack", size)]);
        t.town.code(t.erp, item, &format!("E{at}"), "");
        sold.push((format!("I{at}"), item));
        for (system, text) in [(t.web, "W"), (t.shop, "S")] {
            if dice.in_ten(9) {
                t.town.code(system, item, &format!("{text}{at}"), "");
            }
            if dice.in_ten(4) {
                t.town.code(system, item, &format!("{text}{at}-P"), "pack");
            }
        }
    }
    for at in 0..dice.below(3) {
        let mut parts: Vec<(Thing, i64)> = Vec::new();
        for (_, item) in &sold {
            if dice.in_ten(7) {
                parts.push((*item, 1 + dice.roll(3) as i64));
            }
        }
        if parts.is_empty() {
            continue;
        }
        let bundle = t.town.bundle(&format!("B{at}"), &parts);
        for (system, text) in [(t.web, "WB"), (t.shop, "SB")] {
            if dice.in_ten(7) {
                t.town.code(system, bundle, &format!("{text}{at}"), "");
            }
        }
    }
    t = t.owned();
    let at_pool = dice.in_ten(4);
    let web = if at_pool { vec![t.online] } else { vec![t.paris, t.lyon] };
    t.town.flow("f-web", "available", t.web, &web);
    t.town.flow("f-shop", "available", t.shop, &[t.paris, t.lyon]);
    let keep = if dice.in_ten(5) { dice.roll(5) as i64 } else { 0 };
    let items = onhand::model::set::Bits::all(t.town.model.items.len());
    let kept = onhand::model::flow::KeepBack { amount: Keep::Units(keep), items, origin: nowhere() };
    t.town.model.flows[0].keep_back = vec![kept.clone()];
    t.town.model.flows[1].keep_back = vec![kept];
    let weights = [1 + dice.roll(9) as i64, 1 + dice.roll(9) as i64];
    allocate(&mut t, &weights, None);
    if dice.in_ten(2) {
        t.town.model.systems[t.erp.index()].stale_after =
            Some((std::time::Duration::from_secs(60), nowhere()));
        t.town.about(t.erp).as_of = None;
    }
    observe(&mut t, dice, at_pool);
    Random { t, at_pool, keep }
}

fn observe(t: &mut Fixed, dice: &mut Dice, at_pool: bool) {
    let codes: Vec<(SystemId, String)> =
        t.town.model.codes.iter().map(|code| (code.system, code.code.to_string())).collect();
    for (system, code) in &codes {
        for place in [t.paris, t.lyon] {
            let (count, shown) = (dice.roll(80) as i64 - 5, dice.roll(60) as i64);
            let here = dice.in_ten(9);
            if *system == t.erp && here {
                t.has(code, place, &count.to_string(), &dice.roll(4).to_string());
            } else if *system == t.shop && here {
                shop_at(t, code, place, shown);
            } else if *system == t.web && here && !at_pool {
                t.shows(code, place, &shown.to_string());
            }
        }
        if *system == t.web && at_pool && dice.in_ten(9) {
            t.shows(code, t.online, &dice.roll(90).to_string());
        }
        if *system != t.erp && dice.below(30) == 0 {
            t.town.fail(*system, Some(code), None);
        }
    }
    if dice.below(15) == 0 {
        t.town.unread.push(t.shop);
    }
}

/// What a plan leaves shown: system, code, location; and whether it was written or is as it should be.
pub type Shown = BTreeMap<(SystemId, String, LocationId), (i64, bool)>;

pub fn shown(t: &Fixed, plan: &Plan) -> Shown {
    let mut shown = Shown::new();
    // What nobody could read may be anything: beside it nothing rises.
    let known = |row: &&Row| {
        let broken = t.town.failures.iter().any(|(system, failure)| {
            *system == row.system && failure.code == t.town.model.find_code(row.system, &row.code)
        });
        row.system != t.erp && !broken && !t.town.unread.contains(&row.system)
    };
    for row in t.town.rows.iter().filter(known) {
        let whole = |value: Option<Decimal>| value.map_or(0, |value| value.digits as i64);
        let bridge: i64 = row.columns[1..].iter().map(|(_, value)| whole(*value)).sum();
        let number = (whole(row.columns[0].1) - bridge).max(0);
        let key = (row.system, row.code.clone(), row.location);
        shown.insert(key, (number, true));
    }
    for (system, code, place) in plan
        .held
        .iter()
        .map(|held| (&held.system, &held.code, &held.location))
        .chain(plan.failures.iter().map(|fault| (&fault.system, &fault.code, &fault.location)))
    {
        for ((own, text, location), (_, right)) in &mut shown {
            let named = *t.town.model.system(*own).name == **system && *text == *code;
            let here = place.as_ref().is_none_or(|p| *t.town.model.location(*location).name == **p);
            if named && here {
                *right = false;
            }
        }
    }
    for change in plan.changes.iter().filter(|change| !change.shadow) {
        let (_, code, location) = onhand::plan::permit::cell_of(&t.town.model, change).expect("a cell");
        let key = (t.town.model.code(code).system, change.code.clone(), location);
        shown.insert(key, (change.after, true));
    }
    shown
}

/// Base units of an item that are shown at some locations: all, and those of what is not written.
pub fn promised(t: &Fixed, shown: &Shown, item: ItemId, at: &[LocationId]) -> (i64, i64) {
    let (mut all, mut held) = (0, 0);
    for ((system, code, location), (number, right)) in shown {
        if !at.contains(location) {
            continue;
        }
        let code = t.town.model.code(t.town.model.find_code(*system, code).expect("a code"));
        let quantity = match code.thing {
            Thing::Item(own) if own == item => code.measure.ratio.numerator,
            Thing::Item(_) => 0,
            Thing::Bundle(bundle) => {
                let components = &t.town.model.bundle(bundle).components;
                components.iter().find(|c| c.item == item).map_or(0, |c| c.quantity)
            }
        };
        all += number * quantity;
        held += if *right { 0 } else { number * quantity };
    }
    (all, held)
}

#[test]
fn no_plan_promises_more_of_a_shelf_than_there_is() {
    let (mut plans, mut cells, mut raised, mut tight) = (0, 0, 0, 0);
    for seed in chance::seeds(2_000) {
        let mut dice = Dice(seed);
        let Random { mut t, at_pool, keep } = random(&mut dice);
        let plan = t.town.plan();
        let after = shown(&t, &plan);
        plans += 1;
        raised += plan.summary.raise;
        for item in (0..t.town.model.items.len()).map(ItemId::at) {
            let count = |place: LocationId| {
                let code = format!("E{}", item.index());
                let row = t.town.rows.iter().find(|r| r.code == code && r.location == place);
                let number = |at: usize| row.and_then(|r| r.columns[at].1).map_or(0, |v| v.digits as i64);
                (number(0) - number(1) - keep).max(0)
            };
            let both = [t.paris, t.lyon];
            for places in [&both[..1], &both[1..]] {
                let (all, held) = promised(&t, &after, item, places);
                let most = count(places[0]).max(held);
                assert!(all <= most, "ONHAND_SEED={seed}: {all} of {item:?} at {places:?}, where {most} are");
                cells += 1;
                tight += usize::from(all == most && all > 0);
            }
            if at_pool {
                let (all, held) = promised(&t, &after, item, &[t.paris, t.lyon, t.online]);
                let most = count(t.paris) + count(t.lyon);
                assert!(
                    all <= most.max(held) + held,
                    "ONHAND_SEED={seed}: {all} of {item:?}, where {most} are"
                );
                assert!(held > 0 || all <= most, "ONHAND_SEED={seed}: {all} of {item:?}, where {most} are");
            }
        }
        dense_and_explained_agree(&mut t, seed);
    }
    println!("{plans} plans, {cells} shelves, {raised} raises; of {tight} shelves nothing is left");
    assert!(chance::asked().is_some() || (raised > 500 && tight > 500));
}

fn dense_and_explained_agree(t: &mut Fixed, seed: u64) {
    let seen = t.town.observations();
    let graph = graph::build(&t.town.model);
    let counter = Counter::new(&t.town.model, &graph, &seen, t.town.now);
    for flow in (0..2).map(onhand::model::FlowId::at) {
        let counts = counter.flow(flow).expect("a target that takes it");
        counts.each(|cell| {
            let explained = counts.explain(cell.code, cell.location);
            assert_eq!(explained.verdict, cell.verdict, "ONHAND_SEED={seed}: {explained:#?}");
            if let (Some(after), Some(known)) = (explained.after, cell.verdict.finally()) {
                let steps = onhand::plan::steps(&t.town.model, &explained);
                let replayed = onhand::plan::replay::replay(&steps).expect("a sum that holds");
                assert_eq!(replayed.shown, after, "ONHAND_SEED={seed}: {explained:#?} {known}");
            }
        });
    }
}

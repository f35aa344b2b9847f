//! What keeps a change back although it is right: windows, pauses, rollouts.

use super::divided::{Random, promised, random, shown};
use crate::count::town::*;
use crate::support::chance::{self, Dice};
use onhand::model::flow::{Rollout, Window};
use onhand::model::item::{More, Thing};
use onhand::model::quantity::{Decimal, Ratio};
use onhand::model::time::{Moment, TimeOfDay};
use onhand::model::{FlowId, ItemId, LocationId};
use onhand::plan::Plan;
use onhand::plan::change::Action;
use onhand::plan::rollout::Rollouts;
use onhand::plan::standing::{Paused, What};

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).expect("a time")
}

fn at(text: &str) -> Moment {
    Moment::parse(text, "UTC").expect("a moment")
}

fn window(from: &str, to: &str, holds_all: bool) -> Option<Window> {
    Some(Window { from: time(from), to: time(to), calendar: None, holds_all, origin: nowhere() })
}

fn paused(what: What, holds_all: bool) -> Paused {
    Paused { what, holds_all, told: "paused by ann@pc since today: a count of the shelves".to_owned() }
}

fn percent(percent: i64) -> Rollout {
    Rollout::Share(Ratio { numerator: percent, denominator: 100 })
}

/// One shelf each: shirts are to rise, mugs to fall.
fn town() -> Fixed {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.mug]);
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = sold;
    t.has("E-SHIRT", t.paris, "9", "0");
    t.has("E-MUG", t.paris, "4", "0");
    t.shows("SHIRT", t.paris, "5");
    t.shows("MUG", t.paris, "6");
    t.town.model.timezone = Some(name("Europe/Paris"));
    t.town.now = at("2026-11-22T22:00:00Z");
    for system in [t.erp, t.web] {
        t.town.about(system).as_of = Some(t.town.now);
    }
    t
}

const BOTH: [&str; 2] = ["SHIRT@paris 5→9", "MUG@paris 6→4"];
const FALLS: [&str; 1] = ["MUG@paris 6→4"];

#[test]
fn outside_of_its_window_a_flow_only_falls() {
    let mut t = town();
    t.town.model.flows[0].window = window("06:00", "22:00", false);
    let plan = t.town.plan();
    assert_eq!(changes(&plan), FALLS);
    let why = "SHIRT@paris: raises wait until 2026-11-23 06:00 (Europe/Paris): outside of the flow's window";
    assert_eq!(held(&plan), [why]);
    // A guard counts what goes out now.
    assert_eq!(plan.guards.iter().map(|guard| guard.rows).collect::<Vec<_>>(), [1, 0, 0, 1]);
    t.town.model.flows[0].window = window("06:00", "22:00", true);
    let plan = t.town.plan();
    assert_eq!(changes(&plan), [""; 0]);
    assert!(held(&plan)[1].starts_with("MUG@paris: nothing is written until 2026-11-23 06:00"), "{plan:#?}");
    // In it, and through midnight.
    t.town.model.flows[0].window = window("22:00", "23:01", true);
    assert_eq!(changes(&t.town.plan()), BOTH);
    t.town.model.flows[0].window = window("23:00", "02:00", true);
    assert_eq!(changes(&t.town.plan()), BOTH);
}

#[test]
fn what_is_paused_only_falls_or_stands_still() {
    let mut t = town();
    let flow = FlowId::at(0);
    let all = [What::All, What::System(t.web), What::Location(t.paris), What::Flow(flow)];
    for (what, named) in
        all.into_iter().zip(["everything", "system `web`", "location `paris`", "flow `web-stock`"])
    {
        t.town.standing.pauses = vec![paused(what, false)];
        let plan = t.town.plan();
        assert_eq!(changes(&plan), FALLS);
        let why = format!(
            "SHIRT@paris: raises wait: {named} is paused by ann@pc since today: a count of the shelves"
        );
        assert_eq!(held(&plan), [why]);
        // One that holds everything counts before one that holds raises.
        t.town.standing.pauses.push(paused(what, true));
        let plan = t.town.plan();
        assert_eq!(changes(&plan), [""; 0]);
        assert!(held(&plan).iter().all(|held| held.contains(": nothing is written: ")), "{:?}", held(&plan));
    }
    for other in [What::System(t.shop), What::Location(t.lyon)] {
        t.town.standing.pauses = vec![paused(other, true)];
        assert_eq!(changes(&t.town.plan()), BOTH);
    }
}

#[test]
fn a_paused_place_keeps_the_pool_that_it_is_in_from_rising() {
    let mut t = town();
    t.town.model.flows[0].at = vec![(t.online, nowhere())];
    t.town.rows.retain(|row| row.system == t.erp);
    t.has("E-SHIRT", t.lyon, "1", "0");
    t.has("E-MUG", t.lyon, "0", "0");
    t.shows("SHIRT", t.online, "5");
    t.shows("MUG", t.online, "6");
    assert_eq!(changes(&t.town.plan()), ["SHIRT@online 5→10", "MUG@online 6→4"]);
    t.town.standing.pauses = vec![paused(What::Location(t.lyon), false)];
    assert_eq!(changes(&t.town.plan()), ["MUG@online 6→4"]);
}

#[test]
fn what_is_in_shadow_is_told_and_never_counted() {
    let mut t = town();
    t.town.model.flows[0].rollout = Rollout::Shadow;
    let plan = t.town.plan();
    assert_eq!(changes(&plan), BOTH);
    assert!(plan.changes.iter().all(|change| change.shadow));
    assert_eq!((plan.summary.changes, plan.summary.shadow), (2, 2));
    assert!(plan.guards.iter().all(|guard| guard.rows == 0), "no guard counts what is never written");
    let text = onhand::plan::render::human(&plan, onhand::diagnostic::render::Options::default());
    assert!(text.starts_with("Nothing to write.\nIn shadow, told and never written: 2 counts.\n"), "{text}");
    assert!(text.contains("web-stock to web, paris (in shadow, never written)"), "{text}");
}

#[test]
fn what_a_rollout_leaves_out_is_only_counted() {
    let mut t = town();
    t.town.fail(t.web, Some("MUG"), Some(t.paris));
    t.town.model.flows[0].rollout = percent(0);
    let plan = t.town.plan();
    assert_eq!((changes(&plan), held(&plan), failures(&plan)), (vec![], vec![], vec![]));
    assert_eq!((plan.summary.left_out, plan.summary.unchanged), (2, 0));
    assert!(plan.guards.iter().all(|guard| guard.of == 0), "a share is of the cells that are ours");
    let text = onhand::plan::render::human(&plan, onhand::diagnostic::render::Options::default());
    assert!(text.contains("2 cells are left out by a rollout"), "{text}");
    let text = onhand::plan::render::markdown(&plan, onhand::diagnostic::render::Options::default());
    assert!(text.contains("2 counts are left out by a rollout"), "{text}");
    t.town.model.flows[0].rollout = percent(100);
    let plan = t.town.plan();
    assert_eq!((changes(&plan).len(), failures(&plan).len(), plan.summary.left_out), (1, 1, 0));
}

#[test]
fn on_a_divided_shelf_what_is_not_written_counts_with_what_it_shows() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    super::divided::allocate(&mut t, &[3, 1], None);
    t.has("E-SHIRT", t.paris, "40", "0");
    t.shows("SHIRT", t.paris, "1");
    let (shop, paris) = (t.shop, t.paris);
    t.town.row(shop, "SHIRT", paris, &[("on-hand", "25"), ("allocated", "0"), ("threshold", "0")]);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 1→30", "SHIRT@paris 25→10"]);
    // The shop's 25 are not given to the web while the shop keeps them.
    t.town.model.flows[1].rollout = Rollout::Shadow;
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 1→15", "SHIRT@paris 25→10"]);
    assert_eq!((plan.changes[0].shadow, plan.changes[1].shadow, plan.summary.exposure), (false, true, 0));
    t.town.model.flows[1].rollout = percent(0);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 1→15"]);
    t.town.model.flows[1].rollout = Rollout::Live;
    t.town.standing.pauses = vec![paused(What::System(t.shop), true)];
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 1→15"]);
    // It may fall: then the web has what it gives up.
    t.town.standing.pauses = vec![paused(What::System(t.shop), false)];
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 1→30", "SHIRT@paris 25→10"]);
    // Where it may not rise, its part is not lost on it.
    t.town.standing.pauses = vec![paused(What::System(t.web), false)];
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 25→39"]);
}

/// Items with boxes over some of them, and a flow of everything.
fn catalog(dice: &mut Dice, items: usize) -> Fixed {
    let mut t = Fixed::new();
    t.town.model.items.clear();
    t.town.model.bundles.clear();
    t.town.model.codes.clear();
    let all: Vec<Thing> = (0..items).map(|at| t.town.item(&format!("item {at}"), 0, &[])).collect();
    for (at, item) in all.iter().enumerate() {
        t.town.code(t.web, *item, &format!("I{at}"), "");
    }
    for at in 0..items / 8 {
        let parts = [(all[dice.below(items)], 1), (all[dice.below(items)], 2)];
        let bundle = t.town.bundle(&format!("box {at}"), &parts);
        t.town.code(t.web, bundle, &format!("B{at}"), "");
    }
    t.town.flow("web-stock", "available", t.web, &[t.paris]);
    t
}

fn chosen(t: &mut Fixed, rollout: Rollout) -> onhand::model::set::Things {
    t.town.model.flows[0].rollout = rollout;
    Rollouts::new(&t.town.model).chosen(FlowId::at(0)).expect("a part").clone()
}

#[test]
fn a_larger_part_keeps_what_a_smaller_one_had() {
    for seed in chance::seeds(30) {
        let mut dice = Dice(seed);
        let items = 40 + dice.below(200);
        let mut t = catalog(&mut dice, items);
        let mut before = [chosen(&mut t, percent(0)), chosen(&mut t, Rollout::Items(0))];
        assert!(before.iter().all(|own| own.is_empty()), "ONHAND_SEED={seed}");
        for step in 1..=10 {
            let count = items as u64 * step / 10;
            let now = [chosen(&mut t, percent(step as i64 * 10)), chosen(&mut t, Rollout::Items(count))];
            for (own, old) in now.iter().zip(&before) {
                assert!(
                    old.items.without(&own.items).is_empty(),
                    "ONHAND_SEED={seed}: items leave at {step}"
                );
                assert!(old.bundles.without(&own.bundles).is_empty(), "ONHAND_SEED={seed}: boxes leave");
                // A box goes with all of its components, and each of these with all of its boxes.
                for (at, bundle) in t.town.model.bundles.iter().enumerate() {
                    let inside = bundle.components.iter().map(|part| own.items.contains(part.item.index()));
                    let inside: Vec<bool> = inside.collect();
                    assert!(
                        inside.iter().all(|here| *here == own.bundles.contains(at)),
                        "ONHAND_SEED={seed}"
                    );
                }
            }
            assert!(now[1].items.count() as u64 >= count, "ONHAND_SEED={seed}");
            before = now;
        }
        assert!(before.iter().all(|own| own.items.count() == items), "ONHAND_SEED={seed}: all of it");
        // A larger catalog and a new name take nothing away either.
        let half = chosen(&mut t, percent(50));
        t.town.item("another", 0, &[]);
        let old = t.town.model.items[0].name.clone();
        t.town.model.items[0].more = More { was: Some(old), ..More::default() }.kept();
        t.town.model.items[0].name = name("renamed");
        let now = chosen(&mut t, percent(50));
        assert!(half.items.without(&now.items).is_empty(), "ONHAND_SEED={seed}");
    }
    let mut t = catalog(&mut Dice(1), 400);
    t.town.model.bundles.clear();
    t.town.model.codes.retain(|code| matches!(code.thing, Thing::Item(_)));
    let tenth = chosen(&mut t, percent(10)).items.count();
    assert!((20..=60).contains(&tenth), "a tenth of 400 is about 40, not {tenth}");
    assert_eq!(chosen(&mut t, Rollout::Items(50)).items.count(), 50);
}

/// Random windows, pauses and rollouts over a random town.
fn gates(t: &mut Fixed, dice: &mut Dice) {
    for flow in &mut t.town.model.flows {
        flow.rollout = match dice.below(10) {
            0 => Rollout::Shadow,
            1 => Rollout::Items(dice.roll(3)),
            2 | 3 => percent(dice.roll(101) as i64),
            _ => Rollout::Live,
        };
        if dice.in_ten(4) {
            let minute = |dice: &mut Dice| TimeOfDay(dice.roll(24 * 60) as u16);
            let (from, to) = (minute(dice), minute(dice));
            flow.window =
                Some(Window { from, to, calendar: None, holds_all: dice.in_ten(3), origin: nowhere() });
        }
    }
    for _ in 0..dice.below(3) {
        let what = match dice.below(6) {
            0 => What::All,
            1 | 2 => What::System([t.web, t.shop][dice.below(2)]),
            3 | 4 => What::Location([t.paris, t.lyon, t.online][dice.below(3)]),
            _ => What::Flow(FlowId::at(dice.below(2))),
        };
        let holds_all = dice.in_ten(3);
        t.town.standing.pauses.push(paused(what, holds_all));
    }
}

/// Whether raises, and whether decreases of a cell wait, by the words of the language's page.
fn waits(t: &Fixed, flow: FlowId, location: LocationId) -> (bool, bool) {
    let own = t.town.model.flow(flow);
    let minute = TimeOfDay((t.town.now.0 / 60_000).rem_euclid(24 * 60) as u16);
    let closed = own.window.as_ref().filter(|window| match window.from < window.to {
        true => !(window.from..window.to).contains(&minute),
        false => !(minute >= window.from || minute < window.to),
    });
    let mut all: Vec<bool> = closed.iter().map(|window| window.holds_all).collect();
    for pause in &t.town.standing.pauses {
        let here = match pause.what {
            What::All => true,
            What::System(system) => system == own.to,
            What::Location(place) => place == location || (location == t.online && place != t.online),
            What::Flow(other) => other == flow,
        };
        all.extend(here.then_some(pause.holds_all));
    }
    (!all.is_empty(), all.contains(&true))
}

/// Each change that goes out, as flow, code, location and the number.
fn goes_out(t: &Fixed, plan: &Plan, action: Action) -> Vec<(FlowId, String, LocationId, i64)> {
    let own = plan.changes.iter().filter(|change| change.action == action && !change.shadow);
    let told = own.map(|change| {
        let (flow, _, location) = onhand::plan::permit::cell_of(&t.town.model, change).expect("a cell");
        (flow, change.code.clone(), location, change.after)
    });
    told.collect()
}

#[test]
fn decreases_go_out_and_nothing_is_promised_twice() {
    let (mut lowered, mut kept, mut shelves, mut unwritten) = (0, 0, 0, 0);
    for seed in chance::seeds(1_500) {
        let mut dice = Dice(seed);
        let Random { mut t, at_pool, keep } = random(&mut dice);
        gates(&mut t, &mut dice);
        let rollouts = Rollouts::new(&t.town.model);
        let out = |t: &Fixed, flow: FlowId, code: &str| {
            let code = t.town.model.find_code(t.town.model.flow(flow).to, code).expect("a code");
            rollouts.leaves_out(flow, t.town.model.code(code).thing)
        };
        let plan = t.town.plan();
        for action in [Action::Lower, Action::Raise, Action::Create] {
            for (flow, code, location, _) in goes_out(&t, &plan, action) {
                let (raises, all) = waits(&t, flow, location);
                let shadow = t.town.model.flow(flow).rollout == Rollout::Shadow;
                let wait = if action == Action::Lower { all } else { raises };
                assert!(!wait && !shadow && !out(&t, flow, &code), "ONHAND_SEED={seed}: {action:?} {code}");
            }
        }
        unwritten += plan.summary.shadow + plan.summary.left_out;
        nothing_twice(&t, &plan, (at_pool, keep), seed);
        shelves += t.town.model.items.len();

        // Where nothing is divided, each decrease goes out with its own number, whatever else waits.
        t.town.model.allocations.clear();
        let held_back = t.town.plan();
        let lower = goes_out(&t, &held_back, Action::Lower);
        let open = {
            let mut flows = t.town.model.flows.clone();
            flows.iter_mut().for_each(|flow| (flow.window, flow.rollout) = (None, Rollout::Live));
            std::mem::swap(&mut t.town.model.flows, &mut flows);
            let standing = std::mem::take(&mut t.town.standing);
            let plan = t.town.plan();
            (t.town.model.flows, t.town.standing) = (flows, standing);
            plan
        };
        for one in goes_out(&t, &open, Action::Lower) {
            let shadow = t.town.model.flow(one.0).rollout == Rollout::Shadow;
            let stays = waits(&t, one.0, one.2).1 || shadow || out(&t, one.0, &one.1);
            assert_eq!(lower.contains(&one), !stays, "ONHAND_SEED={seed}: {one:?}");
            lowered += usize::from(!stays);
            kept += usize::from(stays);
        }
    }
    println!("{lowered} decreases went out, {kept} stayed; {shelves} shelves, {unwritten} cells unwritten");
    assert!(chance::asked().is_some() || (lowered > 500 && kept > 100 && unwritten > 500));
}

fn nothing_twice(t: &Fixed, plan: &Plan, (at_pool, keep): (bool, i64), seed: u64) {
    let mut after = shown(t, plan);
    let rollouts = Rollouts::new(&t.town.model);
    // Nobody writes these, right or not.
    for ((system, code, location), (_, right)) in &mut after {
        let flow =
            t.town.model.flows.iter().position(|flow| flow.to == *system).map(FlowId::at).expect("a flow");
        let thing = t.town.model.code(t.town.model.find_code(*system, code).expect("a code")).thing;
        let shadow = t.town.model.flow(flow).rollout == Rollout::Shadow;
        *right &= !shadow && !rollouts.leaves_out(flow, thing) && !waits(t, flow, *location).1;
    }
    for item in (0..t.town.model.items.len()).map(ItemId::at) {
        let count = |place: LocationId| {
            let code = format!("E{}", item.index());
            let row = t.town.rows.iter().find(|row| row.code == code && row.location == place);
            let whole = |value: Decimal| value.digits as i64;
            let number = |at: usize| row.and_then(|row| row.columns[at].1).map_or(0, whole);
            (number(0) - number(1) - keep).max(0)
        };
        for place in [t.paris, t.lyon] {
            let (all, unwritten) = promised(t, &after, item, &[place]);
            let most = count(place).max(unwritten);
            assert!(all <= most, "ONHAND_SEED={seed}: {all} of {item:?} at {place:?}, where {most} are");
        }
        if at_pool {
            let (all, unwritten) = promised(t, &after, item, &[t.paris, t.lyon, t.online]);
            let most = count(t.paris) + count(t.lyon);
            assert!(all <= most.max(unwritten) + unwritten, "ONHAND_SEED={seed}: {all} of {item:?}");
            assert!(unwritten > 0 || all <= most, "ONHAND_SEED={seed}: {all} of {item:?}, where {most} are");
        }
    }
}

//! What makes it hard: a state that is gone, owners that say little, orders from anywhere, targets that nobody
//! writes. Nothing is sold that is not there.

use super::{COMPARED, KEYED, STEP_MS, Town, pressure, scene, settings, sums};
use crate::compile;
use crate::support::chance::{self, Dice};
use crate::support::run;
use onhand::model::time::Moment;
use onhand::simulate::{Fault, Faults, Pace, Play, Scene, Settings};
use onhand::state::{Pause, Scope, Standing};

/// Plays worlds of 40 cycles, with `also` before each cycle; answers the units sold and turned away.
fn never(
    what: &str,
    scene: &Scene,
    (pace, faults): (Pace, bool),
    mut also: impl FnMut(&mut Play<'_>, usize),
) {
    let (mut all, mut worlds) = ([0; 3], 0);
    for seed in chance::seeds(10) {
        // Clocks that are wrong by more than a cycle lasts are for worlds that last longer.
        let own = if faults { Faults::all(seed).without(Fault::Skew) } else { Faults::none() };
        // One seed that is asked for is told.
        let tells = chance::asked().is_some();
        let mut play = Play::new(scene, &Settings { tells, ..settings(seed, pace.clone(), own) });
        let mut dice = Dice(seed);
        for cycle in 0..40 {
            play.wait(STEP_MS * (3 + dice.roll(10) as i64));
            also(&mut play, cycle);
            play.cycle();
        }
        let played = play.finish();
        played.tale.iter().for_each(|line| println!("{line}"));
        assert_eq!(played.breach, None, "{what}: ONHAND_SEED={seed}");
        let sums = sums(&played);
        assert_eq!(sums[1], 0, "{what}: ONHAND_SEED={seed}: units were sold that are not there");
        (0..3).for_each(|at| all[at] += sums[at]);
        worlds += 1;
    }
    println!("{what}: {worlds} worlds, {} sold, 0 not there, {} turned away", all[0], all[2]);
}

#[test]
fn nothing_is_oversold_whatever_fails() {
    let nothing = |_: &mut Play<'_>, _| {};
    never("faults, compared", &Town::new(1, false, &COMPARED).scene(), (pressure(), true), nothing);
    never(
        "faults, late import",
        &Town::new(1, false, &KEYED).imported().scene(),
        (pressure(), true),
        nothing,
    );
    never("faults, divided", &Town::new(3, true, &COMPARED).scene(), (pressure(), true), nothing);
}

#[test]
fn nothing_is_oversold_when_the_state_is_deleted() {
    let lose = |play: &mut Play<'_>, cycle| {
        if cycle % 10 == 5 {
            play.lose_state();
        }
    };
    never(
        "state deleted, late import",
        &Town::new(1, false, &COMPARED).imported().scene(),
        (pressure(), false),
        lose,
    );
    never("state deleted, divided", &Town::new(3, true, &KEYED).scene(), (pressure(), false), lose);
}

#[test]
fn nothing_is_oversold_by_an_owner_that_lists_no_orders() {
    let town = |channels, divided| Town {
        owner: "acknowledges counts after=\"60s\"",
        ..Town::new(channels, divided, &COMPARED).imported()
    };
    let nothing = |_: &mut Play<'_>, _| {};
    never("counts, one channel", &town(1, false).scene(), (pressure(), false), nothing);
    never("counts, divided", &town(3, true).scene(), (pressure(), false), nothing);
}

const POOL: &str = r#"onhand language=1 { timezone "UTC" }
unit ea
system erp kind=memory role=erp { levels { code sku; location site; on-hand h; reserved r }; lines }
system web kind=memory role=channel { levels { code sku; location site; available q { net-of own-sales } } }
location north { in erp N }
location south { in erp S }
location online { pool north south; in web "9" }
item THING unit=ea { in erp T; in web T }
owner erp { of on-hand reserved }
flow stock { publish available to=web; lag "10m" every="5m" }
flow orders {
    collect orders cancellations shipments returns from=web
    POST
    lag "10m" every="5m" reconcile="24h"
}
"#;

#[test]
fn nothing_is_oversold_by_orders_without_a_place_on_a_pool() {
    let nothing = |_: &mut Play<'_>, _| {};
    let nameless = Pace { nameless: 100, start: (10, 10), ..pressure() };
    for (what, post) in [
        ("pool, imported", "post none { reference \"{system}#{order}\" }"),
        ("pool, posted", "post to=erp as=sale { reference \"{system}#{order}\" }"),
    ] {
        let scene = scene(compile::text(&POOL.replace("POST", post)), Some(&COMPARED));
        never(what, &scene, (nameless.clone(), false), nothing);
    }
}

#[test]
fn nothing_is_oversold_where_others_of_a_shelf_are_not_written() {
    let town = Town { last: "rollout shadow", ..Town::new(3, true, &COMPARED) };
    let pause = |play: &mut Play<'_>, cycle| {
        if cycle == 0 {
            let pause = Pause {
                scope: Scope::System,
                name: "shop2".to_owned(),
                holds_all: false,
                reason: "stock-take".to_owned(),
                actor: "ann".to_owned(),
                since: Moment(0),
            };
            run(play.store().borrow_mut().pause(&pause)).unwrap();
        }
    };
    never("paused and shadow", &town.scene(), (pressure(), false), pause);
}

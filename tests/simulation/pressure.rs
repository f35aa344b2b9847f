//! The world of high pressure, 40 cycles of it: common practice oversells, the rules do not where they can be
//! kept, and what they cost is told.

use super::{ABSOLUTE, COMPARED, KEYED, STEP_MS, Town, pressure, settings, sums};
use crate::support::chance::{self, Dice};
use crate::support::run;
use onhand::connectors::{Cell, WriteRow};
use onhand::model::SystemId;
use onhand::model::capability::Descriptor;
use onhand::model::observation::Levels;
use onhand::simulate::world::Breach;
use onhand::simulate::{Faults, Pace, Play, Scene, Settings};
use std::rc::Rc;

const CYCLES: usize = 40;

/// What came of many worlds.
#[derive(Default)]
struct Worlds {
    all: u64,
    oversold: u64,
    sums: [i64; 3],
    calls: u64,
    breaches: Vec<(u64, Breach)>,
}

/// Plays many worlds of 40 cycles, each by `cycle`.
fn play(scene: &Scene, (pace, usual): (Pace, u64), mut cycle: impl FnMut(&mut Play<'_>)) -> Worlds {
    let mut worlds = Worlds::default();
    for seed in chance::seeds(usual) {
        // One seed that is asked for is told.
        let tells = chance::asked().is_some();
        let own = Settings { tells, ..settings(seed, pace.clone(), Faults::none()) };
        let mut play = Play::new(scene, &own);
        let mut dice = Dice(seed);
        for _ in 0..CYCLES {
            play.wait(STEP_MS * (3 + dice.roll(10) as i64));
            cycle(&mut play);
        }
        let played = play.finish();
        played.tale.iter().for_each(|line| println!("{line}"));
        worlds.breaches.extend(played.breach.clone().map(|breach| (seed, breach)));
        let sums = sums(&played);
        worlds.all += 1;
        worlds.oversold += u64::from(sums[1] > 0);
        (0..3).for_each(|at| worlds.sums[at] += sums[at]);
        worlds.calls += played.calls;
    }
    worlds
}

fn tell(what: &str, channels: usize, worlds: &Worlds) {
    let [sold, oversold, away] = worlds.sums.map(|sum| sum as u64 / worlds.all);
    println!(
        "{what:<28} {channels} channels: {:>4} of {} worlds oversold; a world: {sold} sold, {oversold} of them not \
         there, {away} turned away, {} requests",
        worlds.oversold,
        worlds.all,
        worlds.calls / worlds.all
    );
}

fn ours(what: &str, town: &Town, usual: u64) -> u64 {
    let worlds = play(&town.scene(), (pressure(), usual), |play| play.cycle());
    tell(what, town.channels, &worlds);
    assert_eq!(worlds.breaches, []);
    worlds.oversold
}

#[test]
fn what_compares_or_adds_never_oversells_in_one_channel() {
    assert_eq!(ours("rules, compare-and-set", &Town::new(1, false, &COMPARED), 40), 0);
    assert_eq!(ours("rules, keyed delta", &Town::new(1, false, &KEYED), 40), 0);
    assert_eq!(ours("late import, compared", &Town::new(1, false, &COMPARED).imported(), 40), 0);
    assert_eq!(ours("late import, keyed", &Town::new(1, false, &KEYED).imported(), 40), 0);
    ours("rules, absolute", &Town::new(1, false, &ABSOLUTE), 10);
}

#[test]
fn what_compares_or_adds_never_oversells_a_shelf_that_is_divided() {
    assert_eq!(ours("divided, compare-and-set", &Town::new(3, true, &COMPARED), 40), 0);
    assert_eq!(ours("divided, keyed delta", &Town::new(3, true, &KEYED), 40), 0);
    assert_eq!(ours("divided, late import", &Town::new(3, true, &COMPARED).imported(), 40), 0);
    ours("divided, absolute", &Town::new(3, true, &ABSOLUTE), 10);
}

#[test]
fn a_shelf_that_all_show_is_oversold_whatever_is_done() {
    let oversold = ours("pooled, compare-and-set", &Town::new(3, false, &COMPARED), 10);
    ours("pooled, keyed delta", &Town::new(3, false, &KEYED), 10);
    assert!(oversold > 5, "the world is too kind");
}

#[test]
fn common_practice_oversells_in_more_than_half_of_all_worlds() {
    for (channels, divided) in [(1, false), (3, false), (3, true)] {
        let kind: &'static Descriptor = &ABSOLUTE;
        let scene = Town::new(channels, divided, kind).imported().scene();
        let worlds = play(&scene, (pressure(), 20), |play| straw(play, channels, divided));
        tell(if divided { "common practice, divided" } else { "common practice" }, channels, &worlds);
        assert!(worlds.oversold * 2 > worlds.all, "the world is too kind");
    }
}

#[test]
fn what_is_turned_away_is_the_price_of_slow_requests() {
    for (channels, divided) in [(1, false), (3, true)] {
        let scene = Town::new(channels, divided, &COMPARED).scene();
        // One of the toys that these worlds follow asks five times a cycle, and onhand thirteen times or more:
        // with requests as much shorter, a cycle is as long for its customers.
        for call_ms in [STEP_MS, STEP_MS / if divided { 5 } else { 3 }] {
            let pace = Pace { call_ms: Some(call_ms), ..pressure() };
            let worlds = play(&scene, (pace, 10), |play| play.cycle());
            tell(&format!("requests of {call_ms} ms"), channels, &worlds);
            assert_eq!((worlds.oversold, worlds.breaches), (0, vec![]));
        }
    }
}

/// On hand less reserved, read and written without another look: what most connectors do.
fn straw(play: &mut Play<'_>, channels: usize, divided: bool) {
    let opener = play.process(0).opener();
    run(async {
        let mut owner = opener(SystemId::at(0), Rc::default()).await.unwrap();
        let levels = owner.levels().await.unwrap();
        let free = (value(&levels, "on-hand") - value(&levels, "reserved")).max(0);
        for channel in 1..=channels {
            let parts = if divided { channels as i64 } else { 1 };
            let rest = i64::from((channel as i64) <= free % parts);
            let after = free / parts + if parts > 1 { rest } else { 0 };
            let mut shop = opener(SystemId::at(channel), Rc::default()).await.unwrap();
            let shown = shop.levels().await.unwrap();
            let cell = Cell { code: shown.codes[0], location: shown.locations[0] };
            let before = vec![("available".to_owned(), value(&shown, "available"))];
            if before[0].1 != after {
                let (column, key) = ("available".to_owned(), String::new());
                shop.write(&[WriteRow { cell, column, before, after, create: false, key }]).await.unwrap();
            }
        }
    });
}

fn value(levels: &Levels, column: &str) -> i64 {
    i64::try_from(levels.column(column).unwrap().values.get(0).unwrap().digits).unwrap()
}

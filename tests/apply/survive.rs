//! A run that is killed at any step, and gone on with: nothing is lost, and nothing is done twice.

use super::station::{Process, Station};
use crate::support::chance::{self, Dice};
use onhand::apply::lock::Terms;
use onhand::apply::{Refused, Report, RowReport};
use onhand::connectors::TIMEOUT;
use onhand::state::{Outcome, Store};
use std::time::Duration;

/// The report of a whole run: every change once, nothing that does not add up.
fn whole(station: &Station, done: Result<Report, Refused>) -> Report {
    let report = done.expect("it ends");
    assert_eq!(report.facts.bugs, Vec::<String>::new());
    if !report.rows.is_empty() {
        assert_eq!(report.rows.len(), station.plan.changes.len());
        assert_eq!(report.counts.values().sum::<u64>() as usize, station.plan.changes.len());
    }
    report
}

/// One run, killed at each of these steps in turn, then left alone; answers how many lives were cut short.
fn lives(station: &Station, deaths: &[u64]) -> usize {
    let mut died = 0;
    for (number, dies_at) in (1..).zip(deaths) {
        let process: Process<'_> = station.process(number);
        match process.live(*dies_at, true) {
            None => died += 1,
            Some(done) => drop(whole(station, done)),
        }
    }
    let report = whole(station, station.process(99).live(0, true).expect("nothing kills it"));
    let well = |row: &RowReport| row.outcome.went_through() || row.outcome == Outcome::Skipped;
    assert!(report.rows.iter().all(well), "{deaths:?}: {report:#?}");
    let entries = |id: &str| super::block(station.store.borrow_mut().entries(id)).expect("it reads");
    let runs = super::block(station.store.borrow_mut().runs(99)).expect("it reads");
    for run in runs {
        let mut ended = std::collections::BTreeSet::new();
        for entry in entries(&run.id) {
            if matches!(entry.event, onhand::state::Event::Outcome { .. }) {
                assert!(ended.insert(entry.change.clone()), "{deaths:?}: {} ended twice", entry.change);
            }
        }
    }
    died
}

/// Lost and doubled cells, held against a run that nobody disturbed.
fn held_against(station: &Station, wanted: &Station) -> (usize, usize) {
    let (end, wanted) = (station.end(), wanted.end());
    let pairs: Vec<_> = end.iter().zip(&wanted).collect();
    assert_eq!(end.len(), wanted.len());
    let lost = pairs.iter().filter(|((_, is), (_, was))| is.0 != was.0 || is.1 < was.1).count();
    (lost, pairs.iter().filter(|((_, is), (_, was))| is.1 > was.1).count())
}

fn undisturbed() -> (Station, u64) {
    let station = Station::new();
    let process = station.process(1);
    let report = whole(&station, process.live(0, false).expect("nothing kills it"));
    assert_eq!(report.facts.status(), 0, "{report:#?}");
    assert_eq!(station.writes(), 50);
    let steps = process.gate.step.get();
    (station, steps)
}

#[test]
fn a_kill_at_every_step_loses_and_doubles_nothing() {
    let (wanted, steps) = undisturbed();
    let (mut killed, mut lost, mut doubled) = (0, 0, 0);
    for tells in [true, false] {
        for step in 1..=steps {
            let station = Station { tells, ..Station::new() };
            killed += lives(&station, &[step]);
            let (less, more) = held_against(&station, &wanted);
            assert_eq!((less, more), (0, 0), "killed at step {step} of {steps}");
            (lost, doubled) = (lost + less, doubled + more);
        }
    }
    println!("{steps} steps, {killed} runs killed: {lost} writes lost, {doubled} doubled");
    assert_eq!(killed as u64, 2 * steps);
}

#[test]
fn kills_of_a_run_and_of_its_resumption_lose_and_double_nothing() {
    let (wanted, steps) = undisturbed();
    let (mut pairs, mut killed) = (0, 0);
    for seed in chance::seeds(1_000) {
        let mut dice = Dice(seed);
        let deaths = [1 + dice.roll(steps), 1 + dice.roll(steps)];
        let station = Station { tells: dice.roll(2) == 0, ..Station::new() };
        killed += lives(&station, &deaths);
        assert_eq!(held_against(&station, &wanted), (0, 0), "ONHAND_SEED={seed}: killed at {deaths:?}");
        pairs += 1;
    }
    println!("{pairs} pairs of kills, {killed} lives cut short: 0 writes lost, 0 doubled");
}

#[test]
fn a_run_resumed_hours_later_with_a_fallen_owner_raises_nothing() {
    let (_, steps) = undisturbed();
    let (mut resumed, mut fell) = (0, 0);
    for step in 1..=steps {
        let station = Station::new();
        assert!(station.process(1).live(step, false).is_none());
        let before = station.end();
        station.memory.now_ms.set(station.memory.now_ms.get() + 3 * 3_600_000);
        (0..17).for_each(|item| station.set("erp", item, 3));
        match station.process(2).live(0, true).expect("nothing kills it") {
            Ok(_) => resumed += 1,
            Err(refused) => assert_eq!(refused.status(), 5, "killed before it began: {refused}"),
        }
        for (cell, (shown, _)) in station.end() {
            assert!(shown <= before[&cell].0, "{cell:?} rose from {} to {shown}", before[&cell].0);
            fell += usize::from(shown < before[&cell].0);
        }
    }
    println!("{resumed} of {steps} resumed after three hours: 0 raises, {fell} decreases");
    assert!(resumed > steps / 2 && fell > 0);
}

#[test]
fn a_lease_outlasts_what_a_request_may_take() {
    let mut model = std::rc::Rc::into_inner(Station::new().model).expect("nobody else has it");
    let terms = Terms::of(&model);
    assert_eq!((terms.term, terms.request), (Duration::from_secs(60), TIMEOUT));
    for seconds in [1, 29, 31, 600] {
        model.systems[1].timeout = Some(Duration::from_secs(seconds));
        let terms = Terms::of(&model);
        assert!(terms.request >= Duration::from_secs(seconds).max(TIMEOUT));
        assert!(terms.term - terms.term / 3 > terms.request, "{terms:?}");
    }
}

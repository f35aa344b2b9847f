//! What somebody pauses while a run writes is obeyed by that run from the next batch on.

use super::station::Station;
use crate::support::chance::{self, Dice};
use onhand::apply::{Refused, Report};
use onhand::model::time::Moment;
use onhand::plan::change::Action;
use onhand::state::{Outcome, Pause, Scope, Standing};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

type Work<'w> = Pin<Box<dyn Future<Output = Result<Report, Refused>> + 'w>>;

/// The most rows that one request of a target holds.
const BATCH: usize = 7;

fn pause(scope: Scope, name: &str, holds_all: bool) -> Pause {
    let text = |text: &str| text.to_owned();
    let (reason, actor) = (text("counting the hall"), text("ann@till"));
    Pause { scope, name: text(name), holds_all, reason, actor, since: Moment(1_780_000_000_000) }
}

/// How many rows of each target were written.
fn written(station: &Station) -> BTreeMap<String, usize> {
    let mut written = BTreeMap::new();
    for ((system, _), (_, count)) in station.end() {
        *written.entry(system).or_insert(0) += count;
    }
    written
}

/// How many steps a run takes that nobody pauses.
fn whole() -> u64 {
    let station = Station::new();
    let process = station.process(1);
    process.gate.turns.set(true);
    let mut work: Work<'_> = Box::pin(process.work(false));
    let mut context = Context::from_waker(Waker::noop());
    let mut steps = 1;
    while work.as_mut().poll(&mut context).is_pending() {
        steps += 1;
    }
    steps
}

/// Works for so many steps, then pauses; answers how it ended, and what was written before.
fn interrupted_by(station: &Station, steps: u64, pause: &Pause) -> (Report, BTreeMap<String, usize>, bool) {
    let process = station.process(1);
    process.gate.turns.set(true);
    let mut work: Work<'_> = Box::pin(process.work(false));
    let mut context = Context::from_waker(Waker::noop());
    let mut ended = None;
    for _ in 0..steps {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            ended = Some(done);
            break;
        }
    }
    let before = written(station);
    let in_time = ended.is_none();
    super::block(station.store.borrow_mut().pause(pause)).expect("the state works");
    while ended.is_none() {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            ended = Some(done);
        }
    }
    (ended.expect("it ended").expect("it applies"), before, in_time)
}

/// One round; answers how many rows were held by the pause that came in between.
fn round(seed: u64, whole: u64) -> usize {
    let mut dice = Dice(seed);
    let station = Station::new();
    let target = ["absolute", "compared", "keyed"][dice.below(3)];
    let pause = match dice.below(4) {
        0 => pause(Scope::All, "", true),
        1 => pause(Scope::All, "", false),
        2 => pause(Scope::Flow, target, false),
        _ => pause(Scope::System, target, dice.in_ten(5)),
    };
    let (report, before, in_time) = interrupted_by(&station, 1 + dice.roll(whole), &pause);
    assert_eq!(report.facts.bugs, Vec::<String>::new(), "ONHAND_SEED={seed}");
    assert_eq!(report.rows.len(), 50, "ONHAND_SEED={seed}");
    assert_eq!(report.counts.values().sum::<u64>(), 50, "ONHAND_SEED={seed}");
    let touched = |system: &str| pause.scope == Scope::All || pause.name == system;
    let mut held = 0;
    for (planned, row) in station.plan.changes.iter().zip(&report.rows) {
        let waits = touched(&row.system) && (pause.holds_all || planned.action != Action::Lower);
        match row.outcome {
            Outcome::Held => {
                assert!(waits, "ONHAND_SEED={seed}: {pause:?}: {row:?}");
                assert!(row.reason.contains("counting the hall"), "ONHAND_SEED={seed}: {row:?}");
                held += 1;
            }
            outcome => assert!(outcome.went_through(), "ONHAND_SEED={seed}: {row:?}"),
        }
    }
    // Nothing is written that was not told of, and no more of what waits than the batch that was under way.
    if in_time {
        for (system, after) in written(&station).into_iter().filter(|(system, _)| touched(system)) {
            let rows = station.plan.changes.iter().filter(|change| change.system == system);
            let falls = rows.clone().filter(|change| change.action == Action::Lower).count();
            let free = if pause.holds_all { 0 } else { falls };
            let most = before[&system].max(free) + BATCH;
            assert!(after <= most, "ONHAND_SEED={seed}: {system}: {after} written, {most} at most");
        }
    }
    held
}

#[test]
fn a_pause_that_comes_while_a_run_writes_is_obeyed_from_the_next_batch_on() {
    let whole = whole();
    let (mut rounds, mut obeyed, mut held) = (0, 0, 0);
    for seed in chance::seeds(300) {
        let own = round(seed, whole);
        (rounds, obeyed, held) = (rounds + 1, obeyed + usize::from(own > 0), held + own);
    }
    println!(
        "{rounds} runs paused on the way, {obeyed} of them in time: {held} rows held, no fall kept back"
    );
    assert!(obeyed > rounds / 4 || chance::asked().is_some());
}

#[test]
fn a_pause_before_the_first_request_holds_every_raise_and_no_fall() {
    let station = Station::new();
    // Not a step: it is there before anything is read, and told as any pause.
    let (report, ..) = interrupted_by(&station, 0, &pause(Scope::All, "", false));
    let count = |outcome| report.counts.get(&outcome).copied().unwrap_or(0);
    let raises = station.plan.summary.raise;
    assert_eq!((count(Outcome::Held), report.rows.len()), (raises, 50), "{report:#?}");
    let falls = station.plan.summary.lower;
    assert_eq!(count(Outcome::Verified) + count(Outcome::Unverified), falls);
}

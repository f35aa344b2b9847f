//! Memory and SQLite answer alike, whatever is asked of them in whatever order.

use super::block;
use crate::support::chance::{Dice, seeds};
use crate::support::state;
use onhand::model::time::Moment;
use onhand::state::memory::MemoryStore;
use onhand::state::sqlite::SqliteStore;
use onhand::state::*;
use std::fmt::Debug;

/// Steps of one sequence.
const STEPS: u64 = 150;

/// An answer as text; of a refusal only its sort, since the words name what stands behind a store.
fn told<T: Debug>(answer: Result<T, StateError>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(StateError::Locked(_)) => "locked".to_owned(),
        Err(StateError::Newer(_)) => "newer".to_owned(),
        Err(StateError::Broken(_)) => "broken".to_owned(),
    }
}

fn pick(dice: &mut Dice, words: &[&str]) -> String {
    words[dice.below(words.len())].to_owned()
}

fn run_name(dice: &mut Dice) -> String {
    pick(dice, &["r1", "r2", "r3", "r4"])
}

fn note(dice: &mut Dice) -> String {
    pick(dice, &["seen", "asked the depot; 'quoted'", " "])
}

fn moment(dice: &mut Dice) -> Moment {
    Moment(dice.roll(60) as i64)
}

fn number(dice: &mut Dice) -> i64 {
    dice.roll(9) as i64 - 3
}

fn key(dice: &mut Dice) -> QueueKey {
    QueueKey {
        flow: pick(dice, &["f", "g"]),
        system: pick(dice, &["shop", "web"]),
        location: pick(dice, &["", "paris"]),
        item: pick(dice, &["MUG", "TEE", "Ünit\0"]),
        field: "qty".to_owned(),
    }
}

fn some<T>(dice: &mut Dice, most: usize, make: impl Fn(&mut Dice) -> T) -> Vec<T> {
    (0..dice.below(most + 1)).map(|_| make(dice)).collect()
}

async fn lock(store: &mut dyn Store, dice: &mut Dice) -> String {
    match dice.below(7) {
        0 | 1 => {
            let (lease, now) = (state::lease(&run_name(dice), moment(dice)), moment(dice));
            told(store.take(&lease, now).await)
        }
        2 => told(store.holds(dice.roll(9) as i64).await),
        3 => told(store.lease().await),
        4 => told(store.free(&run_name(dice)).await),
        5 => {
            let (fence, run) = (dice.roll(9) as i64, run_name(dice));
            let unlocked =
                Unlocked { fence, run, actor: "ann@desk".to_owned(), reason: note(dice), at: moment(dice) };
            told(store.unlock(&unlocked).await)
        }
        _ => told(store.unlocks().await),
    }
}

async fn runs(store: &mut dyn Store, dice: &mut Dice) -> String {
    match dice.below(8) {
        0 | 1 => {
            let mut run = state::run(&run_name(dice), moment(dice));
            if dice.in_ten(5) {
                (run.revision, run.undoes) = (Some("abc".to_owned()), Some(run_name(dice)));
            }
            told(store.begin(&run).await)
        }
        2 => {
            let status = [0, 1, 4, 130][dice.below(4)];
            told(store.end(dice.roll(9) as i64, &run_name(dice), moment(dice), status).await)
        }
        3 => told(store.unfinished().await),
        4 => told(store.run(&run_name(dice)).await),
        5 => told(store.runs(dice.roll(4) as u32).await),
        6 => {
            let mut seen = state::plan_seen("d1", &pick(dice, &["p1", "p2"]), moment(dice));
            seen.applied_by = dice.in_ten(3).then(|| run_name(dice));
            told(store.remember_plan(&seen).await)
        }
        _ => told(store.plan("d1", &pick(dice, &["p1", "p2", "p3"])).await),
    }
}

fn event(dice: &mut Dice) -> Event {
    match dice.below(5) {
        0 | 1 => Event::Intent { before: vec![("qty".to_owned(), number(dice))], after: number(dice) },
        2 => Event::Sent,
        3 => Event::Again { reason: note(dice) },
        _ => {
            let outcome = Outcome::ALL[dice.below(Outcome::ALL.len())];
            Event::Outcome { outcome, reason: note(dice) }
        }
    }
}

async fn journal(store: &mut dyn Store, dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => {
            let fence = store.lease().await.ok().flatten().map_or(1, |lease| lease.fence);
            let fence = if dice.in_ten(2) { fence - 1 } else { fence };
            let run = run_name(dice);
            let entries = some(dice, 4, |dice| Entry {
                run: run.clone(),
                change: pick(dice, &["c1", "c2", "c3"]),
                attempt: 1 + dice.roll(3) as u32,
                key: "k".to_owned(),
                event: event(dice),
                at: moment(dice),
            });
            told(store.append(fence, &entries).await)
        }
        1 => told(store.entries(&run_name(dice)).await),
        _ => told(store.audit().await),
    }
}

async fn queue(store: &mut dyn Store, dice: &mut Dice) -> String {
    let id = 1 + dice.roll(6) as i64;
    match dice.below(7) {
        0 | 1 => {
            let faults = some(dice, 3, |dice| Fault {
                key: key(dice),
                code: "M".to_owned(),
                record: String::new(),
                reason: note(dice),
                change: pick(dice, &["", "c1"]),
                next: dice.in_ten(5).then(|| moment(dice)),
                request: pick(dice, &["", "qty 3 → 2"]),
            });
            told(store.report(&faults, moment(dice)).await)
        }
        2 => {
            let keys = some(dice, 3, key);
            told(store.settle(&keys, &note(dice), moment(dice)).await)
        }
        3 => told(store.queue(dice.in_ten(5)).await),
        4 => told(store.resolve(id, &note(dice), moment(dice)).await),
        5 => told(store.hush(id, moment(dice), &note(dice)).await),
        _ => told(store.retry(id).await),
    }
}

async fn cells(store: &mut dyn Store, dice: &mut Dice) -> String {
    let system = pick(dice, &["shop", "web"]);
    match dice.below(4) {
        0 => {
            let cells = some(dice, 3, |dice| Written {
                system: system.clone(),
                location: pick(dice, &["", "paris"]),
                code: pick(dice, &["A", "B"]),
                column: "qty".to_owned(),
                value: number(dice),
                shown: dice.in_ten(5).then(|| number(dice)),
                at: moment(dice),
                run: run_name(dice),
                seen: dice.in_ten(5),
            });
            told(store.remember_written(&cells).await)
        }
        1 => told(store.written(&system).await),
        2 => {
            let cells = some(dice, 3, |dice| Known {
                system: system.clone(),
                location: pick(dice, &["", "paris"]),
                item: pick(dice, &["MUG", "TEE"]),
                quantity: "on-hand".to_owned(),
                value: number(dice),
                as_of: dice.in_ten(5).then(|| moment(dice)),
            });
            told(store.remember_known(&cells).await)
        }
        _ => told(store.known(&system).await),
    }
}

async fn standing(store: &mut dyn Store, dice: &mut Dice) -> String {
    let scope = Scope::ALL[dice.below(Scope::ALL.len())];
    match dice.below(12) {
        0 => {
            let (name, holds_all, since) = (pick(dice, &["", "web", "paris"]), dice.in_ten(5), moment(dice));
            let (reason, actor) = (note(dice), "ann@desk".to_owned());
            told(store.pause(&Pause { scope, name, holds_all, reason, actor, since }).await)
        }
        1 => told(store.unpause(scope, &pick(dice, &["", "web", "paris"])).await),
        2 => told(store.pauses().await),
        3 => {
            let (plan, guard) = (pick(dice, &["p1", "p2"]), pick(dice, &["max-rows", "max-changed"]));
            let (reason, actor) = (note(dice), "ann@desk".to_owned());
            let (at, expires) = (moment(dice), moment(dice));
            told(store.lift(&Lifted { plan, guard, reason, actor, at, expires }).await)
        }
        4 => told(store.lifted(&pick(dice, &["p1", "p2"])).await),
        5 => told(store.limits().await),
        6 => {
            let limits = some(dice, 4, |dice| Limit {
                flow: pick(dice, &["f", "g"]),
                guard: pick(dice, &["max-rows", "max-changed"]),
                numerator: number(dice),
                denominator: 1 + dice.roll(5) as i64,
            });
            told(store.remember_limits(&limits).await)
        }
        7 => told(store.sizes().await),
        8 => {
            let sizes = some(dice, 3, |dice| Size {
                system: pick(dice, &["shop", "web"]),
                what: pick(dice, &["lines", "levels"]),
                rows: dice.roll(100),
                at: moment(dice),
            });
            told(store.remember_sizes(&sizes).await)
        }
        9 => told(store.ran().await),
        10 => {
            let ran = some(dice, 3, |dice| {
                let (flow, run) = (pick(dice, &["f", "g", "h"]), pick(dice, &["r1", "r2"]));
                Ran { flow, at: moment(dice), run }
            });
            told(store.remember_ran(&ran).await)
        }
        _ => {
            let (moved, ended) = (some(dice, 3, key), some(dice, 2, key));
            told(store.count_moved(&moved, &ended).await)
        }
    }
}

fn turn(dice: &mut Dice) -> Turn {
    let left = Left { held: dice.roll(9), owed: dice.roll(3), moved: dice.roll(3) };
    Turn {
        run: run_name(dice),
        flow: pick(dice, &["f", "g"]),
        began: moment(dice),
        whole: dice.in_ten(5),
        through: dice.in_ten(5),
        left: dice.in_ten(5).then_some(left),
    }
}

async fn past(store: &mut dyn Store, dice: &mut Dice) -> String {
    match dice.below(9) {
        6 => told(store.remember_turns(&some(dice, 3, turn)).await),
        7 | 8 => told(store.turns(&pick(dice, &["f", "g"]), moment(dice)).await),
        0 | 1 => {
            let run = run_name(dice);
            let changes = some(dice, 3, |dice| Planned {
                change: pick(dice, &["c1", "c2", "c3"]),
                flow: "f".to_owned(),
                system: "shop".to_owned(),
                location: pick(dice, &["", "paris"]),
                item: pick(dice, &["MUG", "TEE"]),
                code: "M".to_owned(),
                quantity: "available".to_owned(),
                unit: "ea".to_owned(),
                before: dice.in_ten(8).then(|| number(dice)),
                after: number(dice),
                reason: note(dice),
            });
            told(store.keep_plan(&run, &note(dice), &changes).await)
        }
        2 => told(store.plan_text(&run_name(dice)).await),
        3 => told(store.forget_plans(moment(dice)).await),
        4 => told(store.happened(&run_name(dice)).await),
        _ => told(store.history(&pick(dice, &["MUG", "TEE"])).await),
    }
}

async fn step(store: &mut dyn Store, dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => lock(store, dice).await,
        1 | 2 => runs(store, dice).await,
        3 | 4 => journal(store, dice).await,
        5 => queue(store, dice).await,
        6 => cells(store, dice).await,
        7 => standing(store, dice).await,
        _ => past(store, dice).await,
    }
}

#[test]
fn memory_and_sqlite_answer_alike() {
    let mut refused = 0;
    for seed in seeds(60) {
        block(async {
            let mut memory = MemoryStore::default();
            let mut sqlite = SqliteStore::in_memory().await.expect("it works");
            for number in 0..STEPS {
                let own = seed.wrapping_mul(1_000_003).wrapping_add(number);
                let one = step(&mut memory, &mut Dice(own)).await;
                let two = step(&mut sqlite, &mut Dice(own)).await;
                assert_eq!(one, two, "ONHAND_SEED={seed}, step {number}");
                refused += u32::from(one == "broken" || one == "locked");
            }
        });
    }
    println!("{refused} answers were refusals");
    assert!(refused > 0, "what is refused is asked for too");
}

//! Order statistics over the runs of a flow.

use crate::support::chance::{Dice, seeds};
use onhand::model::time::Moment;
use onhand::report::lag::{Reached, rank, reached, through, waits};
use onhand::state::{Turn, Turned};

fn turn(began: i64, ended: Option<i64>, (whole, through): (bool, bool)) -> Turned {
    let run = format!("r{began}");
    let turn = Turn { run, flow: "f".to_owned(), began: Moment(began), whole, through, left: None };
    (turn, ended.map(|at| (Moment(at), 0)))
}

#[test]
fn a_percentile_is_one_of_the_samples() {
    let ten: Vec<u64> = (1..=10).collect();
    assert_eq!([50, 95, 100, 1].map(|percent| rank(&ten, percent)), [Some(5), Some(10), Some(10), Some(1)]);
    assert_eq!([50, 95].map(|percent| rank(&[7], percent)), [Some(7), Some(7)]);
    assert_eq!(rank(&[], 50), None);
    let hundred: Vec<u64> = (1..=100).collect();
    assert_eq!([50, 95].map(|percent| rank(&hundred, percent)), [Some(50), Some(95)]);
}

#[test]
fn so_many_of_a_hundred_are_at_most_a_percentile_and_fewer_are_below() {
    for seed in seeds(300) {
        let mut dice = Dice(seed);
        let mut samples: Vec<u64> = (0..1 + dice.below(60)).map(|_| dice.roll(30)).collect();
        samples.sort_unstable();
        let percent = 1 + dice.below(100);
        let found = rank(&samples, percent).expect("there are samples");
        let share = |test: &dyn Fn(u64) -> bool| samples.iter().filter(|own| test(**own)).count() * 100;
        let enough = percent * samples.len();
        assert!(samples.contains(&found), "ONHAND_SEED={seed}");
        assert!(share(&|own| own <= found) >= enough, "ONHAND_SEED={seed}");
        assert!(share(&|own| own < found) < enough, "ONHAND_SEED={seed}");
    }
}

#[test]
fn each_pair_of_runs_that_come_through_is_a_sample() {
    let all = (true, true);
    let turns = [
        turn(100, Some(110), all),
        turn(200, Some(230), all),
        turn(300, Some(390), (true, false)),
        turn(400, Some(405), (false, true)),
        turn(450, None, all),
        turn(500, Some(560), all),
    ];
    let runs = through(&turns);
    let samples: Vec<i64> = waits(&runs).map(|(from, to)| to.0 - from.0).collect();
    // What came right after the second began was shown by the last only: those between did not come through,
    // or were of a part, or have not ended.
    assert_eq!(samples, [130, 360]);
    assert_eq!(waits(&runs[..1]).count(), 0);
}

#[test]
fn what_is_longer_than_the_target_is_counted() {
    let told = reached(vec![600, 300, 601, 900], Some(600));
    let wanted = Reached { samples: 4, p50_ms: 600, p95_ms: 900, worst_ms: 900, missed: 2 };
    assert_eq!(told, Some(wanted));
    assert_eq!(reached(vec![5], None).map(|own| own.missed), Some(0));
    assert_eq!(reached(Vec::new(), Some(600)), None);
}

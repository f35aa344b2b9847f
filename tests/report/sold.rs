//! The most that was sold within a window, and the words for times.

use crate::support::chance::{Dice, seeds};
use onhand::model::time::Moment;
use onhand::report::sold::most_within;
use onhand::report::words::span;
use std::time::Duration;

/// As its page says it: for each order, all that fell from it to a window later.
fn plainly(orders: &[(Moment, i64)], window: i64) -> i64 {
    let from = |first: &(Moment, i64)| {
        let inside = orders.iter().filter(|(at, _)| *at >= first.0 && at.0 <= first.0.0 + window);
        inside.map(|(_, amount)| amount).sum()
    };
    orders.iter().map(from).max().unwrap_or(0)
}

#[test]
fn the_most_within_a_window_is_what_looking_at_every_window_finds() {
    for seed in seeds(500) {
        let mut dice = Dice(seed);
        let (span, window) = (1 + dice.roll(400), dice.roll(120));
        let mut orders: Vec<(Moment, i64)> =
            (0..dice.below(40)).map(|_| (Moment(dice.roll(span) as i64), dice.roll(6) as i64)).collect();
        orders.sort_unstable();
        let found = most_within(&orders, Duration::from_millis(window));
        assert_eq!(found, plainly(&orders, window as i64), "ONHAND_SEED={seed}: {orders:?} within {window}");
    }
}

#[test]
fn both_ends_of_a_window_belong_to_it_and_large_amounts_stay_whole() {
    let orders = [(Moment(0), 2), (Moment(10), 3), (Moment(21), 4)];
    let within = |ms| most_within(&orders, Duration::from_millis(ms));
    assert_eq!([0, 9, 10, 11, 20, 21].map(within), [4, 4, 5, 7, 7, 9]);
    assert_eq!(most_within(&[], Duration::from_secs(1)), 0);
    let huge = [(Moment(0), i64::MAX), (Moment(1), i64::MAX)];
    assert_eq!(most_within(&huge, Duration::from_secs(1)), i64::MAX);
}

#[test]
fn a_time_is_told_in_two_units_and_never_as_less_than_it_is() {
    let told = [0, 1, 999, 1_000, 59_001, 61_000, 3_599_999, 3_600_000, 3_660_001, 86_399_999, 90_000_000];
    let wanted = ["0s", "1s", "1s", "1s", "1m", "1m 1s", "1h", "1h", "1h 2m", "1d", "1d 1h"];
    assert_eq!(told.map(span), wanted);
    assert_eq!(span(u64::MAX), span(u64::MAX - 1));
}

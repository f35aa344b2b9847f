//! How often and how fast a system is asked.

use crate::support::chance;
use onhand::apply::retry::{Backoff, Policy};
use onhand::connectors::rate::Bucket;
use onhand::model::time::{Moment, Rate};
use proptest::prelude::*;
use std::time::Duration;

#[test]
fn waits_grow_with_each_failure_and_end_after_the_last_attempt() {
    let policy = Policy::default();
    let mut backoff = Backoff::default();
    let waits: Vec<Option<Duration>> =
        (0..5).map(|_| backoff.next(&policy, Moment(0), None, 1_000_000_007)).collect();
    for (at, limit) in [1_000, 2_000, 4_000, 8_000].into_iter().enumerate() {
        assert_eq!(waits[at], Some(Duration::from_millis(1_000_000_007 % (limit + 1))));
    }
    assert_eq!(waits[4], None);
    assert_eq!(backoff.failures(), 5);
}

#[test]
fn a_system_that_asks_for_more_time_gets_it_within_the_whole() {
    let policy = Policy::default();
    let ask = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(Backoff::default().next(&policy, Moment(0), ask(120), 0), ask(120));
    assert_eq!(Backoff::default().next(&policy, Moment(0), ask(601), 0), None);
    let mut backoff = Backoff::default();
    assert_eq!(backoff.next(&policy, Moment(0), ask(400), 0), ask(400));
    assert_eq!(backoff.next(&policy, Moment(400_000), ask(201), 0), None);
}

#[test]
fn no_window_ever_holds_more_than_the_rate() {
    let asks = prop::collection::vec((1_u32..3, 0_i64..2_000), 1..60);
    chance::check(256, (1_u32..50, 1_u32..20, asks), |(rate, burst, asks)| {
        let mut bucket = Bucket::new(rate, burst);
        let (mut now_ms, mut used) = (1_000_000_i64, Vec::new());
        for (tokens, pause) in asks {
            now_ms += pause;
            let wait = bucket.take(tokens, Moment(now_ms));
            let at = now_ms * 1_000 + wait.as_micros() as i64;
            used.extend(std::iter::repeat_n(at, tokens as usize));
            // Whoever waits does nothing else meanwhile.
            now_ms = (at + 999) / 1_000;
        }
        for (first, start) in used.iter().enumerate() {
            for (last, end) in used.iter().enumerate().skip(first) {
                let inside = (last - first + 1) as i64;
                // One more than the bucket holds where two tokens are taken for two requests in a row.
                let allowed = i64::from(burst) + 1 + (end - start) * i64::from(rate) / 1_000_000 + 1;
                assert!(inside <= allowed, "{inside} in {} µs, {allowed} allowed", end - start);
            }
        }
    });
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_for_hours() {
    let mut bucket = Bucket::new(1, 1);
    bucket.take(1, Moment(7_200_000));
    assert!(bucket.take(1, Moment(0)) <= Duration::from_secs(60));
}

#[test]
fn a_system_is_asked_as_its_topology_says() {
    let mut town = crate::count::town::Town::empty();
    let kind = &onhand::connectors::tryton::DESCRIPTOR;
    let web = town.system("web", onhand::model::system::Role::Channel, kind, &["available"]);
    let usual = onhand::apply::decide::target_of(&town.model, web, Policy::of(None));
    assert_eq!((usual.batch, usual.policy, usual.gives_up_after), (kind.batch, Policy::default(), 5));
    let system = &mut town.model.systems[web.index()];
    system.limit.batch = Some(1);
    system.limit.rate = Rate::parse("2/m");
    system.limit.burst = Some(2);
    let within = Some(Duration::from_secs(90));
    let origin = crate::count::town::nowhere();
    system.retry = Some(onhand::model::system::Retry { attempts: Some(7), within, origin });
    // Two may go at once after a pause, then one every half a minute.
    let mut bucket = Bucket::of(system);
    let waits: Vec<u64> = (0..4).map(|_| bucket.take(1, Moment(1_000_000)).as_secs()).collect();
    assert_eq!(waits, [0, 0, 30, 60]);
    let policy = Policy::of(town.model.systems[web.index()].retry);
    assert_eq!((policy.attempts, policy.within), (7, Duration::from_secs(90)));
    let target = onhand::apply::decide::target_of(&town.model, web, policy);
    assert_eq!((target.batch, target.batch_raises, target.policy, target.gives_up_after), (1, 1, policy, 7));
}

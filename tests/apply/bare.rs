//! A run that is killed and gone on with, where a target adds whatever it is sent: an amount that may have
//! arrived is never sent a second time, and whoever reads the report is told.

use super::station::Station;
use onhand::apply::RowReport;
use onhand::state::{Event, Outcome, Store};
use std::collections::BTreeSet;

/// Changes of which a request had left and nobody has noted what came of it.
fn unanswered(station: &Station) -> BTreeSet<String> {
    let mut store = station.store.borrow_mut();
    let runs = super::block(store.runs(9)).expect("it reads");
    let mut open = BTreeSet::new();
    for run in runs {
        for entry in super::block(store.entries(&run.id)).expect("it reads") {
            match entry.event {
                Event::Sent => drop(open.insert(entry.change)),
                Event::Outcome { .. } => drop(open.remove(&entry.change)),
                _ => {}
            }
        }
    }
    open
}

/// What a report says of an amount that may have arrived, and is not sent again.
fn is_told(row: &RowReport) -> bool {
    let doubt =
        ["is never sent twice", "not sent a second time"].iter().any(|words| row.reason.contains(words));
    row.outcome == Outcome::Failed && doubt
}

#[test]
fn an_amount_without_a_key_is_never_sent_again_by_a_resumption_and_is_told_as_such() {
    let undisturbed = Station::bare();
    let process = undisturbed.process(1);
    process.live(0, false).expect("nothing kills it").expect("it ends");
    let (steps, wanted) = (process.gate.step.get(), undisturbed.end());
    let (mut left, mut arrived, mut told, mut lost) = (0, 0, 0, 0);
    for step in 1..=steps {
        let station = Station::bare();
        assert!(station.process(1).live(step, false).is_none());
        let (open, before) = (unanswered(&station), station.end());
        let report = match station.process(2).live(0, true).expect("nothing kills it") {
            Ok(report) => report,
            Err(refused) => panic!("killed at step {step}: {refused}"),
        };
        assert_eq!(report.facts.bugs, Vec::<String>::new());
        let end = station.end();
        for row in report.rows.iter().filter(|row| row.system == "bare") {
            let cell = (row.system.clone(), row.item.clone());
            let ((shown, count), sent) = (end[&cell], open.contains(&row.change));
            assert!(count <= 1, "killed at step {step}: {cell:?} was added to {count} times");
            left += usize::from(sent);
            // What had left is never in another request, whether it had arrived or not.
            assert!(!sent || count == before[&cell].1, "killed at step {step}: {cell:?} was sent again");
            match (sent, count) {
                (true, 0) => {
                    assert!(is_told(row), "killed at step {step}: {row:?}");
                    (told, lost) = (told + 1, lost + 1);
                }
                (true, _) => {
                    arrived += 1;
                    assert!(row.outcome == Outcome::Unverified || is_told(row), "{row:?}");
                    told += usize::from(is_told(row));
                }
                (false, _) => assert_eq!((shown, count), wanted[&cell], "killed at step {step}: {row:?}"),
            }
            // It failed, so whoever runs it is told by the exit status as well.
            assert!(!is_told(row) || report.facts.status() == 4, "{:?}", report.facts);
        }
    }
    println!(
        "{steps} steps: {left} amounts had left without an answer, {arrived} of them had arrived; 0 were \
         sent again, {lost} had not arrived and each was told as failed ({told} told in all)"
    );
    assert!(arrived > 0 && lost > 0);
}

//! Rows that moved are computed again in the same run, and what was lost is never made up for by the plan.

use super::*;
use onhand::model::capability::WriteClass;

/// Before the next writes of `web`, somebody else sets what it shows of a code, once for each.
fn moves(rig: &Rig, code: &str, values: &[i64]) {
    let mut stores = rig.memory.stores.borrow_mut();
    for value in values {
        let place = (code.to_owned(), Some("Paris".to_owned()));
        let what = What::Change { place, column: "available".to_owned(), value: Some(value.to_string()) };
        let script = &mut stores.entry("web".to_owned()).or_default().script;
        script.push_back(Happens { at: Call::Write, what });
        // One change a write: what stands behind a trouble waits for the next one.
        let what = What::Fail { trouble: Trouble::Retry(None), carried_out: false };
        script.push_back(Happens { at: Call::Write, what });
    }
}

fn outcome(report: &Report, code: &str) -> (Outcome, String) {
    let row = report.rows.iter().find(|row| row.system == "web" && row.code == code).expect("a row");
    (row.outcome, row.reason.clone())
}

#[test]
fn a_raise_that_moved_upwards_is_computed_again_once_and_never_above_its_plan() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        moves(&rig, "SHIRT", &[5]);
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(outcome(&report, "SHIRT").0, Outcome::Verified, "{report:#?}");
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("7"));
    });
}

#[test]
fn a_raise_whose_target_has_sold_meanwhile_stays_moved() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        moves(&rig, "SHIRT", &[3]);
        let report = rig.apply(&plan).await.expect("it applies");
        let (ended, why) = outcome(&report, "SHIRT");
        assert_eq!(ended, Outcome::Moved);
        assert!(why.contains("it fell from 4 to 3 since the plan"), "{why}");
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("3"));
    });
}

#[test]
fn what_moves_in_three_runs_in_a_row_is_queued() {
    block(async {
        let mut rig = Rig::new();
        for run in 1..=3 {
            rig.shows("web", "SHIRT", Some(4));
            let plan = rig.plan().await;
            moves(&rig, "SHIRT", &[3]);
            let report = rig.apply(&plan).await.expect("it applies");
            assert_eq!(outcome(&report, "SHIRT").0, Outcome::Moved);
            let queue = rig.store.queue(true).await.expect("the state works");
            assert_eq!(queue.len(), usize::from(run == 3), "{queue:?}");
            rig.memory.now_ms.set(rig.memory.now_ms.get() + 60_000);
        }
        let queue = rig.store.queue(true).await.expect("the state works");
        assert!(queue[0].fault.reason.contains("3 runs in a row"), "{queue:?}");
        // It closes by itself once it goes through.
        rig.shows("web", "SHIRT", Some(4));
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!((outcome(&report, "SHIRT").0, report.closed), (Outcome::Verified, 1));
    });
}

static BARE: Descriptor = Descriptor { class: WriteClass::BareDelta, ..connectors::memory::DESCRIPTOR };

#[test]
fn an_amount_whose_answer_was_lost_is_not_sent_by_a_later_run_of_the_plan() {
    block(async {
        let mut rig = Rig::with(|fixed| fixed.town.model.systems[1].kind = &BARE);
        let plan = rig.plan().await;
        // What the first run leaves undone elsewhere lets the plan be applied once more.
        rig.script("ledger", Call::Levels, Trouble::Denied);
        rig.script("web", Call::Write, Trouble::Unknown);
        let first = rig.apply(&plan).await.expect("it ends");
        let (ended, why) = outcome(&first, "MUG");
        assert_eq!(ended, Outcome::Failed);
        assert!(why.contains("may have been carried out; look there"), "{why}");
        let second = rig.apply(&plan).await.expect("it ends");
        let (ended, why) = outcome(&second, "MUG");
        assert_eq!(ended, Outcome::Failed, "{second:#?}");
        assert!(why.contains(&first.run) && why.contains("may have been carried out"), "{why}");
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("12"));
        assert_eq!(outcome(&second, "SHIRT").0, Outcome::Unchanged);
    });
}

//! A flow's part in each run: what every store keeps of it.

use super::each;
use crate::support::state::{lease, run};
use onhand::model::time::Moment;
use onhand::state::*;

fn turn(run: &str, flow: &str, began: i64) -> Turn {
    let (run, flow, began) = (run.to_owned(), flow.to_owned(), Moment(began));
    Turn { run, flow, began, whole: true, through: false, left: None }
}

#[test]
fn turns_are_told_oldest_first_with_the_last_one_before_a_moment() {
    each(async |store| {
        for (id, began) in [("r1", 10), ("r2", 20), ("r3", 30), ("r4", 30)] {
            store.begin(&run(id, Moment(began))).await.expect("it works");
        }
        let own = [("r3", 28), ("r1", 8), ("r4", 28), ("r2", 18)].map(|(id, began)| turn(id, "f", began));
        store.remember_turns(&own).await.expect("it works");
        store.remember_turns(&[turn("r1", "g", 8)]).await.expect("it works");
        let of = async |store: &mut dyn Store, flow: &str, since| {
            let turns = store.turns(flow, Moment(since)).await.expect("it works");
            turns.into_iter().map(|(turn, _)| turn.run).collect::<Vec<_>>()
        };
        assert_eq!(of(store, "f", 0).await, ["r1", "r2", "r3", "r4"]);
        assert_eq!(of(store, "f", 18).await, ["r1", "r2", "r3", "r4"], "the one before it came before 18");
        assert_eq!(of(store, "f", 19).await, ["r2", "r3", "r4"]);
        assert_eq!(of(store, "f", 99).await, ["r3", "r4"], "both began together");
        assert_eq!(of(store, "g", 0).await, ["r1"]);
        assert_eq!(of(store, "h", 0).await, [""; 0]);
    });
}

#[test]
fn a_run_that_is_gone_on_with_keeps_its_begin() {
    each(async |store| {
        store.begin(&run("r1", Moment(10))).await.expect("it works");
        store.remember_turns(&[turn("r1", "f", 8)]).await.expect("it works");
        assert_eq!(store.turns("f", Moment(0)).await, Ok(vec![(turn("r1", "f", 8), None)]));
        let left = Some(Left { held: 3, owed: 1, moved: 2 });
        let again = Turn { whole: false, through: true, left, ..turn("r1", "f", 70) };
        store.remember_turns(&[again]).await.expect("it works");
        store.take(&lease("r1", Moment(99)), Moment(0)).await.expect("it works");
        store.end(1, "r1", Moment(80), 4).await.expect("it works");
        let kept = Turn { through: true, left, ..turn("r1", "f", 8) };
        assert_eq!(store.turns("f", Moment(0)).await, Ok(vec![(kept, Some((Moment(80), 4)))]));
    });
}

#[test]
fn turns_of_a_run_that_nobody_began_are_refused_whole() {
    each(async |store| {
        store.begin(&run("r1", Moment(10))).await.expect("it works");
        let both = [turn("r1", "f", 8), turn("r2", "f", 9)];
        assert!(store.remember_turns(&both).await.is_err());
        assert_eq!(store.turns("f", Moment(0)).await, Ok(Vec::new()));
    });
}

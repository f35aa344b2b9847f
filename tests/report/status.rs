//! How each flow stands, from what a state keeps.

use super::{COLLECTED, DAY, MINUTE, NOW, Town, ago, booked, source};
use crate::support::state::{lease, run};
use onhand::ledger::Page;
use onhand::model::time::Moment;
use onhand::report::gather::gather;
use onhand::report::status::{Fact, Kept, Status, Way, What, status};
use onhand::state::memory::MemoryStore;
use onhand::state::*;

const ALL: [&str; 4] = ["web-stock", "mart-stock", "web-orders", "mart-orders"];

/// A state in the making.
struct Rig {
    town: Town,
    store: MemoryStore,
    fence: i64,
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    crate::support::run(future)
}

impl Rig {
    fn new() -> Rig {
        Rig { town: Town::of(&source(&COLLECTED)), store: MemoryStore::default(), fence: 0 }
    }

    /// A run of some flows that began to read so many minutes ago and took three of them.
    fn ran(&mut self, minutes: i64, flows: &[&str], left: Left) {
        let id = format!("r{minutes}");
        self.begun(&id, minutes, flows);
        wait(async {
            let turns: Vec<Turn> =
                flows.iter().map(|flow| turn(&id, flow, minutes, (true, Some(left)))).collect();
            self.store.remember_turns(&turns).await.expect("it works");
            let status = if left == Left::default() { 0 } else { 4 };
            let at = ago((minutes - 3) * MINUTE);
            self.store.end(self.fence, &id, at, status).await.expect("it works");
        });
    }

    fn begun(&mut self, id: &str, minutes: i64, flows: &[&str]) {
        wait(async {
            self.store.begin(&run(id, ago(minutes * MINUTE))).await.expect("it works");
            let turns: Vec<Turn> = flows.iter().map(|flow| turn(id, flow, minutes, (false, None))).collect();
            self.store.remember_turns(&turns).await.expect("it works");
            let own = lease(id, Moment(NOW.0 + MINUTE));
            let Ok(Taken::Ours(fence)) = self.store.take(&own, ago(minutes * MINUTE)).await else {
                panic!("nobody holds it");
            };
            self.fence = fence;
        });
    }

    fn fails(&mut self, flow: &str, item: &str, quiet: Option<Moment>) {
        let [flow, system, item, field] = [flow, "web", item, "qty"].map(str::to_owned);
        let key = QueueKey { flow, system, location: String::new(), item, field };
        let texts = [(); 5].map(|()| String::new());
        let [code, record, reason, change, request] = texts;
        let fault = Fault { key, code, record, reason, change, next: None, request };
        wait(async {
            self.store.report(&[fault], ago(MINUTE)).await.expect("it works");
            if let Some(until) = quiet {
                let last = self.store.queue(true).await.expect("it works").last().expect("one").id;
                self.store.hush(last, until, "bea knows").await.expect("it works");
            }
        });
    }

    fn told(&mut self) -> Vec<Status> {
        let (model, graph) = (&self.town.model, &self.town.graph);
        let kept = wait(gather(&mut self.store, (model, graph), NOW)).expect("it works");
        status(model, graph, &kept, NOW)
    }

    fn flow(&mut self, name: &str) -> Status {
        self.told().into_iter().find(|own| own.flow == name).expect("the flow is told of")
    }
}

fn turn(run: &str, flow: &str, minutes: i64, (through, left): (bool, Option<Left>)) -> Turn {
    let (run, flow, began) = (run.to_owned(), flow.to_owned(), ago(minutes * MINUTE));
    Turn { run, flow, began, whole: true, through, left }
}

fn minutes(count: u64) -> u64 {
    count * 60_000
}

#[test]
fn of_a_state_without_runs_nothing_is_made_up() {
    let mut rig = Rig::new();
    let told = rig.told();
    let names: Vec<&str> = told.iter().map(|own| own.flow.as_str()).collect();
    assert_eq!(names, ALL);
    for own in &told {
        assert_eq!((&own.last, &own.fact, own.lag, own.waiting_ms), (&None, &None, None, None), "{own:?}");
        assert!(!own.asks() && !own.is_late());
    }
    let (model, graph) = (&rig.town.model, &rig.town.graph);
    assert_eq!(status(model, graph, &Kept::default(), NOW), told, "no state and an empty one are alike");
}

#[test]
fn lags_are_those_of_the_flow_alone() {
    let mut rig = Rig::new();
    for at in [41, 36, 31, 26] {
        rig.ran(at, &ALL, Left::default());
    }
    rig.ran(14, &["web-stock"], Left::default());
    rig.ran(6, &ALL, Left::default());
    let web = rig.flow("web-stock");
    let lag = web.lag.expect("there are runs");
    // 41→33, 36→28, 31→23 are 8 minutes; 26→11 is 15, and 14→3 is 11.
    let found = (lag.samples, lag.p50_ms, lag.p95_ms, lag.worst_ms, lag.missed);
    assert_eq!(found, (5, minutes(8), minutes(15), minutes(15), 2));
    assert_eq!((web.target_ms, web.waiting_ms), (Some(minutes(10)), Some(minutes(6))));
    assert!(!web.is_late());
    let mart = rig.flow("mart-stock").lag.expect("there are runs");
    assert_eq!((mart.samples, mart.worst_ms, mart.missed), (4, minutes(23), 1));
}

#[test]
fn a_flow_that_stopped_is_late_though_its_runs_were_quick() {
    let mut rig = Rig::new();
    rig.ran(125, &["web-stock"], Left::default());
    rig.ran(120, &["web-stock"], Left::default());
    let web = rig.flow("web-stock");
    assert_eq!((web.lag.map(|lag| lag.missed), web.waiting_ms), (Some(0), Some(minutes(120))));
    assert!(web.is_late());
    assert_eq!(rig.flow("mart-stock").waiting_ms, None);
    assert!(!rig.flow("mart-stock").is_late(), "of a flow that never ran nobody says how late it is");
}

#[test]
fn a_run_under_way_is_told_from_one_that_was_cut_off() {
    let mut rig = Rig::new();
    rig.ran(30, &ALL, Left { held: 3, owed: 1, moved: 1 });
    let last = rig.flow("web-stock").last.expect("it ran");
    assert_eq!((last.run.as_str(), last.rows(), last.running), ("r30", 3, false));
    assert_eq!(last.ended, Some((ago(27 * MINUTE), 4)));
    rig.begun("now", 2, &["web-stock"]);
    let last = rig.flow("web-stock").last.expect("it runs");
    assert_eq!((last.run.as_str(), last.ended, last.running, last.left), ("now", None, true, None));
    assert!(!rig.flow("web-stock").asks(), "nobody is asked for while it runs");
    wait(rig.store.free("now")).expect("it works");
    assert!(!rig.flow("web-stock").last.expect("it began").running);
    assert!(rig.flow("web-stock").fell_short() && rig.flow("web-stock").asks());
    assert_eq!(rig.flow("mart-stock").last.expect("it ran").run, "r30");
}

#[test]
fn what_is_open_asks_and_what_is_acknowledged_does_not() {
    let mut rig = Rig::new();
    rig.fails("web-stock", "MUG", None);
    rig.fails("web-stock", "TEE", Some(Moment(NOW.0 + 1)));
    rig.fails("web-stock", "CAP", Some(NOW));
    rig.fails("mart-stock", "MUG", Some(Moment(NOW.0 + DAY)));
    let (web, mart) = (rig.flow("web-stock"), rig.flow("mart-stock"));
    assert_eq!((web.open, web.acknowledged, web.asks()), (2, 1, true));
    assert_eq!((mart.open, mart.acknowledged, mart.asks()), (0, 1, false));
    // Held because of rows in the queue: the entry asks, the rows behind it do not.
    rig.ran(9, &["mart-stock"], Left { held: 4, owed: 4, moved: 0 });
    assert!(!rig.flow("mart-stock").asks());
    rig.ran(4, &["mart-stock"], Left { held: 4, owed: 3, moved: 0 });
    assert!(rig.flow("mart-stock").asks());
}

#[test]
fn entries_of_flows_that_are_gone_are_told_and_renamed_ones_are_found() {
    let mut rig = Rig::new();
    let text = source(&COLLECTED).replace("flow web-stock {", "flow web-stock was=shop-stock {");
    rig.town = Town::of(&text);
    rig.ran(20, &["shop-stock"], Left::default());
    rig.ran(10, &["web-stock"], Left::default());
    rig.fails("shop-stock", "MUG", None);
    rig.fails("old-stock", "MUG", None);
    let web = rig.flow("web-stock");
    assert_eq!((web.open, web.lag.map(|lag| lag.samples)), (1, Some(1)));
    let told = rig.told();
    assert_eq!(told.len(), 5);
    let gone = told.last().expect("five");
    assert_eq!((gone.flow.as_str(), gone.way, gone.open, gone.asks()), ("old-stock", Way::Gone, 1, true));
}

#[test]
fn the_newest_fact_is_a_count_of_its_own_cells_else_a_movement() {
    let mut rig = Rig::new();
    let fact = |what, system: &str, at| Some(Fact { what, system: system.to_owned(), at });
    wait(async {
        rig.store.take(&lease("r", Moment(NOW.0 + MINUTE)), NOW).await.expect("it works");
        let order = booked("web", "1", ("MUG", "paris"), (ago(40 * MINUTE), 1));
        rig.store.book(1, &Page { booked: vec![order], ..Page::default() }).await.expect("it fits");
    });
    let moved = fact(What::Movement, "web", ago(40 * MINUTE));
    assert_eq!((rig.flow("web-stock").fact, rig.flow("web-orders").fact), (moved.clone(), moved.clone()));
    assert_eq!((rig.flow("mart-stock").fact, rig.flow("mart-orders").fact), (None, None));
    let known = |item: &str, as_of| {
        let [system, location, item, quantity] = ["depot", "paris", item, "on-hand"].map(str::to_owned);
        Known { system, location, item, quantity, value: 3, as_of }
    };
    let cells =
        [known("MUG", Some(ago(90 * MINUTE))), known("CAP", Some(ago(2 * MINUTE))), known("TEE", None)];
    wait(rig.store.remember_known(&cells)).expect("it works");
    assert_eq!(rig.flow("web-stock").fact, fact(What::Count, "depot", ago(90 * MINUTE)), "it sells no caps");
    assert_eq!(rig.flow("mart-stock").fact, fact(What::Count, "depot", ago(2 * MINUTE)));
    assert_eq!(rig.flow("web-orders").fact, moved);
}

#[test]
fn lags_of_a_calendar_are_its_open_hours() {
    let mut rig = Rig::new();
    // Now is midnight before a Sunday; the desk closed at 18:00 on Friday.
    let text = source(&[COLLECTED[0], COLLECTED[1], ("{LAG}", "lag \"10m\" every=\"5m\" calendar=desk")])
        + "calendar desk { open mon tue wed thu fri from=\"08:00\" to=\"18:00\" }\n";
    rig.town = Town::of(&text);
    let hours = |hours: i64| hours * 60;
    rig.ran(hours(31), &["web-stock"], Left::default());
    rig.ran(hours(2), &["web-stock"], Left::default());
    let web = rig.flow("web-stock");
    let lag = web.lag.expect("two runs");
    assert_eq!((lag.worst_ms, lag.missed), (minutes(60), 1));
    assert_eq!((web.waiting_ms, web.is_late(), web.calendar.as_deref()), (Some(0), false, Some("desk")));
}

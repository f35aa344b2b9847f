//! Runs that post what a channel has sold before they publish: killed, cut off, refused, interrupted, and
//! gone on with.

use super::station::Station;
use crate::compile::{text, told};
use crate::support::chance::{self, Dice};
use onhand::apply::{Report, Stop};
use onhand::connectors::memory::DESCRIPTOR;
use onhand::state::{Books as _, Event as Kept, Outcome, QueueEntry, Store as _};
use onhand::world::store::{Call, Event, Place, Store, StoredDocument, StoredMove, Trouble, What};
use std::collections::{BTreeMap, BTreeSet};

/// An ERP that lists what is open of the documents that are posted to it, and a shop.
const TOWN: &str = r#"
onhand language=1
unit ea
system erp kind=memory role=erp {
    levels { code sku; location site; on-hand h; reserved r; damaged d }
    lines
}
system web kind=memory role=channel {
    levels { code sku; location site; available a { net-of own-sales } }
    orders none
}
location paris { in erp PAR; in web P }
location lyon { in erp LYO; in web L }
item MUG unit=ea { pack case 12; in erp MUG; in web MUG; in web MUG-12 unit=case }
item TEE unit=ea { in erp TEE; in web TEE }
bundle BOX { component MUG 2; component TEE 1; in web BOX }
owner erp { of on-hand reserved damaged }
flow web-stock { publish available to=web; lag "15m" every="5m" }
flow web-orders {
    collect orders cancellations shipments returns from=web
    post to=erp as=sale { reference "{system}#{order}" }
    restock returns=on-hand
    lag "15m" every="5m" reconcile="24h"
}
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

/// What has happened in the shop: kind, document, the order that it is about, code, quantity.
const STORY: [(&str, &str, &str, &str, &str); 9] = [
    ("order", "1", "", "MUG", "3"),
    ("cancellation", "1-c", "1", "MUG", "1"),
    ("shipment", "1-s", "1", "MUG", "1"),
    ("order", "2", "", "BOX", "2"),
    ("order", "3", "", "MUG-12", "1"),
    ("shipment", "3-s", "3", "MUG-12", "1"),
    ("return", "3-r", "3", "MUG-12", "1"),
    ("order", "4", "", "TEE", "4"),
    ("cancellation", "4-c", "4", "TEE", "4"),
];

fn place(code: &str, location: &str) -> Place {
    (code.to_owned(), Some(location.to_owned()))
}

fn happened(&(kind, document, of, code, quantity): &(&str, &str, &str, &str, &str)) -> StoredMove {
    StoredMove {
        kind: kind.to_owned(),
        document: document.to_owned(),
        line: "1".to_owned(),
        of: (!of.is_empty()).then(|| (of.to_owned(), "1".to_owned())),
        code: code.to_owned(),
        location: Some("P".to_owned()),
        quantity: quantity.to_owned(),
        shown_ms: super::world().now_ms.get() - 60_000,
        ..StoredMove::default()
    }
}

/// The ERP has 40 of each at both places, and the shop shows 39, after a story.
fn station_of(story: &[(&str, &str, &str, &str, &str)]) -> Station {
    let compiled = text(TOWN);
    assert!(!compiled.has_errors(), "{}", told(&compiled));
    let station = Station::over(compiled.model, vec![("web", &DESCRIPTOR)]);
    let mut erp = Store { books: true, lists_documents: true, ..Store::default() };
    let mut web = Store::default();
    for (own, shops) in [("PAR", "P"), ("LYO", "L")] {
        for code in ["MUG", "TEE"] {
            let counts = [("on-hand", "40"), ("reserved", "0"), ("damaged", "0")];
            let counts = counts.map(|(name, count)| (name.to_owned(), count.to_owned()));
            erp.cells.insert(place(code, own), BTreeMap::from(counts));
        }
        for code in ["MUG", "MUG-12", "TEE", "BOX"] {
            let shown = BTreeMap::from([("available".to_owned(), "39".to_owned())]);
            web.cells.insert(place(code, shops), shown);
        }
    }
    web.moves.extend(story.iter().map(happened));
    station.memory.stores.borrow_mut().extend([("erp".to_owned(), erp), ("web".to_owned(), web)]);
    station
}

fn station() -> Station {
    let station = station_of(&STORY).planned();
    assert_eq!(station.plan.movements.len(), 7, "{:#?}", station.plan.movements);
    assert_eq!(station.plan.changes.len(), 8);
    station
}

/// Everything that the ERP holds, and what the shop shows: what people would find in the end.
type Ends = (BTreeMap<String, StoredDocument>, [BTreeMap<Place, BTreeMap<String, String>>; 2]);

fn ends(station: &Station) -> Ends {
    let stores = station.memory.stores.borrow();
    (stores["erp"].documents.clone(), ["erp", "web"].map(|name| stores[name].cells.clone()))
}

fn script(station: &Station, system: &str, events: Vec<Event>) {
    station.memory.stores.borrow_mut().get_mut(system).expect("it is there").script.extend(events);
}

/// Something more happens in the shop, now.
fn push(station: &Station, moved: StoredMove) {
    let moved = StoredMove { shown_ms: station.now().0, ..moved };
    station.memory.stores.borrow_mut().get_mut("web").expect("it is there").moves.push(moved);
}

fn queue(station: &Station) -> Vec<QueueEntry> {
    super::block(station.store.borrow_mut().queue(true)).expect("it reads")
}

fn applied(station: &Station, number: u32) -> Report {
    let report = station.process(number).live(0, true).expect("nothing kills it").expect("it ends");
    assert_eq!(report.facts.bugs, Vec::<String>::new());
    report
}

/// Plans and applies once more, then says what the shop shows, and how much is left to be done.
fn settled(station: Station) -> (Vec<String>, usize) {
    let again = station.planned();
    assert_eq!(again.plan.movements.len(), 0, "{:#?}", again.plan.movements);
    assert_eq!(applied(&again, 50).facts.status(), 0);
    let web = ends(&again).1[1].clone();
    let web = ["MUG", "TEE", "BOX", "MUG-12"].map(|code| web[&place(code, "P")]["available"].clone());
    let last = again.planned();
    (web.to_vec(), last.plan.movements.len() + last.plan.changes.len())
}

/// What the shop shows once everything is in the ERP, and nothing is left to do.
fn all_well() -> (Vec<String>, usize) {
    (["34", "38", "17", "2"].map(str::to_owned).to_vec(), 0)
}

fn outcomes(report: &Report) -> Vec<(&str, Outcome, &str)> {
    report.moves.iter().map(|own| (&*own.planned.id, own.outcome, &*own.reason)).collect()
}

/// Each posting of the plan has exactly one end in the journal of all runs.
fn each_ended_once(station: &Station) {
    let mut store = station.store.borrow_mut();
    let mut ended: BTreeMap<String, usize> = BTreeMap::new();
    for run in super::block(store.runs(99)).expect("it reads") {
        for entry in super::block(store.entries(&run.id)).expect("it reads") {
            if matches!(entry.event, Kept::Outcome { .. }) {
                *ended.entry(entry.change).or_default() += 1;
            }
        }
    }
    let postings: BTreeSet<&str> = station.plan.movements.iter().map(|own| &*own.id).collect();
    let once: BTreeSet<&str> = ended.iter().filter(|own| *own.1 == 1).map(|own| &**own.0).collect();
    assert!(postings.is_subset(&once), "{ended:#?}");
}

fn undisturbed() -> (Ends, u64) {
    let station = station();
    let process = station.process(1);
    let report = process.live(0, false).expect("nothing kills it").expect("it ends");
    assert_eq!(report.facts.status(), 0, "{report:#?}");
    assert!(report.moves.iter().all(|own| own.outcome == Outcome::Verified), "{:#?}", outcomes(&report));
    each_ended_once(&station);
    let ends = ends(&station);
    // 40 less 3 mugs of order 1, 4 in boxes and 12 in a case; 1 cancelled, 12 back. 2 tees in boxes.
    let erp = |code: &str, column: &str| ends.1[0][&place(code, "PAR")][column].clone();
    assert_eq!([erp("MUG", "on-hand"), erp("MUG", "reserved")], ["39", "5"]);
    assert_eq!([erp("TEE", "on-hand"), erp("TEE", "reserved")], ["40", "2"]);
    let web = |code: &str| ends.1[1][&place(code, "P")]["available"].clone();
    // What is off again and what came back rises with the next plan: this one permits no more than it shows.
    assert_eq!(["MUG", "TEE", "BOX", "MUG-12"].map(web), ["21", "34", "10", "1"]);
    (ends, process.gate.step.get())
}

#[test]
fn what_was_sold_is_posted_once_before_anything_is_published() {
    let (ends, steps) = undisturbed();
    println!("{steps} steps, {} documents", ends.0.len());
    let station = station();
    applied(&station, 1);
    let calls = station.memory.stores.borrow()["erp"].calls.clone();
    let last = calls.iter().rposition(|call| *call == Call::Post).expect("it was posted to");
    assert!(calls[last..].contains(&Call::Levels), "counts are read after the last posting: {calls:?}");
    assert_eq!(settled(station), all_well());
}

/// What is taken in, shipped or sold between two reads then counts twice, not never.
#[test]
fn documents_are_read_before_counts_and_a_shops_orders_after_its_levels() {
    let station = station();
    applied(&station, 1);
    let stores = station.memory.stores.borrow();
    let read = |system: &str| -> Vec<Call> {
        let reads = [Call::Lines, Call::Find, Call::Levels, Call::Movements];
        stores[system].calls.iter().filter(|call| reads.contains(call)).cloned().collect()
    };
    let (erp, web) = (read("erp"), read("web"));
    assert!(erp.ends_with(&[Call::Lines, Call::Find, Call::Levels]), "{erp:?}");
    assert!(web.ends_with(&[Call::Levels, Call::Movements]), "{web:?}");
}

#[test]
fn a_kill_at_every_step_loses_and_doubles_no_posting() {
    let (wanted, steps) = undisturbed();
    let mut killed = 0;
    for tells in [true, false] {
        for step in 1..=steps {
            let station = Station { tells, ..station() };
            killed += usize::from(station.process(1).live(step, true).is_none());
            let report = applied(&station, 2);
            assert!(
                report.moves.iter().all(|own| !own.is_unsettled()),
                "step {step}: {:#?}",
                outcomes(&report)
            );
            assert_eq!(ends(&station), wanted, "killed at step {step} of {steps}");
            each_ended_once(&station);
            assert_eq!(settled(station), all_well(), "killed at step {step} of {steps}");
        }
    }
    println!("{steps} steps, {killed} runs killed: the ERP's documents and counts as undisturbed each time");
    assert_eq!(killed as u64, 2 * steps);
}

#[test]
fn kills_of_a_run_and_of_its_resumption_lose_and_double_no_posting() {
    let (wanted, steps) = undisturbed();
    let mut killed = 0;
    for seed in chance::seeds(300) {
        let mut dice = Dice(seed);
        let station = Station { tells: dice.roll(2) == 0, ..station() };
        for number in [1, 2] {
            killed += usize::from(station.process(number).live(1 + dice.roll(steps), true).is_none());
        }
        applied(&station, 3);
        assert_eq!(ends(&station), wanted, "ONHAND_SEED={seed}");
        each_ended_once(&station);
    }
    println!("{killed} lives cut short: the ERP's documents and counts as undisturbed each time");
}

#[test]
fn a_lost_answer_to_any_posting_is_made_good_by_posting_again() {
    let (wanted, _) = undisturbed();
    for carried_out in [true, false] {
        for number in 0..7 {
            let station = station();
            let pass = || Event { at: Call::Post, what: What::Pass };
            let mut events: Vec<Event> = (0..number).map(|_| pass()).collect();
            events
                .push(Event { at: Call::Post, what: What::Fail { trouble: Trouble::Unknown, carried_out } });
            script(&station, "erp", events);
            let report = applied(&station, 1);
            assert_eq!(report.facts.status(), 0, "{:#?}", outcomes(&report));
            assert_eq!(ends(&station), wanted, "posting {number}, carried out: {carried_out}");
            let posts = station.memory.stores.borrow()["erp"].calls.clone();
            assert_eq!(posts.iter().filter(|call| **call == Call::Post).count(), 8, "one of them twice");
        }
    }
}

#[test]
fn a_refused_order_stands_in_the_queue_until_it_is_posted() {
    let mut station = station();
    let refuse = |station: &Station, on: bool| {
        let mut stores = station.memory.stores.borrow_mut();
        let refuses = &mut stores.get_mut("erp").expect("it is there").refuses;
        refuses.clear();
        refuses.extend(on.then(|| ("TEE".to_owned(), "no such product".to_owned())));
    };
    refuse(&station, true);
    let report = applied(&station, 1);
    let failed: Vec<_> = outcomes(&report)
        .into_iter()
        .filter(|own| own.1 == Outcome::Failed)
        .map(|own| own.2.to_owned())
        .collect();
    assert_eq!(failed, ["code: no such product"], "the boxes hold tees; all other orders went through");
    assert_eq!(report.facts.status(), 4);
    let open = queue(&station);
    assert_eq!(open.len(), 1, "{open:#?}");
    assert_eq!(open[0].fault.key.field, "orders of 2");
    assert_eq!(open[0].fault.record, "web#2");
    // What is not posted is off what the shop shows all the same.
    let shown = ends(&station).1[1].clone();
    let shown = |code: &str| shown[&place(code, "P")]["available"].clone();
    assert_eq!(["MUG", "TEE", "BOX", "MUG-12"].map(shown), ["21", "34", "10", "1"]);
    // A run that cannot reach the ERP has not tried it: the entry stays.
    station = station.planned();
    let denied = What::Fail { trouble: Trouble::Denied, carried_out: false };
    script(&station, "erp", vec![Event { at: Call::Post, what: denied }]);
    let report = applied(&station, 2);
    assert_eq!(report.facts.status(), 7);
    assert_eq!(queue(&station).len(), 1);
    refuse(&station, false);
    station = station.planned();
    let report = applied(&station, 3);
    assert_eq!(report.facts.status(), 0, "{:#?}", outcomes(&report));
    assert_eq!(queue(&station).len(), 0);
    assert_eq!(settled(station), all_well());
}

#[test]
fn an_order_that_is_off_before_it_could_be_posted_leaves_the_queue() {
    let mut station = station();
    let refused = ("TEE".to_owned(), "no such product".to_owned());
    station.memory.stores.borrow_mut().get_mut("erp").expect("it is there").refuses.extend([refused]);
    applied(&station, 1);
    assert_eq!(queue(&station).len(), 1);
    push(&station, happened(&("cancellation", "2-c", "2", "BOX", "2")));
    station = station.planned();
    assert_eq!(station.plan.movements.len(), 0);
    let report = applied(&station, 2);
    assert_eq!((report.facts.status(), queue(&station).len()), (0, 0), "{report:#?}");
}

#[test]
fn after_a_refused_step_the_later_steps_of_its_order_wait() {
    let station = station();
    let mug = ("MUG".to_owned(), "blocked".to_owned());
    station.memory.stores.borrow_mut().get_mut("erp").expect("it is there").refuses.extend([mug]);
    let report = applied(&station, 1);
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    report.moves.iter().for_each(|own| *counts.entry(own.outcome).or_default() += 1);
    assert_eq!(
        counts,
        BTreeMap::from([(Outcome::Failed, 3), (Outcome::Held, 4)]),
        "{:#?}",
        outcomes(&report)
    );
    assert_eq!(station.memory.stores.borrow()["erp"].documents.len(), 0);
}

#[test]
fn a_system_that_refuses_the_credentials_is_asked_once() {
    let station = station();
    let denied = What::Fail { trouble: Trouble::Denied, carried_out: false };
    script(&station, "erp", vec![Event { at: Call::Post, what: denied }]);
    let report = applied(&station, 1);
    assert_eq!(report.facts.status(), 7);
    let calls = station.memory.stores.borrow()["erp"].calls.clone();
    assert_eq!(calls.iter().filter(|call| **call == Call::Post).count(), 1);
    let held = report.moves.iter().filter(|own| own.outcome == Outcome::Held).count();
    assert_eq!((report.moves[0].outcome, held), (Outcome::Failed, 6), "{:#?}", outcomes(&report));
}

#[test]
fn an_order_that_grew_since_the_plan_is_left_to_the_next_one() {
    let station = station();
    let more = happened(&("shipment", "1-t", "1", "MUG", "1"));
    let more = StoredMove { shown_ms: station.now().0, ..more };
    station.memory.stores.borrow_mut().get_mut("web").expect("it is there").moves.push(more);
    let report = applied(&station, 1);
    let moved: Vec<_> = outcomes(&report).into_iter().filter(|own| own.1 == Outcome::Moved).collect();
    assert_eq!(moved.len(), 1, "{moved:#?}");
    let again = station.planned();
    assert_eq!(again.plan.movements.len(), 1);
}

/// What is seen for the first time by an apply is not in its plan. It must not pass for posted because a later
/// step of the same order was.
#[test]
fn what_happened_between_plan_and_apply_is_posted_by_the_next_one() {
    // Each comes before a step that is in the plan: `orders`, `cancellations`, `shipments`, `returns`.
    let late = [
        ("cancellation", "1-d", "1", "MUG", "1"),
        ("order", "5", "", "TEE", "2"),
        ("shipment", "2-s", "2", "BOX", "1"),
        ("cancellation", "2-c", "2", "BOX", "1"),
    ];
    for story in late {
        let station = station();
        push(&station, happened(&story));
        applied(&station, 1);
        let again = station.planned();
        let words = format!("{}s", story.0);
        assert!(again.plan.movements.iter().any(|own| own.movement == words), "{story:?}");
        applied(&again, 2);
        let mut all = STORY.to_vec();
        all.push(story);
        let wanted = station_of(&all).planned();
        applied(&wanted, 1);
        let (found, wanted) = (ends(&again), ends(&wanted.planned()));
        let sums = |ends: &Ends| {
            let lines = ends.0.iter().map(|(name, own)| (name.clone(), format!("{:?}", own.lines)));
            lines.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(sums(&found), sums(&wanted), "{story:?}");
    }
}

/// What is asked for later begins before what could not be taken in.
#[test]
fn an_order_that_could_not_be_read_is_read_again_once_it_is_mended() {
    let station = station_of(&[("order", "1", "", "MUG", "three"), ("order", "2", "", "MUG", "2")]).planned();
    let report = applied(&station, 1);
    assert_eq!(report.moves.len(), 1, "{:#?}", outcomes(&report));
    // Where it is mended nothing says when: it is shown as of when it was placed.
    station.memory.now_ms.set(station.memory.now_ms.get() + 3_600_000);
    station.memory.stores.borrow_mut().get_mut("web").expect("it is there").moves[0].quantity =
        "3".to_owned();
    let mended = station.planned();
    assert_eq!(mended.plan.movements.len(), 1, "{:#?}", mended.plan.movements);
    applied(&mended, 2);
    assert_eq!(ends(&mended).1[0][&place("MUG", "PAR")]["reserved"], "5");
}

#[test]
fn an_interrupted_run_posts_the_rest_when_it_is_gone_on_with() {
    let (wanted, _) = undisturbed();
    let (mut cut, mut some) = (0, 0);
    for polls in 1..40 {
        let station = station();
        let mut asked = 0;
        let stop = std::future::poll_fn(move |_| {
            asked += 1;
            if asked > polls { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        });
        let process = station.process(1);
        let report =
            super::block(process.work_until(false, &mut Stop::when(Box::pin(stop)))).expect("it ends");
        assert_eq!(report.facts.bugs, Vec::<String>::new());
        let skipped = report.moves.iter().filter(|own| own.outcome == Outcome::Skipped).count();
        if report.facts.interrupted {
            assert_eq!(report.facts.status(), 130);
            cut += 1;
            some += usize::from(skipped > 0 && skipped < 7);
            applied(&station, 2);
        }
        assert_eq!(ends(&station), wanted, "asked to stop after {polls} polls");
        each_ended_once(&station);
    }
    println!("{cut} interrupted, {some} of them among the postings");
    assert!(some > 3);
}

/// The second line of an order.
fn second(story: (&str, &str, &str, &str, &str)) -> StoredMove {
    let of = (!story.2.is_empty()).then(|| (story.2.to_owned(), "2".to_owned()));
    StoredMove { line: "2".to_owned(), of, ..happened(&story) }
}

/// Two lines of one item are one line of the document that they are posted to.
#[test]
fn a_line_that_waits_for_nothing_still_counts_towards_its_document() {
    let mut station = station_of(&[("order", "1", "", "MUG", "2"), ("shipment", "1-s", "1", "MUG", "2")]);
    push(&station, second(("order", "1", "", "MUG", "3")));
    for number in 1..4 {
        station = station.planned();
        applied(&station, number);
    }
    let open = |station: &Station| {
        let lines = super::block(station.store.borrow_mut().waiting()).expect("it reads");
        lines.iter().filter(|line| line.settled.is_none()).count()
    };
    assert_eq!(open(&station), 1, "the first line is settled");
    push(&station, second(("shipment", "1-t", "1", "MUG", "3")));
    station = station.planned();
    applied(&station, 4);
    let shelf = |station: &Station, column: &str| ends(station).1[0][&place("MUG", "PAR")][column].clone();
    assert_eq!([shelf(&station, "on-hand"), shelf(&station, "reserved")], ["35", "0"]);
    assert_eq!(settled(station).1, 0);
}

#[test]
fn what_a_lost_state_had_posted_is_taken_off_once_it_is_all_off() {
    let mut station = station_of(&[("order", "1", "", "MUG", "3"), ("order", "2", "", "TEE", "1")]).planned();
    applied(&station, 1);
    let reserved = |station: &Station| ends(station).1[0][&place("MUG", "PAR")]["reserved"].clone();
    assert_eq!(reserved(&station), "3");
    push(&station, happened(&("cancellation", "1-c", "1", "MUG", "3")));
    // This one nobody had posted: nobody is told of it now, either.
    push(&station, happened(&("order", "3", "", "TEE", "2")));
    push(&station, happened(&("cancellation", "3-c", "3", "TEE", "2")));
    let open =
        |station: &Station| super::block(station.store.borrow_mut().waiting()).expect("it reads").len();
    station.store.take();
    for number in 2..5 {
        station.memory.now_ms.set(station.memory.now_ms.get() + 300_000);
        station = station.planned();
        applied(&station, number);
    }
    assert_eq!(reserved(&station), "0");
    assert_eq!(ends(&station).0.len(), 2, "no document for the third");
    assert_eq!(open(&station), 1, "the second alone waits");
    assert_eq!(settled(station).1, 0);
}

/// What another line of the order has there is its own, also while this state could not post it yet.
#[test]
fn what_nobody_had_posted_is_not_taken_off_what_belongs_to_another_line() {
    let mut station = station_of(&[("order", "1", "", "TEE", "2")]).planned();
    applied(&station, 1);
    push(&station, second(("order", "1", "", "TEE", "2")));
    push(&station, second(("cancellation", "1-c", "1", "TEE", "2")));
    let refused = ("TEE".to_owned(), "blocked".to_owned());
    station.memory.stores.borrow_mut().get_mut("erp").expect("it is there").refuses.extend([refused]);
    station.store.take();
    for number in 2..5 {
        station.memory.now_ms.set(station.memory.now_ms.get() + 300_000);
        station = station.planned();
        let steps: Vec<&str> = station.plan.movements.iter().map(|own| &*own.movement).collect();
        assert_eq!(steps, ["orders"], "in cycle {number}");
        applied(&station, number);
    }
}

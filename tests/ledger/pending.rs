//! What is pending: taken off every count that a channel is to show, until its owner has taken it in.

use super::*;
use onhand::count::Counter;
use onhand::graph::{Graph, build};
use onhand::model::capability::Descriptor;
use onhand::model::moved::{Found, FoundLine};
use onhand::model::observation::{About, Column, Levels, Lines, Observations, OpenLine};
use onhand::model::{CodeId, LocationId, SystemId};

/// Everything that a count needs.
struct Scene {
    model: Model,
    graph: Graph,
    seen: Observations,
    book: Book,
}

/// The ERP has 20 of each item at each place, nothing reserved; the channels show 0.
fn scene(acknowledges: &str, mart: &str) -> Scene {
    let model = town(acknowledges, mart);
    let graph = build(&model);
    let mut seen = Observations::default();
    for (at, system) in model.systems.iter().enumerate() {
        let id = SystemId::at(at);
        let mut rows: Vec<(LocationId, CodeId)> = Vec::new();
        for (place, location) in model.locations.iter().enumerate() {
            let place = LocationId::at(place);
            if location.code_in(id).is_some() {
                rows.extend(model.codes_of(id).map(|code| (place, CodeId(code))));
            }
        }
        rows.sort();
        let column = |name: &str, value| Column {
            name: name.into(),
            values: rows.iter().map(|_| Some(Decimal::whole(value))).collect(),
        };
        let columns = match &*system.name {
            "erp" => vec![column("on-hand", 20), column("reserved", 0)],
            _ => vec![column("available", 0)],
        };
        let levels = Levels {
            codes: rows.iter().map(|row| row.1).collect(),
            locations: rows.iter().map(|row| row.0).collect(),
            records: (0..rows.len() as u32).collect(),
            columns,
            about: About { as_of: Some(START), ..About::default() },
            ..Levels::default()
        };
        seen.levels.insert(id, levels);
    }
    Scene { model, graph, seen, book: Book::default() }
}

impl Scene {
    fn system(&self, name: &str) -> SystemId {
        SystemId::at(self.model.systems.iter().position(|own| &*own.name == name).expect("it is there"))
    }

    /// Takes movements in, in a cycle that began at a moment.
    fn take(&mut self, moved: Vec<Moved>, began: Moment) {
        let taken = take(&self.model, &mut self.book, moved, began);
        assert!(taken.misfits.is_empty(), "{:?}", taken.misfits);
        self.seen.demand = wanted(&self.model, &self.book, &taken, began);
    }

    /// The ERP's lists, each line by its document, code and quantity.
    fn lists(&mut self, lines: &[(&str, &str, i64)]) {
        let erp = self.system("erp");
        let line = |(document, code, open): &(&str, &str, i64)| OpenLine {
            document: (*document).into(),
            line: "1".into(),
            code: self.model.find_code(erp, code).expect("a code"),
            location: None,
            open: Decimal::whole(*open),
            unit: None,
            cause: None,
        };
        let lines = Lines { lines: lines.iter().map(line).collect(), ..Lines::default() };
        self.seen.lines.insert(erp, lines);
    }

    fn as_of(&mut self, at: Moment) {
        let erp = self.system("erp");
        self.seen.levels.get_mut(&erp).expect("it was read").about.as_of = Some(at);
    }

    /// What a flow is to show of a code at a place, now.
    fn shows(&self, flow: &str, code: &str, place: &str, now: Moment) -> i64 {
        let counter = Counter::new(&self.model, &self.graph, &self.seen, now);
        let flow = self.model.flows.iter().position(|own| &*own.name == flow).expect("a flow");
        let to = self.model.flows[flow].to;
        let code = self.model.find_code(to, code).expect("a code");
        let place = self.model.find_location(to, Some(place)).expect("a place");
        let explained = counter.explain(onhand::model::FlowId::at(flow), code, place).expect("it is written");
        let after = explained.after.expect("it is known");
        let mut fast = None;
        counter.flow(onhand::model::FlowId::at(flow)).expect("it is written").each(|cell| {
            if (cell.code, cell.location) == (code, place) {
                fast = Some(cell.verdict);
            }
        });
        assert_eq!(fast, Some(explained.verdict), "both ways of counting agree");
        after
    }
}

#[test]
fn a_sale_is_off_every_channel_until_the_owner_lists_it() {
    let mut scene = scene("counts after=\"2h\"", "paris");
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    scene.take(vec![sold], minute(1));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(1)), 15);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 15);
    assert_eq!(scene.shows("web-stock", "MUG", "L", minute(1)), 20, "elsewhere nothing was sold");
    assert_eq!(scene.shows("web-stock", "TEE", "P", minute(1)), 20);
    assert_eq!(scene.shows("web-stock", "BOX", "P", minute(1)), 7, "boxes of two mugs");
    assert_eq!(scene.shows("web-stock", "MUG-12", "P", minute(1)), 1);
    // A count from two hours later contains it.
    scene.as_of(minute(119));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(200)), 15);
    scene.as_of(minute(120));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(200)), 20);
    // A clock that is ahead says nothing about now.
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(100)), 15);
}

#[test]
fn a_shipment_or_return_that_the_owner_does_not_know_of_raises_nothing() {
    let mut scene = scene("counts after=\"2h\"", "paris");
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    let sent = moved(&scene.model, (Movement::Shipment, "s"), ("MUG", 5), (Some("1"), Some("P")));
    let back = moved(&scene.model, (Movement::Return, "r"), ("MUG", 5), (Some("1"), Some("P")));
    scene.take(vec![sold, sent, back], minute(1));
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 15);
}

#[test]
fn what_was_cancelled_since_reading_began_counts_as_open() {
    let mut scene = scene("counts after=\"2h\"", "paris");
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    scene.take(vec![sold.clone()], minute(1));
    let cancelled = |at| Moved {
        at: Some(at),
        ..moved(&scene.model, (Movement::Cancellation, "c"), ("MUG", 5), (Some("1"), None))
    };
    let (late, early) = (cancelled(minute(61)), cancelled(minute(10)));
    let before = scene.book.clone();
    scene.take(vec![late.clone()], minute(60));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(61)), 15, "its level may be from before");
    scene.take(vec![late], minute(65));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(66)), 20, "in the next cycle it is known");
    scene.book = before;
    scene.take(vec![early], minute(60));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(61)), 20, "that was long before");
}

#[test]
fn a_cancellation_of_just_before_counts_as_one_since_for_clocks_may_differ() {
    let mut scene = scene("counts after=\"2h\"", "paris");
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    scene.take(vec![sold], minute(1));
    let cancelled = moved(&scene.model, (Movement::Cancellation, "c"), ("MUG", 5), (Some("1"), None));
    let began = minute(60);
    let at = Some(began.before(onhand::ledger::SKEW));
    scene.take(vec![Moved { at, ..cancelled }], began);
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(61)), 15);
}

#[test]
fn a_line_without_a_place_is_off_every_place_and_once_off_a_pool() {
    let mut scene = scene("counts after=\"2h\"", "france");
    let sold = order(&scene.model, "1", ("MUG", 5), None);
    scene.take(vec![sold], minute(1));
    assert_eq!(scene.shows("web-stock", "MUG", "P", minute(1)), 15);
    assert_eq!(scene.shows("web-stock", "MUG", "L", minute(1)), 15);
    assert_eq!(scene.shows("mart-stock", "MUG", "F", minute(1)), 35, "20 and 20, less 5 once");
}

#[test]
fn a_channel_that_was_not_read_lets_nothing_rise() {
    use onhand::count::Verdict;
    let mut scene = scene("counts after=\"2h\"", "paris");
    let web = scene.system("web");
    scene.seen.demand.unknown.insert(web, "it was not read".to_owned());
    let counter = Counter::new(&scene.model, &scene.graph, &scene.seen, minute(1));
    for flow in 0..2 {
        let flow = onhand::model::FlowId::at(flow);
        counter.flow(flow).expect("it is written").each(|cell| {
            assert!(matches!(cell.verdict, Verdict::Held { .. }), "{cell:?}");
        });
    }
    let mug = scene.model.find_code(web, "MUG").expect("a code");
    let explained = counter.explain(onhand::model::FlowId(0), mug, LocationId(0)).expect("it is written");
    assert!(
        explained.notes.iter().any(|note| note.contains("not every order of `web`")),
        "{:?}",
        explained.notes
    );
}

#[test]
fn an_order_that_cannot_be_read_lets_what_it_may_have_sold_only_fall() {
    use onhand::count::Verdict;
    let mut scene = scene("counts after=\"2h\"", "paris");
    let web = scene.system("web");
    let mug = scene.model.find_code(web, "MUG").expect("a code");
    let onhand::model::item::Thing::Item(item) = scene.model.code(mug).thing else { panic!("an item") };
    scene.seen.demand.doubtful.insert((web, item), "row 3 could not be read".to_owned());
    let counter = Counter::new(&scene.model, &scene.graph, &scene.seen, minute(1));
    counter.flow(onhand::model::FlowId(0)).expect("it is written").each(|cell| {
        let tee = matches!(&*scene.model.code(cell.code).code, "TEE");
        assert_eq!(matches!(cell.verdict, Verdict::Held { .. }), !tee, "{cell:?}");
    });
}

#[test]
fn owners_that_list_lines_are_believed_line_by_line() {
    let mut scene = scene("never", "paris");
    // The kind of the town's ERP lists no lines by itself; this one does.
    let erp = scene.system("erp");
    let span = scene.model.systems[erp.index()].origin;
    scene.model.systems[erp.index()].acknowledges = Some((onhand::model::system::Acknowledges::Lines, span));
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    scene.take(vec![sold], minute(1));
    scene.lists(&[]);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 15, "nobody lists it");
    scene.lists(&[("web#1", "MUG", 2)]);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 17, "two of five are in its books");
    scene.lists(&[("web#1", "MUG", 5)]);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 20);
    let counter = Counter::new(&scene.model, &scene.graph, &scene.seen, minute(1));
    assert_eq!(counter.taken_in().iter().map(|own| own.amount).collect::<Vec<_>>(), [5]);
    // It lists it no more, and the channel still has it open: one of the two is wrong.
    scene.seen.demand.lines[0].taken_in = 5;
    scene.lists(&[]);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 15);
    // The channel says that it has left: both have closed it.
    scene.seen.demand.lines[0].shipped = 5;
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 20);
}

#[test]
fn what_an_owner_takes_in_between_its_lines_and_its_documents_stays_off() {
    let mut scene = scene("never", "paris");
    let erp = scene.system("erp");
    let span = scene.model.systems[erp.index()].origin;
    let own = &mut scene.model.systems[erp.index()];
    own.acknowledges = Some((onhand::model::system::Acknowledges::Lines, span));
    // What is open there is what is reserved, as in Tryton.
    let kind = Descriptor { lists_lines: true, lines_are: Some("reserved"), ..*own.kind };
    own.kind = Box::leak(Box::new(kind));
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    scene.take(vec![sold], minute(1));
    let code = scene.model.find_code(erp, "MUG").expect("it is mapped");
    let line = FoundLine {
        code,
        location: None,
        open: Decimal::whole(5),
        shipped: Decimal::default(),
        cancelled: Decimal::default(),
        returned: Decimal::default(),
    };
    let found = Found { reference: "web#1".into(), number: "7".to_owned(), lines: vec![line] };
    scene.lists(&[]);
    scene.seen.found.insert(erp, vec![found]);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(1)), 15);
}

#[test]
fn a_line_that_nobody_takes_in_is_told_after_a_day() {
    let mut scene = scene("never", "paris");
    let sold = order(&scene.model, "1", ("MUG", 5), Some("P"));
    scene.take(vec![sold], minute(1));
    let waiting =
        |scene: &Scene, now| Counter::new(&scene.model, &scene.graph, &scene.seen, now).waiting().len();
    assert_eq!(waiting(&scene, minute(23 * 60)), 0);
    assert_eq!(waiting(&scene, minute(25 * 60)), 1);
    assert_eq!(scene.shows("mart-stock", "MUG", "P", minute(25 * 60)), 15, "and it stays off");
}

//! Absence is not zero: what is held, what may still fall, what is created.

use super::town::*;
use onhand::model::time::Moment;
use onhand::plan::change::Action;
use onhand::plan::{Selection, Stamp, build};
use std::time::Duration;

/// A flow of shirts to `web` at paris; the owner reports `on_hand`, the target shows `shown`.
fn shirts(on_hand: Option<&str>, shown: Option<&str>) -> Fixed {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    if let Some(on_hand) = on_hand {
        t.has("E-SHIRT", t.paris, on_hand, "0");
    }
    if let Some(shown) = shown {
        t.shows("SHIRT", t.paris, shown);
    }
    t
}

fn known(t: &mut Fixed, on_hand: i64, reserved: i64) {
    let quantities = [(t.town.quantity("on-hand"), on_hand), (t.town.quantity("reserved"), reserved)];
    for (quantity, value) in quantities {
        t.town.last_known.insert((t.erp, 0, t.paris, quantity.0), value);
    }
}

#[test]
fn a_cell_that_the_owner_did_not_report_is_held() {
    let plan = shirts(None, Some("5")).town.plan();
    assert_eq!(changes(&plan).len(), 0);
    assert_eq!(held(&plan), ["SHIRT@paris: `erp` did not report `E-SHIRT` at `PAR`"]);
    assert_eq!((plan.summary.held, plan.summary.unchanged), (1, 0));
}

#[test]
fn a_row_that_does_not_show_the_quantity_is_held() {
    let plan = shirts(Some(""), Some("5")).town.plan();
    assert_eq!(held(&plan), ["SHIRT@paris: `erp` shows no on-hand for `E-SHIRT` at `PAR`"]);
}

#[test]
fn the_last_known_number_may_lower_and_nothing_else() {
    for (last, want) in [(3, Some(3)), (5, None), (9, None)] {
        let mut t = shirts(None, Some("5"));
        known(&mut t, last, 0);
        let plan = t.town.plan();
        assert_eq!(plan.changes.first().map(|change| change.after), want, "last known {last}");
        assert_eq!(plan.held.len(), usize::from(want.is_none()));
        if want.is_some() {
            let why = "on-hand 3 − reserved 0, `erp` did not report `E-SHIRT` at `PAR`";
            assert_eq!(plan.changes[0].reason, why);
        }
    }
    let mut t = shirts(None, None);
    known(&mut t, 9, 0);
    assert_eq!(t.town.plan().held.len(), 1, "and creates nothing");
}

#[test]
fn the_last_known_number_must_be_known_for_every_part() {
    let mut t = shirts(None, Some("5"));
    let on_hand = t.town.quantity("on-hand");
    t.town.last_known.insert((t.erp, 0, t.paris, on_hand.0), 3);
    assert_eq!(t.town.plan().held.len(), 1);
}

#[test]
fn absent_is_zero_only_where_the_topology_says_so() {
    let mut t = shirts(None, Some("5"));
    let mut node = levels_node(Vec::new());
    node.absent_zero = Some(node.origin);
    t.town.model.systems[t.erp.index()].levels = Some(node);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 5→0"]);
    // A row that broke without its code may be this one.
    t.town.fail(t.erp, None, None);
    let plan = t.town.plan();
    assert_eq!((plan.changes.len(), plan.held.len(), plan.failures.len()), (0, 1, 1));
}

#[test]
fn absent_zero_does_not_count_for_a_broken_row() {
    let mut t = shirts(None, Some("5"));
    let mut node = levels_node(Vec::new());
    node.absent_zero = Some(node.origin);
    t.town.model.systems[t.erp.index()].levels = Some(node);
    t.town.fail(t.erp, Some("E-SHIRT"), Some(t.paris));
    let plan = t.town.plan();
    assert_eq!((plan.changes.len(), plan.held.len(), plan.failures.len()), (0, 1, 1));
}

#[test]
fn a_held_cell_holds_its_bundles_and_pools() {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.gift]);
    t.town.flow("web-stock", "available", t.web, &[t.paris, t.online]).things = sold;
    t.has("E-SHIRT", t.paris, "9", "0");
    t.has("E-SHIRT", t.lyon, "9", "0");
    t.has("E-MUG", t.lyon, "9", "0");
    for (code, place) in [("SHIRT", t.paris), ("SHIRT", t.online), ("GIFT", t.paris), ("GIFT", t.online)] {
        t.shows(code, place, "20");
    }
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 20→9", "SHIRT@online 20→18"]);
    let why = "`erp` did not report `E-MUG` at `PAR`";
    assert_eq!(held(&plan), [format!("GIFT@paris: {why}"), format!("GIFT@online: {why}")]);
    // With the last known mugs both boxes may fall.
    let (on_hand, reserved) = (t.town.quantity("on-hand"), t.town.quantity("reserved"));
    t.town.last_known.insert((t.erp, 1, t.paris, on_hand.0), 4);
    t.town.last_known.insert((t.erp, 1, t.paris, reserved.0), 0);
    let plan = t.town.plan();
    assert_eq!(changes(&plan)[1], "GIFT@paris 20→2");
    assert_eq!(changes(&plan)[3], "GIFT@online 20→6");
}

#[test]
fn a_broken_row_is_one_failure_a_flow_and_holds_what_depends_on_it() {
    let mut t = shirts(None, Some("5"));
    let gift = things(&[t.gift]);
    t.town.flow("boxes", "available", t.web, &[t.paris]).things = gift;
    t.has("E-MUG", t.paris, "9", "0");
    t.shows("GIFT", t.paris, "3");
    t.town.fail(t.erp, Some("E-SHIRT"), Some(t.paris));
    let plan = t.town.plan();
    let flows: Vec<_> =
        plan.failures.iter().map(|fault| (fault.flow.as_str(), fault.item.as_str())).collect();
    assert_eq!(flows, [("web-stock", "SHIRT"), ("boxes", "SHIRT")]);
    assert_eq!(plan.failures[0].reason, "`x` is no number: correct it");
    let why = "the row of `E-SHIRT` at `PAR` in `erp` could not be read";
    assert_eq!(held(&plan), [format!("SHIRT@paris: {why}"), format!("GIFT@paris: {why}")]);
}

#[test]
fn a_broken_row_of_another_item_or_place_is_no_business_of_a_flow() {
    let mut t = shirts(Some("5"), Some("5"));
    t.town.fail(t.erp, Some("E-MUG"), Some(t.paris));
    t.town.fail(t.erp, Some("E-SHIRT"), Some(t.lyon));
    let plan = t.town.plan();
    assert_eq!((plan.failures.len(), plan.held.len(), plan.summary.unchanged), (0, 0, 1));
}

#[test]
fn a_broken_row_of_the_target_fails_its_cell() {
    let mut t = shirts(Some("7"), None);
    t.town.fail(t.web, Some("SHIRT"), None);
    let plan = t.town.plan();
    assert_eq!((plan.changes.len(), plan.held.len()), (0, 0));
    assert_eq!(failures(&plan), ["SHIRT row 7 qty: `x` is no number: correct it"]);
}

#[test]
fn an_incomplete_or_unread_owner_lets_nothing_out() {
    for unread in [false, true] {
        let mut t = shirts(Some("3"), Some("5"));
        known(&mut t, 1, 0);
        if unread {
            let erp = t.erp;
            t.town.unread.push(erp);
        } else {
            t.town.about(t.erp).incomplete = Some("the file ends in the middle of row 9".to_owned());
        }
        let plan = t.town.plan();
        assert!(plan.incomplete() && plan.changes.is_empty());
        let why = match unread {
            true => "SHIRT@paris: `erp` was not read",
            false => "SHIRT@paris: `erp` could be read only in part: the file ends in the middle of row 9",
        };
        assert_eq!(held(&plan), [why]);
    }
}

#[test]
fn an_incomplete_target_lets_nothing_out() {
    let mut t = shirts(Some("3"), Some("5"));
    t.town.about(t.web).incomplete = Some("page 3 of 4 never came".to_owned());
    let plan = t.town.plan();
    assert!(plan.incomplete());
    assert_eq!(held(&plan), ["SHIRT@paris: `web` could be read only in part: page 3 of 4 never came"]);
}

#[test]
fn a_stale_owner_only_lowers() {
    let hour = Duration::from_secs(3600);
    let old = Moment(NOW.0 - 2 * 3_600_000);
    // (as-of, shown, change, held)
    let cases = [
        (Some(old), Some("9"), Some(Action::Lower), 0),
        (Some(old), Some("5"), None, 0),
        (Some(old), Some("3"), None, 1),
        (Some(old), None, None, 1),
        (None, Some("9"), Some(Action::Lower), 0),
        (None, Some("3"), None, 1),
        (Some(NOW), Some("3"), Some(Action::Raise), 0),
        (Some(NOW), None, Some(Action::Create), 0),
    ];
    for (as_of, shown, action, held_rows) in cases {
        let mut t = shirts(Some("5"), shown);
        t.town.model.systems[t.erp.index()].stale_after = Some((hour, nowhere()));
        t.town.about(t.erp).as_of = as_of;
        let plan = t.town.plan();
        let found = (plan.changes.first().map(|change| change.action), plan.held.len());
        assert_eq!(found, (action, held_rows), "{as_of:?} {shown:?}");
        if held_rows > 0 {
            let why = "counts of `erp` are older than 1h, or of unknown age; so it may only fall";
            assert_eq!(plan.held[0].reason, why);
        }
    }
}

#[test]
fn each_row_may_have_its_own_age() {
    let mut t = shirts(Some("5"), Some("3"));
    t.town.model.systems[t.erp.index()].stale_after = Some((Duration::from_secs(3600), nowhere()));
    t.town.rows[0].as_of = Some(NOW);
    t.town.about(t.erp).as_of = None;
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 3→5"]);
    t.town.rows[0].as_of = Some(Moment(NOW.0 - 3_600_001));
    assert_eq!(t.town.plan().held.len(), 1);
}

#[test]
fn an_observation_older_than_the_last_one_used_is_ignored() {
    let mut t = shirts(Some("3"), Some("5"));
    t.town.last_used.insert(t.erp, NOW);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 5→3"], "the same moment is not older");
    t.town.last_used.insert(t.erp, Moment(NOW.0 + 1));
    let why = "SHIRT@paris: what `erp` shows is older than what was used last";
    assert_eq!(held(&t.town.plan()), [why]);
    known(&mut t, 4, 0);
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris 5→4"], "the last known number is newer");
}

/// The newest file of a feed may be taken away again, and an older one is the newest then.
#[test]
fn a_file_older_than_the_last_one_used_is_ignored_even_where_nothing_in_it_says_when() {
    for (changed, want) in [(NOW.0 - 1, 0), (NOW.0, 1)] {
        let mut t = shirts(Some("9"), Some("5"));
        let about = t.town.about(t.erp);
        (about.as_of, about.changed) = (None, Some(Moment(changed)));
        let graph = onhand::graph::build(&t.town.model);
        let seen = t.town.observations();
        let known = onhand::count::Counter::new(&t.town.model, &graph, &seen, NOW).known();
        assert!(!known.is_empty() && known.iter().all(|cell| cell.as_of == Some(Moment(changed))));
        t.town.last_used.insert(t.erp, NOW);
        let plan = t.town.plan();
        assert_eq!((plan.changes.len(), plan.held.len()), (want, 1 - want));
    }
}

/// A feed may bring one new row and an old one beside it.
#[test]
fn a_row_older_than_the_last_one_used_of_its_cell_is_ignored() {
    let mut t = shirts(Some("9"), Some("5"));
    t.town.rows[0].as_of = Some(Moment(NOW.0 - 2));
    t.has("E-MUG", t.paris, "1", "0");
    t.town.rows[2].as_of = Some(NOW);
    known(&mut t, 4, 0);
    t.town.last_used.insert(t.erp, Moment(NOW.0 - 1));
    for (last, want) in [(NOW.0 - 1, "SHIRT@paris 5→4"), (NOW.0 - 2, "SHIRT@paris 5→9")] {
        for quantity in ["on-hand", "reserved"] {
            let key = (t.erp, 0, t.paris, t.town.quantity(quantity).0);
            t.town.last_known_at.insert(key, Moment(last));
        }
        assert_eq!(changes(&t.town.plan()), [want]);
        let graph = onhand::graph::build(&t.town.model);
        let seen = t.town.observations();
        let known = onhand::count::Counter::new(&t.town.model, &graph, &seen, NOW).known();
        let shirt = known.iter().find(|cell| cell.key.1 == 0);
        let kept = (last == NOW.0 - 2).then_some((9, Some(Moment(last))));
        assert_eq!(shirt.map(|cell| (cell.value, cell.as_of)), kept, "an older number is not remembered");
    }
}

/// A feed whose clock is ahead would never be stale, and once it is mended no read would be new enough.
#[test]
fn a_count_from_the_future_may_only_lower_and_is_remembered_as_of_now() {
    for (shown, want) in [("3", 0), ("9", 1)] {
        let mut t = shirts(Some("5"), Some(shown));
        t.town.model.systems[t.erp.index()].stale_after = Some((Duration::from_secs(3600), nowhere()));
        t.town.about(t.erp).as_of = Some(Moment(NOW.0 + 3_600_000));
        assert_eq!(t.town.plan().changes.len(), 1, "clocks may differ by a little");
        t.town.about(t.erp).as_of = Some(Moment(NOW.0 + 3_600_001));
        assert_eq!(t.town.plan().changes.len(), want, "the target shows {shown}");
        let graph = onhand::graph::build(&t.town.model);
        let seen = t.town.observations();
        let known = onhand::count::Counter::new(&t.town.model, &graph, &seen, NOW).known();
        assert!(!known.is_empty() && known.iter().all(|cell| cell.as_of == Some(NOW)));
    }
}

/// Where rows add up, a row that nobody can assign may be part of what is reserved of any item.
#[test]
fn where_rows_add_up_a_row_without_a_code_lets_counts_fall_only() {
    for (shown, want) in [("3", 0), ("9", 1)] {
        let mut t = shirts(Some("5"), Some(shown));
        let mut node = levels_node(Vec::new());
        node.rows_add_up = true;
        t.town.model.systems[t.erp.index()].levels = Some(node);
        t.town.fail(t.erp, None, None);
        let plan = t.town.plan();
        assert_eq!((plan.changes.len(), plan.held.len()), (want, 1 - want));
        if let Some(held) = plan.held.first() {
            let why = "a row of `erp` could not be read, and nobody knows to which count it adds; so it may \
                       only fall";
            assert_eq!(held.reason, why);
        }
    }
}

#[test]
fn a_cell_is_created_above_0_and_after_a_complete_read() {
    assert_eq!(changes(&shirts(Some("3"), None).town.plan()), ["SHIRT@paris none→3"]);
    for count in ["0", "-3"] {
        let plan = shirts(Some(count), None).town.plan();
        assert_eq!((plan.changes.len(), plan.held.len(), plan.summary.unchanged), (0, 0, 1));
    }
    // A row of the target that broke without its code may be this one.
    let mut t = shirts(Some("3"), None);
    t.town.fail(t.web, None, None);
    let why = "SHIRT@paris: a row of `web` could not be read, and it may be this one";
    assert_eq!(held(&t.town.plan()), [why]);
}

#[test]
fn where_nothing_can_be_created_a_missing_row_is_a_failure() {
    let mut t = shirts(Some("3"), None);
    t.town.model.systems[t.web.index()].kind = &onhand::connectors::sql::DESCRIPTOR;
    let why = "SHIRT SHIRT code: `web` does not show `SHIRT` at `Paris`, and new rows cannot be created there: \
               add it there, or give the system a `create` statement";
    assert_eq!(failures(&t.town.plan()), [why]);
    t.town.model.systems[t.web.index()].create = Some((name("insert"), nowhere()));
    assert_eq!(changes(&t.town.plan()), ["SHIRT@paris none→3"]);
}

#[test]
fn an_open_line_that_cannot_be_used_holds_its_item() {
    let mut t = Fixed::with_lines().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "");
    t.shows("SHIRT", t.paris, "5");
    t.town.line(t.erp, "E-SHIRT", Some(t.paris), "1.5");
    let plan = t.town.plan();
    assert_eq!(held(&plan), ["SHIRT@paris: an open line of `SHIRT` in `erp` could not be read"]);
    let why = "E-SHIRT SO1/1 open: 1.5 ea is no whole number of `ea`, the base unit of `SHIRT`: correct the \
               count, or choose a finer base unit";
    assert_eq!(failures(&plan), [why]);
}

#[test]
fn open_lines_that_were_read_only_in_part_let_nothing_out() {
    let mut t = Fixed::with_lines().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "9", "");
    t.shows("SHIRT", t.paris, "5");
    let mut seen = t.town.observations();
    let lines = seen.lines.get_mut(&t.erp).expect("it lists lines");
    lines.about.incomplete = Some("page 2 of 2 never came".to_owned());
    let graph = onhand::graph::build(&t.town.model);
    let stamp = Stamp::new("plan-1", NOW);
    let plan = build(&t.town.model, &graph, &seen, &Selection::default(), &stamp);
    assert!(plan.incomplete() && plan.changes.is_empty(), "{:?}", changes(&plan));
    assert_eq!(plan.held.len(), 1);
}

#[test]
fn a_line_of_which_nobody_knows_the_item_lets_counts_fall_only() {
    for (shown, want) in [("5", None), ("12", Some(9))] {
        let mut t = Fixed::with_lines().owned();
        t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
        t.has("E-SHIRT", t.paris, "9", "");
        t.shows("SHIRT", t.paris, shown);
        let failure = t.town.fail(t.web, None, None);
        t.town.failures.clear();
        t.town.line_failures.push((t.erp, failure));
        let plan = t.town.plan();
        assert_eq!(plan.changes.first().map(|change| change.after), want);
        assert_eq!((plan.failures.len(), plan.held.len()), (1, usize::from(want.is_none())));
    }
}

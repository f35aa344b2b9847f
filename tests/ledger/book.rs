//! What is booked: each movement once, each reversal at most what is there.

use super::*;
use onhand::ledger::{OrderLine, Totals};

fn line<'b>(book: &'b Book, document: &str, item: &str) -> &'b OrderLine {
    let mut lines = book.lines();
    lines.find(|line| line.key.document == document && line.key.item == item).expect("the line is there")
}

fn totals(ordered: i64, cancelled: i64, shipped: i64, returned: i64) -> Totals {
    Totals { ordered, cancelled, shipped, returned }
}

#[test]
fn reading_twice_changes_nothing() {
    let model = town("never", "paris");
    let mut book = Book::default();
    let all = || {
        vec![
            order(&model, "1001", ("MUG", 10), Some("P")),
            moved(&model, (Movement::Cancellation, "c1"), ("MUG", 4), (Some("1001"), None)),
            moved(&model, (Movement::Shipment, "s1"), ("MUG", 5), (Some("1001"), Some("P"))),
            moved(&model, (Movement::Return, "r1"), ("MUG", 2), (Some("1001"), Some("P"))),
        ]
    };
    assert!(take(&model, &mut book, all(), START).misfits.is_empty());
    let first = book.page();
    assert_eq!(first.booked.len(), 4);
    assert_eq!(line(&book, "1001", "MUG").shown, totals(10, 4, 5, 2));
    book.kept();
    let again = take(&model, &mut book, all(), minute(5));
    assert!(again.misfits.is_empty() && again.cancelled.is_empty());
    assert!(book.page().is_empty(), "nothing new is kept");
    // The order in which a page lists them does not matter.
    let mut other = Book::default();
    let mut turned = all();
    turned.reverse();
    assert!(take(&model, &mut other, turned, START).misfits.is_empty());
    assert_eq!(line(&other, "1001", "MUG").shown, totals(10, 4, 5, 2));
}

#[test]
fn bundles_and_packs_are_taken_apart() {
    let model = town("never", "paris");
    let mut book = Book::default();
    let boxes = order(&model, "7", ("BOX", 3), Some("P"));
    let cases = order(&model, "8", ("MUG-12", 2), Some("L"));
    assert!(take(&model, &mut book, vec![boxes, cases], START).misfits.is_empty());
    assert_eq!(line(&book, "7", "MUG").shown.ordered, 6);
    assert_eq!(line(&book, "7", "TEE").shown.ordered, 3);
    assert_eq!(line(&book, "8", "MUG").shown.ordered, 24);
}

#[test]
fn a_reversal_takes_at_most_what_is_there_and_else_both_records_are_told() {
    let model = town("never", "paris");
    let reversal = |movement, document, amount| {
        moved(&model, (movement, document), ("MUG", amount), (Some("1"), Some("P")))
    };
    let mut book = Book::default();
    take(&model, &mut book, vec![order(&model, "1", ("MUG", 10), Some("P"))], START);
    let taken = take(&model, &mut book, vec![reversal(Movement::Cancellation, "c1", 11)], START);
    assert_eq!(taken.misfits.len(), 1);
    let told = &taken.misfits[0];
    assert_eq!((&*told.record, &*told.item, told.field), ("cancellation c1/1", "MUG", "quantity"));
    assert!(told.reason.contains("order 1/1") && told.reason.contains("only 10 is open"), "{}", told.reason);
    assert_eq!(line(&book, "1", "MUG").shown, totals(10, 0, 0, 0), "nothing of it is booked");
    let early = take(&model, &mut book, vec![reversal(Movement::Return, "r1", 1)], START);
    assert!(early.misfits[0].reason.contains("only 0 is shipped"), "{}", early.misfits[0].reason);
    let stray = moved(&model, (Movement::Return, "r2"), ("MUG", 1), (Some("99"), None));
    let stray = take(&model, &mut book, vec![stray], START);
    assert!(stray.misfits[0].reason.contains("no such order"), "{}", stray.misfits[0].reason);
}

#[test]
fn half_a_bundle_is_never_reversed() {
    let model = town("never", "paris");
    let mut book = Book::default();
    take(&model, &mut book, vec![order(&model, "1", ("BOX", 2), Some("P"))], START);
    // Of the order one mug is off already, so that two boxes cannot be.
    let mug = moved(&model, (Movement::Cancellation, "c0"), ("MUG", 1), (Some("1"), None));
    assert!(take(&model, &mut book, vec![mug], START).misfits.is_empty());
    let boxes = moved(&model, (Movement::Cancellation, "c1"), ("BOX", 2), (Some("1"), None));
    assert_eq!(take(&model, &mut book, vec![boxes], START).misfits.len(), 1);
    assert_eq!(line(&book, "1", "TEE").shown, totals(2, 0, 0, 0));
    assert_eq!(line(&book, "1", "MUG").shown, totals(4, 1, 0, 0));
}

#[test]
fn a_line_that_grows_is_more_demand_and_one_that_shrinks_is_in_doubt() {
    let model = town("never", "paris");
    let mut book = Book::default();
    take(&model, &mut book, vec![order(&model, "1", ("MUG", 4), Some("P"))], START);
    let mut more = order(&model, "1", ("MUG", 7), Some("P"));
    more.at = Some(minute(30));
    assert!(take(&model, &mut book, vec![more.clone()], minute(30)).misfits.is_empty());
    assert_eq!(line(&book, "1", "MUG").shown.ordered, 7);
    assert_eq!(line(&book, "1", "MUG").placed, minute(30), "its growth is as young as that");
    assert!(take(&model, &mut book, vec![more], minute(35)).misfits.is_empty());
    assert_eq!(line(&book, "1", "MUG").shown.ordered, 7, "once");
    let less = take(&model, &mut book, vec![order(&model, "1", ("MUG", 5), Some("P"))], minute(40));
    assert_eq!(less.misfits.len(), 1);
    assert!(less.misfits[0].reason.contains("read as 7 before and is 5 now"), "{}", less.misfits[0].reason);
    assert_eq!(line(&book, "1", "MUG").shown.ordered, 7, "nobody counts less without a cancellation");
}

#[test]
fn what_is_due_is_the_difference_to_what_is_posted() {
    let model = town("never", "paris");
    let mut book = Book::default();
    let taken = take(
        &model,
        &mut book,
        vec![
            order(&model, "1", ("MUG-12", 1), Some("P")),
            moved(&model, (Movement::Cancellation, "c"), ("MUG", 2), (Some("1"), None)),
            moved(&model, (Movement::Shipment, "s"), ("MUG", 10), (Some("1"), Some("P"))),
        ],
        START,
    );
    assert!(taken.misfits.is_empty());
    let demand = wanted(&model, &book, &taken, minute(60));
    let told: Vec<(&str, String)> = demand
        .due
        .iter()
        .map(|due| (due.posting.movement.word(), due.posting.lines[0].quantity.to_string()))
        .collect();
    let all = [("orders", "12"), ("cancellations", "2"), ("shipments", "10")];
    assert_eq!(told, all.map(|(word, amount)| (word, amount.to_owned())));
    assert_eq!(&*demand.due[0].posting.reference, "web#1");
    assert_eq!(demand.due[0].id, "web-orders#1 orders 12");
    // An order that is off again before anybody heard of it is not posted at all.
    let mut book = Book::default();
    let all = vec![
        order(&model, "2", ("TEE", 3), Some("P")),
        moved(&model, (Movement::Cancellation, "c2"), ("TEE", 3), (Some("2"), None)),
    ];
    let taken = take(&model, &mut book, all, START);
    assert!(wanted(&model, &book, &taken, minute(60)).due.is_empty());
}

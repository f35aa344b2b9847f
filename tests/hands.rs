//! Work that several hands share: what comes out is the same for any number of them.

use onhand::hands;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn pieces_are_answered_in_their_order_by_any_number_of_hands() {
    let wanted: Vec<usize> = (0..1000).map(|piece| piece * piece).collect();
    for count in [0, 1, 2, 3, 8, 2000] {
        let done = AtomicUsize::new(0);
        let square = |piece: usize| {
            done.fetch_add(1, Ordering::Relaxed);
            piece * piece
        };
        assert_eq!(hands::each(1000, count, square), wanted, "{count} hands");
        assert_eq!(done.into_inner(), 1000, "{count} hands: each piece is done once");
    }
    assert!(hands::each(0, 4, |piece| piece).is_empty());
}

#[test]
fn a_panic_of_one_hand_is_one_of_who_asked() {
    for count in [1, 2, 4] {
        let panicked = catch_unwind(|| hands::each(64, count, |piece| assert_ne!(piece, 40, "piece 40")));
        let told = panicked.expect_err("piece 40 panics");
        let told = told.downcast_ref::<String>().expect("it is told in words");
        assert!(told.contains("piece 40"), "{count} hands: {told}");
    }
}

#[test]
fn little_work_is_for_one_hand() {
    assert_eq!(hands::count(0, 10), 1);
    assert_eq!(hands::count(19, 10), 1);
    assert!(hands::count(usize::MAX, 10) >= 1);
}

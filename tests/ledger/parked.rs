//! Reversals that do not fit wait in the state: reading goes on past them, and they are booked when they fit.

use super::{START, minute, moved, order, town};
use onhand::apply::books;
use onhand::apply::read::{Needs, Observed};
use onhand::ledger::{Book, Parked, record_of};
use onhand::model::Model;
use onhand::model::moved::{Moved, Movements};
use onhand::model::movement::Movement;
use onhand::model::time::Moment;
use onhand::state::memory::MemoryStore;
use onhand::state::{Books as _, Lease, Store as _};

/// A shop and what is kept of it, cycle after cycle.
struct Shop {
    model: Model,
    store: MemoryStore,
    fence: i64,
}

impl Shop {
    fn new() -> Shop {
        let mut store = MemoryStore::default();
        let lease = Lease {
            holder: "one".to_owned(),
            run: "r".to_owned(),
            host: String::new(),
            process: String::new(),
            fence: 0,
            taken: START,
            heartbeat: START,
            expires: minute(100_000),
        };
        block(store.take(&lease, START)).expect("it works");
        let fence = block(store.lease()).expect("it works").expect("it is taken").fence;
        Shop { model: town("never", "paris"), store, fence }
    }

    /// One cycle that reads so; answers from when on the shop is asked next, and what a person hears of.
    fn cycle(&mut self, read: Movements, now: Moment) -> (Option<Moment>, Vec<String>) {
        let web = self.model.collects[0].from;
        let mut observed = Observed { began: now, ..Observed::default() };
        observed.observations.movements.insert(web, read);
        let mut books = block(books::take(Some(&mut self.store), &self.model, &mut observed)).expect("read");
        block(books.keep(&mut self.store, self.fence)).expect("it is kept");
        let mut needs = Needs::default();
        block(books::ask(Some(&mut self.store), &self.model, &mut needs, now)).expect("asked");
        let told = observed.observations.demand.misfits.iter().map(|own| own.record.clone()).collect();
        (needs.collected[&web], told)
    }

    fn parked(&mut self) -> Vec<Parked> {
        block(self.store.parked()).expect("it works")
    }

    /// How much of an order's line is open.
    fn open(&mut self, document: &str) -> i64 {
        let lines = block(self.store.lines_of("web", &[document.to_owned()])).expect("it works");
        lines.iter().map(|line| line.shown.open()).sum()
    }
}

fn block<T>(task: impl Future<Output = T>) -> T {
    crate::apply::block(task)
}

fn whole(moved: Vec<Moved>, next: Moment) -> Movements {
    Movements { moved, whole: true, next: Some(next), ..Movements::default() }
}

fn changed(moved: Vec<Moved>, next: Moment) -> Movements {
    Movements { whole: false, ..whole(moved, next) }
}

fn cancelled(model: &Model, document: &str, of: &str, amount: i64) -> Moved {
    moved(model, (Movement::Cancellation, document), ("MUG", amount), (Some(of), None))
}

#[test]
fn reading_goes_on_past_a_reversal_that_does_not_fit() {
    let mut shop = Shop::new();
    let early = cancelled(&shop.model, "C1", "77", 2);
    assert_eq!(
        shop.cycle(whole(vec![early], minute(1)), minute(1)),
        (Some(minute(1)), vec!["cancellation C1/1".to_owned()])
    );
    // The shop does not show it again: it is told all the same.
    assert_eq!(
        shop.cycle(changed(vec![], minute(2)), minute(2)),
        (Some(minute(2)), vec!["cancellation C1/1".to_owned()])
    );
    // Its order comes late, and both are in the books.
    let late = order(&shop.model, "77", ("MUG", 5), Some("P"));
    assert_eq!(shop.cycle(changed(vec![late], minute(3)), minute(3)), (Some(minute(3)), vec![]));
    assert_eq!((shop.open("77"), shop.parked().len()), (3, 0));
}

#[test]
fn an_order_that_does_not_fit_is_read_until_it_does() {
    let mut shop = Shop::new();
    let five = order(&shop.model, "77", ("MUG", 5), Some("P"));
    shop.cycle(whole(vec![five.clone()], minute(1)), minute(1));
    let four = order(&shop.model, "77", ("MUG", 4), Some("P"));
    let (next, told) = shop.cycle(changed(vec![four], minute(2)), minute(2));
    assert_eq!((next, told), (Some(minute(1)), vec!["order 77/1".to_owned()]));
    assert_eq!(shop.parked(), []);
    assert_eq!(shop.cycle(changed(vec![five], minute(3)), minute(3)), (Some(minute(3)), vec![]));
}

#[test]
fn what_the_shop_puts_right_or_withdraws_waits_no_more() {
    let mut shop = Shop::new();
    let five = order(&shop.model, "77", ("MUG", 5), Some("P"));
    let much = cancelled(&shop.model, "C1", "77", 6);
    shop.cycle(whole(vec![five.clone(), much], minute(1)), minute(1));
    assert_eq!((shop.open("77"), shop.parked().len()), (5, 1));
    // Put right.
    let right = cancelled(&shop.model, "C1", "77", 1);
    let (_, told) = shop.cycle(changed(vec![right.clone()], minute(2)), minute(2));
    assert_eq!((told, shop.open("77"), shop.parked().len()), (vec![], 4, 0));
    // Another one, which a whole read of its order shows no more.
    let much = cancelled(&shop.model, "C2", "77", 5);
    shop.cycle(changed(vec![much], minute(3)), minute(3));
    assert_eq!(shop.parked().len(), 1);
    let (_, told) = shop.cycle(whole(vec![], minute(4)), minute(4));
    assert_eq!(told, ["cancellation C2/1"], "its order is not shown, so nothing is said of it");
    let (_, told) = shop.cycle(whole(vec![five, right], minute(5)), minute(5));
    assert_eq!((told, shop.parked().len(), shop.open("77")), (vec![], 0, 4));
}

#[test]
fn what_a_person_closed_comes_up_again_only_if_it_says_something_else() {
    let mut shop = Shop::new();
    let five = order(&shop.model, "77", ("MUG", 5), Some("P"));
    let much = cancelled(&shop.model, "C1", "77", 6);
    shop.cycle(whole(vec![five.clone(), much.clone()], minute(1)), minute(1));
    let key = shop.parked()[0].key.clone();
    assert_eq!(record_of(&key), "cancellation C1/1");
    assert_eq!(block(shop.store.dismiss(&key, minute(1))), Ok(true));
    assert_eq!(block(shop.store.dismiss(&key, minute(1))), Ok(false));
    assert_eq!(shop.cycle(changed(vec![], minute(2)), minute(2)), (Some(minute(2)), vec![]));
    assert_eq!(shop.cycle(whole(vec![five.clone(), much], minute(3)), minute(3)), (Some(minute(3)), vec![]));
    let more = cancelled(&shop.model, "C1", "77", 7);
    let (_, told) = shop.cycle(changed(vec![more], minute(4)), minute(4));
    assert_eq!(told, ["cancellation C1/1"]);
    // It fits after all, whatever was said of it.
    assert_eq!(block(shop.store.dismiss(&key, minute(4))), Ok(true));
    let fits = cancelled(&shop.model, "C1", "77", 2);
    let (_, told) = shop.cycle(changed(vec![fits], minute(5)), minute(5));
    assert_eq!((told, shop.open("77"), shop.parked().len()), (vec![], 3, 0));
}

#[test]
fn a_source_without_a_clock_shows_all_that_waits() {
    let mut shop = Shop::new();
    let much = cancelled(&shop.model, "C1", "77", 6);
    let no_clock = |moved| Movements { next: None, ..whole(moved, START) };
    let (_, told) = shop.cycle(no_clock(vec![much]), minute(1));
    assert_eq!((told.len(), shop.parked().len()), (1, 1));
    let (_, told) = shop.cycle(no_clock(vec![]), minute(2));
    assert_eq!((told, shop.parked()), (vec![], vec![]));
}

#[test]
fn the_books_may_be_opened_without_what_waits() {
    // A plan without a state knows of nothing that waits, and says what it reads.
    let model = town("never", "paris");
    let mut observed = Observed { began: minute(1), ..Observed::default() };
    let much = cancelled(&model, "C1", "77", 6);
    observed.observations.movements.insert(model.collects[0].from, whole(vec![much], minute(1)));
    block(books::take(None, &model, &mut observed)).expect("read");
    assert_eq!(observed.observations.demand.misfits.len(), 1);
    assert_eq!(Book::default().lines().count(), 0);
}

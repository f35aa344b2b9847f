//! Vendure's orders as movements: what its own APIs did is what is read, once.

use super::Server;
use super::api::Vendure;
use super::connectors::{keep, recorded, vendure_context};
use super::shopper::{Bought, Did, Shopper};
use crate::connectors::orders;
use crate::support::erp::{self, Fields};
use onhand::connectors;
use onhand::model::moved::{Moved, Movements};
use onhand::model::movement::Movement;
use onhand::model::time::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const SKUS: [&str; 4] = ["WEB-MUG-WHT", "WEB-MUG-BLK", "WEB-BTL-750", "WEB-TEA-EG"];
const PLACES: [&str; 2] = ["Rotterdam", "Lille"];

type Key = (Movement, String, String);

fn read(server: &Server, since: Option<Moment>) -> Movements {
    let context = vendure_context(server, &PLACES, &SKUS, false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let read = runtime.block_on(async {
        let mut session = connectors::open(context).await.unwrap();
        session.movements(since).await.unwrap()
    });
    assert_eq!((&read.about.incomplete, &read.failures), (&None, &vec![]));
    assert_eq!(read.whole, since.is_none());
    read
}

/// Takes movements in; one that was there before must be what it was.
fn take(books: &mut BTreeMap<Key, Moved>, read: &Movements) {
    for moved in &read.moved {
        let key = (moved.movement, moved.document.to_string(), moved.line.to_string());
        if let Some(before) = books.insert(key.clone(), moved.clone()) {
            assert_eq!(&before, moved, "{key:?} has changed");
        }
    }
}

/// What the books say of each line of some orders, by order code and line id.
fn lines(books: &BTreeMap<Key, Moved>) -> BTreeMap<(String, String), Bought> {
    let mut lines: BTreeMap<(String, String), Bought> = BTreeMap::new();
    for moved in books.values() {
        let (document, line) = match &moved.of {
            None => (&moved.document, &moved.line),
            Some((document, line)) => (document, line),
        };
        let line = line.split('/').next().unwrap().to_owned();
        let sums = lines.entry((document.to_string(), line)).or_default();
        sums.sku = SKUS[moved.code.index()].to_owned();
        let quantity: i64 = moved.quantity.to_string().parse().unwrap();
        *match moved.movement {
            Movement::Order => &mut sums.ordered,
            Movement::Cancellation => &mut sums.cancelled,
            Movement::Shipment => &mut sums.shipped,
            Movement::Return => &mut sums.returned,
            other => panic!("{other:?}"),
        } += quantity;
    }
    lines
}

#[test]
fn what_a_shopper_did_is_what_is_read() {
    let Some(server) = super::vendure() else { return };
    let shop = Vendure::login(server.seed.clone());
    let steps = 60;
    for seed in [1, 2] {
        let mut shopper = Shopper::new(&shop, &SKUS, &PLACES, seed);
        let mut since = read(&server, None).next.expect("the shop says what time it is");
        let mut books = BTreeMap::new();
        let mut count: BTreeMap<String, u32> = BTreeMap::new();
        for step in 0..steps {
            let did = shopper.step();
            *count.entry(format!("{did:?}")).or_default() += 1;
            if did != Did::Nothing && step % 5 == 4 {
                let changes = read(&server, Some(since));
                since = changes.next.unwrap();
                take(&mut books, &changes);
            }
        }
        take(&mut books, &read(&server, Some(since)));
        let whole = read(&server, None);
        let mut own = BTreeMap::new();
        take(&mut own, &whole);
        println!(
            "{count:?}; {} movements, of {} read whole; sold {:?}",
            books.len(),
            own.len(),
            shopper.sold()
        );
        for (key, bought) in &shopper.record {
            assert_eq!(lines(&books).get(key), Some(bought), "{key:?} by changes");
            assert_eq!(lines(&own).get(key), Some(bought), "{key:?} by a whole read");
        }
    }
}

/// Carts are no orders; more pieces by a modification are; a cancelled fulfilment opens its line again.
#[test]
fn carts_modifications_and_undone_fulfilments() {
    let Some(server) = super::vendure() else { return };
    let shop = Vendure::login(server.seed.clone());
    let since = read(&server, None).next.unwrap();
    shop.cart("WEB-MUG-WHT", 1);
    let order = shop.place(&[("WEB-MUG-WHT", 4), ("WEB-TEA-EG", 2)]);
    let sent = shop.fulfil(&order.lines[0], 3);
    shop.bring(&sent, "Shipped");
    let state = |state: &str| {
        let query = "mutation($i: ID!, $s: String!) { transitionOrderToState(id: $i, state: $s) {
            __typename ... on OrderStateTransitionError { transitionError } } }";
        let answer = shop.admin(query, json!({"i": order.id, "s": state}));
        assert_eq!(answer["__typename"], "Order", "{answer}");
    };
    state("Modifying");
    let modify = "mutation($i: ModifyOrderInput!) { modifyOrder(input: $i) {
        __typename ... on ErrorResult { errorCode message } } }";
    let added = json!([{"productVariantId": server.seed["variants"]["WEB-MUG-BLK"], "quantity": 2},
                       {"productVariantId": server.seed["variants"]["WEB-MUG-WHT"], "quantity": 3}]);
    let fewer = json!([{"orderLineId": order.lines[1], "quantity": 1}]);
    let input = json!({"dryRun": false, "orderId": order.id, "addItems": added, "adjustOrderLines": fewer});
    let answer = shop.admin(modify, json!({"i": input}));
    assert_eq!(answer["__typename"], "Order", "{answer}");
    let own = |read: &Movements| {
        let mut books = BTreeMap::new();
        take(&mut books, read);
        let own = lines(&books).into_iter().filter(|((code, _), _)| *code == order.code);
        own.map(|(_, line)| (line.sku.clone(), line)).collect::<BTreeMap<_, _>>()
    };
    let line = |sku: &str, [ordered, cancelled, shipped, returned]: [i64; 4]| Bought {
        sku: sku.to_owned(),
        ordered,
        cancelled,
        shipped,
        returned,
    };
    let expected = |white: [i64; 4]| {
        let all =
            [line("WEB-MUG-WHT", white), line("WEB-TEA-EG", [2, 1, 0, 0]), line("WEB-MUG-BLK", [2, 0, 0, 0])];
        all.map(|line| (line.sku.clone(), line)).into_iter().collect::<BTreeMap<_, _>>()
    };
    for since in [None, Some(since)] {
        assert_eq!(own(&read(&server, since)), expected([7, 0, 3, 0]), "more, fewer, and a new line");
    }
    shop.bring(&sent, "Cancelled");
    for since in [None, Some(since)] {
        assert_eq!(own(&read(&server, since)), expected([10, 0, 3, 3]), "sent, back, and open again");
    }
}

/// The fields by which a read of changes could go: which of them move with which event.
#[test]
fn stamps_move_as_the_page_says() {
    let Some(server) = super::vendure() else { return };
    let shop = Vendure::login(server.seed.clone());
    let order = shop.place(&[("WEB-BTL-750", 3)]);
    let stamps = || {
        let query = "query($i: ID!) { order(id: $i) { state updatedAt fulfillments { updatedAt } } }";
        let found = shop.admin(query, json!({"i": order.id}));
        (found["state"].clone(), found["updatedAt"].clone(), found["fulfillments"].clone())
    };
    let pause = || std::thread::sleep(Duration::from_millis(1_100));
    let (_, placed, _) = stamps();
    pause();
    let sent = shop.fulfil(&order.lines[0], 3);
    let (_, updated, made) = stamps();
    assert_eq!(updated, placed, "an order's own stamp does not move when it is sent");
    pause();
    shop.bring(&sent, "Shipped");
    let (state, updated, shipped) = stamps();
    assert_eq!((state, &updated), (Value::from("Shipped"), &placed), "nor when its state changes");
    assert_ne!(shipped, made, "the fulfilment's does");
    pause();
    shop.cancel_some(&order.id, &order.lines[0], 1);
    assert_ne!(stamps().1, placed, "a cancellation moves the order's, as its total changes");
}

/// The order of the recording.
fn made(shop: &Vendure) -> orders::Made {
    let order = shop.place(&[("WEB-MUG-WHT", 5), ("WEB-TEA-EG", 2)]);
    shop.cancel_some(&order.id, &order.lines[0], 2);
    let sent = shop.fulfil(&order.lines[0], 3);
    shop.cancel_some(&order.id, &order.lines[0], 2);
    orders::Made::new(order.code, [&order.lines[0], &order.lines[1], &sent])
}

/// The same steps that the recording is played back with.
#[tokio::test]
async fn vendure_orders_as_they_were_recorded() {
    let Some(server) = super::vendure() else { return };
    let seed = server.seed.clone();
    // The blocking client of the shop's own API runs outside of this runtime.
    let made = std::thread::spawn(move || made(&Vendure::login(seed))).join().unwrap();
    let (world, log) = recorded();
    let fields: Fields<'_> = &[("url", &server.url), ("key", server.text("apiKey"))];
    let model = erp::model(&connectors::vendure::DESCRIPTOR, fields, &orders::PLACES, &orders::CODES);
    orders::scenario(erp::context(model, world, false), &made).await;
    let title = format!("Vendure 3.7.3, seeded; {}", made.text());
    keep("vendure-orders-3.7", &title, &log.take(), &[]);
}

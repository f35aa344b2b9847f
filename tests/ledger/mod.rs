//! Movements: what is booked, what is taken off published counts, and what is posted.

mod book;
mod parked;
mod pending;
mod random;

use crate::compile::{text, told};
use onhand::ledger::{Book, Cycle, Sought, Taken, demand, due};
use onhand::model::demand::Demand;
use onhand::model::moved::{Moved, Movements};
use onhand::model::movement::Movement;
use onhand::model::quantity::Decimal;
use onhand::model::time::Moment;
use onhand::model::{Model, Name};
use std::collections::BTreeMap;

/// A moment that every test counts from.
pub const START: Moment = Moment(1_800_000_000_000);

/// So many minutes after the start.
pub fn minute(minutes: i64) -> Moment {
    Moment(START.0 + minutes * 60_000)
}

/// A shop whose orders an ERP takes in; two places, a pool, a bundle, a case of twelve.
pub const TOWN: &str = r#"
onhand language=1
unit ea
system erp kind=memory role=erp {
    levels "erp" { code sku; location site; on-hand qty; reserved taken }
    acknowledges {ACK}
}
system web kind=memory role=channel {
    levels "web" { code sku; location site; available qty { net-of own-sales } }
}
system mart kind=memory role=channel {
    levels "mart" { code sku; location site; available qty { net-of own-sales } }
    orders none
}
location paris { in erp PAR; in web P; in mart P }
location lyon { in erp LYO; in web L }
location france { pool paris lyon; in mart F }
item MUG unit=ea { pack case 12; in erp MUG; in web MUG; in web MUG-12 unit=case; in mart MUG }
item TEE unit=ea { in erp TEE; in web TEE; in mart TEE }
bundle BOX { component MUG 2; component TEE 1; in web BOX }
owner erp { of on-hand reserved }
flow web-stock { publish available to=web; lag "15m" every="5m" }
flow mart-stock { publish available to=mart; at {MART}; lag "15m" every="5m" }
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

/// The town, with an ERP that acknowledges in one way, and what the mart publishes from.
pub fn town(acknowledges: &str, mart: &str) -> Model {
    let source = TOWN.replace("{ACK}", acknowledges).replace("{MART}", mart);
    let compiled = text(&source);
    assert!(!compiled.has_errors(), "{}", told(&compiled));
    compiled.model
}

/// One movement of the shop: a number and a code, of which order line, and where.
pub fn moved(
    model: &Model,
    (movement, document): (Movement, &str),
    (code, quantity): (&str, i64),
    (of, place): (Option<&str>, Option<&str>),
) -> Moved {
    let web = model.collects[0].from;
    Moved {
        movement,
        document: Name::from(document),
        line: Name::from("1"),
        of: of.map(|of| (Name::from(of), Name::from("1"))),
        code: model.find_code(web, code).expect("the code is mapped"),
        location: place.map(|code| model.find_location(web, Some(code)).expect("a place")),
        to: None,
        quantity: Decimal::whole(quantity),
        unit: None,
        at: Some(START),
    }
}

/// An order of the shop.
pub fn order(model: &Model, document: &str, what: (&str, i64), place: Option<&str>) -> Moved {
    moved(model, (Movement::Order, document), what, (None, place))
}

/// A whole read of some movements.
pub fn read(moved: Vec<Moved>) -> Movements {
    Movements { moved, whole: true, next: Some(START), ..Movements::default() }
}

/// Takes a read into the books.
pub fn take(model: &Model, book: &mut Book, moved: Vec<Moved>, now: Moment) -> Taken {
    book.take(model, &model.collects[0], &read(moved), now)
}

/// The demand of some books, seen in a cycle that began at a moment.
pub fn wanted(model: &Model, book: &Book, taken: &Taken, began: Moment) -> Demand {
    let cycle = Cycle { began, cancelled: taken.cancelled.clone() };
    let opened = demand(model, book, &cycle);
    let found = BTreeMap::new();
    let owed = due(model, book, &opened, Sought { found: &found, began });
    Demand { lines: opened.lines, due: owed.due, misfits: owed.misfits, ..Demand::default() }
}

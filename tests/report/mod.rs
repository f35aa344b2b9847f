//! What is told of a sync: lags reached, how fast goods sell, what to keep back, how each flow stands.

mod drift;
mod keep;
mod lag;
mod sold;
mod status;

use crate::compile::{text, told};
use onhand::graph::{self, Graph};
use onhand::ledger::{Booked, BookedKey};
use onhand::model::movement::Movement;
use onhand::model::time::Moment;
use onhand::model::{FlowId, ItemId, LocationId, Model, SystemId};
use onhand::report::keep::{Advice, Ground};
use onhand::report::sold::Record;
use onhand::state::{Sale, Sold};

/// 2026-11-22 00:00 UTC: now, in every test here.
pub const NOW: Moment = Moment(1_795_305_600_000);

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// So many milliseconds before now.
pub fn ago(ms: i64) -> Moment {
    Moment(NOW.0 - ms)
}

/// Two shops and a till over one depot of two places. `{…}` stand for what a test changes.
pub const TOWN: &str = r#"onhand language=1 { timezone "UTC" }
unit ea
system depot kind=memory role=warehouse {
    levels "depot" { code sku; location site; on-hand qty; reserved taken }
    acknowledges counts after="2h"
}
system web kind=sql role=channel {
    url "sqlite:web.db"
    levels "select sku, site, qty from stock" { code sku; location site; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and site = :location{BEFORE}"
    movements "select * from moves" { kind kind; document doc; line line; code sku; location site; quantity qty }
}
system mart kind=sql role=channel {
    url "sqlite:mart.db"
    levels "select sku, site, qty from stock" { code sku; location site; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and site = :location and qty = :before"
    {MART}
}
location paris { in depot P; in web P; in mart P }
location lyon { in depot L; in web L }
item MUG unit=ea { in depot MUG; in web MUG; {CODES} }
item TEE unit=ea { in depot TEE; in web TEE }
item CAP unit=ea { in depot CAP; in mart CAP }
bundle BOX { component TEE 2; in web BOX }
owner depot { of on-hand reserved }
flow web-stock { publish available to=web; {LAG}; {KEEP} }
flow mart-stock { publish available to=mart; lag "20m" every="5m" }
flow web-orders {
    collect orders cancellations returns from=web
    post none { reference "{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}
{MORE}
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

/// The mart's orders are collected.
pub const COLLECTED: [(&str, &str); 2] = [
    (
        "{MART}",
        r#"movements "select * from moves" { kind kind; document doc; line line; code sku; quantity qty }"#,
    ),
    (
        "{MORE}",
        r#"flow mart-orders {
    collect orders cancellations returns from=mart
    post none { reference "{order}" }
    restock returns=on-hand
    lag "10m" every="5m" reconcile="24h"
}"#,
    ),
];

/// The topology with some parts of it said; what is not said is as for most tests.
pub fn source(parts: &[(&str, &str)]) -> String {
    let mut text = TOWN.to_owned();
    let usual = [
        ("{BEFORE}", " and qty = :before"),
        ("{MART}", "orders direct to=depot within=\"5m\""),
        ("{CODES}", "in mart MUG"),
        ("{LAG}", "lag \"10m\" every=\"5m\""),
        ("{KEEP}", "cap 99"),
        ("{MORE}", ""),
    ];
    for (name, said) in parts.iter().chain(&usual) {
        text = text.replacen(name, said, 1);
    }
    text
}

/// A topology and what follows from it.
pub struct Town {
    pub model: Model,
    pub graph: Graph,
}

impl Town {
    pub fn of(source: &str) -> Town {
        let compiled = text(source);
        assert!(!compiled.has_errors(), "{}", told(&compiled));
        let graph = graph::build(&compiled.model);
        Town { model: compiled.model, graph }
    }

    pub fn system(&self, name: &str) -> SystemId {
        let at = self.model.systems.iter().position(|own| *own.name == *name);
        SystemId::at(at.expect("a system"))
    }

    fn flow(&self, name: &str) -> FlowId {
        FlowId::at(self.model.flows.iter().position(|own| *own.name == *name).expect("a flow"))
    }

    fn item(&self, name: &str) -> ItemId {
        ItemId::at(self.model.items.iter().position(|own| *own.name == *name).expect("an item"))
    }

    fn place(&self, name: &str) -> LocationId {
        LocationId::at(self.model.locations.iter().position(|own| *own.name == *name).expect("a place"))
    }

    /// What the record says of one shelf of a flow.
    pub fn advice(&self, flow: &str, (item, place): (&str, &str), sold: &[(&str, Sold)]) -> Option<Advice> {
        let sold: Vec<(SystemId, Sold)> =
            sold.iter().map(|(name, sold)| (self.system(name), sold.clone())).collect();
        let record = Record::of(&self.model, &sold);
        let ground = Ground { model: &self.model, graph: &self.graph, record: &record, now: NOW };
        ground.cell(self.flow(flow), (self.item(item), self.place(place)))
    }
}

/// Orders of one item at a place, of a system whose orders are known for so many days.
pub fn sold(days: i64, item: &str, place: &str, orders: &[(i64, i64)]) -> Sold {
    let sale = |(ago_ms, amount): &(i64, i64)| {
        let (item, place) = (item.to_owned(), place.to_owned());
        Sale { item, place, at: ago(*ago_ms), amount: *amount }
    };
    Sold { seen_since: Some(ago(days * DAY)), sales: orders.iter().map(sale).collect() }
}

/// One of `amount` every `every` milliseconds, so many of them, the last one a minute ago.
pub fn steady(count: i64, every: i64, amount: i64) -> Vec<(i64, i64)> {
    (0..count).map(|number| (MINUTE + number * every, amount)).collect()
}

/// One order line in the books.
pub fn booked(
    system: &str,
    document: &str,
    (item, place): (&str, &str),
    (at, amount): (Moment, i64),
) -> Booked {
    let key = BookedKey {
        system: system.to_owned(),
        movement: Movement::Order,
        document: document.to_owned(),
        line: "1".to_owned(),
        item: item.to_owned(),
        part: 0,
    };
    Booked {
        key,
        order: (document.to_owned(), "1".to_owned()),
        location: Some(place.to_owned()),
        to: None,
        amount,
        at: Some(at),
        seen: at,
        sellable: true,
    }
}

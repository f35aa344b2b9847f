//! A shop in a SQLite file, which books its own sales: what kind `sql` reads and writes with a comparison.

use super::api::Placed;
use super::shopper::Till;
use crate::connectors::conformance;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// The shop's tables.
const TABLES: &str = "
    pragma journal_mode = wal;
    create table stock (sku text, site text, on_hand integer not null, allocated integer not null default 0,
        primary key (sku, site));
    create table lines (ord text, line text, sku text, site text, open integer not null, primary key (ord, line));
    create table moves (n integer primary key, changed text not null default
        (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), kind text, doc text, line text, of_ord text, of_line text,
        sku text, site text, qty integer)";

/// The shop.
pub struct SqlTill {
    /// What its order numbers begin with: no two shops ever use the same, since Tryton keeps them.
    name: String,
    file: Mutex<Connection>,
}

impl SqlTill {
    pub fn make(path: &Path, skus: &[&str], sites: &[&str]) {
        let file = Connection::open(path).unwrap();
        file.execute_batch(TABLES).unwrap();
        for sku in skus {
            for site in sites {
                file.execute("insert into stock (sku, site, on_hand) values (?1, ?2, 0)", [sku, site])
                    .unwrap();
            }
        }
    }

    pub fn open(path: &Path) -> SqlTill {
        let file = Connection::open(path).unwrap();
        file.busy_timeout(Duration::from_secs(20)).unwrap();
        SqlTill { name: conformance::key(), file: file.into() }
    }

    /// On hand and allocated.
    pub fn level(&self, sku: &str, site: &str) -> (i64, i64) {
        let sql = "select on_hand, allocated from stock where sku = ?1 and site = ?2";
        self.file.lock().unwrap().query_row(sql, [sku, site], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }

    fn within<T>(&self, work: impl FnOnce(&Transaction<'_>) -> T) -> T {
        let mut file = self.file.lock().unwrap();
        let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let done = work(&transaction);
        transaction.commit().unwrap();
        done
    }
}

/// The order and the number of a line.
fn key(line: &Value) -> (&str, &str) {
    line.as_str().unwrap().split_once('/').unwrap()
}

/// One movement of an order line: what it is, and how it moves what is on hand, allocated and open.
fn book(shop: &Transaction<'_>, kind: &str, line: &Value, quantity: i64, signs: [i64; 3]) {
    let (order, line) = key(line);
    let sql = "select sku, site from lines where ord = ?1 and line = ?2";
    let (sku, site): (String, String) =
        shop.query_row(sql, [order, line], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let [on_hand, allocated, open] = signs.map(|sign| sign * quantity);
    let sql =
        "update stock set on_hand = on_hand + ?1, allocated = allocated + ?2 where sku = ?3 and site = ?4";
    shop.execute(sql, params![on_hand, allocated, sku, site]).unwrap();
    let sql = "update lines set open = open + ?1 where ord = ?2 and line = ?3";
    shop.execute(sql, params![open, order, line]).unwrap();
    let sql = "insert into moves (kind, doc, line, of_ord, of_line, sku, site, qty)
               values (?1, 'M' || (select coalesce(max(n), 0) + 1 from moves), '1', ?2, ?3, ?4, ?5, ?6)";
    shop.execute(sql, params![kind, order, line, sku, site, quantity]).unwrap();
}

impl Till for SqlTill {
    fn free(&self, sku: &str, place: &str) -> i64 {
        let (on_hand, allocated) = self.level(sku, place);
        on_hand - allocated
    }

    fn place(&self, items: &[(&str, i64)]) -> Option<Placed> {
        self.within(|shop| {
            let sql = "select site from stock where sku = ?1 and on_hand - allocated >= ?2 order by site";
            let sites = |(sku, quantity): &(&str, i64)| -> Vec<String> {
                let mut found = shop.prepare(sql).unwrap();
                found.query_map(params![sku, quantity], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            };
            let able: Vec<Vec<String>> = items.iter().map(sites).collect();
            let site = able[0].iter().find(|site| able.iter().all(|own| own.contains(site)))?.clone();
            let sql = "select count(distinct ord) + 1 from lines";
            let number: i64 = shop.query_row(sql, [], |row| row.get(0)).unwrap();
            let code = format!("{}-{number}", self.name);
            let mut lines = Vec::new();
            for (at, (sku, quantity)) in items.iter().enumerate() {
                let line = (at + 1).to_string();
                let sql = "update stock set allocated = allocated + ?1 where sku = ?2 and site = ?3";
                shop.execute(sql, params![quantity, sku, site]).unwrap();
                let sql = "insert into lines values (?1, ?2, ?3, ?4, ?5)";
                shop.execute(sql, params![code, line, sku, site, quantity]).unwrap();
                let sql = "insert into moves (kind, doc, line, sku, site, qty) values ('order', ?1, ?2, ?3, ?4, ?5)";
                shop.execute(sql, params![code, line, sku, site, quantity]).unwrap();
                lines.push(json!(format!("{code}/{line}")));
            }
            Some(Placed { id: json!(code), code, lines })
        })
    }

    fn cancel(&self, _: &Value, line: &Value, quantity: i64) {
        self.within(|shop| {
            let sql = "select open from lines where ord = ?1 and line = ?2";
            let open: i64 = shop.query_row(sql, key(line), |row| row.get(0)).unwrap();
            match open >= quantity {
                true => book(shop, "cancellation", line, quantity, [0, -1, -1]),
                false => book(shop, "return", line, quantity, [1, 0, 0]),
            }
        });
    }

    fn ship(&self, line: &Value, quantity: i64, _: bool) {
        self.within(|shop| book(shop, "shipment", line, quantity, [-1, -1, -1]));
    }
}

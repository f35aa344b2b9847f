//! A scripted shopper: from a seed it places, part-cancels, ships and returns orders through the shop's own
//! APIs, and keeps its own record of what was sold.

use super::api::{Level, Placed, Vendure};
use crate::support::chance::Dice;
use serde_json::Value;
use std::collections::BTreeMap;

/// What became of one line, as the shopper did it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bought {
    pub sku: String,
    pub ordered: i64,
    pub cancelled: i64,
    pub shipped: i64,
    pub returned: i64,
}

impl Bought {
    pub fn open(&self) -> i64 {
        self.ordered - self.cancelled - self.shipped
    }

    fn out(&self) -> i64 {
        self.shipped - self.returned
    }
}

/// Something that the shopper did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Nothing could be done.
    Nothing,
    Placed,
    Cancelled,
    Shipped,
    Returned,
}

/// A shop as its customers and its packers use it.
pub trait Till: Sync {
    /// What it would sell now of a code from a place.
    fn free(&self, sku: &str, place: &str) -> i64;
    /// An order, paid; `None` where it has not enough.
    fn place(&self, items: &[(&str, i64)]) -> Option<Placed>;
    /// Takes off, or back, so many of a line.
    fn cancel(&self, order: &Value, line: &Value, quantity: i64);
    /// Sends so many of a line out: on their way, or only packed.
    fn ship(&self, line: &Value, quantity: i64, sent: bool);
}

impl Till for Vendure {
    fn free(&self, sku: &str, place: &str) -> i64 {
        let Level { on_hand, allocated } = self.level(sku, place);
        on_hand - allocated
    }

    fn place(&self, items: &[(&str, i64)]) -> Option<Placed> {
        self.try_place(items)
    }

    fn cancel(&self, order: &Value, line: &Value, quantity: i64) {
        self.cancel_some(order, line, quantity);
    }

    fn ship(&self, line: &Value, quantity: i64, sent: bool) {
        let fulfilment = self.fulfil(line, quantity);
        if sent {
            self.bring(&fulfilment, "Shipped");
        }
    }
}

/// The shopper: one order after the other, each of which one location can fill.
pub struct Shopper<'a> {
    shop: &'a dyn Till,
    skus: Vec<String>,
    places: Vec<String>,
    dice: Dice,
    orders: Vec<Placed>,
    /// By order code and line id.
    pub record: BTreeMap<(String, String), Bought>,
}

impl<'a> Shopper<'a> {
    pub fn new(shop: &'a dyn Till, skus: &[&str], places: &[&str], seed: u64) -> Shopper<'a> {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        println!("shopper: seed {seed}");
        Shopper {
            shop,
            skus: texts(skus),
            places: texts(places),
            dice: Dice(seed),
            orders: Vec::new(),
            record: BTreeMap::new(),
        }
    }

    /// Units that are promised or gone and not back, by SKU.
    pub fn out(&self) -> BTreeMap<&str, i64> {
        let mut out = BTreeMap::new();
        for line in self.record.values() {
            *out.entry(line.sku.as_str()).or_default() += line.open() + line.out();
        }
        out
    }

    /// Takes everything that is still open off.
    pub fn close(&mut self) {
        for order in &self.orders {
            for line in &order.lines {
                let own = self.record.get_mut(&(order.code.clone(), text(line))).unwrap();
                let open = own.open();
                if open > 0 {
                    self.shop.cancel(&order.id, line, open);
                    own.cancelled += open;
                }
            }
        }
    }

    /// Units sold and not cancelled before they left, by SKU.
    pub fn sold(&self) -> BTreeMap<&str, i64> {
        let mut sold = BTreeMap::new();
        for line in self.record.values() {
            *sold.entry(line.sku.as_str()).or_default() += line.ordered - line.cancelled;
        }
        sold
    }

    /// Does one thing, more often buying than anything else.
    pub fn step(&mut self) -> Did {
        match self.dice.below(10) {
            0..=4 => self.place(),
            5 => self.cancel(),
            6..=8 => self.ship(),
            _ => self.back(),
        }
    }

    /// Buys one to three pieces of one or two variants, if one location has them all.
    fn place(&mut self) -> Did {
        let first = self.dice.below(self.skus.len());
        let mut items = vec![(self.skus[first].clone(), 1 + self.dice.below(3) as i64)];
        if self.dice.below(3) == 0 {
            let second = (first + 1 + self.dice.below(self.skus.len() - 1)) % self.skus.len();
            items.push((self.skus[second].clone(), 1 + self.dice.below(2) as i64));
        }
        let has = |place: &String, sku: &str, quantity: i64| self.shop.free(sku, place) >= quantity;
        let filled = |place: &String| items.iter().all(|(sku, quantity)| has(place, sku, *quantity));
        if !self.places.iter().any(filled) {
            return Did::Nothing;
        }
        let wanted: Vec<(&str, i64)> =
            items.iter().map(|(sku, quantity)| (sku.as_str(), *quantity)).collect();
        // Somebody else may have lowered it since.
        let Some(placed) = self.shop.place(&wanted) else { return Did::Nothing };
        for ((sku, ordered), line) in items.into_iter().zip(&placed.lines) {
            let line = (placed.code.clone(), text(line));
            self.record.insert(line, Bought { sku, ordered, ..Bought::default() });
        }
        self.orders.push(placed);
        Did::Placed
    }

    /// Any line for which this is above 0: the order's and the line's ids, its key, and a part of that number.
    fn pick(&mut self, of: fn(&Bought) -> i64) -> Option<(Value, Value, (String, String), i64)> {
        let mut can = Vec::new();
        for (at, order) in self.orders.iter().enumerate() {
            for (number, line) in order.lines.iter().enumerate() {
                let most = of(&self.record[&(order.code.clone(), text(line))]);
                if most > 0 {
                    can.push((at, number, most));
                }
            }
        }
        if can.is_empty() {
            return None;
        }
        let (at, number, most) = can[self.dice.below(can.len())];
        let part = 1 + self.dice.below(most as usize) as i64;
        let order = &self.orders[at];
        let line = order.lines[number].clone();
        let key = (order.code.clone(), text(&line));
        Some((order.id.clone(), line, key, part))
    }

    fn cancel(&mut self) -> Did {
        let Some((order, line, key, part)) = self.pick(Bought::open) else { return Did::Nothing };
        self.shop.cancel(&order, &line, part);
        self.record.get_mut(&key).unwrap().cancelled += part;
        Did::Cancelled
    }

    fn ship(&mut self) -> Did {
        let Some((_, line, key, part)) = self.pick(Bought::open) else { return Did::Nothing };
        let sent = self.dice.below(2) == 0;
        self.shop.ship(&line, part, sent);
        self.record.get_mut(&key).unwrap().shipped += part;
        Did::Shipped
    }

    /// Sends something back of a line of which nothing is open: while something is, Vendure takes what comes
    /// back for a cancellation of that.
    fn back(&mut self) -> Did {
        let of = |line: &Bought| if line.open() == 0 { line.out() } else { 0 };
        let Some((order, line, key, part)) = self.pick(of) else { return Did::Nothing };
        self.shop.cancel(&order, &line, part);
        self.record.get_mut(&key).unwrap().returned += part;
        Did::Returned
    }
}

fn text(id: &Value) -> String {
    id.as_str().unwrap().to_owned()
}

//! The books of movements, in memory.

use super::{MemoryStore, done, refused};
use crate::ledger::{Booked, BookedKey, Cursor, LineKey, OrderLine, Page, Parked, ParkedKey, legs};
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::state::books::{Balance, Books, Sale, Sold};
use crate::state::trouble::{booked_twice, lease_lost};
use crate::state::{Kept, StateError};

impl MemoryStore {
    /// The movements of a system.
    fn moved_at(&self, system: &str) -> impl Iterator<Item = &Booked> {
        let (document, line, item) = (String::new(), String::new(), String::new());
        let movement = Movement::Order;
        let first = BookedKey { system: system.to_owned(), movement, document, line, item, part: 0 };
        let own = self.movements.range(first..);
        own.take_while(move |(key, _)| key.system == *system).map(|(_, own)| own)
    }

    fn refuse_page(&self, fence: i64, page: &Page) -> Option<StateError> {
        if self.lease.as_ref().is_none_or(|lease| lease.fence != fence) {
            let run = self.lease.as_ref().map_or("", |lease| lease.run.as_str());
            return Some(lease_lost(run));
        }
        let twice = page.booked.iter().find(|own| self.movements.contains_key(&own.key));
        twice.map(|own| booked_twice(&own.key))
    }
}

impl Books for MemoryStore {
    fn waiting(&mut self) -> Kept<'_, Vec<OrderLine>> {
        let mut found: Vec<OrderLine> = Vec::new();
        for key in &self.open_lines {
            if found.last().is_some_and(|own| own.key.shares_document(key)) {
                continue;
            }
            let first = LineKey { line: String::new(), item: String::new(), ..key.clone() };
            let own = self.lines.range(first..).take_while(|(own, _)| own.shares_document(key));
            found.extend(own.map(|(_, line)| line).cloned());
        }
        done(found)
    }

    fn lines_of<'a>(&'a mut self, system: &'a str, documents: &'a [String]) -> Kept<'a, Vec<OrderLine>> {
        let mut found: Vec<OrderLine> = Vec::new();
        for document in documents {
            let of = self.by_document.get(&(system.to_owned(), document.clone())).into_iter().flatten();
            found.extend(of.filter_map(|key| self.lines.get(key)).cloned());
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found.dedup();
        done(found)
    }

    fn booked_of<'a>(&'a mut self, system: &'a str, documents: &'a [String]) -> Kept<'a, Vec<Booked>> {
        let mut found: Vec<Booked> = Vec::new();
        for document in documents {
            let of = self.by_order.get(&(system.to_owned(), document.clone())).into_iter().flatten();
            found.extend(of.filter_map(|key| self.movements.get(key)).cloned());
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found.dedup();
        done(found)
    }

    fn movements_since<'a>(
        &'a mut self,
        items: Option<&'a [String]>,
        since: Moment,
    ) -> Kept<'a, Vec<Booked>> {
        let wanted = |own: &&Booked| own.seen >= since && items.is_none_or(|all| all.contains(&own.key.item));
        done(self.movements.values().filter(wanted).cloned().collect())
    }

    fn cursors(&mut self) -> Kept<'_, Vec<Cursor>> {
        done(self.cursors.values().cloned().collect())
    }

    fn book<'a>(&'a mut self, fence: i64, page: &'a Page) -> Kept<'a, ()> {
        if let Some(error) = self.refuse_page(fence, page) {
            return refused(error);
        }
        for own in &page.booked {
            for leg in legs(own) {
                let account = (own.key.item.clone(), leg.place.to_owned(), leg.bucket.word());
                let amount = self.accounts.entry(account).or_insert(0);
                *amount = amount.saturating_add(leg.gains);
            }
            let order = (own.key.system.clone(), own.order.0.clone());
            self.by_order.entry(order).or_default().push(own.key.clone());
            self.movements.insert(own.key.clone(), own.clone());
        }
        for line in &page.lines {
            match line.settled {
                None => self.open_lines.insert(line.key.clone()),
                Some(_) => self.open_lines.remove(&line.key),
            };
            if self.lines.insert(line.key.clone(), line.clone()).is_none() {
                let document = (line.key.system.clone(), line.key.document.clone());
                self.by_document.entry(document).or_default().insert(line.key.clone());
            }
        }
        for cursor in &page.cursors {
            self.cursors.insert(cursor.system.clone(), cursor.clone());
        }
        for parked in &page.parked {
            self.parked.insert(parked.key.clone(), parked.clone());
        }
        for key in &page.unparked {
            self.parked.remove(key);
        }
        done(())
    }

    fn shut<'a>(&'a mut self, line: &'a LineKey, at: Moment) -> Kept<'a, bool> {
        let found = self.lines.get_mut(line).filter(|line| line.settled.is_none());
        let was = found.is_some();
        if let Some(line) = found {
            line.closed = line.shown.ordered;
            line.settled = Some(at);
            self.open_lines.remove(&line.key);
        }
        done(was)
    }

    fn parked(&mut self) -> Kept<'_, Vec<Parked>> {
        done(self.parked.values().cloned().collect())
    }

    fn dismiss<'a>(&'a mut self, parked: &'a ParkedKey, at: Moment) -> Kept<'a, bool> {
        let found = self.parked.get_mut(parked).filter(|own| own.closed.is_none());
        done(found.map(|own| own.closed = Some(at)).is_some())
    }

    fn balances(&mut self) -> Kept<'_, Vec<Balance>> {
        let balance = |((item, place, bucket), amount): (&(String, String, &str), &i64)| Balance {
            item: item.clone(),
            place: place.clone(),
            bucket: (*bucket).to_owned(),
            amount: *amount,
        };
        let mut all: Vec<Balance> = self.accounts.iter().map(balance).collect();
        all.sort();
        done(all)
    }

    fn sold<'a>(&'a mut self, system: &'a str, items: &'a [String], since: Moment) -> Kept<'a, Sold> {
        let when = |own: &Booked| own.at.unwrap_or(own.seen);
        let wanted = |own: &&Booked| own.key.movement == Movement::Order && when(own) >= since;
        let orders: Vec<&Booked> = self.moved_at(system).filter(wanted).collect();
        let of = |own: &&&Booked| items.is_empty() || items.contains(&own.key.item);
        let sale = |own: &&Booked| Sale {
            item: own.key.item.clone(),
            place: own.location.clone().unwrap_or_default(),
            at: when(own),
            amount: own.amount,
        };
        let mut sales: Vec<Sale> = orders.iter().filter(of).map(sale).collect();
        sales.sort();
        done(Sold { seen_since: orders.iter().map(|own| own.seen).min(), sales })
    }

    fn last_moved<'a>(&'a mut self, system: &'a str) -> Kept<'a, Option<Moment>> {
        done(self.moved_at(system).filter_map(|own| own.at).max())
    }
}

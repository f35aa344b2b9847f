//! The books of movements, in SQLite.

use super::SqliteStore;
use crate::ledger::{Booked, Cursor, LineKey, OrderLine, Page, Parked, ParkedKey, legs};
use crate::model::time::Moment;
use crate::state::books::{Balance, Books, Sold};
use crate::state::row::{Reader, booked_binds, line_binds, parked_binds, parked_key};
use crate::state::trouble::{booked_twice, lease_lost};
use crate::state::{Kept, StateError};
use crate::world::Bind;

/// The columns of a line, in the order of [`Reader::order_line`].
const LINE: &str = "system, movement, document, line, item, flow, location, ordered, cancelled, shipped, \
    returned, posted_ordered, posted_cancelled, posted_shipped, posted_returned, taken_in, closed, placed, \
    seen, late, settled";

/// The columns of a movement, in the order of [`Reader::booked`].
const BOOKED: &str = "system, movement, document, line, item, part, order_document, order_line, location, \
    to_location, amount, at, seen, sellable";

/// The columns of a record that waits, in the order of [`Reader::parked`].
const PARKED: &str = "system, movement, document, line, of_document, of_line, code, location, quantity, \
    unit, at, closed";

/// The order of lines and movements.
const ORDER: &str = "order by system, movement, document, line, item";

/// A list of texts as one parameter, to be asked with `in (select value from json_each(?))`.
fn list(texts: &[String]) -> Result<Bind, StateError> {
    let json = serde_json::to_string(texts);
    json.map(Bind::from).map_err(|why| StateError::Broken(format!("a name cannot be asked for: {why}")))
}

impl SqliteStore {
    async fn try_book(&mut self, fence: i64, page: &Page) -> Result<(), StateError> {
        let (last, lease) = self.held().await?;
        if lease.is_none() || last != fence {
            return Err(lease_lost(lease.as_ref().map_or("", |lease| lease.run.as_str())));
        }
        let movement = format!(
            "insert or ignore into movement ({BOOKED}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
             ?11, ?12, ?13, ?14)"
        );
        let account = "insert into account (item, place, bucket, amount) values (?1, ?2, ?3, ?4) \
                       on conflict do update set amount = amount + excluded.amount";
        for own in &page.booked {
            if self.run_sql(&movement, &booked_binds(own)).await? == 0 {
                return Err(booked_twice(&own.key));
            }
            for leg in legs(own) {
                let item = own.key.item.as_str().into();
                let binds = [item, leg.place.into(), leg.bucket.word().into(), leg.gains.into()];
                self.run_sql(account, &binds).await?;
            }
        }
        let line = format!(
            "insert or replace into order_line ({LINE}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
             ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)"
        );
        for own in &page.lines {
            self.run_sql(&line, &line_binds(own)).await?;
        }
        let cursor = "insert or replace into cursor (system, next, whole) values (?1, ?2, ?3)";
        for own in &page.cursors {
            let binds = [own.system.as_str().into(), own.next.0.into(), own.whole.0.into()];
            self.run_sql(cursor, &binds).await?;
        }
        let parked = format!(
            "insert or replace into parked ({PARKED}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             ?12)"
        );
        for own in &page.parked {
            self.run_sql(&parked, &parked_binds(own)).await?;
        }
        let unparked =
            "delete from parked where system = ?1 and movement = ?2 and document = ?3 and line = ?4";
        for key in &page.unparked {
            self.run_sql(unparked, &parked_key(key)).await?;
        }
        Ok(())
    }
}

impl Books for SqliteStore {
    fn waiting(&mut self) -> Kept<'_, Vec<OrderLine>> {
        Box::pin(async move {
            let sql = format!(
                "select {LINE} from order_line where (system, movement, document) in \
                 (select system, movement, document from order_line where settled is null) {ORDER}"
            );
            let mut lines = self.all(&sql, &[], Reader::order_line).await?;
            lines.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(lines)
        })
    }

    fn lines_of<'a>(&'a mut self, system: &'a str, documents: &'a [String]) -> Kept<'a, Vec<OrderLine>> {
        Box::pin(async move {
            let sql = format!(
                "select {LINE} from order_line where system = ?1 \
                 and document in (select value from json_each(?2)) {ORDER}"
            );
            let mut lines = self.all(&sql, &[system.into(), list(documents)?], Reader::order_line).await?;
            lines.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(lines)
        })
    }

    fn booked_of<'a>(&'a mut self, system: &'a str, documents: &'a [String]) -> Kept<'a, Vec<Booked>> {
        Box::pin(async move {
            let sql = format!(
                "select {BOOKED} from movement where system = ?1 \
                 and order_document in (select value from json_each(?2)) {ORDER}"
            );
            let mut booked = self.all(&sql, &[system.into(), list(documents)?], Reader::booked).await?;
            booked.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(booked)
        })
    }

    fn movements_since<'a>(
        &'a mut self,
        items: Option<&'a [String]>,
        since: Moment,
    ) -> Kept<'a, Vec<Booked>> {
        Box::pin(async move {
            let mut binds: Vec<Bind> = vec![since.0.into()];
            let mut only = "";
            if let Some(items) = items {
                binds.push(list(items)?);
                only = "and item in (select value from json_each(?2))";
            }
            let sql = format!("select {BOOKED} from movement where seen >= ?1 {only} {ORDER}");
            let mut booked = self.all(&sql, &binds, Reader::booked).await?;
            booked.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(booked)
        })
    }

    fn cursors(&mut self) -> Kept<'_, Vec<Cursor>> {
        Box::pin(async move {
            let sql = "select system, next, whole from cursor order by system";
            self.all(sql, &[], Reader::cursor).await
        })
    }

    fn book<'a>(&'a mut self, fence: i64, page: &'a Page) -> Kept<'a, ()> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_book(fence, page).await;
            self.close(outcome).await
        })
    }

    fn shut<'a>(&'a mut self, line: &'a LineKey, at: Moment) -> Kept<'a, bool> {
        Box::pin(async move {
            let sql = "update order_line set closed = ordered, settled = ?6 where system = ?1 \
                       and movement = ?2 and document = ?3 and line = ?4 and item = ?5 and settled is null";
            let binds: [Bind; 6] = [
                line.system.as_str().into(),
                line.movement.word().into(),
                line.document.as_str().into(),
                line.line.as_str().into(),
                line.item.as_str().into(),
                at.0.into(),
            ];
            Ok(self.run_sql(sql, &binds).await? > 0)
        })
    }

    fn parked(&mut self) -> Kept<'_, Vec<Parked>> {
        Box::pin(async move {
            let sql = format!("select {PARKED} from parked");
            let mut parked = self.all(&sql, &[], Reader::parked).await?;
            parked.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(parked)
        })
    }

    fn dismiss<'a>(&'a mut self, parked: &'a ParkedKey, at: Moment) -> Kept<'a, bool> {
        Box::pin(async move {
            let sql = "update parked set closed = ?5 where system = ?1 and movement = ?2 and document = ?3 \
                       and line = ?4 and closed is null";
            let mut binds = parked_key(parked);
            binds.push(at.0.into());
            Ok(self.run_sql(sql, &binds).await? > 0)
        })
    }

    fn balances(&mut self) -> Kept<'_, Vec<Balance>> {
        Box::pin(async move {
            let sql = "select item, place, bucket, amount from account order by item, place, bucket";
            self.all(sql, &[], Reader::balance).await
        })
    }

    fn sold<'a>(&'a mut self, system: &'a str, items: &'a [String], since: Moment) -> Kept<'a, Sold> {
        Box::pin(async move {
            // The index on system and time has exactly these terms.
            let orders = "from movement where system = ?1 and coalesce(at, seen) >= ?2 \
                          and movement = 'orders'";
            let first = format!("select min(seen) {orders}");
            let seen = self.all(&first, &[system.into(), since.0.into()], Reader::maybe_moment).await?;
            let sql = format!(
                "select item, coalesce(location, ''), coalesce(at, seen), amount {orders} and (?3 = '[]' or \
                 item in (select value from json_each(?3))) order by 1, 2, 3, 4"
            );
            let binds = [system.into(), since.0.into(), list(items)?];
            let mut sales = self.all(&sql, &binds, Reader::sale).await?;
            sales.sort();
            Ok(Sold { seen_since: seen.into_iter().next().flatten(), sales })
        })
    }

    fn last_moved<'a>(&'a mut self, system: &'a str) -> Kept<'a, Option<Moment>> {
        Box::pin(async move {
            let sql = "select at from movement where system = ?1 and at is not null \
                       order by coalesce(at, seen) desc limit 1";
            let found = self.all(sql, &[system.into()], Reader::maybe_moment).await?;
            Ok(found.into_iter().next().flatten())
        })
    }
}

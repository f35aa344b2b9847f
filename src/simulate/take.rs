//! What the systems of a simulated world take: levels that are written, and documents that are posted.

use super::invariants;
use super::layout::Shown;
use super::order::Part;
use super::world::World;
use crate::connectors::{RowAnswer, Seen, WriteRow};
use crate::model::SystemId;
use crate::model::capability::WriteClass;
use crate::model::convert::to_base;
use crate::model::item::Thing;
use crate::model::moved::{PostLine, Posted, Posting};
use crate::model::movement::Movement;

impl World {
    /// Writes rows as the class of the system's kind has it. `since` is when the run that writes began.
    pub fn write(&mut self, system: SystemId, rows: &[WriteRow], since: i64) -> Vec<RowAnswer> {
        rows.iter().map(|row| self.write_row(system, row, since)).collect()
    }

    fn write_row(&mut self, system: SystemId, row: &WriteRow, since: i64) -> RowAnswer {
        let sheet = &self.layout.sheets[system.index()];
        let found = sheet.index.get(&(row.cell.location, row.cell.code)).map(|at| &sheet.rows[*at]);
        let own = found.and_then(|found| {
            let column = sheet.columns.iter().position(|name| **name == *row.column)?;
            match found.shown[column] {
                Shown::Cell { cell, column } => Some((cell, column)),
                _ => None,
            }
        });
        let Some((cell, column)) = own else {
            let message = "nothing is written there in this world".to_owned();
            return RowAnswer::Rejected { field: row.column.clone(), message };
        };
        let class = self.model.system(system).kind.class;
        let seen = self.seen(system, std::slice::from_ref(&row.cell)).pop().unwrap_or_default();
        let differs = row.before.iter().any(|(name, value)| seen.value(name) != Some(*value));
        if class == WriteClass::CompareAndSet && (differs || row.create) {
            return RowAnswer::Moved { found: Some(seen) };
        }
        if row.create {
            return RowAnswer::Moved { found: Some(Seen { exists: true, ..seen }) };
        }
        let (before, shown, now) = (self.levels[cell].values[column], self.levels[cell].shown(), self.now());
        let told =
            row.before.iter().find(|(name, _)| *name == row.column).map_or(before, |(_, value)| *value);
        let level = &mut self.levels[cell];
        let after = match class {
            WriteClass::KeyedDelta if !level.keys.insert(row.key.clone()) => before,
            WriteClass::KeyedDelta | WriteClass::BareDelta => before + row.after - told,
            _ => row.after,
        };
        level.values[column] = after;
        level.written_ms = Some(now);
        level.log += 1;
        self.tell(|world| {
            let read = if told == before { String::new() } else { format!(" (which had read {told})") };
            format!(
                "onhand writes {}: {before} becomes {after}{read}; shows {}",
                world.name(cell),
                world.levels[cell].shown()
            )
        });
        invariants::after_write(self, cell, (shown, since));
        RowAnswer::Written { compared: class == WriteClass::CompareAndSet }
    }

    /// Makes a document, or brings it further: each line to its total.
    pub fn post(&mut self, system: SystemId, posting: &Posting) -> Posted {
        match self.take_post(system, posting) {
            Ok(number) => Posted::Done { number },
            Err((field, message)) => Posted::Rejected { field: field.to_owned(), message },
        }
    }

    fn take_post(&mut self, system: SystemId, posting: &Posting) -> Result<String, (&'static str, String)> {
        let known = self.references.get(&posting.reference).copied();
        let at = known.ok_or(("reference", format!("no order is called {}", posting.reference)))?;
        if posting.movement == Movement::Order && self.orders[at].document.is_empty() {
            self.orders[at].document = vec![Part::default(); self.orders[at].book.len()];
            if self.orders[at].place.is_none() {
                self.orders[at].place = self.best_place(at, Some(system));
            }
        }
        if self.orders[at].document.is_empty() {
            return Err((
                "reference",
                format!("there is no document {}; post its order first", posting.reference),
            ));
        }
        let mut document = self.orders[at].document.clone();
        for line in &posting.lines {
            self.advance(at, posting.movement, line, &mut document)?;
        }
        let before = std::mem::replace(&mut self.orders[at].document, document.clone());
        if self.keeper(at) == Some(system) {
            self.book_post(at, posting, (&before, &document));
        }
        invariants::after_post(self, at);
        self.tell(|world| {
            let (name, order) = (&world.model.system(system).name, &world.orders[at]);
            format!("onhand posts {} of S{} to {name}", posting.movement.word(), order.number)
        });
        Ok(super::show::number_of(&self.orders[at]).to_string())
    }

    fn advance(
        &self,
        at: usize,
        movement: Movement,
        line: &PostLine,
        document: &mut [Part],
    ) -> Result<(), (&'static str, String)> {
        let code = self.model.code(line.code);
        let parts = &self.layout.cells[self.orders[at].cell].parts;
        let own = |(item, _): &(crate::model::ItemId, i64)| code.thing == Thing::Item(*item);
        let part = parts.iter().position(own).ok_or(("code", format!("{} is no part of it", code.code)))?;
        let total =
            to_base(line.total, code.measure.ratio, true).map_err(|_| ("quantity", "no count".to_owned()))?;
        let part = &mut document[part];
        let open = part.open();
        let (done, most) = match movement {
            Movement::Order => (&mut part.ordered, i64::MAX),
            Movement::Cancellation => (&mut part.cancelled, open),
            Movement::Shipment => (&mut part.shipped, open),
            _ => {
                let most = part.shipped - part.returned;
                (&mut part.returned, most)
            }
        };
        let more = total - *done;
        if more > most {
            return Err((
                "quantity",
                format!("{more} more would be {} where {most} can be", movement.word()),
            ));
        }
        *done += more.max(0);
        Ok(())
    }

    /// What was posted moves the keeper's book.
    fn book_post(&mut self, at: usize, posting: &Posting, (before, after): (&[Part], &[Part])) {
        let now = self.now();
        self.orders[at].taken_ms.get_or_insert(now);
        for (number, spot) in self.spots_of(at).into_iter().enumerate() {
            let (was, is) = (before[number], after[number]);
            let ships = is.shipped - was.shipped;
            self.shelves[spot].reserved += is.ordered - was.ordered - (is.cancelled - was.cancelled) - ships;
            self.shelves[spot].on_hand -= ships;
            self.touch(spot);
            if is.returned > was.returned {
                self.put_back(spot, is.returned - was.returned, posting.sellable);
            }
            let book = &mut self.orders[at].book[number];
            book.ordered += is.ordered - was.ordered;
            book.cancelled += is.cancelled - was.cancelled;
            book.shipped += ships;
            book.returned += is.returned - was.returned;
        }
        if !self.live.contains(&at) {
            self.live.push(at);
        }
    }
}

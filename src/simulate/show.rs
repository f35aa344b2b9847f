//! What the systems of a simulated world show: levels, open lines, movements, documents.

use super::layout::Shown;
use super::order::{Order, Part};
use super::world::{Shelf, World};
use crate::connectors::{Cell, HORIZON, Seen};
use crate::model::convert::from_base;
use crate::model::item::Thing;
use crate::model::moved::{Found, FoundLine, Moved, Movements};
use crate::model::movement::Movement;
use crate::model::observation::{About, Column, Levels, Lines, OpenLine};
use crate::model::quantity::{DAMAGED, Decimal, ON_HAND, RESERVED, Ratio};
use crate::model::time::Moment;
use crate::model::{CodeId, ItemId, LocationId, Name, SystemId};

impl World {
    fn about(&self, system: SystemId, as_of: Option<Moment>) -> About {
        let source = self.model.system(system).name.clone();
        About { source, pages: 1, requests: 1, as_of, ..About::default() }
    }

    /// When the counts that a system shows now were true, and whether it says so.
    fn dated(&self, system: SystemId) -> (i64, Option<Moment>) {
        let own = self.model.system(system);
        let then = self.feeds[system.index()].as_ref().map_or(self.now(), |feed| feed.taken_ms);
        let says = own.kind.dated || own.levels.as_ref().is_some_and(|levels| levels.as_of.is_some());
        (then, says.then_some(Moment(then)))
    }

    /// All levels of a system.
    pub fn levels_of(&mut self, system: SystemId) -> Levels {
        let (then, as_of) = self.dated(system);
        self.read_ms[system.index()] = then;
        let sheet = &self.layout.sheets[system.index()];
        let column = |(at, name): (usize, &Name)| Column {
            name: name.clone(),
            values: sheet.rows.iter().map(|row| self.value(system, &row.shown[at])).collect(),
        };
        Levels {
            codes: sheet.rows.iter().map(|row| row.code).collect(),
            locations: sheet.rows.iter().map(|row| row.location).collect(),
            records: (1..=sheet.rows.len() as u32).collect(),
            columns: sheet.columns.iter().enumerate().map(column).collect(),
            about: About { rows: sheet.rows.len() as u64, ..self.about(system, as_of) },
            ..Levels::default()
        }
    }

    fn value(&self, system: SystemId, shown: &Shown) -> Option<Decimal> {
        match shown {
            Shown::Nothing => None,
            Shown::Zero => Some(Decimal::whole(0)),
            Shown::Cell { cell, column } => Some(Decimal::whole(self.levels[*cell].values[*column])),
            Shown::Book { spot, quantity, off_reserved, off_damaged, ratio } => {
                let feed = self.feeds[system.index()].as_ref();
                let shelf = feed.map_or(self.shelves[*spot], |feed| feed.shelves[*spot]);
                let off = if *off_reserved { shelf.reserved } else { 0 };
                let off = off + if *off_damaged { shelf.damaged } else { 0 };
                Some(in_unit(of(shelf, *quantity) - off, *ratio))
            }
        }
    }

    /// What single cells show.
    pub fn seen(&self, system: SystemId, cells: &[Cell]) -> Vec<Seen> {
        let sheet = &self.layout.sheets[system.index()];
        let logs = !self.model.system(system).kind.generic;
        let one = |cell: &Cell| {
            let Some(row) = sheet.index.get(&(cell.location, cell.code)) else { return Seen::default() };
            let row = &sheet.rows[*row];
            let mut values: Vec<(String, i64)> = Vec::with_capacity(row.shown.len());
            let mut log = None;
            for (name, shown) in sheet.columns.iter().zip(&row.shown) {
                let Some(value) =
                    self.value(system, shown).and_then(|value| i64::try_from(value.digits).ok())
                else {
                    continue;
                };
                values.push((name.to_string(), value));
                if let Shown::Cell { cell, .. } = shown {
                    log = logs.then(|| self.levels[*cell].log);
                }
            }
            values.sort();
            Seen { exists: true, values, log, refused: None }
        };
        cells.iter().map(one).collect()
    }

    /// The open lines of an owner, as it shows them now.
    pub fn lines_of(&self, system: SystemId) -> Lines {
        let lines = match &self.feeds[system.index()] {
            Some(feed) => feed.lines.clone(),
            None => self.open_lines(system),
        };
        let (_, as_of) = self.dated(system);
        let about = About { rows: lines.len() as u64, ..self.about(system, as_of) };
        Lines { lines, about, ..Lines::default() }
    }

    /// The open lines in an owner's book.
    pub fn open_lines(&self, system: SystemId) -> Vec<OpenLine> {
        let mut lines = Vec::new();
        let own_name = self.model.system(system).kind.generic;
        for at in &self.live {
            let order = &self.orders[*at];
            if order.taken_ms.is_none() || self.keeper(*at) != Some(system) {
                continue;
            }
            for (number, (part, (item, _))) in
                order.book.iter().zip(&self.layout.cells[order.cell].parts).enumerate()
            {
                let (Some(code), Some(place)) = (self.code_at(system, *item, order.place), order.place)
                else {
                    continue;
                };
                if part.open() <= 0 {
                    continue;
                }
                lines.push(OpenLine {
                    document: if own_name { order.reference.clone() } else { number_of(order) },
                    line: (number + 1).to_string().as_str().into(),
                    code,
                    location: Some(place),
                    open: in_unit(part.open(), self.model.code(code).measure.ratio),
                    unit: None,
                    cause: (!own_name).then(|| order.reference.clone()),
                });
            }
        }
        lines.sort_by(|a, b| (&a.document, &a.line).cmp(&(&b.document, &b.line)));
        lines
    }

    /// A system's first code of an item that is valid at a place.
    fn code_at(&self, system: SystemId, item: ItemId, place: Option<LocationId>) -> Option<CodeId> {
        let mut codes = self.model.codes_of_thing(system, Thing::Item(item)).map(CodeId);
        codes.find(|code| self.model.code(*code).at.is_none_or(|only| Some(only) == place))
    }

    /// The documents of some references, in a system that orders are posted to.
    pub fn documents(&self, system: SystemId, references: &[Name]) -> Vec<Found> {
        let one = |reference: &Name| {
            let at = *self.references.get(reference)?;
            let order = &self.orders[at];
            let way = &self.layout.ways[self.layout.cells[order.cell].system.index()];
            if order.document.is_empty() || way.post != Some(system) {
                return None;
            }
            let parts = order.document.iter().zip(&self.layout.cells[order.cell].parts);
            let line = |(part, (item, _)): (&Part, &(ItemId, i64))| {
                let code = self.code_at(system, *item, order.place)?;
                let ratio = self.model.code(code).measure.ratio;
                let coded = |place: &LocationId| self.model.location(*place).code_in(system).is_some();
                Some(FoundLine {
                    code,
                    location: order.place.filter(coded),
                    open: in_unit(part.open(), ratio),
                    shipped: in_unit(part.shipped, ratio),
                    cancelled: in_unit(part.cancelled, ratio),
                    returned: in_unit(part.returned, ratio),
                })
            };
            let lines = parts.filter_map(line).collect();
            Some(Found { reference: reference.clone(), number: number_of(order).to_string(), lines })
        };
        references.iter().filter_map(one).collect()
    }

    /// The movements of a channel or owner: what has changed since a moment, or all that is open and what
    /// closed lately.
    pub fn movements_of(&mut self, system: SystemId, since: Option<Moment>) -> Movements {
        let now = self.now();
        let horizon = now - i64::try_from(HORIZON.as_millis()).unwrap_or(i64::MAX);
        while self.orders.get(self.recent).is_some_and(|own| own.settled() && own.last_ms < horizon) {
            self.recent += 1;
        }
        let mut moved = Vec::new();
        let first = match since {
            Some(since) => self.events.partition_point(|event| event.at_ms < since.0),
            None => self.events.partition_point(|event| {
                self.orders.get(self.recent).is_none_or(|own| event.at_ms < own.placed_ms)
            }),
        };
        for (at, event) in self.events.iter().enumerate().skip(first) {
            let order = &self.orders[event.order];
            let old = since.is_none() && order.open == 0 && order.last_ms < horizon;
            if event.channel == system && !old {
                moved.push(self.moved(at, order));
            }
        }
        let from = since.map_or(horizon, |since| since.0);
        for (at, own) in self.transfers.iter().enumerate().filter(|(_, own)| own.at_ms >= from) {
            let (from, to) = (&self.layout.spots[own.from], &self.layout.spots[own.to]);
            let coded = |place: LocationId| self.model.location(place).code_in(system).is_some();
            let code = self.code_at(system, from.item, Some(from.place)).filter(|_| coded(from.place));
            let Some(code) = code else { continue };
            moved.push(Moved {
                movement: Movement::Transfer,
                document: format!("T{}", at + 1).as_str().into(),
                line: "1".into(),
                of: None,
                code,
                location: Some(from.place),
                to: Some(to.place).filter(|place| coded(*place)),
                quantity: in_unit(own.amount, self.model.code(code).measure.ratio),
                unit: None,
                at: Some(Moment(own.at_ms)),
            });
        }
        // An order line before what is about it, where one read shows both: events are in the order of time.
        let about = About { rows: moved.len() as u64, ..self.about(system, Some(Moment(now))) };
        Movements { moved, failures: Vec::new(), about, whole: since.is_none(), next: Some(Moment(now)) }
    }

    fn moved(&self, at: usize, order: &Order) -> Moved {
        let event = &self.events[at];
        let cell = &self.layout.cells[order.cell];
        let document: Name = format!("S{}", order.number).as_str().into();
        let is_order = event.movement == Movement::Order;
        let letter = match event.movement {
            Movement::Cancellation => 'C',
            Movement::Shipment => 'F',
            _ => 'R',
        };
        Moved {
            movement: event.movement,
            document: if is_order { document.clone() } else { format!("{letter}{at}").as_str().into() },
            line: "1".into(),
            of: (!is_order).then(|| (document, "1".into())),
            code: cell.code,
            location: Some(cell.location).filter(|_| order.named),
            to: None,
            quantity: Decimal::whole(event.units),
            unit: None,
            at: Some(Moment(event.at_ms)),
        }
    }
}

/// How a system that takes orders in names the document of an order.
pub fn number_of(order: &Order) -> Name {
    format!("D{}", order.number).as_str().into()
}

fn of(shelf: Shelf, quantity: crate::model::QuantityId) -> i64 {
    match quantity {
        ON_HAND => shelf.on_hand,
        RESERVED => shelf.reserved,
        DAMAGED => shelf.damaged,
        _ => 0,
    }
}

/// Base units in a unit; rounded down where that has no end behind the point.
fn in_unit(base: i64, ratio: Ratio) -> Decimal {
    from_base(base, ratio).unwrap_or_else(|| Decimal::whole(ratio.divide_floor(base).0))
}

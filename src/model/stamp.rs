//! What the stamps of a system mean: their zone, what a date without a time stands for, and which moment
//! counts where a stamp leaves a choice.

use super::calendar::Timetable;
use super::location::Location;
use super::time::{Date, Moment, Side, TimeOfDay};
use super::{LocationId, Model, SystemId};
use std::collections::BTreeMap;

/// Reads the stamps of one system.
///
/// A stamp without a zone is local to the system, else to the topology. A date without a time is the
/// cut-off of its place on that day, or on the last open one before where the place's calendar has it
/// closed. Without a cut-off it is the whole day: for a count the midnight that begins it, for a movement
/// the one that ends it.
///
/// Where all this leaves a choice the safe side depends on what the stamp is of, and is chosen once, for
/// all stamps of a read:
/// - When a count was true: [`Side::Earlier`]. A count that looks too fresh would raise what has been sold
///   since, and would be believed to hold orders that it does not hold.
/// - When a movement happened: [`Side::Later`]. A count holds an order from some time after it on: an order
///   that looks too old would no longer be subtracted from counts that are older than it. A cancellation
///   that looks too old would give back what a count has not taken off yet.
#[derive(Debug)]
pub struct Stamps<'m> {
    model: &'m Model,
    system: SystemId,
    side: Side,
    /// What dates stood for: looking a closed day up costs more than a row should.
    days: BTreeMap<(Option<LocationId>, Date), Option<Moment>>,
}

impl<'m> Stamps<'m> {
    /// The stamps of a system, with the side that is safe for what they are of.
    pub fn new(model: &'m Model, system: SystemId, side: Side) -> Stamps<'m> {
        Stamps { model, system, side, days: BTreeMap::new() }
    }

    /// The moment that a text stands for, spaces around it aside; `None` for a text that is no stamp. `place`
    /// is what the stamp is about; where nobody knows, a date is the safest of what it means at any place of
    /// the system.
    pub fn read(&mut self, text: &str, place: Option<LocationId>) -> Option<Moment> {
        let text = text.trim_matches(' ');
        let Some(date) = Date::bare(text) else {
            return Moment::parse_towards(text, self.model.zone_of(self.system), self.side);
        };
        if let Some(known) = self.days.get(&(place, date)) {
            return *known;
        }
        let found = self.day(place, date);
        self.days.insert((place, date), found);
        found
    }

    fn day(&self, place: Option<LocationId>, date: Date) -> Option<Moment> {
        let places: Vec<&Location> = match place.map(|place| self.model.location(place)) {
            Some(pool) if pool.is_pool() && pool.cutoff.is_none() => {
                pool.pool.iter().map(|member| self.model.location(*member)).collect()
            }
            Some(place) => vec![place],
            None => self.model.locations.iter().filter(|own| own.code_in(self.system).is_some()).collect(),
        };
        let moments = places.into_iter().map(|place| self.at(place, date));
        let safest = match self.side {
            Side::Earlier => moments.min(),
            Side::Later => moments.max(),
        };
        safest.unwrap_or_else(|| self.whole(date))
    }

    fn at(&self, place: &Location, date: Date) -> Option<Moment> {
        let Some((time, _)) = place.cutoff else { return self.whole(date) };
        let calendar = place.calendar.map(|(id, _)| Timetable::of(self.model.calendar(id)));
        let date = calendar.and_then(|own| own.last_open(date)).unwrap_or(date);
        let zone = place.timezone.as_deref().or(self.model.timezone.as_deref()).unwrap_or("UTC");
        Moment::on(date, time, zone, self.side)
    }

    fn whole(&self, date: Date) -> Option<Moment> {
        let time = match self.side {
            Side::Earlier => TimeOfDay::default(),
            Side::Later => TimeOfDay::END,
        };
        Moment::on(date, time, self.model.zone_of(self.system), self.side)
    }
}

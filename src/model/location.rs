//! Locations, and pools that are a sum of others.

use super::id::{CalendarId, LocationId, Name, SystemId};
use super::time::TimeOfDay;
use crate::source::Span;

/// A place where stock stands, or a pool of such places.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its name.
    pub name: Name,
    /// How each system calls it; at most one code a system.
    pub codes: Vec<LocationCode>,
    /// For a pool the locations that it adds up, nested pools opened, each once; else empty.
    pub pool: Vec<LocationId>,
    /// The time that a date without one stands for.
    pub cutoff: Option<(TimeOfDay, Span)>,
    /// When the place works, with the place of the calendar's name.
    pub calendar: Option<(CalendarId, Span)>,
    /// IANA name of its zone, where it says one.
    pub timezone: Option<Name>,
    /// The name it had before.
    pub was: Option<Name>,
    /// Where it is written.
    pub origin: Span,
}

/// How one system calls a location.
#[derive(Debug, Clone)]
pub struct LocationCode {
    /// The system.
    pub system: SystemId,
    /// Its code there; `None` for a system without locations.
    pub code: Option<Name>,
    /// Where it is written.
    pub origin: Span,
}

impl Location {
    /// The code of this location in a system, where it is mapped there.
    pub fn code_in(&self, system: SystemId) -> Option<&LocationCode> {
        self.codes.iter().find(|code| code.system == system)
    }

    /// Whether it is a sum of others.
    pub fn is_pool(&self) -> bool {
        !self.pool.is_empty()
    }
}

//! `location paris { in erp PAR }` and pools: `location online { pool paris lyon }`.

use super::reader::{Reader, missing};
use super::spec::{Spec, Type, may, must};
use super::value::{Spanned, Word};
use crate::model::time::TimeOfDay;
use crate::source::Span;
use crate::syntax::Node;

/// A place where stock stands, or a sum of such places.
pub static SPEC: Spec = Spec {
    name: "location",
    says: "a place where stock stands, or a pool of places that is published as their sum",
    example: "location paris { in erp PAR; in web Paris }",
    args: &[must("name", Type::Name, "what the topology calls the place")],
    props: &[may("was", Type::Name, "the name it had before")],
    children: &[&IN, &POOL, &CUTOFF, &CALENDAR, &TIMEZONE],
    many: true,
    ..Spec::EMPTY
};

static IN: Spec = Spec {
    name: "in",
    says: "what a system calls the place",
    example: "in erp PAR",
    args: &[
        must("system", Type::Name, "the system"),
        may("code", Type::Name, "its code there; left out for a system without locations"),
    ],
    many: true,
    ..Spec::EMPTY
};

static CUTOFF: Spec = Spec::one(
    "cutoff",
    "the time that a date without one stands for, in a feed or an order of the place",
    &[must("time", Type::Time, "a time such as \"14:00\"")],
)
.like("cutoff \"14:00\"");

static CALENDAR: Spec =
    Spec::one("calendar", "when the place works", &[must("calendar", Type::Name, "a calendar")])
        .like("calendar shop-days");

static TIMEZONE: Spec = Spec::one(
    "timezone",
    "the zone of the place",
    &[must("zone", Type::Name, "an IANA name").or("the topology's")],
)
.like("timezone \"Europe/Paris\"");

static POOL: Spec = Spec {
    name: "pool",
    says: "the places that it adds up",
    example: "pool paris lyon",
    rest: Some(must("location", Type::Name, "name the locations that it adds up")),
    ..Spec::EMPTY
};

/// A `location` node.
#[derive(Debug)]
pub struct Location {
    /// Its name.
    pub name: Word,
    /// How systems call it.
    pub codes: Vec<In>,
    /// The members of a pool; `None` for a place.
    pub pool: Option<Vec<Word>>,
    /// Its cut-off.
    pub cutoff: Option<Spanned<TimeOfDay>>,
    /// Its calendar.
    pub calendar: Option<Word>,
    /// Its zone.
    pub timezone: Option<Word>,
    /// The name it had before.
    pub was: Option<Word>,
    /// The node without its block.
    pub origin: Span,
}

/// `in SYSTEM CODE` of a location.
#[derive(Debug)]
pub struct In {
    /// The system.
    pub system: Word,
    /// The code; `None` where there is none.
    pub code: Option<Word>,
    /// Whether a code is there that cannot be used.
    pub faulty: bool,
    /// Where it is written.
    pub origin: Span,
}

/// Reads a `location` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Location> {
    let fields = reader.open(node, &SPEC);
    let codes = fields.all("in").collect::<Vec<_>>();
    let codes = codes
        .into_iter()
        .filter_map(|node| {
            let own = reader.open(node, &IN);
            let code = own.word(1);
            let faulty = own.count() > 1 && code.is_none();
            Some(In { system: own.word(0)?, code, faulty, origin: own.origin() })
        })
        .collect();
    let pool = fields.child("pool").map(|node| reader.open(node, &POOL).words(0));
    let cutoff = fields.child("cutoff").and_then(|node| reader.open(node, &CUTOFF).time(0));
    let calendar = fields.child("calendar").and_then(|node| reader.open(node, &CALENDAR).word(0));
    let timezone = fields.child("timezone").and_then(|node| reader.open(node, &TIMEZONE).word(0));
    let name = fields.word(0)?;
    if !fields.has("in") && !fields.has("pool") {
        let found = missing("location", "is mapped in no system and adds up no others", fields.origin());
        reader.report(
            found.help("say how a system calls it: `{ in erp PAR }`, or what it adds up: `{ pool … }`"),
        );
    }
    let (was, origin) = (fields.word_prop("was"), fields.origin());
    Some(Location { name, codes, pool, cutoff, calendar, timezone, was, origin })
}

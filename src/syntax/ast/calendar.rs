//! `calendar shop-days { open mon tue from="08:00" to="18:00"; closed "2026-12-25" }`.

use super::reader::{Reader, bad, missing};
use super::spec::{Spec, Type, may, must};
use super::value::{Given, Word};
use crate::model::calendar::Hours;
use crate::model::time::{DAYS, Date, TimeOfDay};
use crate::source::Span;
use crate::syntax::Node;

/// Days and hours on which a place works.
pub static SPEC: Spec = Spec {
    name: "calendar",
    says: "the days and hours on which a place works, in the topology's time zone",
    example: concat!(
        "calendar shop-days {\n",
        "    open mon tue wed thu fri from=\"08:00\" to=\"18:00\"\n",
        "    closed \"2026-12-25\" \"2027-01-01\"\n",
        "}",
    ),
    args: &[must("name", Type::Name, "what the topology calls the calendar")],
    children: &[&OPEN, &CLOSED],
    many: true,
    ..Spec::EMPTY
};

static OPEN: Spec = Spec {
    name: "open",
    says: "when it is open; without it at all times that are not closed",
    example: "open mon tue wed thu fri from=\"08:00\" to=\"18:00\"",
    rest: Some(must("day", Type::Choice(&DAYS), "name at least one day: mon, tue, wed, thu, fri, sat, sun")),
    props: &[
        may("from", Type::Time, "from when on").or("midnight"),
        may("to", Type::Time, "until when; before `from`: on the day after").or("midnight"),
    ],
    many: true,
    ..Spec::EMPTY
};

static CLOSED: Spec = Spec {
    name: "closed",
    says: "when it is closed all day, whatever `open` says",
    example: "closed \"2026-12-25\" sun",
    rest: Some(must("day", Type::DateOr(&DAYS), "a date such as \"2026-12-25\", or a day of the week")),
    many: true,
    ..Spec::EMPTY
};

/// A `calendar` node.
#[derive(Debug)]
pub struct Calendar {
    /// Its name.
    pub name: Word,
    /// When it is open.
    pub open: Vec<Hours>,
    /// Closed days of the week; bit 0 is Monday.
    pub closed_days: u8,
    /// Closed dates, as written.
    pub closed: Vec<Date>,
    /// Whether something in it cannot be used, which has been said.
    pub faulty: bool,
    /// The node without its block.
    pub origin: Span,
}

/// Reads a `calendar` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Calendar> {
    let before = reader.diagnostics.len();
    let fields = reader.open(node, &SPEC);
    let open: Vec<Node<'_>> = fields.all("open").collect();
    let open: Vec<Hours> = open.into_iter().filter_map(|node| read_open(reader, node)).collect();
    let (mut closed_days, mut closed) = (0, Vec::new());
    for node in fields.all("closed") {
        for (given, _) in reader.open(node, &CLOSED).givens(0) {
            match given {
                Given::Date(date) => closed.push(*date),
                Given::Choice(day) => closed_days |= bit(day),
                _ => {}
            }
        }
    }
    if fields.nodes().next().is_none() && reader.diagnostics.len() == before {
        let found =
            missing("calendar", "says neither when it is open nor when it is closed", fields.origin());
        reader.report(
            found.help("write `open mon tue wed thu fri from=\"08:00\" to=\"18:00\"`, or `closed` days"),
        );
    }
    let faulty = reader.diagnostics.len() > before;
    Some(Calendar { name: fields.word(0)?, open, closed_days, closed, faulty, origin: fields.origin() })
}

/// The bit of a day of the week.
fn bit(day: &str) -> u8 {
    DAYS.iter().position(|own| *own == day).map_or(0, |at| 1 << at)
}

fn read_open(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Hours> {
    let fields = reader.open(node, &OPEN);
    let days = fields.givens(0).fold(0, |days, (given, _)| match given {
        Given::Choice(day) => days | bit(day),
        _ => days,
    });
    let (from, to) = hours(reader, (fields.time_prop("from"), fields.time_prop("to")))?;
    (days != 0).then_some(Hours { days, from, to, origin: fields.origin() })
}

type Time = Option<super::Spanned<TimeOfDay>>;

/// The hours between two times; midnight where one is left out. Hours that begin where they end are no
/// hours, and none begin at the end of a day.
pub fn hours(reader: &mut Reader<'_>, (from, to): (Time, Time)) -> Option<(TimeOfDay, TimeOfDay)> {
    let begin = from.as_ref().map_or(TimeOfDay(0), |time| time.value);
    let end = to.as_ref().map_or(TimeOfDay::END, |time| time.value);
    let Some(place) = to.or(from).map(|time| time.span) else { return Some((begin, end)) };
    if begin == end || begin == TimeOfDay::END {
        let message = format!("the hours begin at {begin} and end at {end}: that is no time at all");
        reader
            .report(bad(place, &message).help("let `to` lie after `from`; before it means on the day after"));
        return None;
    }
    Some((begin, end))
}

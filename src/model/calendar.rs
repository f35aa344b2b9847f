//! Calendars: the days and hours on which a place works, and how long it is closed at a time.

use super::id::Name;
use super::time::{Date, Moment, TimeOfDay};
use crate::source::Span;
use std::time::Duration;

/// One calendar, in the topology's time zone.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its name.
    pub name: Name,
    /// When it is open; empty where only closed days are named: then it is open at all other times.
    pub open: Vec<Hours>,
    /// Days of the week that are closed whatever `open` says; bit 0 is Monday.
    pub closed_days: u8,
    /// Days of the calendar that are closed, sorted, each once.
    pub closed: Vec<Date>,
    /// Where it is written.
    pub origin: Span,
}

/// Hours on some days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The days; bit 0 is Monday.
    pub days: u8,
    /// The first minute.
    pub from: TimeOfDay,
    /// The end, which is not open any more. At or before `from`: on the day after.
    pub to: TimeOfDay,
    /// Where it is written.
    pub origin: Span,
}

/// Microseconds in a minute.
pub const MINUTE_US: u128 = 60_000_000;

/// Minutes in a day.
const DAY: u16 = 24 * 60;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = DAY as i64 * MINUTE_MS;
/// Days before and after a closed date between which it can lengthen a closed stretch: a regular week has an
/// open minute, and so have any eight days in a row.
const REACH: i32 = 8;

/// The open minutes of a week by day, Monday first, and the dates on which nothing is open. Clocks that are
/// put forward or back are not counted: every day has 24 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// Of each day of the week the open stretches as (first minute, first minute after), sorted and apart.
    days: [Vec<(u16, u16)>; 7],
    /// Sorted, each once.
    closed: Vec<Date>,
}

impl Timetable {
    /// Open at all times.
    pub fn always() -> Timetable {
        Timetable { days: std::array::from_fn(|_| vec![(0, DAY)]), closed: Vec::new() }
    }

    /// When a calendar is open.
    pub fn of(calendar: &Calendar) -> Timetable {
        let everything = calendar.open.is_empty();
        let mut days: [Vec<(u16, u16)>; 7] =
            std::array::from_fn(|_| if everything { vec![(0, DAY)] } else { Vec::new() });
        for hours in &calendar.open {
            add(&mut days, hours.days, (hours.from, hours.to));
        }
        for (day, stretches) in days.iter_mut().enumerate() {
            if calendar.closed_days & (1 << day) != 0 {
                stretches.clear();
            }
            merge(stretches);
        }
        Timetable { days, closed: calendar.closed.clone() }
    }

    /// The same hours on each day; `to` at or before `from` means on the day after.
    pub fn daily(from: TimeOfDay, to: TimeOfDay) -> Timetable {
        let mut days: [Vec<(u16, u16)>; 7] = Default::default();
        add(&mut days, 0x7f, (from, to));
        days.iter_mut().for_each(merge);
        Timetable { days, closed: Vec::new() }
    }

    /// When this and another are both open.
    pub fn and(&self, other: &Timetable) -> Timetable {
        let days = std::array::from_fn(|day| common(&self.days[day], &other.days[day]));
        let mut closed: Vec<Date> = self.closed.iter().chain(&other.closed).copied().collect();
        closed.sort_unstable();
        closed.dedup();
        Timetable { days, closed }
    }

    /// The same without its closed dates.
    pub fn regular(&self) -> Timetable {
        Timetable { days: self.days.clone(), closed: Vec::new() }
    }

    /// Whether a minute of a day is open.
    pub fn is_open(&self, date: Date, minute: u16) -> bool {
        self.on(date).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// The last day, up to this one, on which it is open at some time; `None` where it never opens.
    pub fn last_open(&self, date: Date) -> Option<Date> {
        // A regular week has an open day, and each closed date puts it off by a day at most.
        let reach = self.closed.len() as i32 + REACH;
        (0..reach).map(|back| Date(date.0 - back)).find(|day| self.ever_opens() && !self.on(*day).is_empty())
    }

    /// The first moment at or after `now` at which it is open by the clocks of a zone, an IANA name; `None`
    /// where it never opens. A minute that is skipped when clocks are put forward does not open it, one that
    /// comes twice opens it twice.
    pub fn opens(&self, now: Moment, zone: &str) -> Option<Moment> {
        let mut at = now;
        while self.ever_opens() {
            let clocks = at.clocks(zone);
            let local = at.0.saturating_add(clocks.ahead_ms);
            let end = clocks.until.map_or(i64::MAX, |until| until.0.saturating_add(clocks.ahead_ms));
            if let Some(found) = self.opens_within(local, end) {
                return Some(Moment(found - clocks.ahead_ms));
            }
            at = clocks.until?;
        }
        None
    }

    /// The same by a clock that is never put forward or back, in milliseconds, before an end.
    fn opens_within(&self, from: i64, end: i64) -> Option<i64> {
        // A regular week has an open minute, and closed dates are behind us at last.
        let last = self.closed.last().map_or(0, |date| i64::from(date.0)).max(from.div_euclid(DAY_MS));
        for day in from.div_euclid(DAY_MS)..=last + i64::from(REACH) {
            let start = day.saturating_mul(DAY_MS);
            if start >= end {
                return None;
            }
            let ms = |minute: u16| start.saturating_add(i64::from(minute) * MINUTE_MS);
            let mut stretches = self.on(Date(i32::try_from(day).ok()?)).iter();
            if let Some((opens, _)) = stretches.find(|(_, to)| ms(*to) > from) {
                return Some(ms(*opens).max(from)).filter(|found| *found < end);
            }
        }
        None
    }

    /// How much of the time from one moment to a later one is open by the clocks of a zone, an IANA name.
    pub fn open_between(&self, (from, to): (Moment, Moment), zone: &str) -> Duration {
        let (mut at, mut open) = (from, 0_u64);
        while at < to {
            let clocks = at.clocks(zone);
            let end = clocks.until.map_or(to, |until| until.min(to));
            let local = |moment: Moment| moment.0.saturating_add(clocks.ahead_ms);
            open = open.saturating_add(self.open_within(local(at), local(end)));
            at = end;
        }
        Duration::from_millis(open)
    }

    /// The same by a clock that is never put forward or back, in milliseconds.
    fn open_within(&self, from: i64, to: i64) -> u64 {
        let mut open = 0;
        for day in from.div_euclid(DAY_MS)..=to.div_euclid(DAY_MS) {
            let Ok(date) = i32::try_from(day) else { continue };
            let ms = |minute: u16| day * DAY_MS + i64::from(minute) * MINUTE_MS;
            let own = self.on(Date(date)).iter();
            let inside = own.map(|(begin, end)| ms(*end).min(to).saturating_sub(ms(*begin).max(from)).max(0));
            open += inside.sum::<i64>().unsigned_abs();
        }
        open
    }

    /// Whether it is open at some time of a regular week.
    pub fn ever_opens(&self) -> bool {
        self.days.iter().any(|day| !day.is_empty())
    }

    /// The longest time that it is closed at a stretch, closed dates included; `None` where it never opens.
    pub fn longest_closed_us(&self) -> Option<u128> {
        self.longest_wait_us(&Timetable::always())
    }

    /// The most time that passes in one closed stretch of this, of which only what `counted` has open is
    /// counted. Closed dates of both are included. `None` where it never opens.
    pub fn longest_wait_us(&self, counted: &Timetable) -> Option<u128> {
        if !self.ever_opens() {
            return None;
        }
        let longest = self.stretches(counted).into_iter().map(|days| self.longest_in(counted, days)).max();
        Some(u128::from(longest.unwrap_or(0)) * MINUTE_US)
    }

    /// Ranges of days that between them show every closed stretch from its begin to its end: three regular
    /// weeks, and the days around each closed date.
    fn stretches(&self, counted: &Timetable) -> Vec<(Date, Date)> {
        let dates = self.and(counted).closed;
        // Regular weeks lie after the last closed date, on no date that a topology could name.
        let after = dates.last().map_or(0, |date| date.0.saturating_add(REACH));
        let mut ranges: Vec<(Date, Date)> = Vec::new();
        for date in dates {
            let (from, to) = (Date(date.0 - REACH), Date(date.0 + REACH));
            match ranges.last_mut().filter(|last| last.1 >= from) {
                Some(last) => last.1 = to,
                None => ranges.push((from, to)),
            }
        }
        ranges.push((Date(after), Date(after + 3 * 7)));
        ranges
    }

    /// The most counted minutes in a closed stretch that both begins and ends within some days.
    fn longest_in(&self, counted: &Timetable, (first, last): (Date, Date)) -> u64 {
        let (mut longest, mut here, mut begun) = (0, 0, false);
        for day in first.0..=last.0 {
            let clock = counted.on(Date(day));
            let mut at = 0;
            for (from, to) in self.on(Date(day)) {
                here += overlap(clock, (at, *from));
                if begun {
                    longest = longest.max(here);
                }
                (here, begun, at) = (0, true, *to);
            }
            here += overlap(clock, (at, DAY));
        }
        longest
    }

    /// The most time that is open within any stretch of this length of a regular week, in microseconds.
    pub fn most_open_us(&self, length_us: u128) -> u128 {
        let week_us = 7 * u128::from(DAY) * MINUTE_US;
        let mut spans: Vec<(u128, u128)> = Vec::new();
        // A stretch that is shorter than a week lies within three weeks of which it touches the second.
        for day in 0..21_u16 {
            let start = u128::from(day) * u128::from(DAY);
            let own = self.days[usize::from(day % 7)].iter();
            let us = |minute: u16| (start + u128::from(minute)) * MINUTE_US;
            spans.extend(own.map(|(from, to)| (us(*from), us(*to))));
        }
        let mut before: Vec<u128> = vec![0];
        for (from, to) in &spans {
            before.push(before.last().copied().unwrap_or(0) + (to - from));
        }
        let until = |at: u128| {
            let index = spans.partition_point(|(from, _)| *from < at);
            let whole = before[index];
            index.checked_sub(1).map_or(whole, |last| whole - spans[last].1.saturating_sub(at))
        };
        let in_a_week = until(week_us);
        let (weeks, rest) = (length_us / week_us, length_us % week_us);
        let second = spans.iter().filter(|(from, _)| (week_us..2 * week_us).contains(from));
        let most = second.map(|(from, to)| {
            let begins = until(from + rest) - until(*from);
            begins.max(until(*to) - until(to - rest))
        });
        weeks.saturating_mul(in_a_week).saturating_add(most.max().unwrap_or(0))
    }

    fn on(&self, date: Date) -> &[(u16, u16)] {
        match self.closed.binary_search(&date) {
            Ok(_) => &[],
            Err(_) => &self.days[usize::from(date.weekday())],
        }
    }
}

/// Adds hours to the days of a week; what lies after midnight goes to the day after.
fn add(days: &mut [Vec<(u16, u16)>; 7], on: u8, (from, to): (TimeOfDay, TimeOfDay)) {
    for day in (0..7).filter(|day| on & (1 << day) != 0) {
        if from < to {
            days[day].push((from.0, to.0));
        } else {
            days[day].push((from.0, DAY));
            days[(day + 1) % 7].push((0, to.0));
        }
    }
}

/// Sorts stretches and joins those that touch.
fn merge(stretches: &mut Vec<(u16, u16)>) {
    stretches.retain(|(from, to)| from < to);
    stretches.sort_unstable();
    stretches.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
}

/// What two sorted lists of stretches share.
fn common(a: &[(u16, u16)], b: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let (mut left, mut right, mut both) = (0, 0, Vec::new());
    while let (Some(one), Some(other)) = (a.get(left), b.get(right)) {
        let (from, to) = (one.0.max(other.0), one.1.min(other.1));
        if from < to {
            both.push((from, to));
        }
        if one.1 < other.1 {
            left += 1;
        } else {
            right += 1;
        }
    }
    both
}

/// The minutes of some sorted stretches that lie within a range.
fn overlap(stretches: &[(u16, u16)], (from, to): (u16, u16)) -> u64 {
    let inside = stretches.iter().map(|(begin, end)| (*begin.max(&from), *end.min(&to)));
    inside.map(|(begin, end)| u64::from(end.saturating_sub(begin))).sum()
}

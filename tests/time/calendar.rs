//! Calendars, compared with a walk through every minute.

use crate::support::chance::{self, Dice};
use onhand::model::calendar::{Calendar, Hours, MINUTE_US, Timetable};
use onhand::model::time::{Date, TimeOfDay};
use onhand::source::{SourceId, Span};

const DAY: i64 = 24 * 60;
/// 2026-11-23, a Monday.
const MONDAY: i32 = 20_780;

fn origin() -> Span {
    Span::new(SourceId(0), 0, 0)
}

fn time(dice: &mut Dice) -> TimeOfDay {
    TimeOfDay((dice.roll(49) * 30) as u16)
}

/// Begin and end as the reader of text lets them through.
fn hours(dice: &mut Dice) -> (TimeOfDay, TimeOfDay) {
    loop {
        let (from, to) = (time(dice), time(dice));
        if from != to && from != TimeOfDay::END {
            return (from, to);
        }
    }
}

fn calendar(dice: &mut Dice) -> Calendar {
    let open = (0..dice.below(4)).map(|_| {
        let (from, to) = hours(dice);
        Hours { days: dice.roll(128) as u8, from, to, origin: origin() }
    });
    let open: Vec<Hours> = open.collect();
    let closed_days = match dice.below(10) {
        0 => 127,
        1..5 => dice.roll(128) as u8,
        _ => 0,
    };
    let mut closed: Vec<Date> =
        (0..dice.below(5)).map(|_| Date(MONDAY + 21 + dice.roll(40) as i32)).collect();
    closed.sort_unstable();
    closed.dedup();
    Calendar { name: "own".into(), open, closed_days, closed, origin: origin() }
}

/// Whether a calendar is open, as its page says it.
fn is_open(calendar: &Calendar, date: Date, minute: u16) -> bool {
    let on = |date: Date, days: u8| days & (1 << date.weekday()) != 0;
    if on(date, calendar.closed_days) || calendar.closed.contains(&date) {
        return false;
    }
    let minute = TimeOfDay(minute);
    calendar.open.is_empty()
        || calendar.open.iter().any(|hours| match hours.from < hours.to {
            true => on(date, hours.days) && (hours.from..hours.to).contains(&minute),
            false => {
                (on(date, hours.days) && minute >= hours.from)
                    || (on(Date(date.0 - 1), hours.days) && minute < hours.to)
            }
        })
}

fn within((from, to): (TimeOfDay, TimeOfDay), minute: u16) -> bool {
    let minute = TimeOfDay(minute);
    match from < to {
        true => (from..to).contains(&minute),
        false => minute >= from || minute < to,
    }
}

/// Twelve weeks, minute by minute: closed dates lie in the middle.
fn walk(open: &dyn Fn(Date, u16) -> bool) -> Vec<bool> {
    (0..84 * DAY).map(|at| open(Date(MONDAY + (at / DAY) as i32), (at % DAY) as u16)).collect()
}

/// The most counted minutes in a closed stretch that begins and ends within the walk.
fn longest(open: &[bool], counted: &[bool]) -> Option<u128> {
    let first = open.iter().position(|open| *open)?;
    let (mut most, mut here) = (0, 0);
    for (open, counted) in open[first..].iter().zip(&counted[first..]) {
        if *open {
            most = most.max(here);
            here = 0;
        } else if *counted {
            here += 1;
        }
    }
    Some(most * MINUTE_US)
}

#[test]
fn timetables_agree_with_a_walk_through_every_minute() {
    let mut never = 0;
    for seed in chance::seeds(60) {
        let mut dice = Dice(seed);
        let (own, lag, daily) = (calendar(&mut dice), calendar(&mut dice), hours(&mut dice));
        let table = Timetable::daily(daily.0, daily.1).and(&Timetable::of(&own));
        let open = walk(&|date, minute| within(daily, minute) && is_open(&own, date, minute));
        let counted = walk(&|date, minute| is_open(&lag, date, minute));
        for at in (0..open.len()).step_by(17) {
            let (date, minute) = (Date(MONDAY + (at as i64 / DAY) as i32), (at as i64 % DAY) as u16);
            assert_eq!(table.is_open(date, minute), open[at], "seed {seed}: {date} {minute}");
        }
        // A date can close a whole calendar for weeks, but never all weeks of the walk.
        let always = vec![true; open.len()];
        assert_eq!(table.longest_closed_us(), longest(&open, &always), "seed {seed}: {own:?} {daily:?}");
        let lag = Timetable::of(&lag);
        assert_eq!(table.longest_wait_us(&lag), longest(&open, &counted), "seed {seed}: {own:?} {daily:?}");
        let regular = Calendar { closed: Vec::new(), ..own.clone() };
        let weeks = walk(&|date, minute| within(daily, minute) && is_open(&regular, date, minute));
        assert_eq!(table.regular().longest_closed_us(), longest(&weeks, &always), "seed {seed}: {own:?}");
        assert_eq!(table.ever_opens(), weeks.contains(&true), "seed {seed}");
        never += u32::from(!table.ever_opens());
        most_open(&table, &weeks, &mut dice, seed);
    }
    assert!(never > 0 || chance::asked().is_some(), "no timetable was ever closed for good");
}

/// The most open minutes in any stretch of a length.
fn most_open(table: &Timetable, weeks: &[bool], dice: &mut Dice, seed: u64) {
    let length = dice.below(20 * DAY as usize);
    let mut open: usize = weeks[..length].iter().filter(|open| **open).count();
    let mut most = open;
    for at in 0..(8 * DAY as usize) {
        open = open + usize::from(weeks[at + length]) - usize::from(weeks[at]);
        most = most.max(open);
    }
    assert_eq!(
        table.most_open_us(length as u128 * MINUTE_US),
        most as u128 * MINUTE_US,
        "seed {seed}: {length}"
    );
}

#[test]
fn a_working_week() {
    let text = |text: &str| TimeOfDay::parse(text).unwrap();
    let weekdays = Hours { days: 0b1_1111, from: text("08:00"), to: text("18:00"), origin: origin() };
    let christmas = Date::parse("2026-12-25").unwrap();
    let shop = Calendar {
        name: "shop-days".into(),
        open: vec![weekdays],
        closed_days: 0,
        closed: vec![christmas],
        origin: origin(),
    };
    let table = Timetable::of(&shop);
    // From Thursday evening over Christmas and the weekend to Monday morning.
    assert_eq!(table.longest_closed_us(), Some((6 + 72 + 8) * 60 * MINUTE_US));
    assert_eq!(table.regular().longest_closed_us(), Some((6 + 48 + 8) * 60 * MINUTE_US));
    assert_eq!(table.longest_wait_us(&table), Some(0));
    assert_eq!(table.most_open_us(24 * 60 * MINUTE_US), 10 * 60 * MINUTE_US);
    assert_eq!(table.most_open_us(5 * MINUTE_US), 5 * MINUTE_US);
    assert_eq!(table.most_open_us(14 * 24 * 60 * MINUTE_US), 100 * 60 * MINUTE_US);
    assert!(!table.is_open(christmas, 12 * 60));
    assert_eq!(Timetable::always().longest_closed_us(), Some(0));
}

//! Calendars, compared with a walk through every minute.

use crate::support::chance::{self, Dice};
use onhand::model::calendar::{Calendar, Hours, MINUTE_US, Timetable};
use onhand::model::time::{Date, Moment, TimeOfDay};
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

const MINUTE_MS: i64 = 60_000;

/// The last Sunday of a month of 31 days, at one o'clock UTC, in milliseconds.
fn last_sunday(month: &str) -> i64 {
    let end = Date::parse(&format!("2026-{month}-31")).unwrap();
    let sunday = end.0 - (i32::from(end.weekday()) + 1) % 7;
    i64::from(sunday) * DAY * MINUTE_MS + 60 * MINUTE_MS
}

/// Milliseconds by which the clocks of the European Union's middle are ahead in 2026, by its law.
fn ahead(moment: i64) -> i64 {
    let summer = (last_sunday("03")..last_sunday("10")).contains(&moment);
    if summer { 120 * MINUTE_MS } else { 60 * MINUTE_MS }
}

#[test]
fn a_window_opens_when_a_walk_through_every_minute_says_so() {
    let (mut crossed, mut later, mut closed) = (0, 0, 0);
    for seed in chance::seeds(120) {
        let mut dice = Dice(seed);
        let (mut own, daily) = (calendar(&mut dice), hours(&mut dice));
        let change = last_sunday(if dice.in_ten(5) { "03" } else { "10" });
        // Around the night in which the clocks change, to the millisecond.
        let now = change + (dice.roll(6 * 24 * 60) as i64 - 4 * DAY) * MINUTE_MS + dice.roll(60_000) as i64;
        let today = (now / MINUTE_MS / DAY) as i32;
        own.closed = (0..dice.below(4)).map(|_| Date(today + dice.roll(9) as i32)).collect();
        own.closed.sort_unstable();
        own.closed.dedup();
        // Hours that exist only in part on such a night.
        let narrow = dice.in_ten(3);
        let daily = if narrow { (TimeOfDay(120), TimeOfDay(121 + dice.roll(60) as u16)) } else { daily };
        let table = Timetable::daily(daily.0, daily.1).and(&Timetable::of(&own));
        let is_open = |moment: i64| {
            let minute = (moment + ahead(moment)).div_euclid(MINUTE_MS);
            let (date, minute) = (Date(minute.div_euclid(DAY) as i32), minute.rem_euclid(DAY) as u16);
            within(daily, minute) && is_open(&own, date, minute)
        };
        let minutes = (0..40 * DAY).map(|at| (now.div_euclid(MINUTE_MS) + at) * MINUTE_MS);
        let walked = minutes.map(|minute| minute.max(now)).find(|moment| is_open(*moment));
        let found = table.opens(Moment(now), "Europe/Paris").map(|moment| moment.0);
        assert_eq!(found, walked, "ONHAND_SEED={seed}: from {now} {own:?} {daily:?}");
        later += u32::from(walked.is_some_and(|moment| moment > now));
        crossed += u32::from(walked.is_some_and(|moment| ahead(moment) != ahead(now)));
        closed += u32::from(walked.is_none());
    }
    assert!(
        chance::asked().is_some() || (later > 20 && crossed > 3 && closed > 3),
        "{later} {crossed} {closed}"
    );
}

#[test]
fn a_moment_as_the_clock_on_the_wall_shows_it() {
    let at = |text: &str| Moment::parse(text, "UTC").unwrap().on_the_wall("Europe/Paris");
    assert_eq!(at("2026-11-23T05:00:00Z"), "2026-11-23 06:00 (Europe/Paris)");
    assert_eq!(at("2026-07-01T22:05:59Z"), "2026-07-02 00:05 (Europe/Paris)");
    let always = Timetable::daily(TimeOfDay(360), TimeOfDay(1320));
    let opens = |text: &str| {
        let now = Moment::parse(text, "UTC").unwrap();
        always.opens(now, "Europe/Paris").unwrap().rfc3339()
    };
    assert_eq!(opens("2026-11-22T22:00:00Z"), "2026-11-23T05:00:00Z");
    assert_eq!(opens("2026-11-22T21:00:00Z"), "2026-11-23T05:00:00Z", "the end is not open any more");
    assert_eq!(opens("2026-11-22T20:59:59Z"), "2026-11-22T20:59:59Z");
    assert_eq!(opens("2026-03-28T22:00:00Z"), "2026-03-29T04:00:00Z", "clocks are put forward that night");
    let now = Moment(i64::MAX);
    assert_eq!(always.opens(now, "Europe/Paris"), None);
}

#[test]
fn the_open_part_of_a_stretch_is_what_a_walk_through_its_minutes_finds() {
    for seed in chance::seeds(200) {
        let mut dice = Dice(seed);
        let calendar = calendar(&mut dice);
        let from = i64::from(MONDAY + 21) * DAY + dice.roll(9 * 24 * 60) as i64;
        let long = dice.roll(5 * 24 * 60) as i64;
        let minutes =
            (from..from + long).filter(|at| is_open(&calendar, Date((at / DAY) as i32), (at % DAY) as u16));
        // A part of a minute at each end belongs to the minute that it lies in.
        let (cut, more) = (dice.roll(60_000) as i64, dice.roll(60_000) as i64);
        let part = |at: i64, ms: i64| {
            if is_open(&calendar, Date((at / DAY) as i32), (at % DAY) as u16) { ms } else { 0 }
        };
        let wanted = minutes.count() as i64 * MINUTE_MS - if long > 0 { part(from, cut) } else { 0 }
            + if long > 0 { part(from + long, more) } else { 0 };
        let begins = Moment(from * MINUTE_MS + if long > 0 { cut } else { 0 });
        let ends = Moment((from + long) * MINUTE_MS + if long > 0 { more } else { 0 });
        let found = Timetable::of(&calendar).open_between((begins, ends), "UTC");
        assert_eq!(found.as_millis() as i64, wanted, "ONHAND_SEED={seed}");
    }
}

#[test]
fn an_hour_that_comes_twice_is_open_twice() {
    let hours = Hours { days: 127, from: TimeOfDay(120), to: TimeOfDay(180), origin: origin() };
    let (open, closed) = (vec![hours], Vec::new());
    let calendar = Calendar { name: "night".into(), open, closed_days: 0, closed, origin: origin() };
    let table = Timetable::of(&calendar);
    // On 2026-10-25 clocks go from 3:00 back to 2:00 in Amsterdam, on 2026-03-29 from 2:00 forward to 3:00.
    let day = |text: &str| {
        let begins = Moment::parse(text, "Europe/Amsterdam").expect("a day");
        table.open_between((begins, Moment(begins.0 + 25 * 3_600_000)), "Europe/Amsterdam").as_secs()
    };
    assert_eq!([day("2026-10-24"), day("2026-10-25"), day("2026-03-29")], [3_600, 7_200, 0]);
}

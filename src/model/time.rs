//! Moments and the text forms in which systems write them. The only home of jiff.

use std::time::Duration;

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// This moment and so much later.
    pub fn after(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment and so much earlier.
    pub fn before(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How much time has passed since `earlier`; nothing if it lies in the future.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// As `2026-11-22T06:35:48Z`, with milliseconds where there are some.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(stamp) => stamp.to_string(),
            Err(_) => format!("{} ms since 1970", self.0),
        }
    }

    /// Reads RFC 3339, or a stamp without a zone (`2026-11-22 06:35:48`, `2026-11-22T06:35`) as local
    /// time in `zone`, an IANA name. Where local time is ambiguous the earlier moment counts, so that a
    /// count looks older, never fresher, than it is.
    pub fn parse(text: &str, zone: &str) -> Option<Moment> {
        Moment::parse_towards(text, zone, Side::Earlier)
    }

    /// The same, with the side that counts where local time is ambiguous or is skipped.
    pub fn parse_towards(text: &str, zone: &str, side: Side) -> Option<Moment> {
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Some(Moment(stamp.as_millisecond()));
        }
        local(text.parse().ok()?, zone, side)
    }

    /// When the clocks of a zone show a time of a day. `None` where there is no such zone or day.
    pub fn on(date: Date, time: TimeOfDay, zone: &str, side: Side) -> Option<Moment> {
        let minutes = jiff::Span::new().try_days(date.0).ok()?.try_minutes(time.0).ok()?;
        local(EPOCH.to_datetime(jiff::civil::Time::midnight()).checked_add(minutes).ok()?, zone, side)
    }
}

/// Which moment counts where a stamp stands for two: when clocks are put back an hour comes twice, and when
/// they are put forward one is skipped, of which nobody knows whether the old or the new time was meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The earlier one: a count looks older than it is, never fresher.
    Earlier,
    /// The later one: a movement looks younger than it is, so no count is believed to hold it too soon.
    Later,
}

fn local(stamp: jiff::civil::DateTime, zone: &str, side: Side) -> Option<Moment> {
    let stamp = jiff::tz::TimeZone::get(zone).ok()?.to_ambiguous_zoned(stamp);
    let stamp = match side {
        Side::Earlier => stamp.earlier(),
        Side::Later => stamp.later(),
    };
    Some(Moment(stamp.ok()?.timestamp().as_millisecond()))
}

impl Moment {
    /// Reads a date of an HTTP header, such as `Sun, 22 Nov 2026 06:35:48 GMT`.
    pub fn parse_http(text: &str) -> Option<Moment> {
        let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Moment(zoned.timestamp().as_millisecond()))
    }
}

/// How the clocks of a zone stand from some moment on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clocks {
    /// How far they are ahead of UTC, in milliseconds.
    pub ahead_ms: i64,
    /// When they are next put forward or back; `None`: never again.
    pub until: Option<Moment>,
}

impl Moment {
    /// How the clocks of a zone stand now; UTC where there is no such zone.
    pub fn clocks(self, zone: &str) -> Clocks {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let Ok(stamp) = jiff::Timestamp::from_millisecond(self.0) else {
            return Clocks { ahead_ms: 0, until: None };
        };
        let ahead = zone.to_offset(stamp);
        // Zones also change their names or laws without moving a clock.
        let next = zone.following(stamp).find(|next| next.offset() != ahead);
        let until = next.map(|next| Moment(next.timestamp().as_millisecond()));
        Clocks { ahead_ms: i64::from(ahead.seconds()) * 1_000, until }
    }

    /// As the clock on the wall shows it, with its zone: `2026-11-23 06:00 (Europe/Paris)`.
    pub fn on_the_wall(self, zone: &str) -> String {
        let Ok(stamp) = jiff::Timestamp::from_millisecond(self.0) else { return self.rfc3339() };
        let known = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let local = known.to_datetime(stamp);
        let (date, hour, minute) = (local.date(), local.hour(), local.minute());
        format!("{date} {hour:02}:{minute:02} ({zone})")
    }
}

/// A day of the calendar: days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(pub i32);

impl Date {
    /// Reads `2026-12-25`, and nothing else.
    pub fn parse(text: &str) -> Option<Date> {
        let date = text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == 10)?;
        Some(Date(date.since(EPOCH).ok()?.get_days()))
    }

    /// Reads a stamp that is a day and no time, as [`Moment::parse`] reads days.
    pub fn bare(text: &str) -> Option<Date> {
        let date = text.parse::<jiff::civil::Date>().ok().filter(|_| !text.contains(['T', 't', ' ', ':']))?;
        Some(Date(date.since(EPOCH).ok()?.get_days()))
    }

    /// The day on which a moment lies in a zone, an IANA name; UTC where there is no such zone.
    pub fn of(moment: Moment, zone: &str) -> Date {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let stamp = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let since = zone.to_datetime(stamp).date().since(EPOCH);
        Date(since.map_or(0, |span| span.get_days()))
    }

    /// Its day of the week: 0 is Monday.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7) as u8
    }
}

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let span = jiff::Span::new().try_days(self.0).and_then(|span| EPOCH.checked_add(span));
        match span {
            Ok(date) => write!(f, "{date}"),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

/// A time of day: minutes since midnight, up to 24:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TimeOfDay(pub u16);

impl TimeOfDay {
    /// The end of a day.
    pub const END: TimeOfDay = TimeOfDay(24 * 60);

    /// Reads `16:00` from `00:00` to `24:00`, and nothing else.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let (hours, minutes) = text.split_once(':')?;
        let two = |part: &str| match part.as_bytes() {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u16::from(a - b'0') * 10 + u16::from(b - b'0')),
            _ => None,
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        let time = TimeOfDay(hours * 60 + minutes);
        (minutes < 60 && time <= TimeOfDay::END).then_some(time)
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// So many in a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rate {
    /// How many; above 0.
    pub count: u32,
    /// In which time.
    pub per: Duration,
}

impl Rate {
    /// Reads `4/s`, `120/m`, `60/h`, `250/d`.
    pub fn parse(text: &str) -> Option<Rate> {
        let (count, unit) = text.split_once('/')?;
        let plain = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse::<u32>().ok().filter(|count| plain && *count > 0)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        Some(Rate { count, per: Duration::from_secs(seconds) })
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "m",
            3_600 => "h",
            _ => "d",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

/// The days of the week as a topology names them, Monday first.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether an IANA zone of this name exists.
pub fn zone_exists(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// A duration as people write it in a topology: `90s`, `15m`, `24h`, `7d`; `500ms` too.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let size = text[..digits].parse::<u64>().ok()?;
    let unit_ms = match &text[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    // Ten thousand days is beyond any lag, and keeps every sum of moments inside 64 bits.
    size.checked_mul(unit_ms).filter(|ms| *ms <= 864_000_000_000).map(Duration::from_millis)
}

/// A duration in the largest unit that states it exactly: `15m`, `90s`.
pub fn show_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    match units.iter().find(|(size, _)| ms > 0 && ms.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{}{unit}", ms / size),
        None => format!("{ms}ms"),
    }
}

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
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Some(Moment(stamp.as_millisecond()));
        }
        let local = text.parse::<jiff::civil::DateTime>().ok()?;
        let zone = jiff::tz::TimeZone::get(zone).ok()?;
        let stamp = zone.to_ambiguous_zoned(local).earlier().ok()?;
        Some(Moment(stamp.timestamp().as_millisecond()))
    }
}

impl Moment {
    /// Reads a date of an HTTP header, such as `Sun, 22 Nov 2026 06:35:48 GMT`.
    pub fn parse_http(text: &str) -> Option<Moment> {
        let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Moment(zoned.timestamp().as_millisecond()))
    }
}

/// Whether an IANA zone of this name exists.
pub fn zone_exists(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// Whether this is a date as `2026-12-25`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
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

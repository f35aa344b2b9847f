//! Values of PostgreSQL on the wire: parameters go out as text, results come in binary and are shown
//! exactly as text.

use crate::world::database::Bind;
use std::error::Error;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

type Failed = Box<dyn Error + Sync + Send>;

/// Everything goes out as text, so that the server itself reads a number as whatever the column is, and
/// none is squeezed through another type on its way.
impl ToSql for Bind {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match self {
            Bind::Null => return Ok(IsNull::Yes),
            Bind::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Bind::Text(text) if text.contains('\0') => return Err("a text holds a zero byte".into()),
            Bind::Text(text) => out.extend_from_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// One value as text; `None` for null.
pub struct Shown(pub Option<String>);

/// Whether values of a type can be shown exactly.
pub fn readable(ty: &Type) -> bool {
    let known = [
        Type::BOOL,
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::OID,
        Type::NUMERIC,
        Type::FLOAT4,
        Type::FLOAT8,
        Type::TIMESTAMP,
        Type::TIMESTAMPTZ,
        Type::DATE,
        Type::UUID,
    ];
    known.contains(ty) || is_text(ty)
}

fn is_text(ty: &Type) -> bool {
    let known = [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN, Type::JSON, Type::XML];
    known.contains(ty) || matches!(ty.kind(), Kind::Enum(_)) || ty.name() == "citext"
}

impl<'a> FromSql<'a> for Shown {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Shown, Failed> {
        let text = match *ty {
            Type::BOOL => (fixed::<1>(raw)? != [0]).to_string(),
            Type::INT2 => i16::from_be_bytes(fixed(raw)?).to_string(),
            Type::INT4 => i32::from_be_bytes(fixed(raw)?).to_string(),
            Type::INT8 => i64::from_be_bytes(fixed(raw)?).to_string(),
            Type::OID => u32::from_be_bytes(fixed(raw)?).to_string(),
            Type::FLOAT4 => f32::from_be_bytes(fixed(raw)?).to_string(),
            Type::FLOAT8 => f64::from_be_bytes(fixed(raw)?).to_string(),
            Type::NUMERIC => numeric(raw)?,
            Type::TIMESTAMP => stamp(i64::from_be_bytes(fixed(raw)?), ""),
            Type::TIMESTAMPTZ => stamp(i64::from_be_bytes(fixed(raw)?), "Z"),
            Type::DATE => date(i64::from(i32::from_be_bytes(fixed(raw)?))),
            Type::UUID => uuid(fixed(raw)?),
            // The column pads with spaces that are no part of the value, and a cast to text drops them.
            Type::BPCHAR => std::str::from_utf8(raw)?.trim_end_matches(' ').to_owned(),
            _ => std::str::from_utf8(raw)?.to_owned(),
        };
        Ok(Shown(Some(text)))
    }

    fn from_sql_null(_: &Type) -> Result<Shown, Failed> {
        Ok(Shown(None))
    }

    fn accepts(ty: &Type) -> bool {
        readable(ty)
    }
}

fn fixed<const N: usize>(raw: &[u8]) -> Result<[u8; N], Failed> {
    raw.try_into().map_err(|_| format!("{} bytes came where {N} were due", raw.len()).into())
}

/// A numeric is a sign, groups of four decimal digits, the place of the first group, and how many digits
/// stand behind the point.
fn numeric(raw: &[u8]) -> Result<String, Failed> {
    let (halves, rest) = raw.as_chunks::<2>();
    let mut halves = halves.iter().map(|half| u16::from_be_bytes(*half));
    let mut header = || halves.next().ok_or("a numeric was cut");
    let (count, weight, sign, scale) = (header()?, header()? as i16, header()?, header()?);
    let groups: Vec<u16> = halves.collect();
    if groups.len() != usize::from(count) || !rest.is_empty() || groups.iter().any(|group| *group > 9999) {
        return Err("a numeric has another size than it says".into());
    }
    match sign {
        0x0000 | 0x4000 => {}
        0xD000 => return Ok("Infinity".to_owned()),
        0xF000 => return Ok("-Infinity".to_owned()),
        _ => return Ok("NaN".to_owned()),
    }
    let group = |place: i32| {
        let index = i32::from(weight) - place;
        usize::try_from(index).ok().and_then(|index| groups.get(index)).copied().unwrap_or(0)
    };
    let mut digits = String::new();
    for place in (0..=i32::from(weight).max(0)).rev() {
        digits.push_str(&format!("{:04}", group(place)));
    }
    let whole = digits.trim_start_matches('0');
    let mut text = String::from(if sign == 0x4000 { "-" } else { "" });
    text.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        let places = (i32::from(scale) + 3) / 4;
        let fraction: String = (1..=places).map(|place| format!("{:04}", group(-place))).collect();
        text.push('.');
        text.push_str(&fraction[..usize::from(scale)]);
    }
    Ok(text)
}

const DAY_MICROS: i64 = 86_400_000_000;

/// Microseconds since 2000-01-01 00:00.
fn stamp(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => return "infinity".to_owned(),
        i64::MIN => return "-infinity".to_owned(),
        _ => {}
    }
    let rest = micros.rem_euclid(DAY_MICROS);
    let seconds = rest / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match rest % 1_000_000 {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    let day = date(micros.div_euclid(DAY_MICROS));
    format!("{day}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
}

/// Days since 2000-01-01, as a date of the Gregorian calendar. Years are counted from March here, so that
/// the leap day comes last and every month before it starts at a fixed day.
fn date(days: i64) -> String {
    let since = days + 730_425;
    let era = since.div_euclid(146_097);
    let of_era = since.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

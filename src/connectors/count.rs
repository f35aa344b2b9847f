//! Counts as texts: read exactly, added exactly, shown safely.

use crate::model::quantity::{Decimal, DecimalError, LARGEST, plain};

/// Reads one count. `decimal` stands between the whole and the fraction. Spaces around the number are
/// padding; any other mark in it is refused, since a mark for thousands in one country is the decimal
/// mark of another.
pub fn count(text: Option<&str>, decimal: u8) -> Result<Decimal, String> {
    let Some(text) = text else {
        return Err("the count is null, and an absent count is not 0; write the number".to_owned());
    };
    if let Some(value) = plain(text) {
        return Ok(Decimal::whole(value));
    }
    let trimmed = text.trim_matches(' ');
    if trimmed.is_empty() {
        return Err("the count is empty, and an absent count is not 0; write the number".to_owned());
    }
    let strange = |why: &str| Err(format!("`{}` is not a count: {why}", shown(text)));
    let mark = char::from(decimal);
    let parsed = match (mark, trimmed.contains(['_', '.', ','])) {
        (_, false) => Decimal::parse(trimmed),
        (_, true) if trimmed.chars().any(|c| matches!(c, '_' | '.' | ',') && c != mark) => {
            return strange(&format!(
                "the decimal mark of this source is `{mark}`, and marks for thousands are not read; \
                 write plain digits, or say `decimal=` in `levels`"
            ));
        }
        ('.', true) => Decimal::parse(trimmed),
        (_, true) => Decimal::parse(&trimmed.replace(mark, ".")),
    };
    match parsed {
        Ok(value) => Ok(value),
        Err(DecimalError::NotANumber) => strange("write a plain number such as 12 or -3"),
        Err(DecimalError::TooFine) => strange("it has more than 18 digits behind the decimal mark"),
        Err(DecimalError::TooLarge) => strange("it is above 10^15"),
    }
}

/// A text of the outside, fit for one line of a message: short, without control characters.
pub fn shown(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c });
    let mut short: String = clean.clone().take(60).collect();
    if clean.count() > 60 {
        short.push('…');
    }
    short
}

/// The sum; `None` above 10^15.
pub fn plus(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale.max(b.scale);
    let raised = |d: Decimal| d.digits.checked_mul(10_i128.checked_pow(u32::from(scale - d.scale))?);
    let digits = raised(a)?.checked_add(raised(b)?)?;
    let largest = i128::from(LARGEST).checked_mul(10_i128.checked_pow(u32::from(scale))?)?;
    (digits.abs() <= largest).then_some(Decimal { digits, scale })
}

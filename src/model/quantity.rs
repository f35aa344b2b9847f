//! Quantities and exact numbers: whole base units, decimals as written, ratios of whole numbers.

use super::id::{Name, QuantityId};
use crate::source::Span;

/// Physically there.
pub const ON_HAND: QuantityId = QuantityId(0);
/// Committed to orders, still on the shelf.
pub const RESERVED: QuantityId = QuantityId(1);
/// Unsellable, returns under inspection included.
pub const DAMAGED: QuantityId = QuantityId(2);
/// Ordered, not received.
pub const INCOMING: QuantityId = QuantityId(3);
/// Between own locations.
pub const IN_TRANSIT: QuantityId = QuantityId(4);
/// Kept for bad days.
pub const SAFETY_STOCK: QuantityId = QuantityId(5);
/// on-hand − reserved − damaged − safety-stock.
pub const AVAILABLE: QuantityId = QuantityId(6);

/// The base quantities, in the order of their ids.
pub const BASE: [&str; 6] = ["on-hand", "reserved", "damaged", "incoming", "in-transit", "safety-stock"];

/// The largest size of a count, in base units and in any unit shown: 10^15.
pub const LARGEST: i64 = 1_000_000_000_000_000;

/// A quantity: a base one, or a sum over base ones.
#[derive(Debug, Clone)]
pub struct Quantity {
    /// Its name.
    pub name: Name,
    /// For a derived quantity its terms, each base quantity once, with how often it is added (or, below
    /// 0, taken off), in the order of [`BASE`]. A base quantity has itself, once.
    pub terms: Vec<(QuantityId, i64)>,
    /// Where a topology's own quantity is written.
    pub origin: Option<Span>,
}

impl Quantity {
    /// The built-in quantities, at the ids above.
    pub fn built_in() -> Vec<Quantity> {
        let base = BASE.iter().enumerate().map(|(index, name)| Quantity {
            name: Name::from(*name),
            terms: vec![(QuantityId::at(index), 1)],
            origin: None,
        });
        let available = Quantity {
            name: Name::from("available"),
            terms: vec![(ON_HAND, 1), (RESERVED, -1), (DAMAGED, -1), (SAFETY_STOCK, -1)],
            origin: None,
        };
        base.chain([available]).collect()
    }
}

/// A decimal exactly as written: `digits` / 10^`scale`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    /// All digits, with the sign.
    pub digits: i128,
    /// How many of them stand behind the point; at most 18.
    pub scale: u8,
}

/// Why a text is no decimal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecimalError {
    /// Not a number in plain or scientific form.
    NotANumber,
    /// More than 18 digits behind the point, not counting zeros at the end.
    TooFine,
    /// Above 10^15.
    TooLarge,
}

impl Decimal {
    /// A whole number.
    pub fn whole(value: i64) -> Decimal {
        Decimal { digits: i128::from(value), scale: 0 }
    }

    /// Reads `-12`, `+1_000`, `52.50`, `1.5e3`; nothing else (no grouping, no spaces, no hex).
    pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
        if let Some(value) = plain(text) {
            return Ok(Decimal::whole(value));
        }
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.as_bytes().first() {
            Some(b'-') => (true, &mantissa[1..]),
            Some(b'+') => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        if !plain_digits(whole) || !plain_digits(fraction) {
            return Err(DecimalError::NotANumber);
        }
        let digits = whole.bytes().chain(fraction.bytes()).filter(|b| *b != b'_').map(|b| b - b'0');
        let behind = fraction.bytes().filter(|b| *b != b'_').count() as i64 - exponent;
        let value = assemble(digits, behind)?;
        Ok(if negative { Decimal { digits: -value.digits, ..value } } else { value })
    }

    /// The sum of two numbers.
    pub fn plus(self, other: Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        let raised = |own: Decimal| own.digits.saturating_mul(10_i128.pow(u32::from(scale - own.scale)));
        Decimal { digits: raised(self).saturating_add(raised(other)), scale }
    }

    /// This number times a ratio, if the result is whole. `slack` is the precision of the source: a
    /// number within one millionth, in its own unit, of one that gives a whole result counts as that one
    /// (ERPs send 52.4999999 kg), but never where the result is more than a hundredth off.
    pub fn times(self, ratio: Ratio, slack: bool) -> Result<i64, NotWhole> {
        let top = self.digits.checked_mul(i128::from(ratio.numerator)).ok_or(NotWhole::TooLarge)?;
        let power = 10_i128.pow(u32::from(self.scale));
        let bottom = power.checked_mul(i128::from(ratio.denominator)).ok_or(NotWhole::TooLarge)?;
        let nearest = round_div(top, bottom);
        let off = (top - nearest * bottom).abs();
        let millionth = power * i128::from(ratio.numerator) / 1_000_000;
        let allowed = if slack { millionth.min(bottom / 100) } else { 0 };
        if off > allowed {
            return Err(NotWhole::Fraction);
        }
        i64::try_from(nearest).ok().filter(|n| n.abs() <= LARGEST).ok_or(NotWhole::TooLarge)
    }
}

/// Why a product is no count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotWhole {
    /// It has a fraction.
    Fraction,
    /// It is above 10^15.
    TooLarge,
}

/// The value of a text of up to 15 digits and nothing else, as nearly every number is written.
pub fn plain(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 15 {
        return None;
    }
    let mut value = 0_i64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

fn plain_digits(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !plain_digits(digits) || digits.contains('_') {
        return Err(DecimalError::NotANumber);
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// Digits with `behind` of them behind the point (below 0: zeros to add), without needless zeros.
fn assemble(digits: impl Iterator<Item = u8>, behind: i64) -> Result<Decimal, DecimalError> {
    let mut value: i128 = 0;
    let mut scale = behind;
    // Zeros at the end are kept back until a digit follows, so that 1.000000000000000000000 is 1.
    let mut zeros: u32 = 0;
    for digit in digits {
        if digit == 0 {
            zeros += 1;
            continue;
        }
        let shift = if value == 0 { 1 } else { ten_to(zeros + 1)? };
        value = value
            .checked_mul(shift)
            .and_then(|v| v.checked_add(i128::from(digit)))
            .ok_or(DecimalError::TooLarge)?;
        zeros = 0;
    }
    if value == 0 {
        return Ok(Decimal::default());
    }
    scale -= i64::from(zeros);
    if scale > 18 {
        return Err(DecimalError::TooFine);
    }
    if scale < 0 {
        let power = u32::try_from(-scale).ok().filter(|p| *p <= 15).ok_or(DecimalError::TooLarge)?;
        value = value.checked_mul(ten_to(power)?).ok_or(DecimalError::TooLarge)?;
        scale = 0;
    }
    // Above it by less than one still counts as it. To divide 128 bits is dear, to multiply them is not.
    if value >= (i128::from(LARGEST) + 1) * 10_i128.pow(scale as u32) {
        return Err(DecimalError::TooLarge);
    }
    Ok(Decimal { digits: value, scale: scale as u8 })
}

fn ten_to(power: u32) -> Result<i128, DecimalError> {
    10_i128.checked_pow(power).ok_or(DecimalError::TooLarge)
}

/// The whole number nearest to top / bottom, halves away from zero; bottom above 0.
fn round_div(top: i128, bottom: i128) -> i128 {
    let half = bottom / 2;
    if top >= 0 { (top + half) / bottom } else { (top - half) / bottom }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> std::cmp::Ordering {
        // Parsed values are at most 10^15 with 18 places, so raising both to 18 places fits 128 bits.
        let raised = |d: &Decimal| d.digits * 10_i128.pow(18 - u32::from(d.scale));
        raised(self).cmp(&raised(other))
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let power = 10_i128.pow(u32::from(self.scale));
        let sign = if self.digits < 0 { "-" } else { "" };
        let size = self.digits.abs();
        match self.scale {
            0 => write!(f, "{sign}{size}"),
            scale => write!(f, "{sign}{}.{:0width$}", size / power, size % power, width = usize::from(scale)),
        }
    }
}

/// An exact ratio, above 0, in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ratio {
    /// Above the line.
    pub numerator: i64,
    /// Below the line.
    pub denominator: i64,
}

impl Ratio {
    /// One to one.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// `numerator` / `denominator` in lowest terms; `None` unless both are above 0.
    pub fn new(numerator: i64, denominator: i64) -> Option<Ratio> {
        Ratio::reduce(i128::from(numerator), i128::from(denominator))
    }

    /// The ratio that a decimal states; `None` unless above 0.
    pub fn from_decimal(decimal: Decimal) -> Option<Ratio> {
        Ratio::reduce(decimal.digits, 10_i128.pow(u32::from(decimal.scale)))
    }

    fn reduce(numerator: i128, denominator: i128) -> Option<Ratio> {
        if numerator <= 0 || denominator <= 0 {
            return None;
        }
        // Nearly all are whole, and to divide 128 bits is dear.
        if denominator == 1 {
            return Some(Ratio { numerator: i64::try_from(numerator).ok()?, denominator: 1 });
        }
        let shared = gcd(numerator, denominator);
        let numerator = i64::try_from(numerator / shared).ok()?;
        Some(Ratio { numerator, denominator: i64::try_from(denominator / shared).ok()? })
    }

    /// This ratio times another; `None` where the result does not fit 64 bits.
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        let top = i128::from(self.numerator) * i128::from(other.numerator);
        Ratio::reduce(top, i128::from(self.denominator) * i128::from(other.denominator))
    }

    /// The other way round.
    pub fn inverse(self) -> Ratio {
        Ratio { numerator: self.denominator, denominator: self.numerator }
    }

    /// How many whole units of this many base units fit into `base`, towards minus infinity, and
    /// whether nothing was left over.
    pub fn divide_floor(self, base: i64) -> (i64, bool) {
        let top = i128::from(base) * i128::from(self.denominator);
        let bottom = i128::from(self.numerator);
        let floor = top.div_euclid(bottom);
        // |floor| <= |base| * denominator, clamped: a count is at most 10^15 in any unit shown.
        let bounded = floor.clamp(-i128::from(LARGEST), i128::from(LARGEST));
        (bounded as i64, top.rem_euclid(bottom) == 0 && bounded == floor)
    }

    /// Whether it is above 1.
    pub fn above_one(self) -> bool {
        self.numerator > self.denominator
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

//! From numbers and unit words as a system writes them to whole base units.

use super::item::{Code, Item};
use super::quantity::{Decimal, LARGEST, NotWhole, Ratio};
use super::{Model, Name, SystemId, UnitId};

/// Why a number of a row is no count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The row's word for the unit is known neither here nor for this item.
    Word,
    /// The row names one unit, the mapping another.
    Disagrees,
    /// It is no whole number of base units.
    Fraction,
    /// It is above 10^15.
    TooLarge,
    /// It is taken off a count, and below 0: the count would rise by it.
    Negative,
}

/// The unit words of one read, each looked up once.
#[derive(Debug, Default)]
pub struct Words {
    units: Vec<Option<UnitId>>,
}

impl Words {
    /// Looks the words of a read of one system up.
    pub fn new(model: &Model, system: SystemId, words: &[Name]) -> Words {
        Words { units: words.iter().map(|word| unit_of(model, system, word)).collect() }
    }

    /// Base units in one of the unit in which a row counts; `word` is its index and text, `None` for an
    /// empty cell, which is the base unit.
    pub fn ratio(
        &self,
        model: &Model,
        code: &Code,
        item: &Item,
        word: Option<(u32, &Name)>,
    ) -> Result<Ratio, Misfit> {
        let found = match word {
            None => Ratio::ONE,
            Some((_, text)) if *text == code.measure.unit => return Ok(code.measure.ratio),
            Some((index, text)) => {
                let unit = self.units.get(index as usize).copied().flatten();
                pack_of(item, code.system, text)
                    .or_else(|| model.units.ratio(unit?, item.unit))
                    .ok_or(Misfit::Word)?
            }
        };
        agree(model, code, item, found)
    }
}

/// The unit of a line, which names it by text or not at all.
pub fn line_ratio(model: &Model, code: &Code, item: &Item, word: Option<&Name>) -> Result<Ratio, Misfit> {
    let Some(word) = word.filter(|word| **word != code.measure.unit) else { return Ok(code.measure.ratio) };
    let by_unit = || model.units.ratio(unit_of(model, code.system, word)?, item.unit);
    let found = pack_of(item, code.system, word).or_else(by_unit).ok_or(Misfit::Word)?;
    agree(model, code, item, found)
}

/// A mapping to the base unit leaves the row free to name its own; any other must agree with the row.
fn agree(model: &Model, code: &Code, item: &Item, found: Ratio) -> Result<Ratio, Misfit> {
    let mapped_to_base = code.measure.unit == model.units.get(item.unit).name;
    if mapped_to_base || found == code.measure.ratio { Ok(found) } else { Err(Misfit::Disagrees) }
}

fn unit_of(model: &Model, system: SystemId, word: &Name) -> Option<UnitId> {
    let says = |unit: &super::unit::Unit| unit.words.iter().any(|(s, w)| *s == system && w == word);
    let foreign = model.units.all.iter().position(says).map(UnitId::at);
    foreign.or_else(|| model.units.find(word))
}

fn pack_of(item: &Item, system: SystemId, word: &Name) -> Option<Ratio> {
    let foreign = item.packs().iter().find(|p| p.words.iter().any(|(s, w)| *s == system && w == word));
    foreign.or_else(|| item.packs().iter().find(|p| p.name == *word)).map(|pack| pack.ratio)
}

/// So many base units in a unit of `ratio` base units, exactly; `None` where that has no end behind the
/// point.
pub fn from_base(base: i64, ratio: Ratio) -> Option<Decimal> {
    let top = i128::from(base) * i128::from(ratio.denominator);
    let bottom = i128::from(ratio.numerator);
    (0..=12_u8).find_map(|scale| {
        let fine = top.checked_mul(10_i128.pow(u32::from(scale)))?;
        (fine % bottom == 0).then_some(Decimal { digits: fine / bottom, scale })
    })
}

/// A number in a unit of `ratio` base units, as whole base units. `slack` allows for sources that write
/// 52.4999999.
pub fn to_base(value: Decimal, ratio: Ratio, slack: bool) -> Result<i64, Misfit> {
    if value.scale == 0 && ratio == Ratio::ONE && value.digits.unsigned_abs() <= LARGEST as u128 {
        return Ok(value.digits as i64);
    }
    value.times(ratio, slack).map_err(|why| match why {
        NotWhole::Fraction => Misfit::Fraction,
        NotWhole::TooLarge => Misfit::TooLarge,
    })
}

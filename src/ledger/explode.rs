//! From a movement as a system shows it to whole base units of items: packs and bundles are taken apart.

use crate::model::convert::{Misfit, line_ratio, to_base};
use crate::model::item::Thing;
use crate::model::moved::Moved;
use crate::model::{ItemId, Model};

/// The items of a movement, with how many base units of each.
pub(super) fn explode(model: &Model, moved: &Moved) -> Result<Vec<(ItemId, i64)>, Misfit> {
    let code = model.code(moved.code);
    match code.thing {
        Thing::Item(item) => {
            let ratio = line_ratio(model, code, model.item(item), moved.unit.as_ref())?;
            Ok(vec![(item, to_base(moved.quantity, ratio, true)?)])
        }
        Thing::Bundle(bundle) => {
            let kits = to_base(moved.quantity, code.measure.ratio, false)?;
            let part = |item, each: i64| Ok((item, kits.checked_mul(each).ok_or(Misfit::TooLarge)?));
            model.bundle(bundle).components.iter().map(|own| part(own.item, own.quantity)).collect()
        }
    }
}

/// What is wrong with an amount, in words.
pub(super) fn told(model: &Model, moved: &Moved, why: Misfit) -> String {
    let code = model.code(moved.code);
    let unit = moved.unit.as_ref().unwrap_or(&code.measure.unit);
    match why {
        Misfit::Word => {
            format!("nobody declares the unit `{unit}` for `{}`: declare it, or a pack", code.code)
        }
        Misfit::Disagrees => format!(
            "it is in `{unit}`, and the topology counts `{}` in `{}`: make the two agree",
            code.code, code.measure.unit
        ),
        Misfit::Fraction => format!("{} {unit} is no whole number of base units", moved.quantity),
        Misfit::TooLarge => format!("{} {unit} is above 10^15 base units", moved.quantity),
        Misfit::Negative => format!("{} {unit} is below 0", moved.quantity),
    }
}

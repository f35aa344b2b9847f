//! The words by which systems call units and packs, beside the unit in which a code is counted.

use crate::model::id::Name;
use crate::model::item::{Code, Thing};
use crate::model::quantity::Ratio;
use crate::model::{Model, SystemId};

/// Whether a row that names this unit (`None`: it names none, which means the base unit) is counted in
/// the unit of its code. A bundle is counted in itself, whatever the word.
pub fn agrees(model: &Model, code: &Code, word: Option<&str>) -> bool {
    let Thing::Item(id) = code.thing else { return true };
    let Some(word) = word else { return code.measure.ratio == Ratio::ONE };
    let item = model.item(id);
    let called = |name: &Name, words: &[(SystemId, Name)]| {
        &**name == word || words.iter().any(|(system, own)| *system == code.system && &**own == word)
    };
    if let Some(pack) = item.packs().iter().find(|pack| called(&pack.name, &pack.words)) {
        return pack.ratio == code.measure.ratio;
    }
    let unit = model.units.all.iter().position(|unit| called(&unit.name, &unit.words));
    let ratio = unit.and_then(|at| model.units.ratio(crate::model::UnitId::at(at), item.unit));
    ratio == Some(code.measure.ratio)
}

/// How the code's system calls the unit in which the code is counted: its first own word for it, else the
/// topology's name.
pub fn word(model: &Model, code: &Code) -> Name {
    let own = |words: &[(SystemId, Name)]| {
        words.iter().find(|(system, _)| *system == code.system).map(|(_, word)| word.clone())
    };
    let Thing::Item(id) = code.thing else { return code.measure.unit.clone() };
    let pack = model.item(id).packs().iter().find(|pack| pack.name == code.measure.unit);
    let unit = model.units.find(&code.measure.unit).map(|id| model.units.get(id));
    let found = match (pack, unit) {
        (Some(pack), _) => own(&pack.words),
        (None, Some(unit)) => own(&unit.words),
        (None, None) => None,
    };
    found.unwrap_or_else(|| code.measure.unit.clone())
}

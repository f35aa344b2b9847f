//! What cells show right now, made ready to be compared with what a write depends on.

use super::count::shown;
use super::{Cell, Seen, units};
use crate::model::observation::{Levels, RowFailure};
use crate::model::{CodeId, LocationId, Model};
use std::collections::BTreeMap;

/// What some cells show, in the order asked: the same rows as a read of levels, made ready to be compared.
pub fn seen(model: &Model, levels: &Levels, cells: &[Cell]) -> Vec<Seen> {
    let mut broken: BTreeMap<(CodeId, LocationId), &RowFailure> = BTreeMap::new();
    for failure in &levels.failures {
        if let (Some(code), Some(location)) = (failure.code, failure.location) {
            broken.entry((code, location)).or_insert(failure);
        }
    }
    let one = |cell: &Cell| {
        if let Some(failure) = broken.get(&(cell.code, cell.location)) {
            let refused = format!("{} of {}: {}", failure.record, failure.source, failure.reason);
            return Seen { exists: true, refused: Some(refused), ..Default::default() };
        }
        match levels.find(cell.code, cell.location) {
            Some(row) => seen_row(model, levels, row),
            None => Seen::default(),
        }
    };
    cells.iter().map(one).collect()
}

fn seen_row(model: &Model, levels: &Levels, row: usize) -> Seen {
    let mut seen = Seen { exists: true, ..Default::default() };
    let word = levels.units.get(row).map(|unit| unit.map(|word| &*levels.words[word as usize]));
    let code = model.code(levels.codes[row]);
    if let Some(word) = word.filter(|word| !units::agrees(model, code, *word)) {
        seen.refused = Some(match word {
            Some(word) => format!(
                "the row is in `{}`, and the topology counts `{}` in `{}`; make the two agree",
                shown(word),
                code.code,
                code.measure.unit
            ),
            None => format!(
                "the row names no unit, which means the base unit, and the topology counts `{}` in `{}`; \
                 write the unit into the row",
                code.code, code.measure.unit
            ),
        });
        return seen;
    }
    for column in &levels.columns {
        let Some(value) = column.values.get(row) else { continue };
        match i64::try_from(value.digits).ok().filter(|_| value.scale == 0) {
            Some(whole) => seen.values.push((column.name.to_string(), whole)),
            None => {
                let reason = format!(
                    "`{}` shows {value} {}, and only whole numbers are written; mend the row there",
                    column.name, code.measure.unit
                );
                seen.refused.get_or_insert(reason);
            }
        }
    }
    seen.values.sort();
    seen
}

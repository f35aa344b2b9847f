//! From the steps of a count to the steps of a plan line and a short cause: ids become names.

use super::change::{Divide, Per, Step};
use crate::count::{Explained, Part};
use crate::model::flow::Keep;
use crate::model::quantity::Ratio;
use crate::model::{LocationId, Model, SystemId};

/// What is taken off for sales that no owner shows yet, as sums name it.
pub const PENDING: &str = "pending";

/// The steps of an explained cell, as a plan states them.
pub fn steps(model: &Model, explained: &Explained) -> Vec<Step> {
    explained.parts.iter().map(|part| step(model, explained, part)).collect()
}

fn step(model: &Model, explained: &Explained, part: &Part) -> Step {
    let inner = |parts: &[Part]| parts.iter().map(|part| step(model, explained, part)).collect();
    match part {
        Part::Term { quantity, owner, place, plus, value, lines } => {
            let quantity = model.quantity(*quantity).name.to_string();
            let from = Some(model.system(*owner).name.to_string());
            let at = Some(place_name(model, *owner, *place).to_owned());
            let lines = lines.iter().map(|line| line.to_string()).collect();
            match plus {
                true => Step::Plus { plus: quantity, from, at, value: *value },
                false => Step::Minus { minus: quantity, from, at, lines, value: *value },
            }
        }
        Part::Pending { value, lines } => {
            let lines = lines.iter().map(|line| line.to_string()).collect();
            Step::Minus { minus: PENDING.to_owned(), from: None, at: None, lines, value: *value }
        }
        Part::KeepBack { keep, value } => Step::KeepBack { keep_back: keep_text(*keep), value: *value },
        Part::Divide { weight, of, value } => {
            Step::Divide { divide: Divide { weight: *weight, of: *of }, value: *value }
        }
        Part::Per { component, parts, value } => {
            let item = model.item(component.item).name.to_string();
            let per = Per { item, quantity: component.quantity };
            Step::Per { per, parts: inner(parts), value: *value }
        }
        Part::Least { item, value } => {
            Step::Least { least: model.item(*item).name.to_string(), value: *value }
        }
        Part::Member { place, parts, value } => {
            Step::Pool { pool: model.location(*place).name.to_string(), parts: inner(parts), value: *value }
        }
        Part::Clamp => Step::Clamp { clamp: 0, value: 0 },
        Part::Unit { value } => {
            let code = model.code(explained.code);
            Step::Unit {
                unit: code.measure.unit.to_string(),
                ratio: code.measure.ratio.to_string(),
                value: *value,
            }
        }
        Part::Cap { cap } => Step::Cap { cap: *cap, value: *cap },
        Part::Bridge { column, value } => Step::Bridge { bridge: column.to_string(), value: *value },
    }
}

/// A place as a system calls it, or as the topology does where it has no code there.
fn place_name(model: &Model, system: SystemId, place: LocationId) -> &str {
    let location = model.location(place);
    location.code_in(system).and_then(|code| code.code.as_ref()).unwrap_or(&location.name)
}

fn keep_text(keep: Keep) -> String {
    match keep {
        Keep::Units(units) => units.to_string(),
        Keep::Share(share) => share_text(share),
    }
}

/// A share as the topology says it: `10%`, `12.5%`.
pub(super) fn share_text(share: Ratio) -> String {
    let hundred = Ratio { numerator: 100, denominator: 1 };
    let Some(percent) = share.times(hundred) else { return share.to_string() };
    let (mut top, bottom) = (i128::from(percent.numerator), i128::from(percent.denominator));
    let mut text = (top / bottom).to_string();
    top %= bottom;
    if top > 0 {
        text.push('.');
    }
    // A share is written as a decimal of at most 18 places, so the division ends.
    for _ in 0..18 {
        if top == 0 {
            break;
        }
        top *= 10;
        text.push(char::from(b'0' + (top / bottom) as u8));
        top %= bottom;
    }
    text + "%"
}

/// Why a cell is to change, in a few words: the sum, what limits it, and what was not certain.
pub fn cause(model: &Model, explained: &Explained) -> String {
    let mut words = vec![sum_text(model, &explained.parts)];
    for part in &explained.parts {
        match part {
            Part::Least { item, .. } => words.push(format!("limited by {}", model.item(*item).name)),
            Part::Clamp => words.push("clamped at 0".to_owned()),
            Part::Unit { .. } => {
                let code = model.code(explained.code);
                words.push(format!("in {} of {}", code.measure.unit, code.measure.ratio));
            }
            Part::Cap { cap } => words.push(format!("capped at {cap}")),
            _ => {}
        }
    }
    words.extend(explained.notes.iter().cloned());
    words.retain(|word| !word.is_empty());
    if words.is_empty() {
        words.push("nobody owns any part of it, so it counts as 0".to_owned());
    }
    words.join(", ")
}

/// How many members of a pool are named.
const MEMBERS: usize = 4;

/// `on-hand 14 − reserved 5`, `paris 9 + lyon 3`; for a bundle the sum of the component that limits.
fn sum_text(model: &Model, parts: &[Part]) -> String {
    let limiting = parts.iter().find_map(|part| match part {
        Part::Least { item, .. } => Some(*item),
        _ => None,
    });
    if let Some(item) = limiting {
        let of_item = parts.iter().find_map(|part| match part {
            Part::Per { component, parts, .. } if component.item == item => Some(parts),
            _ => None,
        });
        return of_item.map_or_else(String::new, |parts| sum_text(model, parts));
    }
    let mut text = String::new();
    let mut members = 0;
    for part in parts {
        let (plus, name, value) = match part {
            Part::Term { quantity, plus, value, .. } => (*plus, &*model.quantity(*quantity).name, *value),
            Part::Pending { value, .. } => (false, PENDING, *value),
            Part::Member { place, value, .. } => {
                members += 1;
                if members > MEMBERS {
                    continue;
                }
                (true, &*model.location(*place).name, *value)
            }
            _ => continue,
        };
        let sign = match (text.is_empty(), plus) {
            (true, true) => "",
            (true, false) => "−",
            (false, true) => " + ",
            (false, false) => " − ",
        };
        text.push_str(&format!("{sign}{name} {}", number(value)));
    }
    if members > MEMBERS {
        text.push_str(&format!(" + {} more", members - MEMBERS));
    }
    for part in parts {
        match part {
            Part::KeepBack { value, .. } => text.push_str(&format!(", kept back {value}")),
            Part::Divide { weight, of, .. } if weight < of => {
                text.push_str(&format!(", of which its part is {weight} of {of}"));
            }
            _ => {}
        }
    }
    text
}

/// A number with a real minus sign.
pub(super) fn number(value: i64) -> String {
    if value < 0 { format!("−{}", value.unsigned_abs()) } else { value.to_string() }
}

//! Units: families with exact ratios, and the words by which systems call them.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::Ratio;
use crate::model::{Lookup, Model, Name, SystemId, UnitId, unit};
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::syntax::ast::reader::bad;
use crate::syntax::ast::unit::{Unit, Words};
use std::collections::{HashMap, HashSet};

/// What is known about units beside the model.
#[derive(Default)]
pub struct Facts {
    /// Units whose definition was found wrong: what builds on them is not reported again.
    pub unsure: Vec<bool>,
    /// Units that another unit of their family exceeds.
    pub has_larger: Vec<bool>,
    /// Words given to systems that do not exist: they are not reported again.
    pub lost_words: HashSet<Name>,
    /// Systems' words.
    pub words: Lookup<(SystemId, Name), (UnitId, Span)>,
}

/// Declares and works out all units.
pub fn resolve(units: &[Unit], model: &mut Model, scope: &mut Scope, findings: &mut Findings) {
    let mut kept: Vec<&Unit> = Vec::with_capacity(units.len());
    for unit in units {
        if scope.units.declare(&unit.name, Some(UnitId::at(kept.len())), findings) {
            kept.push(unit);
        }
    }
    let mut parents: Vec<Option<(Ratio, UnitId)>> = Vec::with_capacity(kept.len());
    scope.unit_facts.unsure = vec![false; kept.len()];
    for (index, unit) in kept.iter().enumerate() {
        let parent = definition(unit, scope, findings);
        scope.unit_facts.unsure[index] = unit.faulty || (unit.of.is_some() && parent.is_none());
        parents.push(parent);
    }
    cut_cycles(&kept, &mut parents, &mut scope.unit_facts.unsure, findings);
    for unit in &kept {
        model.units.all.push(unit::Unit {
            name: unit.name.value.clone(),
            root: UnitId::at(model.units.all.len()),
            ratio: Ratio::ONE,
            words: Vec::new(),
            origin: unit.origin,
        });
    }
    flatten(&kept, &parents, model, (&mut scope.unit_facts.unsure, findings));
    larger(model, &mut scope.unit_facts);
    for (index, unit) in kept.iter().enumerate() {
        words(UnitId::at(index), &unit.words, model, scope, findings);
    }
}

fn definition(unit: &Unit, scope: &Scope, findings: &mut Findings) -> Option<(Ratio, UnitId)> {
    let (number, of) = unit.of.as_ref()?;
    let target = scope.units.find(of, findings);
    let Some(ratio) = Ratio::from_decimal(number.value) else {
        let message = format!("one `{}` cannot be {} of another unit", unit.name.value, number.value);
        findings.report(bad(number.span, &message).help(
            "write a ratio above 0, exactly: `unit kg \
         1000 g`",
        ));
        return None;
    };
    Some((ratio, target?))
}

/// Reports each circle once, and opens it.
fn cut_cycles(
    kept: &[&Unit],
    parents: &mut [Option<(Ratio, UnitId)>],
    unsure: &mut [bool],
    findings: &mut Findings,
) {
    // 0: not seen; otherwise the number of the walk that saw it.
    let mut seen = vec![0_usize; kept.len()];
    for start in 0..kept.len() {
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = start + 1;
            match parents[at] {
                Some((_, next)) => at = next.index(),
                None => break,
            }
        }
        if parents[at].is_none() || seen[at] != start + 1 {
            continue;
        }
        let mut circle = vec![at];
        while let Some((_, next)) = parents[*circle.last().unwrap_or(&at)] {
            if next.index() == at {
                break;
            }
            circle.push(next.index());
        }
        report_cycle(kept, &circle, findings);
        for index in circle {
            parents[index] = None;
            unsure[index] = true;
        }
    }
}

fn report_cycle(kept: &[&Unit], circle: &[usize], findings: &mut Findings) {
    let last = circle.iter().copied().max().unwrap_or(0);
    let from = circle.iter().position(|index| *index == last).unwrap_or(0);
    let names: Vec<&str> =
        circle.iter().cycle().skip(from).take(circle.len() + 1).map(|i| &*kept[*i].name.value).collect();
    let message = match names.as_slice() {
        [one, _] => format!("the unit `{one}` is defined by itself"),
        _ => format!("units are defined by each other: {}", names.join(" -> ")),
    };
    let mut found =
        Diagnostic::new(code::UNIT_CYCLE, kept[last].origin, message).here("closes the circle").help(
            "no ratio can be worked out: leave one of them without a ratio, as the unit that \
         the others count in",
        );
    for index in circle.iter().filter(|index| **index != last).take(8) {
        found = found.label(kept[*index].origin, "part of the circle");
    }
    findings.report(found);
}

/// Works out root and ratio of each unit; parents form no circle any more.
fn flatten(
    kept: &[&Unit],
    parents: &[Option<(Ratio, UnitId)>],
    model: &mut Model,
    (unsure, findings): (&mut [bool], &mut Findings),
) {
    let mut done = vec![false; kept.len()];
    for start in 0..kept.len() {
        let mut road = Vec::new();
        let mut at = start;
        while !done[at] {
            road.push(at);
            match parents[at] {
                Some((_, next)) => at = next.index(),
                None => break,
            }
        }
        for index in road.into_iter().rev() {
            done[index] = true;
            let Some((ratio, next)) = parents[index] else { continue };
            let parent = model.units.get(next).clone();
            unsure[index] |= unsure[next.index()];
            match ratio.times(parent.ratio) {
                Some(product) => {
                    let unit = &mut model.units.all[index];
                    (unit.root, unit.ratio) = (parent.root, product);
                }
                None => {
                    unsure[index] = true;
                    let message = format!("the ratio of `{}` does not fit", kept[index].name.value);
                    let found = bad(kept[index].origin, &message);
                    findings.report(found.help("ratios between units have at most 18 digits"));
                }
            }
        }
    }
}

fn larger(model: &Model, facts: &mut Facts) {
    let units = &model.units.all;
    let mut largest: HashMap<UnitId, Ratio> = HashMap::new();
    let above = |a: Ratio, b: Ratio| {
        i128::from(a.numerator) * i128::from(b.denominator)
            > i128::from(b.numerator) * i128::from(a.denominator)
    };
    for unit in units {
        let best = largest.entry(unit.root).or_insert(unit.ratio);
        if above(unit.ratio, *best) {
            *best = unit.ratio;
        }
    }
    facts.has_larger = units
        .iter()
        .map(|unit| largest.get(&unit.root).is_some_and(|best| above(*best, unit.ratio)))
        .collect();
}

fn words(id: UnitId, all: &[Words], model: &mut Model, scope: &mut Scope, findings: &mut Findings) {
    for own in all {
        let Some(system) = scope.systems.find(&own.system, findings) else {
            scope.unit_facts.lost_words.extend(own.words.iter().map(|word| word.value.clone()));
            continue;
        };
        for word in &own.words {
            let taken = scope.unit_facts.words.get(&(system, word.value.clone())).copied();
            let named = scope.units.get(&word.value).zip(scope.units.place(&word.value));
            match taken.or(named).filter(|(other, _)| *other != id) {
                Some((other, place)) => {
                    let other = &model.units.get(other).name;
                    findings.report(two_meanings(word, &own.system.value, (other, place)));
                }
                None => {
                    scope.unit_facts.words.insert((system, word.value.clone()), (id, word.span));
                    model.units.all[id.index()].words.push((system, word.value.clone()));
                }
            }
        }
    }
}

/// One word of a system that means two units.
pub fn two_meanings(word: &Word, system: &str, (other, place): (&str, Span)) -> Diagnostic {
    let message = format!("in `{system}` the word `{}` means two units", word.value);
    Diagnostic::new(code::UNIT_CONTRADICTION, word.span, message)
        .here("the second meaning")
        .label(place, format!("means `{other}` already"))
        .help("a count in that unit could be either: keep the word for one of them")
}

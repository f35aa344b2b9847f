//! Tests in a topology: names found, counts in base units.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;
use crate::model::quantity::{BASE, Ratio};
use crate::model::test::{Expect, Expected, Given, Test};
use crate::model::{ItemId, LocationId, Model, QuantityId, SystemId};
use crate::syntax::ast::reader::{bad, missing};
use crate::syntax::ast::value::{one_of, show};
use crate::syntax::ast::{Word, test};

/// Works out all tests.
pub fn resolve(tests: &[test::Test], model: &mut Model, scope: &Scope, findings: &mut Findings) {
    let mut names = super::names::Names::<()>::new("a test", &scope.lost);
    for own in tests {
        if !names.declare(&own.name, None, findings) {
            continue;
        }
        let given =
            own.given.iter().filter_map(|cells| resolve_given(cells, model, scope, findings)).collect();
        let expect =
            own.expect.iter().filter_map(|cells| resolve_expect(cells, model, scope, findings)).collect();
        model.tests.push(Test { name: own.name.value.clone(), given, expect, origin: own.origin });
    }
}

/// The system, quantity and place that a `given` or `expect` names.
fn place(
    own: &test::Cells,
    model: &Model,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<(SystemId, QuantityId, LocationId)> {
    let system = scope.systems.find(&own.system, findings);
    let quantity = scope.quantities.find(&own.quantity, findings);
    if let Some(word) = &own.at {
        let location = scope.locations.find(word, findings);
        return Some((system?, quantity?, location?));
    }
    let (system, quantity) = (system?, quantity?);
    let mapped = model.locations.iter().enumerate().filter(|(_, own)| own.code_in(system).is_some());
    let mapped: Vec<usize> = mapped.map(|(at, _)| at).collect();
    match mapped[..] {
        [one] => Some((system, quantity, LocationId::at(one))),
        _ => {
            let needs = format!("needs `at=`, since `{}` has {} locations", own.system.value, mapped.len());
            findings.report(
                missing("given", &needs, own.origin).help("add `at=` and the location that is meant"),
            );
            None
        }
    }
}

fn resolve_given(own: &test::Cells, model: &Model, scope: &Scope, findings: &mut Findings) -> Option<Given> {
    let (system, quantity, location) = place(own, model, scope, findings)?;
    if quantity.index() >= BASE.len() {
        let message = format!("`{}` is computed, so nobody can be given it", own.quantity.value);
        let found =
            Diagnostic::new(code::UNKNOWN_CHOICE, own.quantity.span, message).here("not a base quantity");
        findings
            .report(found.help(format!("give the base quantities that it is made of: {}", one_of(&BASE))));
        return None;
    }
    let mut given =
        Given { system, quantity, location, counts: Vec::new(), bundles: Vec::new(), origin: own.origin };
    for count in once(&own.counts, findings) {
        match scope.things.find(&count.name, findings) {
            Some(Thing::Item(item)) => {
                if let Some(base) = in_base(count, item, (model, scope), findings) {
                    given.counts.push((item, base, count.origin));
                }
            }
            Some(bundle) => given.bundles.push((bundle, count.name.span)),
            None => {}
        }
    }
    Some(given)
}

/// Counts whose names stand once.
fn once<'c>(counts: &'c [test::Count], findings: &mut Findings) -> Vec<&'c test::Count> {
    let mut seen = std::collections::HashMap::new();
    let mut kept = Vec::new();
    for count in counts {
        if let Some(first) = seen.insert(&count.name.value, count.name.span) {
            let message = format!("`{}` stands twice in one list of counts", show(&count.name.value));
            let found = Diagnostic::second(count.name.span, first, message);
            findings.report(found.help("only one can hold: remove the other"));
            continue;
        }
        kept.push(count);
    }
    kept
}

/// A count of an item in base units; `Some(None)` for `absent`, `None` where it cannot be used.
fn in_base(
    own: &test::Count,
    item: ItemId,
    (model, scope): (&Model, &Scope),
    findings: &mut Findings,
) -> Option<Option<i64>> {
    let Some(count) = &own.count else { return Some(None) };
    let id = item;
    let item = model.item(id);
    let ratio = match &own.unit {
        None => Ratio::ONE,
        Some(word) => match item.packs().iter().find(|pack| pack.name == word.value) {
            Some(pack) => {
                findings.used(super::names::PACK, word, Some(pack.origin));
                pack.ratio
            }
            None => {
                let unit = scope.units.find(word, findings).filter(|unit| scope.comparable(*unit, id))?;
                unit_ratio(model, unit, item, word, findings)?
            }
        },
    };
    match count.value.times(ratio, false) {
        Ok(base) => Some(Some(base)),
        Err(_) => {
            let unit = &model.units.get(item.unit).name;
            let found = bad(count.span, &format!("the count is no whole number of `{unit}`"));
            findings.report(found.help(format!("`{}` is counted in whole {unit}", item.name)));
            None
        }
    }
}

fn unit_ratio(
    model: &Model,
    unit: crate::model::UnitId,
    item: &crate::model::item::Item,
    word: &Word,
    findings: &mut Findings,
) -> Option<Ratio> {
    let ratio = model.units.ratio(unit, item.unit);
    if ratio.is_none() {
        let base = &model.units.get(item.unit).name;
        let message =
            format!("`{}` does not lead to `{base}`, in which `{}` is counted", word.value, item.name);
        let found =
            Diagnostic::new(code::UNIT_UNREACHABLE, word.span, message).here("another family of units");
        findings.report(found.help("write a unit of the same family, or a pack of the item"));
    }
    ratio
}

fn resolve_expect(
    own: &test::Cells,
    model: &Model,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<Expect> {
    let (system, quantity, location) = place(own, model, scope, findings)?;
    let mut counts = Vec::new();
    for count in once(&own.counts, findings) {
        scope.things.mention(&count.name, findings);
        let code = model.find_code(system, &count.name.value);
        let known = scope.things.knows(&count.name.value) || scope.things.is_lost(&count.name.value);
        let (thing, code) = match (scope.things.get(&count.name.value), code) {
            (Some(thing), _) => (thing, None),
            (None, Some(code)) => (model.code(code).thing, Some(count.name.value.clone())),
            (None, None) => {
                if !known {
                    scope.things.find(&count.name, findings);
                }
                continue;
            }
        };
        let Some(count_shown) = shown(count, findings) else { continue };
        counts.push(Expected { thing, code, count: count_shown, origin: count.origin });
    }
    Some(Expect { system, quantity, location, counts, origin: own.origin })
}

/// A count as the target shows it; `Some(None)` for `held`.
fn shown(own: &test::Count, findings: &mut Findings) -> Option<Option<i64>> {
    let Some(count) = &own.count else { return Some(None) };
    match count.value.times(Ratio::ONE, false) {
        Ok(count) => Some(Some(count)),
        Err(_) => {
            let found = bad(count.span, "a count that is shown is a whole number");
            findings.report(found.help("write the number in the unit that the target shows"));
            None
        }
    }
}

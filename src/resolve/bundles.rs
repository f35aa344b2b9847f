//! Bundles: opened into what one of each takes from the shelves, in base units.

use super::codes::{Codes, Draft, place};
use super::findings::Findings;
use super::nested::inside_out;
use super::{Scope, Things, renames};
use crate::diagnostic::{Diagnostic, code};
use crate::model::bundle::{Bundle, Component};
use crate::model::item::{Measure, Thing};
use crate::model::quantity::{LARGEST, Ratio};
use crate::model::{BundleId, ItemId, Model, Name};
use crate::source::Span;
use crate::syntax::ast::{Word, bundle};
use std::collections::BTreeMap;

/// What a component is, how much of it, and where that is written.
type Part = (Thing, i64, Span);

/// Works out all bundles: `declared` has their places in [`Things::bundles`], by id.
pub fn resolve(
    (things, declared): (&Things, &[usize]),
    (model, codes): (&mut Model, &mut Codes),
    scope: &Scope,
    findings: &mut Findings,
) {
    let kept: Vec<&bundle::Bundle> = declared.iter().map(|index| &things.bundles[*index]).collect();
    renames(kept.iter().filter_map(|own| Some((&own.name, own.was.as_ref()?))), &scope.things, findings);
    let mut parts = Vec::with_capacity(kept.len());
    for (index, own) in kept.iter().enumerate() {
        if own.components.is_empty() && !own.faulty {
            let message = format!("the bundle `{}` has no components", own.name.value);
            let found = Diagnostic::new(code::BUNDLE_EMPTY, own.name.span, message).here("made of nothing");
            findings.report(found.help(
                "its count is computed from what it is made of: name its \
             components",
            ));
        }
        let mut own_parts = Vec::with_capacity(own.components.len());
        for component in &own.components {
            own_parts.extend(part(component, model, scope, findings));
        }
        for (thing, ..) in &own_parts {
            if let Thing::Bundle(inner) = thing {
                findings.nested.push((*inner, BundleId::at(index)));
            }
        }
        own.tags.iter().for_each(|tag| findings.declared(super::names::TAG, tag, None));
        parts.push(own_parts);
        for entry in &own.codes {
            let system = scope.systems.find(&entry.system, findings);
            let at = place(entry, scope, findings);
            if let (Some(system), Ok(at)) = (system, at) {
                let thing = Thing::Bundle(BundleId::at(index));
                let measure = Measure { unit: Name::from("kit"), ratio: Ratio::ONE };
                codes.add(thing, Draft { system, code: entry.code.clone(), measure, at, order: own.order });
            }
        }
        model.bundles.push(Bundle {
            name: own.name.value.clone(),
            components: Vec::new(),
            tags: own.tags.iter().map(|word| word.value.clone()).collect(),
            was: own.was.as_ref().map(|word| word.value.clone()),
            origin: own.origin,
        });
    }
    open_all(&kept, &parts, model, findings);
}

fn part(
    component: &bundle::Component,
    model: &Model,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<Part> {
    let thing = scope.things.find(&component.name, findings);
    let number = component.quantity.as_ref()?;
    let wrong = |findings: &mut Findings, found: String| {
        let message = format!("a bundle takes {found} of `{}`", component.name.value);
        let found =
            Diagnostic::new(code::BUNDLE_QUANTITY, number.span, message).here("not a whole number above 0");
        findings.report(found.help(
            "one bundle takes whole base units from the shelf: write how many, or name a finer \
             unit with `unit=`",
        ));
    };
    if number.value.digits <= 0 {
        wrong(findings, number.value.to_string());
        return None;
    }
    let thing = thing?;
    let ratio = match (&component.unit, thing) {
        _ if component.faulty => return None,
        (None, _) => Ratio::ONE,
        (Some(word), Thing::Bundle(_)) => {
            let message = format!("`{}` is a bundle, which is counted in kits only", component.name.value);
            let found = Diagnostic::new(code::UNIT_UNREACHABLE, word.span, message).here("leads nowhere");
            findings.report(found.help("remove the unit"));
            return None;
        }
        (Some(word), Thing::Item(item)) => component_ratio(word, item, model, scope, findings)?,
    };
    match number.value.times(ratio, false) {
        Ok(quantity) if quantity > 0 => Some((thing, quantity, component.name.span)),
        _ => {
            let unit = component.unit.as_ref().map(|unit| format!(" {}", unit.value)).unwrap_or_default();
            wrong(findings, format!("{}{unit}", number.value));
            None
        }
    }
}

fn component_ratio(
    word: &Word,
    item: ItemId,
    model: &Model,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<Ratio> {
    let id = item;
    let item = model.item(id);
    if let Some(pack) = item.packs().iter().find(|pack| pack.name == word.value) {
        findings.used(super::names::PACK, word, Some(pack.origin));
        return Some(pack.ratio);
    }
    let known = scope.units.knows(&word.value);
    if !known {
        if scope.units.is_lost(&word.value) {
            return None;
        }
        let mut names: Vec<Name> = item.packs().iter().map(|pack| pack.name.clone()).collect();
        names.extend(scope.units.names().cloned());
        let near = findings.nearest(&word.value, names.iter()).map(str::to_owned);
        findings.report(super::names::unknown_unit(word, &item.name, near.as_deref()));
        return None;
    }
    scope.units.mention(word, findings);
    let unit = scope.units.get(&word.value)?;
    if !scope.comparable(unit, id) {
        return None;
    }
    let ratio = model.units.ratio(unit, item.unit);
    if ratio.is_none() {
        let base = &model.units.get(item.unit).name;
        let message =
            format!("no ratio leads from `{}` to `{base}`, the base unit of `{}`", word.value, item.name);
        let found = Diagnostic::new(code::UNIT_UNREACHABLE, word.span, message).here("leads nowhere");
        findings.report(found.label(item.origin, "its base unit is named here").help(
            "the quantity cannot be converted: name a pack of the item, or a multiple of its base unit",
        ));
    }
    ratio
}

/// Opens nested bundles.
fn open_all(kept: &[&bundle::Bundle], parts: &[Vec<Part>], model: &mut Model, findings: &mut Findings) {
    let bundles = |all: &Vec<Part>| -> Vec<(usize, Span)> {
        let inner = |(thing, _, span): &Part| match thing {
            Thing::Bundle(inner) => Some((inner.index(), *span)),
            Thing::Item(_) => None,
        };
        all.iter().filter_map(inner).collect()
    };
    let steps: Vec<Vec<(usize, Span)>> = parts.iter().map(bundles).collect();
    let inner: Vec<Vec<usize>> =
        steps.iter().map(|all| all.iter().map(|(inner, _)| *inner).collect()).collect();
    let (order, circles) = inside_out(&inner);
    for (at, next) in circles {
        let (inner, span) = steps[at][next];
        let message = format!("the bundle `{}` contains itself", kept[inner].name.value);
        findings.report(
            Diagnostic::new(code::BUNDLE_CYCLE, span, message)
                .here("leads back to it")
                .label(kept[inner].name.span, "declared here")
                .help("it could never be packed: remove this component, or name what is really inside"),
        );
    }
    for at in order {
        model.bundles[at].components = sum(&parts[at], kept[at], model, findings);
    }
}

fn sum(parts: &[Part], own: &bundle::Bundle, model: &Model, findings: &mut Findings) -> Vec<Component> {
    let mut totals: BTreeMap<ItemId, i128> = BTreeMap::new();
    for (thing, quantity, _) in parts {
        let times = i128::from(*quantity);
        match thing {
            Thing::Item(item) => *totals.entry(*item).or_default() += times,
            Thing::Bundle(inner) => {
                for component in &model.bundle(*inner).components {
                    *totals.entry(component.item).or_default() += times * i128::from(component.quantity);
                }
            }
        }
    }
    let mut components = Vec::with_capacity(totals.len());
    for (item, total) in totals {
        match i64::try_from(total).ok().filter(|total| *total <= LARGEST) {
            Some(quantity) => components.push(Component { item, quantity }),
            None => {
                let message =
                    format!("one `{}` takes more than 10^15 of `{}`", own.name.value, model.item(item).name);
                let found = Diagnostic::new(code::BUNDLE_QUANTITY, own.name.span, message).here("too much");
                findings.report(found.help(
                    "counts go up to 10^15: check the quantities of its \
                 components",
                ));
            }
        }
    }
    components
}

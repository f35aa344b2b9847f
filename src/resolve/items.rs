//! Items: base units, packs and codes.

use super::codes::{Codes, Draft, place};
use super::findings::Findings;
use super::names::{PACK, TAG};
use super::{Scope, Things, renames, units};
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::{Item, Pack, Thing};
use crate::model::quantity::{Decimal, Ratio};
use crate::model::{BundleId, ItemId, Lookup, Model, Name, SystemId, UnitId};
use crate::source::Span;
use crate::syntax::ast::reader::bad;
use crate::syntax::ast::{Word, item};

/// Which of the written things became which thing of the model.
pub struct Declared {
    /// Places in [`Things::items`], by item id.
    pub items: Vec<usize>,
    /// Places in [`Things::bundles`], by bundle id.
    pub bundles: Vec<usize>,
}

/// Declares items and bundles in reading order: they share their names.
pub fn declare(things: &Things, scope: &mut Scope, findings: &mut Findings) -> Declared {
    let mut declared = Declared { items: Vec::new(), bundles: Vec::new() };
    let (mut i, mut b) = (0, 0);
    while i < things.items.len() || b < things.bundles.len() {
        let item = things.items.get(i);
        let bundle = things.bundles.get(b);
        let item_first = item.is_some_and(|item| bundle.is_none_or(|bundle| item.order <= bundle.order));
        let (word, origin, thing) = match (item, bundle) {
            (Some(item), _) if item_first => {
                i += 1;
                (&item.name, item.origin, Thing::Item(ItemId::at(declared.items.len())))
            }
            (_, Some(bundle)) => {
                b += 1;
                (&bundle.name, bundle.origin, Thing::Bundle(BundleId::at(declared.bundles.len())))
            }
            _ => break,
        };
        if !scope.things.declare(word, Some(thing), findings) {
            continue;
        }
        if findings.catalogs.contains_key(&origin.source) {
            findings.things.insert((origin.source, origin.start), thing);
        }
        match thing {
            Thing::Item(_) => declared.items.push(i - 1),
            Thing::Bundle(_) => declared.bundles.push(b - 1),
        }
    }
    declared
}

/// Works out all items. Says of each whether all is known about its base unit.
pub fn resolve(
    things: &Things,
    declared: &Declared,
    (model, codes): (&mut Model, &mut Codes),
    scope: &Scope,
    findings: &mut Findings,
) -> Vec<bool> {
    let mut bases = Vec::with_capacity(declared.items.len());
    let items = || declared.items.iter().map(|index| &things.items[*index]);
    renames(items().filter_map(|own| Some((&own.name, own.was.as_ref()?))), &scope.things, findings);
    for (index, own) in items().enumerate() {
        let unit = own.unit.as_ref().and_then(|word| scope.units.find(word, findings));
        let base = Base { unit, sure: unit.is_some_and(|id| !scope.unit_facts.unsure[id.index()]) };
        bases.push(base.sure);
        own.tags.iter().for_each(|tag| findings.declared(TAG, tag, None));
        let packs = packs(own, &base, model, scope, findings);
        for entry in &own.codes {
            let unit = code_unit(entry, own, &base, (&packs, model, scope), findings);
            let system = scope.systems.find(&entry.system, findings);
            let at = place(entry, scope, findings);
            if let (Some(system), Ok(at), Some((unit, ratio))) = (system, at, unit) {
                let thing = Thing::Item(ItemId::at(index));
                codes.add(system, at, Draft { entry, thing, unit, ratio, order: own.order });
            }
        }
        model.items.push(Item {
            name: own.name.value.clone(),
            unit: unit.unwrap_or_default(),
            packs: packs.into_iter().map(|(pack, _)| pack).collect(),
            tags: own.tags.iter().map(|word| word.value.clone()).collect(),
            was: own.was.as_ref().map(|word| word.value.clone()),
            origin: own.origin,
        });
    }
    bases
}

/// An item's base unit.
struct Base {
    unit: Option<UnitId>,
    /// Whether everything is known about it.
    sure: bool,
}

/// A pack, and whether its size is known.
type Known = (Pack, bool);

fn packs(own: &item::Item, base: &Base, model: &Model, scope: &Scope, findings: &mut Findings) -> Vec<Known> {
    if own.packs.is_empty() {
        return Vec::new();
    }
    let mut places: Lookup<&str, usize> = Lookup::default();
    let mut kept: Vec<&item::Pack> = Vec::new();
    for pack in &own.packs {
        if let Some(unit) = scope.units.place(&pack.name.value) {
            let message = format!("the pack `{}` bears the name of a unit", pack.name.value);
            let found = Diagnostic::new(code::UNIT_CONTRADICTION, pack.name.span, message);
            let found = found.here("a pack").label(unit, "a unit");
            findings.report(found.help("a count in it could be either: give the pack a name of its own"));
            // Under the unit's name nothing is reported about it again.
            continue;
        }
        if let Some(first) = places.get(&*pack.name.value) {
            let message = format!("`{}` has two packs `{}`", own.name.value, pack.name.value);
            let found = Diagnostic::second(pack.name.span, kept[*first].name.span, message);
            findings.report(found.help("a pack has one size: remove the other, or rename it"));
            continue;
        }
        findings.declared(PACK, &pack.name, Some(pack.origin));
        places.insert(&pack.name.value, kept.len());
        kept.push(pack);
    }
    let sizes = pack_sizes(own, &kept, (&places, base), (model, scope), findings);
    let words = pack_words(own, &kept, (model, scope), findings);
    let built = kept.iter().zip(sizes).zip(words).map(|((pack, ratio), words)| {
        let name = pack.name.value.clone();
        (Pack { name, ratio: ratio.unwrap_or(Ratio::ONE), words, origin: pack.origin }, ratio.is_some())
    });
    built.collect()
}

/// Base units in each pack; `None` where that is not known, which has been said.
fn pack_sizes(
    own: &item::Item,
    kept: &[&item::Pack],
    (places, base): (&Lookup<&str, usize>, &Base),
    (model, scope): (&Model, &Scope),
    findings: &mut Findings,
) -> Vec<Option<Ratio>> {
    let mut sizes: Vec<Option<Ratio>> = vec![None; kept.len()];
    // 0: not seen; 1: on the road; 2: done.
    let mut state = vec![0_u8; kept.len()];
    for start in 0..kept.len() {
        let mut road = Vec::new();
        let mut at = start;
        while state[at] == 0 {
            state[at] = 1;
            road.push(at);
            match kept[at].of.as_ref().and_then(|of| places.get(&*of.value)) {
                Some(inner) => at = *inner,
                None => break,
            }
        }
        if state[at] == 1 && kept[at].of.as_ref().is_some_and(|of| places.contains_key(&*of.value)) {
            let last = road.iter().copied().max().unwrap_or(at);
            let message =
                format!("the pack `{}` of `{}` holds itself", kept[last].name.value, own.name.value);
            let found =
                Diagnostic::new(code::UNIT_CYCLE, kept[last].origin, message).here("closes the circle");
            findings.report(
                found.help("no size can be worked out: say of one of them how many base units it holds"),
            );
            for index in road.drain(..) {
                state[index] = 2;
            }
        }
        for index in road.into_iter().rev() {
            state[index] = 2;
            sizes[index] = pack_size(own, kept[index], (places, &sizes, base), (model, scope), findings);
        }
    }
    sizes
}

fn pack_size(
    own: &item::Item,
    pack: &item::Pack,
    (places, sizes, base): (&Lookup<&str, usize>, &[Option<Ratio>], &Base),
    (model, scope): (&Model, &Scope),
    findings: &mut Findings,
) -> Option<Ratio> {
    let (name, item) = (&pack.name.value, &own.name.value);
    let of = match &pack.of {
        _ if pack.faulty => None,
        None => Some(Ratio::ONE),
        Some(word) => match places.get(&*word.value) {
            Some(inner) => {
                let home = own.packs.iter().find(|own| own.name.value == word.value);
                findings.used(PACK, word, home.map(|own| own.origin));
                sizes[*inner]
            }
            None => unit_ratio(word, own, base, (model, scope), findings),
        },
    };
    let size = pack.size.as_ref()?;
    let too_small = |findings: &mut Findings| {
        let message = format!("the pack `{name}` of `{item}` holds no more than one");
        let found = Diagnostic::new(code::PACK_SIZE, size.span, message).here("not above 1");
        findings.report(found.help(
            "a pack holds more than one of what is in it: write its size, or \
             remove it",
        ));
    };
    let inner_pack = pack.of.as_ref().is_none_or(|word| places.contains_key(&*word.value));
    if size.value.digits <= 0 || (inner_pack && size.value <= Decimal::whole(1)) {
        too_small(findings);
        return None;
    }
    let of = of?;
    let ratio = Ratio::from_decimal(size.value).and_then(|ratio| ratio.times(of));
    let Some(ratio) = ratio else {
        findings.report(bad(size.span, "the size of the pack does not fit").help(
            "sizes have at most \
             18 digits",
        ));
        return None;
    };
    if !ratio.above_one() {
        too_small(findings);
        return None;
    }
    if ratio.denominator != 1 {
        findings.report(fraction(size.span, item, name, ratio));
        return None;
    }
    Some(ratio)
}

fn fraction(span: Span, item: &str, unit: &str, ratio: Ratio) -> Diagnostic {
    let message = format!("one `{unit}` of `{item}` is {ratio} of its base unit, which is no whole number");
    Diagnostic::new(code::UNIT_FRACTION, span, message).here("finer than the base unit").help(
        "counts are whole base units, so most counts in it could not be kept: give the item a \
         finer base unit",
    )
}

/// Base units in one of a declared unit.
fn unit_ratio(
    word: &Word,
    own: &item::Item,
    base: &Base,
    (model, scope): (&Model, &Scope),
    findings: &mut Findings,
) -> Option<Ratio> {
    if !scope.units.knows(&word.value) {
        if scope.unit_facts.lost_words.contains(&word.value) || scope.units.is_lost(&word.value) {
            return None;
        }
        let mut known: Vec<Name> = own.packs.iter().map(|pack| pack.name.value.clone()).collect();
        known.extend(scope.units.list().iter().cloned());
        let near = findings.nearest(&word.value, &known).map(str::to_owned);
        findings.report(super::names::unknown_unit(word, &own.name.value, near.as_deref()));
        return None;
    }
    scope.units.mention(word, findings);
    let unit = scope.units.get(&word.value)?;
    let target = base.unit.filter(|_| base.sure && !scope.unit_facts.unsure[unit.index()])?;
    match model.units.ratio(unit, target) {
        Some(ratio) => Some(ratio),
        None => {
            let base = &model.units.get(target).name;
            let message = format!(
                "no ratio leads from `{}` to `{base}`, the base unit of `{}`",
                word.value, own.name.value
            );
            let found = Diagnostic::new(code::UNIT_UNREACHABLE, word.span, message).here("leads nowhere");
            let found = match &own.unit {
                Some(unit) if unit.span.source == word.span.source => found.label(
                    unit.span,
                    "the \
                 base unit",
                ),
                _ => found,
            };
            findings.report(found.help(format!(
                "counts in it cannot be converted: give the item a pack `{}`, or name a unit that \
                 is a multiple of `{base}`",
                word.value
            )));
            None
        }
    }
}

fn pack_words(
    own: &item::Item,
    kept: &[&item::Pack],
    (model, scope): (&Model, &Scope),
    findings: &mut Findings,
) -> Vec<Vec<(SystemId, Name)>> {
    let mut taken: Lookup<(SystemId, Name), (usize, Span)> = Lookup::default();
    let mut all = Vec::with_capacity(kept.len());
    for (index, pack) in kept.iter().enumerate() {
        let mut words = Vec::new();
        for entry in &pack.words {
            let Some(system) = scope.systems.find(&entry.system, findings) else { continue };
            for word in &entry.words {
                let key = (system, word.value.clone());
                let unit = scope.unit_facts.words.get(&key).copied();
                let unit = unit.or(scope.units.get(&word.value).zip(scope.units.place(&word.value)));
                let unit = unit.map(|(id, span)| (&*model.units.get(id).name, span));
                let pack = taken.get(&key).filter(|(other, _)| *other != index);
                let pack = pack.map(|(other, span)| (&*kept[*other].name.value, *span));
                let sibling =
                    kept.iter().enumerate().find(|(i, p)| *i != index && p.name.value == word.value);
                let sibling = sibling.map(|(_, p)| (&*p.name.value, p.name.span));
                if let Some(other) = unit.or(pack).or(sibling) {
                    findings.report(units::two_meanings(word, &entry.system.value, other));
                    continue;
                }
                taken.insert(key.clone(), (index, word.span));
                words.push(key);
            }
        }
        all.push(words);
    }
    debug_assert_eq!(all.len(), kept.len(), "{}", own.name.value);
    all
}

/// The unit of a code and base units in one; `None` where that has been found wrong.
fn code_unit(
    entry: &item::In,
    own: &item::Item,
    base: &Base,
    (packs, model, scope): (&[Known], &Model, &Scope),
    findings: &mut Findings,
) -> Option<(Name, Ratio)> {
    let Some(word) = &entry.unit else {
        let name = base.unit.map(|id| model.units.get(id).name.clone());
        return (!entry.faulty).then(|| (name.unwrap_or_else(|| Name::from("")), Ratio::ONE));
    };
    if let Some((pack, sure)) = packs.iter().find(|(pack, _)| pack.name == word.value) {
        findings.used(PACK, word, Some(pack.origin));
        // A pack of unknown size still names a unit: the code stays, the error is told once.
        return Some((pack.name.clone(), if *sure { pack.ratio } else { Ratio::ONE }));
    }
    let by_word = foreign(entry, word, (packs, scope));
    let word = &by_word.unwrap_or_else(|| word.clone());
    if let Some((pack, _)) = packs.iter().find(|(pack, _)| pack.name == word.value) {
        findings.used(PACK, word, Some(pack.origin));
        return Some((pack.name.clone(), pack.ratio));
    }
    let lost = own.packs.iter().any(|pack| pack.name.value == word.value);
    if lost && !scope.units.knows(&word.value) {
        return Some((word.value.clone(), Ratio::ONE));
    }
    let ratio = unit_ratio(word, own, base, (model, scope), findings);
    if let Some(ratio) = ratio.filter(|ratio| ratio.denominator != 1) {
        findings.report(fraction(word.span, &own.name.value, &word.value, ratio));
    }
    Some((word.value.clone(), ratio.unwrap_or(Ratio::ONE)))
}

/// In a catalog a cell may hold the system's own word for a unit.
fn foreign(entry: &item::In, word: &Word, (packs, scope): (&[Known], &Scope)) -> Option<Word> {
    let system = scope.systems.get(&entry.system.value)?;
    if scope.units.knows(&word.value) || word.span.source == entry.system.span.source {
        return None;
    }
    let unit = scope.unit_facts.words.get(&(system, word.value.clone())).map(|(id, _)| *id);
    let unit = unit.and_then(|id| scope.units.list().get(id.index()).cloned());
    let pack = packs.iter().find(|(pack, _)| pack.words.contains(&(system, word.value.clone())));
    let name = unit.or(pack.map(|(pack, _)| pack.name.clone()))?;
    Some(Word { value: name, span: word.span })
}

/// Warns of items that no system knows.
pub fn unmapped(things: &Things, declared: &Declared, model: &Model, findings: &mut Findings) {
    for index in &declared.items {
        let own = &things.items[*index];
        if own.codes.is_empty() && !own.faulty {
            let message = format!("no system knows the item `{}`", own.name.value);
            findings.report(
                Diagnostic::new(code::ITEM_UNMAPPED, own.name.span, message).here("mapped nowhere").help(
                    "it is counted and published nowhere, most likely by mistake: map it with `in \
                 SYSTEM CODE`, or \
                 remove it",
                ),
            );
        }
    }
    debug_assert!(model.items.len() <= things.items.len());
}

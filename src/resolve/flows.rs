//! Flows: what is published where, how the target takes it, and what is kept back.

use super::findings::Findings;
use super::lag::lag;
use super::owners::{locations, mapped};
use super::select::Picker;
use super::{Scope, movements, renames};
use crate::diagnostic::{Diagnostic, code};
use crate::model::flow::{Flow, Keep, KeepBack, Window, WriteAs};
use crate::model::item::Thing;
use crate::model::quantity::{self, Decimal, Ratio};
use crate::model::set::{Bits, Things};
use crate::model::{FlowId, ItemId, Model, Name, QuantityId, SystemId};
use crate::syntax::ast::reader::bad;
use crate::syntax::ast::{Spanned, Word, flow};
use std::collections::BTreeMap;

/// Works out all flows.
pub fn resolve(
    flows: &[flow::Flow],
    (model, picker): (&mut Model, &Picker),
    scope: &Scope,
    findings: &mut Findings,
) {
    let mut names = super::names::Names::<FlowId>::new("a flow", &scope.lost);
    let kept: Vec<&flow::Flow> =
        flows.iter().filter(|own| names.declare(&own.name, None, findings)).collect();
    renames(kept.iter().filter_map(|own| Some((&own.name, own.was.as_ref()?))), &names, findings);
    for own in kept {
        if movements::collects(own) {
            movements::resolve(own, model, scope, findings);
            continue;
        }
        let lag = lag(own, scope, findings);
        let window = window(own, scope, findings);
        let things = picker.pick(&own.select, scope, findings);
        let at = own.at.as_ref().map(|words| locations(words, scope, findings));
        let Some((quantity, to, publish_origin)) = &own.publish else { continue };
        let quantity = scope.quantities.find(quantity, findings);
        let to = scope.systems.find(to, findings);
        let (Some(quantity), Some(to)) = (quantity, to) else { continue };
        let drawn = drawn(model, to, &things);
        let mut keep_back = Vec::new();
        for keep in &own.keep_back {
            let mut items = picker.pick(&keep.select, scope, findings).items;
            items.intersect(&drawn);
            kept_back(keep, &items, model, (scope, &mut keep_back), findings);
        }
        model.flows.push(Flow {
            name: own.name.value.clone(),
            quantity,
            to,
            write: write_as(model, to, quantity),
            at: at.unwrap_or_else(|| mapped(model, to, own.origin, true)),
            things,
            lag,
            window,
            rollout: own.rollout,
            keep_back,
            cap: own.cap,
            guard: own.guard.clone(),
            was: own.was.as_ref().map(|word| word.value.clone()),
            publish_origin: *publish_origin,
            origin: own.origin,
        });
    }
}

fn window(own: &flow::Flow, scope: &Scope, findings: &mut Findings) -> Option<Window> {
    let window = own.window.as_ref()?;
    let calendar = scope.calendar(window.calendar.as_ref(), findings);
    let (from, to, holds_all, origin) = (window.from, window.to, window.holds_all, window.origin);
    Some(Window { from, to, calendar, holds_all, origin })
}

/// The items whose cells a flow draws on: those it publishes, and components of its bundles.
fn drawn(model: &Model, to: SystemId, things: &Things) -> Bits {
    let mut items = Bits::default();
    for id in model.codes_of(to) {
        let thing = model.codes[id as usize].thing;
        match thing {
            _ if !things.contains(thing) => {}
            Thing::Item(item) => items.insert(item.index()),
            Thing::Bundle(kit) => {
                model.bundle(kit).components.iter().for_each(|part| items.insert(part.item.index()));
            }
        }
    }
    items
}

/// How a system takes a quantity; `None` where it cannot.
fn write_as(model: &Model, to: SystemId, quantity: QuantityId) -> Option<WriteAs> {
    let system = model.system(to);
    let name = |id: QuantityId| model.quantity(id).name.clone();
    if !system.kind.generic {
        let takes = |wanted: &str| system.kind.takes.iter().find(|taken| taken.quantity == wanted);
        let own = model.quantity(quantity).origin.is_some();
        // People read a shop's count as what is available, whatever sum of ours it stands for.
        let taken = takes(&name(quantity)).or(own.then(|| takes("available")).flatten())?;
        let bridge = taken.bridge.iter().copied().map(Name::from).collect();
        return Some(WriteAs { column: Name::from(taken.column), bridge });
    }
    let levels = system.levels.as_ref()?;
    let has = |id: QuantityId| levels.counts.iter().any(|(known, _)| *known == id);
    if has(quantity) {
        return Some(WriteAs { column: name(quantity), bridge: Vec::new() });
    }
    if quantity != quantity::AVAILABLE || !has(quantity::ON_HAND) {
        return None;
    }
    let on_hand = system.shows.iter().find(|shown| shown.quantity == quantity::ON_HAND)?;
    let terms = [quantity::RESERVED, quantity::DAMAGED, quantity::SAFETY_STOCK].into_iter();
    let bridge = terms.filter(|id| has(*id) && !on_hand.net_of.contains(&name(*id))).map(name).collect();
    Some(WriteAs { column: name(quantity::ON_HAND), bridge })
}

/// One `keep-back`, item by item where its unit makes that necessary.
fn kept_back(
    own: &flow::KeepBack,
    items: &Bits,
    model: &Model,
    (scope, kept): (&Scope, &mut Vec<KeepBack>),
    findings: &mut Findings,
) {
    let (number, unit) = match &own.amount {
        flow::Amount::Share(share) => {
            kept.push(KeepBack { amount: Keep::Share(*share), items: items.clone(), origin: own.origin });
            return;
        }
        flow::Amount::Number(number, unit) => (number, unit),
    };
    if let Some(word) = unit {
        scope.units.mention(word, findings);
        let mut packs = items.iter().flat_map(|item| model.items[item].packs());
        if let Some(pack) = packs.find(|pack| pack.name == word.value) {
            findings.used(super::names::PACK, word, Some(pack.origin));
        }
        let pack = |item: usize| model.items[item].packs().iter().any(|pack| pack.name == word.value);
        if !scope.units.knows(&word.value) && !items.iter().any(pack) {
            if !items.is_empty() || scope.things.names().len() == 0 {
                scope.units.find(word, findings);
            }
            return;
        }
    }
    let mut amounts: BTreeMap<i64, Bits> = BTreeMap::new();
    let mut failed: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for item in items.iter() {
        match amount(number.value, unit.as_ref(), ItemId::at(item), (model, scope)) {
            Ok(amount) => amounts.entry(amount).or_default().insert(item),
            Err("") => {}
            Err(why) => failed.entry(why).or_insert((item, 0)).1 += 1,
        }
    }
    for (why, example) in failed {
        findings.report(keep_back_finding(why, example, model, (number, unit.as_ref())));
    }
    for (amount, items) in amounts {
        kept.push(KeepBack { amount: Keep::Units(amount), items, origin: own.origin });
    }
}

/// What is kept back of one item, in base units; or the slug of what is wrong, empty where that has
/// been said.
fn amount(
    number: Decimal,
    unit: Option<&Word>,
    item: ItemId,
    (model, scope): (&Model, &Scope),
) -> Result<i64, &'static str> {
    let id = item;
    let item = model.item(id);
    if !scope.bases[id.index()] {
        return Err("");
    }
    let ratio = match unit {
        None if scope.unit_facts.has_larger[item.unit.index()] => return Err(code::KEEP_BACK_UNIT.slug),
        None => Ratio::ONE,
        Some(word) => match item.packs().iter().find(|pack| pack.name == word.value) {
            Some(pack) => pack.ratio,
            None => {
                let unit = scope.units.get(&word.value).ok_or(code::UNIT_UNREACHABLE.slug)?;
                if !scope.comparable(unit, id) {
                    return Err("");
                }
                model.units.ratio(unit, item.unit).ok_or(code::UNIT_UNREACHABLE.slug)?
            }
        },
    };
    number.times(ratio, false).map_err(|_| code::BAD_VALUE.slug)
}

fn keep_back_finding(
    why: &str,
    (item, count): (usize, usize),
    model: &Model,
    (number, unit): (&Spanned<Decimal>, Option<&Word>),
) -> Diagnostic {
    let item = &model.items[item];
    let base = &model.units.get(item.unit).name;
    let others = match count {
        1 => String::new(),
        2 => ", and of one more item".to_owned(),
        many => format!(", and of {} more items", many - 1),
    };
    let amount = match unit {
        Some(unit) => format!("{} {}", number.value, unit.value),
        None => number.value.to_string(),
    };
    if why == code::KEEP_BACK_UNIT.slug {
        let message = format!("a keep-back of {amount} means {amount} {base} of `{}`{others}", item.name);
        return Diagnostic::new(code::KEEP_BACK_UNIT, number.span, message)
            .here("in which unit?")
            .label(item.origin, format!("counted in `{base}`, which has larger units"))
            .help(
                "so little is hardly meant: write the unit behind the number, and use `items` to say of what",
            );
    }
    if why == code::UNIT_UNREACHABLE.slug {
        let span = unit.map_or(number.span, |unit| unit.span);
        let message = format!("{amount} cannot be kept back of `{}`, counted in `{base}`{others}", item.name);
        return Diagnostic::new(code::UNIT_UNREACHABLE, span, message)
            .here("leads nowhere")
            .label(item.origin, format!("counted in `{base}`"))
            .help("say with `items` which items it is for, and keep the others back in a unit of theirs");
    }
    let message = format!("{amount} is no whole number of `{base}` for `{}`{others}", item.name);
    bad(number.span, &message).help("counts are whole base units: write an amount that comes out whole")
}

//! Packs of items: each with its size in base units, and the words by which systems call it.

use super::findings::Findings;
use super::names::PACK;
use super::{Scope, units};
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Pack;
use crate::model::quantity::{Decimal, Ratio};
use crate::model::unit::Units;
use crate::model::{Lookup, Name, SystemId, UnitId};
use crate::source::Span;
use crate::syntax::ast::reader::bad;
use crate::syntax::ast::{Word, item};

/// An item's base unit.
pub struct Base {
    /// `None` where it has been found wrong.
    pub unit: Option<UnitId>,
    /// Whether everything is known about it.
    pub sure: bool,
}

/// The written packs that count, in order, and how far the size of each is worked out.
#[derive(Default)]
struct Kept<'t> {
    list: Vec<(&'t item::Pack, Size)>,
    /// Places by name, where there are more than are soon looked through.
    index: Lookup<&'t str, usize>,
}

impl<'t> Kept<'t> {
    const FEW: usize = 8;

    fn push(&mut self, pack: &'t item::Pack) {
        self.list.push((pack, Size::New));
        if self.list.len() > Kept::FEW {
            let fresh = self.list.iter().enumerate().skip(self.index.len());
            self.index.extend(fresh.map(|(at, (pack, _))| (&*pack.name.value, at)));
        }
    }

    /// The place of the pack of a name.
    fn place(&self, name: &str) -> Option<usize> {
        match self.list.len() > Kept::FEW {
            true => self.index.get(name).copied(),
            false => self.list.iter().position(|(pack, _)| *pack.name.value == *name),
        }
    }

    /// The place of the pack that a pack counts in.
    fn inner(&self, at: usize) -> Option<usize> {
        self.place(&self.list[at].0.of.as_ref()?.value)
    }
}

/// The packs of an item, each with its size worked out.
pub fn packs(
    own: &item::Item,
    base: &Base,
    ratios: &Units,
    scope: &Scope,
    findings: &mut Findings,
) -> Vec<Pack> {
    if own.packs.is_empty() {
        return Vec::new();
    }
    let mut kept = Kept { list: Vec::with_capacity(own.packs.len()), ..Kept::default() };
    for pack in &own.packs {
        if let Some(unit) = scope.units.place(&pack.name.value) {
            let message = format!("the pack `{}` bears the name of a unit", pack.name.value);
            let found = Diagnostic::new(code::UNIT_CONTRADICTION, pack.name.span, message);
            let found = found.here("a pack").label(unit, "a unit");
            findings.report(found.help("a count in it could be either: give the pack a name of its own"));
            // Under the unit's name nothing is reported about it again.
            continue;
        }
        if let Some(first) = kept.place(&pack.name.value) {
            let message = format!("`{}` has two packs `{}`", own.name.value, pack.name.value);
            let found = Diagnostic::second(pack.name.span, kept.list[first].0.name.span, message);
            findings.report(found.help("a pack has one size: remove the other, or rename it"));
            continue;
        }
        findings.declared(PACK, &pack.name, Some(pack.origin));
        kept.push(pack);
    }
    pack_sizes(own, &mut kept, base, (ratios, scope), findings);
    let mut taken = Lookup::default();
    let built = kept.list.iter().enumerate().map(|(at, (pack, size))| {
        let words = pack_words((&kept, at), &mut taken, (ratios, scope), findings);
        // A pack of unknown size still names a unit: codes in it stay, and the error is told once.
        let ratio = size.known().unwrap_or(Ratio::ONE);
        Pack { name: pack.name.value.clone(), ratio, words, origin: pack.origin }
    });
    built.collect()
}

/// How far the size of a pack is worked out.
#[derive(Clone, Copy, PartialEq)]
enum Size {
    New,
    /// It waits for that of the pack that it counts in.
    Open,
    /// Base units in one; `None` where that is not known, which has been said.
    Done(Option<Ratio>),
}

impl Size {
    fn known(self) -> Option<Ratio> {
        match self {
            Size::Done(ratio) => ratio,
            Size::New | Size::Open => None,
        }
    }
}

fn pack_sizes(
    own: &item::Item,
    kept: &mut Kept<'_>,
    base: &Base,
    (ratios, scope): (&Units, &Scope),
    findings: &mut Findings,
) {
    let mut road = Vec::new();
    for start in 0..kept.list.len() {
        let mut at = start;
        while kept.list[at].1 == Size::New
            && let Some(inner) = kept.inner(at)
        {
            kept.list[at].1 = Size::Open;
            road.push(at);
            at = inner;
        }
        if kept.list[at].1 == Size::Open {
            let (last, _) = kept.list[road.iter().copied().max().unwrap_or(at)];
            let message = format!("the pack `{}` of `{}` holds itself", last.name.value, own.name.value);
            let found = Diagnostic::new(code::UNIT_CYCLE, last.origin, message).here("closes the circle");
            findings.report(
                found.help("no size can be worked out: say of one of them how many base units it holds"),
            );
            road.drain(..).for_each(|index| kept.list[index].1 = Size::Done(None));
            continue;
        }
        let first = (kept.list[at].1 == Size::New).then_some(at);
        for index in first.into_iter().chain(road.drain(..).rev()) {
            let size = pack_size(own, index, (kept, base), (ratios, scope), findings);
            kept.list[index].1 = Size::Done(size);
        }
    }
}

fn pack_size(
    own: &item::Item,
    at: usize,
    (kept, base): (&Kept<'_>, &Base),
    (ratios, scope): (&Units, &Scope),
    findings: &mut Findings,
) -> Option<Ratio> {
    let (pack, _) = kept.list[at];
    let (name, item) = (&pack.name.value, &own.name.value);
    let inner = kept.inner(at);
    let of = match &pack.of {
        _ if pack.faulty => None,
        None => Some(Ratio::ONE),
        Some(word) => match inner {
            Some(inner) => {
                let (home, size) = kept.list[inner];
                findings.used(PACK, word, Some(home.origin));
                size.known()
            }
            None => unit_ratio(word, own, base, (ratios, scope), findings),
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
    let of_pieces = pack.of.is_none() || inner.is_some();
    if size.value.digits <= 0 || (of_pieces && size.value <= Decimal::whole(1)) {
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

/// The finding for a unit that is no whole number of base units.
pub fn fraction(span: Span, item: &str, unit: &str, ratio: Ratio) -> Diagnostic {
    let message = format!("one `{unit}` of `{item}` is {ratio} of its base unit, which is no whole number");
    Diagnostic::new(code::UNIT_FRACTION, span, message).here("finer than the base unit").help(
        "counts are whole base units, so most counts in it could not be kept: give the item a \
         finer base unit",
    )
}

/// Base units in one of a declared unit.
pub fn unit_ratio(
    word: &Word,
    own: &item::Item,
    base: &Base,
    (ratios, scope): (&Units, &Scope),
    findings: &mut Findings,
) -> Option<Ratio> {
    if !scope.units.knows(&word.value) {
        if scope.unit_facts.lost_words.contains(&word.value) || scope.units.is_lost(&word.value) {
            return None;
        }
        let mut known: Vec<Name> = own.packs.iter().map(|pack| pack.name.value.clone()).collect();
        known.extend(scope.units.names().cloned());
        let near = findings.nearest(&word.value, known.iter()).map(str::to_owned);
        findings.report(super::names::unknown_unit(word, &own.name.value, near.as_deref()));
        return None;
    }
    scope.units.mention(word, findings);
    let unit = scope.units.get(&word.value)?;
    let target = base.unit.filter(|_| base.sure && !scope.unit_facts.unsure[unit.index()])?;
    match ratios.ratio(unit, target) {
        Some(ratio) => Some(ratio),
        None => {
            let base = &ratios.get(target).name;
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

/// The words of systems that one of the packs keeps; `taken`: those of the packs before it.
fn pack_words(
    (kept, at): (&Kept<'_>, usize),
    taken: &mut Lookup<(SystemId, Name), (usize, Span)>,
    (ratios, scope): (&Units, &Scope),
    findings: &mut Findings,
) -> Vec<(SystemId, Name)> {
    let mut words = Vec::new();
    for entry in &kept.list[at].0.words {
        let Some(system) = scope.systems.find(&entry.system, findings) else { continue };
        for word in &entry.words {
            let key = (system, word.value.clone());
            let unit = scope.unit_facts.words.get(&key).copied();
            let unit = unit.or(scope.units.get(&word.value).zip(scope.units.place(&word.value)));
            let unit = unit.map(|(id, span)| (&*ratios.get(id).name, span));
            let pack = taken.get(&key).filter(|(other, _)| *other != at);
            let pack = pack.map(|(other, span)| (&*kept.list[*other].0.name.value, *span));
            let sibling = kept.place(&word.value).filter(|other| *other != at);
            let sibling = sibling.map(|other| &kept.list[other].0.name);
            let sibling = sibling.map(|name| (&*name.value, name.span));
            if let Some(other) = unit.or(pack).or(sibling) {
                findings.report(units::two_meanings(word, &entry.system.value, other));
                continue;
            }
            taken.insert(key.clone(), (at, word.span));
            words.push(key);
        }
    }
    words
}

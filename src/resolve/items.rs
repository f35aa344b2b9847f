//! Items: base units, packs and codes.

use super::codes::{Codes, Draft, place};
use super::findings::Findings;
use super::names::{Names, PACK, TAG, THINGS};
use super::packs::{Base, fraction, packs, unit_ratio};
use super::rows::Sheet;
use super::{Scope, Things, Written, renames};
use crate::diagnostic::{Diagnostic, code};
use crate::hands;
use crate::model::item::{Item, Measure, More, Pack, Thing};
use crate::model::quantity::Ratio;
use crate::model::unit::Units;
use crate::model::{BundleId, ItemId, Model, Name};
use crate::source::{Sources, Span};
use crate::syntax::ast::{Word, bundle, item};
use std::iter::{Enumerate, Peekable};
use std::ops::Range;
use std::slice;

/// What has been made of the written items.
#[derive(Default)]
pub struct Declared {
    /// Places in [`Things::bundles`], by bundle id.
    pub bundles: Vec<usize>,
    /// By item: whether all is known about its base unit.
    pub bases: Vec<bool>,
}

/// Declares items and bundles in reading order, since they share their names, and works out all items.
pub fn resolve(
    (things, sources): (&mut Things, &Sources),
    (model, codes): (&mut Model, &mut Codes),
    scope: &mut Scope,
    findings: &mut Findings,
) -> Declared {
    let written = std::mem::take(&mut things.items);
    let most = written.iter().map(|own| things.count_of(own)).sum::<usize>();
    // What an item is made of refers to no other: their names can be declared meanwhile.
    let mut names = std::mem::replace(&mut scope.things, Names::new(THINGS, &scope.lost));
    names.reserve(most + things.bundles.len());
    model.items.reserve(most);
    let mut keeper = Keeper {
        bundles: things.bundles.iter().enumerate().peekable(),
        names,
        items: &mut model.items,
        codes,
        declared: Declared::default(),
        renamed: Vec::new(),
    };
    let maker = Maker { units: &model.units, scope };
    for own in written {
        match own {
            Written::Node(own) => {
                keeper.bundles_before(Some(own.order), findings);
                if keeper.declare(&own.name, own.was.as_ref(), findings) {
                    keeper.make(&own, &maker, findings);
                }
            }
            Written::Sheet(sheet) => {
                let sheet = &things.sheets[sheet as usize];
                keeper.bundles_before(Some(sheet.order()), findings);
                keeper.sheet((sheet, sources), &maker, findings);
            }
        }
    }
    keeper.bundles_before(None, findings);
    let Keeper { names, declared, renamed, .. } = keeper;
    scope.things = names;
    renames(renamed.iter().map(|(name, was)| (name, was)), &scope.things, findings);
    declared
}

/// What has been declared and kept so far.
struct Keeper<'k> {
    bundles: Peekable<Enumerate<slice::Iter<'k, bundle::Bundle>>>,
    names: Names<Thing>,
    items: &'k mut Vec<Item>,
    codes: &'k mut Codes,
    declared: Declared,
    /// Names of items, each with the one before.
    renamed: Vec<(Word, Word)>,
}

/// So many rows of a catalog are made into items in one go.
const ROWS: u32 = 1 << 12;

impl Keeper<'_> {
    /// Declares the bundles that stand before a place in reading order; all that are left for none.
    fn bundles_before(&mut self, order: Option<u32>, findings: &mut Findings) {
        let before = |own: &bundle::Bundle| order.is_none_or(|order| own.order < order);
        while let Some((at, own)) = self.bundles.next_if(|(_, own)| before(own)) {
            let id = BundleId::at(self.declared.bundles.len());
            if self.names.declare(&own.name, Some(Thing::Bundle(id)), findings) {
                self.declared.bundles.push(at);
            }
        }
    }

    /// Whether the name of an item is its own.
    fn declare(&mut self, name: &Word, was: Option<&Word>, findings: &mut Findings) -> bool {
        let id = ItemId::at(self.items.len());
        let own = self.names.declare(name, Some(Thing::Item(id)), findings);
        if own {
            self.renamed.extend(was.map(|was| (name.clone(), was.clone())));
        }
        own
    }

    /// Keeps an item whose name is its own, with its codes.
    fn keep(&mut self, made: Made, codes: impl Iterator<Item = Draft>) {
        let thing = Thing::Item(ItemId::at(self.items.len()));
        self.items.push(made.item);
        self.declared.bases.push(made.sure);
        codes.for_each(|draft| self.codes.add(thing, draft));
    }

    /// Makes and keeps an item whose name is its own.
    fn make(&mut self, own: &item::Item, maker: &Maker<'_>, findings: &mut Findings) {
        let mut codes = Vec::with_capacity(own.codes.len());
        let made = maker.make(own, &mut codes, findings);
        self.keep(made, codes.into_iter());
    }

    /// The rows of a catalog. A second hand makes items of them while this one declares their names, unless
    /// there is anything to be said about them: that is said in their order.
    fn sheet(&mut self, (sheet, sources): (&Sheet, &Sources), maker: &Maker<'_>, findings: &mut Findings) {
        let mut blocks =
            (0..sheet.height()).step_by(ROWS as usize).map(|start| start..sheet.height().min(start + ROWS));
        let silent = findings.index.is_none() && !sheet.renames();
        if !silent || hands::count(sheet.height() as usize, ROWS as usize) < 2 {
            blocks.for_each(|rows| self.rows((sheet, sources), rows, maker, findings));
            return;
        }
        let trade = |rows: Range<u32>| maker.block((sheet, sources), rows.clone()).ok_or(rows);
        hands::hiring(trade, |hire| {
            let hand = hire();
            let mut given = blocks.next().map(|rows| hand.give(rows));
            while given.is_some() {
                let next = blocks.next();
                given = next.map(|rows| hand.give(rows));
                match hand.take() {
                    Some(Ok(made)) => self.block(made, findings),
                    Some(Err(rows)) => self.rows((sheet, sources), rows, maker, findings),
                    None => return,
                }
            }
        });
    }

    /// Some rows of a catalog, one by one.
    fn rows(
        &mut self,
        (sheet, sources): (&Sheet, &Sources),
        rows: Range<u32>,
        maker: &Maker<'_>,
        findings: &mut Findings,
    ) {
        sheet.items(rows, sources, findings, |named, findings| {
            if self.declare(&named.name, named.was().as_ref(), findings) {
                self.make(&named.item(findings), maker, findings);
            }
        });
    }

    /// Items that have been made of rows.
    fn block(&mut self, Block { items, codes }: Block, findings: &mut Findings) {
        let mut codes = codes.into_iter();
        for made in items {
            let name = Word { value: made.item.name.clone(), span: made.name };
            let mut codes = codes.by_ref().take(made.codes);
            match self.declare(&name, None, findings) {
                true => self.keep(made, codes),
                false => codes.by_ref().for_each(drop),
            }
        }
    }
}

/// Makes items of what is written.
struct Maker<'m> {
    units: &'m Units,
    scope: &'m Scope,
}

/// An item of the model, and what goes with it.
struct Made {
    item: Item,
    /// Where its name stands.
    name: Span,
    /// Whether everything is known about its base unit.
    sure: bool,
    /// So many codes it has.
    codes: usize,
}

/// Items with their codes: a list for each item would be made by one hand and freed by another.
struct Block {
    items: Vec<Made>,
    /// The codes of the first, then those of the next.
    codes: Vec<Draft>,
}

impl Maker<'_> {
    /// Items of some rows of a catalog; `None` where there is anything to be said about one of them.
    fn block(&self, (sheet, sources): (&Sheet, &Sources), rows: Range<u32>) -> Option<Block> {
        let mut findings = Findings::default();
        let (mut items, mut codes) = (Vec::with_capacity(rows.len()), Vec::with_capacity(2 * rows.len()));
        sheet.items(rows, sources, &mut findings, |named, findings| {
            items.push(self.make(&named.item(findings), &mut codes, findings));
        });
        findings.is_empty().then_some(Block { items, codes })
    }

    /// Makes an item; its codes go behind those that there are.
    fn make(&self, own: &item::Item, codes: &mut Vec<Draft>, findings: &mut Findings) -> Made {
        let Maker { units, scope } = *self;
        let unit = own.unit.as_ref().and_then(|word| scope.units.find(word, findings));
        let base = Base { unit, sure: unit.is_some_and(|id| !scope.unit_facts.unsure[id.index()]) };
        own.tags.iter().for_each(|tag| findings.declared(TAG, tag, None));
        let packs = packs(own, &base, units, scope, findings);
        let before = codes.len();
        for entry in &own.codes {
            let unit = code_unit(entry, own, &base, (&packs, units, scope), findings);
            let system = scope.systems.find(&entry.system, findings);
            let at = place(entry, scope, findings);
            if let (Some(system), Ok(at), Some((unit, ratio))) = (system, at, unit) {
                let measure = Measure { unit, ratio };
                codes.push(Draft { system, code: entry.code.clone(), measure, at, order: own.order });
            }
        }
        if own.codes.is_empty() && !own.faulty {
            findings.report(unmapped(own));
        }
        let tags = own.tags.iter().map(|word| word.value.clone()).collect();
        let was = own.was.as_ref().map(|word| word.value.clone());
        let item = Item {
            name: own.name.value.clone(),
            unit: unit.unwrap_or_default(),
            more: More { packs, tags, was }.kept(),
            origin: own.origin,
        };
        Made { item, name: own.name.span, sure: base.sure, codes: codes.len() - before }
    }
}

/// The unit of a code and base units in one; `None` where that has been found wrong.
fn code_unit(
    entry: &item::In,
    own: &item::Item,
    base: &Base,
    (packs, ratios, scope): (&[Pack], &Units, &Scope),
    findings: &mut Findings,
) -> Option<(Name, Ratio)> {
    let Some(word) = &entry.unit else {
        let name = base.unit.map(|id| ratios.get(id).name.clone());
        return (!entry.faulty).then(|| (name.unwrap_or_else(|| Name::from("")), Ratio::ONE));
    };
    let named = |name: &Name| packs.iter().find(|pack| pack.name == *name);
    if let Some(pack) = named(&word.value) {
        findings.used(PACK, word, Some(pack.origin));
        return Some((pack.name.clone(), pack.ratio));
    }
    let by_word = foreign(entry, word, (packs, scope));
    let word = &by_word.unwrap_or_else(|| word.clone());
    if let Some(pack) = named(&word.value) {
        findings.used(PACK, word, Some(pack.origin));
        return Some((pack.name.clone(), pack.ratio));
    }
    let lost = own.packs.iter().any(|pack| pack.name.value == word.value);
    if lost && !scope.units.knows(&word.value) {
        return Some((word.value.clone(), Ratio::ONE));
    }
    let ratio = unit_ratio(word, own, base, (ratios, scope), findings);
    if let Some(ratio) = ratio.filter(|ratio| ratio.denominator != 1) {
        findings.report(fraction(word.span, &own.name.value, &word.value, ratio));
    }
    Some((word.value.clone(), ratio.unwrap_or(Ratio::ONE)))
}

/// In a catalog a cell may hold the system's own word for a unit.
fn foreign(entry: &item::In, word: &Word, (packs, scope): (&[Pack], &Scope)) -> Option<Word> {
    let system = scope.systems.get(&entry.system.value)?;
    if scope.units.knows(&word.value) || word.span.source == entry.system.span.source {
        return None;
    }
    let unit = scope.unit_facts.words.get(&(system, word.value.clone())).map(|(id, _)| *id);
    let unit = unit.and_then(|id| scope.units.names().nth(id.index()).cloned());
    let pack = packs.iter().find(|pack| pack.words.contains(&(system, word.value.clone())));
    let name = unit.or(pack.map(|pack| pack.name.clone()))?;
    Some(Word { value: name, span: word.span })
}

/// The warning for an item that no system knows.
fn unmapped(own: &item::Item) -> Diagnostic {
    let message = format!("no system knows the item `{}`", own.name.value);
    Diagnostic::new(code::ITEM_UNMAPPED, own.name.span, message).here("mapped nowhere").help(
        "it is counted and published nowhere, most likely by mistake: map it with `in SYSTEM CODE`, or \
         remove it",
    )
}

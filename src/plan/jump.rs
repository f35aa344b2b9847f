//! Pack jumps: counts that change by exactly what a pack holds, since one side counts packs and the other
//! pieces.

use super::change::Verdict;
use super::guard::{FEW, JUMP, percent};
use crate::model::item::Thing;
use crate::model::quantity::Ratio;
use crate::model::{CodeId, ItemId, Model, Name, SystemId, UnitId};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A ratio as a key.
type Size = (i64, i64);

fn size(ratio: Ratio) -> Size {
    (ratio.numerator, ratio.denominator)
}

/// What a count was multiplied or divided by, and which two units stand in that ratio.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Factor {
    size: Size,
    /// `pack` or `unit`.
    sort: &'static str,
    large: Name,
    small: Name,
}

/// The changed rows of one flow, looked through for jumps. Each row costs one look for each system that owns
/// counts; rows of one item should come together.
#[derive(Debug)]
pub struct Jumps<'m> {
    model: &'m Model,
    owners: BTreeSet<SystemId>,
    /// The units of each family, by their size in its root.
    families: BTreeMap<UnitId, BTreeMap<Size, usize>>,
    /// The packs of the last item, by their size in its base unit.
    packs: (Option<ItemId>, BTreeMap<Size, usize>),
    rows: u64,
    /// How many rows jumped by each factor, and where the larger unit is declared.
    found: BTreeMap<Factor, (u64, BTreeSet<Span>)>,
}

impl<'m> Jumps<'m> {
    /// No rows yet.
    pub fn new(model: &'m Model) -> Jumps<'m> {
        let mut families: BTreeMap<UnitId, BTreeMap<Size, usize>> = BTreeMap::new();
        for (at, unit) in model.units.all.iter().enumerate() {
            families.entry(unit.root).or_default().entry(size(unit.ratio)).or_insert(at);
        }
        Jumps {
            model,
            owners: model.owners.iter().map(|owner| owner.system).collect(),
            families,
            packs: (None, BTreeMap::new()),
            rows: 0,
            found: BTreeMap::new(),
        }
    }

    /// Takes one changed row: what the target shows and what it will show, both in its unit.
    pub fn row(&mut self, code: CodeId, before: Option<i64>, after: i64) {
        self.rows += 1;
        let (low, high) = (before.unwrap_or(0).min(after), before.unwrap_or(0).max(after));
        let Some(ratio) = Ratio::new(high, low).filter(|_| high / 2 >= low) else { return };
        let Thing::Item(item) = self.model.code(code).thing else { return };
        self.gather(item);
        if let Some((factor, place)) = self.factor(code, item, ratio) {
            let (rows, places) = self.found.entry(factor).or_default();
            *rows += 1;
            places.insert(place);
        }
    }

    /// The packs of an item.
    fn gather(&mut self, item: ItemId) {
        if self.packs.0 != Some(item) {
            let packs = self.model.item(item).packs().iter().enumerate();
            self.packs = (Some(item), BTreeMap::new());
            packs.for_each(|(at, pack)| {
                self.packs.1.entry(size(pack.ratio)).or_insert(at);
            });
        }
    }

    /// Which of the item's units are so far apart, one of them a unit in which somebody is known to count it.
    fn factor(&self, code: CodeId, item: ItemId, ratio: Ratio) -> Option<(Factor, Span)> {
        let model = self.model;
        let first = |system: &SystemId| model.codes_of_thing(*system, Thing::Item(item)).next().map(CodeId);
        let codes = [code].into_iter().chain(self.owners.iter().filter_map(first));
        let counted = std::iter::once(Ratio::ONE).chain(codes.map(|code| model.code(code).measure.ratio));
        let pairs =
            counted.flat_map(|one| [(one.times(ratio), Some(one)), (Some(one), one.times(ratio.inverse()))]);
        for (large, small) in pairs {
            let (Some(large), Some(small)) = (large, small) else { continue };
            let (Some(large), Some(small)) = (self.unit(item, large), self.unit(item, small)) else {
                continue;
            };
            let factor = Factor { size: size(ratio), sort: large.0, large: large.1, small: small.1 };
            return Some((factor, large.2));
        }
        None
    }

    /// The pack or unit of an item that holds so many base units.
    fn unit(&self, item: ItemId, ratio: Ratio) -> Option<(&'static str, Name, Span)> {
        let own = self.model.item(item);
        if let Some(pack) = self.packs.1.get(&size(ratio)).map(|at| &own.packs()[*at]) {
            return Some(("pack", pack.name.clone(), pack.origin));
        }
        let base = self.model.units.all.get(own.unit.index())?;
        let at = self.families.get(&base.root)?.get(&size(ratio.times(base.ratio)?))?;
        let unit = &self.model.units.all[*at];
        Some(("unit", unit.name.clone(), unit.origin))
    }

    /// What the guard says; `None` unless at least 10 rows jumped, and more than half of all.
    pub fn verdict(&self, flow: &str) -> Option<Verdict> {
        let jumped: u64 = self.found.values().map(|(rows, _)| rows).sum();
        if jumped < FEW || jumped.saturating_mul(2) <= self.rows {
            return None;
        }
        Some(Verdict {
            flow: flow.to_owned(),
            guard: JUMP.to_owned(),
            limit: "50%".to_owned(),
            actual: percent(jumped, self.rows, true),
            rows: jumped,
            of: self.rows,
            tripped: true,
            reason: Some(self.words(jumped)?),
            lifted: None,
        })
    }

    fn words(&self, jumped: u64) -> Option<String> {
        // The most frequent factor; of equally frequent ones the first.
        let most = self.found.iter().rev().max_by_key(|(_, (rows, _))| *rows);
        let (Factor { size: (top, bottom), sort, large, small }, (rows, places)) = most?;
        let factor = Ratio { numerator: *top, denominator: *bottom };
        let place = match places.iter().next().and_then(|place| self.model.places.line(*place)) {
            None => String::new(),
            Some((file, line)) if places.len() == 1 => format!(", {file}:{line}"),
            Some((file, line)) => format!(", {file}:{line} and {} more", places.len() - 1),
        };
        let all = self.rows;
        let by = match self.found.len() {
            1 => format!("{jumped} of {all} counts change by exactly the factor {factor}"),
            _ => format!("{jumped} of {all} counts change by exactly a pack's factor, {rows} by {factor}"),
        };
        Some(format!("{by} ({sort} `{large}`{place}): one side counts `{large}`, the other `{small}`"))
    }
}

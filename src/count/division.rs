//! From a model and observations to the shelves that allocations divide, and back to its cells.
//!
//! Each place is divided on its own. What a channel sells from a pool is one sellable at each member of the
//! pool, and its number is their sum: nothing is packed from two places, and what is shown is never above
//! what it was given somewhere.

use super::allocate::{Cell, Divided, Sellable, Share, Shelves, Stand, Take, divide};
use super::combine;
use super::mates::shelves_of;
use super::shelf::{BLIND, CLOSED, DIM, DOUBT, GUESSED, MISSING, Shelf};
use super::source::Gate;
use super::target::{Row, Target};
use super::{Counter, May, Want};
use crate::model::allocation::Allocation;
use crate::model::flow::Keep;
use crate::model::item::{Code, Thing};
use crate::model::quantity::Ratio;
use crate::model::set::Bits;
use crate::model::{CodeId, FlowId, ItemId, LocationId, Model, SystemId};
use std::collections::BTreeMap;

/// No cell of an item.
const NONE: u32 = u32::MAX;

/// All shelves that allocations divide.
#[derive(Debug, Default)]
pub(super) struct Division {
    places: Vec<Place>,
    /// By flow, location, code.
    sellers: Vec<Seller>,
    /// Where each seller's parts lie: a place of `places`, a sellable there.
    parts: Vec<(u32, u32)>,
}

/// The divided cells of one place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) location: LocationId,
    cell_of: Vec<u32>,
    facts: Vec<Facts>,
    shelves: Shelves,
    out: Divided,
}

/// What is known of one cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    item: ItemId,
    /// After what is kept back, in base units; the smallest of what its flows add up.
    pub(super) count: i64,
    pub(super) keep: Option<(Keep, i64)>,
    flags: u8,
    pub(super) pooled: bool,
    /// A target of which nobody knows what it shows of this cell.
    blind: Option<SystemId>,
}

/// A code at a location of a target.
#[derive(Debug)]
struct Seller {
    flow: FlowId,
    location: LocationId,
    code: CodeId,
    target: usize,
    flags: u8,
    /// What it shows; `None` where nobody knows.
    shows: Option<i64>,
    stand: Stand,
    may: May,
    blind: Option<SystemId>,
    parts: std::ops::Range<usize>,
}

/// What a sellable has at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'d> {
    pub(super) place: &'d Place,
    sellable: usize,
    /// How many it may show.
    pub(super) many: i64,
}

/// One component of a part: its cell, and what it has a right to there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Right {
    pub(super) facts: Facts,
    pub(super) share: Share,
    /// In base units.
    pub(super) units: i64,
}

impl Division {
    /// Divides all that the model's allocations name.
    pub(super) fn new(counter: &Counter<'_>) -> Division {
        let mut division = Division::default();
        for allocation in &counter.model.allocations {
            for flows in shelves_of(counter.model, allocation) {
                division.add(counter, allocation, &flows);
            }
        }
        division.sellers.sort_unstable_by_key(|seller| (seller.flow, seller.location, seller.code));
        division
    }

    /// Divides the cells on which some flows draw.
    fn add(&mut self, counter: &Counter<'_>, allocation: &Allocation, flows: &[FlowId]) {
        let first = self.places.len();
        let own: Vec<(FlowId, Target<'_>)> =
            flows.iter().filter_map(|flow| Some((*flow, counter.target(*flow)?))).collect();
        self.places.extend(places(counter, allocation, &own));
        let at_place: BTreeMap<LocationId, usize> =
            (first..self.places.len()).map(|at| (self.places[at].location, at)).collect();
        let mut sellers = sellers(counter, allocation, &own);
        for seller in &mut sellers {
            let places = counter.places(seller.location);
            let here: Vec<usize> = places.iter().filter_map(|place| at_place.get(place)).copied().collect();
            self.judge(counter.model, seller, &here);
        }
        let insides = Insides::new(allocation);
        for mut seller in sellers {
            let places = counter.places(seller.location);
            let here: Vec<usize> = places.iter().filter_map(|place| at_place.get(place)).copied().collect();
            self.see(counter.model, &mut seller, &here);
            let start = self.parts.len();
            for place in here {
                let sellable = self.places[place].sell(counter.model, &seller, &insides);
                self.parts.push((place as u32, sellable as u32));
            }
            seller.parts = start..self.parts.len();
            self.sellers.push(seller);
        }
        for place in &mut self.places[first..] {
            place.shelves.targets = allocation.among.iter().map(|(s, _)| allocation.weight(*s)).collect();
            place.out = divide(&place.shelves);
        }
    }

    /// What the cells of a sellable say of it; where nobody knows what it shows, it says so of them.
    fn judge(&mut self, model: &Model, seller: &mut Seller, places: &[usize]) {
        let system = model.code(seller.code).system;
        for place in places {
            let place = &mut self.places[*place];
            each_item(model.code(seller.code), model, |item, _| {
                if let Some(cell) = place.cell(item) {
                    seller.flags |= place.facts[cell].flags;
                    if seller.shows.is_none() {
                        place.facts[cell].blind = Some(system);
                    }
                }
            });
        }
        let Some(shows) = seller.shows else { return };
        if seller.may.stays() || seller.flags & (CLOSED | MISSING | DOUBT) != 0 {
            seller.stand = Stand::Fixed(shows);
        } else if seller.may == May::Fall || seller.flags & (GUESSED | DIM) != 0 {
            seller.stand = Stand::AtMost(shows);
        }
    }

    /// Beside something of which nobody knows how much it shows, nothing may rise.
    fn see(&mut self, model: &Model, seller: &mut Seller, places: &[usize]) {
        let Some(shows) = seller.shows else { return };
        for place in places {
            let place = &self.places[*place];
            each_item(model.code(seller.code), model, |item, _| {
                let blind = place.cell(item).and_then(|cell| place.facts[cell].blind);
                seller.blind = seller.blind.or(blind);
            });
        }
        if seller.blind.is_some() {
            seller.flags |= BLIND;
            if seller.stand == Stand::Free {
                seller.stand = Stand::AtMost(shows);
            }
        }
    }

    fn seller(&self, flow: FlowId, code: CodeId, location: LocationId) -> Option<&Seller> {
        let key = |seller: &Seller| (seller.flow, seller.location, seller.code);
        let at = self.sellers.binary_search_by_key(&(flow, location, code), key).ok()?;
        Some(&self.sellers[at])
    }

    /// What one cell of a target has at each of its places; `None` where nothing is divided for it.
    pub(super) fn parts(&self, flow: FlowId, code: CodeId, location: LocationId) -> Option<Vec<Part<'_>>> {
        let seller = self.seller(flow, code, location)?;
        Some(self.parts_of(seller).collect())
    }

    fn parts_of<'d>(&'d self, seller: &'d Seller) -> impl Iterator<Item = Part<'d>> + 'd {
        self.parts[seller.parts.clone()].iter().map(|(place, sellable)| {
            let place = &self.places[*place as usize];
            let sellable = *sellable as usize;
            let (given, right) = (place.out.given[sellable], place.out.right[sellable]);
            let many = match seller.stand {
                Stand::Free => given,
                // What it would show were it free to, so that a plan can say that it waits.
                Stand::AtMost(_) => given.max(right),
                Stand::Fixed(_) => right,
            };
            Part { place, sellable, many }
        })
    }

    /// What a cell is to show, with all that is wrong with it; `None` where nothing is divided for it.
    pub(super) fn want(
        &self,
        model: &Model,
        (flow, code, location): (FlowId, CodeId, LocationId),
    ) -> Option<Want> {
        let seller = self.seller(flow, code, location)?;
        if let (May::Stay, Some(shows)) = (seller.may, seller.shows) {
            let count = in_count(model.code(code), shows);
            return Some(Want { count, flags: seller.flags });
        }
        let count =
            amounts(model, code, self.parts_of(seller)).iter().fold(0_i64, |a, b| a.saturating_add(*b));
        Some(Want { count, flags: seller.flags })
    }

    /// The target of which nobody knows what it shows of a cell's shelves.
    pub(super) fn blind(&self, flow: FlowId, code: CodeId, location: LocationId) -> Option<SystemId> {
        self.seller(flow, code, location)?.blind
    }

    /// How many of a sellable are given at one place; `None` where nobody may write it, or nothing is
    /// divided for it.
    pub(super) fn given_at(
        &self,
        (flow, code, location): (FlowId, CodeId, LocationId),
        place: LocationId,
    ) -> Option<i64> {
        let seller = self.seller(flow, code, location)?;
        let written = !matches!(seller.stand, Stand::Fixed(_));
        let part = self.parts_of(seller).find(|part| part.place.location == place).filter(|_| written)?;
        Some(part.place.out.given[part.sellable])
    }

    /// The cells that are not divided, since there is enough: item and place, in order.
    pub(super) fn pooled(&self) -> Vec<(ItemId, LocationId)> {
        let of = |place: &Place| -> Vec<(ItemId, LocationId)> {
            let pooled = place.facts.iter().filter(|facts| facts.pooled);
            pooled.map(|facts| (facts.item, place.location)).collect()
        };
        let mut pooled: Vec<_> = self.places.iter().flat_map(of).collect();
        pooled.sort_unstable();
        pooled
    }
}

impl Part<'_> {
    /// What it has a right to of an item.
    pub(super) fn right(&self, item: ItemId) -> Option<Right> {
        let cell = self.place.cell(item)?;
        let takes = self.place.shelves.sellables[self.sellable].takes.clone();
        let mut takes = takes.filter(|take| self.place.shelves.takes[*take].cell == cell);
        let take = takes.next()?;
        let out = &self.place.out;
        Some(Right { facts: self.place.facts[cell], share: out.shares[take], units: out.units[take] })
    }
}

impl Place {
    fn cell(&self, item: ItemId) -> Option<usize> {
        self.cell_of.get(item.index()).filter(|cell| **cell != NONE).map(|cell| *cell as usize)
    }

    /// Adds what a seller sells here; answers its place in the list.
    fn sell(&mut self, model: &Model, seller: &Seller, insides: &Insides) -> usize {
        let start = self.shelves.takes.len();
        let mut takes = Vec::new();
        each_item(model.code(seller.code), model, |item, quantity| {
            takes.extend(self.cell(item).map(|cell| Take { cell, quantity }));
        });
        self.shelves.takes.extend(takes);
        let (weight, shares) = insides.of(seller.code, model.code(seller.code).system);
        self.shelves.sellables.push(Sellable {
            target: seller.target,
            weight,
            shares,
            takes: start..self.shelves.takes.len(),
            stand: seller.stand,
        });
        self.shelves.sellables.len() - 1
    }
}

/// Weights inside targets.
struct Insides {
    by_code: BTreeMap<CodeId, (i64, u32)>,
    one: BTreeMap<SystemId, i64>,
}

impl Insides {
    fn new(allocation: &Allocation) -> Insides {
        let mut insides = Insides { by_code: BTreeMap::new(), one: BTreeMap::new() };
        let mut mark = 0;
        for inside in &allocation.inside {
            insides.one.insert(inside.system, inside.one);
            for own in &inside.weights {
                insides.by_code.extend(own.codes.iter().map(|code| (*code, (own.weight, mark))));
                mark += 1;
            }
        }
        insides
    }

    fn of(&self, code: CodeId, system: SystemId) -> (i64, Option<u32>) {
        match self.by_code.get(&code) {
            Some((weight, mark)) => (*weight, Some(*mark)),
            None => (self.one.get(&system).copied().unwrap_or(1), None),
        }
    }
}

/// The items that one of a code takes, and how many base units of each.
fn each_item(code: &Code, model: &Model, mut visit: impl FnMut(ItemId, Ratio)) {
    match code.thing {
        Thing::Item(item) => visit(item, code.measure.ratio),
        Thing::Bundle(bundle) => {
            for component in &model.bundle(bundle).components {
                visit(component.item, Ratio { numerator: component.quantity, denominator: 1 });
            }
        }
    }
}

/// So many of a code as a count before it is put into the code's unit: base units of an item, or bundles.
/// Rounded so that it is no more than so many in that unit again.
fn in_count(code: &Code, many: i64) -> i64 {
    let Ratio { numerator, denominator } = code.measure.ratio;
    if matches!(code.thing, Thing::Bundle(_)) || code.measure.ratio == Ratio::ONE {
        return many;
    }
    let top = i128::from(many) * i128::from(numerator);
    let up = if numerator > denominator { i128::from(denominator) - 1 } else { 0 };
    let count = (top + up).div_euclid(i128::from(denominator));
    count.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// What each part adds to the count of its cell: whole sellables where the shelf is divided, all of it
/// where it is pooled.
pub(super) fn amounts<'d>(model: &Model, code: CodeId, parts: impl Iterator<Item = Part<'d>>) -> Vec<i64> {
    let code = model.code(code);
    let mut before = 0_i64;
    let mut amounts = Vec::new();
    for part in parts {
        if let Thing::Item(item) = code.thing
            && let Some(right) = part.right(item).filter(|right| right.facts.pooled)
        {
            amounts.push(right.units);
            continue;
        }
        // Added up before it is rounded, so that rounding never makes one more of many members.
        let after = before.saturating_add(part.many);
        amounts.push(in_count(code, after).saturating_sub(in_count(code, before)));
        before = after;
    }
    amounts
}

/// The cells of each place on which some flows draw.
fn places(counter: &Counter<'_>, allocation: &Allocation, flows: &[(FlowId, Target<'_>)]) -> Vec<Place> {
    let mut drawn: BTreeMap<LocationId, Vec<(FlowId, Bits)>> = BTreeMap::new();
    for (flow, _) in flows {
        for draw in &counter.graph.flow(*flow).draws {
            drawn.entry(draw.location).or_default().push((*flow, draw.needed()));
        }
    }
    let place = |(location, draws): (LocationId, Vec<(FlowId, Bits)>)| {
        let mut cell_of = vec![NONE; counter.model.items.len()];
        let mut facts: Vec<Facts> = Vec::new();
        for (flow, needed) in &draws {
            let shelf = Shelf::fill(counter, *flow, location);
            for item in needed.iter() {
                if cell_of[item] == NONE {
                    cell_of[item] = facts.len() as u32;
                    let item = ItemId::at(item);
                    let fresh =
                        Facts { item, count: i64::MAX, keep: None, flags: 0, pooled: false, blind: None };
                    facts.push(fresh);
                }
                let facts = &mut facts[cell_of[item] as usize];
                facts.count = facts.count.min(shelf.alone(ItemId::at(item)));
                facts.flags |= shelf.flags[item];
            }
        }
        for facts in &mut facts {
            keep_back(counter, facts, &draws);
            let key = (facts.item, location);
            let was = counter.seen.pooled.contains(&key);
            facts.pooled = allocation.pooled_above.is_some_and(|above| is_pooled(facts.count, above, was));
        }
        let (shelves, out) = (Shelves::default(), Divided::default());
        let mut place = Place { location, cell_of, facts, shelves, out };
        let cell = |facts: &Facts| Cell { count: facts.count, pooled: facts.pooled };
        place.shelves.cells = place.facts.iter().map(cell).collect();
        place
    };
    drawn.into_iter().map(place).collect()
}

/// Takes off the largest of what the flows keep back.
fn keep_back(counter: &Counter<'_>, facts: &mut Facts, draws: &[(FlowId, Bits)]) {
    for (flow, needed) in draws {
        if needed.contains(facts.item.index()) {
            let keep = combine::keep_back(counter.model.flow(*flow), facts.item, facts.count);
            facts.keep = facts.keep.max_by_amount(keep);
        }
    }
    if let Some((_, amount)) = facts.keep {
        facts.count = combine::take_off(facts.count, amount);
    }
}

/// The larger of two amounts kept back; the first of equals.
trait Larger {
    fn max_by_amount(self, other: Self) -> Self;
}

impl Larger for Option<(Keep, i64)> {
    fn max_by_amount(self, other: Self) -> Self {
        match (self, other) {
            (Some(one), Some(two)) => Some(if two.1 > one.1 { two } else { one }),
            (one, two) => one.or(two),
        }
    }
}

/// Whether everyone shows all of a cell: above the limit where it was so before, else only above 1.1 times
/// the limit, so that a count on the edge does not turn every number over at each sale.
fn is_pooled(count: i64, above: i64, was: bool) -> bool {
    count > above && (was || i128::from(count) * 10 > i128::from(above) * 11)
}

/// Every code of every location that some flows write, by name.
fn sellers(counter: &Counter<'_>, allocation: &Allocation, flows: &[(FlowId, Target<'_>)]) -> Vec<Seller> {
    let model = counter.model;
    let mut sellers = Vec::new();
    for (flow, target) in flows {
        let to = model.flow(*flow).to;
        let place = allocation.among.iter().position(|(system, _)| *system == to);
        for shown in &counter.graph.flow(*flow).shown {
            let here = |code: &CodeId| {
                let code = model.code(*code);
                code.at.is_none_or(|only| only == shown.location) && shown.things.contains(code.thing)
            };
            for code in model.codes_of(to).map(CodeId).filter(here) {
                let own = seller(counter, (*flow, code, shown.location), target);
                sellers.push(Seller { target: place.unwrap_or(0), ..own });
            }
        }
    }
    let name = |seller: &Seller| {
        let code = model.code(seller.code);
        (&model.system(code.system).name, &code.code, &model.location(seller.location).name)
    };
    sellers.sort_by(|one, other| name(one).cmp(&name(other)));
    sellers
}

fn seller(
    counter: &Counter<'_>,
    (flow, code, location): (FlowId, CodeId, LocationId),
    target: &Target<'_>,
) -> Seller {
    let model = counter.model;
    let row = target.source.levels.and_then(|levels| levels.find(code, location));
    let row = target.read(code, location, row);
    let shows = match row {
        _ if target.source.gate != Gate::Open => None,
        Row::Broken | Row::Unusable { .. } => None,
        Row::Absent if target.source.broken.blind => None,
        Row::Absent => Some(0),
        Row::Shows { shown, .. } => Some(shown.max(0)),
    };
    Seller {
        flow,
        location,
        code,
        target: 0,
        flags: counter.doubt(model.code(code).thing),
        shows,
        stand: if row == Row::Absent && shows.is_some() && !target.creates {
            Stand::AtMost(0)
        } else {
            Stand::Free
        },
        may: counter.may(flow, code, location),
        blind: None,
        parts: 0..0,
    }
}

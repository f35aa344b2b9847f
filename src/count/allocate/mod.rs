//! The division of shelves among all that is sold from them, in exact whole numbers.
//!
//! A sellable weighs its target's weight ÷ what that target sells from the cell, or by its weight inside
//! the target. Its right on a cell is floor(count · weight / all weights), and it shows the least over its
//! cells of floor(right / quantity). What is left goes out one sellable at a time ([`left`]). So for every
//! cell, what all of them show, times what one of them takes, is never above the count.
//!
//! Nothing here knows a model: cells, targets and sellables are places in lists. A sellable of a pool is
//! one entry for each of its places, since nothing is packed from two of them.

mod left;
mod share;

use crate::model::quantity::{LARGEST, Ratio};
pub use share::Share;
use std::ops::Range;

/// What is to be divided.
#[derive(Debug, Default)]
pub struct Shelves {
    /// The weight of each target; one at or below 0 has no right to anything.
    pub targets: Vec<i64>,
    /// The cells.
    pub cells: Vec<Cell>,
    /// What is sold, by name: of two with the same claim the earlier one comes first.
    pub sellables: Vec<Sellable>,
    /// What the sellables take from cells, one after the other; each cell at most once for a sellable.
    pub takes: Vec<Take>,
}

/// A cell of an item at a place.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// What there is of it, in base units, after what is kept back.
    pub count: i64,
    /// Whether everyone shows all of it.
    pub pooled: bool,
}

/// Something that one target sells at one place.
#[derive(Debug, Clone)]
pub struct Sellable {
    /// Its target.
    pub target: usize,
    /// Its weight inside the target; one at or below 0 has no right to anything.
    pub weight: i64,
    /// Sellables of one target that bear the same mark share one such weight: the codes of one thing.
    pub shares: Option<u32>,
    /// Where its takes stand.
    pub takes: Range<usize>,
    /// What is known before.
    pub stand: Stand,
}

/// What one sellable takes from a cell.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// The cell.
    pub cell: usize,
    /// Base units in one sellable.
    pub quantity: Ratio,
}

/// Whether the number of a sellable is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It is written as it comes out.
    Free,
    /// It cannot rise above what it shows.
    AtMost(i64),
    /// It is not written and goes on showing this.
    Fixed(i64),
}

/// What came out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Divided {
    /// What each sellable may show; at a count below 0 below 0.
    pub given: Vec<i64>,
    /// What each would show by its rights alone, were it free: no less than that for one that may not rise.
    pub right: Vec<i64>,
    /// The part of its cell that each take has a right to.
    pub shares: Vec<Share>,
    /// The same in base units, rounded down; the whole count of a pooled cell.
    pub units: Vec<i64>,
    /// How many times a take was looked at, which is what a division costs.
    pub work: u64,
}

/// The largest common denominator of the quantities taken from one cell; a quantity beyond it is rounded up.
const FINEST: i64 = 1_000_000_000;

/// A division on its way.
struct Division<'s> {
    shelves: &'s Shelves,
    /// The takes of each cell, cell by cell, and where those of a cell begin.
    by_cell: Vec<(u32, u32)>,
    starts: Vec<usize>,
    /// Parts of a base unit in which a cell is reckoned.
    scale: Vec<i64>,
    /// What one sellable takes, in those parts; one for each take.
    need: Vec<i128>,
    /// What is left of a cell, in those parts; 0 for a cell that is not divided or at or below 0.
    rest: Vec<i128>,
    out: Divided,
}

/// Divides.
pub fn divide(shelves: &Shelves) -> Divided {
    let mut division = Division::new(shelves);
    for cell in 0..shelves.cells.len() {
        division.cell(cell);
    }
    division.floors();
    division.leftover();
    division.out
}

impl<'s> Division<'s> {
    fn new(shelves: &'s Shelves) -> Division<'s> {
        let cells = shelves.cells.len();
        let mut starts = vec![0; cells + 1];
        for take in &shelves.takes {
            starts[take.cell + 1] += 1;
        }
        for cell in 0..cells {
            starts[cell + 1] += starts[cell];
        }
        let mut next = starts.clone();
        let mut by_cell = vec![(0, 0); shelves.takes.len()];
        for (sellable, own) in shelves.sellables.iter().enumerate() {
            for take in own.takes.clone() {
                let place = &mut next[shelves.takes[take].cell];
                by_cell[*place] = (sellable as u32, take as u32);
                *place += 1;
            }
        }
        let out = Divided {
            given: vec![0; shelves.sellables.len()],
            right: vec![0; shelves.sellables.len()],
            shares: vec![Share::NONE; shelves.takes.len()],
            units: vec![0; shelves.takes.len()],
            work: 0,
        };
        let need = vec![1; shelves.takes.len()];
        Division { shelves, by_cell, starts, scale: vec![1; cells], need, rest: vec![0; cells], out }
    }

    fn count(&self, cell: usize) -> i64 {
        self.shelves.cells[cell].count.clamp(-LARGEST, LARGEST)
    }

    /// Works out one cell: what each take needs of it, and its right.
    fn cell(&mut self, cell: usize) {
        let takes = self.starts[cell]..self.starts[cell + 1];
        self.out.work += takes.len() as u64;
        self.needs(cell, takes.clone());
        let count = self.count(cell);
        if self.shelves.cells[cell].pooled {
            for (_, take) in &self.by_cell[takes] {
                self.out.units[*take as usize] = count;
            }
            return;
        }
        let mut all: Vec<(u32, u32)> = self.by_cell[takes].to_vec();
        for (take, share) in self.shares(&mut all) {
            self.out.shares[take] = share;
            self.out.units[take] = share.of(count).0;
        }
        if count <= 0 {
            return;
        }
        let mut rest = i128::from(count) * i128::from(self.scale[cell]);
        let mut free: Vec<(u32, u32)> = Vec::new();
        for (sellable, take) in all {
            match self.shelves.sellables[sellable as usize].stand {
                Stand::Fixed(shown) => {
                    let taken = self.need[take as usize].saturating_mul(shown.max(0).into());
                    rest = rest.saturating_sub(taken);
                }
                _ => free.push((sellable, take)),
            }
        }
        self.rest[cell] = rest.max(0);
        self.squeeze(cell, &mut free);
    }

    /// Where those that are not written show more than their part, the others share what remains.
    fn squeeze(&mut self, cell: usize, free: &mut [(u32, u32)]) {
        let rest = (self.rest[cell] / i128::from(self.scale[cell])) as i64;
        let rights: i128 = free.iter().map(|(_, take)| i128::from(self.out.units[*take as usize])).sum();
        if rights <= i128::from(rest) {
            return;
        }
        for (take, share) in self.shares(free) {
            self.out.units[take] = self.out.units[take].min(share.of(rest).0);
        }
    }

    /// What each take needs, all of one cell over one denominator.
    fn needs(&mut self, cell: usize, takes: Range<usize>) {
        let quantity = |take: u32| self.shelves.takes[take as usize].quantity;
        let mut scale = 1;
        for (_, take) in &self.by_cell[takes.clone()] {
            scale = share::common(scale, quantity(*take).denominator, FINEST).unwrap_or(scale);
        }
        self.scale[cell] = scale;
        for (_, take) in &self.by_cell[takes] {
            let Ratio { numerator, denominator } = quantity(*take);
            let top = i128::from(numerator) * i128::from(scale);
            let bottom = i128::from(denominator);
            self.need[*take as usize] = (top + bottom - 1) / bottom;
        }
    }

    /// The parts of the takes of one cell, by take; `entries` are put in order by target.
    fn shares(&self, entries: &mut [(u32, u32)]) -> Vec<(usize, Share)> {
        let sellable = |entry: &(u32, u32)| &self.shelves.sellables[entry.0 as usize];
        let weight = |target: usize| i128::from(self.shelves.targets[target].max(0));
        let mark = |entry: &(u32, u32)| (sellable(entry).target, sellable(entry).shares);
        entries.sort_unstable_by_key(|entry| (mark(entry), entry.0));
        let targets = || entries.chunk_by(|a, b| sellable(a).target == sellable(b).target);
        let all: i128 = targets().map(|own| weight(sellable(&own[0]).target)).sum();
        let mut found = Vec::with_capacity(entries.len());
        for own in targets() {
            let things = || own.chunk_by(|a, b| mark(a) == mark(b) && sellable(a).shares.is_some());
            let inside = |thing: &[(u32, u32)]| i128::from(sellable(&thing[0]).weight.max(0));
            let sum: i128 = things().map(inside).sum();
            for thing in things() {
                let codes = thing.len() as i128;
                let target = weight(sellable(&own[0]).target);
                let share = Share::of_weights((target, all), (inside(thing), sum * codes));
                found.extend(thing.iter().map(|(_, take)| (*take as usize, share)));
            }
        }
        found
    }

    /// How many sellables a number of base units allows.
    fn fits(&self, units: i64, take: usize) -> i64 {
        let scale = i128::from(self.scale[self.shelves.takes[take].cell]);
        let many = (i128::from(units) * scale).div_euclid(self.need[take]);
        many.clamp(-i128::from(LARGEST), i128::from(LARGEST)) as i64
    }

    /// What each shows by its rights, which is taken off the cells.
    fn floors(&mut self) {
        for (at, sellable) in self.shelves.sellables.iter().enumerate() {
            let takes = sellable.takes.clone();
            self.out.work += takes.len() as u64;
            let least = takes.clone().map(|take| self.fits(self.out.units[take], take)).min();
            self.out.right[at] = least.unwrap_or(0);
            let given = match sellable.stand {
                Stand::Fixed(shown) => {
                    self.out.given[at] = shown;
                    continue;
                }
                Stand::AtMost(shown) => self.out.right[at].min(shown),
                Stand::Free => self.out.right[at],
            };
            self.out.given[at] = given;
            for take in takes {
                let cell = self.shelves.takes[take].cell;
                if self.rest[cell] > 0 {
                    self.rest[cell] -= self.need[take] * i128::from(given.max(0));
                }
            }
        }
    }

    /// The most that a sellable may show whatever is left on divided cells.
    fn limit(&self, at: usize) -> i64 {
        let sellable = &self.shelves.sellables[at];
        let pooled = |take: &usize| self.shelves.cells[self.shelves.takes[*take].cell].pooled;
        let pools = sellable.takes.clone().filter(pooled).map(|take| self.fits(self.out.units[take], take));
        let limit = match sellable.stand {
            Stand::Fixed(_) => i64::MIN,
            Stand::AtMost(shown) => shown,
            Stand::Free => LARGEST,
        };
        pools.min().map_or(limit, |pools| pools.min(limit))
    }

    /// Hands out what is left.
    fn leftover(&mut self) {
        let mut rest = std::mem::take(&mut self.rest);
        let mut left = left::Left::new(&mut rest);
        let count = |cell: usize| self.shelves.cells[cell].count.clamp(-LARGEST, LARGEST);
        for (at, sellable) in self.shelves.sellables.iter().enumerate() {
            let divided = |take: &usize| !self.shelves.cells[self.shelves.takes[*take].cell].pooled;
            let takes: Vec<usize> = sellable.takes.clone().filter(divided).collect();
            self.out.work += takes.len() as u64;
            let needs = takes.iter().map(|take| (self.shelves.takes[*take].cell, self.need[*take]));
            if takes.is_empty() || !left.fits_once(needs.clone()) {
                continue;
            }
            let limit = self.limit(at);
            let given = self.out.given[at];
            if given >= limit {
                continue;
            }
            let mut claim = left::Claim::default();
            for take in &takes {
                let cell = self.shelves.takes[*take].cell;
                claim.add(self.out.shares[*take].of(count(cell)));
                claim.takes_off(self.need[*take], self.scale[cell]);
            }
            left.add(at, claim.key(given), needs, limit - given);
        }
        self.out.work += left.run(&mut self.out.given);
    }
}

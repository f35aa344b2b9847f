//! Handing out what the rights leave over: one sellable at a time, to the largest claim, then by name,
//! while it fits every cell that it takes from.
//!
//! One at a time would cost a step for each unit, and much can be left: of a bundle's plentiful component,
//! or where something may not rise. So claims are looked at in intervals. Each unit given lowers a claim by
//! a fixed amount; so an interval of claims says how often each sellable would come up in it. Cells that can
//! bear all of that are served at once, in whatever order. Only what takes from a cell that cannot is
//! looked at again, in the upper half of the interval and then in the lower, down to where so few are left
//! that going one by one costs no more. A cell is over-asked in one interval of each width for each
//! different quantity that is taken from it, so the cost is near linear.

use super::share::FINE;
use std::ops::Range;

/// Bits behind the point of a claim. Claims whose fractions have a common denominator below 2^60 are
/// compared exactly; two that are closer than 2^-60 of a unit are the same, and their names decide. A
/// quantity that is a fraction of base units (a pound, on grams) counts here to 2^-60 of a unit.
const POINT: u32 = 60;

/// What a sellable may still claim: Σ over its cells of (count · weight / all weights − given · quantity).
#[derive(Debug, Default)]
pub struct Claim {
    whole: i128,
    fine: u128,
    step: i128,
}

impl Claim {
    /// Adds what it has a right to on one cell.
    pub fn add(&mut self, (whole, fine): (i64, u128)) {
        self.whole += i128::from(whole);
        self.fine += fine;
    }

    /// Adds what one more of it takes from one cell: `need` / `scale` base units.
    pub fn takes_off(&mut self, need: i128, scale: i64) {
        let scale = i128::from(scale);
        let (whole, rest) = (need / scale, need % scale);
        let own = (whole << POINT) + (rest << POINT) / scale;
        self.step = self.step.saturating_add(own);
    }

    /// The claim once so many are given, and by how much each one more lowers it; in parts of 2^-60.
    pub fn key(&self, given: i64) -> (i128, i128) {
        let guard = FINE - POINT;
        let fine = (self.fine + (1 << (guard - 1))) >> guard;
        let full = (self.whole << POINT) + fine as i128;
        let step = self.step.max(1);
        (full.saturating_sub(step.saturating_mul(given.into())), step)
    }
}

/// A sellable to which something may be given.
struct Open {
    sellable: usize,
    key: i128,
    step: i128,
    needs: Range<usize>,
    /// How many more it may get, whatever is left.
    room: i64,
}

/// What is left, and who may have it.
pub struct Left<'r> {
    rest: &'r mut [i128],
    needs: Vec<(usize, i128)>,
    open: Vec<Open>,
    /// What an interval asks of each cell; 0 between intervals.
    asked: Vec<i128>,
    given: Vec<i64>,
    work: u64,
}

/// From where to where claims are looked at: above `low`, up to `high`.
#[derive(Clone, Copy)]
struct Interval {
    low: i128,
    high: i128,
}

impl<'r> Left<'r> {
    /// Begins with what is left of each cell.
    pub fn new(rest: &'r mut [i128]) -> Left<'r> {
        let asked = vec![0; rest.len()];
        Left { rest, needs: Vec::new(), open: Vec::new(), asked, given: Vec::new(), work: 0 }
    }

    /// Whether there is enough left for one more.
    pub fn fits_once(&self, mut needs: impl Iterator<Item = (usize, i128)>) -> bool {
        needs.all(|(cell, need)| self.rest[cell] >= need)
    }

    /// Adds a sellable, by name; `room` is how many more it may get.
    pub fn add(
        &mut self,
        sellable: usize,
        (key, step): (i128, i128),
        needs: impl Iterator<Item = (usize, i128)>,
        room: i64,
    ) {
        let start = self.needs.len();
        self.needs.extend(needs);
        self.open.push(Open { sellable, key, step, needs: start..self.needs.len(), room });
    }

    /// Hands everything out, and adds it to what each sellable was given. Answers what it cost.
    pub fn run(mut self, given: &mut [i64]) -> u64 {
        self.given = vec![0; self.open.len()];
        for group in self.groups() {
            let high = group.iter().map(|at| self.open[*at].key).max().unwrap_or(0);
            let end = |at: &usize| {
                let open = &self.open[*at];
                open.key.saturating_sub(open.step.saturating_mul(self.room(*at).into())).saturating_sub(1)
            };
            let low = group.iter().map(end).min().unwrap_or(0);
            self.hand_out(&group, Interval { low, high });
        }
        for (open, more) in self.open.iter().zip(&self.given) {
            given[open.sellable] += more;
        }
        self.work
    }

    /// Sellables that have cells in common, directly or by way of others.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut parent: Vec<usize> = (0..self.rest.len()).collect();
        for open in &self.open {
            let mut cells = self.needs[open.needs.clone()].iter().map(|(cell, _)| *cell);
            let Some(first) = cells.next() else { continue };
            for cell in cells {
                let (one, other) = (root(&mut parent, first), root(&mut parent, cell));
                // Towards the smaller one; halving paths keeps them short.
                parent[one.max(other)] = one.min(other);
            }
        }
        let mut sorted: Vec<(usize, usize)> = Vec::with_capacity(self.open.len());
        for (at, open) in self.open.iter().enumerate() {
            if let Some((cell, _)) = self.needs.get(open.needs.start) {
                sorted.push((root(&mut parent, *cell), at));
            }
        }
        sorted.sort_unstable();
        let same = |a: &(usize, usize), b: &(usize, usize)| a.0 == b.0;
        sorted.chunk_by(same).map(|group| group.iter().map(|(_, at)| *at).collect()).collect()
    }

    /// How many more of a sellable fit.
    fn room(&self, at: usize) -> i64 {
        let open = &self.open[at];
        let needs = self.needs[open.needs.clone()].iter();
        let most = needs.map(|(cell, need)| self.rest[*cell] / need).min().unwrap_or(0);
        // What is left of a cell is at most 10^15 units of at least a billionth.
        i64::try_from(most).unwrap_or(i64::MAX).min(open.room - self.given[at])
    }

    fn give(&mut self, at: usize, many: i64) {
        let open = &mut self.open[at];
        open.key = open.key.saturating_sub(open.step.saturating_mul(many.into()));
        self.given[at] += many;
        for (cell, need) in &self.needs[open.needs.clone()] {
            self.rest[*cell] -= need * i128::from(many);
        }
    }

    fn hand_out(&mut self, group: &[usize], interval: Interval) {
        let mut wanting: Vec<(usize, i64)> = Vec::new();
        let mut times = 0_i128;
        for at in group {
            self.work += self.open[*at].needs.len() as u64;
            let open = &self.open[*at];
            if open.key > interval.low {
                let comes_up = (open.key - interval.low - 1) / open.step + 1;
                let many = i64::try_from(comes_up).unwrap_or(i64::MAX).min(self.room(*at));
                if many > 0 {
                    wanting.push((*at, many));
                    times += i128::from(many);
                }
            }
        }
        if times <= 4 * wanting.len() as i128 + 16 || interval.high.saturating_sub(interval.low) <= 1 {
            return self.one_by_one(&wanting);
        }
        let short = self.serve(&wanting);
        if !short.is_empty() {
            let middle = interval.low + (interval.high - interval.low) / 2;
            self.hand_out(&short, Interval { low: middle, high: interval.high });
            self.hand_out(&short, Interval { low: interval.low, high: middle });
        }
    }

    /// Gives all that is wanted to those whose cells can bear what everyone wants; answers the others.
    fn serve(&mut self, wanting: &[(usize, i64)]) -> Vec<usize> {
        for (at, many) in wanting {
            for (cell, need) in &self.needs[self.open[*at].needs.clone()] {
                self.asked[*cell] += need * i128::from(*many);
            }
        }
        let bears = |at: usize| {
            let mut needs = self.needs[self.open[at].needs.clone()].iter();
            needs.all(|(cell, _)| self.asked[*cell] <= self.rest[*cell])
        };
        let (served, short): (Vec<_>, Vec<_>) = wanting.iter().partition(|(at, _)| bears(*at));
        for (at, _) in wanting {
            for (cell, _) in &self.needs[self.open[*at].needs.clone()] {
                self.asked[*cell] = 0;
            }
        }
        for (at, many) in served {
            self.give(at, many);
        }
        short.into_iter().map(|(at, _)| at).collect()
    }

    fn one_by_one(&mut self, wanting: &[(usize, i64)]) {
        let mut turns: Vec<(i128, usize)> = Vec::new();
        for (at, many) in wanting {
            let open = &self.open[*at];
            let claim = |turn: i64| open.key.saturating_sub(open.step.saturating_mul(turn.into()));
            turns.extend((0..*many).map(|turn| (claim(turn), *at)));
        }
        turns.sort_unstable_by_key(|(claim, at)| (std::cmp::Reverse(*claim), *at));
        for (_, at) in turns {
            self.work += self.open[at].needs.len() as u64;
            if self.room(at) > 0 {
                self.give(at, 1);
            }
        }
    }
}

fn root(parent: &mut [usize], mut cell: usize) -> usize {
    while parent[cell] != cell {
        parent[cell] = parent[parent[cell]];
        cell = parent[cell];
    }
    cell
}

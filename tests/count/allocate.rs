//! The division of shelves: random ones compared with a slow and plain definition, and what must always
//! hold of them.

use crate::support::chance::{self, Dice};
use onhand::count::allocate::{Cell, Divided, Sellable, Share, Shelves, Stand, Take, divide};
use onhand::model::quantity::Ratio;
use std::cmp::Ordering;

/// A fraction in lowest terms, small enough for 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exact(i128, i128);

impl Exact {
    fn new(top: i128, bottom: i128) -> Exact {
        let (mut a, mut b) = (top.abs(), bottom);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Exact(top / a.max(1), bottom / a.max(1))
    }

    fn plus(self, other: Exact) -> Exact {
        let top = self.0.checked_mul(other.1).zip(other.0.checked_mul(self.1));
        let (one, two) = top.expect("small numbers");
        Exact::new(one + two, self.1.checked_mul(other.1).expect("small numbers"))
    }

    fn compare(self, other: Exact) -> Ordering {
        self.plus(Exact(-other.0, other.1)).0.cmp(&0)
    }
}

fn takes(shelves: &Shelves, at: usize) -> &[Take] {
    &shelves.takes[shelves.sellables[at].takes.clone()]
}

fn on(shelves: &Shelves, at: usize, cell: usize) -> Option<Ratio> {
    takes(shelves, at).iter().find(|take| take.cell == cell).map(|take| take.quantity)
}

/// The part of a cell to which a sellable has a right, among some of those on it.
fn part(shelves: &Shelves, cell: usize, at: usize, among: &dyn Fn(usize) -> bool) -> Exact {
    let all = || (0..shelves.sellables.len()).filter(|s| on(shelves, *s, cell).is_some() && among(*s));
    let own = &shelves.sellables[at];
    let of_target = || all().filter(|s| shelves.sellables[*s].target == own.target);
    let mut targets: Vec<usize> = all().map(|s| shelves.sellables[s].target).collect();
    targets.sort_unstable();
    targets.dedup();
    let weights: i128 = targets.iter().map(|target| i128::from(shelves.targets[*target])).sum();
    let mut inside = 0;
    let mut seen: Vec<u32> = Vec::new();
    for s in of_target() {
        let other = &shelves.sellables[s];
        match other.shares {
            Some(mark) if seen.contains(&mark) => {}
            mark => {
                seen.extend(mark);
                inside += i128::from(other.weight);
            }
        }
    }
    let codes = of_target()
        .filter(|s| *s == at || own.shares.is_some() && shelves.sellables[*s].shares == own.shares);
    let target = i128::from(shelves.targets[own.target]);
    Exact::new(target * i128::from(own.weight), weights * inside * codes.count() as i128)
}

/// floor(units / quantity).
fn fits(units: i128, quantity: Ratio) -> i128 {
    (units * i128::from(quantity.denominator)).div_euclid(i128::from(quantity.numerator))
}

/// What of a cell is taken by what is given: a whole number of parts of a unit, and the parts in a unit.
fn taken(shelves: &Shelves, cell: usize, given: &[i64]) -> Exact {
    let mut sum = Exact(0, 1);
    for (at, given) in given.iter().enumerate() {
        if let Some(quantity) = on(shelves, at, cell) {
            let own = i128::from((*given).max(0)) * i128::from(quantity.numerator);
            sum = sum.plus(Exact::new(own, i128::from(quantity.denominator)));
        }
    }
    sum
}

/// The division as the language says it, one unit after the other.
fn plain(shelves: &Shelves) -> Vec<i64> {
    let sellables = 0..shelves.sellables.len();
    let fixed = |at: usize| matches!(shelves.sellables[at].stand, Stand::Fixed(_));
    let held: Vec<i64> = sellables
        .clone()
        .map(|at| match shelves.sellables[at].stand {
            Stand::Fixed(shown) => shown,
            _ => 0,
        })
        .collect();
    let right = |at: usize, take: &Take| -> i128 {
        let cell = &shelves.cells[take.cell];
        let count = i128::from(cell.count);
        if cell.pooled {
            return count;
        }
        let floor = |at: usize, of: i128, among: &dyn Fn(usize) -> bool| {
            let part = part(shelves, take.cell, at, among);
            (of * part.0).div_euclid(part.1)
        };
        let own = floor(at, count, &|_| true);
        if count <= 0 {
            return own;
        }
        let gone = taken(shelves, take.cell, &held);
        // In parts of the denominators met here, as many as fit.
        let rest = (Exact(count, 1).plus(Exact(-gone.0, gone.1))).0.max(0)
            / Exact(count, 1).plus(Exact(-gone.0, gone.1)).1;
        let free = sellables.clone().filter(|s| on(shelves, *s, take.cell).is_some() && !fixed(*s));
        let rights: i128 = free.map(|s| floor(s, count, &|_| true)).sum();
        if rights <= rest { own } else { own.min(floor(at, rest, &|s| !fixed(s))) }
    };
    let mut given = held.clone();
    for at in sellables.clone().filter(|at| !fixed(*at)) {
        let least = takes(shelves, at).iter().map(|take| fits(right(at, take), take.quantity)).min();
        let least = least.unwrap_or(0) as i64;
        given[at] = match shelves.sellables[at].stand {
            Stand::AtMost(shown) => least.min(shown),
            _ => least,
        };
    }
    loop {
        let best = sellables.clone().filter(|at| may_have_one(shelves, &given, *at)).reduce(|best, next| {
            let more = claim(shelves, &given, next).compare(claim(shelves, &given, best));
            if more == Ordering::Greater { next } else { best }
        });
        let Some(best) = best else { return given };
        given[best] += 1;
    }
}

/// Whether one more fits every cell that a sellable takes from.
fn may_have_one(shelves: &Shelves, given: &[i64], at: usize) -> bool {
    let may = match shelves.sellables[at].stand {
        Stand::Free => true,
        Stand::AtMost(shown) => given[at] < shown,
        Stand::Fixed(_) => false,
    };
    let mut more = given.to_vec();
    more[at] += 1;
    let bears = |take: &Take| {
        let Cell { count, pooled } = shelves.cells[take.cell];
        if pooled {
            return i128::from(more[at]) <= fits(i128::from(count), take.quantity);
        }
        let sum = taken(shelves, take.cell, &more);
        count > 0 && sum.compare(Exact(i128::from(count), 1)) != Ordering::Greater
    };
    let divided = |take: &Take| !shelves.cells[take.cell].pooled;
    may && takes(shelves, at).iter().all(bears) && takes(shelves, at).iter().any(divided)
}

/// Σ over its divided cells of (count · weight / all weights − given · quantity).
fn claim(shelves: &Shelves, given: &[i64], at: usize) -> Exact {
    let mut sum = Exact(0, 1);
    for take in takes(shelves, at).iter().filter(|take| !shelves.cells[take.cell].pooled) {
        let part = part(shelves, take.cell, at, &|_| true);
        let count = i128::from(shelves.cells[take.cell].count);
        sum = sum.plus(Exact::new(count * part.0, part.1));
        let own = i128::from(given[at]) * i128::from(take.quantity.numerator);
        sum = sum.plus(Exact::new(-own, i128::from(take.quantity.denominator)));
    }
    sum
}

/// How large the numbers of a case are.
#[derive(Clone, Copy)]
struct Size {
    count: u64,
    weight: u64,
    /// Whether a sellable may take a fraction of a base unit.
    fractions: bool,
}

/// A random division: up to four targets, six cells, eight sellables.
fn shelves(dice: &mut Dice, size: Size) -> Shelves {
    let mut shelves = Shelves::default();
    let weight = |dice: &mut Dice| {
        let most = [1, 5, size.weight][dice.below(3)];
        1 + dice.roll(most) as i64
    };
    shelves.targets = (0..1 + dice.below(4)).map(|_| weight(dice)).collect();
    for _ in 0..1 + dice.below(6) {
        let count = match dice.below(10) {
            0 => 0,
            1 => -(dice.roll(size.count) as i64),
            2 => dice.roll(4) as i64,
            _ => dice.roll(size.count) as i64,
        };
        shelves.cells.push(Cell { count, pooled: dice.in_ten(1) });
    }
    for _ in 0..1 + dice.below(8) {
        let start = shelves.takes.len();
        let width = [1, 1, 1, 2, 2, 3, 6][dice.below(7)];
        let mut cells: Vec<usize> = (0..shelves.cells.len()).collect();
        for _ in 0..width.min(cells.len()) {
            let cell = cells.swap_remove(dice.below(cells.len()));
            let most = [1, 1, 2, 12, size.count][dice.below(5)];
            let (top, bottom) = (1 + dice.roll(most), if dice.in_ten(1) { 1 + dice.roll(4) } else { 1 });
            let bottom = if size.fractions { bottom } else { 1 };
            let quantity = Ratio::new(top as i64, bottom as i64).expect("above 0");
            shelves.takes.push(Take { cell, quantity });
        }
        let shown = dice.roll(size.count) as i64;
        let stand = match dice.below(10) {
            0 => Stand::Fixed(shown),
            1 => Stand::Fixed(dice.roll(3) as i64),
            2 => Stand::AtMost(shown),
            3 => Stand::AtMost(0),
            _ => Stand::Free,
        };
        let target = dice.below(shelves.targets.len());
        let shares = dice.in_ten(3).then(|| dice.roll(2) as u32);
        // All that share a mark have its one weight.
        let known = |s: &&Sellable| shares.is_some() && s.target == target && s.shares == shares;
        let known = shelves.sellables.iter().find(known).map(|s| s.weight);
        let weight = known.unwrap_or_else(|| weight(dice));
        let takes = start..shelves.takes.len();
        shelves.sellables.push(Sellable { target, weight, shares, takes, stand });
    }
    shelves
}

/// The first law: for every divided cell, what is shown times what it takes is at most the count, unless
/// what is not written is more than that already; then nothing is added to it.
fn never_above(shelves: &Shelves, out: &Divided) {
    for (cell, own) in shelves.cells.iter().enumerate() {
        let held: Vec<i64> = shelves
            .sellables
            .iter()
            .map(|s| match s.stand {
                Stand::Fixed(shown) => shown,
                _ => 0,
            })
            .collect();
        let (all, gone) = (taken(shelves, cell, &out.given), taken(shelves, cell, &held));
        let count = Exact(i128::from(own.count.max(0)), 1);
        let most = if gone.compare(count) == Ordering::Greater { gone } else { count };
        match own.pooled {
            false => assert_ne!(all.compare(most), Ordering::Greater, "cell {cell}: {all:?} of {most:?}"),
            true => {
                for (at, given) in out.given.iter().enumerate() {
                    if let (Some(quantity), false) =
                        (on(shelves, at, cell), matches!(shelves.sellables[at].stand, Stand::Fixed(_)))
                    {
                        assert!(i128::from(*given) <= fits(count.0, quantity), "cell {cell}");
                    }
                }
            }
        }
    }
    for (at, sellable) in shelves.sellables.iter().enumerate() {
        match sellable.stand {
            Stand::Free => assert!(out.given[at] >= out.right[at]),
            Stand::AtMost(shown) => {
                assert!(out.given[at] <= shown && out.given[at] >= out.right[at].min(shown))
            }
            Stand::Fixed(shown) => assert_eq!(out.given[at], shown),
        }
    }
}

#[test]
fn a_division_is_what_the_plain_definition_says() {
    let (mut cases, mut handed) = (0, 0);
    for seed in chance::seeds(4_000) {
        let mut dice = Dice(seed);
        let count = [4, 12, 40][dice.below(3)];
        let shelves = shelves(&mut dice, Size { count, weight: 9, fractions: false });
        let out = divide(&shelves);
        never_above(&shelves, &out);
        assert_eq!(out.given, plain(&shelves), "ONHAND_SEED={seed}: {shelves:#?}");
        cases += 1;
        handed += usize::from(out.given != out.right);
    }
    println!("{cases} divisions agree with the plain definition; in {handed} something was left to hand out");
    assert!(chance::asked().is_some() || handed > cases / 4);
}

#[test]
fn large_counts_and_weights_never_promise_more_than_there_is() {
    let (mut cases, mut work, mut takes) = (0, 0_u64, 0);
    for seed in chance::seeds(20_000) {
        let mut dice = Dice(seed ^ 0xA110_CA7E);
        let size = Size { count: 1_000_000_000_000_000, weight: 1_000_000_000_000, fractions: true };
        let shelves = shelves(&mut dice, size);
        let out = divide(&shelves);
        never_above(&shelves, &out);
        assert_eq!(out, divide(&shelves), "ONHAND_SEED={seed}: not the same twice");
        cases += 1;
        work += out.work;
        takes += shelves.takes.len();
    }
    println!("{cases} divisions of counts up to 10^15: each take looked at {} times", work / takes as u64);
}

#[test]
fn parts_of_one_cell_are_fair_within_one_unit() {
    for seed in chance::seeds(2_000) {
        let mut dice = Dice(seed);
        let most = [4, 51, 1_000_001][dice.below(3)];
        let count = dice.roll(most) as i64;
        let weights: Vec<i64> = (0..1 + dice.below(5)).map(|_| 1 + dice.roll(7) as i64).collect();
        let given = one_cell(count, &weights).given;
        let all: i64 = weights.iter().sum();
        assert_eq!(given.iter().sum::<i64>(), count, "seed {seed}: nothing stays in the drawer");
        for (given, weight) in given.iter().zip(&weights) {
            let off = i128::from(*given) * i128::from(all) - i128::from(count) * i128::from(*weight);
            assert!(off.abs() < i128::from(all), "seed {seed}: {given} of {count} for {weight} of {all}");
        }
        // One more unit is nobody's loss, but for the unit that is left over.
        let more = one_cell(count + 1, &weights).given;
        assert!(given.iter().zip(&more).all(|(now, then)| then + 1 >= *now), "seed {seed}");
        if weights.len() <= 2 {
            assert!(given.iter().zip(&more).all(|(now, then)| then >= now), "seed {seed}");
        }
    }
}

/// One cell from which each of some targets sells one thing.
fn one_cell(count: i64, weights: &[i64]) -> Divided {
    let sellable =
        |target| Sellable { target, weight: 1, shares: None, takes: target..target + 1, stand: Stand::Free };
    divide(&Shelves {
        targets: weights.to_vec(),
        cells: vec![Cell { count, pooled: false }],
        sellables: (0..weights.len()).map(sellable).collect(),
        takes: vec![Take { cell: 0, quantity: Ratio::ONE }; weights.len()],
    })
}

#[test]
fn rights_are_rounded_down_and_what_is_left_goes_to_the_largest_claim_then_by_name() {
    assert_eq!(one_cell(40, &[3, 1]).given, [30, 10]);
    assert_eq!(one_cell(41, &[3, 1]).given, [31, 10]);
    assert_eq!(one_cell(42, &[3, 1]).given, [32, 10], "31.5 and 10.5: the first by name");
    assert_eq!(one_cell(43, &[3, 1]).given, [32, 11]);
    assert_eq!(one_cell(1, &[1, 1, 1]).given, [1, 0, 0]);
    assert_eq!(one_cell(-5, &[3, 1]).given, [-4, -2]);
    assert_eq!(one_cell(0, &[3, 1]).given, [0, 0]);
}

/// Bundles over a cell that all of them share and one of their own; the plenty of that cell goes to what is
/// sold by the piece.
fn chain(sellables: usize, plenty: i64) -> Shelves {
    let mut shelves = Shelves { targets: vec![3, 1], ..Shelves::default() };
    shelves.cells.push(Cell { count: plenty, pooled: false });
    for at in 0..sellables {
        let cell = shelves.cells.len();
        shelves.cells.push(Cell { count: (at as i64 * 7919) % 1000, pooled: false });
        for (target, cells) in [(0, vec![0, cell]), (1, vec![cell]), (0, vec![cell, cell.saturating_sub(1)])]
        {
            let start = shelves.takes.len();
            for cell in cells {
                let quantity = Ratio::new(1 + (at % 3) as i64, 1).expect("above 0");
                shelves.takes.push(Take { cell, quantity });
            }
            let takes = start..shelves.takes.len();
            shelves.sellables.push(Sellable { target, weight: 1, shares: None, takes, stand: Stand::Free });
        }
    }
    shelves
}

#[test]
fn the_cost_follows_the_size_and_not_the_counts() {
    let cost = |sellables: usize, plenty: i64| {
        let shelves = chain(sellables, plenty);
        let out = divide(&shelves);
        never_above(&shelves, &out);
        out.work / shelves.takes.len() as u64
    };
    let (small, large) = (cost(1_000, 1_000_000), cost(16_000, 1_000_000_000_000));
    println!("each take is looked at {small} times among 3,000 sellables, {large} times among 48,000");
    assert!(large < 4 * small && large < 1_000, "{small} {large}");
    assert_eq!(Share::NONE.of(7), (0, 0));
}

//! Which causes fit a number that is off.

use super::effect::{Effect, Track, When, time_of};
use super::words::{self, Pack, Told};
use super::{Cause, Reason};
use crate::ledger::Booked;
use crate::model::movement::Movement;
use crate::model::quantity::Ratio;
use crate::model::time::Moment;

/// How many movements in a row may be missing together before it says nothing any more: among many sums one
/// fits by chance.
const ROW: usize = 4;

/// One way to count the movements since the last number.
pub(super) struct Case<'c> {
    pub track: &'c Track<'c>,
    /// What they add.
    pub moved: i64,
    /// All that is known, by time.
    pub acts: &'c [(Effect<'c>, When)],
    /// Which of them are in `moved`.
    pub counted: &'c [bool],
}

impl Case<'_> {
    pub fn expected(&self) -> i64 {
        self.track.last.saturating_add(self.moved)
    }

    pub fn off(&self) -> i64 {
        self.track.shown.saturating_sub(self.expected())
    }

    fn effects(&self) -> impl Iterator<Item = (&Effect<'_>, bool)> {
        self.acts.iter().zip(self.counted).map(|((effect, _), counted)| (effect, *counted))
    }
}

/// The causes that fit, best first; none where only a hand is left.
pub(super) fn causes(case: &Case<'_>, told: &Told<'_>) -> Vec<Reason> {
    if case.off() == 0 {
        return Vec::new();
    }
    let single = missing(case, told);
    // Where one movement alone says it, several in a row say nothing more.
    let row = if single.is_none() { row(case, told) } else { None };
    let found = [single, twice(case, told, true), twice(case, told, false), pack(case, told)];
    found.into_iter().flatten().chain(zone(case, told)).chain(row).collect()
}

/// One movement that is expected to count and does not. Of several the last is named: the others have been
/// there for longer.
fn missing(case: &Case<'_>, told: &Told<'_>) -> Option<Reason> {
    let fits = |(effect, counted): &(&Effect<'_>, bool)| *counted && effect.amount == -case.off();
    let all: Vec<&Booked> = case.effects().filter(fits).map(|(effect, _)| effect.booked).collect();
    let last = all.last()?;
    let evidence = words::missing(last, case.off().saturating_neg(), told);
    Some(one(Cause::MovementMissing, last, words::others(evidence, all.len() - 1)))
}

/// One movement that counts once too often: a reversal, or any other.
fn twice(case: &Case<'_>, told: &Told<'_>, reversal: bool) -> Option<Reason> {
    let reverses = |own: &Booked| matches!(own.key.movement, Movement::Cancellation | Movement::Return);
    let fits = |(effect, _): &(&Effect<'_>, bool)| {
        effect.amount == case.off() && reverses(effect.booked) == reversal
    };
    let all: Vec<(&Booked, bool)> =
        case.effects().filter(fits).map(|(effect, counted)| (effect.booked, counted)).collect();
    let (last, counted) = all.last()?;
    let (cause, evidence) = match reversal {
        true => (Cause::RestockedTwice, words::restocked(last, case.off(), told)),
        false => (Cause::CountedTwice, words::counted(last, (case.off(), *counted), told)),
    };
    Some(one(cause, last, words::others(evidence, all.len() - 1)))
}

fn one(cause: Cause, booked: &Booked, evidence: String) -> Reason {
    words::reason(cause, vec![words::name(booked)], evidence)
}

/// A number, the change since the last one, or a movement in it, that is a pack's factor too large or small.
fn pack(case: &Case<'_>, told: &Told<'_>) -> Option<Reason> {
    let (expected, shown) = (case.expected(), case.track.shown);
    let of = |from: i64, to: i64| told.packs.iter().find_map(|pack| factor(pack, told.unit, from, to));
    let found = |evidence, movements| Some(words::reason(Cause::PackFactor, movements, evidence));
    if let Some(factor) = of(expected, shown) {
        return found(words::pack_of_number((expected, shown), &factor), Vec::new());
    }
    let change = shown.saturating_sub(case.track.last);
    if let Some(factor) = of(case.moved, change) {
        return found(words::pack_of_change((case.moved, change), &factor), Vec::new());
    }
    for (effect, _) in case.effects().filter(|(_, counted)| *counted) {
        let (was, is) = (effect.amount, effect.amount.saturating_add(case.off()));
        if let Some(factor) = of(was, is) {
            let evidence = words::pack_of_movement(effect.booked, (was, is), &factor);
            return found(evidence, vec![words::name(effect.booked)]);
        }
    }
    None
}

/// Whether `to` is `from` counted in a pack instead of in the unit, or the other way round.
fn factor<'p>(pack: &'p Pack, unit: &'p Pack, from: i64, to: i64) -> Option<words::Factor<'p>> {
    let ratio = pack.1.times(unit.1.inverse()).filter(|ratio| *ratio != Ratio::ONE)?;
    let (larger, smaller, ratio) = match ratio.above_one() {
        true => (&pack.0, &unit.0, ratio),
        false => (&unit.0, &pack.0, ratio.inverse()),
    };
    let (top, bottom) = (i128::from(ratio.numerator), i128::from(ratio.denominator));
    let (from, to) = (i128::from(from), i128::from(to));
    let up = from * top == to * bottom;
    let down = to * top == from * bottom;
    (from != 0 && (up || down)).then_some(words::Factor { ratio, larger, smaller, up })
}

/// Movements in a stretch as long as the zone is ahead of or behind UTC, on either side of the moment of the
/// last number or of the one shown: all of them count and should not, or the other way round.
fn zone(case: &Case<'_>, told: &Told<'_>) -> Option<Reason> {
    let stretch = &case.track.stretch;
    for (border, last) in [(stretch.to, true), (stretch.end, false)] {
        let ahead = border.clocks(told.zone).ahead_ms.abs();
        if ahead == 0 {
            continue;
        }
        let (before, after) = (Moment(border.0 - ahead), Moment(border.0 + ahead));
        let windows = if last { vec![(before, border), (border, after)] } else { vec![(before, border)] };
        for window in windows {
            for counted in [true, false] {
                let inside = |(effect, own): &(&Effect<'_>, bool)| {
                    *own == counted && effect.booked.at.is_some_and(|at| at > window.0 && at <= window.1)
                };
                let all: Vec<&Effect<'_>> = case.effects().filter(inside).map(|(own, _)| own).collect();
                let sum = all.iter().fold(0_i64, |sum, own| sum.saturating_add(own.amount));
                let fits = if counted { sum == -case.off() } else { sum == case.off() };
                if fits && !all.is_empty() {
                    let movements = all.iter().map(|own| words::name(own.booked)).collect();
                    let evidence = words::zone(window, (all.len(), sum), counted, told);
                    return Some(words::reason(Cause::TimeZone, movements, evidence));
                }
            }
        }
    }
    None
}

/// The fewest movements that follow each other, all expected to count, of which none does.
fn row(case: &Case<'_>, told: &Told<'_>) -> Option<Reason> {
    let counted: Vec<&Effect<'_>> = case.effects().filter(|(_, own)| *own).map(|(own, _)| own).collect();
    for length in 2..=ROW {
        let fits = |row: &&[&Effect<'_>]| {
            row.iter().fold(0_i64, |sum, own| sum.saturating_add(own.amount)) == -case.off()
        };
        if let Some(row) = counted.windows(length).rfind(fits) {
            let movements: Vec<String> = row.iter().map(|own| words::name(own.booked)).collect();
            let times = (time_of(row[0].booked), time_of(row[length - 1].booked));
            let evidence = words::row(&movements, times, case.off().saturating_neg(), told);
            return Some(words::reason(Cause::MovementMissing, movements, evidence));
        }
    }
    None
}

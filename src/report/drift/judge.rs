//! Whether a number is what the last one and the movements since make of it, and by how much it is off.

use super::cause::{Case, causes};
use super::effect::{Effect, Track, Weight, When, time_of};
use super::words::{self, Told};
use super::{Cause, Reason};
use crate::model::movement::Movement;

/// A movement, with the side on which it stands.
pub(super) type Act<'r> = (Effect<'r>, When);

/// A number that is off.
#[derive(Debug)]
pub(super) struct Judged<'r> {
    track: Track<'r>,
    /// By time.
    acts: Vec<Act<'r>>,
}

fn is_sure((effect, when): &Act<'_>) -> bool {
    *when == When::After && effect.weight == Weight::Sure
}

fn is_open(act: &Act<'_>) -> bool {
    act.1 != When::Before && !is_sure(act)
}

/// Whether a movement counts as far as anybody knows.
fn counts(act: &Act<'_>) -> bool {
    is_inside(act) && act.0.weight > Weight::Unlikely
}

fn is_inside((_, when): &Act<'_>) -> bool {
    matches!(when, When::After | When::Unsure { inside: true })
}

/// Whether a movement counts where a system puts back what is cancelled, or what comes back, or does not.
fn puts_back(act: &Act<'_>, (cancelled, returned): (bool, bool)) -> bool {
    match act.0.booked.key.movement {
        _ if act.0.weight == Weight::Elsewhere => false,
        Movement::Cancellation => is_inside(act) && cancelled,
        Movement::Return => is_inside(act) && returned,
        _ => counts(act),
    }
}

/// A way to count, and on what it rests.
type Way = (fn(&Act<'_>) -> bool, &'static str);

/// The ways to count, the likeliest first. Where a movement may count or not, a cause is looked for either
/// way.
const WAYS: [Way; 7] = [
    (counts, "as far as anybody knows"),
    (|act| puts_back(act, (true, true)), "where it puts back what is cancelled and what comes back"),
    (|act| puts_back(act, (false, false)), "where it puts back nothing by itself"),
    (|act| puts_back(act, (false, true)), "where it puts back what comes back, not what is cancelled"),
    (|act| puts_back(act, (true, false)), "where it puts back what is cancelled, not what comes back"),
    (|act| act.1 != When::Before, "where it has every movement that it may have"),
    (is_sure, "where it has only the movements that it must have"),
];

impl<'r> Judged<'r> {
    /// Judges a number; `None` where it is as expected, or may be.
    pub fn of(track: Track<'r>) -> Option<Judged<'r>> {
        let act = |effect: &Effect<'r>| (*effect, track.stretch.when(effect.booked));
        let acts: Vec<Act<'r>> = track.effects.iter().map(act).collect();
        let sum = |some: &dyn Fn(&Act<'_>) -> bool| total(acts.iter().filter(|act| some(act)));
        let fixed = sum(&is_sure);
        let least = fixed.saturating_add(sum(&|act| is_open(act) && act.0.amount < 0));
        let most = fixed.saturating_add(sum(&|act| is_open(act) && act.0.amount > 0));
        let change = track.shown.saturating_sub(track.last);
        if (least..=most).contains(&change) {
            return None;
        }
        let mut acts = acts;
        acts.sort_by_key(|(effect, _)| (time_of(effect.booked), &effect.booked.key));
        Some(Judged { track, acts })
    }

    /// What the movements since the last number come to, and the causes that fit what is off: those of the
    /// likeliest way to count that has any, then those of the others, which say on what they rest.
    pub fn explain(&self, told: &Told<'_>) -> (i64, Vec<Reason>) {
        let mut tried: Vec<Vec<bool>> = Vec::new();
        let mut found: Option<(i64, Vec<Reason>)> = None;
        for (way, rests) in WAYS {
            let counted: Vec<bool> = self.acts.iter().map(way).collect();
            if tried.contains(&counted) {
                continue;
            }
            let moved = total(self.acts.iter().filter(|act| way(act)));
            let case = Case { track: &self.track, moved, acts: &self.acts, counted: &counted };
            let causes = causes(&case, told);
            tried.push(counted);
            match &mut found {
                None if causes.is_empty() => {}
                None => found = Some((moved, causes)),
                Some((_, known)) => {
                    let new = |own: &Reason| {
                        known.iter().all(|k| (k.cause, &k.movements) != (own.cause, &own.movements))
                    };
                    let fresh: Vec<Reason> = causes.into_iter().filter(new).collect();
                    known.extend(fresh.into_iter().map(|own| words::resting(own, rests)));
                }
            }
        }
        found.unwrap_or_else(|| {
            let reason = words::reason(Cause::Edited, Vec::new(), words::edited(told));
            (total(self.acts.iter().filter(|act| counts(act))), vec![reason])
        })
    }
}

fn total<'a>(acts: impl Iterator<Item = &'a Act<'a>>) -> i64 {
    acts.fold(0, |sum, (effect, _)| sum.saturating_add(effect.amount))
}

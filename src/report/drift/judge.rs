//! Whether a number is what the last one and the movements since make of it, and by how much it is off.

use super::cause::{Case, causes};
use super::effect::{Effect, Track, Weight, When, time_of};
use super::words::{Told, edited};
use super::{Cause, Reason};

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
fn counts((effect, when): &Act<'_>) -> bool {
    matches!(when, When::After | When::Unsure { inside: true }) && effect.weight != Weight::Unlikely
}

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

    /// What the movements since the last number come to, and the causes that fit what is off.
    pub fn explain(&self, told: &Told<'_>) -> (i64, Vec<Reason>) {
        // Where a movement may count or not, a cause is looked for either way.
        let ways: [fn(&Act<'_>) -> bool; 3] = [counts, |act| act.1 != When::Before, is_sure];
        let found = ways.iter().map(|way| self.case(*way, told)).find(|(_, causes)| !causes.is_empty());
        found.unwrap_or_else(|| {
            let reason = Reason { cause: Cause::Edited, movements: Vec::new(), evidence: edited(told) };
            (self.case(counts, told).0, vec![reason])
        })
    }

    fn case(&self, way: fn(&Act<'_>) -> bool, told: &Told<'_>) -> (i64, Vec<Reason>) {
        let moved = total(self.acts.iter().filter(|act| way(act)));
        let counted: Vec<bool> = self.acts.iter().map(way).collect();
        let case = Case { track: &self.track, moved, acts: &self.acts, counted: &counted };
        (moved, causes(&case, told))
    }
}

fn total<'a>(acts: impl Iterator<Item = &'a Act<'a>>) -> i64 {
    acts.fold(0, |sum, (effect, _)| sum.saturating_add(effect.amount))
}

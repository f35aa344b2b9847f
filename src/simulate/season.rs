//! A simulation as it is asked for: one world a week, each with a seed of its own, and their sum.

use super::faults::{Fault, Faults};
use super::pace::Pace;
use super::play::{Play, Played, Settings};
use super::scene::Scene;
use super::shrink::shrink;
use super::world::Tally;
use crate::model::SystemId;
use std::collections::BTreeSet;

/// A world lasts so many hours at most: a week. What comes after it is another world.
pub const WEEK: u64 = 168;
const HOUR_MS: i64 = 3_600_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The seed of the first week; each week after it has the next number.
    pub seed: u64,
    /// How many hours in all.
    pub hours: u64,
    /// At most so many items.
    pub items: usize,
    /// Faults that do not strike.
    pub without: Vec<Fault>,
    /// Askings that do not happen, by number.
    pub skip: BTreeSet<usize>,
    /// Whether units sold that are not there are a failure.
    pub fails_on_oversold: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Season {
    /// By flow.
    pub tallies: Vec<Tally>,
    /// How often each fault has struck.
    pub strikes: Vec<(Fault, u64)>,
    /// Worlds.
    pub worlds: u64,
    /// Cycles.
    pub cycles: u64,
    /// How often somebody had to lift a guard.
    pub lifted: u64,
    /// Requests.
    pub calls: u64,
    /// The first failure.
    pub failed: Option<Failed>,
}

/// A failure, as short as it was found to be.
#[derive(Debug, Clone)]
pub struct Failed {
    /// What is asked for to see it again.
    pub again: Asked,
    /// The world.
    pub played: Played,
}

/// Plays weeks until the hours are over or a promise is broken.
pub fn season(scene: &mut Scene, asked: &Asked) -> Season {
    let mut season =
        Season { tallies: vec![Tally::default(); scene.model().flows.len()], ..Season::default() };
    let (mut left, mut seed) = (asked.hours, asked.seed);
    while left > 0 && season.failed.is_none() {
        let hours = left.min(WEEK);
        left -= hours;
        scene.sample(seed, asked.items);
        let settings = settings(scene, asked, (seed, hours));
        let played = Play::new(scene, &settings).run();
        season.add(&played);
        if played.breach.is_some() {
            let (settings, played) = shrink(scene, &settings, &played);
            season.failed = Some(Failed { again: again(asked, &settings), played });
        }
        seed = seed.wrapping_add(1);
    }
    season
}

/// What happens in the first week, told.
pub fn tale(scene: &mut Scene, asked: &Asked) -> Vec<String> {
    scene.sample(asked.seed, asked.items);
    let settings = settings(scene, asked, (asked.seed, asked.hours.min(WEEK)));
    Play::new(scene, &Settings { tells: true, ..settings }).run().tale
}

/// The settings of one week.
pub fn settings(scene: &Scene, asked: &Asked, (seed, hours): (u64, u64)) -> Settings {
    let sold = super::layout::Layout::new(scene.model(), scene.graph());
    let channels: BTreeSet<SystemId> = sold.sold.iter().map(|cell| sold.cells[*cell].system).collect();
    let faults = asked.without.iter().fold(Faults::all(seed), |faults, fault| faults.without(*fault));
    Settings {
        seed,
        lasts_ms: i64::try_from(hours).unwrap_or(i64::MAX).saturating_mul(HOUR_MS),
        pace: Pace::busy(channels.len()),
        faults,
        skip: asked.skip.clone(),
        unguarded: false,
        fails_on_oversold: asked.fails_on_oversold,
        tells: false,
    }
}

fn again(asked: &Asked, settings: &Settings) -> Asked {
    let without = Fault::ALL.into_iter().filter(|fault| !settings.faults.has(*fault)).collect();
    let hours = u64::try_from(settings.lasts_ms.div_euclid(HOUR_MS)).unwrap_or(1).max(1);
    Asked { seed: settings.seed, hours, without, skip: settings.skip.clone(), ..asked.clone() }
}

impl Season {
    fn add(&mut self, played: &Played) {
        self.worlds += 1;
        self.cycles += played.cycles;
        self.calls += played.calls;
        self.lifted += played.lifted;
        for (sum, own) in self.tallies.iter_mut().zip(&played.tallies) {
            sum.sold += own.sold;
            sum.oversold += own.oversold;
            sum.turned_away += own.turned_away;
            sum.lag_ms = sum.lag_ms.max(own.lag_ms);
            sum.queued += own.queued;
        }
        if self.strikes.is_empty() {
            self.strikes.clone_from(&played.strikes);
        } else {
            self.strikes.iter_mut().zip(&played.strikes).for_each(|(sum, own)| sum.1 += own.1);
        }
    }
}

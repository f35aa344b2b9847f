//! A world that breaks a promise, made as short as it can be found to be.

use super::faults::Fault;
use super::play::{Play, Played, Settings};
use super::scene::Scene;

/// How many cycles are spent on smaller worlds.
const CYCLES: u64 = 20_000;

/// The shortest world found that breaks the same promise, told.
pub fn shrink(scene: &Scene, settings: &Settings, broken: &Played) -> (Settings, Played) {
    let Some(breach) = &broken.breach else { return (settings.clone(), broken.clone()) };
    let mut own =
        Shrink { scene, what: breach.what, best: settings.clone(), left: CYCLES, asked: broken.asked };
    own.cut(breach.at_ms);
    for fault in Fault::ALL {
        let faults = own.best.faults.clone();
        if faults.has(fault) {
            own.attempt(Settings { faults: faults.without(fault), ..own.best.clone() });
        }
    }
    own.drop_askings();
    let told = Play::new(scene, &Settings { tells: true, ..own.best.clone() }).run();
    (own.best, told)
}

struct Shrink<'s> {
    scene: &'s Scene,
    what: &'static str,
    best: Settings,
    left: u64,
    asked: usize,
}

impl Shrink<'_> {
    /// Whether a world breaks the same promise; then it is the best one so far, and ends there.
    fn attempt(&mut self, settings: Settings) -> bool {
        if self.left == 0 {
            return false;
        }
        let played = Play::new(self.scene, &settings).run();
        self.left = self.left.saturating_sub(played.cycles);
        let Some(breach) = played.breach.filter(|breach| breach.what == self.what) else { return false };
        (self.best, self.asked) = (settings, played.asked);
        self.cut(breach.at_ms);
        true
    }

    /// The world ends within the hour of its breach, where it can: one that shows only once the world stands
    /// still is as long as it was.
    fn cut(&mut self, at_ms: i64) {
        const HOUR_MS: i64 = 3_600_000;
        let hours = (at_ms / HOUR_MS + 1) * HOUR_MS;
        self.best.lasts_ms = self.best.lasts_ms.min(hours);
    }

    /// Takes askings out: half of them, then quarters, down to single ones.
    fn drop_askings(&mut self) {
        let mut size = self.asked.div_ceil(2);
        while size > 0 && self.left > 0 {
            let mut from = 1;
            while from <= self.asked && self.left > 0 {
                let range = from..from + size;
                from += size;
                if range.clone().all(|asked| self.best.skip.contains(&asked)) {
                    continue;
                }
                let mut skip = self.best.skip.clone();
                skip.extend(range);
                self.attempt(Settings { skip, ..self.best.clone() });
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }
}

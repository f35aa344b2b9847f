//! What holds until it is changed, in memory.

use super::{MemoryStore, done};
use crate::state::{Kept, Lifted, Limit, Pause, QueueKey, Ran, Scope, Size, Standing};

impl Standing for MemoryStore {
    fn pause<'a>(&'a mut self, pause: &'a Pause) -> Kept<'a, ()> {
        self.pauses.insert((pause.scope, pause.name.clone()), pause.clone());
        done(())
    }

    fn unpause<'a>(&'a mut self, scope: Scope, name: &'a str) -> Kept<'a, bool> {
        done(self.pauses.remove(&(scope, name.to_owned())).is_some())
    }

    fn pauses(&mut self) -> Kept<'_, Vec<Pause>> {
        done(self.pauses.values().cloned().collect())
    }

    fn lift<'a>(&'a mut self, lifted: &'a Lifted) -> Kept<'a, ()> {
        self.lifted.insert((lifted.plan.clone(), lifted.guard.clone()), lifted.clone());
        done(())
    }

    fn lifted<'a>(&'a mut self, plan: &'a str) -> Kept<'a, Vec<Lifted>> {
        done(self.lifted.values().filter(|lifted| lifted.plan == plan).cloned().collect())
    }

    fn limits(&mut self) -> Kept<'_, Vec<Limit>> {
        done(self.limits.values().cloned().collect())
    }

    fn remember_limits<'a>(&'a mut self, limits: &'a [Limit]) -> Kept<'a, ()> {
        self.limits.retain(|(flow, _), _| !limits.iter().any(|new| new.flow == *flow));
        let named = |limit: &Limit| ((limit.flow.clone(), limit.guard.clone()), limit.clone());
        self.limits.extend(limits.iter().map(named));
        done(())
    }

    fn ran(&mut self) -> Kept<'_, Vec<Ran>> {
        done(self.ran.values().cloned().collect())
    }

    fn remember_ran<'a>(&'a mut self, ran: &'a [Ran]) -> Kept<'a, ()> {
        self.ran.extend(ran.iter().map(|own| (own.flow.clone(), own.clone())));
        done(())
    }

    fn sizes(&mut self) -> Kept<'_, Vec<Size>> {
        done(self.sizes.values().cloned().collect())
    }

    fn remember_sizes<'a>(&'a mut self, sizes: &'a [Size]) -> Kept<'a, ()> {
        for size in sizes {
            self.sizes.insert((size.system.clone(), size.what.clone()), size.clone());
        }
        done(())
    }

    fn count_moved<'a>(&'a mut self, moved: &'a [QueueKey], ended: &'a [QueueKey]) -> Kept<'a, Vec<u32>> {
        for key in ended {
            self.streaks.remove(key);
        }
        let mut runs = Vec::with_capacity(moved.len());
        for key in moved {
            let count = self.streaks.entry(key.clone()).or_default();
            *count += 1;
            runs.push(*count);
        }
        done(runs)
    }
}

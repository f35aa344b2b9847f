//! Looking over state in memory.

use super::MemoryStore;
use crate::state::audit::{Broken, broke_off};
use crate::state::{Event, Outcome};
use std::collections::{BTreeMap, BTreeSet};

impl MemoryStore {
    /// What is wrong with what is kept.
    pub(super) fn faults(&self) -> Vec<String> {
        let found = Broken::ALL.map(|what| (what, self.count(what)));
        found.into_iter().filter(|(_, times)| *times > 0).map(|(what, times)| what.told(times)).collect()
    }

    fn count(&self, what: Broken) -> i64 {
        let ended = |id: &str| self.runs.iter().find(|run| run.id == *id).and_then(|run| run.ended);
        match what {
            Broken::TwoOutcomes => {
                let mut outcomes: BTreeMap<(&str, &str), u32> = BTreeMap::new();
                for entry in &self.journal {
                    let skipped = matches!(entry.event, Event::Outcome { outcome: Outcome::Skipped, .. });
                    if matches!(entry.event, Event::Outcome { .. }) && !skipped {
                        *outcomes.entry((&entry.run, &entry.change)).or_default() += 1;
                    }
                }
                outcomes.values().filter(|times| **times > 1).count() as i64
            }
            Broken::NoOutcome => {
                let settled =
                    self.journal.iter().filter(|entry| matches!(entry.event, Event::Outcome { .. }));
                let settled: BTreeSet<_> = settled.map(|entry| (&entry.run, &entry.change)).collect();
                let open = self.cells.iter().filter(|(run, planned)| {
                    ended(run).is_some_and(|(_, status)| !broke_off(status))
                        && !settled.contains(&(run, &planned.change))
                });
                open.count() as i64
            }
            Broken::Unannounced => {
                let (mut announced, mut stray) = (BTreeSet::new(), 0);
                for entry in &self.journal {
                    match entry.event {
                        Event::Intent { .. } => {
                            announced.insert((&entry.run, &entry.change));
                        }
                        Event::Sent if !announced.contains(&(&entry.run, &entry.change)) => stray += 1,
                        _ => {}
                    }
                }
                stray
            }
            Broken::LockOfEnded => {
                let ended = self.lease.as_ref().and_then(|lease| ended(&lease.run));
                i64::from(ended.is_some_and(|(_, status)| status != 130))
            }
            Broken::FenceBack => {
                let fence = self.lease.as_ref().map(|lease| lease.fence);
                let back = |freed: &i64| *freed > self.fence || Some(*freed) == fence;
                i64::from(self.unlocked.iter().any(|unlocked| back(&unlocked.fence)))
            }
        }
    }
}

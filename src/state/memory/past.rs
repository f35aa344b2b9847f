//! What runs were to change and what came of it, in memory.

use super::{MemoryStore, done, refused};
use crate::model::time::Moment;
use crate::state::trouble::{no_run, second_plan};
use crate::state::{Entry, Event, Happened, Kept, Leaving, Past, Planned, Run, Turn, Turned};

impl MemoryStore {
    fn of(&self, run: &Run, planned: &Planned) -> Happened {
        let own = self.journal.iter().filter(|e| e.run == run.id && e.change == planned.change);
        let (mut outcome, mut intended, mut written) = (None, None, None);
        for entry in own {
            match &entry.event {
                Event::Intent { after, .. } => intended = Some(*after),
                Event::Sent => written = intended,
                Event::Again { .. } => {}
                Event::Outcome { outcome: ended, reason } => {
                    outcome = Some((*ended, reason.clone(), entry.at))
                }
            }
        }
        Happened {
            run: run.id.clone(),
            actor: run.actor.clone(),
            revision: run.revision.clone(),
            undoes: run.undoes.clone(),
            planned: planned.clone(),
            outcome,
            written,
        }
    }

    fn all(&self, wanted: impl Fn(&Run, &Planned) -> bool) -> Vec<Happened> {
        let mut runs: Vec<&Run> = self.runs.iter().collect();
        runs.sort_by_key(|run| run.began);
        let runs = runs.into_iter().flat_map(|run| {
            self.cells.iter().filter(|(of, _)| *of == run.id).map(move |(_, planned)| (run, planned))
        });
        runs.filter(|(run, planned)| wanted(run, planned))
            .map(|(run, planned)| self.of(run, planned))
            .collect()
    }
}

impl Past for MemoryStore {
    fn keep_plan<'a>(&'a mut self, run: &'a str, text: &'a str, changes: &'a [Planned]) -> Kept<'a, ()> {
        let mut sorted = changes.to_vec();
        sorted.sort_by(|a, b| a.change.cmp(&b.change));
        let twice = sorted.windows(2).any(|two| two[0].change == two[1].change);
        let kept = self.texts.contains_key(run) || self.cells.iter().any(|(of, _)| of == run);
        if twice || kept || self.runs.iter().all(|own| own.id != run) {
            return refused(second_plan(run));
        }
        self.texts.insert(run.to_owned(), text.to_owned());
        self.cells.extend(sorted.into_iter().map(|planned| (run.to_owned(), planned)));
        done(())
    }

    fn plan_text<'a>(&'a mut self, run: &'a str) -> Kept<'a, Option<String>> {
        done(self.texts.get(run).cloned())
    }

    fn leavings<'a>(&'a mut self, system: &'a str, after: Moment) -> Kept<'a, Vec<Leaving>> {
        let cell = |entry: &Entry| {
            let own = |(run, planned): &&(String, Planned)| {
                *run == entry.run && planned.change == entry.change && planned.system == system
            };
            self.cells.iter().find(own).map(|(_, planned)| planned)
        };
        let one = |entry: &Entry| {
            let planned = cell(entry)?;
            let (location, code) = (planned.location.clone(), planned.code.clone());
            Some(Leaving { location, code, at: entry.at })
        };
        let sent = |entry: &&Entry| matches!(entry.event, Event::Sent) && entry.at > after;
        done(self.journal.iter().filter(sent).filter_map(one).collect())
    }

    fn forget_plans(&mut self, before: Moment) -> Kept<'_, u64> {
        let old = |run: &&Run| run.ended.is_some_and(|(at, _)| at < before);
        let old: Vec<String> = self.runs.iter().filter(old).map(|run| run.id.clone()).collect();
        done(old.iter().filter(|run| self.texts.remove(*run).is_some()).count() as u64)
    }

    fn happened<'a>(&'a mut self, run: &'a str) -> Kept<'a, Vec<Happened>> {
        done(self.all(|own, _| own.id == run))
    }

    fn history<'a>(&'a mut self, item: &'a str) -> Kept<'a, Vec<Happened>> {
        done(self.all(|_, planned| planned.item == item))
    }

    fn remember_turns<'a>(&'a mut self, turns: &'a [Turn]) -> Kept<'a, ()> {
        if let Some(turn) = turns.iter().find(|turn| self.runs.iter().all(|run| run.id != turn.run)) {
            return refused(no_run(&turn.run));
        }
        for turn in turns {
            let own = self.turns.entry((turn.flow.clone(), turn.run.clone())).or_insert_with(|| turn.clone());
            (own.through, own.left) = (turn.through, turn.left);
        }
        done(())
    }

    fn turns<'a>(&'a mut self, flow: &'a str, since: Moment) -> Kept<'a, Vec<Turned>> {
        let first = (flow.to_owned(), String::new());
        let own = self.turns.range(first..).take_while(|((of, _), _)| of == flow).map(|(_, turn)| turn);
        let mut found: Vec<&Turn> = own.collect();
        found.sort_by(|a, b| (a.began, &a.run).cmp(&(b.began, &b.run)));
        let before = found.iter().map(|turn| turn.began).filter(|began| *began < since).max();
        found.retain(|turn| turn.began >= before.unwrap_or(since));
        let ended = |turn: &Turn| self.runs.iter().find(|run| run.id == turn.run)?.ended;
        done(found.into_iter().map(|turn| (turn.clone(), ended(turn))).collect())
    }
}

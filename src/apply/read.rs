//! Reading in the safe order: what owners have promised, then what they have, then what targets show.
//!
//! Reads are never one picture of one moment. In this order a sale or a move between two of them makes a
//! published count too low, never too high.

use super::driver::Stop;
use super::sessions::{Line, Sessions};
use super::watch::Step;
use crate::connectors::Failure;
use crate::model::observation::{Levels, Lines, Observations};
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::plan::change::Read;
use crate::world::{Task, World};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::task::Poll;

/// Which systems some flows read, and as what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Systems whose counts are needed, or that list open lines; a target that also owns is here.
    pub owners: BTreeSet<SystemId>,
    /// Systems that are written and own nothing that is needed.
    pub targets: BTreeSet<SystemId>,
}

impl Needs {
    /// What flows need, each given as its target and all systems that it reads.
    pub fn of<'a>(flows: impl IntoIterator<Item = (SystemId, &'a [SystemId])>) -> Needs {
        let mut needs = Needs::default();
        for (target, reads) in flows {
            needs.targets.insert(target);
            needs.owners.extend(reads.iter().filter(|system| **system != target));
        }
        needs.targets.retain(|target| !needs.owners.contains(target));
        needs
    }
}

/// What was read.
#[derive(Debug, Default)]
pub struct Observed {
    /// The counts and lines. A system that could not be read is absent.
    pub observations: Observations,
    /// One record for each read that was answered; by step, then by system.
    pub reads: Vec<Read>,
    /// Systems that could not be reached or read at all, and why.
    pub unreadable: Vec<(SystemId, Failure)>,
    /// Whether somebody asked to stop before all was read.
    pub interrupted: bool,
}

/// What one read has brought.
enum Got {
    Lines(Lines),
    Levels(Levels),
}

impl Got {
    fn rows(&self) -> u64 {
        match self {
            Got::Lines(lines) => lines.about.rows,
            Got::Levels(levels) => levels.about.rows,
        }
    }
}

/// Reads all that is needed: owners' open lines, owners' levels, targets' levels, each step begun when the
/// one before it has ended; within a step all systems at once. Reads that may be tried again are.
pub async fn observe(model: &Rc<Model>, needs: &Needs, sessions: &mut Sessions, stop: &mut Stop) -> Observed {
    let mut observed = Observed::default();
    let lists = |system: &&SystemId| model.system(**system).lists_lines();
    let everyone: BTreeSet<SystemId> = needs.owners.union(&needs.targets).copied().collect();
    let steps: [(bool, Vec<SystemId>); 3] = [
        (true, everyone.iter().filter(lists).copied().collect()),
        (false, needs.owners.iter().copied().collect()),
        (false, needs.targets.iter().copied().collect()),
    ];
    for (lines, systems) in steps {
        let failed = |observed: &Observed, system| observed.unreadable.iter().any(|(s, _)| *s == system);
        let systems: Vec<SystemId> = systems.into_iter().filter(|s| !failed(&observed, *s)).collect();
        let reads = systems.iter().map(|system| read_one(*system, lines, sessions)).collect();
        let Some(answers) = stop.or(all(reads)).await else {
            observed.interrupted = true;
            return observed;
        };
        for (system, (line, answer)) in systems.into_iter().zip(answers) {
            if let Some(line) = line {
                sessions.put(system, line);
            }
            observed.keep(model, system, answer);
        }
    }
    observed
}

type Answer = (Option<Line>, Result<Got, Failure>);

/// Opens the session if need be, and reads.
fn read_one(system: SystemId, lines: bool, sessions: &mut Sessions) -> Task<'static, Answer> {
    let (world, watch) = (sessions.world().clone(), sessions.watch().clone());
    let (name, mut tries) = (sessions.name(system), sessions.tries(system));
    let what = if lines { "lines" } else { "levels" };
    sessions.tell(&Step::Reading { system: &name, what });
    let open = sessions.take(system);
    let opening = if open.is_none() { Some(sessions.opening(system)) } else { None };
    Box::pin(async move {
        let mut line = match (open, opening) {
            (Some(line), _) => line,
            (None, Some(opening)) => match opening.await {
                Ok(line) => line,
                Err(failure) => {
                    watch.step(Moment(world.clock.now_ms()), &Step::Read { system: &name, what, rows: None });
                    return (None, Err(failure));
                }
            },
            (None, None) => return (None, Err(Failure::Denied { message: "it is in use".to_owned() })),
        };
        let ended = |rows| {
            watch.step(Moment(world.clock.now_ms()), &Step::Read { system: &name, what, rows });
        };
        loop {
            match ask(&mut line, lines, &world).await {
                Ok(got) => {
                    ended(Some(got.rows()));
                    return (Some(line), Ok(got));
                }
                Err(failure) => {
                    if !tries.again(&world, &failure).await {
                        ended(None);
                        return (Some(line), Err(failure));
                    }
                }
            }
        }
    })
}

async fn ask(line: &mut Line, lines: bool, world: &World) -> Result<Got, Failure> {
    line.pace(world, 1).await;
    if lines {
        return line.session.lines().await.map(Got::Lines);
    }
    line.session.levels().await.map(Got::Levels)
}

/// All answers, in the order asked.
async fn all<T>(mut tasks: Vec<Task<'static, T>>) -> Vec<T> {
    let mut answers: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        let mut waiting = false;
        for (task, answer) in tasks.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match task.as_mut().poll(context) {
                    Poll::Ready(found) => *answer = Some(found),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(std::mem::take(&mut answers)) }
    })
    .await
    .into_iter()
    .flatten()
    .collect()
}

impl Observed {
    fn keep(&mut self, model: &Model, system: SystemId, answer: Result<Got, Failure>) {
        let step = self.reads.len() as u32 + 1;
        match answer {
            Ok(Got::Lines(lines)) => {
                self.reads.push(Read::of(&model.system(system).name, "lines", (step, &lines.about)));
                self.observations.lines.insert(system, lines);
            }
            Ok(Got::Levels(levels)) => {
                let read = Read::of(&model.system(system).name, "levels", (step, &levels.about));
                self.reads.push(Read { dated_by_row: !levels.row_as_of.is_empty(), ..read });
                self.observations.levels.insert(system, levels);
            }
            Err(failure) => {
                // Lines without counts, or the reverse, are half a truth.
                self.observations.lines.remove(&system);
                self.unreadable.push((system, failure));
            }
        }
    }

    /// The systems that were read from end to end.
    pub fn complete(&self) -> BTreeSet<SystemId> {
        let mut whole: BTreeMap<SystemId, bool> = BTreeMap::new();
        for (system, levels) in &self.observations.levels {
            whole.insert(*system, levels.about.incomplete.is_none());
        }
        for (system, lines) in &self.observations.lines {
            *whole.entry(*system).or_insert(true) &= lines.about.incomplete.is_none();
        }
        whole.into_iter().filter(|(_, whole)| *whole).map(|(system, _)| system).collect()
    }
}

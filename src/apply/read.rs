//! Reading in the safe order: what owners have promised, then what they have, then what targets show, then
//! what they have sold.
//!
//! Reads are never one picture of one moment. In this order a sale or a move between two of them makes a
//! published count too low, never too high.

use super::driver::Stop;
use super::sessions::{Line, Sessions};
use super::watch::Step;
use crate::connectors::Failure;
use crate::model::moved::{Found, Movements};
use crate::model::observation::{About, Levels, Lines, Observations};
use crate::model::time::Moment;
use crate::model::{Model, Name, SystemId};
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
    /// Systems whose movements are collected, with the moment since when; `None` for all that is open.
    pub collected: BTreeMap<SystemId, Option<Moment>>,
    /// The references of our documents that still wait, by the system that they are posted to.
    pub references: BTreeMap<SystemId, Vec<Name>>,
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
    /// When the first step began.
    pub began: Moment,
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
    Found(Vec<Found>),
    Levels(Levels),
    Movements(Movements),
}

/// What is asked of a system in one read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ask {
    Lines,
    Found(Vec<Name>),
    Levels,
    Movements(Option<Moment>),
}

impl Ask {
    /// The word for it in plans and on the way.
    fn word(&self) -> &'static str {
        match self {
            Ask::Lines => "lines",
            Ask::Found(_) => "documents",
            Ask::Levels => "levels",
            Ask::Movements(_) => "movements",
        }
    }
}

impl Got {
    fn rows(&self) -> u64 {
        match self {
            Got::Lines(lines) => lines.about.rows,
            Got::Levels(levels) => levels.about.rows,
            Got::Found(found) => found.len() as u64,
            Got::Movements(movements) => movements.about.rows,
        }
    }
}

/// Reads all that is needed: owners' open lines and our documents there, owners' levels, targets' levels,
/// channels' movements, each step begun when the one before it has ended; within a step all systems at once.
/// Reads that may be tried again are.
pub async fn observe(model: &Rc<Model>, needs: &Needs, sessions: &mut Sessions, stop: &mut Stop) -> Observed {
    let began = Moment(sessions.world().clock.now_ms());
    let mut observed = Observed { began, ..Observed::default() };
    let lists = |system: &&SystemId| model.system(**system).lists_lines();
    let everyone: BTreeSet<SystemId> = needs.owners.union(&needs.targets).copied().collect();
    let all_of = |systems: &BTreeSet<SystemId>, ask: Ask| -> Vec<(SystemId, Ask)> {
        systems.iter().map(|system| (*system, ask.clone())).collect()
    };
    let listing = everyone.iter().filter(lists).copied().collect();
    let documents = needs.references.iter().map(|(system, names)| (*system, Ask::Found(names.clone())));
    let movements = needs.collected.iter().map(|(system, since)| (*system, Ask::Movements(*since)));
    // Our documents after the lines: what an owner takes in between the two counts twice, not never.
    let steps: [Vec<(SystemId, Ask)>; 5] = [
        all_of(&listing, Ask::Lines),
        documents.collect(),
        all_of(&needs.owners, Ask::Levels),
        all_of(&needs.targets, Ask::Levels),
        movements.collect(),
    ];
    for asked in steps {
        let failed = |observed: &Observed, system| observed.unreadable.iter().any(|(s, _)| *s == system);
        let asked: Vec<(SystemId, Ask)> =
            asked.into_iter().filter(|(system, _)| !failed(&observed, *system)).collect();
        let reads = asked.iter().map(|(system, ask)| read_one(*system, ask.clone(), sessions)).collect();
        let Some(answers) = stop.or(all(reads)).await else {
            observed.interrupted = true;
            return observed;
        };
        for ((system, ask), (line, answer)) in asked.into_iter().zip(answers) {
            if let Some(line) = line {
                sessions.put(system, line);
            }
            observed.keep(model, (system, &ask), answer);
        }
    }
    observed
}

type Answer = (Option<Line>, Result<Got, Failure>);

/// Opens the session if need be, and reads.
fn read_one(system: SystemId, what: Ask, sessions: &mut Sessions) -> Task<'static, Answer> {
    let (world, watch) = (sessions.world().clone(), sessions.watch().clone());
    let (name, mut tries) = (sessions.name(system), sessions.tries(system));
    let (asked, what) = (what.clone(), what.word());
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
            match ask(&mut line, &asked, &world).await {
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

async fn ask(line: &mut Line, what: &Ask, world: &World) -> Result<Got, Failure> {
    line.pace(world, 1).await;
    match what {
        Ask::Lines => line.session.lines().await.map(Got::Lines),
        Ask::Found(references) => line.session.find(references).await.map(Got::Found),
        Ask::Levels => line.session.levels().await.map(Got::Levels),
        Ask::Movements(since) => line.session.movements(*since).await.map(Got::Movements),
    }
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
    fn keep(&mut self, model: &Model, (system, ask): (SystemId, &Ask), answer: Result<Got, Failure>) {
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
            Ok(Got::Found(found)) => {
                self.observations.found.insert(system, found);
            }
            Ok(Got::Movements(movements)) => self.moved(model, system, movements),
            Err(failure) if matches!(ask, Ask::Movements(_)) => {
                // What it shows stands; only nobody knows what it has sold since.
                let incomplete = Some(failure.message().to_owned());
                let about = About { incomplete, ..About::default() };
                self.moved(model, system, Movements { about, ..Movements::default() });
            }
            Err(failure) => {
                // Lines without counts, or the reverse, are half a truth.
                self.observations.lines.remove(&system);
                self.unreadable.push((system, failure));
            }
        }
    }

    fn moved(&mut self, model: &Model, system: SystemId, movements: Movements) {
        let step = self.reads.len() as u32 + 1;
        self.reads.push(Read::of(&model.system(system).name, "movements", (step, &movements.about)));
        self.observations.movements.insert(system, movements);
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
        for (system, movements) in &self.observations.movements {
            *whole.entry(*system).or_insert(true) &= movements.about.incomplete.is_none();
        }
        whole.into_iter().filter(|(_, whole)| *whole).map(|(system, _)| system).collect()
    }
}

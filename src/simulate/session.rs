//! Sessions of a simulated world: each request takes its time, in which the world goes on, and may meet a
//! fault.

use super::faults::Fault;
use super::gate::Gate;
use super::world::World;
use crate::connectors::{Cell, Failure, RowAnswer, Seen, Session, WriteRow};
use crate::model::moved::{Found, Movements, Posted, Posting};
use crate::model::observation::{Column, Levels, Lines};
use crate::model::time::Moment;
use crate::model::{Name, SystemId};
use crate::world::Task;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A session.
pub struct Desk {
    /// The world.
    pub world: Rc<RefCell<World>>,
    /// The steps of the process that asks.
    pub gate: Rc<Gate>,
    /// The system.
    pub system: SystemId,
    /// When the run that asks began, by the true time.
    pub since: i64,
    /// How the posting failed that comes after those answered last.
    pub failed: Option<Failure>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Read,
    Movements,
    Change,
}

/// How a request went.
enum Went {
    Well,
    /// It was carried out, and the answer is lost.
    Lost,
    /// It was carried out, and a part of the answer came.
    Cut,
    /// It shows what was shown before.
    Again,
}

impl Desk {
    /// Opens a session.
    pub async fn open(self) -> Result<Box<dyn Session>, Failure> {
        self.begin(Ask::Read).await?;
        Ok(Box::new(self))
    }

    async fn begin(&self, ask: Ask) -> Result<Went, Failure> {
        self.gate.pass().await;
        let mut world = self.world.borrow_mut();
        world.calls += 1;
        let takes = world.takes(self.system);
        world.pass(takes);
        let fits = |fault: Fault| match fault {
            Fault::Repeated => ask == Ask::Movements,
            Fault::TimeoutAfter => ask == Ask::Change,
            _ => true,
        };
        let Some(fault) = world.faults.of_call(fits) else { return Ok(Went::Well) };
        let system = world.model.system(self.system).name.clone();
        world.tell(|_| format!("{system}: fault {}", fault.word()));
        let message = format!("system `{system}`: {}", fault.word());
        match fault {
            Fault::TimeoutBefore => Err(Failure::Unknown { message }),
            Fault::TimeoutAfter => Ok(Went::Lost),
            Fault::Torn if ask == Ask::Change => Ok(Went::Lost),
            Fault::Torn => Ok(Went::Cut),
            Fault::Repeated => Ok(Went::Again),
            Fault::Expired => Err(Failure::Denied { message }),
            Fault::Busy => {
                let after = world.faults.dice().between(1, 30) as u64;
                Err(Failure::Retry { after: Some(Duration::from_secs(after)), message })
            }
            _ => Err(Failure::Retry { after: None, message }),
        }
    }

    fn lost(&self) -> Failure {
        let world = self.world.borrow();
        Failure::Unknown { message: format!("system `{}`: no answer", world.model.system(self.system).name) }
    }
}

const CUT: &str = "the answer was cut";

impl Session for Desk {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move {
            let went = self.begin(Ask::Read).await?;
            let mut world = self.world.borrow_mut();
            let mut lines = world.lines_of(self.system);
            if let Went::Cut = went {
                lines.lines.truncate(lines.lines.len() / 2);
                lines.about.incomplete = Some(CUT.to_owned());
            }
            world.tell(|w| {
                format!("onhand reads {} lines of {}", lines.lines.len(), w.model.system(self.system).name)
            });
            Ok(lines)
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            let went = self.begin(Ask::Read).await?;
            let mut world = self.world.borrow_mut();
            let mut levels = world.levels_of(self.system);
            if let Went::Cut = went {
                let rows = levels.codes.len() / 2;
                levels.codes.truncate(rows);
                levels.locations.truncate(rows);
                levels.records.truncate(rows);
                levels.columns.iter_mut().for_each(|column| column.values.truncate(rows));
                levels.about.incomplete = Some(CUT.to_owned());
            }
            world.tell_levels(self.system, &levels);
            Ok(levels)
        })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            match self.begin(Ask::Read).await? {
                Went::Cut => Err(self.lost()),
                _ => Ok(self.world.borrow().seen(self.system, cells)),
            }
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move {
            let went = self.begin(Ask::Change).await?;
            let answers = self.world.borrow_mut().write(self.system, rows, self.since);
            self.gate.pass().await;
            if let Went::Lost = went { Err(self.lost()) } else { Ok(answers) }
        })
    }

    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        Box::pin(async move {
            let went = self.begin(Ask::Movements).await?;
            let mut world = self.world.borrow_mut();
            let earlier = if let Went::Again = went { 600_000 } else { 0 };
            let mut read = world.movements_of(self.system, since.map(|since| Moment(since.0 - earlier)));
            if let Went::Cut = went {
                read.moved.truncate(read.moved.len() / 2);
                read.about.incomplete = Some(CUT.to_owned());
                (read.whole, read.next) = (false, None);
            }
            world.tell(|w| {
                format!("onhand reads {} movements of {}", read.moved.len(), w.model.system(self.system).name)
            });
            Ok(read)
        })
    }

    fn post<'s>(&'s mut self, postings: &'s [Posting]) -> Task<'s, Result<Vec<Posted>, Failure>> {
        Box::pin(async move {
            if let Some(failure) = self.failed.take() {
                return Err(failure);
            }
            let mut answers = Vec::with_capacity(postings.len());
            for posting in postings {
                let went = match self.begin(Ask::Change).await {
                    Ok(Went::Lost) => {
                        self.world.borrow_mut().post(self.system, posting);
                        Err(self.lost())
                    }
                    Ok(_) => Ok(self.world.borrow_mut().post(self.system, posting)),
                    Err(failure) => Err(failure),
                };
                self.gate.pass().await;
                match went {
                    Ok(answer) => answers.push(answer),
                    Err(failure) if answers.is_empty() => return Err(failure),
                    Err(failure) => {
                        self.failed = Some(failure);
                        break;
                    }
                }
            }
            Ok(answers)
        })
    }

    fn find<'s>(&'s mut self, references: &'s [Name]) -> Task<'s, Result<Vec<Found>, Failure>> {
        Box::pin(async move {
            match self.begin(Ask::Read).await? {
                Went::Cut => Err(self.lost()),
                _ => Ok(self.world.borrow().documents(self.system, references)),
            }
        })
    }
}

impl World {
    /// Tells what is new in a read of levels.
    fn tell_levels(&mut self, system: SystemId, levels: &Levels) {
        if self.tale.is_none() {
            return;
        }
        let cell = |row: usize| {
            let (code, place) = (&self.model.code(levels.codes[row]).code, levels.locations[row]);
            let shows = |own: &Column| Some(format!("{} {}", own.name, own.values.get(row)?));
            let shows: Vec<String> = levels.columns.iter().filter_map(shows).collect();
            format!("{code} at {}: {}", self.model.location(place).name, shows.join(", "))
        };
        let now: Vec<String> = (0..levels.codes.len()).map(cell).collect();
        let before = self.told.insert(system, now.clone()).unwrap_or_default();
        let new: Vec<String> = now.into_iter().filter(|cell| !before.contains(cell)).collect();
        let new = if new.is_empty() { "nothing new".to_owned() } else { new.join("; ") };
        self.tell(|w| format!("onhand reads {}: {new}", w.model.system(system).name));
    }

    /// How long a request to a system takes now: what its kind or its `limit` says, and at times much longer.
    fn takes(&mut self, system: SystemId) -> i64 {
        if let Some(ms) = self.pace.call_ms {
            return ms;
        }
        let own = self.model.system(system);
        let usual = own.limit.takes.map_or(i64::from(own.kind.request_ms), |takes| takes.as_millis() as i64);
        let slow = if self.dice.below(20) == 0 { 20 } else { 1 };
        usual.max(1) * slow
    }
}

//! A system that is written through a real session trait and misbehaves by script.

use super::world;
use crate::support::state::{lease, run};
use onhand::apply::batch::{Phase, Row};
use onhand::apply::driver::{Hands, Stop, drive};
use onhand::apply::lock::{Hold, Terms};
use onhand::apply::machine::{Finished, Machine, Setup};
use onhand::apply::retry::Policy;
use onhand::apply::{Sessions, Target};
use onhand::connectors::{Cell, Failure, RowAnswer, Seen, Session, WriteRow};
use onhand::model::observation::{Levels, Lines};
use onhand::model::time::Moment;
use onhand::model::{CodeId, LocationId, SystemId};
use onhand::state::memory::MemoryStore;
use onhand::state::{StateError, Store, Taken};
use onhand::world::Task;
use onhand::world::memory::Memory;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

pub const WEB: SystemId = SystemId(0);
pub const TILL: SystemId = SystemId(1);

/// What happens at a call, before it is answered.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// Nothing is done; asking again helps.
    Retry(Option<Duration>),
    /// The batch is refused as a whole.
    Rejected,
    /// The credentials are refused.
    Denied,
    /// The answer is lost; whether the call was carried out.
    Lost(bool),
    /// Somebody else sets a column of a cell first; the call goes well.
    Moves(u32, &'static str, i64),
    /// Somebody else sets a column of a cell right after; the call goes well.
    MovesAfter(u32, &'static str, i64),
}

/// One request as the system met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    Inspect(Vec<u32>),
    Write(Vec<(u32, i64)>),
}

/// Looks at a batch before anything happens to it.
pub type Watch = Box<dyn FnMut(&[WriteRow])>;

/// A system, shared by its session and the test.
#[derive(Default)]
pub struct Shop {
    /// Columns by code.
    pub cells: BTreeMap<u32, BTreeMap<String, i64>>,
    /// Movements by code, where the system keeps a log.
    pub log: Option<BTreeMap<u32, u64>>,
    /// Whether it compares `before` itself.
    pub compares: bool,
    /// Codes whose presence refuses a whole batch.
    pub poison: BTreeSet<u32>,
    /// Codes whose row is refused alone.
    pub refuses: BTreeSet<u32>,
    /// What happens at each inspection to come.
    pub at_inspect: VecDeque<Option<Trouble>>,
    /// What happens at each write to come.
    pub at_write: VecDeque<Option<Trouble>>,
    /// Every request, in order.
    pub met: Vec<Met>,
    /// Every number that came to stand in a cell by our doing, in order.
    pub stood: Vec<(u32, i64)>,
    /// The keys of every request.
    pub keys: Vec<Vec<String>>,
    /// Called with each batch before anything happens to it.
    pub watch: Option<Watch>,
    /// The clock that requests are timed by.
    pub clock: Option<Memory>,
    /// When each request was met, in milliseconds.
    pub times: Vec<i64>,
}

impl Shop {
    /// A system that shows these numbers in its column `qty`.
    pub fn with(cells: &[(u32, i64)]) -> Shop {
        let cell = |(code, qty): &(u32, i64)| (*code, BTreeMap::from([("qty".to_owned(), *qty)]));
        Shop { cells: cells.iter().map(cell).collect(), ..Shop::default() }
    }

    pub fn qty(&self, code: u32) -> i64 {
        self.cells[&code]["qty"]
    }

    pub fn set(&mut self, code: u32, column: &str, value: i64) {
        self.cells.entry(code).or_default().insert(column.to_owned(), value);
        if let Some(log) = &mut self.log {
            *log.entry(code).or_default() += 1;
        }
    }

    fn seen(&self, code: u32) -> Seen {
        let columns = self.cells.get(&code);
        Seen {
            exists: columns.is_some(),
            values: columns.into_iter().flatten().map(|(name, value)| (name.clone(), *value)).collect(),
            log: self.log.as_ref().map(|log| log.get(&code).copied().unwrap_or(0)),
            refused: None,
        }
    }

    fn note(&mut self, met: Met) {
        self.met.push(met);
        if let Some(clock) = &self.clock {
            self.times.push(clock.now_ms.get());
        }
    }

    fn inspect(&mut self, cells: &[Cell]) -> Result<Vec<Seen>, Failure> {
        self.note(Met::Inspect(cells.iter().map(|cell| cell.code.0).collect()));
        match self.at_inspect.pop_front().flatten() {
            Some(Trouble::Moves(code, column, value)) => self.set(code, column, value),
            Some(Trouble::MovesAfter(code, column, value)) => {
                let seen = cells.iter().map(|cell| self.seen(cell.code.0)).collect();
                self.set(code, column, value);
                return Ok(seen);
            }
            Some(trouble) => return Err(failure(&trouble)),
            None => {}
        }
        Ok(cells.iter().map(|cell| self.seen(cell.code.0)).collect())
    }

    fn write(&mut self, rows: &[WriteRow]) -> Result<Vec<RowAnswer>, Failure> {
        self.note(Met::Write(rows.iter().map(|row| (row.cell.code.0, row.after)).collect()));
        self.keys.push(rows.iter().map(|row| row.key.clone()).collect());
        if let Some(mut watch) = self.watch.take() {
            watch(rows);
            self.watch = Some(watch);
        }
        let trouble = self.at_write.pop_front().flatten();
        if let Some(Trouble::Moves(code, column, value)) = trouble {
            self.set(code, column, value);
        }
        if let Some(bad) = rows.iter().find(|row| self.poison.contains(&row.cell.code.0)) {
            return Err(Failure::Rejected { message: format!("code {} is wrong", bad.cell.code.0) });
        }
        match &trouble {
            Some(Trouble::Lost(true)) => {
                rows.iter().for_each(|row| drop(self.carry_out(row)));
                return Err(failure(&Trouble::Lost(true)));
            }
            Some(Trouble::Moves(..) | Trouble::MovesAfter(..)) | None => {}
            Some(trouble) => return Err(failure(trouble)),
        }
        let answers = rows.iter().map(|row| self.carry_out(row)).collect();
        if let Some(Trouble::MovesAfter(code, column, value)) = trouble {
            self.set(code, column, value);
        }
        Ok(answers)
    }

    fn carry_out(&mut self, row: &WriteRow) -> RowAnswer {
        let code = row.cell.code.0;
        if self.refuses.contains(&code) {
            return RowAnswer::Rejected {
                field: "qty".to_owned(),
                message: "the count is locked".to_owned(),
            };
        }
        let seen = self.seen(code);
        let stands = match row.create {
            true => !seen.exists,
            false => seen.exists && row.before.iter().all(|(name, value)| seen.value(name) == Some(*value)),
        };
        if self.compares && !stands {
            return RowAnswer::Moved { found: Some(seen) };
        }
        self.set(code, &row.column, row.after);
        self.stood.push((code, row.after));
        RowAnswer::Written { compared: self.compares }
    }
}

fn failure(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::Retry(after) => Failure::Retry { after: *after, message: "busy".to_owned() },
        Trouble::Rejected => Failure::Rejected { message: "bad request".to_owned() },
        Trouble::Denied => Failure::Denied { message: "wrong password".to_owned() },
        _ => Failure::Unknown { message: "timed out".to_owned() },
    }
}

/// A session on a shop.
pub struct Counter(pub Rc<RefCell<Shop>>);

impl Session for Counter {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(std::future::ready(Ok(Lines::default())))
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(std::future::ready(Ok(Levels::default())))
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move { self.0.borrow_mut().inspect(cells) })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move { self.0.borrow_mut().write(rows) })
    }
}

/// A row that takes code `code` of a system from `before` to `after`.
pub fn row(system: SystemId, code: u32, before: i64, after: i64) -> Row {
    let phase = match (after < before, after) {
        (true, 0) => Phase::Zero,
        (true, _) => Phase::Lower,
        (false, _) => Phase::Raise,
    };
    Row {
        change: format!("{}-{code}", system.0),
        system,
        cell: Cell { code: CodeId(code), location: LocationId(0) },
        column: "qty".to_owned(),
        before: vec![("qty".to_owned(), before)],
        after,
        create: false,
        phase,
    }
}

/// One apply of some rows to two scripted shops.
pub struct Bench {
    pub web: Rc<RefCell<Shop>>,
    pub till: Rc<RefCell<Shop>>,
    pub memory: Memory,
    pub store: Box<dyn Store>,
    pub policy: Policy,
    pub batch: usize,
    /// How long raises may leave.
    pub raises_within: Option<Duration>,
    pub stop: Stop,
}

impl Bench {
    pub fn new(web: Shop) -> Bench {
        let memory = world();
        let bench = Bench {
            web: Rc::new(RefCell::new(web)),
            till: Rc::new(RefCell::new(Shop::default())),
            store: Box::new(MemoryStore::default()),
            policy: Policy::default(),
            batch: 500,
            raises_within: None,
            stop: Stop::never(),
            memory,
        };
        bench.web.borrow_mut().clock = Some(bench.memory.clone());
        bench
    }

    /// Drives a machine over these rows to its end.
    pub async fn apply(&mut self, rows: Vec<Row>) -> Finished {
        self.try_apply(rows).await.expect("the store works")
    }

    /// The same, over a store that may fail.
    pub async fn try_apply(&mut self, rows: Vec<Row>) -> Result<Finished, StateError> {
        let target = |shop: &Rc<RefCell<Shop>>| Target {
            compares: shop.borrow().compares,
            batch: self.batch,
            batch_raises: self.batch.min(50),
        };
        let targets = BTreeMap::from([(WEB, target(&self.web)), (TILL, target(&self.till))]);
        let shops = [self.web.clone(), self.till.clone()];
        let world = Rc::new(self.memory.world());
        let opener = move |system: SystemId| -> Task<'static, Result<Box<dyn Session>, Failure>> {
            let session: Box<dyn Session> = Box::new(Counter(shops[system.index()].clone()));
            Box::pin(std::future::ready(Ok(session)))
        };
        let mut sessions =
            Sessions::new(Rc::new(two_systems()), world, Rc::new(opener)).with_policy(self.policy);
        for system in [WEB, TILL] {
            let line = sessions.opening(system).await.expect("it opens");
            sessions.put(system, line);
        }
        let now = Moment(self.memory.now_ms.get());
        let expires = now.after(Terms::of(&two_systems()).term);
        let text = |text: &str| text.to_owned();
        let mut lease = lease("r1", expires);
        let taken = self.store.take(&lease, now).await.expect("the store works");
        let Taken::Ours(fence) = taken else { panic!("nobody has the lease: {taken:?}") };
        lease.fence = fence;
        let terms = Terms::of(&two_systems());
        let mut hold = Hold { lease, terms };
        self.store.begin(&run("r1", now)).await.expect("the store works");
        let raises_until = self.raises_within.map(|within| now.after(within));
        let setup = Setup { run: text("r1"), plan: text("p1"), policy: self.policy, raises_until };
        let mut machine = Machine::new(setup, rows, &targets);
        let mut hands =
            Hands { sessions: &mut sessions, store: &mut *self.store, hold: &mut hold, stop: &mut self.stop };
        drive(&mut machine, &mut hands).await?;
        Ok(machine.finish())
    }
}

fn two_systems() -> onhand::model::Model {
    let mut town = crate::count::town::Town::empty();
    let kind = &onhand::connectors::memory::DESCRIPTOR;
    for name in ["web", "till"] {
        town.system(name, onhand::model::system::Role::Channel, kind, &["available"]);
    }
    town.model
}

//! A system that is written through a real session trait and misbehaves by script.

use super::world;
use crate::support::state::{lease, run};
use onhand::apply::batch::{Phase, Row, Shelf, Tried};
use onhand::apply::driver::{Hands, Stop, drive};
use onhand::apply::halt::Pauses;
use onhand::apply::lock::{Hold, Terms};
use onhand::apply::machine::{Finished, Machine, Setup};
use onhand::apply::retry::Policy;
use onhand::apply::{Sessions, Target};
use onhand::connectors::{Cell, Failure, RowAnswer, Seen, Session, WriteRow};
use onhand::model::capability::WriteClass;
use onhand::model::observation::{Levels, Lines};
use onhand::model::time::Moment;
use onhand::model::{CodeId, LocationId, SystemId};
use onhand::plan::Plan;
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
pub const DEPOT: SystemId = SystemId(2);

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
    /// One of a code is sold first; the call goes well.
    Sells(u32),
    /// The answer has one row too few; the call is carried out.
    Torn,
    /// The request arrives twice; the answer is that to the second one.
    Twice,
    /// The answer is lost, and the request arrives only after so many others.
    Late(u32),
    /// The read shows what stood there before the last change of each cell.
    Stale,
    /// The clock jumps by so many milliseconds; the call goes well.
    Jump(i64),
    /// Somebody else sets a column of a cell right after; the call goes well.
    MovesAfter(u32, &'static str, i64),
}

/// One request as the system met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    Inspect(Vec<u32>),
    Write(Vec<(u32, i64)>),
}

/// What came to stand where, in all systems, in order.
pub type Noted = Rc<RefCell<Vec<(u32, u32, i64)>>>;

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
    /// Whether it changes by amounts: as which class.
    pub amounts: Option<WriteClass>,
    /// How long it remembers a key, where it changes by amounts under keys.
    pub key_lasts: Duration,
    /// What it answered to each key, where it remembers keys.
    pub answers: BTreeMap<String, RowAnswer>,
    /// Every batch that came, letter for letter.
    pub requests: Vec<Vec<WriteRow>>,
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
    /// Requests that are still on their way, and after how many others they arrive.
    pub late: Vec<(u32, Vec<WriteRow>)>,
    /// What each cell showed before its last change.
    pub stale: BTreeMap<u32, BTreeMap<String, i64>>,
    /// Where every number that came to stand in a cell is noted: system, code, number.
    pub noted: Option<(u32, Noted)>,
    /// How often each kind of trouble struck.
    pub struck: BTreeMap<&'static str, u64>,
    /// Codes that somebody else has changed.
    pub others: BTreeSet<u32>,
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

    /// How a write to it is protected.
    pub fn class(&self) -> WriteClass {
        let set = if self.compares { WriteClass::CompareAndSet } else { WriteClass::Absolute };
        self.amounts.unwrap_or(set)
    }

    pub fn qty(&self, code: u32) -> i64 {
        self.cells[&code]["qty"]
    }

    pub fn set(&mut self, code: u32, column: &str, value: i64) {
        let cell = self.cells.entry(code).or_default();
        self.stale.insert(code, cell.clone());
        cell.insert(column.to_owned(), value);
        if let Some((system, noted)) = &self.noted {
            noted.borrow_mut().push((*system, code, value));
        }
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

    /// What is late comes nearer, and arrives.
    fn arrive(&mut self) {
        let (mut arrived, mut late) = (Vec::new(), Vec::new());
        for (after, rows) in std::mem::take(&mut self.late) {
            match after {
                0 => arrived.push(rows),
                after => late.push((after - 1, rows)),
            }
        }
        self.late = late;
        for rows in arrived {
            if !rows.iter().any(|row| self.poison.contains(&row.cell.code.0)) {
                rows.iter().for_each(|row| drop(self.carry_out(row)));
            }
        }
    }

    /// Somebody sells one, or the clock jumps, before a call.
    fn befall(&mut self, trouble: &Option<Trouble>) {
        let Some(trouble) = trouble else { return };
        *self.struck.entry(kind(trouble)).or_default() += 1;
        match trouble {
            Trouble::Sells(code) => {
                let now = self.cells.get(code).map_or(0, |cell| cell["qty"]);
                if now > 0 {
                    self.others.insert(*code);
                    self.set(*code, "qty", now - 1);
                }
            }
            Trouble::Moves(code, ..) | Trouble::MovesAfter(code, ..) => drop(self.others.insert(*code)),
            Trouble::Jump(by) => {
                let clock = self.clock.as_ref().expect("a clock");
                clock.now_ms.set(clock.now_ms.get() + by);
            }
            _ => {}
        }
    }

    fn inspect(&mut self, cells: &[Cell]) -> Result<Vec<Seen>, Failure> {
        self.arrive();
        self.note(Met::Inspect(cells.iter().map(|cell| cell.code.0).collect()));
        let trouble = self.at_inspect.pop_front().flatten();
        self.befall(&trouble);
        match trouble {
            Some(Trouble::Sells(_) | Trouble::Jump(_)) => {}
            Some(Trouble::Torn) => {
                let seen = cells.iter().skip(1).map(|cell| self.seen(cell.code.0)).collect();
                return Ok(seen);
            }
            Some(Trouble::Stale) => {
                let now = self.cells.clone();
                self.cells.extend(self.stale.clone());
                let seen = cells.iter().map(|cell| self.seen(cell.code.0)).collect();
                self.cells = now;
                return Ok(seen);
            }
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
        self.arrive();
        self.note(Met::Write(rows.iter().map(|row| (row.cell.code.0, row.after)).collect()));
        self.requests.push(rows.to_vec());
        self.keys.push(rows.iter().map(|row| row.key.clone()).collect());
        if let Some(mut watch) = self.watch.take() {
            watch(rows);
            self.watch = Some(watch);
        }
        let trouble = self.at_write.pop_front().flatten();
        self.befall(&trouble);
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
            Some(Trouble::Late(after)) => {
                self.late.push((*after, rows.to_vec()));
                return Err(failure(&Trouble::Lost(false)));
            }
            Some(Trouble::Twice) => rows.iter().for_each(|row| drop(self.carry_out(row))),
            Some(
                Trouble::Moves(..)
                | Trouble::MovesAfter(..)
                | Trouble::Sells(_)
                | Trouble::Torn
                | Trouble::Stale
                | Trouble::Jump(_),
            )
            | None => {}
            Some(trouble) => return Err(failure(trouble)),
        }
        let mut answers: Vec<RowAnswer> = rows.iter().map(|row| self.carry_out(row)).collect();
        if matches!(trouble, Some(Trouble::Torn)) {
            answers.pop();
        }
        if let Some(Trouble::MovesAfter(code, column, value)) = trouble {
            self.set(code, column, value);
        }
        Ok(answers)
    }

    fn carry_out(&mut self, row: &WriteRow) -> RowAnswer {
        if self.amounts == Some(WriteClass::KeyedDelta)
            && let Some(answer) = self.answers.get(&row.key)
        {
            return answer.clone();
        }
        let answer = self.carry_out_once(row);
        self.answers.insert(row.key.clone(), answer.clone());
        answer
    }

    fn carry_out_once(&mut self, row: &WriteRow) -> RowAnswer {
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
        let after = match (self.amounts, seen.value(&row.column)) {
            (Some(_), Some(now)) => {
                now + row.after - row.before.iter().find(|(n, _)| *n == row.column).map_or(0, |b| b.1)
            }
            _ => row.after,
        };
        self.set(code, &row.column, after);
        self.stood.push((code, after));
        RowAnswer::Written { compared: self.compares }
    }
}

/// What people call a kind of trouble.
fn kind(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Retry(None) => "busy, or no connection",
        Trouble::Retry(Some(_)) => "busy, and asks for time",
        Trouble::Rejected => "refused as a whole",
        Trouble::Denied => "credentials revoked",
        Trouble::Lost(true) => "no answer after the commit",
        Trouble::Lost(false) => "no answer before the commit",
        Trouble::Moves(..) => "another writer before",
        Trouble::MovesAfter(..) => "another writer after",
        Trouble::Sells(_) => "a sale",
        Trouble::Torn => "an answer with a row too few",
        Trouble::Twice => "delivered twice",
        Trouble::Late(_) => "delivered late, after others",
        Trouble::Stale => "a stale read",
        Trouble::Jump(_) => "the clock jumps",
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
        shelf: Shelf::default(),
        tried: Tried::default(),
        rounds: 0,
    }
}

/// One apply of some rows to two scripted shops.
pub struct Bench {
    pub web: Rc<RefCell<Shop>>,
    pub till: Rc<RefCell<Shop>>,
    pub depot: Rc<RefCell<Shop>>,
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
            depot: Rc::new(RefCell::new(Shop::default())),
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
            class: shop.borrow().class(),
            key_lasts: shop.borrow().key_lasts,
            batch: self.batch,
            batch_raises: self.batch.min(50),
            policy: self.policy,
            gives_up_after: 5,
        };
        let shops = [self.web.clone(), self.till.clone(), self.depot.clone()];
        let all = [WEB, TILL, DEPOT];
        let targets: BTreeMap<SystemId, Target> =
            all.into_iter().zip(&shops).map(|(system, shop)| (system, target(shop))).collect();
        let world = Rc::new(self.memory.world());
        let opener = move |system: SystemId, _| -> Task<'static, Result<Box<dyn Session>, Failure>> {
            let session: Box<dyn Session> = Box::new(Counter(shops[system.index()].clone()));
            Box::pin(std::future::ready(Ok(session)))
        };
        let mut sessions = Sessions::new(Rc::new(systems()), world, Rc::new(opener)).with_policy(self.policy);
        for system in all {
            let line = sessions.opening(system).await.expect("it opens");
            sessions.put(system, line);
        }
        let now = Moment(self.memory.now_ms.get());
        let expires = now.after(Terms::of(&systems()).term);
        let text = |text: &str| text.to_owned();
        let mut lease = lease("r1", expires);
        let taken = self.store.take(&lease, now).await.expect("the store works");
        let Taken::Ours(fence) = taken else { panic!("nobody has the lease: {taken:?}") };
        lease.fence = fence;
        let terms = Terms::of(&systems());
        let mut hold = Hold { lease, terms };
        self.store.begin(&run("r1", now)).await.expect("the store works");
        let raises_until = self.raises_within.map(|within| now.after(within));
        let setup = Setup { run: text("r1"), plan: text("p1"), raises_until };
        let mut machine = Machine::new(setup, rows, &targets);
        let (model, plan) = (systems(), Plan::default());
        let pauses = Pauses::new(&model, &plan);
        let (store, stop) = (&mut *self.store, &mut self.stop);
        let mut hands = Hands { sessions: &mut sessions, store, hold: &mut hold, stop, pauses };
        let driven = drive(&mut machine, &mut hands).await;
        assert!(driven.is_ok() || sessions.world().too_late(), "after an error nothing more leaves");
        driven.map(|()| machine.finish())
    }
}

fn systems() -> onhand::model::Model {
    let mut town = crate::count::town::Town::empty();
    let kind = &onhand::connectors::memory::DESCRIPTOR;
    for name in ["web", "till", "depot"] {
        town.system(name, onhand::model::system::Role::Channel, kind, &["available"]);
    }
    town.model
}

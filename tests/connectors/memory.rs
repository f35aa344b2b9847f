//! Kind `memory`: conformance, and that it misbehaves as told.

use super::conformance::{self, Subject};
use crate::support::model::{self, BEANS, MUG, PARIS, SHIRT, SHOP};
use onhand::connectors::{self, Cell, Context, Failure, RowAnswer, Session, WriteRow, memory};
use onhand::model::CodeId;
use onhand::world::memory::Memory;
use onhand::world::store::{Call, Event, Place, Store, StoredLine, Trouble, What};
use onhand::world::{Task, World};
use std::rc::Rc;
use std::time::Duration;

struct Inside {
    context: Context,
}

fn context(world: Rc<World>) -> Context {
    let model = Rc::new(model::shop(&memory::DESCRIPTOR, |_| ()));
    Context { model, system: SHOP, world, writes: true, dir: String::new(), pace: Rc::default() }
}

impl Inside {
    fn new() -> Inside {
        Inside { context: context(Rc::new(Memory::default().world())) }
    }

    fn place(&self, cell: Cell) -> Place {
        let location = self.context.model.location(cell.location).code_in(SHOP).unwrap();
        let code = &self.context.model.code(cell.code).code;
        (code.to_string(), location.code.as_deref().map(str::to_owned))
    }

    fn store<T>(&self, act: impl FnOnce(&mut Store) -> T) -> T {
        act(self.context.world.stores.borrow_mut().entry("shop".to_owned()).or_default())
    }

    async fn open(&self) -> Box<dyn Session> {
        connectors::open(self.context.clone()).await.unwrap()
    }

    fn script(&self, at: Call, what: What) {
        self.store(|store| store.script.push_back(Event { at, what }));
    }
}

impl Subject for Inside {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn context(&self, writes: bool) -> Context {
        Context { writes, ..self.context.clone() }
    }

    fn fractional(&self) -> Option<CodeId> {
        Some(BEANS)
    }

    fn set<'a>(&'a mut self, cell: Cell, value: Option<&'a str>) -> Task<'a, ()> {
        let place = self.place(cell);
        self.store(|store| store.change(&place, "available", value));
        Box::pin(async {})
    }

    fn get(&mut self, cell: Cell) -> Task<'_, Option<String>> {
        let place = self.place(cell);
        let found = self.store(|store| store.cells.get(&place)?.get("available").cloned());
        Box::pin(async move { found })
    }

    fn strangers(&mut self) -> Task<'_, u64> {
        self.store(|store| {
            store.change(&("NOBODY".to_owned(), Some("P1".to_owned())), "available", Some("5"));
            store.change(&("MUG".to_owned(), Some("X9".to_owned())), "available", Some("5"));
        });
        Box::pin(async { 2 })
    }
}

const CELL: Cell = Cell { code: MUG, location: PARIS };

fn row(before: i64, after: i64) -> WriteRow {
    super::row(CELL, before, after)
}

#[test]
fn conforms() {
    conformance::run(&|| Box::pin(async { Box::new(Inside::new()) as Box<dyn Subject> }));
}

#[tokio::test]
async fn fails_as_often_and_as_it_is_told() {
    let mut inside = Inside::new();
    inside.set(CELL, Some("5")).await;
    let busy = Trouble::Retry(Some(Duration::from_secs(3)));
    for _ in 0..2 {
        inside.script(Call::Levels, What::Fail { trouble: busy.clone(), carried_out: false });
    }
    let mut session = inside.open().await;
    for _ in 0..2 {
        let answer = session.levels().await;
        let Err(Failure::Retry { after, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(after, Some(Duration::from_secs(3)));
    }
    assert_eq!(session.levels().await.unwrap().codes, [MUG]);
    let calls = inside.store(|store| store.calls.clone());
    assert_eq!(calls, [Call::Open, Call::Levels, Call::Levels, Call::Levels]);
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_the_write() {
    for carried_out in [false, true] {
        let mut inside = Inside::new();
        inside.set(CELL, Some("5")).await;
        inside.script(Call::Write, What::Fail { trouble: Trouble::Unknown, carried_out });
        let mut session = inside.open().await;
        let answer = session.write(&[row(5, 4)]).await;
        assert!(matches!(answer, Err(Failure::Unknown { .. })), "{answer:?}");
        let expected = if carried_out { "4" } else { "5" };
        assert_eq!(inside.get(CELL).await.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn somebody_else_can_sell_just_before_and_just_after_a_write() {
    let mut inside = Inside::new();
    inside.set(CELL, Some("5")).await;
    let sale = |left: &str| What::Change {
        place: ("MUG".to_owned(), Some("P1".to_owned())),
        column: "available".to_owned(),
        value: Some(left.to_owned()),
    };
    inside.script(Call::Write, sale("3"));
    let mut session = inside.open().await;
    let answers = session.write(&[row(5, 4)]).await.unwrap();
    let [RowAnswer::Moved { found: Some(found) }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(found.value("available"), Some(3));

    inside.script(Call::Write, What::After(Box::new(sale("1"))));
    let answers = session.write(&[row(3, 2)]).await.unwrap();
    assert_eq!(answers, [RowAnswer::Written { compared: true }]);
    assert_eq!(inside.get(CELL).await.as_deref(), Some("1"));
}

#[tokio::test]
async fn without_compare_the_last_one_wins_and_the_log_tells() {
    let mut inside = Inside::new();
    inside.store(|store| (store.compares, store.logs) = (false, true));
    inside.set(CELL, Some("5")).await;
    let mut session = inside.open().await;
    let before = session.inspect(&[CELL]).await.unwrap()[0].log;
    inside.set(CELL, Some("3")).await;
    let answers = session.write(&[row(5, 4)]).await.unwrap();
    assert_eq!(answers, [RowAnswer::Written { compared: false }]);
    let after = session.inspect(&[CELL]).await.unwrap()[0].log;
    assert_eq!((before, after), (Some(1), Some(3)), "one movement more than our own");
}

#[tokio::test]
async fn creates_and_codes_can_be_refused_and_reads_cut() {
    let mut inside = Inside::new();
    inside.store(|store| {
        store.creates = false;
        store.cut = Some("the feed ended early".to_owned());
        store.refuses.insert("TS".to_owned(), "not tracked".to_owned());
    });
    inside.set(Cell { code: SHIRT, location: PARIS }, Some("5")).await;
    let mut session = inside.open().await;
    let create = WriteRow { before: Vec::new(), create: true, ..row(0, 4) };
    let shirt = WriteRow { cell: Cell { code: SHIRT, location: PARIS }, ..row(5, 4) };
    let answers = session.write(&[create, shirt]).await.unwrap();
    assert!(answers.iter().all(|a| matches!(a, RowAnswer::Rejected { .. })), "{answers:?}");
    let levels = session.levels().await.unwrap();
    assert_eq!(levels.about.incomplete.as_deref(), Some("the feed ended early"));
    assert_eq!(levels.codes, [SHIRT], "what was read is still shown");
}

#[tokio::test]
async fn lists_lines() {
    let inside = Inside::new();
    let line = |document: &str, code: &str, open: &str| StoredLine {
        document: document.to_owned(),
        line: "1".to_owned(),
        code: code.to_owned(),
        location: Some("P1".to_owned()),
        open: open.to_owned(),
        unit: None,
    };
    inside.store(|store| {
        store.lines = vec![line("SO2", "MUG", "2.5"), line("SO1", "TS", "1"), line("SO3", "NOBODY", "1")];
        store.lines.push(line("SO4", "MUG", "many"));
    });
    let lines = inside.open().await.lines().await.unwrap();
    let read: Vec<_> = lines.lines.iter().map(|l| (&*l.document, l.code, l.open.to_string())).collect();
    assert_eq!(read, [("SO1", SHIRT, "1".to_owned()), ("SO2", MUG, "2.5".to_owned())]);
    assert_eq!((lines.about.rows, lines.about.ignored, lines.failures.len()), (4, 1, 1));
}

//! The conformance suite: what every kind must do, chosen by what its descriptor says it can.

use onhand::connectors::{self, Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow};
use onhand::model::capability::{Descriptor, WriteClass};
use onhand::model::observation::Levels;
use onhand::model::quantity::Decimal;
use onhand::model::{CodeId, LocationId};
use onhand::world::Task;
use std::sync::atomic::{AtomicU64, Ordering};

/// A system under test, with a way in behind the connector's back.
pub trait Subject {
    /// What the output calls it.
    fn name(&self) -> String;

    /// A context on it as it stands now.
    fn context(&self, writes: bool) -> Context;

    /// The column that a flow writes.
    fn column(&self) -> &'static str {
        "available"
    }

    /// Three codes that it knows and counts in whole units: the first of its model.
    fn codes(&self) -> [CodeId; 3] {
        [CodeId(0), CodeId(1), CodeId(2)]
    }

    /// Two locations, both mapped there: the first of its model.
    fn locations(&self) -> [LocationId; 2] {
        [LocationId(0), LocationId(1)]
    }

    /// A code whose counts may have a fraction there, where it has such counts at all.
    fn fractional(&self) -> Option<CodeId> {
        None
    }

    /// Makes a cell show a count; `None` takes the cell away.
    fn set<'a>(&'a mut self, cell: Cell, value: Option<&'a str>) -> Task<'a, ()>;

    /// What the cell shows; `None` where there is no such cell.
    fn get(&mut self, cell: Cell) -> Task<'_, Option<String>>;

    /// Whether one cell can be taken away alone; where not, the other cells of its code go with it.
    fn apart(&self) -> bool {
        true
    }

    /// Makes it show a count for a code, and then one at a location, that the topology does not know.
    /// Answers how many rows were added; 0 where reads ask for known cells only.
    fn strangers(&mut self) -> Task<'_, u64>;
}

/// Makes a subject with no rows of ours.
pub type Fresh<'f> = &'f dyn Fn() -> Task<'static, Box<dyn Subject>>;

type Run = fn(Box<dyn Subject>) -> Task<'static, ()>;

/// One case: its name, which kinds it is for, and what it does.
struct Case {
    name: &'static str,
    when: fn(&Descriptor) -> bool,
    run: Run,
}

fn always(_: &Descriptor) -> bool {
    true
}

fn writable(kind: &Descriptor) -> bool {
    kind.class != WriteClass::ReadOnly
}

fn comparing(kind: &Descriptor) -> bool {
    kind.class == WriteClass::CompareAndSet
}

fn creating(kind: &Descriptor) -> bool {
    writable(kind) && kind.creates
}

fn unnamed(kind: &Descriptor) -> bool {
    kind.movements_named
}

fn bounded(kind: &Descriptor) -> bool {
    writable(kind) && kind.batch < 10_000
}

macro_rules! cases {
    ($($name:ident $when:ident;)*) => {
        const CASES: &[Case] = &[$(Case {
            name: stringify!($name),
            when: $when,
            run: |subject| Box::pin($name(subject)),
        }),*];
    };
}

cases! {
    levels_are_whole_and_sorted always;
    absent_cells_stay_absent always;
    strangers_are_counted_and_no_failure always;
    inspect_answers_in_the_order_asked always;
    inspect_shows_what_levels_show always;
    fractions_are_read_exactly always;
    a_kind_without_lines_answers_none always;
    what_nothing_names_is_refused_and_not_shown_empty unnamed;
    a_write_is_seen_by_the_next_read writable;
    a_write_to_zero_is_seen writable;
    the_same_number_again_is_fine writable;
    several_rows_each_get_their_answer writable;
    one_bad_row_spares_or_stops_the_others writable;
    a_reading_session_writes_nothing writable;
    too_large_a_batch_is_refused bounded;
    a_moved_row_is_left_alone comparing;
    a_row_that_went_away_is_no_write writable;
    an_absent_cell_is_created creating;
    a_cell_that_appeared_is_left_alone creating;
}

/// Runs every case that the kind's descriptor chooses, each on a fresh subject.
pub fn run(fresh: Fresh<'_>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for case in CASES {
            let subject = fresh().await;
            let context = subject.context(false);
            if (case.when)(context.model.system(context.system).kind) {
                println!("{}: {}", subject.name(), case.name);
                (case.run)(subject).await;
            }
        }
    });
}

async fn open(subject: &dyn Subject, writes: bool) -> Box<dyn Session> {
    connectors::open(subject.context(writes)).await.unwrap()
}

async fn levels(subject: &dyn Subject) -> Levels {
    open(subject, false).await.levels().await.unwrap()
}

fn shown(subject: &dyn Subject, levels: &Levels, cell: Cell) -> Option<Decimal> {
    let row = levels.find(cell.code, cell.location)?;
    levels.column(subject.column()).unwrap().values.get(row)
}

fn cells(subject: &dyn Subject) -> [Cell; 6] {
    let [first, second] = subject.locations();
    let [a, b, c] = subject.codes();
    [(a, first), (b, first), (c, first), (a, second), (b, second), (c, second)]
        .map(|(code, location)| Cell { code, location })
}

async fn fill(subject: &mut dyn Subject) -> [Cell; 6] {
    let all = cells(subject);
    for (number, cell) in all.iter().enumerate() {
        subject.set(*cell, Some(&(10 + number).to_string())).await;
    }
    all
}

/// A row as a plan would have it, from what was seen.
fn row(subject: &dyn Subject, cell: Cell, seen: &Seen, after: i64) -> WriteRow {
    WriteRow {
        cell,
        column: subject.column().to_owned(),
        before: seen.values.clone(),
        after,
        create: !seen.exists,
        key: key(),
    }
}

/// A key that no earlier write had, of this run or of another one on the same server.
pub fn key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let began = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis());
    format!("test-{began}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

async fn inspect(session: &mut dyn Session, cell: Cell) -> Seen {
    session.inspect(&[cell]).await.unwrap().remove(0)
}

async fn levels_are_whole_and_sorted(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let levels = levels(&*subject).await;
    assert_eq!(levels.about.incomplete, None);
    assert_eq!(levels.failures, []);
    assert!(!levels.about.source.is_empty(), "a read names its source");
    assert!(levels.about.rows >= 6, "{:?}", levels.about);
    for (number, cell) in all.iter().enumerate() {
        let expected = Decimal::whole(10 + number as i64);
        assert_eq!(shown(&*subject, &levels, *cell), Some(expected), "{cell:?}");
    }
    let keys: Vec<_> = levels.locations.iter().zip(&levels.codes).collect();
    assert!(keys.is_sorted_by(|a, b| a < b), "sorted by location, then code, each once: {keys:?}");
    let rows = levels.codes.len();
    assert_eq!(levels.records.len(), rows);
    assert!(levels.columns.iter().all(|column| column.values.len() == rows));
}

async fn absent_cells_stay_absent(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    subject.set(all[2], None).await;
    let levels = levels(&*subject).await;
    assert_eq!(levels.about.incomplete, None);
    assert_eq!(shown(&*subject, &levels, all[2]), None, "absence is not zero");
    assert_eq!(shown(&*subject, &levels, all[1]), Some(Decimal::whole(11)));
    let seen = inspect(&mut *open(&*subject, false).await, all[2]).await;
    assert!(!seen.exists, "{seen:?}");
}

async fn strangers_are_counted_and_no_failure(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let before = levels(&*subject).await;
    let added = subject.strangers().await;
    let after = levels(&*subject).await;
    assert_eq!(after.about.ignored, before.about.ignored + added);
    assert_eq!(after.failures, []);
    assert_eq!(after.codes, before.codes);
    assert_eq!(shown(&*subject, &after, all[0]), Some(Decimal::whole(10)));
}

async fn inspect_answers_in_the_order_asked(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let asked = [all[4], all[0], all[5], all[1], all[0]];
    let seen = open(&*subject, false).await.inspect(&asked).await.unwrap();
    let values: Vec<_> = seen.iter().map(|seen| seen.value(subject.column())).collect();
    assert_eq!(values, [Some(14), Some(10), Some(15), Some(11), Some(10)]);
    assert!(seen.iter().all(|seen| seen.exists && seen.refused.is_none()), "{seen:?}");
    assert!(seen.iter().all(|seen| seen.values.is_sorted()), "{seen:?}");
}

async fn inspect_shows_what_levels_show(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let levels = levels(&*subject).await;
    let seen = open(&*subject, false).await.inspect(&all).await.unwrap();
    for (cell, seen) in all.iter().zip(&seen) {
        let row = levels.find(cell.code, cell.location).unwrap();
        for (name, value) in &seen.values {
            // A session may show more to a write than to a plan, never something else.
            if let Some(column) = levels.column(name) {
                assert_eq!(column.values.get(row), Some(Decimal::whole(*value)), "{name} of {cell:?}");
            }
        }
    }
}

async fn fractions_are_read_exactly(mut subject: Box<dyn Subject>) {
    let Some(code) = subject.fractional() else { return };
    let cell = Cell { code, location: subject.locations()[0] };
    subject.set(cell, Some("2.5")).await;
    let levels = levels(&*subject).await;
    assert_eq!(shown(&*subject, &levels, cell), Some(Decimal::parse("2.5").unwrap()));
    let seen = inspect(&mut *open(&*subject, false).await, cell).await;
    assert!(seen.exists && seen.value(subject.column()).is_none(), "{seen:?}");
    assert!(seen.refused.is_some(), "a fraction is never rounded for a write: {seen:?}");
}

async fn a_kind_without_lines_answers_none(mut subject: Box<dyn Subject>) {
    fill(&mut *subject).await;
    let context = subject.context(false);
    let lines = open(&*subject, false).await.lines().await.unwrap();
    assert_eq!(lines.about.incomplete, None);
    if !context.model.system(context.system).lists_lines() {
        assert!(lines.lines.is_empty() && lines.failures.is_empty());
    }
}

async fn what_nothing_names_is_refused_and_not_shown_empty(subject: Box<dyn Subject>) {
    let mut session = open(&*subject, true).await;
    let answer = session.movements(None).await;
    let Err(Failure::Rejected { message }) = answer else { panic!("{answer:?}") };
    assert!(message.contains("`movements`"), "{message}");
    assert!(matches!(session.post(&[]).await, Err(Failure::Rejected { .. })));
    assert_eq!(session.find(&["shop#1".into()]).await.unwrap(), []);
}

async fn a_write_is_seen_by_the_next_read(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    for (cell, after) in [(all[1], 9), (all[4], 40)] {
        let seen = inspect(&mut *session, cell).await;
        let answers = session.write(&[row(&*subject, cell, &seen, after)]).await.unwrap();
        assert!(matches!(answers[..], [RowAnswer::Written { .. }]), "{answers:?}");
        assert_eq!(inspect(&mut *session, cell).await.value(subject.column()), Some(after));
        assert_eq!(subject.get(cell).await, Some(after.to_string()));
    }
    let levels = levels(&*subject).await;
    let now: Vec<_> = all.iter().map(|cell| shown(&*subject, &levels, *cell).unwrap()).collect();
    assert_eq!(now, [10, 9, 12, 13, 40, 15].map(Decimal::whole), "nothing else changed");
}

async fn a_write_to_zero_is_seen(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    let seen = inspect(&mut *session, all[0]).await;
    let answers = session.write(&[row(&*subject, all[0], &seen, 0)]).await.unwrap();
    assert!(matches!(answers[..], [RowAnswer::Written { .. }]), "{answers:?}");
    let levels = levels(&*subject).await;
    assert_eq!(shown(&*subject, &levels, all[0]), Some(Decimal::whole(0)), "zero is a count, not absence");
}

async fn the_same_number_again_is_fine(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    for _ in 0..2 {
        let seen = inspect(&mut *session, all[0]).await;
        let answers = session.write(&[row(&*subject, all[0], &seen, 7)]).await.unwrap();
        assert!(matches!(answers[..], [RowAnswer::Written { .. }]), "{answers:?}");
    }
    assert_eq!(subject.get(all[0]).await.as_deref(), Some("7"));
}

async fn several_rows_each_get_their_answer(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    let seen = session.inspect(&all).await.unwrap();
    let rows: Vec<_> = all.iter().zip(&seen).map(|(cell, seen)| row(&*subject, *cell, seen, 3)).collect();
    let answers = session.write(&rows).await.unwrap();
    assert_eq!(answers.len(), rows.len());
    assert!(answers.iter().all(|answer| matches!(answer, RowAnswer::Written { .. })), "{answers:?}");
    for cell in all {
        assert_eq!(subject.get(cell).await.as_deref(), Some("3"), "{cell:?}");
    }
}

async fn one_bad_row_spares_or_stops_the_others(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    let seen = session.inspect(&all).await.unwrap();
    subject.set(all[1], None).await;
    let kind = subject.context(false).model.system(subject.context(false).system).kind;
    let rows: Vec<_> = all.iter().zip(&seen).map(|(cell, seen)| row(&*subject, *cell, seen, 3)).collect();
    match session.write(&rows).await {
        Ok(answers) => {
            assert!(!matches!(answers[1], RowAnswer::Written { .. } | RowAnswer::Sent), "{answers:?}");
            let apart = subject.apart();
            for at in [0, 2, 3, 4, 5].into_iter().filter(|at| apart || all[*at].code != all[1].code) {
                assert!(matches!(answers[at], RowAnswer::Written { .. }), "row {at} of {answers:?}");
                assert_eq!(subject.get(all[at]).await.as_deref(), Some("3"));
            }
        }
        Err(failure) => {
            assert!(kind.atomic, "only an atomic kind refuses all for one: {failure:?}");
            assert!(matches!(failure, Failure::Rejected { .. }), "{failure:?}");
            assert_eq!(subject.get(all[0]).await.as_deref(), Some("10"), "nothing was written");
        }
    }
    assert_eq!(subject.get(all[1]).await, None, "a row that is gone does not come back by a write");
}

async fn a_reading_session_writes_nothing(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, false).await;
    let seen = inspect(&mut *session, all[0]).await;
    let answer = session.write(&[row(&*subject, all[0], &seen, 3)]).await;
    assert!(matches!(answer, Err(Failure::Rejected { .. })), "{answer:?}");
    assert_eq!(subject.get(all[0]).await.as_deref(), Some("10"));
}

async fn too_large_a_batch_is_refused(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let context = subject.context(false);
    let most = context.model.system(context.system).kind.batch;
    let mut session = open(&*subject, true).await;
    let seen = inspect(&mut *session, all[0]).await;
    let rows = vec![row(&*subject, all[0], &seen, 3); most + 1];
    let answer = session.write(&rows).await;
    assert!(matches!(answer, Err(Failure::Rejected { .. })), "{answer:?}");
    assert_eq!(subject.get(all[0]).await.as_deref(), Some("10"));
}

async fn a_moved_row_is_left_alone(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    let seen = inspect(&mut *session, all[0]).await;
    subject.set(all[0], Some("4")).await;
    let answers = session.write(&[row(&*subject, all[0], &seen, 9)]).await.unwrap();
    let [RowAnswer::Moved { found }] = &answers[..] else { panic!("{answers:?}") };
    let found = found.as_ref().expect("a kind that compares says what it found");
    assert_eq!((found.exists, found.value(subject.column())), (true, Some(4)));
    assert_eq!(subject.get(all[0]).await.as_deref(), Some("4"));
}

async fn a_row_that_went_away_is_no_write(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    let mut session = open(&*subject, true).await;
    let seen = inspect(&mut *session, all[0]).await;
    subject.set(all[0], None).await;
    let answers = session.write(&[row(&*subject, all[0], &seen, 9)]).await;
    let written = |answer: &RowAnswer| matches!(answer, RowAnswer::Written { .. } | RowAnswer::Sent);
    assert!(!answers.as_ref().is_ok_and(|rows| rows.iter().any(written)), "{answers:?}");
    assert_eq!(subject.get(all[0]).await, None);
}

async fn an_absent_cell_is_created(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    subject.set(all[5], None).await;
    let mut session = open(&*subject, true).await;
    let seen = inspect(&mut *session, all[5]).await;
    let answers = session.write(&[row(&*subject, all[5], &seen, 6)]).await.unwrap();
    assert!(matches!(answers[..], [RowAnswer::Written { .. }]), "{answers:?}");
    assert_eq!(subject.get(all[5]).await.as_deref(), Some("6"));
    let levels = levels(&*subject).await;
    assert_eq!(shown(&*subject, &levels, all[5]), Some(Decimal::whole(6)));
}

async fn a_cell_that_appeared_is_left_alone(mut subject: Box<dyn Subject>) {
    let all = fill(&mut *subject).await;
    subject.set(all[5], None).await;
    let mut session = open(&*subject, true).await;
    let seen = inspect(&mut *session, all[5]).await;
    subject.set(all[5], Some("2")).await;
    let answers = session.write(&[row(&*subject, all[5], &seen, 6)]).await.unwrap();
    assert!(matches!(answers[..], [RowAnswer::Moved { .. }]), "{answers:?}");
    assert_eq!(subject.get(all[5]).await.as_deref(), Some("2"));
}

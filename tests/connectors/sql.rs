//! Kind `sql`: conformance on SQLite and PostgreSQL, and the traps of statements and values.

use super::conformance::{self, Subject};
use super::{create, row};
use crate::support::model::{self, BEANS, CASE, LYON, MUG, PARIS, SHIRT, SHOP};
use onhand::connectors::{self, Cell, Context, Failure, RowAnswer, Session, WriteRow, sql};
use onhand::model::CodeId;
use onhand::model::observation::Levels;
use onhand::model::quantity::{Decimal, RESERVED};
use onhand::model::system::{Setting, System};
use onhand::world::memory::Memory;
use onhand::world::postgres::Postgres;
use onhand::world::sqlite::Sqlite;
use onhand::world::{Bind, Database, Secret, Task};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// A database with one table, `stock`, and whatever the test adds.
struct Shop {
    url: String,
    /// Goes before the table's name in statements.
    schema: String,
    database: Box<dyn Database>,
    context: Context,
    /// Deleted with the shop.
    _folder: tempfile::TempDir,
}

/// Which database a test runs on.
#[derive(Clone, Copy, PartialEq, Debug)]
enum On {
    Sqlite,
    Postgres,
}

fn postgres_url() -> String {
    let named = std::env::var("ONHAND_POSTGRES");
    named.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned())
}

/// Whether a PostgreSQL server answers; else says why the tests on it were skipped, or fails where they
/// may not be.
fn postgres_answers() -> bool {
    let url = Secret::new(postgres_url());
    match wait(async { Postgres::connect(&url, PATIENCE).await.map(drop) }) {
        Ok(()) => true,
        Err(why) => {
            assert!(std::env::var("ONHAND_REQUIRE_LIVE").as_deref() != Ok("1"), "no PostgreSQL: {why}");
            println!("skipped: no PostgreSQL answers ({why})");
            false
        }
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Runs a test on both databases, on PostgreSQL where one is at hand.
fn on_both(test: impl AsyncFn(On)) {
    wait(test(On::Sqlite));
    if postgres_answers() {
        wait(test(On::Postgres));
    }
}

const SET: &str = "update {stock} set qty = :after where sku = :code and site = :location and qty = :before";
const CREATE: &str = "insert into {stock} (sku, site, qty) values (:code, :location, :after)";

impl Shop {
    async fn new(on: On) -> Shop {
        Shop::with(on, |_, _| ()).await
    }

    /// `change` sees the system and the prefix of tables.
    async fn with(on: On, change: impl FnOnce(&mut System, &str)) -> Shop {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let (url, schema, database): (_, _, Box<dyn Database>) = match on {
            On::Sqlite => {
                let path = folder.path().join("shop.db");
                let open = Sqlite::open(path.to_str().unwrap(), true, PATIENCE).unwrap();
                ("sqlite:shop.db".to_owned(), String::new(), Box::new(open))
            }
            On::Postgres => {
                let url = postgres_url();
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let schema = format!("onhand_{}_{number}", std::process::id());
                let mut open = Postgres::connect(&Secret::new(url.as_str()), PATIENCE).await.unwrap();
                open.batch(&format!("create schema {schema}")).await.unwrap();
                (url, format!("{schema}."), Box::new(open))
            }
        };
        let model = model::shop(&sql::DESCRIPTOR, |system| {
            let stock =
                |text: &str| (text.replace("{stock}", &format!("{schema}stock")).into(), model::nowhere());
            system.settings.insert("url", (Setting::Literal(url.as_str().into()), model::nowhere()));
            let query = format!("select sku, site, qty from {schema}stock order by sku desc");
            system.levels = Some(model::levels(&query));
            system.set = Some(stock(SET));
            system.create = Some(stock(CREATE));
            change(system, &schema);
        });
        let context = Context {
            model: Rc::new(model),
            system: SHOP,
            world: Rc::new(Memory::default().world()),
            writes: true,
            dir: folder.path().to_str().unwrap().to_owned(),
            pace: Rc::default(),
        };
        let mut shop = Shop { url, schema, database, context, _folder: folder };
        let table = "create table {stock} (sku text not null, site text not null, qty numeric, uom text, \
                     changed text, reserved numeric default 0, primary key (sku, site), check (qty < 1000000))";
        shop.run(table).await;
        shop
    }

    fn sql(&self, text: &str) -> String {
        text.replace("{stock}", &format!("{}stock", self.schema)).replace("{schema}", &self.schema)
    }

    async fn run(&mut self, text: &str) {
        let sql = self.sql(text);
        self.database.batch(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn one(&mut self, text: &str) -> Option<String> {
        let sql = self.sql(text);
        let rows = self.database.query(&sql, &[]).await.unwrap().rows;
        rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten()
    }

    async fn open(&self) -> Box<dyn Session> {
        connectors::open(self.context.clone()).await.unwrap()
    }

    async fn levels(&self) -> Levels {
        self.open().await.levels().await.unwrap()
    }

    fn texts(&self, cell: Cell) -> [Bind; 2] {
        let location = self.context.model.location(cell.location).code_in(SHOP).unwrap();
        let code = &*self.context.model.code(cell.code).code;
        [code.into(), location.code.as_deref().unwrap().into()]
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if self.schema.is_empty() {
            return;
        }
        let (url, schema) = (Secret::new(self.url.as_str()), self.schema.trim_end_matches('.').to_owned());
        // A drop cannot wait, so another thread does; the test's own connection holds no lock by now.
        let sweep = move || {
            wait(async {
                let mut open = Postgres::connect(&url, PATIENCE).await.unwrap();
                open.batch(&format!("drop schema {schema} cascade")).await.unwrap();
            });
        };
        std::thread::spawn(sweep).join().unwrap();
    }
}

impl Subject for Shop {
    fn name(&self) -> String {
        format!("sql on {}", if self.schema.is_empty() { "SQLite" } else { "PostgreSQL" })
    }

    fn context(&self, writes: bool) -> Context {
        Context { writes, ..self.context.clone() }
    }

    fn fractional(&self) -> Option<CodeId> {
        Some(BEANS)
    }

    fn set<'a>(&'a mut self, cell: Cell, value: Option<&'a str>) -> Task<'a, ()> {
        Box::pin(async move {
            let place = self.texts(cell);
            let remove = self.sql("delete from {stock} where sku = ?1 and site = ?2");
            self.database.execute(&remove, &place).await.unwrap();
            if let Some(value) = value {
                let insert = self.sql("insert into {stock} (sku, site, qty) values (?1, ?2, ?3)");
                let [code, location] = place;
                self.database.execute(&insert, &[code, location, value.into()]).await.unwrap();
            }
        })
    }

    fn get(&mut self, cell: Cell) -> Task<'_, Option<String>> {
        Box::pin(async move {
            let place = self.texts(cell);
            let query = self.sql("select qty from {stock} where sku = ?1 and site = ?2");
            let rows = self.database.query(&query, &place).await.unwrap().rows;
            rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten()
        })
    }

    fn strangers(&mut self) -> Task<'_, u64> {
        Box::pin(async {
            self.run(
                "insert into {stock} values ('NOBODY', 'P1', 5), ('MUG', 'X9', 5)"
                    .replace("values", "(sku, site, qty) values")
                    .as_str(),
            )
            .await;
            2
        })
    }
}

const CELL: Cell = Cell { code: MUG, location: PARIS };

fn why(answer: &RowAnswer) -> &str {
    match answer {
        RowAnswer::Rejected { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

async fn refusal(shop: &Shop) -> String {
    match connectors::open(shop.context.clone()).await {
        Err(Failure::Rejected { message }) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it opened"),
    }
}

#[test]
fn conforms_on_sqlite() {
    conformance::run(&|| Box::pin(async { Box::new(Shop::new(On::Sqlite).await) as Box<dyn Subject> }));
}

#[test]
fn conforms_on_postgres() {
    if postgres_answers() {
        conformance::run(&|| Box::pin(async { Box::new(Shop::new(On::Postgres).await) as Box<dyn Subject> }));
    }
}

#[test]
fn parameters_are_bound_and_found_only_in_code() {
    on_both(async |on| {
        let shop = Shop::with(on, |system, schema| {
            // Names in strings, comments and quoted names are text; `::` is a cast.
            let cast = if on == On::Postgres { "cast('7' as text)::text <> ':before' and" } else { "" };
            let set = format!(
                "update {schema}stock set qty = :after, uom = ':after -- it''s ?1', changed = :unit || :key \
                 where {cast} sku = :code /* :nothing */ and site = :location -- :either\n and qty = :before"
            );
            system.set = Some((set.into(), model::nowhere()));
        });
        let mut shop = shop.await;
        // A code that would end the statement, were it pasted in.
        let evil = "x'; delete from stock; --";
        let mut model = model::shop(&sql::DESCRIPTOR, |_| ());
        model.systems = shop.context.model.systems.clone();
        model.codes[MUG.index()].code = evil.into();
        model::index(&mut model);
        shop.context.model = Rc::new(model);
        shop.set(CELL, Some("5")).await;
        let answers = shop.open().await.write(&[row(CELL, 5, 4)]).await.unwrap();
        assert_eq!(answers, [RowAnswer::Written { compared: true }], "{on:?}");
        assert_eq!(shop.get(CELL).await.as_deref(), Some("4"));
        assert_eq!(shop.one("select uom from {stock}").await.as_deref(), Some(":after -- it's ?1"));
        assert_eq!(shop.one("select changed from {stock}").await.as_deref(), Some("PCEk"));
    });
}

#[test]
fn parameters_that_mean_nothing_are_refused() {
    on_both(async |on| {
        for (set, expected) in [
            ("update stock set qty = :after where sku = :sku", "`:sku`"),
            ("update stock set qty = :after where sku = ?1", "`?1`"),
            ("update stock set qty = :after where sku = $1", "`$1`"),
            ("update stock set qty = 1 where sku = :code", "no `:after`"),
        ] {
            let shop = Shop::with(on, |system, _| system.set = Some((set.into(), model::nowhere()))).await;
            let message = refusal(&shop).await;
            assert!(message.contains(expected), "{set}: {message}");
        }
        let shop = Shop::with(on, |system, _| {
            system.levels = Some(model::levels("select sku, site, qty from stock where site = :location"));
        });
        assert!(refusal(&shop.await).await.contains("`:location`"));
    });
}

#[test]
fn a_statement_that_touches_two_rows_is_undone_and_not_used_again() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            let set = format!("update {schema}stock set qty = :after where sku = :code and qty = :before");
            system.set = Some((set.into(), model::nowhere()));
        })
        .await;
        let lyon = Cell { location: LYON, ..CELL };
        let shirt = Cell { code: SHIRT, location: PARIS };
        for (cell, count) in [(CELL, "5"), (lyon, "5"), (shirt, "8")] {
            shop.set(cell, Some(count)).await;
        }
        let mut session = shop.open().await;
        let answers = session.write(&[row(shirt, 8, 7), row(CELL, 5, 4), row(shirt, 7, 6)]).await.unwrap();
        assert_eq!(answers[0], RowAnswer::Written { compared: true });
        assert!(why(&answers[1]).contains("touched 2 rows for `MUG`"), "{answers:?}");
        assert!(why(&answers[2]).contains("not used any more"), "{answers:?}");
        let now = [shop.get(CELL).await, shop.get(lyon).await, shop.get(shirt).await];
        assert_eq!(now.map(Option::unwrap), ["5", "5", "7"]);
        let again = session.write(&[row(shirt, 7, 6)]).await.unwrap();
        assert!(why(&again[0]).contains("not used any more"), "{again:?}");
    });
}

#[test]
fn a_row_that_is_not_touched_is_read_again() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            let set = format!(
                "update {schema}stock set qty = :after where sku = :code and site = :location and \
                 qty = :before and uom is not null"
            );
            system.set = Some((set.into(), model::nowhere()));
        })
        .await;
        shop.set(CELL, Some("5")).await;
        let mut session = shop.open().await;
        let gone = Cell { location: LYON, ..CELL };
        let answers = session.write(&[row(CELL, 5, 4), row(CELL, 6, 4), row(gone, 6, 4)]).await.unwrap();
        assert!(why(&answers[0]).contains("still shows what was expected"), "{answers:?}");
        let RowAnswer::Moved { found: Some(found) } = &answers[1] else { panic!("{answers:?}") };
        assert_eq!(found.value("available"), Some(5));
        assert!(why(&answers[2]).contains("is gone"), "{answers:?}");
    });
}

#[test]
fn a_create_refused_for_another_reason_has_not_moved() {
    on_both(async |on| {
        let mut shop = Shop::new(on).await;
        let mut session = shop.open().await;
        let lyon = Cell { location: LYON, ..CELL };
        let answers = session.write(&[create(CELL, 2_000_000), create(lyon, 3)]).await.unwrap();
        assert!(why(&answers[0]).contains("the database refuses the row"), "{answers:?}");
        assert_eq!(answers[1], RowAnswer::Written { compared: true }, "the other row goes through");
        assert_eq!(shop.get(CELL).await, None);
        assert_eq!(shop.get(lyon).await.as_deref(), Some("3"));
    });
}

#[test]
fn without_before_a_write_is_absolute_and_says_so() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            let set = format!("update {schema}stock set qty = :after where sku = :code and site = :location");
            system.set = Some((set.into(), model::nowhere()));
            system.create = None;
        })
        .await;
        shop.set(CELL, Some("5")).await;
        let lyon = Cell { location: LYON, ..CELL };
        let answers = shop.open().await.write(&[row(CELL, 9, 4), create(lyon, 1)]).await.unwrap();
        assert_eq!(answers[0], RowAnswer::Written { compared: false });
        assert!(why(&answers[1]).contains("no `create` statement"), "{answers:?}");
    });
}

#[test]
fn the_other_counts_that_a_write_depends_on_are_compared_too() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            let query = format!("select sku, site, qty, reserved from {schema}stock");
            let mut levels = model::levels(&query);
            levels.counts.push((RESERVED, "reserved".into()));
            system.levels = Some(levels);
        })
        .await;
        shop.set(CELL, Some("5")).await;
        shop.run("update {stock} set reserved = 2").await;
        let both = |reserved: i64| WriteRow {
            before: vec![("available".to_owned(), 5), ("reserved".to_owned(), reserved)],
            ..row(CELL, 5, 4)
        };
        let mut session = shop.open().await;
        let answers = session.write(&[both(1)]).await.unwrap();
        let [RowAnswer::Moved { found: Some(found) }] = &answers[..] else { panic!("{answers:?}") };
        assert_eq!(found.value("reserved"), Some(2));
        assert_eq!(session.write(&[both(2)]).await.unwrap(), [RowAnswer::Written { compared: true }]);
    });
}

#[test]
fn counts_that_are_none_are_row_failures() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            let counts = "case sku when 'TS' then null when 'TS-CS' then '1,5' when 'MUG' then '-3' \
                          when 'BN' then '52.4999999' else '99999999999999999999999' end";
            system.levels =
                Some(model::levels(&format!("select sku, site, {counts} as qty from {schema}stock")));
        })
        .await;
        for code in [SHIRT, CASE, MUG, BEANS, model::BOX] {
            shop.set(Cell { code, location: PARIS }, Some("1")).await;
        }
        let levels = shop.levels().await;
        let bad: Vec<_> = levels.failures.iter().map(|f| (f.code.unwrap(), f.field.as_str())).collect();
        assert_eq!(bad.len(), 3, "{:?}", levels.failures);
        for code in [SHIRT, CASE, model::BOX] {
            assert!(bad.contains(&(code, "qty")), "{bad:?}");
        }
        let counts = &levels.column("available").unwrap().values;
        let expected = ["-3", "52.4999999"].map(|text| Decimal::parse(text).ok());
        assert_eq!(
            counts.iter().collect::<Vec<_>>(),
            expected,
            "negative and fractional counts come as they are"
        );
        assert_eq!(levels.about.rows, 5);
    });
}

#[test]
fn stamps_without_a_zone_are_local_to_the_system() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            let mut levels =
                model::levels(&format!("select sku, site, qty, changed from {schema}stock order by sku"));
            levels.as_of = Some("changed".into());
            system.levels = Some(levels);
            system.timezone = Some("Europe/Paris".into());
        })
        .await;
        for code in [SHIRT, CASE, MUG, BEANS] {
            shop.set(Cell { code, location: PARIS }, Some("1")).await;
        }
        shop.run("update {stock} set changed = '2026-01-05 12:00:00' where sku = 'TS'").await;
        shop.run("update {stock} set changed = '2026-01-05T12:00:00+00:00' where sku = 'TS-CS'").await;
        shop.run("update {stock} set changed = 'yesterday' where sku = 'MUG'").await;
        let levels = shop.levels().await;
        let stamps: Vec<_> = (0..3).map(|row| levels.as_of(row).map(|m| m.rfc3339())).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(stamps, [text("2026-01-05T11:00:00Z"), text("2026-01-05T12:00:00Z"), None]);
        assert_eq!((levels.failures.len(), levels.failures[0].code), (1, Some(MUG)));
    });
}

#[test]
fn columns_are_found_by_name_or_not_at_all() {
    on_both(async |on| {
        for (query, expected) in [
            ("select sku, site, uom from", "no column `qty`"),
            ("select sku, site, qty, reserved as qty from", "two columns are called `qty`"),
            ("select sku, site, quantity from", "`levels`"),
        ] {
            let shop = Shop::with(on, |system, schema| {
                system.levels = Some(model::levels(&format!("{query} {schema}stock")));
            })
            .await;
            let answer = shop.open().await.levels().await;
            let Err(Failure::Rejected { message }) = answer else { panic!("{answer:?}") };
            assert!(message.contains(expected), "{message}");
        }
    });
}

#[test]
fn a_query_that_would_change_something_is_stopped() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, schema| {
            system.levels =
                Some(model::levels(&format!("update {schema}stock set qty = 0 returning sku, site, qty")));
        })
        .await;
        shop.set(CELL, Some("5")).await;
        // Also in a session that may write: only its batches do.
        let answer = shop.open().await.levels().await;
        assert!(matches!(answer, Err(Failure::Denied { .. } | Failure::Rejected { .. })), "{answer:?}");
        assert_eq!(shop.get(CELL).await.as_deref(), Some("5"));
    });
}

#[test]
fn a_wrong_statement_is_told_row_by_row_and_the_session_goes_on() {
    on_both(async |on| {
        let mut shop = Shop::with(on, |system, _| {
            system.set = Some(("update nowhere set qty = :after".into(), model::nowhere()));
        })
        .await;
        shop.set(CELL, Some("5")).await;
        let mut session = shop.open().await;
        let lyon = Cell { location: LYON, ..CELL };
        let answers = session.write(&[row(CELL, 5, 4), create(lyon, 2)]).await.unwrap();
        assert!(why(&answers[0]).contains("nowhere"), "{answers:?}");
        assert_eq!(answers[1], RowAnswer::Written { compared: true });
        assert_eq!(session.levels().await.unwrap().codes.len(), 2);
    });
}

#[test]
fn a_locked_database_is_asked_again_later() {
    on_both(async |on| {
        let mut shop = Shop::new(on).await;
        shop.set(CELL, Some("5")).await;
        let mut session = shop.open().await;
        if on == On::Sqlite {
            shop.run("begin immediate").await;
            let answer = session.write(&[row(CELL, 5, 4)]).await;
            assert!(matches!(answer, Err(Failure::Retry { .. })), "{answer:?}");
            shop.run("commit").await;
        }
        assert_eq!(session.write(&[row(CELL, 5, 4)]).await.unwrap(), [RowAnswer::Written { compared: true }]);
    });
}

#[test]
fn a_lost_connection_is_made_again() {
    if !postgres_answers() {
        return;
    }
    wait(async {
        let mut shop = Shop::new(On::Postgres).await;
        shop.set(CELL, Some("5")).await;
        let mut session = shop.open().await;
        let end = "select pg_terminate_backend(pid)::text from pg_stat_activity where pid <> pg_backend_pid() \
                   and query like '%{schema}%' and state = 'idle'";
        session.levels().await.unwrap();
        shop.one(end).await;
        let answer = session.write(&[row(CELL, 5, 4)]).await;
        assert!(matches!(answer, Err(Failure::Retry { .. })), "nothing was done: {answer:?}");
        assert_eq!(session.write(&[row(CELL, 5, 4)]).await.unwrap(), [RowAnswer::Written { compared: true }]);
    });
}

async fn fails_to_open(url: &str) -> Failure {
    let shop = Shop::with(On::Sqlite, |system, _| {
        system.settings.insert("url", (Setting::Literal(url.into()), model::nowhere()));
    });
    match connectors::open(shop.await.context.clone()).await {
        Err(failure) => failure,
        Ok(_) => panic!("{url} opened"),
    }
}

#[test]
fn what_cannot_be_reached_says_so_without_the_password() {
    wait(async {
        for (url, expected) in [
            ("postgres://me:hunter2@db.example.com/shop", "in the clear"),
            ("postgres://me:hunter2@127.0.0.1/shop?sslmode=require", "not supported yet"),
            ("postgres://me:hunter2@127.0.0.1/shop?sslmode=verify-full", "not one of PostgreSQL"),
            ("postgres://me:hunter2@127.0.0.1:notaport/shop", "not one of PostgreSQL"),
            ("mysql://me:hunter2@127.0.0.1/shop", "must begin with"),
            ("sqlite:missing.db", "cannot be opened"),
        ] {
            let failure = fails_to_open(url).await;
            assert!(matches!(failure, Failure::Rejected { .. }), "{failure:?}");
            assert!(failure.message().contains(expected), "{failure:?}");
            assert!(!failure.message().contains("hunter2"), "{failure:?}");
        }
        let refused = fails_to_open("postgres://me:hunter2@127.0.0.1:1/shop").await;
        assert!(matches!(refused, Failure::Retry { .. }), "{refused:?}");
        assert!(refused.message().contains("127.0.0.1:1/shop"), "{refused:?}");
        assert!(!refused.message().contains("hunter2"), "{refused:?}");
    });
}

#[test]
fn a_url_from_the_environment_is_denied_while_it_is_not_set() {
    wait(async {
        let shop = Shop::with(On::Sqlite, |system, _| {
            system.settings.insert("url", (Setting::Env("TILL_DATABASE".into()), model::nowhere()));
        });
        let mut shop = shop.await;
        let answer = connectors::open(shop.context.clone()).await.err();
        let Some(Failure::Denied { message }) = answer else { panic!("{answer:?}") };
        assert!(message.contains("TILL_DATABASE is not set"), "{message}");
        let memory = Memory::default();
        memory.env.borrow_mut().insert("TILL_DATABASE".to_owned(), "sqlite:shop.db".to_owned());
        shop.context.world = Rc::new(memory.world());
        assert!(shop.open().await.levels().await.is_ok());
    });
}

#[test]
fn postgres_values_are_shown_exactly() {
    if !postgres_answers() {
        return;
    }
    wait(async {
        let mut open = Postgres::connect(&Secret::new(postgres_url()), PATIENCE).await.unwrap();
        for (value, expected) in [
            ("123456789012345678901234567890.123456789::numeric", "123456789012345678901234567890.123456789"),
            ("(-0.000001)::numeric", "-0.000001"),
            ("10000::numeric", "10000"),
            ("0.00::numeric", "0.00"),
            ("100000000.5::numeric(20,3)", "100000000.500"),
            ("'NaN'::numeric", "NaN"),
            ("(-32768)::int2", "-32768"),
            ("9223372036854775807::int8", "9223372036854775807"),
            ("0.1::float8", "0.1"),
            ("52.4999999::float8", "52.4999999"),
            ("true", "true"),
            ("'MUG  '::char(8)", "MUG"),
            ("' MUG '::text", " MUG "),
            ("timestamp '2026-11-22 06:35:48.5'", "2026-11-22T06:35:48.500000"),
            ("timestamptz '2026-11-22 06:35:48+02'", "2026-11-22T04:35:48Z"),
            ("timestamp '1999-12-31 23:59:59'", "1999-12-31T23:59:59"),
            ("date '2024-02-29'", "2024-02-29"),
            ("date '1900-03-01'", "1900-03-01"),
            ("'6f0c5a1e-0000-4000-8000-00000000000a'::uuid", "6f0c5a1e-0000-4000-8000-00000000000a"),
        ] {
            let rows = open.query(&format!("select {value} as v"), &[]).await.unwrap();
            assert_eq!(rows.rows, [[Some(expected.to_owned())]], "{value}");
        }
        assert_eq!(open.query("select null::int as v", &[]).await.unwrap().rows, [[None]]);
        let unread = open.query("select '1 day'::interval as age", &[]).await.unwrap_err();
        assert!(unread.to_string().contains("column `age` has type `interval`"), "{unread}");
        let bound = "select ?2::numeric + 1, ?1::text, ?3::int8, '?1', $q$ ?2 $q$ -- ?9";
        let binds = [Bind::from("it's"), Bind::from("0.10"), Bind::Null];
        let rows = open.query(bound, &binds).await.unwrap().rows;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(rows, [[text("1.10"), text("it's"), None, text("?1"), text(" ?2 ")]]);
    });
}

#[test]
fn strings_names_and_comments_hold_no_parameters() {
    use onhand::world::placeholder::{Dialect, Piece, pieces};
    let found = |sql: &str, dialect| -> Vec<String> {
        let shown = |piece: Piece<'_>| match piece {
            Piece::Text(_) => None,
            Piece::Named(name) => Some(format!(":{name}")),
            Piece::Numbered(number) => Some(format!("?{number}")),
            Piece::Strange(text) => Some(text.to_owned()),
        };
        pieces(sql, dialect).into_iter().filter_map(shown).collect()
    };
    for (sql, sqlite, postgres) in [
        ("a = :a and b=:b", &[":a", ":b"][..], &[":a", ":b"][..]),
        ("':a' \":a\" -- :a\n /* :a */ :b", &[":b"], &[":b"]),
        ("'it''s :a' :b", &[":b"], &[":b"]),
        ("':a", &[], &[]),
        ("/* :a", &[], &[]),
        ("/* /* */ :a */ :b", &[":a", ":b"], &[":b"]),
        (r"e'\' :a' :b", &[":a"], &[":b"]),
        ("$x$ :a $x$ :b $$ :c $$", &["$x", ":a", "$x", ":b", ":c"], &[":b"]),
        ("`:a` [:b] :c", &[":c"], &[":a", ":b", ":c"]),
        ("a::text, b:=1, :c::int", &[":c"], &[":c"]),
        ("?1 ? ?12", &["?1", "?", "?12"], &["?1", "?12"]),
        ("@a $1", &["@a", "$1"], &["$1"]),
        ("a:1 x::y:z é:é", &[":z", ":é"], &[":z", ":é"]),
        ("note$1 :a", &["$1", ":a"], &["$1", ":a"]),
    ] {
        assert_eq!(found(sql, Dialect::Postgres), postgres, "PostgreSQL: {sql}");
        assert_eq!(found(sql, Dialect::Sqlite), sqlite, "SQLite: {sql}");
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let text: String = pieces(sql, dialect)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Strange(text) => text.to_owned(),
                    Piece::Named(name) => format!(":{name}"),
                    Piece::Numbered(number) => format!("?{number}"),
                })
                .collect();
            assert_eq!(text, sql, "nothing is lost");
        }
    }
}

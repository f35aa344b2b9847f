//! A preview can change nothing: each kind is asked to write in a world that only looks, and tries.

use super::row;
use crate::support::erp;
use crate::support::fault::{Fault, Shop};
use crate::support::model::{self, MUG, PARIS, SHOP};
use onhand::connectors::{self, Cell, Context, Failure};
use onhand::model::system::Setting;
use onhand::world::postgres::Postgres;
use onhand::world::sqlite::Sqlite;
use onhand::world::{Database, DatabaseError, Secret, World, real};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const CELL: Cell = Cell { code: MUG, location: PARIS };

/// A world as `plan` has it.
fn looking() -> World {
    real::world(false).writing_only(Some("plan.jsonl"))
}

/// A session that believes it may write, in a world that only looks.
fn context(kind: &'static str, dir: &Path, world: World) -> Context {
    let text = |text: &str| (text.into(), model::nowhere());
    let model = match kind {
        "csv" => model::shop(&connectors::csv::DESCRIPTOR, |system| {
            system.levels = Some(model::levels("stock.csv"));
            system.publish = Some((Setting::Literal("stock.csv".into()), model::nowhere()));
        }),
        _ => model::shop(&connectors::sql::DESCRIPTOR, |system| {
            let url = (Setting::Literal("sqlite:shop.db".into()), model::nowhere());
            system.settings.insert("url", url);
            system.levels = Some(model::levels("select sku, site, qty from stock"));
            system.set = Some(text(
                "update stock set qty = :after where sku = :code and site = :location and qty = :before",
            ));
        }),
    };
    let dir = dir.to_str().expect("UTF-8").to_owned();
    Context {
        model: Rc::new(model),
        system: SHOP,
        world: Rc::new(world),
        writes: true,
        dir,
        pace: Rc::default(),
    }
}

/// Every file of a folder with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

async fn database(dir: &Path) -> String {
    let path = dir.join("shop.db").to_str().unwrap().to_owned();
    let mut open = Sqlite::open(&path, true, PATIENCE).unwrap();
    let table =
        "create table stock (sku text, site text, qty integer); insert into stock values ('MUG', 'P1', 4)";
    open.batch(table).await.unwrap();
    path
}

#[tokio::test]
async fn a_database_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path()).await;
    let before = files(folder.path());
    let mut session = connectors::open(context("sql", folder.path(), looking())).await.unwrap();
    assert_eq!(session.levels().await.unwrap().about.rows, 1);
    let failure = session.write(&[row(CELL, 4, 3)]).await.unwrap_err();
    assert!(matches!(failure, Failure::Denied { .. }), "{failure:?}");
    // What a topology's own `levels` could say instead of a question.
    let beside = folder.path().join("beside.db").to_str().unwrap().to_owned();
    for sql in [
        "update stock set qty = 0 returning sku, qty".to_owned(),
        "delete from stock".to_owned(),
        "pragma user_version = 7".to_owned(),
        "pragma query_only = off".to_owned(),
        "pragma journal_mode = wal".to_owned(),
        "create temp table t (a)".to_owned(),
        format!("vacuum into '{beside}'"),
        format!("attach '{beside}' as b"),
        "begin immediate".to_owned(),
    ] {
        let mut open = Sqlite::open_to_read(&path, PATIENCE).unwrap();
        let _ = open.query(&sql, &[]).await;
        assert!(matches!(open.execute(&sql, &[]).await, Err(DatabaseError::Denied(_))), "{sql}");
        assert!(matches!(open.batch(&sql).await, Err(DatabaseError::Denied(_))), "{sql}");
        // A connection that was talked into something still changes nothing.
        let _ = open.query("update stock set qty = 0 returning sku", &[]).await;
        drop(open);
        assert_eq!(files(folder.path()), before, "{sql}");
    }
    assert!(Sqlite::open_to_read(&beside, PATIENCE).is_err(), "no file is made");
}

#[tokio::test]
async fn a_postgres_server() {
    let url = std::env::var("ONHAND_POSTGRES");
    let url = Secret::new(url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned()));
    let mut writer = match Postgres::connect(&url, PATIENCE).await {
        Ok(writer) => writer,
        Err(why) => {
            assert!(std::env::var("ONHAND_REQUIRE_LIVE").as_deref() != Ok("1"), "no PostgreSQL: {why}");
            return println!("skipped: no PostgreSQL answers ({why})");
        }
    };
    let schema = format!("looks_{}", std::process::id());
    let made =
        format!("create schema {schema}; create table {schema}.t (n int); insert into {schema}.t values (4)");
    writer.batch(&made).await.unwrap();
    let mut open = Postgres::connect_to_read(&url, PATIENCE).await.unwrap();
    let ask = format!("select n from {schema}.t");
    for sql in [
        format!("update {schema}.t set n = 0 returning n"),
        "select set_config('transaction_read_only', 'off', false)".to_owned(),
        "select set_config('default_transaction_read_only', 'off', false)".to_owned(),
        "commit".to_owned(),
        format!("create table {schema}.u (n int)"),
    ] {
        let _ = open.query(&sql, &[]).await;
        assert!(matches!(open.execute(&sql, &[]).await, Err(DatabaseError::Denied(_))), "{sql}");
        assert!(matches!(open.batch(&sql).await, Err(DatabaseError::Denied(_))), "{sql}");
        let again = open.query(&format!("update {schema}.t set n = 0 returning n"), &[]).await;
        assert!(again.is_err(), "{sql}: {again:?}");
        assert_eq!(open.query(&ask, &[]).await.unwrap().rows, [[Some("4".to_owned())]], "{sql}");
    }
    let tables = format!("select count(*) from pg_tables where schemaname = '{schema}'");
    assert_eq!(open.query(&tables, &[]).await.unwrap().rows, [[Some("1".to_owned())]]);
    writer.batch(&format!("drop schema {schema} cascade")).await.unwrap();
}

#[tokio::test]
async fn a_published_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stock.csv"), "sku,site,qty\nMUG,P1,4\n").unwrap();
    let before = files(folder.path());
    let mut session = connectors::open(context("csv", folder.path(), looking())).await.unwrap();
    assert_eq!(session.levels().await.unwrap().about.rows, 1);
    let failure = session.write(&[row(CELL, 4, 3)]).await.unwrap_err();
    assert!(failure.message().contains("this run only looks"), "{failure:?}");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn files_but_for_the_plans_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let world = real::world(false).writing_only(Some(&path("plan.jsonl")));
    for other in ["stock.csv", "plan.jsonl.bak", "./plan.jsonl", "sub/plan.jsonl"] {
        assert!(world.files.write(&path(other), b"x").is_err(), "{other}");
    }
    assert_eq!(files(folder.path()), []);
    world.files.write(&path("plan.jsonl"), b"x").unwrap();
    assert_eq!(files(folder.path()).len(), 1);
    assert!(real::world(false).writing_only(None).files.write(&path("any"), b"x").is_err());
}

#[tokio::test]
async fn a_web_service() {
    let shop = Shop::new(&[("MUG", 4)], &[Fault::Torn]);
    let fields = [("url", shop.server.url.as_str()), ("key", "k")];
    let model = erp::model(&connectors::vendure::DESCRIPTOR, &fields, &["Main"], &["MUG"]);
    let mut session = connectors::open(erp::context(model, looking(), true)).await.unwrap();
    let before = [("allocated", 0), ("on-hand", 4), ("threshold", 0)];
    let before = before.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let cell = Cell { code: onhand::model::CodeId(0), location: onhand::model::LocationId(0) };
    let row = connectors::WriteRow { column: "on-hand".to_owned(), before, ..row(cell, 4, 3) };
    let failure = session.write(&[row]).await.unwrap_err();
    assert!(matches!(failure, Failure::Rejected { .. }), "{failure:?}");
    assert!(!shop.server.heard().is_empty(), "it was asked");
    assert!(shop.server.heard().iter().all(|heard| !heard.body.contains("mutation")), "nothing unsafe left");
    assert_eq!((shop.written().len(), shop.unmet()), (0, 1));
}

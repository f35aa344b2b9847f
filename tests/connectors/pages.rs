//! The page of each kind: its topology compiles without a finding, and reads and writes as the page says.

use crate::compile;
use onhand::connectors::{self, Context, KINDS, RowAnswer, WriteRow};
use onhand::model::observation::Levels;
use onhand::model::{Model, SystemId};
use onhand::world::database::Database;
use onhand::world::memory::Memory;
use onhand::world::sqlite::Sqlite;
use std::rc::Rc;
use std::time::Duration;

/// The KDL blocks of a page.
fn blocks(kind: &str) -> Vec<String> {
    let path = format!("{}/docs/connectors/{kind}.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let block = |part: &str| part.split("```").next().unwrap().to_owned();
    text.split("```kdl\n").skip(1).map(block).collect()
}

fn model(kind: &str) -> Rc<Model> {
    let compiled = compile::fragment(&blocks(kind)[0]);
    assert_eq!(compiled.diagnostics.len(), 0, "{}", compile::told(&compiled));
    Rc::new(compiled.model)
}

fn context(model: &Rc<Model>, system: &str, memory: &Memory, dir: &str) -> Context {
    let at = model.systems.iter().position(|known| &*known.name == system).unwrap();
    let (model, world, dir) = (model.clone(), Rc::new(memory.world()), dir.to_owned());
    Context { model, system: SystemId::at(at), world, writes: true, dir, pace: Rc::default() }
}

/// Codes and counts, in order.
fn shown(model: &Model, levels: &Levels) -> Vec<String> {
    assert_eq!((&levels.failures[..], &levels.about.incomplete), (&[][..], &None));
    let row = |(row, code): (usize, &onhand::model::CodeId)| {
        let counts = levels.columns.iter().map(|c| format!("{} {}", c.name, c.values.get(row).unwrap()));
        format!("{}: {}", model.code(*code).code, counts.collect::<Vec<_>>().join(", "))
    };
    levels.codes.iter().enumerate().map(row).collect()
}

fn write(levels: &Levels, before: i64, after: i64) -> WriteRow {
    WriteRow {
        cell: connectors::Cell { code: levels.codes[0], location: levels.locations[0] },
        column: "available".to_owned(),
        before: vec![("available".to_owned(), before)],
        after,
        create: false,
        key: "k".to_owned(),
    }
}

#[test]
fn every_topology_compiles() {
    let folder = format!("{}/docs/connectors", env!("CARGO_MANIFEST_DIR"));
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let pages: Vec<String> = names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect();
    for own in ["csv", "sql", "memory"] {
        assert!(pages.iter().any(|page| page == own), "kind `{own}` has no page");
    }
    for page in &pages {
        assert!(KINDS.iter().any(|kind| kind.kind == page), "`{page}.md` is the page of no kind");
        for block in blocks(page) {
            let compiled = compile::fragment(&block);
            assert_eq!(compiled.diagnostics.len(), 0, "{page}: {}", compile::told(&compiled));
        }
    }
}

#[tokio::test]
async fn csv_reads_and_writes_as_its_page_says() {
    let (model, memory) = (model("csv"), Memory::default());
    let put = |name: &str, text: &str| {
        memory.files.borrow_mut().insert(name.to_owned(), (text.as_bytes().to_vec(), 1));
    };
    put(
        "feeds/depot-1.csv",
        "ean;site;uom;free_qty;exported_at\n04006381333948;LYO;ea;5;2026-11-22 06:35:48\n",
    );
    put("out/shop.csv", "sku,site,qty\nMUG,Lyon,9\n");
    let mut depot = connectors::open(context(&model, "depot", &memory, "")).await.unwrap();
    let levels = depot.levels().await.unwrap();
    assert_eq!(shown(&model, &levels), ["04006381333948: on-hand 5"]);
    assert_eq!(levels.about.as_of.map(|moment| moment.rfc3339()).as_deref(), Some("2026-11-22T05:35:48Z"));
    let mut shop = connectors::open(context(&model, "shop", &memory, "")).await.unwrap();
    let levels = shop.levels().await.unwrap();
    assert_eq!(shown(&model, &levels), ["MUG: available 9"]);
    let answers = shop.write(&[write(&levels, 9, 5)]).await.unwrap();
    assert_eq!(answers, [RowAnswer::Written { compared: true }]);
    assert_eq!(memory.files.borrow()["out/shop.csv"].0, b"sku,site,qty\nMUG,Lyon,5\n");
}

#[tokio::test]
async fn sql_reads_and_writes_as_its_page_says() {
    let (model, memory) = (model("sql"), Memory::default());
    memory.env.borrow_mut().insert("TILL_DATABASE".to_owned(), "sqlite:till.db".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let mut database = Sqlite::open(&format!("{dir}/till.db"), true, Duration::from_secs(5)).unwrap();
    let schema =
        "create table stock (sku text, site text, qty integer, changed text, primary key (sku, site));
                  insert into stock values ('4006381333948', 'P1', 9, null)";
    database.batch(schema).await.unwrap();
    let mut till = connectors::open(context(&model, "till", &memory, dir)).await.unwrap();
    let levels = till.levels().await.unwrap();
    assert_eq!(shown(&model, &levels), ["4006381333948: available 9"]);
    let answers = till.write(&[write(&levels, 9, 5)]).await.unwrap();
    assert_eq!(answers, [RowAnswer::Written { compared: true }]);
    let rows = database.query("select qty from stock", &[]).await.unwrap().rows;
    assert_eq!(rows, [[Some("5".to_owned())]]);
}

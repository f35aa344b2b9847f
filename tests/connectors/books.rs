//! Open lines and movements of the kinds whose columns a topology names, and what memory takes in.

use crate::compile;
use onhand::connectors::{self, Context, Failure, Session};
use onhand::model::moved::{FoundLine, Moved, Movements, PostLine, Posted, Posting};
use onhand::model::movement::Movement;
use onhand::model::observation::Lines;
use onhand::model::quantity::Decimal;
use onhand::model::system::Acknowledges;
use onhand::model::time::Moment;
use onhand::model::{Model, SystemId};
use onhand::world::memory::Memory;
use onhand::world::sqlite::Sqlite;
use onhand::world::store::{Call, Event, Store, StoredMove, Trouble, What};
use onhand::world::{Database, World};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

const TOPOLOGY: &str = r#"onhand language=1 { timezone "Europe/Paris" }
unit ea
system book kind=csv role=channel {
    levels "stock.csv" { code sku; location site; available qty { net-of own-sales } }
    lines "open/*.csv" delimiter=";" decimal="," {
        document order_no; line line_no; code sku; location site; unit uom; open qty; as-of at
    }
    movements "moves/*.csv" delimiter=";" {
        kind what; document doc; line line; of-document order_no; of-line order_line; code sku
        location site; to to_site; quantity qty; unit uom; at happened
        word SALE order
        word QUOTE none
    }
    orders none
}
system till kind=sql role=channel {
    url "sqlite:till.db"
    levels "select sku, site, qty from stock" { code sku; location site; available qty { net-of own-sales } }
    lines "select * from open_lines" {
        document order_no; line line_no; code sku; location site; unit uom; open qty; as-of at
    }
    movements "select * from moves where changed >= :since order by n" {
        kind what; document doc; line line; of-document order_no; of-line order_line; code sku
        location site; to to_site; quantity qty; unit uom; at happened
        word SALE order
        word QUOTE none
    }
    orders none
}
system bag kind=memory role=erp {
    levels { code sku; location site; on-hand h; reserved r; damaged d }
    lines
}
location paris { in book P1; in till P1; in bag P1 }
location lyon { in book L1; in till L1; in bag L1; cutoff "14:00" }
item MUG unit=ea { in book MUG; in till MUG; in bag MUG }
item HAT unit=ea { in book HAT at=paris; in till HAT at=paris; in bag HAT at=paris }
"#;

/// When the world's clock stands: 2026-11-24 12:00 UTC.
const NOW_MS: i64 = 1_795_521_600_000;

const MOVES: [[&str; 11]; 9] = [
    ["shipments", "S1", "1", "1001", "1", "MUG", "P1", "", "2", "", "2026-11-23T09:30:00Z"],
    ["SALE", "1001", "1", "", "", "MUG", "P1", "", "3", "ea", "2026-10-25 02:30:00"],
    ["cancellation", "C1", "1", "1001", "1", "MUG", "L1", "", "1", "", "2026-11-23"],
    ["return", "R1", "1", "1001", "1", "MUG", "", "", "1", "", ""],
    ["transfer", "T1", "1", "", "", "MUG", "P1", "L1", "4", "", "2026-11-23 08:00"],
    ["adjustments", "A1", "1", "", "", "MUG", "L1", "", "-2", "", ""],
    ["QUOTE", "Q1", "1", "", "", "MUG", "P1", "", "9", "", ""],
    ["order", "1002", "1", "", "", "NOBODY", "P1", "", "9", "", ""],
    ["order", "1003", "1", "", "", "MUG", "X9", "", "9", "", ""],
];

const TOLD: [&str; 6] = [
    "order 1001/1 MUG at paris 3 ea 2026-10-25T01:30:00Z",
    "cancellation C1/1 of 1001/1 MUG at lyon 1 2026-11-23T13:00:00Z",
    "shipment S1/1 of 1001/1 MUG at paris 2 2026-11-23T09:30:00Z",
    "return R1/1 of 1001/1 MUG 1",
    "transfer T1/1 MUG at paris to lyon 4 2026-11-23T07:00:00Z",
    "adjustment A1/1 MUG at lyon -2",
];

struct Town {
    model: Rc<Model>,
    memory: Memory,
    folder: tempfile::TempDir,
    world: Rc<World>,
}

impl Town {
    fn new(topology: &str) -> Town {
        let compiled = compile::fragment(topology);
        assert!(compiled.diagnostics.is_empty(), "{}", compile::told(&compiled));
        let memory = Memory::default();
        memory.now_ms.set(NOW_MS);
        let world = Rc::new(memory.world());
        Town { model: Rc::new(compiled.model), memory, folder: tempfile::tempdir().unwrap(), world }
    }

    fn id(&self, name: &str) -> SystemId {
        let at = self.model.systems.iter().position(|system| &*system.name == name).unwrap();
        SystemId::at(at)
    }

    async fn open(&self, name: &str) -> Box<dyn Session> {
        let dir = if name == "till" { self.folder.path().to_str().unwrap() } else { "" };
        let (model, system, world) = (self.model.clone(), self.id(name), self.world.clone());
        connectors::open(Context {
            model,
            system,
            world,
            writes: true,
            dir: dir.to_owned(),
            pace: Rc::default(),
        })
        .await
        .unwrap()
    }

    fn file(&self, name: &str, text: &str) {
        let stored = (text.as_bytes().to_vec(), NOW_MS);
        self.memory.files.borrow_mut().insert(name.to_owned(), stored);
    }

    async fn database(&self, sql: &str) {
        let path = self.folder.path().join("till.db");
        let mut open = Sqlite::open(path.to_str().unwrap(), true, Duration::from_secs(5)).unwrap();
        open.batch(sql).await.unwrap();
    }

    fn store<T>(&self, act: impl FnOnce(&mut Store) -> T) -> T {
        act(self.world.stores.borrow_mut().entry("bag".to_owned()).or_default())
    }

    fn told(&self, moved: &Moved) -> String {
        let place = |at| self.model.location(at).name.to_string();
        let mut words = vec![moved.movement.one().to_owned(), format!("{}/{}", moved.document, moved.line)];
        words.extend(moved.of.iter().map(|(document, line)| format!("of {document}/{line}")));
        words.push(self.model.code(moved.code).code.to_string());
        words.extend(moved.location.map(|at| format!("at {}", place(at))));
        words.extend(moved.to.map(|at| format!("to {}", place(at))));
        words.push(moved.quantity.to_string());
        words.extend(moved.unit.as_deref().map(str::to_owned));
        words.extend(moved.at.map(Moment::rfc3339));
        words.join(" ")
    }

    fn all_told(&self, movements: &Movements) -> Vec<String> {
        movements.moved.iter().map(|moved| self.told(moved)).collect()
    }

    fn lines_told(&self, lines: &Lines) -> Vec<String> {
        let one = |line: &onhand::model::observation::OpenLine| {
            let place = line.location.map_or("anywhere", |at| &self.model.location(at).name);
            format!(
                "{}/{} {} at {place} {}",
                line.document,
                line.line,
                self.model.code(line.code).code,
                line.open
            )
        };
        lines.lines.iter().map(one).collect()
    }
}

const MOVES_HEAD: &str = "what;doc;line;order_no;order_line;sku;site;to_site;qty;uom;happened\n";
const MOVES_TABLE: &str = "create table moves (n integer primary key, changed text, what text, doc text, line \
    text, order_no text, order_line text, sku text, site text, to_site text, qty text, uom text, happened text); \
    create table stock (sku text, site text, qty integer);";

fn insert(row: &[&str; 11], changed: &str) -> String {
    let value = |text: &&str| if text.is_empty() { "null".to_owned() } else { format!("'{text}'") };
    let values: Vec<String> = row.iter().map(value).collect();
    format!(
        "insert into moves (changed, what, doc, line, order_no, order_line, sku, site, to_site, qty, uom, happened) \
         values ('{changed}', {});",
        values.join(", ")
    )
}

fn stored(row: &[&str; 11]) -> StoredMove {
    let [kind, document, line, order, order_line, code, site, to, quantity, unit, _] = row.map(str::to_owned);
    let some = |text: String| (!text.is_empty()).then_some(text);
    StoredMove {
        kind,
        document,
        line,
        of: some(order).map(|order| (order, order_line)),
        code,
        location: some(site),
        to: some(to),
        quantity,
        unit: some(unit),
        at_ms: None,
        shown_ms: NOW_MS,
    }
}

#[tokio::test]
async fn files_tell_all_movements_each_time_in_an_order_that_can_be_booked() {
    let town = Town::new(TOPOLOGY);
    // The last export repeats what the first has: read twice, it is one.
    let text = |rows: &[[&str; 11]]| {
        MOVES_HEAD.to_owned() + &rows.iter().map(|row| row.join(";") + "\n").collect::<String>()
    };
    town.file("moves/1.csv", &text(&MOVES[..6]));
    town.file("moves/2.csv", &text(&MOVES[4..]));
    let mut session = town.open("book").await;
    for since in [None, Some(Moment(NOW_MS))] {
        let read = session.movements(since).await.unwrap();
        assert_eq!(town.all_told(&read), TOLD);
        assert_eq!((read.failures.len(), read.whole, read.next), (0, true, None));
        assert_eq!((read.about.rows, read.about.ignored, read.about.pages), (11, 3, 2));
    }
    town.file("moves/3.csv", &format!("{MOVES_HEAD}order;1004;1;;;MUG;P1"));
    let cut = session.movements(None).await.unwrap();
    assert!(cut.about.incomplete.is_some() && !cut.whole, "{:?}", cut.about);
}

#[tokio::test]
async fn a_query_tells_all_movements_or_what_has_changed_since() {
    let town = Town::new(TOPOLOGY);
    let rows = MOVES.iter().enumerate().map(|(n, row)| insert(row, &format!("2026-11-24T0{n}:00:00Z")));
    town.database(&(MOVES_TABLE.to_owned() + &rows.collect::<String>())).await;
    let mut session = town.open("till").await;
    let whole = session.movements(None).await.unwrap();
    assert_eq!(town.all_told(&whole), TOLD);
    assert_eq!((whole.whole, whole.about.rows, whole.about.ignored), (true, 9, 3));
    let next = whole.next.expect("changes can be asked for");
    assert_eq!(next.rfc3339(), "2026-11-24T11:50:00Z", "it overlaps, for whoever commits late");
    let since = Moment::parse("2026-11-24T04:00:00Z", "UTC");
    let changed = session.movements(since).await.unwrap();
    assert_eq!(town.all_told(&changed), TOLD[4..]);
    assert!(!changed.whole && changed.next.is_some());
    assert_eq!(changed.about.as_of, Some(Moment(NOW_MS)));
}

#[tokio::test]
async fn a_query_that_cannot_ask_for_changes_is_read_wholly_each_time() {
    let town = Town::new(&TOPOLOGY.replace(" where changed >= :since", ""));
    let rows = MOVES.iter().map(|row| insert(row, "2026-11-24T01:00:00Z"));
    town.database(&(MOVES_TABLE.to_owned() + &rows.collect::<String>())).await;
    let mut session = town.open("till").await;
    let read = session.movements(Some(Moment(NOW_MS))).await.unwrap();
    assert_eq!((town.all_told(&read).len(), read.whole, read.next), (6, true, None));
}

#[tokio::test]
async fn memory_tells_the_same_story() {
    let town = Town::new(TOPOLOGY);
    town.store(|store| {
        let known = MOVES.iter().filter(|row| row[0] != "QUOTE");
        store.moves =
            known.map(|row| stored(&row.map(|word| if word == "SALE" { "order" } else { word }))).collect();
        store.moves[0].shown_ms = NOW_MS - 1;
    });
    let mut session = town.open("bag").await;
    let whole = session.movements(None).await.unwrap();
    let dateless: Vec<&str> = TOLD.iter().map(|told| told.split(" 2026-").next().unwrap()).collect();
    assert_eq!(town.all_told(&whole), dateless);
    assert!(whole.whole && whole.next == Some(Moment(NOW_MS)));
    let changed = session.movements(whole.next).await.unwrap();
    assert_eq!((changed.moved.len(), changed.whole), (5, false), "the shipment was shown before");
    let sold = stored(&["order", "1005", "1", "", "", "MUG", "P1", "", "1", "", ""]);
    town.store(|store| {
        store.script.push_back(Event { at: Call::Movements, what: What::After(Box::new(What::Move(sold))) })
    });
    let before = session.movements(None).await.unwrap();
    let after = session.movements(before.next).await.unwrap();
    let fresh = |read: &Movements| read.moved.iter().any(|moved| &*moved.document == "1005");
    assert_eq!((fresh(&before), fresh(&after)), (false, true), "nothing falls between two reads");
}

#[tokio::test]
async fn a_row_that_is_no_movement_fails_with_its_place() {
    let town = Town::new(TOPOLOGY);
    let rows = [
        "order;1001;1;;;MUG;P1;;2;;",
        "order;1001;1;;;MUG;P1;;5;;",
        "BACKORDER;1002;1;;;MUG;P1;;1;;",
        "order;1003;1;;;MUG;P1;;-1;;",
        "order;;1;;;MUG;P1;;1;;",
        "order;1004;1;;;MUG;P1;;many;;",
        "order;1005;1;;;MUG;P1;;1;;soon",
        "order;1006;1;;;HAT;L1;;1;;",
        "order;1007;1;;;HAT;;;1;;",
        "order;1008;1;;MUG;P1;;1;;",
    ];
    town.file("moves/1.csv", &(MOVES_HEAD.to_owned() + &rows.join("\n") + "\n"));
    let read = town.open("book").await.movements(None).await.unwrap();
    let told: Vec<String> = town.all_told(&read);
    assert_eq!(told, ["order 1001/1 MUG at paris 2", "order 1007/1 HAT at paris 1"]);
    let failed: Vec<(&str, &str)> =
        read.failures.iter().map(|f| (f.record.as_str(), f.field.as_str())).collect();
    let expected =
        [("row 3", "doc"), ("row 4", "what"), ("row 5", "qty"), ("row 6", "doc"), ("row 7", "qty")];
    assert_eq!(failed[..5], expected);
    assert_eq!(failed[5..], [("row 8", "happened"), ("row 9", "site"), ("row 11", "")]);
    assert!(read.failures.iter().all(|failure| failure.source == "moves/1.csv"));
    assert!(read.failures[..7].iter().all(|failure| failure.code.is_some()), "{:?}", read.failures);
    assert!(read.failures[1].reason.contains("`word \"BACKORDER\" order`"), "{}", read.failures[1].reason);
}

#[tokio::test]
async fn without_a_column_for_the_order_a_reversal_bears_its_number() {
    let town = Town::new(&TOPOLOGY.replace("of-document order_no; of-line order_line; ", ""));
    town.file("moves/1.csv", &format!("{MOVES_HEAD}order;7;1;;;MUG;P1;;2;;\nreturns;7;1;;;MUG;P1;;1;;\n"));
    let read = town.open("book").await.movements(None).await.unwrap();
    assert_eq!(town.all_told(&read), ["order 7/1 MUG at paris 2", "return 7/1 of 7/1 MUG at paris 1"]);
}

#[tokio::test]
async fn in_a_system_without_locations_all_is_of_its_one_place() {
    let bare = [
        ("levels \"stock.csv\" { code sku; location site; ", "levels \"stock.csv\" { code sku; "),
        ("in book P1; ", "in book; "),
        ("in book L1; ", ""),
        ("in book HAT at=paris", "in book HAT"),
    ];
    let town = Town::new(&bare.iter().fold(TOPOLOGY.to_owned(), |text, (from, to)| text.replace(from, to)));
    town.file("moves/1.csv", &format!("{MOVES_HEAD}order;7;1;;;MUG;;;2;;\norder;8;1;;;MUG;ANY;;1;;\n"));
    let read = town.open("book").await.movements(None).await.unwrap();
    assert_eq!(town.all_told(&read), ["order 7/1 MUG at paris 2", "order 8/1 MUG at paris 1"]);
}

#[tokio::test]
async fn a_source_without_the_named_columns_is_refused() {
    let town = Town::new(TOPOLOGY);
    town.file("moves/1.csv", "what;doc\n");
    town.file("open/1.csv", "order_no\n");
    let mut session = town.open("book").await;
    let Err(Failure::Rejected { message }) = session.movements(None).await else { panic!("it was read") };
    assert!(message.contains("no column `line`, which `movements` names"), "{message}");
    let Err(Failure::Rejected { message }) = session.lines().await else { panic!("it was read") };
    assert!(message.contains("no column `line_no`, which `lines` names"), "{message}");
}

#[tokio::test]
async fn open_lines_are_read_with_the_age_of_the_oldest() {
    let town = Town::new(TOPOLOGY);
    let head = "order_no;line_no;sku;site;uom;qty;at\n";
    let good =
        "SO2;1;MUG;L1;ea;2;2026-11-23\nSO1;2;MUG;;;1,5;2026-11-24 09:00\nSO1;1;HAT;;;0;2026-11-24 09:00\n";
    town.file("open/0.csv", &format!("{head}OLD;1;MUG;P1;;9;2026-11-01 09:00\n"));
    town.file(
        "open/1.csv",
        &format!("{head}{good}SO3;1;NOBODY;P1;;1;2026-11-20\nSO4;1;MUG;X9;;1;2026-11-20\n"),
    );
    let mut session = town.open("book").await;
    let lines = session.lines().await.unwrap();
    assert_eq!(
        town.lines_told(&lines),
        ["SO1/1 HAT at paris 0", "SO1/2 MUG at anywhere 1.5", "SO2/1 MUG at lyon 2"]
    );
    assert_eq!((lines.about.rows, lines.about.ignored, lines.failures.len()), (5, 2, 0));
    assert_eq!(
        lines.about.as_of.map(Moment::rfc3339).as_deref(),
        Some("2026-11-23T13:00:00Z"),
        "the cut-off"
    );
    let bad = "SO1;1;MUG;P1;;-1;\nSO1;2;MUG;P1;;;\n;3;MUG;P1;;1;\nSO1;4;HAT;L1;;1;\nSO1;5;MUG;P1;;1;x\nSO2;1;MUG;P1;;1;\n";
    town.file("open/1.csv", &format!("{head}{bad}"));
    let lines = session.lines().await.unwrap();
    let failed: Vec<(&str, &str, &str)> =
        lines.failures.iter().map(|f| (f.source.as_str(), f.record.as_str(), f.field.as_str())).collect();
    let fields = ["qty", "qty", "order_no", "site", "at"];
    let expected: Vec<String> = (2..7).map(|row| format!("row {row}")).collect();
    for (at, (source, record, field)) in failed.iter().enumerate() {
        assert_eq!((*source, *record, *field), ("open/1.csv", expected[at].as_str(), fields[at]));
    }
    assert_eq!((failed.len(), town.lines_told(&lines)), (5, vec!["SO2/1 MUG at paris 1".to_owned()]));
    assert_eq!(lines.about.as_of, None, "one line of unknown age makes the age of all unknown");
}

#[tokio::test]
async fn a_query_for_open_lines_is_read_the_same_way() {
    let town = Town::new(TOPOLOGY);
    let table = "create table open_lines (order_no text, line_no integer, sku text, site text, uom text, qty \
                 numeric, at text); insert into open_lines values ('SO1', 1, 'MUG', 'P1', null, 2, null), \
                 ('SO2', 1, 'MUG', null, null, -1, null);";
    town.database(&(MOVES_TABLE.to_owned() + table)).await;
    let lines = town.open("till").await.lines().await.unwrap();
    assert_eq!(town.lines_told(&lines), ["SO1/1 MUG at paris 2"]);
    assert_eq!((lines.failures.len(), lines.failures[0].field.as_str()), (1, "qty"));
    let undated = Town::new(&TOPOLOGY.replace("open qty; as-of at", "open qty"));
    undated.database(&(MOVES_TABLE.to_owned() + table)).await;
    let lines = undated.open("till").await.lines().await.unwrap();
    assert_eq!(lines.about.as_of, Some(Moment(NOW_MS)), "an answer is as old as its question");
}

#[test]
fn what_lists_lines_acknowledges_by_them_and_adds_up_to_nothing() {
    let town = Town::new(TOPOLOGY);
    for system in &town.model.systems {
        assert!(system.lists_lines(), "{}", system.name);
        assert_eq!((system.lines_are(), system.acknowledges()), (None, Some(Acknowledges::Lines)));
        assert_eq!(system.collects().len(), 7, "{}", system.name);
    }
    let told = Town::new(&TOPOLOGY.replace("    lines\n", "    lines\n    acknowledges never\n"));
    assert_eq!(told.model.system(told.id("bag")).acknowledges(), Some(Acknowledges::Never));
    let silent = Town::new(&TOPOLOGY.replace("    lines\n", ""));
    assert_eq!(silent.model.system(silent.id("bag")).acknowledges(), None);
}

#[test]
fn a_topology_is_told_what_its_movements_lack() {
    let flow = "owner bag { of on-hand reserved }\nflow sales { collect orders cancellations returns from=NAME; \
                post to=bag { reference \"{order}\" }; restock returns=on-hand; lag \"10m\" every=\"5m\" reconcile=\"24h\" }\n";
    for (name, help) in [("book", "`movements \"moves-*.csv\" {"), ("till", "changed >= :since\" {")] {
        let start = TOPOLOGY.find(&format!("system {name}")).unwrap();
        let at = start + TOPOLOGY[start..].find("    movements").unwrap();
        let end = at + TOPOLOGY[at..].find("\n    }\n").unwrap() + 7;
        let without = format!("{}{}{}", &TOPOLOGY[..at], &TOPOLOGY[end..], flow.replace("NAME", name));
        let mut compiled = compile::fragment(&without.replace("orders none", ""));
        // Nothing is published here, so nobody needs the owner.
        compiled.diagnostics.retain(|found| found.rule.slug != "owner-unused");
        assert_eq!(compile::rules(&compiled), ["source-cannot-collect"], "{}", compile::told(&compiled));
        let shown = compiled.diagnostics[0].help.clone();
        assert!(shown.contains(help), "{shown}");
    }
    for (from, to, rule) in [
        ("word SALE order", "word SALE sold", "unknown-choice"),
        ("word SALE order", "word QUOTE order", "duplicate-name"),
        (">= :since", ">= :code", "bad-value"),
        ("kind what; ", "", "missing-argument"),
    ] {
        let compiled = compile::fragment(&TOPOLOGY.replace(from, to));
        assert!(!compiled.diagnostics.is_empty(), "{to}");
        assert!(compile::rules(&compiled).iter().all(|found| *found == rule), "{}", compile::told(&compiled));
    }
}

fn posting(town: &Town, movement: Movement, quantity: i64, total: i64) -> Posting {
    let code = town.model.find_code(town.id("bag"), "MUG").unwrap();
    let location = town.model.find_location(town.id("bag"), Some("P1"));
    let (quantity, total) = (Decimal::whole(quantity), Decimal::whole(total));
    Posting {
        reference: "web#1".into(),
        movement,
        kind: "sale",
        lines: vec![PostLine { code, location, quantity, total }],
        at: None,
        sellable: true,
        fields: BTreeMap::new(),
    }
}

async fn held(session: &mut dyn Session) -> [String; 4] {
    let found = session.find(&["web#1".into(), "web#2".into()]).await.unwrap();
    assert_eq!(found.len(), 1);
    let [FoundLine { open, shipped, cancelled, returned, .. }] = found[0].lines[..] else {
        panic!("{found:?}")
    };
    [open, shipped, cancelled, returned].map(|amount| amount.to_string())
}

#[tokio::test]
async fn memory_takes_orders_in_and_moves_its_books() {
    let town = Town::new(TOPOLOGY);
    let place = ("MUG".to_owned(), Some("P1".to_owned()));
    town.store(|store| {
        (store.books, store.lists_documents) = (true, true);
        for (column, count) in [("on-hand", "10"), ("reserved", "0"), ("damaged", "0")] {
            store.change(&place, column, Some(count));
        }
    });
    let mut session = town.open("bag").await;
    let mut postings =
        vec![posting(&town, Movement::Order, 5, 5), posting(&town, Movement::Cancellation, 1, 1)];
    postings.extend([posting(&town, Movement::Shipment, 2, 2), posting(&town, Movement::Return, 1, 1)]);
    postings.push(Posting { sellable: false, ..posting(&town, Movement::Return, 1, 2) });
    for round in 0..2 {
        let answers = session.post(&postings).await.unwrap();
        assert!(
            answers.iter().all(|answer| *answer == Posted::Done { number: "D1".to_owned() }),
            "{answers:?}"
        );
        assert_eq!(held(&mut *session).await, ["2", "2", "1", "2"], "round {round}");
        let counts = town.store(|store| store.cells[&place].values().cloned().collect::<Vec<_>>());
        assert_eq!(counts, ["1", "9", "2"], "damaged, on-hand, reserved: posted twice, it is posted once");
    }
    let lines = session.lines().await.unwrap();
    assert_eq!(town.lines_told(&lines), ["D1/1 MUG at paris 2"]);
    assert_eq!(lines.lines[0].cause.as_deref(), Some("web#1"));
    let most = posting(&town, Movement::Shipment, 3, 5);
    let back = posting(&town, Movement::Return, 1, 3);
    let strange = Posting { reference: "web#9".into(), ..posting(&town, Movement::Cancellation, 1, 1) };
    let goods = posting(&town, Movement::Receipt, 1, 1);
    for (answer, wrong) in session.post(&[most, back, strange, goods]).await.unwrap().iter().zip([
        "quantity",
        "quantity",
        "reference",
        "movement",
    ]) {
        let Posted::Rejected { field, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(field, wrong);
    }
    assert_eq!(held(&mut *session).await, ["2", "2", "1", "2"], "what is refused changes nothing");
}

#[tokio::test]
async fn an_answer_to_a_posting_can_be_lost_before_or_after_it() {
    for (at, carried_out) in [(0, false), (0, true), (1, false), (1, true)] {
        let town = Town::new(TOPOLOGY);
        let postings = [posting(&town, Movement::Order, 5, 5), posting(&town, Movement::Shipment, 2, 2)];
        let mut session = town.open("bag").await;
        if at == 1 {
            // The trouble is met by the second document: the first one is answered, and then the failure told.
            session.post(&postings[..1]).await.unwrap();
        }
        let fail = What::Fail { trouble: Trouble::Unknown, carried_out };
        town.store(|store| store.script.push_back(Event { at: Call::Post, what: fail }));
        let answer = session.post(&postings[at..]).await;
        assert!(matches!(answer, Err(Failure::Unknown { .. })), "{answer:?}");
        let found = session.find(&["web#1".into()]).await.unwrap();
        let shipped = found.first().map(|found| found.lines[0].shipped.to_string());
        let expected = [[None, Some("0")], [Some("0"), Some("2")]][at][usize::from(carried_out)];
        assert_eq!(shipped.as_deref(), expected);
        let answers = session.post(&postings).await.unwrap();
        assert_eq!(answers.len(), 2);
        assert_eq!(held(&mut *session).await, ["3", "2", "0", "0"], "sent again, it is there once");
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_is_told_after_the_answers_before_it() {
    let town = Town::new(TOPOLOGY);
    let postings = [posting(&town, Movement::Order, 5, 5), posting(&town, Movement::Shipment, 2, 2)];
    let mut session = town.open("bag").await;
    let fail = What::Fail { trouble: Trouble::Unknown, carried_out: true };
    town.store(|store| {
        store.script.extend([What::Pass, fail].map(|what| Event { at: Call::Post, what }));
    });
    assert_eq!(session.post(&postings).await.unwrap(), [Posted::Done { number: "D1".to_owned() }]);
    let answer = session.post(&postings[1..]).await;
    assert!(matches!(answer, Err(Failure::Unknown { .. })), "{answer:?}");
    assert_eq!(held(&mut *session).await, ["3", "2", "0", "0"], "it was carried out");
    assert_eq!(session.post(&postings[1..]).await.unwrap().len(), 1);
    assert_eq!(held(&mut *session).await, ["3", "2", "0", "0"]);
    let calls = town.store(|store| store.calls.iter().filter(|call| **call == Call::Post).count());
    assert_eq!(calls, 3, "one call for each document");
}

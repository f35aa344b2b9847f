//! An owner whose open lines shrank: what would rise waits in a whole apply, what falls goes out.

use super::station::Station;
use crate::compile::{text, told};
use onhand::connectors::memory::DESCRIPTOR;
use onhand::world::store::{Place, Store, StoredLine};
use std::collections::BTreeMap;

const TOWN: &str = r#"
onhand language=1
unit ea
system erp kind=memory role=erp { levels { code sku; location site; on-hand h; reserved r }; lines }
system web kind=memory role=channel {
    levels { code sku; location site; available a { net-of own-sales } }
    orders none
}
location paris { in erp PAR; in web P }
item MUG unit=ea { in erp MUG; in web MUG }
item TEE unit=ea { in erp TEE; in web TEE }
owner erp { of on-hand reserved }
flow web-stock { publish available to=web; lag "15m" every="5m" }
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

fn place(code: &str, location: &str) -> Place {
    (code.to_owned(), Some(location.to_owned()))
}

/// So many open lines of one mug each, after which the counts on hand are set.
fn open(station: &Station, lines: usize, on_hand: [(&str, i64); 2]) {
    let mut stores = station.memory.stores.borrow_mut();
    let erp = stores.get_mut("erp").expect("it is there");
    let line = |number: usize| StoredLine {
        document: format!("S{number}"),
        line: "1".to_owned(),
        code: "MUG".to_owned(),
        location: Some("PAR".to_owned()),
        open: "1".to_owned(),
        unit: None,
    };
    erp.lines = (0..lines).map(line).collect();
    for (code, count) in on_hand {
        let reserved = if code == "MUG" { lines } else { 0 };
        erp.change(&place(code, "PAR"), "on-hand", Some(&count.to_string()));
        erp.change(&place(code, "PAR"), "reserved", Some(&reserved.to_string()));
    }
}

fn station() -> Station {
    let compiled = text(TOWN);
    assert!(!compiled.has_errors(), "{}", told(&compiled));
    let station = Station::over(compiled.model, vec![("web", &DESCRIPTOR)]);
    let mut web = Store::default();
    for code in ["MUG", "TEE"] {
        web.cells.insert(place(code, "P"), BTreeMap::from([("available".to_owned(), "1".to_owned())]));
    }
    station
        .memory
        .stores
        .borrow_mut()
        .extend([("erp".to_owned(), Store::default()), ("web".to_owned(), web)]);
    open(&station, 40, [("MUG", 100), ("TEE", 20)]);
    station
}

/// Plans and applies; answers the exit status, and what the shop shows of mugs and tees.
fn applied(station: Station, number: u32) -> (Station, u8, [i64; 2]) {
    let station = station.planned();
    let report = station.process(number).live(0, false).expect("nothing kills it").expect("it ends");
    assert_eq!(report.facts.bugs, Vec::<String>::new());
    let end = station.end();
    let shown = ["MUG", "TEE"].map(|code| end[&("web".to_owned(), code.to_owned())].0);
    (station, report.facts.status(), shown)
}

#[test]
fn raises_wait_while_open_lines_are_missing_and_decreases_go_out() {
    let (station, status, shown) = applied(station(), 1);
    assert_eq!((status, shown), (0, [60, 20]));
    // Thirty lines are gone, and nothing has left the shelf: their mugs would be sold twice.
    open(&station, 10, [("MUG", 100), ("TEE", 15)]);
    let (station, status, shown) = applied(station, 2);
    assert_eq!((status, shown), (3, [60, 15]), "the guard tells, and the tees fall all the same");
    // The lines are there again: nobody has to lift anything.
    open(&station, 40, [("MUG", 101), ("TEE", 16)]);
    let (_, status, shown) = applied(station, 3);
    assert_eq!((status, shown), (0, [61, 16]));
}

#[test]
fn lines_that_went_as_goods_left_raise_nothing() {
    let (station, _, _) = applied(station(), 1);
    open(&station, 25, [("MUG", 85), ("TEE", 20)]);
    let (_, status, shown) = applied(station, 2);
    assert_eq!((status, shown), (0, [60, 20]));
}

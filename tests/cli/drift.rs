//! `onhand explain` where a count differs from what the books say: each cause in a place where just that
//! happened.

use super::{Place, batch, query};
use onhand::model::time::Moment;
use std::time::{SystemTime, UNIX_EPOCH};

/// A depot's feed, and a shop in SQLite whose movements are collected.
const SHOP: &str = r#"onhand language=1 { timezone "Europe/Paris" }
unit ea
system depot kind=csv role=warehouse {
    levels "feed.csv" { code sku; on-hand qty { net-of reserved }; complete }
    acknowledges never
}
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    movements "select * from moves" {
        kind kind; document doc; line line; of-document of_doc; code sku; quantity qty; at at
    }
}
location hall { in depot; in shop }
item MUG unit=ea { pack case 12; in depot MUG; in shop MUG }
owner depot { of on-hand }
flow counts { publish available to=shop; lag "10m" every="5m" }
flow sales {
    collect orders cancellations returns from=shop
    post none { reference "{system}#{order}" }
    lag "10m" every="5m" reconcile="24h"
}
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

/// One movement: what, number, of which order, how many, how many minutes ago.
type Move = (&'static str, &'static str, &'static str, i64, i64);

/// A place in which 40 were written a day ago.
struct Shop {
    place: Place,
    topology: String,
    story: String,
}

impl Shop {
    fn new() -> Shop {
        Shop::of(SHOP.to_owned(), &[])
    }

    /// The same with movements from before the write.
    fn of(topology: String, before: &[Move]) -> Shop {
        let place = Place::with(&topology);
        place.write("feed.csv", "sku,qty\nMUG,40\n");
        let tables = "create table stock (sku text primary key, qty integer not null);
            create table moves (kind text, doc text, line text, of_doc text, sku text, qty text, at text);
            insert into stock values ('MUG', 99);";
        batch(&place.path("shop.db"), tables);
        let mut shop = Shop { place, topology, story: String::new() };
        shop.moves(before);
        shop.place.run("apply --auto-approve --no-progress").ends(0);
        let shown = shop.shown();
        shop.tell(&format!("onhand apply: {shown} written"));
        shop.age(24 * 60);
        shop
    }

    fn tell(&mut self, what: &str) {
        self.story.push_str(&format!("# {what}\n"));
    }

    fn shown(&self) -> String {
        query(&self.place.path("shop.db"), "select qty from stock")[0][0].clone()
    }

    /// Lets the state be so many minutes older.
    fn age(&mut self, minutes: i64) {
        let ms = minutes * 60_000;
        let sql = format!(
            "update written set at = at - {ms}; update run set began = began - {ms}, ended = ended - {ms};
             update known set as_of = as_of - {ms}; update movement set seen = seen - {ms};
             update order_line set seen = seen - {ms};"
        );
        batch(&self.place.path(".onhand/state.db"), &sql);
        self.tell(&format!("{} h later", minutes / 60));
    }

    fn moves(&mut self, moves: &[Move]) {
        for (kind, document, of, amount, ago) in moves {
            let at = minutes_ago(*ago);
            let sql = format!(
                "insert into moves values ('{kind}', '{document}', '1', '{of}', 'MUG', '{amount}', '{at}')"
            );
            batch(&self.place.path("shop.db"), &sql);
            let of = if of.is_empty() { String::new() } else { format!(", order {of}") };
            self.tell(&format!("{ago} min ago: {kind} {document} of {amount}{of}"));
        }
    }

    /// What the shop shows from now on.
    fn shows(&mut self, count: i64) {
        batch(&self.place.path("shop.db"), &format!("update stock set qty = {count}"));
        self.tell(&format!("the shop shows {count}"));
    }

    /// What `explain` says, below the topology and what happened there.
    #[track_caller]
    fn explained(&self) -> String {
        let out = self.place.run("explain MUG@shop").ends(0).says_nothing().out;
        format!("{}\n{}\n$ onhand explain MUG@shop\n{out}", self.topology, self.story)
    }

    /// The drift as programs read it.
    #[track_caller]
    fn drift(&self) -> serde_json::Value {
        let lines = self.place.run("explain MUG@shop --format json").ends(0).json();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        lines[0].get("drift").cloned().unwrap_or_default()
    }

    /// What is off at the target, and the causes that are named.
    #[track_caller]
    fn causes(&self) -> (i64, Vec<String>) {
        let drift = self.drift();
        let named = drift["target"]["causes"].as_array().into_iter().flatten();
        let named = named.map(|cause| cause["cause"].as_str().expect("a word").to_owned());
        (drift["target"]["off"].as_i64().unwrap_or(0), named.collect())
    }

    #[track_caller]
    fn is_silent(&self) {
        assert_eq!(self.drift(), serde_json::Value::Null);
        let out = self.place.run("explain MUG@shop").ends(0).out;
        assert!(!out.contains("drifts"), "{out}");
    }
}

fn minutes_ago(minutes: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_millis() as i64;
    let moment = Moment(now - minutes * 60_000).rfc3339();
    format!("{}Z", moment.split(['.', 'Z']).next().unwrap_or_default())
}

/// Compares with what is kept; moments and runs differ each time.
macro_rules! shows {
    ($text:expr) => {
        insta::with_settings!({filters => vec![
            (r"\d{4}-\d\d-\d\d \d\d:\d\d", "YYYY-MM-DD hh:mm"),
            (r"run [0-9a-f]{16}", "run 0123456789abcdef"),
        ]}, { insta::assert_snapshot!($text) })
    };
}

/// Two orders, of 3 and 2, some hours after the write.
const SALES: [Move; 2] = [("order", "1001", "", 3, 300), ("order", "1002", "", 2, 270)];

#[test]
fn a_movement_that_the_shop_lacks() {
    let mut shop = Shop::new();
    shop.moves(&SALES);
    shop.shows(38);
    shows!(shop.explained());
}

#[test]
fn a_few_movements_in_a_row() {
    let mut shop = Shop::new();
    shop.moves(&SALES);
    shop.moves(&[("order", "1003", "", 4, 200)]);
    shop.shows(37);
    assert_eq!(shop.causes(), (6, vec!["movement-missing".to_owned()]));
    let names = &shop.drift()["target"]["causes"][0]["movements"];
    assert_eq!(*names, serde_json::json!(["shop#1002/1", "shop#1003/1"]));
}

#[test]
fn a_cancellation_that_is_put_back_twice() {
    let before = [("order", "1001", "", 3, 200), ("cancellation", "1001-c", "1001", 3, 100)];
    let mut shop = Shop::of(SHOP.to_owned(), &before);
    shop.moves(&[("order", "1002", "", 2, 270)]);
    shop.shows(41);
    shows!(shop.explained());
}

#[test]
fn a_return_that_is_put_back_twice_or_not_at_all() {
    let topology = SHOP.replace("cancellations returns", "cancellations shipments returns");
    let before = [("order", "1", "", 5, 300), ("shipment", "1-s", "1", 5, 200)];
    let mut shop = Shop::of(topology, &before);
    shop.moves(&[("return", "1-r", "1", 4, 270)]);
    for silent in [35, 36, 39] {
        shop.shows(silent);
        shop.is_silent();
    }
    shop.shows(43);
    assert_eq!(shop.causes(), (4, vec!["restocked-twice".to_owned()]));
}

#[test]
fn an_order_that_is_taken_off_twice() {
    let mut shop = Shop::of(SHOP.to_owned(), &[("order", "1000", "", 4, 100)]);
    shop.moves(&SALES);
    shop.shows(27);
    assert_eq!(shop.causes(), (-4, vec!["counted-twice".to_owned()]));
    shop.shows(29);
    assert_eq!(shop.causes(), (-2, vec!["counted-twice".to_owned()]));
}

#[test]
fn a_count_in_cases_instead_of_pieces() {
    let mut shop = Shop::of(SHOP.to_owned(), &[]);
    shop.moves(&[("order", "1001", "", 4, 300)]);
    shop.shows(432);
    shows!(shop.explained());
    shop.shows(3);
    assert_eq!(shop.causes(), (-33, vec!["pack-factor".to_owned()]));
}

#[test]
fn a_sale_of_a_case_that_counts_as_a_piece() {
    let mut shop = Shop::new();
    shop.moves(&[("order", "1001", "", 12, 300)]);
    shop.shows(39);
    assert_eq!(shop.causes(), (11, vec!["pack-factor".to_owned()]));
    shop.moves(&[("order", "1002", "", 1, 270)]);
    shop.shows(38);
    let (off, named) = shop.causes();
    assert_eq!((off, named.contains(&"pack-factor".to_owned())), (11, true), "{named:?}");
    let names = &shop.drift()["target"]["causes"][0]["movements"];
    assert_eq!(*names, serde_json::json!(["shop#1001/1"]));
}

/// The stamps of the movements are read as those of a zone that is nine hours ahead.
fn far_east() -> String {
    SHOP.replace("    url \"sqlite:shop.db\"", "    timezone \"Asia/Tokyo\"\n    url \"sqlite:shop.db\"")
}

#[test]
fn a_window_of_one_time_zone() {
    let mut shop = Shop::of(far_east(), &[]);
    let early = [("order", "1", "", 3, 1_400), ("order", "2", "", 5, 1_200), ("order", "3", "", 2, 1_000)];
    shop.moves(&early);
    shop.moves(&[("order", "4", "", 4, 300)]);
    shop.shows(36);
    shows!(shop.explained());
    assert_eq!(shop.causes().0, 10);
}

#[test]
fn a_number_that_somebody_wrote() {
    let mut shop = Shop::new();
    shop.moves(&SALES);
    shop.shows(17);
    shows!(shop.explained());
    assert_eq!(shop.causes(), (-18, vec!["edited".to_owned()]));
    shop.shows(54);
    assert_eq!(shop.causes(), (19, vec!["edited".to_owned()]));
}

#[test]
fn several_causes_that_fit_are_all_named_the_best_first() {
    let mut shop = Shop::of(far_east(), &[("order", "7", "", 2, 50), ("cancellation", "7-c", "7", 2, 40)]);
    shop.moves(&[("order", "8", "", 2, 1_300), ("order", "9", "", 2, 300)]);
    shop.shows(38);
    let named = ["movement-missing", "restocked-twice", "time-zone"].map(str::to_owned);
    assert_eq!(shop.causes(), (2, named.to_vec()));
    let evidence = shop.drift()["target"]["causes"][0]["evidence"].to_string();
    assert!(evidence.contains("shop#9/1") && evidence.contains("one other"), "{evidence}");
}

#[test]
fn no_fault_is_no_drift() {
    let mut shop = Shop::new();
    shop.is_silent();
    shop.moves(&SALES);
    shop.shows(35);
    shop.is_silent();
    // Whether a shop of this kind puts back what is cancelled, nobody knows.
    shop.moves(&[("cancellation", "1001-c", "1001", 1, 200)]);
    shop.is_silent();
    shop.shows(36);
    shop.is_silent();
    // The last sale may be younger than the count.
    shop.moves(&[("order", "1003", "", 4, 2)]);
    shop.is_silent();
    shop.shows(32);
    shop.is_silent();
    // An apply takes all of it in, and what it writes is what counts from then on.
    shop.place.run("apply --auto-approve --no-progress").ends(0);
    shop.is_silent();
    shop.age(24 * 60);
    shop.is_silent();
}

#[test]
fn a_number_that_is_right_is_no_drift_whoever_wrote_it() {
    let mut shop = Shop::new();
    shop.place.write("feed.csv", "sku,qty\nMUG,52\n");
    shop.shows(52);
    shop.is_silent();
    shop.shows(51);
    assert_eq!(shop.causes(), (11, vec!["edited".to_owned()]));
}

#[test]
fn what_is_not_known_is_no_drift() {
    // Sales that go straight to the owner are seen by nobody here.
    let start = SHOP.find("flow sales").expect("it is there");
    let end = SHOP.find("alert {").expect("it is there");
    let direct = format!("{}{}", &SHOP[..start], &SHOP[end..]);
    let movements = direct.find("    movements").expect("it is there");
    let close = direct[movements..].find("\n    }\n").expect("it closes") + movements + "\n    }\n".len();
    let direct =
        format!("{}    orders direct to=depot within=\"5m\"\n{}", &direct[..movements], &direct[close..]);
    let mut shop = Shop::of(direct, &[]);
    shop.shows(31);
    shop.is_silent();
    // Nor is there anything to compare with before the first apply.
    let mut shop = Shop::new();
    std::fs::remove_dir_all(shop.place.path(".onhand")).expect("it was there");
    shop.shows(17);
    shop.is_silent();
    // Rows of movements that cannot be read may be of this item.
    let mut shop = Shop::new();
    shop.moves(&SALES);
    batch(&shop.place.path("shop.db"), "update moves set qty = 'x' where doc = '1002'");
    shop.shows(17);
    shop.is_silent();
}

/// A depot whose receipts and adjustments are collected, and a shop that sells nothing by itself.
const DEPOT: &str = r#"onhand language=1 { timezone "Europe/Paris" }
unit ea
system depot kind=sql role=warehouse {
    url "sqlite:shop.db"
    levels "select sku, shelf as qty from stock" { code sku; on-hand qty { net-of reserved } }
    acknowledges counts after="1h"
    movements "select * from moves" {
        kind kind; document doc; line line; of-document of_doc; code sku; quantity qty; at at
    }
}
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    orders none
}
location hall { in depot; in shop }
item MUG unit=ea { pack case 12; in depot MUG; in shop MUG }
owner depot { of on-hand }
flow counts { publish available to=shop; lag "10m" every="5m" }
flow arrivals {
    collect orders cancellations shipments returns receipts adjustments from=depot
    post none { reference "{system}#{order}" }
    lag "10m" every="5m" reconcile="24h"
}
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

impl Shop {
    /// A depot that had 40 a day ago, when they were published.
    fn with_depot(topology: &str) -> Shop {
        let place = Place::with(topology);
        let tables =
            "create table stock (sku text primary key, qty integer not null, shelf integer not null);
            create table moves (kind text, doc text, line text, of_doc text, sku text, qty text, at text);
            insert into stock values ('MUG', 99, 40);";
        batch(&place.path("shop.db"), tables);
        let mut shop = Shop { place, topology: topology.to_owned(), story: String::new() };
        shop.place.run("apply --auto-approve --no-progress").ends(0);
        shop.tell("onhand apply: the depot has 40, 40 written");
        shop.age(24 * 60);
        shop
    }

    /// What the depot has from now on.
    fn depot_has(&mut self, count: i64) {
        batch(&self.place.path("shop.db"), &format!("update stock set shelf = {count}"));
        self.tell(&format!("the depot has {count}"));
    }

    /// What is off at the depot, and the causes that are named.
    #[track_caller]
    fn owner_causes(&self) -> (i64, Vec<String>) {
        let drift = self.drift();
        assert_eq!(drift["target"], serde_json::Value::Null, "{drift:#}");
        let owner = &drift["owners"][0];
        let named = owner["causes"].as_array().into_iter().flatten();
        let named = named.map(|cause| cause["cause"].as_str().expect("a word").to_owned());
        (owner["off"].as_i64().unwrap_or(0), named.collect())
    }
}

#[test]
fn a_receipt_that_the_depot_has_not_counted() {
    let mut shop = Shop::with_depot(DEPOT);
    shop.moves(&[("receipt", "R1", "", 24, 300), ("adjustment", "A1", "", -2, 200)]);
    shop.depot_has(38);
    shows!(shop.explained());
    shop.depot_has(64);
    assert_eq!(shop.owner_causes(), (2, vec!["movement-missing".to_owned()]));
}

#[test]
fn an_owner_that_counted_twice_in_packs_or_by_hand() {
    let mut shop = Shop::with_depot(DEPOT);
    shop.moves(&[("receipt", "R1", "", 24, 300)]);
    shop.depot_has(88);
    assert_eq!(shop.owner_causes(), (24, vec!["counted-twice".to_owned()]));
    shop.depot_has(42);
    assert_eq!(shop.owner_causes(), (-22, vec!["pack-factor".to_owned()]));
    shop.depot_has(768);
    assert_eq!(shop.owner_causes(), (704, vec!["pack-factor".to_owned()]));
    shop.depot_has(51);
    assert_eq!(shop.owner_causes(), (-13, vec!["edited".to_owned()]));
}

#[test]
fn an_owner_as_its_movements_have_it_does_not_drift() {
    let mut shop = Shop::with_depot(DEPOT);
    shop.is_silent();
    shop.moves(&[("receipt", "R1", "", 24, 300), ("adjustment", "A1", "", -2, 200)]);
    shop.depot_has(62);
    shop.is_silent();
    // The last receipt may be younger than the count.
    shop.moves(&[("receipt", "R2", "", 6, 1)]);
    shop.is_silent();
    shop.depot_has(68);
    shop.is_silent();
    shop.place.run("apply --auto-approve --no-progress").ends(0);
    shop.is_silent();
}

#[test]
fn an_owner_that_sells_by_itself_is_expected_to_have_sold() {
    let mut shop = Shop::with_depot(DEPOT);
    shop.moves(&[("order", "1", "", 6, 300), ("shipment", "1-s", "1", 6, 200)]);
    shop.depot_has(34);
    shop.is_silent();
    shop.depot_has(28);
    assert_eq!(shop.owner_causes(), (-6, vec!["counted-twice".to_owned()]));
}

#[test]
fn an_owner_whose_movements_nobody_collects_may_change_its_counts() {
    let all = "orders cancellations shipments returns receipts adjustments";
    for part in ["receipts", "receipts adjustments", "orders cancellations shipments returns"] {
        let mut shop = Shop::with_depot(&DEPOT.replace(all, part));
        shop.moves(&[("receipt", "R1", "", 24, 300)]);
        shop.depot_has(51);
        shop.is_silent();
    }
}

/// A shop in a file, which sells nothing by itself.
const FILES: &str = r#"onhand language=1
unit ea
system depot kind=csv role=warehouse {
    levels "feed.csv" { code sku; on-hand qty { net-of reserved }; complete }
}
system shop kind=csv role=channel {
    levels "shop.csv" { code sku; available qty { net-of own-sales } }
    publish "shop.csv"
    orders none
}
location hall { in depot; in shop }
item MUG unit=ea { in depot MUG; in shop MUG }
owner depot { of on-hand }
flow counts { publish available to=shop; lag "10m" every="5m" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

#[test]
fn a_file_that_is_read_may_drift_and_one_that_is_only_sent_says_nothing() {
    let drift = |place: &Place| {
        let lines = place.run("explain MUG@shop --format json").ends(0).json();
        lines[0].get("drift").map_or(0, |drift| drift["target"]["off"].as_i64().expect("a number"))
    };
    let place = Place::with(FILES);
    place.write("feed.csv", "sku,qty\nMUG,40\n");
    place.write("shop.csv", "sku,qty\nMUG,99\n");
    place.run("apply --auto-approve --no-progress").ends(0);
    assert_eq!(drift(&place), 0);
    place.write("shop.csv", "sku,qty\nMUG,17\n");
    assert_eq!(drift(&place), -23);
    place.write("shop.csv", "sku,qty\nMUG,63\n");
    assert_eq!(drift(&place), 23);
    // What is sent may never have been shown: whoever reads the file may have sold before.
    let place = Place::with(&FILES.replace("publish \"shop.csv\"", "publish \"sent.csv\""));
    place.write("feed.csv", "sku,qty\nMUG,40\n");
    place.write("shop.csv", "sku,qty\nMUG,99\n");
    place.run("apply --auto-approve --no-progress").ends(0);
    assert_eq!(drift(&place), 0);
    place.write("shop.csv", "sku,qty\nMUG,37\n");
    assert_eq!(drift(&place), 0);
    place.run("apply --auto-approve --no-progress").ends(0);
    place.write("shop.csv", "sku,qty\nMUG,36\n");
    assert_eq!(drift(&place), 0);
}

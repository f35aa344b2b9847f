//! A shop that sells, part-cancels, ships and takes back while `apply --due` runs in a loop: what it sells is
//! posted to Tryton, nothing is promised twice, and in the end both agree.

use super::api::{Tryton, Vendure};
use super::both::{Live, live};
use super::shopper::{Bought, Shopper, Till};
use super::till::SqlTill;
use crate::support::chance::{self, Dice};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const ITEMS: [&str; 4] = ["MUG-WHT", "MUG-BLK", "BTL-750", "TEA-EG"];
/// Tryton's warehouse and storage zone, and what the shops call it.
const PLACES: [[&str; 3]; 2] = [["RTM", "RTM-STO", "Rotterdam"], ["LIL", "LIL-STO", "Lille"]];
/// Where Tryton keeps stock.
const SHELVES: [&str; 4] = ["RTM-STO", "RTM-A", "RTM-B", "LIL-STO"];
/// What there is of each item at each place that has it, in the beginning.
const STOCK: i64 = 12;

const TOPOLOGY: &str = r#"onhand language=1 { timezone "Europe/Paris" }
unit ea { in erp u }
system erp kind=tryton role=erp {
    url (env)ERP_URL
    database (env)ERP_DATABASE
    user (env)ERP_USER
    password (env)ERP_PASSWORD
    limit "100/s"
}
location rotterdam { in erp RTM; in web Rotterdam }
location lille { in erp LIL; in web Lille }
owner erp { of on-hand reserved }
flow web-orders {
    collect orders cancellations shipments returns from=web
    post to=erp as=sale { party "2"; price zero; reference "{system}#{order}" }
    restock returns=on-hand
    lag "1m" every="2s" reconcile="24h"
}
flow web-stock {
    publish available to=web
    lag "1m" every="2s"
    guard max-changed="100%" max-raised="100%" max-zeroed="100%"
}
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

const VENDURE: &str = r#"
system web kind=vendure role=channel { url (env)SHOP_URL; key (env)SHOP_KEY; limit "100/s" }
"#;

const SQLITE: &str = r#"
system web kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, site, on_hand - allocated as free from stock" {
        code sku; location site; available free { net-of own-sales }
    }
    set """
        update stock set on_hand = allocated + :after
        where sku = :code and site = :location and on_hand - allocated = :before
        """
    movements "select * from moves where changed >= :since order by n" {
        kind kind; document doc; line line; of-document of_ord; of-line of_line; code sku; location site
        quantity qty; at changed
    }
}
"#;

/// What the shop did, and what of it was too much.
struct Story {
    did: BTreeMap<String, usize>,
    /// Most units that were promised beyond what there was, by SKU.
    twice: BTreeMap<String, i64>,
    /// What arrived meanwhile, by SKU.
    received: BTreeMap<String, i64>,
}

/// Sells until told to stop. `stock` is what there is by SKU; what arrives meanwhile is added.
fn sell(
    shopper: &mut Shopper<'_>,
    erp: &Tryton,
    stock: &mut BTreeMap<String, i64>,
    stop: &AtomicBool,
) -> Story {
    let received = stock.keys().map(|sku| (sku.clone(), 0)).collect();
    let mut story = Story { did: BTreeMap::new(), twice: BTreeMap::new(), received };
    let mut dice = Dice(7);
    while !stop.load(Ordering::Relaxed) {
        if dice.roll(12) == 0 {
            let item = ITEMS[dice.below(ITEMS.len())];
            let place = at(item);
            let arrived = 1 + dice.below(4) as i64;
            erp.receive(item, place[1], arrived);
            *stock.get_mut(&format!("WEB-{item}")).unwrap() += arrived;
            *story.received.get_mut(&format!("WEB-{item}")).unwrap() += arrived;
        }
        let did = shopper.step();
        *story.did.entry(format!("{did:?}")).or_default() += 1;
        for (sku, out) in shopper.out() {
            let over = out - stock[sku];
            if over > 0 {
                let most = story.twice.entry(sku.to_owned()).or_default();
                *most = (*most).max(over);
            }
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    story
}

/// Each item stands at one place alone, so that it is known from where an order leaves.
fn at(item: &str) -> [&'static str; 3] {
    let number = ITEMS.iter().position(|own| *own == item).unwrap();
    PLACES[number / 2]
}

/// Counts as they stood before, to be put back.
struct Before<'l> {
    live: &'l Live,
    erp: Vec<(&'static str, &'static str, i64)>,
}

impl<'l> Before<'l> {
    fn set_up(live: &'l Live) -> Before<'l> {
        let mut erp = Vec::new();
        for item in ITEMS {
            for shelf in SHELVES {
                erp.push((item, shelf, live.erp.on_hand(item, shelf) as i64));
                let here = at(item)[1] == shelf;
                live.erp.count(item, shelf, if here { STOCK as f64 } else { 0.0 });
            }
        }
        Before { live, erp }
    }
}

impl Drop for Before<'_> {
    fn drop(&mut self) {
        for (item, shelf, count) in &self.erp {
            // A storage zone shows what its aisles hold as well.
            let inside =
                |own: &&(&str, &str, i64)| own.0 == *item && own.1.len() == 5 && own.1.starts_with("RTM");
            let aisles: i64 = match *shelf {
                "RTM-STO" => self.erp.iter().filter(inside).map(|own| own.2).sum(),
                _ => 0,
            };
            self.live.erp.count(item, shelf, (count - aisles) as f64);
        }
    }
}

/// Runs `apply --due` for a while beside the shop, then until all is said and done; prints what came of it.
fn run(live: &Live, name: &str, story: impl FnOnce(&AtomicBool) -> Story + Send) -> Story {
    let seconds = chance::cases(60);
    let stop = AtomicBool::new(false);
    let (mut runs, mut posted, mut moved, mut exposure) = (0, 0, 0, 0);
    let story = std::thread::scope(|scope| {
        let selling = scope.spawn(|| story(&stop));
        let until = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < until && !selling.is_finished() {
            let (status, out, err) = quiet(live, &["apply", "--due", "--format", "json"]);
            assert!([0, 4].contains(&status), "exit {status}\n{out}{err}");
            let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let of = |kind: &str, outcome: &str| {
                let own = |line: &&Value| line["type"] == kind && line["outcome"] == outcome;
                lines.iter().filter(own).count()
            };
            runs += 1;
            moved += of("outcome", "moved");
            posted += of("posting", "verified");
            exposure += lines.iter().filter_map(|line| line["exposure"].as_i64()).sum::<i64>();
        }
        stop.store(true, Ordering::Relaxed);
        selling.join().unwrap()
    });
    println!(
        "{name}, {seconds} s: {:?}, {:?} received; {runs} runs, {posted} movements posted, {moved} counts moved, \
         exposure {exposure}; promised twice: {:?}",
        story.did, story.received, story.twice
    );
    story
}

fn quiet(live: &Live, arguments: &[&str]) -> (i32, String, String) {
    let output = live.command(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Applies until nothing is left to do, then holds both sides against the shopper's own record.
fn agree(
    live: &Live,
    (shopper, story): (&Shopper<'_>, &Story),
    stock: &BTreeMap<String, i64>,
    free: impl Fn(&str, &str) -> i64,
) {
    for _ in 0..8 {
        assert!([0, 4].contains(&live.onhand(&["apply", "--auto-approve"]).0));
        if live.onhand(&["plan", "--detailed-exitcode"]).0 == 0 {
            break;
        }
    }
    assert_eq!(live.onhand(&["plan", "--detailed-exitcode"]).0, 0, "nothing is left to do");
    let (_, queue, _) = live.onhand(&["queue", "list"]);
    assert_eq!(queue, "Nothing is open.\n");
    assert_eq!(live.onhand(&["state", "check"]).0, 0);
    let out = shopper.out();
    for item in ITEMS {
        let (sku, place) = (format!("WEB-{item}"), at(item));
        let gone: i64 =
            shopper.record.values().filter(|own| own.sku == sku).map(|own| own.shipped - own.returned).sum();
        let (on_hand, forecast) = live.erp.counts(item, place[0]);
        let left = stock[&sku] - out.get(&*sku).copied().unwrap_or(0);
        let sums = |of: fn(&Bought) -> i64| {
            shopper.record.values().filter(|own| own.sku == sku).map(of).sum::<i64>()
        };
        println!(
            "{sku}: ordered {}, cancelled {}, shipped {}, returned {}; Tryton's moves {:?}",
            sums(|own| own.ordered),
            sums(|own| own.cancelled),
            sums(|own| own.shipped),
            sums(|own| own.returned),
            live.erp.moved(item)
        );
        assert_eq!(on_hand as i64, STOCK + story.received[&sku] - gone, "{item}: on hand in Tryton");
        assert_eq!(forecast as i64, left, "{item}: on hand less what is open in Tryton");
        assert_eq!(free(&sku, place[2]), left.max(0), "{item}: what the shop sells");
    }
}

fn topology(live: &Live, web: &str) {
    let mut text = format!("{TOPOLOGY}{web}");
    for item in ITEMS {
        let place = if at(item)[0] == "RTM" { "rotterdam" } else { "lille" };
        text.push_str(&format!(
            "item {item} unit=ea {{ in erp {item} at={place}; in web WEB-{item} at={place} }}\n"
        ));
    }
    std::fs::write(live.folder.path().join("onhand.kdl"), text).unwrap();
}

fn skus() -> Vec<String> {
    ITEMS.iter().map(|item| format!("WEB-{item}")).collect()
}

/// What there is to sell: as Tryton shows it, less what earlier orders hold.
fn stock(live: &Live) -> BTreeMap<String, i64> {
    let one = |item: &&str| (format!("WEB-{item}"), live.erp.counts(item, at(item)[0]).1 as i64);
    ITEMS.iter().map(one).collect()
}

#[test]
fn vendure_and_tryton_agree_after_a_busy_hour() {
    let Some(live) = live() else { return };
    topology(&live, VENDURE);
    let before = Before::set_up(&live);
    for item in ITEMS {
        for place in PLACES {
            live.shop.set(&format!("WEB-{item}"), place[2], 0);
        }
    }
    assert_eq!(live.onhand(&["apply", "--auto-approve"]).0, 0, "orders of before are posted");
    // What an earlier run left half-way is brought to its end by that, and counts from here on.
    let mut stock = stock(&live);
    assert_eq!(live.onhand(&["apply", "--auto-approve"]).0, 0);
    let till = Vendure::login(live.shop.seed.clone());
    let skus = skus();
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    let mut shopper = Shopper::new(&till, &skus, &["Rotterdam", "Lille"], 11);
    let erp = Tryton::login(&live.erp.url, live.erp.seed.clone());
    let story = run(&live, "Tryton and Vendure", |stop| sell(&mut shopper, &erp, &mut stock, stop));
    assert!(story.did.get("Placed").is_some_and(|placed| *placed > 3), "{:?}", story.did);
    let free = |sku: &str, place: &str| live.shop.free(sku, place);
    agree(&live, (&shopper, &story), &stock, free);
    shopper.close();
    agree(&live, (&shopper, &story), &stock, free);
    drop(before);
}

#[test]
fn a_shop_that_compares_never_sells_twice() {
    let Some(live) = live() else { return };
    topology(&live, SQLITE);
    let before = Before::set_up(&live);
    let (skus, path) = (skus(), live.folder.path().join("shop.db"));
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    SqlTill::make(&path, &skus, &["Rotterdam", "Lille"]);
    let mut stock = stock(&live);
    assert_eq!(live.onhand(&["apply", "--auto-approve"]).0, 0);
    let till = SqlTill::open(&path);
    let mut shopper = Shopper::new(&till, &skus, &["Rotterdam", "Lille"], 12);
    let erp = Tryton::login(&live.erp.url, live.erp.seed.clone());
    let story = run(&live, "Tryton and SQLite", |stop| sell(&mut shopper, &erp, &mut stock, stop));
    assert_eq!(story.twice, BTreeMap::new(), "promised twice");
    let free = |sku: &str, place: &str| SqlTill::open(&path).free(sku, place);
    agree(&live, (&shopper, &story), &stock, free);
    shopper.close();
    agree(&live, (&shopper, &story), &stock, free);
    drop(before);
}

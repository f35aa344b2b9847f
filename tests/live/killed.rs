//! The real binary, killed at random instants while it writes to both servers, and gone on with: the servers'
//! own logs tell how often each count was written.

use super::both::{Live, live, of_type};
use crate::support::chance::{self, Dice};
use serde_json::json;
use std::process::Stdio;
use std::time::{Duration, Instant};

const ITEMS: [&str; 4] = ["MUG-WHT", "MUG-BLK", "BTL-750", "TEA-EG"];
/// A place as the feed, the ERP and the shop call it.
const PLACES: [[&str; 3]; 2] = [["R", "RTM-A", "Rotterdam"], ["L", "LIL-STO", "Lille"]];

/// A feed that drives both, two rows a request.
const TOPOLOGY: &str = r#"onhand language=1
unit ea { in erp u }
system depot kind=csv role=warehouse {
    levels "feed.csv" { code sku; location site; on-hand qty; reserved open; complete }
}
system erp kind=tryton role=erp {
    url (env)ERP_URL
    database (env)ERP_DATABASE
    user (env)ERP_USER
    password (env)ERP_PASSWORD
    limit "100/s" batch=2
}
system web kind=vendure role=channel {
    url (env)SHOP_URL
    key (env)SHOP_KEY
    orders none
    limit "100/s" batch=2
}
location rotterdam { in depot R; in erp RTM-A; in web Rotterdam }
location lille { in depot L; in erp LIL-STO; in web Lille }
owner depot { of on-hand reserved }
flow counts { publish on-hand to=erp; lag "10m" every="5m" }
flow web-stock { publish available to=web; lag "10m" every="5m" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

/// Both servers; what these tests alone stock there is taken out again, come what may.
struct Town(Live);

impl Drop for Town {
    fn drop(&mut self) {
        self.0.erp.count("TEA-EG", "RTM-A", 0.0);
        self.0.erp.count("MUG-BLK", "LIL-STO", 0.0);
    }
}

/// What one cell of a server shows, and how many movements its log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Far {
    shown: i64,
    log: i64,
}

impl Town {
    fn new(live: Live) -> Town {
        let mut text = TOPOLOGY.to_owned();
        for item in ITEMS {
            text.push_str(&format!(
                "item {item} unit=ea {{ in depot {item}; in erp {item}; in web WEB-{item} }}\n"
            ));
        }
        std::fs::write(live.folder.path().join("onhand.kdl"), text).unwrap();
        // Whatever an earlier test has left there, no feed says 10.
        for (item, place) in cells() {
            live.erp.count(item, place[1], 10.0);
            live.shop.set(&format!("WEB-{item}"), place[2], 10);
        }
        Town(live)
    }

    /// Writes a feed in which every count differs from that of the feed before; answers the counts.
    fn feed(&self, number: usize) -> Vec<i64> {
        let (mut text, mut counts) = ("sku,site,qty,open\n".to_owned(), Vec::new());
        for (at, (item, place)) in cells().enumerate() {
            // Between two feeds one half falls and the other half rises.
            let count = 20 + at as i64 + if (at + number).is_multiple_of(2) { 0 } else { 30 };
            text.push_str(&format!("{item},{},{count},0\n", place[0]));
            counts.push(count);
        }
        std::fs::write(self.0.folder.path().join("feed.csv"), text).unwrap();
        counts
    }

    /// What the ERP shows of each cell, with the moves that it has done there.
    fn erp(&self) -> Vec<Far> {
        let erp = &self.0.erp;
        let far = |(item, place): (&str, [&str; 3])| {
            let here = erp.location(place[1]);
            let domain = json!([
                ["product", "=", erp.seed["products"][item]],
                ["state", "=", "done"],
                ["OR", [["from_location", "=", here]], [["to_location", "=", here]]]
            ]);
            let log =
                erp.call("model.stock.move.search_count", vec![domain, json!(0), json!(null)], json!({}));
            Far { shown: erp.on_hand(item, place[1]) as i64, log: log.as_i64().unwrap() }
        };
        cells().map(far).collect()
    }

    /// What the shop shows of each cell, with the length of its variant's log, which knows no places.
    fn shop(&self) -> Vec<Far> {
        let shop = &self.0.shop;
        let query = "query($id: ID!) { productVariant(id: $id) {
            stockMovements(options: {take: 1}) { totalItems } } }";
        let far = |(item, place): (&str, [&str; 3])| {
            let sku = format!("WEB-{item}");
            let level = shop.level(&sku, place[2]);
            let log = shop.admin(query, json!({"id": shop.seed["variants"][&sku]}));
            Far {
                shown: level.on_hand - level.allocated,
                log: log["stockMovements"]["totalItems"].as_i64().unwrap(),
            }
        };
        cells().map(far).collect()
    }

    fn plan(&self) {
        let (status, plan) = self.0.plan();
        assert_eq!(status, 0);
        assert_eq!(
            of_type(&plan, "change").len(),
            2 * cells().count(),
            "every count differs at both servers"
        );
    }
}

fn cells() -> impl Iterator<Item = (&'static str, [&'static str; 3])> {
    ITEMS.into_iter().flat_map(|item| PLACES.map(|place| (item, place)))
}

/// How many writes were lost, and how many done twice: each cell shows the wanted count, and its log has
/// grown by `each` movements. Which they are is printed.
fn held_against(
    server: &str,
    wanted: &[i64],
    (before, after): (&[Far], &[Far]),
    each: i64,
) -> (usize, usize) {
    let (mut lost, mut doubled) = (0, 0);
    for (at, (item, place)) in cells().enumerate() {
        let (was, is) = (before[at], after[at]);
        let grown = is.log - was.log;
        let (less, more) = (is.shown != wanted[at] || grown < each, grown > each);
        if less || more {
            println!("{server}: {item} at {place:?} was {was:?}, is {is:?}, wanted {}", wanted[at]);
        }
        (lost, doubled) = (lost + usize::from(less), doubled + usize::from(more));
    }
    (lost, doubled)
}

/// Plans a feed, lets `work` carry the plan out, and counts what the servers have come to.
fn one(town: &Town, number: usize, work: impl FnOnce()) -> (usize, usize) {
    let wanted = town.feed(number);
    let (erp, shop) = (town.erp(), town.shop());
    town.plan();
    work();
    let (lost, doubled) = held_against("erp", &wanted, (&erp, &town.erp()), 1);
    // Both places of a variant are in its one log.
    let (less, more) = held_against("web", &wanted, (&shop, &town.shop()), 2);
    (lost + less, doubled + more)
}

#[test]
fn a_run_killed_at_any_instant_is_finished_on_both_servers() {
    let Some(live) = live() else { return };
    let town = Town::new(live);
    let mut whole = Duration::ZERO;
    let undisturbed = one(&town, 0, || {
        let began = Instant::now();
        let (status, out, err) = town.0.onhand(&["apply", "plan.jsonl"]);
        assert_eq!(status, 0, "{out}{err}");
        whole = began.elapsed();
    });
    assert_eq!(undisturbed, (0, 0), "a run that nobody disturbs writes each count once");
    let (mut killed, mut resumed, mut anew, mut lost, mut doubled) = (0, 0, 0, 0, 0);
    for (number, seed) in (1..).zip(chance::seeds(3)) {
        let counted = one(&town, number, || {
            let mut apply = town.0.command(&["apply", "plan.jsonl"]);
            let mut apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let micros = u64::try_from(whole.as_micros()).unwrap();
            std::thread::sleep(Duration::from_micros(Dice(seed).roll(micros)));
            apply.kill().unwrap();
            killed += usize::from(apply.wait().unwrap().code().is_none());
            let (status, out, err) = town.0.onhand(&["apply", "--resume"]);
            match status {
                0 if !out.contains("nothing to resume") => resumed += 1,
                // Killed before it had kept its plan, it has sent nothing: the plan is applied.
                0 | 5 => {
                    assert_eq!(town.0.onhand(&["apply", "plan.jsonl"]).0, 0);
                    anew += 1;
                }
                _ => panic!("ONHAND_SEED={seed}: {status}\n{out}{err}"),
            }
        });
        assert_eq!(counted, (0, 0), "ONHAND_SEED={seed}: lost and doubled");
        (lost, doubled) = (lost + counted.0, doubled + counted.1);
        assert_eq!(town.0.onhand(&["plan", "--detailed-exitcode"]).0, 0, "nothing is left to do");
    }
    let writes = 2 * cells().count();
    println!(
        "Tryton and Vendure, {writes} writes a run: {killed} killed, {resumed} gone on with, {anew} begun \
         anew: {lost} writes lost, {doubled} doubled, by the servers' own logs"
    );
}

//! Whole applies through the real connector, against a shop that misbehaves at the first write: no row
//! without an outcome, none lost, none written twice.

use super::{Place, SMALL};
use crate::support::fault::{Fault, Shop};

/// The depot has 5 of each.
const SKUS: [(&str, i64); 4] = [("I0", 9), ("I1", 0), ("I2", 7), ("I3", 5)];

/// [`SMALL`] with a web shop in the place of the database.
pub fn web(url: &str, more: &str) -> Place {
    let from = SMALL.find("system shop").unwrap();
    let end = from + SMALL[from..].find("\n}").unwrap() + 3;
    let shop =
        format!("system shop kind=vendure role=channel {{ url (env)SHOP_URL; orders none; {more} }}\n");
    let mut text =
        format!("{}{shop}{}", &SMALL[..from], &SMALL[end..]).replace("in shop }", "in shop Main }");
    let mut feed = "sku,qty\n".to_owned();
    for (sku, _) in SKUS {
        text.push_str(&format!("item {sku} unit=ea {{ in depot {sku}; in shop {sku} }}\n"));
        feed.push_str(&format!("{sku},5\n"));
    }
    let place = Place::with(&text);
    place.write("feed.csv", &feed);
    place.env("SHOP_URL", url)
}

/// Plays an apply under a fault, then one without; answers what was told of the rows of the first.
fn play(fault: Fault) -> String {
    let shop = Shop::new(&SKUS, &[fault]);
    let place = web(&shop.server.url, "key (env)SHOP_KEY").env("SHOP_KEY", "canary-key");
    let done = place.run("apply --auto-approve --format json");
    assert!([0, 4, 7].contains(&done.status), "{fault:?}: {done:#?}");
    assert_eq!(shop.unmet(), 0, "{fault:?}: the fault was met");
    let lines = done.json();
    let (summary, rows) = lines.split_last().unwrap();
    let rows: Vec<_> = rows.iter().filter(|row| row["type"] == "outcome").collect();
    let mut items: Vec<&str> = rows.iter().map(|row| row["item"].as_str().unwrap()).collect();
    items.sort_unstable();
    assert_eq!(items, ["I0", "I1", "I2"], "{fault:?}: one outcome a row");
    let counts = summary["outcomes"].as_object().unwrap();
    assert_eq!(counts.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 3, "{fault:?}: they add up");
    let shown = shop.shows();
    for row in &rows {
        let item = row["item"].as_str().unwrap();
        let right = shown.contains(&(item.to_owned(), 5));
        let through = ["verified", "unverified", "unchanged"].contains(&row["outcome"].as_str().unwrap());
        assert!(right || !through, "{fault:?}: {item} is told as written, and the shop shows {shown:?}");
    }
    place.run("apply --auto-approve --format json").ends(0);
    assert!(shop.shows().iter().all(|(_, count)| *count == 5), "{fault:?}: {:?}", shop.shows());
    let twice = if fault == Fault::Twice { 2 } else { 1 };
    for (sku, start) in SKUS {
        let times = shop.written().iter().filter(|(written, _)| written == sku).count();
        assert!(times <= twice, "{fault:?}: {sku} was written {times} times: {:?}", shop.written());
        assert_eq!(times == 0, start == 5, "{fault:?}: {sku}");
    }
    place.run("plan --detailed-exitcode").ends(0);
    let told = counts.iter().filter(|(_, n)| n.as_u64() != Some(0)).map(|(word, n)| format!("{n} {word}"));
    told.collect::<Vec<_>>().join(", ")
}

#[test]
fn an_apply_survives_each_of_them() {
    let mut faults = vec![
        Fault::Torn,
        Fault::TornGzip,
        Fault::ResetAfterCommit,
        Fault::Refused(429, None),
        Fault::Refused(429, Some("1")),
        Fault::Refused(503, Some("1")),
        Fault::DoneButSays(502),
        Fault::DoneButSays(504),
        Fault::ErrorBody,
        Fault::Twice,
        Fault::TooLarge,
        Fault::Bomb,
    ];
    faults.extend([500, 502, 503, 504].map(|status| Fault::Refused(status, None)));
    faults.extend([301, 302, 303, 307, 308].map(Fault::Redirect));
    for fault in faults {
        println!("{fault:?}: {}", play(fault));
    }
}

//! `onhand graph --lag`: every term of every flow, for people and for programs.

use super::Place;

/// A depot feeds an ERP in shop hours; the shop shows what the ERP has, and its orders go back.
const CHAIN: &str = r#"
onhand language=1
unit ea
calendar shop-days { open mon tue wed thu fri from="08:00" to="18:00"; closed "2026-12-25" }
system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P; limit "2/s" }
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; location site; on-hand free; reserved picked }
}
system web kind=vendure role=channel { url (env)W; key (env)K; orders direct to=erp within="5m" }
system fair kind=vendure role=channel { url (env)F; key (env)K; orders none }
location paris { in erp PAR; in depot PAR; in web PAR; in fair PAR }
location lyon { in erp LYO; in depot LYO; in web LYO; in fair LYO }
item MUG unit=ea { in erp M; in depot M; in web M }
item LAMP unit=ea { in erp L; in depot L; in fair L }
owner erp { of on-hand reserved; at paris }
owner depot { of on-hand reserved; at lyon }
flow into-erp {
    publish on-hand to=erp; at lyon
    lag "1h" every="20m" calendar=shop-days
    window calendar=shop-days
}
flow web-stock { publish available to=web; lag "10m" every="5m" calendar=shop-days }
flow fair-stock { publish available to=fair; lag "2h" calendar=shop-days; allow lag-slow reason="a test" }
flow web-orders { collect orders cancellations from=web; post none { reference "{order}" }; lag "10m" every="5m" }
"#;

#[test]
fn the_terms_of_each_flow_are_a_table() {
    let place = Place::with(CHAIN);
    let table =
        place.run("graph --lag").ends(1).says(&["in the topology; `onhand check` shows what is wrong"]);
    assert!(table.out.lines().all(|line| line.chars().count() <= 80), "{}", table.out);
    insta::assert_snapshot!(table.out);
}

#[test]
fn the_terms_of_each_flow_are_data() {
    let place = Place::with(CHAIN);
    let done = place.run("graph --lag --format json").ends(1);
    let data: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((&data["format"], &data["retries_counted"]), (&"onhand.lag/1".into(), &false.into()));
    let flows = data["flows"].as_array().unwrap();
    assert_eq!(flows.len(), 4);
    for flow in flows {
        let total = |part: &serde_json::Value| part["total_us"].as_u64().unwrap();
        let terms = flow["terms"].as_array().unwrap();
        assert_eq!(terms.iter().map(total).sum::<u64>(), total(&flow["sum"]), "{flow}");
        let longest = flow["longest"].as_u64().unwrap() as usize;
        assert!(terms.iter().all(|term| total(term) <= total(&terms[longest])), "{flow}");
    }
    assert_eq!(flows[1]["terms"][1]["flow"], "into-erp");
    assert_eq!((&flows[2]["known"], &flows[3]["way"]), (&false.into(), &"collects".into()));
}

#[test]
fn forms_that_do_not_fit_are_refused() {
    let place = Place::direct();
    place.run("graph --lag --format dot").ends(1).tells_nothing().says(&["this picture cannot show lags"]);
    place.run("graph --format human").ends(1).tells_nothing().says(&["`--format human` is for `--lag`"]);
    place
        .run("graph --lag")
        .ends(0)
        .says_nothing()
        .tells(&["shop-stock publishes to shop", "target kept 10m"]);
    place.run("graph --help").ends(0).tells(&["retries are not counted"]);
}

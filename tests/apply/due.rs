//! Which flows are due, by when they ran last.

use crate::compile::{text, told};
use onhand::apply::due::{Due, due};
use onhand::model::Model;
use onhand::model::time::Moment;
use onhand::state::Ran;

const TOWN: &str = r#"
onhand language=1
unit ea
system erp kind=memory role=erp { levels { code sku; on-hand h }; orders none; acknowledges counts after="0s" }
system web kind=memory role=channel { levels { code sku; available a { net-of own-sales } } }
system mart kind=memory role=channel { levels { code sku; available a { net-of own-sales } }; orders none }
location hall { in erp; in web; in mart }
item MUG unit=ea { in erp MUG; in web MUG; in mart MUG }
owner erp { of on-hand }
flow web-stock { publish available to=web; lag "15m" every="5m" }
flow mart-stock was=old-stock { publish available to=mart; lag "24h" every="12h" }
flow web-orders { collect orders cancellations shipments returns from=web; restock returns=on-hand; post none { reference "{order}" }; lag "15m" every="10m" reconcile="24h" }
alert { to webhook=(env)HOOK }
review { by "a@example.com"; daily "09:00" }
rollback keep="30d"
"#;

fn model() -> Model {
    let compiled = text(TOWN);
    assert!(!compiled.has_errors(), "{}", told(&compiled));
    compiled.model
}

fn ran(all: &[(&str, i64)]) -> Vec<Ran> {
    let one = |(flow, seconds): &(&str, i64)| Ran {
        flow: (*flow).to_owned(),
        at: Moment(seconds * 1000),
        run: "r".to_owned(),
    };
    all.iter().map(one).collect()
}

/// The names of what is due at so many seconds, then what is due next and when, in seconds.
fn at(model: &Model, all: &[(&str, i64)], seconds: i64) -> (String, Option<(i64, String)>) {
    let found: Due = due(model, &ran(all), Moment(seconds * 1000));
    let flows = found.flows.iter().map(|flow| model.flow(*flow).name.to_string());
    let names: Vec<String> = flows.chain(found.collects.iter().map(|name| name.to_string())).collect();
    assert_eq!(found.is_empty(), names.is_empty());
    (names.join(" "), found.next.map(|(at, name)| (at.0 / 1000, name.to_string())))
}

#[test]
fn what_never_ran_is_due() {
    assert_eq!(at(&model(), &[], 0), ("web-stock mart-stock web-orders".to_owned(), None));
}

#[test]
fn a_flow_is_due_when_its_time_has_passed_and_a_tenth_of_it_sooner() {
    let model = model();
    let all = [("web-stock", 1000), ("mart-stock", 1000), ("web-orders", 1000)];
    let next = |at: i64, name: &str| Some((at, name.to_owned()));
    assert_eq!(at(&model, &all, 1000), (String::new(), next(1270, "web-stock")));
    assert_eq!(at(&model, &all, 1269), (String::new(), next(1270, "web-stock")));
    assert_eq!(at(&model, &all, 1270), ("web-stock".to_owned(), next(1540, "web-orders")));
    assert_eq!(at(&model, &all, 1540), ("web-stock web-orders".to_owned(), next(43_900, "mart-stock")));
    assert_eq!(at(&model, &all, 43_899).0, "web-stock web-orders", "twelve hours less five minutes");
    assert_eq!(at(&model, &all, 43_900).0, "web-stock mart-stock web-orders");
}

#[test]
fn a_clock_that_was_set_back_stops_nothing() {
    let all = [("web-stock", 9000), ("mart-stock", 1000), ("web-orders", 9000)];
    assert_eq!(at(&model(), &all, 2000).0, "web-stock web-orders");
}

#[test]
fn a_renamed_flow_has_run_under_its_old_name() {
    let all = [("web-stock", 1000), ("old-stock", 1000), ("web-orders", 1000)];
    assert_eq!(at(&model(), &all, 1000).0, "");
}

//! How late a flow can be, against sums made by hand and by a plain definition.

use crate::compile::{text, told};
use crate::support::chance::{self, Dice};
use onhand::graph::lag::{Path, What};
use onhand::graph::{Graph, build};
use onhand::model::{CollectId, FlowId, Model};
use std::fmt::Write;

const HUB: &str = r#"onhand language=1
unit ea
calendar shop-days { open mon tue wed thu fri from="08:00" to="18:00"; closed "2026-12-25" }
system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P; limit "2/s" page=3 }
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; location site; on-hand free; reserved r }
}
system web kind=vendure role=channel {
    url (env)W; user a; password (env)K; limit takes="250ms" batch=1 writes="100/d"
}
location paris { in erp PAR; in depot PAR; in web PAR }
location lyon { in erp LYO; in depot LYO; in web LYO }
item MUG unit=ea { in erp M; in depot M; in web M }
item LAMP unit=ea { in erp L; in depot L; in web L }
owner erp { of on-hand reserved; at paris }
owner depot { of on-hand reserved; at lyon }
flow into-erp {
    publish on-hand to=erp; at lyon
    lag "1h" every="20m" calendar=shop-days changes="50%"
    window from="07:00" to="19:00" calendar=shop-days
}
flow web-stock { publish available to=web; lag "2h" every="15m" }
flow web-orders {
    collect orders cancellations returns from=web
    post to=erp as=sale { party WEB; reference "{order}" }
    restock returns=on-hand
    lag "10m" every="5m" changes="100%"
}
"#;

fn compiled(own: &str) -> (Model, Graph) {
    let compiled = text(own);
    let graph = build(&compiled.model);
    assert!(!compiled.model.flows.is_empty(), "{}", told(&compiled));
    (compiled.model, graph)
}

fn flow(model: &Model, name: &str) -> FlowId {
    FlowId::at(model.flows.iter().position(|flow| &*flow.name == name).expect("the flow is there"))
}

/// Each term with its milliseconds.
fn terms(path: &Path) -> Vec<(What, u128)> {
    path.terms.iter().map(|term| (term.what, term.sum.total() / 1_000)).collect()
}

#[test]
fn a_hub_is_added_up_as_by_hand() {
    let (model, graph) = compiled(HUB);
    let minutes = |minutes: u128| minutes * 60_000;
    let into_erp = graph.lags().flow(flow(&model, "into-erp"));
    // The ERP bears 2 requests a second, and pages of 3 rows; 4 cells are 2 pages. Of 2 cells one changes.
    // From Thursday evening to Monday morning the window is closed.
    let expected = [
        (What::Every, minutes(20)),
        (What::LogIn, 500),
        (What::Lines, 500),
        (What::Counts, 10),
        (What::Shown, 1_000),
        (What::Write, 500),
        (What::Window, minutes((6 + 72 + 8) * 60)),
    ];
    assert_eq!(terms(into_erp), expected);
    // In its own time nothing is closed.
    let own = into_erp.own.expect("its lag has a calendar");
    assert_eq!((own.sure, own.expected, own.waits), (1_202_010_000, 500_000, 0));
    let web = graph.lags().flow(flow(&model, "web-stock"));
    let behind = into_erp.sum.total() / 1_000;
    let expected = [
        (What::Every, minutes(15)),
        (What::Upstream, behind),
        (What::LogIn, 500),
        (What::Lines, 500),
        (What::Counts, 1_000),
        (What::Shown, 250),
        (What::Reread, 250),
        (What::Write, 250),
        (What::ReadBack, 250),
        // 96 writes a day are fewer than 100, so the cap keeps nothing back.
    ];
    assert_eq!(terms(web), expected);
    assert_eq!(web.upstream(), Some(flow(&model, "into-erp")));
    assert_eq!(web.dominant().map(|term| term.what), Some(What::Upstream));
    let orders = graph.lags().collect(CollectId::at(0));
    // 4 movements fit one page of 500 for each of three kinds; they are one batch of 50 for the ERP.
    let expected = [(What::Every, minutes(5)), (What::LogIn, 500), (What::Movements, 750), (What::Post, 500)];
    assert_eq!(terms(orders), expected);
}

#[test]
fn a_cap_keeps_back_what_is_left_of_the_day() {
    let own = HUB.replace("writes=\"100/d\"", "writes=\"50/d\"");
    let (model, graph) = compiled(&own);
    let web = graph.lags().flow(flow(&model, "web-stock"));
    // 50 writes are used up after 12 h 30 min.
    let cap = web.terms.iter().find(|term| term.what == What::Cap).expect("there is a cap");
    assert_eq!(cap.sum.waits, (24 * 60 - 50 * 15) * 60_000_000);
}

#[test]
fn what_is_not_known_makes_a_sum_a_least() {
    let (model, graph) = compiled(&HUB.replace(" every=\"20m\"", ""));
    assert!(!graph.lags().flow(flow(&model, "into-erp")).known);
    assert!(!graph.lags().flow(flow(&model, "web-stock")).known);
    assert!(graph.lags().collect(CollectId::at(0)).known);
}

/// Systems that feed each other at random; each owns one quantity at one place of its own.
fn net(dice: &mut Dice) -> String {
    let systems = 2 + dice.below(5);
    let mut own = "onhand language=1\nunit ea\n".to_owned();
    for at in 0..systems {
        let _ = writeln!(
            own,
            "system s{at} kind=sql role=reporting {{ url \"sqlite:{at}.db\"
    levels \"select * from s\" {{ code sku; location site; on-hand q }}
    set \"update s set q = :after where sku = :code and site = :location and q = :before\"
    limit takes=\"{}ms\" page={} batch={} }}",
            1 + dice.roll(900),
            1 + dice.roll(4),
            1 + dice.roll(4)
        );
    }
    for at in 0..systems {
        let all: Vec<String> = (0..systems).map(|other| format!("in s{other} P{at}")).collect();
        let _ =
            writeln!(own, "location p{at} {{ {} }}\nowner s{at} {{ of on-hand; at p{at} }}", all.join("; "));
        let all: Vec<String> = (0..systems).map(|other| format!("in s{other} I{at}")).collect();
        let _ = writeln!(own, "item i{at} unit=ea {{ {} }}", all.join("; "));
    }
    for at in 0..2 + dice.below(8) {
        let (place, to) = (dice.below(systems), dice.below(systems));
        let _ = writeln!(
            own,
            "flow f{at} {{ publish on-hand to=s{to}; at p{place}; lag \"9d\" every=\"{}s\" }}",
            1 + dice.roll(5_000)
        );
    }
    own
}

/// The worst case in microseconds by its definition; circles are not asked.
fn plain(model: &Model, graph: &Graph, id: FlowId) -> u128 {
    let flow = model.flow(id);
    let facts = graph.flow(id);
    let takes =
        |system: onhand::model::SystemId| model.system(system).limit.takes.expect("each says so").as_micros();
    let read = |system: onhand::model::SystemId| {
        let cells = (model.items.len() * model.locations.len()) as u128;
        cells.div_ceil(model.system(system).limit.page.unwrap_or(1).into()) * takes(system)
    };
    let others: Vec<_> = facts.sources.iter().copied().filter(|system| *system != flow.to).collect();
    let into = model.flows.iter().enumerate().filter(|(_, other)| others.contains(&other.to));
    let behind = into.map(|(index, _)| plain(model, graph, FlowId::at(index))).max().unwrap_or(0);
    let changed = (model.items.len() as u128).div_ceil(20);
    let batches = changed.div_ceil(model.system(flow.to).limit.batch.unwrap_or(1).into());
    let every = flow.lag.as_ref().and_then(|lag| lag.every).expect("each says so").as_micros();
    let counts = others.iter().map(|system| read(*system)).max().unwrap_or(0);
    every + behind + counts + read(flow.to) + batches * takes(flow.to)
}

#[test]
fn sums_agree_with_their_plain_definition() {
    let (mut deep, mut circles) = (0, 0);
    for seed in chance::seeds(300) {
        let own = net(&mut Dice(seed));
        let (model, graph) = compiled(&own);
        let lags = graph.lags();
        for index in 0..model.flows.len() {
            let path = lags.flow(FlowId::at(index));
            let sum: u128 = path.terms.iter().map(|term| term.sum.total()).sum();
            assert_eq!(path.sum.total(), sum, "seed {seed}");
            if path.cut {
                circles += 1;
                continue;
            }
            assert_eq!(
                path.sum.total(),
                plain(&model, &graph, FlowId::at(index)),
                "seed {seed}: {index}\n{own}"
            );
            deep += usize::from(path.upstream().is_some_and(|behind| lags.flow(behind).upstream().is_some()));
        }
        if graph.cycles().is_empty() {
            assert!((0..model.flows.len()).all(|index| !lags.flow(FlowId::at(index)).cut), "seed {seed}");
        }
        let inside = graph.cycles().iter().flatten().any(|flow| lags.flow(*flow).cut);
        assert!(graph.cycles().is_empty() || inside, "seed {seed}: a circle is nowhere cut");
    }
    assert!(chance::asked().is_some() || (deep > 20 && circles > 20), "{deep} chains, {circles} in circles");
}

/// What stands behind a word in a help, such as `every="9m"`.
fn advice(help: &str, word: &str) -> Option<String> {
    let start = help.find(word)?;
    let end = help[start..].match_indices('"').nth(1)?.0;
    Some(help[start..=start + end].to_owned())
}

#[test]
fn what_is_advised_mends_the_lag() {
    let mut mended = std::collections::BTreeMap::new();
    for seed in chance::seeds(200) {
        let mut dice = Dice(seed);
        let slow = dice.in_ten(5);
        let every = format!("every=\"{}s\"", 1 + dice.roll(if slow { 1_500 } else { 60 }));
        let limit = format!("limit takes=\"{}ms\"", 1 + dice.roll(if slow { 200_000 } else { 500_000 }));
        let page = if dice.in_ten(5) { " page=1" } else { " page=9" };
        let target = format!("lag \"{}s\"", 60 + dice.roll(840));
        let own = HUB.replace("lag \"2h\" every=\"15m\"", &format!("{target} {every}"));
        let own = own
            .replace("limit \"2/s\" page=3", &format!("{limit}{page}"))
            .replace("at paris }", "at paris lyon }");
        let cut =
            own.find("flow into-erp").expect("it is there")..own.find("flow web-stock").expect("it is there");
        let own = own.replace(&own[cut], "").replace("owner depot { of on-hand reserved; at lyon }\n", "");
        let late = |own: &str| {
            let found = text(own).diagnostics;
            let late = |one: &&onhand::diagnostic::Diagnostic| {
                one.rule.slug == "lag-unreachable" && one.message.contains("web-stock")
            };
            found.iter().find(late).map(|one| one.help.clone())
        };
        let Some(help) = late(&own) else { continue };
        let raised = advice(&help.replace(&target, ""), "lag \"").expect("a higher target is always advised");
        assert_eq!(late(&own.replace(&target, &raised)), None, "seed {seed}: {help}\n{own}");
        let larger = help.split_once("limit page=").and_then(|(_, rest)| rest.split_once('`'));
        if let Some((size, _)) = larger {
            let new = own.replacen(page, &format!(" page={size}"), 1);
            assert_eq!(late(&new), None, "seed {seed}: {help}\n{own}");
            *mended.entry("page").or_insert(0) += 1;
        }
        for (word, old) in [("every=\"", &every), ("limit takes=\"", &limit)] {
            let Some(new) = advice(&help, word) else { continue };
            assert_eq!(late(&own.replacen(old, &new, 1)), None, "seed {seed}: {help}\n{own}");
            *mended.entry(word).or_insert(0) += 1;
        }
    }
    let enough = mended.len() == 3 && mended.values().all(|times| *times > 5);
    assert!(enough || chance::asked().is_some(), "{mended:?}");
}

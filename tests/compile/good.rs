//! A topology without mistakes becomes the model that it says.

use super::{files, rules, told};
use onhand::model::flow::Keep;
use onhand::model::item::Thing;
use onhand::model::quantity::{AVAILABLE, ON_HAND, RESERVED};
use onhand::model::system::{Complete, Orders, Setting};

pub const WHOLE: &str = r##"
onhand language=1 {
    timezone "Europe/Paris"
    state "sqlite:.onhand/state.db"
}
unit ea { in depot PCE EA }
unit g
unit kg 1000 g
system erp kind=tryton role=erp {
    url (env)ERP_URL
    database inv
    user (env)ERP_USER
    password (env)ERP_PASSWORD
    stale-after "30m"
}
system web kind=vendure role=channel { url (env)SHOP_URL; key (env)SHOP_KEY; orders direct to=erp within="5m" }
system till kind=sql role=channel {
    url "sqlite:till.db"
    levels "select sku, site, qty, changed from stock" { code sku; location site; available qty { net-of own-sales }; changed changed }
    set "update stock set qty = :after where sku = :code and site = :location and qty = :before"
    orders none
}
system depot kind=csv role=warehouse {
    levels "feeds/depot-*.csv" delimiter=";" {
        code ean; location site; unit uom
        on-hand free_qty { net-of reserved }
        damaged qc_qty
        as-of exported_at
        complete rows-at-least="80%"
    }
}
location paris { in erp PAR; in till P1; in web Paris }
location lyon { in depot LYO; in web Lyon }
location online { pool paris lyon; in web "9" }
item TSHIRT-M unit=ea {
    tag apparel basics
    pack case 12 { in depot CRT }
    pack pallet 40 case
    in erp TSH-M
    in web TSHIRT-M
    in web TSHIRT-M-CS12 unit=case
    in till "4006381333931"
    in depot "04006381333931"
}
item MUG unit=ea { in erp MUG; in web MUG; in till "4006381333948"; in depot "04006381333948" }
item BEANS unit=g { pack bag 250; in erp BEANS unit=kg; in web BEANS-250 unit=bag; in depot "04006381333955" unit=kg }
bundle GIFT-BOX { component TSHIRT-M 1; component MUG 2; tag gifts; in web GIFT-BOX }
bundle DOUBLE { component GIFT-BOX 2; component MUG 1 }
quantity sellable { plus on-hand; minus reserved damaged }
owner erp { of on-hand reserved; at paris }
owner depot { of on-hand damaged; at lyon; allow transfer-untracked reason="nothing moves" }
flow web-stock {
    publish available to=web
    at paris lyon
    lag "10m" every="5m"
    keep-back 2 ea { items MUG }
    cap 99
    guard max-changed="30%" max-zeroed="5%" max-raised="10%" max-rows=5000
}
flow till-stock { publish available to=till; at paris; items tag=apparel "M*"; except MUG; lag "10m" every="5m" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"##;

/// The front half alone: what the rules about the whole say is not for this test.
fn front(compiled: &onhand::compile::Compiled) -> Vec<&'static str> {
    let later =
        ["shared-pool", "bundle-beside-component", "reserved-unowned", "flow-empty", "time-without-zone"];
    rules(compiled).into_iter().filter(|rule| !later.contains(rule)).collect()
}

#[test]
fn a_whole_topology_is_understood() {
    let compiled = files(&[("onhand.kdl", WHOLE)]);
    assert_eq!(front(&compiled), [] as [&str; 0], "{}", told(&compiled));
    let model = &compiled.model;
    assert_eq!(model.timezone.as_deref(), Some("Europe/Paris"));
    assert_eq!(model.systems.len(), 4);
    let erp = model.systems.iter().find(|system| &*system.name == "erp").expect("erp is there");
    assert_eq!(erp.settings["url"].0, Setting::Env("ERP_URL".into()));
    let depot = model.systems.iter().find(|system| &*system.name == "depot").expect("depot is there");
    let levels = depot.levels.as_ref().expect("depot has levels");
    assert_eq!((levels.delimiter, levels.unit.as_deref()), (b';', Some("uom")));
    assert!(
        matches!(levels.complete, Some(Complete::Share(share)) if (share.numerator, share.denominator) == (4, 5))
    );
    assert_eq!(&*depot.shows[0].net_of[0], "reserved");
    assert!(matches!(model.systems[1].orders, Some((Orders::Direct { to, .. }, _)) if to.index() == 0));
    assert_eq!(model.locations[2].pool.len(), 2);
}

#[test]
fn units_packs_and_bundles_come_out_in_base_units() {
    let compiled = files(&[("onhand.kdl", WHOLE)]);
    let model = &compiled.model;
    let ratio = |system: &str, text: &str| {
        let id = model.systems.iter().position(|s| &*s.name == system).expect("the system is there");
        let code = model.find_code(onhand::model::SystemId::at(id), text).expect("the code is there");
        model.code(code).measure.ratio.to_string()
    };
    assert_eq!(ratio("web", "TSHIRT-M-CS12"), "12");
    assert_eq!(ratio("erp", "BEANS"), "1000");
    assert_eq!(ratio("web", "BEANS-250"), "250");
    assert_eq!(ratio("web", "GIFT-BOX"), "1");
    let pallet = &model.items[0].packs()[1];
    assert_eq!(pallet.ratio.to_string(), "480");
    let double: Vec<(u32, i64)> =
        model.bundles[1].components.iter().map(|c| (c.item.0, c.quantity)).collect();
    assert_eq!(double, [(0, 2), (1, 5)]);
    assert_eq!(
        model.quantities[7].terms,
        [(ON_HAND, 1), (RESERVED, -1), (onhand::model::quantity::DAMAGED, -1)]
    );
}

#[test]
fn flows_know_their_target_items_and_keep_back() {
    let compiled = files(&[("onhand.kdl", WHOLE)]);
    let model = &compiled.model;
    let [web, till] = model.flows.as_slice() else { panic!("two flows") };
    assert_eq!((web.quantity, web.at.len(), web.cap), (AVAILABLE, 2, Some(99)));
    let write = web.write.as_ref().expect("vendure takes available");
    assert_eq!((&*write.column, write.bridge.len()), ("on-hand", 2));
    assert_eq!(&*till.write.as_ref().expect("the till takes available").column, "available");
    let [keep] = web.keep_back.as_slice() else { panic!("one keep-back") };
    assert_eq!((keep.amount, keep.items.iter().collect::<Vec<_>>()), (Keep::Units(2), vec![1]));
    assert!(web.things.contains(Thing::Bundle(onhand::model::BundleId(0))));
    assert_eq!(till.things.items.iter().collect::<Vec<_>>(), [0]);
    assert!(till.things.bundles.is_empty());
}

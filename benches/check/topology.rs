//! Topologies to measure with: made by counting, the same every time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// File names and their bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What [`catalog`] plants: the rule that finds it, and how many cells.
pub const PLANTED: [(&str, usize); 3] = [("owner-overlap", 30), ("owner-gap", 10), ("owner-unmapped", 1)];

/// What a system that owns counts shows.
const OWNS: &str = "levels counts { code sku; location site; on-hand a; reserved b; damaged c }";
/// A channel.
const WEB: &str = "system web kind=memory role=channel {
    levels counts { code sku; location site; available a { net-of own-sales } }
    orders none
}";

macro_rules! put {
    ($text:expr, $($rest:tt)*) => { writeln!($text, $($rest)*).expect("a string takes any text") };
}

/// One file of about so many lines: every sort of node, as people lay them out.
pub fn mixed(lines: usize) -> Files {
    let mut text = String::new();
    head(&mut text);
    let (mut item, mut kit) = (0, 0);
    while text.lines().count() + 900 < lines {
        for _ in 0..100 {
            item += 1;
            one_item(&mut text, item);
        }
        for _ in 0..10 {
            kit += 1;
            put!(text, "bundle BOX-{kit:05} {{ // packed to order");
            put!(text, "    component ITEM-{:05} 2\n    component ITEM-{:05} 1", item - kit % 90, item - 95);
            put!(text, "    tag gifts\n    in shop{} BOX-{kit:05}\n}}", kit % 12);
        }
    }
    flows(&mut text);
    BTreeMap::from([("onhand.kdl".to_owned(), text.into_bytes())])
}

/// Who looks after it.
const CARE: &str = "alert { to webhook=(env)OPS_WEBHOOK }
review { by \"ops@example.com\"; daily \"09:00\" }
rollback keep=\"30d\"
";

fn head(text: &mut String) {
    put!(text, "// A generated topology.\nonhand language=1 {{\n    timezone \"Europe/Paris\"\n}}");
    text.push_str(CARE);
    put!(text, "unit ea {{ in erp PCE EA }}\nunit g\nunit kg 1000 g\nunit t 1000 kg\n");
    put!(text, "quantity sellable {{ plus on-hand; minus reserved damaged }}");
    put!(text, "system erp kind=tryton role=erp {{\n    url (env)ERP_URL\n    database inv");
    put!(text, "    user (env)ERP_USER\n    password (env)ERP_PASSWORD\n    stale-after \"30m\"\n}}");
    for shop in 0..12 {
        put!(text, "system shop{shop} kind=sql role=channel {{\n    url (env)SHOP{shop}_DATABASE");
        put!(text, "    levels \"select sku, site, qty, changed from stock\" {{");
        put!(text, "        code sku; location site\n        available qty {{ net-of own-sales }}");
        put!(text, "        changed changed\n    }}");
        put!(
            text,
            "    set \"update stock set qty = :after \
             where sku = :code and site = :location and qty = :before\""
        );
        put!(text, "    orders direct to=erp within=\"5m\"\n}}\n");
    }
    for depot in 0..8 {
        put!(text, "system depot{depot} kind=csv role=warehouse {{");
        put!(text, "    levels \"feeds/depot{depot}-*.csv\" delimiter=\";\" {{");
        put!(
            text,
            "        code ean; location site; unit uom\n        on-hand free_qty {{ net-of reserved }}"
        );
        put!(text, "        as-of exported_at\n        complete rows-at-least=\"80%\"\n    }}\n}}");
    }
    for place in 0..80 {
        put!(text, "location place{place} {{\n    in erp P{place}\n    in depot{} D{place}", place % 8);
        for shop in (0..12).filter(|shop| (shop + place) % 4 == 0) {
            put!(text, "    in shop{shop} S{place}");
        }
        put!(text, "}}");
    }
}

fn one_item(text: &mut String, item: usize) {
    let code = format!("ITEM-{item:05}");
    match item % 3 {
        0 => put!(text, "item {code} unit=ea {{ in erp {code}; in depot{} \"40{item:011}\" }}", item % 8),
        1 => put!(
            text,
            "item {code} unit=g {{\n    pack bag 250\n    in erp {code} unit=kg\n    \
             in shop{} {code}-250 unit=bag\n    \
             in depot{} \"40{item:011}\" unit=kg\n}}",
            item % 12,
            item % 8
        ),
        _ => put!(
            text,
            "item {code} unit=ea {{                 // sold by piece and by case\n    \
             tag apparel season{}\n    \
             pack case 12\n    pack pallet 40 case\n    in erp {code}\n    in shop{shop} {code}\n    \
             in shop{shop} {code}-CS unit=case\n    in depot{} \"40{item:011}\"\n}}",
            item % 20,
            item % 8,
            shop = item % 12
        ),
    }
}

fn flows(text: &mut String) {
    put!(text, "owner erp {{ of on-hand reserved; at {} }}", places(0, 80));
    for shop in 0..12 {
        put!(text, "flow shop{shop}-stock {{\n    publish available to=shop{shop}");
        put!(
            text,
            "    lag \"10m\" every=\"5m\"\n    keep-back \"10%\" {{ items \"ITEM-000*\" }}\n    cap 99"
        );
        put!(text, "    guard max-changed=\"30%\" max-zeroed=\"5%\" max-raised=\"10%\" max-rows=5000");
        put!(text, "    except tag=season{shop}\n    allow shared-pool reason=\"packed to order\"");
        put!(text, "    allow bundle-beside-component reason=\"packed to order\"\n}}");
    }
}

fn places(from: usize, to: usize) -> String {
    (from..to).map(|place| format!("place{place}")).collect::<Vec<_>>().join(" ")
}

/// One file of so many items, one a line.
pub fn items(count: usize) -> Files {
    let mut text = format!("onhand language=1\nunit ea\n{CARE}");
    put!(text, "system erp kind=memory role=erp {{ {OWNS} }}\n{WEB}");
    text.push_str("location paris { in erp PAR; in web Paris }\nowner erp { of on-hand reserved }\n");
    for item in 1..=count {
        put!(
            text,
            "item SKU-{item:06} unit=ea {{ pack case 12; in erp TSH-{item:06}; \
             in web SKU-{item:06} unit=case }}"
        );
    }
    text.push_str("flow web-stock { publish available to=web; lag \"10m\" every=\"5m\" }\n");
    BTreeMap::from([("onhand.kdl".to_owned(), text.into_bytes())])
}

/// A catalog of so many rows, ten places, and three systems that own counts there. See [`PLANTED`].
pub fn catalog(count: usize) -> Files {
    let mut text = format!("onhand language=1\nunit ea\n{CARE}");
    for (name, role) in [("erp", "erp"), ("depot", "warehouse"), ("lab", "warehouse")] {
        put!(text, "system {name} kind=memory role={role} {{ {OWNS} }}");
    }
    put!(text, "{WEB}");
    for place in 0..10 {
        put!(
            text,
            "location place{place} {{ in erp P{place}; in depot D{place}; in lab L{place}; in web W{place} }}"
        );
    }
    text.push_str(
        "items \"catalog.csv\" { sku sku; unit unit; tag keeper; \
         in erp erp; in depot depot; in lab depot; in web web }\n",
    );
    text.push_str("owner erp { of on-hand reserved damaged; items tag=erp }\n");
    text.push_str("owner depot { of on-hand reserved damaged; items tag=depot }\n");
    // One item too many for one quantity each: an overlap of 30 counts; and one that nobody owns.
    text.push_str("owner lab { of on-hand reserved damaged; items SKU-0400000 }\n");
    text.push_str("flow web-stock { publish available to=web; lag \"10m\" every=\"5m\" }\n");
    let mut csv = "sku,unit,keeper,erp,depot,web\n".to_owned();
    for item in 1..=count {
        let keeper = match item {
            700_000 => "nobody",
            _ if item % 3 == 0 => "depot",
            _ => "erp",
        };
        let depot = if item == 600_000 { String::new() } else { format!("D-{item:07}") };
        put!(csv, "SKU-{item:07},ea,{keeper},E-{item:07},{depot},W-{item:07}");
    }
    BTreeMap::from([
        ("onhand.kdl".to_owned(), text.into_bytes()),
        ("catalog.csv".to_owned(), csv.into_bytes()),
    ])
}

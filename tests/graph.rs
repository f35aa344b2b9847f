//! The topology as a picture and as JSON.

use crate::compile::{files, told};
use onhand::graph::{build, dot, json};

const HUB: &str = r#"onhand language=1
unit ea
system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }
system depot kind=csv role=warehouse {
    levels "depot.csv" { code sku; location site; on-hand free { net-of reserved }; damaged qc }
}
system web kind=vendure role=channel { url (env)W; key (env)K; orders direct to=erp within="5m" }
system till kind=sql role=channel {
    url "sqlite:till.db"
    levels "select * from stock" { code sku; location site; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and site = :location and qty = :before"
    orders direct to=erp within="10m"
}
system books kind=csv role=reporting {
    levels "books.csv" { code sku; location site; on-hand qty }
    publish "books.csv"
}
location paris { in erp PAR; in till "1"; in books PAR }
location lyon { in depot LYO }
location online { pool paris lyon; in web "9" }
item "MUG \"XL\" <b>" unit=ea { in erp M; in depot M; in web M; in till M; in books M }
item LAMP unit=ea { in erp L; in depot L; in web L; in till L; in books L }
owner erp { of on-hand reserved; at paris }
owner depot { of on-hand damaged; at lyon }
flow web-stock {
    publish available to=web
    lag "10m" every="5m"
    allow shared-pool reason="test"
}
flow till-stock { publish available to=till; items LAMP; lag "10m" every="5m"; allow shared-pool reason="test" }
flow books-stock { publish on-hand to=books; lag "1d" every="1h" }
"#;

#[test]
fn a_hub_is_drawn() {
    let compiled = files(&[("onhand.kdl", HUB)]);
    assert!(compiled.diagnostics.is_empty(), "{}", told(&compiled));
    insta::assert_snapshot!(dot(&build(&compiled.model), &compiled.model));
}

#[test]
fn a_hub_is_written_as_json() {
    let compiled = files(&[("onhand.kdl", HUB)]);
    insta::assert_snapshot!(json(&build(&compiled.model), &compiled.model));
}

#[test]
fn names_cannot_leave_their_place_in_a_picture() {
    let mut evil = HUB.to_owned();
    for word in ["system", "in", "owner"] {
        evil = evil.replace(&format!("{word} depot"), &format!(r#"{word} "a\"];<b>&\\""#));
    }
    let compiled = files(&[("onhand.kdl", &evil)]);
    let picture = dot(&build(&compiled.model), &compiled.model);
    assert!(picture.contains("&lt;b&gt;&amp;"), "{}\n{picture}", told(&compiled));
    for line in picture.lines() {
        let plain = line.replace("\\\\", "").replace("\\\"", "");
        assert!(plain.matches('"').count() % 2 == 0, "a quote is left open: {line}");
    }
}

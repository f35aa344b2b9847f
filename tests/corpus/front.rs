//! One sound topology, and edits that each break it: name, what is replaced, by what, planted rules.
//!
//! `FILE|text` as what is replaced edits another file than `onhand.kdl`; an empty text appends.

/// The sound topology.
pub const BASE: &[(&str, &str)] = &[
    (
        "onhand.kdl",
        r##"onhand language=1 {
    timezone "Europe/Paris"
    state "sqlite:.onhand/state.db"
}
include "systems/*.kdl"
unit ea { in depot PCE EA }
unit g
unit kg 1000 g
location paris { in erp PAR; in till P1; in web Paris }
location lyon { in depot LYO; in web Lyon }
location both { pool paris lyon }
item TSHIRT-M unit=ea {
    tag apparel basics
    pack case 12 { in depot CRT }
    pack pallet 40 case
    in erp TSH-M unit=case
    in web TSHIRT-M
    in depot "04006381333931"
}
item MUG unit=ea { in erp MUG; in till "4006381333948" }
item BEANS unit=g { pack bag 250; in erp BEANS unit=kg; in web BEANS-250 unit=bag; in depot BEANS-D unit=kg }
items "catalog.csv" { sku sku; unit uom; tag theme; pack box box_qty; in erp erp_code; in depot ean unit=dunit }
bundle GIFT-BOX { component LAMP 1; component SHADE 2; tag gifts; in web GIFT-BOX }
bundles "kits.csv" { sku kit; component part; quantity qty; in web shop }
quantity sellable { plus on-hand; minus reserved damaged }
owner erp { of on-hand reserved; at paris }
owner depot { of on-hand damaged; at lyon }
flow web-stock {
    publish available to=web
    at paris lyon
    lag "10m" every="5m"
    keep-back 2 ea { items TSHIRT-M }
    cap 99
    guard max-changed="30%" max-zeroed="5%" max-raised="10%" max-rows=5000
}
flow till-stock { publish sellable to=till; at paris; items tag=apparel "M*"; except TSHIRT-M; lag "10m" every="5m" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"##,
    ),
    (
        "systems/erp.kdl",
        r##"system erp kind=tryton role=erp {
    url (env)ERP_URL
    database inv
    user (env)ERP_USER
    password (env)ERP_PASSWORD
    stale-after "30m"
}
system web kind=vendure role=channel { url "https://shop.example"; key (env)SHOP_KEY; orders direct to=erp within="5m" }
"##,
    ),
    (
        "systems/feeds.kdl",
        r##"system till kind=sql role=channel {
    url "sqlite:till.db"
    levels "select sku, site, qty, changed from stock" {
        code sku; location site; sellable qty { net-of own-sales }; changed changed
    }
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
"##,
    ),
    (
        "catalog.csv",
        "sku,uom,theme,box_qty,erp_code,ean,dunit\nLAMP,ea,home,6,E-LAMP,D-LAMP,\nSHADE,ea,,,E-SHADE,D-SHADE,PCE\n\
         BULB,ea,home,10,E-BULB,D-BULB,box\n",
    ),
    ("kits.csv", "kit,part,qty,shop\nSPARES,BULB,3,SPARES\n"),
];

/// What is broken by one edit.
pub type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// Every edit.
pub const CASES: &[Case] = &[
    ("sound", "", "", &[]),
    // Text.
    ("brace-open", "unit g\n", "unit g {\n", &["syntax"]),
    ("brace-close", "unit g\n", "unit g }\n", &["syntax"]),
    ("bare-duration", "lag \"10m\" every=\"5m\"\n", "lag 10m every=\"5m\"\n", &["syntax"]),
    ("bare-digit-word", "component LAMP 1", "component 3LAMP 1", &["syntax"]),
    ("bare-true", "cap 99", "cap true", &["syntax"]),
    ("bad-escape", "\"Europe/Paris\"", "\"Europe\\qParis\"", &["syntax"]),
    ("no-language", "onhand language=1 {", "onhand {", &["language-version"]),
    ("language-2", "language=1", "language=2", &["language-version"]),
    ("language-text", "language=1", "language=\"1\"", &["language-version"]),
    ("language-1.0-is-1", "language=1", "language=1.0", &[]),
    ("node-typo", "quantity sellable", "quantty sellable", &["unknown-node"]),
    ("node-unknown", "", "warehouse paris\n", &["unknown-node"]),
    ("node-misplaced", "", "publish available to=web\n", &["unknown-node"]),
    ("node-inside", "tag apparel basics", "label apparel basics", &["unknown-node"]),
    ("node-top-inside", "    cap 99\n", "    cap 99\n    unit box\n", &["unknown-node"]),
    ("allow-at-top", "", "allow lag-slow reason=\"x\"\n", &["unknown-node"]),
    ("setting-typo", "systems/erp.kdl|database inv", "databse inv", &["unknown-node", "missing-argument"]),
    ("column-typo", "systems/feeds.kdl|as-of exported_at", "as-off exported_at", &["unknown-node"]),
    ("count-typo", "systems/feeds.kdl|damaged qc_qty", "damagd qc_qty", &["unknown-node"]),
    (
        "set-in-csv",
        "systems/feeds.kdl|        damaged qc_qty\n",
        "        damaged qc_qty\n        set \"x\"\n",
        &["unknown-node"],
    ),
    ("property-typo", "max-zeroed", "max-zerod", &["unknown-property"]),
    ("property-unknown", "unit g\n", "unit g size=3\n", &["unknown-property"]),
    ("property-of-child", "item MUG unit=ea", "item MUG unit=ea tag=x", &["unknown-property"]),
    (
        "property-csv-in-sql",
        "systems/feeds.kdl|changed from stock\"",
        "changed from stock\" delimiter=\";\"",
        &["unknown-property"],
    ),
    ("property-twice", "every=\"5m\"\n", "every=\"5m\" every=\"6m\"\n", &["duplicate-name"]),
    ("orders-none-to", "systems/feeds.kdl|orders none", "orders none to=erp", &["unknown-property"]),
    ("role-unknown", "systems/erp.kdl|role=erp", "role=ledger", &["unknown-choice"]),
    ("role-typo", "systems/feeds.kdl|role=warehouse", "role=warehose", &["unknown-choice"]),
    ("kind-unknown", "", "system z kind=sap role=erp { url x }\n", &["unknown-choice"]),
    ("kind-typo", "", "system z kind=trytn role=erp { password x }\n", &["unknown-choice"]),
    (
        "encoding-unknown",
        "systems/feeds.kdl|delimiter=\";\"",
        "delimiter=\";\" encoding=utf8",
        &["unknown-choice"],
    ),
    (
        "files-unknown",
        "systems/feeds.kdl|delimiter=\";\"",
        "delimiter=\";\" files=latest",
        &["unknown-choice"],
    ),
    ("orders-unknown", "systems/feeds.kdl|orders none", "orders nowhere", &["unknown-choice"]),
    (
        "absent-unknown",
        "systems/feeds.kdl|        damaged",
        "        absent held\n        damaged",
        &["unknown-choice"],
    ),
    ("allow-error", "    cap 99", "    allow owner-gap reason=\"x\"\n    cap 99", &["unknown-choice"]),
    ("allow-unknown", "    cap 99", "    allow lag-slo reason=\"x\"\n    cap 99", &["unknown-choice"]),
    ("annotation-unknown", "systems/erp.kdl|(env)ERP_URL", "(evn)ERP_URL", &["unknown-choice"]),
    ("annotation-not-here", "component LAMP 1", "component (env)LAMP 1", &["unknown-choice"]),
    ("owner-of-derived", "of on-hand damaged", "of on-hand damaged available", &["unknown-choice"]),
    ("item-without-unit", "item MUG unit=ea", "item MUG", &["missing-argument"]),
    ("item-without-name", "", "item unit=ea\n", &["missing-argument"]),
    ("unit-without-name", "", "unit\n", &["missing-argument"]),
    ("unit-ratio-alone", "unit kg 1000 g", "unit kg 1000", &["missing-argument"]),
    ("in-without-code", "in depot LYO;", "in depot;", &["missing-argument"]),
    ("item-in-without-code", "in erp MUG;", "in erp;", &["missing-argument"]),
    ("publish-without-to", "publish sellable to=till", "publish sellable", &["missing-argument"]),
    ("flow-without-publish", "publish sellable to=till; ", "", &["missing-argument"]),
    ("owner-without-of", "of on-hand damaged; ", "", &["missing-argument"]),
    ("allow-without-reason", "    cap 99", "    allow lag-slow\n    cap 99", &["missing-argument"]),
    ("system-without-role", "", "system z kind=memory\n", &["missing-argument"]),
    ("system-without-kind", "", "system z role=erp\n", &["missing-argument"]),
    ("system-without-url", "systems/erp.kdl|    url (env)ERP_URL\n", "", &["missing-argument"]),
    ("system-without-login", "systems/erp.kdl|key (env)SHOP_KEY; ", "", &["missing-argument"]),
    (
        "system-without-password",
        "systems/erp.kdl|    password (env)ERP_PASSWORD\n",
        "",
        &["missing-argument"],
    ),
    ("levels-without-code", "systems/feeds.kdl|code ean; ", "", &["missing-argument"]),
    (
        "levels-without-query",
        "systems/feeds.kdl|levels \"select sku, site, qty, changed from stock\"",
        "levels",
        &["missing-argument"],
    ),
    ("csv-without-levels", "", "system z kind=csv role=warehouse\n", &["missing-argument"]),
    ("component-without-quantity", "component SHADE 2", "component SHADE", &["missing-argument"]),
    ("pack-without-size", "pack bag 250;", "pack bag;", &["missing-argument"]),
    ("orders-direct-alone", "systems/erp.kdl| within=\"5m\"", "", &["missing-argument"]),
    ("empty-quantity", "", "quantity nothing\n", &["missing-argument"]),
    ("empty-pool", "", "location z { pool }\n", &["missing-argument"]),
    ("empty-location", "", "location z\n", &["missing-argument"]),
    ("empty-selector", "except TSHIRT-M", "except", &["missing-argument"]),
    (
        "empty-guard",
        "guard max-changed=\"30%\" max-zeroed=\"5%\" max-raised=\"10%\" max-rows=5000",
        "guard",
        &["missing-argument"],
    ),
    ("empty-lag", "lag \"10m\" every=\"5m\"\n", "lag\n", &["missing-argument"]),
    ("items-without-sku", "sku sku; unit uom", "unit uom", &["missing-argument"]),
    ("bundles-without-quantity", "; quantity qty", "", &["missing-argument"]),
    ("code-twice-in-one", "in erp MUG;", "in erp MUG CUP;", &["unexpected-argument"]),
    ("onhand-argument", "onhand language=1", "onhand v1 language=1", &["unexpected-argument"]),
    ("cap-two", "cap 99", "cap 99 ea", &["unexpected-argument"]),
    ("component-unit-argument", "component LAMP 1", "component LAMP 1 ea", &["unexpected-argument"]),
    ("keep-share-with-unit", "keep-back 2 ea", "keep-back \"10%\" ea", &["unexpected-argument"]),
    ("node-annotation", "unit g\n", "(base)unit g\n", &["unexpected-argument"]),
    (
        "code-without-places",
        "",
        "system z kind=memory role=warehouse { levels { code c; on-hand q } }\nlocation y { in z Y }\n",
        &["unexpected-argument"],
    ),
    ("number-as-code", "in till \"4006381333948\"", "in till 4006381333948", &["wrong-type"]),
    ("number-as-location", "in till P1", "in till 1", &["wrong-type"]),
    ("number-as-name", "", "unit 12\n", &["wrong-type"]),
    ("number-as-duration", "lag \"10m\" every=\"5m\"\n", "lag 10 every=\"5m\"\n", &["wrong-type"]),
    ("number-as-share", "max-changed=\"30%\"", "max-changed=30", &["wrong-type"]),
    ("text-as-number", "cap 99", "cap \"99\"", &["wrong-type"]),
    ("text-as-ratio", "unit kg 1000 g", "unit kg thousand g", &["wrong-type"]),
    ("bool-as-name", "publish available to=web", "publish #true to=web", &["wrong-type"]),
    ("null-as-code", "in erp MUG;", "in erp #null;", &["wrong-type"]),
    ("number-as-delimiter", "systems/feeds.kdl|delimiter=\";\"", "delimiter=1", &["wrong-type"]),
    ("number-as-database", "systems/erp.kdl|database inv", "database 12", &["wrong-type"]),
    ("text-quantity", "component SHADE 2", "component SHADE two", &["wrong-type"]),
    ("duration-without-unit", "lag \"10m\" every=\"5m\"\n", "lag \"10\" every=\"5m\"\n", &["bad-value"]),
    ("duration-of-nothing", "every=\"5m\"\n", "every=\"0s\"\n", &["bad-value"]),
    ("duration-in-weeks", "systems/erp.kdl|stale-after \"30m\"", "stale-after \"2w\"", &["bad-value"]),
    ("share-above-100", "max-changed=\"30%\"", "max-changed=\"130%\"", &["bad-value"]),
    ("share-without-sign", "max-changed=\"30%\"", "max-changed=\"30\"", &["bad-value"]),
    ("cap-below-0", "cap 99", "cap -1", &["bad-value"]),
    ("cap-with-fraction", "cap 99", "cap 9.5", &["bad-value"]),
    ("cap-too-large", "cap 99", "cap 10000000000000000", &["bad-value"]),
    ("ratio-of-0", "unit kg 1000 g", "unit kg 0 g", &["bad-value"]),
    ("ratio-below-0", "unit kg 1000 g", "unit kg -1000 g", &["bad-value"]),
    ("ratio-not-finite", "unit kg 1000 g", "unit kg #inf g", &["bad-value"]),
    ("delimiter-of-two", "systems/feeds.kdl|delimiter=\";\"", "delimiter=\";;\"", &["bad-value"]),
    ("empty-name", "", "unit \"\"\n", &["bad-value"]),
    ("empty-code", "in erp MUG;", "in erp \"\";", &["bad-value"]),
    ("state-elsewhere", "\"sqlite:.onhand/state.db\"", "\"mysql://host/db\"", &["bad-value"]),
    ("url-without-scheme", "systems/erp.kdl|\"https://shop.example\"", "\"shop.example\"", &["bad-value"]),
    ("keep-below-0", "keep-back 2 ea", "keep-back -2 ea", &["bad-value"]),
    ("keep-with-fraction", "keep-back 2 ea", "keep-back 2.5 ea", &["bad-value"]),
    ("rows-with-fraction", "systems/feeds.kdl|rows-at-least=\"80%\"", "rows-at-least=1.5", &["bad-value"]),
    ("bad-rows-below-0", "items \"catalog.csv\"", "items \"catalog.csv\" bad-rows=-1", &["bad-value"]),
    ("secret-literal", "systems/erp.kdl|(env)ERP_PASSWORD", "hunter2", &["literal-secret"]),
    ("secret-number", "systems/erp.kdl|(env)SHOP_KEY", "12345678", &["literal-secret"]),
    (
        "secret-in-url",
        "systems/erp.kdl|\"https://shop.example\"",
        "\"https://me:pw@shop.example\"",
        &["literal-secret"],
    ),
    ("secret-in-state", "\"sqlite:.onhand/state.db\"", "\"postgres://me:pw@host/db\"", &["literal-secret"]),
    ("include-nothing", "", "include \"owners/*.kdl\"\n", &["include-missing"]),
    ("include-lost-file", "", "include \"owners.kdl\"\n", &["include-missing"]),
    ("include-itself", "", "include \"onhand.kdl\"\n", &["include-missing"]),
    ("include-env-unset", "", "include (env)MORE\n", &["include-missing"]),
    ("include-circle", "systems/erp.kdl|", "include \"../onhand.kdl\"\n", &["include-cycle"]),
    ("unit-twice", "", "unit ea\n", &["duplicate-name"]),
    ("system-twice", "", "system erp kind=memory role=erp\n", &["duplicate-name"]),
    ("location-twice", "", "location lyon { in till L }\n", &["duplicate-name"]),
    ("item-twice", "", "item MUG unit=ea { in erp MUG-B }\n", &["duplicate-name"]),
    ("item-and-bundle", "", "bundle MUG { component LAMP 1 }\n", &["duplicate-name"]),
    (
        "flow-twice",
        "",
        "flow web-stock { publish available to=web; lag \"10m\" every=\"5m\" }\n",
        &["duplicate-name"],
    ),
    ("quantity-twice", "", "quantity sellable { plus on-hand }\n", &["duplicate-name"]),
    ("quantity-built-in", "", "quantity reserved { plus on-hand }\n", &["duplicate-name"]),
    ("onhand-twice", "", "onhand language=1\n", &["duplicate-name"]),
    ("cap-twice", "cap 99", "cap 99\n    cap 98", &["duplicate-name"]),
    ("pack-twice", "pack pallet 40 case", "pack case 24", &["duplicate-name"]),
    ("count-twice", "systems/feeds.kdl|damaged qc_qty", "on-hand qc_qty", &["duplicate-name"]),
    ("location-in-twice", "in web Lyon", "in web Lyon; in web Lyon-2", &["duplicate-name"]),
    ("was-still-there", "item MUG unit=ea", "item MUG unit=ea was=BEANS", &["duplicate-name"]),
    ("owner-of-twice", "of on-hand damaged", "of on-hand damaged damaged", &["duplicate-name"]),
    ("system-unknown", "in till \"4006381333948\"", "in tilll \"4006381333948\"", &["unknown-name"]),
    ("location-unknown", "at paris lyon\n", "at paris lyonn\n", &["unknown-name"]),
    ("unit-unknown", "item MUG unit=ea", "item MUG unit=each", &["unknown-name"]),
    ("item-unknown", "component LAMP 1", "component LMAP 1", &["unknown-name"]),
    ("selector-unknown", "except TSHIRT-M", "except TSHIRT-L", &["unknown-name"]),
    ("tag-nearly", "items tag=apparel", "items tag=aparel", &["unknown-name"]),
    ("quantity-unknown", "publish sellable", "publish selable", &["unknown-name"]),
    ("owner-quantity-unknown", "of on-hand damaged", "of on-hand damagd", &["unknown-name"]),
    ("term-unknown", "minus reserved damaged", "minus reservd damaged", &["unknown-name"]),
    ("net-of-unknown-word", "systems/feeds.kdl|net-of reserved", "net-of resrved", &["unknown-name"]),
    ("pool-member-unknown", "pool paris lyon", "pool paris lyonn", &["unknown-name"]),
    ("orders-to-unknown", "systems/erp.kdl|to=erp", "to=erpp", &["unknown-name"]),
    ("unit-of-unknown", "unit kg 1000 g", "unit kg 1000 gg", &["unknown-name"]),
    ("code-at-unknown", "in web TSHIRT-M\n", "in web TSHIRT-M at=pari\n", &["unknown-name"]),
    ("word-system-unknown", "in depot PCE EA", "in dpot PCE EA", &["unknown-name"]),
    (
        "other-items-pack",
        "in till \"4006381333948\"",
        "in till \"4006381333948\" unit=case",
        &["unknown-name"],
    ),
    ("allow-unused", "    cap 99", "    allow lag-slow reason=\"x\"\n    cap 99", &["unused-allow"]),
    // Catalog.
    ("catalog-lost", "items \"catalog.csv\"", "items \"catalogue.csv\"", &["catalog-unreadable"]),
    ("catalog-env-unset", "items \"catalog.csv\"", "items (env)CATALOG", &["catalog-unreadable"]),
    ("catalog-empty", "", "items \"empty.csv\" { sku sku; unit uom }\n", &["catalog-unreadable"]),
    ("catalog-column-typo", "in erp erp_code", "in erp erp_cod", &["catalog-column"]),
    (
        "catalog-column-twice",
        "catalog.csv|sku,uom,theme",
        "sku,uom,uom",
        &["catalog-column", "catalog-column"],
    ),
    ("kits-column-typo", "quantity qty; in web shop", "quantity quantity; in web shop", &["catalog-column"]),
    ("row-short", "catalog.csv|", "SPOT,ea,home\n", &["catalog-row"]),
    ("row-long", "catalog.csv|", "SPOT,ea,home,1,E-SPOT,D-SPOT,,x\n", &["catalog-row"]),
    ("row-quote-open", "catalog.csv|", "\"SPOT,ea,home,,E-SPOT,D-SPOT,\n", &["catalog-row"]),
    ("row-without-name", "catalog.csv|", ",ea,home,,E-SPOT,D-SPOT,\n", &["catalog-row"]),
    ("row-without-unit", "catalog.csv|", "SPOT,,home,,E-SPOT,D-SPOT,\n", &["catalog-row"]),
    ("row-unit-unknown", "catalog.csv|", "SPOT,each,home,,E-SPOT,D-SPOT,\n", &["catalog-row"]),
    ("row-pack-no-number", "catalog.csv|", "SPOT,ea,home,six,E-SPOT,D-SPOT,\n", &["catalog-row"]),
    ("row-pack-of-1", "catalog.csv|", "SPOT,ea,home,1,E-SPOT,D-SPOT,\n", &["catalog-row"]),
    ("row-unit-unreachable", "catalog.csv|", "SPOT,ea,home,,E-SPOT,D-SPOT,kg\n", &["catalog-row"]),
    ("row-word-unknown", "catalog.csv|", "SPOT,ea,home,,E-SPOT,D-SPOT,STK\n", &["catalog-row"]),
    (
        "row-tolerated",
        "items \"catalog.csv\" { sku sku; unit uom; tag theme; pack box box_qty",
        "items \"catalog.csv\" bad-rows=1 { sku sku; unit uom; tag theme; pack box theme",
        &["catalog-row", "catalog-row"],
    ),
    ("kit-part-unknown", "kits.csv|", "SPARES,TUBE,1,SPARES\n", &["catalog-row"]),
    ("kit-quantity-0", "kits.csv|", "SPARES,LAMP,0,SPARES\n", &["catalog-row"]),
    ("kit-quantity-missing", "kits.csv|", "SPARES,LAMP,,SPARES\n", &["catalog-row"]),
    ("row-name-twice", "catalog.csv|", "LAMP,ea,home,,E-LAMP-2,D-LAMP-2,\n", &["duplicate-name"]),
    ("row-name-of-item", "catalog.csv|", "MUG,ea,home,,E-MUG-2,D-MUG-2,\n", &["duplicate-name"]),
    ("row-code-twice", "catalog.csv|", "SPOT,ea,home,,E-LAMP,D-SPOT,\n", &["duplicate-code"]),
    ("code-twice", "in erp MUG;", "in erp TSH-M;", &["duplicate-code"]),
    (
        "code-twice-one-item",
        "in web BEANS-250 unit=bag",
        "in web BEANS-250 unit=bag; in web BEANS-250",
        &["duplicate-code"],
    ),
    ("code-of-bundle", "in web GIFT-BOX", "in web TSHIRT-M", &["duplicate-code"]),
    ("code-alike", "in web GIFT-BOX", "in web tshirt-m", &["lookalike-code"]),
    ("code-alike-spaces", "in erp MUG;", "in erp \"BE ANS\";", &["lookalike-code"]),
    ("unmapped", "", "item PLATE unit=ea\n", &["item-unmapped"]),
    ("row-unmapped", "catalog.csv|", "SPOT,ea,home,,,,\n", &["item-unmapped"]),
    // Units.
    ("unreachable", "in erp MUG;", "in erp MUG unit=kg;", &["unit-unreachable"]),
    ("unreachable-pack", "pack bag 250;", "pack bag 250 ea;", &["unit-unreachable"]),
    ("unreachable-keep", "keep-back 2 ea", "keep-back 2 kg", &["unit-unreachable"]),
    ("unreachable-component", "component LAMP 1", "component LAMP 1 unit=kg", &["unit-unreachable"]),
    (
        "pack-as-unit",
        "pack bag 250; in erp BEANS unit=kg; in web BEANS-250 unit=bag",
        "pack kg 900; in erp BEANS unit=kg; in web BEANS-250",
        &["unit-contradiction"],
    ),
    ("word-of-two-units", "unit g\n", "unit g { in depot EA }\n", &["unit-contradiction"]),
    ("word-of-unit-and-pack", "in depot CRT", "in depot PCE", &["unit-contradiction"]),
    ("word-is-a-unit", "in depot CRT", "in depot kg", &["unit-contradiction"]),
    ("unit-of-itself", "unit g\n", "unit g 2 g\n", &["unit-cycle"]),
    ("units-in-a-circle", "unit g\n", "unit g 0.001 kg\n", &["unit-cycle"]),
    ("packs-in-a-circle", "pack case 12 ", "pack case 12 pallet ", &["unit-cycle"]),
    (
        "fraction-of-base",
        "item MUG unit=ea { in erp MUG;",
        "item MUG unit=kg { in erp MUG unit=g;",
        &["unit-fraction"],
    ),
    ("fraction-of-pack", "pack bag 250;", "pack bag 2.5;", &["unit-fraction"]),
    ("pack-of-one", "pack bag 250;", "pack bag 1;", &["pack-size"]),
    ("pack-of-half", "pack bag 250;", "pack bag 0.5;", &["pack-size"]),
    ("pack-of-minus", "pack bag 250;", "pack bag -250;", &["pack-size"]),
    ("pallet-of-one-case", "pack pallet 40 case", "pack pallet 1 case", &["pack-size"]),
    (
        "keep-bare-of-grams",
        "keep-back 2 ea { items TSHIRT-M }",
        "keep-back 2 { items BEANS }",
        &["keep-back-unit"],
    ),
    // Bundles.
    ("bundle-of-itself", "component LAMP 1", "component GIFT-BOX 1", &["bundle-cycle"]),
    ("bundle-in-bundle", "component LAMP 1", "component SPARES 1", &["bundle-beside-component"]),
    ("bundle-of-nothing", "", "bundle VOID\n", &["bundle-empty"]),
    ("bundle-of-half", "component SHADE 2", "component SHADE 0.5", &["bundle-quantity"]),
    ("bundle-of-none", "component SHADE 2", "component SHADE 0", &["bundle-quantity"]),
    ("bundle-of-minus", "component SHADE 2", "component SHADE -2", &["bundle-quantity"]),
    // Locations.
    ("place-code-shared", "in web Lyon", "in web Paris", &["location-code-shared"]),
    ("pool-of-itself", "pool paris lyon", "pool paris both", &["pool-cycle"]),
    (
        "pools-in-a-circle",
        "location both { pool paris lyon }",
        "location both { pool north }\nlocation north { pool both }",
        &["pool-cycle"],
    ),
    ("zone-unknown", "\"Europe/Paris\"", "\"Europe/Pariss\"", &["unknown-timezone"]),
    (
        "zone-of-system-unknown",
        "systems/erp.kdl|    database inv",
        "    database inv\n    timezone Paris",
        &["unknown-timezone"],
    ),
    // Two at once.
    (
        "two-typos",
        "max-zeroed=\"5%\" max-raised=\"10%\"",
        "max-zerod=\"5%\" max-raised=\"110%\"",
        &["unknown-property", "bad-value"],
    ),
    (
        "two-files",
        "systems/erp.kdl|to=erp within=\"5m\"",
        "to=erpp within=5",
        &["unknown-name", "wrong-type"],
    ),
];

//! Topologies broken by hand in who owns what, and in what flows do: name, `onhand.kdl`, planted rules.

/// A topology: the usual head, then lines, then who looks after it.
macro_rules! text {
    ($($line:expr),* $(,)?) => { concat!(text!(bare: $($line),*), care!()) };
    (bare: $($line:expr),* $(,)?) => { concat!("onhand language=1\nunit ea\n", $($line, "\n"),*) };
}

macro_rules! care {
    () => {
        "alert { to webhook=(env)OPS_WEBHOOK }\nreview { by \"ops@example.com\"; daily \"09:00\" }\nrollback keep=\"30d\"\n"
    };
}

macro_rules! depot {
    () => {
        depot!("on-hand free { net-of reserved }")
    };
    ($counts:literal) => {
        depot!($counts, "")
    };
    ($counts:literal, $more:literal) => {
        concat!(
            "system depot kind=csv role=warehouse {\n    levels \"feed.csv\" { code sku; location site; ",
            $counts,
            " }\n    ",
            $more,
            "\n}"
        )
    };
}

macro_rules! channel {
    ($name:literal) => { channel!($name, "available qty { net-of own-sales }") };
    ($name:literal, $counts:literal) => { channel!($name, $counts, "orders none") };
    ($name:literal, $counts:literal, $more:literal) => {
        concat!(
            "system ", $name, " kind=sql role=channel {\n    url \"sqlite:", $name, ".db\"\n",
            "    levels \"select sku, site, qty from stock\" { code sku; location site; ", $counts, " }\n",
            "    set \"update stock set qty = :after where sku = :code and site = :location and qty = :before\"\n    ",
            $more, "\n}"
        )
    };
}

macro_rules! erp {
    () => {
        "system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }"
    };
}

macro_rules! web {
    () => {
        web!("orders none")
    };
    ($more:literal) => {
        concat!("system web kind=vendure role=channel { url (env)U; key (env)K; ", $more, " }")
    };
}

/// A warehouse and a shop, two places, two items.
macro_rules! pair {
    () => {
        concat!(
            depot!(),
            "\n",
            channel!("shop"),
            "\n",
            "location lyon { in depot L; in shop A }\nlocation nice { in depot N; in shop B }\n",
            "item MUG unit=ea { in depot M; in shop M; tag kitchen }\n",
            "item LAMP unit=ea { in depot L; in shop L; tag light }"
        )
    };
}

/// A warehouse, a shop and a till over one place, two items.
macro_rules! trio {
    () => {
        concat!(
            depot!(),
            "\n",
            channel!("shop"),
            "\n",
            channel!("till"),
            "\n",
            "location lyon { in depot L; in shop A; in till A }\n",
            "location nice { in depot N; in shop B; in till B }\n",
            "item MUG unit=ea { in depot M; in shop M; in till M; tag kitchen }\n",
            "item LAMP unit=ea { in depot L; in shop L; in till L; tag light }\n",
            "owner depot { of on-hand }"
        )
    };
}

/// An ERP that owns one place, a depot that owns another, and a web shop.
macro_rules! hub {
    () => {
        concat!(
            erp!(), "\n", depot!(), "\n", web!(), "\n",
            "location paris { in erp P; in depot P; in web P }\nlocation lyon { in erp L; in depot L; in web L }\n",
            "item MUG unit=ea { in erp M; in depot M; in web M; tag kitchen }\n",
            "item LAMP unit=ea { in erp L; in depot L; in web L; tag light }"
        )
    };
}

macro_rules! owns {
    () => {
        "owner depot { of on-hand }"
    };
}

/// A test of the mugs at one place: what is given, and what is expected.
macro_rules! tried {
    () => {
        tried!("depot on-hand at=lyon { MUG 3 }", "shop available at=lyon { MUG 3 }")
    };
    ($given:literal, $expect:literal) => {
        concat!("test mugs { given ", $given, "; expect ", $expect, " }")
    };
}
macro_rules! owns_hub {
    () => {
        "owner erp { of on-hand reserved; at paris }\nowner depot { of on-hand; at lyon }"
    };
}
macro_rules! to_shop {
    () => {
        to_shop!("")
    };
    ($more:literal) => {
        concat!("flow shop-stock { publish available to=shop; lag \"10m\" every=\"5m\"; ", $more, " }")
    };
}
macro_rules! to_till {
    () => {
        to_till!("")
    };
    ($more:literal) => {
        concat!("flow till-stock { publish available to=till; lag \"10m\" every=\"5m\"; ", $more, " }")
    };
}
macro_rules! to_web {
    () => {
        to_web!("")
    };
    ($more:literal) => {
        concat!("flow web-stock { publish available to=web; lag \"10m\" every=\"5m\"; ", $more, " }")
    };
}

/// Name, text, planted rules.
pub const CASES: &[(&str, &str, &[&str])] = &[
    // Owners.
    ("sound-pair", text![pair!(), owns!(), to_shop!()], &[]),
    ("sound-trio-apart", text![trio!(), to_shop!("items MUG"), to_till!("items LAMP")], &[]),
    ("sound-hub", text![hub!(), owns_hub!(), to_web!()], &[]),
    (
        "overlap-of-all",
        text![
            hub!(),
            "owner erp { of on-hand reserved; at paris lyon }",
            "owner depot { of on-hand; at lyon }",
            to_web!()
        ],
        &["owner-overlap"],
    ),
    (
        "overlap-without-at",
        text![hub!(), "owner erp { of on-hand reserved }", "owner depot { of on-hand; at lyon }", to_web!()],
        &["owner-overlap"],
    ),
    (
        "overlap-the-other-way-round",
        text![
            hub!(),
            "owner depot { of on-hand; at lyon paris }",
            "owner erp { of on-hand reserved; at paris }",
            to_web!()
        ],
        &["owner-overlap"],
    ),
    (
        "overlap-of-one-item",
        text![
            hub!(),
            "owner erp { of on-hand reserved; at paris }",
            "owner depot { of on-hand; at lyon }",
            "owner depot { of on-hand; at paris; items MUG }",
            to_web!()
        ],
        &["owner-overlap"],
    ),
    (
        "overlap-by-tag-and-name",
        text![
            hub!(),
            "owner erp { of on-hand reserved; at paris }",
            "owner erp { of on-hand; at lyon; items tag=light }",
            "owner depot { of on-hand; at lyon; items LAMP MUG }",
            to_web!()
        ],
        &["owner-overlap"],
    ),
    (
        "overlap-by-glob",
        text![
            hub!(),
            "owner erp { of on-hand reserved; at paris }",
            "owner erp { of on-hand; at lyon; items \"L*\" }",
            "owner depot { of on-hand; at lyon; except MUG }",
            to_web!("items LAMP")
        ],
        &["owner-overlap"],
    ),
    (
        "overlap-unneeded",
        text![
            pair!(),
            "system count kind=csv role=warehouse { levels \"c.csv\" { code sku; location site; on-hand q; damaged d } }",
            "location back { in depot BK; in count BK }",
            "owner depot { of on-hand; at lyon nice back }",
            "owner count { of on-hand; at back }",
            to_shop!()
        ],
        &["owner-overlap"],
    ),
    (
        "two-nodes-of-one-system",
        text![
            pair!(),
            "owner depot { of on-hand; at lyon }",
            "owner depot { of on-hand; at lyon nice }",
            to_shop!()
        ],
        &[],
    ),
    ("gap-of-a-place", text![pair!(), "owner depot { of on-hand; at lyon }", to_shop!()], &["owner-gap"]),
    ("gap-of-an-item", text![pair!(), "owner depot { of on-hand; items MUG }", to_shop!()], &["owner-gap"]),
    (
        "gap-of-a-tag",
        text![pair!(), "owner depot { of on-hand; items tag=kitchen }", to_shop!()],
        &["owner-gap"],
    ),
    ("gap-by-except", text![pair!(), "owner depot { of on-hand; except LAMP }", to_shop!()], &["owner-gap"]),
    ("gap-of-everything", text![pair!(), to_shop!()], &["owner-gap"]),
    (
        "gap-in-a-pool",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand; at lyon }",
            to_shop!()
        ],
        &["owner-gap"],
    ),
    (
        "gap-of-a-place-nobody-reads",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in shop B }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand }",
            to_shop!()
        ],
        &["owner-gap"],
    ),
    (
        "gap-of-reserved-forgotten",
        text![
            depot!("on-hand q; reserved r"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N; in shop B }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand }",
            "owner depot { of reserved; at lyon }",
            to_shop!()
        ],
        &["owner-gap"],
    ),
    (
        "gap-of-damaged-forgotten",
        text![
            depot!("on-hand q { net-of reserved }; damaged d"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N; in shop B }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand }",
            "owner depot { of damaged; at nice }",
            to_shop!()
        ],
        &["owner-gap"],
    ),
    (
        "gap-of-one-item-s-damaged",
        text![
            depot!("on-hand q { net-of reserved }; damaged d"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "item LAMP unit=ea { in depot L; in shop L }",
            "owner depot { of on-hand }",
            "owner depot { of damaged; items MUG }",
            to_shop!()
        ],
        &["owner-gap"],
    ),
    (
        "damaged-of-another-system",
        text![
            hub!(),
            "owner erp { of on-hand reserved; at paris }",
            "owner depot { of on-hand; at lyon }",
            to_web!()
        ],
        &[],
    ),
    (
        "gap-in-two-flows",
        text![
            trio!(),
            "item BOWL unit=ea { in shop B }",
            "flow a { publish available to=shop; items MUG; lag \"10m\" every=\"5m\" }",
            "flow b { publish available to=till; items LAMP; lag \"10m\" every=\"5m\" }",
            "flow c { publish available to=shop; items BOWL; lag \"10m\" every=\"5m\" }"
        ],
        &["owner-unmapped"],
    ),
    (
        "gap-of-what-comes-in",
        text![
            depot!("on-hand q { net-of reserved }"),
            channel!("shop", "incoming i"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "flow coming { publish incoming to=shop; lag \"10m\" every=\"5m\" }"
        ],
        &["owner-gap"],
    ),
    (
        "component-without-owner",
        text![
            pair!(),
            "item BOX unit=ea { in depot X }",
            "bundle GIFT { component BOX 1; in shop G }",
            "owner depot { of on-hand; items MUG LAMP }",
            to_shop!()
        ],
        &["component-unowned"],
    ),
    (
        "component-at-one-place",
        text![
            pair!(),
            "item BOX unit=ea { in depot X }",
            "bundle GIFT { component BOX 1; in shop G }",
            "owner depot { of on-hand; at lyon }",
            "owner depot { of on-hand; at nice; except BOX }",
            to_shop!()
        ],
        &["component-unowned"],
    ),
    (
        "component-sold-too",
        text![
            pair!(),
            "bundle GIFT { component MUG 1; in shop G }",
            "owner depot { of on-hand; items LAMP }",
            to_shop!("allow bundle-beside-component reason=\"few\"")
        ],
        &["owner-gap"],
    ),
    (
        "component-of-a-pool",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop A }",
            "item BOX unit=ea { in depot X }",
            "bundle GIFT { component BOX 2; in shop G }",
            "owner depot { of on-hand; at nice }",
            to_shop!()
        ],
        &["component-unowned"],
    ),
    (
        "component-nested",
        text![
            pair!(),
            "item BOX unit=ea { in depot X }",
            "bundle INNER { component BOX 1 }",
            "bundle OUTER { component INNER 2; in shop O }",
            "owner depot { of on-hand; except BOX }",
            to_shop!()
        ],
        &["component-unowned"],
    ),
    (
        "owner-lacks-a-code",
        text![pair!(), "item BOWL unit=ea { in shop B }", owns!(), to_shop!()],
        &["owner-unmapped"],
    ),
    (
        "owner-lacks-a-component",
        text![
            pair!(),
            "item BOX unit=ea { }",
            "bundle GIFT { component BOX 1; in shop G }",
            owns!(),
            to_shop!()
        ],
        &["item-unmapped", "owner-unmapped"],
    ),
    (
        "owner-has-a-code-elsewhere",
        text![pair!(), "item BOWL unit=ea { in shop B; in depot BW at=lyon }", owns!(), to_shop!()],
        &["owner-unmapped"],
    ),
    (
        "owner-knows-neither",
        text![hub!(), "item BOWL unit=ea { in web B }", owns_hub!(), to_web!()],
        &["owner-unmapped"],
    ),
    (
        "owner-of-one-place-lacks-it",
        text![hub!(), "item BOWL unit=ea { in web B; in erp B }", owns_hub!(), to_web!()],
        &["owner-unmapped"],
    ),
    (
        "owner-cannot-show-damaged",
        text![pair!(), "owner depot { of on-hand damaged }", to_shop!()],
        &["owner-cannot-read"],
    ),
    (
        "owner-cannot-show-reserved",
        text![pair!(), "owner depot { of on-hand reserved }", to_shop!()],
        &["owner-cannot-read"],
    ),
    (
        "erp-cannot-show-incoming",
        text![
            hub!(),
            "owner erp { of on-hand reserved incoming; at paris }",
            "owner depot { of on-hand; at lyon }",
            to_web!()
        ],
        &["owner-cannot-read"],
    ),
    (
        "channel-shows-no-on-hand",
        text![
            trio!(),
            "location shelf { in till S; in shop S }",
            "owner till { of on-hand; at shelf }",
            to_shop!("at shelf; items MUG"),
            "flow more { publish available to=shop; at lyon; lag \"10m\" every=\"5m\" }"
        ],
        &["owner-cannot-read"],
    ),
    (
        "vendure-shows-no-reserved",
        text![
            web!(),
            channel!("shop"),
            "location lyon { in web L; in shop A }",
            "item MUG unit=ea { in web M; in shop M }",
            "owner web { of on-hand reserved }",
            to_shop!()
        ],
        &["owner-cannot-read"],
    ),
    (
        "writes-to-erp",
        text![
            hub!(),
            owns_hub!(),
            "flow back { publish on-hand to=erp; at paris; lag \"10m\" every=\"5m\" }",
            to_web!()
        ],
        &["writes-to-owner"],
    ),
    (
        "writes-to-erp-without-at",
        text![
            erp!(),
            depot!("on-hand q"),
            "location paris { in erp P; in depot P }",
            "location lyon { in erp L; in depot L }",
            "item MUG unit=ea { in erp M; in depot M }",
            "owner erp { of on-hand; at paris }",
            "owner depot { of on-hand; at lyon }",
            "flow mirror { publish on-hand to=erp; lag \"10m\" every=\"5m\" }"
        ],
        &["writes-to-owner"],
    ),
    (
        "shop-owns-its-shelf",
        text![
            web!(),
            "location shelf { in web S }",
            "item MUG unit=ea { in web M }",
            "owner web { of on-hand }",
            to_web!("allow reserved-unowned reason=\"test\"")
        ],
        &["writes-to-owner"],
    ),
    (
        "owner-behind-a-pool",
        text![
            depot!(),
            web!(),
            "location lyon { in depot L }",
            "location shelf { in web S }",
            "location online { pool lyon shelf; in web O }",
            "item MUG unit=ea { in depot M; in web M }",
            "owner depot { of on-hand; at lyon }",
            "owner web { of on-hand; at shelf }",
            to_web!("at online; allow reserved-unowned reason=\"test\"")
        ],
        &["writes-to-owner"],
    ),
    (
        "owner-behind-a-bundle",
        text![
            web!(),
            "location shelf { in web S }",
            "item MUG unit=ea { in web M }",
            "bundle SIX { component MUG 6; in web SIX }",
            "owner web { of on-hand }",
            to_web!("items SIX; allow reserved-unowned reason=\"test\"")
        ],
        &["writes-to-owner"],
    ),
    (
        "target-owns-what-is-taken-off",
        text![
            depot!("on-hand q"),
            channel!("shop", "available a { net-of own-sales }; reserved r"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand }",
            "owner shop { of reserved }",
            to_shop!()
        ],
        &[],
    ),
    (
        "unused-place",
        text![
            pair!(),
            "location back { in depot BK }",
            "owner depot { of on-hand; at lyon nice }",
            "owner depot { of on-hand; at back }",
            to_shop!()
        ],
        &["owner-unused"],
    ),
    (
        "unused-quantity",
        text![
            depot!("on-hand q { net-of reserved }; incoming i"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            "owner depot { of incoming }",
            to_shop!()
        ],
        &["owner-unused"],
    ),
    (
        "unused-items",
        text![
            pair!(),
            "item BOWL unit=ea { in depot B }",
            "owner depot { of on-hand; except BOWL }",
            "owner depot { of on-hand; items BOWL }",
            to_shop!()
        ],
        &["owner-unused"],
    ),
    ("unused-without-a-flow", text![pair!(), owns!()], &["owner-unused"]),
    (
        "one-of-two-quantities-used",
        text![
            depot!("on-hand q { net-of reserved }; incoming i"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand incoming }",
            to_shop!()
        ],
        &[],
    ),
    // Flows.
    ("cycle-of-one", text![pair!(), "quantity x { plus on-hand x }"], &["flow-cycle"]),
    (
        "cycle-of-two",
        text![pair!(), "quantity x { plus on-hand; minus y }", "quantity y { plus x }"],
        &["flow-cycle"],
    ),
    (
        "cycle-of-three",
        text![pair!(), "quantity x { plus y }", "quantity y { plus z }", "quantity z { plus x }"],
        &["flow-cycle"],
    ),
    (
        "empty-by-items",
        text![
            pair!(),
            "item BOWL unit=ea { in depot B }",
            owns!(),
            to_shop!(),
            "flow more { publish available to=shop; items BOWL; lag \"10m\" every=\"5m\" }"
        ],
        &["flow-empty"],
    ),
    (
        "empty-by-except",
        text![
            pair!(),
            owns!(),
            to_shop!(),
            "flow more { publish available to=shop; items tag=light; except LAMP; lag \"10m\" every=\"5m\" }"
        ],
        &["flow-empty"],
    ),
    (
        "empty-by-place",
        text![
            depot!(),
            channel!("shop"),
            channel!("till"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M; in till M }",
            owns!(),
            to_shop!(),
            to_till!()
        ],
        &["flow-empty"],
    ),
    (
        "empty-by-code-place",
        text![
            pair!(),
            "item BOWL unit=ea { in depot B; in shop B at=nice }",
            owns!(),
            to_shop!("except BOWL"),
            "flow more { publish available to=shop; items BOWL; at lyon; lag \"10m\" every=\"5m\" }"
        ],
        &["flow-empty"],
    ),
    (
        "shop-takes-no-on-hand",
        text![
            pair!(),
            owns!(),
            "flow whole { publish on-hand to=shop; lag \"10m\" every=\"5m\" }",
            to_shop!()
        ],
        &["target-cannot-take"],
    ),
    (
        "erp-takes-no-available",
        text![
            hub!(),
            owns_hub!(),
            to_web!(),
            "flow back { publish available to=erp; at lyon; lag \"10m\" every=\"5m\" }"
        ],
        &["target-cannot-take"],
    ),
    (
        "vendure-takes-no-damaged",
        text![
            depot!("on-hand q { net-of reserved }; damaged d"),
            web!(),
            "location lyon { in depot L; in web L }",
            "item MUG unit=ea { in depot M; in web M }",
            "owner depot { of on-hand damaged }",
            to_web!(),
            "flow bad { publish damaged to=web; lag \"10m\" every=\"5m\" }"
        ],
        &["target-cannot-take"],
    ),
    (
        "feed-is-no-target",
        text![
            hub!(),
            owns_hub!(),
            to_web!(),
            "flow back { publish on-hand to=depot; at paris; lag \"10m\" every=\"5m\" }"
        ],
        &["target-cannot-take"],
    ),
    (
        "database-without-set",
        text![
            depot!(),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["target-cannot-take"],
    ),
    (
        "own-quantity-without-column",
        text![
            pair!(),
            "quantity sellable { plus on-hand; minus damaged }",
            owns!(),
            "flow shop-stock { publish sellable to=shop; lag \"10m\" every=\"5m\" }"
        ],
        &["target-cannot-take"],
    ),
    (
        "gross-from-net",
        text![
            depot!(),
            "system books kind=csv role=erp { levels \"b.csv\" { code sku; location site; on-hand q }; publish \"b.csv\" }",
            "location lyon { in depot L; in books L }",
            "item MUG unit=ea { in depot M; in books M }",
            owns!(),
            "flow books-stock { publish on-hand to=books; lag \"10m\" every=\"5m\" }"
        ],
        &["net-of-mismatch"],
    ),
    (
        "gross-to-vendure-from-net",
        text![
            depot!(),
            web!(),
            "location lyon { in depot L; in web L }",
            "item MUG unit=ea { in depot M; in web M }",
            owns!(),
            "flow web-stock { publish on-hand to=web; lag \"10m\" every=\"5m\" }"
        ],
        &["net-of-mismatch"],
    ),
    (
        "net-of-damaged-too",
        text![
            depot!("on-hand q { net-of reserved damaged }; reserved r"),
            web!(),
            "location lyon { in depot L; in web L }",
            "item MUG unit=ea { in depot M; in web M }",
            "owner depot { of on-hand reserved }",
            "flow web-stock { publish on-hand to=web; lag \"10m\" every=\"5m\" }"
        ],
        &["net-of-mismatch"],
    ),
    (
        "put-back-from-what-is-shown",
        text![
            depot!("on-hand q { net-of reserved }; reserved r"),
            web!(),
            "location lyon { in depot L; in web L }",
            "item MUG unit=ea { in depot M; in web M }",
            "owner depot { of on-hand reserved }",
            "flow web-stock { publish on-hand to=web; lag \"10m\" every=\"5m\" }"
        ],
        &[],
    ),
    (
        "own-sum-from-net",
        text![
            depot!(),
            channel!("shop", "whole q"),
            "quantity whole { plus on-hand; minus damaged }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            "flow shop-stock { publish whole to=shop; lag \"10m\" every=\"5m\" }"
        ],
        &["net-of-mismatch"],
    ),
    (
        "net-of-unsaid",
        text![
            depot!(),
            channel!("shop", "available q"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["net-of-unknown"],
    ),
    (
        "net-of-unsaid-twice",
        text![
            depot!(),
            channel!("shop", "available q"),
            channel!("till", "available q"),
            "location lyon { in depot L; in shop A; in till A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "item LAMP unit=ea { in depot L; in till L }",
            owns!(),
            to_shop!(),
            to_till!()
        ],
        &["net-of-unknown", "net-of-unknown"],
    ),
    (
        "net-of-unsaid-in-a-warehouse",
        text![
            depot!("on-hand q { net-of reserved }; available a"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &[],
    ),
    (
        "incoming-sold",
        text![
            depot!("on-hand q { net-of reserved }; incoming i"),
            channel!("shop", "soon q { net-of own-sales }"),
            "quantity soon { plus on-hand incoming; minus reserved }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand incoming }",
            "flow s { publish soon to=shop; lag \"10m\" every=\"5m\" }"
        ],
        &["promise-incoming"],
    ),
    (
        "transit-sold",
        text![
            depot!("on-hand q { net-of reserved }; in-transit i"),
            channel!("shop", "soon q { net-of own-sales }"),
            "quantity soon { plus on-hand in-transit; minus reserved }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand in-transit }",
            "flow s { publish soon to=shop; lag \"10m\" every=\"5m\" }"
        ],
        &["promise-incoming"],
    ),
    (
        "incoming-to-the-books",
        text![
            depot!("on-hand q; incoming i"),
            "system books kind=csv role=erp { levels \"b.csv\" { code sku; location site; soon q }; publish \"b.csv\" }",
            "quantity soon { plus on-hand incoming }",
            "location lyon { in depot L; in books L }",
            "item MUG unit=ea { in depot M; in books M }",
            "owner depot { of on-hand incoming }",
            "flow s { publish soon to=books; lag \"10m\" every=\"5m\" }"
        ],
        &[],
    ),
    (
        "two-flows-all",
        text![
            pair!(),
            owns!(),
            to_shop!(),
            "flow again { publish available to=shop; lag \"10m\" every=\"5m\" }"
        ],
        &["two-flows-one-cell"],
    ),
    (
        "two-flows-one-place",
        text![
            pair!(),
            owns!(),
            to_shop!("at lyon nice"),
            "flow again { publish available to=shop; at nice; lag \"10m\" every=\"5m\" }"
        ],
        &["two-flows-one-cell"],
    ),
    (
        "two-flows-one-item",
        text![
            pair!(),
            owns!(),
            to_shop!("items MUG"),
            "flow again { publish available to=shop; items MUG LAMP; lag \"10m\" every=\"5m\" }"
        ],
        &["two-flows-one-cell"],
    ),
    (
        "two-flows-one-bundle",
        text![
            pair!(),
            "item BOX unit=ea { in depot X }",
            "bundle GIFT { component BOX 1; in shop G }",
            owns!(),
            to_shop!(),
            "flow again { publish available to=shop; items GIFT; lag \"10m\" every=\"5m\" }"
        ],
        &["two-flows-one-cell"],
    ),
    (
        "two-quantities-one-column",
        text![
            depot!("on-hand q; reserved r"),
            web!(),
            "location lyon { in depot L; in web L }",
            "item MUG unit=ea { in depot M; in web M }",
            "owner depot { of on-hand reserved }",
            to_web!(),
            "flow whole { publish on-hand to=web; lag \"10m\" every=\"5m\" }"
        ],
        &["two-flows-one-cell"],
    ),
    (
        "three-flows",
        text![
            pair!(),
            owns!(),
            to_shop!(),
            "flow b { publish available to=shop; items MUG; lag \"10m\" every=\"5m\" }",
            "flow c { publish available to=shop; items LAMP; lag \"10m\" every=\"5m\" }"
        ],
        &["two-flows-one-cell", "two-flows-one-cell"],
    ),
    (
        "reserved-by-nobody",
        text![
            depot!("on-hand q"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["reserved-unowned"],
    ),
    (
        "reserved-at-one-place",
        text![
            erp!(),
            depot!("on-hand q"),
            web!(),
            "location paris { in erp P; in web P }",
            "location lyon { in depot L; in web L }",
            "item MUG unit=ea { in erp M; in depot M; in web M }",
            owns_hub!(),
            to_web!()
        ],
        &["reserved-unowned"],
    ),
    (
        "reserved-of-a-pool",
        text![
            depot!("on-hand q"),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["reserved-unowned"],
    ),
    (
        "reserved-to-the-books",
        text![
            depot!("on-hand q"),
            "system books kind=csv role=erp { levels \"b.csv\" { code sku; location site; available q }; publish \"b.csv\" }",
            "location lyon { in depot L; in books L }",
            "item MUG unit=ea { in depot M; in books M }",
            owns!(),
            "flow s { publish available to=books; lag \"10m\" every=\"5m\" }"
        ],
        &[],
    ),
    (
        "orders-of-a-shop",
        text![
            depot!(),
            channel!("shop", "available q { net-of own-sales }", ""),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["orders-unaccounted"],
    ),
    (
        "orders-of-vendure",
        text![
            erp!(),
            web!(""),
            "location paris { in erp P; in web P }",
            "item MUG unit=ea { in erp M; in web M }",
            "owner erp { of on-hand reserved }",
            to_web!()
        ],
        &["orders-unaccounted"],
    ),
    (
        "orders-of-two",
        text![
            depot!(),
            channel!("shop", "available q { net-of own-sales }", ""),
            channel!("till", "available q { net-of own-sales }", ""),
            "location lyon { in depot L; in shop A; in till A }",
            "item MUG unit=ea { in depot M; in shop M }",
            "item LAMP unit=ea { in depot L; in till L }",
            owns!(),
            to_shop!(),
            to_till!()
        ],
        &["orders-unaccounted", "orders-unaccounted"],
    ),
    (
        "orders-of-the-unpublished",
        text![
            depot!(),
            channel!("shop"),
            channel!("till", "available q { net-of own-sales }", ""),
            "location lyon { in depot L; in shop A; in till A }",
            "item MUG unit=ea { in depot M; in shop M; in till M }",
            owns!(),
            to_shop!()
        ],
        &[],
    ),
    (
        "absolute-set",
        text![
            depot!(),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; set \"update s set q = :after where sku = :code and site = :location\"; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["absolute-write"],
    ),
    (
        "before-in-a-comment",
        text![
            depot!(),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; set \"update s set q = :after where sku = :code and site = :location -- and q = :before\"; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["absolute-write"],
    ),
    (
        "before-in-a-text",
        text![
            depot!(),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; set \"update s set q = :after, why = ':before' where sku = :code and site = :location\"; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["absolute-write"],
    ),
    (
        "before-as-a-cast",
        text![
            depot!(),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; set \"update s set q = :after where sku = :code and site = :location and q = 1::before\"; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["absolute-write"],
    ),
    (
        "before-with-a-cast",
        text![
            depot!(),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; set \"update s set q = :after where sku = :code and site = :location and q = :before::int\"; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &[],
    ),
    (
        "zero-without-complete",
        text![
            depot!("on-hand q { net-of reserved }; absent zero"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["absent-zero"],
    ),
    (
        "zero-with-complete",
        text![
            depot!("on-hand q { net-of reserved }; absent zero; complete"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &[],
    ),
    ("one-shelf-two-channels", text![trio!(), to_shop!(), to_till!()], &["shared-pool"]),
    ("one-item-two-channels", text![trio!(), to_shop!(), to_till!("items MUG")], &["shared-pool"]),
    ("one-place-two-channels", text![trio!(), to_shop!(), to_till!("at nice")], &["shared-pool"]),
    ("apart-by-place", text![trio!(), to_shop!("at lyon"), to_till!("at nice")], &[]),
    (
        "three-channels",
        text![
            trio!(),
            channel!("fair"),
            "location far { in depot F; in fair F; in shop F; in till F }",
            to_shop!(),
            to_till!(),
            "flow fair-stock { publish available to=fair; lag \"10m\" every=\"5m\" }"
        ],
        &["shared-pool", "flow-empty"],
    ),
    (
        "two-packs",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { pack six 6; in depot M; in shop M; in shop M6 unit=six }",
            owns!(),
            to_shop!()
        ],
        &["shared-pool"],
    ),
    (
        "two-packs-two-places",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N; in shop B }",
            "item MUG unit=ea { pack six 6; in depot M; in shop M at=lyon; in shop M6 unit=six at=nice }",
            owns!(),
            to_shop!()
        ],
        &[],
    ),
    (
        "pool-and-member-in-two-shops",
        text![
            depot!(),
            channel!("shop"),
            channel!("till"),
            "location lyon { in depot L; in till A }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M; in till M }",
            owns!(),
            to_shop!(),
            to_till!()
        ],
        &["shared-pool"],
    ),
    (
        "bundle-and-component",
        text![pair!(), "bundle SIX { component MUG 6; in shop SIX }", owns!(), to_shop!()],
        &["bundle-beside-component"],
    ),
    (
        "two-bundles",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M }",
            "bundle SIX { component MUG 6; in shop SIX }",
            "bundle TWO { component MUG 2; in shop TWO }",
            owns!(),
            to_shop!()
        ],
        &["bundle-beside-component"],
    ),
    (
        "one-bundle-two-shops",
        text![
            depot!(),
            channel!("shop"),
            channel!("till"),
            "location lyon { in depot L; in shop A; in till A }",
            "item MUG unit=ea { in depot M }",
            "bundle SIX { component MUG 6; in shop SIX; in till SIX }",
            owns!(),
            to_shop!(),
            to_till!()
        ],
        &["bundle-beside-component"],
    ),
    (
        "bundle-here-component-there",
        text![
            trio!(),
            "bundle SIX { component MUG 6; in till SIX }",
            to_shop!("items MUG"),
            to_till!("items SIX")
        ],
        &["bundle-beside-component"],
    ),
    (
        "bundle-and-component-in-two-flows",
        text![
            pair!(),
            "bundle SIX { component MUG 6; in shop SIX }",
            owns!(),
            to_shop!("except SIX"),
            "flow boxes { publish available to=shop; items SIX; lag \"10m\" every=\"5m\" }"
        ],
        &["bundle-beside-component"],
    ),
    (
        "bundle-shelf-and-pack",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { pack six 6; in depot M; in shop M; in shop M6 unit=six }",
            "bundle TWO { component MUG 2; in shop TWO }",
            owns!(),
            to_shop!()
        ],
        &["bundle-beside-component", "shared-pool"],
    ),
    // Places and pools.
    (
        "bundle-owned",
        text![
            pair!(),
            "bundle SIX { component MUG 6; in shop SIX }",
            "owner depot { of on-hand; items MUG LAMP SIX }",
            to_shop!("except SIX")
        ],
        &["bundle-counted"],
    ),
    (
        "bundle-owned-beside",
        text![
            pair!(),
            "bundle SIX { component MUG 6 }",
            owns!(),
            "owner depot { of on-hand; items SIX }",
            to_shop!()
        ],
        &["bundle-counted"],
    ),
    (
        "flow-to-an-unknown-place",
        text![pair!(), "location back { in depot BK }", owns!(), to_shop!("at lyon back")],
        &["location-unmapped"],
    ),
    (
        "flow-only-to-an-unknown-place",
        text![
            pair!(),
            "location back { in depot BK }",
            owns!(),
            to_shop!("at lyon nice"),
            "flow more { publish available to=shop; at back; lag \"10m\" every=\"5m\" }"
        ],
        &["location-unmapped"],
    ),
    (
        "owner-of-an-unknown-place",
        text![
            pair!(),
            "location back { in shop BK }",
            "owner depot { of on-hand; at lyon nice back }",
            to_shop!()
        ],
        &["location-unmapped"],
    ),
    (
        "owner-of-an-unneeded-unknown-place",
        text![
            pair!(),
            "location back { in shop BK }",
            owns!(),
            "owner depot { of on-hand; at back }",
            to_shop!("at lyon nice")
        ],
        &["location-unmapped"],
    ),
    (
        "pool-without-code",
        text![pair!(), "location online { pool lyon nice }", owns!(), to_shop!("at online")],
        &["location-unmapped"],
    ),
    (
        "two-unknown-places",
        text![
            pair!(),
            "location back { in depot BK }",
            "location front { in depot FR }",
            owns!(),
            to_shop!("at lyon back front")
        ],
        &["location-unmapped", "location-unmapped"],
    ),
    (
        "pool-named-by-an-owner",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in depot ALL; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand; at online }",
            to_shop!()
        ],
        &["pool-owned"],
    ),
    (
        "pool-named-without-code",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand; at lyon nice online }",
            to_shop!()
        ],
        &["pool-owned"],
    ),
    (
        "pool-in-a-feed",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in depot ALL; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["pool-owned"],
    ),
    (
        "pool-and-member",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["pool-beside-member"],
    ),
    (
        "pool-and-member-named",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N; in shop B }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!("at nice online")
        ],
        &["pool-beside-member"],
    ),
    (
        "pool-and-member-in-two-flows",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!("at online"),
            "flow more { publish available to=shop; at lyon; lag \"10m\" every=\"5m\" }"
        ],
        &["pool-beside-member"],
    ),
    (
        "two-pools",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location north { pool lyon; in shop A }",
            "location all { pool lyon nice; in shop B }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["pool-beside-member"],
    ),
    (
        "pool-in-a-pool",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }",
            "location nice { in depot N }",
            "location inner { pool lyon; in shop A }",
            "location outer { pool inner nice; in shop B }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["pool-beside-member"],
    ),
    (
        "pool-and-member-of-other-items",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            "item LAMP unit=ea { in depot L; in shop L }",
            owns!(),
            to_shop!("at online; items MUG"),
            "flow more { publish available to=shop; at lyon; items LAMP; lag \"10m\" every=\"5m\" }"
        ],
        &[],
    ),
    // Time and safety.
    ("no-lag", text![pair!(), owns!(), "flow shop-stock { publish available to=shop }"], &["lag-missing"]),
    (
        "no-lag-but-every",
        text![pair!(), owns!(), "flow shop-stock { publish available to=shop; lag every=\"5m\" }"],
        &["lag-missing"],
    ),
    (
        "slow",
        text![pair!(), owns!(), "flow shop-stock { publish available to=shop; lag \"16m\" every=\"5m\" }"],
        &["lag-slow"],
    ),
    (
        "slow-enough",
        text![pair!(), owns!(), "flow shop-stock { publish available to=shop; lag \"15m\" every=\"5m\" }"],
        &[],
    ),
    (
        "no-cadence",
        text![pair!(), owns!(), "flow shop-stock { publish available to=shop; lag \"15m\" }"],
        &["cadence-missing"],
    ),
    (
        "slow-and-no-cadence",
        text![pair!(), owns!(), "flow shop-stock { publish available to=shop; lag \"1d\" }"],
        &["lag-slow", "cadence-missing"],
    ),
    ("all-may-change", text![pair!(), owns!(), to_shop!("guard max-changed=\"100%\"")], &["guard-toothless"]),
    (
        "all-may-vanish",
        text![pair!(), owns!(), to_shop!("guard max-zeroed=\"100%\" max-raised=\"100%\"")],
        &["guard-toothless"],
    ),
    ("almost-all-may-change", text![pair!(), owns!(), to_shop!("guard max-changed=\"99%\"")], &[]),
    (
        "stamps-without-zone",
        text![
            depot!("on-hand q { net-of reserved }; as-of stamp"),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["time-without-zone"],
    ),
    (
        "stamps-with-zone",
        text![
            depot!("on-hand q { net-of reserved }; as-of stamp", "timezone \"Europe/Paris\""),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &[],
    ),
    (
        "age-of-a-file",
        text![
            depot!("on-hand q { net-of reserved }", "stale-after \"30m\""),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["age-unknown"],
    ),
    ("age-of-a-live-system", text![hub!(), owns_hub!(), to_web!()], &[]),
    (
        "key-over-http",
        text!["system web kind=vendure role=channel { url \"http://shop.example/admin-api\"; key (env)K }"],
        &["plain-http"],
    ),
    (
        "password-over-http",
        text![
            "system erp kind=tryton role=erp { url \"http://10.0.0.4:8000\"; database d; user u; password (env)P }"
        ],
        &["plain-http"],
    ),
    (
        "key-over-loopback",
        text![
            "system web kind=vendure role=channel { url \"http://127.0.0.1:3000/admin-api\"; key (env)K }",
            "system erp kind=tryton role=erp { url \"http://[::1]:8000\"; database d; user u; password (env)P }"
        ],
        &[],
    ),
    // Several at once.
    (
        "gap-and-slow",
        text![
            pair!(),
            "owner depot { of on-hand; at lyon }",
            "flow shop-stock { publish available to=shop; lag \"3h\" every=\"1h\" }"
        ],
        &["owner-gap", "lag-slow"],
    ),
    (
        "overlap-and-orders",
        text![
            erp!(),
            depot!(),
            web!(""),
            "location lyon { in erp L; in depot L; in web L }",
            "item MUG unit=ea { in erp M; in depot M; in web M }",
            "owner erp { of on-hand reserved }",
            "owner depot { of on-hand }",
            to_web!()
        ],
        &["owner-overlap", "orders-unaccounted"],
    ),
    (
        "pool-and-place",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "location nice { in depot N }",
            "location online { pool lyon nice; in shop O }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand; at lyon nice online }",
            to_shop!()
        ],
        &["pool-owned", "pool-beside-member"],
    ),
    (
        "unmapped-and-unreadable",
        text![
            pair!(),
            "item BOWL unit=ea { in shop B }",
            "owner depot { of on-hand safety-stock }",
            to_shop!()
        ],
        &["owner-unmapped", "owner-cannot-read"],
    ),
    (
        "allocation-leaves-a-channel-out",
        text![
            trio!(),
            channel!("fair"),
            "location rome { in depot R; in shop R; in till R; in fair R }",
            "item VASE unit=ea { in depot V; in shop V; in till V; in fair V }",
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "flow fair-stock { publish available to=fair; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1 }"
        ],
        &["allocation-outside"],
    ),
    (
        "allocation-names-an-owner",
        text![
            pair!(),
            "item SET-PART unit=ea { in depot P; in shop P; in shop P-2 }",
            owns!(),
            to_shop!(),
            "allocation fronts { among shop depot; weights shop=3 depot=1 }"
        ],
        &["allocation-outside"],
    ),
    (
        "allocation-names-an-idle-channel",
        text![
            trio!(),
            owns!(),
            "bundle SET { component MUG 2; in shop SET }",
            to_shop!(),
            "allocation fronts { among shop till; weights shop=3 till=1 }"
        ],
        &["allocation-outside"],
    ),
    (
        "allocation-over-shelves-apart",
        text![
            trio!(),
            owns!(),
            "bundle SET { component MUG 2; in shop SET }",
            "flow shop-stock { publish available to=shop; except LAMP; lag \"10m\" every=\"5m\" }",
            "flow till-stock { publish available to=till; items LAMP; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1 }"
        ],
        &["allocation-outside"],
    ),
    (
        "two-allocations-over-one-shelf",
        text![
            trio!(),
            owns!(),
            "bundle SET { component MUG 2; component LAMP 1; in shop SET; in till SET }",
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop; weights shop=1 }",
            "allocation tills { among till; weights till=1 }"
        ],
        &["allocation-outside"],
    ),
    (
        "allocation-without-weight",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-weight-of-nothing",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=0 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-weight-below-nothing",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=-3 till=1 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-weight-outside",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1 depot=2 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-inside-weight-of-nothing",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1; inside shop MUG=0 LAMP=2 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-inside-another",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1; inside depot MUG=2 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-inside-twice",
        text![
            trio!(),
            owns!(),
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1; inside shop MUG=2; inside shop LAMP=1 }"
        ],
        &["allocation-weight"],
    ),
    (
        "allocation-divides-all",
        text![
            trio!(),
            owns!(),
            "bundle SET { component MUG 2; component LAMP 1; in shop SET; in till SET }",
            to_shop!(),
            "flow till-stock { publish available to=till; lag \"10m\" every=\"5m\" }",
            "allocation fronts { among shop till; weights shop=3 till=1; inside shop MUG=2 SET=1; pooled-above 40 }"
        ],
        &[],
    ),
    (
        "absolute-and-zero",
        text![
            depot!("on-hand q { net-of reserved }; absent zero"),
            "system shop kind=sql role=channel { url \"sqlite:s.db\"; levels \"select * from s\" { code sku; location site; available q { net-of own-sales } }; set \"update s set q = :after where sku = :code and site = :location\"; orders none }",
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M }",
            owns!(),
            to_shop!()
        ],
        &["absolute-write", "absent-zero"],
    ),
    ("test-sound", text![pair!(), owns!(), to_shop!(), tried!()], &[]),
    (
        "test-of-another-quantity",
        text![
            pair!(),
            owns!(),
            to_shop!(),
            tried!("depot on-hand at=lyon { MUG 3 }", "shop on-hand at=lyon { MUG 3; LAMP 0 }")
        ],
        &["test-unpublished"],
    ),
    (
        "test-of-another-place",
        text![
            pair!(),
            owns!(),
            "flow shop-stock { publish available to=shop; at nice; lag \"10m\" every=\"5m\" }",
            tried!()
        ],
        &["test-unpublished"],
    ),
    (
        "test-gives-the-target",
        text![
            pair!(),
            owns!(),
            to_shop!(),
            tried!("shop on-hand at=lyon { MUG 3 }", "shop available at=lyon { MUG 0 }")
        ],
        &["test-not-owner"],
    ),
    (
        "test-gives-what-nobody-asks-for",
        text![
            pair!(),
            owns!(),
            to_shop!(),
            tried!("depot incoming at=lyon { MUG 3 }", "shop available at=lyon { MUG 0 }")
        ],
        &["test-not-owner"],
    ),
    (
        "test-gives-a-bundle",
        text![
            pair!(),
            "bundle SIX { component MUG 6; in shop SIX }",
            owns!(),
            "flow shop-stock { publish available to=shop; lag \"10m\" every=\"5m\"; allow bundle-beside-component reason=\"small\" }",
            tried!("depot on-hand at=lyon { SIX 3 }", "shop available at=lyon { SIX 0 }")
        ],
        &["bundle-counted"],
    ),
    (
        "test-where-nobody-owns",
        text![pair!(), "owner depot { of on-hand; at nice }", to_shop!(), tried!()],
        &["owner-gap"],
    ),
    (
        "test-of-an-empty-flow",
        text![
            pair!(),
            owns!(),
            "flow shop-stock { publish available to=shop; items tag=garden; lag \"10m\" every=\"5m\" }",
            tried!()
        ],
        &["flow-empty", "owner-unused"],
    ),
    (
        "test-of-a-place-that-the-target-has-not",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L }\nlocation nice { in depot N; in shop B }",
            "item MUG unit=ea { in depot M; in shop M }",
            "owner depot { of on-hand; at nice lyon }",
            "flow shop-stock { publish available to=shop; at lyon nice; lag \"10m\" every=\"5m\" }",
            tried!()
        ],
        &["location-unmapped"],
    ),
    (
        "test-of-a-code-that-is-lost",
        text![
            depot!(),
            channel!("shop"),
            "location lyon { in depot L; in shop A }",
            "item MUG unit=ea { in depot M; in shop M unit=crate }",
            owns!(),
            to_shop!(),
            tried!()
        ],
        &["unknown-name"],
    ),
];

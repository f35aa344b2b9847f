//! Topologies broken by hand in time and in who looks after them: name, `onhand.kdl`, planted rules.

macro_rules! alert {
    () => {
        "alert { to webhook=(env)OPS_WEBHOOK }\n"
    };
}
macro_rules! review {
    () => {
        "review { by \"ops@example.com\"; daily \"09:00\" }\n"
    };
}
macro_rules! rollback {
    () => {
        "rollback keep=\"30d\"\n"
    };
}
macro_rules! care {
    () => {
        concat!(alert!(), review!(), rollback!())
    };
}

/// A whole topology: a head, then lines.
macro_rules! text {
    ($($line:expr),* $(,)?) => { concat!("onhand language=1\nunit ea\n", $($line, "\n"),*) };
}

/// An ERP that owns everything and a web shop; what the two nodes and the shop's flow say more.
macro_rules! hub {
    ($erp:literal, $web:literal, $flow:literal) => {
        concat!(
            "system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P; ",
            $erp,
            " }\n",
            "system web kind=vendure role=channel { url (env)W; key (env)K; ",
            $web,
            " }\n",
            "location paris { in erp P; in web P }\nlocation lyon { in erp L; in web L }\n",
            "item MUG unit=ea { in erp M; in web M }\nitem LAMP unit=ea { in erp L; in web L }\n",
            "owner erp { of on-hand reserved }\n",
            "flow web-stock { publish available to=web; ",
            $flow,
            " }\n"
        )
    };
}
macro_rules! quick {
    ($erp:literal, $web:literal) => {
        hub!($erp, $web, "lag \"10m\" every=\"5m\"")
    };
}

/// A depot feeds an ERP, and the ERP a web shop: what the three nodes say more.
macro_rules! chain {
    ($erp:literal, $into:literal, $flow:literal) => {
        concat!(
            "system depot kind=csv role=warehouse { levels \"d.csv\" { code sku; location site; on-hand q; damaged b } }\n",
            "system erp kind=sql role=erp {\n    url \"sqlite:erp.db\"\n",
            "    levels \"select * from s\" { code sku; location site; on-hand q { net-of reserved }; damaged b }\n",
            "    set \"update s set b = :after where sku = :code and site = :location and b = :before\"\n    ", $erp, "\n}\n",
            "system web kind=vendure role=channel { url (env)W; key (env)K; orders none }\n",
            "location paris { in depot P; in erp P; in web P }\nitem MUG unit=ea { in depot M; in erp M; in web M }\n",
            "owner depot { of damaged }\nowner erp { of on-hand }\n",
            "flow into-erp { publish damaged to=erp; ", $into, " }\n",
            "flow web-stock { publish available to=web; ", $flow, " }\n"
        )
    };
}

macro_rules! collect {
    ($lag:literal) => {
        concat!(
            "flow web-orders { collect orders cancellations returns from=web; ",
            "post to=erp as=sale { party WEB; reference \"{order}\" }; restock returns=on-hand; ",
            $lag,
            " }"
        )
    };
}

/// Name, text, planted rules.
pub const CASES: &[(&str, &str, &[&str])] = &[
    ("sound-in-time", text![quick!("", "orders none"), care!()], &[]),
    (
        "sound-chain",
        text![chain!("stale-after \"1h\"", "lag \"1h\" every=\"4m\"", "lag \"10m\" every=\"5m\""), care!()],
        &[],
    ),
    (
        "sound-orders",
        text![quick!("", ""), collect!("lag \"10m\" every=\"5m\" reconcile=\"24h\""), care!()],
        &[],
    ),
    // Lags.
    (
        "run-too-seldom",
        text![hub!("", "orders none", "lag \"10m\" every=\"10m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "reads-too-slow",
        text![hub!("limit takes=\"3m\"", "orders none", "lag \"10m\" every=\"5m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "rate-too-low",
        text![hub!("", "orders none\n    limit \"20/h\"", "lag \"10m\" every=\"5m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "pages-too-small",
        text![hub!("limit page=1 takes=\"80s\"", "orders none", "lag \"10m\" every=\"5m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "writes-too-slow",
        text![hub!("", "orders none\n    limit takes=\"80s\" batch=1", "lag \"10m\" every=\"5m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "all-changes",
        text![
            hub!(
                "",
                "orders none\n    limit takes=\"30s\" batch=1",
                "lag \"10m\" every=\"5m\" changes=\"100%\""
            ),
            care!()
        ],
        &["lag-unreachable"],
    ),
    (
        "few-change",
        text![hub!("", "orders none\n    limit takes=\"30s\" batch=1", "lag \"10m\" every=\"5m\""), care!()],
        &[],
    ),
    (
        "orders-too-seldom",
        text![quick!("", ""), collect!("lag \"10m\" every=\"10m\" reconcile=\"24h\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "late-behind",
        text![chain!("", "lag \"1h\" every=\"20m\"", "lag \"10m\" every=\"5m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "late-behind-and-mended-there",
        text![chain!("", "lag \"10m\" every=\"20m\"", "lag \"10m\" every=\"5m\""), care!()],
        &["lag-unreachable"],
    ),
    (
        "stale-before-it-is-renewed",
        text![chain!("stale-after \"2m\"", "lag \"1h\" every=\"4m\"", "lag \"10m\" every=\"5m\""), care!()],
        &["stale-sooner-than-lag"],
    ),
    ("orders-without-lag", text![quick!("", ""), collect!(""), care!()], &["lag-missing"]),
    (
        "orders-slow",
        text![quick!("", ""), collect!("lag \"1h\" every=\"5m\" reconcile=\"24h\""), care!()],
        &["lag-slow"],
    ),
    (
        "orders-started-by-nobody",
        text![quick!("", ""), collect!("lag \"10m\" reconcile=\"24h\""), care!()],
        &["cadence-missing"],
    ),
    // Windows and calendars.
    (
        "window-at-night",
        text![
            hub!("", "orders none", "lag \"10m\" every=\"5m\"; window from=\"06:00\" to=\"22:00\""),
            care!()
        ],
        &["window-breaks-lag"],
    ),
    (
        "window-of-a-calendar",
        text![
            "calendar shop { open mon tue wed thu fri from=\"08:00\" to=\"18:00\" }",
            hub!("", "orders none", "lag \"10m\" every=\"5m\"; window calendar=shop"),
            care!()
        ],
        &["window-breaks-lag"],
    ),
    (
        "window-in-its-own-time",
        text![
            "calendar shop { open mon tue wed thu fri from=\"08:00\" to=\"18:00\" }",
            hub!("", "orders none", "lag \"10m\" every=\"5m\" calendar=shop; window calendar=shop"),
            care!()
        ],
        &[],
    ),
    (
        "window-shorter-than-the-lag-s-hours",
        text![
            "calendar shop { open mon tue wed thu fri from=\"08:00\" to=\"18:00\" }",
            hub!(
                "",
                "orders none",
                "lag \"10m\" every=\"5m\" calendar=shop; window from=\"09:00\" calendar=shop"
            ),
            care!()
        ],
        &["window-breaks-lag"],
    ),
    (
        "window-behind",
        text![
            "calendar shop { open mon tue wed thu fri from=\"08:00\" to=\"18:00\" }",
            chain!(
                "",
                "lag \"1h\" every=\"2m\" calendar=shop; window calendar=shop",
                "lag \"10m\" every=\"5m\""
            ),
            care!()
        ],
        &["window-breaks-lag"],
    ),
    (
        "window-behind-mended-there",
        text![
            chain!(
                "",
                "lag \"1h\" every=\"2m\"; window from=\"06:00\" to=\"22:00\"",
                "lag \"10m\" every=\"5m\""
            ),
            care!()
        ],
        &["window-breaks-lag"],
    ),
    (
        "calendar-of-nothing",
        text!["calendar shop { open sat sun; closed sat sun }", quick!("", "orders none"), care!()],
        &["calendar-closed"],
    ),
    (
        "calendar-of-nothing-in-use",
        text![
            "calendar shop { open sat sun; closed sat sun }",
            hub!("", "orders none", "lag \"10m\" every=\"5m\" calendar=shop; window calendar=shop"),
            care!()
        ],
        &["calendar-closed"],
    ),
    (
        "window-outside-of-its-calendar",
        text![
            "calendar shop { open mon tue from=\"08:00\" to=\"18:00\" }",
            hub!(
                "",
                "orders none",
                "lag \"10m\" every=\"5m\"; window from=\"19:00\" to=\"23:00\" calendar=shop"
            ),
            care!()
        ],
        &["calendar-closed"],
    ),
    (
        "too-many-writes",
        text![quick!("", "orders none\n    limit writes=\"250/d\""), care!()],
        &["write-cap"],
    ),
    (
        "too-many-writes-an-hour",
        text![quick!("", "orders none\n    limit writes=\"11/h\""), care!()],
        &["write-cap"],
    ),
    ("as-many-writes-as-allowed", text![quick!("", "orders none\n    limit writes=\"12/h\""), care!()], &[]),
    // Credentials; the scene is 2026-11-22.
    (
        "ran-out",
        text![quick!("credential expires=\"2026-11-21\"", "orders none"), care!()],
        &["credential-expired"],
    ),
    (
        "runs-out-today",
        text![quick!("credential expires=\"2026-11-22\"", "orders none"), care!()],
        &["credential-expiring"],
    ),
    (
        "runs-out-in-thirty-days",
        text![quick!("", "orders none\n    credential expires=\"2026-12-22\""), care!()],
        &["credential-expiring"],
    ),
    ("runs-out-later", text![quick!("", "orders none\n    credential expires=\"2026-12-23\""), care!()], &[]),
    // Who looks after it.
    ("no-alert", text![quick!("", "orders none"), review!(), rollback!()], &["alert-missing"]),
    ("no-review", text![quick!("", "orders none"), alert!(), rollback!()], &["review-missing"]),
    ("no-rollback", text![quick!("", "orders none"), alert!(), review!()], &["rollback-missing"]),
    (
        "nothing-published",
        text!["system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }"],
        &[],
    ),
    (
        "alert-misspelled",
        text![quick!("", "orders none"), "alert { to webhok=(env)OPS }", review!(), rollback!()],
        &["unknown-property"],
    ),
];

/// The same in the checkout of a pipeline.
pub const PIPELINE: &[(&str, &str, &[&str])] = &[
    ("state-by-default", text![quick!("", "orders none"), care!()], &["state-ephemeral"]),
    (
        "state-inside",
        concat!(
            "onhand language=1 { state \"sqlite:kept/state.db\" }\nunit ea\n",
            quick!("", "orders none"),
            care!()
        ),
        &["state-ephemeral"],
    ),
    (
        "state-elsewhere",
        concat!(
            "onhand language=1 { state \"sqlite:/var/state.db\" }\nunit ea\n",
            quick!("", "orders none"),
            care!()
        ),
        &[],
    ),
    (
        "state-by-reference",
        concat!(
            "onhand language=1 { state (env)DATABASE_URL }\nunit ea\n",
            quick!("", "orders none"),
            care!()
        ),
        &[],
    ),
];

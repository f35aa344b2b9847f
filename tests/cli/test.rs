//! `onhand test`.

use super::Place;
use onhand::connectors::KINDS;

/// A shop of one depot, with `more` behind it.
fn shop(more: &str) -> Place {
    Place::with(&format!("{}{more}", SHOP))
}

const SHOP: &str = r#"onhand language=1
unit ea
unit g
unit kg 1000 g
system depot kind=memory role=warehouse {
    levels { code sku; location site; on-hand free; reserved picked; damaged broken; complete }
}
system shop kind=memory role=channel {
    levels { code sku; location site; available qty { net-of own-sales } }
    orders none
}
system book kind=memory role=reporting { levels { code sku; location site; on-hand qty } }
location lyon { in depot L; in shop LYO; in book L }
location nice { in depot N; in shop NIC }
location online { pool lyon nice; in shop WEB }
item MUG unit=ea { pack case 12; in depot "1"; in depot "1C" unit=case; in shop MUG; in shop MUG-12 unit=case; in book MUG }
item LAMP unit=ea { pack case 12; in depot "2" unit=case; in shop LAMP }
item BEANS unit=g { in depot "3" unit=kg; in shop B unit=kg; in book B unit=kg }
bundle SET { component MUG 2; component LAMP 1; in shop SET }
owner depot { of on-hand reserved damaged }
flow shop-stock {
    publish available to=shop
    at lyon nice
    lag "10m" every="5m"
    keep-back 1 { items MUG }
    cap 50
    allow shared-pool reason="small"
    allow bundle-beside-component reason="small"
}
flow book-stock { publish on-hand to=book; lag "1h" every="30m" }
alert { to webhook=(env)HOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

#[test]
fn counts_come_out_as_plan_computes_them() {
    let place = shop(
        r#"
test "a sum, what is kept back, and never below 0" {
    given depot on-hand at=lyon { MUG 10; LAMP 3 }
    given depot reserved at=lyon { MUG 2; LAMP 4 }
    given depot damaged at=lyon { MUG 1 }
    expect shop available at=lyon { MUG 6; LAMP 0; SET 0 }
    expect book on-hand at=lyon { MUG 10 }
}
test "the cap, packs, and what is given in packs" {
    given depot on-hand at=lyon { MUG 100 case; LAMP 5; BEANS 2.5 kg }
    expect shop available at=lyon { MUG 50; MUG-12 50; LAMP 5; SET 5; BEANS 2 }
}
test "what nobody gives is 0" {
    given depot on-hand at=lyon { MUG 1 }
    expect shop available at=nice { MUG 0; LAMP 0; SET 0; BEANS 0 }
    expect book on-hand { MUG 1; BEANS 0 }
}
test "what is absent is held, and holds the box" {
    given depot on-hand at=lyon { MUG absent; LAMP 5 }
    expect shop available at=lyon { MUG held; SET held; LAMP 5 }
}
test "one count of a row is missing" {
    given depot on-hand at=lyon { MUG 9 }
    given depot reserved at=lyon { MUG absent }
    expect shop available at=lyon { MUG held }
    expect book on-hand at=lyon { MUG 9 }
}
"#,
    );
    let done = place.run("test").ends(0).says_nothing();
    assert_eq!(done.out, "5 tests: 5 passed, 0 failed\n");
}

#[test]
fn a_failure_shows_its_line_and_its_sum() {
    let place = shop(
        r#"
test "passes" { given depot on-hand at=lyon { MUG 3 }; expect shop available at=lyon { MUG 2 } }
test "the set is limited by the mugs" {
    given depot on-hand at=lyon { MUG 5; LAMP 7 }
    expect shop available at=lyon {
        SET 3
    }
}
"#,
    );
    let done = place.run("test").ends(1).says_nothing();
    insta::assert_snapshot!(done.out);
    let filtered = place.run("test --filter passes").ends(0);
    assert_eq!(filtered.out, "1 test: 1 passed, 0 failed\n");
}

#[test]
fn a_failure_for_programs() {
    let place = shop(
        r#"
test "two" {
    given depot on-hand at=lyon { MUG 5; LAMP absent; BEANS 500 g }
    expect shop available at=lyon { MUG 5; LAMP 1; SET held }
    expect book on-hand { BEANS held }
}
"#,
    );
    let json = place.run("test --format json").ends(1).says_nothing().json();
    assert_eq!(json.len(), 2);
    assert_eq!((&json[0]["test"], &json[0]["passed"]), (&"two".into(), &false.into()));
    let failures = json[0]["failures"].as_array().unwrap();
    let of = |at: usize| (&failures[at]["code"], &failures[at]["expected"], &failures[at]["got"]);
    assert_eq!(of(0), (&"MUG".into(), &5.into(), &4.into()));
    assert_eq!(failures[0]["sum"][0]["plus"], "on-hand");
    assert_eq!(of(1), (&"LAMP".into(), &1.into(), &"held".into()));
    // To anything but a channel half a kilo is no count.
    assert_eq!(of(2), (&"B".into(), &"held".into(), &"failed".into()));
    assert!(failures[2]["notes"][0].as_str().unwrap().contains("no whole number"), "{}", failures[2]);
    assert_eq!(failures.len(), 3);
    assert_eq!(json[1]["summary"], serde_json::json!({"tests": 1, "passed": 0, "failed": 1}));
}

#[test]
fn what_a_test_cannot_mean_is_said_at_its_line() {
    let wrong = |test: &str, says: &[&str]| {
        let place = shop(&format!("test \"t\" {{ {test} }}"));
        place.run("test").ends(1).tells_nothing().says(&says[..1]);
        let found = place.run("check --format json").ends(1);
        let rule = says[0].trim_matches(['[', ']']);
        assert_eq!(found.json()[0]["rule"], rule, "{}", found.out);
        assert_eq!(found.json().len(), 2, "{}", found.out);
        found.tells(&says[1..]);
    };
    let given = "given depot on-hand at=lyon { MUG 1 }";
    wrong(
        &format!("{given}; expect shop on-hand at=lyon {{ MUG 1 }}"),
        &[
            "[test-unpublished]",
            "no flow publishes on-hand to `shop` for `MUG` at",
            "`shop-stock` publishes available there",
        ],
    );
    wrong(
        &format!("{given}; expect shop available at=online {{ MUG 1; LAMP 2 }}"),
        &["[test-unpublished]", "`MUG` at `online` and 1 more cell"],
    );
    wrong(
        &format!("{given}; expect book on-hand {{ MUG 1; LAMP 2 }}"),
        &["[test-unpublished]", "give it an `in book` code"],
    );
    wrong(
        "given shop on-hand at=lyon { MUG 1 }; expect shop available at=lyon { MUG 0 }",
        &[
            "[test-not-owner]",
            "a test gives `shop` on-hand that it does not own: `MUG` at `lyon`",
            "`depot` owns it",
        ],
    );
    wrong(
        "given depot on-hand at=online { MUG 1 }; expect shop available at=lyon { MUG 0 }",
        &["[test-not-owner]", "give counts at `lyon`, `nice`"],
    );
    wrong(
        "given depot on-hand at=lyon { SET 1 }; expect shop available at=lyon { MUG 0 }",
        &["[bundle-counted]", "a test gives `depot` a count of `SET`, which is a bundle"],
    );
}

#[test]
fn several_codes_need_a_choice() {
    let twins = SHOP.replace("in shop LAMP }", "in shop LAMP-A; in shop LAMP-B }");
    let test = |expect: &str| {
        let place = Place::with(&format!(
            "{twins}test t {{ given depot on-hand at=lyon {{ LAMP 4 }}; expect shop available at=lyon {{ {expect} }} }}"
        ));
        place.run("test")
    };
    test("LAMP 4").ends(1).tells(&["`LAMP` is sold in `shop` under 2 codes", "`LAMP-A`, `LAMP-B`"]);
    test("LAMP-A 4; LAMP-B 4").ends(0);
}

#[test]
fn an_owner_that_lists_open_lines() {
    assert!(KINDS.iter().any(|kind| kind.kind == "tryton" && kind.lists_lines));
    let place = Place::with(
        r#"onhand language=1
unit ea
system erp kind=tryton role=erp { url (env)U; database d; user u; password (env)P }
system web kind=vendure role=channel { url (env)S; key (env)K; orders direct to=erp within="5m" }
location paris { in erp PAR; in web "1" }
item MUG unit=ea { pack case 12; in erp MUG unit=case; in web MUG }
owner erp { of on-hand reserved }
flow web-stock { publish available to=web; lag "10m" every="5m" }
test "open lines are taken off" {
    given erp on-hand { MUG 10 }
    given erp reserved { MUG 3 }
    expect web available { MUG 7 }
}
test "what is promised beyond the shelf is never sold" {
    given erp on-hand { MUG 1 }
    given erp reserved { MUG 3 }
    expect web available { MUG 1 }
}
"#,
    );
    let done = place.run("test").ends(1);
    // The documents behind a given count and what the target takes off are made up, so they are not shown.
    assert!(!done.out.contains("given/") && !done.out.contains("takes off by itself"), "{}", done.out);
    done.tells(&["expected 1 ea, got 0 ea", "− 3 reserved of erp at PAR", "2 tests: 1 passed, 1 failed"]);
}

#[test]
fn no_tests_and_no_such_test() {
    let place = shop("");
    place.run("test").ends(0).says_nothing().tells(&["The topology has no tests."]);
    place.run("test --filter x").ends(0);
    let json = place.run("test --format json").ends(0).json();
    assert_eq!(json, [serde_json::json!({"summary": {"tests": 0, "passed": 0, "failed": 0}})]);
    let place =
        shop("test mugs { given depot on-hand at=lyon { MUG 2 }; expect shop available at=lyon { MUG 1 } }");
    let done = place.run("test --filter mogs").ends(1).tells_nothing();
    done.says(&["no test has `mogs` in its name", "Did you mean `mugs`?"]);
    place.run("test nowhere").ends(1);
}

/// Every complete topology of the pages for people: its tests pass.
#[test]
fn every_test_in_the_documentation_passes() {
    let mut ran = 0;
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for page in ["language.md", "operations.md"] {
        let text = std::fs::read_to_string(docs.join(page)).unwrap();
        for block in text.split("```kdl\n").skip(1).map(|part| part.split("```").next().unwrap_or("")) {
            let topology = block.contains("onhand language=1") && block.contains("\ntest ");
            if topology {
                passes(&Place::with(block));
                ran += 1;
            }
        }
    }
    println!("{ran} topologies with tests");
    assert!(ran > 0, "no page has a topology with a test");
}

/// Holds that all tests of a topology pass.
fn passes(place: &Place) {
    place.run("test").ends(0);
}

#[test]
fn every_example_is_clean_and_its_tests_pass() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(examples)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["custom", "direct", "erp", "hub"]);
    for name in &names {
        let place = Place::empty();
        crate::support::example::copy(name, &place.path(""));
        let size = bytes(&place.path(""));
        println!("{name}: {size} bytes");
        copied(name);
        assert!(size < 40_000 || name == "direct", "{name} has {size} bytes");
        place.run("check --deny warnings").ends(0).tells(&["No findings."]);
        passes(&place);
        assert!(place.run("graph").ends(0).out.starts_with("digraph"));
        place.run("fmt --check").ends(0);
        match name.as_str() {
            // Its state is to be shared, and nobody says where.
            "hub" => drop(place.run("plan").ends(1).tells_nothing()),
            // Nothing says where its systems are.
            "custom" => drop(place.run("plan").ends(7).tells(&["ERP_PASSWORD is not set"])),
            _ => {}
        }
    }
}

/// Holds that `init --from` copies an example whole, as it stands.
fn copied(name: &str) {
    let place = Place::empty();
    place.run(&format!("init . --from {name}")).ends(0);
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut folders = vec![example.clone()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(&example).unwrap().to_str().unwrap();
            assert_eq!(place.read(inside), std::fs::read_to_string(&path).unwrap(), "{name}/{inside}");
        }
    }
}

/// The size of all files of an example; the database that a test makes is none of them.
fn bytes(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.is_dir() {
            true => bytes(&path),
            false => path.metadata().unwrap().len() * u64::from(path.extension().unwrap() != "db"),
        })
        .sum()
}

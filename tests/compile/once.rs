//! One cause is told once, and in words that help.

use super::{files, fragment, rules, told};
use onhand::compile::Compiled;

const NONE: [&str; 0] = [];
const HEAD: &str = "onhand language=1\nunit ea\nunit g\nunit kg 1000 g\n\
                    system erp kind=memory role=erp { levels { code c; location l; on-hand q } }\n\
                    location a { in erp A }\nlocation b { in erp B }\n";

fn catalog(node: &str, text: &str) -> Compiled {
    let root = format!("{HEAD}{node}\n");
    let mut compiled = files(&[("onhand.kdl", &root), ("catalog.csv", text)]);
    compiled.diagnostics.retain(|found| !super::CARE.contains(&found.rule.slug));
    compiled
}

#[test]
fn a_wrong_word_in_a_catalog_s_node_is_told_once_for_all_rows() {
    let rows: String = (0..50).map(|row| format!("S{row},{row},12\n")).collect();
    let text = format!("sku,code,size\n{rows}");
    for (node, errors) in [
        ("items \"catalog.csv\" { sku sku; unit (const)ea; in erpp code }", 1),
        ("items \"catalog.csv\" { sku sku; unit (const)ea; in erp code; pack case size { in erpp CRT } }", 1),
        ("items \"catalog.csv\" { sku sku; unit (const)eaa; in erp code }", 1),
    ] {
        let compiled = catalog(node, &text);
        let found = rules(&compiled).iter().filter(|rule| **rule == "unknown-name").count();
        assert_eq!(found, errors, "{node}\n{}", told(&compiled));
    }
}

#[test]
fn a_wrong_delimiter_is_one_finding_that_names_the_right_one() {
    for (by, shown) in [(";", "\";\""), ("\t", "\"\\t\"")] {
        let text = ["sku", "code", "size"].join(by) + "\n" + &["MUG", "1", "6"].join(by) + "\n";
        let node = "items \"catalog.csv\" { sku sku; unit (const)ea; in erp code; pack case size }";
        let compiled = catalog(node, &text);
        assert_eq!(rules(&compiled), ["catalog-column"], "{}", told(&compiled));
        let help = &compiled.diagnostics[0].help;
        assert!(help.contains(&format!("`delimiter={shown}`")), "{help}");
        let mended = node.replace("csv\"", &format!("csv\" delimiter={shown}"));
        assert_eq!(rules(&catalog(&mended, &text)), NONE);
    }
    // One column that is really one is no wrong delimiter.
    let node = "items \"catalog.csv\" { sku sku; unit (const)ea; in erp code }";
    let compiled = catalog(node, "sku\nMUG\n");
    assert_eq!(rules(&compiled), ["catalog-column"]);
    assert!(compiled.diagnostics[0].message.contains("no column `code`"), "{}", told(&compiled));
}

#[test]
fn what_is_wrong_with_a_unit_is_not_told_again_where_it_is_used() {
    let uses = "bundle BOX { component BEANS 2 unit=kg; in erp BOX }\n\
                test t { given erp on-hand at=a { BEANS 1 kg }; expect erp on-hand at=a { BEANS 1000 } }\n";
    let item = "item BEANS unit=g { in erp BEANS }\n";
    let sound = fragment(&format!("{HEAD}{item}{uses}"));
    assert!(!rules(&sound).contains(&"unit-unreachable"), "{}", told(&sound));
    for (from, to, rule) in [
        ("kg 1000 g", "kg \"many\" g", "wrong-type"),
        ("unit g\n", "unit g 1 kg\n", "unit-cycle"),
        ("item BEANS unit=g", "item BEANS", "missing-argument"),
        ("item BEANS unit=g", "item BEANS unit=gr", "unknown-name"),
    ] {
        let source = format!("{HEAD}{item}{uses}").replacen(from, to, 1);
        let compiled = fragment(&source);
        let told = told(&compiled);
        assert!(rules(&compiled).contains(&rule), "{told}");
        assert!(!rules(&compiled).contains(&"unit-unreachable"), "{told}");
        assert!(!told.contains("no whole number"), "{told}");
    }
}

#[test]
fn a_place_that_cannot_be_read_is_not_also_missing() {
    let source = format!(
        "{HEAD}item MUG unit=ea {{ in erp MUG }}\n\
         test t {{ given erp on-hand at=7 {{ MUG 1 }}; expect erp on-hand at=a {{ MUG 1 }} }}\n"
    );
    let compiled = fragment(&source);
    assert!(rules(&compiled).contains(&"wrong-type"), "{}", told(&compiled));
    assert!(!rules(&compiled).contains(&"missing-argument"), "{}", told(&compiled));
}

#[test]
fn a_target_that_cannot_take_a_count_does_not_make_its_tests_wrong_too() {
    let shop = "system shop kind=sql role=channel {\n url \"sqlite:s.db\"\n orders none\n \
                levels \"select c, l, q from s\" { code c; location l; available q { net-of own-sales } }\n \
                SET\n}\n\
                location c { in erp C; in shop C }\nitem MUG unit=ea { in erp MUG; in shop MUG }\n\
                owner erp { of on-hand }\nflow f { publish available to=shop; lag \"10m\" every=\"5m\"; \
                allow reserved-unowned reason=\"x\" }\n\
                test t { given erp on-hand at=c { MUG 1 }; expect shop available at=c { MUG 1 } }\n";
    let set = "set \"update s set q = :after where c = :code and l = :location and q = :before\"";
    let whole = format!("{HEAD}{}", shop.replace("SET", set));
    assert_eq!(rules(&fragment(&whole)), NONE, "{}", told(&fragment(&whole)));
    for (from, to) in [(set, ""), ("publish available to=shop", "publish on-hand to=shop")] {
        let compiled = fragment(&whole.replacen(from, to, 1));
        assert!(rules(&compiled).contains(&"target-cannot-take"), "{}", told(&compiled));
        assert!(!rules(&compiled).contains(&"test-unpublished"), "{}", told(&compiled));
    }
}

#[test]
fn a_letter_of_another_alphabet_is_named() {
    let source =
        format!("{HEAD}item MUG unit=ea {{ in erp MUG }}\nowner erp {{ of on-hand; items M\u{423}G }}\n");
    let compiled = fragment(&source);
    assert_eq!(rules(&compiled)[0], "unknown-name", "{}", told(&compiled));
    let help = &compiled.diagnostics[0].help;
    assert!(help.contains("U+0423") && help.contains("has `U`"), "{help}");
}

#[test]
fn a_number_or_a_word_is_asked_for_as_both() {
    let source = format!(
        "{HEAD}item MUG unit=ea {{ in erp MUG }}\n\
         test t {{ given erp on-hand at=a {{ MUG ten }}; expect erp on-hand at=a {{ MUG 1 }} }}\n"
    );
    let compiled = fragment(&source);
    let found = compiled.diagnostics.iter().find(|found| found.rule.slug == "unknown-choice").expect("one");
    assert!(found.help.eq_ignore_ascii_case("write a number, or `absent`."), "{}", found.help);
}

#[test]
fn a_unit_that_is_nearly_right_is_asked_for_in_whole_sentences() {
    let source = format!("{HEAD}item BEANS unit=g {{ pack bag 250; in erp BEANS unit=bags }}\n");
    let compiled = fragment(&source);
    assert_eq!(rules(&compiled), ["unknown-name"], "{}", told(&compiled));
    let help = &compiled.diagnostics[0].help;
    assert!(!help.contains("or of a pack of"), "{help}");
}

#[test]
fn what_a_statement_binds_is_known_before_it_is_sent() {
    let whole = |set: &str| {
        format!(
            "{HEAD}system shop kind=sql role=reporting {{ url \"sqlite:s.db\"; set {set}; \
             levels \"select c, q from s\" {{ code c; on-hand q }} }}\n"
        )
    };
    for sound in [
        "\"update s set q = :after where c = :code and q = :before\"",
        "\"update s set q = :after, n = ':x', t = '1'::text -- :y\\n where c = :code and q = :before\"",
        "\"update s set q = :after where c = :code and l = a[1:2] and q = :before /* :z */\"",
    ] {
        assert_eq!(rules(&fragment(&whole(sound))), NONE, "{sound}");
    }
    for (wrong, says, help) in [
        ("update s set q = :afer where c = :code and q = :before", "`:afer`", "did you mean `:after`?"),
        ("update s set q = :after where c = :code and q = :befor", "`:befor`", "did you mean `:before`?"),
        ("update s set q = :after where c = :sku and q = :before", "`:sku`", "`:code`"),
        ("update s set q = 1 where c = :code and q = :before", "no `:after`", "`:after`"),
    ] {
        let compiled = fragment(&whole(&format!("\"{wrong}\"")));
        assert_eq!(rules(&compiled), ["bad-value"], "{wrong}\n{}", told(&compiled));
        let found = &compiled.diagnostics[0];
        assert!(found.message.contains(says), "{}", found.message);
        assert!(found.help.to_lowercase().contains(help), "{}", found.help);
    }
}

#[test]
fn a_catalog_without_rows_is_one_finding() {
    let node = "items \"catalog.csv\" { sku sku; unit (const)ea; in erp sku }\nowner erp { of on-hand; items MUG }\n";
    assert_eq!(rules(&catalog(node, "sku\n")), ["catalog-unreadable"]);
    let sound = catalog(node, "sku\nMUG\n");
    assert!(!rules(&sound).iter().any(|rule| ["catalog-unreadable", "unknown-name"].contains(rule)));
}

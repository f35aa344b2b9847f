//! Large topologies: cost grows with their length, and nothing overflows.

use super::{files, text};
use std::fmt::Write;

#[test]
fn a_hundred_thousand_items_resolve() {
    let mut source = "onhand language=1\nunit ea\nsystem a kind=memory role=erp\n".to_owned();
    let mut csv = "sku,unit,code\n".to_owned();
    for n in 0..20_000 {
        let _ = writeln!(source, "item K{n} unit=ea {{ in a \"{n}\" }}");
    }
    for n in 0..80_000 {
        let _ = writeln!(csv, "C{n},ea,c{n}");
    }
    source.push_str("items \"c.csv\" { sku sku; unit unit; in a code }\n");
    let compiled = files(&[("onhand.kdl", &source), ("c.csv", &csv)]);
    assert!(compiled.diagnostics.is_empty());
    assert_eq!((compiled.model.items.len(), compiled.model.codes.len()), (100_000, 100_000));
}

#[test]
fn thousands_of_mistakes_are_found() {
    let mut source = "onhand language=1\nunit ea\nsystem a kind=memory role=erp\n".to_owned();
    for n in 0..20_000 {
        let _ =
            writeln!(source, "item K{n} unit=each-{n} {{ in b{n} \"{n}\"; allow item-unmapped reason=x }}");
    }
    let compiled = text(&source);
    assert_eq!(compiled.diagnostics.len(), 40_000);
}

#[test]
fn long_chains_need_no_stack() {
    let mut source =
        "onhand language=1\nunit u0\nunit ea\nsystem a kind=memory role=erp\nquantity q0 { plus on-hand }\n\
                      item MUG unit=ea { in a MUG }\nlocation l0 { in a }\nbundle b0 { component MUG 1 }\n"
            .to_owned();
    for n in 1..5_000 {
        let before = n - 1;
        let _ = writeln!(source, "unit u{n} 1 u{before}\nquantity q{n} {{ plus q{before} }}");
        let _ =
            writeln!(source, "location l{n} {{ pool l{before} }}\nbundle b{n} {{ component b{before} 1 }}");
    }
    let compiled = text(&source);
    assert!(compiled.diagnostics.is_empty(), "{}", super::told(&compiled));
    assert_eq!(compiled.model.bundles[4_999].components[0].quantity, 1);
    let chain: Vec<(String, String)> = (0..2_000)
        .map(|n| (format!("f{n}.kdl"), format!("include \"f{}.kdl\"\nunit x{n}\n", n + 1)))
        .chain([
            ("f2000.kdl".to_owned(), "unit end\n".to_owned()),
            ("onhand.kdl".to_owned(), "onhand language=1\ninclude \"f0.kdl\"\n".to_owned()),
        ])
        .collect();
    let all: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(files(&all).model.units.all.len(), 2_001);
}

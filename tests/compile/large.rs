//! Large topologies: cost grows with their length, and nothing overflows.

use super::{files, files_with_index, text};
use onhand::model::Model;
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

/// A large catalog is read by two hands, where there are two; an editor's by one, which sees every name in
/// its order.
#[test]
fn two_hands_read_a_catalog_as_one_does() {
    let source = "onhand language=1\nunit ea\nunit case 12 ea\nsystem a kind=memory role=erp\n\
                  system b kind=memory role=channel\nitem ODD unit=ea { in a ODD }\n\
                  items \"c.csv\" bad-rows=9 {\n\
                  sku sku; unit unit; pack six size; in a code; in b sold unit=in }\n\
                  item LAST unit=ea { in a LAST }\n";
    let plain = |n: usize| format!("C{n},ea,,c{n},s{n},ea\n");
    let mistakes = [
        (3, "\n".to_owned()),
        (5_000, "C4999,ea,,twice,twice,ea\n".to_owned()),
        (5_001, "C17,ea,,again,again,ea\n".to_owned()),
        (9_000, "C9000,pallet,,c9000,s9000,ea\n".to_owned()),
        (9_001, "C9001,ea,zero,c9001,s9001,ea\n".to_owned()),
        (9_002, "C9002,ea,6,c9002,s9002,six\n".to_owned()),
        (13_000, "LAST,ea,,early,early,ea\n".to_owned()),
        (13_001, "C13001,ea\n".to_owned()),
        (13_002, ",ea,,none,none,ea\n".to_owned()),
        (17_000, "C17000,ea,,c16000,s17000,case\n".to_owned()),
        (17_001, "\"C17001\",ea,,\"c,17001\",s17001,ea\r\n".to_owned()),
        (17_002, "C17002,ea,,,,\n".to_owned()),
    ];
    for some in [&mistakes[..], &mistakes[10..11], &[]] {
        let row =
            |n: usize| some.iter().find(|(at, _)| *at == n).map_or_else(|| plain(n), |(_, row)| row.clone());
        let csv: String = (0..20_000).map(row).collect();
        let csv = format!("sku,unit,size,code,sold,in\n{csv}");
        let all = [("onhand.kdl", source), ("c.csv", &csv)];
        let (two, one) = (files(&all), files_with_index(&all));
        assert_eq!(super::told(&two), super::told(&one));
        assert_eq!(two.diagnostics.is_empty(), some.len() < 2, "{}", super::told(&two));
        assert_eq!(two.model.items.len(), one.model.items.len());
        assert_eq!(format!("{:?}", two.model.items), format!("{:?}", one.model.items));
        assert_eq!(format!("{:?}", two.model.codes), format!("{:?}", one.model.codes));
        assert_eq!(two.model.bad_rows, one.model.bad_rows);
        for code in &two.model.codes {
            let found = two.model.find_code(code.system, &code.code).expect("each code is found");
            assert_eq!(two.model.code(found).thing, code.thing, "{}", code.code);
        }
    }
}

#[test]
fn two_hands_find_rows_as_one_does() {
    let source = "onhand language=1\nunit ea\nsystem a kind=memory role=erp\n\
                  items \"c.csv\" bad-rows=9 { sku sku; unit unit; in a code }\n";
    let row = |n: usize| match n {
        // Blank lines, line ends of every kind, and rows that cannot be used, all through the file.
        n if n % 3_001 == 7 => format!("\nC{n},ea,c{n}\r\n\r\n"),
        n if n % 7_001 == 11 => format!("C{n},ea\n"),
        n if n % 11_003 == 13 => format!(",ea,c{n}\r"),
        n => format!("C{n},ea,c{n}-{:020}\n", 0),
    };
    let csv = |last: &str| {
        let rows: String = (0..30_000).map(row).collect();
        format!("sku,unit,code\r\n{rows}{last}")
    };
    // A quote anywhere leaves all rows to one hand.
    let (plain, quoted) = (csv("LAST,ea,last"), csv("\"LAST\",ea,last"));
    assert!(plain.len() > 1 << 20, "large enough to be shared");
    let of = |csv: &str| files(&[("onhand.kdl", source), ("c.csv", csv)]);
    let (two, one) = (of(&plain), of(&quoted));
    assert_eq!(super::told(&two), super::told(&one));
    assert_eq!(two.model.bad_rows, one.model.bad_rows);
    assert_eq!(two.model.bad_rows.len(), 7, "{}", super::told(&two));
    assert_eq!(two.model.items.len(), 30_001 - 7);
    let items = |model: &Model| format!("{:?}", &model.items[..model.items.len() - 1]);
    assert_eq!(items(&two.model), items(&one.model));
    assert_eq!(two.model.items[29_993].name, one.model.items[29_993].name);
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

//! `allow` silences warnings of its node, of nothing else, and says when it is idle.

use super::{files, rules, told};

const HEAD: &str = "onhand language=1\nunit ea\nsystem a kind=memory role=warehouse\n";

fn compiled(rest: &str) -> onhand::compile::Compiled {
    files(&[("onhand.kdl", &format!("{HEAD}{rest}")), ("items.csv", "sku,unit,a\nX,ea,\nY,ea,\nZ,ea,Z\n")])
}

#[test]
fn it_counts_inside_its_node_only() {
    let one = compiled("item X unit=ea { allow item-unmapped reason=\"sold out\" }\nitem Y unit=ea\n");
    assert_eq!(rules(&one), ["item-unmapped"], "{}", told(&one));
    assert!(one.diagnostics[0].message.contains("`Y`"));
}

#[test]
fn it_counts_for_the_rows_of_a_catalog() {
    let one = compiled(
        "items \"items.csv\" { sku sku; unit unit; in a a; allow item-unmapped reason=\"the new season\" }\n",
    );
    assert_eq!(rules(&one), [] as [&str; 0], "{}", told(&one));
}

#[test]
fn an_idle_one_is_reported_unless_an_error_hides_what_it_is_for() {
    let idle = "item X unit=ea { in a X; allow item-unmapped reason=\"x\" }\n";
    assert_eq!(rules(&compiled(idle)), ["unused-allow"]);
    let hidden = "item X unit=ea { in b X; allow item-unmapped reason=\"x\" }\n";
    assert_eq!(rules(&compiled(hidden)), ["unknown-name"]);
}

//! Each complete KDL block of the language's reference compiles without a finding.

use super::{files, fragment, told};
use onhand::plan::unbuilt::unbuilt;

#[test]
fn every_block_of_the_reference_compiles() {
    let page = include_str!("../../docs/language.md");
    let mut count = 0;
    for block in page.split("```kdl\n").skip(1) {
        let text = block.split("```").next().unwrap_or("");
        // Only the first is a whole topology.
        let compiled = if count == 0 { super::text(text) } else { fragment(text) };
        assert!(compiled.diagnostics.is_empty(), "{text}\n{}", told(&compiled));
        count += 1;
    }
    assert!(count >= 6, "only {count} blocks were found");
}

#[test]
fn the_reference_names_every_node() {
    let page = include_str!("../../docs/language.md");
    for spec in onhand::syntax::ast::TOP {
        assert!(page.contains(&format!("`{}", spec.name)), "`{}` is not in docs/language.md", spec.name);
    }
}

#[test]
fn the_page_says_what_plan_and_apply_refuse() {
    let page = include_str!("../../docs/language.md");
    let (_, section) = page.split_once("## What this version carries out\n").expect("the section is there");
    let (section, _) = section.split_once("\n## ").expect("another section follows");
    let (_, whole) = page.split_once("```kdl\n").expect("the page has a whole topology");
    let whole = whole.split("```").next().unwrap_or("");
    let mut count = 0;
    for (node, ..) in unbuilt(&files(&[("onhand.kdl", whole)]).model) {
        assert!(section.contains(&format!("`{node}`")), "`{node}` is refused, and the page does not say so");
        count += 1;
    }
    println!("{count} places of the whole topology are not carried out yet");
}

//! Each complete KDL block of the language's reference compiles without a finding.

use super::{files, told};

#[test]
fn every_block_of_the_reference_compiles() {
    let page = include_str!("../../docs/language.md");
    let mut count = 0;
    for block in page.split("```kdl\n").skip(1) {
        let text = block.split("```").next().unwrap_or("");
        let compiled = files(&[("onhand.kdl", text)]);
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

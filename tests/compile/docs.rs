//! Each complete KDL block of the language's reference compiles without a finding.

use super::{fragment, told};

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

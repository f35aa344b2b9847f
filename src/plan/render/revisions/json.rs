//! A comparison as JSON: one object a line.

use crate::diagnostic::escape;
use crate::plan::revisions::Comparison;

/// One JSON object a line, each with its line break.
pub fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    for record in comparison.records() {
        // Records hold strings and whole numbers only, under keys that are strings.
        let json = serde_json::to_string(&record).expect("a record is always JSON");
        text.push_str(&escape::json(&json));
        text.push('\n');
    }
    text
}

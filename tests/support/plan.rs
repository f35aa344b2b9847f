//! Plan files against their published schema.

use std::sync::LazyLock;

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(&onhand::plan::file::schema()).expect("valid JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
});

/// Holds for the text of any plan file: each line is as the schema says, sums give their numbers, and
/// the digest is right. Panics with the line at fault.
pub fn check_plan(text: &str) {
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        let faults: Vec<String> = VALIDATOR.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{line}\n{}", faults.join("\n"));
    }
    let plan = onhand::plan::file::read(text).unwrap_or_else(|refusal| panic!("{refusal}"));
    for change in &plan.changes {
        assert_eq!(onhand::plan::replay::holds(change), Ok(()), "{}", change.id);
    }
}

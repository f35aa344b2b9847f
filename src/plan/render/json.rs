//! A plan as JSON: the same lines as its file.

use crate::plan::{Plan, file};

/// One JSON object a line, each with its line break.
pub fn render(plan: &Plan) -> String {
    file::write(plan)
}

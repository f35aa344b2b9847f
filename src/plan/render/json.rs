//! A plan as JSON: the same lines as its file.

use crate::diagnostic::render::Options;
use crate::plan::{Plan, file};

/// One JSON object a line, each with its line break.
pub fn render(plan: &Plan, _: Options) -> String {
    file::write(plan)
}

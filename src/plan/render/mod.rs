//! Plans for people and for programs.

mod escaped;
mod human;
mod json;
mod layout;
mod markdown;
pub mod revisions;
mod sheet;
mod sums;

use crate::diagnostic::render::Options;
use crate::plan::Plan;
pub use human::render as human;
pub use json::render as json;
pub use markdown::render as markdown;
pub use sums::{explanations, figures};

/// What a format does: a plan in, the whole text out.
pub type Renderer = fn(&Plan, Options) -> String;

/// Every format by the name that `--format` takes. A new one is its file and its line.
pub const FORMATS: &[(&str, Renderer)] = &[("human", human), ("json", json), ("markdown", markdown)];

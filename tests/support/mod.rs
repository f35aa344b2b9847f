//! What several tests share.

pub mod model;
mod plan;

pub use plan::check_plan;

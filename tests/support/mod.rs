//! What several tests share.

mod plan;

pub use plan::check_plan;

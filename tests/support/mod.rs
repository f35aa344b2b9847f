//! What several tests share.

pub mod erp;
pub mod exchange;
pub mod model;
mod plan;

pub use plan::check_plan;

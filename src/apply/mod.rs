//! Apply: carries a plan out, row by row, and says how each one ended.

#[deny(clippy::disallowed_methods)]
pub mod batch;
#[deny(clippy::disallowed_methods)]
pub mod key;
#[deny(clippy::disallowed_methods)]
mod lane;
#[deny(clippy::disallowed_methods)]
pub mod machine;
#[deny(clippy::disallowed_methods)]
pub mod rate;
#[deny(clippy::disallowed_methods)]
pub mod retry;

pub mod driver;
#[deny(clippy::disallowed_methods)]
pub mod read;
#[deny(clippy::disallowed_methods)]
pub mod sessions;

pub use lane::Target;

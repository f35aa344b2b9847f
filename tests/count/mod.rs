//! The arithmetic of published counts, through plans.

mod absence;
mod arithmetic;
pub mod town;
mod units;

//! The arithmetic of published counts, through plans.

mod absence;
mod allocate;
mod arithmetic;
pub mod town;
mod units;

//! The arithmetic of published counts, through plans.

pub mod arithmetic;
pub mod town;

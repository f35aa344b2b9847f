//! Plans: what will be written and why, as inert data.

pub mod change;

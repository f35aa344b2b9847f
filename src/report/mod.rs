//! What runs have left behind, put together for people: why a count differs from what the books say.

pub mod drift;

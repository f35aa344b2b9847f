//! What is told of a sync beside what runs say themselves: how each flow stands, what would be
//! safer, and why a count differs from what the books say.
//!
//! ```text
//!  state ──gather──► Kept, plain data ──status, keep (pure)──► values, and words for them
//! ```
//!
//! No system is asked. Numbers are whole, times are milliseconds.

pub mod drift;
pub mod gather;
pub mod keep;
pub mod lag;
pub mod shelf;
pub mod sold;
pub mod status;
pub mod words;

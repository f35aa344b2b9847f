//! Rules over the model as a whole, and what a topology accepts of them.

pub mod allow;

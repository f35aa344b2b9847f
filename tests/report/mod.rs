//! What is put together for people from what runs have left behind.

mod drift;

//! The reader of KDL 2: the official cases, mistakes and their findings, cost and agreement with another reader.

mod canonical;
mod cost;
mod format;
mod mistakes;
mod other_reader;
mod suite;

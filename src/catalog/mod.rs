//! Bulk rows: text to rows of cells, each cell with its place in the file.

pub mod table;

pub use table::{Cell, Fault, Layout, Row, Table, read};

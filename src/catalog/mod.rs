//! Bulk rows: bytes to text, text to rows of cells, each cell with its place in the file.

pub mod encoding;
pub mod table;

pub use encoding::decode;
pub use table::{Cell, Fault, Layout, Row, Table, read};

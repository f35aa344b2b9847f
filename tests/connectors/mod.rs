//! Every kind of system, against one list of cases and against its own traps.

mod at_once;
mod books;
pub mod conformance;
mod csv;
mod memory;
pub mod orders;
mod pages;
pub mod posts;
mod preview;
mod redirect;
mod sql;
mod stalls;
mod tls;
pub mod tryton;
pub mod vendure;
mod wire;

use onhand::connectors::{Cell, WriteRow};

/// A row that writes `available` over what it showed.
fn row(cell: Cell, before: i64, after: i64) -> WriteRow {
    WriteRow {
        cell,
        column: "available".to_owned(),
        before: vec![("available".to_owned(), before)],
        after,
        create: false,
        key: "k".to_owned(),
    }
}

/// A row that makes a cell.
fn create(cell: Cell, after: i64) -> WriteRow {
    WriteRow { before: Vec::new(), create: true, ..row(cell, 0, after) }
}

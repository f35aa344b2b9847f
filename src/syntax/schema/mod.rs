//! The language described for programs and for people, both from the table that the reader reads by.

mod form;
mod json;
mod page;
mod walk;

pub use form::{Form, form, forms};
pub use json::json;
pub use page::page;
pub use walk::{children, kind_nodes, nodes};

//! Why a posting comes to nothing, and numbers as they are sent.

use crate::connectors::Failure;
use crate::model::quantity::Decimal;
use serde_json::Value;

/// Why a posting came to nothing.
pub(super) enum Fault {
    /// It is about this posting: the field, and why.
    Row(&'static str, String),
    /// It is about the server.
    Failure(Failure),
}

impl Fault {
    pub(super) fn row(field: &'static str, what: String) -> Fault {
        Fault::Row(field, what)
    }

    pub(super) fn too_fine(value: Decimal) -> Fault {
        Fault::row("quantity", format!("{value} has more digits than Tryton keeps of a quantity"))
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::Failure(failure)
    }
}

/// A number as JSON has it; `None` where it would not come back as it was.
pub(super) fn number(value: Decimal) -> Option<Value> {
    let json: Value = serde_json::from_str(&value.to_string()).ok()?;
    let back = Decimal::parse(&json.to_string()).ok()?;
    (back == value).then_some(json)
}

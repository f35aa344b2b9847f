//! Whether a movement fits what is in the books, and the words for one that does not.

use super::entry::{OrderLine, Totals};
use crate::model::movement::Movement;

/// The word for one movement.
fn one(movement: Movement) -> &'static str {
    match movement {
        Movement::Order => "order",
        Movement::Cancellation => "cancellation",
        Movement::Shipment => "shipment",
        Movement::Return => "return",
        Movement::Transfer => "transfer",
        Movement::Adjustment => "adjustment",
        Movement::Receipt => "receipt",
    }
}

/// A record as people name it: `cancellation 77/1`.
pub(super) fn record(movement: Movement, document: &str, line: &str) -> String {
    format!("{} {document}/{line}", one(movement))
}

/// What a line comes to with a reversal or shipment of `amount`; else why that is too much, in words.
pub(super) fn with(line: &OrderLine, movement: Movement, amount: i64) -> Result<Totals, String> {
    let was = line.shown;
    let order = format!("order {}/{}", line.key.document, line.key.line);
    let (now, most, what) = match movement {
        Movement::Cancellation => {
            (Totals { cancelled: was.cancelled.saturating_add(amount), ..was }, was.open(), "open")
        }
        Movement::Shipment => {
            (Totals { shipped: was.shipped.saturating_add(amount), ..was }, was.open(), "open")
        }
        Movement::Return => {
            let out = was.shipped - was.returned;
            (Totals { returned: was.returned.saturating_add(amount), ..was }, out, "shipped and not returned")
        }
        Movement::Order | Movement::Transfer | Movement::Adjustment | Movement::Receipt => {
            (was, i64::MAX, "")
        }
    };
    if amount <= most {
        return Ok(now);
    }
    Err(format!(
        "it is of {amount}, and of {order} only {most} is {what} (ordered {}, cancelled {}, shipped {}, \
         returned {}): one of the two records is wrong; put it right in the system that shows them",
        was.ordered, was.cancelled, was.shipped, was.returned
    ))
}

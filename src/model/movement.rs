//! The kinds of movements: what happens to stock.

/// The kinds of movements, as a topology names them.
pub const MOVEMENTS: [&str; 7] =
    ["orders", "cancellations", "shipments", "returns", "transfers", "adjustments", "receipts"];

/// The same words for one of each, in the same order.
pub const MOVEMENT: [&str; 7] =
    ["order", "cancellation", "shipment", "return", "transfer", "adjustment", "receipt"];

/// A kind of movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// Something is sold.
    Order,
    /// An order, or a part of one, is off; at most what is open.
    Cancellation,
    /// An order, or a part of one, leaves the shelf.
    Shipment,
    /// Something shipped comes back; at most what was shipped.
    Return,
    /// Stock goes from place to place.
    Transfer,
    /// A count is put right.
    Adjustment,
    /// Something bought arrives.
    Receipt,
}

impl Movement {
    /// All kinds, in the order of [`MOVEMENTS`].
    pub const ALL: [Movement; 7] = [
        Movement::Order,
        Movement::Cancellation,
        Movement::Shipment,
        Movement::Return,
        Movement::Transfer,
        Movement::Adjustment,
        Movement::Receipt,
    ];

    /// The word for it in a topology: `orders`.
    pub fn word(self) -> &'static str {
        MOVEMENTS[self as usize]
    }

    /// The word for one of them: `order`.
    pub fn one(self) -> &'static str {
        MOVEMENT[self as usize]
    }

    /// The kind that a word names.
    pub fn find(word: &str) -> Option<Movement> {
        Movement::ALL.into_iter().find(|movement| movement.word() == word)
    }

    /// The kind that a word names, whether it names one or several of them.
    pub fn find_any(word: &str) -> Option<Movement> {
        Movement::ALL.into_iter().find(|movement| movement.word() == word || movement.one() == word)
    }
}

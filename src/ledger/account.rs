//! Double entry: from which account to which account a movement goes.

use super::entry::Booked;
use crate::model::movement::Movement;

/// A kind of account. One account is a bucket of an item at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// On the shelf and promised to nobody.
    Free,
    /// On the shelf and promised to an order.
    Promised,
    /// On the shelf and not to be sold.
    Damaged,
    /// On its way between own places.
    Transit,
    /// With customers.
    Customer,
    /// With suppliers.
    Supplier,
    /// Found or lost.
    Adjusted,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Bucket; 7] = [
        Bucket::Free,
        Bucket::Promised,
        Bucket::Damaged,
        Bucket::Transit,
        Bucket::Customer,
        Bucket::Supplier,
        Bucket::Adjusted,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Bucket::Free => "free",
            Bucket::Promised => "promised",
            Bucket::Damaged => "damaged",
            Bucket::Transit => "transit",
            Bucket::Customer => "customer",
            Bucket::Supplier => "supplier",
            Bucket::Adjusted => "adjusted",
        }
    }

    /// The bucket of a word.
    pub fn of(word: &str) -> Option<Bucket> {
        Bucket::ALL.into_iter().find(|bucket| bucket.word() == word)
    }
}

/// One side of a movement: an account and what it gains, in base units. Customers, suppliers and what was
/// found or lost are at no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg<'b> {
    /// The place; empty where nobody says.
    pub place: &'b str,
    /// The bucket.
    pub bucket: Bucket,
    /// What it gains; below 0 what it loses.
    pub gains: i64,
}

/// The sides of a movement: what some gain the others lose. A shipment of an order that named no place, or
/// another, also says where the goods stood: what was taken off the one shelf is taken off the other.
pub fn legs(booked: &Booked) -> Vec<Leg<'_>> {
    let here = booked.location.as_deref().unwrap_or("");
    let there = booked.to.as_deref().unwrap_or("");
    let (from, to) = match booked.key.movement {
        Movement::Order => ((here, Bucket::Free), (here, Bucket::Promised)),
        Movement::Cancellation => ((here, Bucket::Promised), (here, Bucket::Free)),
        Movement::Shipment => ((here, Bucket::Promised), ("", Bucket::Customer)),
        Movement::Return => {
            let shelf = if booked.sellable { Bucket::Free } else { Bucket::Damaged };
            (("", Bucket::Customer), (here, shelf))
        }
        Movement::Transfer => ((here, Bucket::Free), (there, Bucket::Transit)),
        Movement::Adjustment => (("", Bucket::Adjusted), (here, Bucket::Free)),
        Movement::Receipt => (("", Bucket::Supplier), (here, Bucket::Free)),
    };
    let leg = |(place, bucket), gains| Leg { place, bucket, gains };
    let mut legs = vec![leg(from, booked.amount.saturating_neg()), leg(to, booked.amount)];
    if booked.key.movement == Movement::Shipment && booked.to.is_some() && here != there {
        legs.push(leg((there, Bucket::Free), booked.amount.saturating_neg()));
        legs.push(leg((here, Bucket::Free), booked.amount));
    }
    legs
}

//! The steps from an owned sum to a number shown, each a pure function over whole numbers.

use crate::model::flow::{Flow, Keep};
use crate::model::quantity::{LARGEST, Ratio};
use crate::model::system::Role;
use crate::model::{ItemId, Model};

/// What a flow keeps back of a cell with this count: the largest that fits the item, in base units, and
/// which. `None` where nothing is kept back, or the cell is at or below 0.
pub(super) fn keep_back(flow: &Flow, item: ItemId, count: i64) -> Option<(Keep, i64)> {
    if count <= 0 {
        return None;
    }
    let fitting = flow.keep_back.iter().filter(|keep| keep.items.contains(item.index()));
    let amounts = fitting.map(|keep| (keep.amount, amount(keep.amount, count)));
    // The first of two that keep back the same, so that the order of equals never shows.
    amounts.reduce(|best, next| if next.1 > best.1 { next } else { best }).filter(|(_, kept)| *kept > 0)
}

/// An amount to keep back of a count above 0, in base units; a share is rounded up.
fn amount(keep: Keep, count: i64) -> i64 {
    match keep {
        Keep::Units(units) => units,
        Keep::Share(share) => {
            let top = i128::from(count) * i128::from(share.numerator);
            let bottom = i128::from(share.denominator);
            // A share is at most the whole, so the result is at most the count.
            ((top + bottom - 1) / bottom).min(i128::from(count)) as i64
        }
    }
}

/// A count after keeping back: a positive cell stops at 0, any other stays as it is.
pub(super) fn kept(flow: &Flow, item: ItemId, count: i64) -> i64 {
    if flow.keep_back.is_empty() {
        return count;
    }
    keep_back(flow, item, count).map_or(count, |(_, kept)| take_off(count, kept))
}

/// Takes an amount off a positive count, and stops at 0.
pub(super) fn take_off(count: i64, amount: i64) -> i64 {
    if count > 0 { count.saturating_sub(amount).max(0) } else { count }
}

/// How many bundles one component allows, towards minus infinity.
pub(super) fn per_bundle(count: i64, quantity: i64) -> i64 {
    count.div_euclid(quantity)
}

/// Why a number cannot be shown or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is no whole number of the target's unit, and the target is no channel.
    Fraction,
    /// It is above what the target takes.
    TooLarge,
}

/// The number shown for a count that is at or above 0: in the target's unit, then capped.
pub(super) fn shown(model: &Model, flow: &Flow, ratio: Ratio, count: i64) -> Result<i64, Unfit> {
    let in_unit = in_unit(model, flow, ratio, count)?;
    Ok(flow.cap.map_or(in_unit, |cap| in_unit.min(cap)))
}

/// A count in the target's unit: to a channel rounded down, elsewhere whole or unfit.
pub(super) fn in_unit(model: &Model, flow: &Flow, ratio: Ratio, count: i64) -> Result<i64, Unfit> {
    if count > LARGEST {
        return Err(Unfit::TooLarge);
    }
    if ratio == Ratio::ONE {
        return Ok(count);
    }
    let (floor, whole) = ratio.divide_floor(count);
    if floor >= LARGEST {
        return Err(Unfit::TooLarge);
    }
    let channel = model.system(flow.to).role == Role::Channel;
    if whole || channel { Ok(floor) } else { Err(Unfit::Fraction) }
}

/// What is written for a number shown, where the target takes `bridge` off by itself.
pub(super) fn written(model: &Model, flow: &Flow, shown: i64, bridge: i64) -> Result<i64, Unfit> {
    let largest = if model.system(flow.to).kind.integers_only { i64::from(i32::MAX) } else { LARGEST };
    let number = shown.checked_add(bridge).ok_or(Unfit::TooLarge)?;
    if number > largest || number < -largest { Err(Unfit::TooLarge) } else { Ok(number) }
}

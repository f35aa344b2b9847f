//! The steps of a number that has a part of a divided shelf.

use super::division::{Part as Given, amounts};
use super::explain::Walk;
use super::explained::Part;
use super::{CodeId, Counter, FlowId, ItemId, LocationId, Want, combine};
use crate::model::bundle::Component;
use crate::model::item::Thing;

impl Counter<'_> {
    /// The steps of a cell for which an allocation divides shelves; `None` for any other.
    pub(super) fn walk_divided(
        &self,
        (flow, code, location): (FlowId, CodeId, LocationId),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) -> Option<Want> {
        let division = self.division();
        let given = division.parts(flow, code, location)?;
        let want = division.want(self.model, (flow, code, location))?;
        if let Some(system) = division.blind(flow, code, location) {
            let name = &self.model.system(system).name;
            walk.note(format!("nobody knows how much `{name}` shows of the shelf that it shares with this"));
        }
        let amounts = amounts(self.model, code, given.iter().copied());
        let thing = self.model.code(code).thing;
        let pool = self.model.location(location).is_pool();
        for (part, amount) in given.iter().zip(amounts) {
            let place = part.place.location;
            let mut inner = Vec::new();
            let into = if pool { &mut inner } else { &mut *parts };
            match thing {
                Thing::Item(item) => self.walk_part(flow, (item, part, amount), into, walk),
                Thing::Bundle(bundle) => {
                    let components = &self.model.bundle(bundle).components;
                    self.walk_bundle(flow, (components, part), into, walk);
                }
            }
            if pool {
                parts.push(Part::Member { place, parts: inner, value: amount });
            }
        }
        Some(want)
    }

    /// The steps of one item at one place, up to what is given of it, in base units.
    fn walk_part(
        &self,
        flow: FlowId,
        (item, part, amount): (ItemId, &Given<'_>, i64),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) {
        let mut count = self.walk_terms(flow, (item, part.place.location, true), parts, walk).count;
        let Some(right) = part.right(item) else { return };
        if let Some((keep, value)) = right.facts.keep {
            parts.push(Part::KeepBack { keep, value });
            count = combine::take_off(count, value);
        }
        // Of a cell that is not divided all is shown; flows that add up more than others are the exception.
        if !right.facts.pooled || count != amount {
            let (weight, of) = match right.facts.pooled {
                true => (1, 1),
                false => stated(right.share.top, right.share.bottom),
            };
            parts.push(Part::Divide { weight, of, value: amount });
        }
    }

    fn walk_bundle(
        &self,
        flow: FlowId,
        (components, part): (&[Component], &Given<'_>),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) {
        let mut least: Option<(ItemId, i64)> = None;
        for component in components {
            let mut inner = Vec::new();
            let units = part.right(component.item).map_or(0, |right| right.units);
            // What is left over may give it more of a component than its right.
            let value = units.max(part.many.saturating_mul(component.quantity));
            self.walk_part(flow, (component.item, part, value), &mut inner, walk);
            let allowed = combine::per_bundle(units, component.quantity);
            least = least.filter(|(_, least)| *least <= allowed).or(Some((component.item, allowed)));
            let value = combine::per_bundle(value, component.quantity);
            parts.push(Part::Per { component: *component, parts: inner, value });
        }
        if let Some((item, _)) = least {
            parts.push(Part::Least { item, value: part.many });
        }
    }
}

/// A share as two numbers of 64 bits: exact wherever its denominator is below 2^63.
fn stated(top: i128, bottom: i128) -> (i64, i64) {
    let over = (i128::BITS - bottom.leading_zeros()).saturating_sub(i64::BITS - 1);
    ((top >> over) as i64, (bottom >> over) as i64)
}

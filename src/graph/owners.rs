//! Who owns which count: the owners that claim each base quantity at each place.

use crate::model::quantity::BASE;
use crate::model::set::Bits;
use crate::model::{ItemId, LocationId, Model, OwnerId, QuantityId, SystemId};

/// One owner's claim to a base quantity at a place, for the items of that owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The owner.
    pub owner: OwnerId,
    /// The system that it names.
    pub system: SystemId,
    /// Whether the owner names the place itself. Else it names a pool that holds the place, which is a
    /// mistake of its own.
    pub direct: bool,
}

/// Claims, by place and base quantity.
#[derive(Debug, Default)]
pub struct Ownership {
    /// Entry `location * BASE.len() + quantity`: claims in reading order.
    claims: Vec<Vec<Claim>>,
    /// The items of each owner.
    items: Vec<Bits>,
}

impl Ownership {
    /// Collects the claims of all owners.
    pub(super) fn of(model: &Model) -> Ownership {
        let mut claims = vec![Vec::new(); model.locations.len() * BASE.len()];
        for (index, owner) in model.owners.iter().enumerate() {
            for (location, place) in &owner.at {
                let pool = &model.location(*location).pool;
                // Without `at` an owner has every location of its system; a pool among them is no claim.
                if !pool.is_empty() && *place == owner.origin {
                    continue;
                }
                let direct = pool.is_empty();
                let places = if direct { std::slice::from_ref(location) } else { &pool[..] };
                for (quantity, _) in &owner.quantities {
                    claim(
                        &mut claims,
                        places,
                        *quantity,
                        Claim { owner: OwnerId::at(index), system: owner.system, direct },
                    );
                }
            }
        }
        Ownership { claims, items: model.owners.iter().map(|owner| owner.items.clone()).collect() }
    }

    /// The claims to a base quantity at a place, in reading order.
    pub fn claims(&self, location: LocationId, quantity: QuantityId) -> &[Claim] {
        let entry = location.index() * BASE.len() + quantity.index();
        if quantity.index() < BASE.len() { &self.claims[entry] } else { &[] }
    }

    /// The items of an owner.
    pub fn items(&self, owner: OwnerId) -> &Bits {
        &self.items[owner.index()]
    }

    /// The items whose base quantity at a place has an owner.
    pub fn owned(&self, location: LocationId, quantity: QuantityId) -> Bits {
        let mut owned = Bits::default();
        for claim in self.claims(location, quantity) {
            owned.union(self.items(claim.owner));
        }
        owned
    }

    /// The items whose base quantity at a place several systems own.
    pub fn contested(&self, location: LocationId, quantity: QuantityId) -> Bits {
        let mut systems: Vec<(SystemId, Bits)> = Vec::new();
        for claim in self.claims(location, quantity).iter().filter(|claim| claim.direct) {
            let items = self.items(claim.owner);
            match systems.iter_mut().find(|(system, _)| *system == claim.system) {
                Some((_, all)) => all.union(items),
                None => systems.push((claim.system, items.clone())),
            }
        }
        let (mut seen, mut contested) = (Bits::default(), Bits::default());
        for (_, items) in &systems {
            contested.union(&seen.common(items));
            seen.union(items);
        }
        contested
    }

    /// The owner of a count; the first one where several claim it.
    pub fn owner_of(&self, item: ItemId, location: LocationId, quantity: QuantityId) -> Option<OwnerId> {
        let claims = self.claims(location, quantity).iter();
        claims.map(|claim| claim.owner).find(|owner| self.items(*owner).contains(item.index()))
    }

    /// Splits items by who owns their base quantity at a place; items without an owner are in no part.
    pub fn split(&self, location: LocationId, quantity: QuantityId, items: &Bits) -> Vec<(OwnerId, Bits)> {
        let mut left = items.clone();
        let mut parts = Vec::new();
        for claim in self.claims(location, quantity) {
            let part = left.common(self.items(claim.owner));
            if !part.is_empty() {
                left.subtract(&part);
                parts.push((claim.owner, part));
            }
        }
        parts
    }
}

fn claim(claims: &mut [Vec<Claim>], places: &[LocationId], quantity: QuantityId, claim: Claim) {
    for place in places {
        let entry = place.index() * BASE.len() + quantity.index();
        if quantity.index() < BASE.len() && !claims[entry].iter().any(|c| c.owner == claim.owner) {
            claims[entry].push(claim);
        }
    }
}

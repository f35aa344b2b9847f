//! `acknowledgement-missing`: orders are collected, and nothing shows when the owner has taken them in.

use crate::check::Facts;
use crate::check::cells::{Cells, list};
use crate::diagnostic::{Diagnostic, code};
use crate::model::collect::Collect;
use crate::model::movement::Movement;
use crate::model::quantity::{ON_HAND, RESERVED};
use crate::model::set::Bits;
use crate::model::system::{Acknowledges, System};
use crate::model::{LocationId, OwnerId, SystemId};
use std::collections::BTreeMap;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = facts.model.systems.iter().filter_map(nothing_to_read).collect();
    let orders = facts.model.collects.iter().filter(|flow| flow.collects(Movement::Order).is_some());
    found.extend(orders.filter_map(|flow| silent_owners(facts, flow)));
    found
}

/// `acknowledges lines` in a system that lists none.
fn nothing_to_read(system: &System) -> Option<Diagnostic> {
    let (acknowledges, origin) = system.acknowledges?;
    if acknowledges != Acknowledges::Lines || system.lists_lines() {
        return None;
    }
    let message = format!("`{}` acknowledges by its order lines, and there are none to read", system.name);
    let help = match (system.kind.kind, system.kind.generic) {
        ("memory", _) => {
            "Each line that the owner lists is a line that need not be subtracted a second time. Write \
             `lines` beside it if it lists them, or `acknowledges counts after=\"2h\"`."
        }
        (_, true) => {
            "Each line that the owner lists is a line that need not be subtracted a second time. Say where \
             they are read: `lines \"open.csv\" { document order_no; line line_no; code sku; open qty }`; \
             or write `acknowledges counts after=\"2h\"`."
        }
        (_, false) => {
            "Each line that the owner lists is a line that need not be subtracted a second time. This kind \
             lists none: write `acknowledges counts after=\"2h\"` with the time after which its counts \
             contain an order, or `acknowledges never` if people close the lines."
        }
    };
    Some(
        Diagnostic::new(code::ACKNOWLEDGEMENT_MISSING, origin, message)
            .here("which lines?")
            .label(system.origin, format!("a system of kind `{}`", system.kind.kind))
            .help(help),
    )
}

/// Owners of cells that a channel sells from which never show that they have taken its orders in. One that
/// says `lines` without having any has been reported for that.
fn silent_owners(facts: &Facts, flow: &Collect) -> Option<Diagnostic> {
    let mut cells = Cells::default();
    let mut silent: BTreeMap<SystemId, OwnerId> = BTreeMap::new();
    for (place, items) in sold(facts, flow.from) {
        // Whoever owns `reserved` lists the order; where nobody does, whoever owns the shelf its shipment.
        let by_reserved = facts.graph.owners().split(place, RESERVED, &items);
        let mut rest = items.clone();
        by_reserved.iter().for_each(|(_, part)| rest.subtract(part));
        let by_on_hand = facts.graph.owners().split(place, ON_HAND, &rest);
        for (owner, part) in by_reserved.into_iter().chain(by_on_hand) {
            if facts.owner_system(owner).acknowledges().is_none() {
                cells.add(place, &part);
                silent.entry(facts.owner(owner).system).or_insert(owner);
            }
        }
    }
    let first = facts.owner(*silent.values().next()?);
    let names = list(silent.keys().map(|id| &*facts.model.system(*id).name));
    let verb = if silent.len() == 1 { "never shows" } else { "never show" };
    let message = format!(
        "orders of `{}` are collected, and {names} {verb} that they have arrived: {}",
        facts.model.system(flow.from).name,
        cells.say(facts.model)
    );
    Some(
        Diagnostic::new(code::ACKNOWLEDGEMENT_MISSING, flow.origin, message)
            .here("collects orders")
            .label(first.origin, "owns the count that they are taken from")
            .help(
                "Each order is subtracted until the owner's own count contains it. Without a sign of that \
                 it would be subtracted forever, or too short. Write `acknowledges counts after=\"2h\"` in \
                 the owner's system, `lines` and its columns where it can list open orders, or \
                 `acknowledges never` if people close the lines.",
            ),
    )
}

/// The cells that a channel sells from: what it has codes for, at its places, and what flows to it draw on.
fn sold(facts: &Facts, channel: SystemId) -> BTreeMap<LocationId, Bits> {
    let mut sold: BTreeMap<LocationId, Bits> = BTreeMap::new();
    for (index, location) in facts.model.locations.iter().enumerate() {
        if location.code_in(channel).is_none() {
            continue;
        }
        let items = facts.graph.items_known(channel, LocationId::at(index));
        for place in facts.graph.locations_of(LocationId::at(index)) {
            sold.entry(*place).or_default().union(&items);
        }
    }
    for (id, _) in facts.flows().filter(|(_, flow)| flow.to == channel) {
        for draw in &facts.graph.flow(id).draws {
            sold.entry(draw.location).or_default().union(&draw.needed());
        }
    }
    sold
}

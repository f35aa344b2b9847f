//! Mistakes in who owns what.

use super::{Table, island};
use crate::mutation::written::{Node, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::flow::Flow;
use onhand::model::quantity::{BASE, ON_HAND, RESERVED};
use onhand::model::{ItemId, Model};

pub const PLANTS: Table = &[
    (code::OWNER_OVERLAP, "a second owner", overlap),
    (code::OWNER_OVERLAP, "a second owner of one item", overlap_of_one),
    (code::OWNER_GAP, "an item that nobody owns", gap),
    (code::OWNER_GAP, "a new item that nobody owns", gap_of_new),
    (code::COMPONENT_UNOWNED, "a component that nobody owns", component),
    (code::OWNER_UNMAPPED, "an item that its owner does not know", unmapped),
    (code::OWNER_UNMAPPED, "a new item that its owner does not know", unmapped_of_new),
    (code::OWNER_CANNOT_READ, "a count that the owner does not show", cannot_read),
    (code::WRITES_TO_OWNER, "a flow back to the owner", writes_back),
    (code::OWNER_UNUSED, "an owner where nothing is published", unused),
    (code::TRANSFER_UNTRACKED, "transfers that nobody accepts any more", untracked),
    (code::TRANSFER_UNTRACKED, "a second warehouse", second_warehouse),
    (code::RESERVED_UNOWNED, "orders that are not taken off", reserved),
];

/// Narrows every owner, so that nobody owns an item.
fn disown(all: &mut Written, item: &str) {
    for node in all.files.values_mut().flatten().filter(|node| node.name == "owner") {
        node.add(&format!("except {item}"));
    }
}

/// Flows that need an item, for itself or for a bundle.
fn needing(model: &Model, item: ItemId) -> Vec<&Flow> {
    let graph = onhand::graph::build(model);
    let needs = |at: &usize| {
        let draws = &graph.flow(onhand::model::FlowId::at(*at)).draws;
        draws.iter().any(|draw| draw.needed().contains(item.index()))
    };
    (0..model.flows.len()).filter(needs).map(|at| &model.flows[at]).collect()
}

/// An item that one flow needs, and for itself.
fn needed_once<'m>(model: &'m Model, dice: &mut Dice) -> Option<(ItemId, &'m Flow)> {
    let mut found = Vec::new();
    for at in 0..model.items.len() {
        let item = ItemId::at(at);
        let part = model.bundles.iter().any(|own| own.components.iter().any(|part| part.item == item));
        if let ([flow], false) = (needing(model, item).as_slice(), part) {
            found.push((item, *flow));
        }
    }
    found.get(dice.below(found.len().max(1))).copied()
}

fn gap(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let (item, flow) = needed_once(model, dice)?;
    disown(all, &model.item(item).name);
    all.find("flow", &flow.name)?.mark();
    Some(())
}

/// A system that counts, and a place of it that some flow takes as a whole, with that flow.
fn whole_flow<'m>(model: &'m Model, all: &Written, dice: &mut Dice) -> Option<&'m Flow> {
    let open = |flow: &&Flow| {
        let alone = model.flows.iter().filter(|other| other.to == flow.to).count() == 1;
        let node = all.tops().find(|node| node.name == "flow" && node.argument(0) == Some(&flow.name));
        let wide = |node: &Node| node.child("items").is_none() && node.child("except").is_none();
        alone && node.is_some_and(wide)
    };
    let flows: Vec<&Flow> = model.flows.iter().filter(open).collect();
    flows.get(dice.below(flows.len().max(1))).copied()
}

fn counting(model: &Model) -> Vec<&str> {
    let mut names: Vec<&str> = model.owners.iter().map(|owner| &*model.system(owner.system).name).collect();
    names.sort();
    names.dedup();
    names
}

/// A new item, known where things are counted and in one target.
fn new_item(all: &mut Written, model: &Model, (flow, owners): (&Flow, bool)) -> String {
    let unit = &model.units.get(model.items[0].unit).name;
    let mut codes = format!("in {} NEWCOMER; ", model.system(flow.to).name);
    for system in counting(model).iter().filter(|_| owners) {
        codes += &format!("in {system} NEWCOMER; ");
    }
    all.append(&format!("item NEWCOMER unit={unit} {{ {codes} }}"));
    "NEWCOMER".to_owned()
}

fn gap_of_new(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = whole_flow(model, all, dice)?;
    let item = new_item(all, model, (flow, true));
    disown(all, &item);
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn component(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = whole_flow(model, all, dice)?;
    let item = new_item(all, model, (flow, true));
    all.find("item", &item)?.children.remove(0);
    all.append(&format!(
        "bundle NEW-SET {{ component {item} 2; in {} NEW-SET }}",
        model.system(flow.to).name
    ));
    disown(all, &item);
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn unmapped(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let (item, flow) = needed_once(model, dice)?;
    let graph = onhand::graph::build(model);
    let places: Vec<_> = flow.at.iter().flat_map(|(at, _)| graph.locations_of(*at)).collect();
    let mut owners = places.iter().filter_map(|place| graph.owner_of(item, **place, ON_HAND));
    let owner = model.system(model.owners[owners.next_back()?.index()].system).name.to_string();
    let node = all.find("item", &model.item(item).name)?;
    node.children.retain(|child| child.name != "in" || child.argument(0) != Some(&owner));
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn unmapped_of_new(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = whole_flow(model, all, dice)?;
    new_item(all, model, (flow, false));
    all.find("flow", &flow.name)?.mark();
    Some(())
}

/// A place with its owner, and another counting system.
fn rival(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<(String, String)> {
    let alone = |place: &onhand::model::LocationId| {
        model.owners.iter().filter(|owner| owner.at.iter().any(|(at, _)| at == place)).count() == 1
    };
    let owned = model.owners.iter().flat_map(|owner| &owner.at).map(|(place, _)| *place);
    let owned: Vec<_> = owned.filter(alone).collect();
    let place = *owned.get(dice.below(owned.len().max(1)))?;
    all.append(
        "system rival kind=memory role=warehouse {
            levels { code c; location l; on-hand q; reserved r }
            acknowledges never
        }",
    );
    let name = model.location(place).name.to_string();
    all.find("location", &name)?.add("in rival RIVAL");
    Some((name, "rival".to_owned()))
}

fn overlap(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let (place, system) = rival(all, model, dice)?;
    all.append(&format!("owner {system} {{ of on-hand; at {place} }}")).mark();
    Some(())
}

fn overlap_of_one(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let (place, system) = rival(all, model, dice)?;
    let graph = onhand::graph::build(model);
    let (at, _) = super::places::places(model).find(|(_, own)| *own.name == *place)?;
    let owned = |item: &usize| graph.owner_of(ItemId::at(*item), at, ON_HAND).is_some();
    let item = (0..model.items.len()).find(owned)?;
    let text = format!("owner {system} {{ of on-hand; at {place}; items {} }}", model.items[item].name);
    all.append(&text).mark();
    Some(())
}

fn cannot_read(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let owners = &model.owners;
    let owner = model.system(owners[dice.below(owners.len())].system);
    let shown =
        |name: &&&str| owner.shows.iter().any(|shows| *model.quantity(shows.quantity).name == ***name);
    let hidden: Vec<&&str> = BASE.iter().filter(|name| !shown(name)).collect();
    let count = hidden[dice.below(hidden.len())];
    let name = owner.name.to_string();
    let node = all.pick(dice, |node| node.name == "owner" && node.argument(0) == Some(&name))?;
    let of = node.child_mut("of")?;
    of.argue(count);
    of.mark();
    Some(())
}

fn writes_back(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let owner = &model.owners[dice.below(model.owners.len())];
    let system = model.system(owner.system);
    let writable = match system.kind.kind {
        "sql" => system.set.is_some(),
        "csv" => system.publish.is_some(),
        _ => true,
    };
    let net = system.shows.iter().any(|shows| !shows.net_of.is_empty());
    if !writable || net {
        return None;
    }
    let (place, _) = owner.at[dice.below(owner.at.len())];
    let text = format!(
        "flow back {{ publish on-hand to={}; at {}; lag \"1h\" every=\"10m\" }}",
        system.name,
        model.location(place).name
    );
    all.append(&text).mark();
    Some(())
}

fn unused(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let located = |system: &onhand::model::system::System| {
        system.levels.as_ref().is_none_or(|levels| levels.location.is_some())
    };
    let owners: Vec<_> = model.owners.iter().filter(|owner| located(model.system(owner.system))).collect();
    let Some(owner) = owners.get(dice.below(owners.len().max(1))) else {
        all.append(
            "system attic-lists kind=memory role=warehouse { levels { code c; location l; on-hand q } }",
        );
        all.append("location attic { in attic-lists ATTIC }");
        all.append("owner attic-lists { of on-hand; at attic }").mark();
        return Some(());
    };
    let system = &model.system(owner.system).name;
    all.append(&format!("location attic {{ in {system} ATTIC }}"));
    all.append(&format!("owner {system} {{ of on-hand; at attic }}")).mark();
    Some(())
}

fn untracked(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let accepted = all.tops().filter(|node| node.allows("transfer-untracked")).count();
    let owners = all.tops().filter(|node| node.name == "owner").count();
    if accepted != 1 || owners != 2 {
        return None;
    }
    let node = all.pick(dice, |node| node.allows("transfer-untracked"))?;
    node.drop_children("allow");
    node.mark();
    Some(())
}

fn second_warehouse(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add(all);
    all.append(
        "system isle-barn kind=memory role=warehouse {
            levels { code c; location l; on-hand q { net-of reserved } }
            acknowledges never
        }",
    );
    all.append("location isle-hill { in isle-barn HILL; in isle-shop HILL }");
    for item in ["ISLE-CAP", "ISLE-BELT"] {
        all.find("item", item)?.add(&format!("in isle-barn {item}"));
    }
    all.find("flow", "isle-stock")?.child_mut("at")?.argue("isle-hill");
    all.append("owner isle-barn { of on-hand; at isle-hill; items ISLE-CAP ISLE-BELT }").mark();
    Some(())
}

fn reserved(all: &mut Written, model: &Model, _: &mut Dice) -> Option<()> {
    let sells = |flow: &&Flow| model.system(flow.to).role == onhand::model::system::Role::Channel;
    let channels: Vec<&Flow> = model.flows.iter().filter(sells).collect();
    let all_reserved = model.owners.iter().all(|owner| owner.quantities.iter().any(|(q, _)| *q == RESERVED));
    let takes_off = |flow: &Flow| {
        let terms = &model.quantity(flow.quantity).terms;
        terms.iter().any(|(id, times)| *id == RESERVED && *times < 0)
    };
    if let ([flow], true) = (channels.as_slice(), all_reserved)
        && takes_off(flow)
    {
        for node in all.files.values_mut().flatten().filter(|node| node.name == "owner") {
            node.child_mut("of")?
                .entries
                .retain(|entry| entry.value != crate::mutation::written::Value::Text("reserved".to_owned()));
        }
        all.find("flow", &flow.name)?.mark();
        return Some(());
    }
    island::add(all);
    let levels = all.find("system", "isle-depot")?.child_mut("levels")?;
    levels.child_mut("on-hand")?.children.clear();
    all.find("flow", "isle-stock")?.mark();
    Some(())
}

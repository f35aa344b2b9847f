//! Mistakes in locations and pools.

use super::{Table, island};
use crate::mutation::written::{Node, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::location::Location;
use onhand::model::{LocationId, Model, SystemId};

pub const PLANTS: Table = &[
    (code::LOCATION_UNMAPPED, "a flow to a place that its target lacks", flow_elsewhere),
    (code::LOCATION_UNMAPPED, "an owner at a place that it lacks", owner_elsewhere),
    (code::LOCATION_CODE_SHARED, "one code for two places", shared_code),
    (code::POOL_CYCLE, "a pool of itself", pool_of_itself),
    (code::POOL_CYCLE, "pools of each other", pool_circle),
    (code::POOL_OWNED, "a pool that is owned", pool_owned),
    (code::POOL_OWNED, "a pool with a code in an owner", pool_counted),
    (code::POOL_BESIDE_MEMBER, "a pool and its members in one shop", pool_beside),
    (code::UNKNOWN_TIMEZONE, "a zone that does not exist", zone),
];

/// Places by number.
pub fn places(model: &Model) -> impl Iterator<Item = (LocationId, &Location)> {
    model.locations.iter().enumerate().map(|(at, place)| (LocationId::at(at), place))
}

/// Adds a place that a system of its own knows, and no other.
fn moon(all: &mut Written) -> String {
    all.append("system moonbase kind=memory role=reporting { levels { code c; location l; on-hand q } }");
    all.append("location moon { in moonbase MOON }");
    "moon".to_owned()
}

fn flow_elsewhere(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = &model.flows[dice.below(model.flows.len())];
    let lacks = |place: &&Location| place.code_in(flow.to).is_none() && !place.is_pool();
    let lacking: Vec<&Location> = model.locations.iter().filter(lacks).collect();
    let place = lacking.get(dice.below(lacking.len().max(1))).map(|place| place.name.to_string());
    let place = place.unwrap_or_else(|| moon(all));
    let here: Vec<String> = flow.at.iter().map(|(at, _)| model.location(*at).name.to_string()).collect();
    let node = all.find("flow", &flow.name)?;
    if node.child("at").is_none() {
        node.add(&format!("at {}", here.join(" ")));
    }
    let at = node.child_mut("at")?;
    at.argue(&place);
    at.mark();
    Some(())
}

fn owner_elsewhere(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    moon(all);
    let node = all.pick(dice, |node| node.name == "owner" && node.child("at").is_some())?;
    let at = node.child_mut("at")?;
    at.argue("moon");
    at.mark();
    Some(())
}

fn shared_code(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let codes: Vec<(SystemId, String)> = model
        .locations
        .iter()
        .flat_map(|place| &place.codes)
        .filter_map(|code| Some((code.system, code.code.as_ref()?.to_string())))
        .collect();
    let (system, code) = codes.get(dice.below(codes.len().max(1)))?;
    let system = &model.system(*system).name;
    let place = all.append(&format!("location annexe-of-it {{ in {system} \"{code}\" }}"));
    place.children[0].mark();
    Some(())
}

fn pool_of_itself(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.append("location ring { pool ring }").mark();
    Some(())
}

fn pool_circle(all: &mut Written, model: &Model, _: &mut Dice) -> Option<()> {
    let member = &model.locations[0].name;
    all.append("location ring { pool loop }");
    all.append(&format!("location loop {{ pool ring {member} }}")).mark();
    Some(())
}

fn real<'m>(model: &'m Model, dice: &mut Dice) -> &'m Location {
    let real: Vec<&Location> = model.locations.iter().filter(|place| !place.is_pool()).collect();
    real[dice.below(real.len())]
}

fn pool_owned(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let member = &real(model, dice).name;
    all.append(&format!("location everywhere {{ pool {member} }}"));
    let node = all.pick(dice, |node| node.name == "owner" && node.child("at").is_some())?;
    let at = node.child_mut("at")?;
    at.argue("everywhere");
    at.mark();
    Some(())
}

fn pool_counted(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let owner = model.system(model.owners[dice.below(model.owners.len())].system);
    let member = &real(model, dice).name;
    // A system without places would have two of them, which is another fault.
    owner.levels.as_ref().is_none_or(|levels| levels.location.is_some()).then_some(())?;
    let pool = all.append(&format!("location everywhere {{ pool {member}; in {} EVERYWHERE }}", owner.name));
    pool.child_mut("in")?.mark();
    Some(())
}

/// Flows to one system of a shop in which nothing is divided.
fn pool_beside(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flows = &model.flows;
    let fits = |flow: &&onhand::model::flow::Flow| {
        let alone = flows.iter().filter(|other| other.to == flow.to).count() == 1;
        let system = model.system(flow.to);
        let located = system.levels.as_ref().is_none_or(|levels| levels.location.is_some());
        alone && located && flow.at.iter().all(|(at, _)| !model.location(*at).is_pool())
    };
    let open = |all: &Written, name: &str| {
        let mut tops = all.tops();
        tops.any(|node| node.name == "flow" && node.argument(0) == Some(name) && node.child("at").is_none())
    };
    let fitting: Vec<_> = flows.iter().filter(fits).filter(|flow| open(all, &flow.name)).collect();
    let Some(flow) = fitting.get(dice.below(fitting.len().max(1))) else {
        island::add(all);
        all.append("location archipelago { pool isle; in isle-shop ARCH }");
        let flow = all.find("flow", "isle-stock")?;
        flow.drop_children("at");
        flow.mark();
        return Some(());
    };
    let (at, _) = flow.at[dice.below(flow.at.len())];
    let member = &model.location(at).name;
    let system = &model.system(flow.to).name;
    all.append(&format!("location archipelago {{ pool {member}; in {system} ARCH }}"));
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn zone(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) = all.pick_deep(dice, |node: &Node, above| {
        let holds = above.is_empty() && ["onhand", "system", "location"].contains(&node.name.as_str());
        if holds && !node.entries.is_empty() && node.child("pool").is_none() { vec![()] } else { vec![] }
    })?;
    node.drop_children("timezone");
    node.add("timezone \"Europe/Atlantis\"").mark();
    Some(())
}

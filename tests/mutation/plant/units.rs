//! Mistakes in units, packs and bundles.

use super::{Table, island};
use crate::mutation::written::{Node, Value, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::Model;

pub const PLANTS: Table = &[
    (code::UNIT_UNREACHABLE, "a code in another family's unit", other_family),
    (code::UNIT_UNREACHABLE, "a component in another family's unit", component_unit),
    (code::UNIT_CONTRADICTION, "a pack with a unit's name", pack_as_unit),
    (code::UNIT_CONTRADICTION, "one word for two units", word_twice),
    (code::UNIT_CYCLE, "units in a circle", circle),
    (code::UNIT_CYCLE, "a unit of itself", own_circle),
    (code::UNIT_CYCLE, "a base unit made of its larger one", base_circle),
    (code::UNIT_FRACTION, "a base unit that is too coarse", fraction),
    (code::PACK_SIZE, "a pack of one", pack_of_one),
    (code::PACK_SIZE, "a pack of less than one", pack_of_less),
    (code::KEEP_BACK_UNIT, "so much of a small unit", keep_back),
    (code::BUNDLE_CYCLE, "a bundle of itself", bundle_of_itself),
    (code::BUNDLE_CYCLE, "bundles of each other", bundle_circle),
    (code::BUNDLE_EMPTY, "a bundle of nothing", bundle_empty),
    (code::BUNDLE_QUANTITY, "no piece of a component", bundle_none),
    (code::BUNDLE_QUANTITY, "half a piece of a component", bundle_half),
    (code::BUNDLE_COUNTED, "a bundle that is owned", bundle_owned),
];

fn is_item(node: &Node) -> bool {
    node.name == "item" && node.child("in").is_some()
}

fn other_family(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    all.append("unit cubit");
    let node = all.pick(dice, is_item)?;
    let code = node.child_mut("in")?;
    code.set("unit", "cubit");
    code.mark();
    Some(())
}

/// A bundle that is there, or one that is added.
fn bundle<'w>(all: &'w mut Written, dice: &mut Dice) -> &'w mut Node {
    let is_bundle = |node: &Node| node.name == "bundle" && node.child("component").is_some();
    if !all.tops().any(is_bundle) {
        island::add(all);
        all.append("bundle ISLE-SET { component ISLE-CAP 2; in isle-shop ISLE-SET }");
        // The set stands for the cap, so that nothing is sold beside it.
        let cap = all.find("item", "ISLE-CAP").expect("it was added");
        cap.children.retain(|child| child.argument(0) != Some("isle-shop"));
    }
    all.pick(dice, is_bundle).expect("there is one now")
}

fn component_unit(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    all.append("unit cubit");
    let node = bundle(all, dice).child_mut("component")?;
    node.set("unit", "cubit");
    node.mark();
    Some(())
}

fn pack_as_unit(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let unit = all.pick(dice, |node| node.name == "unit")?.argument(0)?.to_owned();
    let node = all.pick(dice, is_item)?;
    node.add(&format!("pack {unit} 18")).mark();
    Some(())
}

fn word_twice(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let system = &model.systems[dice.below(model.systems.len())].name;
    all.append(&format!("unit cubit {{ in {system} CBT }}"));
    let node = all.append(&format!("unit fathom {{ in {system} CBT }}"));
    node.children[0].mark();
    Some(())
}

fn circle(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.append("unit cubit 2 fathom");
    all.append("unit fathom 3 cubit").mark();
    Some(())
}

fn own_circle(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.append("unit cubit 2 cubit").mark();
    Some(())
}

fn base_circle(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    // Of a family, the base: everything that counts in it is in doubt. The later of the two is the fault.
    let larger = all.pick(dice, |node| node.name == "unit" && node.arguments().len() == 3)?;
    let (larger, base) = (larger.argument(0)?.to_owned(), larger.argument(2)?.to_owned());
    let node = all.find("unit", &base)?;
    node.entries.push(super::super::written::Entry {
        key: None,
        note: None,
        value: Value::Raw("3".to_owned()),
    });
    node.argue(&larger);
    let files: Vec<String> = all.files.keys().cloned().collect();
    for file in files {
        let nodes = all.files.get_mut(&file)?;
        let either = |node: &Node| {
            node.name == "unit" && [Some(larger.as_str()), Some(base.as_str())].contains(&node.argument(0))
        };
        if let Some(last) = nodes.iter_mut().rev().find(|node| either(node)) {
            last.mark();
            return Some(());
        }
    }
    None
}

fn fraction(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let system = &model.systems[dice.below(model.systems.len())].name;
    all.append("unit straw");
    all.append("unit bale 400 straw");
    let item = all.append(&format!("item HAY unit=bale {{ in {system} HAY unit=straw }}"));
    item.children[0].mark();
    Some(())
}

fn pack(all: &mut Written, dice: &mut Dice, size: &str) -> Option<()> {
    let node = all.pick(dice, is_item)?;
    node.add(&format!("pack wrapper {size}")).mark();
    Some(())
}

fn pack_of_one(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    pack(all, dice, "1")
}

fn pack_of_less(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    pack(all, dice, "0.5")
}

fn keep_back(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let unit = &model.units.all;
    let larger = |item: &&onhand::model::item::Item| {
        unit.iter()
            .any(|own| own.root == unit[item.unit.index()].root && own.ratio != unit[item.unit.index()].ratio)
    };
    let flow = &model.flows[dice.below(model.flows.len())];
    let items = flow.things.items.iter().map(|item| &model.items[item]);
    let known = |item: &&onhand::model::item::Item| {
        model.codes.iter().any(|code| code.system == flow.to && model.thing_name(code.thing) == &item.name)
    };
    let items: Vec<_> = items.filter(larger).filter(known).collect();
    let item = items.get(dice.below(items.len().max(1)))?;
    let node = all.find("flow", &flow.name)?;
    node.add(&format!("keep-back 2 {{ items {} }}", item.name)).mark();
    Some(())
}

fn bundle_of_itself(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = bundle(all, dice);
    let name = node.argument(0)?.to_owned();
    node.add(&format!("component {name} 1"));
    node.mark();
    Some(())
}

fn bundle_circle(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.append("bundle ROUND { component ABOUT 1 }");
    all.append("bundle ABOUT { component ROUND 1 }").mark();
    Some(())
}

fn bundle_empty(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = bundle(all, dice);
    node.drop_children("component");
    node.mark();
    Some(())
}

fn quantity(all: &mut Written, dice: &mut Dice, number: &str) -> Option<()> {
    let node = bundle(all, dice).child_mut("component")?;
    node.without("unit");
    node.set_argument(1, Value::Raw(number.to_owned()));
    node.mark();
    Some(())
}

fn bundle_none(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    quantity(all, dice, "0")
}

fn bundle_half(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    quantity(all, dice, "0.5")
}

fn bundle_owned(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let name = bundle(all, dice).argument(0)?.to_owned();
    let node = all.pick(dice, |node| node.name == "owner")?;
    match node.child_mut("items") {
        Some(items) => {
            items.argue(&name);
            items.mark();
        }
        None => node.add(&format!("items \"*\" {name}")).mark(),
    }
    Some(())
}

//! Mistakes in what is published, shared and collected.

use super::{Table, island};
use crate::mutation::written::{Node, Value, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::Model;
use onhand::model::flow::Flow;
use onhand::model::system::Role;

pub const PLANTS: Table = &[
    (code::FLOW_CYCLE, "a quantity of itself", own_quantity),
    (code::FLOW_CYCLE, "transfers in a circle", transfers_round),
    (code::FLOW_EMPTY, "a flow of nothing", empty),
    (code::TARGET_CANNOT_TAKE, "a count that the target does not take", other_count),
    (code::TARGET_CANNOT_TAKE, "a target that is not written", no_write),
    (code::NET_OF_MISMATCH, "a target net of what is not off", net_of_more),
    (code::NET_OF_MISMATCH, "an owner net of what is needed", net_owner),
    (code::NET_OF_UNKNOWN, "nothing said of what is off", net_unknown),
    (code::PROMISE_INCOMING, "goods that are on their way", promise),
    (code::TWO_FLOWS_ONE_CELL, "a flow twice under two names", two_flows),
    (code::ORDERS_UNACCOUNTED, "orders that go nowhere", unaccounted),
    (code::ACKNOWLEDGEMENT_MISSING, "an owner that never shows orders", silent),
    (code::ACKNOWLEDGEMENT_MISSING, "lines that nobody lists", no_lines),
    (code::REVERSAL_MISSING, "orders without returns", no_returns),
    (code::POST_NOT_OWNER, "a post to somebody who owns nothing", post_elsewhere),
    (code::SOURCE_CANNOT_COLLECT, "movements that are not shown", not_shown),
    (code::DOUBLE_RESTOCK, "returns by two roads", two_roads),
    (code::RESTOCK_WINDOW, "returns that are sold at once", restock_window),
    (code::DELTA_WITHOUT_RECONCILE, "changes and never everything", no_reconcile),
    (code::ABSOLUTE_WRITE, "a write that compares nothing", absolute),
    (code::ABSENT_ZERO, "absence as zero", absent_zero),
    (code::SHARED_POOL, "a second code for one shelf", second_code),
    (code::SHARED_POOL, "a second shop for one shelf", second_shop),
    (code::BUNDLE_BESIDE_COMPONENT, "a bundle beside its parts", bundle_beside),
    (code::ALLOCATION_OUTSIDE, "a part for somebody who sells nothing", part_in_vain),
    (code::ALLOCATION_WEIGHT, "a part without a weight", no_weight),
    (code::TEST_UNPUBLISHED, "a test of what is not published", test_unpublished),
    (code::TEST_NOT_OWNER, "a test that believes the wrong system", test_not_owner),
];

fn own_quantity(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.append("quantity mirror { plus on-hand mirror }").mark();
    Some(())
}

fn transfers_round(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add(all);
    all.append(
        "flow isle-round { collect transfers from=isle-depot; post to=isle-depot as=transfer { reference \"{order}\" }
            lag \"1h\" every=\"10m\" reconcile=\"24h\" }",
    )
    .mark();
    Some(())
}

/// A flow that publishes.
fn publishing(model: &Model, dice: &mut Dice) -> String {
    model.flows[dice.below(model.flows.len())].name.to_string()
}

fn empty(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = &model.flows[dice.below(model.flows.len())];
    let (quantity, to) = (&model.quantity(flow.quantity).name, &model.system(flow.to).name);
    let text = format!("flow idle {{ publish {quantity} to={to}; except \"*\"; lag \"10m\" every=\"5m\" }}");
    all.append(&text).mark();
    Some(())
}

fn other_count(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let name = publishing(model, dice);
    // What tests expect of it would be wrong as well.
    all.files.values_mut().for_each(|nodes| nodes.retain(|node| node.name != "test"));
    let node = all.find("flow", &name)?;
    let publish = node.child_mut("publish")?;
    publish.set_argument(0, Value::Text("in-transit".to_owned()));
    node.mark();
    Some(())
}

/// The only flow to some target, where there is one.
pub fn only<'m>(model: &'m Model, dice: &mut Dice, fits: impl Fn(&Flow) -> bool) -> Option<&'m Flow> {
    let alone = |flow: &&Flow| model.flows.iter().filter(|other| other.to == flow.to).count() == 1;
    let flows: Vec<&Flow> = model.flows.iter().filter(alone).filter(|flow| fits(flow)).collect();
    flows.get(dice.below(flows.len().max(1))).copied()
}

fn no_write(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = only(model, dice, |flow| {
        let system = model.system(flow.to);
        system.set.as_ref().is_some_and(|(text, _)| text.contains(":before")) || system.publish.is_some()
    })?;
    let node = all.find("system", &model.system(flow.to).name)?;
    ["set", "publish"].iter().for_each(|name| node.drop_children(name));
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn net_of_more(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let available = |system: &Node| {
        let levels = system.child("levels");
        levels
            .and_then(|levels| levels.child("available"))
            .is_some_and(|count| count.child("net-of").is_some())
    };
    let flow = only(model, dice, |flow| {
        let name = &*model.system(flow.to).name;
        let mut tops = all.tops();
        *model.quantity(flow.quantity).name == *"available"
            && tops.any(|node| node.name == "system" && node.argument(0) == Some(name) && available(node))
    })?;
    let system = all.find("system", &model.system(flow.to).name)?;
    system.child_mut("levels")?.child_mut("available")?.child_mut("net-of")?.argue("incoming");
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn net_owner(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add(all);
    // Gross on hand is asked for, and the depot shows it net.
    all.find("flow", "isle-stock")?.child_mut("publish")?.set_argument(0, Value::Text("on-hand".to_owned()));
    all.find("flow", "isle-stock")?.mark();
    Some(())
}

fn net_unknown(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let offers = |node: &Node, above: &[&Node]| {
        let channel = above.first().is_some_and(|top| top.property("role") == Some("channel"));
        if channel && node.name == "available" { vec![()] } else { Vec::new() }
    };
    if let Some((node, ())) = all.pick_deep(dice, offers) {
        node.children.clear();
        node.mark();
        return Some(());
    }
    island::add(all);
    let text = "system isle-till kind=memory role=channel { levels { code c; location l; available q } }";
    all.append(text).child_mut("levels")?.child_mut("available")?.mark();
    Some(())
}

fn promise(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = only(model, dice, |flow| {
        let system = model.system(flow.to);
        system.role == Role::Channel && system.kind.kind == "vendure"
    });
    let flow = match flow {
        Some(flow) => flow.name.to_string(),
        None => {
            island::add(all);
            "isle-stock".to_owned()
        }
    };
    let node = all.find("flow", &flow)?;
    if node.allows("promise-incoming") {
        return None;
    }
    node.child_mut("publish")?.set_argument(0, Value::Text("hoped-for".to_owned()));
    node.mark();
    all.append("quantity hoped-for { plus available incoming }");
    // What tests expect of it would be wrong as well.
    all.files.values_mut().for_each(|nodes| nodes.retain(|node| node.name != "test"));
    Some(())
}

fn two_flows(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let name = publishing(model, dice);
    let mut copy = all.find("flow", &name)?.clone();
    copy.set_argument(0, Value::Text("once-more".to_owned()));
    copy.without("was");
    copy.mark();
    all.files.get_mut("onhand.kdl")?.push(copy);
    Some(())
}

fn unaccounted(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let fed = |name: &str| model.flows.iter().any(|flow| *model.system(flow.to).name == *name);
    let node = all.pick(dice, |node| {
        node.name == "system" && node.child("orders").is_some() && node.argument(0).is_some_and(fed)
    });
    if let Some(node) = node {
        node.drop_children("orders");
        node.mark();
        return Some(());
    }
    // Then they are collected: by a flow that is gone.
    let node =
        all.pick(dice, |node| node.child("collect").is_some_and(|c| c.argument(0) == Some("orders")))?;
    let from = node.child("collect")?.property("from")?.to_owned();
    let name = node.argument(0)?.to_owned();
    for nodes in all.files.values_mut() {
        nodes.retain(|node| node.name != "flow" || node.argument(0) != Some(&name));
    }
    if all.files.iter().any(|(name, nodes)| name != "onhand.kdl" && nodes.is_empty()) {
        return None;
    }
    all.find("system", &from)?.mark();
    Some(())
}

fn silent(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add_collecting(all);
    all.find("system", "isle-depot")?.drop_children("acknowledges");
    all.find("flow", "isle-orders")?.mark();
    Some(())
}

fn no_lines(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| {
        let silent = node.property("kind") != Some("tryton") && node.child("lines").is_none();
        node.name == "system" && silent && node.child("acknowledges").is_some()
    });
    let node = match node {
        Some(node) => node,
        None => {
            island::add(all);
            all.find("system", "isle-depot")?
        }
    };
    node.drop_children("acknowledges");
    node.add("acknowledges lines").mark();
    Some(())
}

/// A node that collects orders, on the island where nobody else does.
fn collecting<'w>(all: &'w mut Written, dice: &mut Dice) -> &'w mut Node {
    let collects = |node: &Node| {
        let collect = node.child("collect");
        collect.is_some_and(|collect| (0..).map_while(|n| collect.argument(n)).any(|what| what == "orders"))
    };
    if !all.tops().any(collects) {
        island::add_collecting(all);
    }
    all.pick(dice, collects).expect("there is one now")
}

fn no_returns(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let gone = ["returns", "cancellations"][dice.below(2)];
    let collect = collecting(all, dice).child_mut("collect")?;
    collect.entries.retain(|entry| entry.value != Value::Text(gone.to_owned()));
    collect.mark();
    Some(())
}

fn post_elsewhere(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    all.append("system dropbox kind=memory role=warehouse { levels { code c; location l; on-hand q } }");
    let node = collecting(all, dice);
    node.drop_children("post");
    node.add("post to=dropbox as=sale { reference \"{order}\" }").mark();
    Some(())
}

fn not_shown(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add_collecting(all);
    let collect = all.find("flow", "isle-orders")?.child_mut("collect")?;
    collect.argue("transfers");
    collect.mark();
    Some(())
}

fn two_roads(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let posts = |node: &Node| {
        let orders = node.child("collect").is_some_and(|collect| collect.argument(0) == Some("orders"));
        orders && node.child("post").is_some_and(|post| post.property("to").is_some())
    };
    if !all.tops().any(posts) {
        island::add_collecting(all);
    }
    let mut copy = all.pick(dice, posts)?.clone();
    copy.set_argument(0, Value::Text("once-more".to_owned()));
    copy.mark();
    all.files.get_mut("onhand.kdl")?.push(copy);
    Some(())
}

fn restock_window(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add_collecting(all);
    all.find("flow", "isle-orders")?.add("restock returns=damaged").mark();
    Some(())
}

fn no_reconcile(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let lag = collecting(all, dice).child_mut("lag")?;
    lag.without("reconcile");
    lag.mark();
    Some(())
}

fn absolute(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let compares = |node: &Node, above: &[&Node]| {
        let accepted = above.first().is_some_and(|top| top.allows("absolute-write"));
        let holds = node.name == "set" && !accepted;
        if holds { vec![()] } else { Vec::new() }
    };
    let statement = "update stock set qty = :after where sku = :code -- :before";
    if let Some((node, ())) = all.pick_deep(dice, compares) {
        node.set_argument(0, Value::Text(statement.to_owned()));
        node.mark();
        return Some(());
    }
    let text = format!(
        "system isle-list kind=sql role=reporting {{ url \"sqlite:isle.db\"; levels \"select\" {{ code c; on-hand q }}; \
         set \"{statement}\" }}"
    );
    all.append(&text).child_mut("set")?.mark();
    Some(())
}

fn absent_zero(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) =
        all.pick_deep(dice, |node, _| if node.name == "levels" { vec![()] } else { Vec::new() })?;
    node.drop_children("complete");
    node.drop_children("absent");
    node.add("absent zero").mark();
    Some(())
}

fn second_code(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let plain = only(model, dice, |flow| {
        let node = all.tops().find(|node| node.name == "flow" && node.argument(0) == Some(&flow.name));
        let free = node.is_some_and(|node| {
            !node.allows("shared-pool") && node.child("items").is_none() && node.child("except").is_none()
        });
        // An allocation divides the shelf among both codes: that is no mistake.
        let divided = model.allocations.iter().any(|own| own.has(flow.to));
        model.system(flow.to).role == Role::Channel && free && !divided
    });
    let Some(flow) = plain else {
        island::add(all);
        all.find("item", "ISLE-CAP")?.add("in isle-shop ISLE-CAP-6 unit=isle-box");
        all.find("flow", "isle-stock")?.mark();
        return Some(());
    };
    let system = model.system(flow.to).name.to_string();
    // Of what it alone sells, and nobody packs.
    let codes = model.codes.iter().filter(|code| code.system == flow.to && code.at.is_none());
    let alone = |code: &&onhand::model::item::Code| {
        let sells = |other: &&onhand::model::item::Code| {
            other.thing == code.thing && model.system(other.system).role == Role::Channel
        };
        let part = model.bundles.iter().any(|bundle| {
            bundle.components.iter().any(|part| onhand::model::item::Thing::Item(part.item) == code.thing)
        });
        matches!(code.thing, onhand::model::item::Thing::Item(_))
            && model.codes.iter().filter(sells).count() == 1
            && !part
    };
    let codes: Vec<_> = codes.filter(alone).collect();
    let code = codes.get(dice.below(codes.len().max(1)))?;
    let name = model.thing_name(code.thing).to_string();
    all.find("item", &name)?.add(&format!("in {system} SECOND-CODE"));
    all.find("flow", &flow.name)?.mark();
    Some(())
}

/// A second shop on the island; answers its flow.
fn two_shops(all: &mut Written) -> &mut Node {
    island::add(all);
    all.append(
        "system isle-till kind=memory role=channel {
            levels { code c; location l; available q { net-of own-sales } }
            orders none
        }",
    );
    all.find("location", "isle").expect("it was added").add("in isle-till TILL");
    all.find("item", "ISLE-BELT").expect("it was added").add("in isle-till BELT");
    all.append("flow isle-till-stock { publish available to=isle-till; lag \"10m\" every=\"5m\" }")
}

fn second_shop(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    two_shops(all).mark();
    Some(())
}

fn part_in_vain(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    two_shops(all);
    let node = all.append(
        "allocation isle-fronts { among isle-shop isle-till isle-depot; weights isle-shop=1 isle-till=2 isle-depot=1 }",
    );
    node.child_mut("among")?.mark();
    Some(())
}

fn no_weight(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    two_shops(all);
    let node = all.append("allocation isle-fronts { among isle-shop isle-till; weights isle-shop=1 }");
    node.child_mut("among")?.mark();
    Some(())
}

fn test_of<'w>(all: &'w mut Written, given: &str, expect: &str) -> &'w mut Node {
    island::add(all);
    all.append(&format!(
        "test isle {{ given {given} at=isle {{ ISLE-CAP 5 }}; expect {expect} at=isle {{ ISLE-CAP 5 }} }}"
    ))
}

fn test_unpublished(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    test_of(all, "isle-depot on-hand", "isle-shop on-hand").child_mut("expect")?.mark();
    Some(())
}

fn test_not_owner(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    test_of(all, "isle-shop on-hand", "isle-shop available").child_mut("given")?.mark();
    Some(())
}

fn bundle_beside(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    island::add(all);
    let count = 1 + dice.below(3);
    all.append(&format!("bundle ISLE-SET {{ component ISLE-CAP {count}; in isle-shop ISLE-SET }}"));
    all.find("flow", "isle-stock")?.mark();
    Some(())
}

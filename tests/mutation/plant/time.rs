//! Mistakes in how late and how often, and in hours.

use super::{Table, island};
use crate::mutation::written::{Node, Value, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::Model;

pub const PLANTS: Table = &[
    (code::LAG_UNREACHABLE, "runs further apart than the lag", every),
    (code::LAG_UNREACHABLE, "requests that take too long", takes),
    (code::STALE_SOONER_THAN_LAG, "an owner that is fed too slowly", stale),
    (code::WINDOW_BREAKS_LAG, "a window that is closed too long", window),
    (code::WRITE_CAP, "more writes than are allowed", write_cap),
    (code::CALENDAR_CLOSED, "a calendar that never opens", closed),
    (code::CALENDAR_CLOSED, "a window outside of its calendar", window_outside),
];

fn publishes(node: &Node) -> bool {
    node.name == "flow" && node.child("publish").is_some()
}

fn every(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| {
        publishes(node) && node.child("lag").is_some_and(|lag| lag.property("calendar").is_none())
    })?;
    let lag = node.child_mut("lag")?;
    let target = lag.argument(0)?.to_owned();
    lag.set("every", &target);
    node.mark();
    Some(())
}

fn takes(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add(all);
    all.find("system", "isle-shop")?.add("limit takes=\"6m\"");
    all.find("flow", "isle-stock")?.mark();
    Some(())
}

fn stale(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    island::add(all);
    all.append(
        "system isle-barn kind=memory role=warehouse {
            levels { code c; location l; on-hand q; reserved r }
            acknowledges never
        }",
    );
    all.append("location isle-hill { in isle-barn HILL; in isle-depot HILL }");
    for item in ["ISLE-CAP", "ISLE-BELT"] {
        all.find("item", item)?.add(&format!("in isle-barn {item}"));
    }
    all.append("owner isle-barn { of on-hand reserved; at isle-hill; items ISLE-CAP ISLE-BELT }");
    all.append("quantity isle-free { plus on-hand; minus reserved }");
    let depot = all.find("system", "isle-depot")?;
    depot.child_mut("levels")?.add("isle-free f { net-of reserved }");
    depot.add("stale-after \"1m\"").mark();
    all.append("flow isle-feed { publish isle-free to=isle-depot; at isle-hill; lag \"5m\" every=\"2m\" }");
    Some(())
}

fn window(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| {
        publishes(node) && node.child("lag").is_some_and(|lag| lag.property("calendar").is_none())
    })?;
    node.drop_children("window");
    node.add("window from=\"10:00\" to=\"11:30\"");
    node.child_mut("lag")?.set_argument(0, Value::Text("14m".to_owned()));
    node.child_mut("lag")?.set("every", "5m");
    if node.allows("lag-slow") {
        node.children.retain(|child| child.argument(0) != Some("lag-slow"));
    }
    node.mark();
    Some(())
}

fn write_cap(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let flow = super::flows::only(model, dice, |flow| flow.lag.is_some())?;
    let system = all.find("system", &model.system(flow.to).name)?;
    system.drop_children("limit");
    system.add("limit writes=\"10/d\"");
    all.find("flow", &flow.name)?.mark();
    Some(())
}

fn closed(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.append("calendar never { open mon from=\"08:00\" to=\"12:00\"; closed mon }").mark();
    Some(())
}

fn window_outside(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    all.append("calendar mornings { open mon tue wed thu fri sat sun from=\"08:00\" to=\"12:00\" }");
    let node = all.pick(dice, publishes)?;
    node.drop_children("window");
    node.add("window from=\"13:00\" to=\"14:00\" calendar=mornings").mark();
    Some(())
}

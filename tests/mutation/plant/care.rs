//! Mistakes in time and safety.

use super::{Table, island};
use crate::mutation::written::{Node, Value, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::Model;
use onhand::model::system::Role;

pub const PLANTS: Table = &[
    (code::LAG_MISSING, "a channel without a lag", lag_missing),
    (code::LAG_SLOW, "a channel that may be late", lag_slow),
    (code::LAG_SLOW, "a lateness that no one accepts any more", lag_slow_unaccepted),
    (code::CADENCE_MISSING, "a lag without a cadence", cadence),
    (code::TIME_WITHOUT_ZONE, "stamps of no zone", no_zone),
    (code::AGE_UNKNOWN, "an age that nobody knows", age),
    (code::GUARD_TOOTHLESS, "a guard that lets all pass", toothless),
    (code::PLAIN_HTTP, "credentials for all to read", plain_http),
    (code::CREDENTIAL_EXPIRED, "credentials that have run out", expired),
    (code::CREDENTIAL_EXPIRING, "credentials that soon run out", expiring),
    (code::ALERT_MISSING, "nobody is told", no_alert),
    (code::REVIEW_MISSING, "nobody looks", no_review),
    (code::ROLLBACK_MISSING, "nothing can be undone", no_rollback),
    (code::STATE_EPHEMERAL, "state that is thrown away", ephemeral),
];

/// A flow to a channel that does not accept a rule, on the island where there is none.
fn selling<'w>(all: &'w mut Written, model: &Model, dice: &mut Dice) -> &'w mut Node {
    let sells = |node: &Node| {
        let flow = model.flows.iter().find(|flow| Some(&*flow.name) == node.argument(0));
        let channel = flow.is_some_and(|flow| model.system(flow.to).role == Role::Channel);
        node.name == "flow" && channel && !node.allows("lag-slow")
    };
    if !all.tops().any(sells) {
        island::add(all);
        return all.find("flow", "isle-stock").expect("it was added");
    }
    all.pick(dice, sells).expect("there is one")
}

fn lag_missing(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = selling(all, model, dice);
    node.drop_children("lag");
    node.mark();
    Some(())
}

fn lag_slow(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = selling(all, model, dice);
    node.child_mut("lag")?.set_argument(0, Value::Text("20m".to_owned()));
    node.mark();
    Some(())
}

fn lag_slow_unaccepted(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| node.allows("lag-slow"))?;
    node.children.retain(|child| child.name != "allow" || child.argument(0) != Some("lag-slow"));
    node.mark();
    Some(())
}

fn cadence(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = selling(all, model, dice);
    node.child_mut("lag")?.without("every");
    node.mark();
    Some(())
}

fn no_zone(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let dated = |node: &Node| {
        node.name == "system" && node.child("levels").is_some_and(|levels| levels.child("as-of").is_some())
    };
    if !all.tops().any(dated) {
        let node = all.pick(dice, |node| node.name == "system" && node.child("levels").is_some())?;
        node.child_mut("levels")?.add("as-of stamped_at");
    }
    let stamped = |node: &Node| {
        let columns = [("levels", "as-of"), ("lines", "as-of"), ("movements", "at")];
        let names = |(own, column)| node.child(own).is_some_and(|own| own.child(column).is_some());
        node.name == "system" && columns.into_iter().any(names)
    };
    for node in all.files.values_mut().flatten() {
        if node.name == "onhand" {
            node.drop_children("timezone");
        }
        if stamped(node) && node.child("timezone").is_none() {
            node.add("timezone UTC");
        }
    }
    let node = all.pick(dice, dated)?;
    node.drop_children("timezone");
    node.child_mut("levels")?.mark();
    Some(())
}

fn age(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let undated = |node: &Node| {
        let as_of = node.child("levels").and_then(|levels| levels.child("as-of"));
        node.property("kind") == Some("csv") && as_of.is_none() && node.child("stale-after").is_none()
    };
    if !all.tops().any(undated) {
        all.append("system isle-list kind=csv role=reporting { levels \"isle.csv\" { code c; on-hand q } }");
    }
    let node = all.pick(dice, undated)?;
    node.add("stale-after \"3h\"").mark();
    Some(())
}

fn toothless(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| node.name == "flow" && node.child("publish").is_some())?;
    let limit = ["max-changed", "max-zeroed", "max-raised"][dice.below(3)];
    if node.child("guard").is_none() {
        node.add("guard max-rows=500");
    }
    let guard = node.child_mut("guard")?;
    guard.set(limit, "100%");
    guard.mark();
    Some(())
}

fn plain_http(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let secret = |node: &Node| {
        let live = ["tryton", "vendure"].contains(&node.property("kind").unwrap_or_default());
        node.name == "system" && live && !node.allows("plain-http")
    };
    if !all.tops().any(secret) {
        island::add(all);
    }
    let url = all.pick(dice, secret)?.child_mut("url")?;
    url.set_argument(0, Value::Text("http://shop.example.com".to_owned()));
    url.mark();
    Some(())
}

fn expires(all: &mut Written, dice: &mut Dice, day: &str) -> Option<()> {
    let node = all.pick(dice, |node| node.name == "system")?;
    node.drop_children("credential");
    node.add(&format!("credential expires=\"{day}\"")).mark();
    Some(())
}

fn expired(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    expires(all, dice, "2026-10-31")
}

fn expiring(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    expires(all, dice, "2026-12-05")
}

fn head(all: &mut Written) -> Option<&mut Node> {
    all.files.get_mut("onhand.kdl")?.iter_mut().find(|node| node.name == "onhand")
}

fn gone(all: &mut Written, kind: &str) -> Option<()> {
    all.files.values_mut().for_each(|nodes| nodes.retain(|node| node.name != kind));
    head(all)?.mark();
    Some(())
}

fn no_alert(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    gone(all, "alert")
}

fn no_review(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    gone(all, "review")
}

fn no_rollback(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    gone(all, "rollback")
}

fn ephemeral(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    let head = head(all)?;
    head.drop_children("state");
    head.add("state \"sqlite:checkout/state.db\"").mark();
    Some(())
}

//! Mistakes in the text: what is no KDL, files and names, secrets, what is accepted for nothing.

use super::Table;
use crate::mutation::written::{Node, Spot, Value, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::{Severity, code};
use onhand::model::Model;

pub const PLANTS: Table = &[
    (code::SYNTAX, "a word that begins with a digit", digit),
    (code::SYNTAX, "an open quote", open_quote),
    (code::SYNTAX, "an open block", open_block),
    (code::SYNTAX, "an equals sign without a value", no_value),
    (code::LANGUAGE_VERSION, "no version", no_version),
    (code::LANGUAGE_VERSION, "a later version", later_version),
    (code::LANGUAGE_VERSION, "no head", no_head),
    (code::LITERAL_SECRET, "a secret written out", literal_secret),
    (code::INCLUDE_MISSING, "an include of nothing", include_nothing),
    (code::INCLUDE_MISSING, "a file that has another name", include_renamed),
    (code::INCLUDE_CYCLE, "an include of the root", include_root),
    (code::DUPLICATE_NAME, "a node twice", twice),
    (code::DUPLICATE_NAME, "a head twice", head_twice),
    (code::UNKNOWN_NAME, "a slip in a reference", reference),
    (code::UNKNOWN_NAME, "a reference to nothing", reference_to_nothing),
    (code::UNKNOWN_CHOICE, "an error that is accepted", allow_error),
    (code::MISSING_ARGUMENT, "accepted without a reason", allow_silently),
    (code::UNUSED_ALLOW, "nothing is accepted", unused_allow),
];

/// Writes something else where a text stands, if need be at the end of a line.
fn raw(all: &mut Written, dice: &mut Dice, text_instead: &str, last: bool) -> Option<()> {
    // A name that is declared stays: what refers to it would be a second mistake.
    let (node, at) = all.pick_deep(dice, |node, above| {
        if above.is_empty() && !last {
            return Vec::new();
        }
        let is_text = |at: &usize| matches!(node.entries[*at].value, Value::Text(_));
        let ends = |at: &usize| !last || (at + 1 == node.entries.len() && node.children.is_empty());
        (0..node.entries.len()).filter(is_text).filter(ends).collect()
    })?;
    node.entries[at].note = None;
    node.entries[at].value = Value::Raw(text_instead.to_owned());
    node.mark();
    Some(())
}

fn digit(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    raw(all, dice, "3pl", false)
}

fn open_quote(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    raw(all, dice, "\"open", true)
}

fn no_value(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    raw(all, dice, "word=", true)
}

fn open_block(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    // At the end of a file, where nothing behind it can be taken for its content.
    let ends = |nodes: &&mut Vec<Node>| nodes.last().is_some_and(|node| !node.children.is_empty());
    let mut files: Vec<&mut Vec<Node>> = all.files.values_mut().filter(|nodes| ends(nodes)).collect();
    if files.is_empty() {
        return None;
    }
    let chosen = dice.below(files.len());
    let node = files[chosen].last_mut()?;
    node.torn = true;
    node.mark();
    Some(())
}

fn head(all: &mut Written) -> Option<&mut Node> {
    all.files.get_mut("onhand.kdl")?.iter_mut().find(|node| node.name == "onhand")
}

fn no_version(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    let node = head(all)?;
    node.without("language");
    node.mark();
    Some(())
}

fn later_version(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    let node = head(all)?;
    node.entries[0].value = Value::Raw("2".to_owned());
    node.mark();
    Some(())
}

fn no_head(all: &mut Written, _: &Model, _: &mut Dice) -> Option<()> {
    all.files.get_mut("onhand.kdl")?.retain(|node| node.name != "onhand");
    all.place = Some(Spot::Start("onhand.kdl".to_owned()));
    Some(())
}

fn literal_secret(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) = all.pick_deep(dice, |node, above| {
        let secret = node.name == "key" || node.name == "password";
        if secret && above.len() == 1 && above[0].name == "system" { vec![()] } else { Vec::new() }
    })?;
    node.set_argument(0, Value::Text("hunter2hunter2".to_owned()));
    node.mark();
    Some(())
}

fn include_nothing(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let mut files: Vec<&mut Vec<Node>> = all.files.values_mut().collect();
    let chosen = dice.below(files.len());
    let mut include = super::super::written::nodes("include \"nowhere/*.kdl\"");
    include[0].mark();
    files[chosen].extend(include);
    Some(())
}

fn include_renamed(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| node.name == "include")?;
    let path = node.argument(0)?.replace(".kdl", ".kld");
    node.set_argument(0, Value::Text(path));
    node.mark();
    Some(())
}

fn include_root(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let others: Vec<String> = all.files.keys().filter(|name| *name != "onhand.kdl").cloned().collect();
    if others.is_empty() {
        return None;
    }
    let chosen = &others[dice.below(others.len())];
    let up = "../".repeat(chosen.matches('/').count());
    let mut include = super::super::written::nodes(&format!("include \"{up}onhand.kdl\""));
    include[0].mark();
    all.files.get_mut(chosen)?.extend(include);
    Some(())
}

fn twice(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let named = ["unit", "quantity", "system", "location", "item", "bundle", "flow", "calendar", "test"];
    let node = all.pick(dice, |node| named.contains(&node.name.as_str()))?.clone();
    let root = all.files.get_mut("onhand.kdl")?;
    root.push(node);
    root.last_mut()?.mark();
    Some(())
}

fn head_twice(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let kind = ["onhand", "review", "rollback"][dice.below(3)];
    let node = all.pick(dice, |node| node.name == kind)?.clone();
    let root = all.files.get_mut("onhand.kdl")?;
    root.push(node);
    root.last_mut()?.mark();
    Some(())
}

/// What refers to a named thing: an entry of a node.
fn refers(node: &Node, above: &[&Node]) -> Vec<usize> {
    let within = above.first().map_or("", |top| top.name.as_str());
    let arguments = node.arguments();
    let first = |count: usize| arguments.iter().copied().take(count).collect::<Vec<_>>();
    let props = |names: &[&str]| {
        let keyed =
            |entry: &usize| node.entries[*entry].key.as_deref().is_some_and(|key| names.contains(&key));
        (0..node.entries.len()).filter(keyed).collect::<Vec<_>>()
    };
    let mut found = match (node.name.as_str(), within) {
        ("in", _) => first(1),
        ("pool" | "at" | "among", _) | ("plus" | "minus" | "of", _) => first(9),
        ("calendar", "location") => first(1),
        ("component" | "publish", _) if !above.is_empty() && within != "bundles" && within != "system" => {
            first(1)
        }
        ("owner", "") => first(1),
        ("given" | "expect", _) => first(2),
        ("net-of", _) => first(9),
        ("items" | "except", "owner" | "flow") => {
            let whole =
                |at: &usize| !matches!(&node.entries[*at].value, Value::Text(text) if text.contains('*'));
            first(9).into_iter().filter(whole).collect()
        }
        _ => Vec::new(),
    };
    if within != "items" && within != "bundles" {
        found.extend(props(&["to", "from", "at", "calendar"]));
    }
    if ["item", "component"].contains(&node.name.as_str()) || (node.name == "in" && within == "item") {
        found.extend(props(&["unit"]));
    }
    if node.name == "collect" || node.name == "window" || node.name == "open" {
        found.retain(|at| {
            !["to", "from"].contains(&node.entries[*at].key.as_deref().unwrap_or_default())
                || node.name == "collect"
        });
        found.retain(|at| node.entries[*at].key.is_some());
    }
    if node.name == "to" || node.name == "timezone" {
        found.clear();
    }
    found
}

fn refer(all: &mut Written, dice: &mut Dice, change: impl Fn(&str) -> String) -> Option<()> {
    let (node, at) = all.pick_deep(dice, refers)?;
    let (Value::Text(old) | Value::Raw(old)) = &node.entries[at].value;
    node.entries[at].value = Value::Text(change(old));
    node.mark();
    Some(())
}

fn reference(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    refer(all, dice, |old| format!("{old}x"))
}

fn reference_to_nothing(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    refer(all, dice, |_| "nothing-of-the-kind".to_owned())
}

fn accept(all: &mut Written, dice: &mut Dice, text: &str) -> Option<()> {
    let tops = ["system", "flow", "owner", "item", "bundle", "location"];
    let node = all.pick(dice, |node| tops.contains(&node.name.as_str()))?;
    node.add(text).mark();
    Some(())
}

fn allow_error(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let errors: Vec<_> = code::ALL.iter().filter(|rule| rule.severity == Severity::Error).collect();
    let rule = errors[dice.below(errors.len())].slug;
    accept(all, dice, &format!("allow {rule} reason=\"it is known\""))
}

fn allow_silently(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    accept(all, dice, "allow shared-pool")
}

fn unused_allow(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let silent = |rule: &&onhand::diagnostic::Rule| {
        let used = all.tops().any(|node| node.allows(rule.slug));
        rule.severity == Severity::Warning && **rule != code::UNUSED_ALLOW && !used
    };
    let warnings: Vec<_> = code::ALL.iter().filter(silent).collect();
    let rule = warnings[dice.below(warnings.len())].slug;
    accept(all, dice, &format!("allow {rule} reason=\"it is known\""))
}

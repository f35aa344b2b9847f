//! Mistakes of form, at any node of the language: what stands there is looked up in the table of its nodes.

use super::Table;
use crate::mutation::written::{Entry, Node, Value, Written};
use crate::support::chance::Dice;
use onhand::connectors::KINDS;
use onhand::diagnostic::code;
use onhand::model::Model;
use onhand::syntax::ast::spec::{Field, Spec, Type};
use onhand::syntax::ast::{ALLOW, system};
use onhand::syntax::schema::{children, kind_nodes, nodes};

pub const PLANTS: Table = &[
    (code::UNKNOWN_NODE, "a child nobody knows", unknown_child),
    (code::UNKNOWN_NODE, "a child with a slip", slip),
    (code::UNKNOWN_NODE, "a node at the top with a slip", slip_at_top),
    (code::UNKNOWN_PROPERTY, "a property nobody knows", unknown_property),
    (code::UNKNOWN_PROPERTY, "a property with a slip", slip_of_property),
    (code::UNKNOWN_CHOICE, "a word that is not in the list", choice),
    (code::MISSING_ARGUMENT, "an argument left out", missing),
    (code::MISSING_ARGUMENT, "a property left out", missing_property),
    (code::UNEXPECTED_ARGUMENT, "one argument more", unexpected),
    (code::WRONG_TYPE, "a number for a text", number_for_text),
    (code::WRONG_TYPE, "a text for a number", text_for_number),
    (code::BAD_VALUE, "a bad form", bad_form),
];

/// What the language says of a node.
pub fn spec(node: &Node, above: &[&Node]) -> Option<Spec> {
    let Some((parent, further)) = above.split_last() else {
        return nodes().find(|spec| spec.name == node.name).copied();
    };
    if node.name == "allow" {
        return Some(ALLOW);
    }
    let outer = spec(parent, further)?;
    if outer.name == "system" {
        let kind = KINDS.iter().find(|kind| Some(kind.kind) == parent.property("kind"))?;
        let own = system::SPEC.children.iter().map(|spec| **spec);
        return kind_nodes(kind).into_iter().chain(own).find(|spec| spec.name == node.name);
    }
    let (known, other) = children(&outer);
    known.iter().find(|spec| spec.name == node.name).map(|spec| **spec).or(other.copied())
}

/// A name with two letters exchanged.
fn slipped(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    letters.swap(1, 2);
    let slipped: String = letters.into_iter().collect();
    if slipped == name { slipped + "x" } else { slipped }
}

/// Nodes that the topology names freely inside these: whatever stands there is read as one of them.
const OPEN: [&str; 4] = ["levels", "post", "given", "expect"];

fn once(holds: bool) -> Vec<()> {
    if holds { vec![()] } else { Vec::new() }
}

fn unknown_child(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) = all.pick_deep(dice, |node, above| {
        let known = spec(node, above).is_some_and(|spec| !OPEN.contains(&spec.name));
        once(known && !node.children.is_empty())
    })?;
    node.add("colour blue").mark();
    Some(())
}

fn slip(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) = all.pick_deep(dice, |node, above| {
        let open = above.last().is_some_and(|parent| OPEN.contains(&parent.name.as_str()));
        once(!above.is_empty() && !open && node.name.len() > 3 && spec(node, above).is_some())
    })?;
    node.name = slipped(&node.name);
    node.mark();
    Some(())
}

fn slip_at_top(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| node.name != "onhand")?;
    node.name = slipped(&node.name);
    node.mark();
    Some(())
}

fn unknown_property(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) =
        all.pick_deep(dice, |node, above| once(spec(node, above).is_some_and(|spec| spec.named.is_none())))?;
    node.set("colour", "blue");
    node.mark();
    Some(())
}

fn slip_of_property(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, at) = entry(all, dice, |_, spec, entry| {
        spec.named.is_none() && spec.name != "onhand" && entry.key.as_ref().is_some_and(|key| key.len() > 2)
    })?;
    let key = &mut node.entries[at].key;
    *key = key.as_ref().map(|key| slipped(key));
    node.mark();
    Some(())
}

/// The field that an entry fills.
fn field(node: &Node, spec: &Spec, at: usize) -> Option<Field> {
    match &node.entries[at].key {
        Some(key) => spec.props.iter().find(|field| field.name == key).copied().or(spec.named),
        None => {
            let order = node.arguments().iter().position(|own| *own == at)?;
            spec.args.get(order).copied().or(spec.rest)
        }
    }
}

/// Some entry that fits, by its node and its place in it.
fn entry<'w>(
    all: &'w mut Written,
    dice: &mut Dice,
    fits: impl Fn(Type, &Spec, &Entry) -> bool,
) -> Option<(&'w mut Node, usize)> {
    all.pick_deep(dice, |node, above| {
        let Some(spec) = spec(node, above) else { return Vec::new() };
        let fit = |at: &usize| {
            field(node, &spec, *at).is_some_and(|field| fits(field.form, &spec, &node.entries[*at]))
        };
        (0..node.entries.len()).filter(fit).collect()
    })
}

/// Puts a value into an entry and marks its node.
fn put(found: Option<(&mut Node, usize)>, value: Value) -> Option<()> {
    let (node, at) = found?;
    node.entries[at].value = value;
    node.entries[at].note = None;
    node.mark();
    Some(())
}

fn choice(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let found = entry(all, dice, |form, _, _| matches!(form, Type::Choice(_)));
    put(found, Value::Text("wibble".to_owned()))
}

fn missing(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) = all.pick_deep(dice, |node, above| {
        once(spec(node, above).is_some_and(|spec| {
            let needed = spec.args.iter().filter(|field| field.required).count();
            needed > 0 && node.arguments().len() == needed && spec.rest.is_none()
        }))
    })?;
    let last = *node.arguments().last()?;
    node.entries.remove(last);
    node.mark();
    Some(())
}

fn missing_property(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, at) = entry(all, dice, |_, spec, entry| {
        let needed = |field: &Field| field.required && Some(field.name) == entry.key.as_deref();
        spec.name != "onhand" && spec.props.iter().any(needed)
    })?;
    node.entries.remove(at);
    node.mark();
    Some(())
}

fn unexpected(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let (node, ()) = all.pick_deep(dice, |node, above| {
        let full = |spec: Spec| spec.rest.is_none() && node.arguments().len() == spec.args.len();
        once(spec(node, above).is_some_and(full))
    })?;
    node.argue("further");
    node.mark();
    Some(())
}

fn number_for_text(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    use Type::{Date, Delay, Duration, Name, Rate, Share, Text, Time};
    let found = entry(all, dice, |form, _, _| {
        matches!(form, Name | Text | Duration | Delay | Share | Date | Time | Rate)
    });
    put(found, Value::Raw("7".to_owned()))
}

fn text_for_number(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let found = entry(all, dice, |form, spec, _| {
        spec.name != "onhand" && matches!(form, Type::Whole(..) | Type::Number)
    });
    put(found, Value::Text("twelve".to_owned()))
}

/// What is of the right type for a form, and badly formed.
fn bad(form: Type) -> Option<Value> {
    let text = match form {
        Type::Duration | Type::Delay => "10 minutes",
        Type::Share | Type::ShareOr(_) => "120%",
        Type::Date => "2026-02-30",
        Type::Time => "25:00",
        Type::Rate => "5/fortnight",
        Type::Whole(..) => return Some(Value::Raw("-3".to_owned())),
        _ => return None,
    };
    Some(Value::Text(text.to_owned()))
}

fn bad_form(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let offers = |properties: bool| {
        move |node: &Node, above: &[&Node]| -> Vec<(usize, Value)> {
            let Some(spec) = spec(node, above) else { return Vec::new() };
            let right = |at: &usize| node.entries[*at].key.is_some() == properties;
            let bad = |at: usize| Some((at, bad(field(node, &spec, at)?.form)?));
            (0..node.entries.len()).filter(right).filter_map(bad).collect()
        }
    };
    let properties = dice.in_ten(5);
    let (node, (at, value)) = all.pick_deep(dice, offers(properties))?;
    put(Some((node, at)), value)
}

//! The typed tree: one file per kind of node, each with its entry in the table of the language.

pub mod allocation;
pub mod bundle;
pub mod calendar;
pub mod care;
pub mod catalog;
pub mod collect;
pub mod fields;
pub mod flow;
pub mod item;
pub mod levels;
pub mod limit;
pub mod lines;
pub mod location;
pub mod movements;
pub mod onhand;
pub mod owner;
pub mod quantity;
pub mod reader;
pub mod select;
pub mod spec;
pub mod system;
pub mod test;
pub mod unit;
pub mod value;
pub mod window;

use crate::diagnostic::nearest;
use crate::model::Name;
use crate::source::Span;
use crate::syntax::{Node, Value};
use reader::Reader;
use spec::{Field, Spec, Type, must};
use std::borrow::Cow;
use std::collections::BTreeSet;
pub use value::{Spanned, Word};

/// Every node that may stand at the top of a file.
pub static TOP: &[&Spec] = &[
    &onhand::SPEC,
    &onhand::INCLUDE,
    &unit::SPEC,
    &quantity::SPEC,
    &system::SPEC,
    &location::SPEC,
    &item::SPEC,
    &catalog::ITEMS,
    &bundle::SPEC,
    &catalog::BUNDLES,
    &owner::SPEC,
    &flow::SPEC,
    &calendar::SPEC,
    &allocation::SPEC,
    &care::ALERT,
    &care::REVIEW,
    &care::ROLLBACK,
    &test::SPEC,
];

/// Accepts a warning inside the node that it stands in.
pub static ALLOW: Spec = Spec {
    name: "allow",
    says: "accepts a warning inside this node",
    example: "allow shared-pool reason=\"both sell slowly\"",
    args: &[must("rule", Type::Name, "the name of a warning, as `check` prints it in brackets")],
    props: &[REASON],
    many: true,
    ..Spec::EMPTY
};

const REASON: Field = must("reason", Type::Text, "why the warning is accepted");

/// All nodes of a topology, typed, each kind in reading order.
#[derive(Debug, Default)]
pub struct Tree {
    /// The `onhand` nodes; more than one is a mistake.
    pub onhand: Vec<onhand::Onhand>,
    /// Units.
    pub units: Vec<unit::Unit>,
    /// Quantities.
    pub quantities: Vec<quantity::Quantity>,
    /// Systems.
    pub systems: Vec<system::System>,
    /// Locations.
    pub locations: Vec<location::Location>,
    /// Items and catalogs of items.
    pub items: Vec<catalog::Items>,
    /// Bundles and catalogs of bundles.
    pub bundles: Vec<catalog::Bundles>,
    /// Owners.
    pub owners: Vec<owner::Owner>,
    /// Flows.
    pub flows: Vec<flow::Flow>,
    /// Calendars.
    pub calendars: Vec<calendar::Calendar>,
    /// Allocations.
    pub allocations: Vec<allocation::Allocation>,
    /// Alerts.
    pub alerts: Vec<crate::model::care::Alert>,
    /// Reviews, with the place of each node's name; more than one is a mistake.
    pub reviews: Vec<(Option<crate::model::care::Review>, Span)>,
    /// How long runs can be undone, with the place of each node's name; more than one is a mistake.
    pub rollbacks: Vec<(Option<crate::model::care::Rollback>, Span)>,
    /// Tests.
    pub tests: Vec<test::Test>,
    /// Names that nodes declare which cannot be read: what refers to them is not reported again.
    pub lost: Vec<Name>,
    /// Kinds of nodes of which one has a name that cannot be read: any name may be meant.
    pub nameless: BTreeSet<&'static str>,
    /// How many nodes were taken, to number them in reading order.
    pub taken: u32,
}

/// The kind of a node at the top of a file; empty where the language has no such node.
pub fn kind_of(node: &Node<'_>) -> &'static str {
    let name = node.name();
    TOP.iter().find(|spec| spec.name == name).map_or("", |spec| spec.name)
}

/// The text that a node would be called by.
fn first_word<'d>(node: &Node<'d>) -> Option<Cow<'d, str>> {
    match node.arguments().next()?.value() {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Reads one node at the top of a file into the tree; `include` nodes are not for this function.
pub fn take(tree: &mut Tree, reader: &mut Reader<'_>, node: Node<'_>) {
    let name = node.name();
    let spec = TOP.iter().find(|spec| spec.name == name);
    if spec.is_none_or(|spec| ["system", "onhand", "alert"].contains(&spec.name)) {
        reader.hide_below(node);
    }
    let Some(spec) = spec else {
        reader.unknown_node(node, TOP, &Spec::EMPTY);
        tree.lost.extend(first_word(&node).map(Name::from));
        // With a slip in its own name it declares what only its file says.
        match nearest(&name, TOP.iter().map(|spec| spec.name)) {
            Some("items") => tree.nameless.extend(["item"]),
            Some("bundles") => tree.nameless.extend(["bundle"]),
            Some("include") => tree.nameless.extend(TOP.iter().map(|spec| spec.name)),
            _ => {}
        }
        return;
    };
    if spec.args.first().is_some_and(|field| field.name == "name") && first_word(&node).is_none() {
        tree.nameless.insert(spec.name);
    }
    tree.taken += 1;
    let order = tree.taken;
    match spec.name {
        "onhand" => tree.onhand.push(onhand::read(reader, node)),
        "unit" => tree.units.extend(unit::read(reader, node)),
        "quantity" => tree.quantities.extend(quantity::read(reader, node)),
        "system" => tree.systems.extend(system::read(reader, node)),
        "location" => tree.locations.extend(location::read(reader, node)),
        "item" => tree.items.extend(item::read(reader, node, order).map(catalog::Items::One)),
        "items" => tree
            .items
            .extend(catalog::read_items(reader, node, order).map(|own| catalog::Items::Many(Box::new(own)))),
        "bundle" => tree.bundles.extend(bundle::read(reader, node, order).map(catalog::Bundles::One)),
        "bundles" => {
            tree.bundles.extend(
                catalog::read_bundles(reader, node, order).map(|own| catalog::Bundles::Many(Box::new(own))),
            );
        }
        "owner" => tree.owners.extend(owner::read(reader, node)),
        "flow" => tree.flows.extend(flow::read(reader, node)),
        "calendar" => tree.calendars.extend(calendar::read(reader, node)),
        "allocation" => tree.allocations.extend(allocation::read(reader, node)),
        "alert" => tree.alerts.push(care::read_alert(reader, node)),
        "review" => tree.reviews.push((care::read_review(reader, node), node.name_span())),
        "rollback" => tree.rollbacks.push((care::read_rollback(reader, node), node.name_span())),
        "test" => tree.tests.extend(test::read(reader, node)),
        _ => {}
    }
}

//! The typed tree: one file per kind of node, each with its entry in the table of the language.

pub mod bundle;
pub mod catalog;
pub mod fields;
pub mod flow;
pub mod item;
pub mod levels;
pub mod location;
pub mod onhand;
pub mod owner;
pub mod quantity;
pub mod reader;
pub mod select;
pub mod spec;
pub mod system;
pub mod unit;
pub mod value;

use crate::model::Name;
use crate::syntax::{Node, Value};
use reader::Reader;
use spec::{Field, Spec, Type, must};
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
    &Spec::not_yet("calendar", "days and hours on which a place works"),
    &Spec::not_yet("allocation", "who may sell how much of one shelf"),
    &Spec::not_yet("alert", "who is told about failures"),
    &Spec::not_yet("review", "who looks at the counts, and when"),
    &Spec::not_yet("rollback", "how long runs can be undone"),
    &Spec::not_yet("test", "a count that must come out"),
];

/// Accepts a warning inside the node that it stands in.
pub static ALLOW: Spec = Spec {
    name: "allow",
    says: "accepts a warning inside this node",
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
    /// Names that nodes declare which cannot be read: what refers to them is not reported again.
    pub lost: Vec<Name>,
    /// How many nodes were taken, to number them in reading order.
    pub taken: u32,
}

/// The kind of a node at the top of a file; empty where the language has no such node.
pub fn kind_of(node: &Node<'_>) -> &'static str {
    let name = node.name();
    TOP.iter().find(|spec| spec.name == name).map_or("", |spec| spec.name)
}

/// The text that a node would be called by.
fn first_word(node: &Node<'_>) -> Option<Name> {
    match node.arguments().next()?.value() {
        Value::Text(text) => Some(Name::from(&*text)),
        _ => None,
    }
}

/// Reads one node at the top of a file into the tree; `include` nodes are not for this function.
pub fn take(tree: &mut Tree, reader: &mut Reader<'_>, node: Node<'_>) {
    let name = node.name();
    let spec = TOP.iter().find(|spec| spec.name == name);
    if spec.is_none_or(|spec| !spec.built || ["system", "onhand"].contains(&spec.name)) {
        reader.hide_below(node);
    }
    let Some(spec) = spec else {
        reader.unknown_node(node, TOP, &Spec::EMPTY);
        tree.lost.extend(first_word(&node));
        return;
    };
    tree.taken += 1;
    let order = tree.taken;
    match spec.name {
        _ if !spec.built => {
            reader.report(value::not_yet(spec.name, node.name_span()));
            tree.lost.extend(first_word(&node));
        }
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
        _ => {}
    }
}

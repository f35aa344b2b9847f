//! Which nodes stand where: the table, and what a node takes beyond its own entry in it.

use crate::model::capability::{Descriptor, Required};
use crate::syntax::ast::spec::Spec;
use crate::syntax::ast::{ALLOW, TOP, collect, levels, system, test};

/// The nodes at the top of a file, and `allow`, which stands inside any node.
pub fn nodes() -> impl Iterator<Item = &'static Spec> {
    TOP.iter().copied().chain([&ALLOW])
}

/// The nodes inside a node by name, and what every other node in it is read as.
pub fn children(spec: &Spec) -> (&'static [&'static Spec], Option<&'static Spec>) {
    let other: Option<&'static Spec> = match spec.name {
        "levels" => Some(&levels::COUNT),
        "post" => Some(&collect::FIELD),
        "given" => Some(&test::GIVEN_COUNT),
        "expect" => Some(&test::EXPECTED_COUNT),
        _ => None,
    };
    (spec.children, other)
}

/// The nodes that a system takes because of its kind: its connection first, then those of a generic kind.
pub fn kind_nodes(kind: &'static Descriptor) -> Vec<Spec> {
    let needed = |name: &str| {
        let field = kind.fields.iter().find(|field| field.name == name);
        field.is_some_and(|field| field.required == Required::Always)
    };
    let connection =
        system::connection(kind).into_iter().map(|spec| Spec { required: needed(spec.name), ..spec });
    connection.chain(system::generic(kind.kind).iter().map(|spec| **spec)).collect()
}

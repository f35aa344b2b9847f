//! What a field of the language names: a table by the words of the language itself.

use crate::syntax::ast::spec::{Field, Type};

/// What may stand as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refers {
    /// Something that the topology declares, by what it is called without an article.
    To(&'static str),
    /// A unit, or a pack of the item that is spoken of.
    UnitOrPack,
    /// What may be taken off a count.
    Off,
    /// A kind of system.
    Kind,
    /// A rule that may be allowed.
    Rule,
    /// A name that is given here, or a word that is not declared anywhere.
    Nothing,
}

/// What a field of a node names. Fields bear the name of what they name; the few that do not stand first.
pub fn refers(node: &str, field: &Field) -> Refers {
    match matches!(field.form, Type::Name) {
        true => by_name(node, field.name),
        false => Refers::Nothing,
    }
}

/// What something of this name in a node names.
pub fn by_name(node: &str, name: &str) -> Refers {
    match (node, name) {
        ("net-of", _) => Refers::Off,
        ("component", "name") => Refers::To("item or bundle"),
        ("unit", "unit") => Refers::To("unit"),
        ("system", "kind") => Refers::Kind,
        ("allow", "rule") => Refers::Rule,
        (_, "system" | "to" | "from") => Refers::To("system"),
        (_, "quantity") => Refers::To("quantity"),
        (_, "location" | "at") => Refers::To("location"),
        (_, "item" | "component" | "thing") => Refers::To("item or bundle"),
        (_, "tag") if node != "tag" => Refers::To("tag"),
        (_, "calendar") => Refers::To("calendar"),
        (_, "flow") => Refers::To("flow"),
        (_, "unit") => Refers::UnitOrPack,
        _ => Refers::Nothing,
    }
}

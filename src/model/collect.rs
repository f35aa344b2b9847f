//! Flows that collect movements: what is read from where, and where it is posted.

use super::flow::Lag;
use super::id::{Name, SystemId};
use super::movement::Movement;
use super::system::Setting;
use crate::source::Span;
use std::collections::BTreeMap;

/// A flow that collects movements.
#[derive(Debug, Clone)]
pub struct Collect {
    /// Its name; flows that publish and flows that collect share one list of names.
    pub name: Name,
    /// The system that is read.
    pub from: SystemId,
    /// What is read, each once, with the place of its word.
    pub movements: Vec<(Movement, Span)>,
    /// Where it goes.
    pub post: Post,
    /// What a return becomes.
    pub restock: Option<Restock>,
    /// How late it may be, and how often it is read.
    pub lag: Option<Lag>,
    /// The name it had before.
    pub was: Option<Name>,
    /// The place of the `collect` node.
    pub collect_origin: Span,
    /// Where it is written.
    pub origin: Span,
}

impl Collect {
    /// The place of a movement's word, where the flow collects it.
    pub fn collects(&self, movement: Movement) -> Option<Span> {
        self.movements.iter().find(|(own, _)| *own == movement).map(|(_, span)| *span)
    }
}

/// Where movements go.
#[derive(Debug, Clone)]
pub struct Post {
    /// The system that takes them in; `None` where something else carries them over (`post none`).
    pub to: Option<SystemId>,
    /// As what it takes them in.
    pub kind: Option<&'static str>,
    /// How its documents name ours: text with `{system}`, `{order}` and `{line}`.
    pub reference: Option<(Name, Span)>,
    /// Further fields, which belong to the kind.
    pub fields: BTreeMap<&'static str, (Setting, Span)>,
    /// Where it is written; the flow where it says nothing.
    pub origin: Span,
}

/// What a return becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restock {
    /// Whether it can be sold again; else it counts as damaged.
    pub sellable: bool,
    /// Where it is written.
    pub origin: Span,
}

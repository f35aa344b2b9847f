//! Names of one kind: each declared once, each reference found or reported with the nearest known name.

use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Name;
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::syntax::ast::value::show;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What items and bundles are called together.
pub const THINGS: &str = "an item or bundle";

/// The names of one kind of thing.
pub struct Names<I> {
    /// What a thing of this kind is called, with its article: `a system`.
    what: &'static str,
    map: HashMap<Name, (Option<I>, Span)>,
    list: Vec<Name>,
    lost: Rc<Lost>,
}

/// What could not be read of the text, so that what refers to it is not reported again.
#[derive(Default)]
pub struct Lost {
    /// Names of nodes that could not be read.
    pub names: HashSet<Name>,
    /// Whether files, or parts of them, could not be read: any name may have been there.
    pub text: bool,
    /// Whether a catalog could not be read: any item or bundle may have been there.
    pub catalog: bool,
}

impl<I: Copy> Names<I> {
    /// No names yet.
    pub fn new(what: &'static str, lost: &Rc<Lost>) -> Names<I> {
        Names { what, map: HashMap::new(), list: Vec::new(), lost: lost.clone() }
    }

    /// Whether the name may have been declared where the text could not be read.
    pub fn is_lost(&self, name: &str) -> bool {
        let things = self.what == THINGS;
        self.lost.text || (things && self.lost.catalog) || self.lost.names.contains(name)
    }

    /// Declares a name. `None` as id: the thing has been found wrong, and what refers to it is not
    /// reported a second time. Says no, and reports it, where the name stands already.
    pub fn declare(&mut self, word: &Word, id: Option<I>, findings: &mut Findings) -> bool {
        if let Some((_, first)) = self.map.get(&word.value) {
            let message = match self.what {
                THINGS => format!("two things are called `{}`", show(&word.value)),
                what => {
                    let thing = what.split_once(' ').map_or(what, |(_, thing)| thing);
                    format!("there are two {} `{}`", plural(thing), show(&word.value))
                }
            };
            findings.report(
                Diagnostic::new(code::DUPLICATE_NAME, word.span, message)
                    .here("the second one")
                    .label(*first, "the first one")
                    .help("nobody could tell which one is meant: rename one of them, or remove it"),
            );
            return false;
        }
        self.map.insert(word.value.clone(), (id, word.span));
        self.list.push(word.value.clone());
        true
    }

    /// Declares a name that the language brings along.
    pub fn built_in(&mut self, name: &Name, id: I, place: Span) {
        self.map.insert(name.clone(), (Some(id), place));
        self.list.push(name.clone());
    }

    /// The thing of a name, without a word if there is none.
    pub fn get(&self, name: &str) -> Option<I> {
        self.map.get(name)?.0
    }

    /// Whether the name is declared, usable or not.
    pub fn knows(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Where a name is declared.
    pub fn place(&self, name: &str) -> Option<Span> {
        self.map.get(name).map(|(_, span)| *span)
    }

    /// All names, in the order in which they were declared.
    pub fn list(&self) -> &[Name] {
        &self.list
    }

    /// The thing that a word refers to. `None` is either reported here or was reported before.
    pub fn find(&self, word: &Word, findings: &mut Findings) -> Option<I> {
        if let Some((id, _)) = self.map.get(&word.value) {
            return *id;
        }
        if self.is_lost(&word.value) {
            return None;
        }
        let near = findings.nearest(&word.value, &self.list).map(str::to_owned);
        findings.report(unknown(word, self.what, near.as_deref()));
        None
    }
}

/// The finding for a word that names nothing.
pub fn unknown(word: &Word, what: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("`{}` is not the name of {what}", show(&word.value));
    let found = Diagnostic::new(code::UNKNOWN_NAME, word.span, message);
    let thing = what.split_once(' ').map_or(what, |(_, thing)| thing);
    match near {
        Some(near) => crate::syntax::ast::reader::rename(found, word.span, near).help(format!(
            "every {thing} is declared somewhere in the topology: write its name as it stands there"
        )),
        None => found
            .here("not declared anywhere")
            .help(format!("declare the {thing}, or write the name of one that is declared")),
    }
}

fn plural(thing: &str) -> String {
    match thing.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{thing}s"),
    }
}

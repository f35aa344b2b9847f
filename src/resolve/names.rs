//! Names of one kind: each declared once, each reference found or reported with the nearest known name.

use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Name;
use crate::model::by_text::ByText;
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::syntax::ast::value::{rename, show};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// What items and bundles are called together.
pub const THINGS: &str = "an item or bundle";

/// So many names are looked through one by one.
const FEW: usize = 8;

/// What an item's own packaging is called.
pub const PACK: &str = "a pack";

/// What a word to select things by is called.
pub const TAG: &str = "a tag";

/// The names of one kind of thing.
pub struct Names<I> {
    /// What a thing of this kind is called, with its article: `a system`.
    what: &'static str,
    list: Vec<Declared<I>>,
    index: ByText,
    lost: Arc<Lost>,
}

/// A declared name.
struct Declared<I> {
    name: Name,
    /// `None` for a thing that has been found wrong.
    id: Option<I>,
    place: Span,
}

/// What could not be read of the text, so that what refers to it is not reported again.
#[derive(Default)]
pub struct Lost {
    /// Names of nodes that could not be read.
    pub names: HashSet<Name>,
    /// Kinds of nodes of which one has a name that could not be read: it may be any name.
    pub nameless: BTreeSet<&'static str>,
    /// Whether files, or parts of them, could not be read: any name may have been there.
    pub text: bool,
    /// Whether a catalog could not be read: any item or bundle may have been there.
    pub catalog: bool,
}

impl<I: Copy> Names<I> {
    /// No names yet.
    pub fn new(what: &'static str, lost: &Arc<Lost>) -> Names<I> {
        Names { what, list: Vec::new(), index: ByText::default(), lost: lost.clone() }
    }

    /// Makes room for so many more names.
    pub fn reserve(&mut self, count: usize) {
        self.list.reserve(count);
        self.index.reserve(count, |at| &self.list[at as usize].name);
    }

    /// Whether the name may have been declared where the text could not be read.
    pub fn is_lost(&self, name: &str) -> bool {
        let things = self.what == THINGS;
        let of_kind = |kind: &&str| match self.what {
            THINGS => ["item", "bundle"].contains(kind),
            what => what.split_once(' ').is_some_and(|(_, thing)| thing == *kind),
        };
        self.lost.text
            || (things && self.lost.catalog)
            || self.lost.names.contains(name)
            || self.lost.nameless.iter().any(of_kind)
    }

    /// Declares a name. `None` as id: the thing has been found wrong, and what refers to it is not
    /// reported a second time. Says no, and reports it, where the name stands already.
    pub fn declare(&mut self, word: &Word, id: Option<I>, findings: &mut Findings) -> bool {
        let (place, known) = (self.list.len() as u32, |at: u32| &*self.list[at as usize].name);
        if let Err(first) = self.index.add(&word.value, place, known) {
            findings.report(second(self.what, word, self.list[first as usize].place));
            return false;
        }
        self.list.push(Declared { name: word.value.clone(), id, place: word.span });
        findings.declared(self.what, word, Some(word.span));
        true
    }

    /// Declares a name that the language brings along.
    pub fn built_in(&mut self, name: &Name, id: I, place: Span) {
        // The language brings no name twice.
        let _ = self.index.add(name, self.list.len() as u32, |at| &self.list[at as usize].name);
        self.list.push(Declared { name: name.clone(), id: Some(id), place });
    }

    /// The thing of a name, without a word if there is none.
    pub fn get(&self, name: &str) -> Option<I> {
        self.declared(name)?.id
    }

    /// Whether the name is declared, usable or not.
    pub fn knows(&self, name: &str) -> bool {
        self.declared(name).is_some()
    }

    /// Where a name is declared.
    pub fn place(&self, name: &str) -> Option<Span> {
        self.declared(name).map(|own| own.place)
    }

    /// Notes that a word names a thing of this kind, for those who look it up by [`Names::get`].
    pub fn mention(&self, word: &Word, findings: &mut Findings) {
        if let Some(home) = self.place(&word.value) {
            findings.used(self.what, word, Some(home));
        }
    }

    /// All names, in the order in which they were declared.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.list.iter().map(|own| &own.name)
    }

    fn declared(&self, name: &str) -> Option<&Declared<I>> {
        // Each code of a catalog asks for a system and a unit, of which there are few: to compare is quicker
        // than to hash.
        if self.list.len() <= FEW {
            return self.list.iter().find(|own| *own.name == *name);
        }
        let at = self.index.find(name, |at| &self.list[at as usize].name)?;
        self.list.get(at as usize)
    }

    /// The thing that a word refers to. `None` is either reported here or was reported before.
    pub fn find(&self, word: &Word, findings: &mut Findings) -> Option<I> {
        if let Some(own) = self.declared(&word.value) {
            findings.used(self.what, word, Some(own.place));
            return own.id;
        }
        if self.is_lost(&word.value) {
            return None;
        }
        let near = findings.nearest(&word.value, self.names()).map(str::to_owned);
        findings.report(unknown(word, self.what, near.as_deref()));
        None
    }
}

/// The finding for a name that stands already.
fn second(what: &str, word: &Word, first: Span) -> Diagnostic {
    let message = match what {
        THINGS => format!("two things are called `{}`", show(&word.value)),
        what => {
            let thing = what.split_once(' ').map_or(what, |(_, thing)| thing);
            format!("there are two {} `{}`", plural(thing), show(&word.value))
        }
    };
    Diagnostic::second(word.span, first, message)
        .help("nobody could tell which one is meant: rename one of them, or remove it")
}

/// The finding for a word that names nothing.
pub fn unknown(word: &Word, what: &str, near: Option<&str>) -> Diagnostic {
    let message = format!("`{}` is not the name of {what}", show(&word.value));
    let found = Diagnostic::new(code::UNKNOWN_NAME, word.span, message);
    let thing = what.split_once(' ').map_or(what, |(_, thing)| thing);
    match near {
        Some(near) => {
            let help = match alike(&word.value, near) {
                Some((wrong, right)) => format!(
                    "the two may look alike: `{}` (U+{:04X}) stands here where the name has `{right}`. \
                     Computers tell them apart, so write the name anew",
                    show(&wrong.to_string()),
                    wrong as u32
                ),
                None => format!(
                    "every {thing} is declared somewhere in the topology: write its name as it stands there"
                ),
            };
            rename(found, word.span, near).help(help)
        }
        None => found
            .here("not declared anywhere")
            .help(format!("declare the {thing}, or write the name of one that is declared")),
    }
}

/// The finding for a word that names neither a unit nor a pack of the item.
pub fn unknown_unit(word: &Word, item: &str, near: Option<&str>) -> Diagnostic {
    unknown(word, &format!("a unit, or of a pack of `{item}`"), near).help(match near {
        Some(_) => {
            "every unit, and every pack of this item, is declared in the topology or its catalog: write \
                    its name as it stands there"
        }
        None => "declare the unit, or give this item a pack of that name; packs of other items do not count",
    })
}

/// The first letter of a name that another alphabet lent, and the one that belongs there: on a screen the two
/// may be the same.
fn alike(wrong: &str, right: &str) -> Option<(char, char)> {
    if wrong.chars().count() != right.chars().count() {
        return None;
    }
    let mut differ = wrong.chars().zip(right.chars()).filter(|(wrong, right)| wrong != right);
    differ.find(|(wrong, right)| wrong.is_ascii() != right.is_ascii())
}

fn plural(thing: &str) -> String {
    match thing.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{thing}s"),
    }
}

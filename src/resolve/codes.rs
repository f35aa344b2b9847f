//! Codes: by which words systems know things; each stands for one thing only.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::{Code, Thing};
use crate::model::quantity::Ratio;
use crate::model::{CodeId, LocationId, Lookup, Model, Name, SystemId};
use crate::source::Span;
use crate::syntax::ast::item::In;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

/// Codes met so far.
#[derive(Default)]
pub struct Codes {
    /// Each with its place in reading order.
    list: Vec<(u32, Code)>,
}

/// A code that is about to be kept.
pub struct Draft<'a> {
    /// As it is written.
    pub entry: &'a In,
    /// What it stands for.
    pub thing: Thing,
    /// The name of its unit.
    pub unit: Name,
    /// Base units in one.
    pub ratio: Ratio,
    /// Its place in reading order.
    pub order: u32,
}

impl Codes {
    /// Keeps a code of a system.
    pub fn add(&mut self, system: SystemId, at: Option<LocationId>, draft: Draft<'_>) {
        let Draft { entry, thing, unit, ratio, order } = draft;
        let code = entry.code.value.clone();
        self.list.push((order, Code { system, thing, code, unit, ratio, at, origin: entry.code.span }));
    }

    /// Puts the codes into the model, and reports those that stand for two things.
    pub fn finish(mut self, model: &mut Model, findings: &mut Findings) {
        self.list.sort_by_key(|(order, _)| *order);
        let doubles = doubles(&self.list, model, findings);
        model.codes.reserve(self.list.len() - doubles.len());
        let mut doubles = doubles.into_iter().peekable();
        for (at, (_, code)) in self.list.into_iter().enumerate() {
            if doubles.next_if_eq(&at).is_none() {
                model.codes.push(code);
            }
        }
        model.codes.sort_by_key(|code| (code.system, code.thing));
        let mut at = 0;
        for same in model.codes.chunk_by(|one, next| one.system == next.system) {
            let mut own = Lookup::with_capacity_and_hasher(same.len(), Default::default());
            for code in same {
                own.insert(code.code.clone(), CodeId::at(at));
                at += 1;
            }
            model.code_index.insert(same[0].system, own);
        }
    }
}

/// The places of codes that stand in their system already, in order; these and those that only look alike
/// are reported.
fn doubles(list: &[(u32, Code)], model: &Model, findings: &mut Findings) -> Vec<usize> {
    let mut doubles = Vec::new();
    let mut alike: Lookup<Alike<'_>, &Code> =
        Lookup::with_capacity_and_hasher(list.len(), Default::default());
    // Codes are asked for letter by letter only where some look alike: a second index of all is saved.
    let mut exact: Lookup<(SystemId, &str), &Code> = Lookup::default();
    for (at, (_, code)) in list.iter().enumerate() {
        let first: &Code = match alike.entry(Alike { system: code.system, code: &code.code }) {
            Entry::Vacant(free) => {
                free.insert(code);
                continue;
            }
            Entry::Occupied(first) => first.get(),
        };
        exact.entry((first.system, &first.code)).or_insert(first);
        match exact.entry((code.system, &code.code)) {
            Entry::Occupied(same) => {
                findings.report(duplicate(model, code, (same.get().thing, same.get().origin)));
                doubles.push(at);
            }
            Entry::Vacant(free) => {
                free.insert(code);
                findings.report(lookalike(model, code, first));
            }
        }
    }
    doubles
}

/// A code of a system that equals all that differ from it in case and spaces only.
struct Alike<'c> {
    system: SystemId,
    code: &'c str,
}

impl PartialEq for Alike<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.system == other.system && (self.code == other.code || fold(self.code).eq(fold(other.code)))
    }
}

impl Eq for Alike<'_> {}

impl Hash for Alike<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.system.hash(state);
        // The same letters as `fold` gives, without its cost where there are no others.
        let letters = self.code.bytes().map(|byte| char::from(byte).to_ascii_lowercase());
        match self.code.is_ascii() {
            true => hash(letters.filter(|letter| !letter.is_whitespace()), state),
            false => hash(fold(self.code), state),
        }
    }
}

/// Where a code is valid; `Err` where that names no location.
pub fn place(entry: &In, scope: &Scope, findings: &mut Findings) -> Result<Option<LocationId>, ()> {
    match &entry.at {
        None => Ok(None),
        Some(word) => scope.locations.find(word, findings).map(Some).ok_or(()),
    }
}

/// Two letters to a word, for a hasher that works by the word.
fn hash(letters: impl Iterator<Item = char>, state: &mut impl Hasher) {
    let (mut word, mut length) = (0_u64, 0_u32);
    for letter in letters {
        word = word << 32 | u64::from(u32::from(letter));
        length += 1;
        if length % 2 == 0 {
            state.write_u64(word);
        }
    }
    state.write_u64(word ^ u64::from(length) << 56);
}

fn fold(code: &str) -> impl Iterator<Item = char> + '_ {
    code.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase)
}

fn duplicate(model: &Model, code: &Code, (first, span): (Thing, Span)) -> Diagnostic {
    let system = &model.system(code.system).name;
    let (one, other) = (model.thing_name(first), model.thing_name(code.thing));
    let message = match first == code.thing {
        true => format!("`{other}` has the code `{}` in `{system}` twice", code.code),
        false => format!("in `{system}` the code `{}` stands for `{one}` and for `{other}`", code.code),
    };
    Diagnostic::new(code::DUPLICATE_CODE, code.origin, message)
        .here(format!("`{other}`"))
        .label(span, format!("`{one}`"))
        .help("its counts could be of either: write the code that each really has there")
}

fn lookalike(model: &Model, code: &Code, first: &Code) -> Diagnostic {
    let system = &model.system(code.system).name;
    let message =
        format!("in `{system}` the codes `{}` and `{}` differ only in case or spaces", first.code, code.code);
    Diagnostic::new(code::LOOKALIKE_CODE, code.origin, message)
        .here("hardly two different things")
        .label(first.origin, "looks the same")
        .help("codes are compared letter for letter: correct the one that is mistyped, or allow it here")
}

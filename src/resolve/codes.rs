//! Codes: by which words systems know things; each stands for one thing only.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::by_text::ByText;
use crate::model::item::{Code, Thing};
use crate::model::quantity::Ratio;
use crate::model::{LocationId, Lookup, Model, Name, SystemId};
use crate::source::Span;
use crate::syntax::ast::item::In;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

/// Codes met so far.
#[derive(Default)]
pub struct Codes {
    /// By system, as they were met.
    lists: Vec<Vec<Met>>,
    count: u32,
}

/// A code, after its place in reading order: that of its thing, then its own.
type Met = ((u32, u32), Code);

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
        if self.lists.len() <= system.index() {
            self.lists.resize_with(system.index() + 1, Vec::new);
        }
        let code = Code { system, thing, code, unit, ratio, at, origin: entry.code.span };
        self.lists[system.index()].push(((order, self.count), code));
        self.count += 1;
    }

    /// Puts the codes into the model, and reports those that stand for two things.
    pub fn finish(self, model: &mut Model, findings: &mut Findings) {
        let mut found = Vec::new();
        model.codes.reserve(self.count as usize);
        for (system, mut list) in self.lists.into_iter().enumerate().filter(|(_, list)| !list.is_empty()) {
            list.sort_by_key(|(place, _)| *place);
            let mut doubles = doubles(&list, model, &mut found).into_iter().peekable();
            let start = model.codes.len();
            for (at, (_, code)) in list.into_iter().enumerate() {
                if doubles.next_if_eq(&at).is_none() {
                    model.codes.push(code);
                }
            }
            model.codes[start..].sort_by_key(|code| code.thing);
            let codes = &model.codes;
            let mut index = ByText::default();
            index.reserve(codes.len() - start, |_| "");
            for (at, code) in codes.iter().enumerate().skip(start) {
                // None is there twice any more.
                let _ = index.add(&code.code, at as u32, |at| &codes[at as usize].code);
            }
            model.code_index.insert(SystemId::at(system), index);
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().for_each(|(_, finding)| findings.report(finding));
    }
}

/// The places in the list of a system's codes that stand there already, in order. What is to be said about
/// these, and about those that only look alike, comes with its place in reading order.
fn doubles(list: &[Met], model: &Model, found: &mut Vec<((u32, u32), Diagnostic)>) -> Vec<usize> {
    let mut doubles = Vec::new();
    if case_and_spaces_are_even(list) {
        let mut known = ByText::default();
        known.reserve(list.len(), |_| "");
        for (at, (place, code)) in list.iter().enumerate() {
            if let Err(first) = known.add(&code.code, at as u32, |at| &list[at as usize].1.code) {
                let first = &list[first as usize].1;
                found.push((*place, duplicate(model, code, (first.thing, first.origin))));
                doubles.push(at);
            }
        }
        return doubles;
    }
    let mut alike: Lookup<Alike<'_>, &Code> =
        Lookup::with_capacity_and_hasher(list.len(), Default::default());
    // Codes are asked for letter by letter only where some look alike: a second index of all is saved.
    let mut exact: Lookup<&str, &Code> = Lookup::default();
    for (at, (place, code)) in list.iter().enumerate() {
        let first: &Code = match alike.entry(Alike(&code.code)) {
            Entry::Vacant(free) => {
                free.insert(code);
                continue;
            }
            Entry::Occupied(first) => first.get(),
        };
        exact.entry(&first.code).or_insert(first);
        match exact.entry(&code.code) {
            Entry::Occupied(same) => {
                found.push((*place, duplicate(model, code, (same.get().thing, same.get().origin))));
                doubles.push(at);
            }
            Entry::Vacant(free) => {
                free.insert(code);
                found.push((*place, lookalike(model, code, first)));
            }
        }
    }
    doubles
}

/// Whether no two codes can differ in case and spaces only, since all letters are of one case and there are
/// no spaces: so it is in most systems.
fn case_and_spaces_are_even(list: &[Met]) -> bool {
    let (mut upper, mut lower) = (false, false);
    list.iter().all(|(_, code)| {
        code.code.bytes().all(|byte| {
            upper |= byte.is_ascii_uppercase();
            lower |= byte.is_ascii_lowercase();
            byte.is_ascii_graphic() && !(upper && lower)
        })
    })
}

/// A code that equals all that differ from it in case and spaces only.
struct Alike<'c>(&'c str);

impl PartialEq for Alike<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || fold(self.0).eq(fold(other.0))
    }
}

impl Eq for Alike<'_> {}

impl Hash for Alike<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The same letters as `fold` gives, without its cost where there are no others.
        let letters = self.0.bytes().map(|byte| char::from(byte).to_ascii_lowercase());
        match self.0.is_ascii() {
            true => hash(letters.filter(|letter| !letter.is_whitespace()), state),
            false => hash(fold(self.0), state),
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

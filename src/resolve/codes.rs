//! Codes: by which words systems know things; each stands for one thing only.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::hands;
use crate::model::by_text::ByText;
use crate::model::item::{Code, Measure, Thing};
use crate::model::{LocationId, Lookup, Model, SystemId};
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::syntax::ast::item::In;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// Codes met so far.
#[derive(Default)]
pub struct Codes {
    /// By system.
    lists: Vec<Met>,
    /// What codes count in, each once.
    measures: Measures,
    /// So many things there are, and so many systems: what large lists are made for.
    expected: (usize, usize),
}

/// The codes of a system as they were met.
#[derive(Default)]
struct Met {
    codes: Vec<Code>,
    /// The place in reading order of the thing of each code: of all from one of them on, up to the next
    /// that is named here. All rows of a catalog have one.
    orders: Vec<(usize, u32)>,
}

/// What codes count in. In a catalog it is mostly what one of the codes just before counts in.
#[derive(Default)]
struct Measures {
    lately: Vec<Arc<Measure>>,
    all: Lookup<Measure, Arc<Measure>>,
}

impl Measures {
    const FEW: usize = 4;

    fn of(&mut self, wanted: Measure) -> Arc<Measure> {
        if let Some(known) = self.lately.iter().find(|known| ***known == wanted) {
            return known.clone();
        }
        let fresh = || Arc::new(wanted.clone());
        let found = self.all.entry(wanted.clone()).or_insert_with(fresh).clone();
        if self.lately.len() == Measures::FEW {
            self.lately.remove(0);
        }
        self.lately.push(found.clone());
        found
    }
}

/// A code that is about to be kept.
pub struct Draft {
    /// The system.
    pub system: SystemId,
    /// The code, with its place.
    pub code: Word,
    /// What it counts in.
    pub measure: Measure,
    /// Where alone it is valid.
    pub at: Option<LocationId>,
    /// The place of its thing in reading order.
    pub order: u32,
}

/// So many codes make a system one of a large catalog.
const MANY: usize = 1 << 12;

/// For so many systems at most there is room in the first list, which becomes the model's.
const SYSTEMS: usize = 4;

impl Codes {
    /// None yet, for so many things and systems.
    pub fn of(things: usize, systems: usize) -> Codes {
        Codes { lists: Vec::new(), measures: Measures::default(), expected: (things, systems.min(SYSTEMS)) }
    }

    /// Keeps a code of a thing.
    pub fn add(&mut self, thing: Thing, draft: Draft) {
        let Draft { system, code, measure, at, order } = draft;
        if self.lists.len() <= system.index() {
            self.lists.resize_with(system.index() + 1, Met::default);
        }
        let measure = self.measures.of(measure);
        let code = Code { system, thing, code: code.value, measure, at, origin: code.span };
        let list = &self.lists[system.index()].codes;
        if list.len() == list.capacity() && list.len() >= MANY {
            // A list that grows by doubling would be copied as often. Room that is not used costs nothing.
            let first = self.lists[..system.index()].iter().all(|list| list.codes.is_empty());
            let (things, systems) = self.expected;
            let most = if first { things * systems } else { things };
            let more = most.saturating_sub(list.len()).max(list.len());
            self.lists[system.index()].codes.reserve_exact(more);
        }
        let Met { codes, orders } = &mut self.lists[system.index()];
        if orders.last().is_none_or(|(_, last)| *last != order) {
            orders.push((codes.len(), order));
        }
        codes.push(code);
    }

    /// Puts the codes into the model, and reports those that stand for two things. Each system is looked
    /// through by a hand of its own.
    pub fn finish(self, model: &mut Model, findings: &mut Findings) {
        let lists = self.lists.into_iter().enumerate().filter(|(_, list)| !list.codes.is_empty());
        let lists: Vec<(usize, Met)> =
            lists.map(|(system, list)| (system, list.in_reading_order())).collect();
        let mut starts = vec![0];
        starts.extend(lists.iter().scan(0, |sum, (_, list)| {
            *sum += list.codes.len();
            Some(*sum)
        }));
        let total = starts[lists.len()];
        let known: &Model = model;
        let look = |at: usize| doubles(&lists[at].1.codes, (known, starts[at]));
        let looked = hands::each(lists.len(), hands::count(total, MANY), look);
        let mut found = Vec::new();
        for (((system, list), looked), start) in lists.into_iter().zip(looked).zip(starts) {
            let Looked { doubles, index, said } = looked;
            let place = |at: usize| (list.order(at), list.codes[at].origin);
            found.extend(said.into_iter().map(|(at, finding)| (place(at), finding)));
            let mut codes = list.codes;
            let moved = start != model.codes.len()
                || !doubles.is_empty()
                || !codes.is_sorted_by_key(|code| code.thing);
            let start = model.codes.len();
            let (mut at, mut doubles) = (0, doubles.into_iter().peekable());
            codes.retain(|_| {
                at += 1;
                doubles.next_if_eq(&(at - 1)).is_none()
            });
            codes.sort_by_key(|code| code.thing);
            let index = index.filter(|_| !moved).unwrap_or_else(|| index_of(&codes, start, |_, _| ()));
            model.code_index.insert(SystemId::at(system), index);
            if model.codes.is_empty() && codes.capacity() >= total {
                model.codes = codes;
            } else {
                model.codes.reserve(total.saturating_sub(start));
                model.codes.extend(codes);
            }
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().for_each(|(_, finding)| findings.report(finding));
    }
}

/// What was found in a list of codes of one system.
#[derive(Default)]
struct Looked {
    /// The places of those that stand there already, in order.
    doubles: Vec<usize>,
    /// The index of all, where it came off.
    index: Option<ByText>,
    /// What is to be said of a code, by its place.
    said: Vec<(usize, Diagnostic)>,
}

impl Met {
    /// The place in reading order of the thing of a code.
    fn order(&self, at: usize) -> u32 {
        let next = self.orders.partition_point(|(start, _)| *start <= at);
        self.orders[next - 1].1
    }

    /// Items are met before bundles, wherever these stand.
    fn in_reading_order(self) -> Met {
        if self.orders.is_sorted_by_key(|(_, order)| *order) {
            return self;
        }
        let ends = self.orders.iter().skip(1).map(|(start, _)| *start).chain([self.codes.len()]);
        let runs = self.orders.iter().zip(ends).map(|((start, order), end)| (*order, *start..end));
        let mut runs: Vec<(u32, Range<usize>)> = runs.collect();
        runs.sort_by_key(|(order, _)| *order);
        let mut met = Met::default();
        met.codes.reserve_exact(self.codes.len());
        for (order, run) in runs {
            met.orders.push((met.codes.len(), order));
            met.codes.extend_from_slice(&self.codes[run]);
        }
        met
    }
}

/// The places of some codes, from this one on. `twice` hears of each that stands there already, with the
/// first.
fn index_of(codes: &[Code], start: usize, mut twice: impl FnMut(usize, &Code)) -> ByText {
    let text = |at: u32| &*codes[at as usize - start].code;
    let mut index = ByText::default();
    index.reserve(codes.len(), text);
    for (at, code) in codes.iter().enumerate() {
        if let Err(first) = index.add(&code.code, (start + at) as u32, text) {
            twice(at, &codes[first as usize - start]);
        }
    }
    index
}

/// Looks for codes that stand there already, and for those that only look alike; the model has `start` codes
/// before these.
fn doubles(codes: &[Code], (model, start): (&Model, usize)) -> Looked {
    let mut looked = Looked::default();
    if case_and_spaces_are_even(codes) {
        let index = index_of(codes, start, |at, first| {
            looked.said.push((at, duplicate(model, &codes[at], (first.thing, first.origin))));
            looked.doubles.push(at);
        });
        return Looked { index: Some(index), ..looked };
    }
    let mut alike: Lookup<Alike<'_>, &Code> =
        Lookup::with_capacity_and_hasher(codes.len(), Default::default());
    // Codes are asked for letter by letter only where some look alike: a second index of all is saved.
    let mut exact: Lookup<&str, &Code> = Lookup::default();
    for (at, code) in codes.iter().enumerate() {
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
                looked.said.push((at, duplicate(model, code, (same.get().thing, same.get().origin))));
                looked.doubles.push(at);
            }
            Entry::Vacant(free) => {
                free.insert(code);
                looked.said.push((at, lookalike(model, code, first)));
            }
        }
    }
    looked
}

/// Whether no two codes can differ in case and spaces only, since all letters are of one case and there are
/// no spaces: so it is in most systems.
fn case_and_spaces_are_even(codes: &[Code]) -> bool {
    let (mut upper, mut lower) = (false, false);
    codes.iter().all(|code| {
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

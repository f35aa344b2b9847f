//! Codes: by which words systems know things; each stands for one thing only.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::{Code, Thing};
use crate::model::quantity::Ratio;
use crate::model::{CodeId, LocationId, Model, Name, SystemId};
use crate::source::Span;
use crate::syntax::ast::item::In;
use std::collections::HashMap;

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
        let mut exact: HashMap<(SystemId, Name), (Thing, Span)> = HashMap::new();
        let mut folded: HashMap<(SystemId, String), (Name, Span)> = HashMap::new();
        for (_, code) in self.list {
            let key = (code.system, code.code.clone());
            if let Some((thing, span)) = exact.get(&key) {
                findings.report(duplicate(model, &code, (*thing, *span)));
                continue;
            }
            exact.insert(key, (code.thing, code.origin));
            let alike = folded.entry((code.system, fold(&code.code)));
            match alike {
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert((code.code.clone(), code.origin));
                }
                std::collections::hash_map::Entry::Occupied(first) => {
                    findings.report(lookalike(model, &code, first.get()));
                }
            }
            model.codes.push(code);
        }
        model.codes.sort_by_key(|code| (code.system, code.thing));
        for (index, code) in model.codes.iter().enumerate() {
            let own = model.code_index.entry(code.system).or_default();
            own.insert(code.code.clone(), CodeId::at(index));
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

fn fold(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
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

fn lookalike(model: &Model, code: &Code, (first, span): &(Name, Span)) -> Diagnostic {
    let system = &model.system(code.system).name;
    let message =
        format!("in `{system}` the codes `{first}` and `{}` differ only in case or spaces", code.code);
    Diagnostic::new(code::LOOKALIKE_CODE, code.origin, message)
        .here("hardly two different things")
        .label(*span, "looks the same")
        .help("codes are compared letter for letter: correct the one that is mistyped, or allow it here")
}

//! Owners: which counts of which items a system owns, and where.

use super::Scope;
use super::findings::Findings;
use super::select::Picker;
use crate::diagnostic::{Diagnostic, code};
use crate::model::owner::Owner;
use crate::model::quantity::BASE;
use crate::model::{LocationId, Model, SystemId};
use crate::source::Span;
use crate::syntax::ast::value::one_of;
use crate::syntax::ast::{Word, owner};
use std::collections::BTreeSet;

/// Works out all owners.
pub fn resolve(
    owners: &[owner::Owner],
    (model, picker): (&mut Model, &Picker),
    scope: &Scope,
    findings: &mut Findings,
) {
    for own in owners {
        let system = scope.systems.find(&own.system, findings);
        let mut quantities = Vec::new();
        for word in &own.quantities {
            let Some(id) = scope.quantities.find(word, findings) else { continue };
            if id.index() >= BASE.len() {
                let message = format!("`{}` is computed, so nobody owns it", word.value);
                let found =
                    Diagnostic::new(code::UNKNOWN_CHOICE, word.span, message).here("not a base quantity");
                findings.report(found.help(format!("an owner owns base quantities: {}", one_of(&BASE))));
            } else if quantities.iter().any(|(known, _)| *known == id) {
                let message = format!("`{}` stands twice in one `of`", word.value);
                let found = Diagnostic::second(word.span, None, message);
                findings.report(found.help("remove one of them"));
            } else {
                quantities.push((id, word.span));
            }
        }
        let at = own.at.as_ref().map(|words| locations(words, scope, findings));
        let items = picker.pick(&own.select, scope, findings).items;
        let Some(system) = system else { continue };
        let at = at.unwrap_or_else(|| mapped(model, system, own.origin, false));
        let bundles = picker.bundles_named(&own.select, scope);
        model.owners.push(Owner { system, quantities, at, items, bundles, origin: own.origin });
    }
}

/// Named locations, each once.
pub fn locations(words: &[Word], scope: &Scope, findings: &mut Findings) -> Vec<(LocationId, Span)> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for word in words {
        if let Some(id) = scope.locations.find(word, findings).filter(|id| seen.insert(*id)) {
            kept.push((id, word.span));
        }
    }
    kept
}

/// Every location mapped in a system, with the node's place; pools only where they are wanted.
pub fn mapped(model: &Model, system: SystemId, origin: Span, pools: bool) -> Vec<(LocationId, Span)> {
    let all = model.locations.iter().enumerate();
    all.filter(|(_, location)| location.code_in(system).is_some() && (pools || !location.is_pool()))
        .map(|(index, _)| (LocationId::at(index), origin))
        .collect()
}

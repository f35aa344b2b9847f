//! Derived quantities: sums over base quantities, opened into their terms.

use super::Scope;
use super::findings::Findings;
use super::nested::inside_out;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::Quantity;
use crate::model::{Model, QuantityId};
use crate::source::{SourceId, Span};
use crate::syntax::ast::quantity;
use std::collections::BTreeMap;

/// Declares and works out all quantities. An own quantity's id is its place behind the built-in ones.
pub fn resolve(
    quantities: &[quantity::Quantity],
    model: &mut Model,
    scope: &mut Scope,
    findings: &mut Findings,
) {
    let built_in = model.quantities.len();
    let nowhere = Span::new(SourceId(0), 0, 0);
    for (index, own) in model.quantities.iter().enumerate() {
        scope.quantities.built_in(&own.name, QuantityId::at(index), nowhere);
    }
    let mut kept = Vec::new();
    for own in quantities {
        if scope.quantities.get(&own.name.value).is_some_and(|id| id.index() < built_in) {
            let message = format!("`{}` is a quantity of the language", own.name.value);
            let found = Diagnostic::new(code::DUPLICATE_NAME, own.name.span, message).here("taken already");
            findings.report(found.help("everybody reads the name as the language means it: choose another"));
        } else if scope.quantities.declare(&own.name, Some(QuantityId::at(built_in + kept.len())), findings) {
            kept.push(own);
        }
    }
    let terms: Vec<Vec<(QuantityId, i64, Span)>> = kept
        .iter()
        .map(|own| {
            let term = |(word, sign): &(crate::syntax::ast::Word, i64)| {
                Some((scope.quantities.find(word, findings)?, *sign, word.span))
            };
            own.terms.iter().filter_map(term).collect()
        })
        .collect();
    for own in &kept {
        let name = own.name.value.clone();
        model.quantities.push(Quantity { name, terms: Vec::new(), origin: Some(own.origin) });
    }
    let own = |id: QuantityId| id.index().checked_sub(built_in);
    let steps = |all: &Vec<(QuantityId, i64, Span)>| -> Vec<(usize, Span)> {
        all.iter().filter_map(|(id, _, span)| Some((own(*id)?, *span))).collect()
    };
    let steps: Vec<Vec<(usize, Span)>> = terms.iter().map(steps).collect();
    let inner: Vec<Vec<usize>> =
        steps.iter().map(|all| all.iter().map(|(inner, _)| *inner).collect()).collect();
    let (order, circles) = inside_out(&inner);
    for (at, next) in circles {
        let (inner, span) = steps[at][next];
        let message = format!("the quantity `{}` is computed from itself", kept[inner].name.value);
        findings.report(
            Diagnostic::new(code::FLOW_CYCLE, span, message)
                .here("leads back to it")
                .label(kept[inner].name.span, "declared here")
                .help("the sum never comes to an end: build it from base quantities"),
        );
    }
    for at in order {
        let mut sum: BTreeMap<QuantityId, i64> = BTreeMap::new();
        for (id, sign, _) in &terms[at] {
            for (base, times) in &model.quantities[id.index()].terms {
                let total = sum.entry(*base).or_default();
                *total = total.saturating_add(times.saturating_mul(*sign));
            }
        }
        sum.retain(|_, times| *times != 0);
        model.quantities[built_in + at].terms = sum.into_iter().collect();
    }
}

//! Derived quantities: sums over base quantities, opened into their terms.

use super::Scope;
use super::findings::Findings;
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
    let mut state = vec![State::New; kept.len()];
    for start in 0..kept.len() {
        open(start, (&terms, &kept), &mut state, model, findings);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

type Own<'a> = (&'a [Vec<(QuantityId, i64, Span)>], &'a [&'a quantity::Quantity]);

/// Opens one quantity and those that it is made of, without recursion: chains may be long.
fn open(
    start: usize,
    (terms, kept): Own<'_>,
    state: &mut [State],
    model: &mut Model,
    findings: &mut Findings,
) {
    let built_in = model.quantities.len() - kept.len();
    let mut stack = vec![(start, 0)];
    while let Some((at, next)) = stack.pop() {
        if state[at] == State::Done {
            continue;
        }
        state[at] = State::Open;
        let own = |id: QuantityId| id.index().checked_sub(built_in);
        match terms[at].get(next).map(|(id, _, span)| (own(*id), *span)) {
            Some((Some(inner), span)) if state[inner] == State::Open => {
                let message = format!("the quantity `{}` is computed from itself", kept[inner].name.value);
                findings.report(
                    Diagnostic::new(code::FLOW_CYCLE, span, message)
                        .here("leads back to it")
                        .label(kept[inner].name.span, "declared here")
                        .help("the sum never comes to an end: build it from base quantities"),
                );
                stack.push((at, next + 1));
            }
            Some((Some(inner), _)) if state[inner] == State::New => {
                stack.push((at, next));
                stack.push((inner, 0));
            }
            Some(_) => stack.push((at, next + 1)),
            None => {
                let mut sum: BTreeMap<QuantityId, i64> = BTreeMap::new();
                for (id, sign, _) in &terms[at] {
                    for (base, times) in &model.quantities[id.index()].terms {
                        let total = sum.entry(*base).or_default();
                        *total = total.saturating_add(times.saturating_mul(*sign));
                    }
                }
                sum.retain(|_, times| *times != 0);
                model.quantities[built_in + at].terms = sum.into_iter().collect();
                state[at] = State::Done;
            }
        }
    }
}

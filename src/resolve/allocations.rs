//! Allocations: the targets among which shelves are divided, and exact weights.

use super::Scope;
use super::findings::Findings;
use crate::diagnostic::{Diagnostic, code};
use crate::model::allocation::{Allocation, Inside, Weighed};
use crate::model::quantity::Decimal;
use crate::model::{AllocationId, CodeId, Model, SystemId};
use crate::source::Span;
use crate::syntax::ast::reader::bad;
use crate::syntax::ast::value::{rename, show};
use crate::syntax::ast::{Spanned, Word, allocation};
use std::collections::BTreeSet;

/// The largest weight, over the common denominator: products with counts then fit 128 bits.
const HEAVIEST: i128 = 1_000_000_000_000;

/// Works out all allocations.
pub fn resolve(
    allocations: &[allocation::Allocation],
    model: &mut Model,
    scope: &Scope,
    findings: &mut Findings,
) {
    let mut names = super::names::Names::<AllocationId>::new("an allocation", &scope.lost);
    for own in allocations {
        if !names.declare(&own.name, None, findings) {
            continue;
        }
        let among = among(&own.among, scope, findings);
        let weights = weights(own, scope, findings);
        let inside = own.inside.iter().filter_map(|inside| resolve_inside(inside, model, scope, findings));
        let inside: Vec<Inside> = inside.collect();
        model.allocations.push(Allocation {
            name: own.name.value.clone(),
            among,
            weights,
            inside,
            pooled_above: own.pooled_above,
            origin: own.origin,
        });
    }
}

/// The targets, each once.
fn among(words: &[Word], scope: &Scope, findings: &mut Findings) -> Vec<(SystemId, Span)> {
    let mut kept: Vec<(SystemId, Span)> = Vec::new();
    for word in words {
        let Some(id) = scope.systems.find(word, findings) else { continue };
        match kept.iter().find(|(own, _)| *own == id) {
            None => kept.push((id, word.span)),
            Some((_, first)) => {
                let message = format!("`{}` stands twice in one `among`", word.value);
                let found = Diagnostic::second(word.span, *first, message);
                findings.report(found.help("remove one of them"));
            }
        }
    }
    kept
}

/// The targets' weights over one denominator. Weights of systems outside, below 0 or of 0 are kept as they
/// are: a rule judges them.
fn weights(
    own: &allocation::Allocation,
    scope: &Scope,
    findings: &mut Findings,
) -> Vec<(SystemId, i64, Span)> {
    let found = own
        .weights
        .iter()
        .filter_map(|(word, weight)| Some((scope.systems.find(word, findings)?, weight.clone(), word.span)));
    let found: Vec<(SystemId, Spanned<Decimal>, Span)> = found.collect();
    let scaled = scale(found.iter().map(|(_, weight, _)| weight), findings);
    found.into_iter().zip(scaled.0).map(|((id, _, span), weight)| (id, weight, span)).collect()
}

/// Decimals over one denominator: their numerators, and the denominator.
fn scale<'w>(
    weights: impl Iterator<Item = &'w Spanned<Decimal>>,
    findings: &mut Findings,
) -> (Vec<i64>, i64) {
    let weights: Vec<&Spanned<Decimal>> = weights.collect();
    let scale = weights.iter().map(|weight| weight.value.scale).max().unwrap_or(0).min(6);
    let one = 10_i128.pow(u32::from(scale));
    let scaled = weights.iter().map(|weight| {
        let own = weight.value.scale;
        let raised = match own <= scale {
            true => weight.value.digits.checked_mul(10_i128.pow(u32::from(scale - own))),
            false => None,
        };
        raised.filter(|weight| weight.abs() <= HEAVIEST).unwrap_or_else(|| {
            let found = bad(weight.span, "the weight has too many digits");
            findings.report(found.help(
                "only proportions count: write weights up to a million, with at most six digits behind the \
                 point",
            ));
            one
        }) as i64
    });
    (scaled.collect(), one as i64)
}

fn resolve_inside(
    own: &allocation::Inside,
    model: &Model,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<Inside> {
    let system = scope.systems.find(&own.system, findings)?;
    let (scaled, one) = scale(own.weights.iter().map(|(_, weight)| weight), findings);
    let mut weights: Vec<Weighed> = Vec::new();
    for ((word, _), weight) in own.weights.iter().zip(scaled) {
        let codes = codes(word, system, (model, scope), findings);
        weights.push(Weighed { codes, weight, origin: word.span });
    }
    // A code that is named itself does not share the weight of its thing.
    let alone: BTreeSet<CodeId> =
        weights.iter().filter(|own| own.codes.len() == 1).map(|own| own.codes[0]).collect();
    for own in weights.iter_mut().filter(|own| own.codes.len() > 1) {
        own.codes.retain(|code| !alone.contains(code));
    }
    Some(Inside { system, weights, one, origin: own.origin })
}

/// The codes of a target that a word names: all of an item's or a bundle's, or the one code of that text.
fn codes(
    word: &Word,
    system: SystemId,
    (model, scope): (&Model, &Scope),
    findings: &mut Findings,
) -> Vec<CodeId> {
    if let Some(code) = model.find_code(system, &word.value) {
        let named = scope.things.get(&word.value);
        if named.is_none_or(|thing| thing != model.code(code).thing) {
            return vec![code];
        }
    }
    if !scope.things.knows(&word.value) && !scope.things.is_lost(&word.value) {
        let message = format!(
            "`{}` is no item, no bundle and no code of `{}`",
            show(&word.value),
            model.system(system).name
        );
        let near = findings.nearest(&word.value, scope.things.names()).map(str::to_owned);
        let found = Diagnostic::new(code::UNKNOWN_NAME, word.span, message);
        findings.report(
            match near {
                Some(near) => rename(found, word.span, &near),
                None => found.here("not declared anywhere"),
            }
            .help("write the name of something that the target sells"),
        );
        return Vec::new();
    }
    scope.things.mention(word, findings);
    let Some(thing) = scope.things.get(&word.value) else { return Vec::new() };
    let codes: Vec<CodeId> = model.codes_of_thing(system, thing).map(CodeId).collect();
    if codes.is_empty() {
        let message = format!(
            "`{}` is not sold in `{}`, so its weight means nothing",
            word.value,
            model.system(system).name
        );
        let found = Diagnostic::new(code::UNKNOWN_NAME, word.span, message).here("no code there");
        findings.report(found.help("map it there with `in`, or remove the weight"));
    }
    codes
}

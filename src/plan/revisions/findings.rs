//! What `check` finds in one revision and not in the other. Lines move, so a finding is known by its rule
//! and its words.

use super::Finding;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;
use std::collections::BTreeMap;

/// The findings of the second revision that the first has not, and how many the first has that the second
/// has not.
pub fn fresh(a: &[Diagnostic], b: (&[Diagnostic], &Sources)) -> (Vec<Finding>, u64) {
    let mut known: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for found in a {
        *known.entry((found.rule.slug, &found.message)).or_default() += 1;
    }
    let mut fresh = Vec::new();
    for found in b.0 {
        match known.get_mut(&(found.rule.slug, found.message.as_str())) {
            Some(left) if *left > 0 => *left -= 1,
            _ => fresh.push(finding(found, b.1)),
        }
    }
    (fresh, known.into_values().sum())
}

fn finding(found: &Diagnostic, sources: &Sources) -> Finding {
    let place = sources.position(found.primary.span);
    Finding {
        rule: found.rule.slug.to_owned(),
        severity: found.severity.word().to_owned(),
        message: found.message.clone(),
        file: sources.file(found.primary.span.source).name().to_owned(),
        line: place.line,
        column: place.column,
    }
}

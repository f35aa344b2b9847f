//! Locations: how each system calls them, and pools opened into the places that they add up.

use super::findings::Findings;
use super::nested::inside_out;
use super::{Scope, renames, zone};
use crate::diagnostic::{Diagnostic, code};
use crate::model::location::{Location, LocationCode};
use crate::model::{LocationId, Model, Name, SystemId};
use crate::source::Span;
use crate::syntax::ast::location;
use crate::syntax::ast::reader::{missing, unexpected};
use std::collections::{BTreeSet, HashMap};

/// Declares and works out all locations.
pub fn resolve(
    locations: &[location::Location],
    model: &mut Model,
    scope: &mut Scope,
    findings: &mut Findings,
) {
    let mut kept = Vec::new();
    for own in locations {
        if scope.locations.declare(&own.name, Some(LocationId::at(kept.len())), findings) {
            kept.push(own);
        }
    }
    renames(kept.iter().filter_map(|own| Some((&own.name, own.was.as_ref()?))), &scope.locations, findings);
    let mut taken = HashMap::new();
    for own in &kept {
        model.locations.push(Location {
            name: own.name.value.clone(),
            codes: codes(own, &mut taken, scope, findings),
            pool: Vec::new(),
            cutoff: own.cutoff.as_ref().map(|time| (time.value, time.span)),
            calendar: scope.calendar(own.calendar.as_ref(), findings),
            timezone: zone(own.timezone.as_ref(), findings),
            was: own.was.as_ref().map(|word| word.value.clone()),
            origin: own.origin,
        });
    }
    pools(&kept, model, scope, findings);
}

fn codes(
    own: &location::Location,
    taken: &mut HashMap<(SystemId, Option<Name>), (Name, Span)>,
    scope: &Scope,
    findings: &mut Findings,
) -> Vec<LocationCode> {
    let mut codes: Vec<LocationCode> = Vec::new();
    for entry in &own.codes {
        let Some(system) = scope.systems.find(&entry.system, findings) else { continue };
        if entry.faulty {
            continue;
        }
        if let Some(first) = codes.iter().find(|code| code.system == system) {
            let message = format!("`{}` is mapped in `{}` twice", own.name.value, entry.system.value);
            findings
                .report(Diagnostic::second(entry.origin, first.origin, message).help(
                    "a place has one code in a system: remove the other, or declare a second location",
                ));
            continue;
        }
        let place = entry.code.as_ref().map_or(entry.origin, |code| code.span);
        match (scope.places.get(system.index()).copied().flatten(), &entry.code) {
            (Some(false), Some(code)) => {
                let message = format!(
                    "`{}` has no locations, so `{}` means nothing there",
                    entry.system.value, code.value
                );
                findings.report(unexpected(code.span, &message).help(
                    "remove the code; or, if its counts do come by location, name the column in `levels`",
                ));
                continue;
            }
            (Some(true), None) => {
                let needs =
                    format!("needs the code by which `{}` calls `{}`", entry.system.value, own.name.value);
                findings
                    .report(missing("in", &needs, entry.origin).help("write it behind the system's name"));
                continue;
            }
            _ => {}
        }
        let code = entry.code.as_ref().map(|code| code.value.clone());
        if let Some((first, span)) = taken.get(&(system, code.clone())) {
            findings.report(shared(entry, place, (&own.name.value, first, *span)));
            continue;
        }
        taken.insert((system, code.clone()), (own.name.value.clone(), place));
        codes.push(LocationCode { system, code, origin: entry.origin });
    }
    codes
}

fn shared(entry: &location::In, place: Span, (second, first, span): (&str, &str, Span)) -> Diagnostic {
    let system = &entry.system.value;
    let message = match &entry.code {
        Some(code) => {
            format!("in `{system}` the code `{}` stands for `{first}` and for `{second}`", code.value)
        }
        None => format!("`{system}` has no locations, and stands for both `{first}` and `{second}`"),
    };
    Diagnostic::new(code::LOCATION_CODE_SHARED, place, message)
        .here(format!("`{second}`"))
        .label(span, format!("`{first}`"))
        .help("its counts could be of either place: give each location a code of its own there")
}

/// Opens all pools.
fn pools(kept: &[&location::Location], model: &mut Model, scope: &Scope, findings: &mut Findings) {
    let mut members: Vec<Vec<(LocationId, Span)>> = Vec::with_capacity(kept.len());
    for own in kept {
        let words = own.pool.iter().flatten();
        members.push(
            words.filter_map(|word| Some((scope.locations.find(word, findings)?, word.span))).collect(),
        );
    }
    let inner: Vec<Vec<usize>> =
        members.iter().map(|all| all.iter().map(|(id, _)| id.index()).collect()).collect();
    let (order, circles) = inside_out(&inner);
    for (at, next) in circles {
        let (id, span) = members[at][next];
        let inner = kept[id.index()];
        findings.report(
            Diagnostic::new(
                code::POOL_CYCLE,
                span,
                format!("the pool `{}` contains itself", inner.name.value),
            )
            .here("leads back to it")
            .label(inner.name.span, "declared here")
            .help("its sum never comes to an end: name the places that it adds up"),
        );
    }
    for at in order {
        let mut leaves = BTreeSet::new();
        for (id, _) in &members[at] {
            match kept[id.index()].pool {
                Some(_) => leaves.extend(model.locations[id.index()].pool.iter().copied()),
                None => {
                    leaves.insert(*id);
                }
            }
        }
        model.locations[at].pool = leaves.into_iter().collect();
    }
}

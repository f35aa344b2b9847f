//! Systems: what each shows, by its kind or its `levels`, and where its orders go.

use super::findings::Findings;
use super::{Scope, renames, zone};
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::BASE;
use crate::model::system::{Levels, Lines, Movements, Orders, Role, Setting, Shows, System};
use crate::model::{Model, Name, QuantityId, SystemId};
use crate::syntax::ast::levels::{self, fixed_names};
use crate::syntax::ast::value::{one_of, rename, show};
use crate::syntax::ast::{Tree, Word, lines, movements, system};
use std::collections::BTreeMap;

/// The word for what a channel takes off its level by selling.
/// What a channel takes off by itself as it sells.
pub const OWN_SALES: &str = "own-sales";

/// Declares all systems.
pub fn declare(tree: &Tree, scope: &mut Scope, findings: &mut Findings) {
    for system in &tree.systems {
        let usable = system.kind.is_some();
        let id = usable.then(|| SystemId::at(scope.places.len()));
        if scope.systems.declare(&system.name, id, findings) && usable {
            scope.places.push(places(system));
        }
    }
}

/// Whether a system has places; `None` where it does not say.
fn places(system: &system::System) -> Option<bool> {
    let kind = system.kind?;
    match (&system.levels, kind.generic) {
        (Some(levels), true) => Some(levels.has_location),
        (None, true) => None,
        (_, false) => Some(kind.locations),
    }
}

/// Works out all systems.
pub fn resolve(systems: &[system::System], model: &mut Model, scope: &mut Scope, findings: &mut Findings) {
    let was = systems.iter().filter_map(|system| Some((&system.name, system.was.as_ref()?)));
    renames(was, &scope.systems, findings);
    for system in systems {
        // A second one of a name, or one without a kind, has been reported and is nothing in the model.
        let first = scope.systems.place(&system.name.value) == Some(system.name.span);
        let Some(kind) = system.kind.filter(|_| first) else { continue };
        let (levels, shows) = match &system.levels {
            Some(own) => {
                let (levels, shows) = resolve_levels(own, model, scope, findings);
                (Some(levels), shows)
            }
            None => (None, Vec::new()),
        };
        let by_kind = kind.shows.iter().filter_map(|shown| {
            let quantity = scope.quantities.get(shown.quantity)?;
            Some(Shows {
                quantity,
                net_of: shown.net_of.iter().copied().map(Name::from).collect(),
                origin: None,
            })
        });
        let text = |word: &Option<Word>| word.as_ref().map(|word| (word.value.clone(), word.span));
        model.systems.push(System {
            name: system.name.value.clone(),
            kind,
            role: system.role.unwrap_or(Role::Reporting),
            settings: system.settings.clone(),
            dir: system.dir.clone(),
            levels,
            set: text(&system.set),
            create: text(&system.create),
            publish: system.publish.as_ref().map(|path| (path.value.clone(), path.span)),
            shows: by_kind.chain(shows).collect(),
            lines: system.lines.as_ref().map(resolve_lines),
            movements: system.movements.as_ref().map(resolve_movements),
            acknowledges: system.acknowledges,
            limit: system.traffic.limit.clone(),
            timeout: system.traffic.timeout,
            retry: system.traffic.retry,
            expires: system.traffic.expires,
            orders: orders(system, scope, findings),
            stale_after: system.stale_after,
            timezone: zone(system.timezone.as_ref(), findings),
            was: system.was.as_ref().map(|word| word.value.clone()),
            origin: system.origin,
        });
    }
}

fn orders(
    system: &system::System,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<(Orders, crate::source::Span)> {
    let (orders, span) = system.orders.as_ref()?;
    let orders = match orders {
        system::Orders::Nothing => Orders::Nothing,
        system::Orders::Direct(to, within) => {
            let to = to.as_ref().and_then(|to| scope.systems.find(to, findings));
            Orders::Direct { to: to?, within: (*within)? }
        }
    };
    Some((orders, *span))
}

fn resolve_levels(
    own: &levels::Levels,
    model: &Model,
    scope: &Scope,
    findings: &mut Findings,
) -> (Levels, Vec<Shows>) {
    let mut counts: Vec<(QuantityId, Name)> = Vec::new();
    let mut shows = Vec::new();
    let mut first: BTreeMap<QuantityId, &Word> = BTreeMap::new();
    for count in &own.counts {
        let net_of = net_of(count, scope, findings);
        if !scope.quantities.knows(&count.quantity.value) {
            if !scope.quantities.is_lost(&count.quantity.value) {
                findings.report(unknown_count(&count.quantity, model));
            }
            continue;
        }
        scope.quantities.mention(&count.quantity, findings);
        let Some(quantity) = scope.quantities.get(&count.quantity.value) else { continue };
        if let Some(before) = first.get(&quantity) {
            let message = format!("`levels` names two columns for `{}`", count.quantity.value);
            let found = Diagnostic::second(count.quantity.span, before.span, message);
            findings.report(found.help("a count has one column: remove the other"));
            continue;
        }
        first.insert(quantity, &count.quantity);
        let Some(column) = &count.column else { continue };
        counts.push((quantity, column.value.clone()));
        shows.push(Shows { quantity, net_of, origin: Some(count.origin) });
    }
    let text = |word: &Option<Word>| word.as_ref().map(|word| word.value.clone());
    let levels = Levels {
        source: own.source.clone().unwrap_or_else(|| Setting::Literal(Name::from(""))),
        files: own.files,
        delimiter: own.delimiter,
        encoding: own.encoding,
        decimal: own.decimal,
        code: text(&own.code).unwrap_or_else(|| Name::from("")),
        location: text(&own.location),
        unit: text(&own.unit),
        as_of: text(&own.as_of),
        changed: text(&own.changed),
        counts,
        complete: own.complete,
        absent_zero: own.absent_zero,
        rows_add_up: own.rows_add_up,
        only: own.only.iter().map(|(c, v)| (c.value.clone(), v.value.clone())).collect(),
        origin: own.origin,
    };
    (levels, shows)
}

/// Where open order lines are read.
fn resolve_lines(own: &lines::Lines) -> Lines {
    let [document, line, code, location, unit, open, as_of] = &own.columns;
    let may = |word: &Option<Word>| word.as_ref().map(|word| word.value.clone());
    let must = |word: &Option<Word>| may(word).unwrap_or_else(|| Name::from(""));
    Lines {
        source: own.source.clone().unwrap_or_else(|| Setting::Literal(Name::from(""))),
        files: own.files,
        delimiter: own.delimiter,
        encoding: own.encoding,
        decimal: own.decimal,
        document: must(document),
        line: must(line),
        code: must(code),
        location: may(location),
        unit: may(unit),
        open: must(open),
        as_of: may(as_of),
        origin: own.origin,
    }
}

/// Where movements are read.
fn resolve_movements(own: &movements::Movements) -> Movements {
    let [kind, document, line, of_document, of_line, code, location, to, quantity, unit, at] = &own.columns;
    let may = |word: &Option<Word>| word.as_ref().map(|word| word.value.clone());
    let must = |word: &Option<Word>| may(word).unwrap_or_else(|| Name::from(""));
    Movements {
        source: own.source.clone().unwrap_or_else(|| Setting::Literal(Name::from(""))),
        files: own.files,
        delimiter: own.delimiter,
        encoding: own.encoding,
        decimal: own.decimal,
        kind: must(kind),
        document: must(document),
        line: must(line),
        of_document: may(of_document),
        of_line: may(of_line),
        code: must(code),
        location: may(location),
        to: may(to),
        quantity: must(quantity),
        unit: may(unit),
        at: may(at),
        words: own.words.iter().map(|(word, meaning)| (word.value.clone(), *meaning)).collect(),
        origin: own.origin,
    }
}

/// What is already taken off a count.
fn net_of(count: &levels::Count, scope: &Scope, findings: &mut Findings) -> Vec<Name> {
    let known: Vec<Name> = BASE[1..].iter().copied().chain([OWN_SALES]).map(Name::from).collect();
    let mut kept = Vec::new();
    for word in &count.net_of {
        if known.contains(&word.value) {
            scope.quantities.mention(word, findings);
            if !kept.contains(&word.value) {
                kept.push(word.value.clone());
            }
            continue;
        }
        let near = findings.nearest(&word.value, known.iter()).map(str::to_owned);
        let found = super::names::unknown(word, "a quantity that can be taken off", near.as_deref());
        let names: Vec<&str> = known.iter().map(|name| &**name).collect();
        let list = one_of(&names);
        let own = scope.quantities.knows(&word.value);
        let help = if own { "a count is net of base quantities" } else { "what can be taken off a count is" };
        findings.report(found.help(format!("{help}: {list}")));
    }
    kept
}

fn unknown_count(word: &Word, model: &Model) -> Diagnostic {
    let names = model.quantities.iter().map(|quantity| &*quantity.name);
    let message = format!("`{}` is neither a part of `levels` nor a quantity", show(&word.value));
    let found = Diagnostic::new(code::UNKNOWN_NODE, word.span, message);
    match crate::diagnostic::nearest(&word.value, fixed_names().chain(names)) {
        Some(near) => rename(found, word.span, near)
            .help("inside `levels` stand its columns and the quantities that they count"),
        None => found.here("not known here").help(
            "write a quantity such as `on-hand`, one of your own, or one of code, location, unit, as-of, \
             changed, complete, absent, rows, only",
        ),
    }
}

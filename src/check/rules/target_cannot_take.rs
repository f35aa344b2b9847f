//! `target-cannot-take`: the target of a flow cannot be written this way.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Model;
use crate::model::capability::WriteClass;
use crate::model::collect::Collect;
use crate::model::flow::Flow;
use crate::model::system::System;

/// Why a target cannot be written at all, whatever the count.
pub fn obstacle(model: &Model, flow: &Flow) -> Option<String> {
    let target = model.system(flow.to);
    let (name, kind) = (&target.name, target.kind.kind);
    match target.kind.class {
        WriteClass::ReadOnly => return Some(format!("kind `{kind}` can only be read")),
        WriteClass::BareDelta => {
            return Some(format!("kind `{kind}` only adds and takes off, and cannot tell one sent twice"));
        }
        _ => {}
    }
    match kind {
        "sql" if target.set.is_none() => Some(format!("`{name}` has no `set` statement")),
        "csv" if target.publish.is_none() => Some(format!("`{name}` has no `publish` file")),
        _ => None,
    }
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, flow) in facts.flows() {
        let target = facts.model.system(flow.to);
        let (why, help) = match obstacle(facts.model, flow) {
            Some(why) => (why, missing_write(target)),
            None if flow.write.is_some() => continue,
            None => (format!("it takes {}", takes(facts, target)), other_count(target)),
        };
        let quantity = &facts.model.quantity(flow.quantity).name;
        let source = target.levels.as_ref().map_or(target.origin, |levels| levels.origin);
        let cause = if obstacle(facts.model, flow).is_some() { target.origin } else { source };
        found.push(
            Diagnostic::new(
                code::TARGET_CANNOT_TAKE,
                flow.origin,
                format!("`{}` cannot take `{quantity}` from flow `{}`: {why}", target.name, flow.name),
            )
            .here(format!("publishes `{quantity}` to `{}`", target.name))
            .label(cause, why)
            .help(help),
        );
    }
    found.extend(facts.model.collects.iter().filter_map(|flow| posting(facts.model, flow)));
    found
}

/// A flow that posts movements to a kind that takes none in.
fn posting(model: &Model, flow: &Collect) -> Option<Diagnostic> {
    let target = model.system(flow.post.to?);
    if !target.kind.posts.is_empty() {
        return None;
    }
    let kind = target.kind.kind;
    let message = format!(
        "`{}` cannot take movements from flow `{}`: kind `{kind}` takes none in",
        target.name, flow.name
    );
    Some(
        Diagnostic::new(code::TARGET_CANNOT_TAKE, flow.origin, message)
            .here(format!("posts to `{}`", target.name))
            .label(target.origin, format!("kind `{kind}`"))
            .help(
                "Orders that arrive nowhere never lower the count that everybody publishes from. Post them \
                 to an owner that takes them in, or write `post none { reference \"{order}\" }` where \
                 something else carries them over.",
            ),
    )
}

fn takes(facts: &Facts, target: &System) -> String {
    match target.kind.generic {
        true => list(target.shows.iter().map(|shows| &*facts.model.quantity(shows.quantity).name)),
        false => list(target.kind.takes.iter().map(|taken| taken.quantity)),
    }
}

fn other_count(target: &System) -> String {
    let how = match target.kind.generic {
        true => "name the column that holds it in `levels`, or publish a count that is there",
        false => "publish a count that it takes, or to another system",
    };
    format!("A flow that cannot write leaves the old numbers standing, and they are sold. Either {how}.")
}

fn missing_write(target: &System) -> String {
    let how = match target.kind.kind {
        _ if target.kind.class == WriteClass::BareDelta => {
            "Where the answer to a write is lost, nobody can tell whether it arrived: sent again, it would \
             count twice. Publish to a system that compares before it sets, or that knows a key"
        }
        "sql" => "Give it `set` with the statement that writes one row, or publish to another system",
        "csv" => "Name the file with `publish \"out/stock.csv\"` in the system, or publish to another one",
        _ => "Publish to another system",
    };
    format!("A flow that cannot write leaves the old numbers standing, and they are sold. {how}.")
}

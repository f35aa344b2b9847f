//! Flows that collect movements: where from, what, and who takes them in.

use super::Scope;
use super::findings::Findings;
use super::lag::lag;
use crate::diagnostic::{Diagnostic, code, nearest};
use crate::model::Model;
use crate::model::capability::PostField;
use crate::model::collect::{Collect, Post};
use crate::model::system::{Setting, System};
use crate::source::Span;
use crate::syntax::ast::reader::{missing, unexpected};
use crate::syntax::ast::value::{one_of, rename, show, unknown_choice};
use crate::syntax::ast::{Spanned, Word, collect, flow};
use std::collections::BTreeMap;

/// Works out one flow that collects; its name has been declared.
pub fn resolve(own: &flow::Flow, model: &mut Model, scope: &Scope, findings: &mut Findings) {
    let lag = lag(own, scope, findings);
    let from = own.collect.as_ref().and_then(|collect| scope.systems.find(collect.from.as_ref()?, findings));
    let post = own.post.as_ref().and_then(|post| resolve_post(post, model, scope, findings));
    let (Some(collect), Some(from), Some(post)) = (&own.collect, from, post) else { return };
    model.collects.push(Collect {
        name: own.name.value.clone(),
        from,
        movements: collect.movements.clone(),
        post,
        restock: own.restock,
        lag,
        was: own.was.as_ref().map(|word| word.value.clone()),
        collect_origin: collect.origin,
        origin: own.origin,
    });
}

/// Where movements go; `None` where that cannot be used, which has been said.
fn resolve_post(own: &collect::Post, model: &Model, scope: &Scope, findings: &mut Findings) -> Option<Post> {
    let to = match (&own.to, own.none) {
        (Some(word), false) => Some(scope.systems.find(word, findings)?),
        (None, false) => return None,
        (_, true) => None,
    };
    let mut post = Post {
        to,
        kind: None,
        reference: own.reference.as_ref().map(|word| (word.value.clone(), word.span)),
        fields: BTreeMap::new(),
        origin: own.origin,
    };
    let Some(to) = to.map(|to| model.system(to)) else {
        for (name, _) in &own.fields {
            let found = unexpected(
                name.span,
                &format!("`post none` posts nothing, so `{}` means nothing", name.value),
            );
            findings.report(found.help("remove it"));
        }
        return Some(post);
    };
    post.kind = document(own, to, findings);
    for (name, value) in &own.fields {
        field(to, (name, value), &mut post.fields, findings);
    }
    for needed in to.kind.post_fields.iter().filter(|field| field.required) {
        if !own.fields.iter().any(|(name, _)| &*name.value == needed.name) {
            let needs = format!("to a system of kind `{}` needs `{}`", to.kind.kind, needed.name);
            let found = missing("post", &needs, own.origin);
            findings.report(found.help(format!("add `{}` inside it: {}", needed.name, needed.says)));
        }
    }
    Some(post)
}

/// As what the system takes movements in; the usual one of its kind by default.
fn document(own: &collect::Post, to: &System, findings: &mut Findings) -> Option<&'static str> {
    let known = to.kind.posts;
    match own.kind {
        Some((kind, span)) if !known.is_empty() && !known.contains(&kind) => {
            let message = format!("a system of kind `{}` takes in no `{kind}`", to.kind.kind);
            let found = Diagnostic::new(code::UNKNOWN_CHOICE, span, message).here("not one of its words");
            findings.report(found.help(format!("write {}", one_of(known))));
            None
        }
        Some((kind, _)) => Some(kind),
        None => known.first().copied(),
    }
}

/// One further field of a `post`. A kind that takes nothing in has none, and another rule says so.
fn field(
    to: &System,
    (name, value): (&Word, &Spanned<Setting>),
    fields: &mut BTreeMap<&'static str, (Setting, Span)>,
    findings: &mut Findings,
) {
    if to.kind.posts.is_empty() {
        return;
    }
    let known = to.kind.post_fields;
    let Some(field) = known.iter().find(|field| field.name == &*name.value) else {
        let names: Vec<&str> = known.iter().map(|field| field.name).chain(["reference"]).collect();
        let message = format!("there is no field `{}` in a `post` to `{}`", show(&name.value), to.name);
        let found = Diagnostic::new(code::UNKNOWN_NODE, name.span, message);
        findings.report(
            match nearest(&name.value, names.iter().copied()) {
                Some(near) => rename(found, name.span, near),
                None => found.here("not known here"),
            }
            .help(format!("a system of kind `{}` takes {}", to.kind.kind, one_of(&names))),
        );
        return;
    };
    if let Setting::Literal(word) = &value.value
        && !field.words.is_empty()
        && !field.words.contains(&&**word)
    {
        findings.report(wrong_word(field, word, value.span));
        return;
    }
    fields.insert(field.name, (value.value.clone(), value.span));
}

fn wrong_word(field: &PostField, word: &str, span: Span) -> Diagnostic {
    let message = format!("the `{}` of `post` cannot be `{}`", field.name, show(word));
    unknown_choice(word, span, message, field.words)
}

/// Whether a flow collects movements; one that publishes does not, whatever else stands in it.
pub fn collects(own: &flow::Flow) -> bool {
    own.publish.is_none() && (own.collect.is_some() || own.post.is_some())
}

//! Findings as editors show them, for the files of a topology and for a text that belongs to none.

use super::checker::Checked;
use super::text::{Text, Units};
use crate::diagnostic::{Diagnostic, Severity, code, escape};
use crate::model::capability::Descriptor;
use crate::source::{SourceId, Span};
use crate::syntax::ast::reader::Reader;
use crate::syntax::ast::{self, Tree};
use crate::syntax::parse;
use gen_lsp_types as lsp;
use std::collections::BTreeMap;

/// All findings of a topology, by file; `uri` is the editor's name of a source.
pub fn by_file(
    checked: &Checked,
    uri: &dyn Fn(SourceId) -> String,
    units: Units,
) -> BTreeMap<String, Vec<lsp::Diagnostic>> {
    let mut all: BTreeMap<String, Vec<lsp::Diagnostic>> = BTreeMap::new();
    for found in &checked.compiled.diagnostics {
        let labels = found.labels.iter().map(|label| {
            let (uri, range) = (lsp::Uri(uri(label.span.source)), checked.range(label.span, units));
            let location = lsp::Location { uri, range };
            lsp::DiagnosticRelatedInformation { location, message: label.text.clone() }
        });
        let range = checked.range(found.primary.span, units);
        let shown = shown(found, range, labels.collect());
        all.entry(uri(found.primary.span.source)).or_default().push(shown);
    }
    all
}

/// A finding in the words of the protocol.
fn shown(
    found: &Diagnostic,
    range: lsp::Range,
    labels: Vec<lsp::DiagnosticRelatedInformation>,
) -> lsp::Diagnostic {
    let severity = match found.severity {
        Severity::Error => lsp::DiagnosticSeverity::Error,
        Severity::Warning => lsp::DiagnosticSeverity::Warning,
    };
    let idle = found.rule == code::UNUSED_ALLOW;
    lsp::Diagnostic {
        range,
        severity: Some(severity),
        code: Some(lsp::Code::String(found.rule.slug.to_owned())),
        source: Some("onhand".to_owned()),
        message: lsp::Message::String(message(found)),
        tags: idle.then(|| vec![lsp::DiagnosticTag::Unnecessary]),
        related_information: (!labels.is_empty()).then_some(labels),
        ..lsp::Diagnostic::default()
    }
}

/// What a finding says, in one paragraph for what was found and one for what to do.
fn message(found: &Diagnostic) -> String {
    let mut text = escape::line(&found.message).into_owned();
    if !found.primary.text.is_empty() {
        text += &format!(": {}", escape::line(&found.primary.text));
    }
    if !found.help.is_empty() {
        text += &format!("\n{}", escape::lines(&found.help));
    }
    text
}

/// What can be said of a text that no topology reads: whether it is well formed, not what its names mean.
/// `root` is the folder of the topology above it, which does not include it.
pub fn alone(
    (uri, own, root): (&str, &Text, Option<&str>),
    kinds: &[&'static Descriptor],
    units: Units,
) -> Vec<lsp::Diagnostic> {
    let text = &own.text;
    let source = SourceId(0);
    let parsed = parse(source, text);
    let mut reader = Reader::new(kinds, String::new());
    let mut tree = Tree::default();
    for node in parsed.document.nodes(text).filter(|node| node.name() != "include") {
        ast::take(&mut tree, &mut reader, node);
    }
    let of = |found: &Diagnostic| {
        let range = |span: Span| own.range((span.start, span.end), units);
        let labels = found.labels.iter().map(|label| lsp::DiagnosticRelatedInformation {
            location: lsp::Location { uri: lsp::Uri(uri.to_owned()), range: range(label.span) },
            message: label.text.clone(),
        });
        shown(found, range(found.primary.span), labels.collect())
    };
    let why = match root {
        Some(root) => format!(
            "the topology in {root} does not include this file, so it changes nothing there: only its form \
             is checked, not its names.\nAdd an `include` to the topology, or ignore this."
        ),
        None => "no folder above this file holds an `onhand.kdl`: only its form is checked, not its names.\n\
                 A topology is a folder with an `onhand.kdl` at its root."
            .to_owned(),
    };
    let note = lsp::Diagnostic {
        range: own.range((0, 0), units),
        severity: Some(lsp::DiagnosticSeverity::Information),
        source: Some("onhand".to_owned()),
        message: lsp::Message::String(why),
        ..lsp::Diagnostic::default()
    };
    let syntax = parsed.diagnostics.iter();
    std::iter::once(note).chain(syntax.chain(&reader.diagnostics).map(of)).collect()
}

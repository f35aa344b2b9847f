//! What an editor offers to do about a finding: its own fix, or an `allow` where it stands.

use super::checker::Checked;
use super::desk::{Desk, Doc};
use crate::check::allow::lies_in;
use crate::diagnostic::{Diagnostic, Edit, Severity};
use crate::source::Span;
use crate::syntax::{Node, parse};
use gen_lsp_types as lsp;
use std::collections::{BTreeMap, HashMap};

/// The actions for a range of a text. `versions`: the client takes edits of a certain version.
pub fn actions(desk: &Desk, params: &lsp::CodeActionParams, versions: bool) -> Vec<lsp::CodeAction> {
    let uri = &params.text_document.uri.0;
    let only = params.context.only.as_ref();
    if only.is_some_and(|only| !only.contains(&lsp::CodeActionKind::QuickFix)) {
        return Vec::new();
    }
    let (Some(doc), Some((checked, source))) = (desk.doc(uri), desk.checked(uri)) else { return Vec::new() };
    let [start, end] = [params.range.start, params.range.end].map(|at| doc.text.byte(at, desk.units));
    let touched = |span: Span| span.source == source && span.start <= end && start <= span.end;
    let mut all = Vec::new();
    for found in checked.compiled.diagnostics.iter().filter(|found| touched(found.primary.span)) {
        let fix = found.fix.iter().map(|fix| (fix.title.clone(), fix.edits.clone(), fix.sure));
        let allow = allow(found, doc).map(|edit| {
            let title = format!("allow `{}` here, and say why", found.rule.slug);
            (title, vec![edit], false)
        });
        for (title, edits, preferred) in fix.chain(allow) {
            // What the client knows as the finding: the one of this rule that it sent.
            let code = Some(lsp::Code::String(found.rule.slug.to_owned()));
            let range = checked.range(found.primary.span, desk.units);
            let own = params.context.diagnostics.iter().filter(|one| one.code == code && one.range == range);
            let own: Vec<lsp::Diagnostic> = own.cloned().collect();
            all.push(lsp::CodeAction {
                title: capital(&title),
                kind: Some(lsp::CodeActionKind::QuickFix),
                diagnostics: (!own.is_empty()).then_some(own),
                is_preferred: preferred.then_some(true),
                edit: Some(workspace_edit(desk, &checked, &edits, versions)),
                ..lsp::CodeAction::default()
            });
        }
    }
    all
}

fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn workspace_edit(desk: &Desk, checked: &Checked, edits: &[Edit], versions: bool) -> lsp::WorkspaceEdit {
    let mut files: BTreeMap<String, Vec<lsp::TextEdit>> = BTreeMap::new();
    for edit in edits {
        let range = checked.range(edit.span, desk.units);
        let new = lsp::TextEdit { range, new_text: edit.replacement.clone() };
        files.entry(desk.uri(checked, edit.span.source)).or_default().push(new);
    }
    if !versions {
        let changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> =
            files.into_iter().map(|(uri, edits)| (lsp::Uri(uri), edits)).collect();
        return lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() };
    }
    let changes = files.into_iter().map(|(uri, edits)| {
        let version = desk.doc(&uri).map(|doc| doc.version);
        lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit {
            text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                version,
                text_document_identifier: lsp::TextDocumentIdentifier { uri: lsp::Uri(uri) },
            },
            edits: edits.into_iter().map(lsp::Edit::TextEdit).collect(),
        })
    });
    lsp::WorkspaceEdit { document_changes: Some(changes.collect()), ..lsp::WorkspaceEdit::default() }
}

/// The edit that accepts a warning in the node at the top of the file in which it stands. The reason is
/// left empty, which is an error until somebody writes it: nothing is accepted without one.
fn allow(found: &Diagnostic, doc: &Doc) -> Option<Edit> {
    if found.severity != Severity::Warning || found.rule.severity != Severity::Warning {
        return None;
    }
    let text = &doc.text.text;
    let span = found.primary.span;
    let parsed = parse(span.source, text);
    let node = parsed.document.nodes(text).find(|node| lies_in(span, node.span()))?;
    let words = format!("allow {} reason=\"\"", found.rule.slug);
    Some(insert(node, text, &words))
}

/// The edit that puts a node first into the block of another.
fn insert(node: Node<'_>, text: &str, words: &str) -> Edit {
    let line = text[..node.span().start as usize].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line..].chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    let Some(block) = node.block_span() else {
        let end = node.head_span().end;
        let span = Span { start: end, end, ..node.span() };
        return Edit { span, replacement: format!(" {{\n{indent}    {words}\n{indent}}}") };
    };
    let after = block.start + 1;
    let rest = &text[after as usize..block.end as usize];
    let several = rest.lines().count() > 1;
    let replacement = match several {
        true => format!("\n{indent}    {words}"),
        false => format!(" {words};"),
    };
    Edit { span: Span { start: after, end: after, ..block }, replacement }
}

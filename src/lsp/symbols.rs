//! The outline of a file: its nodes by what they are called.

use super::desk::{Desk, Doc};
use super::text::Units;
use crate::source::SourceId;
use crate::syntax::{Node, Value, parse};
use gen_lsp_types::{DocumentSymbol, DocumentSymbolParams, SymbolKind};

/// How deep the outline goes.
const DEEPEST: usize = 3;

/// The outline of an open text.
pub fn symbols(desk: &Desk, params: &DocumentSymbolParams) -> Vec<DocumentSymbol> {
    let Some(doc) = desk.doc(&params.text_document.uri.0) else { return Vec::new() };
    let parsed = parse(SourceId(0), &doc.text.text);
    parsed.document.nodes(&doc.text.text).map(|node| symbol(doc, node, desk.units, 1)).collect()
}

fn symbol(doc: &Doc, node: Node<'_>, units: Units, depth: usize) -> DocumentSymbol {
    let words: Vec<String> = node
        .arguments()
        .filter_map(|entry| match entry.value() {
            // What only names where a value is kept is no name of the node.
            Value::Text(text) if entry.annotation().is_none() => Some(text.into_owned()),
            Value::Number(written) => Some(written.to_owned()),
            _ => None,
        })
        .collect();
    let node_name = node.name().into_owned();
    let (name, detail) = match words.is_empty() {
        // The protocol wants no empty name, and KDL allows one.
        true if node_name.is_empty() => ("\"\"".to_owned(), None),
        true => (node_name, None),
        false => (words.join(" "), Some(node_name)),
    };
    let range = |span: crate::source::Span| doc.text.range((span.start, span.end), units);
    let children: Vec<DocumentSymbol> = match depth < DEEPEST {
        true => node.children().map(|child| symbol(doc, child, units, depth + 1)).collect(),
        false => Vec::new(),
    };
    let name = if name.trim().is_empty() { "\"\"".to_owned() } else { name };
    let (whole, word) = (range(node.span()), range(node.name_span()));
    let children = (!children.is_empty()).then_some(children);
    DocumentSymbol::new(name, detail, kind(&node.name(), depth), None, None, whole, word, children)
}

fn kind(node: &str, depth: usize) -> SymbolKind {
    match node {
        _ if depth > 1 => SymbolKind::Property,
        "include" => SymbolKind::File,
        "unit" | "quantity" => SymbolKind::Number,
        "system" => SymbolKind::Module,
        "location" => SymbolKind::Namespace,
        "item" => SymbolKind::Object,
        "bundle" => SymbolKind::Package,
        "items" | "bundles" => SymbolKind::Array,
        "flow" => SymbolKind::Event,
        "owner" => SymbolKind::Interface,
        _ => SymbolKind::Class,
    }
}

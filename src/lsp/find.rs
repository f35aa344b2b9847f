//! Go to definition, and find references: across files, and into the cells of catalogs.

use super::checker::Checked;
use super::cursor::{self, Spot};
use super::desk::Desk;
use crate::resolve::index::Mention;
use crate::source::{SourceId, Span};
use crate::syntax::parse;
use gen_lsp_types::{DefinitionParams, Location, ReferenceParams, TextDocumentPositionParams};
use std::collections::BTreeMap;
use std::rc::Rc;

/// As many places in one file are shown as an editor can list; hovering tells how many there are.
const MOST: usize = 1_000;

/// The name under a cursor.
pub struct Named {
    /// The compilation that knows it.
    pub checked: Rc<Checked>,
    /// Where it stands.
    pub mention: Mention,
}

/// The name at a place of a text.
pub fn named(desk: &Desk, place: &TextDocumentPositionParams) -> Option<Named> {
    let uri = &place.text_document.uri.0;
    let doc = desk.doc(uri)?;
    let (checked, source) = desk.checked(uri)?;
    let byte = doc.text.byte(place.position, desk.units);
    let mention = checked.compiled.index.as_ref()?.at(source, byte)?.clone();
    Some(Named { checked, mention })
}

/// Where a name is declared, or the files that an `include` or a catalog node reads.
pub fn definition(desk: &Desk, params: &DefinitionParams) -> Vec<Location> {
    let place = &params.text_document_position_params;
    if let Some(Named { checked, mention }) = named(desk, place) {
        let index = checked.compiled.index.iter();
        let all = index.flat_map(|index| index.all(&mention));
        return listed(desk, &checked, all.filter(|one| one.declares).map(|one| one.at));
    }
    files(desk, place).unwrap_or_default()
}

fn files(desk: &Desk, place: &TextDocumentPositionParams) -> Option<Vec<Location>> {
    let uri = &place.text_document.uri.0;
    let doc = desk.doc(uri)?;
    let (checked, source) = desk.checked(uri)?;
    let parsed = parse(source, &doc.text.text);
    let byte = doc.text.byte(place.position, desk.units);
    let cursor = cursor::at(parsed.document.nodes(&doc.text.text), &doc.text.text, byte, desk.kinds);
    let node = match cursor.spot {
        Spot::Value(place, ..) | Spot::Name(Some(place)) if cursor.around.is_empty() => place.node,
        _ => return None,
    };
    let files = checked.compiled.index.as_ref()?.files_of(node.span());
    Some(listed(desk, &checked, files.map(|file| Span::new(file, 0, 0))))
}

/// Every place where a name stands.
pub fn references(desk: &Desk, params: &ReferenceParams) -> Vec<Location> {
    let Some(Named { checked, mention }) = named(desk, &params.text_document_position_params) else {
        return Vec::new();
    };
    let index = checked.compiled.index.iter();
    let all = index.flat_map(|index| index.all(&mention));
    let wanted = |one: &&Mention| params.context.include_declaration || !one.declares;
    listed(desk, &checked, all.filter(wanted).map(|one| one.at))
}

fn listed(desk: &Desk, checked: &Checked, spans: impl Iterator<Item = Span>) -> Vec<Location> {
    let mut counts: BTreeMap<SourceId, usize> = BTreeMap::new();
    let few = spans.filter(|span| {
        let count = counts.entry(span.source).or_default();
        *count += 1;
        *count <= MOST
    });
    few.map(|span| desk.location(checked, span)).collect()
}

//! What may be typed at a place: nodes, properties and words from the table of the language, and names.

use super::checker::Checked;
use super::cursor::{self, Cursor, Place, Spot};
use super::desk::{Desk, Doc};
use super::hover;
use super::names::{Refers, by_name, refers};
use crate::check::pages;
use crate::diagnostic::{Severity, code};
use crate::model::quantity::BASE;
use crate::resolve::OWN_SALES;
use crate::source::SourceId;
use crate::syntax::ast::spec::{Field, Spec, Type};
use crate::syntax::ast::value::{quote, spell};
use crate::syntax::ast::{ALLOW, levels, test};
use crate::syntax::{Entry, Node, Value, parse};
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, CompletionParams,
    Documentation, MarkupContent, MarkupKind, TextEdit,
};
use std::collections::BTreeSet;
use std::rc::Rc;

/// As many offers are sent at once; more typing narrows them.
const MOST: usize = 200;

/// Something that may stand at the place.
struct Offer {
    label: String,
    /// What is written; names are spelled as KDL needs it.
    written: String,
    kind: CompletionItemKind,
    detail: String,
    says: String,
}

/// What may be typed at a place of a text.
pub fn complete(desk: &Desk, params: &CompletionParams) -> CompletionList {
    let place = &params.text_document_position_params;
    let uri = &place.text_document.uri.0;
    let none = CompletionList { is_incomplete: false, ..CompletionList::default() };
    let Some(doc) = desk.doc(uri) else { return none };
    let text = &doc.text.text;
    let byte = doc.text.byte(place.position, desk.units);
    if cursor::in_comment(text, byte) {
        return none;
    }
    let parsed = parse(SourceId(0), text);
    let cursor = cursor::at(parsed.document.nodes(text), text, byte, desk.kinds);
    let known = Known { desk, checked: desk.checked(uri).map(|(checked, _)| checked), cursor: &cursor };
    let (offers, range) = known.offers(text, byte);
    known.list(doc, offers, (range, byte))
}

struct Known<'d> {
    desk: &'d Desk,
    checked: Option<Rc<Checked>>,
    cursor: &'d Cursor<'d>,
}

impl Known<'_> {
    /// What is offered, and the bytes that it replaces.
    fn offers(&self, text: &str, byte: u32) -> (Vec<Offer>, (u32, u32)) {
        match &self.cursor.spot {
            Spot::Name(place) => {
                let word = place.map(|place| place.node.name_span());
                (self.nodes(), word.map_or((byte, byte), |span| (span.start, span.end)))
            }
            Spot::Property(place, entry) => {
                let name = entry.name_span().unwrap_or(entry.span());
                // The `=` stands there already.
                let mut offers = properties(place, Some(entry));
                offers.extend(self.named(place));
                for offer in &mut offers {
                    offer.written.truncate(offer.written.trim_end_matches('=').len());
                }
                (offers, (name.start, name.end))
            }
            Spot::Value(place, field, entry) => {
                let mut offers = field.map(|field| self.values(place, &field)).unwrap_or_default();
                let alone = entry.as_ref().is_none_or(|entry| entry.name().is_none());
                let bare = entry
                    .as_ref()
                    .is_none_or(|entry| !text[entry.value_span().start as usize..].starts_with('"'));
                if alone && bare {
                    offers.extend(properties(place, None));
                    // Before a property of any name could stand, what must be there is typed.
                    if field.is_none_or(|field| !field.required) {
                        offers.extend(self.named(place));
                    }
                }
                (offers, replaced(entry.as_ref(), text, byte))
            }
        }
    }

    fn list(&self, doc: &Doc, offers: Vec<Offer>, ((start, end), byte): ((u32, u32), u32)) -> CompletionList {
        let typed = &doc.text.text[start.min(byte) as usize..byte as usize];
        let quoted = typed.starts_with('"');
        let wanted = typed.trim_start_matches('"').to_lowercase();
        let matches = |offer: &&Offer| offer.label.to_lowercase().contains(&wanted);
        // The editor narrows a short list by itself, and forgives more than we do.
        let long = offers.len() > MOST;
        let kept: Vec<&Offer> = offers.iter().filter(|offer| !long || matches(offer)).collect();
        let is_incomplete = long;
        let range = doc.text.range((start, end), self.desk.units);
        let items = kept.into_iter().take(MOST).enumerate().map(|(at, offer)| {
            let is_name =
                offer.kind == CompletionItemKind::Value || offer.kind == CompletionItemKind::EnumMember;
            let written = if quoted && is_name { quote(&offer.label) } else { offer.written.clone() };
            let says = MarkupContent { kind: MarkupKind::Markdown, value: offer.says.clone() };
            CompletionItem {
                label: offer.label.clone(),
                kind: Some(offer.kind),
                detail: (!offer.detail.is_empty()).then(|| offer.detail.clone()),
                documentation: (!offer.says.is_empty()).then_some(Documentation::MarkupContent(says)),
                // The order of the language: what must be there stands first in its tables.
                sort_text: Some(format!("{at:04}")),
                filter_text: quoted.then(|| written.clone()),
                text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text: written })),
                ..CompletionItem::default()
            }
        });
        CompletionList { is_incomplete, items: items.collect(), ..CompletionList::default() }
    }

    /// Nodes that may stand here.
    fn nodes(&self) -> Vec<Offer> {
        let parent = self.cursor.around.last();
        let mut known = cursor::inside(parent, self.desk.kinds);
        let spec = parent.and_then(|place| place.spec);
        known.extend(spec.map(|_| ALLOW));
        let typed = match &self.cursor.spot {
            Spot::Name(Some(place)) => Some(place.node.span().start),
            _ => None,
        };
        let mut there = BTreeSet::new();
        if let Some(parent) = parent {
            let others = parent.node.children().filter(|node| Some(node.span().start) != typed);
            there.extend(others.map(|node| node.name().into_owned()));
        }
        let free = |spec: &Spec| !spec.name.is_empty() && (spec.many || !there.contains(spec.name));
        let mut offers: Vec<Offer> = known.iter().filter(|spec| free(spec)).map(node).collect();
        // Where a node's name is one of the topology's own.
        let own = match spec.map_or("", |spec| spec.name) {
            "levels" => Some(("quantity", levels::COUNT)),
            "given" => Some(("item or bundle", test::GIVEN_COUNT)),
            "expect" => Some(("item or bundle", test::EXPECTED_COUNT)),
            _ => None,
        };
        if let Some((what, own)) = own {
            let names = self.names(what).into_iter().filter(|offer| !there.contains(&offer.label));
            offers.extend(names.map(|offer| Offer { says: hover::node(&own), ..offer }));
        }
        offers
    }

    /// Properties that bear a name of the topology's own.
    fn named(&self, place: &Place<'_>) -> Vec<Offer> {
        let named = place.spec.and_then(|spec| Some(by_name(spec.name, spec.named?.name)));
        let Some(Refers::To(what)) = named else { return Vec::new() };
        let names = self.names(what).into_iter();
        let property = |offer: Offer| Offer {
            written: format!("{}=", offer.written),
            kind: CompletionItemKind::Property,
            ..offer
        };
        names.map(property).collect()
    }

    /// Values that a field takes.
    fn values(&self, place: &Place<'_>, field: &Field) -> Vec<Offer> {
        let node = place.spec.map_or("", |spec| spec.name);
        let word = |word: &&str| Offer {
            label: (*word).to_owned(),
            written: spell(word),
            kind: CompletionItemKind::EnumMember,
            detail: field.says.to_owned(),
            says: String::new(),
        };
        match (field.form, refers(node, field)) {
            (Type::Choice(words), _)
            | (Type::ShareOr(words) | Type::NumberOr(words) | Type::DateOr(words), _) => {
                words.iter().map(word).collect()
            }
            (_, Refers::Kind) => {
                let kinds = self.desk.kinds.iter();
                kinds.map(|kind| Offer { detail: kind.summary.to_owned(), ..word(&kind.kind) }).collect()
            }
            (_, Refers::Rule) => {
                let warnings = code::ALL.iter().filter(|rule| rule.severity == Severity::Warning);
                let says = |slug: &str| pages::page(slug).and_then(|page| page.lines().next()).unwrap_or("");
                let title = |slug: &str| says(slug).trim_start_matches(['#', ' ']).to_owned();
                warnings.map(|rule| Offer { detail: title(rule.slug), ..word(&rule.slug) }).collect()
            }
            (_, Refers::Off) => BASE[1..].iter().chain([&OWN_SALES]).map(word).collect(),
            (_, Refers::To(what)) => {
                let mut names = self.names(what);
                let outer = self.cursor.around.first().filter(|outer| outer.node.name() == "bundle");
                let own = outer.and_then(|outer| first_word(outer.node));
                // A bundle cannot be made of itself.
                names.retain(|offer| Some(&offer.label) != own.as_ref());
                names
            }
            (_, Refers::UnitOrPack) => self.packs(place).into_iter().chain(self.names("unit")).collect(),
            (_, Refers::Nothing) => {
                let kinds = self.desk.kinds.iter().flat_map(|kind| kind.post_fields);
                let posted = kinds.filter(|own| own.name == node && self.inside("post"));
                posted.flat_map(|own| own.words).map(word).collect()
            }
        }
    }

    /// Whether the place lies directly inside a node of this name.
    fn inside(&self, name: &str) -> bool {
        self.cursor.around.last().is_some_and(|place| place.node.name() == name)
    }

    /// Everything that is declared of one sort, in order of name.
    fn names(&self, what: &'static str) -> Vec<Offer> {
        let Some(checked) = &self.checked else { return Vec::new() };
        let mentions = checked.compiled.index.iter().flat_map(|index| index.mentions());
        let declared = mentions.filter(|one| one.declares && one.what == what);
        let mut names: BTreeSet<&str> = declared.map(|one| &*one.name).collect();
        if what == "quantity" {
            names.extend(checked.compiled.model.quantities.iter().map(|own| &*own.name));
        }
        names.into_iter().map(|name| name_offer(name, what)).collect()
    }

    /// Packs of the item that is spoken of: the one around, or the component's; elsewhere those of all.
    fn packs(&self, place: &Place<'_>) -> Vec<Offer> {
        let outer = self.cursor.around.first().map(|outer| (outer.node.name().into_owned(), outer.node));
        let names: BTreeSet<String> = match outer {
            // The text knows them before it is compiled.
            Some((name, item)) if name == "item" => {
                item.children().filter(|node| node.name() == "pack").filter_map(first_word).collect()
            }
            _ => {
                let of = if place.node.name() == "component" { first_word(place.node) } else { None };
                let items = self.checked.iter().flat_map(|checked| &checked.compiled.model.items);
                let items = items.filter(|item| of.as_ref().is_none_or(|of| **of == *item.name));
                items.flat_map(|item| item.packs()).map(|pack| pack.name.to_string()).collect()
            }
        };
        names.iter().map(|name| name_offer(name, "pack")).collect()
    }
}

/// The text that a node is called by.
fn first_word(node: Node<'_>) -> Option<String> {
    match node.arguments().next()?.value() {
        Value::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

fn name_offer(name: &str, what: &str) -> Offer {
    Offer {
        label: name.to_owned(),
        written: spell(name),
        kind: CompletionItemKind::Value,
        detail: what.to_owned(),
        says: String::new(),
    }
}

fn node(spec: &Spec) -> Offer {
    Offer {
        label: spec.name.to_owned(),
        written: spec.name.to_owned(),
        kind: CompletionItemKind::Keyword,
        detail: spec.says.to_owned(),
        says: hover::node(spec),
    }
}

/// Properties that are not there yet, save the one that is being typed.
fn properties(place: &Place<'_>, own: Option<&Entry<'_>>) -> Vec<Offer> {
    let there: Vec<String> = place
        .node
        .properties()
        .filter(|entry| own.is_none_or(|own| own.span() != entry.span()))
        .filter_map(|entry| Some(entry.name()?.into_owned()))
        .collect();
    let props = place.spec.map_or(&[][..], |spec| spec.props);
    let free =
        props.iter().filter(|field| field.name == "tag" || !there.iter().any(|name| *name == field.name));
    free.map(|field| Offer {
        label: field.name.to_owned(),
        written: format!("{}=", field.name),
        kind: CompletionItemKind::Property,
        detail: field.says.to_owned(),
        says: hover::property(field),
    })
    .collect()
}

/// The bytes of the word under the cursor; an edit stays on one line.
fn replaced(entry: Option<&Entry<'_>>, text: &str, byte: u32) -> (u32, u32) {
    let Some(entry) = entry.filter(|entry| !matches!(entry.value(), Value::Missing)) else {
        return (byte, byte);
    };
    let span = entry.value_span();
    // Behind `kind=` and a space, KDL reads on: the word there is the next property, and stays.
    if span.start > byte {
        return (byte, byte);
    }
    let start = span.start;
    let line = text[byte as usize..].find(['\n', '\r']).map_or(text.len(), |at| byte as usize + at);
    let start = if text[start as usize..byte as usize].contains(['\n', '\r']) { byte } else { start };
    (start, span.end.clamp(byte, line as u32))
}

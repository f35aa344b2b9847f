//! What stands under a cursor: the nodes around it with their entries in the table of the language.

use crate::model::capability::Descriptor;
use crate::syntax::ast::spec::{Field, Spec};
use crate::syntax::ast::{ALLOW, TOP, collect, levels, system, test};
use crate::syntax::lexer::{TokenKind, tokens};
use crate::syntax::{Entry, Node, Nodes, Value};

/// A node, and what the language says of it where it knows it.
#[derive(Clone, Copy)]
pub struct Place<'d> {
    /// The node.
    pub node: Node<'d>,
    /// Its entry in the table.
    pub spec: Option<Spec>,
}

/// The part of a text under a cursor.
pub enum Spot<'d> {
    /// The name of a node, or the place where one could stand.
    Name(Option<Place<'d>>),
    /// The name of a property.
    Property(Place<'d>, Entry<'d>),
    /// An argument or the value of a property, or the place where one could stand.
    Value(Place<'d>, Option<Field>, Option<Entry<'d>>),
}

/// A place in a text.
pub struct Cursor<'d> {
    /// The nodes in whose blocks it lies, from the outermost.
    pub around: Vec<Place<'d>>,
    /// What stands there.
    pub spot: Spot<'d>,
}

/// Whether a byte lies in a comment.
pub fn in_comment(text: &str, byte: u32) -> bool {
    let mut reached =
        tokens(text).skip_while(|token| token.end < byte).take_while(|token| token.start < byte);
    // A comment to the end of the line holds the place behind its last letter too.
    reached.any(|token| match token.kind {
        TokenKind::LineComment => true,
        TokenKind::BlockComment => byte < token.end,
        _ => false,
    })
}

/// The nodes that may stand in the block of a node; at the top of a file without one.
pub fn inside(parent: Option<&Place<'_>>, kinds: &[&'static Descriptor]) -> Vec<Spec> {
    let Some(place) = parent else { return TOP.iter().map(|spec| **spec).collect() };
    let Some(spec) = place.spec else { return Vec::new() };
    if spec.name == system::SPEC.name && spec.open {
        let kind = place.node.property("kind").map(|entry| entry.value());
        let kind = kinds.iter().find(|known| matches!(&kind, Some(Value::Text(text)) if text == known.kind));
        if let Some(kind) = kind {
            return system::inside(kind);
        }
    }
    let own = spec.children.iter().map(|spec| **spec);
    match spec.name == collect::POST.name {
        true => own.chain(kinds.iter().flat_map(|kind| collect::fields(kind))).collect(),
        false => own.collect(),
    }
}

fn spec_of(node: Node<'_>, parent: Option<&Place<'_>>, kinds: &[&'static Descriptor]) -> Option<Spec> {
    let name = node.name();
    let known = inside(parent, kinds).into_iter().find(|spec| spec.name == name);
    let above = parent.and_then(|place| place.spec);
    known.or_else(|| match above?.name {
        _ if name == "allow" => Some(ALLOW),
        "levels" => Some(levels::COUNT),
        "given" => Some(test::GIVEN_COUNT),
        "expect" => Some(test::EXPECTED_COUNT),
        _ => None,
    })
}

/// What stands at a byte of a text; `nodes` are those of the text.
pub fn at<'d>(nodes: Nodes<'d>, text: &str, byte: u32, kinds: &[&'static Descriptor]) -> Cursor<'d> {
    let mut around: Vec<Place<'d>> = Vec::new();
    let mut nodes = nodes;
    loop {
        let before = nodes.take_while(|node| node.span().start <= byte).last();
        let Some(node) = before.filter(|node| reaches(node, text, byte)) else {
            return Cursor { around, spot: Spot::Name(None) };
        };
        let place = Place { node, spec: spec_of(node, around.last(), kinds) };
        if byte <= node.name_span().end {
            return Cursor { around, spot: Spot::Name(Some(place)) };
        }
        match node.block_span() {
            Some(block) if block.start < byte => {
                around.push(place);
                nodes = node.children();
            }
            _ => return Cursor { around, spot: head(place, byte) },
        }
    }
}

/// Whether a byte belongs to a node that begins before it: it lies inside, or behind it on its line with
/// nothing but spaces between.
fn reaches(node: &Node<'_>, text: &str, byte: u32) -> bool {
    let span = node.span();
    if let Some(block) = node.block_span() {
        let closed = text.get(..block.end as usize).is_some_and(|text| text.ends_with('}'));
        return byte < span.end || !closed;
    }
    let gap = text.get(span.end as usize..byte as usize);
    byte <= span.end || gap.is_some_and(|gap| gap.chars().all(|c| c == ' ' || c == '\t'))
}

/// What stands at a byte between a node's name and its block.
fn head(place: Place<'_>, byte: u32) -> Spot<'_> {
    let mut arguments = 0;
    for entry in place.node.entries() {
        let span = entry.span();
        if byte < span.start {
            break;
        }
        let name = entry.name();
        let field = place.spec.and_then(|spec| match &name {
            None => spec.args.get(arguments).copied().or(spec.rest),
            Some(name) => spec.props.iter().find(|field| field.name == *name).copied().or(spec.named),
        });
        arguments += usize::from(name.is_none());
        if byte <= span.end {
            return match entry.name_span().filter(|name| byte <= name.end) {
                Some(_) => Spot::Property(place, entry),
                None => Spot::Value(place, field, Some(entry)),
            };
        }
    }
    let field = place.spec.and_then(|spec| spec.args.get(arguments).copied().or(spec.rest));
    Spot::Value(place, field, None)
}

//! `collect orders from=web`, `post to=erp as=sale` and `restock returns=on-hand` of a flow.

use super::fields::Fields;
use super::reader::{Known, Reader, bad, missing, unexpected};
use super::spec::{Spec, Type, may, must};
use super::value::{Given, Spanned, Word, quote, show};
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::Name;
use crate::model::capability::Descriptor;
use crate::model::collect::Restock;
use crate::model::movement::{MOVEMENTS, Movement};
use crate::model::system::Setting;
use crate::source::Span;
use crate::syntax::Node;

/// Movements that are read.
pub static COLLECT: Spec = Spec {
    name: "collect",
    says: "which movements are read, from where",
    example: "collect orders cancellations shipments returns from=web",
    rest: Some(must(
        "movement",
        Type::Choice(&MOVEMENTS),
        "name what is collected: orders, cancellations, shipments, returns, transfers, adjustments, receipts",
    )),
    props: &[must("from", Type::Name, "the system that is read")],
    ..Spec::EMPTY
};

/// Where movements are posted.
pub static POST: Spec = Spec {
    name: "post",
    says: "where movements are posted, and how the document is made",
    example: "post to=erp as=sale { party WEB; price zero; reference \"{system}#{order}\" }",
    args: &[may("road", Type::Choice(&["none"]), "`none` where something else carries them over")],
    props: &[
        may("to", Type::Name, "the system that takes them in"),
        may("as", Type::Choice(KINDS), "as what it takes them in").or("as its kind usually does"),
    ],
    children: &[&REFERENCE],
    open: true,
    ..Spec::EMPTY
};

const KINDS: &[&str] = &["sale", "transfer", "adjustment", "receipt"];

static REFERENCE: Spec = Spec::one(
    "reference",
    "how the documents there name ours",
    &[must("pattern", Type::Text, "text with `{system}`, `{order}` and `{line}`")],
)
.like("reference \"{system}#{order}\"");

/// A further field of `post`, whose name belongs to the kind.
pub static FIELD: Spec = Spec {
    called: "FIELD",
    example: "party WEB",
    says: "a field of the kind that takes the movements in",
    args: &[must("value", Type::Setting, "the value, or `(env)NAME`")],
    many: true,
    ..Spec::EMPTY
};

/// The nodes that a `post` to a system of a kind takes beside `reference`.
pub fn fields(kind: &'static Descriptor) -> impl Iterator<Item = Spec> {
    kind.post_fields.iter().map(|field| Spec { name: field.name, says: field.says, ..FIELD })
}

/// What returns become.
pub static RESTOCK: Spec = Spec {
    name: "restock",
    says: "what returned goods become",
    example: "restock returns=on-hand",
    props: &[must(
        "returns",
        Type::Choice(&["on-hand", "damaged"]),
        "`on-hand` if they can be sold again, `damaged` if somebody looks at them first",
    )],
    ..Spec::EMPTY
};

/// What a `collect` node says.
#[derive(Debug)]
pub struct Collect {
    /// What is read, each once.
    pub movements: Vec<(Movement, Span)>,
    /// The system.
    pub from: Option<Word>,
    /// Where it is written.
    pub origin: Span,
}

/// What a `post` node says.
#[derive(Debug)]
pub struct Post {
    /// Whether something else carries the movements over.
    pub none: bool,
    /// The system that takes them in.
    pub to: Option<Word>,
    /// As what, with its place.
    pub kind: Option<(&'static str, Span)>,
    /// How documents there name ours.
    pub reference: Option<Word>,
    /// Further fields: name and value.
    pub fields: Vec<(Word, Spanned<Setting>)>,
    /// Where it is written.
    pub origin: Span,
}

/// Reads a `collect` node.
pub fn read_collect(reader: &mut Reader<'_>, node: Node<'_>) -> Collect {
    let fields = reader.open(node, &COLLECT);
    let mut movements: Vec<(Movement, Span)> = Vec::new();
    for (given, span) in fields.givens(0) {
        let Given::Choice(word) = given else { continue };
        let Some(movement) = Movement::find(word) else { continue };
        match movements.iter().find(|(own, _)| *own == movement) {
            None => movements.push((movement, span)),
            Some((_, first)) => {
                let message = format!("`{word}` stands twice in one `collect`");
                let found = Diagnostic::second(span, *first, message);
                reader.report(found.help("remove one of them"));
            }
        }
    }
    Collect { movements, from: fields.word_prop("from"), origin: fields.origin() }
}

/// Reads a `post` node.
pub fn read_post(reader: &mut Reader<'_>, node: Node<'_>) -> Post {
    let mut fields = reader.head(node, &POST);
    let known = Known { specs: POST.children, other: Some(&FIELD) };
    reader.children(&mut fields, &POST, known);
    let none = fields.choice(0) == Some("none");
    for name in ["to", "as"].into_iter().filter(|name| none && fields.has_prop(name)) {
        let span = node.property(name).map_or(fields.origin(), |entry| entry.span());
        let found = unexpected(span, &format!("`post none` posts nothing, so it takes no `{name}=`"));
        reader.report(
            found.help("either something else carries the movements over, or `to=` names who takes them"),
        );
    }
    if !none && !fields.has_prop("to") && fields.count() == 0 {
        let found = missing("post", "does not say where movements go", fields.origin());
        reader.report(
            found.help(
                "write `post to=SYSTEM as=sale`, or `post none` where something else carries them over",
            ),
        );
    }
    let reference = fields.child("reference").and_then(|node| {
        let word = reader.open(node, &REFERENCE).word(0)?;
        known_places(reader, &word).then_some(word)
    });
    if none && !fields.has("reference") {
        let found = missing("post none", "needs `reference`", fields.origin());
        reader.report(found.help(
            "without it nobody can tell which document there holds which order: add \
             `{ reference \"{order}\" }`",
        ));
    }
    let kind = fields
        .choice_prop("as")
        .map(|kind| (kind, node.property("as").map_or(fields.origin(), |entry| entry.value_span())));
    let further = read_fields(reader, &fields);
    Post { none, to: fields.word_prop("to"), kind, reference, fields: further, origin: fields.origin() }
}

fn read_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<(Word, Spanned<Setting>)> {
    let mut further: Vec<(Word, Spanned<Setting>)> = Vec::new();
    for (_, node) in fields.nodes().filter(|(spec, _)| spec.name != REFERENCE.name) {
        let Some(value) = reader.open(node, &FIELD).setting(0) else { continue };
        let name = Spanned { value: Name::from(&*node.name()), span: node.name_span() };
        if let Some((first, _)) = further.iter().find(|(own, _)| own.value == name.value) {
            let message = format!("a second `{}` in one `post`", show(&name.value));
            let found = Diagnostic::second(name.span, first.span, message);
            reader.report(found.help("only one can hold: remove the other"));
            continue;
        }
        further.push((name, value));
    }
    further
}

/// Whether the places in a reference are known, and the order is among them.
fn known_places(reader: &mut Reader<'_>, word: &Word) -> bool {
    const PLACES: [&str; 3] = ["system", "order", "line"];
    let mut rest = &*word.value;
    let mut order = false;
    while let Some(at) = rest.find(['{', '}']) {
        let inside = rest[at..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((name, after)) = inside.filter(|(name, _)| PLACES.contains(name)) else {
            let wrong = inside.map_or("", |(name, _)| name);
            let found = bad(word.span, "the reference holds a place that stands for nothing");
            let found = found.help("its places are `{system}`, `{order}` and `{line}`");
            reader.report(match nearest(wrong, PLACES) {
                Some(near) => {
                    let mended = word.value.replace(&format!("{{{wrong}}}"), &format!("{{{near}}}"));
                    found.fix(format!("write `{{{near}}}`"), word.span, quote(&mended))
                }
                None => found,
            });
            return false;
        };
        order |= name == "order";
        rest = after;
    }
    if !order {
        let found = bad(word.span, "the reference does not hold the order's number");
        reader.report(found.help(
            "every document would bear the same reference, and no line could be found again: write \
             `{order}` into it",
        ));
    }
    order
}

/// Reads a `restock` node.
pub fn read_restock(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Restock> {
    let fields = reader.open(node, &RESTOCK);
    let returns = fields.choice_prop("returns")?;
    Some(Restock { sellable: returns == "on-hand", origin: fields.origin() })
}

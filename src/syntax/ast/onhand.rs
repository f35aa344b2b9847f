//! `onhand language=1 { … }` and `include "…"`.

use super::reader::{Known, Reader};
use super::spec::{Spec, Type, must};
use super::value::{Given, Spanned, Word};
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::Decimal;
use crate::model::system::Setting;
use crate::source::Span;
use crate::syntax::{Node, Value};

/// The head of a topology.
pub static SPEC: Spec = Spec {
    name: "onhand",
    says: "the head of a topology: the version of the language, and what holds for all of it",
    example: "onhand language=1 {\n    timezone \"Europe/Paris\"\n    state \"sqlite:.onhand/state.db\"\n}",
    props: &[must("language", Type::Number, "the version of the language: 1")],
    children: &[
        &Spec::one(
            "timezone",
            "the zone of stamps that name none",
            &[must("zone", Type::Name, "an IANA name").or("UTC")],
        )
        .like("timezone \"Europe/Paris\""),
        &Spec::one(
            "state",
            "where runs, the journal and the queue are kept",
            &[must("place", Type::Setting, "`sqlite:PATH`, or `(env)NAME` that holds `postgres://…`")
                .or("sqlite:.onhand/state.db")],
        )
        .like("state \"sqlite:.onhand/state.db\""),
    ],
    ..Spec::EMPTY
};

/// Pulls in other files.
pub static INCLUDE: Spec = Spec {
    name: "include",
    says: "pulls in other files",
    example: "include \"systems/*.kdl\"",
    args: &[must("glob", Type::Path, "a path or glob, relative to this file")],
    many: true,
    ..Spec::EMPTY
};

/// An `onhand` node.
#[derive(Debug)]
pub struct Onhand {
    /// Whether its language is the one that this version reads.
    pub known: bool,
    /// The zone of stamps without one.
    pub timezone: Option<Word>,
    /// Where state is kept.
    pub state: Option<Spanned<Setting>>,
    /// Folder of the file, relative to the topology.
    pub dir: String,
    /// The node's name.
    pub name: Span,
    /// The node without its block.
    pub origin: Span,
}

/// Reads an `onhand` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Onhand {
    let language = node.property("language");
    let wrong = match language.as_ref().map(|entry| (entry.value(), entry.value_span())) {
        None => Some((node.head_span(), "`onhand` does not say which version of the language it is in")),
        Some((Value::Number(written), span)) if Decimal::parse(written) != Ok(Decimal::whole(1)) => {
            Some((span, "this version of onhand reads language 1 only"))
        }
        Some((Value::Number(_) | Value::Missing, _)) => None,
        Some((_, span)) => Some((span, "the version of the language is a plain number")),
    };
    if let Some((span, message)) = wrong {
        let found = Diagnostic::new(code::LANGUAGE_VERSION, span, message).here("`language=1` is due");
        let found =
            found.help("a later language may mean other counts by the same words: write `language=1`");
        reader.report(match &language {
            Some(entry) => found.fix("write 1", entry.value_span(), "1"),
            None => {
                let name = node.name_span();
                let after = Span { start: name.end, ..name };
                found.fix("name the language", after, " language=1")
            }
        });
    }
    // The one property has been judged above, with its own rule.
    let before = reader.diagnostics.len();
    let mut fields = reader.head(node, &SPEC);
    if wrong.is_some() {
        let judged = |d: &Diagnostic| match &language {
            Some(entry) => d.primary.span == entry.value_span(),
            None => d.rule == code::MISSING_ARGUMENT,
        };
        let later = reader.diagnostics.split_off(before);
        reader.diagnostics.extend(later.into_iter().filter(|d| !judged(d)));
    }
    reader.children(&mut fields, &SPEC, Known { specs: SPEC.children, other: None });
    let timezone = fields.child("timezone").and_then(|zone| reader.open(zone, SPEC.children[0]).word(0));
    let state = fields.child("state").and_then(|state| reader.open(state, SPEC.children[1]).setting(0));
    Onhand {
        known: wrong.is_none() || language.is_none(),
        timezone,
        state: state.filter(|state| known_state(reader, state)),
        dir: reader.dir.clone(),
        name: node.name_span(),
        origin: node.head_span(),
    }
}

fn known_state(reader: &mut Reader<'_>, state: &Spanned<Setting>) -> bool {
    let Setting::Literal(text) = &state.value else { return true };
    let known = ["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if !known {
        let message = "the state is neither a SQLite file nor a PostgreSQL database";
        let found = Diagnostic::new(code::BAD_VALUE, state.span, message).here("cannot be opened");
        reader
            .report(found.help("write \"sqlite:.onhand/state.db\", or `(env)NAME` that holds postgres://…"));
    }
    known
}

/// Reads the path of an `include` node.
pub fn read_include(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Spanned<Setting>> {
    let fields = reader.open(node, &INCLUDE);
    match fields.given(0)? {
        Spanned { value: Given::Setting(setting), span } => Some(Spanned { value: setting, span }),
        _ => None,
    }
}

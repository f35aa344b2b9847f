//! `schemas/topology.json`: the language for editors and generators.

use super::form::{form, forms, words};
use super::walk::{children, kind_nodes};
use crate::model::capability::{Descriptor, PostField, Required};
use crate::syntax::ast::spec::{self, Spec, Type};
use crate::syntax::ast::{ALLOW, TOP};
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    language: u8,
    says: &'static str,
    forms: Vec<Form>,
    nodes: Vec<Node>,
    anywhere: Vec<Node>,
    kinds: Vec<Kind>,
}

#[derive(Serialize)]
struct Form {
    name: &'static str,
    says: &'static str,
    examples: &'static [&'static str],
}

#[derive(Serialize)]
struct Node {
    /// Empty where the name is one of the topology's own.
    name: &'static str,
    says: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    example: &'static str,
    required: bool,
    repeats: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    further_arguments: Option<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_properties: Option<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Node>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_children: Option<Box<Node>>,
}

#[derive(Serialize)]
struct Field {
    name: &'static str,
    says: &'static str,
    form: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    words: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<i64>,
    required: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    default: &'static str,
}

#[derive(Serialize)]
struct Kind {
    name: &'static str,
    says: &'static str,
    /// Whether the topology names its columns in `levels`.
    generic: bool,
    locations: bool,
    children: Vec<Node>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instead: Vec<Instead>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shows: Vec<Shows>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    takes: Vec<&'static str>,
    collects: Vec<&'static str>,
    /// As what it takes movements in.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    posts: &'static [&'static str],
    /// What `post` to it takes beside `reference`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    post_children: Vec<Post>,
}

/// A child that must be there unless the other one is.
#[derive(Serialize)]
struct Instead {
    child: &'static str,
    unless: &'static str,
}

#[derive(Serialize)]
struct Post {
    name: &'static str,
    says: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    words: &'static [&'static str],
    required: bool,
}

#[derive(Serialize)]
struct Shows {
    quantity: &'static str,
    net_of: &'static [&'static str],
}

/// The language as JSON, as it stands in `schemas/topology.json`.
pub fn json(kinds: &[&'static Descriptor]) -> String {
    let document = Document {
        format: "onhand.topology/1",
        language: 1,
        says: "Every node of a topology: written by the program; docs/language.md says how to read it.",
        forms: forms().map(|own| Form { name: own.name, says: own.says, examples: own.examples }).collect(),
        nodes: TOP.iter().map(|spec| node(spec)).collect(),
        anywhere: vec![node(&ALLOW)],
        kinds: kinds.iter().map(|kind| describe(kind)).collect(),
    };
    let text = serde_json::to_string_pretty(&document).expect("a table of texts is JSON");
    format!("{text}\n")
}

fn node(spec: &Spec) -> Node {
    let (named, other) = children(spec);
    Node {
        name: spec.name,
        says: spec.says,
        example: spec.example,
        required: spec.required,
        repeats: spec.many,
        arguments: spec.args.iter().map(field).collect(),
        further_arguments: spec.rest.as_ref().map(field),
        properties: spec.props.iter().map(field).collect(),
        other_properties: spec.named.as_ref().map(field),
        children: named.iter().map(|child| node(child)).collect(),
        other_children: other.map(|other| Box::new(node(other))),
    }
}

fn field(own: &spec::Field) -> Field {
    let (least, most) = match own.form {
        Type::Whole(least, most) => (Some(least), Some(most)),
        _ => (None, None),
    };
    Field {
        name: own.name,
        says: own.says,
        form: form(own.form).name,
        words: words(own.form),
        least,
        most,
        required: own.required,
        default: own.default,
    }
}

fn describe(kind: &'static Descriptor) -> Kind {
    let instead = kind.fields.iter().filter_map(|field| match field.required {
        Required::Unless(unless) => Some(Instead { child: field.name, unless }),
        _ => None,
    });
    Kind {
        name: kind.kind,
        says: kind.summary,
        generic: kind.generic,
        locations: kind.locations,
        children: kind_nodes(kind).iter().map(node).collect(),
        instead: instead.collect(),
        shows: kind.shows.iter().map(|own| Shows { quantity: own.quantity, net_of: own.net_of }).collect(),
        takes: kind.takes.iter().map(|own| own.quantity).collect(),
        collects: kind.collects.iter().map(|own| own.word()).collect(),
        posts: kind.posts,
        post_children: kind.post_fields.iter().map(post).collect(),
    }
}

fn post(own: &PostField) -> Post {
    Post { name: own.name, says: own.says, words: own.words, required: own.required }
}

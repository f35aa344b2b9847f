//! On good documents the `kdl` crate and this reader see the same nodes and values.

use super::canonical::canonical_number;
use crate::support::chance;
use kdl::{KdlDocument, KdlNode, KdlValue};
use onhand::source::SourceId;
use onhand::syntax::{self, Node, Nodes, Value};
use proptest::prelude::*;

/// A word, bare where it may be, or as one of the kinds of string.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z_+.~!-][a-zA-Z_é<>,:*'|-]{0,8}".prop_filter("no keyword", |word| {
            !matches!(word.as_str(), "true" | "false" | "null" | "inf" | "-inf" | "nan")
        }),
        2 => "\"([a-z0-9 /{};=#()é\u{1F601}]|\\\\[nrt\"\\\\bfs]|\\\\u\\{[0-9a-f]{1,4}\\}){0,8}\"",
        1 => "#\"[a-z0-9 /{};=()\\\\]{0,8}\"#",
        1 => "##\"[a-z0-9 ]{0,3}(\"#[a-z ]{0,3})?\"##",
        1 => "[a-z ]{0,6}".prop_map(|line| format!("\"\"\"\n    {line}x\n\n      y\\\n   z\n    \"\"\"")),
        1 => "[a-z ]{0,6}".prop_map(|line| format!("#\"\"\"\n  {line}x\\\n    y\n  \"\"\"#")),
    ]
    // Half a surrogate pair is no character, in neither reader.
    .prop_filter("a character", |word| !word.contains("\\u{d"))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "[+-]?[1-9][0-9_]{0,9}",
        "[+-]?0x[1-9a-f][0-9a-f]{0,7}",
        "0o[0-7]{1,8}",
        "0b[01]{1,16}",
        "-?[1-9][0-9]{0,4}\\.[0-9]{1,4}(e[+-]?[1-9])?",
    ]
}

fn value() -> impl Strategy<Value = String> {
    let keyword = prop::sample::select(&["#true", "#false", "#null"][..]).prop_map(str::to_owned);
    let plain = prop_oneof![4 => word(), 2 => number(), 1 => keyword];
    let annotation = prop_oneof![4 => Just(String::new()), 1 => word().prop_map(|word| format!("({word})"))];
    (annotation, plain).prop_map(|(annotation, plain)| annotation + &plain)
}

fn entry() -> impl Strategy<Value = String> {
    let property = (word(), value()).prop_map(|(name, value)| format!("{name}={value}"));
    let space = prop::sample::select(&[" ", "\t ", " /* x */ ", " \\\n  ", " \\ // x\n "][..]);
    (space, prop_oneof![value(), property]).prop_map(|(space, entry)| space.to_owned() + &entry)
}

fn head() -> impl Strategy<Value = String> {
    let slashdashed =
        prop_oneof![6 => Just(String::new()), 1 => entry().prop_map(|entry| format!(" /-{entry}"))];
    let entries = prop::collection::vec(entry(), 0..4).prop_map(|entries| entries.concat());
    (word(), entries, slashdashed).prop_map(|(name, entries, last)| name + &entries + &last)
}

fn document() -> impl Strategy<Value = String> {
    let end = || prop::sample::select(&["\n", ";", " // x\n", "\r\n", ";\n\n"][..]);
    let leaf = (head(), end()).prop_map(|(head, end)| head + end);
    let node = leaf.prop_recursive(7, 48, 4, move |inner| {
        let block = prop::collection::vec(inner, 0..4).prop_map(|nodes| nodes.concat());
        let mark = prop_oneof![8 => Just(""), 1 => Just("/- ")];
        (mark, head(), block, end()).prop_map(|(mark, head, block, end)| {
            // A slashdash inside a slashdash is left out: the other reader takes time beyond measure.
            let mark = if head.contains("/-") || block.contains("/-") { "" } else { mark };
            // The other reader knows no `;` behind a slashdashed node.
            let end = if mark.is_empty() { end } else { "\n" };
            format!("{mark}{head} {{\n{block}}}{end}")
        })
    });
    prop::collection::vec(node, 0..4).prop_map(|nodes| nodes.concat())
}

#[test]
fn both_readers_agree_on_good_documents() {
    // The other reader takes much stack for each level of nesting.
    let builder = std::thread::Builder::new().stack_size(256 << 20);
    let thread = builder.spawn(|| chance::check(300, document(), |text| agree(&text)));
    let result = thread.expect("a thread can be started").join();
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

fn agree(text: &str) {
    let parsed = syntax::parse(SourceId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{text}\n{:#?}", parsed.diagnostics);
    let other: KdlDocument = text.parse().unwrap_or_else(|error| panic!("{text}\n{error:?}"));
    same_nodes(parsed.document.nodes(text), other.nodes(), text);
}

fn same_nodes(ours: Nodes<'_>, theirs: &[KdlNode], text: &str) {
    let ours: Vec<_> = ours.collect();
    assert_eq!(ours.len(), theirs.len(), "{text}");
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        same_node(ours, theirs, text);
        let children = theirs.children().map_or(&[][..], KdlDocument::nodes);
        same_nodes(ours.children(), children, text);
    }
}

fn same_node(ours: Node<'_>, theirs: &KdlNode, text: &str) {
    assert_eq!(ours.name(), theirs.name().value(), "{text}");
    assert_eq!(ours.entries().count(), theirs.entries().len(), "{text}");
    for (ours, theirs) in ours.entries().zip(theirs.entries()) {
        assert_eq!(ours.name().as_deref(), theirs.name().map(|name| name.value()), "{text}");
        assert_eq!(
            ours.annotation().as_ref().map(|own| &*own.name),
            theirs.ty().map(|ty| ty.value()),
            "{text}"
        );
        match (ours.value(), theirs.value()) {
            (Value::Text(ours), KdlValue::String(theirs)) => assert_eq!(ours, *theirs, "{text}"),
            (Value::Bool(ours), KdlValue::Bool(theirs)) => assert_eq!(ours, *theirs, "{text}"),
            (Value::Null, KdlValue::Null) => {}
            (Value::Number(ours), KdlValue::Integer(theirs)) => {
                assert_eq!(canonical_number(ours), theirs.to_string(), "{text}");
            }
            (Value::Number(ours), KdlValue::Float(theirs)) => {
                let ours: f64 = ours.replace('_', "").parse().expect("a decimal number");
                assert_eq!(ours.to_bits(), theirs.to_bits(), "{text}");
            }
            (ours, theirs) => panic!("{ours:?} is not {theirs:?} in\n{text}"),
        }
    }
}

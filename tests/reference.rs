//! What is written about the language, the rules and the commands is what the program itself says of them.

use crate::support::accept;
use onhand::connectors::KINDS;
use onhand::diagnostic::code;
use onhand::model::flow::Guard;
use onhand::model::quantity::Ratio;
use onhand::source::SourceId;
use onhand::syntax::ast::reader::{Known, Reader};
use onhand::syntax::ast::spec::Spec;
use onhand::syntax::{Node, parse, schema};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Above it people write, below it the program does.
const MARK: &str = "<!-- Below this line the program writes: `just accept` -->\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_schema_is_the_table() {
    let schema = schema::json(KINDS);
    serde_json::from_str::<serde_json::Value>(&schema).expect("it is JSON");
    accept::same("schemas/topology.json", &schema);
}

#[test]
fn the_reference_is_the_table() {
    let page = fs::read_to_string(root().join("docs/language.md")).unwrap();
    let (guide, _) = page.split_once(MARK).expect("the page says where its reference begins");
    let reference = schema::page(KINDS);
    let headings: Vec<&str> = reference.lines().filter(|line| line.starts_with('#')).collect();
    let different: BTreeSet<&str> = headings.iter().copied().collect();
    assert_eq!(headings.len(), different.len(), "two headings with one anchor: {headings:#?}");
    accept::same("docs/language.md", &format!("{guide}{MARK}\n{reference}"));
}

#[test]
fn every_rule_has_its_page_in_docs() {
    let files = onhand::check::reference::files();
    let told: usize = files[0].1.lines().filter(|line| line.starts_with("| [`")).count();
    assert_eq!(told, code::ALL.len(), "each rule stands in one family of the index");
    if accept::accepting() {
        fs::create_dir_all(root().join("docs/rules")).unwrap();
    }
    for entry in fs::read_dir(root().join("docs/rules")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !files.iter().any(|(own, _)| *own == name) {
            assert!(
                accept::accepting(),
                "docs/rules/{name} is the page of no rule: `just accept` removes it"
            );
            fs::remove_file(entry.path()).unwrap();
        }
    }
    for (name, text) in files {
        accept::same(&format!("docs/rules/{name}"), &text);
    }
}

#[test]
fn the_page_of_commands_is_the_command_line() {
    accept::same("docs/cli.md", &onhand::cli::reference::page());
}

/// Reads a node and all inside it against the table, as the compiler does.
fn judge(reader: &mut Reader<'_>, node: Node<'_>, spec: &Spec, kind: &[Spec]) {
    let (named, other) = schema::children(spec);
    let here = if spec.name == "system" { kind } else { &[] };
    let specs: Vec<&Spec> = named.iter().copied().chain(here).collect();
    let mut fields = reader.head(node, spec);
    reader.children(&mut fields, spec, Known { specs: &specs, other });
    let inside: Vec<_> = fields.nodes().collect();
    for (spec, node) in inside {
        judge(reader, node, spec, kind);
    }
}

/// Checks the example of a node and of those inside it; answers how many were checked.
fn examples(spec: &Spec, path: &str, kind: &[Spec], wrong: &mut Vec<String>) -> usize {
    let path = format!("{path} {}", spec.name);
    let parsed = parse(SourceId(0), spec.example);
    let nodes: Vec<_> = parsed.document.nodes(spec.example).collect();
    match nodes.as_slice() {
        [node] if spec.name.is_empty() || node.name() == spec.name => {
            let mut reader = Reader::new(KINDS, String::new());
            judge(&mut reader, *node, spec, kind);
            let found = parsed.diagnostics.iter().chain(&reader.diagnostics);
            wrong.extend(found.map(|found| format!("{path}: `{}`: {}", spec.example, found.message)));
        }
        [] => wrong.push(format!("{path}: the node has no example")),
        _ => wrong.push(format!("{path}: the example is not one node of that name: `{}`", spec.example)),
    }
    let (named, other) = schema::children(spec);
    let below = named.iter().copied().chain(other);
    1 + below.map(|child| examples(child, &path, kind, wrong)).sum::<usize>()
}

#[test]
fn the_example_of_each_node_is_read_without_a_finding() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let vendure = KINDS.iter().find(|kind| kind.kind == "vendure").unwrap();
    for spec in schema::nodes() {
        count += examples(spec, "", &schema::kind_nodes(vendure), &mut wrong);
    }
    for kind in KINDS {
        for spec in onhand::syntax::ast::system::generic(kind.kind) {
            count += examples(spec, kind.kind, &[], &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 60, "only {count} nodes were found");
}

#[test]
fn the_defaults_of_guards_are_those_that_hold() {
    let flow = schema::nodes().find(|spec| spec.name == "flow").unwrap();
    let (children, _) = schema::children(flow);
    let guard = children.iter().find(|spec| spec.name == "guard").unwrap();
    let holds = Guard::default();
    let share = |ratio: Ratio| format!("{}%", ratio.numerator * 100 / ratio.denominator);
    let known = [
        ("max-changed", share(holds.max_changed)),
        ("max-zeroed", share(holds.max_zeroed)),
        ("max-raised", share(holds.max_raised)),
        ("max-rows", holds.max_rows.to_string()),
    ];
    let told: Vec<_> = guard.props.iter().map(|field| (field.name, field.default.to_owned())).collect();
    assert_eq!(told, known);
}

/// A node and all that may stand inside it.
fn below(spec: &'static Spec) -> Vec<&'static Spec> {
    let (named, other) = schema::children(spec);
    let inside = named.iter().copied().chain(other).flat_map(below);
    std::iter::once(spec).chain(inside).collect()
}

#[test]
fn every_fragment_in_the_language_page_is_read_without_a_finding() {
    let page = fs::read_to_string(root().join("docs/language.md")).unwrap();
    let generic =
        KINDS.iter().flat_map(|kind| onhand::syntax::ast::system::generic(kind.kind).iter().copied());
    let all: Vec<&Spec> = schema::nodes().chain(generic).flat_map(below).collect();
    let connections: Vec<Vec<Spec>> = KINDS.iter().map(|kind| schema::kind_nodes(kind)).collect();
    let mut count = 0;
    for block in page.split("```kdl fragment\n").skip(1) {
        let text = block.split("```").next().unwrap_or("");
        let parsed = parse(SourceId(0), text);
        assert!(parsed.diagnostics.is_empty(), "{text}{:#?}", parsed.diagnostics);
        for node in parsed.document.nodes(text) {
            let name = node.name();
            let fits = |spec: &&&Spec| spec.name == name || spec.name.is_empty();
            let read = all.iter().filter(fits).any(|spec| {
                connections.iter().any(|kind| {
                    let mut reader = Reader::new(KINDS, String::new());
                    judge(&mut reader, node, spec, kind);
                    reader.diagnostics.is_empty()
                })
            });
            assert!(read, "no node of the language is read like this:\n{text}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} nodes were found");
}

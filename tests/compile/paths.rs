//! Paths of nodes, as findings are known by: against a search from the top for each place.

use super::text;
use crate::support::chance;
use onhand::diagnostic::{Diagnostic, code};
use onhand::source::{SourceId, Span};
use onhand::syntax::{Nodes, parse};
use proptest::prelude::*;

/// The innermost nodes around a place, by their names.
fn searched(nodes: Nodes<'_>, place: Span) -> Option<String> {
    for node in nodes {
        let span = node.span();
        if span.start <= place.start && place.end <= span.end {
            let inner = searched(node.children(), place);
            return Some(inner.map_or(node.name().into_owned(), |inner| format!("{}/{inner}", node.name())));
        }
    }
    None
}

#[test]
fn the_path_of_any_place_is_that_of_the_innermost_node_around_it() {
    let node = "[a-c]{1,3}( [0-9])?".prop_map(|name| format!("{name}\n"));
    let nodes = node.prop_recursive(5, 60, 5, |inner| {
        let block = proptest::collection::vec(inner, 0..5).prop_map(|inner| inner.concat());
        ("[a-c]{1,3}", block).prop_map(|(name, block)| format!("{name} {{\n{block} }}\n"))
    });
    let tree = proptest::collection::vec(nodes, 0..6).prop_map(|nodes| nodes.concat());
    let anything = "[a-c{}\";/*=\\\\ \n\r(]{0,80}";
    let places =
        proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..20);
    let source = prop_oneof![tree.prop_map(|tree| (tree, true)), anything.prop_map(|any| (any, false))];
    chance::check(256, (source, places), |((source, plain), places)| {
        let compiled = text(&source);
        let file = SourceId(0);
        let place = |(a, b): &(prop::sample::Index, prop::sample::Index)| {
            let (a, b) = (a.index(source.len() + 1), b.index(source.len() + 1));
            Diagnostic::new(code::SYNTAX, Span::new(file, a.min(b), a.max(b)), "m")
        };
        let found: Vec<Diagnostic> = places.iter().map(place).collect();
        let paths = compiled.paths(&found);
        assert_eq!(paths.len(), found.len());
        // The search knows no names in brackets, which a text of anything may have.
        if !plain {
            return;
        }
        let document = parse(file, &source).document;
        for (found, path) in found.iter().zip(paths) {
            let want = searched(document.nodes(&source), found.primary.span).unwrap_or_default();
            assert_eq!(path, want, "{:?} in {source:?}", found.primary.span);
        }
    });
}

#[test]
fn only_a_word_is_a_name_below_the_top() {
    let source =
        "items \"a file.csv\" { column 3; in erp 12; url \"https://x/y\"; lag \"10m\"; of \"on-hand\" }\n";
    let compiled = text(source);
    let find = |what: &str| {
        let at = source.find(what).expect("there");
        Diagnostic::new(code::SYNTAX, Span::new(SourceId(0), at, at + what.len()), "m")
    };
    let found: Vec<_> =
        ["items", "3", "12", "https", "10m", "\"on-hand\"", "lag \"10m\"; of"].map(find).into();
    let top = "items[a file.csv]";
    let below = ["", "/column", "/in[erp]", "/url", "/lag", "/of[on-hand]", ""];
    assert_eq!(compiled.paths(&found), below.map(|below| format!("{top}{below}")));
}

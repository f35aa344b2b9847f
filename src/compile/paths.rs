//! Names places by the nodes around them, so that a finding keeps its name when lines move.

use crate::source::{SourceId, Sources, Span};
use crate::syntax::{Node, Nodes, Value, parse};
use std::collections::BTreeMap;

/// A name longer than this many characters is no name, but text that somebody wrote there.
const LONGEST: usize = 60;

/// For each place the path of the innermost node that holds it; a place in a catalog is a row of the node
/// that reads the file. Empty for a place outside of every node.
pub fn paths(sources: &Sources, catalogs: &BTreeMap<SourceId, Span>, places: &[Span]) -> Vec<String> {
    let mut by_file: BTreeMap<SourceId, Vec<(Span, usize)>> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        let node = catalogs.get(&place.source).copied().unwrap_or(*place);
        by_file.entry(node.source).or_default().push((node, at));
    }
    let mut paths = vec![String::new(); places.len()];
    for (source, mut wanted) in by_file {
        wanted.sort();
        walk(sources.file(source).text(), source, &wanted, &mut paths);
    }
    for (path, place) in paths.iter_mut().zip(places) {
        if catalogs.contains_key(&place.source) {
            path.push_str(&format!("/row[{}]", first_cell(sources, *place)));
        }
    }
    paths
}

/// A node that stands open around the place in the text that the walk has come to.
struct Open<'d> {
    nodes: Nodes<'d>,
    path: String,
    end: u32,
}

/// Goes through the nodes of one file once, in the order of the text, as the sorted places are.
fn walk(text: &str, source: SourceId, wanted: &[(Span, usize)], paths: &mut [String]) {
    let document = parse(source, text).document;
    let mut open = vec![Open { nodes: document.nodes(text), path: String::new(), end: u32::MAX }];
    let mut wanted = wanted.iter().peekable();
    while let Some(inner) = open.last_mut() {
        let next = inner.nodes.next();
        // Whatever stands before the next node lies in one of the open ones.
        let (end, start) = (inner.end, next.map(|node| node.span().start));
        let before = |place: &Span| start.map_or(place.start <= end, |start| place.start < start);
        while let Some((place, at)) = wanted.next_if(|(place, _)| before(place)) {
            let around = open.iter().rev().find(|node| place.end <= node.end);
            paths[*at] = around.map(|node| node.path.clone()).unwrap_or_default();
        }
        match next {
            None => {
                open.pop();
            }
            Some(node) => {
                let outer = open.last().map_or("", |outer| outer.path.as_str());
                let slash = if outer.is_empty() { "" } else { "/" };
                let path = format!("{outer}{slash}{}", step(&node, open.len() == 1));
                open.push(Open { nodes: node.children(), path, end: node.span().end });
            }
        }
    }
}

/// A node's name with what it names: `flow[web-stock]`, `in[erp]`, `keep-back`. Below the top only a word
/// counts as a name, so that another number or address leaves the path as it was.
fn step(node: &Node<'_>, top: bool) -> String {
    let named = node.arguments().next().and_then(|first| match first.value() {
        Value::Text(text) => Some(text.into_owned()),
        _ => None,
    });
    let word = |text: &String| {
        let plain = text.starts_with(char::is_alphabetic) && !text.contains([' ', ':', '/', '\n']);
        (top || plain) && text.chars().count() <= LONGEST
    };
    match named.filter(word) {
        Some(name) => format!("{}[{name}]", node.name()),
        None => node.name().into_owned(),
    }
}

/// The first cell of the row in which a place lies.
fn first_cell(sources: &Sources, place: Span) -> String {
    let file = sources.file(place.source);
    let line = file.line_range(file.position(place.start).line);
    let line = line.and_then(|range| file.text().get(range)).unwrap_or("");
    let cell = line.split([',', ';', '\t', '|']).next().unwrap_or("");
    cell.trim_matches(['"', ' ', '\u{feff}']).chars().take(LONGEST).collect()
}

//! The topology as a picture that Markdown pages draw: a flowchart of Mermaid.

use super::dot::fill;
use super::faults::Alarm;
use super::picture::{Edge, Look, Node, Picture, Row};
use crate::model::system::Role;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What Mermaid draws at most, unless a page is configured otherwise: lines, and UTF-16 units of text.
const EDGES: usize = 500;
const TEXT: usize = 50_000;

/// A flowchart. Names stand in quoted labels only; its ids are numbers. A topology that is too large for
/// Mermaid is drawn with less: lines between the same two boxes become one, then rows of text go, then
/// boxes and lines; a comment, and in the last case a box, say so.
pub fn mermaid(picture: &Picture) -> String {
    let whole = Chart::of(picture);
    if whole.fits() {
        return whole.text;
    }
    let single = collapsed(picture);
    let mut said = "lines between the same two boxes are drawn as one";
    let mut chart = Chart::of(&single);
    if !chart.fits() {
        said = "lines between the same two boxes are drawn as one, and details are left out";
        chart = Chart::of(&bare(&single));
    }
    if !chart.fits() {
        said = "the topology is too large for Mermaid, and only a part is drawn";
        chart = part(&bare(&single));
    }
    let limits = format!("Mermaid draws at most {EDGES} lines and {TEXT} characters");
    let (first, rest) = chart.text.split_once('\n').unwrap_or((&chart.text, ""));
    format!("{first}\n  %% {limits}: {said}; `onhand graph --format svg` draws everything.\n{rest}")
}

/// A chart that has been written.
struct Chart {
    text: String,
    edges: usize,
}

impl Chart {
    fn of(picture: &Picture) -> Chart {
        let mut text = "flowchart LR\n".to_owned();
        for (at, node) in picture.nodes.iter().enumerate() {
            let _ = writeln!(text, "  {}", self::node(at, node));
        }
        let (last, joins) = (picture.last(), picture.nodes.iter().any(|node| node.look == Look::Join));
        let mut looks: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
        for (at, edge) in picture.edges.iter().enumerate() {
            let long = joins && last.contains(&edge.to) && picture.nodes[edge.from].look != Look::Join;
            let _ = writeln!(text, "  {}", self::edge(edge, &picture.nodes, long));
            looks.entry((edge.shown_colour(), edge.alarm.is_some())).or_default().push(at.to_string());
        }
        for ((colour, alarm), edges) in looks {
            let width = if alarm { "3px" } else { "1.5px" };
            let edges = edges.join(",");
            let _ = writeln!(text, "  linkStyle {edges} stroke:{colour},color:{colour},stroke-width:{width}");
        }
        classes(picture, &mut text);
        Chart { text, edges: picture.edges.len() }
    }

    /// Whether Mermaid draws it, with room for the comment.
    fn fits(&self) -> bool {
        self.edges <= EDGES && self.text.encode_utf16().count() <= TEXT - 300
    }
}

fn node(at: usize, node: &Node) -> String {
    let title = format!("<b>{}</b>", escaped(&node.title));
    let class = match node.look {
        Look::Join => return format!("n{at}((\" \")):::join"),
        Look::Nobody => return format!("n{at}(\"{}\"):::nobody", escaped(&node.title)),
        Look::Note => "note",
        Look::System(Role::Erp) => "erp",
        Look::System(Role::Warehouse) => "warehouse",
        Look::System(Role::Channel) => "channel",
        Look::System(Role::Reporting) => "reporting",
    };
    let rows = node.rows.iter().map(|row| format!("<br/>{}", escaped(&row.text)));
    let (open, close) = if node.look == Look::Note { ("[", "]") } else { ("(", ")") };
    format!("n{at}{open}\"{title}{}\"{close}:::{class}", rows.collect::<String>())
}

/// A line; a long one reaches over the column in which lines join.
fn edge(edge: &Edge, nodes: &[Node], long: bool) -> String {
    let line = match edge.movements {
        true if nodes[edge.to].look == Look::Join => "-.-",
        true => "-.-o",
        false if nodes[edge.to].look == Look::Join => "---",
        false if long => "--->",
        false => "-->",
    };
    let label: Vec<String> = edge.label.iter().map(|row| escaped(&row.text)).collect();
    let label = if label.is_empty() { String::new() } else { format!("|\"{}\"|", label.join("<br/>")) };
    format!("n{} {line}{label} n{}", edge.from, edge.to)
}

/// The looks that occur.
fn classes(picture: &Picture, text: &mut String) {
    let roles = [
        ("erp", Look::System(Role::Erp)),
        ("warehouse", Look::System(Role::Warehouse)),
        ("channel", Look::System(Role::Channel)),
        ("reporting", Look::System(Role::Reporting)),
        ("join", Look::Join),
        ("nobody", Look::Nobody),
        ("note", Look::Note),
    ];
    for (class, look) in roles.into_iter().filter(|(_, look)| picture.nodes.iter().any(|n| n.look == *look)) {
        let style = match look {
            Look::System(role) => format!("fill:{},stroke:#8a8f98,color:#1f2328", fill(role)),
            Look::Join => "fill:#8a8f98,stroke:#8a8f98".to_owned(),
            Look::Nobody => "fill:#ffffff,stroke:#8a8f98,color:#1f2328,stroke-dasharray:5 4".to_owned(),
            Look::Note => "fill:#ffffff,stroke:#8a8f98,color:#1f2328".to_owned(),
        };
        let _ = writeln!(text, "  classDef {class} {style}");
    }
    for (class, alarm) in [("warned", Alarm::Amber), ("wrong", Alarm::Red)] {
        let nodes = picture.nodes.iter().enumerate().filter(|(_, node)| node.alarm == Some(alarm));
        let nodes: Vec<String> = nodes.map(|(at, _)| format!("n{at}")).collect();
        if !nodes.is_empty() {
            let _ = writeln!(text, "  classDef {class} stroke:{},stroke-width:3px", alarm.colour());
            let _ = writeln!(text, "  class {} {class}", nodes.join(","));
        }
    }
}

/// Lines between the same two boxes as one, which counts them; its fault is the worst of theirs.
fn collapsed(picture: &Picture) -> Picture {
    let mut groups: BTreeMap<(usize, usize, bool), Vec<&Edge>> = BTreeMap::new();
    for edge in &picture.edges {
        groups.entry((edge.from, edge.to, edge.movements)).or_default().push(edge);
    }
    let edges = groups.into_values().map(|group| {
        let mut edge = group[0].clone();
        if group.len() > 1 {
            edge.alarm = group.iter().filter_map(|edge| edge.alarm).max();
            edge.label = vec![Row { text: format!("{} flows", group.len()), alarm: edge.alarm }];
        }
        edge
    });
    Picture { nodes: picture.nodes.clone(), edges: edges.collect() }
}

/// Boxes with their names only, and lines with their first row.
fn bare(picture: &Picture) -> Picture {
    let mut bare = Picture { nodes: picture.nodes.clone(), edges: picture.edges.clone() };
    bare.nodes.iter_mut().for_each(|node| node.rows.clear());
    bare.edges.iter_mut().for_each(|edge| edge.label.truncate(1));
    bare
}

/// As many boxes and lines as fit, those with faults first, and a box that counts the others.
fn part(picture: &Picture) -> Chart {
    let mut many = EDGES.min(picture.edges.len());
    loop {
        let chart = Chart::of(&cut_to(picture, many));
        if chart.fits() || many == 0 {
            return chart;
        }
        many /= 2;
    }
}

fn cut_to(picture: &Picture, many: usize) -> Picture {
    let mut edges: Vec<&Edge> = picture.edges.iter().collect();
    edges.sort_by_key(|edge| std::cmp::Reverse(edge.alarm));
    edges.truncate(many);
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    let mut place = |at: usize| {
        *places.entry(at).or_insert_with(|| {
            nodes.push(picture.nodes[at].clone());
            nodes.len() - 1
        })
    };
    let edges: Vec<Edge> = edges
        .into_iter()
        .map(|edge| Edge { from: place(edge.from), to: place(edge.to), ..edge.clone() })
        .collect();
    // What has no line at all is drawn while there is room.
    if many >= picture.edges.len() {
        (0..picture.nodes.len().min(many)).for_each(|at| {
            place(at);
        });
    }
    let (boxes, lines) = (picture.nodes.len() - nodes.len(), picture.edges.len() - edges.len());
    let text = format!("{boxes} boxes and {lines} lines");
    let rows = vec![Row { text, alarm: None }];
    nodes.push(Node { look: Look::Note, title: "not drawn".to_owned(), rows, alarm: None });
    Picture { nodes, edges }
}

/// Text inside a quoted label: all that Mermaid or HTML could read as more than text becomes a number.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || " .,-+/()_".contains(letter) || !letter.is_ascii() {
            safe.push(letter);
        } else {
            let _ = write!(safe, "#{};", u32::from(letter));
        }
    }
    safe
}

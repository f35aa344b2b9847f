//! The topology as a picture, in the language of Graphviz.

use super::label::marked_up;
use super::picture::{Edge, Look, Node, Picture, Row};
use crate::model::system::Role;

/// A picture for `dot`. The same picture gives the same text.
pub fn dot(picture: &Picture) -> String {
    let mut lines = vec![
        "digraph onhand {".to_owned(),
        "  rankdir=LR; nodesep=0.2; ranksep=0.6;".to_owned(),
        "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica,Arial,sans-serif\", \
         margin=\"0.22,0.12\"];"
            .to_owned(),
        "  edge [penwidth=1.4, arrowsize=0.8];".to_owned(),
    ];
    lines.extend(picture.nodes.iter().enumerate().map(|(at, node)| self::node(at, node)));
    lines.extend(picture.edges.iter().enumerate().map(|(at, one)| edge(at, one, &picture.nodes)));
    let last: Vec<String> = picture.last().into_iter().map(|at| format!("n{at};")).collect();
    if !last.is_empty() {
        lines.push(format!("  {{ rank=max; {} }}", last.join(" ")));
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn node(at: usize, node: &Node) -> String {
    let fill = match node.look {
        Look::Join => return format!("  n{at} [shape=point, width=0.08];"),
        Look::Nobody => return format!("  n{at} [label={}, style=dashed];", quoted(&node.title)),
        Look::Note => "#ffffff",
        Look::System(role) => fill(role),
    };
    let title = format!("<b>{}</b>", marked_up(&node.title));
    let rows = std::iter::once(title).chain(node.rows.iter().map(row));
    let label = rows.collect::<Vec<_>>().join("<br/>");
    let outline = match node.alarm {
        Some(alarm) => format!("color=\"{}\", penwidth=2.5", alarm.colour()),
        None => "color=\"#8a8f98\"".to_owned(),
    };
    let shape = if node.look == Look::Note { ", shape=note, style=filled" } else { "" };
    format!("  n{at} [label=<{label}>, fillcolor=\"{fill}\", {outline}{shape}];")
}

/// What a system's box is filled with, by its role, as `#rrggbb`; black is readable on each.
pub(super) fn fill(role: Role) -> &'static str {
    match role {
        Role::Erp => "#fff3d6",
        Role::Warehouse => "#e3f1e0",
        Role::Channel => "#dfeaf7",
        Role::Reporting => "#eeeeee",
    }
}

fn row(row: &Row) -> String {
    let text = marked_up(&row.text);
    match row.alarm {
        Some(alarm) => format!("<font point-size=\"10\" color=\"{}\">{text}</font>", alarm.colour()),
        None => format!("<font point-size=\"10\">{text}</font>"),
    }
}

/// A line. Its text is a node of its own, so that other lines keep away from it.
fn edge(at: usize, edge: &Edge, nodes: &[Node]) -> String {
    let colour = edge.shown_colour();
    let mut look = format!("color=\"{colour}\"");
    if edge.alarm.is_some() {
        look += ", penwidth=2.5";
    }
    // Movements are drawn from right to left, so that owners stay at the left.
    let (from, to) = if edge.movements { (edge.to, edge.from) } else { (edge.from, edge.to) };
    let (mut begins, mut ends) = ("", "");
    if edge.movements {
        let tip = if nodes[edge.to].look == Look::Join { "none" } else { "empty" };
        look += &format!(", style=dashed, dir=back, arrowtail={tip}");
        ends = if tip == "none" { "" } else { ", arrowtail=none" };
    } else if nodes[edge.to].look == Look::Join {
        look += ", arrowhead=none";
    } else {
        begins = ", arrowhead=none";
    }
    if edge.label.is_empty() {
        return format!("  n{from} -> n{to} [{look}];");
    }
    let label: Vec<&str> = edge.label.iter().map(|row| &*row.text).collect();
    let label = quoted(&label.join("\n"));
    format!(
        "  t{at} [shape=plain, style=\"\", fontsize=10, fontcolor=\"{colour}\", label={label}];\n  \
         n{from} -> t{at}:w [{look}{begins}]; t{at}:e -> n{to} [{look}{ends}];"
    )
}

/// A quoted string of the language; line breaks become centred lines.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

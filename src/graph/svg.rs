//! The topology as a picture that any browser shows: SVG, laid out here.
//!
//! Boxes are filled and lines and their texts have colours that can be read on white and on black, so the
//! picture needs no background of its own.

use super::dot::fill;
use super::faults::Alarm;
use super::label::{marked_up, width};
use super::layout::{Area, Link, Shape, layout};
use super::picture::{Edge, Look, Node, Picture, Row};
use crate::model::system::Role;
use std::fmt::Write;

/// Heights of rows of text, and room inside a box.
const TITLE: i64 = 18;
const ROW: i64 = 14;
const PADDING: i64 = 10;
/// Ink inside boxes.
const INK: &str = "#1f2328";
const OUTLINE: &str = "#8a8f98";

/// An SVG document.
pub fn svg(picture: &Picture) -> String {
    let shapes: Vec<Shape> = picture.nodes.iter().map(shape).collect();
    let links: Vec<Link> = picture.edges.iter().map(link).collect();
    let places = layout(&shapes, &links);
    let (width, height) = (places.width, places.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\">\n\
         <title>Systems, owners and flows</title>\n"
    );
    // Lines first: what lies above them stays readable.
    for (edge, route) in picture.edges.iter().zip(&places.routes) {
        line(&mut text, picture, edge, route);
    }
    for (node, area) in picture.nodes.iter().zip(&places.boxes) {
        draw(&mut text, node, *area);
    }
    for (edge, route) in picture.edges.iter().zip(&places.routes) {
        label(&mut text, edge, route);
    }
    text + "</svg>\n"
}

fn shape(node: &Node) -> Shape {
    if node.look == Look::Join {
        return Shape { width: 8, height: 8, point: true, rightmost: false };
    }
    let rows = node.rows.iter().map(|row| text_width(&row.text));
    let widest = rows.chain([width(&node.title) as i64 * 9]).max().unwrap_or(0);
    let height = TITLE + node.rows.len() as i64 * ROW + 2 * PADDING - 4;
    let rightmost = matches!(node.look, Look::System(Role::Channel | Role::Reporting));
    Shape { width: (widest + 2 * PADDING).max(90), height, point: false, rightmost }
}

fn link(edge: &Edge) -> Link {
    let widest = edge.label.iter().map(|row| text_width(&row.text)).max();
    let height = edge.label.len() as i64 * ROW + if edge.label.is_empty() { 0 } else { 10 };
    let (left, right) = if edge.movements { (edge.to, edge.from) } else { (edge.from, edge.to) };
    Link { left, right, width: widest.map_or(0, |widest| widest + 20), height }
}

/// How wide a row of small text is at most, in the widest of the usual fonts.
fn text_width(text: &str) -> i64 {
    (width(text) as i64 * 66).div_euclid(10)
}

fn line(text: &mut String, picture: &Picture, edge: &Edge, route: &[(i64, i64, i64)]) {
    let [(x, _, y), rest @ ..] = route else { return };
    let colour = edge.shown_colour();
    let mut path = format!("M{x} {y}");
    let (mut x, mut y) = (*x, *y);
    for (level, end, at) in rest {
        let middle = (x + level) / 2;
        let _ = write!(path, " C{middle} {y} {middle} {at} {level} {at} H{end}");
        (x, y) = (*end, *at);
    }
    let width = if edge.alarm.is_some() { "2.5" } else { "1.5" };
    let dashes = if edge.movements { " stroke-dasharray=\"6 4\"" } else { "" };
    let _ = writeln!(
        text,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}/>"
    );
    let (first, _, first_y) = route[0];
    let joins = |at: usize| picture.nodes[at].look == Look::Join;
    if edge.movements && !joins(edge.to) {
        let (tip, back) = (first, first + 10);
        let (up, down) = (first_y - 4, first_y + 4);
        let _ = writeln!(
            text,
            "<path d=\"M{tip} {first_y} L{back} {up} V{down} Z\" fill=\"#ffffff\" stroke=\"{colour}\" \
             stroke-width=\"1.5\"/>"
        );
    }
    if !edge.movements && !joins(edge.to) {
        let (back, up, down) = (x - 9, y - 4, y + 4);
        let _ = writeln!(text, "<path d=\"M{x} {y} L{back} {up} V{down} Z\" fill=\"{colour}\"/>");
    }
}

fn draw(text: &mut String, node: &Node, area: Area) {
    let Area { x, y, width, height } = area;
    if node.look == Look::Join {
        let (x, y) = (x + width / 2, y + height / 2);
        let _ = writeln!(text, "<circle cx=\"{x}\" cy=\"{y}\" r=\"4\" fill=\"{OUTLINE}\"/>");
        return;
    }
    let (fill, dashes) = match node.look {
        Look::System(role) => (fill(role), ""),
        Look::Nobody => ("#ffffff", " stroke-dasharray=\"5 4\""),
        Look::Note | Look::Join => ("#ffffff", ""),
    };
    let (stroke, thick) = node.alarm.map_or((OUTLINE, "1"), |alarm| (alarm.colour(), "2.5"));
    let round = if node.look == Look::Note { 0 } else { 8 };
    let _ = writeln!(
        text,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\" fill=\"{fill}\" \
         stroke=\"{stroke}\" stroke-width=\"{thick}\"{dashes}/>"
    );
    let content = TITLE + node.rows.len() as i64 * ROW;
    let mut at = y + (height - content) / 2 + 13;
    let x = x + PADDING;
    let title = marked_up(&node.title);
    let _ = writeln!(
        text,
        "<text x=\"{x}\" y=\"{at}\" font-size=\"13\" font-weight=\"bold\" fill=\"{INK}\">{title}</text>"
    );
    at += TITLE - 2;
    for row in &node.rows {
        written(text, row, (x, at), INK);
        at += ROW;
    }
}

/// The text of a line, above its last level piece.
fn label(text: &mut String, edge: &Edge, route: &[(i64, i64, i64)]) {
    let Some((x, _, y)) = route.last() else { return };
    let mut at = y - 5 - (edge.label.len() as i64 - 1) * ROW;
    for row in &edge.label {
        written(text, row, (*x, at), edge.colour);
        at += ROW;
    }
}

fn written(text: &mut String, row: &Row, (x, y): (i64, i64), ink: &'static str) {
    let ink = row.alarm.map_or(ink, Alarm::colour);
    let bold = if row.alarm.is_some() { " font-weight=\"bold\"" } else { "" };
    let _ = writeln!(text, "<text x=\"{x}\" y=\"{y}\" fill=\"{ink}\"{bold}>{}</text>", marked_up(&row.text));
}

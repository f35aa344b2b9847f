//! A layout to text.

use super::layout::{Body, Line, Part, columns, ends_line, glued, with_line_feeds};
use super::{INDENT, WIDTH};
use crate::syntax::MAX_BYTES;

/// The canonical text of a layout; what is longer than [`MAX_BYTES`] is cut soon behind that.
pub fn write(body: &Body<'_>) -> String {
    let mut writer = Writer { out: String::new(), column: 0 };
    writer.lines(&body.lines, 0);
    writer.out
}

struct Writer {
    out: String,
    /// Columns of the last line so far.
    column: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        if self.out.len() > MAX_BYTES {
            return;
        }
        let text = with_line_feeds(text);
        match text.rfind('\n') {
            Some(at) => self.column = columns(&text[at + 1..]),
            None => self.column += columns(&text),
        }
        self.out.push_str(&text);
    }

    fn new_line(&mut self, level: usize) {
        self.out.push('\n');
        self.indent(level);
    }

    fn indent(&mut self, level: usize) {
        if self.out.len() > MAX_BYTES {
            return;
        }
        self.out.extend(std::iter::repeat_n(' ', level * INDENT));
        self.column = level * INDENT;
    }

    /// Whole lines, each with its end.
    fn lines(&mut self, lines: &[Line<'_>], level: usize) {
        for line in lines {
            if line.blank {
                self.out.push('\n');
            }
            self.indent(level);
            self.line(line, level, "  ");
            self.out.push('\n');
        }
    }

    /// A line without its indentation and end; `gap` stands before the comments behind the node.
    fn line(&mut self, line: &Line<'_>, level: usize, gap: &str) {
        for (index, comment) in line.before.iter().enumerate() {
            self.put(if index > 0 { " " } else { "" });
            self.put(comment);
        }
        self.put(if line.before.is_empty() || line.node.is_empty() { "" } else { " " });
        self.node(&line.node, level);
        self.comments(&line.after, gap);
    }

    /// Comments behind something.
    fn comments(&mut self, comments: &[&str], gap: &str) {
        for (index, comment) in comments.iter().enumerate() {
            self.put(if index > 0 { " " } else { gap });
            self.put(comment);
        }
    }

    fn node(&mut self, parts: &[Part<'_>], level: usize) {
        let mut last: Option<&Part<'_>> = None;
        for part in parts {
            match last {
                Some(Part::Break(_)) => self.new_line(level + 1),
                // Only behind `/-` a comment inside a node can end its line.
                Some(Part::Comment(comment)) if ends_line(comment) => self.new_line(level + 1),
                Some(last) if !is_tight(last, part) => self.put(" "),
                _ => {}
            }
            match part {
                Part::Word(text) | Part::Comment(text) => self.put(text),
                Part::Break(comment) => {
                    self.put("\\");
                    self.comments(comment.as_slice(), "  ");
                }
                Part::Block(body) => self.block(body, level),
            }
            last = Some(part);
        }
    }

    fn block(&mut self, body: &Body<'_>, level: usize) {
        if body.lines.is_empty() && body.opening.is_empty() {
            self.put("{}");
            return;
        }
        self.put("{");
        if !body.broken && self.column - 1 + body.width <= WIDTH {
            for (index, line) in body.lines.iter().enumerate() {
                self.put(if index > 0 { "; " } else { " " });
                self.line(line, level, " ");
            }
            self.put(" }");
            return;
        }
        self.comments(&body.opening, "  ");
        self.out.push('\n');
        self.lines(&body.lines, level + 1);
        self.indent(level);
        self.put("}");
    }
}

fn is_tight(left: &Part<'_>, right: &Part<'_>) -> bool {
    match (left, right) {
        (Part::Word(left), Part::Word(right)) => glued(left, right),
        (Part::Word("/-"), Part::Block(_)) => true,
        _ => false,
    }
}

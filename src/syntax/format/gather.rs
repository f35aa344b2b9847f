//! Tokens to a layout. Knows only texts without mistakes.

use super::layout::{Body, Line, Part, closes, columns, ends_line, glued, opens};
use crate::syntax::lexer::{Token, TokenKind, tokens};
use crate::syntax::text::is_newline;

/// The layout of a text without mistakes.
pub fn gather(text: &str) -> Body<'_> {
    let mut gatherer = Gatherer::default();
    for token in tokens(text) {
        gatherer.take(token, &text[token.start as usize..token.end as usize]);
    }
    gatherer.end_node();
    gatherer.settle(true);
    gatherer.body
}

#[derive(Default)]
struct Gatherer<'t> {
    /// The innermost open block.
    body: Body<'t>,
    /// The node that is being read; between two nodes there is none.
    line: Option<Line<'t>>,
    /// The blocks around, each with its node.
    around: Vec<(Body<'t>, Line<'t>)>,
    /// Comments of this line that no node has taken yet.
    comments: Vec<&'t str>,
    /// Line breaks since the last line was kept.
    breaks: usize,
    /// A `\` stands before, in this line.
    goes_on: bool,
    /// A `/-` stands before: line breaks mean nothing.
    slashdashed: bool,
}

impl<'t> Gatherer<'t> {
    fn take(&mut self, token: Token, written: &'t str) {
        let lines = matches!(token.kind, TokenKind::BlockComment | TokenKind::MultiLine)
            || matches!(token.kind, TokenKind::RawMultiLine | TokenKind::Escaped);
        self.body.broken |= lines && written.contains(is_newline);
        match token.kind {
            TokenKind::Space | TokenKind::Bom => {}
            TokenKind::LineComment => self.comment(written.trim_end()),
            TokenKind::BlockComment => self.comment(written),
            TokenKind::Newline => self.line_break(),
            TokenKind::Semicolon => self.end_node(),
            TokenKind::Backslash => self.goes_on = true,
            TokenKind::OpenBrace => self.open(),
            TokenKind::CloseBrace => self.close(),
            kind => self.word(written, kind == TokenKind::Slashdash),
        }
    }

    fn word(&mut self, written: &'t str, slashdash: bool) {
        let line = match &mut self.line {
            Some(line) => line,
            none => {
                let before = std::mem::take(&mut self.comments);
                let blank = self.breaks > 1 && !self.body.lines.is_empty();
                self.breaks = 0;
                none.insert(Line { blank, before, ..Line::default() })
            }
        };
        line.node.push(Part::Word(written));
        self.slashdashed = slashdash;
    }

    fn comment(&mut self, written: &'t str) {
        self.body.broken |= ends_line(written);
        match &mut self.line {
            Some(line) if self.goes_on && ends_line(written) => line.node.push(Part::Break(Some(written))),
            Some(line) if self.slashdashed || !ends_line(written) => line.node.push(Part::Comment(written)),
            _ => {
                self.end_node();
                self.comments.push(written);
            }
        }
    }

    fn line_break(&mut self) {
        self.body.broken = true;
        let went_on = std::mem::take(&mut self.goes_on);
        match &mut self.line {
            Some(_) if self.slashdashed => {}
            Some(line) if went_on => {
                if !matches!(line.node.last(), Some(Part::Break(_))) {
                    line.node.push(Part::Break(None));
                }
            }
            _ => {
                self.end_node();
                self.settle(false);
                self.breaks += 1;
            }
        }
    }

    fn open(&mut self) {
        let Some(line) = self.line.take() else { return };
        self.around.push((std::mem::take(&mut self.body), line));
        (self.breaks, self.slashdashed, self.goes_on) = (0, false, false);
    }

    fn close(&mut self) {
        self.end_node();
        self.settle(true);
        let Some((outer, line)) = self.around.pop() else { return };
        let mut inner = std::mem::replace(&mut self.body, outer);
        inner.width = width(&inner);
        self.body.broken |= inner.broken;
        let line = self.line.insert(line);
        line.node.push(Part::Block(Box::new(inner)));
        (self.breaks, self.slashdashed, self.goes_on) = (0, false, false);
    }

    /// Ends the node that is being read, if there is one. Comments at its end are put behind it, as many as
    /// its line can hold; the others get lines of their own.
    fn end_node(&mut self) {
        self.goes_on = false;
        let Some(mut line) = self.line.take() else { return };
        let parts = tidy(std::mem::take(&mut line.node));
        let is_end = |part: &Part<'_>| matches!(part, Part::Comment(_) | Part::Break(_));
        // The line break behind a `\` that leads nowhere ends the node's line.
        let breaks = usize::from(matches!(parts.last(), Some(Part::Break(_))));
        let kept = parts.iter().rposition(|part| !is_end(part)).map_or(0, |last| last + 1);
        let mut parts = parts.into_iter();
        line.node = parts.by_ref().take(kept).collect();
        let mut left: Vec<&str> = Vec::new();
        for part in parts {
            if let Part::Comment(text) | Part::Break(Some(text)) = part {
                let full = line.after.last().is_some_and(|last| ends_line(last));
                if full { left.push(text) } else { line.after.push(text) }
            }
        }
        self.body.lines.push(line);
        self.own_lines(left, false);
        self.breaks = breaks;
    }

    /// Finds a place for the comments of this line that stand before no node. `closing`: a `}` or the end of
    /// the text comes next.
    fn settle(&mut self, closing: bool) {
        let comments = std::mem::take(&mut self.comments);
        if comments.is_empty() {
            return;
        }
        let blank = self.breaks > 1 && !self.body.lines.is_empty();
        match self.body.lines.last_mut() {
            Some(last) if self.breaks == 0 && !last.node.is_empty() => {
                let full = last.after.last().is_some_and(|last| ends_line(last));
                if full { self.own_lines(comments, blank) } else { last.after.extend(comments) }
            }
            None if self.breaks == 0 && !closing && !self.around.is_empty() => self.body.opening = comments,
            _ => self.own_lines(comments, blank),
        }
        self.breaks = 0;
    }

    /// Lines for comments: as few as can hold them.
    fn own_lines(&mut self, comments: Vec<&'t str>, blank: bool) {
        let mut line = Line { blank, ..Line::default() };
        for comment in comments {
            line.before.push(comment);
            if ends_line(comment) {
                self.body.lines.push(std::mem::take(&mut line));
            }
        }
        if !line.before.is_empty() {
            self.body.lines.push(line);
        }
    }
}

/// Takes out every `\` without a comment that stands where no line can reasonably be broken: inside an
/// annotation or a property, before a block, behind another one.
fn tidy(parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    let mut tidied: Vec<Part<'_>> = Vec::with_capacity(parts.len());
    for part in parts {
        let here = match &part {
            Part::Word(word) => !closes(word),
            Part::Block(_) | Part::Break(_) => false,
            Part::Comment(_) => true,
        };
        while !here && matches!(tidied.last(), Some(Part::Break(None))) {
            tidied.pop();
        }
        let clings = match tidied.last() {
            None | Some(Part::Break(_)) => true,
            Some(Part::Word(word)) => opens(word),
            _ => false,
        };
        if !(matches!(part, Part::Break(None)) && clings) {
            tidied.push(part);
        }
    }
    tidied
}

/// Columns that a body takes on one line: `{ a; b }`, or `{}`.
fn width(body: &Body<'_>) -> usize {
    let comments = |list: &[&str]| list.iter().map(|comment| columns(comment) + 1).sum::<usize>();
    let lines = body.lines.iter().map(|line| {
        // Every part with the space before it, that of the first being the one behind `{` or `;`.
        comments(&line.before) + node_width(&line.node) + comments(&line.after)
    });
    let inside: usize = lines.sum();
    let semicolons = body.lines.len().saturating_sub(1);
    if body.lines.is_empty() { 2 } else { inside + semicolons + 3 }
}

fn node_width(parts: &[Part<'_>]) -> usize {
    let mut width = 0;
    let mut last = None;
    for part in parts {
        let (own, word) = match part {
            Part::Word(word) => (columns(word), Some(*word)),
            Part::Comment(comment) => (columns(comment), None),
            Part::Break(_) => (1, None),
            Part::Block(body) => (body.width, None),
        };
        let tight = match (last.flatten(), word) {
            (Some(left), Some(right)) => glued(left, right),
            (Some("/-"), None) => matches!(part, Part::Block(_)),
            _ => false,
        };
        width += own + usize::from(!tight);
        last = Some(word);
    }
    width
}

//! Going on after a mistake, so that one hides no other and causes none.

use super::lexer::{MAX_DEPTH, TokenKind};
use super::mistake;
use super::mistake_word;
use super::parser::{Frame, OpenNode, Parser, is_value};
use super::text;
use crate::source::Span;

impl Parser<'_> {
    /// Where the text is known to lack a brace: a line that is indented no deeper than the one that
    /// opens the block is taken as standing outside of it. Whether a block was closed.
    pub(super) fn close_by_indent(&mut self) -> bool {
        let (mut opens, mut closed) = (Vec::new(), false);
        while let Some(frame) = self.frames.last().filter(|frame| self.stands_outside(frame)) {
            if !frame.guessed {
                opens.push(frame.open);
            }
            self.close_frame(self.last_end.min(self.token.start));
            self.finish_node();
            closed = true;
        }
        if !opens.is_empty() {
            self.shared_findings += opens.len() - 1;
            let here = self.range(self.token.start, self.token.end);
            self.report(mistake::blocks_not_closed_here(here, &opens));
        }
        closed
    }

    /// Whether the indentation of the current token, the first of its line, says that the block has ended.
    fn stands_outside(&self, frame: &Frame) -> bool {
        let indent = self.line_first.saturating_sub(self.line_start);
        match self.token.kind {
            TokenKind::End => false,
            TokenKind::CloseBrace => {
                indent < frame.indent && self.frames.iter().any(|frame| frame.indent == indent)
            }
            _ => indent <= frame.indent,
        }
    }

    /// Keeps a node without a block for [`Parser::open_by_indent`].
    pub(super) fn remember_plain(&mut self, node: OpenNode) {
        let begins_line = self.document.node_start(node.index) == self.line_first;
        if begins_line && !node.after_block && node.discard.is_none() {
            self.plain = Some((node, self.line_first - self.line_start));
        }
    }

    /// Where the text is known to have a `}` too many: a line that is indented deeper than the node
    /// without a block before it is taken as standing in a block of that node.
    pub(super) fn open_by_indent(&mut self) {
        let Some((node, indent)) = self.plain.take() else { return };
        let deeper = self.line_first.saturating_sub(self.line_start) > indent;
        let begins = self.token.kind == TokenKind::OpenParen || is_value(self.token.kind);
        if !deeper || !begins || self.frames.len() >= MAX_DEPTH {
            return;
        }
        let head = self.document.head(node.index);
        self.report(mistake::block_not_opened(head, self.span(self.token)));
        self.document.open_block(node.index, head.end);
        self.frames.push(Frame { node, open: head, discard: None, indent, guessed: true });
    }

    pub(super) fn close_everything(&mut self) {
        let opens = self.frames.iter().filter(|frame| !frame.guessed).map(|frame| frame.open);
        let opens: Vec<Span> = opens.collect();
        if !opens.is_empty() {
            self.brace_trouble = true;
            self.shared_findings += opens.len() - 1;
            self.report(mistake::blocks_not_closed(self.range(self.token.start, self.token.end), &opens));
        }
        while !self.frames.is_empty() {
            self.close_frame(self.token.start);
            self.finish_node();
        }
    }

    /// A comma right behind a value that is no bare word. Whether there was one.
    pub(super) fn take_comma(&mut self) -> bool {
        let start = self.token.start as usize;
        let comma = self.token.kind == TokenKind::Bare && self.text.as_bytes().get(start) == Some(&b',');
        if comma {
            let next = text::char_at(self.text, start + 1);
            let spaced = next.is_none_or(|c| !text::is_word(c) && c != '"');
            let span = self.range(self.token.start, self.token.start + 1);
            if !self.quiet {
                self.report(mistake::comma(span, spaced));
            }
            self.lexer.at = start + 1;
            self.bump();
            self.last_end = u32::MAX;
        }
        comma
    }

    /// Stretches the bare word before the current token up to the next space: a character that may not
    /// stand in a bare word does.
    pub(super) fn run_on(&mut self) {
        let Some(node) = self.node else { return };
        let from = self.token.end as usize;
        let stops = |c| text::is_space(c) || text::is_newline(c) || matches!(c, '{' | '}' | ';');
        let rest = &self.text[from..];
        let end = from + rest.find(stops).unwrap_or(rest.len());
        self.lexer.steps += (end - from) as u64;
        let word = self.document.last_word(node.index);
        let span = self.range(word.start, end as u32);
        if !self.quiet {
            self.report(mistake_word::run_on(span, self.text, self.token));
        }
        self.document.stretch_last(node.index, end as u32);
        self.lexer.at = end;
        self.bump();
        self.quiet = false;
    }

    /// A token that may not stand in a node.
    pub(super) fn misplaced(&mut self) {
        let word = matches!(self.token.kind, TokenKind::Stray | TokenKind::Backslash);
        if self.glued() && self.last_bare && word && !self.quiet {
            self.run_on();
            return;
        }
        if self.token.kind == TokenKind::Equals && self.equals_behind_node() {
            return;
        }
        if !self.quiet {
            self.report(mistake::misplaced(self.span(self.token), self.text, self.token));
        }
        self.skip_misplaced();
    }

    /// `name=value` where a node belongs: the value is taken as the node's argument.
    fn equals_behind_node(&mut self) -> bool {
        let Some(node) = self.node.filter(|node| !node.after_block) else { return false };
        let Some(name) = self.document.name_without_entries(node.index) else { return false };
        if !self.quiet {
            let name = self.slice(self.range(name.start, name.end));
            self.report(mistake::equals_behind_node(self.span(self.token), name));
        }
        while self.token.kind == TokenKind::Equals {
            self.bump();
        }
        self.last_end = u32::MAX;
        true
    }

    /// Goes past a token that stands wrong and what belongs to it: one mistake, one finding.
    pub(super) fn skip_misplaced(&mut self) {
        let token = self.token;
        match (token.kind, self.slice(self.span(token))) {
            (TokenKind::Equals, _) => {
                self.bump();
                self.skip_node_space();
                if is_value(self.token.kind) {
                    self.bump();
                }
            }
            (TokenKind::Stray, "#") => {
                self.lexer.at = text::line_end(self.text, self.lexer.at);
                self.lexer.steps += self.lexer.at as u64 - u64::from(token.end);
                self.bump();
            }
            (TokenKind::Stray, "[") => self.skip_brackets(),
            (TokenKind::Newline | TokenKind::End | TokenKind::Semicolon, _) => return,
            (TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::LineComment, _) => return,
            _ => self.bump(),
        }
        self.quiet = self.glued();
    }

    /// From `[` to its `]`, or to the end of the line.
    fn skip_brackets(&mut self) {
        let kept = self.findings.len();
        loop {
            let closes = self.token.kind == TokenKind::Stray && self.slice(self.span(self.token)) == "]";
            match self.token.kind {
                TokenKind::Newline | TokenKind::End | TokenKind::LineComment => break,
                TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::Semicolon => break,
                _ => self.bump(),
            }
            if closes {
                break;
            }
        }
        self.findings.truncate(kept);
    }
}

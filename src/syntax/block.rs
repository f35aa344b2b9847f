//! Tokens to nodes and their blocks.

use super::lexer::{MAX_DEPTH, TokenKind};
use super::mistake;
use super::parser::{Frame, OpenNode, Parser, is_value};
use super::tree::{Marks, Written};
use super::value::Form;
use crate::source::Span;

impl Parser<'_> {
    /// Between two nodes. Whether there is more to read.
    pub(super) fn between_nodes(&mut self) -> bool {
        self.skip_line_space();
        if self.by_indent && self.token.start == self.line_first {
            if self.close_by_indent() {
                return true;
            }
            self.open_by_indent();
        }
        self.plain = None;
        match self.token.kind {
            TokenKind::End => {
                self.close_everything();
                return false;
            }
            TokenKind::CloseBrace => self.close_brace(),
            TokenKind::Semicolon => {
                if !self.quiet {
                    self.report(mistake::lone_semicolon(self.span(self.token)));
                }
                self.bump();
            }
            TokenKind::Slashdash => self.slashdashed_node(),
            _ => self.begin_node(None),
        }
        true
    }

    /// Takes a run of `/-` and what may stand behind it.
    pub(super) fn take_slashdash(&mut self) -> Span {
        let first = self.token;
        self.bump();
        self.skip_line_space();
        let mut last = first;
        while self.token.kind == TokenKind::Slashdash {
            last = self.token;
            self.bump();
            self.skip_line_space();
        }
        if last.start != first.start {
            self.report(mistake::slashdash_twice(self.range(first.start, last.end)));
        }
        self.last_end = u32::MAX;
        self.span(first)
    }

    fn slashdashed_node(&mut self) {
        let marks = self.document.marks();
        let slashdash = self.take_slashdash();
        match self.token.kind {
            TokenKind::End | TokenKind::CloseBrace | TokenKind::Semicolon => {
                self.report(mistake::slashdash_nothing(slashdash));
            }
            _ => self.begin_node(Some(marks)),
        }
    }

    fn begin_node(&mut self, discard: Option<Marks>) {
        let marks = self.document.marks();
        let start = self.token.start;
        let mut annotation = None;
        let mut broken = false;
        if self.token.kind == TokenKind::OpenParen {
            (annotation, broken) = self.annotation();
            self.skip_node_space();
        }
        let token = self.token;
        let span = self.span(token);
        if is_value(token.kind) {
            let form = self.judge_name(token);
            let name = Written { start: token.start, end: token.end, form };
            let index = self.document.push_node(start, name, annotation);
            self.node = Some(OpenNode { index, discard, has_block: false, after_block: false });
            self.bump();
            return;
        }
        if !self.quiet && !broken {
            self.report(mistake::no_node_name(span, self.text, token, annotation.is_some()));
        }
        let name = Written { start: token.start, end: token.start, form: Form::Bare };
        let index = self.document.push_node(token.start, name, None);
        let discard = Some(discard.unwrap_or(marks));
        self.node = Some(OpenNode { index, discard, has_block: false, after_block: false });
        self.skip_misplaced();
    }

    pub(super) fn inside_node(&mut self) {
        while let Some(node) = self.node {
            self.skip_node_space();
            match self.token.kind {
                TokenKind::Newline | TokenKind::LineComment | TokenKind::Semicolon => {
                    if self.by_indent && self.token.kind == TokenKind::Newline {
                        self.remember_plain(node);
                    }
                    self.finish_node();
                    self.bump();
                }
                TokenKind::End | TokenKind::CloseBrace => self.finish_node(),
                TokenKind::OpenBrace => {
                    if node.has_block {
                        self.report(mistake::second_block(self.span(self.token)));
                    }
                    let discard = node.has_block.then(|| self.document.marks());
                    self.open_block(node, discard);
                }
                TokenKind::Slashdash => self.slashdashed_part(node),
                kind if kind == TokenKind::OpenParen || is_value(kind) => self.part(node),
                _ => self.misplaced(),
            }
        }
    }

    pub(super) fn finish_node(&mut self) {
        if let Some(node) = self.node.take()
            && let Some(marks) = node.discard
        {
            self.document.take_back(marks);
        }
    }

    /// An argument or property, or the next node where none may stand any more.
    fn part(&mut self, node: OpenNode) {
        if self.glued() {
            if self.last_bare && !self.quiet {
                self.run_on();
                return;
            }
            if !node.after_block && self.take_comma() {
                return;
            }
        }
        if node.after_block {
            self.part_after_block(node);
            return;
        }
        let keep = !(self.glued() && self.quiet);
        if self.glued() && !self.quiet {
            self.report(mistake::no_space(self.span(self.token)));
            self.quiet = true;
        }
        self.entry(node.index, keep);
    }

    fn part_after_block(&mut self, node: OpenNode) {
        let span = self.span(self.token);
        let after = super::text::skip_spaces(self.text, span.end as usize);
        self.lexer.steps += after as u64 - u64::from(span.end);
        let property = self.text.as_bytes().get(after) == Some(&b'=');
        let names = matches!(Form::of(self.token.kind, ""), Form::Bare | Form::Quoted | Form::Escaped);
        let next_node = node.has_block && names && !property;
        if !self.quiet {
            self.report(mistake::after_block(span, next_node));
        }
        if next_node {
            self.finish_node();
            self.last_end = u32::MAX;
        } else {
            self.entry(node.index, !node.has_block);
        }
    }

    fn slashdashed_part(&mut self, node: OpenNode) {
        let slashdash = self.take_slashdash();
        match self.token.kind {
            TokenKind::OpenBrace => {
                let marks = self.document.marks();
                self.open_block(node, Some(marks));
            }
            kind if kind == TokenKind::OpenParen || is_value(kind) => {
                if node.after_block && !self.quiet {
                    self.report(mistake::after_block(self.span(self.token), false));
                }
                self.entry(node.index, false);
            }
            _ => {
                self.report(mistake::slashdash_nothing(slashdash));
                if self.token.kind == TokenKind::Equals {
                    self.quiet = true;
                    self.misplaced();
                }
            }
        }
    }

    fn open_block(&mut self, node: OpenNode, discard: Option<Marks>) {
        let open = self.span(self.token);
        self.bump();
        if self.frames.len() >= MAX_DEPTH {
            self.report(mistake::too_deep(open));
            self.skip_block();
            self.node = Some(OpenNode { after_block: true, has_block: true, ..node });
            return;
        }
        if discard.is_none() {
            self.document.open_block(node.index, open.start);
        }
        let indent = self.line_first.saturating_sub(self.line_start);
        self.frames.push(Frame { node, open, discard, indent, guessed: false });
        self.node = None;
    }

    /// Goes to the end of a block that nests too deep, without looking at it.
    fn skip_block(&mut self) {
        let mut depth = 1_usize;
        let quiet_from = self.findings.len();
        while depth > 0 && self.token.kind != TokenKind::End {
            match self.token.kind {
                TokenKind::OpenBrace => depth += 1,
                TokenKind::CloseBrace => depth -= 1,
                _ => {}
            }
            self.bump();
        }
        self.findings.truncate(quiet_from);
    }

    /// Ends the innermost block at `end`.
    pub(super) fn close_frame(&mut self, end: u32) {
        let Some(frame) = self.frames.pop() else { return };
        match frame.discard {
            Some(marks) => self.document.take_back(marks),
            None => self.document.close_block(frame.node.index, end),
        }
        let has_block = frame.node.has_block || frame.discard.is_none();
        self.node = Some(OpenNode { after_block: true, has_block, ..frame.node });
    }

    fn close_brace(&mut self) {
        let brace = self.span(self.token);
        if self.frames.is_empty() {
            self.brace_trouble = true;
            self.report(mistake::stray_brace(brace));
            self.bump();
            if self.token.kind == TokenKind::Semicolon {
                self.bump();
            }
            return;
        }
        self.bump();
        self.close_frame(brace.end);
    }
}

//! Tokens to the tree: nodes and blocks, without recursion, going on after every mistake.

use super::lexer::{Fault, Lexer, MAX_DEPTH, Token, TokenKind};
use super::mistake::{self, Findings};
use super::tree::{Document, Marks, Written};
use super::value::Form;
use super::{MAX_BYTES, Parsed};
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};

pub(super) fn parse(source: SourceId, text: &str) -> Parsed {
    if text.len() > MAX_BYTES {
        let diagnostics = vec![mistake::too_large(Span::new(source, 0, 0), text.len())];
        return Parsed { document: Document::new(source, 0), diagnostics, steps: 1 };
    }
    let first = Parser::new(source, text, false).run();
    if !first.brace_trouble {
        return first.parsed;
    }
    // A brace is missing or one too many. Indentation often tells which; a text that is not indented
    // shows itself by more findings.
    let mut second = Parser::new(source, text, true).run().parsed;
    second.steps += first.parsed.steps;
    if second.diagnostics.len() <= first.parsed.diagnostics.len() {
        return second;
    }
    Parsed { steps: second.steps, ..first.parsed }
}

/// A node whose end is not reached yet.
#[derive(Clone, Copy)]
pub(super) struct OpenNode {
    pub index: u32,
    /// What to take back at its end: it is slashdashed, or has no name.
    discard: Option<Marks>,
    /// It has a block that counts.
    has_block: bool,
    /// It has a block, be it a slashdashed one.
    after_block: bool,
}

/// A block whose `}` is not reached yet.
struct Frame {
    node: OpenNode,
    open: Span,
    discard: Option<Marks>,
    /// Of the line on which the block opens, in bytes.
    indent: u32,
}

pub(super) struct Run {
    parsed: Parsed,
    brace_trouble: bool,
}

pub(super) struct Parser<'t> {
    source: SourceId,
    pub(super) text: &'t str,
    pub(super) lexer: Lexer<'t>,
    pub(super) token: Token,
    /// End of the last token that was no space, and whether that was a bare word.
    pub(super) last_end: u32,
    pub(super) last_bare: bool,
    /// A finding was made in this run of text without spaces: more of them would be the same mistake.
    pub(super) quiet: bool,
    pub(super) document: Document,
    pub(super) findings: Findings,
    node: Option<OpenNode>,
    frames: Vec<Frame>,
    by_indent: bool,
    brace_trouble: bool,
    line_start: u32,
    /// The first byte of the line that is no space.
    line_first: u32,
}

impl<'t> Parser<'t> {
    fn new(source: SourceId, text: &'t str, by_indent: bool) -> Parser<'t> {
        let start = Token { kind: TokenKind::Newline, fault: Fault::None, start: 0, end: 0 };
        Parser {
            source,
            text,
            lexer: Lexer::new(text),
            token: start,
            last_end: u32::MAX,
            last_bare: false,
            quiet: false,
            document: Document::new(source, text.len()),
            findings: Findings::default(),
            node: None,
            frames: Vec::new(),
            by_indent,
            brace_trouble: false,
            line_start: 0,
            line_first: 0,
        }
    }

    fn run(mut self) -> Run {
        self.bump();
        if self.token.kind == TokenKind::Bom {
            self.bump();
        }
        loop {
            if self.node.is_some() {
                self.inside_node();
            } else if !self.between_nodes() {
                break;
            }
        }
        self.document.shrink();
        let diagnostics = self.findings.finish(Span::new(self.source, self.text.len(), self.text.len()));
        let parsed = Parsed { document: self.document, diagnostics, steps: self.lexer.steps };
        Run { parsed, brace_trouble: self.brace_trouble }
    }

    /// Takes the current token and reads the next; characters that may stand nowhere are reported and skipped.
    #[inline]
    pub(super) fn bump(&mut self) {
        let was = self.token;
        match was.kind {
            TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment => self.quiet = false,
            TokenKind::Newline => {
                self.quiet = false;
                self.line_start = was.end;
            }
            kind => {
                self.quiet &=
                    !matches!(kind, TokenKind::Semicolon | TokenKind::OpenBrace | TokenKind::CloseBrace);
                self.last_end = was.end;
                self.last_bare =
                    matches!(kind, TokenKind::Bare | TokenKind::DigitWord | TokenKind::ReservedWord);
            }
        }
        self.token = self.lexer.next();
        if was.kind == TokenKind::Newline {
            let space = self.token.kind == TokenKind::Space;
            self.line_first = if space { self.token.end } else { self.token.start };
        }
        if self.token.fault != Fault::None || self.token.kind == TokenKind::Disallowed {
            self.judge_inside();
        }
    }

    /// Reports what is wrong inside the token that was just read.
    #[cold]
    fn judge_inside(&mut self) {
        while self.token.kind == TokenKind::Disallowed {
            let span = self.span(self.token);
            if !self.quiet {
                self.report(mistake::disallowed(span, self.slice(span)));
            }
            self.quiet = true;
            if self.last_end == self.token.start {
                self.last_end = self.token.end;
            }
            self.token = self.lexer.next();
        }
        let token = self.token;
        if token.fault == Fault::None || self.quiet && self.last_end == token.start {
            return;
        }
        let (source, text) = (self.source, self.text);
        mistake::inside_token(source, text, token, &mut self.findings);
        if token.fault == Fault::Unclosed {
            self.quiet = true;
        }
    }

    pub(super) fn span(&self, token: Token) -> Span {
        Span { source: self.source, start: token.start, end: token.end }
    }

    pub(super) fn range(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start: start.min(end), end }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Whether the current token stands right behind the last one.
    pub(super) fn glued(&self) -> bool {
        self.last_end == self.token.start
    }

    /// Spaces, comments and lines that go on.
    pub(super) fn skip_node_space(&mut self) {
        loop {
            match self.token.kind {
                TokenKind::Space | TokenKind::BlockComment => self.bump(),
                TokenKind::Backslash if !self.inside_word() => self.continued_line(),
                _ => return,
            }
        }
    }

    /// Whether the `\` at hand stands inside a bare word, as in `feeds\depot`.
    fn inside_word(&self) -> bool {
        let next = self.text[self.token.end as usize..].chars().next();
        self.glued() && self.last_bare && self.node.is_some() && next.is_some_and(super::text::is_word)
    }

    /// Spaces, comments, line breaks and lines that go on.
    fn skip_line_space(&mut self) {
        loop {
            match self.token.kind {
                TokenKind::Newline | TokenKind::LineComment => self.bump(),
                TokenKind::Space | TokenKind::BlockComment => self.bump(),
                TokenKind::Backslash => self.continued_line(),
                _ => return,
            }
        }
    }

    /// At a `\`: only spaces and a comment may stand between it and the end of the line.
    fn continued_line(&mut self) {
        let backslash = self.token;
        self.bump();
        while matches!(self.token.kind, TokenKind::Space | TokenKind::BlockComment) {
            self.bump();
        }
        if self.token.kind == TokenKind::LineComment {
            self.bump();
        }
        match self.token.kind {
            TokenKind::Newline => self.bump(),
            TokenKind::End => {}
            _ if self.quiet => {}
            _ => {
                self.report(mistake::backslash_inside_line(self.span(backslash)));
                self.quiet = true;
                self.last_end = u32::MAX;
            }
        }
    }

    /// Between two nodes. Whether there is more to read.
    fn between_nodes(&mut self) -> bool {
        self.skip_line_space();
        if self.by_indent && self.token.start == self.line_first && self.close_by_indent() {
            return true;
        }
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

    fn inside_node(&mut self) {
        while let Some(node) = self.node {
            self.skip_node_space();
            match self.token.kind {
                TokenKind::Newline | TokenKind::LineComment | TokenKind::Semicolon => {
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

    fn finish_node(&mut self) {
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
            if !self.quiet && !node.after_block {
                self.report(mistake::no_space(self.span(self.token), self.text));
            }
        }
        if node.after_block {
            self.part_after_block(node);
            return;
        }
        let keep = !(self.glued() && self.quiet);
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
        self.frames.push(Frame { node, open, discard, indent });
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
    fn close_frame(&mut self, end: u32) {
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

    /// Where the text is known to lack a brace: a line that is indented no deeper than the one that
    /// opens the block is taken as standing outside of it. Whether a block was closed.
    fn close_by_indent(&mut self) -> bool {
        let indent = self.line_first.saturating_sub(self.line_start);
        let Some(frame) = self.frames.last() else { return false };
        let outside = match self.token.kind {
            TokenKind::End => false,
            TokenKind::CloseBrace => {
                indent < frame.indent && self.frames.iter().any(|frame| frame.indent == indent)
            }
            _ => indent <= frame.indent,
        };
        if outside {
            let open = frame.open;
            self.report(mistake::block_not_closed(self.range(self.token.start, self.token.end), open));
            self.brace_trouble = true;
            self.close_frame(self.last_end.min(self.token.start));
            self.finish_node();
        }
        outside
    }

    fn close_everything(&mut self) {
        if !self.frames.is_empty() {
            self.brace_trouble = true;
            let opens: Vec<Span> = self.frames.iter().map(|frame| frame.open).collect();
            self.report(mistake::blocks_not_closed(self.range(self.token.start, self.token.end), &opens));
        }
        while !self.frames.is_empty() {
            self.close_frame(self.token.start);
            self.finish_node();
        }
    }

    /// Stretches the bare word before the current token up to the next space: a character that may not
    /// stand in a bare word does.
    pub(super) fn run_on(&mut self) {
        let Some(node) = self.node else { return };
        let from = self.token.end as usize;
        let stops =
            |c| super::text::is_space(c) || super::text::is_newline(c) || matches!(c, '{' | '}' | ';');
        let rest = &self.text[from..];
        let end = from + rest.find(stops).unwrap_or(rest.len());
        self.lexer.steps += (end - from) as u64;
        let word = self.document.last_word(node.index);
        let span = self.range(word.start, end as u32);
        if !self.quiet {
            self.report(mistake::run_on(span, self.text, self.token));
        }
        self.document.stretch_last(node.index, end as u32);
        self.lexer.at = end;
        self.bump();
        self.quiet = false;
    }

    /// A token that may not stand in a node.
    fn misplaced(&mut self) {
        let word = matches!(self.token.kind, TokenKind::Stray | TokenKind::Backslash);
        if self.glued() && self.last_bare && word && !self.quiet {
            self.run_on();
            return;
        }
        if !self.quiet {
            self.report(mistake::misplaced(self.span(self.token), self.text, self.token));
        }
        self.skip_misplaced();
    }

    /// Goes past a token that stands wrong and what belongs to it: one mistake, one finding.
    fn skip_misplaced(&mut self) {
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
                self.lexer.at = super::text::line_end(self.text, self.lexer.at);
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

/// Whether a token can be a name or a value, be it a mistaken one.
pub(super) fn is_value(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        Bare | Quoted
            | Number
            | Escaped
            | Raw
            | MultiLine
            | RawMultiLine
            | True
            | False
            | Null
            | DigitWord
            | ReservedWord
            | UnknownKeyword
            | ForeignQuoted
    )
}

//! Tokens to the tree: nodes and blocks, without recursion, going on after every mistake.

use super::lexer::{Fault, Lexer, Token, TokenKind};
use super::mistake::{self, Findings};
use super::mistake_inside;
use super::tree::{Document, Marks};
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
    // shows itself by more mistakes.
    let second = Parser::new(source, text, true).run();
    let steps = first.parsed.steps + second.parsed.steps;
    let better = if second.mistakes() <= first.mistakes() { second } else { first };
    Parsed { steps, ..better.parsed }
}

/// A node whose end is not reached yet.
#[derive(Clone, Copy)]
pub(super) struct OpenNode {
    pub index: u32,
    /// What to take back at its end: it is slashdashed, or has no name.
    pub(super) discard: Option<Marks>,
    /// It has a block that counts.
    pub(super) has_block: bool,
    /// It has a block, be it a slashdashed one.
    pub(super) after_block: bool,
}

/// A block whose `}` is not reached yet.
pub(super) struct Frame {
    pub(super) node: OpenNode,
    pub(super) open: Span,
    pub(super) discard: Option<Marks>,
    /// Of the line on which the block opens, in bytes.
    pub(super) indent: u32,
    /// Its `{` is missing; a line that is indented no deeper ends it.
    pub(super) guessed: bool,
}

pub(super) struct Run {
    parsed: Parsed,
    brace_trouble: bool,
    /// Blocks that lack their end and share the finding of another.
    shared_findings: usize,
}

impl Run {
    fn mistakes(&self) -> usize {
        self.parsed.diagnostics.len() + self.shared_findings
    }
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
    pub(super) node: Option<OpenNode>,
    pub(super) frames: Vec<Frame>,
    pub(super) by_indent: bool,
    pub(super) brace_trouble: bool,
    pub(super) shared_findings: usize,
    /// The node that ended with the line before, where it began a line and has no block, and its indentation.
    /// None once anything follows it: it is not the last then, and what stands there may be taken back.
    pub(super) plain: Option<(OpenNode, u32)>,
    pub(super) line_start: u32,
    /// The first byte of the line that is no space.
    pub(super) line_first: u32,
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
            shared_findings: 0,
            plain: None,
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
        Run { parsed, brace_trouble: self.brace_trouble, shared_findings: self.shared_findings }
    }

    /// Takes the current token and reads the next. Characters that may stand nowhere are reported and
    /// skipped.
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
        let glued = self.last_end == token.start;
        // A string right behind a bare word is a mistake as a whole, whatever it holds.
        let part_of_word = glued && self.last_bare && token.fault == Fault::Content && is_value(token.kind);
        if token.fault == Fault::None || glued && self.quiet || part_of_word {
            return;
        }
        let (source, text) = (self.source, self.text);
        mistake_inside::inside_token(source, text, token, &mut self.findings);
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
    pub(super) fn skip_line_space(&mut self) {
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

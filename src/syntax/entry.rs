//! Tokens to the parts of a node: arguments, properties and annotations.

use super::lexer::{Token, TokenKind};
use super::mistake;
use super::mistake_word;
use super::parser::{Parser, is_value};
use super::tree::{NewEntry, Written};
use super::value::Form;

impl Parser<'_> {
    /// One argument or property, which begins at the current token. Where it is not to be kept it is
    /// read all the same.
    pub(super) fn entry(&mut self, node: u32, keep: bool) {
        let marks = self.document.marks();
        let start = self.token.start;
        let entry = if self.token.kind == TokenKind::OpenParen {
            self.annotated(start)
        } else {
            let token = self.token;
            self.bump();
            self.skip_node_space();
            if self.token.kind == TokenKind::Equals {
                let name = self.judge_name(token);
                self.property(token, name)
            } else {
                let value = self.judge_value(token);
                NewEntry { start, name_end: start, name: Form::Missing, value, annotation: None }
            }
        };
        if keep {
            self.document.push_entry(node, entry);
        } else {
            self.document.take_back(marks);
            self.last_bare = false;
        }
    }

    /// At `=`, behind the name.
    fn property(&mut self, name: Token, form: Form) -> NewEntry {
        let equals = self.take_equals(name);
        let mut annotation = None;
        let mut broken = false;
        if self.token.kind == TokenKind::OpenParen {
            (annotation, broken) = self.annotation();
            self.skip_node_space();
        }
        let value = if is_value(self.token.kind) {
            self.take_value()
        } else {
            if !broken && !self.quiet {
                let span = self.range(name.start, equals.end);
                let annotated = annotation.is_some();
                self.report(mistake::no_value(span, self.text, self.token, annotated));
            }
            self.missing()
        };
        NewEntry { start: name.start, name_end: name.end, name: form, value, annotation }
    }

    /// Takes `=`, and what people write there by mistake.
    fn take_equals(&mut self, name: Token) -> Token {
        let equals = self.token;
        self.bump();
        self.skip_node_space();
        if self.token.kind == TokenKind::Equals {
            self.report(mistake::equals_twice(self.span(self.token), self.range(name.start, name.end)));
            while self.token.kind == TokenKind::Equals {
                self.bump();
                self.skip_node_space();
            }
        }
        if self.token.kind == TokenKind::Slashdash {
            self.report(mistake::slashdash_in_property(self.span(self.token)));
            while self.token.kind == TokenKind::Slashdash {
                self.bump();
                self.skip_node_space();
            }
            self.quiet = true;
        }
        equals
    }

    /// At `(`: an annotated argument. An annotated name of a property is a mistake.
    fn annotated(&mut self, start: u32) -> NewEntry {
        let (annotation, broken) = self.annotation();
        let annotation_span = self.range(start, self.last_end);
        self.skip_node_space();
        let token = self.token;
        if !is_value(token.kind) {
            if !broken && !self.quiet {
                self.report(mistake::annotates_nothing(annotation_span, self.text, token));
                self.quiet = token.kind == TokenKind::Slashdash;
            }
            let value = self.missing();
            if token.kind == TokenKind::Slashdash {
                self.bump();
                if is_value(self.token.kind) {
                    self.bump();
                }
            }
            return NewEntry { start, name_end: start, name: Form::Missing, value, annotation };
        }
        self.bump();
        self.skip_node_space();
        if self.token.kind != TokenKind::Equals {
            let value = self.judge_value(token);
            return NewEntry { start, name_end: start, name: Form::Missing, value, annotation };
        }
        let name = self.judge_name(token);
        let mut entry = self.property(token, name);
        if !self.quiet {
            let value = self.range(entry.value.start, entry.value.start);
            self.report(mistake::annotated_name(annotation_span, value, self.text));
        }
        entry.annotation = entry.annotation.or(annotation);
        entry
    }

    /// At `(`: its place in the tree, and whether it was mistaken so that what follows may be too.
    pub(super) fn annotation(&mut self) -> (Option<u32>, bool) {
        let open = self.token;
        self.bump();
        self.skip_node_space();
        let token = self.token;
        let form = match token.kind {
            kind if is_value(kind) => {
                let form = self.judge_name(token);
                self.bump();
                self.skip_node_space();
                form
            }
            _ => Form::Missing,
        };
        let empty = form == Form::Missing;
        if self.token.kind == TokenKind::CloseParen {
            let end = self.token.end;
            if empty && !self.quiet {
                self.report(mistake::empty_annotation(self.range(open.start, end)));
            }
            self.bump();
            let name = if empty {
                Written { start: open.end, end: open.end, form: Form::Bare }
            } else {
                Written { start: token.start, end: token.end, form }
            };
            return (Some(self.document.push_annotation(open.start, end, name)), false);
        }
        if !self.quiet {
            self.report(mistake::open_annotation(self.span(open), self.text, self.token));
        }
        self.skip_annotation();
        (None, true)
    }

    /// To the `)` of a mistaken annotation, or to the end of the node.
    fn skip_annotation(&mut self) {
        let kept = self.findings.len();
        loop {
            match self.token.kind {
                TokenKind::CloseParen => {
                    self.bump();
                    break;
                }
                TokenKind::Newline | TokenKind::End | TokenKind::LineComment => break,
                TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::Semicolon => break,
                _ => self.bump(),
            }
        }
        self.findings.truncate(kept);
    }

    fn missing(&self) -> Written {
        let at = self.last_end.min(self.token.start);
        Written { start: at, end: at, form: Form::Missing }
    }

    fn take_value(&mut self) -> Written {
        let token = self.token;
        let value = self.judge_value(token);
        self.bump();
        value
    }

    /// The token as a value, with a finding where it is a mistaken one.
    fn judge_value(&mut self, token: Token) -> Written {
        let span = self.span(token);
        let written = self.slice(span);
        if let Some(finding) = mistake_word::value(span, written, token) {
            self.report_once(token, finding);
        }
        Written { start: token.start, end: token.end, form: Form::of(token.kind, written) }
    }

    /// The token as a name, with a finding where it cannot be one.
    pub(super) fn judge_name(&mut self, token: Token) -> Form {
        let span = self.span(token);
        let written = self.slice(span);
        if let Some(finding) = mistake_word::name(span, written, token) {
            self.report_once(token, finding);
        }
        match Form::of(token.kind, written) {
            Form::Number | Form::True | Form::False | Form::Null | Form::Missing => Form::Bare,
            form => form,
        }
    }

    /// A second finding about the same token would be the same mistake.
    fn report_once(&mut self, token: Token, finding: crate::diagnostic::Diagnostic) {
        if token.fault == super::lexer::Fault::None || token.kind == TokenKind::ForeignQuoted {
            self.report(finding);
        }
    }
}

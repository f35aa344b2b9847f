//! Strings to tokens: where each of them ends, and where one that is never closed was meant to.

use super::escape::escape_end;
use super::lexer::{Fault, Lexer, MAX_VAIN_SEARCHES, Scan, Token, TokenKind};
use super::multiline::{self, Problem};
use super::text::{self, CLASS, PLAIN, RAW, WORD, char_at, is_disallowed, is_newline, is_space, is_word};

/// Over how many lines a string of one line may have run by mistake. A longer one lacks its end.
const MAX_LINES_OF_STRING: usize = 40;

impl Lexer<'_> {
    pub(super) fn quoted(&mut self, start: usize) -> Scan {
        let (mut at, mut kind, mut fault) = (start + 1, TokenKind::Quoted, Fault::None);
        loop {
            while at < self.bytes.len() && CLASS[self.bytes[at] as usize] & PLAIN != 0 {
                at += 1;
            }
            match char_at(self.text, at) {
                Some('"') => return (kind, fault, at + 1),
                Some('\\') => {
                    kind = TokenKind::Escaped;
                    let (next, good) = escape_end(self.text, at);
                    at = next;
                    if !good {
                        fault = Fault::Content;
                    }
                }
                Some(c) if !is_newline(c) => {
                    if is_disallowed(c) {
                        fault = Fault::Content;
                    }
                    at += c.len_utf8();
                }
                _ => return self.unclosed_string(kind, start, at, 0),
            }
        }
    }

    /// A string that is not closed on the line that ends at `line_end`: it goes on below, or lacks its end.
    fn unclosed_string(&mut self, kind: TokenKind, start: usize, line_end: usize, hashes: usize) -> Scan {
        let glued = start > 0 && CLASS[self.bytes[start - 1] as usize] & WORD != 0;
        match self.closed_below(line_end, hashes).filter(|_| !glued) {
            Some(end) => (kind, Fault::Lines, end),
            None => (kind, Fault::Unclosed, self.without_tail(start + hashes + 1, line_end)),
        }
    }

    /// The end of a string that goes on below `from`, the end of a line: the next quote, where it can only
    /// be a closing one. Quotes come in pairs on a line without mistakes.
    fn closed_below(&mut self, from: usize, hashes: usize) -> Option<usize> {
        let rest = &self.text[from..];
        let quote = from + rest.find('"').unwrap_or(rest.len());
        self.steps += (quote - from) as u64;
        let lines = self.text[from..quote].bytes().filter(|b| *b == b'\n').count();
        if quote == self.text.len() || lines > MAX_LINES_OF_STRING {
            return None;
        }
        let (first, last) = (text::line_start(self.text, quote), text::line_end(self.text, quote));
        self.steps += (last - first) as u64;
        let quotes = self.text[quote..last].matches('"').count();
        let end = quote + 1 + hashes;
        let hashed = self.hashes_at(quote + 1, hashes) == hashes;
        let before = self.text[first..quote].trim_start().chars().next_back();
        let after = char_at(self.text, end);
        let closes = before.is_none_or(|c| !is_space(c) && c != '=') && after.is_none_or(|c| !is_word(c));
        (hashed && closes && quotes % 2 == 1).then_some(end)
    }

    /// Where a string that is never closed on its line ends: before the braces and `;` that end the line.
    fn without_tail(&self, start: usize, end: usize) -> usize {
        let cut = self.text[start..end].trim_end_matches(|c| is_space(c) || matches!(c, '{' | '}' | ';'));
        start + cut.len()
    }

    pub(super) fn raw(&mut self, start: usize, hashes: usize) -> Scan {
        let (mut at, mut fault) = (start + hashes + 1, Fault::None);
        loop {
            while at < self.bytes.len() && CLASS[self.bytes[at] as usize] & RAW != 0 {
                at += 1;
            }
            match char_at(self.text, at) {
                Some('"') => {
                    at += 1;
                    let closing = self.hashes_at(at, hashes);
                    at += closing;
                    if closing == hashes {
                        return (TokenKind::Raw, fault, at);
                    }
                }
                Some(c) if !is_newline(c) => {
                    if is_disallowed(c) {
                        fault = Fault::Content;
                    }
                    at += c.len_utf8();
                }
                _ => return self.unclosed_string(TokenKind::Raw, start, at, hashes),
            }
        }
    }

    pub(super) fn hashes_at(&self, at: usize, most: usize) -> usize {
        self.bytes[at..].iter().take(most).take_while(|b| **b == b'#').count()
    }

    pub(super) fn multi_line(&mut self, start: usize) -> Scan {
        let unclosed = (TokenKind::MultiLine, Fault::Unclosed);
        if self.vain_searches >= MAX_VAIN_SEARCHES {
            return (unclosed.0, unclosed.1, self.unclosed_end(start, self.text.len()));
        }
        let (mut at, mut fault) = (start + 3, Fault::None);
        loop {
            while at < self.bytes.len() && CLASS[self.bytes[at] as usize] & PLAIN != 0 {
                at += 1;
            }
            match char_at(self.text, at) {
                Some('"') if self.bytes[at..].starts_with(b"\"\"\"") => break,
                Some('\\') => {
                    let (next, good) = escape_end(self.text, at);
                    at = next;
                    if !good {
                        fault = Fault::Content;
                    }
                }
                Some(c) => {
                    if is_disallowed(c) {
                        fault = Fault::Content;
                    }
                    at += c.len_utf8();
                }
                None => {
                    self.vain(start, at);
                    return (unclosed.0, unclosed.1, self.unclosed_end(start, self.text.len()));
                }
            }
        }
        self.closed_multi_line(Token::scanned(TokenKind::MultiLine, fault, start, at + 3), 3)
    }

    pub(super) fn raw_multi_line(&mut self, start: usize, hashes: usize) -> Scan {
        let kind = TokenKind::RawMultiLine;
        let body = start + hashes + 3;
        if self.vain_searches >= MAX_VAIN_SEARCHES {
            return (kind, Fault::Unclosed, self.unclosed_end(start, self.text.len()));
        }
        let (mut at, mut fault, mut quotes) = (body, Fault::None, 0);
        loop {
            let Some(c) = char_at(self.text, at) else {
                self.vain(start, at);
                return (kind, Fault::Unclosed, self.unclosed_end(start, self.text.len()));
            };
            at += c.len_utf8();
            quotes = if c == '"' { quotes + 1 } else { 0 };
            if is_disallowed(c) {
                fault = Fault::Content;
            }
            if quotes >= 3 && self.byte(at) == b'#' {
                let closing = self.hashes_at(at, hashes);
                at += closing;
                if closing == hashes {
                    break;
                }
                quotes = 0;
            }
        }
        self.closed_multi_line(Token::scanned(kind, fault, start, at), hashes + 3)
    }

    /// Judges a string that has an end: is that end its own, and are its lines indented alike?
    fn closed_multi_line(&mut self, token: Token, delimiter: usize) -> Scan {
        let (start, end) = (token.start as usize, token.end as usize);
        let raw = token.kind == TokenKind::RawMultiLine;
        self.steps += 2 * (end - start) as u64;
        let judged = multiline::problem(&self.text[start..end], delimiter, raw);
        if judged == Some(Problem::TextBeforeEnd) {
            let own = self.unclosed_end(start, end);
            if own < text::line_start(self.text, end - delimiter) {
                self.vain(start, end);
                return (token.kind, Fault::Unclosed, own);
            }
        }
        let fault = if judged.is_some() { Fault::Content } else { token.fault };
        (token.kind, fault, end)
    }

    /// Where a string over several lines that is never closed ends: before the first line that is not
    /// indented deeper than the line on which it begins.
    /// Reads no line that begins at `limit` or later.
    fn unclosed_end(&mut self, start: usize, limit: usize) -> usize {
        let first = text::line_start(self.text, start);
        let indent = text::skip_spaces(self.text, first) - first;
        self.steps += (start - first) as u64;
        let mut end = text::line_end(self.text, start);
        let mut line = end + text::newline_length(self.text, end);
        while line < limit {
            let inner = text::skip_spaces(self.text, line);
            let blank = inner == self.text.len() || text::newline_length(self.text, inner) > 0;
            if !blank && inner - line <= indent {
                break;
            }
            let line_end = text::line_end(self.text, inner);
            if !blank {
                end = line_end;
            }
            line = line_end + text::newline_length(self.text, line_end);
        }
        self.steps += (line - start) as u64;
        end
    }

    /// Text in single or curly quotes: up to the closing one, or to the end of the line.
    pub(super) fn foreign(&mut self, start: usize) -> Scan {
        let kind = TokenKind::ForeignQuoted;
        let double = matches!(char_at(self.text, start), Some('\u{201C}'..='\u{201F}'));
        let closes = |c: char| match c {
            '\u{201C}'..='\u{201F}' => double,
            '\'' | '\u{2018}'..='\u{201B}' => !double,
            _ => false,
        };
        let inside = start + char_at(self.text, start).map_or(1, char::len_utf8);
        let line_end = text::line_end(self.text, start);
        let mut chars = self.text[start..line_end].char_indices().skip(1).peekable();
        while let Some((offset, c)) = chars.next() {
            if closes(c) && chars.peek().is_none_or(|(_, next)| !is_word(*next)) {
                return (kind, Fault::None, start + offset + c.len_utf8());
            }
        }
        self.steps += (line_end - start) as u64;
        (kind, Fault::Unclosed, self.without_tail(inside, line_end))
    }
}

//! Text to tokens: every byte of a file belongs to exactly one token, whatever the text holds.

use super::number;
use super::text::{
    self, CLASS, DIGIT, PLAIN, RAW, WORD, char_at, is_disallowed, is_newline, is_space, is_word,
};

/// How deep blocks and comments may nest.
pub const MAX_DEPTH: usize = 128;

/// How many searches for a missing end may read far ahead in vain. A bound keeps the cost linear.
const MAX_VAIN_SEARCHES: u8 = 8;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// The end of the text; its span is empty.
    End,
    /// One line break.
    Newline,
    /// A run of spaces and tabs.
    Space,
    /// `// …` up to the line break.
    LineComment,
    /// `/* … */`, nested ones included.
    BlockComment,
    /// The byte order mark at the very start.
    Bom,
    /// `/-`.
    Slashdash,
    /// `\` outside a string: the line goes on.
    Backslash,
    /// `;`.
    Semicolon,
    /// `=`.
    Equals,
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// `(`.
    OpenParen,
    /// `)`.
    CloseParen,
    /// A bare word.
    Bare,
    /// `"…"` whose text stands there as it is.
    Quoted,
    /// `"…"` with escapes.
    Escaped,
    /// `#"…"#`.
    Raw,
    /// `"""` over several lines.
    MultiLine,
    /// `#"""` over several lines.
    RawMultiLine,
    /// A number as written, `#inf`, `#-inf` and `#nan` included.
    Number,
    /// `#true`.
    True,
    /// `#false`.
    False,
    /// `#null`.
    Null,
    /// A mistake: a bare word that begins as a number does and is none.
    DigitWord,
    /// A mistake: `true`, `false`, `null`, `inf`, `-inf` or `nan` without its `#`.
    ReservedWord,
    /// A mistake: `#` and a word that is no keyword.
    UnknownKeyword,
    /// A mistake: text in single or curly quotes.
    ForeignQuoted,
    /// A mistake: characters that may stand nowhere.
    Disallowed,
    /// A mistake: a character that has no meaning there.
    Stray,
}

/// What is wrong inside a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing.
    None,
    /// Something in the text of a string or comment may not stand there.
    Content,
    /// It is never closed; the token ends where its author most likely meant it to.
    Unclosed,
    /// A comment that nests deeper than [`MAX_DEPTH`].
    Deep,
}

/// One token: bytes `start..end` of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// What is wrong inside it.
    pub fault: Fault,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// The tokens of a text in order, without the final [`TokenKind::End`]. Their spans tile the text.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let mut lexer = Lexer::new(text);
    std::iter::from_fn(move || Some(lexer.next()).filter(|token| token.kind != TokenKind::End))
}

/// Reads one token after the other.
pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    bytes: &'t [u8],
    pub(super) at: usize,
    /// Work done so far: bytes looked at, the vain ones included, and one for each token.
    pub(super) steps: u64,
    vain_searches: u8,
    /// Up to these bytes no closing single or double foreign quote is found.
    no_foreign_close: [usize; 2],
}

type Scan = (TokenKind, Fault, usize);

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Lexer<'t> {
        let bytes = text.as_bytes();
        Lexer { text, bytes, at: 0, steps: 0, vain_searches: 0, no_foreign_close: [0; 2] }
    }

    pub(super) fn next(&mut self) -> Token {
        let start = self.at;
        let (kind, fault, end) = self.scan(start);
        self.at = end;
        self.steps += (end - start) as u64 + 1;
        Token { kind, fault, start: start as u32, end: end as u32 }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn scan(&mut self, start: usize) -> Scan {
        use TokenKind::*;
        let Some(&byte) = self.bytes.get(start) else { return (End, Fault::None, start) };
        let single = |kind| (kind, Fault::None, start + 1);
        match byte {
            b' ' | b'\t' => self.space(start),
            b'\n' => single(Newline),
            b'{' => single(OpenBrace),
            b'}' => single(CloseBrace),
            b'(' => single(OpenParen),
            b')' => single(CloseParen),
            b';' => single(Semicolon),
            b'=' => single(Equals),
            b'\\' => single(Backslash),
            b'[' | b']' => single(Stray),
            b'"' if self.bytes[start..].starts_with(b"\"\"\"") => self.multi_line(start),
            b'"' => self.quoted(start),
            b'#' => self.hash(start),
            b'/' => match self.byte(start + 1) {
                b'-' => (Slashdash, Fault::None, start + 2),
                b'/' => self.line_comment(start),
                b'*' => self.block_comment(start),
                _ => single(Stray),
            },
            b'\'' => self.foreign(start),
            _ if CLASS[byte as usize] & WORD != 0 => self.word(start),
            _ => self.uncommon(start),
        }
    }

    /// Line breaks other than LF, spaces other than blank and tab, and everything that is not ASCII.
    fn uncommon(&mut self, start: usize) -> Scan {
        let Some(c) = char_at(self.text, start) else {
            return (TokenKind::Stray, Fault::None, start + 1);
        };
        match c {
            '\u{FEFF}' if start == 0 => (TokenKind::Bom, Fault::None, c.len_utf8()),
            _ if is_space(c) => self.space(start),
            _ if is_newline(c) => {
                (TokenKind::Newline, Fault::None, start + text::newline_length(self.text, start))
            }
            _ if is_disallowed(c) => {
                let rest = &self.text[start..];
                let length = rest.find(|c| !is_disallowed(c)).unwrap_or(rest.len());
                (TokenKind::Disallowed, Fault::None, start + length)
            }
            '\u{2018}'..='\u{201F}' => self.foreign(start),
            _ => self.word(start),
        }
    }

    fn space(&self, start: usize) -> Scan {
        let mut at = start;
        loop {
            while matches!(self.bytes.get(at), Some(b' ' | b'\t')) {
                at += 1;
            }
            match self.bytes.get(at) {
                Some(0x80..) => match char_at(self.text, at).filter(|c| is_space(*c)) {
                    Some(c) => at += c.len_utf8(),
                    None => break,
                },
                _ => break,
            }
        }
        (TokenKind::Space, Fault::None, at)
    }

    /// The end of the bare word that starts at `start`.
    fn word_end(&self, start: usize) -> usize {
        let mut at = start;
        loop {
            while at < self.bytes.len() && CLASS[self.bytes[at] as usize] & WORD != 0 {
                at += 1;
            }
            match self.bytes.get(at) {
                Some(0x80..) => match char_at(self.text, at).filter(|c| is_word(*c)) {
                    Some(c) => at += c.len_utf8(),
                    None => return at,
                },
                _ => return at,
            }
        }
    }

    fn word(&self, start: usize) -> Scan {
        let end = self.word_end(start);
        let word = &self.bytes[start..end];
        let first = word.first().copied().unwrap_or(0);
        let kind = if CLASS[first as usize] & DIGIT != 0 || matches!(first, b'+' | b'-' | b'.') {
            signed_word(word)
        } else if word.len() <= 5 && is_reserved(word) {
            TokenKind::ReservedWord
        } else {
            TokenKind::Bare
        };
        (kind, Fault::None, end)
    }

    fn quoted(&self, start: usize) -> Scan {
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
                _ => return (kind, Fault::Unclosed, self.without_tail(start + 1, at)),
            }
        }
    }

    /// Where a string that is never closed on its line ends: before the braces and `;` that end the line.
    fn without_tail(&self, start: usize, end: usize) -> usize {
        let cut = self.text[start..end].trim_end_matches(|c| is_space(c) || matches!(c, '{' | '}' | ';'));
        start + cut.len()
    }

    /// `#` begins a raw string or a keyword.
    fn hash(&mut self, start: usize) -> Scan {
        let hashes = self.bytes[start..].iter().take_while(|b| **b == b'#').count();
        let after = start + hashes;
        if self.bytes[after..].starts_with(b"\"\"\"") {
            return self.raw_multi_line(start, hashes);
        }
        if self.byte(after) == b'"' {
            return self.raw(start, hashes);
        }
        if hashes > 1 {
            return (TokenKind::Stray, Fault::None, after);
        }
        let end = self.word_end(after);
        let kind = match &self.bytes[after..end] {
            b"true" => TokenKind::True,
            b"false" => TokenKind::False,
            b"null" => TokenKind::Null,
            b"inf" | b"-inf" | b"nan" => TokenKind::Number,
            b"" => TokenKind::Stray,
            _ => TokenKind::UnknownKeyword,
        };
        (kind, Fault::None, end)
    }

    fn raw(&self, start: usize, hashes: usize) -> Scan {
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
                _ => {
                    let end = self.without_tail(start + hashes + 1, at);
                    return (TokenKind::Raw, Fault::Unclosed, end);
                }
            }
        }
    }

    fn hashes_at(&self, at: usize, most: usize) -> usize {
        self.bytes[at..].iter().take(most).take_while(|b| **b == b'#').count()
    }

    fn line_comment(&self, start: usize) -> Scan {
        let (mut at, mut fault) = (start + 2, Fault::None);
        loop {
            while at < self.bytes.len() && CLASS[self.bytes[at] as usize] & RAW != 0 {
                at += 1;
            }
            match char_at(self.text, at) {
                Some(c) if !is_newline(c) => {
                    if is_disallowed(c) {
                        fault = Fault::Content;
                    }
                    at += c.len_utf8();
                }
                _ => return (TokenKind::LineComment, fault, at),
            }
        }
    }

    fn block_comment(&mut self, start: usize) -> Scan {
        let unclosed =
            |lexer: &Lexer<'_>| (TokenKind::BlockComment, Fault::Unclosed, text::line_end(lexer.text, start));
        if self.vain_searches >= MAX_VAIN_SEARCHES {
            return unclosed(self);
        }
        let (mut at, mut depth, mut fault) = (start + 2, 1_usize, Fault::None);
        while depth > 0 {
            while at < self.bytes.len() && CLASS[self.bytes[at] as usize] & RAW != 0 {
                at += 1;
            }
            match (self.byte(at), self.byte(at + 1)) {
                (b'*', b'/') => (depth, at) = (depth - 1, at + 2),
                (b'/', b'*') => {
                    (depth, at) = (depth + 1, at + 2);
                    if depth > MAX_DEPTH {
                        fault = Fault::Deep;
                    }
                }
                _ => match char_at(self.text, at) {
                    Some(c) => {
                        if is_disallowed(c) && fault == Fault::None {
                            fault = Fault::Content;
                        }
                        at += c.len_utf8();
                    }
                    None => {
                        self.vain(start, at);
                        return unclosed(self);
                    }
                },
            }
        }
        (TokenKind::BlockComment, fault, at)
    }

    fn vain(&mut self, start: usize, end: usize) {
        self.vain_searches += 1;
        self.steps += (end - start) as u64;
    }

    fn multi_line(&mut self, start: usize) -> Scan {
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

    fn raw_multi_line(&mut self, start: usize, hashes: usize) -> Scan {
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
        let judged = super::multiline::problem(&self.text[start..end], delimiter, raw);
        if judged == Some(super::multiline::Problem::TextBeforeEnd) {
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

    /// Text in single or curly quotes: up to the closing one on the same line, else one word.
    fn foreign(&mut self, start: usize) -> Scan {
        let kind = TokenKind::ForeignQuoted;
        let double = matches!(char_at(self.text, start), Some('\u{201C}'..='\u{201F}'));
        let closes = |c: char| match c {
            '\u{201C}'..='\u{201F}' => double,
            '\'' | '\u{2018}'..='\u{201B}' => !double,
            _ => false,
        };
        let word_end = self.word_end(start);
        if start < self.no_foreign_close[usize::from(double)] {
            return (kind, Fault::Unclosed, word_end);
        }
        let line_end = text::line_end(self.text, start);
        let mut chars = self.text[start..line_end].char_indices().skip(1).peekable();
        while let Some((offset, c)) = chars.next() {
            if closes(c) && chars.peek().is_none_or(|(_, next)| !is_word(*next)) {
                return (kind, Fault::None, start + offset + c.len_utf8());
            }
        }
        self.steps += (line_end - start) as u64;
        self.no_foreign_close[usize::from(double)] = line_end;
        (kind, Fault::Unclosed, word_end)
    }
}

impl Token {
    fn scanned(kind: TokenKind, fault: Fault, start: usize, end: usize) -> Token {
        Token { kind, fault, start: start as u32, end: end as u32 }
    }
}

fn is_reserved(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null" | b"inf" | b"nan")
}

/// A word that begins with a digit, a sign or a point.
fn signed_word(word: &[u8]) -> TokenKind {
    if word == b"-inf" {
        return TokenKind::ReservedWord;
    }
    let unsigned = if matches!(word[0], b'+' | b'-') { &word[1..] } else { word };
    let after_point = unsigned.strip_prefix(b".").unwrap_or(unsigned);
    match after_point.first() {
        Some(b) if b.is_ascii_digit() && number::is_number(word) => TokenKind::Number,
        Some(b) if b.is_ascii_digit() => TokenKind::DigitWord,
        _ => TokenKind::Bare,
    }
}

/// The end of the escape that begins at the `\` at `at`, and whether KDL knows it.
pub(super) fn escape_end(text: &str, at: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' | b's') => (at + 2, true),
        Some(b'u') if bytes.get(at + 2) == Some(&b'{') => {
            let digits = bytes[at + 3..].iter().take(7).take_while(|b| b.is_ascii_hexdigit()).count();
            let end = at + 3 + digits;
            let scalar = u32::from_str_radix(&text[at + 3..end], 16).ok().and_then(char::from_u32);
            let closed = bytes.get(end) == Some(&b'}');
            (end + usize::from(closed), closed && digits <= 6 && scalar.is_some())
        }
        _ => {
            let rest = &text[at + 1..];
            let blank = rest.find(|c| !is_space(c) && !is_newline(c)).unwrap_or(rest.len());
            (at + 1 + blank, blank > 0)
        }
    }
}

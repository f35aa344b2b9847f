//! Text to tokens: every byte of a file belongs to exactly one token, whatever the text holds.

use super::number;
use super::text::{self, CLASS, DIGIT, RAW, WORD, char_at, is_disallowed, is_newline, is_space, is_word};

/// How deep blocks and comments may nest.
pub const MAX_DEPTH: usize = 128;

/// How many searches for a missing end may read far ahead in vain. A bound keeps the cost linear.
pub(super) const MAX_VAIN_SEARCHES: u8 = 8;

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
    /// A string of one line that goes on over several and is closed there.
    Lines,
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
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// Work done so far: bytes looked at, the vain ones included, and one for each token.
    pub(super) steps: u64,
    pub(super) vain_searches: u8,
}

/// What one look at the text gives: the kind, what is wrong inside, the end.
pub(super) type Scan = (TokenKind, Fault, usize);

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Lexer<'t> {
        let bytes = text.as_bytes();
        Lexer { text, bytes, at: 0, steps: 0, vain_searches: 0 }
    }

    pub(super) fn next(&mut self) -> Token {
        let start = self.at;
        let (kind, fault, end) = self.scan(start);
        self.at = end;
        self.steps += (end - start) as u64 + 1;
        Token { kind, fault, start: start as u32, end: end as u32 }
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
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
    pub(super) fn word_end(&self, start: usize) -> usize {
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
        let unclosed = |lexer: &Lexer<'_>| {
            // `systems/*.kdl` without quotes: the `/` belongs to the word.
            if start > 0 && CLASS[lexer.bytes[start - 1] as usize] & WORD != 0 {
                return (TokenKind::Stray, Fault::None, start + 1);
            }
            (TokenKind::BlockComment, Fault::Unclosed, text::line_end(lexer.text, start))
        };
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

    pub(super) fn vain(&mut self, start: usize, end: usize) {
        self.vain_searches += 1;
        self.steps += (end - start) as u64;
    }
}

impl Token {
    pub(super) fn scanned(kind: TokenKind, fault: Fault, start: usize, end: usize) -> Token {
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

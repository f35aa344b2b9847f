//! What a written value stands for: text without its quotes and escapes, numbers as they are written.

use super::escape::unescape;
use super::lexer::TokenKind;
use super::multiline;
use std::borrow::Cow;

/// A value of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value<'d> {
    /// Text, from a bare word or any kind of string.
    Text(Cow<'d, str>),
    /// A number as it is written: `12`, `-1_000.5`, `0xFF`, `#inf`, `#nan`.
    Number(&'d str),
    /// `#true` or `#false`.
    Bool(bool),
    /// `#null`.
    Null,
    /// Stands where a value is missing or unreadable; a finding has been made of it already.
    Missing,
}

/// How a name or value is written. Fits in 4 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Form {
    /// As it stands.
    Bare,
    Quoted,
    Escaped,
    Raw,
    MultiLine,
    RawMultiLine,
    /// In quotes that KDL does not know.
    Foreign,
    Number,
    True,
    False,
    Null,
    /// Nothing usable; as a name: none.
    Missing,
}

impl Form {
    pub(super) fn from_bits(bits: u32) -> Form {
        use Form::*;
        const ALL: [Form; 12] = [
            Bare,
            Quoted,
            Escaped,
            Raw,
            MultiLine,
            RawMultiLine,
            Foreign,
            Number,
            True,
            False,
            Null,
            Missing,
        ];
        ALL.get((bits & 0xF) as usize).copied().unwrap_or(Missing)
    }

    /// How a token that can be a value is written; mistakes get the form that was most likely meant.
    pub(super) fn of(kind: TokenKind, written: &str) -> Form {
        match kind {
            TokenKind::Bare => Form::Bare,
            TokenKind::DigitWord if is_like_number(written) => Form::Missing,
            TokenKind::DigitWord => Form::Bare,
            TokenKind::Quoted => Form::Quoted,
            TokenKind::Escaped => Form::Escaped,
            TokenKind::Raw => Form::Raw,
            TokenKind::MultiLine => Form::MultiLine,
            TokenKind::RawMultiLine => Form::RawMultiLine,
            TokenKind::ForeignQuoted => Form::Foreign,
            TokenKind::Number => Form::Number,
            TokenKind::True => Form::True,
            TokenKind::False => Form::False,
            TokenKind::Null => Form::Null,
            TokenKind::ReservedWord => match written {
                "true" => Form::True,
                "false" => Form::False,
                "null" => Form::Null,
                _ => Form::Missing,
            },
            TokenKind::UnknownKeyword => match written.to_ascii_lowercase().as_str() {
                "#true" => Form::True,
                "#false" => Form::False,
                "#null" => Form::Null,
                _ => Form::Missing,
            },
            _ => Form::Missing,
        }
    }

    /// The text that `written` stands for, quotes and escapes taken away.
    pub(super) fn text(self, written: &str) -> Cow<'_, str> {
        match self {
            Form::Quoted => Cow::Borrowed(inside(written, 1)),
            Form::Escaped => unescape(inside(written, 1)),
            Form::Raw => Cow::Borrowed(inside(written, hashes(written) + 1)),
            Form::MultiLine => Cow::Owned(multiline::dedent(inside(written, 3), false)),
            Form::RawMultiLine => Cow::Owned(multiline::dedent(inside(written, hashes(written) + 3), true)),
            Form::Foreign => Cow::Borrowed(inside_foreign(written)),
            _ => Cow::Borrowed(written),
        }
    }

    pub(super) fn value(self, written: &str) -> Value<'_> {
        match self {
            Form::Number => Value::Number(written),
            Form::True => Value::Bool(true),
            Form::False => Value::Bool(false),
            Form::Null => Value::Null,
            Form::Missing => Value::Missing,
            _ => Value::Text(self.text(written)),
        }
    }
}

/// Whether a word that is no number can only be meant as one: `.5`, `5.`, `1,000` or `12,`.
pub(super) fn is_like_number(word: &str) -> bool {
    let unsigned = word.trim_start_matches(['+', '-']);
    let digits = unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b'_'));
    digits && (unsigned.contains(',') || unsigned.matches('.').count() == 1)
}

fn hashes(written: &str) -> usize {
    written.bytes().take_while(|b| *b == b'#').count()
}

/// The text between delimiters of `length` bytes; the closing one may be missing.
fn inside(written: &str, length: usize) -> &str {
    let open = written.get(..length).unwrap_or(written);
    let body = written.get(length..).unwrap_or("");
    let quotes = open.trim_start_matches('#').len();
    let hashes = open.len() - quotes;
    let close = body.len().checked_sub(length).unwrap_or(body.len());
    match body.get(close..) {
        Some(end) if end.bytes().take(quotes).all(|b| b == b'"') && !end.is_empty() => {
            let hashed = end.bytes().skip(quotes).all(|b| b == b'#') && end.len() == quotes + hashes;
            if hashed { &body[..close] } else { body }
        }
        _ => body,
    }
}

fn inside_foreign(written: &str) -> &str {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201F}');
    let body = written.strip_prefix(is_quote).unwrap_or(written);
    body.strip_suffix(is_quote).unwrap_or(body)
}

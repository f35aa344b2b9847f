//! What a written value stands for: text without its quotes and escapes, numbers as they are written.

use super::lexer::{TokenKind, escape_end};
use super::multiline;
use super::text::{is_newline, is_space};
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
            TokenKind::Bare | TokenKind::DigitWord => Form::Bare,
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

/// The text of a quoted string's inside. An escape that KDL does not know stays as it stands.
pub(super) fn unescape(inside: &str) -> Cow<'_, str> {
    let Some(first) = inside.find('\\') else { return Cow::Borrowed(inside) };
    let mut out = String::with_capacity(inside.len());
    out.push_str(&inside[..first]);
    let mut at = first;
    while at < inside.len() {
        if inside.as_bytes()[at] == b'\\' {
            let (end, good) = escape_end(inside, at);
            push_escape(&mut out, &inside[at..end], good);
            at = end;
        } else {
            let rest = &inside[at..];
            let plain = rest.find('\\').unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            at += plain;
        }
    }
    Cow::Owned(out)
}

fn push_escape(out: &mut String, escape: &str, good: bool) {
    if !good {
        out.push_str(escape);
        return;
    }
    match escape.as_bytes().get(1) {
        Some(b'b') => out.push('\u{8}'),
        Some(b'f') => out.push('\u{C}'),
        Some(b'n') => out.push('\n'),
        Some(b'r') => out.push('\r'),
        Some(b't') => out.push('\t'),
        Some(b's') => out.push(' '),
        Some(b'u') => {
            let digits = escape.trim_start_matches("\\u{").trim_end_matches('}');
            out.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
        }
        _ if escape[1..].starts_with(|c| is_space(c) || is_newline(c)) => {}
        _ => out.push_str(&escape[1..]),
    }
}

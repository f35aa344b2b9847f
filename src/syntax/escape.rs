//! Escapes inside quoted strings: where each ends, and what it stands for.

use super::text::{is_newline, is_space};
use std::borrow::Cow;

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

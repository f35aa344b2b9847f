//! Strings over several lines: the indentation of the closing line is taken off every other line.

use super::escape::{escape_end, unescape};
use super::text::{is_newline, is_space, newline_length};
use std::borrow::Cow;

/// What is wrong with the layout of such a string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Problem {
    /// Text stands behind the opening quotes.
    TextAfterStart,
    /// Text stands before the closing quotes.
    TextBeforeEnd,
    /// The line at this byte of the token does not begin as the closing line does.
    Indentation(usize),
}

/// The layout problem of a whole token, its quotes included; `delimiter` is the length of each end.
pub(super) fn problem(token: &str, delimiter: usize, raw: bool) -> Option<Problem> {
    let body = token.get(delimiter..token.len().checked_sub(delimiter)?)?;
    let opening = newline_length(body, 0);
    if opening == 0 {
        return Some(Problem::TextAfterStart);
    }
    let joined = if raw { Cow::Borrowed(body) } else { join_lines(body) };
    let lines = lines(&joined[opening..]);
    let Some((last, others)) = lines.split_last() else { return Some(Problem::TextBeforeEnd) };
    if !last.chars().all(is_space) {
        return Some(Problem::TextBeforeEnd);
    }
    let fits = |line: &str| line.starts_with(last) || line.chars().all(is_space);
    let wrong = others.iter().position(|line| !fits(line))?;
    Some(Problem::Indentation(delimiter + nth_line(body, wrong + 1)))
}

/// The byte at which line `index` of the written text begins. Joined lines may shift it; it stays a
/// line's start.
fn nth_line(body: &str, index: usize) -> usize {
    let mut at = 0;
    for _ in 0..index {
        let rest = &body[at..];
        let Some(offset) = rest.find(is_newline) else { break };
        at += offset + newline_length(rest, offset);
    }
    at
}

/// The text that the body between the quotes stands for. Mistakes are taken as they stand.
pub(super) fn dedent(body: &str, raw: bool) -> String {
    let joined = if raw { Cow::Borrowed(body) } else { join_lines(body) };
    let opening = newline_length(&joined, 0);
    let lines = lines(&joined[opening..]);
    let Some((last, others)) = lines.split_last() else { return String::new() };
    let (prefix, others) = if last.chars().all(is_space) { (*last, others) } else { ("", lines.as_slice()) };
    let mut out = String::with_capacity(body.len());
    for (index, line) in others.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if !line.chars().all(is_space) {
            out.push_str(line.strip_prefix(prefix).unwrap_or(line));
        }
    }
    if raw { out } else { unescape(&out).into_owned() }
}

fn lines(text: &str) -> Vec<&str> {
    let (mut lines, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(offset) = text[at..].find(is_newline) {
        lines.push(&text[start..at + offset]);
        at += offset + newline_length(text, at + offset);
        start = at;
    }
    lines.push(&text[start..]);
    lines
}

/// Takes out every `\` that is followed by blanks or line breaks, and those; other escapes stay.
fn join_lines(body: &str) -> Cow<'_, str> {
    if !body.contains('\\') {
        return Cow::Borrowed(body);
    }
    let (mut out, mut from, mut at) = (String::with_capacity(body.len()), 0, 0);
    while let Some(offset) = body[at..].find('\\') {
        let start = at + offset;
        (at, _) = escape_end(body, start);
        if body[start + 1..at].starts_with(|c| is_space(c) || is_newline(c)) {
            out.push_str(&body[from..start]);
            from = at;
        }
    }
    out.push_str(&body[from..]);
    Cow::Owned(out)
}

//! Makes text from files safe to show: what a terminal would obey or hide is written out.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::RangeInclusive;

/// Characters that take no room, turn the direction of what follows, or end a line unseen.
/// `char::is_control` covers the rest. Combining accents are not here: they are part of words.
const HIDDEN: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff9}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a character must not be printed as it is.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || (!c.is_ascii() && HIDDEN.iter().any(|range| range.contains(&c)))
}

/// Whether no character of a text is hidden. Most texts are plain: bytes are looked at, many at once, and
/// only what is not ASCII is read as characters.
fn is_plain(text: &str) -> bool {
    let is_control = |byte: &u8| *byte < 0x20 || *byte == 0x7f;
    let any_control = |some: &[u8]| some.iter().fold(false, |any, byte| any | is_control(byte));
    if text.as_bytes().chunks(64).any(any_control) {
        return false;
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte >= 0x80) {
        let mut chars = rest[at..].chars();
        if chars.next().is_some_and(is_hidden) {
            return false;
        }
        rest = chars.as_str();
    }
    true
}

/// The text on one line: hidden characters become `\n`, `\t` or `\u{202e}`; all others stay.
pub fn line(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut shown, c));
    Cow::Owned(shown)
}

/// As [`line`], but a line break stays one: for help, which may have several lines.
pub fn lines(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Adds one character to what is shown, written out where it is hidden.
pub fn push(shown: &mut String, c: char) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        c if is_hidden(c) => {
            // Writing into a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", c as u32);
        }
        c => shown.push(c),
    }
}

/// The JSON text with hidden characters written as `\u202e`: the same value, safe to show.
pub fn json(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// The same for JSON of several lines, each of which keeps its line break.
pub fn json_lines(text: &str) -> String {
    text.split_inclusive('\n').fold(String::with_capacity(text.len()), |safe, line| {
        match line.strip_suffix('\n') {
            Some(line) => safe + &json(line) + "\n",
            None => safe + &json(line),
        }
    })
}

/// At most `limit` characters; what is cut is replaced by `mark`.
pub fn clip(text: Cow<'_, str>, limit: usize, mark: &str) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}{mark}", &text[..end]),
        None => text.into_owned(),
    }
}

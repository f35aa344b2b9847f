//! Which characters may stand where: the tables of KDL 2 for single bytes, and the same for characters.

/// May stand in a bare word (ASCII only).
pub(super) const WORD: u8 = 1;
/// Needs no second look inside a quoted string.
pub(super) const PLAIN: u8 = 2;
/// Needs no second look inside a raw string or a comment.
pub(super) const RAW: u8 = 4;
/// A decimal digit.
pub(super) const DIGIT: u8 = 8;

/// What each byte may be. Lead bytes of characters that need a look (`C2`, `E1`, `E2`, `E3`, `EF`)
/// are not plain.
pub(super) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        let control = b < 0x20 && b != b'\t' || b == 0x7F;
        let looked_at = matches!(b, 0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF);
        let mut class = 0;
        if !control && !looked_at && !matches!(b, b'"' | b'\\') {
            class |= PLAIN;
        }
        if !control && !looked_at && !matches!(b, b'"' | b'*' | b'/') {
            class |= RAW;
        }
        let structural = matches!(
            b,
            b'\\' | b'/' | b'(' | b')' | b'{' | b'}' | b';' | b'[' | b']' | b'"' | b'#' | b'=' | b' ' | b'\t'
        );
        if !control && !structural && !looked_at {
            class |= WORD;
        }
        if b.is_ascii_digit() {
            class |= DIGIT;
        }
        table[byte] = class;
        byte += 1;
    }
    table
}

/// A character that ends a line. CR LF counts as one line break where it stands together.
pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{0B}' | '\u{0C}' | '\u{2028}' | '\u{2029}')
}

/// A character that separates and does not end the line.
pub(super) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// A character that may stand nowhere in a file: control characters, direction marks, a byte order mark
/// that is not the first character.
pub(super) fn is_disallowed(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}' | '\u{0E}'..='\u{1F}' | '\u{7F}' | '\u{200E}' | '\u{200F}' | '\u{202A}'
            ..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// A character that may stand in a bare word.
pub(super) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return CLASS[c as usize] & WORD != 0;
    }
    !is_space(c) && !is_newline(c) && !is_disallowed(c)
}

/// The character that starts at a byte; `None` at the end of the text or inside a character.
pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The bytes of the line break that starts at `at`: 0 where there is none.
pub(super) fn newline_length(text: &str, at: usize) -> usize {
    match char_at(text, at) {
        Some('\r') if text.as_bytes().get(at + 1) == Some(&b'\n') => 2,
        Some(c) if is_newline(c) => c.len_utf8(),
        _ => 0,
    }
}

/// The first byte from `at` on that is not a space.
pub(super) fn skip_spaces(text: &str, at: usize) -> usize {
    let mut at = at;
    while let Some(c) = char_at(text, at).filter(|c| is_space(*c)) {
        at += c.len_utf8();
    }
    at
}

/// The end of the line that `at` stands on, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(is_newline).map_or(text.len(), |offset| at + offset)
}

/// The start of the line that `at` stands on.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text[..at].char_indices().rev().find(|(_, c)| is_newline(*c));
    before.map_or(0, |(index, c)| index + c.len_utf8())
}

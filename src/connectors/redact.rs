//! Server text made fit for messages: one line, no control characters, none of the session's secrets.

use crate::world::Secret;

/// Longest quotation of a server, in characters.
const LONGEST: usize = 500;

/// What stands where a secret stood.
const HIDDEN: &str = "(hidden)";

/// The secrets of one session, in every spelling under which a server may echo them.
#[derive(Default, Clone)]
pub(crate) struct Redactor {
    spellings: Vec<String>,
}

impl Redactor {
    /// Hides a secret from now on: as it is, URL-encoded, in JSON, in hex, and in base64 at any offset.
    pub(crate) fn hide(&mut self, secret: &Secret) {
        let plain = secret.reveal().trim();
        if plain.is_empty() {
            return;
        }
        let quoted = serde_json::to_string(plain).unwrap_or_default();
        self.spellings.push(plain.to_owned());
        self.spellings.push(quoted.trim_matches('"').to_owned());
        let hex: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.spellings.extend([hex.to_uppercase(), hex]);
        for upper in [true, false] {
            self.spellings.push(percent(plain, upper, false));
            self.spellings.push(percent(plain, upper, true));
        }
        for url_safe in [false, true] {
            self.spellings.extend((0..3).filter_map(|offset| inner_base64(plain, offset, url_safe)));
            self.spellings.push(base64(plain.as_bytes(), url_safe));
        }
        // The longest first, so that no shorter spelling leaves a tail of a longer one behind.
        self.spellings.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.spellings.dedup();
    }

    /// A text of a server, fit for a message.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), HIDDEN);
            }
        }
        one_line(&text)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} spellings)", self.spellings.len())
    }
}

/// One line of at most 500 characters: white space folded, control and direction marks escaped.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        for letter in word.chars() {
            if length >= LONGEST {
                line.push('…');
                return line;
            }
            if letter.is_control() || is_mark(letter) {
                line.extend(letter.escape_unicode());
            } else {
                line.push(letter);
            }
            length += 1;
        }
    }
    line
}

/// Marks that change how the text around them is shown.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn percent(text: &str, upper: bool, plus: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' if plus => out.push('+'),
            _ if upper => out.push_str(&format!("%{byte:02X}")),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

/// The letters that base64 of any text with `plain` at this offset (modulo 3) has for certain; `None`
/// where they are too few to mean anything.
fn inner_base64(plain: &str, offset: usize, url_safe: bool) -> Option<String> {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(plain.as_bytes());
    // Only whole groups of three bytes after the foreign start are certain.
    let start = if offset == 0 { 0 } else { 4 };
    let end = bytes.len() / 3 * 4;
    let encoded = base64(&bytes, url_safe);
    encoded.get(start..end).filter(|inner| inner.len() >= 4).map(str::to_owned)
}

/// Base64 without padding.
pub(crate) fn base64(bytes: &[u8], url_safe: bool) -> String {
    let last_two: [u8; 2] = if url_safe { *b"-_" } else { *b"+/" };
    let letter = |six: u32| match six as u8 {
        n @ 0..=25 => b'A' + n,
        n @ 26..=51 => b'a' + n - 26,
        n @ 52..=61 => b'0' + n - 52,
        n => last_two[usize::from(n - 62)],
    };
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let joined = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..=group.len() {
            out.push(char::from(letter((joined >> (18 - 6 * at)) & 63)));
        }
    }
    out
}

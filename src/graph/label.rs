//! Texts of a picture: cut and folded to what can be looked at, without characters that do harm there.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest row of text, in columns.
const WIDEST: usize = 34;
/// The longest, in bytes: more than any script needs for so many columns.
const LONGEST: usize = 8 * WIDEST;

/// How wide a text is, in columns.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text as one row; what is too long ends in `…`.
pub fn cut(text: &str) -> String {
    let text: String = text.chars().map(harmless).collect();
    if width(&text) <= WIDEST && text.len() <= LONGEST {
        return text;
    }
    let mut kept = String::new();
    let mut columns = 1;
    for letter in text.chars() {
        columns += letter.width().unwrap_or(0);
        // Marks that take no room of their own could follow each other without end.
        if columns > WIDEST || kept.len() > LONGEST {
            break;
        }
        kept.push(letter);
    }
    kept + "…"
}

/// A text in as many rows as it needs, broken at spaces.
pub fn fold(text: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace().map(cut) {
        match rows.last_mut() {
            Some(row) if width(row) + 1 + width(&word) <= WIDEST => {
                row.push(' ');
                row.push_str(&word);
            }
            _ => rows.push(word),
        }
    }
    rows
}

/// Control characters, marks that change the direction of text, and what XML refuses, become one sign.
fn harmless(letter: char) -> char {
    match letter {
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            '\u{fffd}'
        }
        '\u{fffe}' | '\u{ffff}' | '\u{61c}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    }
}

/// Text in marked-up text: HTML, XML, and labels of Graphviz in `<…>`.
pub fn marked_up(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

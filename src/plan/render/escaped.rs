//! Text from outside inside Markdown: nothing in it is a mark, a link, a mention or a cell's border.

use crate::diagnostic::escape;

/// A name or code longer than this many characters is cut.
const LONGEST_NAME: usize = 60;
/// A sentence longer than this many characters is cut.
const LONGEST_SENTENCE: usize = 200;

/// A name as code. Where a mark of code stands in it, or the border of a table, tags take their place.
pub(super) fn code(name: &str) -> String {
    let name = escape::clip(escape::line(name), LONGEST_NAME, "…");
    if name.contains(['`', '|']) || name.trim() != name || name.is_empty() {
        return format!("<code>{}</code>", entities(&name));
    }
    format!("`{name}`")
}

/// A sentence, whatever names stand in it. What it puts between backticks is shown as code.
pub(super) fn prose(text: &str) -> String {
    let text = escape::clip(escape::line(text), LONGEST_SENTENCE, "…");
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is part of some name, and then nobody can tell which one is not.
    if parts.len().is_multiple_of(2) {
        return entities(&text);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 1 { code(part) } else { entities(part) };
    parts.iter().enumerate().map(part).collect()
}

/// The text with every sign that Markdown or HTML may take for a mark as a character reference. References
/// are resolved before GitHub looks for addresses, people, issues and faces, so these are broken up by a tag
/// that shows nothing.
fn entities(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        let next = signs.peek().copied().unwrap_or(' ');
        let after = |word: &str| {
            safe.len() >= word.len() && {
                let end = &safe.as_bytes()[safe.len() - word.len()..];
                end.eq_ignore_ascii_case(word.as_bytes())
            }
        };
        match c {
            '@' | '#' => safe.push_str(&format!("<b></b>&#{};<b></b>", c as u32)),
            '-' if after("gh") => safe.push_str("<b></b>-"),
            '.' if after("www") => safe.push_str("<b></b>."),
            ':' if next.is_alphabetic() || "/+-".contains(next) => safe.push_str("<b></b>:<b></b>"),
            // Between words these are what they are, and no line begins with a text from outside.
            ' ' | ',' | '.' | ':' | ';' | '%' | '(' | ')' | '/' | '\'' | '"' | '?' | '=' | '-' => {
                safe.push(c)
            }
            c if c.is_ascii_punctuation() => safe.push_str(&format!("&#{};", c as u32)),
            c => safe.push(c),
        }
    }
    safe
}

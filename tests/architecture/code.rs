//! Reads a Rust file well enough to know its uses: tokens without comments and strings, then paths.

use std::path::Path;

/// What one file uses and does.
pub struct Code {
    /// `src/check/mod.rs`.
    pub path: String,
    /// `["check"]`; the library's root is empty, the binary is `["main"]`.
    pub module: Vec<String>,
    /// Uses of our own code, from the crate's root on.
    pub uses: Vec<Use>,
    /// Lines with `super::super`.
    pub climbs: Vec<usize>,
    /// First segments of paths that may be outside crates, with their lines.
    pub outside: Vec<(String, usize)>,
    /// What prints, with its line.
    pub prints: Vec<(String, usize)>,
    /// What stands in for code, with its line.
    pub stubs: Vec<(String, usize)>,
}

/// A use of our own code: its path from the crate's root on, and its line.
pub struct Use {
    pub path: Vec<String>,
    pub line: usize,
}

#[derive(Clone, PartialEq, Debug)]
struct Token {
    text: String,
    line: usize,
}

impl Code {
    /// Reads a file at its path relative to the crate.
    pub fn read(path: &Path, text: &str) -> Code {
        let tokens = tokens(text);
        let module = module_of(path);
        let mut code = Code {
            path: path.to_string_lossy().replace('\\', "/"),
            module,
            uses: Vec::new(),
            climbs: Vec::new(),
            outside: Vec::new(),
            prints: Vec::new(),
            stubs: Vec::new(),
        };
        code.walk(&tokens);
        code
    }

    fn walk(&mut self, tokens: &[Token]) {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        // Modules written inside this file, each with the depth of braces at which it ends.
        let mut inner: Vec<(String, usize)> = Vec::new();
        let mut depth = 0;
        let mut skip = 0;
        for (at, token) in tokens.iter().enumerate() {
            if at < skip {
                continue;
            }
            let before = if at == 0 { "" } else { text(at - 1) };
            match token.text.as_str() {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    inner.retain(|(_, end)| *end < depth + 1);
                }
                "mod" if text(at + 2) == "{" => inner.push((text(at + 1).to_owned(), depth + 1)),
                _ => {}
            }
            self.word(&token.text, [text(at + 1), text(at + 2)], token.line);
            // Inside a path, or a method.
            if before == "." || before == "::" && at >= 2 && is_name(text(at - 2)) {
                continue;
            }
            let mut here = self.module.clone();
            here.extend(inner.iter().map(|(name, _)| name.clone()));
            skip = self.path_at(tokens, at, &here);
        }
    }

    /// What a single word does: prints, or stands in for code.
    fn word(&mut self, word: &str, [next, after]: [&str; 2], line: usize) {
        let printing = matches!(word, "print" | "println" | "eprint" | "eprintln" | "dbg");
        if printing && next == "!" {
            self.prints.push((format!("{word}!"), line));
        }
        // With an argument it is a child's, which goes where its parent says.
        if matches!(word, "stdout" | "stderr") && next == "(" && after == ")" {
            self.prints.push((format!("{word}()"), line));
        }
        if matches!(word, "todo" | "unimplemented") && next == "!" {
            self.stubs.push((format!("{word}!"), line));
        }
    }

    /// A path that begins at this token, if one does; the token at which to go on.
    fn path_at(&mut self, tokens: &[Token], at: usize, here: &[String]) -> usize {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let first = text(at);
        let in_use = at > 0 && text(at - 1) == "use";
        if text(at + 1) != "::" {
            if in_use && is_name(first) {
                self.outside.push((first.to_owned(), tokens[at].line));
            }
            return at + 1;
        }
        let mut rest = at + 2;
        let base = match first {
            "crate" => Vec::new(),
            // The binary sees the library from outside.
            "onhand" if self.module == ["main"] => Vec::new(),
            "super" => here[..here.len().saturating_sub(1)].to_vec(),
            "self" => here.to_vec(),
            name if is_name(name) => {
                self.outside.push((name.to_owned(), tokens[at].line));
                if in_use {
                    // What the tree names lies in that crate.
                    let own = self.uses.len();
                    self.tree(tokens, &mut rest, Vec::new());
                    self.uses.truncate(own);
                }
                return rest;
            }
            _ => return at + 1,
        };
        self.tree(tokens, &mut rest, base);
        rest
    }

    /// The paths of a tree `a::{b, c::d}` that begins at this token, below `base`.
    fn tree(&mut self, tokens: &[Token], at: &mut usize, mut base: Vec<String>) {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let line = tokens.get(*at).map_or(0, |token| token.line);
        loop {
            match text(*at) {
                "{" => {
                    *at += 1;
                    while *at < tokens.len() && text(*at) != "}" {
                        self.tree(tokens, at, base.clone());
                        // What stands behind a branch: `as name`, a comma.
                        while *at < tokens.len() && !matches!(text(*at), "," | "}") {
                            *at += 1;
                        }
                        *at += usize::from(text(*at) == ",");
                    }
                    *at += 1;
                    return;
                }
                "super" => {
                    self.climbs.push(line);
                    base.pop();
                }
                "self" => {}
                name if is_name(name) => base.push(name.to_owned()),
                _ => break,
            }
            *at += 1;
            if text(*at) != "::" {
                break;
            }
            *at += 1;
        }
        self.uses.push(Use { path: base, line });
    }
}

fn module_of(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix("src").expect("a file of src").with_extension("");
    let mut module: Vec<_> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The tokens of a file: names, `::` and single signs; comments and texts are left out.
fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let start = at;
        at = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => end_of_line(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => end_of_comment(bytes, at),
            b'"' => end_of_text(bytes, at + 1),
            b'r' | b'b' | b'c' if prefixed(bytes, at).is_some() => prefixed(bytes, at).unwrap_or(at + 1),
            b'\'' => end_of_char(text, at),
            b':' if bytes.get(at + 1) == Some(&b':') => at + 2,
            c if c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80 => end_of_name(bytes, at),
            _ => at + 1,
        };
        let piece = text.get(start..at).unwrap_or("");
        let first = bytes[start];
        let silent = piece.starts_with("//") || piece.starts_with("/*") || piece.contains('"');
        if !silent && first != b'\'' && !first.is_ascii_whitespace() {
            tokens.push(Token { text: piece.to_owned(), line });
        }
        line += piece.matches('\n').count();
    }
    tokens
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |length| at + length)
}

fn end_of_comment(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 2),
            (b'*', Some(b'/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The end of a text with a prefix: `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"`.
fn prefixed(bytes: &[u8], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    if before.is_ascii_alphanumeric() || before == b'_' {
        return None;
    }
    let mut at = start;
    while matches!(bytes.get(at), Some(b'r' | b'b' | b'c')) && at - start < 2 {
        at += 1;
    }
    let raw = bytes[start..at].contains(&b'r');
    let hashes = bytes[at..].iter().take_while(|b| **b == b'#').count();
    if bytes.get(at + hashes) != Some(&b'"') || (hashes > 0 && !raw) {
        return None;
    }
    if !raw {
        return Some(end_of_text(bytes, at + 1));
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let body = at + hashes + 1;
    let found = bytes[body..].windows(close.len()).position(|window| window == close.as_bytes());
    Some(found.map_or(bytes.len(), |length| body + length + close.len()))
}

/// The end of `'x'`; of a lifetime's tick alone.
fn end_of_char(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    if let Some(escape) = rest.strip_prefix('\\') {
        let close = escape.char_indices().skip(1).find(|(_, c)| *c == '\'');
        return close.map_or(text.len(), |(length, _)| at + 2 + length + 1);
    }
    let mut chars = rest.char_indices();
    chars.next();
    match chars.next() {
        Some((length, '\'')) => at + 1 + length + 1,
        _ => at + 1,
    }
}

fn end_of_name(bytes: &[u8], at: usize) -> usize {
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
    at + bytes[at..].iter().take_while(|b| part(b)).count()
}

#[test]
fn uses_are_read_from_code_alone() {
    let text = "//! crate::no::comment\nuse crate::a::{self, b as c, d::{E, *}};\nuse super::x;\n\
        /* crate::no /* nested */ crate::no */ const T: &str = \"crate::no \\\" crate::no\";\n\
        const R: &str = r#\"crate::no \" \"#; const C: char = '\"'; fn f<'a>(x: &'a crate::g::H) {}\n\
        mod tests { use super::*; use super::super::y; fn t() { crate::k::l(); super::m(); } }\n\
        fn z() { use o::{p::q, r}; super::n(); csv::Reader; self::csv::Own; ::serde::De; x.y::<jiff::Z>(); println!() }\n";
    let code = Code::read(Path::new("src/check/rules/one.rs"), text);
    let paths: Vec<_> =
        code.uses.iter().map(|used| format!("{}:{}", used.line, used.path.join("::"))).collect();
    let expected = [
        "2:a",
        "2:a::b",
        "2:a::d::E",
        "2:a::d",
        "3:check::rules::x",
        "5:g::H",
        "6:check::rules::one",
        "6:check::rules::y",
        "6:k::l",
        "6:check::rules::one::m",
        "7:check::rules::n",
        "7:check::rules::one::csv::Own",
    ];
    assert_eq!(paths, expected);
    assert_eq!(code.climbs, [6]);
    let outside: Vec<_> = code.outside.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(outside, ["o", "csv", "serde", "jiff"]);
    assert_eq!(code.prints, [("println!".to_owned(), 7)]);
}

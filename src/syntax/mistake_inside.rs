//! The mistakes inside strings and comments, in words.

use super::escape::escape_end;
use super::lexer::{Fault, MAX_DEPTH, Token, TokenKind};
use super::mistake::{Findings, disallowed, part, shown, syntax};
use super::multiline::{self, Problem};
use super::text::{is_disallowed, is_newline};
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};

/// What is wrong inside a string or comment.
pub(super) fn inside_token(source: SourceId, text: &str, token: Token, findings: &mut Findings) {
    let span = Span { source, start: token.start, end: token.end };
    let written = &text[token.start as usize..token.end as usize];
    match (token.fault, token.kind) {
        (Fault::None, _) | (_, TokenKind::ForeignQuoted) => {}
        (Fault::Deep, _) => findings.push(
            syntax(part(span, 0, 2), format!("comments nest more than {MAX_DEPTH} deep here"))
                .here("the outermost comment")
                .help("Every `/*` inside a comment needs its own `*/`. Take out the inner ones."),
        ),
        (Fault::Unclosed, TokenKind::BlockComment) => findings.push(
            syntax(part(span, 0, 2), "this comment is never closed")
                .here("opens here")
                .help("Close it with `*/`. Comments nest: each `/*` inside needs its own `*/`."),
        ),
        (Fault::Lines, _) => findings.push(string_over_lines(span, written)),
        (Fault::Unclosed, kind) => findings.push(unclosed_string(span, written, kind)),
        (Fault::Content, kind) => inside_closed(span, written, kind, findings),
    }
}

fn string_over_lines(span: Span, written: &str) -> Diagnostic {
    let hashes = written.bytes().take_while(|b| *b == b'#').count();
    let end = written.len();
    syntax(part(span, 0, hashes + 1), "text in `\"` goes on over several lines")
        .here("opens here")
        .label(part(span, end - hashes - 1, end), "closes here, on another line")
        .help(
            "Text over several lines opens with `\"\"\"` at the end of a line and closes with \
            `\"\"\"` on a line of its own.",
        )
}

fn unclosed_string(span: Span, written: &str, kind: TokenKind) -> Diagnostic {
    let hashes = written.bytes().take_while(|b| *b == b'#').count();
    let multi = matches!(kind, TokenKind::MultiLine | TokenKind::RawMultiLine);
    let quotes = if multi { "\"\"\"" } else { "\"" };
    let open = part(span, 0, hashes + quotes.len());
    let close = format!("{quotes}{}", "#".repeat(hashes.min(8)));
    if multi {
        return syntax(open, "this text over several lines is never closed")
            .here("opens here")
            .help(format!("Put {} on a line of its own behind the last line of the text.", shown(&close)));
    }
    let help = if written.ends_with('\u{201D}') {
        "The closing quote is a curly one, which KDL takes for text. Write a straight `\"`.".to_owned()
    } else {
        format!(
            "Put {} where the text ends. Text over several lines stands between lines of `\"\"\"`.",
            shown(&close)
        )
    };
    syntax(span, "this text is not closed on its line").here("opens here").help(help)
}

/// The mistakes in a string or comment that has its end.
fn inside_closed(span: Span, written: &str, kind: TokenKind, findings: &mut Findings) {
    let hashes = written.bytes().take_while(|b| *b == b'#').count();
    let raw = kind == TokenKind::RawMultiLine;
    let layout = match kind {
        TokenKind::MultiLine | TokenKind::RawMultiLine => multiline::problem(written, hashes + 3, raw),
        _ => None,
    };
    if let Some(problem) = layout {
        findings.push(multi_line_layout(span, written, hashes + 3, problem));
    }
    let escapes = matches!(kind, TokenKind::Escaped | TokenKind::MultiLine);
    let mut at = 0;
    while let Some(c) = written[at..].chars().next() {
        let mut end = at + c.len_utf8();
        if c == '\\' && escapes {
            let (next, good) = escape_end(written, at);
            end = next;
            if !good {
                findings.push(bad_escape(span, written, at, end));
            }
        } else if is_disallowed(c) {
            let rest = &written[at..];
            end = at + rest.find(|c| !is_disallowed(c)).unwrap_or(rest.len());
            findings.push(disallowed(part(span, at, end), &written[at..end]));
        }
        at = end;
    }
}

fn multi_line_layout(span: Span, written: &str, delimiter: usize, problem: Problem) -> Diagnostic {
    let end = written.len();
    match problem {
        Problem::TextAfterStart => {
            let line = written.find(is_newline).unwrap_or(end);
            if line < end && written[delimiter..line].trim().is_empty() {
                let spaces = part(span, delimiter, line);
                return syntax(spaces, "spaces stand behind the opening `\"\"\"`")
                    .here("nothing may stand here")
                    .help("The text begins on the line after `\"\"\"`. Delete the spaces.")
                    .fix("delete the spaces", spaces, "");
            }
            syntax(part(span, 0, delimiter), "text stands on the line of the opening `\"\"\"`")
                .here("the line must end behind this")
                .help(
                    "Begin the text on the next line, or put single quotes of the kind `\"` around \
                    text on one line.",
                )
        }
        Problem::TextBeforeEnd => {
            syntax(part(span, end - delimiter, end), "text stands before the closing `\"\"\"`")
                .here("must stand on a line of its own")
                .label(part(span, 0, delimiter), "the text opens here")
                .help(
                    "Move the closing `\"\"\"` to the next line; its indentation is taken off every \
                    line of the text.",
                )
        }
        Problem::Indentation(at) => {
            let line = written[at..].find(is_newline).unwrap_or(end - at);
            syntax(part(span, at, at + line), "this line is not indented as the closing `\"\"\"` is")
                .here("must begin with the same spaces")
                .label(part(span, end - delimiter, end), "its indentation is taken off every line")
                .help(
                    "Indent the line with the same tabs and spaces as the closing line, or move the \
                    closing line to the left.",
                )
        }
    }
}

fn bad_escape(span: Span, written: &str, start: usize, end: usize) -> Diagnostic {
    let next = written[start + 1..].chars().next();
    let end = if end == start + 1 { end + next.map_or(0, char::len_utf8) } else { end };
    let here = part(span, start, end);
    let escape = &written[start..end];
    if next == Some('/') {
        return syntax(here, "`\\/` is not an escape in KDL 2")
            .here("write `/`")
            .help("A `/` inside quotes needs no `\\`.")
            .fix("take out the `\\`", here, "/");
    }
    if next == Some('u') {
        return syntax(here, format!("{} names no character", shown(escape))).here("not a character").help(
            "Write `\\u{…}` with 1 to 6 hexadecimal digits between the braces, at most 10FFFF and \
                not D800 to DFFF.",
        );
    }
    syntax(here, format!("{} is not an escape", shown(escape)))
        .here("unknown escape")
        .help(
            "The escapes are `\\n` `\\r` `\\t` `\\s` `\\b` `\\f` `\\\"` `\\\\` and `\\u{…}`. For a \
            `\\` in the text write `\\\\`.",
        )
        .fix("write the `\\` twice", here, format!("\\{escape}"))
}

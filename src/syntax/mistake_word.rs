//! The mistakes in single words and values, in words.

use super::lexer::{Fault, Token, TokenKind};
use super::mistake::{part, quoted, shown, syntax};
use super::number;
use super::value::is_like_number;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A bare word that begins as a number does and is none.
fn digit_word(span: Span, written: &str) -> Diagnostic {
    let unsigned = written.trim_start_matches(['+', '-']);
    if let Some(fraction) = unsigned.strip_prefix('.')
        && number::is_number(fraction.as_bytes())
    {
        let at = part(span, written.len() - unsigned.len(), written.len() - unsigned.len());
        return syntax(span, format!("{} lacks the digit before its point", shown(written)))
            .here("not a number in KDL")
            .help("Write the 0: a number begins with a digit. If it is a name or code, put it in quotes.")
            .fix("write the 0", at, "0");
    }
    if let Some(bare) = written.strip_suffix(',')
        && number::is_number(bare.as_bytes())
    {
        let comma = part(span, bare.len(), written.len());
        return syntax(comma, format!("a comma behind the number {}", shown(bare)))
            .here("KDL separates by spaces")
            .help("Values are separated by spaces alone. Delete the comma.")
            .fix("delete the comma", comma, "");
    }
    let finding = syntax(span, format!("{} begins like a number and is none", shown(written)));
    if is_like_number(written) {
        return finding.here("neither a number nor a word").help(
            "A number has `.` before its decimals, digits on both sides of it, and `_` or nothing \
                between thousands. If it is a name or code, put it in quotes.",
        );
    }
    finding
        .here("a word that begins with a digit needs quotes")
        .help(
            "KDL reads what begins with a digit as a number. Names, codes, dates and amounts with a \
            unit stand in quotes.",
        )
        .fix("put it in quotes", span, quoted(written))
}

fn foreign(span: Span, written: &str, token: Token) -> Diagnostic {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201F}');
    let kind = if written.starts_with('\'') { "single" } else { "curly" };
    let finding = syntax(span, format!("{kind} quotes around text, or the first of them"))
        .here("not a quote in KDL")
        .help(
            "KDL knows the straight double quote `\"` alone; other quotes would become part of the \
            text. To keep one in the text, put `\"` around the whole.",
        );
    if token.fault == Fault::Unclosed {
        return finding;
    }
    let inside = written.strip_prefix(is_quote).unwrap_or(written);
    let inside = inside.strip_suffix(is_quote).unwrap_or(inside);
    finding.fix("use straight double quotes", span, quoted(inside))
}

fn unknown_keyword(span: Span, written: &str) -> Diagnostic {
    const KEYWORDS: [&str; 6] = ["#true", "#false", "#null", "#inf", "#-inf", "#nan"];
    let finding = syntax(span, format!("{} is no keyword", shown(written))).here("unknown keyword");
    let lower = written.to_ascii_lowercase();
    if let Some(meant) = KEYWORDS.iter().find(|keyword| **keyword == lower) {
        return finding.help(format!("Keywords are written in small letters: `{meant}`.")).fix(
            format!("write `{meant}`"),
            span,
            *meant,
        );
    }
    finding.help(
        "After `#` stands `true`, `false`, `null`, `inf`, `-inf` or `nan`, or a raw string. A \
        comment begins with `//`; text with a `#` in it stands in quotes.",
    )
}

/// The finding about a token that stands as a value; none where it is a good one.
pub(super) fn value(span: Span, written: &str, token: Token) -> Option<Diagnostic> {
    match token.kind {
        TokenKind::DigitWord => Some(digit_word(span, written)),
        TokenKind::ForeignQuoted => Some(foreign(span, written, token)),
        TokenKind::UnknownKeyword => Some(unknown_keyword(span, written)),
        TokenKind::ReservedWord => Some(
            syntax(span, format!("{} without its `#`", shown(written)))
                .here(format!("write `#{written}`"))
                .help(format!("KDL 2 writes it `#{written}`. If a word is meant, put it in quotes."))
                .fix(format!("write `#{written}`"), span, format!("#{written}")),
        ),
        _ => None,
    }
}

/// The finding about a token that stands as a name; none where it is a good one.
pub(super) fn name(span: Span, written: &str, token: Token) -> Option<Diagnostic> {
    let quote = |what: &str| {
        syntax(span, format!("{} {what} and stands where a name belongs", shown(written)))
            .here("a name is a word or quoted text")
            .help(
                "Names of nodes, properties and annotations are text. Put it in quotes if this is the \
                    name.",
            )
            .fix("put it in quotes", span, quoted(written))
    };
    match token.kind {
        TokenKind::Number => Some(quote("is a number")),
        TokenKind::True | TokenKind::False | TokenKind::Null => {
            // Whether the word or another name is meant cannot be known.
            Some(Diagnostic { fix: None, ..quote("is a value") })
        }
        TokenKind::ReservedWord => Some(quote("is a reserved word")),
        TokenKind::DigitWord => Some(digit_word(span, written)),
        TokenKind::ForeignQuoted => Some(foreign(span, written, token)),
        TokenKind::UnknownKeyword => Some(unknown_keyword(span, written)),
        _ => None,
    }
}

/// A bare word that goes on with a character that no bare word may hold.
pub(super) fn run_on(span: Span, text: &str, token: Token) -> Diagnostic {
    let written = &text[span.start as usize..span.end as usize];
    let raw = matches!(token.kind, TokenKind::Raw | TokenKind::RawMultiLine);
    let word = &text[span.start as usize..token.start as usize];
    if word == "r" && (raw || token.kind == TokenKind::Quoted || token.kind == TokenKind::Escaped) {
        let finding = syntax(span, "a raw string as KDL 1 writes it")
            .here("without the `r` in KDL 2")
            .help("KDL 2 writes raw strings `#\"…\"#`.");
        let body = &text[token.start as usize..span.end as usize];
        let fixed = if raw { body.to_owned() } else { format!("#{body}#") };
        return finding.fix("write it as KDL 2 does", span, fixed);
    }
    if written.starts_with("*/") {
        return syntax(span, "`*/` without its `/*`").here("closes no comment").help(
            "The comment ended above, or never began. Delete it, or put `/*` where the comment begins.",
        );
    }
    let c = text[token.start as usize..].chars().next().unwrap_or(' ');
    let finding = syntax(span, format!("`{c}` inside the word {}, which has no quotes", shown(written)))
        .here("a word with this character needs quotes")
        .help(
            "A bare word holds none of `\\ / ( ) { } ; [ ] \" # =` and no spaces. Put the whole text \
            in quotes.",
        );
    if matches!(c, '/' | '\\' | '#' | '[' | ']') && !written.contains(['"', '(', ')', '=']) {
        return finding.fix("put it in quotes", span, quoted(written));
    }
    finding
}

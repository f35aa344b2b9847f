//! Every mistake that a text can hold, in words: what was found, why it cannot stand, what to do.

use super::lexer::{Fault, MAX_DEPTH, Token, TokenKind, escape_end};
use super::multiline::{self, Problem};
use super::text::{is_disallowed, is_word};
use super::{MAX_BYTES, MAX_FINDINGS, number};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::SYNTAX;
use crate::source::Span;

/// The findings of one file, at most [`MAX_FINDINGS`] of them.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    left_out: usize,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Diagnostic) {
        if self.list.len() < MAX_FINDINGS { self.list.push(finding) } else { self.left_out += 1 }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.list.truncate(length);
    }

    /// In the order of the text; one more says how many were left out.
    pub(super) fn finish(mut self, end: Span) -> Vec<Diagnostic> {
        self.list.sort_by_key(|finding| (finding.primary.span.start, finding.primary.span.end));
        if self.left_out > 0 {
            let message = format!("{} more mistakes of this file are not shown", self.left_out);
            let last = self.list.last().map_or(end, |finding| finding.primary.span);
            let shown = format!("the last one shown of {MAX_FINDINGS}");
            let help = "Mend those that are shown and check again. Is this a KDL file at all?";
            self.list.push(syntax(last, message).here(shown).help(help));
        }
        self.list
    }
}

fn syntax(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(SYNTAX, span, message)
}

fn part(span: Span, start: usize, end: usize) -> Span {
    Span { start: span.start + start as u32, end: span.start + end as u32, ..span }
}

/// Text for a message: in backticks, on one line, at most 40 characters.
fn shown(text: &str) -> String {
    let mut out = String::from("`");
    for (index, c) in text.chars().enumerate() {
        if index == 40 {
            out.push('…');
            break;
        }
        if c.is_control() || is_disallowed(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out.push('`');
    out
}

/// The text as a quoted string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

pub(super) fn too_large(span: Span, bytes: usize) -> Diagnostic {
    let most = MAX_BYTES >> 20;
    syntax(span, format!("the file has {bytes} bytes; at most {most} MiB are read"))
        .here("nothing of this file was read")
        .help("Split it with `include`, or keep items in a CSV and name it in an `items` node.")
}

pub(super) fn too_deep(open: Span) -> Diagnostic {
    syntax(open, format!("this block lies more than {MAX_DEPTH} blocks deep"))
        .here("not read from here on")
        .help(format!("Blocks nest at most {MAX_DEPTH} deep. Look for braces that were not closed above."))
}

pub(super) fn disallowed(span: Span, text: &str) -> Diagnostic {
    let first = text.chars().next().unwrap_or('\0');
    let what = match first {
        '\u{FEFF}' => "a byte order mark inside the file",
        '\0' => "a NUL character",
        '\u{7F}'.. => "an invisible direction or delete character",
        _ => "a control character",
    };
    let message = format!("{what}, U+{:04X}, may not stand in a KDL file", u32::from(first));
    syntax(span, message)
        .here("cannot be seen, and is not text")
        .help("Such characters make a text read differently from what it says. Delete it, or write it as `\\u{…}` inside quotes.")
        .fix("delete the character", span, "")
}

/// What is wrong inside a string or comment.
pub(super) fn inside_token(
    source: crate::source::SourceId,
    text: &str,
    token: Token,
    findings: &mut Findings,
) {
    let span = Span { source, start: token.start, end: token.end };
    let written = &text[token.start as usize..token.end as usize];
    match (token.fault, token.kind) {
        (Fault::None, _) | (_, TokenKind::ForeignQuoted) => {}
        (Fault::Deep, _) => findings.push(
            syntax(part(span, 0, 2), format!("comments nest more than {MAX_DEPTH} deep here"))
                .here("the outermost comment")
                .help("Every `/*` inside a comment needs its own `*/`. Take out the inner ones."),
        ),
        (Fault::Unclosed, TokenKind::BlockComment) => findings.push(unclosed_comment(span, text)),
        (Fault::Unclosed, kind) => findings.push(unclosed_string(span, written, kind)),
        (Fault::Content, kind) => inside_closed(span, written, kind, findings),
    }
}

fn unclosed_comment(span: Span, text: &str) -> Diagnostic {
    let finding = syntax(part(span, 0, 2), "this comment is never closed").here("opens here");
    let before = text[..span.start as usize].chars().next_back();
    if before.is_some_and(is_word) {
        return finding.help(
            "`/*` begins a comment, also right behind a word. Put the word in quotes if the `/*` belongs to it, as in \"feeds/*.csv\".",
        );
    }
    finding.help("Close it with `*/`. Comments nest: each `/*` inside needs its own `*/`.")
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
            let line = written.find(super::text::is_newline).unwrap_or(end);
            if line < end && written[delimiter..line].trim().is_empty() {
                let spaces = part(span, delimiter, line);
                return syntax(spaces, "spaces stand behind the opening `\"\"\"`")
                    .here("nothing may stand here")
                    .help("The text begins on the line after `\"\"\"`. Delete the spaces.")
                    .fix("delete the spaces", spaces, "");
            }
            syntax(part(span, 0, delimiter), "text stands on the line of the opening `\"\"\"`")
                .here("the line must end behind this")
                .help("Begin the text on the next line, or put single quotes of the kind `\"` around text on one line.")
        }
        Problem::TextBeforeEnd => {
            syntax(part(span, end - delimiter, end), "text stands before the closing `\"\"\"`")
                .here("must stand on a line of its own")
                .label(part(span, 0, delimiter), "the text opens here")
                .help("Move the closing `\"\"\"` to the next line; its indentation is taken off every line of the text.")
        }
        Problem::Indentation(at) => {
            let line = written[at..].find(super::text::is_newline).unwrap_or(end - at);
            syntax(part(span, at, at + line), "this line is not indented as the closing `\"\"\"` is")
                .here("must begin with the same spaces")
                .label(part(span, end - delimiter, end), "its indentation is taken off every line")
                .help("Indent the line with the same tabs and spaces as the closing line, or move the closing line to the left.")
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
        return syntax(here, format!("{} names no character", shown(escape)))
            .here("not a character")
            .help("Write `\\u{…}` with 1 to 6 hexadecimal digits between the braces, at most 10FFFF and not D800 to DFFF.");
    }
    syntax(here, format!("{} is not an escape", shown(escape)))
        .here("unknown escape")
        .help("The escapes are `\\n` `\\r` `\\t` `\\s` `\\b` `\\f` `\\\"` `\\\\` and `\\u{…}`. For a `\\` in the text write `\\\\`.")
        .fix("write the `\\` twice", here, format!("\\{escape}"))
}

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
    if unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b'_'))
        && (unsigned.contains(',') || unsigned.matches('.').count() == 1)
    {
        return finding
            .here("neither a number nor a word")
            .help("A number has `.` before its decimals, digits on both sides of it, and `_` or nothing between thousands. If it is a name or code, put it in quotes.");
    }
    finding
        .here("a word that begins with a digit needs quotes")
        .help("KDL reads what begins with a digit as a number. Names, codes, dates and amounts with a unit stand in quotes.")
        .fix("put it in quotes", span, quoted(written))
}

fn foreign(span: Span, written: &str, token: Token) -> Diagnostic {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201F}');
    let kind = if written.starts_with('\'') { "single" } else { "curly" };
    let finding = syntax(span, format!("{kind} quotes around text, or the first of them"))
        .here("not a quote in KDL")
        .help("KDL knows the straight double quote `\"` alone; other quotes would become part of the text. To keep one in the text, put `\"` around the whole.");
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
    finding.help("After `#` stands `true`, `false`, `null`, `inf`, `-inf` or `nan`, or a raw string. A comment begins with `//`; text with a `#` in it stands in quotes.")
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
                "Names of nodes, properties and annotations are text. Put it in quotes if this is the name.",
            )
            .fix("put it in quotes", span, quoted(written))
    };
    match token.kind {
        TokenKind::Number => Some(quote("is a number")),
        TokenKind::True | TokenKind::False | TokenKind::Null => Some(quote("is a value")),
        TokenKind::ReservedWord => Some(quote("is a reserved word")),
        TokenKind::DigitWord => Some(digit_word(span, written)),
        TokenKind::ForeignQuoted => Some(foreign(span, written, token)),
        TokenKind::UnknownKeyword => Some(unknown_keyword(span, written)),
        _ => None,
    }
}

pub(super) fn no_node_name(span: Span, text: &str, token: Token, annotated: bool) -> Diagnostic {
    let what = found(text, token);
    let finding = syntax(span, format!("{what} where the name of a node belongs")).here("no name here");
    match token.kind {
        TokenKind::Stray if text[token.start as usize..].starts_with('#') => hash_comment(span),
        TokenKind::OpenBrace => {
            finding.help("A block belongs to a node: write the node's name before the `{`, on the same line.")
        }
        TokenKind::Stray => finding.help(
            "Lines begin with the name of a node. If this is part of the name, put the name in quotes.",
        ),
        _ if annotated => {
            finding.help("`(…)` annotates what follows it. Write the node's name behind it, or delete it.")
        }
        _ => finding.help("Lines begin with the name of a node: a word or quoted text."),
    }
}

fn hash_comment(span: Span) -> Diagnostic {
    syntax(span, "`#` begins no comment in KDL")
        .here("taken as a comment up to the end of the line")
        .help("Comments begin with `//`.")
        .fix("write `//`", span, "//")
}

/// A token in words.
fn found(text: &str, token: Token) -> String {
    match token.kind {
        TokenKind::End => "the end of the file".to_owned(),
        TokenKind::Newline | TokenKind::LineComment => "the end of the line".to_owned(),
        _ => shown(&text[token.start as usize..token.end as usize]),
    }
}

pub(super) fn misplaced(span: Span, text: &str, token: Token) -> Diagnostic {
    let written = &text[token.start as usize..token.end as usize];
    match (token.kind, written) {
        (TokenKind::Equals, _) => syntax(span, "`=` without a name before it")
            .here("no name here")
            .help("A property is written `name=value`. Write the name before the `=`, or delete the `=`."),
        (TokenKind::CloseParen, _) => syntax(span, "`)` without its `(`")
            .here("closes nothing")
            .help("Delete it, or put the text that it belongs to in quotes."),
        (TokenKind::Stray, "#") => hash_comment(span),
        (_, "[" | "]") => syntax(span, format!("`{written}` has no meaning in KDL"))
            .here("lists are written without brackets")
            .help("Write the values one after the other with spaces between them, or put text with brackets in quotes."),
        (_, "/") => syntax(span, "`/` outside of quotes")
            .here("needs quotes, or a second `/`")
            .help("Text with a `/` in it stands in quotes. A comment begins with `//`, and `/-` takes out what follows."),
        _ => syntax(span, format!("{} cannot stand here", shown(written)))
            .here("not understood")
            .help("Delete it, or put the text that it belongs to in quotes."),
    }
}

pub(super) fn no_space(span: Span, text: &str) -> Diagnostic {
    let written = &text[span.start as usize..span.end as usize];
    let finding =
        syntax(span, "no space before this").here("belongs to the value before it, or is a new one");
    if written.starts_with(',') {
        return finding.help("Values are separated by spaces alone. Delete the comma.");
    }
    finding.help("Arguments and properties are separated by spaces. To put a `\"` into a text write `\\\"`.")
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
    let c = text[token.start as usize..].chars().next().unwrap_or(' ');
    let finding = syntax(span, format!("`{c}` inside the word {}, which has no quotes", shown(written)))
        .here("a word with this character needs quotes")
        .help("A bare word holds none of `\\ / ( ) { } ; [ ] \" # =` and no spaces. Put the whole text in quotes.");
    if matches!(c, '/' | '\\' | '#' | '[' | ']') && !written.contains(['"', '(', ')', '=']) {
        return finding.fix("put it in quotes", span, quoted(written));
    }
    finding
}

pub(super) fn no_value(span: Span, text: &str, token: Token, annotated: bool) -> Diagnostic {
    let name = text[span.start as usize..span.end as usize].trim_end_matches('=').trim_end();
    let what = if annotated { "only an annotation behind `=`" } else { "no value" };
    syntax(span, format!("the property {} has {what}", shown(name)))
        .here(format!("followed by {}", found(text, token)))
        .help("Write the value behind the `=`, on the same line; empty text is `\"\"`.")
}

pub(super) fn equals_twice(span: Span, name: Span) -> Diagnostic {
    syntax(span, "a second `=`")
        .here("one `=` is enough")
        .label(name, "the property begins here")
        .help("A property is written `name=value`. Delete one `=`.")
        .fix("delete the second `=`", span, "")
}

pub(super) fn slashdash_in_property(span: Span) -> Diagnostic {
    syntax(span, "`/-` between `=` and the value")
        .here("cannot take out half a property")
        .help("Write `/-` before the property's name: it takes out the whole property.")
}

pub(super) fn slashdash_nothing(span: Span) -> Diagnostic {
    syntax(span, "nothing stands behind this `/-`").here("takes out nothing").help(
        "`/-` takes out the node, entry or block that follows it. Delete it, or write `//` for a comment.",
    )
}

pub(super) fn slashdash_twice(span: Span) -> Diagnostic {
    syntax(span, "`/-` more than once")
        .here("one is enough")
        .help("`/-` takes out what follows it; a second one cannot follow it. Delete all but one.")
}

pub(super) fn annotates_nothing(span: Span, text: &str, token: Token) -> Diagnostic {
    syntax(span, "this annotation has no value behind it")
        .here(format!("followed by {}", found(text, token)))
        .help("`(…)` annotates the value that follows it, as in `(env)TOKEN`. Write the value, or put text with parentheses in quotes.")
}

/// `(a)name=value`, where `value` is the empty place before the value.
pub(super) fn annotated_name(span: Span, value: Span, text: &str) -> Diagnostic {
    let annotation = &text[span.start as usize..span.end as usize];
    let mut finding = syntax(span, "an annotation before the name of a property")
        .here("belongs behind the `=`")
        .help("The annotation of a property stands before its value: `name=(…)value`.")
        .fix("move it behind the `=`", span, "");
    if let Some(fix) = finding.fix.as_mut() {
        fix.edits.push(crate::diagnostic::Edit { span: value, replacement: annotation.to_owned() });
    }
    finding
}

pub(super) fn empty_annotation(span: Span) -> Diagnostic {
    syntax(span, "an annotation without a name")
        .here("nothing between the parentheses")
        .help("Write the name between the parentheses, as in `(env)TOKEN`, or delete them.")
}

pub(super) fn open_annotation(open: Span, text: &str, token: Token) -> Diagnostic {
    let span = Span { source: open.source, start: token.start, end: token.end };
    syntax(span, format!("{} inside an annotation", found(text, token)))
        .here("a `)` belongs here, or before")
        .label(open, "the annotation opens here")
        .help("An annotation is one name in parentheses, as in `(env)TOKEN`. Text with parentheses stands in quotes.")
}

pub(super) fn backslash_inside_line(span: Span) -> Diagnostic {
    syntax(span, "`\\` in the middle of a line")
        .here("something follows it on its line")
        .help("`\\` at the end of a line lets the node go on in the next one. Text with a `\\` in it stands in quotes, written `\\\\`.")
}

pub(super) fn lone_semicolon(span: Span) -> Diagnostic {
    syntax(span, "`;` with no node before it")
        .here("ends nothing")
        .help("`;` ends a node; one is enough, and none is needed at the end of a line. Delete it.")
        .fix("delete the `;`", span, "")
}

pub(super) fn after_block(span: Span, next_node: bool) -> Diagnostic {
    if next_node {
        return syntax(span, "a node begins on the line on which another one ends")
            .here("taken as the name of a new node")
            .help("Put it on a line of its own, or a `;` behind the `}`. If it belongs to the node before, move it in front of that node's `{`.");
    }
    syntax(span, "an argument or property behind the node's block")
        .here("must stand before the `{`")
        .help("All arguments and properties of a node stand before its block. Move it in front of the `{`.")
}

pub(super) fn second_block(span: Span) -> Diagnostic {
    syntax(span, "a second block of the same node")
        .here("one node has one block")
        .help("Move its lines into the first block, or write the name of the node that it belongs to before the `{`.")
}

pub(super) fn stray_brace(span: Span) -> Diagnostic {
    syntax(span, "`}` without its `{`")
        .here("closes nothing")
        .help("All blocks are closed already. Delete this `}`, or look above for one that closes its block too early.")
}

pub(super) fn block_not_closed(here: Span, open: Span) -> Diagnostic {
    syntax(here, "a block is not closed before this line")
        .here("indented as if the block had ended")
        .label(open, "this block is never closed")
        .help("Put a `}` before this line. Where the block goes on instead, indent the line.")
}

pub(super) fn blocks_not_closed(end: Span, opens: &[Span]) -> Diagnostic {
    let message = match opens.len() {
        1 => "the file ends inside a block".to_owned(),
        many => format!("the file ends inside {many} blocks"),
    };
    let finding = syntax(end, message).here("a `}` is missing before the end of the file");
    let labelled = opens.iter().rev().take(8);
    labelled
        .fold(finding, |finding, open| finding.label(*open, "this block is never closed"))
        .help("Put a `}` where each block ends.")
}

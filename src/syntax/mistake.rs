//! Every mistake that a text can hold, in words: what was found, why it cannot stand, what to do.

use super::lexer::{MAX_DEPTH, Token, TokenKind};
use super::text::is_disallowed;
use super::{MAX_BYTES, MAX_FINDINGS};
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

pub(super) fn syntax(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(SYNTAX, span, message)
}

pub(super) fn part(span: Span, start: usize, end: usize) -> Span {
    Span { start: span.start + start as u32, end: span.start + end as u32, ..span }
}

/// Text for a message: in backticks, on one line, at most 40 characters.
pub(super) fn shown(text: &str) -> String {
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
pub(super) fn quoted(text: &str) -> String {
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
        .help(
            "Such characters make a text read differently from what it says. Delete it, or write it \
            as `\\u{…}` inside quotes.",
        )
        .fix("delete the character", span, "")
}

pub(super) fn no_node_name(span: Span, text: &str, token: Token, annotated: bool) -> Diagnostic {
    let what = found(text, token);
    let finding = syntax(span, format!("{what} where the name of a node belongs")).here("no name here");
    match token.kind {
        TokenKind::Stray if text[token.start as usize..].starts_with('#') => hash_comment(span),
        TokenKind::OpenBrace => finding.help(
            "A block belongs to a node: write the node's name before the `{`, on the same \
                line.",
        ),
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
            .help(
                "Write the values one after the other with spaces between them, or put text with \
                brackets in quotes.",
            ),
        (_, "/") => syntax(span, "`/` outside of quotes").here("needs quotes, or a second `/`").help(
            "Text with a `/` in it stands in quotes. A comment begins with `//`, and `/-` takes \
                out what follows.",
        ),
        _ => syntax(span, format!("{} cannot stand here", shown(written)))
            .here("not understood")
            .help("Delete it, or put the text that it belongs to in quotes."),
    }
}

pub(super) fn no_space(span: Span) -> Diagnostic {
    syntax(span, "no space before this")
        .here("belongs to the value before it, or is a new one")
        .help("Arguments and properties are separated by spaces. To put a `\"` into a text write `\\\"`.")
}

/// A comma right behind a value; `spaced`: a space follows it.
pub(super) fn comma(span: Span, spaced: bool) -> Diagnostic {
    let finding = syntax(span, "a comma behind a value")
        .here("KDL separates by spaces")
        .help("Values are separated by spaces alone. Delete the comma.");
    if spaced {
        return finding.fix("delete the comma", span, "");
    }
    finding.fix("write a space instead", span, " ")
}

/// `name=value` at the beginning of a line, where a node belongs.
pub(super) fn equals_behind_node(span: Span, name: &str) -> Diagnostic {
    syntax(span, format!("`=` behind {}, which is the name of a node", shown(name)))
        .here("the first word of a line names a node")
        .help(
            "Properties stand behind their node, on its line. A setting that is a node of its own has \
            no `=`: its name, a space, its value.",
        )
}

/// The `{` of a block is missing behind the node at `head`; `inside` is what stands in the block.
pub(super) fn block_not_opened(head: Span, inside: Span) -> Diagnostic {
    syntax(Span { start: head.end, ..head }, "a block is not opened behind this node")
        .here("a `{` is missing here")
        .label(inside, "indented as if it stood in a block")
        .help("Put a `{` at the end of the node's line.")
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
        .help(
            "`(…)` annotates the value that follows it, as in `(env)TOKEN`. Write the value, or put \
            text with parentheses in quotes.",
        )
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
        .help(
            "An annotation is one name in parentheses, as in `(env)TOKEN`. Text with parentheses \
            stands in quotes.",
        )
}

pub(super) fn backslash_inside_line(span: Span) -> Diagnostic {
    syntax(span, "`\\` in the middle of a line").here("something follows it on its line").help(
        "`\\` at the end of a line lets the node go on in the next one. Text with a `\\` in it \
            stands in quotes, written `\\\\`.",
    )
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
            .help(
                "Put it on a line of its own, or a `;` behind the `}`. If it belongs to the node \
                before, move it in front of that node's `{`.",
            );
    }
    syntax(span, "an argument or property behind the node's block")
        .here("must stand before the `{`")
        .help("All arguments and properties of a node stand before its block. Move it in front of the `{`.")
}

pub(super) fn second_block(span: Span) -> Diagnostic {
    syntax(span, "a second block of the same node").here("one node has one block").help(
        "Move its lines into the first block, or write the name of the node that it belongs to \
            before the `{`.",
    )
}

pub(super) fn stray_brace(span: Span) -> Diagnostic {
    syntax(span, "`}` without its `{`").here("closes nothing").help(
        "All blocks are closed already. Delete this `}`, or look above for one that closes its \
            block too early.",
    )
}

pub(super) fn blocks_not_closed_here(here: Span, opens: &[Span]) -> Diagnostic {
    let message = match opens.len() {
        1 => "a block is not closed before this line".to_owned(),
        many => format!("{many} blocks are not closed before this line"),
    };
    let finding = syntax(here, message).here("indented as if the block had ended");
    labelled(finding, opens.iter())
        .help("Put a `}` before this line for each. Where a block goes on instead, indent the line.")
}

pub(super) fn blocks_not_closed(end: Span, opens: &[Span]) -> Diagnostic {
    let message = match opens.len() {
        1 => "the file ends inside a block".to_owned(),
        many => format!("the file ends inside {many} blocks"),
    };
    let finding = syntax(end, message).here("a `}` is missing before the end of the file");
    labelled(finding, opens.iter().rev()).help("Put a `}` where each block ends.")
}

/// Points at the innermost blocks, a few of them.
fn labelled<'s>(finding: Diagnostic, opens: impl Iterator<Item = &'s Span>) -> Diagnostic {
    opens.take(8).fold(finding, |finding, open| finding.label(*open, "this block is never closed"))
}

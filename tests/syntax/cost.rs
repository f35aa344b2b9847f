//! Whatever the text: no panic, spans that lie in it, tokens that tile it, and work in proportion to it.

use crate::support::chance;
use onhand::source::{SourceId, Span};
use onhand::syntax::{self, MAX_FINDINGS, Nodes, Parsed, lexer};
use proptest::prelude::*;

/// Steps allowed for each byte, and for a text however short.
const STEPS_PER_BYTE: u64 = 64;
const STEPS_IN_ANY_CASE: u64 = 256;

fn holds_together(text: &str) {
    let parsed = syntax::parse(SourceId(0), text);
    tokens_tile(text);
    spans_fit(&parsed, text);
    let most = STEPS_PER_BYTE * (text.len() as u64) + STEPS_IN_ANY_CASE;
    assert!(parsed.steps <= most, "{} steps for {} bytes", parsed.steps, text.len());
    assert!(parsed.steps * 2 >= text.len() as u64, "the counter misses work");
    assert!(parsed.diagnostics.len() <= MAX_FINDINGS + 1);
}

fn tokens_tile(text: &str) {
    let mut at = 0;
    for token in lexer::tokens(text) {
        assert_eq!(token.start, at);
        assert!(token.end > at && text.is_char_boundary(token.end as usize));
        at = token.end;
    }
    assert_eq!(at as usize, text.len());
}

fn spans_fit(parsed: &Parsed, text: &str) {
    let check = |span: Span| {
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
        assert!(text.is_char_boundary(span.start as usize), "{span:?}");
        assert!(text.is_char_boundary(span.end as usize), "{span:?}");
    };
    for found in &parsed.diagnostics {
        check(found.primary.span);
        found.labels.iter().for_each(|label| check(label.span));
        let edits = found.fix.iter().flat_map(|fix| &fix.edits);
        edits.for_each(|edit| check(edit.span));
        assert!(!found.message.is_empty() && !found.help.is_empty() && !found.primary.text.is_empty());
    }
    let mut open = vec![parsed.document.nodes(text)];
    let mut last = None;
    while !open.is_empty() {
        // The file, its blocks, and the empty inside of the innermost node.
        assert!(open.len() <= lexer::MAX_DEPTH + 2, "the tree is too deep");
        let Some(node) = open.last_mut().and_then(Nodes::next) else {
            open.pop();
            continue;
        };
        assert!(last < Some(node.span().start), "a node stands twice, or before one that it follows");
        last = Some(node.span().start);
        [node.span(), node.head_span(), node.name_span()].into_iter().for_each(check);
        node.block_span().into_iter().for_each(check);
        let _ = (node.name(), node.annotation());
        for entry in node.entries() {
            [entry.span(), entry.value_span()].into_iter().for_each(check);
            entry.name_span().into_iter().for_each(check);
            let _ = (entry.name(), entry.value(), entry.annotation());
        }
        open.push(node.children());
    }
}

/// Pieces out of which hostile texts are made.
const PIECES: &[&str] = &[
    "/-",
    "/*",
    "*/",
    "//",
    "\"",
    "\"\"\"",
    "#\"",
    "#\"\"\"",
    "\"#",
    "\"\"\"#",
    "\\",
    "\n",
    "\r\n",
    " ",
    "\t",
    "{",
    "}",
    "(",
    ")",
    "=",
    ";",
    ",",
    "#",
    "##",
    "[",
    "]",
    "/",
    "a",
    "b c",
    "item",
    "x=1",
    "12",
    "3pl",
    ".5",
    "#true",
    "#True",
    "true",
    "'",
    "\u{201C}",
    "\u{201D}",
    "\u{FEFF}",
    "\0",
    "\u{200E}",
    "\u{2028}",
    "\u{A0}",
    "é",
    "\\u{41}",
    "\\q",
    "r\"",
    "    ",
    "\n  ",
    "(env)",
    "-inf",
    "levels \"\"\"\n  a\n  \"\"\"",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = || prop::sample::select(PIECES);
    let run = (prop::collection::vec(piece(), 1..4), 1_usize..200);
    let repeated = run.prop_map(|(pieces, times)| pieces.concat().repeat(times));
    prop::collection::vec(prop_oneof![3 => piece().prop_map(str::to_owned), 1 => repeated], 0..40)
        .prop_map(|parts| parts.concat())
}

#[test]
fn any_text_gives_a_tree() {
    chance::check(300, any::<String>(), |text| holds_together(&text));
}

#[test]
fn any_mixture_of_kdl_gives_a_tree_in_linear_time() {
    chance::check(600, hostile(), |text| holds_together(&text));
}

/// A block that lacks its `{` is guessed by indentation where braces do not match: not for a node behind which
/// another began, or whose own block ended, on a line that begins with something else.
#[test]
fn no_block_is_guessed_for_a_node_that_is_not_the_last() {
    for text in [
        "a\n\u{feff}{\n  (b",
        "a\n/* c */ b {\n  c\n  }}\n",
        "a\n/* c */ {\n  c {\n",
        "b {\n a\n/* c */}\n    c\n}\n",
        "{\n a\n/* c */}\n    c\n}\n",
        "/-b {\n a\n/* c */}\n    c\n}\n",
    ] {
        holds_together(text);
    }
}

/// Each of these, long enough, would show a cost that grows faster than the text.
#[test]
fn no_repetition_is_dearer_than_linear() {
    let mut worst = (0, String::new());
    let singles = PIECES.iter().map(|piece| (*piece).to_owned());
    let pairs = PIECES.iter().flat_map(|one| PIECES.iter().map(move |two| format!("{one}{two}")));
    let lines = PIECES.iter().map(|piece| format!("a {piece}\n"));
    let texts = singles.chain(pairs).chain(lines);
    for piece in texts {
        let text = piece.repeat(3_000 / piece.len());
        holds_together(&text);
        let rate = syntax::parse(SourceId(0), &text).steps * 10 / text.len() as u64;
        worst = worst.max((rate, piece));
    }
    println!("dearest: {} tenths of a step a byte, for {:?}", worst.0, worst.1);
}

#[test]
fn deep_nesting_is_a_finding_and_no_overflow() {
    for (open, limit) in [("a {", 128), ("a /-{", 128), ("/- a {", 128)] {
        let close = "}".repeat(limit + 1);
        let fits = format!("{}{}", open.repeat(limit), &close[1..]);
        let found = syntax::parse(SourceId(0), &fits).diagnostics;
        assert!(found.is_empty(), "{open} at the limit: {found:#?}");
        let deeper = format!("{}{close}\nb =\n", open.repeat(limit + 1));
        let found: Vec<_> = messages(&deeper);
        assert_eq!(found.len(), 2, "{open}: {found:#?}");
        assert!(found[0].contains("128 blocks deep"), "{found:#?}");
    }
    let comment = format!("{}{}a", "/*".repeat(129), "*/".repeat(129));
    assert_eq!(messages(&comment), ["comments nest more than 128 deep here"]);
    let comment = format!("{}{}a", "/*".repeat(128), "*/".repeat(128));
    assert!(messages(&comment).is_empty());
    holds_together(&"a{".repeat(200_000));
}

#[test]
fn a_file_above_64_mib_is_refused() {
    let text = format!("//{}", " ".repeat(syntax::MAX_BYTES - 2));
    assert!(messages(&text).is_empty());
    let found = messages(&(text + " "));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("64 MiB"), "{found:?}");
}

#[test]
fn findings_are_capped_and_the_rest_counted() {
    let found = messages(&"a =\n".repeat(MAX_FINDINGS + 234));
    assert_eq!(found.len(), MAX_FINDINGS + 1);
    assert_eq!(found[MAX_FINDINGS], "234 more mistakes of this file are not shown");
}

fn messages(text: &str) -> Vec<String> {
    syntax::parse(SourceId(0), text).diagnostics.into_iter().map(|found| found.message).collect()
}

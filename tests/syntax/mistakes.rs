//! One finding for each mistake, at the right place, with a fix that mends it, and nothing else lost.

use super::canonical;
use onhand::diagnostic::{Diagnostic, Severity, code};
use onhand::source::SourceId;
use onhand::syntax;

/// A text and, for each finding: the words it points at, a part of its message, and whether it has a fix.
type Case = (&'static str, &'static [(&'static str, &'static str, bool)]);

const CASES: &[Case] = &[
    ("system 3pl", &[("3pl", "begins like a number", true)]),
    ("pack 250g 12", &[("250g", "begins like a number", true)]),
    ("closed 2026-12-25", &[("2026-12-25", "begins like a number", true)]),
    ("address 10.0.0.1", &[("10.0.0.1", "begins like a number", true)]),
    ("3pl a", &[("3pl", "begins like a number", true)]),
    ("a 2x=1", &[("2x", "begins like a number", true)]),
    ("a .5 -.5", &[(".5", "lacks the digit", true), ("-.5", "lacks the digit", true)]),
    ("a 5. 1,000", &[("5.", "begins like a number", false), ("1,000", "begins like a number", false)]),
    ("a qty=12, b=1", &[(",", "a comma behind the number", true)]),
    ("a \"x\", \"y\",\"z\"", &[(",", "a comma", true), (",", "a comma", true)]),
    ("a on=true", &[("true", "without its `#`", true)]),
    ("a false null", &[("false", "without its `#`", true), ("null", "without its `#`", true)]),
    ("a #True #no", &[("#True", "no keyword", true), ("#no", "no keyword", false)]),
    ("12 a", &[("12", "is a number", true)]),
    ("a 5=x", &[("5", "is a number", true)]),
    ("a (7)x", &[("7", "is a number", true)]),
    ("a null=1", &[("null", "reserved word", true)]),
    ("a #true=1", &[("#true", "is a value", false)]),
    ("item 'T shirt' x", &[("'T shirt'", "single quotes", true)]),
    ("item 'Women's'", &[("'Women's'", "single quotes", true)]),
    ("item \u{201C}T shirt\u{201D} x", &[("\u{201C}T shirt\u{201D}", "curly quotes", true)]),
    ("item 'T shirt", &[("'T shirt", "single quotes", false)]),
    ("item \"TSH\u{201D}", &[("\"TSH\u{201D}", "not closed on its line", false)]),
    ("a { b unit= }", &[("unit=", "has no value", false)]),
    ("a unit=\nb", &[("unit=", "has no value", false)]),
    ("a unit=(env)\nb", &[("unit=", "only an annotation", false)]),
    ("a b==c", &[("=", "a second `=`", true)]),
    ("a\nurl=\"x\"", &[("=", "`=` behind `url`", false)]),
    ("a b = /-c", &[("/-", "between `=` and the value", false)]),
    ("a \"b\" =c", &[]),
    ("=x", &[("=", "where the name of a node belongs", false)]),
    ("a 1 = = 2 b", &[("1", "is a number", true), ("=", "a second `=`", true)]),
    ("{ a }", &[("{", "where the name of a node belongs", false)]),
    ("a }\nb", &[("}", "without its `{`", false)]),
    ("a { b }}\nc", &[("}", "without its `{`", false)]),
    ("a {\n  b\n", &[("", "ends inside a block", false)]),
    ("a {\n  b {\n    c\n", &[("", "ends inside 2 blocks", false)]),
    ("a {\n  b\nc {\n  d\n}\n", &[("c", "not closed before this line", false)]),
    ("a {\n  b {\n    c\n  d\n}\n", &[("d", "not closed before this line", false)]),
    ("a {\n  b {\n    c\n}\ne\n", &[("}", "not closed before this line", false)]),
    ("a\n  b\n  c\n}\nd\n", &[("", "not opened behind this node", false)]),
    ("a {} {}", &[("{", "second block", false)]),
    ("a {} b=1", &[("b", "behind the node's block", false)]),
    ("a {} b {}", &[("b", "begins on the line", false)]),
    ("a \"x\n  b c\n", &[("\"x", "not closed on its line", false)]),
    ("a { b \"x; c }\nd", &[("\"x; c", "not closed on its line", false)]),
    ("a { b c\" }\nd", &[("\"", "not closed on its line", false)]),
    ("a #\"x\nb", &[("#\"x", "not closed on its line", false)]),
    ("a \"select b\n  from c\"\nd", &[("\"", "goes on over several lines", false)]),
    ("a \"\nb\n\"\nd", &[("\"", "goes on over several lines", false)]),
    (
        "x {\n  a \"\"\"\n    text\n  b = 1\n}",
        &[("\"\"\"", "never closed", false), ("=", "`=` behind `b`", false)],
    ),
    ("a \"\"\"x\"\"\"", &[("\"\"\"", "on the line of the opening", false)]),
    ("a \"\"\" \n x\n \"\"\"", &[(" ", "spaces stand behind", true)]),
    ("a \"\"\"\n x\n y \"\"\"", &[("\"\"\"", "before the closing", false)]),
    ("a \"\"\"\n  x\n y\n  \"\"\"", &[(" y", "not indented", false)]),
    ("/* x\na", &[("/*", "comment is never closed", false)]),
    ("a */ b\nc", &[("*/", "without its `/*`", false)]),
    ("/* see /* x */\na =\nb", &[("/*", "comment is never closed", false), ("=", "`=` behind `a`", false)]),
    ("include systems/*.kdl\nb", &[("systems/*.kdl", "inside the word", true)]),
    ("include systems/a.kdl\nb", &[("systems/a.kdl", "inside the word", true)]),
    ("a C:\\data\\x y", &[("C:\\data\\x", "inside the word", true)]),
    ("a b#c d", &[("b#c", "inside the word", true)]),
    ("a b\"c\" d", &[("b\"c\"", "inside the word", false)]),
    ("a r\"C:\\x\" r#\"y\"#", &[("r\"C:\\x\"", "KDL 1", true), ("r#\"y\"#", "KDL 1", true)]),
    ("a \"x\"\"y\"", &[("\"y\"", "no space before this", false)]),
    ("a { in erp \"A in web \"B\" }\nc", &[("B", "no space before this", false)]),
    (
        "a \"\\d \\/ \\u{110000}\"",
        &[
            ("\\d", "is not an escape", true),
            ("\\/", "is not an escape", true),
            ("\\u{110000}", "names no character", false),
        ],
    ),
    ("a (env x)b", &[("x", "inside an annotation", false)]),
    ("a b=(env x\nc", &[("x", "inside an annotation", false)]),
    ("a ()b", &[("()", "an annotation without a name", false)]),
    ("a (env)", &[("(env)", "has no value behind it", false)]),
    ("a (env)b=c", &[("(env)", "before the name of a property", true)]),
    ("(a)\nb", &[("\n", "where the name of a node belongs", false)]),
    ("a ) b", &[(")", "`)` without its `(`", false)]),
    ("a [1, 2] b", &[("[", "no meaning", false)]),
    ("# a comment, isn't it\nb", &[("#", "begins no comment", true)]),
    ("a # a comment, isn't it\nb", &[("#", "begins no comment", true)]),
    ("a \\ b", &[("\\", "in the middle of a line", false)]),
    ("a;; b", &[(";", "with no node before it", true)]),
    ("a /-", &[("/-", "nothing stands behind", false)]),
    ("/- /- a", &[("/- /-", "more than once", false)]),
    ("a\0b", &[("\0", "a NUL character", true)]),
    ("a \u{FEFF}b", &[("\u{FEFF}", "byte order mark", true)]),
    ("a \"b\u{202E}c\" // \u{2066}", &[("\u{202E}", "invisible", true), ("\u{2066}", "invisible", true)]),
    ("\u{FEFF}a", &[]),
    ("a'b c", &[]),
];

fn findings(text: &str) -> Vec<Diagnostic> {
    syntax::parse(SourceId(0), text).diagnostics
}

#[test]
fn every_mistake_has_its_one_finding() {
    let mut wrong = Vec::new();
    for (text, wanted) in CASES {
        let found = findings(text);
        let right = found.len() == wanted.len()
            && found.iter().zip(*wanted).all(|(found, (words, message, fix))| {
                let span = found.primary.span;
                let pointed = &text[span.start as usize..span.end as usize];
                pointed == *words && found.message.contains(message) && found.fix.is_some() == *fix
            });
        if !right {
            wrong.push(format!("{text:?}\n{}", shown(text, &found)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

fn shown(text: &str, found: &[Diagnostic]) -> String {
    let line = |found: &Diagnostic| {
        let span = found.primary.span;
        let words = &text[span.start as usize..span.end as usize];
        format!("    {words:?}: {} (fix: {})\n", found.message, found.fix.is_some())
    };
    found.iter().map(line).collect()
}

#[test]
fn every_finding_says_what_to_do() {
    for found in CASES.iter().flat_map(|(text, _)| findings(text)) {
        assert_eq!((found.rule, found.severity), (code::SYNTAX, Severity::Error));
        assert!(found.help.ends_with(['.', '?']), "{found:?}");
        assert!(!found.primary.text.is_empty() && !found.primary.text.ends_with('.'), "{found:?}");
        assert!(!found.message.ends_with('.'), "{found:?}");
    }
}

#[test]
fn a_fix_leaves_no_finding_of_its_own() {
    let fixed = |text: &str, found: &Diagnostic| {
        let mut edits = found.fix.clone().map(|fix| fix.edits).unwrap_or_default();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
        let mut text = text.to_owned();
        for edit in edits {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.replacement);
        }
        text
    };
    for (text, _) in CASES {
        let found = findings(text);
        for finding in found.iter().filter(|finding| finding.fix.is_some()) {
            let mended = fixed(text, finding);
            let left = findings(&mended);
            assert_eq!(left.len(), found.len() - 1, "{text:?} to {mended:?}: {}", shown(&mended, &left));
        }
    }
}

#[test]
fn what_is_right_beside_a_mistake_is_kept() {
    let cases = [
        ("a {\n  b\nc {\n  d\n}\n", "a {\n    b\n}\nc {\n    d\n}\n"),
        ("a\n  b\n  c\n}\nd\n", "a {\n    b\n    c\n}\nd\n"),
        ("a { b \"x; c }\nd", "a {\n    b \"x; c\"\n}\nd\n"),
        ("a \"x\", \"y\",\"z\"", "a x y z\n"),
        ("a\nurl=\"x\"", "a\nurl x\n"),
        ("a { in erp C\" }\nb", "a {\n    in erp C\n}\nb\n"),
        ("/* x\na b", "a b\n"),
        ("system 3pl unit=ea", "system \"3pl\" unit=ea\n"),
        ("a on=true #False", "a #false on=#true\n"),
        ("include systems/*.kdl", "include \"systems/*.kdl\"\n"),
        ("a {} b {}\nc", "a\nb\nc\n"),
        ("a 'T shirt' qty=12, b=1", "a \"T shirt\" b=1 qty=MISSING\n"),
        ("{ a }\nb", "b\n"),
    ];
    for (text, wanted) in cases {
        let parsed = syntax::parse(SourceId(0), text);
        assert_eq!(canonical::write(&parsed.document, text), wanted, "{text:?}");
    }
}

#[test]
fn a_missing_brace_names_the_block_that_it_lacks() {
    let text = "a {\n  b {\n    c\n  d\n}\n";
    let found = findings(text);
    let label = found[0].labels.first().expect("a second label");
    assert_eq!((label.span.start, label.text.as_str()), (8, "this block is never closed"));
    let text = "a { b\nc";
    let found = findings(text);
    assert_eq!(found[0].labels.first().map(|label| label.span.start), Some(2));
}

#[test]
fn the_last_of_a_repeated_property_counts() {
    let text = "a x=1 y=2 x=(t)3";
    let parsed = syntax::parse(SourceId(0), text);
    let node = parsed.document.nodes(text).next().expect("one node");
    assert_eq!(node.properties().count(), 3);
    let last = node.property("x").expect("a property x");
    assert_eq!(last.value(), syntax::Value::Number("3"));
    assert_eq!(last.annotation().map(|annotation| annotation.name.into_owned()), Some("t".to_owned()));
    assert!(node.property("z").is_none());
}

#[test]
fn spans_cover_what_they_say() {
    let text = "(t) item \"A\" x = (u) 1 /-y { b; } /-{ c }\nd {}";
    let parsed = syntax::parse(SourceId(0), text);
    let slice = |span: onhand::source::Span| &text[span.start as usize..span.end as usize];
    let mut nodes = parsed.document.nodes(text);
    let item = nodes.next().expect("the first node");
    assert_eq!(slice(item.span()), "(t) item \"A\" x = (u) 1 /-y { b; }");
    assert_eq!(slice(item.head_span()), "(t) item \"A\" x = (u) 1");
    assert_eq!(slice(item.name_span()), "item");
    assert_eq!(item.block_span().map(slice), Some("{ b; }"));
    assert_eq!(item.annotation().map(|own| slice(own.span)), Some("(t)"));
    let entries: Vec<_> = item.entries().map(|entry| slice(entry.span())).collect();
    assert_eq!(entries, ["\"A\"", "x = (u) 1"]);
    let property = item.property("x").expect("a property");
    assert_eq!((property.name_span().map(slice), slice(property.value_span())), (Some("x"), "1"));
    let last = nodes.next().expect("the second node");
    assert!(last.has_block() && last.children().next().is_none());
    assert_eq!(slice(parsed.document.span()), text);
}

#[test]
fn no_mistake_hides_another() {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for (first, one) in CASES {
        for (second, two) in CASES {
            if one_completes_the_other(first, second) {
                continue;
            }
            let text = format!("{first}\n{second}\n");
            let found = findings(&text);
            pairs += 1;
            if found.len() != one.len() + two.len() {
                wrong.push(format!("{text:?}: {} and {}\n{}", one.len(), two.len(), shown(&text, &found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {pairs} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether the second text brings what the first lacks, or is no longer what it was behind it.
fn one_completes_the_other(first: &str, second: &str) -> bool {
    let brace = second.starts_with("a }") || second.contains("}}") || second.starts_with("a\n  b\n");
    let alters = second.starts_with('\u{FEFF}') || first.ends_with("/-");
    let comment = first.contains("/*") && second.contains("*/") && !second.contains("/*");
    let quote = first.contains("b \"x; c") && second.contains("b c\"");
    alters || comment || quote || brace && first.starts_with("a {\n")
}

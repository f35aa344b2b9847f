//! The canonical layout: the same said, nothing lost, twice is once.

use super::suite;
use crate::support::accept;
use crate::support::chance::{Dice, seeds};
use onhand::source::SourceId;
use onhand::syntax::format::{Refusal, WIDTH, format};
use onhand::syntax::lexer::{TokenKind, tokens};
use onhand::syntax::{self, Node};

/// Formats a text without mistakes, and checks that nothing else than its layout changed.
#[track_caller]
fn formatted(text: &str) -> String {
    let out = format(text).unwrap_or_else(|refusal| panic!("{refusal:?}\n{text:?}"));
    assert_eq!(format(&out).as_ref(), Ok(&out), "the second run changes\n{text:?}");
    assert_eq!(tree(text), tree(&out), "{text:?}\nbecame\n{out:?}");
    assert_eq!(words(text), words(&out), "{text:?}\nbecame\n{out:?}");
    assert!(out.is_empty() || out.ends_with('\n') && !out.ends_with("\n\n"), "{out:?}");
    assert!(!out.contains('\r') && !out.starts_with('\u{FEFF}'), "{out:?}");
    out
}

/// Everything that a tree holds.
fn tree(text: &str) -> Vec<String> {
    fn add(told: &mut Vec<String>, node: Node<'_>, depth: usize) {
        let annotation =
            |annotation: Option<syntax::Annotation<'_>>| annotation.map(|one| one.name.into_owned());
        told.push(format!(
            "{depth} {} {:?} {}",
            node.name(),
            annotation(node.annotation()),
            node.has_block()
        ));
        for entry in node.entries() {
            told.push(format!("{:?} {:?} {:?}", entry.name(), annotation(entry.annotation()), entry.value()));
        }
        node.children().for_each(|child| add(told, child, depth + 1));
    }
    let parsed = syntax::parse(SourceId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{text:?}: {:?}", parsed.diagnostics);
    let mut told = Vec::new();
    parsed.document.nodes(text).for_each(|node| add(&mut told, node, 0));
    told
}

/// Every token that is no white space and no sign of it: comments and slashdashed parts are among them.
fn words(text: &str) -> Vec<String> {
    let layout = |kind: TokenKind| {
        use TokenKind::*;
        matches!(kind, Newline | Space | Bom | Backslash | Semicolon)
    };
    let kept = tokens(text).filter(|token| !layout(token.kind));
    kept.map(|token| {
        let word = text[token.start as usize..token.end as usize].replace("\r\n", "\n").replace('\r', "\n");
        if token.kind == TokenKind::LineComment { word.trim_end().to_owned() } else { word }
    })
    .collect()
}

#[test]
fn official_cases_say_the_same_afterwards() {
    let Some(cases) = suite::cases() else { return };
    let valid: Vec<_> = cases.iter().filter(|(_, _, expected)| expected.is_some()).collect();
    valid.iter().for_each(|(_, text, _)| drop(formatted(text)));
    println!("{} official cases formatted", valid.len());
    for (name, text, _) in cases.iter().filter(|(_, _, expected)| expected.is_none()) {
        let refusal = format(text).expect_err(name);
        assert!(matches!(refusal, Refusal::Mistakes(found) if !found.is_empty()), "{name}");
    }
}

const NASTY: &str = include_str!("format_nasty.kdl");

#[test]
fn a_nasty_text_becomes_a_plain_one() {
    accept::same("tests/syntax/format_plain.kdl", &formatted(NASTY));
    // CRLF changes nothing but the bytes.
    assert_eq!(formatted(&NASTY.replace('\n', "\r\n")), formatted(NASTY));
    assert_eq!(formatted(&format!("\u{FEFF}{NASTY}")), formatted(NASTY));
}

/// What becomes of small texts.
const SMALL: &[(&str, &str)] = &[
    ("", ""),
    ("\n\n \n", ""),
    ("// only\n\n\n", "// only\n"),
    ("a;b ; c", "a\nb\nc\n"),
    ("\n\na\n\n\n\nb\n\n", "a\n\nb\n"),
    ("a{b;c}", "a { b; c }\n"),
    ("a { b; c; }", "a { b; c }\n"),
    ("a {\n\n}\n", "a {}\n"),
    ("a { b\n c }", "a {\n    b\n    c\n}\n"),
    ("a   (t) 1 x = ( u ) 2\t\"y z\"=\"w\"", "a (t)1 x=(u)2 \"y z\"=\"w\"\n"),
    ("a \"needless\" 1_000 0xFF", "a \"needless\" 1_000 0xFF\n"),
    ("a 1 // x  \nb;// y\n// z", "a 1  // x\nb  // y\n// z\n"),
    ("a /* x */\nb /* y */ 1", "a  /* x */\nb /* y */ 1\n"),
    ("a { // x\n b }", "a {  // x\n    b\n}\n"),
    ("a { /* x */ }", "a { /* x */ }\n"),
    ("a { b; /* x */ }", "a { b /* x */ }\n"),
    ("/- a { b }\nc /- 1 /- x=2 /- { d; /- e }", "/-a { b }\nc /-1 /-x=2 /-{ d; /-e }\n"),
    ("/-\n\na", "/-a\n"),
    ("a /- // why\n1 2", "a /- // why\n    1 2\n"),
    ("a 1 \\\n  2 \\ // x\n 3\n", "a 1 \\\n    2 \\  // x\n    3\n"),
    ("a \\\n { b }", "a { b }\n"),
    ("a \\ // x\n\nb", "a  // x\n\nb\n"),
    ("a \\\n // x\nb", "a\n// x\nb\n"),
    ("a \\ // x\n // y\nb", "a  // x\n// y\nb\n"),
    ("a \\", "a\n"),
    ("a {\n// x\n\n\n/* y */ /* z */\n}", "a {\n    // x\n\n    /* y */ /* z */\n}\n"),
    ("/* x */ a; /* y */ b", "/* x */ a\n/* y */ b\n"),
    ("a \"\"\"\n  x\n    y\n  \"\"\"", "a \"\"\"\n  x\n    y\n  \"\"\"\n"),
    ("a { b \"\"\"\n  x\n  \"\"\" }", "a {\n    b \"\"\"\n  x\n  \"\"\"\n}\n"),
    ("a x /* y */ = 1", "a x /* y */ =1\n"),
];

#[test]
fn small_texts() {
    for (text, wanted) in SMALL {
        assert_eq!(formatted(text), *wanted, "{text:?}");
    }
}

#[test]
fn a_block_leaves_its_line_where_that_is_full() {
    // `node { aaa…; b }` with a name that fills the line, or passes it by one column.
    let block = |length: usize| format!("node {{ {}; b }}\n", "a".repeat(length));
    let room = WIDTH - "node { ; b }".len();
    assert_eq!(formatted(&block(room)), block(room));
    let name = "a".repeat(room + 1);
    assert_eq!(formatted(&block(room + 1)), format!("node {{\n    {name}\n    b\n}}\n"));
    // Inner blocks stay on their lines, and a comment behind does not count.
    let name = "a".repeat(80);
    let text = format!("node {{ {name} {{ x; y }}; b /* c */; d {{ e }} }}  // z\n");
    let wanted = format!("node {{\n    {name} {{ x; y }}\n    b  /* c */\n    d {{ e }}\n}}  // z\n");
    assert_eq!(formatted(&text), wanted);
    let words = "node { b }  // ".to_owned() + &"c".repeat(200) + "\n";
    assert_eq!(formatted(&words), words);
}

#[test]
fn what_is_no_kdl_is_refused_with_its_mistakes() {
    match format("a {\n  b 1,\n}\n\"") {
        Err(Refusal::Mistakes(found)) => {
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(
                found.iter().all(|one| one.rule.slug == "syntax" && one.primary.span.source == SourceId(0))
            );
        }
        other => panic!("{other:?}"),
    }
}

/// Text of random nodes, with white space, comments and line breaks wherever KDL lets them stand.
struct Author {
    dice: Dice,
    out: String,
}

impl Author {
    fn one(&mut self, of: &[&str]) {
        let chosen = of[self.dice.below(of.len())];
        self.out.push_str(chosen);
    }

    /// Where a node may go on: never nothing.
    fn gap(&mut self) {
        self.one(&[
            " ",
            " ",
            " ",
            "  ",
            "\t",
            " /* c */ ",
            "/**/",
            " \\\n",
            " \\ // d \r\n  ",
            "\\ /* e */\n\n",
        ]);
        if self.out.ends_with("\n\n") {
            self.out.pop();
        }
    }

    fn maybe_gap(&mut self) {
        if self.dice.in_ten(1) {
            self.gap();
        }
    }

    fn slashdash(&mut self) {
        self.out.push_str("/-");
        if self.dice.in_ten(2) {
            self.one(&[" ", "\n\n", " // f\n", "/* g\n h */", " \\\n "]);
        }
    }

    fn word(&mut self) {
        let words =
            ["a", "näme", "a-b.c", "\"q q\"", "\"e\\n\\u{e9}\"", "#\"r\"\\\"#", "\"x \\\n   y\"", "-"];
        match self.dice.below(14) {
            12 => self.out.push_str("\"\"\"\n   m\n\r\n     n\n   \"\"\""),
            13 => self.out.push_str("##\"\"\"\r\n r\"#\n \"\"\"##"),
            _ => self.one(&words),
        }
    }

    fn annotation(&mut self) {
        if self.dice.in_ten(2) {
            self.out.push('(');
            self.maybe_gap();
            self.word();
            self.maybe_gap();
            self.out.push(')');
            self.maybe_gap();
        }
    }

    fn value(&mut self) {
        self.annotation();
        match self.dice.below(2) {
            0 => self.one(&["1", "-1_0.50e+3", "0xfF", "#true", "#false", "#null", "#inf", "#nan"]),
            _ => self.word(),
        }
    }

    fn node(&mut self, depth: usize) {
        if self.dice.in_ten(2) {
            self.slashdash();
        }
        self.annotation();
        self.word();
        for _ in 0..self.dice.below(4) {
            self.gap();
            if self.dice.in_ten(2) {
                self.slashdash();
            }
            if self.dice.in_ten(4) {
                self.word();
                self.maybe_gap();
                self.out.push('=');
                self.maybe_gap();
            }
            self.value();
        }
        let mut real = false;
        while depth < 4 && self.dice.in_ten(4) {
            self.gap();
            if real || self.dice.in_ten(2) {
                self.slashdash();
            } else {
                real = true;
            }
            self.out.push('{');
            self.nodes(depth + 1);
            self.out.push('}');
        }
        self.maybe_gap();
    }

    fn nodes(&mut self, depth: usize) {
        let between =
            [" ", "\n", "\r\n", "\n\n \n", "\t", "// own  \n", "/* i */", "/* j\n k */", "\u{85}", "\\\n"];
        for index in 0..self.dice.below(5) {
            if index > 0 {
                self.one(&["\n", ";", "; ", " // l\n", "\n\n\n"]);
            }
            for _ in 0..self.dice.below(3) {
                self.one(&between);
            }
            self.node(depth);
        }
        if self.dice.in_ten(3) {
            self.one(&["\n", ";", "  // m\n", "\n /* n */", ";/* o */"]);
            if self.out.ends_with(['{', ';']) && self.out.ends_with("{;") {
                self.out.pop();
            }
        }
    }
}

#[test]
fn random_texts_say_the_same_afterwards() {
    let (mut read, mut all) = (0, 0);
    for seed in seeds(3_000) {
        let mut author = Author { dice: Dice(seed), out: String::new() };
        author.nodes(0);
        all += 1;
        if syntax::parse(SourceId(0), &author.out).diagnostics.is_empty() {
            read += 1;
            formatted(&author.out);
        } else {
            assert!(matches!(format(&author.out), Err(Refusal::Mistakes(_))));
        }
    }
    println!("{read} of {all} random texts formatted");
    assert!(read * 10 >= all * 8, "only {read} of {all} random texts were KDL");
}

#[test]
fn whatever_the_text_it_is_laid_out_or_refused_for_its_mistakes() {
    const PIECES: &[&str] = &[
        "a", "b", "-", "1", "0x", "#", "#true", "\"", "\"", "\"\"\"", "#\"", "\"#", "\\", "/-", "//", "/*",
        "*/", " ", " ", "\n", "\n", "\r\n", "\t", ";", "=", "{", "}", "{", "}", "(", ")", "\u{feff}",
        "\u{85}", "é",
    ];
    let (mut read, mut all) = (0, 0);
    for seed in seeds(5_000) {
        let mut dice = Dice(seed);
        let text: String = (0..2 + dice.below(14)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        all += 1;
        match format(&text) {
            Ok(_) => {
                read += 1;
                formatted(&text);
            }
            Err(refusal) => assert!(matches!(refusal, Refusal::Mistakes(_)), "{refusal:?}: {text:?}"),
        }
    }
    println!("{read} of {all} random texts were KDL");
}

#[test]
fn what_would_grow_beyond_the_limit_is_refused() {
    let deep = "a{".repeat(120) + "b" + &"}".repeat(120) + "\n";
    let out = formatted(&deep);
    let fits = syntax::MAX_BYTES / out.len();
    assert_eq!(format(&deep.repeat(fits + 1)), Err(Refusal::TooLarge));
}

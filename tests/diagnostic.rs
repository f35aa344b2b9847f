//! What people and programs see of a finding. Each snapshot holds the source and the output.

mod github;
mod sarif;

use std::collections::BTreeSet;
use std::time::Instant;

use crate::support::{accept, chance};
use onhand::diagnostic::render::{self, About, Accepted, FORMATS, Format, Options};
use onhand::diagnostic::{Diagnostic, Edit, Fix, Rule, code, sort};
use onhand::source::{SourceId, Sources, Span};
use proptest::prelude::*;

const PLAIN: Options = Options { width: 80, colour: false, unicode: true };
const ASCII: Options = Options { width: 80, colour: false, unicode: false };

/// The span of the `nth` (from 0) place at which `what` stands in a file.
fn find(sources: &Sources, file: SourceId, what: &str, nth: usize) -> Span {
    let (start, _) = sources.file(file).text().match_indices(what).nth(nth).expect("the text holds it");
    Span::new(file, start, start + what.len())
}

/// The sources and an output, as a snapshot keeps them.
fn beside(sources: &Sources, output: &str) -> String {
    let mut text = String::new();
    for (_, file) in sources.files() {
        text.push_str(&format!("# {}\n{}\n", file.name().escape_debug(), file.text().replace('\r', "␍")));
    }
    text + "# output\n" + output
}

const OWNERS: &str = "owner erp { of on-hand reserved; at paris }
owner depot { of on-hand damaged; at lyon }
owner till { of on-hand; at paris }
";

/// Two files and three findings: a label on the same file, a fix, a label in another file.
fn three() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let items = "item MUG unit=ea {\n    in erp 4006381\n}\n";
    let items = sources.add("items.kdl", items);
    let owners = sources.add("owners.kdl", OWNERS);
    let overlap = Diagnostic::new(
        code::OWNER_OVERLAP,
        find(&sources, owners, "on-hand", 2),
        "`on-hand` at `paris` has two owners, `erp` and `till`",
    )
    .here("`till` owns it as well")
    .label(find(&sources, owners, "on-hand", 0), "`erp` owns it here")
    .help(
        "Two systems would each be believed, and counts would jump between them. \
         Keep the owner whose count is right and take the other away.",
    );
    let quoted = Diagnostic::new(
        code::WRONG_TYPE,
        find(&sources, items, "4006381", 0),
        "a code is text, and this is a number",
    )
    .here("not in quotes")
    .help("A code keeps its leading zeros only as text.")
    .fix("quote the code", find(&sources, items, "4006381", 0), "\"4006381\"");
    let unused = Diagnostic::new(
        code::OWNER_UNUSED,
        find(&sources, owners, "owner depot { of on-hand damaged; at lyon }", 0),
        "no flow needs a count that `depot` owns",
    )
    .label(find(&sources, items, "item MUG unit=ea {\n    in erp 4006381\n}", 0), "`MUG` is only in `erp`");
    let mut all = vec![unused, overlap, quoted];
    sort(&mut all, &sources);
    (sources, all)
}

#[test]
fn human() {
    let (sources, all) = three();
    insta::assert_snapshot!(beside(&sources, &render::human(&all, &sources, PLAIN)));
}

#[test]
fn human_ascii_and_narrow() {
    let (sources, all) = three();
    let narrow = Options { width: 48, ..ASCII };
    let text = render::human(&all, &sources, narrow);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(beside(&sources, &text));
}

#[test]
fn human_in_colour() {
    let (sources, all) = three();
    let text = render::human(&all, &sources, Options { colour: true, ..PLAIN });
    insta::assert_snapshot!(beside(&sources, &text.replace('\u{1b}', "ESC")));
}

#[test]
fn concise() {
    let (sources, all) = three();
    insta::assert_snapshot!(beside(&sources, &render::concise(&all, &sources, PLAIN)));
}

#[test]
fn json() {
    let (sources, all) = three();
    insta::assert_snapshot!(beside(&sources, &render::json(&all, &sources, &PLAIN.into())));
}

#[test]
fn places_that_are_hard_to_show() {
    let mut sources = Sources::new();
    let tabs = sources.add("tabs.kdl", "flow web {\r\n\tcap\t99\t// é\tat most\r\n}\r\n");
    let wide = sources.add("wide.kdl", "item \"マグ\" unit=eа\n");
    let end = sources.add("end.kdl", "flow web {\n");
    let none = sources.add("none.kdl", "");
    let far = sources.add("far.kdl", format!("unit ea\n{}unit ea\n", "// filler\n".repeat(20)));
    let say = |span, text: &str| Diagnostic::new(code::SYNTAX, span, text).here("here");
    let all = vec![
        say(find(&sources, tabs, "99", 0), "tabs, CRLF"),
        say(find(&sources, wide, "eа", 0), "characters of two columns"),
        say(Span::new(end, 11, 11), "the end of a file, after its line break"),
        say(Span::new(end, 10, 10), "the end of a line"),
        say(Span::new(none, 0, 0), "an empty file"),
        say(find(&sources, tabs, "{\r\n\tcap\t99\t// é\tat most\r\n}", 0), "several lines"),
        Diagnostic::new(code::DUPLICATE_NAME, find(&sources, far, "unit ea", 1), "labels far apart")
            .here("again")
            .label(find(&sources, far, "unit ea", 0), "first declared here"),
        say(find(&sources, tabs, "at most", 0).head(), "an empty label before another")
            .label(find(&sources, tabs, "at most", 0), "which begins there"),
        say(find(&sources, tabs, "cap\t99", 0), "one label in another")
            .label(find(&sources, tabs, "99", 0), "inside it")
            .label(find(&sources, tabs, "cap", 0), "at its start")
            .label(find(&sources, tabs, "cap", 0), "twice"),
    ];
    insta::assert_snapshot!(beside(&sources, &render::human(&all, &sources, PLAIN)));
}

#[test]
fn long_lines_are_cut_around_their_labels() {
    let mut sources = Sources::new();
    let row: String = (0..40_000).map(|n| format!("{n:05} ")).collect();
    let file = sources.add("long.csv", row);
    let one = Diagnostic::new(code::CATALOG_ROW, find(&sources, file, "20000", 0), "far along a line")
        .here("a count that is no whole number of the base unit, said at some length")
        .label(find(&sources, file, "20004", 0), "near it")
        .label(find(&sources, file, "39999", 0), "at the line's end");
    let text = render::human(&[one], &sources, PLAIN);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn marks_that_terminals_obey_are_written_out() {
    let mut sources = Sources::new();
    let hostile = "item \"A\u{1b}[31m\u{202e}B\u{200b}\u{0}\" unit=ea\n";
    let file = sources.add("evil\u{1b}[2J\n.kdl", hostile);
    let span = find(&sources, file, "\"A\u{1b}[31m\u{202e}B\u{200b}\u{0}\"", 0);
    let one = Diagnostic::new(code::ITEM_UNMAPPED, span, "`A\u{1b}[31m\u{202e}B` is in no system\nat all")
        .here("this\u{9b}31m one")
        .help("Say `in`.\nOr not\u{7f}.")
        .fix("drop\u{1b}it", span, "\u{2066}");
    let all = [one];
    let mut output = String::new();
    for (format, name, _) in FORMATS {
        let text = format.render(&all, &sources, &PLAIN.into());
        let bad = text.chars().find(|c| *c != '\n' && onhand::diagnostic::escape::is_hidden(*c));
        assert_eq!(bad, None, "{name}: {text}");
        output.push_str(&sarif::without_rules(&text));
    }
    let first = output.lines().find(|line| line.starts_with('{')).expect("json has a finding");
    let value: serde_json::Value = serde_json::from_str(first).expect("valid JSON");
    assert_eq!(value["message"], "`A\u{1b}[31m\u{202e}B` is in no system\nat all", "the value is unchanged");
    insta::assert_snapshot!(output);
}

#[test]
fn no_snippet_and_no_fix_shows_a_secret() {
    let mut sources = Sources::new();
    let file = sources.add("onhand.kdl", "system erp { user root; password \"hunter2\"; limit ten }\n");
    let secret = find(&sources, file, "\"hunter2\"", 0);
    let all = [
        Diagnostic::new(code::LITERAL_SECRET, secret, "a password stands in the text").here("this"),
        Diagnostic::new(code::WRONG_TYPE, find(&sources, file, "ten", 0), "a rate is due").fix(
            "say ten a second",
            find(&sources, file, "ten", 0),
            "\"10/s\"",
        ),
    ];
    for (format, name, _) in FORMATS {
        let text = format.render(&all, &sources, &PLAIN.into());
        assert!(!text.contains("hunter2"), "{name}: {text}");
    }
    let text = render::human(&all, &sources, PLAIN);
    assert_eq!(text.matches("***").count(), 2, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn fixes_of_several_edits_and_lines() {
    let mut sources = Sources::new();
    let long = format!("item A {{ {}in web 12 }}\nitem B {{\n  in web 12\n}}\n", "in erp A; ".repeat(12));
    let file = sources.add("items.kdl", long);
    let insert = |span: Span| Edit { span: span.head(), replacement: "unit=ea ".to_owned() };
    let fix = |title: &str, edits| Some(Fix { title: title.to_owned(), edits, sure: true });
    let one = |edits| Diagnostic {
        fix: fix("say the unit", edits),
        ..Diagnostic::new(code::MISSING_ARGUMENT, find(&sources, file, "A", 0), "an item without a unit")
    };
    let (a, b) = (find(&sources, file, "{", 0), find(&sources, file, "{", 1));
    let number = Edit { span: find(&sources, file, "12", 0), replacement: "\"12\"".to_owned() };
    let all = [
        one(vec![number.clone()]),
        one(vec![insert(a), number]),
        one(vec![insert(a), insert(b)]),
        one(vec![insert(b)]),
    ];
    insta::assert_snapshot!(beside(&sources, &render::human(&all, &sources, PLAIN)));
}

#[test]
fn at_most_fifty_findings_and_some_of_every_rule() {
    let mut sources = Sources::new();
    let file = sources.add("items.csv", "bad\n".repeat(1_000));
    let rows = |rule: Rule, count: usize| {
        (0..count).map(move |n| Diagnostic::new(rule, Span::new(file, n * 4, n * 4 + 3), "bad"))
    };
    let mut all: Vec<_> = rows(code::CATALOG_ROW, 990)
        .chain(rows(code::ITEM_UNMAPPED, 400))
        .chain(rows(code::DUPLICATE_CODE, 3))
        .collect();
    sort(&mut all, &sources);
    let text = render::human(&all, &sources, ASCII);
    let shown = |slug: &str| text.lines().filter(|line| line.contains(&format!("[{slug}]: bad"))).count();
    assert_eq!((shown("catalog-row"), shown("item-unmapped"), shown("duplicate-code")), (24, 23, 3));
    insta::assert_snapshot!(text.lines().rev().take(6).collect::<Vec<_>>().join("\n"), @r"
    993 errors, 400 warnings

      `--format concise` lists them all
      and 377 more like this: warning[item-unmapped]
      and 966 more like this: error[catalog-row]
    ");
    assert_eq!(render::concise(&all, &sources, ASCII).lines().count(), 1_393);
    assert_eq!(render::json(&all, &sources, &ASCII.into()).lines().count(), 1_394);
    assert_eq!(render::human(&all[..50], &sources, ASCII).matches("more like this").count(), 0);
}

#[test]
fn findings_are_sorted_by_file_line_column_and_rule() {
    let mut sources = Sources::new();
    let b = sources.add("b.kdl", "x\ny z\n");
    let a = sources.add("a.kdl", "x\n");
    let at = |rule, file, start| Diagnostic::new(rule, Span::new(file, start, start), "m");
    let order = [
        at(code::SYNTAX, a, 0),
        at(code::SYNTAX, b, 0),
        at(code::OWNER_GAP, b, 2),
        at(code::SYNTAX, b, 2),
        at(code::OWNER_GAP, b, 4),
    ];
    let mut shuffled = vec![order[3].clone(), order[0].clone(), order[4].clone()];
    shuffled.extend([order[2].clone(), order[1].clone()]);
    sort(&mut shuffled, &sources);
    assert_eq!(shuffled, order);
}

#[test]
fn no_findings() {
    let sources = Sources::new();
    assert_eq!(render::human(&[], &sources, PLAIN), "no findings\n");
    assert_eq!(render::concise(&[], &sources, PLAIN), "");
    assert_eq!(render::json(&[], &sources, &PLAIN.into()), "{\"summary\":{\"errors\":0,\"warnings\":0}}\n");
}

#[test]
fn every_format_has_one_row() {
    let names: BTreeSet<_> = FORMATS.iter().map(|(_, name, _)| *name).collect();
    assert_eq!(names.len(), FORMATS.len());
    for (format, name, _) in FORMATS {
        assert_eq!(Format::named(name), Some(*format));
        assert_eq!(format.name(), *name);
    }
    // A variant without a row does not compile here, or fails in `name`.
    for format in [Format::Human, Format::Concise, Format::Json, Format::Sarif, Format::Github] {
        match format {
            Format::Human | Format::Concise | Format::Json | Format::Sarif | Format::Github => {
                assert!(!format.name().is_empty());
            }
        }
    }
    assert_eq!(Format::named("yaml"), None);
}

#[test]
fn the_published_schema_is_current_and_describes_the_output() {
    let schema = render::schema();
    accept::same("schemas/diagnostics.json", &schema);
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("valid JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let (sources, all) = three();
    for line in render::json(&all, &sources, &PLAIN.into()).lines() {
        let value = serde_json::from_str(line).expect("valid JSON");
        validator.validate(&value).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let accepted = [
        Accepted { rule: "lag-slow", place: Some(all[0].primary.span), reason: "slow", silenced: 2 },
        Accepted { rule: "lag-missing", place: None, reason: "`--allow` on the command line", silenced: 0 },
    ];
    let about = About { accepted: &accepted, ..PLAIN.into() };
    let text = render::json(&[], &sources, &about);
    let value = serde_json::from_str(&text).expect("valid JSON");
    validator.validate(&value).unwrap_or_else(|error| panic!("{text}: {error}"));
    let allowed = &value["summary"]["allowed"];
    assert_eq!((&allowed[0]["line"], &allowed[0]["silenced"]), (&2.into(), &2.into()), "{text}");
    assert!(allowed[1]["file"].is_null() && allowed[1]["line"].is_null());
    for wrong in [
        r#"{}"#,
        r#"{"summary":{"errors":1}}"#,
        r#"{"rule":"syntax"}"#,
        r#"{"rule":"syntax","severity":"fatal","message":"m","file":"a","line":0,"column":1,"end_line":1,"end_column":1,"labels":[],"help":"","fix":null}"#,
    ] {
        let value = serde_json::from_str(wrong).expect("valid JSON");
        assert!(!validator.is_valid(&value), "{wrong}");
    }
}

#[test]
fn a_finding_costs_the_same_anywhere_in_a_large_file() {
    let mut sources = Sources::new();
    let many = sources.add("many.kdl", "item MUG unit=ea { in erp MUG }\n".repeat(32_768));
    let one = sources.add("one.kdl", "item MUG; ".repeat(104_858));
    let run = |file: SourceId, at: &dyn Fn(usize) -> usize| {
        let findings =
            (0..1_000).map(|n| Diagnostic::new(code::SYNTAX, Span::new(file, at(n), at(n) + 4), "m"));
        let findings: Vec<_> = findings.collect();
        let start = Instant::now();
        let shown: Vec<_> = findings.iter().map(|d| render::finding(d, &sources, PLAIN)).collect();
        let concise = render::concise(&findings, &sources, PLAIN);
        let json = render::json(&findings, &sources, &PLAIN.into());
        let took = start.elapsed().as_secs_f64();
        assert_eq!((concise.lines().count(), json.lines().count()), (1_000, 1_001));
        let lines: usize = shown.iter().map(|(_, lines)| lines).sum();
        let bytes: usize = shown.iter().map(|(text, _)| text.len()).sum();
        assert_eq!(lines, 1_000, "one line is read for a finding on one line");
        assert!(bytes < 400 * 1_000, "no snippet grows with its file: {bytes}");
        took
    };
    for (file, name, step) in [(many, "lines of 32 bytes", 32), (one, "one line of 1 MB", 10)] {
        let last = (sources.file(file).text().len() / step - 1_001) * step;
        let (near, far) = (run(file, &|n| n * step), run(file, &|n| last + n * step));
        println!("1000 findings in 1 MB, {name}: {far:.4} s at the end, {:.2} of the start", far / near);
    }
}

/// Any text, any spans: no panic, no line wider than the terminal but for a few columns of a
/// label's text, valid JSON, and the right first line and column.
#[test]
fn any_text_can_be_shown() {
    let text = "([a-z{}\"; \t\r\n\u{0}-\u{1f}é漢\u{202e}\u{200d}👍]|[ a-z]{60}){0,60}";
    let cuts = proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..12);
    let options = (0usize..300, any::<bool>(), any::<bool>());
    chance::check(256, (text, cuts, options), |(text, cuts, (width, unicode, secret))| {
        let mut sources = Sources::new();
        let file = sources.add("a.kdl", text.as_str());
        let other = sources.add("b.kdl", "item MUG\n");
        let mut spans: Vec<_> = cuts
            .iter()
            .map(|(a, b)| {
                let (a, b) = (a.index(text.len() + 1), b.index(text.len() + 1));
                let (a, b) = (text.floor_char_boundary(a.min(b)), text.floor_char_boundary(a.max(b)));
                Span::new(file, a, b)
            })
            .collect();
        let primary = spans.remove(0);
        let rule = if secret { code::LITERAL_SECRET } else { code::SYNTAX };
        let mut one = Diagnostic::new(rule, primary, text.as_str())
            .here("is it the first?")
            .help(text.as_str())
            .label(Span::new(other, 5, 8), "elsewhere");
        for span in &spans {
            one = one.label(*span, "another label with some words in it");
        }
        let one = one.fix("mend", primary, "mended");
        let options = Options { width, colour: false, unicode };
        let human = render::human(std::slice::from_ref(&one), &sources, options);
        assert!(human.ends_with("\n1 error\n"));
        assert!(!human.contains("Failed to read"));
        assert!(human.chars().all(|c| c == '\n' || !onhand::diagnostic::escape::is_hidden(c)));
        for line in human.lines() {
            let columns = unicode_width::UnicodeWidthStr::width(line);
            assert!(columns <= width.clamp(40, 200) + 30, "{columns}: {line}\n{human}");
        }
        let whole = sarif::checked(std::slice::from_ref(&one), &sources, &options.into());
        let region = &whole["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
        let words = &whole["runs"][0]["results"][0]["message"]["text"];
        assert!(words.as_str().expect("text").contains("\nHere: is it the first?\n"), "{words}");
        let commands = render::github(std::slice::from_ref(&one), &sources, &options.into());
        assert_eq!(commands.lines().count(), 1);
        assert!(commands.starts_with("::error file=a.kdl,line="));
        let json = render::json(&[one], &sources, &options.into());
        let first = json.lines().next().expect("a finding");
        let value: serde_json::Value = serde_json::from_str(first).expect("valid JSON");
        let before = &text[..primary.start as usize];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        assert_eq!(&value["line"], before.matches('\n').count() + 1);
        assert_eq!(&value["column"], before[line_start..].chars().count() + 1);
        assert_eq!(&value["message"], text.as_str());
        assert_eq!(region["startLine"], value["line"]);
        assert_eq!(&region["startColumn"], before[line_start..].encode_utf16().count() + 1);
    });
}

//! Workflow commands: what GitHub shows beside the lines of a pull request.

use super::{PLAIN, beside, find, three};
use onhand::diagnostic::render::{self, About};
use onhand::diagnostic::{Diagnostic, code};
use onhand::source::{Sources, Span};

#[test]
fn one_command_a_finding() {
    let (sources, all) = three();
    let about = About { folder: "shops/eu", ..PLAIN.into() };
    insta::assert_snapshot!(beside(&sources, &render::github(&all, &sources, &about)));
    assert_eq!(render::github(&[], &sources, &about), "");
}

/// What the runner makes of a command: its name, its properties and its message.
fn read(line: &str) -> (String, Vec<(String, String)>, String) {
    let rest = line.strip_prefix("::").expect("a command begins with ::");
    let (head, message) = rest.split_once("::").expect("a command has a message");
    let (name, properties) = head.split_once(' ').expect("properties");
    let back = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').expect("key=value");
        (key.to_owned(), back(value))
    };
    (name.to_owned(), properties.split(',').map(pair).collect(), back(message))
}

#[test]
fn nothing_of_the_text_ends_a_command() {
    let mut sources = Sources::new();
    let file = sources.add("a,b:c%0A::error::.kdl", "item A\r\n::error::B\n");
    let all = [Diagnostic::new(code::SYNTAX, Span::new(file, 0, 3), "100% of\n::error::it\r, or: so")
        .here("::stop-commands::x")
        .help("First.\nSecond 5%.")];
    let text = render::github(&all, &sources, &PLAIN.into());
    assert_eq!(text.lines().count(), 1, "{text}");
    let (name, properties, message) = read(text.trim_end());
    assert_eq!(name, "error");
    let get = |key: &str| properties.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str());
    assert_eq!(get("file"), Some("a,b:c%0A::error::.kdl"));
    assert_eq!((get("line"), get("col"), get("endColumn")), (Some("1"), Some("1"), Some("4")));
    assert_eq!(get("title"), Some("syntax"));
    assert_eq!(message, "100% of\\n::error::it\\r, or: so\nhere: ::stop-commands::x\nFirst.\nSecond 5%.");
}

#[test]
fn several_lines_have_no_columns() {
    let mut sources = Sources::new();
    let file = sources.add("a.kdl", "item A {\n  in b\n}\n");
    let all = [Diagnostic::new(code::SYNTAX, find(&sources, file, "A {\n  in b\n}", 0), "m")];
    let text = render::github(&all, &sources, &PLAIN.into());
    assert_eq!(text, "::error file=a.kdl,line=1,endLine=3,title=syntax::m\n");
}

#[test]
fn errors_come_first_and_a_notice_counts_what_is_not_shown() {
    let mut sources = Sources::new();
    let file = sources.add("a.kdl", "x\n".repeat(40));
    let at = |rule, line: usize| Diagnostic::new(rule, Span::new(file, line * 2, line * 2 + 1), "m");
    let mut all: Vec<_> = (0..11).map(|line| at(code::LAG_SLOW, line)).collect();
    all.extend((11..23).map(|line| at(code::SYNTAX, line)));
    let text = render::github(&all, &sources, &PLAIN.into());
    let names: Vec<String> =
        text.lines().map(|line| line[2..].split([' ', ':']).next().unwrap().into()).collect();
    assert!(
        names[..12].iter().all(|name| name == "error") && names[12..23].iter().all(|name| name == "warning")
    );
    assert_eq!(names.len(), 24);
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("::notice title=onhand check::2 errors and 1 warning more: GitHub"), "{last}");
    let few = render::github(&all[1..11], &sources, &PLAIN.into());
    assert!(!few.contains("::notice"));
}

//! What holds for any input whatever: no panic, tokens that tile the text, spans that lie in it, work in
//! proportion to it, findings that every format can show, and the same answer twice.

use onhand::compile::{Compiled, Inputs, compile};
use onhand::connectors::KINDS;
use onhand::diagnostic::render::{About, FORMATS, Options};
use onhand::diagnostic::{Diagnostic, Edit};
use onhand::source::{SourceId, Sources, Span};
use onhand::syntax::format::{Refusal, format};
use onhand::syntax::{self, MAX_FINDINGS, lexer};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A line that begins so ends a file of the input and names the next one.
pub const NEXT_FILE: &str = "//=== ";

/// The files of an input: the first is the root.
pub fn files(input: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut name = "onhand.kdl".to_owned();
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(NEXT_FILE.as_bytes()) {
            Some(next) => {
                name = String::from_utf8_lossy(next).trim().to_owned();
                files.entry(name.clone()).or_insert_with(Vec::new);
            }
            None => files.entry(name.clone()).or_default().extend_from_slice(line),
        }
    }
    files
}

/// Holds one input against all of it. Returns what the input shows of the program: an input that shows
/// something new is worth keeping.
pub fn check(input: &[u8]) -> BTreeSet<u64> {
    let files = files(input);
    let mut seen = BTreeSet::new();
    for text in files.values().filter_map(|bytes| std::str::from_utf8(bytes).ok()) {
        text_holds(text, &mut seen);
    }
    let compiled = compiled(&files);
    findings_hold(&compiled.diagnostics, &compiled.sources);
    shown(&compiled, &mut seen);
    let again = self::compiled(&files);
    assert_eq!(compiled.diagnostics, again.diagnostics, "the same input gives the same findings");
    assert_eq!(compiled.model.digest, again.model.digest, "the same input has the same digest");
    let paths = compiled.paths(&compiled.diagnostics);
    assert_eq!(paths.len(), compiled.diagnostics.len(), "each finding has its place");
    for (_, name, render) in FORMATS {
        for options in [
            Options { width: 40, colour: true, unicode: true },
            Options { width: 100, colour: false, unicode: false },
        ] {
            let about = About { paths: &paths, ..options.into() };
            let text = render(&compiled.diagnostics, &compiled.sources, &about);
            let same = render(&again.diagnostics, &again.sources, &about);
            assert_eq!(text, same, "{name} is the same twice");
        }
    }
    seen
}

fn compiled(files: &BTreeMap<String, Vec<u8>>) -> Compiled {
    let env = |name: &str| (name.len() < 5).then(|| "c.csv".to_owned());
    let scene = crate::compile::scene();
    compile(&Inputs { folder: files, root: "onhand.kdl", kinds: KINDS, env: &env, scene })
}

fn text_holds(text: &str, seen: &mut BTreeSet<u64>) {
    let mut at = 0;
    let mut before = None;
    for token in lexer::tokens(text) {
        assert_eq!(token.start, at, "tokens tile the text");
        assert!(token.end > at && text.is_char_boundary(token.end as usize), "{token:?}");
        at = token.end;
        let kind = (token.kind as u8, token.fault as u8);
        seen.insert(digest(&(before, kind)));
        before = Some(kind);
    }
    assert_eq!(at as usize, text.len(), "tokens reach the end");
    let parsed = syntax::parse(SourceId(0), text);
    assert!(parsed.steps <= 64 * text.len() as u64 + 256, "{} steps", parsed.steps);
    assert!(parsed.diagnostics.len() <= MAX_FINDINGS + 1, "findings of one file are bounded");
    let mut sources = Sources::new();
    sources.add("text", text);
    findings_hold(&parsed.diagnostics, &sources);
    match format(text) {
        Ok(laid_out) => {
            assert_eq!(format(&laid_out).as_ref(), Ok(&laid_out), "laid out twice is laid out once")
        }
        Err(Refusal::WouldChange(what)) => panic!("the layout would change {what}"),
        Err(Refusal::Mistakes(_) | Refusal::TooLarge) => {}
    }
}

fn findings_hold(found: &[Diagnostic], sources: &Sources) {
    let fits = |span: Span| {
        let text = sources.file(span.source).text();
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
        assert!(text.is_char_boundary(span.start as usize), "{span:?}");
        assert!(text.is_char_boundary(span.end as usize), "{span:?}");
    };
    for one in found {
        fits(one.primary.span);
        one.labels.iter().for_each(|label| fits(label.span));
        assert!(!one.message.is_empty() && !one.help.is_empty(), "{one:?}");
        let mut edits: Vec<&Edit> = one.fix.iter().flat_map(|fix| &fix.edits).collect();
        edits.sort_by_key(|edit| (edit.span.source, edit.span.start, edit.span.end));
        edits.iter().for_each(|edit| fits(edit.span));
        for pair in edits.windows(2).filter(|pair| pair[0].span.source == pair[1].span.source) {
            assert!(pair[0].span.end <= pair[1].span.start, "edits that overlap: {one:?}");
        }
    }
}

/// The sorts of findings, by what cannot come from the input, and how much was made of it.
fn shown(compiled: &Compiled, seen: &mut BTreeSet<u64>) {
    for found in &compiled.diagnostics {
        let form = (found.labels.len().min(3), found.fix.is_some(), found.help.len().min(400) / 40);
        seen.insert(digest(&(found.rule.slug, found.severity, form)));
    }
    let model = &compiled.model;
    let sizes = [model.systems.len(), model.locations.len(), model.items.len(), model.bundles.len()];
    for (kind, size) in sizes.iter().chain(&[model.owners.len(), model.flows.len()]).enumerate() {
        seen.insert(digest(&(kind, (*size).min(3))));
    }
}

fn digest(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

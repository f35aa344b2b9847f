//! SARIF 2.1.0: findings for code scanning, within the limits that GitHub sets.

use crate::diagnostic::about::About;
use crate::diagnostic::{Diagnostic, Edit, Fix, Label, Severity, code, escape};
use crate::source::path::{join, tidy, uri};
use crate::source::{SourceId, Sources, Span};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The schema that the output keeps to.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What relative addresses are relative to.
const ROOT: &str = "%SRCROOT%";
/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;
/// GitHub shows so many of them.
const SHOWN_RESULTS: usize = 5_000;
/// GitHub refuses a file that is larger compressed; we stay below it uncompressed.
const MOST_BYTES: usize = 10_000_000;
/// GitHub shows so many locations of a result, its own included, and refuses ten times as many.
const MOST_LOCATIONS: usize = 100;
/// GitHub cuts descriptions of rules here, in characters.
const LONGEST_DESCRIPTION: usize = 1_024;

/// One run as one JSON object on one line. Errors come first, and each severity in the order given; what
/// does not fit GitHub's limits is left out from the end, and a notification says so.
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources, about: &About<'_>) -> String {
    let rules: Vec<Value> = code::ALL.iter().map(|rule| rule_of(rule.slug, rule.severity, about)).collect();
    let index: HashMap<&str, usize> =
        code::ALL.iter().enumerate().map(|(at, rule)| (rule.slug, at)).collect();
    let prints = fingerprints(diagnostics, about.paths);
    let mut order: Vec<usize> = (0..diagnostics.len()).collect();
    order.sort_by_key(|at| diagnostics[*at].severity);
    let writer = Writer { sources, folder: about.folder };
    // The rest of the file takes a few thousand bytes beside its rules.
    let mut room = MOST_BYTES.saturating_sub(safe(&Value::from(rules.clone())).len() + 10_000);
    let mut results = Vec::new();
    for at in order.into_iter().take(MOST_RESULTS) {
        let d = &diagnostics[at];
        let mut result = writer.result(d);
        result["ruleIndex"] = index.get(d.rule.slug).copied().into();
        result["partialFingerprints"] = prints[at].clone();
        let length = safe(&result).len() + 1;
        if length > room {
            break;
        }
        room -= length;
        results.push(result);
    }
    let notes = notifications(diagnostics.len(), results.len());
    let folder = if about.folder.is_empty() { String::new() } else { format!("{}/", about.folder) };
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "onhand",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            // Two topologies of one repository are two analyses: neither replaces the alerts of the other.
            "automationDetails": { "id": format!("onhand/{folder}") },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the repository." } } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    });
    safe(&log) + "\n"
}

/// JSON without characters that a terminal would obey.
fn safe(value: &Value) -> String {
    escape::json(&value.to_string()).into_owned()
}

/// What is said of a rule: its page has the words.
fn rule_of(slug: &'static str, severity: Severity, about: &About<'_>) -> Value {
    let mut rule = json!({
        "id": slug,
        "name": pascal(slug),
        "defaultConfiguration": { "level": severity.word() },
        // A finding is proved from the text, and GitHub shows first what is surely so.
        "properties": { "precision": "very-high", "problem.severity": severity.word() },
    });
    let Some(page) = (about.page)(slug) else { return rule };
    let head = page.split("\n## ").next().unwrap_or(page);
    let parts = head.split("\n\n").map(str::trim).filter(|part| !part.is_empty() && !part.starts_with('#'));
    let parts: Vec<String> =
        parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let cut = |text: String| escape::clip(text.into(), LONGEST_DESCRIPTION - 1, "…");
    let short = parts.first().cloned().unwrap_or_else(|| slug.to_owned());
    rule["shortDescription"] = json!({ "text": cut(short) });
    rule["fullDescription"] = json!({ "text": cut(parts.join(" ")) });
    rule["help"] = json!({ "text": parts.join("\n\n"), "markdown": page });
    rule
}

/// `owner-overlap` as `OwnerOverlap`.
fn pascal(slug: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_ascii_uppercase() + rest
    };
    slug.split('-').map(capital).collect()
}

/// What tells a finding from another whatever lines stand around it: its rule, the path of its node, and a
/// running number where several share both. GitHub looks at `primaryLocationLineHash` alone, so the same
/// stands there as a digest.
fn fingerprints(diagnostics: &[Diagnostic], paths: &[String]) -> Vec<Value> {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let print = |(at, d): (usize, &Diagnostic)| {
        let path = paths.get(at).map_or("", |path| path.as_str());
        let number = seen.entry((d.rule.slug, path)).or_default();
        *number += 1;
        let name = format!("{} {path}", d.rule.slug);
        json!({
            "nodePath/v1": format!("{name} {number}"),
            "primaryLocationLineHash": format!("{:016x}:{number}", fnv(&name)),
        })
    };
    diagnostics.iter().enumerate().map(print).collect()
}

/// FNV-1a, 64 bits: the same on every machine and in every version.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What is said about findings that GitHub does not take, or does not show.
fn notifications(found: usize, written: usize) -> Vec<Value> {
    let text = if written < found {
        let left = found - written;
        format!(
            "{left} of {found} findings are left out, the least severe and last ones: GitHub takes at most \
             {MOST_RESULTS} results and 10 MB. `onhand check --format json` lists all."
        )
    } else if found > SHOWN_RESULTS {
        format!(
            "{found} findings are listed, errors first; GitHub shows at most {SHOWN_RESULTS} of them. \
             `onhand check --format json` lists all."
        )
    } else {
        return Vec::new();
    };
    vec![json!({ "level": "warning", "message": { "text": text } })]
}

struct Writer<'a> {
    sources: &'a Sources,
    folder: &'a str,
}

impl Writer<'_> {
    fn result(&self, d: &Diagnostic) -> Value {
        let shown = &d.labels[..d.labels.len().min(MOST_LOCATIONS - 1)];
        let mut result = json!({
            "ruleId": d.rule.slug,
            "level": d.severity.word(),
            "message": { "text": self.words(d, shown) },
            "locations": [self.location(&d.primary)],
        });
        if !shown.is_empty() {
            let related = shown.iter().enumerate().map(|(at, label)| {
                let mut place = self.location(label);
                place["id"] = (at + 1).into();
                place
            });
            result["relatedLocations"] = related.collect();
        }
        if let Some(fix) = &d.fix {
            result["fixes"] = json!([self.fix(fix)]);
        }
        result
    }

    /// The message, the other places as links to them, and what to do.
    fn words(&self, d: &Diagnostic, shown: &[Label]) -> String {
        // GitHub makes the first sentence the title.
        let mut words = sentence(plain(&d.message));
        if !d.primary.text.is_empty() {
            words.push_str(&format!("\nHere: {}", sentence(plain(&d.primary.text))));
        }
        for (at, label) in shown.iter().enumerate() {
            let name = tidy(&join(self.folder, self.sources.file(label.span.source).name()));
            let line = self.sources.position(label.span).line;
            let place = plain(&format!("{name}:{line}"));
            words.push_str(&format!("\n[{place}]({}): {}", at + 1, sentence(plain(&label.text))));
        }
        if shown.len() < d.labels.len() {
            words.push_str(&format!("\nAnd {} more places.", d.labels.len() - shown.len()));
        }
        if !d.help.is_empty() {
            words.push_str(&format!("\n\n{}", plain(&d.help)));
        }
        words
    }

    fn location(&self, label: &Label) -> Value {
        let mut place = json!({ "physicalLocation": {
            "artifactLocation": self.artifact(label.span.source),
            "region": self.region(label.span),
        }});
        if !label.text.is_empty() {
            place["message"] = json!({ "text": plain(&label.text) });
        }
        place
    }

    fn artifact(&self, source: SourceId) -> Value {
        let path = tidy(&join(self.folder, self.sources.file(source).name()));
        match path.starts_with('/') {
            true => json!({ "uri": uri(&path) }),
            false => json!({ "uri": uri(&path), "uriBaseId": ROOT }),
        }
    }

    fn region(&self, span: Span) -> Value {
        let file = self.sources.file(span.source);
        let (from, to) = (file.position_utf16(span.start), file.position_utf16(span.end));
        json!({
            "startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column,
        })
    }

    fn fix(&self, fix: &Fix) -> Value {
        let mut by_file: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            by_file.entry(edit.span.source).or_default().push(edit);
        }
        let replace = |edit: &Edit| {
            let text = &edit.replacement;
            json!({ "deletedRegion": self.region(edit.span), "insertedContent": { "text": text } })
        };
        let changes = by_file.into_iter().map(|(source, edits)| {
            let replacements: Vec<Value> = edits.into_iter().map(replace).collect();
            json!({ "artifactLocation": self.artifact(source), "replacements": replacements })
        });
        let changes: Vec<Value> = changes.collect();
        json!({ "description": { "text": plain(&fix.title) }, "artifactChanges": changes })
    }
}

/// Text that ends as a sentence does.
fn sentence(mut text: String) -> String {
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}

/// Text in which brackets make no link.
fn plain(text: &str) -> String {
    text.replace('[', "\\[").replace(']', "\\]")
}

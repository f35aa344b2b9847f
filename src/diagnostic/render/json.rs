//! One JSON object a line: each finding, then the summary. `schemas/diagnostics.json` is made from here.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::about::{About, Accepted};
use crate::diagnostic::{Counts, Diagnostic, Fix, Label, escape};
use crate::source::{Position, Sources, Span};

/// One line of `check --format json`: a finding, or, last, the summary.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Line<'a> {
    Finding(Finding<'a>),
    Last { summary: Summary<'a> },
}

/// One finding. Lines and columns count from 1, columns in characters; an end is one past the last
/// character; files are relative to the topology's folder.
#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    /// The rule's slug: its page, the word after `allow` and `explain`.
    rule: &'a str,
    severity: Severity,
    /// One sentence: what was found.
    message: &'a str,
    file: &'a str,
    #[schemars(range(min = 1))]
    line: u32,
    #[schemars(range(min = 1))]
    column: u32,
    #[schemars(range(min = 1))]
    end_line: u32,
    #[schemars(range(min = 1))]
    end_column: u32,
    /// Other places that are involved.
    labels: Vec<Place<'a>>,
    /// Why it matters and what to do; may be empty.
    help: &'a str,
    /// Edits that surely mend it, or null.
    fix: Option<FixLine<'a>>,
}

/// An error stops plan and apply; a warning can be allowed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

/// Another place, and what is to be said about it.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    file: &'a str,
    #[schemars(range(min = 1))]
    line: u32,
    #[schemars(range(min = 1))]
    column: u32,
    text: &'a str,
}

/// A change of text; its edits never overlap and are made together.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fix")]
struct FixLine<'a> {
    /// What it does, in the imperative.
    title: &'a str,
    /// Whether it is surely what is meant; `check --fix` leaves guesses alone.
    sure: bool,
    edits: Vec<EditLine<'a>>,
}

/// The text from here to there becomes the replacement; an empty range inserts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
struct EditLine<'a> {
    file: &'a str,
    #[schemars(range(min = 1))]
    line: u32,
    #[schemars(range(min = 1))]
    column: u32,
    #[schemars(range(min = 1))]
    end_line: u32,
    #[schemars(range(min = 1))]
    end_column: u32,
    replacement: &'a str,
}

/// How many findings of each severity there are, and what was accepted.
#[derive(Serialize, JsonSchema)]
struct Summary<'a> {
    errors: usize,
    warnings: usize,
    /// Every `allow`, of the text and of the command line; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    allowed: Vec<Allowed<'a>>,
}

/// Warnings that somebody accepted.
#[derive(Serialize, JsonSchema)]
struct Allowed<'a> {
    /// The rule's slug.
    rule: &'a str,
    /// The file of the `allow`; null for one on the command line.
    file: Option<&'a str>,
    /// Its line, from 1; null for one on the command line.
    #[schemars(range(min = 1))]
    line: Option<u32>,
    /// Why, as the topology says it.
    reason: &'a str,
    /// How many warnings it took out. One that several accept counts for the innermost.
    silenced: usize,
}

/// Each finding on a line, in the order given, then `{"summary":{"errors":…,"warnings":…}}`.
/// Control and direction marks are written as `\u202e`.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources, about: &About<'_>) -> String {
    let mut text = String::new();
    for d in diagnostics {
        push(&mut text, &Line::Finding(finding(d, sources)));
    }
    let Counts { errors, warnings } = Counts::of(diagnostics);
    let allowed = about.accepted.iter().map(|accepted| allowed(accepted, sources)).collect();
    push(&mut text, &Line::Last { summary: Summary { errors, warnings, allowed } });
    text
}

fn allowed<'a>(accepted: &Accepted<'a>, sources: &'a Sources) -> Allowed<'a> {
    Allowed {
        rule: accepted.rule,
        file: accepted.place.map(|place| sources.file(place.source).name()),
        line: accepted.place.map(|place| sources.position(place).line),
        reason: accepted.reason,
        silenced: accepted.silenced,
    }
}

/// The JSON Schema of one line, as it stands in `schemas/diagnostics.json`.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Line<'static>);
    let title = "One line of `onhand check --format json`";
    schema.insert("title".to_owned(), title.into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema has only text keys");
    text.push('\n');
    text
}

fn push(text: &mut String, line: &Line<'_>) {
    let json = serde_json::to_string(line).expect("a line has only text keys");
    text.push_str(&escape::json(&json));
    text.push('\n');
}

fn finding<'a>(d: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    let (file, from, to) = range(d.primary.span, sources);
    Finding {
        rule: d.rule.slug,
        severity: match d.severity {
            crate::diagnostic::Severity::Error => Severity::Error,
            crate::diagnostic::Severity::Warning => Severity::Warning,
        },
        message: &d.message,
        file,
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
        labels: d.labels.iter().map(|label| place(label, sources)).collect(),
        help: &d.help,
        fix: d.fix.as_ref().map(|fix| fix_line(fix, sources)),
    }
}

fn place<'a>(label: &'a Label, sources: &'a Sources) -> Place<'a> {
    let (file, from, _) = range(label.span, sources);
    Place { file, line: from.line, column: from.column, text: &label.text }
}

fn fix_line<'a>(fix: &'a Fix, sources: &'a Sources) -> FixLine<'a> {
    let edit = |edit: &'a crate::diagnostic::Edit| {
        let (file, from, to) = range(edit.span, sources);
        EditLine {
            file,
            line: from.line,
            column: from.column,
            end_line: to.line,
            end_column: to.column,
            replacement: &edit.replacement,
        }
    };
    FixLine { title: &fix.title, sure: fix.sure, edits: fix.edits.iter().map(edit).collect() }
}

/// The file's name, where the span starts, and one past where it ends.
fn range(span: Span, sources: &Sources) -> (&str, Position, Position) {
    let file = sources.file(span.source);
    (file.name(), file.position(span.start), file.position(span.end))
}

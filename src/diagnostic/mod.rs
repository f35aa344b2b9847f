//! What was found: a rule, a severity, the place, what to do. Plain values; rendering lives beside.

mod about;
pub mod code;
pub mod escape;
mod excerpt;
mod miette;
mod options;
pub mod render;
pub mod wrap;

use crate::source::{Sources, Span};
pub use code::Rule;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The topology cannot be used.
    Error,
    /// It can be used, and a careful person would look; `allow RULE reason="…"` accepts it.
    Warning,
}

impl Severity {
    /// The word that people read: `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words, lower case, no full stop.
    pub text: String,
}

/// One edit of a fix: these bytes become this text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A change that mends the finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What the fix does, in the imperative: `quote the number`.
    pub title: String,
    /// The edits; they never overlap.
    pub edits: Vec<Edit>,
    /// Whether it is surely what is meant. A guess, such as the nearest name, is offered and never made
    /// without somebody having looked: another SKU's code would sell another SKU.
    pub sure: bool,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Which rule was broken; the slug is its only identity.
    pub rule: Rule,
    /// The rule's severity, unless something lowered it (`bad-rows`).
    pub severity: Severity,
    /// One sentence: what was found.
    pub message: String,
    /// The text that caused it.
    pub primary: Label,
    /// Other places involved, also in other files.
    pub labels: Vec<Label>,
    /// Why it matters and what to do, in plain words.
    pub help: String,
    /// An edit that is surely right, where there is one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding of `rule` at `span`, with the rule's own severity.
    pub fn new(rule: Rule, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule,
            severity: rule.severity,
            message: message.into(),
            primary: Label { span, text: String::new() },
            labels: Vec::new(),
            help: String::new(),
            fix: None,
        }
    }

    /// A name that stands a second time, at `second`; the first place is shown beside it where it is known.
    pub fn second(second: Span, first: impl Into<Option<Span>>, message: impl Into<String>) -> Diagnostic {
        let found = Diagnostic::new(code::DUPLICATE_NAME, second, message).here("the second one");
        match first.into() {
            Some(first) => found.label(first, "the first one"),
            None => found,
        }
    }

    /// What the primary label says.
    pub fn here(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    /// Adds a second label.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Why it matters and what to do. It is shown as sentences, so the first letter becomes a capital and
    /// the end a full stop, unless something else stands there.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        let mut text: String = text.into();
        if let Some(first) = text.get(..1).filter(|first| first.bytes().all(|b| b.is_ascii_lowercase())) {
            let capital = first.to_ascii_uppercase();
            text.replace_range(..1, &capital);
        }
        if text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '`' | '"' | ')')) {
            text.push('.');
        }
        self.help = text;
        self
    }

    /// The one edit that surely mends it.
    pub fn fix(mut self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fix = Some(Fix { title: title.into(), edits, sure: true });
        self
    }

    /// Says of the fix that it is a guess, unless it is sure after all.
    pub fn guess_unless(mut self, sure: bool) -> Diagnostic {
        if let Some(fix) = &mut self.fix {
            fix.sure = sure;
        }
        self
    }

    /// Lowers the finding to a warning.
    pub fn as_warning(mut self) -> Diagnostic {
        self.severity = Severity::Warning;
        self
    }
}

/// How many findings of each severity there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
}

impl Counts {
    /// Counts the findings.
    pub fn of(diagnostics: &[Diagnostic]) -> Counts {
        let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        Counts { errors, warnings: diagnostics.len() - errors }
    }
}

/// Puts findings in the order in which they are shown: file name, line, column, rule, message.
pub fn sort(diagnostics: &mut [Diagnostic], sources: &Sources) {
    let name = |d: &Diagnostic| sources.file(d.primary.span.source).name();
    diagnostics.sort_by(|a, b| {
        // Within one file the order of bytes is the order of lines and columns.
        let place = |d: &Diagnostic| (d.primary.span.start, d.rule.slug);
        name(a).cmp(name(b)).then_with(|| place(a).cmp(&place(b))).then_with(|| a.message.cmp(&b.message))
    });
}

/// Whether no other known word is as near to a wrong one.
pub fn is_lone<'n>(wrong: &str, near: &str, known: impl IntoIterator<Item = &'n str>) -> bool {
    let least = strsim::damerau_levenshtein(wrong, near);
    known.into_iter().all(|word| word == near || strsim::damerau_levenshtein(wrong, word) > least)
}

/// `, did you mean …?` for an unknown name, or nothing. Near means within a third of its length.
pub fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (wrong.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= limit && *name != wrong)
        .min()
        .map(|(_, name)| name)
}

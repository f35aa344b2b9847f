//! Workflow commands: GitHub shows each finding beside the changed lines of a pull request.

use crate::diagnostic::about::About;
use crate::diagnostic::{Counts, Diagnostic, Severity, escape};
use crate::source::Sources;
use crate::source::path::{join, tidy};

/// GitHub shows so many errors of one step, and as many warnings.
const SHOWN: usize = 10;

/// One `::error …::…` or `::warning …::…` a finding, errors first, since GitHub takes the first ones; then a
/// notice of how many it leaves out. Nothing where there are no findings.
pub fn github(diagnostics: &[Diagnostic], sources: &Sources, about: &About<'_>) -> String {
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning] {
        for d in diagnostics.iter().filter(|d| d.severity == severity) {
            text.push_str(&command(d, sources, about.folder));
        }
    }
    let Counts { errors, warnings } = Counts::of(diagnostics);
    let left = [(errors, "error"), (warnings, "warning")].map(|(count, word)| {
        let left = count.saturating_sub(SHOWN);
        (left > 0).then(|| format!("{left} {word}{}", if left == 1 { "" } else { "s" }))
    });
    let left: Vec<String> = left.into_iter().flatten().collect();
    if !left.is_empty() {
        let message = format!(
            "{} more: GitHub shows the first {SHOWN} errors and {SHOWN} warnings of a step. The log of this \
             step and `onhand check` list all.",
            left.join(" and ")
        );
        text.push_str(&format!("::notice title=onhand check::{}\n", data(&message)));
    }
    text
}

fn command(d: &Diagnostic, sources: &Sources, folder: &str) -> String {
    let file = sources.file(d.primary.span.source);
    let (from, to) = (file.position(d.primary.span.start), file.position(d.primary.span.end));
    let path = property(&tidy(&join(folder, file.name())));
    // GitHub refuses columns where the annotation covers several lines.
    let columns = match from.line == to.line {
        true => format!(",col={},endColumn={}", from.column, to.column.max(from.column)),
        false => String::new(),
    };
    let (word, slug) = (d.severity.word(), d.rule.slug);
    let (line, end) = (from.line, to.line);
    let message = data(&words(d, sources, folder));
    format!("::{word} file={path},line={line},endLine={end}{columns},title={slug}::{message}\n")
}

/// The message, the other places, and what to do, each on lines of its own.
fn words(d: &Diagnostic, sources: &Sources, folder: &str) -> String {
    let mut words = escape::line(&d.message).into_owned();
    if !d.primary.text.is_empty() {
        words.push_str(&format!("\nhere: {}", escape::line(&d.primary.text)));
    }
    for label in &d.labels {
        let name = tidy(&join(folder, sources.file(label.span.source).name()));
        let line = sources.position(label.span).line;
        words.push_str(&format!("\n{}:{line}: {}", escape::line(&name), escape::line(&label.text)));
    }
    if !d.help.is_empty() {
        words.push_str(&format!("\n{}", escape::lines(&d.help)));
    }
    words
}

/// Text of a message: a line break would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a colon or a comma would end.
fn property(text: &str) -> String {
    data(&escape::line(text)).replace(':', "%3A").replace(',', "%2C")
}

//! The formats in which findings are shown: one table, one file each.

mod concise;
mod github;
mod human;
mod json;
mod sarif;

use crate::diagnostic::Diagnostic;
use crate::source::Sources;

pub use crate::diagnostic::about::{About, Accepted};
pub use crate::diagnostic::options::Options;
pub use concise::concise;
pub use github::github;
pub use human::{finding, human};
pub use json::{json, schema};
pub use sarif::sarif;

/// What a format does: sorted findings, their sources and what else is known in, the whole text out.
pub type Renderer = fn(&[Diagnostic], &Sources, &About<'_>) -> String;

/// A format by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Snippets with labels, for people at a terminal.
    Human,
    /// One line a finding, as compilers print them, for editors and `grep`.
    Concise,
    /// One JSON object a line, for programs; `schemas/diagnostics.json` describes it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, for annotations of pull requests on GitHub.
    Github,
}

/// Every format with its name and its function. A new one is its file, its variant and its line.
pub const FORMATS: &[(Format, &str, Renderer)] = &[
    (Format::Human, "human", |found, sources, about| human(found, sources, about.options)),
    (Format::Concise, "concise", |found, sources, about| concise(found, sources, about.options)),
    (Format::Json, "json", json),
    (Format::Sarif, "sarif", sarif),
    (Format::Github, "github", github),
];

impl Format {
    /// The format of a name, as `--format` takes it.
    pub fn named(name: &str) -> Option<Format> {
        FORMATS.iter().find(|(_, known, _)| *known == name).map(|(format, ..)| *format)
    }

    /// The name that `--format` takes.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Lays the findings out.
    pub fn render(self, diagnostics: &[Diagnostic], sources: &Sources, about: &About<'_>) -> String {
        (self.row().2)(diagnostics, sources, about)
    }

    fn row(self) -> &'static (Format, &'static str, Renderer) {
        let found = FORMATS.iter().find(|(format, ..)| *format == self);
        found.expect("a test holds that every format has its row")
    }
}

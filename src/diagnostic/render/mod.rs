//! The formats in which findings are shown: one table, one file each.

mod concise;
mod human;
mod json;

use crate::diagnostic::Diagnostic;
use crate::source::Sources;

pub use crate::diagnostic::options::Options;
pub use concise::concise;
pub use human::{finding, human};
pub use json::{json, schema};

/// What a format does: sorted findings and their sources in, the whole text out.
pub type Renderer = fn(&[Diagnostic], &Sources, Options) -> String;

/// A format by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Snippets with labels, for people at a terminal.
    Human,
    /// One line a finding, as compilers print them, for editors and `grep`.
    Concise,
    /// One JSON object a line, for programs; `schemas/diagnostics.json` describes it.
    Json,
}

/// Every format with its name and its function. A new one is its file, its variant and its line.
pub const FORMATS: &[(Format, &str, Renderer)] =
    &[(Format::Human, "human", human), (Format::Concise, "concise", concise), (Format::Json, "json", json)];

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
    pub fn render(self, diagnostics: &[Diagnostic], sources: &Sources, options: Options) -> String {
        (self.row().2)(diagnostics, sources, options)
    }

    fn row(self) -> &'static (Format, &'static str, Renderer) {
        let found = FORMATS.iter().find(|(format, ..)| *format == self);
        found.expect("a test holds that every format has its row")
    }
}

//! One line a finding: `path:line:column: error[rule]: message`.

use std::fmt::Write;

use super::Options;
use crate::diagnostic::{Diagnostic, escape};
use crate::source::Sources;

/// A message longer than this many characters is cut; `json` has it whole.
const LONGEST: usize = 500;

/// One line for each finding, in the order given. Nothing where there are none.
pub fn concise(diagnostics: &[Diagnostic], sources: &Sources, options: Options) -> String {
    let mut text = String::new();
    let cut = if options.unicode { "…" } else { "..." };
    for d in diagnostics {
        let place = sources.position(d.primary.span);
        let name = escape::line(sources.file(d.primary.span.source).name());
        let message = escape::clip(escape::line(&d.message), LONGEST, cut);
        let (word, slug) = (d.severity.word(), d.rule.slug);
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{name}:{}:{}: {word}[{slug}]: {message}", place.line, place.column);
    }
    text
}

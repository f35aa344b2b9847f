//! Warnings that a first topology is left with on purpose: each accepted where it lies, with its reason.

use super::Files;
use super::draft::compiled;
use crate::source::Span;

/// What only those who run the systems can decide, and why it may stay so for a start.
const REASONS: &[(&str, &str)] = &[
    ("shared-pool", "for a start: every plan states how much is promised more than once"),
    ("reserved-unowned", "for a start: that system does not show what is promised to orders"),
    ("transfer-untracked", "for a start: no stock goes from one of these places to another"),
];

/// Adds an `allow` with its reason for each such warning, until none is left.
pub fn settle(mut files: Files) -> Files {
    // An `allow` may bring to light what it had covered; the table bounds how often.
    for _ in 0..=REASONS.len() {
        let found = compiled(&files);
        let mut places: Vec<(String, Span, &str, &str)> = Vec::new();
        for one in &found.diagnostics {
            let place = one.primary.span;
            let around =
                |top: &Span| top.source == place.source && top.start <= place.start && place.end <= top.end;
            let node = found.tops.iter().map(|top| top.span).find(around);
            let reason = REASONS.iter().find(|(slug, _)| *slug == one.rule.slug);
            if let (Some(node), Some((slug, reason))) = (node, reason) {
                let file = found.sources.file(node.source).name().to_owned();
                places.push((file, node, slug, reason));
            }
        }
        places.sort();
        places.dedup();
        if places.is_empty() {
            break;
        }
        // From the end on, so that the places before stay where they are.
        for (file, node, slug, reason) in places.iter().rev() {
            if let Some((_, text)) = files.iter_mut().find(|(path, _)| path == file) {
                accept(text, *node, slug, reason);
            }
        }
    }
    files
}

/// Writes an `allow` at the end of a node's block.
fn accept(text: &mut String, node: Span, slug: &str, reason: &str) {
    let (start, end) = (node.start as usize, node.end as usize);
    let Some(written) = text.get(start..end) else { return };
    let Some(close) = written.rfind('}').map(|at| start + at) else { return };
    let allow = format!("allow {slug} reason=\"{reason}\"");
    let line = match written.contains('\n') {
        true => format!("    {allow}\n"),
        false => format!("; {allow} "),
    };
    // On one line the last value is followed by a space already.
    let at = if line.starts_with(';') && text[..close].ends_with(' ') { close - 1 } else { close };
    text.insert_str(at, line.trim_end_matches(' '));
}

//! What came of planted mistakes, rule by rule, as a table.

use super::grow::Folder;
use super::written::Place;
use onhand::compile::Compiled;
use onhand::diagnostic::Rule;
use std::collections::BTreeMap;

/// What is looked at: found at all, by the right rule, at the right node, with no other finding.
#[derive(Clone, Copy, Default)]
pub struct Score {
    pub planted: usize,
    pub columns: [usize; 4],
    /// In how many topologies it could be planted.
    pub topologies: usize,
}

/// All scores, and what fell short.
#[derive(Default)]
pub struct Scores {
    pub rules: BTreeMap<&'static str, Score>,
    pub short: Vec<String>,
}

impl Scores {
    /// Judges one topology with one mistake.
    pub fn judge(
        &mut self,
        (rule, name): (Rule, &str),
        compiled: &Compiled,
        (folder, place): (&Folder, Option<Place>),
        topology: &str,
    ) {
        let found = &compiled.diagnostics;
        let right: Vec<_> = found.iter().filter(|one| one.rule == rule).collect();
        let place = place.unwrap_or_else(|| panic!("`{name}` marks no place"));
        let inside = |one: &&&onhand::diagnostic::Diagnostic| {
            let (span, file) = (one.primary.span, compiled.sources.file(one.primary.span.source).name());
            file == place.0 && place.1.start <= span.start as usize && span.end as usize <= place.1.end
        };
        let columns =
            [!found.is_empty(), !right.is_empty(), right.iter().any(|one| inside(&one)), found.len() == 1];
        let score = self.rules.entry(rule.slug).or_default();
        score.planted += 1;
        for (sum, holds) in score.columns.iter_mut().zip(columns) {
            *sum += usize::from(holds);
        }
        if columns != [true; 4] {
            let text = folder.get(&place.0).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let text = text.and_then(|text| text.get(place.1.clone()).map(str::to_owned)).unwrap_or_default();
            let line = folder.get(&place.0).map_or(0, |bytes| {
                bytes[..place.1.start.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1
            });
            let told = crate::compile::told(compiled);
            self.short.push(format!(
                "--- {} by {name} in {topology} at {}:{line}\n{text}\nfound:\n{told}",
                rule.slug, place.0
            ));
        }
    }

    /// The table that people read.
    pub fn table(&self) -> String {
        let head = ["rule", "topologies", "planted", "found", "right rule", "right node", "alone"];
        let mut lines = vec![format!(
            "{:<26}{:>11}{:>9}{:>7}{:>12}{:>12}{:>7}",
            head[0], head[1], head[2], head[3], head[4], head[5], head[6]
        )];
        let line = |name: &str, score: &Score| {
            let [found, rule, node, alone] = score.columns;
            let topologies = score.topologies;
            format!("{name:<26}{topologies:>11}{:>9}{found:>7}{rule:>12}{node:>12}{alone:>7}", score.planted)
        };
        lines.extend(self.rules.iter().map(|(name, score)| line(name, score)));
        let total = self.total();
        lines.push(line("total", &total));
        let share = |part: usize| {
            let hundredths = part * 10_000 / total.planted.max(1);
            format!("{}.{:02} %", hundredths / 100, hundredths % 100)
        };
        let [found, rule, node, alone] = total.columns.map(share);
        lines.push(format!("found {found}, right rule {rule}, right node {node}, alone {alone}"));
        lines.join("\n")
    }

    pub fn total(&self) -> Score {
        let mut total = Score::default();
        for score in self.rules.values() {
            total.planted += score.planted;
            total.topologies = total.topologies.max(score.topologies);
            for (sum, one) in total.columns.iter_mut().zip(score.columns) {
                *sum += one;
            }
        }
        total
    }
}

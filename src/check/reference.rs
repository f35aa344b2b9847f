//! `docs/rules/`: the pages of all rules for people who read them outside of a terminal, and their index.

use super::pages::page;
use crate::diagnostic::Severity;
use crate::diagnostic::code::{ALL, FAMILIES, Rule, find};
use std::fmt::Write;

/// Every file of `docs/rules/`, by name, with what it holds.
pub fn files() -> Vec<(String, String)> {
    let index = ("README.md".to_owned(), index());
    let pages = ALL.iter().map(|rule| (format!("{}.md", rule.slug), whole(*rule)));
    std::iter::once(index).chain(pages).collect()
}

/// The rules family by family.
fn families() -> impl Iterator<Item = (&'static str, &'static [Rule])> {
    let at = |first: Rule| ALL.iter().position(|rule| *rule == first).unwrap_or(ALL.len());
    FAMILIES.iter().enumerate().map(move |(index, (name, first))| {
        let end = FAMILIES.get(index + 1).map_or(ALL.len(), |(_, next)| at(*next));
        (*name, ALL.get(at(*first)..end).unwrap_or_default())
    })
}

const INDEX: &str = "\
# Rules

What `onhand check` finds, family by family. An **error** keeps a topology from being planned. A **warning**
lets it pass; `allow RULE reason=\"…\"` inside the node that it points at accepts it, and `check --deny
warnings` refuses those that nobody accepted. `onhand explain RULE` prints a rule's page in the terminal.

Each page says what is wrong and why it costs money, and shows an example with its finding, and the example
mended. The tests run them.
";

fn index() -> String {
    let mut text = INDEX.to_owned();
    for (family, rules) in families() {
        let _ = write!(text, "\n## {family}\n\n| rule | | what is wrong |\n|---|---|---|\n");
        for rule in rules {
            let _ = writeln!(
                text,
                "| [`{}`]({}.md) | {} | {} |",
                rule.slug,
                rule.slug,
                word(rule.severity),
                rule.says
            );
        }
    }
    text
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A rule's page with its family and severity below the title.
fn whole(rule: Rule) -> String {
    let own = page(rule.slug).unwrap_or_default();
    let (title, rest) = own.split_once('\n').unwrap_or((own, ""));
    let family = families().find(|(_, rules)| rules.contains(&rule)).map_or("", |(name, _)| name);
    let anchor = family.to_lowercase();
    let standing = match rule.severity {
        Severity::Error => "Error: it cannot be allowed.".to_owned(),
        Severity::Warning => {
            format!("Warning: `allow {} reason=\"…\"` in the node that it points at accepts it.", rule.slug)
        }
    };
    format!(
        "{title}\n\n*{standing}*\nFamily [{family}](README.md#{anchor}) of the [rules](README.md).\n{}",
        linked(rest, rule.slug)
    )
}

/// The text with a link at each name of another rule, outside of blocks of code.
fn linked(text: &str, own: &str) -> String {
    let mut parts = Vec::new();
    for (index, part) in text.split("\n```").enumerate() {
        // What follows a mark of a block on its line belongs to the mark.
        let (mark, rest) =
            if index == 0 { ("", part) } else { part.split_at(part.find('\n').unwrap_or(part.len())) };
        match index % 2 {
            0 => parts.push(format!("{mark}{}", linked_prose(rest, own))),
            _ => parts.push(part.to_owned()),
        }
    }
    parts.join("\n```")
}

fn linked_prose(text: &str, own: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        match index % 2 {
            0 => out.push_str(part),
            _ if part != own && find(part).is_some() => {
                let _ = write!(out, "[`{part}`]({part}.md)");
            }
            _ => {
                let _ = write!(out, "`{part}`");
            }
        }
    }
    out
}

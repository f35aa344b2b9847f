//! What formats want to know beside the findings and their text.

use super::options::Options;
use crate::source::Span;

/// The page of a rule by its slug, in Markdown.
pub type Page = fn(&str) -> Option<&'static str>;

/// What formats want to know beside the findings and their text. Where a part is left empty, a format does
/// without it.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// How findings are laid out for people.
    pub options: Options,
    /// The topology's folder, seen from the root of the repository: `shops/eu`, or empty for the root itself.
    pub folder: &'a str,
    /// For each finding, in their order, the path of the node that holds it.
    pub paths: &'a [String],
    /// The pages of the rules.
    pub page: Page,
    /// What was accepted, and why.
    pub accepted: &'a [Accepted<'a>],
}

/// Warnings that somebody accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accepted<'a> {
    /// The rule.
    pub rule: &'a str,
    /// The `allow` in the text; `None` for one on the command line.
    pub place: Option<Span>,
    /// Why.
    pub reason: &'a str,
    /// How many warnings it took out.
    pub silenced: usize,
}

impl From<Options> for About<'_> {
    fn from(options: Options) -> Self {
        About { options, folder: "", paths: &[], page: |_| None, accepted: &[] }
    }
}

//! A text as its layout: lines with their comments, nodes as the tokens they are made of, blocks in blocks.

use std::borrow::Cow;

/// The inside of a block, or of the whole file.
#[derive(Default, Debug)]
pub struct Body<'t> {
    /// Comments behind the `{`, on its line.
    pub opening: Vec<&'t str>,
    /// What stands in it.
    pub lines: Vec<Line<'t>>,
    /// Whether it stands on several lines.
    pub broken: bool,
    /// Columns that it takes on one line, braces included. Says nothing where it is broken.
    pub width: usize,
}

/// What has a line of its own: a node, comments, or both.
#[derive(Default, Debug)]
pub struct Line<'t> {
    /// Whether a blank line stands before it.
    pub blank: bool,
    /// Comments, before the node or alone. Only the last may be one that ends the line, and only alone.
    pub before: Vec<&'t str>,
    /// The node in its parts; empty where there is none.
    pub node: Vec<Part<'t>>,
    /// Comments behind the node. Only the last may be one that ends the line.
    pub after: Vec<&'t str>,
}

/// A part of a node.
#[derive(Debug)]
pub enum Part<'t> {
    /// A name, a value, `(`, `)`, `=` or `/-`.
    Word(&'t str),
    /// A comment.
    Comment(&'t str),
    /// `\`: the node goes on in the next line; with the comment behind it.
    Break(Option<&'t str>),
    /// A block.
    Block(Box<Body<'t>>),
}

/// Whether a comment ends its line.
pub fn ends_line(comment: &str) -> bool {
    comment.starts_with("//")
}

/// Whether no space stands between two words of a node.
pub fn glued(left: &str, right: &str) -> bool {
    opens(left) || closes(right)
}

/// Whether a word clings to what follows. A string never equals one of these: it has its quotes.
pub fn opens(word: &str) -> bool {
    matches!(word, "(" | ")" | "=" | "/-")
}

/// Whether a word clings to what stands before it.
pub fn closes(word: &str) -> bool {
    matches!(word, ")" | "=")
}

/// How many columns a text takes on its line.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The text with LF as its line breaks. Other line breaks of KDL stay: they are part of what is said.
pub fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

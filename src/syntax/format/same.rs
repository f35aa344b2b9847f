//! Whether two texts say the same: their trees value by value, then all that trees leave out.

use super::layout::{Body, Part, with_line_feeds};
use crate::syntax::{Annotation, Document, Entry, Node, Nodes};
use std::borrow::Cow;

type Difference = &'static str;

/// Compares two trees, each with its text: names, annotations, entries in their order, blocks. Numbers are
/// compared as they are written.
pub fn documents(before: (&Document, &str), after: (&Document, &str)) -> Result<(), Difference> {
    nodes(before.0.nodes(before.1), after.0.nodes(after.1))
}

/// As deep as blocks nest, which the parser bounds.
fn nodes(before: Nodes<'_>, mut after: Nodes<'_>) -> Result<(), Difference> {
    for old in before {
        node(&old, &after.next().ok_or("a node would be lost")?)?;
    }
    expect(after.next().is_none(), "a node would be new")
}

fn node(old: &Node<'_>, new: &Node<'_>) -> Result<(), Difference> {
    expect(old.name() == new.name(), "a node's name would change")?;
    expect(word(old.annotation()) == word(new.annotation()), "a node's annotation would change")?;
    let mut entries = new.entries();
    for entry in old.entries() {
        let other = entries.next().ok_or("an argument or property would be lost")?;
        expect(said(&entry) == said(&other), "an argument or property would change")?;
    }
    expect(entries.next().is_none(), "an argument or property would be new")?;
    expect(old.has_block() == new.has_block(), "a block would come or go")?;
    nodes(old.children(), new.children())
}

fn said<'d>(entry: &Entry<'d>) -> impl PartialEq + use<'d> {
    (entry.name(), word(entry.annotation()), entry.value())
}

fn word(annotation: Option<Annotation<'_>>) -> Option<Cow<'_, str>> {
    annotation.map(|annotation| annotation.name)
}

fn expect(holds: bool, otherwise: Difference) -> Result<(), Difference> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Compares two layouts: every word and brace as it stands, what is slashdashed included, and every comment.
pub fn layouts(before: &Body<'_>, after: &Body<'_>) -> Result<(), Difference> {
    let (mut old, mut new) = (Told::default(), Told::default());
    old.body(before);
    new.body(after);
    expect(old.words == new.words, "a part of the text would change")?;
    expect(old.comments == new.comments, "a comment would change")
}

/// What a layout says, line breaks aside.
#[derive(Default)]
struct Told<'t> {
    /// Words and braces; an empty text ends a node.
    words: Vec<Cow<'t, str>>,
    comments: Vec<Cow<'t, str>>,
}

impl<'t> Told<'t> {
    fn body(&mut self, body: &Body<'t>) {
        self.remarks(&body.opening);
        for line in &body.lines {
            self.remarks(&line.before);
            line.node.iter().for_each(|part| self.part(part));
            if !line.node.is_empty() {
                self.words.push(Cow::Borrowed(""));
            }
            self.remarks(&line.after);
        }
    }

    fn part(&mut self, part: &Part<'t>) {
        match part {
            Part::Word(word) => self.words.push(with_line_feeds(word)),
            Part::Comment(comment) | Part::Break(Some(comment)) => self.remarks(&[*comment]),
            Part::Break(None) => {}
            Part::Block(body) => {
                self.words.push(Cow::Borrowed("{"));
                self.body(body);
                self.words.push(Cow::Borrowed("}"));
            }
        }
    }

    fn remarks(&mut self, comments: &[&'t str]) {
        self.comments.extend(comments.iter().map(|comment| with_line_feeds(comment)));
    }
}

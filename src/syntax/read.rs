//! Readers over the tree: nodes, entries and annotations, each a few words that point into it.

use super::tree::{Document, EntryRecord, Mark, NOWHERE, NodeRecord};
use super::value::{Form, Value};
use crate::source::Span;
use std::borrow::Cow;

impl Document {
    /// The file's nodes. `text` is the text that was parsed.
    pub fn nodes<'d>(&'d self, text: &'d str) -> Nodes<'d> {
        Nodes { document: self, text, at: 0, end: self.nodes.len() as u32 }
    }
}

/// The nodes of a file or of a block, in order.
#[derive(Clone, Debug)]
pub struct Nodes<'d> {
    document: &'d Document,
    text: &'d str,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Nodes<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        if self.at >= self.end {
            return None;
        }
        let node = Node { document: self.document, text: self.text, index: self.at };
        self.at = node.record().next;
        Some(node)
    }
}

/// One node.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    text: &'d str,
    index: u32,
}

impl<'d> Node<'d> {
    fn record(&self) -> &'d NodeRecord {
        &self.document.nodes[self.index as usize]
    }

    /// The name, without quotes and escapes.
    pub fn name(&self) -> Cow<'d, str> {
        let record = self.record();
        record.mark.form().text(slice(self.text, record.name_start, record.name_end))
    }

    /// Where the name stands, quotes included.
    pub fn name_span(&self) -> Span {
        self.document.at(self.record().name_start, self.record().name_end)
    }

    /// The whole node, from its annotation or name to the end of its block.
    pub fn span(&self) -> Span {
        self.document.at(self.record().start, self.record().end)
    }

    /// From the annotation or name to the last entry, without the block.
    pub fn head_span(&self) -> Span {
        self.document.at(self.record().start, self.record().head_end)
    }

    /// `(name)` before the node's name.
    pub fn annotation(&self) -> Option<Annotation<'d>> {
        annotation(self.document, self.text, self.record().mark)
    }

    /// Arguments and properties in order of writing.
    pub fn entries(&self) -> Entries<'d> {
        let next = self.document.nodes.get(self.index as usize + 1);
        let end = next.map_or(self.document.entries.len() as u32, |next| next.first_entry);
        Entries { document: self.document, text: self.text, at: self.record().first_entry, end }
    }

    /// The entries without a name.
    pub fn arguments(&self) -> impl Iterator<Item = Entry<'d>> + use<'d> {
        self.entries().filter(|entry| entry.name().is_none())
    }

    /// The entries with a name, repeated ones included.
    pub fn properties(&self) -> impl Iterator<Item = Entry<'d>> + use<'d> {
        self.entries().filter(|entry| entry.name().is_some())
    }

    /// The property of that name. Where it is repeated the last one counts, as KDL says.
    pub fn property(&self, name: &str) -> Option<Entry<'d>> {
        self.properties().filter(|entry| entry.name().is_some_and(|own| own == name)).last()
    }

    /// The nodes in the block; none where there is no block.
    pub fn children(&self) -> Nodes<'d> {
        Nodes { document: self.document, text: self.text, at: self.index + 1, end: self.record().next }
    }

    /// Whether the node has a block, be it an empty one.
    pub fn has_block(&self) -> bool {
        self.record().block_start != NOWHERE
    }

    /// The block, braces included.
    pub fn block_span(&self) -> Option<Span> {
        let record = self.record();
        self.has_block().then(|| self.document.at(record.block_start, record.end))
    }
}

/// The entries of a node, in order.
#[derive(Clone, Debug)]
pub struct Entries<'d> {
    document: &'d Document,
    text: &'d str,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Entries<'d> {
    type Item = Entry<'d>;

    fn next(&mut self) -> Option<Entry<'d>> {
        if self.at >= self.end {
            return None;
        }
        let entry = Entry { document: self.document, text: self.text, index: self.at };
        self.at += 1;
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.at) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Entries<'_> {}

/// One argument or property.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    document: &'d Document,
    text: &'d str,
    index: u32,
}

impl<'d> Entry<'d> {
    fn record(&self) -> &'d EntryRecord {
        &self.document.entries[self.index as usize]
    }

    /// The name of a property; none for an argument.
    pub fn name(&self) -> Option<Cow<'d, str>> {
        let record = self.record();
        match record.mark.name() {
            Form::Missing => None,
            form => Some(form.text(slice(self.text, record.start, record.name_end))),
        }
    }

    /// Where the name of a property stands, quotes included.
    pub fn name_span(&self) -> Option<Span> {
        let record = self.record();
        let named = record.mark.name() != Form::Missing;
        named.then(|| self.document.at(record.start, record.name_end))
    }

    /// The whole entry: name, `=`, annotation and value.
    pub fn span(&self) -> Span {
        self.document.at(self.record().start, self.record().end)
    }

    /// The value.
    pub fn value(&self) -> Value<'d> {
        let record = self.record();
        record.mark.form().value(slice(self.text, record.value_start, record.end))
    }

    /// Where the value stands, quotes included, without its annotation.
    pub fn value_span(&self) -> Span {
        self.document.at(self.record().value_start, self.record().end)
    }

    /// `(name)` before the value.
    pub fn annotation(&self) -> Option<Annotation<'d>> {
        annotation(self.document, self.text, self.record().mark)
    }
}

/// `(name)` before a node's name or a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation<'d> {
    /// The name between the parentheses.
    pub name: Cow<'d, str>,
    /// The place, parentheses included.
    pub span: Span,
}

fn annotation<'d>(document: &'d Document, text: &'d str, mark: Mark) -> Option<Annotation<'d>> {
    let record = document.annotations.get(mark.annotation()?)?;
    let name = record.form.text(slice(text, record.name_start, record.name_end));
    Some(Annotation { name, span: document.at(record.start, record.end) })
}

/// Another text than the one that was parsed gives empty words, never a panic.
fn slice(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize..end as usize).unwrap_or("")
}

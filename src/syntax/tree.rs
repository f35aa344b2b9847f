//! The tree of a file: three flat lists of records that point into the text, and readers over them.

use super::value::{Form, Value};
use crate::source::{SourceId, Span};
use std::borrow::Cow;

/// Where a record has no such place.
const NOWHERE: u32 = u32::MAX;

/// One file as a tree. It holds no text: readers take the text that was parsed, and no other.
///
/// Slashdashed nodes, entries and blocks are left out; the text between the spans still holds them.
#[derive(Clone, Debug)]
pub struct Document {
    source: SourceId,
    length: u32,
    nodes: Vec<NodeRecord>,
    entries: Vec<EntryRecord>,
    annotations: Vec<AnnotationRecord>,
}

/// Nodes stand in the order of the text, so a node's children follow it up to `next`, and its entries
/// end where the next record's begin.
#[derive(Clone, Copy, Debug)]
struct NodeRecord {
    start: u32,
    name_start: u32,
    name_end: u32,
    head_end: u32,
    block_start: u32,
    end: u32,
    first_entry: u32,
    next: u32,
    mark: Mark,
}

#[derive(Clone, Copy, Debug)]
struct EntryRecord {
    start: u32,
    name_end: u32,
    value_start: u32,
    end: u32,
    mark: Mark,
}

#[derive(Clone, Copy, Debug)]
struct AnnotationRecord {
    start: u32,
    name_start: u32,
    name_end: u32,
    end: u32,
    form: Form,
}

/// 4 bits for the form of the value (or of a node's name), 4 for that of a property's name, 24 for the
/// annotation: its place plus one, or 0. A file of 64 MiB has room for fewer than 2^24 annotations.
#[derive(Clone, Copy, Debug)]
struct Mark(u32);

impl Mark {
    fn new(form: Form, name: Form, annotation: Option<u32>) -> Mark {
        let place = annotation.map_or(0, |place| place + 1) & 0xFF_FFFF;
        Mark(form as u32 | (name as u32) << 4 | place << 8)
    }

    fn form(self) -> Form {
        Form::from_bits(self.0)
    }

    fn name(self) -> Form {
        Form::from_bits(self.0 >> 4)
    }

    fn annotation(self) -> Option<usize> {
        ((self.0 >> 8) as usize).checked_sub(1)
    }
}

/// How long the lists were at some moment, to take back what was added since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    nodes: usize,
    entries: usize,
    annotations: usize,
}

/// An entry as the parser hands it over; bytes of the text.
pub(super) struct NewEntry {
    pub start: u32,
    pub name_end: u32,
    pub name: Form,
    pub value: Written,
    pub annotation: Option<u32>,
}

/// A name or value as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub start: u32,
    pub end: u32,
    pub form: Form,
}

impl Document {
    pub(super) fn new(source: SourceId, length: usize) -> Document {
        Document {
            source,
            length: length as u32,
            nodes: Vec::new(),
            entries: Vec::new(),
            annotations: Vec::new(),
        }
    }

    pub(super) fn marks(&self) -> Marks {
        let (nodes, entries) = (self.nodes.len(), self.entries.len());
        Marks { nodes, entries, annotations: self.annotations.len() }
    }

    pub(super) fn take_back(&mut self, marks: Marks) {
        self.nodes.truncate(marks.nodes);
        self.entries.truncate(marks.entries);
        self.annotations.truncate(marks.annotations);
    }

    pub(super) fn push_annotation(&mut self, start: u32, end: u32, name: Written) -> u32 {
        let (name_start, name_end) = (name.start, name.end);
        self.annotations.push(AnnotationRecord { start, name_start, name_end, end, form: name.form });
        self.annotations.len() as u32 - 1
    }

    pub(super) fn push_node(&mut self, start: u32, name: Written, annotation: Option<u32>) -> u32 {
        let index = self.nodes.len() as u32;
        self.nodes.push(NodeRecord {
            start,
            name_start: name.start,
            name_end: name.end,
            head_end: name.end,
            block_start: NOWHERE,
            end: name.end,
            first_entry: self.entries.len() as u32,
            next: index + 1,
            mark: Mark::new(name.form, Form::Missing, annotation),
        });
        index
    }

    pub(super) fn push_entry(&mut self, node: u32, entry: NewEntry) {
        let value = entry.value;
        self.entries.push(EntryRecord {
            start: entry.start,
            name_end: entry.name_end,
            value_start: value.start,
            end: value.end,
            mark: Mark::new(value.form, entry.name, entry.annotation),
        });
        let node = &mut self.nodes[node as usize];
        (node.head_end, node.end) = (value.end, value.end);
    }

    pub(super) fn open_block(&mut self, node: u32, start: u32) {
        self.nodes[node as usize].block_start = start;
    }

    pub(super) fn close_block(&mut self, node: u32, end: u32) {
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[node as usize];
        (node.end, node.next) = (end, next);
    }

    /// The last name or value of the node becomes the bare text up to `end`.
    pub(super) fn stretch_last(&mut self, node: u32, end: u32) {
        let record = &mut self.nodes[node as usize];
        (record.head_end, record.end) = (end, end);
        match self.entries.get_mut(record.first_entry as usize..).and_then(|own| own.last_mut()) {
            Some(entry) => {
                entry.end = end;
                entry.mark.0 = entry.mark.0 & !0xF | Form::Bare as u32;
            }
            None => record.name_end = end,
        }
    }

    /// Where the last name or value of the node stands.
    pub(super) fn last_word(&self, node: u32) -> Written {
        let record = &self.nodes[node as usize];
        match self.entries.get(record.first_entry as usize..).and_then(|own| own.last()) {
            Some(entry) => Written { start: entry.value_start, end: entry.end, form: entry.mark.form() },
            None => Written { start: record.name_start, end: record.name_end, form: record.mark.form() },
        }
    }

    pub(super) fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.annotations.shrink_to_fit();
    }

    /// The file's nodes. `text` is the text that was parsed.
    pub fn nodes<'d>(&'d self, text: &'d str) -> Nodes<'d> {
        Nodes { document: self, text, at: 0, end: self.nodes.len() as u32 }
    }

    /// The whole file.
    pub fn span(&self) -> Span {
        self.at(0, self.length)
    }

    /// How many bytes of heap the tree holds.
    pub fn heap_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<NodeRecord>()
            + self.entries.capacity() * size_of::<EntryRecord>()
            + self.annotations.capacity() * size_of::<AnnotationRecord>()
    }

    fn at(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end }
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
}

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

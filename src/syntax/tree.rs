//! The tree of a file: three flat lists of records that point into the text, and readers over them.

use super::value::Form;
use crate::source::{SourceId, Span};

/// Where a record has no such place.
pub(super) const NOWHERE: u32 = u32::MAX;

/// One file as a tree. It holds no text: readers take the text that was parsed, and no other.
///
/// Slashdashed nodes, entries and blocks are left out; the text between the spans still holds them.
#[derive(Clone, Debug)]
pub struct Document {
    source: SourceId,
    length: u32,
    pub(super) nodes: Vec<NodeRecord>,
    pub(super) entries: Vec<EntryRecord>,
    pub(super) annotations: Vec<AnnotationRecord>,
}

/// Nodes stand in the order of the text, so a node's children follow it up to `next`, and its entries
/// end where the next record's begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeRecord {
    pub(super) start: u32,
    pub(super) name_start: u32,
    pub(super) name_end: u32,
    pub(super) head_end: u32,
    pub(super) block_start: u32,
    pub(super) end: u32,
    pub(super) first_entry: u32,
    pub(super) next: u32,
    pub(super) mark: Mark,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct EntryRecord {
    pub(super) start: u32,
    pub(super) name_end: u32,
    pub(super) value_start: u32,
    pub(super) end: u32,
    pub(super) mark: Mark,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct AnnotationRecord {
    pub(super) start: u32,
    pub(super) name_start: u32,
    pub(super) name_end: u32,
    pub(super) end: u32,
    pub(super) form: Form,
}

/// 4 bits for the form of the value (or of a node's name), 4 for that of a property's name, 24 for the
/// annotation: its place plus one, or 0. A file of 64 MiB has room for fewer than 2^24 annotations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(u32);

impl Mark {
    fn new(form: Form, name: Form, annotation: Option<u32>) -> Mark {
        let place = annotation.map_or(0, |place| place + 1) & 0xFF_FFFF;
        Mark(form as u32 | (name as u32) << 4 | place << 8)
    }

    pub(super) fn form(self) -> Form {
        Form::from_bits(self.0)
    }

    pub(super) fn name(self) -> Form {
        Form::from_bits(self.0 >> 4)
    }

    pub(super) fn annotation(self) -> Option<usize> {
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

    /// Where the node's name stands, if it has no entries.
    pub(super) fn name_without_entries(&self, node: u32) -> Option<Written> {
        let record = &self.nodes[node as usize];
        let none = self.entries.len() == record.first_entry as usize;
        none.then_some(Written { start: record.name_start, end: record.name_end, form: record.mark.form() })
    }

    /// Where the node begins, its annotation included.
    pub(super) fn node_start(&self, node: u32) -> u32 {
        self.nodes[node as usize].start
    }

    /// The node without its block.
    pub(super) fn head(&self, node: u32) -> Span {
        let record = &self.nodes[node as usize];
        self.at(record.start, record.head_end)
    }

    pub(super) fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.annotations.shrink_to_fit();
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

    pub(super) fn at(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end }
    }
}

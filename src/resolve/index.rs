//! Where each name is declared and used, for whoever asks: an editor jumps and counts by it.

use crate::model::Name;
use crate::source::{SourceId, Span};
use std::collections::HashSet;

/// A name where it stands in a topology: in the text, or in a cell of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The word, quotes included; or the cell.
    pub at: Span,
    /// What it names, without an article: `system`, `item or bundle`, `pack`, `tag`.
    pub what: &'static str,
    /// The name.
    pub name: Name,
    /// Where it is declared; `None` for what is declared wherever it stands (tags), and for what the
    /// language brings along.
    pub home: Option<Span>,
    /// Whether it is declared here.
    pub declares: bool,
}

impl Mention {
    /// Whether both name one thing. A pack belongs to its item, so its home tells it from others of its name.
    pub fn same(&self, other: &Mention) -> bool {
        self.what == other.what && self.name == other.name && self.home == other.home
    }
}

/// All names of a topology.
#[derive(Debug, Default)]
pub struct Index {
    mentions: Vec<Mention>,
    /// Words that every row of a catalog repeats are one mention.
    seen: HashSet<Span>,
    /// Nodes that read files: the start of the node, and each file that it reads.
    files: Vec<(Span, SourceId)>,
}

impl Index {
    /// Notes a name. `cell`: it stands in a catalog, where no other row repeats the place.
    pub fn note(&mut self, mention: Mention, cell: bool) {
        if cell || self.seen.insert(mention.at) {
            self.mentions.push(mention);
        }
    }

    /// Notes that a node, by its first byte, reads a file.
    pub fn reads(&mut self, node: Span, file: SourceId) {
        self.files.push((node.head(), file));
    }

    /// The index, sorted by place.
    pub fn finish(mut self) -> Index {
        self.seen = HashSet::new();
        self.mentions.sort_by_key(|one| (one.at.source, one.at.start, !one.declares));
        self.files.sort();
        self
    }

    /// All mentions by place: file, then byte.
    pub fn mentions(&self) -> &[Mention] {
        &self.mentions
    }

    /// The mention that holds a byte of a file, its end included: that is where a cursor behind it stands.
    pub fn at(&self, file: SourceId, byte: u32) -> Option<&Mention> {
        let after = self.mentions.partition_point(|one| (one.at.source, one.at.start) <= (file, byte));
        // Mentions do not overlap, save that a catalog's cell may name several things.
        let mut before = self.mentions[after.saturating_sub(8)..after].iter();
        before.find(|one| one.at.source == file && byte <= one.at.end)
    }

    /// Every mention of what another one names, by place.
    pub fn all<'i>(&'i self, one: &'i Mention) -> impl Iterator<Item = &'i Mention> {
        self.mentions.iter().filter(move |other| other.same(one))
    }

    /// The files that the node which begins at a place reads: an `include`, `items` or `bundles`.
    pub fn files_of(&self, node: Span) -> impl Iterator<Item = SourceId> {
        let start = node.head();
        self.files.iter().filter(move |(own, _)| *own == start).map(|(_, file)| *file)
    }
}

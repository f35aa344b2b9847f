//! KDL text to a tree with spans: always a tree, all mistakes in one go, never dearer than linear.

pub mod ast;
mod block;
mod entry;
mod escape;
pub mod format;
pub mod lexer;
mod mistake;
mod mistake_inside;
mod mistake_word;
mod multiline;
mod number;
mod parser;
mod read;
mod recover;
pub mod schema;
mod strings;
mod text;
mod tree;
mod value;

use crate::diagnostic::Diagnostic;
use crate::source::SourceId;
pub use read::{Annotation, Entries, Entry, Node, Nodes};
pub use tree::Document;
pub use value::Value;

/// The largest file that is read, in bytes: 64 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// How many findings one file may have; one more says how many were left out.
pub const MAX_FINDINGS: usize = 1_000;

/// What came of a text.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree of everything that could be made out.
    pub document: Document,
    /// The mistakes, in the order of the text; all are errors of the rule `syntax`.
    pub diagnostics: Vec<Diagnostic>,
    /// Work done, in bytes looked at and tokens taken: at most a fixed multiple of the text's length.
    pub steps: u64,
}

/// Reads a text. Never fails: what cannot be made out is a finding, and the rest is in the tree.
pub fn parse(source: SourceId, text: &str) -> Parsed {
    parser::parse(source, text)
}

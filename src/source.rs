//! Where text came from: the files of a topology, kept whole, and spans into them.

pub mod path;

use crate::scan;
use std::sync::Arc;

/// One file that was read, by its place in [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u32);

/// A range of bytes in one file. Files are at most 1 GiB, so 32 bits are enough.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte, from 0.
    pub start: u32,
    /// One past the last byte; never below `start`.
    pub end: u32,
}

impl Span {
    /// The span from `start` (included) to `end` (excluded), in bytes.
    pub fn new(source: SourceId, start: usize, end: usize) -> Span {
        debug_assert!(start <= end);
        Span { source, start: start as u32, end: end as u32 }
    }

    /// The empty span at the start of this one.
    pub fn head(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The smallest span that holds both. Both must lie in one file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.source, other.source);
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A place as people count: line and column from 1; the column counts characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file: its name relative to the topology's folder, its text, and an index of its lines.
#[derive(Debug)]
pub struct File {
    name: String,
    text: String,
    /// Byte at which each line starts; the first is 0.
    lines: Arc<[u32]>,
    /// How many characters begin before byte 0, [`BLOCK`], 2 × [`BLOCK`]…: so that a column far
    /// along a line costs no more than one block.
    characters: Vec<u32>,
    /// Of these, how many take two code units in UTF-16.
    wide: Vec<u32>,
}

/// Bytes between two entries of the index of characters.
const BLOCK: usize = 1024;

/// How many characters begin in these bytes: all but the continuation bytes.
fn characters_in(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count() as u32
}

/// How many characters begin in these bytes that take two code units in UTF-16: those of four bytes.
fn wide_in(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| **b >= 0xF0).count() as u32
}

impl File {
    /// The file's name, relative to the topology's folder, with `/` between folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines the file has; an empty file has one.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Bytes of line `line` (from 1) without its line break; `None` past the end.
    pub fn line_range(&self, line: u32) -> Option<std::ops::Range<usize>> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.lines.get(index)? as usize;
        let end = self.lines.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let trimmed = self.text[start..end].trim_end_matches(['\n', '\r']);
        Some(start..start + trimmed.len())
    }

    /// Line and column of a byte; a byte past the end counts as the end.
    pub fn position(&self, byte: u32) -> Position {
        let byte = (byte as usize).min(self.text.len());
        let line = self.lines.partition_point(|start| *start as usize <= byte);
        let start = self.lines[line - 1] as usize;
        let column = self.characters_before(byte) - self.characters_before(start);
        Position { line: line as u32, column: column + 1 }
    }

    /// As [`File::position`], but the column counts code units of UTF-16, as SARIF and editors do.
    pub fn position_utf16(&self, byte: u32) -> Position {
        let Position { line, column } = self.position(byte);
        let start = self.lines[line as usize - 1] as usize;
        let byte = (byte as usize).min(self.text.len());
        Position { line, column: column + self.wide_before(byte) - self.wide_before(start) }
    }

    fn wide_before(&self, byte: usize) -> u32 {
        let block = byte / BLOCK;
        self.wide[block] + wide_in(&self.text.as_bytes()[block * BLOCK..byte])
    }

    /// How many characters begin before a byte of the text.
    fn characters_before(&self, byte: usize) -> u32 {
        let block = byte / BLOCK;
        self.characters[block] + characters_in(&self.text.as_bytes()[block * BLOCK..byte])
    }
}

/// All files of one compilation, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// No files.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Keeps a file and says by which id its spans will name it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text = text.into();
        let breaks = scan::each(text.as_bytes(), b'\n').map(|at| at as u32 + 1);
        // A list that grows by doubling would be copied as often.
        let mut lines = Vec::with_capacity(1 + scan::count(text.as_bytes(), b'\n'));
        lines.extend(std::iter::once(0).chain(breaks));
        let lines = lines.into();
        let blocks = 1 + text.len() / BLOCK;
        let (mut characters, mut wide) = (Vec::with_capacity(blocks), Vec::with_capacity(blocks));
        characters.push(0);
        wide.push(0);
        let (mut before, mut wide_before) = (0, 0);
        for block in text.as_bytes().chunks_exact(BLOCK) {
            // Mostly each byte is a character.
            let all = block.is_ascii();
            before += if all { BLOCK as u32 } else { characters_in(block) };
            wide_before += if all { 0 } else { wide_in(block) };
            characters.push(before);
            wide.push(wide_before);
        }
        self.files.push(File { name: name.into(), text, lines, characters, wide });
        SourceId(self.files.len() as u32 - 1)
    }

    /// Hides what a span covers: from now on no reader of the text meets it. Bytes, characters and
    /// lines keep their places.
    pub fn mask(&mut self, span: Span) {
        let file = &mut self.files[span.source.0 as usize];
        let range = span.start as usize..span.end as usize;
        let Some(old) = file.text.get(range.clone()) else { return };
        let hidden: String = old
            .chars()
            .map(|c| match (c, c.len_utf8()) {
                ('\n' | '\r', _) => c,
                (_, 1) => '*',
                (_, 2) => '·',
                (_, 3) => '…',
                _ => '🔒',
            })
            .collect();
        file.text.replace_range(range, &hidden);
    }

    /// The file of an id that [`Sources::add`] gave.
    pub fn file(&self, id: SourceId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The files with their ids, in the order in which they were read.
    pub fn files(&self) -> impl Iterator<Item = (SourceId, &File)> {
        self.files.iter().enumerate().map(|(index, file)| (SourceId(index as u32), file))
    }

    /// The id of a file by its name, where it was read.
    pub fn find(&self, name: &str) -> Option<SourceId> {
        self.files().find(|(_, file)| file.name() == name).map(|(id, _)| id)
    }

    /// The text that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        &self.file(span.source).text()[span.start as usize..span.end as usize]
    }

    /// Names and lines of all files, without their text.
    pub fn places(&self) -> Places {
        Places { files: self.files.iter().map(|file| (file.name.clone(), file.lines.clone())).collect() }
    }

    /// Where a span starts.
    pub fn position(&self, span: Span) -> Position {
        self.file(span.source).position(span.start)
    }
}

/// The files of one compilation by name, and where their lines begin: enough to name a place when the text
/// itself is no longer at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    files: Vec<(String, Arc<[u32]>)>,
}

impl Places {
    /// The file in which a span starts, and the line there, from 1; `None` where the file is not known.
    pub fn line(&self, span: Span) -> Option<(&str, usize)> {
        let (name, lines) = self.files.get(span.source.0 as usize)?;
        Some((name, lines.partition_point(|start| *start <= span.start)))
    }
}

/// The folder of a topology as the front half sees it: names in, bytes out. Paths are relative to the
/// folder, with `/` between parts; they may start with `../`.
pub trait Folder {
    /// The entries of one folder (`""` is the topology's own), sorted by name; none if there is no such
    /// folder.
    fn list(&self, dir: &str) -> Vec<Entry>;

    /// The bytes of one file, or why it cannot be read, in words that follow "cannot be read: ".
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// One name for one file, whatever links lead to it: two paths with the same answer are one file.
    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// One entry of a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// Whether it is a folder itself.
    pub is_dir: bool,
}

/// A folder in memory: for embedded examples and tests.
impl Folder for std::collections::BTreeMap<String, Vec<u8>> {
    fn list(&self, dir: &str) -> Vec<Entry> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{}/", dir.trim_end_matches('/')) };
        let inside = self.keys().filter_map(|path| path.strip_prefix(&prefix));
        let mut entries: Vec<Entry> = inside
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => Entry { name: name.to_owned(), is_dir: true },
                None => Entry { name: rest.to_owned(), is_dir: false },
            })
            .collect();
        entries.sort();
        entries.dedup();
        entries
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

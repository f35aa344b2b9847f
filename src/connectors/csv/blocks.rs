//! The text of a feed as it comes, a few megabytes at a time, so that none is held as a whole.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};

/// The text of a file, block by block.
pub enum Blocks<'a> {
    /// All of it at once.
    Whole(Cow<'a, str>),
    /// As its bytes come, in UTF-8.
    Stream(Stream<'a>),
}

/// Bytes on their way to become text.
pub struct Stream<'a> {
    source: Box<dyn Read + 'a>,
    /// The bytes of the last block, and room for more.
    bytes: Vec<u8>,
    /// How many of them are there.
    there: usize,
    /// How many came before them.
    before: u64,
    ended: bool,
}

/// A piece of a text.
pub struct Block<'b> {
    /// The text.
    pub text: &'b str,
    /// Whether nothing follows.
    pub last: bool,
}

/// Why there is no next block.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The byte at a place, from 0, is not in UTF-8.
    Strange(u64, u8),
    /// The source says no more, in its words.
    Source(String),
    /// There is more than this many bytes.
    TooLarge(u64),
    /// There is a row of more than this many bytes.
    Endless(usize),
}

/// So much is read at once, in bytes.
const BLOCK: usize = 4 << 20;

/// The most that is read in all, in bytes: of more nobody could number the lines.
const MOST: u64 = 8 << 30;

/// The longest row, in bytes: a longer one is a quote that is never closed.
const LONGEST: usize = 256 << 20;

impl<'a> Blocks<'a> {
    /// The text that a source of bytes sends.
    pub fn read(source: Box<dyn Read + 'a>) -> Blocks<'a> {
        Blocks::Stream(Stream { source, bytes: Vec::new(), there: 0, before: 0, ended: false })
    }

    /// The next block. It begins with what was not used of the one before.
    pub fn next(&mut self, used: usize) -> Result<Block<'_>, Fault> {
        match self {
            Blocks::Whole(text) => Ok(Block { text: &text[used..], last: true }),
            Blocks::Stream(stream) => stream.next(used),
        }
    }
}

impl Stream<'_> {
    fn next(&mut self, used: usize) -> Result<Block<'_>, Fault> {
        self.drop(used);
        // What is left and fills the room is one row: it needs more.
        if self.there == self.bytes.len() {
            if self.there >= LONGEST {
                return Err(Fault::Endless(LONGEST));
            }
            self.bytes.resize(BLOCK.max(self.there * 2), 0);
        }
        self.fill()?;
        if self.before == 0 && self.bytes[..self.there].starts_with(b"\xEF\xBB\xBF") {
            self.drop(3);
        }
        let bytes = &self.bytes[..self.there];
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let (sound, rest) = bytes.split_at(error.valid_up_to());
                if self.ended || error.error_len().is_some() {
                    let place = self.before + sound.len() as u64;
                    return Err(Fault::Strange(place, rest.first().copied().unwrap_or_default()));
                }
                // A letter whose other bytes are still to come.
                std::str::from_utf8(sound).unwrap_or_default()
            }
        };
        Ok(Block { text, last: self.ended })
    }

    /// Lets go of the first bytes.
    fn drop(&mut self, count: usize) {
        self.bytes.copy_within(count..self.there, 0);
        self.there -= count;
        self.before += count as u64;
    }

    /// Takes as much as there is room for.
    fn fill(&mut self) -> Result<(), Fault> {
        while !self.ended && self.there < self.bytes.len() {
            match self.source.read(&mut self.bytes[self.there..]) {
                Ok(0) => self.ended = true,
                Ok(more) => self.there += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Source(error.to_string())),
            }
        }
        match self.before + self.there as u64 > MOST {
            true => Err(Fault::TooLarge(MOST)),
            false => Ok(()),
        }
    }
}

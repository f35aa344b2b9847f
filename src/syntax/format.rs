//! The canonical layout of a text: comments, blank lines and every value kept, white space set anew.
//!
//! Four spaces a level, one node a line, one space between the parts of a node, two before a comment that
//! ends a line, at most one blank line, LF, one line break at the end. A block that stands on one line
//! stays there while its line has room for it; no other line is broken or joined.

mod gather;
mod layout;
mod same;
mod write;

use super::{MAX_BYTES, parse};
use crate::diagnostic::Diagnostic;
use crate::source::SourceId;

/// The columns of a line that a block on one line must not pass.
pub const WIDTH: usize = 100;

/// Spaces of each level.
const INDENT: usize = 4;

/// Why a text was not laid out. The text stays as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It is not KDL 2: the mistakes, in the order of the text, in the source `SourceId(0)`.
    Mistakes(Vec<Diagnostic>),
    /// Laid out, it would be larger than [`MAX_BYTES`]: blocks on one line that nest deep need much room on
    /// many.
    TooLarge,
    /// Our own bug: the new text would say something else. What would differ, in words, without any part
    /// of the text.
    WouldChange(&'static str),
}

/// The text in its canonical layout. What it says is compared before and after, so that a change of
/// meaning is refused; formatting twice changes nothing. Linear in the text's length.
pub fn format(text: &str) -> Result<String, Refusal> {
    let parsed = parse(SourceId(0), text);
    if !parsed.diagnostics.is_empty() {
        return Err(Refusal::Mistakes(parsed.diagnostics));
    }
    let before = gather::gather(text);
    let written = write::write(&before);
    if written.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let again = parse(SourceId(0), &written);
    if !again.diagnostics.is_empty() {
        return Err(Refusal::WouldChange("the new text would not be KDL"));
    }
    same::documents((&parsed.document, text), (&again.document, &written)).map_err(Refusal::WouldChange)?;
    let after = gather::gather(&written);
    same::layouts(&before, &after).map_err(Refusal::WouldChange)?;
    if write::write(&after) != written {
        return Err(Refusal::WouldChange("a second run would lay it out in another way"));
    }
    Ok(written)
}

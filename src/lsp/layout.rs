//! Formatting: the canonical layout of an open text, as one edit around what changes.

use super::desk::Desk;
use crate::syntax::format::{Refusal, format};
use gen_lsp_types::{DocumentFormattingParams, TextEdit};

/// The edits that lay an open text out. A text with mistakes gets none: they are underlined already, and an
/// editor that formats whenever it saves would complain each time.
pub fn layout(desk: &Desk, params: &DocumentFormattingParams) -> Result<Vec<TextEdit>, &'static str> {
    let Some(doc) = desk.doc(&params.text_document.uri.0) else { return Ok(Vec::new()) };
    let old = &*doc.text.text;
    let new = match format(old) {
        Ok(new) => new,
        Err(Refusal::Mistakes(_)) => return Ok(Vec::new()),
        Err(Refusal::TooLarge) => return Err("laid out, the text would be larger than a file may be"),
        Err(Refusal::WouldChange(_)) => {
            return Err(
                "onhand's own mistake: the new layout would say something else, so the text stays as it is",
            );
        }
    };
    if new == old {
        return Ok(Vec::new());
    }
    let (start, end) = (same_start(old, &new), same_end(old, &new));
    // The two may overlap where lines repeat.
    let end = end.min(old.len().min(new.len()) - start);
    let range = doc.text.range((start as u32, (old.len() - end) as u32), desk.units);
    Ok(vec![TextEdit { range, new_text: new[start..new.len() - end].to_owned() }])
}

/// How many bytes of whole lines both texts begin with.
fn same_start(old: &str, new: &str) -> usize {
    let lines = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
    lines.take_while(|(a, b)| a == b && a.ends_with('\n')).map(|(a, _)| a.len()).sum()
}

/// How many bytes of whole lines both texts end with.
fn same_end(old: &str, new: &str) -> usize {
    let (mut old, mut new) = (old.split_inclusive('\n').rev(), new.split_inclusive('\n').rev());
    let mut same = 0;
    while let (Some(a), Some(b)) = (old.next(), new.next()) {
        if a != b {
            break;
        }
        same += a.len();
    }
    same
}

//! Text broken into lines that fit a width, for whatever is shown at a terminal.

use unicode_width::UnicodeWidthStr;

/// Lines of at most `width` columns, broken at spaces; a longer word stands alone and stays whole, so
/// that it can be copied.
pub fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut start, mut end, mut used) = (0, 0, 0);
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ').width();
        if end > start && used + bare > width {
            lines.push(text[start..end].trim_end());
            (start, used) = (end, 0);
        }
        used += word.width();
        end += word.len();
    }
    lines.push(text[start..end].trim_end());
    lines
}

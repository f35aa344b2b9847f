//! The lines around a finding's labels, made ready to print: chosen, escaped, cut to the width.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Diagnostic, Label, escape};
use crate::source::{File, Position, SourceId, Sources, Span};

/// Labels further apart than this many lines are shown apart.
const NEAR: u32 = 8;
/// A finding shows at most this many labels; the rest are counted.
const MOST_LABELS: usize = 8;
/// A label's text is wrapped, but not below this many columns.
const NARROWEST_TEXT: usize = 24;
/// A label's text is cut after this many characters.
const LONGEST_TEXT: usize = 300;
/// Columns between two tab stops.
const TAB: usize = 4;

/// Some lines of one file, ready to print, with what they point out.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The file's name, escaped.
    pub name: String,
    /// The number of the first line, from 1.
    pub first: u32,
    /// The lines, each with a line break after it.
    pub text: String,
    /// What is pointed out, from left to right and top to bottom; marks never overlap.
    pub marks: Vec<Mark>,
}

/// A place in an excerpt's text.
#[derive(Debug)]
pub(super) struct Mark {
    /// Bytes of the excerpt's text, all on one line; may be empty.
    pub range: Range<usize>,
    /// What is said about it, wrapped; may be empty.
    pub text: String,
    /// Where the place is in the file.
    pub at: Position,
    /// Whether this is the text that caused the finding.
    pub primary: bool,
}

/// What all excerpts of one output share.
pub(super) struct Layout<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// Columns of the terminal.
    pub width: usize,
    /// What stands where a line was cut.
    pub cut: &'static str,
    /// Secrets written into the text: shown as `***`.
    pub secrets: &'a [Span],
}

/// The excerpts of one finding, its own place first.
pub(super) struct Excerpts {
    /// In the order in which they are printed.
    pub list: Vec<Excerpt>,
    /// How many labels are not shown.
    pub left_out: usize,
}

/// A label brought down to one line of its file.
struct Spot<'a> {
    source: SourceId,
    at: Position,
    /// Bytes of the file: the part of the label on its first line.
    range: Range<usize>,
    text: &'a str,
    primary: bool,
}

/// A piece of a line as it will be printed. Each stop is a character of the file: its byte there,
/// its byte in `shown`, its column. The last stop is the end.
#[derive(Default)]
struct Strip {
    shown: String,
    stops: Vec<(usize, usize, usize)>,
    cut_before: bool,
    cut_after: bool,
}

impl Layout<'_> {
    /// What is shown for a finding.
    pub(super) fn excerpts(&self, d: &Diagnostic) -> Excerpts {
        let labels = std::iter::once(&d.primary).chain(&d.labels).take(MOST_LABELS);
        let mut spots: Vec<_> = labels.enumerate().map(|(n, label)| self.spot(label, n == 0)).collect();
        // One file after the other, the finding's own first; within a file from top to bottom.
        spots.sort_by_key(|spot| {
            (spot.source != d.primary.span.source, spot.source, spot.at.line, spot.range.start)
        });
        let mut groups: Vec<Vec<Spot<'_>>> = Vec::new();
        for spot in spots {
            match groups.last_mut() {
                Some(group) if self.near(group, &spot) => group.push(spot),
                _ => groups.push(vec![spot]),
            }
        }
        groups.sort_by_key(|group| !group.iter().any(|spot| spot.primary));
        Excerpts {
            list: groups.iter().map(|group| self.excerpt(group)).collect(),
            left_out: (d.labels.len() + 1).saturating_sub(MOST_LABELS),
        }
    }

    /// Only the first line of a label is pointed out: a label over a whole node would else print it all.
    fn spot<'a>(&self, label: &'a Label, primary: bool) -> Spot<'a> {
        let file = self.sources.file(label.span.source);
        let at = file.position(label.span.start);
        let line = line_of(file, at.line);
        let start = file.text().floor_char_boundary((label.span.start as usize).min(line.end));
        let end = file.text().floor_char_boundary((label.span.end as usize).min(line.end));
        Spot { source: label.span.source, at, range: start..end.max(start), text: &label.text, primary }
    }

    /// Whether a spot is shown in one excerpt with the group before it.
    fn near(&self, group: &[Spot<'_>], spot: &Spot<'_>) -> bool {
        let same_file = group.iter().all(|other| other.source == spot.source);
        let last = group.iter().map(|other| other.at.line).max().unwrap_or(0);
        let first_there = group.iter().find(|other| other.at.line == spot.at.line);
        same_file
            && spot.at.line - last <= NEAR
            && first_there.is_none_or(|other| spot.range.start - other.range.start <= self.width / 2)
    }

    fn excerpt(&self, group: &[Spot<'_>]) -> Excerpt {
        let (first, last) = (group[0].at.line, group[group.len() - 1].at.line);
        let file = self.sources.file(group[0].source);
        // The number, a space on both sides, the bar and a space.
        let room = self.width.saturating_sub(last.to_string().len() + 4);
        let mut text = String::new();
        let mut marks = Vec::new();
        for line in first..=last {
            let spots: Vec<_> = group.iter().filter(|spot| spot.at.line == line).collect();
            let strip = self.strip(group[0].source, line_of(file, line), &spots, room);
            marks.extend(
                apart(strip.marks(&spots)).into_iter().map(|mark| strip.settle(mark, text.len(), room)),
            );
            text.push_str(&strip.shown);
            text.push('\n');
        }
        Excerpt { name: escape::line(file.name()).into_owned(), first, text, marks }
    }

    /// A line as it is printed: all of it where it fits, else the window around its spots.
    fn strip(&self, source: SourceId, line: Range<usize>, spots: &[&Spot<'_>], room: usize) -> Strip {
        let file = self.sources.file(source);
        let from = spots.first().map_or(line.start, |spot| spot.range.start);
        let upto = spots.last().map_or(line.start, |spot| spot.range.start);
        // However long the line, only some bytes on each side are looked at.
        let low = file.text().floor_char_boundary(from.saturating_sub(4 * room).max(line.start));
        let high = file.text().floor_char_boundary((upto + 8 * room).min(line.end));
        let mut strip = self.draw(file.text(), source, low..high);
        strip.cut_before = low > line.start;
        strip.cut_after = high < line.end;
        strip.window(spots, room, self.cut);
        strip
    }

    /// Writes bytes of a file as they are printed: tabs as spaces, hidden characters by name,
    /// secrets as stars.
    fn draw(&self, text: &str, source: SourceId, bytes: Range<usize>) -> Strip {
        let mut strip = Strip::default();
        let mut column = 0;
        let mut in_secret = false;
        let secrets: Vec<_> = self.secrets_in(source, &bytes).collect();
        for (at, c) in text[bytes.clone()].char_indices().map(|(at, c)| (at + bytes.start, c)) {
            strip.stops.push((at, strip.shown.len(), column));
            let before = strip.shown.len();
            let secret = secrets.iter().any(|s| (s.start as usize..s.end as usize).contains(&at));
            match c {
                _ if secret && in_secret => {}
                _ if secret => strip.shown.push_str("***"),
                '\t' => strip.shown.extend(std::iter::repeat_n(' ', TAB - column % TAB)),
                c => escape::push(&mut strip.shown, c),
            }
            in_secret = secret;
            column += match strip.shown[before..].chars().next() {
                Some(only) if only == c => c.width().unwrap_or(0),
                _ => strip.shown.len() - before,
            };
        }
        strip.stops.push((bytes.end, strip.shown.len(), column));
        strip
    }

    /// The secrets that stand, wholly or in part, in these bytes.
    pub(super) fn secrets_in(&self, source: SourceId, bytes: &Range<usize>) -> impl Iterator<Item = &Span> {
        let meets = move |s: &&Span| (s.start as usize) < bytes.end && (s.end as usize) > bytes.start;
        self.secrets.iter().filter(move |s| s.source == source && meets(s))
    }
}

impl Strip {
    /// The place of a byte of the file: its byte in `shown` and its column.
    fn place(&self, byte: usize) -> (usize, usize) {
        let index = self.stops.partition_point(|stop| stop.0 < byte).min(self.stops.len() - 1);
        (self.stops[index].1, self.stops[index].2)
    }

    /// Columns of a spot; one wider than half the room counts as half.
    fn columns(&self, spot: &Spot<'_>, room: usize) -> Range<usize> {
        let start = self.place(spot.range.start).1;
        start..self.place(spot.range.end).1.clamp(start, start + room / 2)
    }

    /// Cuts what lies outside the window around the spots, and says so with `cut`.
    fn window(&mut self, spots: &[&Spot<'_>], room: usize, cut: &str) {
        let total = self.stops[self.stops.len() - 1].2;
        let needs = |spot: &&Spot<'_>| {
            let columns = self.columns(spot, room);
            let text = spot.text.width().min(NARROWEST_TEXT);
            let below = (columns.start + columns.end) / 2 + 5 + text;
            below.max(columns.end)
        };
        let need = spots.iter().map(needs).max().unwrap_or(0);
        let leftmost = spots.first().map_or(0, |spot| self.columns(spot, room).start.saturating_sub(TAB));
        let mut start = (need + 2 * cut.len()).saturating_sub(room).min(leftmost);
        if !self.cut_before && need <= room {
            start = 0;
        }
        self.cut_before |= start > 0;
        let before = if self.cut_before { cut } else { "" };
        let mut end = start + room - before.width();
        self.cut_after |= total > end;
        let after = if self.cut_after { cut } else { "" };
        end -= after.width();
        self.stops.retain(|stop| (start..=end).contains(&stop.2));
        let Some((first, last)) = self.stops.first().zip(self.stops.last()) else { return };
        let (from, upto) = (first.1, last.1);
        self.shown = format!("{before}{}{after}", &self.shown[from..upto]);
        for stop in &mut self.stops {
            stop.1 = stop.1 - from + before.len();
            stop.2 = stop.2 - start + before.width();
        }
    }

    /// The spots as marks of `shown`, their texts not wrapped yet.
    fn marks(&self, spots: &[&Spot<'_>]) -> Vec<Mark> {
        let mark = |spot: &&Spot<'_>| {
            let (start, end) = (self.place(spot.range.start).0, self.place(spot.range.end).0);
            let text = escape::clip(escape::line(spot.text), LONGEST_TEXT, "...");
            Mark { range: start..end.max(start), text, at: spot.at, primary: spot.primary }
        };
        spots.iter().map(mark).collect()
    }

    /// Wraps a mark's text to the room right of the mark's middle, where it is printed, and moves
    /// the mark from this line to the excerpt, in which the line begins at byte `base`.
    fn settle(&self, mark: Mark, base: usize, room: usize) -> Mark {
        let column = |byte: usize| self.shown[..byte].chars().filter_map(|c| c.width()).sum::<usize>();
        let middle = (column(mark.range.start) + column(mark.range.end)) / 2;
        let width = room.saturating_sub(middle + 5).max(NARROWEST_TEXT);
        let text = mark
            .text
            .lines()
            .map(|line| super::wrap::wrap(line, width).join("\n"))
            .collect::<Vec<_>>()
            .join("\n");
        Mark { range: base + mark.range.start..base + mark.range.end, text, ..mark }
    }
}

/// Bytes of a line; a line past the end counts as empty.
fn line_of(file: &File, line: u32) -> Range<usize> {
    file.line_range(line).unwrap_or(file.text().len()..file.text().len())
}

/// Takes overlaps out of the marks of one line: an outer one ends where the inner one starts, and
/// marks of one place become one mark.
fn apart(marks: Vec<Mark>) -> Vec<Mark> {
    let mut left: std::collections::VecDeque<_> = marks.into();
    let mut done: Vec<Mark> = Vec::new();
    left.make_contiguous().sort_by_key(|mark| (mark.range.start, mark.range.end));
    while let Some(mut mark) = left.pop_front() {
        let Some(last) = done.last_mut() else {
            done.push(mark);
            continue;
        };
        let empty_there = last.range.is_empty() && last.range.start == mark.range.start;
        if last.range == mark.range || empty_there {
            // Miette sorts by the start alone, so two marks with one start must not reach it.
            last.range = mark.range;
            last.primary |= mark.primary;
            let both = !last.text.is_empty() && !mark.text.is_empty();
            last.text = format!("{}{}{}", last.text, if both { "\n" } else { "" }, mark.text);
        } else if mark.range.start >= last.range.end {
            done.push(mark);
        } else if mark.range.start > last.range.start {
            last.range.end = mark.range.start;
            done.push(mark);
        } else {
            // The same start, and longer: what is left of it goes back in its order.
            mark.range.start = last.range.end;
            let key = |range: &Range<usize>| (range.start, range.end);
            let at = left.partition_point(|other| key(&other.range) < key(&mark.range));
            left.insert(at, mark);
        }
    }
    done
}

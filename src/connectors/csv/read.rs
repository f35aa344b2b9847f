//! Reads the files of a feed.

use super::blocks::{Blocks, Fault};
use super::find::{Found, find};
use super::rejected;
use super::text::{Mark, Reader, Record, Row, Table};
use crate::connectors::count::shown;
use crate::connectors::gather::{self, Gather};
use crate::connectors::header::Header;
use crate::connectors::raw::{self, Raw};
use crate::connectors::{Context, Failure, setting, shape};
use crate::hands::{self, Hand};
use crate::model::encoding::{Layout, Strange, decode};
use crate::model::observation::{About, Levels};
use crate::model::system::{self, ENCODINGS, Files, Setting};
use crate::model::time::Moment;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The largest file that is read as a whole, in bytes. One of ten million rows is smaller.
const LARGEST_FILE: usize = 1 << 30;

/// Which files a node of the topology reads, and how they are laid out.
pub struct Feed<'m> {
    /// The node, for messages.
    node: &'static str,
    source: &'m Setting,
    files: Files,
    delimiter: u8,
    encoding: &'static str,
}

/// The files of `levels`.
pub fn levels_feed(context: &Context) -> Result<Feed<'_>, Failure> {
    let own = shape(context)?;
    let (source, files) = (&own.source, own.files);
    Ok(Feed { node: "levels", source, files, delimiter: own.delimiter, encoding: own.encoding })
}

/// The files of `lines`.
pub fn lines_feed(own: &system::Lines) -> Feed<'_> {
    let (source, files) = (&own.source, own.files);
    Feed { node: "lines", source, files, delimiter: own.delimiter, encoding: own.encoding }
}

/// The files of `movements`.
pub fn movements_feed(own: &system::Movements) -> Feed<'_> {
    let (source, files) = (&own.source, own.files);
    Feed { node: "movements", source, files, delimiter: own.delimiter, encoding: own.encoding }
}

/// A file as it was read.
pub struct File {
    /// Its name as `levels` or `publish` writes it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// How its bytes were laid out.
    pub layout: Layout,
}

/// The columns that the first row of a file names.
fn header(context: &Context, file: &str, first: &Record<'_, '_>) -> Result<Header, Failure> {
    let names: Vec<Cow<'_, str>> = first.values().collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let header = Header::find(shape(context)?, &names);
    header.map_err(|why| rejected(context, &format!("file `{file}`: {why}")))
}

/// What is said of a file without rows.
fn empty(file: &str) -> String {
    format!("file `{file}` is empty: it has not even a header line; send it again")
}

/// Why the file ends with this record, where it was cut inside it.
fn cut(file: &str, width: u32, record: &Record<'_, '_>) -> Option<String> {
    let row = record.row;
    (row.fields < width && !row.ended).then(|| {
        format!(
            "file `{file}` was cut: line {} ends after {} of {width} fields; send it again",
            row.line, row.fields
        )
    })
}

/// Why the file ends where a quote is never closed.
fn unfinished(file: &str, line: Option<u32>) -> Option<String> {
    let line = line?;
    Some(format!(
        "file `{file}` was cut, or a quote in it is never closed: the field that opens on line {line} has no \
         end; send it again"
    ))
}

/// A file with all its rows.
pub struct Sheet {
    /// The file.
    pub file: File,
    /// Its rows.
    pub table: Table,
}

impl Sheet {
    /// The columns, where the file has a header at all.
    pub fn header(&self, context: &Context) -> Result<Option<Header>, Failure> {
        let Some(row) = self.table.rows.first() else { return Ok(None) };
        header(context, &self.file.name, &self.record(row)).map(Some)
    }

    /// A row with its fields.
    pub fn record(&self, row: &Row) -> Record<'_, '_> {
        self.table.record(&self.file.text, row)
    }

    /// The rows below the header.
    pub fn body(&self) -> impl Iterator<Item = Record<'_, '_>> {
        self.table.rows.iter().skip(1).map(|row| self.record(row))
    }

    /// Its name and its text.
    pub fn blocks(&self) -> (&str, Blocks<'_>) {
        (&self.file.name, Blocks::Whole(self.file.text.as_str().into()))
    }

    /// Why a row does not fit the header, in words; `None` where it does.
    pub fn misfit(&self, record: &Record<'_, '_>) -> Option<String> {
        misfit(self.table.rows[0].fields, record)
    }
}

/// Why a row does not fit a header of so many fields, in words; `None` where it does.
fn misfit(width: u32, record: &Record<'_, '_>) -> Option<String> {
    let row = record.row;
    if row.stray {
        return Some(
            "something stands behind a closing quote, so the fields of this row cannot be told apart; \
             double the quotes inside a field"
                .to_owned(),
        );
    }
    let blank = |at: u32| record.value(at as usize).is_none_or(|value| value.is_empty());
    let surplus = row.fields > width && !(width..row.fields).all(blank);
    (row.fields < width || surplus).then(|| {
        format!(
            "the row has {} fields where the header has {width}, so a count may stand in a wrong column; \
             mend the row (a field that holds the delimiter must be quoted)",
            row.fields
        )
    })
}

/// All levels of the feed. No file is held as a whole, but for one whose encoding has to be taken off first.
pub fn levels(context: &Context) -> Result<Levels, Failure> {
    let feed = levels_feed(context)?;
    let (glob, chosen) = chosen(context, &feed)?;
    let files = chosen.iter().map(|found| Ok((&*found.name, open(context, &feed, &found.name)?)));
    let rows = chosen.iter().map(|found| found.size as usize / BYTES_A_ROW).sum();
    let mut levels = gather(context, &feed, (&source(&glob, &chosen), rows), files)?;
    if shape(context)?.as_of.is_none() {
        levels.about.changed = changed(&chosen);
    }
    Ok(levels)
}

/// The levels that some files show, with about so many rows. Each is let go of before the next is read.
pub fn gather<'f>(
    context: &Context,
    feed: &Feed<'_>,
    (source, rows): (&str, usize),
    all: impl Iterator<Item = Result<(&'f str, Blocks<'f>), Failure>>,
) -> Result<Levels, Failure> {
    let mut gather = Gather::new(&context.model, context.system, shape(context)?);
    gather.reserve(rows);
    let (mut files, mut incomplete) = (0, None);
    for file in all {
        let (name, mut blocks) = file?;
        let cut = each_block(context, (name, feed), &mut blocks, &mut gather)?;
        (files, incomplete) = (files + 1, incomplete.or(cut));
    }
    let about =
        About { source: source.into(), pages: files, requests: files, incomplete, ..About::default() };
    Ok(gather.finish(about))
}

/// Opens a file of the feed for its text.
fn open<'f>(context: &Context, feed: &Feed<'_>, name: &str) -> Result<Blocks<'f>, Failure> {
    if feed.encoding != ENCODINGS[0] {
        return Ok(Blocks::Whole(text(context, feed, name)?.text.into()));
    }
    let bytes = context.world.files.open(&setting::path(context, name));
    bytes.map(Blocks::read).map_err(|error| unreadable(context, name, &error.to_string()))
}

/// The files of the feed as they are, with every column and row.
pub fn raw(context: &Context, feed: &Feed<'_>) -> Result<Raw, Failure> {
    let (glob, chosen) = chosen(context, feed)?;
    let files = chosen.len() as u64;
    let mut raw = Raw {
        source: source(&glob, &chosen),
        pages: files,
        requests: files,
        changed: changed(&chosen),
        ..Raw::default()
    };
    for found in &chosen {
        let (kept, cut) = keep(&text(context, feed, &found.name)?, feed.delimiter);
        raw.sheets.push(kept);
        raw.incomplete = raw.incomplete.or(cut);
    }
    Ok(raw)
}

/// One file as it is, and why it is not whole, where it is not.
fn keep(file: &File, delimiter: u8) -> (raw::Sheet, Option<String>) {
    let mut kept = raw::Sheet { name: file.name.clone(), ..raw::Sheet::default() };
    let mut reader = Reader::new(&file.text, delimiter);
    let Some(header) = reader.row() else { return (kept, Some(empty(&file.name))) };
    let width = header.row.fields;
    kept.columns = Some(header.values().map(Cow::into_owned).collect());
    while let Some(record) = reader.row() {
        if let Some(cut) = cut(&file.name, width, &record) {
            return (kept, Some(cut));
        }
        let fields = (0..width.min(record.row.fields) as usize).map(|at| record.value(at));
        let fields = fields.map(|field| field.map(Cow::into_owned)).collect();
        kept.rows.push(raw::Row { record: record.row.line, fields, fault: misfit(width, &record) });
    }
    (kept, unfinished(&file.name, reader.unfinished()))
}

/// How people know the files that were read.
fn source(glob: &str, chosen: &[Found]) -> String {
    match chosen {
        [one] => one.name.clone(),
        several => format!("{glob} ({} files)", several.len()),
    }
}

/// When the newest of some files changed.
fn changed(chosen: &[Found]) -> Option<Moment> {
    chosen.iter().map(|found| Moment(found.modified_ms)).max()
}

/// What the first row of a file says of the others: how many fields they have, and which is which.
type Shape = (u32, Header);

/// A part of a file for another hand, and what it gathers there.
struct Part<'m> {
    gather: Gather<'m>,
    text: String,
    /// The line with which the text begins.
    line: u32,
    /// Why the file is not whole, where that shows in this part.
    cut: Option<String>,
}

/// Another hand, with the part that it has or that lies ready for it.
struct Other<'m> {
    hand: Hand<Part<'m>, Part<'m>>,
    ready: Option<Part<'m>>,
}

/// Gathers the rows of one file. Answers why the file is not whole, where it is not.
fn each_block<'m>(
    context: &Context,
    (name, feed): (&str, &Feed<'_>),
    blocks: &mut Blocks<'_>,
    gather: &mut Gather<'m>,
) -> Result<Option<String>, Failure> {
    gather.source(name);
    let shape: OnceLock<Shape> = OnceLock::new();
    let trade = |mut part: Part<'m>| {
        let mut reader = Reader::of(&part.text, (part.line, false), feed.delimiter);
        part.cut = shape.get().and_then(|shape| each_row((name, shape), &mut reader, &mut part.gather));
        part
    };
    hands::hiring(trade, |hire| {
        let mut mark = Mark { at: 0, line: 1 };
        let mut others = Vec::new();
        loop {
            let block = blocks.next(mark.at);
            let block = block.map_err(|fault| stopped(context, (name, feed), mark.line, &fault))?;
            let mut reader = Reader::of(block.text, (mark.line, !block.last), feed.delimiter);
            if shape.get().is_none()
                && let Some(first) = reader.row()
            {
                let _ = shape.set((first.row.fields, header(context, name, &first)?));
            }
            // What other hands have of the block before stands before all of this one.
            let mut cut = handed_in(&mut others, gather);
            if cut.is_none() {
                cut = match shape.get() {
                    None => block.last.then(|| empty(name)),
                    Some(shape) => some_rows((name, shape), &mut reader, gather, (&mut others, hire)),
                };
            }
            if block.last || cut.is_some() {
                return Ok(handed_in(&mut others, gather).or(cut));
            }
            mark = reader.mark();
        }
    })
}

/// Takes in what other hands have gathered. Answers why the file is not whole, where that shows there.
fn handed_in<'m>(others: &mut [Other<'m>], gather: &mut Gather<'m>) -> Option<String> {
    let mut cut = None;
    for other in others.iter_mut().filter(|other| other.ready.is_none()) {
        let Some(mut part) = other.hand.take() else { continue };
        gather.join(&mut part.gather);
        cut = cut.or(part.cut.take());
        other.ready = Some(part);
    }
    cut
}

/// Gathers the rows of a part of a file, by several hands where they do not stand in each other's way: what
/// the others have is to be taken in. Answers why the file is not whole, where that shows in its own part.
fn some_rows<'m>(
    shape: (&str, &Shape),
    reader: &mut Reader<'_>,
    gather: &mut Gather<'m>,
    (others, hire): (&mut Vec<Other<'m>>, &dyn Fn() -> Hand<Part<'m>, Part<'m>>),
) -> Option<String> {
    let mut parts = reader.parts(hands::count(reader.left(), PART)).into_iter();
    let Some(mut own) = parts.next() else { return each_row(shape, reader, gather) };
    for (at, part) in parts.enumerate() {
        if others.len() == at {
            let part = Part { gather: gather.part(), text: String::new(), line: 0, cut: None };
            others.push(Other { hand: hire(), ready: Some(part) });
        }
        let other = &mut others[at];
        let Some(mut ready) = other.ready.take() else { continue };
        let (text, line) = part.rest();
        ready.text.clear();
        ready.text.push_str(text);
        ready.line = line;
        other.hand.give(ready);
    }
    each_row(shape, &mut own, gather)
}

/// About as many bytes have the rows of a feed, rather fewer.
const BYTES_A_ROW: usize = 16;

/// The smallest part of a file that is worth a hand of its own, in bytes.
const PART: usize = 1 << 20;

/// So many rows are taken at once.
const BLOCK: usize = 256;

/// Gathers some rows of a file. Answers why the file is not whole, where it is not.
fn each_row(
    (file, (width, header)): (&str, &Shape),
    reader: &mut Reader<'_>,
    gather: &mut Gather<'_>,
) -> Option<String> {
    let width = *width;
    let (mut codes, mut block) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
    loop {
        reader.block(BLOCK, &mut block);
        if block.is_empty() {
            return unfinished(file, reader.unfinished());
        }
        let undoubled = undoubled(reader, &block);
        let field = |at: usize, column: usize| match undoubled.get(at) {
            Some(values) if block[at].doubled => values.get(column).map(|value| &**value),
            _ => reader.record(&block[at]).plain(column),
        };
        let mut counts = Vec::with_capacity(header.counts.len());
        codes.clear();
        let texts = (0..block.len()).map(|at| field(at, header.code).unwrap_or_default());
        gather.codes(texts, &mut codes);
        for (at, code) in codes.iter().enumerate() {
            let record = reader.record(&block[at]);
            if let Some(cut) = cut(file, width, &record) {
                return Some(cut);
            }
            let value = |column: usize| field(at, column);
            let location = header.location.and_then(value);
            if let Some(why) = misfit(width, &record) {
                gather.bad_row(record.row.line, why, value(header.code), location);
                continue;
            }
            if !header.lets_through(value) {
                continue;
            }
            counts.clear();
            counts.extend(header.counts.iter().map(|column| value(*column)));
            gather.row(&gather::Row {
                record: record.row.line,
                code: *code,
                location,
                unit: header.unit.and_then(value),
                as_of: header.as_of.and_then(value),
                counts: &counts,
            });
        }
    }
}

/// The values of the rows that hold doubled quotes, by the place in the block; none of the others, and
/// nothing where there are only others.
fn undoubled<'t>(reader: &Reader<'t>, block: &[Row]) -> Vec<Vec<Cow<'t, str>>> {
    if !block.iter().any(|row| row.doubled) {
        return Vec::new();
    }
    let values = |row: &Row| if row.doubled { reader.record(row).values().collect() } else { Vec::new() };
    block.iter().map(values).collect()
}

/// The files that a feed reads now, and the glob that names them.
pub fn chosen(context: &Context, feed: &Feed<'_>) -> Result<(String, Vec<Found>), Failure> {
    let glob = match feed.source {
        Setting::Literal(text) => text.to_string(),
        other => setting::reveal(context, feed.node, other)?.reveal().to_owned(),
    };
    let mut found = find(&*context.world.files, &glob, &|name| setting::path(context, name))
        .map_err(|why| rejected(context, &why))?;
    if feed.files == Files::Newest {
        let newest = found.iter().enumerate().max_by_key(|(at, file)| (file.modified_ms, *at));
        found = newest.map(|(_, file)| file.clone()).into_iter().collect();
    }
    if found.is_empty() {
        let why = format!(
            "no file matches `{glob}` (looked for {}); nothing can be known from it",
            setting::path(context, &glob)
        );
        return Err(rejected(context, &why));
    }
    Ok((glob, found))
}

/// Reads one file with all its rows.
pub fn load(context: &Context, feed: &Feed<'_>, name: &str) -> Result<Sheet, Failure> {
    let file = text(context, feed, name)?;
    let table = Table::new(&file.text, feed.delimiter);
    Ok(Sheet { file, table })
}

/// Reads and decodes one file.
fn text(context: &Context, feed: &Feed<'_>, name: &str) -> Result<File, Failure> {
    let bytes = context.world.files.read(&setting::path(context, name));
    let bytes = bytes.map_err(|error| unreadable(context, name, &error.to_string()))?;
    if bytes.len() > LARGEST_FILE {
        return Err(rejected(context, &format!("file `{name}` is larger than 1 GiB, and is not read")));
    }
    let (text, layout) = decode(bytes, feed.encoding)
        .map_err(|Strange { at, byte, .. }| strange(context, (name, feed), at as u64, byte))?;
    Ok(File { name: name.to_owned(), text, layout })
}

fn unreadable(context: &Context, name: &str, why: &str) -> Failure {
    rejected(context, &format!("file `{name}`: {why}"))
}

/// What is said of a byte that the encoding does not have.
fn strange(context: &Context, (name, feed): (&str, &Feed<'_>), at: u64, byte: u8) -> Failure {
    let why = format!(
        "file `{name}` is not {}: byte {at} (0x{byte:02X}) cannot be read; say `encoding=` in `{}`, or send \
         the file again",
        shown(feed.encoding),
        feed.node
    );
    rejected(context, &why)
}

/// Why a file could not be read on from this line.
fn stopped(context: &Context, (name, feed): (&str, &Feed<'_>), line: u32, fault: &Fault) -> Failure {
    match fault {
        Fault::Strange(at, byte) => strange(context, (name, feed), *at, *byte),
        Fault::Source(why) => unreadable(context, name, why),
        Fault::Endless(most) => {
            let why = format!(
                "file `{name}`: the row from line {line} on has more than {} MiB, so a quote in it is never \
                 closed; send the file again",
                most >> 20
            );
            rejected(context, &why)
        }
        Fault::TooLarge(most) => {
            rejected(context, &format!("file `{name}` is larger than {} GiB, and is not read", most >> 30))
        }
    }
}

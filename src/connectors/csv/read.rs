//! Reads the files of a feed.

use super::find::{Found, find};
use super::rejected;
use super::text::{Row, Table};
use crate::connectors::count::shown;
use crate::connectors::gather::{self, Gather};
use crate::connectors::header::Header;
use crate::connectors::raw::{self, Raw};
use crate::connectors::{Context, Failure, setting, shape};
use crate::model::encoding::{Layout, decode};
use crate::model::observation::{About, Levels};
use crate::model::system::{self, Files, Setting};
use crate::model::time::Moment;
use std::borrow::Cow;

/// The largest file that is read, in bytes. A feed of ten million rows is smaller.
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
pub struct Sheet {
    /// Its name as `levels` or `publish` writes it.
    pub name: String,
    /// Its rows.
    pub table: Table,
    /// How its bytes were laid out.
    pub layout: Layout,
}

impl Sheet {
    /// The columns, where the file has a header at all.
    pub fn header(&self, context: &Context) -> Result<Option<Header>, Failure> {
        let Some(row) = self.table.rows.first() else { return Ok(None) };
        let names = self.names(row);
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let header = Header::find(shape(context)?, &names);
        header.map(Some).map_err(|why| rejected(context, &format!("file `{}`: {why}", self.name)))
    }

    fn names(&self, row: &Row) -> Vec<Cow<'_, str>> {
        (0..row.fields as usize).filter_map(|at| self.table.value(row, at)).collect()
    }

    /// The rows below the header.
    pub fn body(&self) -> &[Row] {
        self.table.rows.get(1..).unwrap_or_default()
    }

    /// What is said of a file without rows.
    fn empty(&self) -> String {
        format!("file `{}` is empty: it has not even a header line; send it again", self.name)
    }

    /// Why the file ends with this row, where it was cut inside it.
    fn cut(&self, row: &Row) -> Option<String> {
        let width = self.table.rows[0].fields;
        (row.fields < width && !row.ended).then(|| {
            format!(
                "file `{}` was cut: line {} ends after {} of {width} fields; send it again",
                self.name, row.line, row.fields
            )
        })
    }

    /// Why the file ends where a quote is never closed.
    fn unfinished(&self) -> Option<String> {
        let line = self.table.unfinished?;
        Some(format!(
            "file `{}` was cut, or a quote in it is never closed: the field that opens on line {line} has \
             no end; send it again",
            self.name
        ))
    }

    /// Why a row does not fit the header, in words; `None` where it does.
    pub fn misfit(&self, row: &Row) -> Option<String> {
        let width = self.table.rows[0].fields;
        if row.stray {
            return Some(
                "something stands behind a closing quote, so the fields of this row cannot be told apart; \
                 double the quotes inside a field"
                    .to_owned(),
            );
        }
        let blank = |at: u32| self.table.value(row, at as usize).is_none_or(|value| value.is_empty());
        let surplus = row.fields > width && !(width..row.fields).all(blank);
        (row.fields < width || surplus).then(|| {
            format!(
                "the row has {} fields where the header has {width}, so a count may stand in a wrong column; \
                 mend the row (a field that holds the delimiter must be quoted)",
                row.fields
            )
        })
    }
}

/// All levels of the feed.
pub fn levels(context: &Context) -> Result<Levels, Failure> {
    let feed = levels_feed(context)?;
    let (glob, chosen) = chosen(context, &feed)?;
    let sheets = chosen.iter().map(|found| load(context, &feed, &found.name));
    let sheets = sheets.collect::<Result<Vec<_>, _>>()?;
    let mut levels = gather(context, &source(&glob, &chosen), &sheets)?;
    if shape(context)?.as_of.is_none() {
        levels.about.changed = changed(&chosen);
    }
    Ok(levels)
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
        let (kept, cut) = keep(&load(context, feed, &found.name)?);
        raw.sheets.push(kept);
        raw.incomplete = raw.incomplete.or(cut);
    }
    Ok(raw)
}

/// One file as it is, and why it is not whole, where it is not.
fn keep(sheet: &Sheet) -> (raw::Sheet, Option<String>) {
    let mut kept = raw::Sheet { name: sheet.name.clone(), ..raw::Sheet::default() };
    let Some(header) = sheet.table.rows.first() else { return (kept, Some(sheet.empty())) };
    kept.columns = Some(sheet.names(header).into_iter().map(Cow::into_owned).collect());
    for row in sheet.body() {
        if let Some(cut) = sheet.cut(row) {
            return (kept, Some(cut));
        }
        let fields = (0..header.fields.min(row.fields) as usize).map(|at| sheet.table.value(row, at));
        let fields = fields.map(|field| field.map(Cow::into_owned)).collect();
        kept.rows.push(raw::Row { record: row.line, fields, fault: sheet.misfit(row) });
    }
    (kept, sheet.unfinished())
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

/// The levels that some files show.
pub fn gather(context: &Context, source: &str, sheets: &[Sheet]) -> Result<Levels, Failure> {
    let mut gather = Gather::new(&context.model, context.system, shape(context)?);
    let mut incomplete = None;
    for sheet in sheets {
        gather.source(&sheet.name);
        let cut = rows(context, sheet, &mut gather)?;
        incomplete = incomplete.or(cut);
    }
    let files = sheets.len() as u64;
    Ok(gather.finish(About {
        source: source.into(),
        pages: files,
        requests: files,
        incomplete,
        ..About::default()
    }))
}

/// Gathers the rows of one file. Answers why the file is not whole, where it is not.
fn rows(context: &Context, sheet: &Sheet, gather: &mut Gather<'_>) -> Result<Option<String>, Failure> {
    let table = &sheet.table;
    let Some(header) = sheet.header(context)? else { return Ok(Some(sheet.empty())) };
    let mut counts = Vec::with_capacity(header.counts.len());
    for row in sheet.body() {
        if let Some(cut) = sheet.cut(row) {
            return Ok(Some(cut));
        }
        let value = |at: usize| table.value(row, at);
        let (code, location) = (value(header.code), header.location.and_then(value));
        if let Some(why) = sheet.misfit(row) {
            gather.bad_row(row.line, why, code.as_deref(), location.as_deref());
            continue;
        }
        let passes = header.lets_through(value);
        if !passes {
            continue;
        }
        let (unit, as_of) = (header.unit.and_then(value), header.as_of.and_then(value));
        counts.clear();
        counts.extend(header.counts.iter().map(|at| value(*at)));
        gather.row(&gather::Row {
            record: row.line,
            code: code.as_deref().unwrap_or_default(),
            location: location.as_deref(),
            unit: unit.as_deref(),
            as_of: as_of.as_deref(),
            counts: &counts,
        });
    }
    Ok(sheet.unfinished())
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

/// Reads and decodes one file.
pub fn load(context: &Context, feed: &Feed<'_>, name: &str) -> Result<Sheet, Failure> {
    let bytes = context.world.files.read(&setting::path(context, name));
    let bytes = bytes.map_err(|error| rejected(context, &format!("file `{name}`: {error}")))?;
    if bytes.len() > LARGEST_FILE {
        return Err(rejected(context, &format!("file `{name}` is larger than 1 GiB, and is not read")));
    }
    let (text, layout) = decode(&bytes, feed.encoding).map_err(|at| {
        let byte = bytes.get(at).copied().unwrap_or_default();
        let why = format!(
            "file `{name}` is not {}: byte {at} (0x{byte:02X}) cannot be read; say `encoding=` in `{}`, or \
             send the file again",
            shown(feed.encoding),
            feed.node
        );
        rejected(context, &why)
    })?;
    Ok(Sheet { name: name.to_owned(), table: Table::new(text, feed.delimiter), layout })
}

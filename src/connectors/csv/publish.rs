//! Writes the published file: the rows that may be written, and which of two files they go into.

use super::read::{self, Sheet};
use super::rejected;
use super::rewrite::Rewrite;
use super::whole::Whole;
use crate::connectors::seen::seen;
use crate::connectors::{Cell, Context, Failure, RowAnswer, Seen, WriteRow, differs, setting, shape};
use crate::model::Name;
use crate::model::encoding::{Layout, encode};
use crate::model::system::Setting;
use crate::world::FileError;
use std::collections::BTreeMap;

/// Writes rows into the published file. Where it is the file that is read, every row is compared with it
/// right before; where it is another, with what the feed shows.
pub fn write(context: &Context, rows: &[WriteRow]) -> Result<Vec<RowAnswer>, Failure> {
    let Some((target, _)) = &context.model.system(context.system).publish else {
        let why = "there is no `publish`, so there is no file to write; add `publish \"PATH\"`";
        return Err(rejected(context, why));
    };
    let target = match target {
        Setting::Literal(text) => text.to_string(),
        other => setting::reveal(context, "publish", other)?.reveal().to_owned(),
    };
    let feed = read::levels_feed(context)?;
    let (glob, chosen) = read::chosen(context, &feed)?;
    let same = |name: &str| {
        let real = |name: &str| context.world.files.canonical(&setting::path(context, name));
        real(name) == real(&target)
    };
    let is_read = chosen.iter().any(|found| same(&found.name));
    if is_read && chosen.len() > 1 {
        let why = format!(
            "`{target}` is written and is one of {} files that `{glob}` reads, so a cell may be in another \
             of them; let `levels` name it alone",
            chosen.len()
        );
        return Err(rejected(context, &why));
    }
    let sheets = chosen.iter().map(|found| read::load(context, &feed, &found.name));
    let sheets = sheets.collect::<Result<Vec<_>, _>>()?;
    let levels = read::gather(context, &feed, (&glob, 0), sheets.iter().map(|sheet| Ok(sheet.blocks())))?;
    if let Some(why) = &levels.about.incomplete {
        return Err(rejected(context, &format!("nothing is written beside a read that is not whole: {why}")));
    }
    let cells: Vec<Cell> = rows.iter().map(|row| row.cell).collect();
    let mut shown: BTreeMap<Cell, Seen> =
        cells.iter().copied().zip(seen(&context.model, &levels, &cells)).collect();
    match sheets.into_iter().next().filter(|_| is_read) {
        Some(sheet) => {
            let mut file = Rewrite::new(context, &sheet)?;
            let answers = each(rows, &mut shown, context, |row, count| file.row(row, count));
            if let Some(text) = file.finish() {
                save(context, &target, &text, sheet.file.layout)?;
            }
            Ok(answers)
        }
        None => {
            let old = existing(context, &target)?;
            let mut file = Whole::new(context, old.as_ref())?;
            let answers = each(rows, &mut shown, context, |row, count| file.row(row, count));
            let layout = old
                .map_or(Layout { mark: shape(context)?.encoding == "utf-16", high_first: false }, |s| {
                    s.file.layout
                });
            if answers.contains(&RowAnswer::Sent) {
                save(context, &target, &file.finish(), layout)?;
            }
            Ok(answers)
        }
    }
}

/// Lets each row be written that still fits what is shown, and shows the next rows what it changed.
fn each(
    rows: &[WriteRow],
    shown: &mut BTreeMap<Cell, Seen>,
    context: &Context,
    mut put: impl FnMut(&WriteRow, usize) -> RowAnswer,
) -> Vec<RowAnswer> {
    let mut answers = Vec::with_capacity(rows.len());
    for row in rows {
        let now = shown.entry(row.cell).or_default();
        let answer = match (row.create, now.exists, &now.refused) {
            (false, _, Some(why)) => RowAnswer::Rejected {
                field: row.column.clone(),
                message: format!("the row cannot be written: {why}"),
            },
            (true, true, _) | (false, false, _) => RowAnswer::Moved { found: Some(now.clone()) },
            (false, true, _) if differs(&row.before, now) => RowAnswer::Moved { found: Some(now.clone()) },
            _ => match count_of(context, row) {
                Ok(count) => put(row, count),
                Err(refused) => refused,
            },
        };
        if matches!(answer, RowAnswer::Written { .. } | RowAnswer::Sent) {
            now.exists = true;
            now.values.retain(|(column, _)| *column != row.column);
            now.values.push((row.column.clone(), row.after));
            now.values.sort();
        }
        answers.push(answer);
    }
    answers
}

/// The published file as it was written last; `None` where there is none yet.
fn existing(context: &Context, target: &str) -> Result<Option<Sheet>, Failure> {
    match context.world.files.read(&setting::path(context, target)) {
        Err(FileError::Missing) => Ok(None),
        _ => read::load(context, &read::levels_feed(context)?, target).map(Some),
    }
}

fn save(context: &Context, target: &str, text: &str, layout: Layout) -> Result<(), Failure> {
    let encoding = shape(context)?.encoding;
    let bytes = encode(text, encoding, layout).map_err(|letter| {
        rejected(
            context,
            &format!("`{letter}` cannot be written into `{target}` as {encoding}; nothing was written"),
        )
    })?;
    context.world.files.write(&setting::path(context, target), &bytes).map_err(|error| Failure::Unknown {
        message: format!(
            "system `{}`: file `{target}` could not be written: {error}",
            context.model.system(context.system).name
        ),
    })
}

/// The place among `levels`' counts of the column that a row writes, or why there is none.
fn count_of(context: &Context, row: &WriteRow) -> Result<usize, RowAnswer> {
    let counts: &[(_, Name)] = shape(context).map(|shape| &shape.counts[..]).unwrap_or_default();
    let named = |(quantity, _): &(_, Name)| *context.model.quantity(*quantity).name == *row.column;
    counts.iter().position(named).ok_or_else(|| RowAnswer::Rejected {
        field: row.column.clone(),
        message: format!("`levels` names no column for `{}`, so it cannot be written", row.column),
    })
}

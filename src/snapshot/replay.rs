//! Sessions that answer from a snapshot, whatever revision of the topology asks; they reach nothing else.

use super::words::*;
use super::{LevelsRead, LinesRead, Shown, Snapshot, way};
use crate::connectors::raw::{self, Raw};
use crate::connectors::{Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow};
use crate::model::id::Name;
use crate::model::observation::{self, About, Column, Levels, Lines, RowFailure, UNASKED};
use crate::model::quantity::Decimal;
use crate::model::{CodeId, LocationId, Model, SystemId};
use crate::world::Task;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Opens a session that answers from a snapshot.
pub fn open(snapshot: &Rc<Snapshot>, context: Context) -> Box<dyn Session> {
    Box::new(Replay { snapshot: snapshot.clone(), context })
}

struct Replay {
    snapshot: Rc<Snapshot>,
    context: Context,
}

impl Replay {
    /// What was kept of the system, or why that says nothing.
    fn shown(&self) -> Result<&Shown, Failure> {
        let shown = find(&self.snapshot, &self.context.model, self.context.system);
        let shown = shown.map_err(|message| Failure::Rejected { message })?;
        match shown.failed() {
            Some(why) => Err(Failure::Rejected { message: why.to_owned() }),
            None => Ok(shown),
        }
    }
}

/// What was kept of a system of this topology; in words, why nothing was.
fn find<'s>(snapshot: &'s Snapshot, model: &Model, id: SystemId) -> Result<&'s Shown, String> {
    let system = model.system(id);
    let name = &system.name;
    let again = "take a new snapshot from this topology";
    let shown =
        snapshot.of(model, id).ok_or_else(|| format!("system `{name}` is not in the snapshot: {again}"))?;
    if shown.head.kind != system.kind.kind {
        let (kind, now) = (&shown.head.kind, system.kind.kind);
        return Err(format!(
            "system `{name}` is not in the snapshot: it was of kind `{kind}` there and is of kind `{now}` \
             here; {again}"
        ));
    }
    if shown.head.way != way(system) {
        return Err(format!(
            "what system `{name}` reads is not in the snapshot: `levels` or `lines` names other files or \
             asks otherwise; {again}"
        ));
    }
    Ok(shown)
}

/// What a topology would ask that nobody asked when the snapshot was taken, one sentence a system.
pub fn unasked(snapshot: &Snapshot, model: &Model, systems: &BTreeSet<SystemId>) -> Vec<String> {
    let mut told = Vec::new();
    for system in systems {
        let shown = match find(snapshot, model, *system) {
            Ok(shown) => shown,
            Err(why) => {
                told.push(why);
                continue;
            }
        };
        if shown.codes.is_empty() && shown.places.is_empty() {
            continue;
        }
        let lacks = Lookup::new(model, *system).lacks(model, shown);
        let codes: BTreeSet<&str> = lacks.iter().map(|(code, _)| &*model.code(*code).code).collect();
        if let Some(first) = codes.first() {
            let name = &model.system(*system).name;
            told.push(match codes.len() {
                1 => {
                    format!("`{first}` of system `{name}` is not in the snapshot: nobody asked for it there")
                }
                more => format!(
                    "{more} codes of system `{name}` are not in the snapshot, at some place at least: nobody \
                     asked for them there; the first is `{first}`"
                ),
            });
        }
    }
    told
}

impl Session for Replay {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move {
            let shown = self.shown()?;
            let Some(read) = &shown.lines else {
                let name = &self.context.model.system(self.context.system).name;
                let message = format!("the open lines of system `{name}` are not in the snapshot");
                return Err(Failure::Rejected { message });
            };
            lines(&self.context, shown, read).map_err(|why| spoilt(&self.context, &why))
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            let shown = self.shown()?;
            let Some(read) = &shown.levels else {
                let name = &self.context.model.system(self.context.system).name;
                let message = format!("the counts of system `{name}` are not in the snapshot");
                return Err(Failure::Rejected { message });
            };
            if !read.sheets.is_empty() {
                return raw::levels(&self.context, &raw(read));
            }
            levels(&self.context, shown, read).map_err(|why| spoilt(&self.context, &why))
        })
    }

    fn inspect<'s>(&'s mut self, _: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async { Err(kept_only()) })
    }

    fn write<'s>(&'s mut self, _: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async { Err(kept_only()) })
    }
}

fn kept_only() -> Failure {
    Failure::Rejected { message: "a snapshot is read as a whole, and never written to".to_owned() }
}

fn spoilt(context: &Context, why: &str) -> Failure {
    let name = &context.model.system(context.system).name;
    Failure::Rejected { message: format!("system `{name}`: the snapshot cannot be used: {why}") }
}

fn about(read: &ReadLine) -> About {
    About {
        source: read.source.as_str().into(),
        rows: read.rows,
        ignored: read.ignored,
        pages: read.pages,
        requests: read.requests,
        as_of: moment(&read.as_of),
        changed: moment(&read.changed),
        incomplete: read.incomplete.clone(),
    }
}

fn raw(read: &LevelsRead) -> Raw {
    let row =
        |row: &RowLine| raw::Row { record: row.record, fields: row.fields.clone(), fault: row.fault.clone() };
    let sheet = |(sheet, rows): &(SheetLine, Vec<RowLine>)| raw::Sheet {
        name: sheet.name.clone(),
        columns: sheet.columns.clone(),
        rows: rows.iter().map(row).collect(),
    };
    Raw {
        source: read.about.source.clone(),
        sheets: read.sheets.iter().map(sheet).collect(),
        pages: read.about.pages,
        requests: read.about.requests,
        as_of: moment(&read.about.as_of),
        changed: moment(&read.about.changed),
        incomplete: read.about.incomplete.clone(),
    }
}

/// A system's own words for the locations of a topology.
struct Lookup<'m> {
    system: SystemId,
    places: HashMap<Option<&'m str>, LocationId>,
    all: Vec<(LocationId, Option<&'m str>)>,
}

impl<'m> Lookup<'m> {
    fn new(model: &'m Model, system: SystemId) -> Lookup<'m> {
        let mapped = model.locations.iter().enumerate().filter_map(|(at, location)| {
            Some((LocationId::at(at), location.code_in(system)?.code.as_deref()))
        });
        let all: Vec<_> = mapped.collect();
        let mut places = HashMap::new();
        for (location, code) in &all {
            places.entry(*code).or_insert(*location);
        }
        Lookup { system, places, all }
    }

    fn place(&self, place: &Place) -> Option<LocationId> {
        self.places.get(&place.as_deref()).copied()
    }

    /// The cells that this topology maps and that nobody asked for: a code at one place, or at any.
    fn lacks(&self, model: &Model, shown: &Shown) -> Vec<(CodeId, Option<LocationId>)> {
        let asked: HashMap<&str, Option<Option<&str>>> = shown
            .codes
            .iter()
            .map(|line| (line.code.as_str(), line.at.as_ref().map(|place| place.as_deref())))
            .collect();
        let places: BTreeSet<Option<&str>> =
            shown.places.iter().map(|line| line.location.as_deref()).collect();
        let mut lacks = Vec::new();
        for id in model.codes_of(self.system).map(CodeId) {
            let code = model.code(id);
            let Some(only) = asked.get(&*code.code) else {
                lacks.push((id, None));
                continue;
            };
            for (location, place) in &self.all {
                let needed = code.at.is_none_or(|at| at == *location);
                let there = places.contains(place) && only.is_none_or(|only| only == *place);
                if needed && !there {
                    lacks.push((id, Some(*location)));
                }
            }
        }
        lacks
    }
}

/// What is not known of cells that nobody asked for, as rows that could not be read.
fn unknown(context: &Context, lookup: &Lookup<'_>, shown: &Shown) -> Vec<RowFailure> {
    let model = &context.model;
    let failure = |(code, location): (CodeId, Option<LocationId>)| {
        let name = &model.code(code).code;
        let place = location.map_or_else(String::new, |at| format!(" at `{}`", model.location(at).name));
        RowFailure {
            record: format!("code {name}"),
            source: UNASKED.to_owned(),
            field: String::new(),
            reason: format!(
                "`{name}`{place} is not in the snapshot: the topology that it was taken from does not map \
                 it, so nobody asked; take a new snapshot from this topology"
            ),
            code: Some(code),
            location,
        }
    };
    lookup.lacks(model, shown).into_iter().map(failure).collect()
}

/// Failures of a read as this topology names their cells. One about a code that it does not map is nothing
/// to it.
fn failures(context: &Context, lookup: &Lookup<'_>, lines: &[FailureLine]) -> Vec<RowFailure> {
    let take = |line: &FailureLine| {
        let code = match &line.code {
            Some(text) => Some(context.model.find_code(context.system, text)?),
            None => None,
        };
        let location = match &line.location {
            Some(place) => Some(lookup.place(place)?),
            None => None,
        };
        Some(RowFailure {
            record: line.record.clone(),
            source: line.source.clone(),
            field: line.field.clone(),
            reason: line.reason.clone(),
            code,
            location,
        })
    };
    lines.iter().filter_map(take).collect()
}

fn lines(context: &Context, shown: &Shown, read: &LinesRead) -> Result<Lines, String> {
    let lookup = Lookup::new(&context.model, context.system);
    let mut lines = Lines { about: about(&read.about), ..Lines::default() };
    for line in &read.lines {
        let Some(code) = context.model.find_code(context.system, &line.code) else { continue };
        // A line of a place that this topology does not map leaves from nowhere that matters to it.
        let location = match &line.location {
            None => None,
            Some(place) => match lookup.place(place) {
                None => continue,
                found => found,
            },
        };
        lines.lines.push(observation::OpenLine {
            document: line.document.as_str().into(),
            line: line.line.as_str().into(),
            code,
            location,
            open: decimal(&line.open)?,
            unit: line.unit.as_deref().map(Name::from),
            cause: line.cause.as_deref().map(Name::from),
        });
    }
    lines.failures = failures(context, &lookup, &read.failures);
    lines.failures.extend(unknown(context, &lookup, shown));
    Ok(lines)
}

/// One row that this topology knows.
struct Known<'r> {
    location: LocationId,
    code: CodeId,
    row: &'r LevelLine,
}

fn levels(context: &Context, shown: &Shown, read: &LevelsRead) -> Result<Levels, String> {
    let (model, lookup) = (&context.model, Lookup::new(&context.model, context.system));
    let known = |row| {
        let row: &LevelLine = row;
        let code = model.find_code(context.system, &row.code)?;
        let location = lookup.place(&row.location)?;
        let valid = model.code(code).at.is_none_or(|at| at == location);
        valid.then_some(Known { location, code, row })
    };
    let mut rows: Vec<Known<'_>> = read.rows.iter().filter_map(known).collect();
    rows.sort_by_key(|known| (known.location, known.code));
    let mut levels = Levels { about: about(&read.about), ..Levels::default() };
    let mut words: BTreeMap<&str, u32> = BTreeMap::new();
    let mut values: Vec<Vec<Option<Decimal>>> =
        vec![Vec::with_capacity(rows.len()); read.about.columns.len()];
    for Known { location, code, row } in rows {
        levels.codes.push(code);
        levels.locations.push(location);
        levels.records.push(row.record);
        if read.about.units {
            let word = row.unit.as_deref().map(|word| {
                *words.entry(word).or_insert_with(|| {
                    levels.words.push(Name::from(word));
                    levels.words.len() as u32 - 1
                })
            });
            levels.units.push(word);
        }
        if read.about.dated {
            levels.row_as_of.push(moment(&row.as_of));
        }
        if row.values.len() != values.len() {
            return Err(format!("a row of `{}` has not one value for each column", row.code.escape_debug()));
        }
        for (column, value) in values.iter_mut().zip(&row.values) {
            column.push(value.as_deref().map(decimal).transpose()?);
        }
    }
    let named = read.about.columns.iter().zip(values);
    let column = |(name, values): (&String, Vec<Option<Decimal>>)| Column {
        name: Name::from(name.as_str()),
        values: values.into_iter().collect(),
    };
    levels.columns = named.map(column).collect();
    levels.failures = failures(context, &lookup, &read.failures);
    levels.failures.extend(unknown(context, &lookup, shown));
    Ok(levels)
}

//! Sessions that keep what they are shown.

use super::words::*;
use super::{LevelsRead, LinesRead, Shown, way};
use crate::connectors::raw::{self, Raw};
use crate::connectors::{Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow};
use crate::model::moved::{Found, Movements, Posted, Posting};
use crate::model::observation::{About, Levels, Lines, RowFailure};
use crate::model::system::System;
use crate::model::time::Moment;
use crate::model::{CodeId, LocationId, Model, Name, SystemId};
use crate::world::Task;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What sessions have kept so far, by system.
pub type Shelf = Rc<RefCell<BTreeMap<SystemId, Shown>>>;

/// A shelf with nothing on it.
pub fn shelf() -> Shelf {
    Shelf::default()
}

/// A session that keeps what another one is shown, and answers what that one answers.
pub struct Recorder {
    inner: Box<dyn Session>,
    context: Context,
    shelf: Shelf,
}

impl Recorder {
    /// A recorder over what opening a session came to; a failure is kept too.
    pub fn over(
        context: Context,
        opened: Result<Box<dyn Session>, Failure>,
        shelf: &Shelf,
    ) -> Result<Box<dyn Session>, Failure> {
        match opened {
            Ok(inner) => Ok(Box::new(Recorder { inner, context, shelf: shelf.clone() })),
            Err(failure) => {
                keep(shelf, &context, |shown| shown.head.failed = Some(failure.message().to_owned()));
                Err(failure)
            }
        }
    }

    /// Keeps an answer, or that there is none: of several attempts the last one counts.
    fn keep<T>(&self, answer: &Result<T, Failure>, change: impl FnOnce(&mut Shown, &T)) {
        keep(&self.shelf, &self.context, |shown| match answer {
            Ok(answer) => {
                shown.head.failed = None;
                change(shown, answer);
            }
            Err(failure) => shown.head.failed = Some(failure.message().to_owned()),
        });
    }
}

fn keep(shelf: &Shelf, context: &Context, change: impl FnOnce(&mut Shown)) {
    let system = context.model.system(context.system);
    let mut shelf = shelf.borrow_mut();
    let fresh = || Shown { head: head(system), ..Shown::default() };
    change(shelf.entry(context.system).or_insert_with(fresh));
}

fn head(system: &System) -> SystemLine {
    SystemLine {
        system: system.name.to_string(),
        kind: system.kind.kind.to_owned(),
        was: system.was.as_deref().map(str::to_owned),
        way: way(system),
        failed: None,
    }
}

impl Session for Recorder {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move {
            let answer = self.inner.lines().await;
            let context = &self.context;
            self.keep(&answer, |shown, lines| {
                asked(shown, context);
                shown.lines = Some(lines_read(context, lines));
            });
            answer
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            let raw = self.inner.raw().await;
            let context = &self.context;
            match raw {
                Ok(Some(raw)) => {
                    let answer = raw::levels(context, &raw);
                    // Another revision may see in these rows what this one does not.
                    self.keep(&Ok(raw), |shown, raw| shown.levels = Some(raw_read(raw)));
                    answer
                }
                Ok(None) => {
                    let answer = self.inner.levels().await;
                    self.keep(&answer, |shown, levels| {
                        asked(shown, &self.context);
                        shown.levels = Some(levels_read(&self.context, levels));
                    });
                    answer
                }
                Err(failure) => {
                    let answer = Err(failure);
                    self.keep(&answer, |_, _: &Levels| ());
                    answer
                }
            }
        })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        self.inner.inspect(cells)
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        self.inner.write(rows)
    }

    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        self.inner.movements(since)
    }

    fn post<'s>(&'s mut self, postings: &'s [Posting]) -> Task<'s, Result<Vec<Posted>, Failure>> {
        self.inner.post(postings)
    }

    fn find<'s>(&'s mut self, references: &'s [Name]) -> Task<'s, Result<Vec<Found>, Failure>> {
        self.inner.find(references)
    }
}

/// Notes what a kind that is asked for mapped codes was asked for.
fn asked(shown: &mut Shown, context: &Context) {
    let (model, system) = (&context.model, context.system);
    let codes = model.codes_of(system).map(|id| model.code(CodeId(id)));
    shown.codes = codes
        .map(|code| CodeLine {
            code: code.code.to_string(),
            at: code.at.map(|location| place(model, system, location)),
        })
        .collect();
    let places = model.locations.iter().filter_map(|location| location.code_in(system));
    shown.places =
        places.map(|code| PlaceLine { location: code.code.as_deref().map(str::to_owned) }).collect();
}

/// A location as a system calls it.
fn place(model: &Model, system: SystemId, location: LocationId) -> Place {
    let code = model.location(location).code_in(system)?;
    code.code.as_deref().map(str::to_owned)
}

fn about(what: &str, about: &About) -> ReadLine {
    ReadLine {
        what: what.to_owned(),
        source: about.source.to_string(),
        rows: about.rows,
        ignored: about.ignored,
        pages: about.pages,
        requests: about.requests,
        as_of: about.as_of.map(|moment| moment.rfc3339()),
        changed: about.changed.map(|moment| moment.rfc3339()),
        incomplete: about.incomplete.clone(),
        ..ReadLine::default()
    }
}

fn failures(context: &Context, failures: &[RowFailure]) -> Vec<FailureLine> {
    let (model, system) = (&context.model, context.system);
    let line = |failure: &RowFailure| FailureLine {
        record: failure.record.clone(),
        source: failure.source.clone(),
        field: failure.field.clone(),
        reason: failure.reason.clone(),
        code: failure.code.map(|code| model.code(code).code.to_string()),
        location: failure.location.map(|location| place(model, system, location)),
    };
    failures.iter().map(line).collect()
}

fn lines_read(context: &Context, lines: &Lines) -> LinesRead {
    let (model, system) = (&context.model, context.system);
    let open = lines.lines.iter().map(|line| OpenLine {
        document: line.document.to_string(),
        line: line.line.to_string(),
        code: model.code(line.code).code.to_string(),
        location: line.location.map(|location| place(model, system, location)),
        open: line.open.to_string(),
        unit: line.unit.as_deref().map(str::to_owned),
        cause: line.cause.as_deref().map(str::to_owned),
    });
    LinesRead {
        about: about("lines", &lines.about),
        lines: open.collect(),
        failures: failures(context, &lines.failures),
    }
}

fn levels_read(context: &Context, levels: &Levels) -> LevelsRead {
    let (model, system) = (&context.model, context.system);
    let row = |at: usize| LevelLine {
        code: model.code(levels.codes[at]).code.to_string(),
        location: place(model, system, levels.locations[at]),
        record: levels.records.get(at).copied().unwrap_or_default(),
        unit: levels.units.get(at).copied().flatten().map(|word| levels.words[word as usize].to_string()),
        as_of: levels.row_as_of.get(at).copied().flatten().map(|moment| moment.rfc3339()),
        values: levels.columns.iter().map(|c| c.values.get(at).map(|value| value.to_string())).collect(),
    };
    LevelsRead {
        about: ReadLine {
            columns: levels.columns.iter().map(|column| column.name.to_string()).collect(),
            units: !levels.units.is_empty(),
            dated: !levels.row_as_of.is_empty(),
            ..about("levels", &levels.about)
        },
        sheets: Vec::new(),
        rows: (0..levels.codes.len()).map(row).collect(),
        failures: failures(context, &levels.failures),
    }
}

fn raw_read(raw: &Raw) -> LevelsRead {
    let rows = |rows: &[raw::Row]| {
        let line = |row: &raw::Row| RowLine {
            record: row.record,
            fields: row.fields.clone(),
            fault: row.fault.clone(),
        };
        rows.iter().map(line).collect()
    };
    let sheet = |sheet: &raw::Sheet| {
        (SheetLine { name: sheet.name.clone(), columns: sheet.columns.clone() }, rows(&sheet.rows))
    };
    let told = About {
        source: raw.source.as_str().into(),
        rows: raw.sheets.iter().map(|sheet| sheet.rows.len() as u64).sum(),
        pages: raw.pages,
        requests: raw.requests,
        as_of: raw.as_of,
        changed: raw.changed,
        incomplete: raw.incomplete.clone(),
        ..About::default()
    };
    LevelsRead {
        about: about("levels", &told),
        sheets: raw.sheets.iter().map(sheet).collect(),
        ..LevelsRead::default()
    }
}

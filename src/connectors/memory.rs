//! Kind `memory`: a system inside the process, for demos, tests and simulation.

mod post;

use super::gather::{Gather, Row};
use super::seen::seen;
use super::{Cell, Context, Failure, GENERIC, RowAnswer, Seen, Session, WriteRow, happened};
use crate::model::Name;
use crate::model::capability::*;
use crate::model::moved::{Found, Movements, Posted, Posting};
use crate::model::observation::{About, Levels, Lines, OpenLine, RowFailure};
use crate::model::quantity::Decimal;
use crate::model::system::System;
use crate::model::time::Moment;
use crate::world::Task;
use crate::world::store::{Call, Place, Store, Trouble, What, WrittenRow};
use std::collections::BTreeMap;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "memory",
    summary: "a system inside the process, for demos and tests",
    request_ms: 1,
    movements_named: false,
    posts: &["sale", "transfer", "adjustment", "receipt"],
    ..GENERIC
};

/// Opens a session on the store of the system's name; a name that no one has filled is an empty system.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    Box::pin(async move {
        let mut session = Memory { context, failed: None };
        session.call(Call::Open, |_, _| ())?;
        Ok(Box::new(session) as Box<dyn Session>)
    })
}

struct Memory {
    context: Context,
    /// How the posting failed that comes after those answered last; told when it is asked for.
    failed: Option<Failure>,
}

impl Memory {
    /// Makes one call as the store's script has it: what happens before, the call itself unless it fails
    /// uncarried, what happens after, and the trouble if there is one.
    fn call<T>(
        &mut self,
        call: Call,
        carry_out: impl FnOnce(&Context, &mut Store) -> T,
    ) -> Result<T, Failure> {
        let name = self.context.model.system(self.context.system).name.to_string();
        let mut stores = self.context.world.stores.borrow_mut();
        let store = stores.entry(name.clone()).or_default();
        let (trouble, afterwards) = store.begin(call);
        if let Some((trouble, false)) = trouble {
            return Err(failure(&name, trouble));
        }
        let answer = carry_out(&self.context, store);
        afterwards.into_iter().for_each(|what: What| store.happen(what));
        match trouble {
            Some((trouble, _)) => Err(failure(&name, trouble)),
            None => Ok(answer),
        }
    }
}

fn failure(name: &str, trouble: Trouble) -> Failure {
    let message = |text: &str| format!("system `{name}`: {text}");
    match trouble {
        Trouble::Retry(after) => Failure::Retry { after, message: message("busy, as the script has it") },
        Trouble::Rejected => Failure::Rejected { message: message("refused, as the script has it") },
        Trouble::Denied => Failure::Denied { message: message("credentials refused, as the script has it") },
        Trouble::Unknown => Failure::Unknown { message: message("no answer, as the script has it") },
    }
}

impl Session for Memory {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move { self.call(Call::Lines, lines) })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move { self.call(Call::Levels, levels)? })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            self.call(Call::Inspect, |context, store| {
                let shown = levels(context, store)?;
                let mut answers = seen(&context.model, &shown, cells);
                for (answer, cell) in answers.iter_mut().zip(cells) {
                    let code = &*context.model.code(cell.code).code;
                    answer.log = store.logs.then(|| store.logged.get(code).copied().unwrap_or_default());
                }
                Ok(answers)
            })?
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move {
            super::may_write(&self.context, rows.len())?;
            self.call(Call::Write, |context, store| {
                rows.iter().map(|row| write(context, store, row)).collect()
            })
        })
    }

    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        Box::pin(async move { self.call(Call::Movements, |context, store| movements(context, store, since)) })
    }

    fn post<'s>(&'s mut self, postings: &'s [Posting]) -> Task<'s, Result<Vec<Posted>, Failure>> {
        Box::pin(async move {
            super::may_write(&self.context, postings.len())?;
            if let Some(failure) = self.failed.take() {
                return Err(failure);
            }
            let mut answers = Vec::with_capacity(postings.len());
            for posting in postings {
                match self.call(Call::Post, |context, store| post::post(context, store, posting)) {
                    Ok(answer) => answers.push(answer),
                    Err(failure) if answers.is_empty() => return Err(failure),
                    Err(failure) => {
                        self.failed = Some(failure);
                        break;
                    }
                }
            }
            Ok(answers)
        })
    }

    fn find<'s>(&'s mut self, references: &'s [Name]) -> Task<'s, Result<Vec<Found>, Failure>> {
        Box::pin(
            async move { self.call(Call::Find, |context, store| post::find(context, store, references)) },
        )
    }
}

fn place(context: &Context, cell: Cell) -> Place {
    let location = context.model.location(cell.location).code_in(context.system);
    let location = location.and_then(|code| code.code.as_deref()).map(str::to_owned);
    (context.model.code(cell.code).code.to_string(), location)
}

fn about(store: &Store, system: &System, now_ms: i64) -> About {
    About {
        source: system.name.clone(),
        pages: 1,
        requests: 1,
        as_of: Some(Moment(store.as_of_ms.unwrap_or(now_ms))),
        incomplete: store.cut.clone(),
        ..About::default()
    }
}

fn levels(context: &Context, store: &mut Store) -> Result<Levels, Failure> {
    let system = context.model.system(context.system);
    let shape = super::shape(context)?;
    let mut gather = Gather::new(&context.model, context.system, shape);
    gather.source(&system.name);
    for (number, (place, columns)) in store.cells.iter().enumerate() {
        let column = |name: &str| columns.get(name).map(String::as_str);
        let counts: Vec<_> =
            shape.counts.iter().map(|(id, _)| column(&context.model.quantity(*id).name)).collect();
        gather.row(&Row {
            record: number as u32 + 1,
            code: gather.code(&place.0),
            location: place.1.as_deref(),
            unit: store.units.get(place).map(String::as_str),
            as_of: None,
            counts: &counts,
        });
    }
    Ok(gather.finish(about(store, system, context.world.clock.now_ms())))
}

fn lines(context: &Context, store: &mut Store) -> Lines {
    let system = context.model.system(context.system);
    let mut answer = Lines { about: about(store, system, context.world.clock.now_ms()), ..Lines::default() };
    for (number, line) in store.lines.iter().enumerate() {
        answer.about.rows += 1;
        let Some(code) = context.model.find_code(context.system, &line.code) else {
            answer.about.ignored += 1;
            continue;
        };
        let location = line.location.as_deref();
        let location = location.and_then(|text| context.model.find_location(context.system, Some(text)));
        match Decimal::parse(&line.open) {
            Ok(open) => answer.lines.push(OpenLine {
                document: line.document.as_str().into(),
                line: line.line.as_str().into(),
                code,
                location,
                open,
                unit: line.unit.as_deref().map(Into::into),
                cause: None,
            }),
            Err(_) => answer.failures.push(RowFailure {
                record: format!("row {}", number + 1),
                source: system.name.to_string(),
                field: "open".to_owned(),
                reason: format!("`{}` is not a count; write a plain number", super::count::shown(&line.open)),
                code: Some(code),
                location,
            }),
        }
    }
    if store.lists_documents {
        let (lines, ignored) = post::lines(context, store);
        answer.about.rows += lines.len() as u64 + ignored;
        answer.about.ignored += ignored;
        answer.lines.extend(lines);
    }
    answer.lines.sort_by(|a, b| (&a.document, &a.line).cmp(&(&b.document, &b.line)));
    answer
}

/// What has happened, of what is shown from a moment on. The clock is the world's, and the next read begins
/// with the moment of this one, so what happens within one millisecond is read twice rather than never.
fn movements(context: &Context, store: &mut Store, since: Option<Moment>) -> Movements {
    let system = context.model.system(context.system);
    let now = context.world.clock.now_ms();
    let words = happened::Words {
        kind: "kind",
        document: "document",
        line: "line",
        location: "location",
        quantity: "quantity",
        at: "at",
        decimal: b'.',
        meanings: None,
    };
    let mut gather = happened::Gather::new(&context.model, context.system, words);
    gather.demand.source(&system.name);
    for (number, own) in store.moves.iter().enumerate() {
        if since.is_some_and(|since| own.shown_ms < since.0) {
            continue;
        }
        gather.row(&happened::Row {
            record: number as u32 + 1,
            kind: Some(&own.kind),
            document: Some(&own.document),
            line: Some(&own.line),
            of: own.of.as_ref().map(|(document, line)| (document.as_str(), line.as_str())),
            code: Some(&own.code),
            location: own.location.as_deref(),
            to: own.to.as_deref(),
            quantity: Some(&own.quantity),
            unit: own.unit.as_deref(),
            at: None,
            moment: own.at_ms.map(Moment),
        });
    }
    gather.finish(about(store, system, now), since.is_none(), Some(Moment(now)))
}

fn write(context: &Context, store: &mut Store, row: &WriteRow) -> RowAnswer {
    let place = place(context, row.cell);
    let rejected = |field: &str, message: String| RowAnswer::Rejected { field: field.to_owned(), message };
    if let Some(reason) = store.refuses.get(&place.0) {
        return rejected("code", reason.clone());
    }
    let now = store.cells.get(&place);
    match (row.create, now) {
        (true, _) if !store.creates => {
            return rejected("code", format!("`{}` is not there, and nothing is created", place.0));
        }
        (true, Some(columns)) => return RowAnswer::Moved { found: Some(found(columns)) },
        (false, None) => return RowAnswer::Moved { found: Some(Seen::default()) },
        (false, Some(columns)) if store.compares && super::differs(&row.before, &found(columns)) => {
            return RowAnswer::Moved { found: Some(found(columns)) };
        }
        _ => {}
    }
    store.change(&place, &row.column, Some(&row.after.to_string()));
    store.written.push(WrittenRow {
        place,
        column: row.column.clone(),
        after: row.after,
        key: row.key.clone(),
    });
    RowAnswer::Written { compared: store.compares || row.create }
}

fn found(columns: &BTreeMap<String, String>) -> Seen {
    let whole = |(name, text): (&String, &String)| Some((name.clone(), text.parse().ok()?));
    Seen { exists: true, values: columns.iter().filter_map(whole).collect(), ..Seen::default() }
}

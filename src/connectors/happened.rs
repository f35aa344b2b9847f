//! Turns rows of text, from a file, a query or memory, into movements: the one reading of generic kinds.

use super::count::shown;
use super::demand::{At, Columns, Demand};
use super::raw::{self, Raw, Sheet};
use super::{Context, Failure};
use crate::model::id::Name;
use crate::model::moved::{Moved, Movements};
use crate::model::movement::Movement;
use crate::model::observation::About;
use crate::model::system;
use crate::model::time::{Moment, Side};
use crate::model::{Model, SystemId};
use std::collections::BTreeMap;

/// One row as its source has it: texts letter for letter, `None` where the source says "no value".
#[derive(Debug, Clone, Copy, Default)]
pub struct Row<'a> {
    /// Which record of its source, as people count.
    pub record: u32,
    /// The word for what happened.
    pub kind: Option<&'a str>,
    /// The document.
    pub document: Option<&'a str>,
    /// The line in it.
    pub line: Option<&'a str>,
    /// The document and line of the order that it is about, where the row names one.
    pub of: Option<(&'a str, &'a str)>,
    /// The code.
    pub code: Option<&'a str>,
    /// The location.
    pub location: Option<&'a str>,
    /// Where a transfer goes.
    pub to: Option<&'a str>,
    /// How much.
    pub quantity: Option<&'a str>,
    /// The unit's word.
    pub unit: Option<&'a str>,
    /// When it happened, as text.
    pub at: Option<&'a str>,
    /// When it happened, where the source knows the moment.
    pub moment: Option<Moment>,
}

/// How people call the fields of such rows at their source.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// What happened.
    pub kind: &'a str,
    /// The document.
    pub document: &'a str,
    /// The line.
    pub line: &'a str,
    /// The location.
    pub location: &'a str,
    /// How much.
    pub quantity: &'a str,
    /// When.
    pub at: &'a str,
    /// Before a fraction.
    pub decimal: u8,
    /// Words for what happened beside the language's own; `None`: no movement.
    pub meanings: Option<&'a BTreeMap<Name, Option<Movement>>>,
}

/// Rows on their way to become movements.
pub struct Gather<'m> {
    /// What the rows have in common.
    pub demand: Demand<'m>,
    words: Words<'m>,
    moved: Vec<Moved>,
    /// Which of `moved` a movement is, by what names it.
    known: BTreeMap<(Movement, Name, Name), usize>,
}

impl<'m> Gather<'m> {
    /// Nothing gathered yet.
    pub fn new(model: &'m Model, system: SystemId, words: Words<'m>) -> Gather<'m> {
        let demand = Demand::new(model, system, Side::Later);
        Gather { demand, words, moved: Vec::new(), known: BTreeMap::new() }
    }

    /// Takes one row. A code or place that the topology does not know is counted, and no failure. The same
    /// movement twice is one; where the two differ, the second is a failure of its cell.
    pub fn row(&mut self, row: &Row<'_>) {
        self.demand.rows += 1;
        let meaning = row.kind.and_then(|word| self.meaning(word));
        if meaning == Some(None) {
            self.demand.ignored += 1;
            return;
        }
        let place = (self.words.location, row.location);
        let Some((code, location)) = self.demand.of(row.record, row.code, place) else { return };
        let at = At { record: row.record, code: Some(code), location };
        let Some(movement) = meaning.flatten() else { return self.strange(at, row.kind) };
        let (words, demand) = (self.words, &mut self.demand);
        let mut read = || {
            let document = demand.name(at, words.document, row.document)?;
            let line = demand.name(at, words.line, row.line)?;
            let below = movement == Movement::Adjustment;
            let quantity = demand.count(at, words.quantity, (row.quantity, words.decimal), below)?;
            let when = demand.stamp(at, words.at, row.at)?.or(row.moment);
            Some((document, line, quantity, when))
        };
        let Some((document, line, quantity, when)) = read() else { return };
        let reverses = matches!(movement, Movement::Cancellation | Movement::Shipment | Movement::Return);
        let of = row.of.filter(|(document, _)| reverses && !document.is_empty());
        let to = row.to.filter(|text| !text.is_empty() && movement == Movement::Transfer);
        self.keep(
            at,
            Moved {
                movement,
                document,
                line,
                of: of.map(|(document, line)| (document.into(), line.into())),
                code,
                location,
                to: to.and_then(|text| self.demand.cells.place(Some(text))),
                quantity,
                unit: row.unit.filter(|word| !word.is_empty()).map(Into::into),
                at: when,
            },
        );
    }

    /// What a word means; `Some(None)`: no movement.
    fn meaning(&self, word: &str) -> Option<Option<Movement>> {
        let own = self.words.meanings.and_then(|meanings| meanings.get(word));
        own.copied().or_else(|| Movement::find_any(word).map(Some))
    }

    fn strange(&mut self, at: At, word: Option<&str>) {
        let word = shown(word.unwrap_or_default());
        let reason = format!(
            "`{word}` is no movement that anybody knows, so a sale may be missing; say what it means: `word \
             \"{word}\" order`, or `word \"{word}\" none`"
        );
        self.demand.fail(at, self.words.kind, reason);
    }

    fn keep(&mut self, at: At, moved: Moved) {
        let key = (moved.movement, moved.document.clone(), moved.line.clone());
        match self.known.get(&key).map(|first| &self.moved[*first]) {
            None => {
                self.known.insert(key, self.moved.len());
                self.moved.push(moved);
            }
            Some(first) if *first == moved => {}
            Some(_) => {
                let reason = format!(
                    "an earlier row says something else of the {} `{}`, line `{}`; give each movement a \
                     number of its own, or correct one of the two",
                    moved.movement.one(),
                    shown(&moved.document),
                    shown(&moved.line)
                );
                self.demand.fail(at, self.words.document, reason);
            }
        }
    }

    /// The movements: orders first, then what is about them, each sort in the order in which it was read.
    /// `about` brings what only the caller knows.
    pub fn finish(mut self, about: About, whole: bool, next: Option<Moment>) -> Movements {
        self.moved.sort_by_key(|moved| moved.movement);
        let whole = whole && about.incomplete.is_none();
        let about = self.demand.about(about);
        Movements { moved: self.moved, failures: self.demand.failures, about, whole, next }
    }
}

/// The movements in what was read.
pub fn movements(
    context: &Context,
    shape: &system::Movements,
    raw: &Raw,
    (whole, next): (bool, Option<Moment>),
) -> Result<Movements, Failure> {
    let text = |name: &Option<Name>| name.clone().unwrap_or_default();
    let (location, at) = (text(&shape.location), text(&shape.at));
    let words = Words {
        kind: &shape.kind,
        document: &shape.document,
        line: &shape.line,
        location: &location,
        quantity: &shape.quantity,
        at: &at,
        decimal: shape.decimal,
        meanings: Some(&shape.words),
    };
    let mut gather = Gather::new(&context.model, context.system, words);
    for sheet in &raw.sheets {
        gather.demand.source(&sheet.name);
        rows(shape, sheet, &mut gather).map_err(|why| raw::misnamed(context, "movements", sheet, &why))?;
    }
    let about = About {
        source: raw.source.as_str().into(),
        pages: raw.pages,
        requests: raw.requests,
        as_of: raw.as_of,
        changed: raw.changed,
        incomplete: raw.incomplete.clone(),
        ..About::default()
    };
    Ok(gather.finish(about, whole, next))
}

fn rows(shape: &system::Movements, sheet: &Sheet, gather: &mut Gather<'_>) -> Result<(), String> {
    let Some(columns) = &sheet.columns else { return Ok(()) };
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let columns = Columns { node: "movements", names: &names };
    let [kind, document, line] = [&shape.kind, &shape.document, &shape.line].map(|name| columns.must(name));
    let (kind, document, line) = (kind?, document?, line?);
    let (code, quantity) = (columns.must(&shape.code)?, columns.must(&shape.quantity)?);
    let (of_document, of_line) = (columns.may(&shape.of_document)?, columns.may(&shape.of_line)?);
    let (location, to) = (columns.may(&shape.location)?, columns.may(&shape.to)?);
    let (unit, at) = (columns.may(&shape.unit)?, columns.may(&shape.at)?);
    for row in &sheet.rows {
        let field = |at: usize| row.fields.get(at).and_then(Option::as_deref);
        let maybe = |at: Option<usize>| at.and_then(field);
        if let Some(why) = &row.fault {
            gather.demand.bad_row(row.record, why.clone(), (field(code), maybe(location)));
            continue;
        }
        // Where no column names the order, what is about it bears its numbers.
        let own = of_document.map_or(field(document), field).unwrap_or_default();
        let own_line = maybe(of_line).filter(|text| !text.is_empty()).or(field(line));
        gather.row(&Row {
            record: row.record,
            kind: field(kind),
            document: field(document),
            line: field(line),
            of: Some((own, own_line.unwrap_or_default())),
            code: field(code),
            location: maybe(location),
            to: maybe(to),
            quantity: field(quantity),
            unit: maybe(unit),
            at: maybe(at),
            moment: None,
        });
    }
    Ok(())
}

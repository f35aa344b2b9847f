//! The books of one cycle: what of them is asked for before reading, and what the reads add to them.

use super::read::{Needs, Observed};
use crate::ledger::{
    Book, Booked, Cursor, Cycle, LineKey, OrderLine, Owed, Page, Parked, ParkedKey, Parking, Sought, Taken,
    demand, due, reference,
};
use crate::model::collect::Collect;
use crate::model::demand::{Demand, TakenIn};
use crate::model::moved::Movements;
use crate::model::movement::Movement;
use crate::model::time::Moment;
use crate::model::{CollectId, Model, Name, SystemId};
use crate::state::{StateError, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often everything is read once more where no flow says so: once a day.
const RECONCILE: Duration = Duration::from_secs(24 * 60 * 60);

/// The books as one cycle of reads leaves them.
#[derive(Debug, Default)]
pub struct Books {
    book: Book,
    /// What names the lines of the demand in the books, in its order.
    keys: Vec<LineKey>,
    /// For each posting that is due how much of each of its lines is posted once it is done.
    after: Vec<Vec<(LineKey, i64)>>,
    /// Lines that must not settle yet, since a state that was lost may have posted them.
    doubtful: BTreeSet<LineKey>,
    cursors: Vec<Cursor>,
    /// What waits until it fits, and what waits no more.
    parked: (Vec<Parked>, Vec<ParkedKey>),
}

/// Asks for the movements of every system that a flow collects from, and for our documents that still wait.
/// Without a store everything that is open is asked for.
pub async fn ask(
    store: Option<&mut (dyn Store + '_)>,
    model: &Model,
    needs: &mut Needs,
    now: Moment,
) -> Result<(), StateError> {
    if model.collects.is_empty() {
        return Ok(());
    }
    let (cursors, open) = match store {
        Some(store) => (store.cursors().await?, store.waiting().await?),
        None => (Vec::new(), Vec::new()),
    };
    for collect in &model.collects {
        let reconcile = collect.lag.as_ref().and_then(|lag| lag.reconcile).unwrap_or(RECONCILE);
        let name = &model.system(collect.from).name;
        let cursor = cursors.iter().find(|own| *own.system == **name);
        let since = cursor.filter(|own| now.since(own.whole) < reconcile).map(|own| own.next);
        let earliest = needs.collected.entry(collect.from).or_insert(since);
        *earliest = (*earliest).zip(since).map(|(one, other)| one.min(other));
    }
    for (to, references) in references(model, &open) {
        needs.references.insert(to, references.into_iter().collect());
    }
    Ok(())
}

/// The references of open lines, by the system that they are posted to.
fn references(model: &Model, open: &[OrderLine]) -> BTreeMap<SystemId, BTreeSet<Name>> {
    let mut found: BTreeMap<SystemId, BTreeSet<Name>> = BTreeMap::new();
    for line in open.iter().filter(|line| line.key.movement == Movement::Order) {
        let own = |collect: &Collect| {
            *collect.name == *line.flow || collect.was.as_deref().is_some_and(|was| *was == *line.flow)
        };
        let Some(flow) = model.collects.iter().position(own).map(CollectId::at) else { continue };
        if let (Some(to), Some(name)) =
            (model.collect(flow).post.to, reference(model, flow, &line.key.document, &line.key.line))
        {
            found.entry(to).or_default().insert(name);
        }
    }
    found
}

/// Takes what was read into the books, and the demand that follows from them into what was observed. Nothing
/// is kept yet.
pub async fn take(
    mut store: Option<&mut (dyn Store + '_)>,
    model: &Model,
    observed: &mut Observed,
) -> Result<Books, StateError> {
    if model.collects.is_empty() {
        return Ok(Books::default());
    }
    let mut parking = Parking::default();
    if let Some(store) = &mut store {
        parking = Parking::open(store.parked().await?);
    }
    for (system, read) in &mut observed.observations.movements {
        parking.join(model, *system, read);
    }
    let mut book = open(&mut store, model, observed).await?;
    let known = match store {
        Some(store) => store.cursors().await?,
        None => Vec::new(),
    };
    let mut cycle = Cycle { began: observed.began, ..Cycle::default() };
    let (mut found, mut books) = (Demand::default(), Books::default());
    let mut unclean: BTreeSet<SystemId> = BTreeSet::new();
    for collect in &model.collects {
        let Some(read) = observed.observations.movements.get(&collect.from) else { continue };
        let taken = book.take(model, collect, read, observed.began);
        doubts(model, (collect, read), &taken, &mut found);
        let (told, holds) = parking.sort(model, collect, read, &taken);
        if !read.failures.is_empty() || holds {
            unclean.insert(collect.from);
        }
        found.misfits.extend(told);
        cycle.cancelled.extend(taken.cancelled);
    }
    for system in model.collects.iter().map(|collect| collect.from).collect::<BTreeSet<_>>() {
        let name = &model.system(system).name;
        let cursor = known.iter().find(|own| *own.system == **name);
        let read = observed.observations.movements.get(&system);
        if let Some(why) = unknown(cursor, read) {
            found.unknown.insert(system, why);
        } else if let Some(read) = read.filter(|_| !unclean.contains(&system)) {
            books.cursors.extend(next(name, cursor, read, observed.began));
        }
    }
    let opened = demand(model, &book, &cycle);
    let sought = Sought { found: &observed.observations.found, began: observed.began };
    let Owed { due, after, misfits, doubtful } = due(model, &book, &opened, sought);
    found.misfits.extend(misfits);
    books.doubtful = doubtful.into_iter().collect();
    (found.due, books.after, books.keys, found.lines) = (due, after, opened.keys, opened.lines);
    (books.book, books.parked) = (book, parking.close());
    observed.observations.demand = found;
    Ok(books)
}

/// Opens the books at every document that waits, and at the documents that were read.
async fn open(
    store: &mut Option<&mut (dyn Store + '_)>,
    model: &Model,
    observed: &Observed,
) -> Result<Book, StateError> {
    let Some(store) = store else { return Ok(Book::default()) };
    let mut lines = store.waiting().await?;
    let mut booked = Vec::new();
    for (system, read) in &observed.observations.movements {
        let mut documents: BTreeSet<String> = BTreeSet::new();
        for moved in &read.moved {
            documents.insert(moved.document.to_string());
            documents.extend(moved.of.as_ref().map(|(document, _)| document.to_string()));
        }
        let documents: Vec<String> = documents.into_iter().collect();
        let name = &model.system(*system).name;
        lines.extend(store.lines_of(name, &documents).await?);
        booked.extend(store.booked_of(name, &documents).await?);
    }
    Ok(Book::open(lines, booked))
}

/// Why not every open line of a system is known; `None` where all are.
fn unknown(cursor: Option<&Cursor>, read: Option<&Movements>) -> Option<String> {
    let Some(read) = read else { return Some("they were not read".to_owned()) };
    if let Some(why) = &read.about.incomplete {
        return Some(format!("they could not be read to their end: {why}"));
    }
    if let Some(failure) = read.failures.iter().find(|failure| failure.code.is_none()) {
        let (record, source) = (&failure.record, &failure.source);
        return Some(format!("{record} of {source} could not be read, and it may be of any item"));
    }
    let first = cursor.is_none() && !read.whole;
    first.then(|| "its open orders have never been read as a whole".to_owned())
}

/// From when on the next read goes. A cursor never moves past what could neither be taken in nor parked.
fn next(name: &str, cursor: Option<&Cursor>, read: &Movements, began: Moment) -> Option<Cursor> {
    let whole = if read.whole { began } else { cursor?.whole };
    let last = cursor.map(|own| own.next);
    let next = read.next.map(|next| last.map_or(next, |last| next.max(last))).or(last);
    // A source without a clock of its own is read as a whole each time.
    let next = next.unwrap_or(Moment(i64::MIN));
    Some(Cursor {
        system: name.to_owned(),
        next,
        whole: if read.next.is_some() { whole } else { Moment(i64::MIN) },
    })
}

/// Items of which more may have been sold than could be read.
fn doubts(model: &Model, (collect, read): (&Collect, &Movements), taken: &Taken, found: &mut Demand) {
    for failure in &read.failures {
        let Some(code) = failure.code else { continue };
        let why = format!("{} of {} could not be read", failure.record, failure.source);
        for item in model.items_of(model.code(code).thing) {
            found.doubtful.entry((collect.from, item)).or_insert_with(|| why.clone());
        }
    }
    // A reversal that does not fit is simply not counted; an order may be one that nobody counts.
    let orders = taken.misfits.iter().zip(&taken.unfit).filter(|(_, own)| own.movement == Movement::Order);
    for (misfit, moved) in orders {
        for item in model.items_of(model.code(moved.code).thing) {
            let why = format!("{} does not fit", misfit.record);
            found.doubtful.entry((collect.from, item)).or_insert(why);
        }
    }
}

impl Books {
    /// What a count turned out to know of the lines: what owners have taken in, and what nothing waits for.
    pub fn learn(&mut self, model: &Model, (taken, settled): (&[TakenIn], &[usize]), now: Moment) {
        for own in taken {
            if let Some(key) = self.keys.get(own.line) {
                self.book.mark(key, |line| line.taken_in = line.taken_in.max(own.amount));
            }
        }
        for key in settled.iter().filter_map(|at| self.keys.get(*at)) {
            let sure = !self.doubtful.contains(key);
            self.book.mark(key, |line| {
                if line.settled.is_none() && sure && !waits_for_posting(model, line) {
                    line.settled = Some(now);
                }
            });
        }
    }

    /// The movements that the reads have shown for the first time, and that are not kept yet.
    pub fn fresh(&self) -> &[Booked] {
        self.book.fresh()
    }

    /// Notes that a posting is done: of its own movement, and of no other.
    pub fn posted(&mut self, at: usize, movement: Movement) {
        for (key, amount) in self.after.get(at).cloned().unwrap_or_default() {
            self.book.mark(&key, |line| {
                line.posted.set(movement, amount);
                // What a document says is off was on it, whoever had put it there.
                line.posted.ordered = line.posted.ordered.max(line.posted.cancelled);
            });
        }
    }

    /// Keeps what is new, under the lease with this fencing number.
    pub async fn keep(&mut self, store: &mut dyn Store, fence: i64) -> Result<(), StateError> {
        let (parked, unparked) = std::mem::take(&mut self.parked);
        let cursors = std::mem::take(&mut self.cursors);
        let page = Page { cursors, parked, unparked, ..self.book.page() };
        if !page.is_empty() {
            store.book(fence, &page).await?;
        }
        self.book.kept();
        Ok(())
    }
}

/// Whether something of a line is still to be posted.
fn waits_for_posting(model: &Model, line: &OrderLine) -> bool {
    let flow = model.collects.iter().find(|own| *own.name == *line.flow);
    let Some(flow) = flow.filter(|own| own.post.to.is_some()) else { return false };
    if line.is_off_unposted() {
        return false;
    }
    let steps = [
        (Movement::Cancellation, line.posted.cancelled, line.shown.cancelled),
        (Movement::Shipment, line.posted.shipped, line.shown.shipped),
        (Movement::Return, line.posted.returned, line.shown.returned),
    ];
    let due = |(step, posted, shown)| flow.collects(step).is_some() && posted < shown;
    line.posted.ordered < line.shown.ordered || steps.into_iter().any(due)
}
